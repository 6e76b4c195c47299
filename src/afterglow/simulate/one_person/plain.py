"""The same equations solved plainly, one participant at a time, with sensitivities: slow, general, a check.

The right-hand side, its Jacobian and its derivatives by the parameters come from the symbols by differentiation;
scipy's LSODA integrates states and sensitivities from event to event. Sensitivities go through the jumps and the
starting values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from afterglow.errors import ParameterError, SolverError, nearest
from afterglow.model.course import course
from afterglow.model.symbols import State, symbol
from afterglow.simulate.one_person.impulses import Impulse, impulses, value_of
from afterglow.simulate.schedule import Schedule

__all__ = ["Course", "sensitivities", "solve_plainly"]

_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Course:
    """States over time of one participant.

    Parameters
    ----------
    states : tuple of str
    days : array (times,)
    values : array (states, times)
    sensitivity : array (states, parameters, times)
        Derivative of each state by each parameter asked for.
    """

    states: tuple[str, ...]
    days: _Floats
    values: _Floats
    sensitivity: _Floats


@cache
def _words() -> tuple[tuple[State, ...], tuple[str, ...], tuple[str, ...], dict[sympy.Symbol, sympy.Expr]]:
    """Return all states, inputs, parameters, and each quantity written out in them."""
    model = course()
    states = tuple(s for layer in model.layers for s in layer.states)
    inputs = tuple(i.name for layer in model.layers for i in layer.inputs)
    full: dict[sympy.Symbol, sympy.Expr] = {}
    for quantity in model.quantities:
        full[symbol(quantity.name)] = quantity.expression.xreplace(full)
    return states, inputs, model.parameter_names, full


def _function(expressions: Any) -> Callable[..., Any]:
    states, inputs, parameters, _ = _words()
    groups = [[symbol(s.name) for s in states], [symbol(i) for i in inputs], [symbol(p) for p in parameters]]
    return sympy.lambdify(groups, expressions, modules="math", cse=True)  # type: ignore[no-any-return]


@cache
def _rates() -> Callable[..., list[float]]:
    states, _, _, full = _words()
    return _function([s.derivative.xreplace(full) for s in states])


@cache
def _slopes(names: tuple[str, ...]) -> tuple[Callable[..., Any], list[tuple[int, int]], Callable[..., Any]]:
    """Return the Jacobian's entries that are not zero, their places, and the derivatives by the parameters."""
    states, _, _, full = _words()
    written = [s.derivative.xreplace(full) for s in states]
    places, entries = [], []
    for i, rate in enumerate(written):
        for j, other in enumerate(states):
            if symbol(other.name) in rate.free_symbols:
                places.append((i, j))
                entries.append(sympy.diff(rate, symbol(other.name)))
    by_parameter = [[sympy.diff(rate, symbol(name)) for name in names] for rate in written]
    return _function(entries), places, _function(by_parameter)


def solve_plainly(
    plan: Schedule,
    values: Mapping[str, float],
    *,
    weight_kg: float,
    days: _Floats,
    parameters: Sequence[str] = (),
    relative: float = 1e-9,
    absolute: float = 1e-11,
    events: Sequence[Impulse] | None = None,
) -> Course:
    """Integrate one participant with scipy's LSODA, with sensitivities to `parameters` if any are named.

    Parameters
    ----------
    plan : Schedule
        Of an arm without a group.
    values : mapping of str to float
        Every parameter and covariate.
    weight_kg : float
    days : array (times,)
        In order, within the schedule.
    parameters : sequence of str
        Parameters of the equations to differentiate by; the others, `offset` included, stay as they are.
    relative, absolute : float
        Tolerances.
    events : sequence of Impulse, optional
        The participant's impulses, when they are already made.

    Returns
    -------
    Course

    Raises
    ------
    ParameterError
        If a parameter is not in the equations, or the days are not in order or not within the schedule.
    SolverError
        If LSODA gives up.
    """
    states, inputs, known, _ = _words()
    for name in parameters:
        if name not in known:
            raise ParameterError(f"'{name}' is not in the equations: {nearest(name, known)}")
    if len(days) and not (plan.begin <= days[0] and days[-1] <= plan.end and np.all(np.diff(days) >= 0)):
        raise ParameterError(f"days to keep must rise, within the schedule's {plan.begin:g} to {plan.end:g}")
    names = tuple(parameters)
    p = [values[name] for name in known]
    place = {s.name: k for k, s in enumerate(states)}
    y = np.array([value_of(s.start, values) for s in states])
    start_slopes = [[value_of(sympy.diff(s.start, symbol(n)), values) for n in names] for s in states]
    tangent = np.array(start_slopes).reshape(len(states), len(names))
    u = dict.fromkeys(inputs, 0.0)
    kept = np.empty((len(states), len(days)))
    slopes = np.empty((len(states), len(names), len(days)))
    rate = _rates()
    jacobian, places, by_parameter = _slopes(names) if names else (None, [], None)
    rows = np.array([i for i, _ in places], dtype=int)
    columns = np.array([j for _, j in places], dtype=int)
    n = len(states)

    def derivative(_: float, z: _Floats) -> _Floats:
        own, given = z[:n].tolist(), list(u.values())
        f = np.array(rate(own, given, p))
        if jacobian is None or by_parameter is None:
            return f
        s = z[n:].reshape(n, len(names))
        grown = np.array(by_parameter(own, given, p), dtype=float)
        np.add.at(grown, rows, np.array(jacobian(own, given, p))[:, None] * s[columns])
        return np.concatenate([f, grown.ravel()])

    day, done = plan.begin, 0
    for impulse in [*(impulses(plan, values, weight_kg=weight_kg) if events is None else events), None]:
        until = impulse.day if impulse is not None else plan.end
        wanted = days[done:][days[done:] <= until]
        if until > day:
            at = np.unique(np.concatenate([wanted[wanted > day], [until]]))
            found = solve_ivp(
                derivative,
                (day, until),
                np.concatenate([y, tangent.ravel()]),
                "LSODA",
                at,
                rtol=relative,
                atol=absolute,
            )
            if not found.success:
                raise SolverError(f"LSODA gave up on day {found.t[-1] if len(found.t) else day:g}: {found.message}")
            for k, moment in enumerate(wanted):
                z = found.y[:, np.searchsorted(at, moment)] if moment > day else np.concatenate([y, tangent.ravel()])
                kept[:, done + k], slopes[:, :, done + k] = z[:n], z[n:].reshape(n, len(names))
            y, tangent = found.y[:n, -1].copy(), found.y[n:, -1].reshape(n, len(names)).copy()
        else:
            for k in range(len(wanted)):
                kept[:, done + k], slopes[:, :, done + k] = y, tangent
        done += len(wanted)
        day = until
        if impulse is not None:
            y, tangent = _jump(_told(impulse), y, tangent, u, p, place, names)
    return Course(tuple(place), days, kept, slopes)


def _told(impulse: Impulse) -> dict[str, sympy.Expr]:
    """Return the changes of an impulse with its arguments put in."""
    numbers = {symbol(name): sympy.Float(value) for name, value in impulse.arguments.items()}
    return {name: change.xreplace(numbers) for name, change in impulse.changes.items()}


@lru_cache(maxsize=4096)
def _change(change: sympy.Expr, names: tuple[str, ...]) -> tuple[list[str], Callable[..., Any]]:
    """Return the states a new value depends on, and a function for it and its derivatives by them and by `names`."""
    states, _, _, full = _words()
    written = change.xreplace(full)
    involved = [s.name for s in states if symbol(s.name) in written.free_symbols]
    slopes = [sympy.diff(written, symbol(s)) for s in (*involved, *names)] if names else []
    return involved if names else [], _function([written, *slopes])


def _jump(
    changes: Mapping[str, sympy.Expr],
    y: _Floats,
    tangent: _Floats,
    u: dict[str, float],
    p: list[float],
    place: dict[str, int],
    names: tuple[str, ...],
) -> tuple[_Floats, _Floats]:
    """Apply one impulse to states, inputs and sensitivities."""
    new_y, new_tangent = y.copy(), tangent.copy()
    before = dict(u)
    for name, change in changes.items():
        if name in u:
            u[name] = float(change.subs(symbol(name), before[name]))
            continue
        involved, evaluated = _change(change, names)
        value, *slope = evaluated(y.tolist(), list(before.values()), p)
        k = place[name]
        new_y[k] = value
        new_tangent[k] = sum(
            (slope[i] * tangent[place[s]] for i, s in enumerate(involved)), np.zeros(len(names))
        ) + np.array(slope[len(involved) :])
    return new_y, new_tangent


def sensitivities(
    plan: Schedule,
    values: Mapping[str, float],
    parameters: Sequence[str],
    *,
    weight_kg: float,
    days: _Floats,
    states: Sequence[str] = ("symptom",),
) -> _Floats:
    """Return the derivative of each state by each parameter over time, (states, parameters, times).

    See `solve_plainly` for the parameters and what is raised.
    """
    known = [s.name for s in _words()[0]]
    for name in states:
        if name not in known:
            raise ParameterError(f"'{name}' is no state of the equations: {nearest(name, known)}")
    found = solve_plainly(plan, values, weight_kg=weight_kg, days=days, parameters=parameters)
    return found.sensitivity[[found.states.index(s) for s in states]]
