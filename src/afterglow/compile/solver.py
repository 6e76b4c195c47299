"""The compiled solver: an explicit Runge-Kutta method of order five over lanes, with exact linear parts.

Dormand and Prince's pair of order 5(4) with its free interpolant (dormand1980, hairer1993). Linear
pharmacokinetics is a sum of exponentials per participant and is evaluated, not integrated, so what is left is not
stiff. A block of `LANES` participants shares its steps; a step is taken only when every one of them meets the
tolerance. A participant whose step falls below the smallest step, or who runs out of steps, is marked and its
results are NaN; its neighbours go on.

Rows of `LANES` numbers lie one after another in flat buffers; names ending in `_row` are row numbers.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from afterglow.compile.arithmetic import FAST, exponential
from afterglow.compile.equations import (
    ARGUMENTS,
    BLOCK_STATES,
    LANES,
    PARAMETERS,
    ROWS,
    STATES,
    derivatives,
    jump_guess,
    jump_meeting,
    jump_session,
)
from afterglow.compile.rows import ARGUMENT_ROW, FELT_MEMORY_ROW, NEW_PATTERN_ROW, PARAMETER_ROW

__all__ = [
    "FAILED_SMALL_STEP",
    "FAILED_TOO_MANY_STEPS",
    "GUESS",
    "INPUT",
    "LINEAR_BOLUS",
    "LINEAR_RATE",
    "MEETING",
    "SESSION",
    "STATE_BOLUS",
    "Events",
    "Linear",
    "Outputs",
    "Tolerance",
    "solve",
]

LINEAR_BOLUS, LINEAR_RATE, STATE_BOLUS, INPUT, SESSION, GUESS, MEETING = range(7)
FAILED_SMALL_STEP, FAILED_TOO_MANY_STEPS = 1, 2

_NS = len(STATES)
_NP = len(PARAMETERS)
_NA = len(ARGUMENTS)
_W = LANES
_CORE = BLOCK_STATES[-1][1] * LANES  # the core's states come first
_ALL = len(STATES) * LANES
_SMALLEST_STEP = 1e-9  # days
_INFINITE = 1e300
_CLEARED = 1e-6  # ng/mL: below it a drug is gone
_REST_EVERY = 8  # steps between looks for blocks at rest
_FIRST_STEP = 0.02  # days, after an event that brings drug
_MEETING_ROW = ARGUMENT_ROW["meeting_hours"]
_SHARE_ROW = ARGUMENT_ROW["others_share"]
_PROGRESS_ROW = ARGUMENT_ROW["others_progress"]
_OTHERS_FELT_ROW = ARGUMENT_ROW["others_felt"]
_FIRST_ARGUMENT_ROW = min(ARGUMENT_ROW.values())
_FIRST_PARAMETER_ROW = min(PARAMETER_ROW.values())


class Linear(NamedTuple):
    """Linear medicines of one arm as sums of exponentials; N participants, M modes, R weights, O outputs.

    `first` and `count` give each medicine's modes, `block` its block; `rate` (M, N) per day; output j is the sum
    over its medicine's modes of ``weight[weight_row[j] + i] * mode i`` and goes to buffer row ``target_row[j]``.
    """

    first: Any
    count: Any
    block: Any
    rate: Any
    output_medicine: Any
    weight_row: Any
    target_row: Any
    weight: Any


class Events(NamedTuple):
    """What happens when: E events in order of time; amounts (A, N); arguments (G, arguments)."""

    day: Any
    kind: Any
    index: Any
    reference: Any
    block: Any
    amount: Any
    argument: Any


class Outputs(NamedTuple):
    """What is kept: T days in order, S buffer rows, values (N, S, T)."""

    day: Any
    row: Any
    value: Any


class Tolerance(NamedTuple):
    """Error allowed per step: absolute by state and lane, (states * LANES,), relative, and the most steps."""

    absolute: Any
    relative: float
    max_steps: int


@njit(**FAST)
def _concentrations(b: Any, day: float, linear: Any, rate: Any, weight: Any, modes: Any, since: Any, on: Any) -> None:
    """Write the concentrations of all linear medicines at `day` into their buffer rows.

    `modes` holds three groups of rows: amplitude, offset, and scratch. Slices, because an index that might be
    negative keeps a loop from being vectorised.
    """
    total = rate.size
    for k in range(linear.first.size):
        if not on[k]:
            continue
        elapsed = day - since[k]
        lo = linear.first[k] * _W
        size = linear.count[k] * _W
        own_rate, amplitude = rate[lo : lo + size], modes[lo : lo + size]
        offset = modes[total + lo : total + lo + size]
        value = modes[2 * total + lo : 2 * total + lo + size]
        for i in range(size):
            value[i] = amplitude[i] * exponential(own_rate[i] * elapsed) + offset[i]
        for j in range(linear.output_medicine.size):
            if linear.output_medicine[j] != k:
                continue
            level = b[linear.target_row[j] * _W : (linear.target_row[j] + 1) * _W]
            own_weight = weight[linear.weight_row[j] * _W : linear.weight_row[j] * _W + size]
            for l in range(_W):
                level[l] = own_weight[l] * value[l]
            for m in range(1, size // _W):
                for l in range(_W):
                    level[l] += own_weight[m * _W + l] * value[m * _W + l]


@njit(**FAST)
def _settle(k: int, day: float, linear: Any, rate: Any, modes: Any, input_rate: Any, since: Any) -> None:
    """Restart medicine `k`'s exponentials at `day` from their values then."""
    total = rate.size
    elapsed = day - since[k]
    for i in range(linear.first[k] * _W, (linear.first[k] + linear.count[k]) * _W):
        value = modes[i] * exponential(rate[i] * elapsed) + modes[total + i]
        offset = -input_rate[i] / rate[i]
        modes[i] = value - offset
        modes[total + i] = offset
    since[k] = day


@njit(**FAST)
def _start_rates(k: int, linear: Any, rate: Any, modes: Any, input_rate: Any) -> None:
    """Give medicine `k`'s exponentials the new input rate without a jump."""
    total = rate.size
    for i in range(linear.first[k] * _W, (linear.first[k] + linear.count[k]) * _W):
        offset = -input_rate[i] / rate[i]
        modes[i] += modes[total + i] - offset
        modes[total + i] = offset


@njit(**FAST)
def _rest(b: Any, k0: Any, linear: Any, modes: Any, input_rate: Any, on: Any, active: Any, tables: Any) -> None:
    """Switch off medicines that are gone and blocks that are at rest."""
    state_block, quantity_row, quantity_block, partner = tables
    for k in range(on.size):
        if not on[k]:
            continue
        gone = True
        for i in range(linear.first[k] * _W, (linear.first[k] + linear.count[k]) * _W):
            if input_rate[i] != 0.0:
                gone = False
        for j in range(linear.output_medicine.size):
            if linear.output_medicine[j] == k:
                row = linear.target_row[j] * _W
                for l in range(_W):
                    if not (abs(b[row + l]) < _CLEARED):
                        gone = False
        if gone:
            on[k] = False
            for i in range(linear.first[k] * _W, (linear.first[k] + linear.count[k]) * _W):
                modes[i] = 0.0
                modes[modes.size // 3 + i] = 0.0
            for j in range(linear.output_medicine.size):
                if linear.output_medicine[j] == k:
                    for l in range(_W):
                        b[linear.target_row[j] * _W + l] = 0.0
    for block in range(active.size - 1):
        if not active[block]:
            continue
        busy = False
        for k in range(on.size):
            if on[k] and linear.block[k] == block:
                busy = True
        for other in range(partner.size):
            if partner[other] == block and active[other]:
                busy = True
        for s in range(_NS):
            if state_block[s] == block:
                for l in range(_W):
                    if b[s * _W + l] != 0.0:
                        busy = True
        if not busy:
            active[block] = False
            for q in range(quantity_row.size):
                if quantity_block[q] == block:
                    for l in range(_W):
                        b[quantity_row[q] * _W + l] = 0.0
            for s in range(_NS):
                if state_block[s] == block:
                    for l in range(_W):
                        b[(_NS + s) * _W + l] = 0.0
                        k0[s * _W + l] = 0.0


@njit(inline="always", **FAST)
def _combine(b: Any, y: Any, k: Any, h: float, c: Any, stage: int, lo: int, hi: int) -> None:
    """Set the buffer's states to ``y + h * sum(c[i] * k[i])`` over the stages before `stage`."""
    n = _NS * _W
    a0, a1, a2, a3, a4, a5 = h * c[0], h * c[1], h * c[2], h * c[3], h * c[4], h * c[5]
    if stage == 1:
        for i in range(lo, hi):
            b[i] = y[i] + a0 * k[i]
    elif stage == 2:
        for i in range(lo, hi):
            b[i] = y[i] + a0 * k[i] + a1 * k[n + i]
    elif stage == 3:
        for i in range(lo, hi):
            b[i] = y[i] + a0 * k[i] + a1 * k[n + i] + a2 * k[2 * n + i]
    elif stage == 4:
        for i in range(lo, hi):
            b[i] = y[i] + a0 * k[i] + a1 * k[n + i] + a2 * k[2 * n + i] + a3 * k[3 * n + i]
    elif stage == 5:
        for i in range(lo, hi):
            b[i] = y[i] + a0 * k[i] + a1 * k[n + i] + a2 * k[2 * n + i] + a3 * k[3 * n + i] + a4 * k[4 * n + i]
    else:
        for i in range(lo, hi):
            b[i] = y[i] + a0 * k[i] + a2 * k[2 * n + i] + a3 * k[3 * n + i] + a4 * k[4 * n + i] + a5 * k[5 * n + i]


@njit(inline="always", **FAST)
def _keep_stage(b: Any, k: Any, stage: int, lo: int, hi: int) -> None:
    """Copy the buffer's derivatives to stage `stage`."""
    n = _NS * _W
    for i in range(lo, hi):
        k[stage * n + i] = b[n + i]


@njit(inline="always", **FAST)
def _errors(b: Any, y: Any, k: Any, h: float, c: Any, tolerance: Any, ratio: Any, error: Any, lo: int, hi: int) -> None:
    """Raise `error` to each lane's largest error over the tolerance; NaN counts as infinite."""
    n = _NS * _W
    c0, c2, c3, c4, c5, c6 = h * c[0], h * c[2], h * c[3], h * c[4], h * c[5], h * c[6]
    for i in range(lo, hi):
        e = c0 * k[i] + c2 * k[2 * n + i] + c3 * k[3 * n + i]
        e += c4 * k[4 * n + i] + c5 * k[5 * n + i] + c6 * k[6 * n + i]
        before, after = abs(y[i]), abs(b[i])
        size = before if before > after else after
        ratio[i] = abs(e) / (tolerance.absolute[i] + tolerance.relative * size)
    for l in range(_W):
        total = 0.0
        for i in range(lo + l, hi, _W):
            total += ratio[i]
            if ratio[i] > error[l]:
                error[l] = ratio[i]
        if np.isnan(total) or total > _INFINITE:  # a comparison alone is turned into a maximum that loses NaN
            error[l] = _INFINITE


@njit(**FAST)
def _write(b: Any, outputs: Any, at: int, first: int, alive: Any) -> None:
    """Copy the kept rows of the buffer to output time `at` for the lanes of this block."""
    for j in range(outputs.row.size):
        row = outputs.row[j] * _W
        for l in range(_W):
            if alive[l]:
                outputs.value[first + l, j, at] = b[row + l]


@njit(inline="always", **FAST)
def _interpolate(b: Any, y: Any, y1: Any, k: Any, h: float, theta: float, d: Any, lo: int, hi: int) -> None:
    """Set the buffer's states to the interpolant at the fraction `theta` of the step from `y` to `y1`."""
    n = _NS * _W
    back = 1.0 - theta
    for i in range(lo, hi):
        rise = y1[i] - y[i]
        bend = h * k[i] - rise
        third = rise - h * k[6 * n + i] - bend
        fourth = d[0] * k[i] + d[2] * k[2 * n + i] + d[3] * k[3 * n + i]
        fourth += d[4] * k[4 * n + i] + d[5] * k[5 * n + i] + d[6] * k[6 * n + i]
        b[i] = y[i] + theta * (rise + back * (bend + theta * (third + back * h * fourth)))


@njit(inline="always", **FAST)
def _accept(b: Any, y: Any, y1: Any, k: Any, vanishes: Any, tolerance: Any, lo: int, hi: int) -> None:
    """Move on to the end of a step; states that rest at zero and have come within three tolerances of it are there."""
    n = _NS * _W
    for i in range(lo, hi):
        size = abs(y1[i])
        keep = 0.0 if size < 3.0 * vanishes[i] * tolerance.absolute[i] and size < abs(y[i]) else 1.0
        value = keep * y1[i]
        k[i] = keep * k[6 * n + i]
        y[i] = value
        b[i] = value


@njit(**FAST)
def _advance(
    b: Any,
    y: Any,
    y1: Any,
    k: Any,
    begin: float,
    end: float,
    h: float,
    linear: Any,
    rate: Any,
    weight: Any,
    modes: Any,
    input_rate: Any,
    since: Any,
    on: Any,
    active: Any,
    alive: Any,
    ratio: Any,
    error: Any,
    tables: Any,
    vanishes: Any,
    tableau: Any,
    tolerance: Any,
    outputs: Any,
    next_output: int,
    first: int,
    steps: Any,
    status: Any,
) -> float:
    """Integrate one block from `begin` to `end`; return the next step to try. The buffer holds the state."""
    nodes, matrix, error_weights, dense = tableau
    n = _NS * _W
    others = active[:-1].any()
    day = begin
    _concentrations(b, day, linear, rate, weight, modes, since, on)
    derivatives(b, active)
    _keep_stage(b, k, 0, 0, n)
    for i in range(n):
        y[i] = b[i]
    taken = 0
    while day < end:
        last = day + h * 1.000001 >= end
        step = end - day if last else h
        for stage in range(1, 7):
            _combine(b, y, k, step, matrix[stage], stage, 0, _CORE)
            if others:
                _combine(b, y, k, step, matrix[stage], stage, _CORE, _ALL)
            if stage < 6:
                _concentrations(b, day + nodes[stage] * step, linear, rate, weight, modes, since, on)
            derivatives(b, active)
            _keep_stage(b, k, stage, 0, _CORE)
            if others:
                _keep_stage(b, k, stage, _CORE, _ALL)
        error[:] = 0.0
        _errors(b, y, k, step, error_weights, tolerance, ratio, error, 0, _CORE)
        if others:
            _errors(b, y, k, step, error_weights, tolerance, ratio, error, _CORE, _ALL)
        worst = 0.0
        worst_lane = 0
        for l in range(_W):
            if alive[l] and error[l] > worst:
                worst = error[l]
                worst_lane = l
        taken += 1
        if worst > 1.0:
            h = step * max(0.1, 0.9 * worst**-0.2)
            if h < _SMALLEST_STEP or taken > tolerance.max_steps:
                for l in range(_W):
                    if alive[l] and (error[l] > 1.0 if h < _SMALLEST_STEP else l == worst_lane):
                        alive[l] = False
                        status[first + l] = FAILED_SMALL_STEP if h < _SMALLEST_STEP else FAILED_TOO_MANY_STEPS
                        outputs.value[first + l, :, :] = np.nan
                taken = 0
                h = 1e-3
            continue
        y1[:] = b[:n]
        arrived = end if last else day + step
        while next_output < outputs.day.size and outputs.day[next_output] <= arrived:
            theta = (outputs.day[next_output] - day) / step
            _interpolate(b, y, y1, k, step, theta, dense, 0, _CORE)
            if others:
                _interpolate(b, y, y1, k, step, theta, dense, _CORE, _ALL)
            _concentrations(b, outputs.day[next_output], linear, rate, weight, modes, since, on)
            derivatives(b, active)
            _write(b, outputs, next_output, first, alive)
            next_output += 1
        _concentrations(b, arrived, linear, rate, weight, modes, since, on)
        _accept(b, y, y1, k, vanishes, tolerance, 0, _CORE)
        if others:
            _accept(b, y, y1, k, vanishes, tolerance, _CORE, _ALL)
        day = arrived
        grow = 5.0 if worst < 1e-8 else min(5.0, max(0.3, 0.9 * worst**-0.2))
        h = max(h, step * grow) if last and grow >= 1.0 else step * grow
        if others and taken % _REST_EVERY == 0:
            _rest(b, k, linear, modes, input_rate, on, active, tables)
            others = active[:-1].any()
    for l in range(_W):
        steps[first + l] += taken
    return h


@njit(**FAST)
def _others(bufs: Any, member: int, members: int, lo: int, row: int) -> float:
    """Mean of a buffer row over the other members of a participant's group."""
    if members < 2:
        return 0.0
    start = lo + (member - lo) // members * members
    total = 0.0
    for other in range(start, start + members):
        if other != member:
            total += bufs[(other - lo) // _W, row * _W + (other - lo) % _W]
    return total / (members - 1)


@njit(**FAST)
def solve(
    parameters: Any,
    start: Any,
    linear: Any,
    events: Any,
    outputs: Any,
    tolerance: Any,
    tables: Any,
    vanishes: Any,
    tableau: Any,
    group_size: int,
    pod: int,
    lo: int,
    hi: int,
    begin: float,
    end: float,
    steps: Any,
    status: Any,
) -> None:
    """Integrate participants `lo` to `hi` from `begin` to `end`, pod by pod.

    Parameters
    ----------
    parameters : array (parameters, N)
    start : array (states, N)
        States at `begin`.
    linear, events, outputs, tolerance
        See the named tuples; `outputs.value` is filled.
    tables : tuple of arrays
        Block of each state, buffer row and block of each quantity, and the window block of each block.
    group_size, pod : int
        Members per group; participants solved side by side: a multiple of `LANES` and of `group_size`.
    steps, status : array (N,)
        Filled: steps tried, and 0 or a `FAILED_*` code.
    """
    blocks = pod // _W
    n_modes = linear.rate.shape[0]
    n_weights = linear.weight.shape[0]
    n_linear = linear.first.size
    n_blocks = tables[3].size
    bufs = np.zeros((blocks, ROWS * _W))
    rates = np.zeros((blocks, n_modes * _W))
    weights = np.zeros((blocks, n_weights * _W))
    modes = np.zeros((blocks, 3 * n_modes * _W))
    input_rate = np.zeros((blocks, n_modes * _W))
    since = np.zeros((blocks, n_linear))
    on = np.zeros((blocks, n_linear), np.bool_)
    active = np.zeros((blocks, n_blocks), np.bool_)
    alive = np.ones((blocks, _W), np.bool_)
    step = np.zeros(blocks)
    y = np.zeros(_NS * _W)
    y1 = np.zeros(_NS * _W)
    k = np.zeros(7 * _NS * _W)
    ratio = np.zeros(_NS * _W)
    error = np.zeros(_W)
    for pod_first in range(lo, hi, pod):
        bufs[:] = 0.0
        modes[:] = 0.0
        input_rate[:] = 0.0
        since[:] = begin
        on[:] = False
        active[:] = False
        active[:, n_blocks - 1] = True
        alive[:] = True
        step[:] = _FIRST_STEP
        for block in range(blocks):
            first = pod_first + block * _W
            for l in range(_W):
                for i in range(_NP):
                    bufs[block, (_FIRST_PARAMETER_ROW + i) * _W + l] = parameters[i, first + l]
                for s in range(_NS):
                    bufs[block, s * _W + l] = start[s, first + l]
                for m in range(n_modes):
                    rates[block, m * _W + l] = linear.rate[m, first + l]
                for m in range(n_weights):
                    weights[block, m * _W + l] = linear.weight[m, first + l]
        day = begin
        next_output = 0
        if outputs.day.size > 0 and outputs.day[0] <= begin:
            for block in range(blocks):
                derivatives(bufs[block], active[block])
                _write(bufs[block], outputs, 0, pod_first + block * _W, alive[block])
            next_output = 1
        event = 0
        while True:
            until = events.day[event] if event < events.day.size else end
            if until > day:
                for block in range(blocks):
                    step[block] = _advance(
                        bufs[block],
                        y,
                        y1,
                        k,
                        day,
                        until,
                        step[block],
                        linear,
                        rates[block],
                        weights[block],
                        modes[block],
                        input_rate[block],
                        since[block],
                        on[block],
                        active[block],
                        alive[block],
                        ratio,
                        error,
                        tables,
                        vanishes,
                        tableau,
                        tolerance,
                        outputs,
                        next_output,
                        pod_first + block * _W,
                        steps,
                        status,
                    )
                while next_output < outputs.day.size and outputs.day[next_output] <= until:
                    next_output += 1
                day = until
            if event >= events.day.size:
                break
            kind = events.kind[event]
            index = events.index[event]
            reference = events.reference[event]
            for block in range(blocks):
                b = bufs[block]
                first = pod_first + block * _W
                if events.block[event] >= 0:
                    active[block, events.block[event]] = True
                    partner = tables[3][events.block[event]]
                    if partner >= 0:
                        active[block, partner] = True
                    step[block] = min(step[block], _FIRST_STEP)
                if kind in (LINEAR_BOLUS, LINEAR_RATE):
                    if not on[block, index]:
                        since[block, index] = day
                        on[block, index] = True
                    _settle(index, day, linear, rates[block], modes[block], input_rate[block], since[block])
                    at = linear.first[index]
                    for i in range(linear.count[index]):
                        for l in range(_W):
                            amount = events.amount[reference + i, first + l]
                            if kind == LINEAR_BOLUS:
                                modes[block, (at + i) * _W + l] += amount
                            else:
                                input_rate[block, (at + i) * _W + l] += amount
                    if kind == LINEAR_RATE:
                        _start_rates(index, linear, rates[block], modes[block], input_rate[block])
                elif kind in (STATE_BOLUS, INPUT):
                    for l in range(_W):
                        b[index * _W + l] += events.amount[reference, first + l]
                else:
                    _concentrations(b, day, linear, rates[block], weights[block], modes[block], since[block], on[block])
                    derivatives(b, active[block])
                    for i in range(_NA):
                        for l in range(_W):
                            b[(_FIRST_ARGUMENT_ROW + i) * _W + l] = events.argument[reference, i]
                    if kind == SESSION:
                        jump_session(b)
                    elif kind == GUESS:
                        jump_guess(b)
            if kind == MEETING:
                share = 1.0 - 1.0 / group_size
                for block in range(blocks):
                    for l in range(_W):
                        member = pod_first + block * _W + l
                        bufs[block, _SHARE_ROW * _W + l] = share
                        bufs[block, _PROGRESS_ROW * _W + l] = _others(
                            bufs, member, group_size, pod_first, NEW_PATTERN_ROW
                        )
                        bufs[block, _OTHERS_FELT_ROW * _W + l] = _others(
                            bufs, member, group_size, pod_first, FELT_MEMORY_ROW
                        )
                for block in range(blocks):
                    jump_meeting(bufs[block])
            event += 1
