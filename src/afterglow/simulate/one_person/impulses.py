"""Every event of an arm as symbols: which state takes which new value, and when, in the order they happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy

from afterglow.errors import ProtocolError
from afterglow.model.course import course
from afterglow.model.symbols import symbol
from afterglow.protocol import Dose
from afterglow.simulate.schedule import Schedule

__all__ = ["Impulse", "impulses"]

_HOURS = 24.0


@dataclass(frozen=True)
class Impulse:
    """New values of states and inputs at one instant.

    Parameters
    ----------
    day : float
    name : str
    changes : mapping of str to sympy.Expr
        New value by state or input, over the words of the model just before.
    """

    day: float
    name: str
    changes: Mapping[str, sympy.Expr]


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
            told = {symbol(a): sympy.Float((happening.arguments or {}).get(a, 0.0)) for a in jump.arguments}
            changes = {state: change.xreplace(told) for state, change in jump.changes.items()}
            found.append(Impulse(happening.day, happening.kind, changes))
    return tuple(sorted((i for i in found if i.day < plan.end), key=lambda i: i.day))


def _dose(day: float, dose: Dose, values: Mapping[str, float], weight_kg: float) -> list[Impulse]:
    mg = dose.dose_mg if dose.dose_mg is not None else (dose.dose_mg_per_kg or 0.0) * weight_kg
    known = {symbol(name): value for name, value in {**values, "dose_mg": mg}.items()}
    found = []
    for entry in course().entries[dose.medicine, dose.route]:
        amount = mg * float(sympy.sympify(entry.fraction).subs(known))
        start = day + (values[entry.lag_h] / _HOURS if entry.lag_h else 0.0)
        hours = values[entry.duration_h] if entry.duration_h else (dose.duration_h or 0.0)
        if hours <= 0:
            found.append(Impulse(start, "dose", {entry.state: symbol(entry.state) + amount}))
            continue
        name, rate = f"{entry.state}_rate", amount / (hours / _HOURS)
        found.append(Impulse(start, "release", {name: symbol(name) + rate}))
        found.append(Impulse(start + hours / _HOURS, "release ends", {name: symbol(name) - rate}))
    return found
