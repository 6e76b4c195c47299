"""Every event of an arm as symbols: which state takes which new value, and when, in the order they happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy

from afterglow.errors import ProtocolError
from afterglow.model.course import course
from afterglow.model.symbols import symbol
from afterglow.protocol import Dose
from afterglow.simulate.schedule import Schedule

__all__ = ["Impulse", "impulses", "value_of"]

_HOURS = 24.0


@dataclass(frozen=True)
class Impulse:
    """New values of states and inputs at one instant.

    Parameters
    ----------
    day : float
    name : str
    changes : mapping of str to sympy.Expr
        New value by state or input, over the words of the model just before and the arguments of the event.
    arguments : mapping of str to float
        Those that are not zero.
    """

    day: float
    name: str
    changes: Mapping[str, sympy.Expr]
    arguments: Mapping[str, float] = field(default_factory=dict)


def impulses(plan: Schedule, values: Mapping[str, float], *, weight_kg: float) -> tuple[Impulse, ...]:
    """Return the impulses of `plan` for one participant, in order of time.

    Parameters
    ----------
    plan : Schedule
    values : mapping of str to float
        The participant's parameters and covariates.
    weight_kg : float

    Raises
    ------
    ProtocolError
        If the arm meets in groups: the other members are not part of one participant's equations.
    """
    jumps = {jump.event: jump for jump in course().jumps}
    inputs = {i.name for layer in course().layers for i in layer.inputs}
    found: list[Impulse] = []
    for happening in plan.happenings:
        if happening.dose is not None:
            found += _dose(happening.day, happening.dose, values, weight_kg)
        elif happening.kind in inputs:
            changed = symbol(happening.kind) + happening.value
            found.append(Impulse(happening.day, happening.kind, {happening.kind: changed}))
        elif happening.kind == "meeting" and plan.group_size > 1:
            raise ProtocolError("a group cannot be written as the equations of one participant; set its size to 1")
        elif happening.kind != "meeting":
            jump = jumps[happening.kind]
            told = {name: value for name, value in (happening.arguments or {}).items() if value}
            untold = {symbol(name): sympy.Float(0.0) for name in jump.arguments if name not in told}
            changes = {state: change.xreplace(untold) for state, change in jump.changes.items()}
            found.append(Impulse(happening.day, happening.kind, changes, told))
    return tuple(sorted((i for i in found if i.day < plan.end), key=lambda i: i.day))


def _dose(day: float, dose: Dose, values: Mapping[str, float], weight_kg: float) -> list[Impulse]:
    mg = dose.dose_mg if dose.dose_mg is not None else (dose.dose_mg_per_kg or 0.0) * weight_kg
    known = {**values, "dose_mg": mg}
    found = []
    for entry in course().entries[dose.medicine, dose.route]:
        amount = mg * value_of(entry.fraction, known)
        start = day + (values[entry.lag_h] / _HOURS if entry.lag_h else 0.0)
        hours = values[entry.duration_h] if entry.duration_h else (dose.duration_h or 0.0)
        if hours <= 0:
            found.append(Impulse(start, "dose", {entry.state: symbol(entry.state) + amount}))
            continue
        name, rate = f"{entry.state}_rate", amount / (hours / _HOURS)
        found.append(Impulse(start, "release", {name: symbol(name) + rate}))
        found.append(Impulse(start + hours / _HOURS, "release ends", {name: symbol(name) - rate}))
    return found


def value_of(expression: sympy.Expr, numbers: Mapping[str, float]) -> float:
    """Evaluate an expression, told only the numbers it needs: sympy is slow with hundreds."""
    written = sympy.sympify(expression)
    return float(written.subs({word: numbers[word.name] for word in written.free_symbols}))
