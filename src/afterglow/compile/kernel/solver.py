"""The compiled solver: an explicit Runge-Kutta method of order five over lanes, with exact linear parts.

Linear pharmacokinetics is a sum of exponentials per person and is evaluated, not integrated. What is left is not stiff,
but for states that follow the others faster than these move: see `relaxing`. A set of lanes shares its steps; a step is
taken only when everybody in it meets the tolerance. A person whose step falls below the smallest step, or who runs out
of steps, is marked and its results are NaN; the others go on.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from afterglow.compile.arithmetic import FAST
from afterglow.compile.equations import LANES, STATES, derivatives
from afterglow.compile.kernel.events import MEETING, happen, meet
from afterglow.compile.kernel.exponentials import RATE, Linear, concentrations, fade
from afterglow.compile.kernel.lanes import Lanes, empty_pod, lanes_of
from afterglow.compile.kernel.relaxing import agree, drive, finish, follow, leave, weigh, within
from afterglow.compile.kernel.rest import rest
from afterglow.compile.kernel.rows import ABSOLUTE_ROW, ERROR_ROW, NEAR_ROW, PARAMETER_ROW, STAGE_ROW, START_ROW
from afterglow.compile.kernel.steps import accept, combine, errors, interpolate, worst_error
from afterglow.compile.kernel.tableau import Tableau

__all__ = [
    "FAILED_SMALL_STEP",
    "FAILED_TOO_MANY_STEPS",
    "LEVELS",
    "QUANTITIES_TOO",
    "STATES_ONLY",
    "Outputs",
    "Problem",
    "Tolerance",
    "solve",
]

FAILED_SMALL_STEP, FAILED_TOO_MANY_STEPS = 1, 2
STATES_ONLY, LEVELS, QUANTITIES_TOO = range(3)

_STEP_AT_REST = 0.5  # days, before anything has happened
_SMALLEST_STEP = 1e-9  # days
_STEP_AFTER_FAILURE = 1e-3  # days
_REST_EVERY = 8  # steps between looks for blocks at rest
_FIRST_PARAMETER_ROW = min(PARAMETER_ROW.values())


class Problem(NamedTuple):
    """What N people go through.

    Parameters
    ----------
    parameters : array (parameters, N)
    start : array (states, N)
        States at `begin`.
    linear : Linear
    rate, weight : array (M, N), (W, N)
        Exponents of the linear medicines, per day, and what each counts in a concentration.
    events : Events
    group_size : int
    begin, end : float
        Days.
    """

    parameters: Any
    start: Any
    linear: Any
    rate: Any
    weight: Any
    events: Any
    group_size: int
    begin: float
    end: float


class Tolerance(NamedTuple):
    """Error allowed per step: absolute by state and lane, (states * LANES,), relative, and the most steps.

    `near`, by state and lane: how near to zero a state that falls is taken to be there.
    """

    absolute: Any
    relative: float
    near: Any
    max_steps: int


class Outputs(NamedTuple):
    """What is kept, of people from column `first` on.

    Parameters
    ----------
    day : array (T,)
        In order.
    row : array (S,)
        Buffer rows.
    reads : int
        What they take at an output time: `STATES_ONLY`, `LEVELS` where concentrations of linear medicines are among
        them, `QUANTITIES_TOO` where other quantities are, for which the equations are evaluated.
    value : array (everybody, S, T)
    steps, status : array (everybody,)
        Steps tried, and 0 or a ``FAILED_*`` code.
    first : int
    """

    day: Any
    row: Any
    reads: int
    value: Any
    steps: Any
    status: Any
    first: int


@njit(**FAST)
def solve(problem: Problem, tableau: Tableau, tolerance: Tolerance, outputs: Outputs, pod_size: int) -> None:
    """Integrate everybody, pod by pod, and fill `outputs`.

    Parameters
    ----------
    problem : Problem
    tableau : Tableau
    tolerance : Tolerance
    outputs : Outputs
    pod_size : int
        People solved side by side: a multiple of `LANES` and of the size of a group. Fills the number of people.
    """
    sets = pod_size // LANES
    for first in range(0, problem.start.shape[1], pod_size):
        pod = empty_pod(sets, problem.rate.shape[0], problem.weight.shape[0], problem.linear.block.size)
        for k in range(sets):
            _fill(lanes_of(pod, k), problem, tolerance, first + k * LANES)
        _solve_pod(pod, problem, tableau, tolerance, outputs, first)


@njit(**FAST)
def _fill(lanes: Lanes, problem: Problem, tolerance: Tolerance, first: int) -> None:
    """Give a set of lanes its people, from `first`, as they are at the start."""
    lanes.since[:] = problem.begin
    lanes.step[0] = _STEP_AT_REST
    _copy(lanes.buffer[_FIRST_PARAMETER_ROW * LANES :], problem.parameters, first)
    _copy(lanes.buffer, problem.start, first)
    _copy(lanes.modes[RATE], problem.rate, first)
    _copy(lanes.weight, problem.weight, first)
    for i in range(tolerance.absolute.size):
        lanes.buffer[ABSOLUTE_ROW * LANES + i] = tolerance.absolute[i]
        lanes.buffer[NEAR_ROW * LANES + i] = tolerance.near[i]
    agree(lanes.buffer)


@njit(**FAST)
def _copy(rows: Any, values: Any, first: int) -> None:
    """Copy the values, (rows, N), of the people from `first` into flat rows."""
    for i in range(len(values)):
        for lane in range(LANES):
            rows[i * LANES + lane] = values[i, first + lane]


@njit(**FAST)
def _solve_pod(
    pod: Any, problem: Problem, tableau: Tableau, tolerance: Tolerance, outputs: Outputs, first: int
) -> None:
    """Integrate one pod from event to event."""
    sets = len(pod.buffer)
    events = problem.events
    day = problem.begin
    output = 0
    if outputs.day.size > 0 and outputs.day[0] <= day:
        for k in range(sets):
            derivatives(pod.buffer[k], pod.active[k])
            _write(pod.buffer[k], pod.alive[k], outputs, 0, first + k * LANES)
        output = 1
    for event in range(events.day.size + 1):
        until = events.day[event] if event < events.day.size else problem.end
        if until > day:
            for k in range(sets):
                lanes = lanes_of(pod, k)
                _advance(lanes, problem.linear, day, until, tableau, tolerance, outputs, output, first + k * LANES)
            while output < outputs.day.size and outputs.day[output] <= until:
                output += 1
            day = until
        if event < events.day.size:
            for k in range(sets):
                happen(lanes_of(pod, k), problem.linear, events, event, day, first + k * LANES)
            if events.kind[event] == MEETING:
                meet(pod.buffer, problem.group_size)


@njit(**FAST)
def _advance(
    lanes: Lanes,
    linear: Linear,
    day: float,
    end: float,
    tableau: Tableau,
    tolerance: Tolerance,
    outputs: Outputs,
    output: int,
    first: int,
) -> None:
    """Integrate a set of lanes from `day` to `end`; `output` is the next output time.

    The stages stand in the loop of the steps: a named tuple handed to a function there would count references.
    """
    nodes, matrix, weights, dense = tableau
    b, active = lanes.buffer, lanes.active
    _start(lanes, linear, day)
    h = lanes.step[0]
    taken = 0
    failed = False
    while day < end:
        last = day + h * 1.000001 >= end
        step = end - day if last else h
        relaxing = weigh(active, b, step)
        for stage in range(1, 7):
            combine(active, b, step, matrix, stage)
            if relaxing and stage > 1:
                follow(active, b, step, stage)
            if stage < 6:
                concentrations(lanes, linear, day + nodes[stage] * step)
            derivatives(b, active)
            if relaxing:
                drive(active, b)
        errors(active, b, step, weights, tolerance.relative)
        if relaxing:
            finish(active, b, step, tolerance.relative)
        worst = worst_error(lanes.alive, b)
        taken += 1
        if worst > 1.0:
            failed = True
            h = step * max(0.1, 0.9 * worst**-0.2)
            if h < _SMALLEST_STEP or taken > tolerance.max_steps:
                _give_up(lanes, worst, h < _SMALLEST_STEP, outputs, first)
                taken = 0
                h = _STEP_AFTER_FAILURE
            continue
        arrived = end if last else day + step
        if output < outputs.day.size and outputs.day[output] <= arrived:
            output = _keep(lanes, linear, day, step, arrived, dense, relaxing, outputs, output, first)
        if relaxing:
            leave(active, b)
        accept(active, b)
        day = arrived
        grow = 5.0 if worst < 1e-8 else min(5.0, max(0.3, 0.9 * worst**-0.2))
        if failed:
            grow = min(grow, 1.0)
            failed = False
        h = max(h, step * grow) if last and grow >= 1.0 else step * grow
        if taken % _REST_EVERY == 0:
            fade(lanes, linear, day)
            rest(lanes, linear)
    lanes.step[0] = h
    for lane in range(LANES):
        outputs.steps[outputs.first + first + lane] += taken


@njit(**FAST)
def _start(lanes: Lanes, linear: Linear, day: float) -> None:
    """Set the start of the next step to the buffer's states, and its first stage to their derivatives at `day`."""
    concentrations(lanes, linear, day)
    derivatives(lanes.buffer, lanes.active)
    n = len(STATES) * LANES
    for i in range(n):
        lanes.buffer[START_ROW * LANES + i] = lanes.buffer[i]
        lanes.buffer[STAGE_ROW * LANES + i] = lanes.buffer[n + i]


@njit(**FAST)
def _give_up(lanes: Lanes, worst: float, small: bool, outputs: Outputs, first: int) -> None:
    """Mark those whose step has become too `small`, or the first with the worst error once there were too many."""
    for lane in range(LANES):
        error = lanes.buffer[ERROR_ROW * LANES + lane]
        if lanes.alive[lane] and (error > 1.0 if small else error == worst):
            lanes.alive[lane] = False
            outputs.status[outputs.first + first + lane] = FAILED_SMALL_STEP if small else FAILED_TOO_MANY_STEPS
            outputs.value[outputs.first + first + lane] = np.nan
            if not small:
                break


@njit(**FAST)
def _keep(
    lanes: Lanes,
    linear: Linear,
    day: float,
    step: float,
    arrived: float,
    dense: Any,
    relaxing: bool,
    outputs: Outputs,
    output: int,
    first: int,
) -> int:
    """Write the output times of the step from `day` until it has `arrived`; return the next output."""
    while output < outputs.day.size and outputs.day[output] <= arrived:
        at = outputs.day[output]
        if outputs.reads != STATES_ONLY:
            concentrations(lanes, linear, at)
        interpolate(lanes.active, lanes.buffer, step, dense, (at - day) / step)
        if relaxing:
            within(lanes.active, lanes.buffer, step, (at - day) / step)
        if outputs.reads == QUANTITIES_TOO:
            derivatives(lanes.buffer, lanes.active)
        _write(lanes.buffer, lanes.alive, outputs, output, first)
        output += 1
    if outputs.reads != STATES_ONLY:
        concentrations(lanes, linear, arrived)
    return output


@njit(**FAST)
def _write(b: Any, alive: Any, outputs: Outputs, output: int, first: int) -> None:
    """Copy the kept rows of a buffer to an output time, for those who are alive."""
    for j in range(outputs.row.size):
        row = outputs.row[j] * LANES
        for lane in range(LANES):
            if alive[lane]:
                outputs.value[outputs.first + first + lane, j, output] = b[row + lane]
