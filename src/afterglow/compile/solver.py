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
    BLOCKS,
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
# Where the states of parts that rest between doses lie. Constants, or the loops over them are not vectorised.
_CORE = BLOCK_STATES[-1][1] * LANES  # the core's states come first
_PSILOCYBIN, _MDMA = (BLOCKS.index(name) for name in ("psilocybin", "mdma"))
_P0, _P1 = (edge * LANES for edge in BLOCK_STATES[_PSILOCYBIN])
_M0, _M1 = (edge * LANES for edge in BLOCK_STATES[_MDMA])
_W0, _W1 = _M1, len(STATES) * LANES  # windows
if (_CORE, _P1) != (_P0, _M0) or any(
    BLOCK_STATES[k][1] * LANES > _M1 for k, n in enumerate(BLOCKS[:-1]) if "window" not in n
):
    raise ImportError("the solver expects the states of the core, psilocybin, MDMA and the windows, in that order")
_SMALLEST_STEP = 1e-9  # days
_INFINITE = 1e300
_CLEARED = 1e-6  # ng/mL: below it a drug is gone
_REST_EVERY = 8  # steps between looks for blocks at rest
_FIRST_STEP = 0.005  # days, after an event that brings drug
_FADED = -30.0  # exponent below which an exponential is gone
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
    """What is kept: T days in order, S buffer rows, values (S, T, N)."""

    day: Any
    row: Any
    value: Any


class Tolerance(NamedTuple):
    """Error allowed per step: absolute by state and lane, (states * LANES,), relative, and the most steps."""

    absolute: Any
    relative: float
    max_steps: int


@njit(**FAST)
def _concentrations(b: Any, day: float, linear: Any, rate: Any, weight: Any, modes: Any, since: Any, live: Any) -> None:
    """Write the concentrations of all linear medicines at `day` into their buffer rows.

    `modes` holds four groups of rows: amplitude, offset, and two of scratch. Slices, because an index that might be
    negative keeps a loop from being vectorised.
    """
    total = rate.size
    for k in range(linear.first.size):
        if live[k] == 0:
            continue
        elapsed = day - since[k]
        lo = linear.first[k] * _W
        size = live[k] * _W
        own_rate, amplitude = rate[lo : lo + size], modes[lo : lo + size]
        offset = modes[total + lo : total + lo + size]
        value = modes[2 * total + lo : 2 * total + lo + size]
        part = modes[3 * total + lo : 3 * total + lo + size]
        for i in range(size):
            value[i] = amplitude[i] * exponential(own_rate[i] * elapsed) + offset[i]
        for j in range(linear.output_medicine.size):
            if linear.output_medicine[j] != k:
                continue
            own_weight = weight[linear.weight_row[j] * _W : linear.weight_row[j] * _W + size]
            for i in range(size):
                part[i] = own_weight[i] * value[i]
            rows = live[k]
            while rows > 1:  # the upper half is added to the lower half until one row is left
                kept = (rows + 1) // 2
                upper = part[kept * _W : rows * _W]
                for i in range(upper.size):
                    part[i] += upper[i]
                rows = kept
            level = b[linear.target_row[j] * _W : (linear.target_row[j] + 1) * _W]
            for l in range(_W):
                level[l] = part[l]


@njit(**FAST)
def _settle(k: int, day: float, linear: Any, rate: Any, modes: Any, input_rate: Any, since: Any, live: Any) -> None:
    """Restart medicine `k`'s exponentials at `day` from their values then."""
    total = rate.size
    elapsed = day - since[k]
    for i in range(linear.first[k] * _W, (linear.first[k] + linear.count[k]) * _W):
        value = modes[i] * exponential(rate[i] * elapsed) + modes[total + i]
        offset = -input_rate[i] / rate[i]
        modes[i] = value - offset
        modes[total + i] = offset
    since[k] = day
    live[k] = linear.count[k]


@njit(**FAST)
def _start_rates(k: int, linear: Any, rate: Any, modes: Any, input_rate: Any) -> None:
    """Give medicine `k`'s exponentials the new input rate without a jump."""
    total = rate.size
    for i in range(linear.first[k] * _W, (linear.first[k] + linear.count[k]) * _W):
        offset = -input_rate[i] / rate[i]
        modes[i] += modes[total + i] - offset
        modes[total + i] = offset


@njit(**FAST)
def _fade(k: int, day: float, b: Any, linear: Any, rate: Any, modes: Any, since: Any, live: Any) -> None:
    """Drop medicine `k`'s fastest exponentials once they are gone, and all of them once it is."""
    lo, hi = linear.first[k] * _W, (linear.first[k] + linear.count[k]) * _W
    total = rate.size
    if (modes[total + lo : total + hi] != 0.0).any():
        return
    level = 0.0
    for j in range(linear.output_medicine.size):
        if linear.output_medicine[j] == k:
            for l in range(_W):
                level = max(level, abs(b[linear.target_row[j] * _W + l]))
    if level < _CLEARED:
        live[k] = 0
        for j in range(linear.output_medicine.size):
            if linear.output_medicine[j] == k:
                b[linear.target_row[j] * _W : (linear.target_row[j] + 1) * _W] = 0.0
    while live[k] > 0:
        last = lo + (live[k] - 1) * _W
        if rate[last : last + _W].max() * (day - since[k]) > _FADED:
            break
        live[k] -= 1
    modes[lo + live[k] * _W : hi] = 0.0


@njit(**FAST)
def _rest(b: Any, k0: Any, linear: Any, live: Any, active: Any, tables: Any) -> None:
    """Switch off blocks that are at rest."""
    state_block, quantity_row, quantity_block, partner = tables
    for block in range(active.size - 1):
        if not active[block]:
            continue
        busy = False
        for k in range(live.size):
            if live[k] > 0 and linear.block[k] == block:
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


@njit(**FAST)
def _working(active: Any) -> tuple[bool, bool, bool]:
    """Return whether psilocybin's states, MDMA's and any window's are not at rest."""
    windows = False
    for block in range(active.size - 1):
        if active[block] and block != _PSILOCYBIN and block != _MDMA:
            windows = True
    return active[_PSILOCYBIN], active[_MDMA], windows


@njit(inline="always", **FAST)
def _combine_rows(b: Any, y: Any, k: Any, h: float, c: Any, stage: int, lo: int, hi: int) -> None:
    """Keep the derivatives of the stage before `stage`, and set the states to ``y + h * sum(c[i] * k[i])``."""
    n = _NS * _W
    a0, a1, a2, a3, a4, a5 = h * c[0], h * c[1], h * c[2], h * c[3], h * c[4], h * c[5]
    if stage == 1:
        for i in range(lo, hi):
            b[i] = y[i] + a0 * k[i]
    elif stage == 2:
        for i in range(lo, hi):
            new = b[n + i]
            k[n + i] = new
            b[i] = y[i] + a0 * k[i] + a1 * new
    elif stage == 3:
        for i in range(lo, hi):
            new = b[n + i]
            k[2 * n + i] = new
            b[i] = y[i] + a0 * k[i] + a1 * k[n + i] + a2 * new
    elif stage == 4:
        for i in range(lo, hi):
            new = b[n + i]
            k[3 * n + i] = new
            b[i] = y[i] + a0 * k[i] + a1 * k[n + i] + a2 * k[2 * n + i] + a3 * new
    elif stage == 5:
        for i in range(lo, hi):
            new = b[n + i]
            k[4 * n + i] = new
            b[i] = y[i] + a0 * k[i] + a1 * k[n + i] + a2 * k[2 * n + i] + a3 * k[3 * n + i] + a4 * new
    else:
        for i in range(lo, hi):
            new = b[n + i]
            k[5 * n + i] = new
            b[i] = y[i] + a0 * k[i] + a2 * k[2 * n + i] + a3 * k[3 * n + i] + a4 * k[4 * n + i] + a5 * new


@njit(**FAST)
def _combine(b: Any, y: Any, k: Any, h: float, c: Any, stage: int, working: Any) -> None:
    """Keep the derivatives of the stage before, and set the states to those of `stage`."""
    _combine_rows(b, y, k, h, c, stage, 0, _CORE)
    if working[0]:
        _combine_rows(b, y, k, h, c, stage, _P0, _P1)
    if working[1]:
        _combine_rows(b, y, k, h, c, stage, _M0, _M1)
    if working[2]:
        _combine_rows(b, y, k, h, c, stage, _W0, _W1)


@njit(inline="always", **FAST)
def _errors_rows(
    b: Any, y: Any, y1: Any, k: Any, h: float, c: Any, tolerance: Any, ratio: Any, error: Any, lo: int, hi: int
) -> None:
    """Keep the end of the step, and raise `error` to each lane's largest error over the tolerance."""
    n = _NS * _W
    c0, c2, c3, c4, c5, c6 = h * c[0], h * c[2], h * c[3], h * c[4], h * c[5], h * c[6]
    for i in range(lo, hi):
        new = b[n + i]
        k[6 * n + i] = new
        y1[i] = b[i]
        e = c0 * k[i] + c2 * k[2 * n + i] + c3 * k[3 * n + i]
        e += c4 * k[4 * n + i] + c5 * k[5 * n + i] + c6 * new
        before, after = abs(y[i]), abs(b[i])
        size = before if before > after else after
        over = abs(e) / (tolerance.absolute[i] + tolerance.relative * size)
        ratio[i] = over if over < _INFINITE else _INFINITE  # NaN counts as infinite
    rows = (hi - lo) // _W
    while rows > 1:  # the upper half is folded onto the lower half until one row is left
        kept = (rows + 1) // 2
        own, upper = ratio[lo : lo + kept * _W], ratio[lo + kept * _W : lo + rows * _W]
        for i in range(upper.size):
            own[i] = own[i] if own[i] > upper[i] else upper[i]
        rows = kept
    for l in range(_W):
        if ratio[lo + l] > error[l]:
            error[l] = ratio[lo + l]


@njit(**FAST)
def _errors(
    b: Any, y: Any, y1: Any, k: Any, h: float, c: Any, tolerance: Any, ratio: Any, error: Any, working: Any
) -> None:
    """Keep the end of the step, and set `error` to each lane's largest error over the tolerance."""
    error[:] = 0.0
    _errors_rows(b, y, y1, k, h, c, tolerance, ratio, error, 0, _CORE)
    if working[0]:
        _errors_rows(b, y, y1, k, h, c, tolerance, ratio, error, _P0, _P1)
    if working[1]:
        _errors_rows(b, y, y1, k, h, c, tolerance, ratio, error, _M0, _M1)
    if working[2]:
        _errors_rows(b, y, y1, k, h, c, tolerance, ratio, error, _W0, _W1)


@njit(**FAST)
def _write(b: Any, outputs: Any, at: int, first: int, alive: Any) -> None:
    """Copy the kept rows of the buffer to output time `at` for the lanes of this block."""
    for j in range(outputs.row.size):
        row = outputs.row[j] * _W
        for l in range(_W):
            if alive[l]:
                outputs.value[j, at, first + l] = b[row + l]


@njit(inline="always", **FAST)
def _interpolate_rows(b: Any, y: Any, y1: Any, k: Any, h: float, theta: float, d: Any, lo: int, hi: int) -> None:
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


@njit(**FAST)
def _interpolate(b: Any, y: Any, y1: Any, k: Any, h: float, theta: float, d: Any, working: Any) -> None:
    """Set the buffer's states to the interpolant at the fraction `theta` of the step from `y` to `y1`."""
    _interpolate_rows(b, y, y1, k, h, theta, d, 0, _CORE)
    if working[0]:
        _interpolate_rows(b, y, y1, k, h, theta, d, _P0, _P1)
    if working[1]:
        _interpolate_rows(b, y, y1, k, h, theta, d, _M0, _M1)
    if working[2]:
        _interpolate_rows(b, y, y1, k, h, theta, d, _W0, _W1)


@njit(inline="always", **FAST)
def _accept_rows(b: Any, y: Any, y1: Any, k: Any, near: Any, lo: int, hi: int) -> None:
    """Move on to the end of a step. States that rest at zero and lie closer to it than `near` are set to it.

    So are those within a millionth of that: a fast state that only follows a vanished drive would hold the steps
    short.
    """
    n = _NS * _W
    for i in range(lo, hi):
        size, before = abs(y1[i]), abs(y[i])
        limit = 1e-6 * near[i]
        limit = limit if limit > before else before
        keep = 0.0 if size < near[i] and size < limit else 1.0
        value = keep * y1[i]
        k[i] = keep * k[6 * n + i]
        y[i] = value
        b[i] = value


@njit(**FAST)
def _accept(b: Any, y: Any, y1: Any, k: Any, near: Any, working: Any) -> None:
    """Move the parts that work on to the end of a step."""
    _accept_rows(b, y, y1, k, near, 0, _CORE)
    if working[0]:
        _accept_rows(b, y, y1, k, near, _P0, _P1)
    if working[1]:
        _accept_rows(b, y, y1, k, near, _M0, _M1)
    if working[2]:
        _accept_rows(b, y, y1, k, near, _W0, _W1)


@njit(**FAST)
def _advance(
    b: Any,
    work: Any,
    begin: float,
    end: float,
    h: float,
    linear: Any,
    rate: Any,
    weight: Any,
    modes: Any,
    since: Any,
    live: Any,
    active: Any,
    alive: Any,
    tables: Any,
    near: Any,
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
    y, y1, k, ratio, error = work
    n = _NS * _W
    working = _working(active)
    day = begin
    _concentrations(b, day, linear, rate, weight, modes, since, live)
    derivatives(b, active)
    for i in range(n):
        y[i] = b[i]
        k[i] = b[n + i]
    taken = 0
    failed = False
    while day < end:
        last = day + h * 1.000001 >= end
        step = end - day if last else h
        for stage in range(1, 7):
            _combine(b, y, k, step, matrix[stage], stage, working)
            if stage < 6:
                _concentrations(b, day + nodes[stage] * step, linear, rate, weight, modes, since, live)
            derivatives(b, active)
        _errors(b, y, y1, k, step, error_weights, tolerance, ratio, error, working)
        worst = 0.0
        worst_lane = 0
        for l in range(_W):
            if alive[l] and error[l] > worst:
                worst = error[l]
                worst_lane = l
        taken += 1
        if worst > 1.0:
            failed = True
            h = step * max(0.1, 0.9 * worst**-0.2)
            if h < _SMALLEST_STEP or taken > tolerance.max_steps:
                for l in range(_W):
                    if alive[l] and (error[l] > 1.0 if h < _SMALLEST_STEP else l == worst_lane):
                        alive[l] = False
                        status[first + l] = FAILED_SMALL_STEP if h < _SMALLEST_STEP else FAILED_TOO_MANY_STEPS
                        outputs.value[:, :, first + l] = np.nan
                taken = 0
                h = 1e-3
            continue
        arrived = end if last else day + step
        wrote = False
        while next_output < outputs.day.size and outputs.day[next_output] <= arrived:
            theta = (outputs.day[next_output] - day) / step
            _interpolate(b, y, y1, k, step, theta, dense, working)
            _concentrations(b, outputs.day[next_output], linear, rate, weight, modes, since, live)
            derivatives(b, active)
            _write(b, outputs, next_output, first, alive)
            next_output += 1
            wrote = True
        if wrote:
            _concentrations(b, arrived, linear, rate, weight, modes, since, live)
        _accept(b, y, y1, k, near, working)
        day = arrived
        grow = 5.0 if worst < 1e-8 else min(5.0, max(0.3, 0.9 * worst**-0.2))
        if failed:
            grow = min(grow, 1.0)
            failed = False
        h = max(h, step * grow) if last and grow >= 1.0 else step * grow
        if taken % _REST_EVERY == 0 and active[:-1].any():
            for m in range(live.size):
                if live[m] > 0:
                    _fade(m, day, b, linear, rate, modes, since, live)
            _rest(b, k, linear, live, active, tables)
            working = _working(active)
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
    near: Any,
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
    near : array (states * LANES,)
        By state and lane: how near to zero a state that falls is taken to be there.
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
    modes = np.zeros((blocks, 4 * n_modes * _W))
    input_rate = np.zeros((blocks, n_modes * _W))
    since = np.zeros((blocks, n_linear))
    live = np.zeros((blocks, n_linear), np.int64)
    active = np.zeros((blocks, n_blocks), np.bool_)
    alive = np.ones((blocks, _W), np.bool_)
    step = np.zeros(blocks)
    n = _NS * _W
    work = np.zeros(n), np.zeros(n), np.zeros(7 * n), np.zeros(n), np.zeros(_W)
    for pod_first in range(lo, hi, pod):
        bufs[:] = 0.0
        modes[:] = 0.0
        input_rate[:] = 0.0
        since[:] = begin
        live[:] = 0
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
                        work,
                        day,
                        until,
                        step[block],
                        linear,
                        rates[block],
                        weights[block],
                        modes[block],
                        since[block],
                        live[block],
                        active[block],
                        alive[block],
                        tables,
                        near,
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
                    _settle(
                        index, day, linear, rates[block], modes[block], input_rate[block], since[block], live[block]
                    )
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
                    _concentrations(
                        b, day, linear, rates[block], weights[block], modes[block], since[block], live[block]
                    )
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
