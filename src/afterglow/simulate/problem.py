"""What the compiled solver is given: the people of one arm, and its schedule as events with amounts per person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from afterglow.compile.equations import ARGUMENTS, BLOCKS, PARAMETERS, STATES
from afterglow.compile.exposure import LINEAR, ROUTES, starting_states
from afterglow.compile.kernel import events as kinds
from afterglow.compile.kernel.exponentials import Linear
from afterglow.compile.kernel.rows import INPUT_ROW, QUANTITY_ROW, STATE_ROW
from afterglow.compile.kernel.solver import Problem
from afterglow.compile.linear import Entering, Modes, modes
from afterglow.protocol import Dose
from afterglow.simulate.schedule import Happening, Schedule
from afterglow.units import DAY_H

__all__ = ["entering", "problem"]

_JUMPS = {"session": kinds.SESSION, "guess": kinds.GUESS, "meeting": kinds.MEETING}

Values = Mapping[str, NDArray[np.float64]]


def problem(plan: Schedule, values: Values, weight_kg: NDArray[np.float64]) -> Problem:
    """Lay out for the solver what some people go through in one arm.

    Parameters
    ----------
    plan : Schedule
    values : mapping of str to array (people,)
        Every parameter and covariate.
    weight_kg : array (people,)

    Raises
    ------
    ValueError
        If a delay or duration that the model holds to be the same for everybody is not.
    """
    n = len(weight_kg)
    given = {h.dose.medicine for h in plan.happenings if h.dose is not None}
    systems = {medicine: modes(medicine, values) for medicine in LINEAR if medicine in given}
    events = _Events(values, systems, weight_kg)
    for happening in plan.happenings:
        events.add(happening)
    start = np.zeros((len(STATES), n))
    for name, value in starting_states(values).items():
        start[STATE_ROW[name]] = value
    return Problem(
        parameters=np.stack([_parameter(name, values) for name in PARAMETERS]),
        start=start,
        linear=_linear(list(systems.values())),
        rate=np.concatenate([np.zeros((0, n)), *(s.rate for s in systems.values())]),
        weight=np.concatenate([np.zeros((0, n)), *(w for s in systems.values() for w in s.out)]),
        events=events.before(plan.end),
        group_size=plan.group_size,
        begin=plan.begin,
        end=plan.end,
    )


def _parameter(name: str, values: Values) -> NDArray[np.float64]:
    """Return a parameter of the equations, which divide by some through their reciprocals."""
    return 1 / values[name.removeprefix("per_")] if name.startswith("per_") else values[name]


def _linear(systems: list[Modes]) -> Linear:
    """Lay the exponentials and the concentrations of all linear medicines of an arm end to end."""
    sizes = [len(s.rate) for s in systems]
    counts = [len(s.outputs) for s in systems]
    weights = [size for size, count in zip(sizes, counts, strict=True) for _ in range(count)]
    return Linear(
        first=np.cumsum([0, *sizes]),
        output=np.cumsum([0, *counts]),
        block=np.array([BLOCKS.index(s.medicine) for s in systems], dtype=np.int64),
        weight_row=np.cumsum([0, *weights])[:-1],
        target_row=np.array([QUANTITY_ROW[name] for s in systems for name in s.outputs], dtype=np.int64),
    )


class _Events:
    """Collects events with each person's amounts, and lays them out for the solver."""

    def __init__(self, values: Values, systems: Mapping[str, Modes], weight_kg: NDArray[np.float64]) -> None:
        self.values = values
        self.systems = systems
        self.weight_kg = weight_kg
        self.rows: list[tuple[float, int, int, int, int]] = []
        self.amounts: list[NDArray[np.float64]] = [np.zeros((0, len(weight_kg)))]
        self.amount_count = 0
        self.arguments: list[list[float]] = []

    def add(self, h: Happening) -> None:
        """Add one happening of a schedule."""
        if h.dose is not None:
            for entry in entering(h.day, h.dose, self.values, self.weight_kg):
                self._add_entry(h.dose.medicine, entry)
        elif h.kind in INPUT_ROW:
            self._add(h.day, kinds.INPUT, INPUT_ROW[h.kind], np.full((1, len(self.weight_kg)), h.value), -1)
        else:
            self.rows.append((h.day, _JUMPS[h.kind], 0, len(self.arguments), -1))
            self.arguments.append([(h.arguments or {}).get(name, 0.0) for name in ARGUMENTS])

    def _add(self, day: float, kind: int, index: int, amount: NDArray[np.float64], block: int) -> None:
        self.rows.append((day, kind, index, self.amount_count, block))
        self.amounts.append(amount)
        self.amount_count += len(amount)

    def _add_entry(self, medicine: str, entry: Entering) -> None:
        """Put drug into one compartment, at once or over some days."""
        state, amount_mg, start, days = entry
        block = BLOCKS.index(medicine)
        if medicine in self.systems:
            amount = self.systems[medicine].amplitudes(state, amount_mg)
            bolus, rate = kinds.LINEAR_BOLUS, kinds.LINEAR_RATE
            index = rate_index = list(self.systems).index(medicine)
        else:
            amount = amount_mg[None, :]
            bolus, rate = kinds.STATE_BOLUS, kinds.INPUT
            index, rate_index = STATE_ROW[state], INPUT_ROW.get(f"{state}_rate", -1)
        if days <= 0:
            self._add(start, bolus, index, amount, block)
            return
        self._add(start, rate, rate_index, amount / days, block)
        self._add(start + days, rate, rate_index, -amount / days, block)

    def before(self, end: float) -> kinds.Events:
        """Return the events before `end`, in order of time."""
        rows = sorted((row for row in self.rows if row[0] < end), key=lambda row: row[0])
        kind, index, reference, block = (np.array([row[c] for row in rows], dtype=np.int64) for c in range(1, 5))
        return kinds.Events(
            day=np.array([row[0] for row in rows], dtype=float),
            kind=kind,
            index=index,
            reference=reference,
            block=block,
            amount=np.concatenate(self.amounts),
            argument=np.array(self.arguments, dtype=float).reshape(-1, len(ARGUMENTS)),
        )


def entering(day: float, dose: Dose, values: Values, weight_kg: NDArray[np.float64]) -> Iterator[Entering]:
    """Split a dose that begins on `day` over the compartments that its route leads to."""
    if dose.dose_mg is not None:
        mg = np.full(weight_kg.shape, dose.dose_mg)
    else:
        mg = (dose.dose_mg_per_kg or 0.0) * weight_kg
    for state, fraction, lag_h, duration_h in ROUTES[dose.medicine, dose.route]:
        start = day + (_shared(lag_h, values) / DAY_H if lag_h else 0.0)
        hours = _shared(duration_h, values) if duration_h else (dose.duration_h or 0.0)
        yield Entering(state, mg * fraction({**values, "dose_mg": mg}), start, hours / DAY_H)


def _shared(name: str, values: Values) -> float:
    """Return a parameter that has one value for everybody, because an event happens to all at once."""
    value = values[name]
    if (value != value[0]).any():
        raise ValueError(
            f"{name} must be the same for everybody who is solved together, not {value.min():g} to {value.max():g}"
        )
    return float(value[0])
