"""A plain, slow, independent way from a golden row to an exposure: its own draws and its own integration.

It reads the equations and the parameters but shares no code with the product's cohort, schedule or solver.
Linear layers step by the matrix exponential; MDMA by the classical fourth-order Runge-Kutta rule.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import scipy.linalg
import sympy

from afterglow.model.course import course, medicine_equations
from afterglow.model.symbols import Layer
from afterglow.outcomes.exposure import Exposure, noncompartmental
from afterglow.parameters import PARAMETERS

PEOPLE = 200
SEED = 20260
STEP_H = 0.02
TOLERANCE = 0.2
ALL = {**PARAMETERS}
LAYERS = {name: own.kinetics for name, own in medicine_equations().items()}
Values = dict[str, np.ndarray]


def draw_people(people: int, weight_kg: float, covariates: Mapping[str, float], typical: Mapping[str, float]) -> Values:
    """Draw each parameter around its typical value; one generator per name, so rows share their people."""
    values: Values = {"years_over_60": np.zeros(people), "cyp2d6_activity": np.ones(people)}
    for name, p in ALL.items():
        centre = typical.get(name, p.value)
        z = np.random.default_rng([SEED, zlib.crc32(name.encode())]).standard_normal(people) * p.between_subject_sd
        if people == 1:
            z = z * 0
        if p.scale == "log":
            value = centre * np.exp(z)
        elif p.scale == "logit":
            value = 1 / (1 + (1 - centre) / centre * np.exp(-z))
        else:
            value = centre + z
        values[name] = value * (weight_kg / 70.0) ** p.weight_exponent
    for name, value in covariates.items():
        values[name] = np.full(people, float(value))
    return values


def evaluate(expression: sympy.Expr, values: Values) -> np.ndarray:
    """Evaluate an expression of parameters for everybody."""
    names = sorted(s.name for s in expression.free_symbols)
    people = len(next(iter(values.values())))
    if not names:
        return np.full(people, float(expression))
    call = sympy.lambdify([sympy.Symbol(n, real=True) for n in names], expression, "numpy")
    found = np.broadcast_to(call(*[values[n] for n in names]), (people,)).astype(float)
    assert np.isfinite(found).all(), f"{expression} of {[(n, values[n][:3]) for n in names]}"
    return found


def rates(medicine: str, doses: list[Mapping[str, Any]], weight_kg: float, values: Values, steps: int) -> np.ndarray:
    """Mean input per step, mg/h, (steps, states, people); a bolus is an input over one step."""
    layer = LAYERS[medicine]
    names = [s.name for s in layer.states]
    people = len(values["years_over_60"])
    out = np.zeros((steps, len(names), people))
    edges = np.arange(steps + 1) * STEP_H
    for dose in doses:
        mg = dose["dose_mg"] if "dose_mg" in dose else dose["dose_mg_per_kg"] * weight_kg
        values = {**values, "dose_mg": np.full(people, float(mg))}
        for entry in course().entries[medicine, dose["route"]]:
            start = dose.get("hour", 0.0) + (ALL[entry.lag_h].value if entry.lag_h else 0.0)
            hours = ALL[entry.duration_h].value if entry.duration_h else dose.get("duration_h", 0.0)
            hours = hours or STEP_H
            overlap = np.clip(np.minimum(edges[1:], start + hours) - np.maximum(edges[:-1], start), 0, None)
            amount = mg * evaluate(entry.fraction, values)
            out[:, names.index(entry.state), :] += (overlap / hours / STEP_H)[:, None] * amount
    return out


def system(layer: Layer, values: Values) -> np.ndarray:
    """Matrix of a linear layer per hour, (people, states, states)."""
    symbols = [sympy.Symbol(s.name, real=True) for s in layer.states]
    people = len(values["years_over_60"])
    matrix = np.zeros((people, len(symbols), len(symbols)))
    for i, state in enumerate(layer.states):
        for j, s in enumerate(symbols):
            entry = sympy.diff(state.derivative, s)
            if entry != 0:
                matrix[:, i, j] = evaluate(entry, values) / 24
    return matrix


def step_linear(layer: Layer, values: Values, inputs: np.ndarray) -> np.ndarray:
    """Amounts at the end of every step, (steps + 1, states, people)."""
    matrix = system(layer, values)
    people, size, _ = matrix.shape
    wide = np.zeros((people, 2 * size, 2 * size))
    wide[:, :size, :size] = matrix * STEP_H
    wide[:, :size, size:] = np.eye(size) * STEP_H
    grown = scipy.linalg.expm(wide)
    move, feed = grown[:, :size, :size], grown[:, :size, size:]
    amounts = np.zeros((len(inputs) + 1, people, size, 1))
    for k, rate in enumerate(inputs):
        amounts[k + 1] = move @ amounts[k] + feed @ rate.T[:, :, None]
    return amounts[..., 0].transpose(0, 2, 1)


def step_nonlinear(layer: Layer, values: Values, inputs: np.ndarray) -> np.ndarray:
    """The same for a layer with products of states, by Runge-Kutta."""
    within = {sympy.Symbol(q.name, real=True): q.expression for q in layer.quantities}
    symbols = [sympy.Symbol(s.name, real=True) for s in layer.states]
    no_input = {sympy.Symbol(i.name, real=True): 0 for i in layer.inputs}
    slopes = [s.derivative.subs(within).subs(no_input) / 24 for s in layer.states]
    names = sorted({a.name for e in slopes for a in e.free_symbols} - {s.name for s in symbols})
    call = sympy.lambdify([symbols, *[sympy.Symbol(n, real=True) for n in names]], slopes, "numpy")
    given = [values[n] for n in names]

    def slope(y: np.ndarray, rate: np.ndarray) -> np.ndarray:
        return np.array(call(y, *given)) + rate

    y = np.zeros(inputs.shape[1:])
    amounts = [y]
    for rate in inputs:
        a = slope(y, rate)
        b = slope(y + STEP_H / 2 * a, rate)
        c = slope(y + STEP_H / 2 * b, rate)
        d = slope(y + STEP_H * c, rate)
        y = y + STEP_H / 6 * (a + 2 * b + 2 * c + d)
        amounts.append(y)
    return np.array(amounts)


def amounts_of(
    medicine: str, doses: list[Mapping[str, Any]], *, hours: float, weight_kg: float, values: Values
) -> tuple[np.ndarray, np.ndarray]:
    """Return times (h) and amounts (time, states, people)."""
    steps = round(hours / STEP_H)
    inputs = rates(medicine, doses, weight_kg, values, steps)
    layer = LAYERS[medicine]
    advance: Callable[..., np.ndarray] = step_linear if layer.linear else step_nonlinear
    return np.arange(steps + 1) * STEP_H, advance(layer, values, inputs)


def levels_of(
    medicine: str,
    doses: list[Mapping[str, Any]],
    *,
    hours: float,
    weight_kg: float = 70.0,
    people: int = PEOPLE,
    covariates: Mapping[str, float] | None = None,
    typical: Mapping[str, float] | None = None,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return times (h) and each analyte's concentration (people, time)."""
    key = (
        medicine,
        tuple(tuple(sorted(d.items())) for d in doses),
        hours,
        weight_kg,
        people,
        tuple(sorted((covariates or {}).items())),
        tuple(sorted((typical or {}).items())),
    )
    return _levels(*key)


@functools.lru_cache(maxsize=8)
def _levels(
    medicine: str, doses: Any, hours: float, weight_kg: float, people: int, covariates: Any, typical: Any
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    values = draw_people(people, weight_kg, dict(covariates), dict(typical))
    rows = [dict(d) for d in doses]
    time, amounts = amounts_of(medicine, rows, hours=hours, weight_kg=weight_kg, values=values)
    names = [s.name for s in LAYERS[medicine].states]
    found = {}
    for q in LAYERS[medicine].quantities:
        (state,) = [n for n in names if n in {s.name for s in q.expression.free_symbols}]
        factor = evaluate(sympy.diff(q.expression, sympy.Symbol(state, real=True)), values)
        level = amounts[:, names.index(state), :].T.copy() * factor[:, None]
        assert np.isfinite(level).all(), f"{q.name}: factor {factor[:3]}, amounts {amounts[:3, names.index(state), :3]}"
        found[q.name.removeprefix("concentration_")] = level
    return time, found


def describe(row: Mapping[str, Any]) -> np.ndarray:
    """Return the row's quantity for each virtual person, (people,)."""
    return _QUANTITIES[row["quantity"]](row)


def _levels_of_row(row: Mapping[str, Any], **other: Any) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    asked = {
        "hours": row["hours"],
        "weight_kg": row["weight_kg"],
        "covariates": row.get("covariates"),
        "typical": row.get("typical"),
        "people": PEOPLE,
        "doses": row["doses"],
        **other,
    }
    return levels_of(row["medicine"], asked.pop("doses"), **asked)


def _exposure(row: Mapping[str, Any], **other: Any) -> Exposure:
    analyte = other.pop("analyte", row["analyte"])
    window = tuple(row["window_h"]) if "window_h" in row else None
    time, levels = _levels_of_row(row, **other)
    return noncompartmental(time, levels[analyte], window_h=window)


def _dose_mg(row: Mapping[str, Any]) -> float:
    (dose,) = row["doses"]
    return float(dose.get("dose_mg", 0.0) or dose["dose_mg_per_kg"] * row["weight_kg"])


def _area_to(row: Mapping[str, Any], end_h: float, **other: Any) -> np.ndarray:
    time, levels = _levels_of_row(row, **other)
    keep = time <= end_h + STEP_H / 2
    return noncompartmental(time[keep], levels[row["analyte"]][:, keep], extrapolate=False).auc_ng_h_per_ml


def _bioavailability(row: Mapping[str, Any]) -> np.ndarray:
    given_iv = [{"dose_mg": _dose_mg(row), "route": "iv", "duration_h": 0.5}]
    return _exposure(row).auc_ng_h_per_ml / _exposure(row, doses=given_iv).auc_ng_h_per_ml


def _level(row: Mapping[str, Any]) -> np.ndarray:
    time, levels = _levels_of_row(row)
    return levels[row["analyte"]][:, np.abs(time - row["at_h"]).argmin()]


def _repeat(row: Mapping[str, Any], of: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
    time, levels = _levels_of_row(row)
    level, second = levels[row["analyte"]], round(row["doses"][1]["hour"] / STEP_H)
    return of(time[second:], level[:, second:]) / of(time[: second + 1], level[:, : second + 1]) - 1


def _formed_fraction(row: Mapping[str, Any]) -> np.ndarray:
    area = _exposure(row).auc_ng_h_per_ml
    values = draw_people(PEOPLE, row["weight_kg"], {}, {})
    return area * values[f"{row['analyte']}_clearance"] / 1000 / _dose_mg(row)


_QUANTITIES: Mapping[str, Callable[[Mapping[str, Any]], np.ndarray]] = {
    "cmax": lambda row: _exposure(row).cmax_ng_per_ml,
    "tmax": lambda row: _exposure(row).tmax_h,
    "tmax_after_last": lambda row: _exposure(row).tmax_h - row["doses"][-1]["hour"],
    "half_life": lambda row: _exposure(row).half_life_h,
    "auc_0_24": lambda row: _area_to(row, 24.0),
    "clearance": lambda row: 1000 * _dose_mg(row) / _exposure(row).auc_ng_h_per_ml,
    "bioavailability": _bioavailability,
    "metabolite_ratio": lambda row: (
        _exposure(row).auc_ng_h_per_ml / _exposure(row, analyte=row["medicine"]).auc_ng_h_per_ml
    ),
    "level": _level,
    "repeat_auc_increase": lambda row: _repeat(
        row, lambda time, level: noncompartmental(time, level, extrapolate=False).auc_ng_h_per_ml
    ),
    "repeat_cmax_increase": lambda row: _repeat(row, lambda _, level: level.max(axis=1)),
    "auc_0_24_ratio": lambda row: _area_to(row, 24.0) / _area_to(row, 24.0, doses=row["reference_doses"]),
    "cmax_increase": lambda row: _exposure(row).cmax_ng_per_ml / _exposure(row, covariates=None).cmax_ng_per_ml - 1,
    "formed_fraction": _formed_fraction,
}


def meets(row: Mapping[str, Any], simulated: float) -> bool:
    """Say whether a simulated median lies within 20 % of the published value or inside its reported spread."""
    near = abs(simulated / row["published"] - 1) <= TOLERANCE
    low, high = row.get("spread", (np.inf, -np.inf))
    return bool(near or low <= simulated <= high)
