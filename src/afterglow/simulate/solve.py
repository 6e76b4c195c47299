"""Run the compiled solver for one arm: people and schedule in, labelled numbers out."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.cohort import People
from afterglow.compile.equations import LANES, QUANTITIES, QUANTITY_IS_LINEAR
from afterglow.compile.exposure import LINEAR
from afterglow.compile.kernel.rows import QUANTITY_ROW, STATE_ROW, VANISHES, absolute_tolerance
from afterglow.compile.kernel.solver import LEVELS, QUANTITIES_TOO, STATES_ONLY, Outputs, Tolerance, solve
from afterglow.compile.kernel.tableau import TABLEAU
from afterglow.errors import nearest
from afterglow.parameters import PARAMETERS
from afterglow.simulate.problem import problem
from afterglow.simulate.schedule import Schedule

__all__ = ["Accuracy", "Solution", "arm_values", "padded", "solve_arm"]

_EVALUATED = {state: outputs for states, outputs, _, _ in LINEAR.values() for state in states}
"""What is kept in place of the amount in each compartment of a linear medicine."""


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

    A participant's numbers depend on those who share lanes or a group with it, and on nobody else: people of several
    draws of the parameters may stand one after another if the people of each fill lanes and groups.

    Parameters
    ----------
    plan : Schedule
    people : People
        As many as `padded` asks for.
    days : array (times,)
        Days to keep, in order, within the schedule.
    names : sequence of str
        States or quantities to keep. States alone take less time.
    accuracy : Accuracy, optional
    threads : int, optional
        Default: one per core. The numbers do not depend on it.

    Raises
    ------
    ValueError
        If lanes or groups are not full, a name is neither a state nor a quantity that the solver keeps, or the days
        are not in order or not within the schedule.
    """
    n = len(people.weight_kg)
    pod = math.lcm(LANES, plan.group_size)
    if n % pod:
        raise ValueError(
            f"{n} people do not fill lanes and groups of {plan.group_size}: draw {padded(n, plan.group_size)}"
        )
    if len(days) and not (plan.begin <= days[0] and days[-1] <= plan.end and np.all(np.diff(days) >= 0)):
        raise ValueError(f"days to keep must rise, within the schedule's {plan.begin:g} to {plan.end:g}")
    values = arm_values(people, plan.adherence)
    tolerance = _tolerance(accuracy or Accuracy())
    outputs = _outputs(days, names, n)

    def run(part: tuple[int, int]) -> None:
        own = slice(*part)
        given = problem(plan, {name: value[own] for name, value in values.items()}, people.weight_kg[own])
        solve(given, TABLEAU, tolerance, outputs._replace(first=part[0]), pod)

    workers = threads or _cores()
    if workers == 1:
        run((0, n))
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(run, _parts(n, pod, 4 * workers)))
    return Solution(tuple(names), outputs.day, outputs.value, outputs.steps, outputs.status)


def arm_values(people: People, adherence: float) -> dict[str, NDArray[np.float64]]:
    """Return every parameter and covariate of the people, (participants,) each, in an arm of that adherence."""
    return {**people.values, "adherence": _adherence(people.values["adherence"], adherence)}


def _adherence(own: NDArray[np.float64], typical: float) -> NDArray[np.float64]:
    """Each participant's adherence around the arm's, on the logit scale of their own spread."""
    if typical in (0.0, 1.0):
        return np.full(len(own), typical)
    centre = PARAMETERS["adherence"].value
    moved = np.log(own / (1 - own)) - math.log(centre / (1 - centre)) + math.log(typical / (1 - typical))
    return np.asarray(1 / (1 + np.exp(-moved)))


def _tolerance(accuracy: Accuracy) -> Tolerance:
    absolute = absolute_tolerance(accuracy.absolute)
    return Tolerance(absolute, accuracy.relative, 3.0 * VANISHES * absolute, accuracy.max_steps)


def _outputs(days: NDArray[np.float64], names: Sequence[str], n: int) -> Outputs:
    known: Mapping[str, int] = {**STATE_ROW, **QUANTITY_ROW}
    for name in names:
        if name in _EVALUATED:
            raise ValueError(
                f"'{name}' is one of the amounts whose exponentials are evaluated and not kept; "
                f"ask for {' or '.join(_EVALUATED[name])}"
            )
        if name not in known:
            raise ValueError(f"'{name}' is neither a state nor a quantity of the model: {nearest(name, known)}")
    return Outputs(
        day=np.ascontiguousarray(days, dtype=float),
        row=np.array([known[name] for name in names], dtype=np.int64),
        reads=max((_reads(name) for name in names), default=STATES_ONLY),
        value=np.empty((n, len(names), len(days))),
        steps=np.zeros(n, np.int64),
        status=np.zeros(n, np.int64),
        first=0,
    )


def _reads(name: str) -> int:
    if name in STATE_ROW:
        return STATES_ONLY
    return LEVELS if QUANTITY_IS_LINEAR[QUANTITIES.index(name)] else QUANTITIES_TOO


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _parts(n: int, pod: int, pieces: int) -> list[tuple[int, int]]:
    """Split participants into at most so many ranges of whole pods: a few per worker, so that none waits long."""
    pods = n // pod
    pieces = max(1, min(pods, pieces))
    return list(itertools.pairwise(pods * k // pieces * pod for k in range(pieces + 1)))
