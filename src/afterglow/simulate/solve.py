"""Run the compiled solver for one arm: people and schedule in, labelled numbers out."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.cohort import People
from afterglow.compile import solver
from afterglow.compile.equations import ARGUMENTS, BLOCKS, LANES, PARAMETERS, STATES
from afterglow.compile.exposure import LINEAR, ROUTES, starting_states
from afterglow.compile.linear import Dosed, Modes, modes
from afterglow.compile.rows import (
    INPUT_ROW,
    QUANTITY_ROW,
    STATE_ROW,
    TABLES,
    VANISHES,
    absolute_tolerance,
)
from afterglow.compile.tableau import TABLEAU
from afterglow.parameters import PARAMETERS as DEFINITIONS
from afterglow.protocol import Dose
from afterglow.simulate.schedule import Happening, Schedule

__all__ = ["Accuracy", "Solution", "arm_values", "linear_inputs", "padded", "solve_arm"]

_HOURS = 24.0


@dataclass(frozen=True, kw_only=True)
class Accuracy:
    """Error allowed per step of the solver.

    Parameters
    ----------
    relative, absolute : float
        Against each state's size, and against one unit of it (amounts in mg: a hundred times that).
    max_steps : int
        Most steps between two events before a participant is reported as failed.
    """

    relative: float = 7e-5
    absolute: float = 7e-6
    max_steps: int = 20_000


@dataclass(frozen=True)
class Solution:
    """What the solver returned for one arm.

    Parameters
    ----------
    names : tuple of str
        States and quantities kept.
    days : array (times,)
    values : array (participants, names, times)
        NaN for participants that failed.
    steps, status : array (participants,)
        Steps tried; 0 or the reason of failure.
    """

    names: tuple[str, ...]
    days: NDArray[np.float64]
    values: NDArray[np.float64]
    steps: NDArray[np.int64]
    status: NDArray[np.int64]


def padded(count: int, group_size: int) -> int:
    """Return how many people to draw so that lanes and groups are full."""
    pod = math.lcm(LANES, group_size)
    return -(-count // pod) * pod


def solve_arm(
    plan: Schedule,
    people: People,
    *,
    days: NDArray[np.float64],
    names: Sequence[str],
    accuracy: Accuracy | None = None,
    threads: int | None = None,
) -> Solution:
    """Integrate every participant through one arm.

    Parameters
    ----------
    plan : Schedule
    people : People
        As many as `padded` asks for.
    days : array (times,)
        Days to keep, in order, within the schedule.
    names : sequence of str
        States or quantities to keep.
    accuracy : Accuracy, optional
    threads : int, optional
        Default: one per core. The numbers do not depend on it.

    Raises
    ------
    ValueError
        If lanes or groups are not full.
    """
    accuracy = accuracy or Accuracy()
    n = len(people.weight_kg)
    pod = math.lcm(LANES, plan.group_size)
    if n % pod:
        raise ValueError(
            f"{n} people do not fill lanes and groups of {plan.group_size}: draw {padded(n, plan.group_size)}"
        )
    values = arm_values(people, plan.adherence)
    used = [m for m in LINEAR if any(h.dose is not None and h.dose.medicine == m for h in plan.happenings)]
    systems = {m: modes(m, values) for m in used}
    events = _Events(values, systems, people.weight_kg)
    for happening in plan.happenings:
        events.add(happening)
    parameters = np.stack([1 / values[name[4:]] if name.startswith("per_") else values[name] for name in PARAMETERS])
    start = np.zeros((len(STATES), n))
    for name, value in starting_states(values).items():
        start[STATE_ROW[name]] = value
    rows = np.array([STATE_ROW.get(name, QUANTITY_ROW.get(name, -1)) for name in names], dtype=np.int64)
    outputs = solver.Outputs(np.ascontiguousarray(days, dtype=float), rows, np.full((len(names), len(days), n), np.nan))
    steps, status = np.zeros(n, np.int64), np.zeros(n, np.int64)
    tolerance = solver.Tolerance(absolute_tolerance(accuracy.absolute), accuracy.relative, accuracy.max_steps)
    near = 3.0 * VANISHES * tolerance.absolute

    def run(part: tuple[int, int]) -> None:
        solver.solve(
            parameters,
            start,
            _linear(systems, n),
            packed,
            outputs,
            tolerance,
            TABLES,
            near,
            TABLEAU,
            plan.group_size,
            pod,
            part[0],
            part[1],
            plan.begin,
            plan.end,
            steps,
            status,
        )

    packed = events.packed(plan.end)
    workers = threads or _cores()
    parts = _parts(n, pod, workers)
    if len(parts) == 1:
        run(parts[0])
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(run, parts))
    return Solution(tuple(names), outputs.day, outputs.value.transpose(2, 0, 1), steps, status)


def arm_values(people: People, adherence: float) -> dict[str, NDArray[np.float64]]:
    """Return every parameter and covariate of the people, (participants,) each, in an arm of that adherence."""
    return {**people.values, "adherence": _adherence(people, adherence)}


def linear_inputs(plan: Schedule, people: People, medicine: str) -> list[Dosed]:
    """Return what a schedule puts into the compartments of one medicine."""
    values = arm_values(people, plan.adherence)
    return [
        dosed
        for h in plan.happenings
        if h.dose is not None and h.dose.medicine == medicine
        for dosed in _dosed(h.day, h.dose, values, people.weight_kg)
    ]


def _dosed(
    day: float, dose: Dose, values: dict[str, NDArray[np.float64]], weight_kg: NDArray[np.float64]
) -> list[Dosed]:
    """Split a dose over the compartments its route leads to."""
    if dose.dose_mg is not None:
        mg = np.full(weight_kg.shape, dose.dose_mg)
    else:
        mg = (dose.dose_mg_per_kg or 0.0) * weight_kg
    found = []
    for state, fraction, lag_h, duration_h in ROUTES[dose.medicine, dose.route]:
        start = day + (values[lag_h][0] / _HOURS if lag_h else 0.0)
        hours = float(values[duration_h][0]) if duration_h else (dose.duration_h or 0.0)
        found.append(Dosed(state, mg * fraction({**values, "dose_mg": mg}), start, hours / _HOURS))
    return found


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _parts(n: int, pod: int, workers: int) -> list[tuple[int, int]]:
    """Split participants into ranges of whole pods, a few per worker so that none waits long."""
    pods = n // pod
    pieces = max(1, min(pods, 1 if workers == 1 else 4 * workers))
    edges = [pods * k // pieces * pod for k in range(pieces + 1)]
    return [(lo, hi) for lo, hi in itertools.pairwise(edges) if hi > lo]


def _adherence(people: People, typical: float) -> NDArray[np.float64]:
    """Each participant's adherence around the arm's, on the logit scale of their own spread."""
    if typical in (0.0, 1.0):
        return np.full(len(people.weight_kg), typical)
    rule = DEFINITIONS["adherence"]
    return rule.moved(typical, rule.deviation(rule.value, people.values["adherence"]))


def _linear(systems: dict[str, Modes], n: int) -> solver.Linear:
    """Lay the exponentials of all medicines of an arm end to end."""
    first, count, block, medicine, weight_row, target = [], [], [], [], [], []
    rates, weights = [np.zeros((0, n))], [np.zeros((0, n))]
    modes_so_far = weights_so_far = 0
    for k, system in enumerate(systems.values()):
        first.append(modes_so_far)
        count.append(len(system.rate))
        block.append(BLOCKS.index(system.medicine))
        for j, name in enumerate(system.outputs):
            medicine.append(k)
            weight_row.append(weights_so_far)
            target.append(QUANTITY_ROW[name])
            weights.append(system.out[j])
            weights_so_far += len(system.rate)
        rates.append(system.rate)
        modes_so_far += len(system.rate)
    lists = [np.array(x, dtype=np.int64) for x in (first, count, block)]
    places = [np.array(x, dtype=np.int64) for x in (medicine, weight_row, target)]
    return solver.Linear(
        lists[0],
        lists[1],
        lists[2],
        np.ascontiguousarray(np.concatenate(rates)),
        places[0],
        places[1],
        places[2],
        np.ascontiguousarray(np.concatenate(weights)),
    )


class _Events:
    """Collects events with each participant's amounts, and packs them for the solver."""

    def __init__(
        self, values: dict[str, NDArray[np.float64]], systems: dict[str, Modes], weight_kg: NDArray[np.float64]
    ) -> None:
        self.values = values
        self.systems = systems
        self.weight_kg = weight_kg
        self.rows: list[tuple[float, int, int, int, int]] = []
        self.amounts: list[NDArray[np.float64]] = []
        self.amount_count = 0
        self.arguments: list[NDArray[np.float64]] = []

    def add(self, h: Happening) -> None:
        """Add one happening of a schedule."""
        if h.dose is not None:
            self._add_dose(h.day, h.dose)
        elif h.kind in INPUT_ROW:
            self._add_row(h.day, solver.INPUT, INPUT_ROW[h.kind], np.full(self.weight_kg.shape, h.value)[None, :], -1)
        else:
            kind = {"session": solver.SESSION, "guess": solver.GUESS, "meeting": solver.MEETING}[h.kind]
            self.rows.append((h.day, kind, 0, len(self.arguments), -1))
            self.arguments.append(np.array([(h.arguments or {}).get(name, 0.0) for name in ARGUMENTS]))

    def _add_row(self, day: float, kind: int, index: int, amount: NDArray[np.float64], block: int) -> None:
        self.rows.append((day, kind, index, self.amount_count, block))
        self.amounts.append(amount)
        self.amount_count += len(amount)

    def _add_dose(self, day: float, dose: Dose) -> None:
        for dosed in _dosed(day, dose, self.values, self.weight_kg):
            self._add_amount(dose.medicine, dosed.state, dosed.amount_mg, dosed.day, dosed.duration)

    def _add_amount(self, medicine: str, state: str, amount: NDArray[np.float64], day: float, duration: float) -> None:
        block = BLOCKS.index(medicine)
        if medicine in self.systems:
            system = self.systems[medicine]
            index = list(self.systems).index(medicine)
            into = system.into[:, system.states.index(state), :] * amount
            bolus, rate = solver.LINEAR_BOLUS, solver.LINEAR_RATE
            place = rate_place = index
        else:
            into = amount[None, :]
            bolus, rate = solver.STATE_BOLUS, solver.INPUT
            place, rate_place = STATE_ROW[state], INPUT_ROW.get(f"{state}_rate", -1)
        if duration <= 0:
            self._add_row(day, bolus, place, into, block)
            return
        self._add_row(day, rate, rate_place, into / duration, block)
        self._add_row(day + duration, rate, rate_place, -into / duration, block)

    def packed(self, end: float) -> solver.Events:
        """Return the events before `end`, in order of time."""
        n = len(self.weight_kg)
        order = sorted((k for k in range(len(self.rows)) if self.rows[k][0] < end), key=lambda k: self.rows[k][0])
        rows = [self.rows[k] for k in order]
        kind, index, reference, block = (np.array([r[c] for r in rows], dtype=np.int64) for c in range(1, 5))
        amounts = np.concatenate([np.zeros((0, n)), *self.amounts])
        arguments = np.stack(self.arguments) if self.arguments else np.zeros((0, len(ARGUMENTS)))
        return solver.Events(np.array([r[0] for r in rows]), kind, index, reference, block, amounts, arguments)
