"""Tidy tables of a result: scores, contrasts, relapse, lasting, windows, exposure, and the one plain object."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from afterglow.errors import ParameterError
from afterglow.medicines import MEDICINES
from afterglow.outcomes.effect_size import cohen_d
from afterglow.outcomes.exposure import noncompartmental
from afterglow.outcomes.relapse import kaplan_meier, relapse_definition, relapse_times
from afterglow.outcomes.response import remits, responds
from afterglow.scales.instruments import scale
from afterglow.simulate.grid import exposure_days
from afterglow.simulate.solve import padded, solve_arm

if TYPE_CHECKING:
    from afterglow.simulate.result import Result

__all__ = [
    "Rows",
    "contrast_rows",
    "exposure_rows",
    "lasting_rows",
    "plain_object",
    "relapse_rows",
    "score_rows",
    "window_rows",
]

Rows = list[dict[str, Any]]
"""A table as one plain dict a row."""

_EXPOSED = 500
"""People whose exposure is read: enough for a 5 to 95 % range."""

_CONFIRMED_WITHIN_DAYS = 28.0
"""Median gap between visits up to which a relapse has to be seen twice; assumed."""

_LASTING_FROM_DAYS = 14.0
"""Days from the last dosing day to the first visit at which a response has to last; assumed."""


def _quantiles(values: NDArray[np.float64]) -> dict[str, float]:
    """Median and 5 to 95 % range of the finite values; NaN when there are none."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return {"median": np.nan, "q05": np.nan, "q95": np.nan}
    low, middle, high = np.quantile(finite, [0.05, 0.5, 0.95])
    return {"median": float(middle), "q05": float(low), "q95": float(high)}


def score_rows(result: Result) -> Rows:
    """Return observed scores by arm, scale and day."""
    rows: Rows = []
    for scores in result.rated:
        instrument = scale(scores.scale)
        for k, arm in enumerate(result.arms):
            observed = scores.observed[k].astype(float)
            baseline = observed[:, 0]
            response = responds(instrument, baseline, observed).mean(axis=0)
            remission = remits(instrument, observed).mean(axis=0) if instrument.remission else None
            q05, q50, q95 = np.quantile(observed, [0.05, 0.5, 0.95], axis=0)
            for j, day in enumerate(scores.days):
                row: dict[str, Any] = {"arm": arm.id, "scale": scores.scale, "day": float(day)}
                row |= {
                    "mean": float(observed[:, j].mean()),
                    "sd": float(observed[:, j].std(ddof=1)) if len(observed) > 1 else np.nan,
                    "q05": float(q05[j]),
                    "q50": float(q50[j]),
                    "q95": float(q95[j]),
                    "change_mean": float((observed[:, j] - baseline).mean()),
                    "response": float(response[j]) if j else 0.0,
                    "remission": float(remission[j]) if remission is not None else np.nan,
                }
                if result.calibrated:
                    row |= result.bands.score(arm.id, scores.scale, float(day), row)
                rows.append(row)
    return rows


def _pairs(result: Result) -> list[tuple[int, int]]:
    """Each arm against its twin, and each pair of the protocol's arms."""
    own = len(result.protocol.arms)
    ids = [arm.id for arm in result.arms]
    twins = [(k, ids.index(f"{ids[k]}|no integration")) for k in range(own) if f"{ids[k]}|no integration" in ids]
    return [*twins, *((i, j) for i in range(own) for j in range(i + 1, own))]


def contrast_rows(result: Result) -> Rows:
    """Return paired mean differences of observed scores, first arm minus second, with 95 % intervals."""
    rows: Rows = []
    for scores in result.rated:
        for i, j in _pairs(result):
            first, second = scores.observed[i].astype(float), scores.observed[j].astype(float)
            for k, day in enumerate(scores.days):
                if k == 0:
                    continue
                difference = first[:, k] - second[:, k]
                mean = float(difference.mean())
                error = float(difference.std(ddof=1) / np.sqrt(len(difference))) if len(difference) > 1 else np.nan
                effect = cohen_d(first[:, k], second[:, k]).value if len(difference) > 1 else np.nan
                row: dict[str, Any] = {
                    "arm": result.arms[i].id,
                    "versus": result.arms[j].id,
                    "scale": scores.scale,
                    "day": float(day),
                    "mean_difference": mean,
                    "low": mean - 1.96 * error,
                    "high": mean + 1.96 * error,
                    "effect_size_d": float(effect),
                }
                if result.calibrated:
                    row |= result.bands.contrast(row)
                rows.append(row)
    return rows


def relapse_rows(result: Result) -> Rows:
    """Return the share of responders on the population's scale that have relapsed by each day after their response.

    Counted are those who respond at a visit on or after the last dosing day of any arm (`followed_from`), so that a
    dip between two doses is no relapse. Where visits lie close together a relapse has to be seen at two running, as in
    daly2019-sustain1, or the error of a single rating would count as one sooner or later.
    """
    rows: Rows = []
    names = [scores.scale for scores in result.rated]
    main = result.protocol.population.scale
    scores = result.rated[names.index(main) if main in names else 0]
    landmark = result.followed_from
    gaps = np.diff(scores.days[scores.days >= landmark])
    close = len(gaps) > 1 and float(np.median(gaps)) <= _CONFIRMED_WITHIN_DAYS
    rule = replace(relapse_definition(scale(scores.scale)), visits=2 if close else 1)
    for k, arm in enumerate(result.arms):
        observed = scores.observed[k].astype(float)
        found = relapse_times(
            scale(scores.scale), observed[:, 0], observed, scores.days, landmark_day=landmark, definition=rule
        )
        if not found.responder.any():
            continue
        try:
            curve = kaplan_meier(found.days[found.responder], found.relapsed[found.responder])
        except ParameterError:
            continue
        for day in scores.days[1:]:
            at = int(np.searchsorted(curve.days, day, side="right")) - 1
            known = at >= 0
            row: dict[str, Any] = {
                "arm": arm.id,
                "scale": scores.scale,
                "day": float(day),
                "share": float(1 - curve.survival[at]) if known else 0.0,
                "low": float(1 - curve.high[at]) if known else 0.0,
                "high": float(1 - curve.low[at]) if known else 0.0,
                "responders": int(found.responder.sum()),
            }
            if result.calibrated:
                row |= result.bands.relapsed(row)
            rows.append(row)
    return rows


def lasting_rows(result: Result) -> Rows:
    """Return the share who respond at every visit from two weeks after the last dose to the end, and what it took.

    Hours of therapy are those of every session of the arm, dosing days among them.
    """
    rows: Rows = []
    for scores in result.rated:
        since = _lasting_from(scores.days, result.followed_from)
        for k, arm in enumerate(result.arms):
            observed = scores.observed[k].astype(float)
            held = responds(scale(scores.scale), observed[:, 0], observed[:, scores.days >= since]).all(axis=1)
            hours = float(sum(session.hours for session in arm.sessions))
            row: dict[str, Any] = {
                "arm": arm.id,
                "scale": scores.scale,
                "from_day": since,
                "to_day": float(scores.days[-1]),
                "share": float(held.mean()),
                "therapy_hours": hours,
                "hours_per_lasting_response": _ratio(hours, float(held.mean())),
            }
            if result.calibrated:
                row |= result.bands.lasts(row)
                row["hours_credible_low"] = _ratio(hours, row["credible_high"])
                row["hours_credible_high"] = _ratio(hours, row["credible_low"])
            rows.append(row)
    return rows


def _lasting_from(days: NDArray[np.float64], last_dose: float) -> float:
    """Return the first visit two weeks or more after the last dose, at latest the last but one."""
    later = days[:-1][days[:-1] >= last_dose + _LASTING_FROM_DAYS]
    return float(later[0]) if len(later) else float(days[max(len(days) - 2, min(1, len(days) - 1))])


def _ratio(hours: float, share: float) -> float:
    """Hours for each one of a share; NaN where there is none."""
    return hours / share if share > 0 else np.nan


def _crossing(days: NDArray[np.float64], values: NDArray[np.float64], rising: bool) -> NDArray[np.float64]:
    """First day on which each row of `values` (people, times) crosses one half; NaN where it never does.

    Between two days a fall is exponential, as that of a window that nothing holds open, and a rise straight.
    """
    above = values >= 0.5
    step = (~above[:, :-1] & above[:, 1:]) if rising else (above[:, :-1] & ~above[:, 1:])
    at = step.argmax(axis=1)
    rows = np.arange(len(values))
    v0, v1 = values[rows, at], values[rows, at + 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (0.5 - v0) / (v1 - v0) if rising else np.log(0.5 / v0) / np.log(np.maximum(v1, 1e-9) / v0)
        day = days[at] + share * (days[at + 1] - days[at])
    return np.where(step.any(axis=1), day, np.nan)


def window_rows(result: Result) -> Rows:
    """Return when each dosing day's window is half open and half closed; no days when it opens in fewer than half."""
    rows: Rows = []
    for k, arm in enumerate(result.arms):
        given = {(d.medicine, d.day) for d in arm.doses if f"window_{d.medicine}" in result.curve_names}
        for medicine in dict.fromkeys(d.medicine for d in arm.doses):
            days = sorted(day for m, day in given if m == medicine)
            for i, day in enumerate(days):
                values = result.curves[k, :, result.curve_names.index(f"window_{medicine}")].astype(float)
                until = days[i + 1] if i + 1 < len(days) else np.inf
                part = (result.curve_days >= day) & (result.curve_days <= until)
                if part.sum() < 2:
                    continue
                opens = _crossing(result.curve_days[part], values[:, part], rising=True)
                opens = np.where(values[:, part][:, 0] >= 0.5, day, opens)
                after = result.curve_days >= day
                closes = _crossing(result.curve_days[after], values[:, after], rising=False)
                closes = np.where(np.isnan(opens), np.nan, closes)
                row: dict[str, Any] = {"arm": arm.id, "drug": medicine, "dose_day": float(day)}
                row["open_share"] = float(np.isfinite(opens).mean())
                if row["open_share"] < 0.5:
                    opens, closes = np.full_like(opens, np.nan), np.full_like(closes, np.nan)
                row |= {f"open_from_day_{q}": v for q, v in _quantiles(opens).items()}
                row |= {f"closes_day_{q}": v for q, v in _quantiles(closes).items()}
                if result.calibrated:
                    row |= result.bands.window(arm.id, medicine, float(day), row)
                rows.append(row)
    return rows


def exposure_rows(result: Result) -> Rows:
    """Return exposure after each dosing day, read every few minutes from a run of its own."""
    rows: Rows = []
    for k, arm in enumerate(result.protocol.arms):
        plan = result.plans[k]
        drugs = [m for m in dict.fromkeys(d.medicine for d in arm.doses) if MEDICINES[m].analytes]
        dosing = sorted({d.day for d in arm.doses if d.medicine in drugs})
        if not dosing:
            continue
        days, slices = exposure_days(dosing, plan.end)
        names = tuple(f"concentration_{a.id}" for m in drugs for a in MEDICINES[m].analytes)
        count = min(result.participants, _EXPOSED)
        people = result.cohort.people(0, padded(count, plan.group_size))
        short = replace(plan, end=min(plan.end, float(days[-1]) + 1e-6))
        seen = solve_arm(short, people, days=days, names=names, threads=result.threads).values[:count]
        for day, part in zip(dosing, slices, strict=True):
            for medicine in drugs:
                if not any(d.medicine == medicine and d.day == day for d in arm.doses):
                    continue
                for analyte in MEDICINES[medicine].analytes:
                    values = seen[:, names.index(f"concentration_{analyte.id}"), part]
                    found = noncompartmental((days[part] - day) * 24, values, window_h=MEDICINES[medicine].terminal_h)
                    row: dict[str, Any] = {
                        "arm": arm.id,
                        "drug": medicine,
                        "analyte": analyte.name,
                        "dose_day": float(day),
                    }
                    for quantity in ("cmax_ng_per_ml", "tmax_h", "auc_ng_h_per_ml", "half_life_h"):
                        row |= {f"{quantity}_{q}": v for q, v in _quantiles(getattr(found, quantity)).items()}
                    rows.append(row)
    return rows


def _nested(row: dict[Any, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Gather ``name_median, name_q05, name_q95`` under each name."""
    plain = {key: value for key, value in row.items() if not any(key.startswith(f"{n}_") for n in names)}
    told = ("median", "q05", "q95", "median_low", "median_high")
    return plain | {n: {q: row[f"{n}_{q}"] for q in told if f"{n}_{q}" in row} for n in names}


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def plain_object(result: Result, version: str) -> dict[str, Any]:
    """Return the whole result as plain lists and dicts, ready for JSON."""
    rows = result.rows
    quantities = ("cmax_ng_per_ml", "tmax_h", "auc_ng_h_per_ml", "half_life_h")
    arms = []
    for arm in result.arms:
        own = {
            name: [{k: v for k, v in row.items() if k != "arm"} for row in rows[name] if row["arm"] == arm.id]
            for name in ("exposure", "windows", "scores", "relapse", "lasting")
        }
        arms.append(
            {
                "id": arm.id,
                "label": arm.label,
                "extrapolated": any(d.extrapolated for d in arm.doses),
                "exposure": [_nested(row, quantities) for row in own["exposure"]],
                "windows": [_nested(row, ("open_from_day", "closes_day")) for row in own["windows"]],
                "scores": own["scores"],
                "relapse": own["relapse"],
                "lasting": own["lasting"],
            }
        )
    found: dict[str, Any] = _without_nan(
        {
            "version": version,
            "seed": result.seed,
            "participants": result.participants,
            "calibrated": result.calibrated,
            "rival": result.rival,
            "arms": arms,
            "contrasts": rows["contrasts"],
            "warnings": [w.sentence for w in result.warnings],
            "citations": list(result.citations),
        }
    )
    return found
