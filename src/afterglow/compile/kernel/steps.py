"""One step of Dormand and Prince's pair of order 5(4), with its interpolant (dormand1980, hairer1993).

Every function here runs over the parts of the state vector that are at work, in a buffer `b` of lanes. The bounds of
a part are constants of the functions compiled for it, or their loops would not be vectorised.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from numba import njit

from afterglow.compile.arithmetic import FAST, INLINE
from afterglow.compile.equations import BLOCK_STATES, BLOCKS, LANES, STATES
from afterglow.compile.kernel.rows import ABSOLUTE_ROW, END_ROW, ERROR_ROW, NEAR_ROW, RATIO_ROW, STAGE_ROW, START_ROW

__all__ = ["INFINITE", "accept", "combine", "errors", "interpolate", "joined", "worst_error"]

_N = len(STATES) * LANES
_Y, _Y1 = START_ROW * LANES, END_ROW * LANES
_K0, _K1, _K2, _K3, _K4, _K5, _K6 = (STAGE_ROW * LANES + stage * _N for stage in range(7))
_RATIO, _ABSOLUTE, _NEAR, _ERROR = (row * LANES for row in (RATIO_ROW, ABSOLUTE_ROW, NEAR_ROW, ERROR_ROW))
INFINITE = 1e300
"""An error that is no number."""


def _state_count(block: int) -> int:
    lo, hi = BLOCK_STATES[block]
    return hi - lo


def _parts() -> list[tuple[int, ...]]:
    """Return the blocks of each part.

    Neighbours of one state each are one part, because a loop over a single row is not vectorised.
    """
    parts: list[tuple[int, ...]] = []
    for count, neighbours in itertools.groupby(range(len(BLOCKS)), _state_count):
        blocks = tuple(neighbours)
        parts += [blocks] if count == 1 else [(block,) for block in blocks if count > 1]
    return parts


def _over_parts(make: Callable[[int, int], Any]) -> Any:
    """Return a compiled function of ``(active, *given)`` that does ``make(lo, hi)(*given)`` for the parts at work."""
    done = None
    for blocks in _parts():
        lo, hi = BLOCK_STATES[blocks[0]][0], BLOCK_STATES[blocks[-1]][1]
        done = joined(done, blocks, make(lo * LANES, hi * LANES))
    return done


def joined(before: Any, switches: tuple[int, ...], own: Any) -> Any:
    """Return a function of ``(active, *given)`` that does `before`, and ``own(*given)`` if one switch is on."""

    @njit(**INLINE)
    def one(active: Any, *given: Any) -> None:
        works = False
        for switch in switches:
            works |= active[switch]
        if works:
            own(*given)

    if before is None:
        return one

    @njit(**INLINE)
    def both(active: Any, *given: Any) -> None:
        before(active, *given)
        one(active, *given)

    return both


def _combine(lo: int, hi: int) -> Any:
    @njit(**INLINE)
    def combine(b: Any, h: float, matrix: Any, stage: int) -> None:
        a0, a1, a2 = h * matrix[stage, 0], h * matrix[stage, 1], h * matrix[stage, 2]
        a3, a4, a5 = h * matrix[stage, 3], h * matrix[stage, 4], h * matrix[stage, 5]
        if stage == 1:
            for i in range(lo, hi):
                b[i] = b[_Y + i] + a0 * b[_K0 + i]
        elif stage == 2:
            for i in range(lo, hi):
                new = b[_N + i]
                b[_K1 + i] = new
                b[i] = b[_Y + i] + a0 * b[_K0 + i] + a1 * new
        elif stage == 3:
            for i in range(lo, hi):
                new = b[_N + i]
                b[_K2 + i] = new
                b[i] = b[_Y + i] + a0 * b[_K0 + i] + a1 * b[_K1 + i] + a2 * new
        elif stage == 4:
            for i in range(lo, hi):
                new = b[_N + i]
                b[_K3 + i] = new
                b[i] = b[_Y + i] + a0 * b[_K0 + i] + a1 * b[_K1 + i] + a2 * b[_K2 + i] + a3 * new
        elif stage == 5:
            for i in range(lo, hi):
                new = b[_N + i]
                b[_K4 + i] = new
                b[i] = b[_Y + i] + a0 * b[_K0 + i] + a1 * b[_K1 + i] + a2 * b[_K2 + i] + a3 * b[_K3 + i] + a4 * new
        else:
            for i in range(lo, hi):
                new = b[_N + i]
                b[_K5 + i] = new
                b[i] = b[_Y + i] + a0 * b[_K0 + i] + a2 * b[_K2 + i] + a3 * b[_K3 + i] + a4 * b[_K4 + i] + a5 * new

    return combine


def _errors(lo: int, hi: int) -> Any:
    @njit(**INLINE)
    def errors(b: Any, h: float, weights: Any, relative: float) -> None:
        c0, c2, c3 = h * weights[0], h * weights[2], h * weights[3]
        c4, c5, c6 = h * weights[4], h * weights[5], h * weights[6]
        for i in range(lo, hi):
            new = b[_N + i]
            b[_K6 + i] = new
            b[_Y1 + i] = b[i]
            e = c0 * b[_K0 + i] + c2 * b[_K2 + i] + c3 * b[_K3 + i]
            e += c4 * b[_K4 + i] + c5 * b[_K5 + i] + c6 * new
            before, after = abs(b[_Y + i]), abs(b[i])
            size = before if before > after else after
            over = abs(e) / (b[_ABSOLUTE + i] + relative * size)
            b[_RATIO + i] = over if over < INFINITE else INFINITE  # NaN counts as infinite
        rows = (hi - lo) // LANES
        while rows > 1:  # the upper half is folded onto the lower half until one row is left
            kept = (rows + 1) // 2
            for i in range(_RATIO + lo, _RATIO + lo + (rows - kept) * LANES):
                upper = b[i + kept * LANES]
                b[i] = b[i] if b[i] > upper else upper
            rows = kept
        for lane in range(LANES):
            if b[_RATIO + lo + lane] > b[_ERROR + lane]:
                b[_ERROR + lane] = b[_RATIO + lo + lane]

    return errors


def _interpolate(lo: int, hi: int) -> Any:
    @njit(**INLINE)
    def interpolate(b: Any, h: float, weights: Any, theta: float) -> None:
        back = 1.0 - theta
        for i in range(lo, hi):
            rise = b[_Y1 + i] - b[_Y + i]
            bend = h * b[_K0 + i] - rise
            third = rise - h * b[_K6 + i] - bend
            fourth = weights[0] * b[_K0 + i] + weights[2] * b[_K2 + i] + weights[3] * b[_K3 + i]
            fourth += weights[4] * b[_K4 + i] + weights[5] * b[_K5 + i] + weights[6] * b[_K6 + i]
            b[i] = b[_Y + i] + theta * (rise + back * (bend + theta * (third + back * h * fourth)))

    return interpolate


def _accept(lo: int, hi: int) -> Any:
    @njit(**INLINE)
    def accept(b: Any) -> None:
        for i in range(lo, hi):
            size, before = abs(b[_Y1 + i]), abs(b[_Y + i])
            limit = 1e-6 * b[_NEAR + i]
            limit = limit if limit > before else before
            keep = 0.0 if size < b[_NEAR + i] and size < limit else 1.0
            value = keep * b[_Y1 + i]
            b[_K0 + i] = keep * b[_K6 + i]
            b[_Y + i] = value
            b[i] = value

    return accept


combine = _over_parts(_combine)
"""``(active, b, h, matrix, stage)``: keep the derivatives of the stage before, and set the states to those of `stage`,
the start plus ``h * sum(matrix[stage, i] * derivatives of stage i)``."""

interpolate = _over_parts(_interpolate)
"""``(active, b, h, weights, theta)``: set the states to the interpolant at the fraction `theta` of the step."""

accept = _over_parts(_accept)
"""``(active, b)``: move on to the end of the step.

States that rest at zero, fall, and are nearer to it than `NEAR_ROW` says are set to it. So are those within a
millionth of that: a fast state that only follows a vanished drive would hold the steps short."""

_raise_errors = _over_parts(_errors)


@njit(**FAST)
def errors(active: Any, b: Any, h: float, weights: Any, relative: float) -> None:
    """Keep the end of the step, and leave each lane's largest error over the tolerance in its row of the buffer."""
    for lane in range(LANES):
        b[_ERROR + lane] = 0.0
    _raise_errors(active, b, h, weights, relative)


@njit(**FAST)
def worst_error(alive: Any, b: Any) -> float:
    """Return the largest error over the tolerance in the lanes that are alive."""
    worst = 0.0
    for lane in range(LANES):
        if alive[lane] and b[_ERROR + lane] > worst:
            worst = b[_ERROR + lane]
    return worst
