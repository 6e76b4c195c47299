"""States that follow the others at a rate of their own, in steps that are long beside the time that this takes.

Such a state y obeys ``y' = r (g - y)``: the others set g, and the rate r is a parameter. The explicit pair cannot take
steps beyond 3.3 / r, however slowly y moves. So in a step h with ``h r > 1`` the decay is taken exactly, and only
what drives y is approximated (exponential time differencing: cox2002). With the drive ``d = y' + r (y - start)``, which
does not depend on y, y moves from the start of the step by the integral of ``exp(-r (t - s)) d(s)`` over s. d is

- up to a stage, the parabola through the drives at the start and at the two stages before (up to the first stage, y
  moves along its tangent, which is right for a state that has caught up);
- up to the end and anywhere within the step, the derivative of the pair's interpolant, made of drives in place of
  derivatives. So the end and the values within the step are those of the pair when ``h r`` falls to zero.

At the stages, the others are less accurate than at the end. The interpolant is made so that this cancels; a polynomial
through the drives of the stages is off by it. The difference at the end between the interpolant and the polynomial
through five stages is therefore an error that is seen. It counts twice, because the end that is kept is not the better
one, and the pair's own estimate, made of drives, counts beside it: the larger of the two holds.

Where the lanes of a set have different rates, all is left to the pair.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from afterglow.compile.arithmetic import FAST, INLINE, exponential
from afterglow.compile.equations import BLOCKS, LANES, STATE_BLOCK, STATES
from afterglow.compile.exposure import RELAXING
from afterglow.compile.kernel.rows import (
    ABSOLUTE_ROW,
    END_ROW,
    ERROR_ROW,
    PARAMETER_ROW,
    RELAX_ROW,
    RELAX_SIZE,
    STAGE_ROW,
    START_ROW,
)
from afterglow.compile.kernel.steps import INFINITE, joined
from afterglow.compile.kernel.tableau import COLUMNS, PARABOLA, QUARTIC, SLOPE, TABLEAU

__all__ = ["agree", "drive", "finish", "follow", "leave", "weigh", "within"]

_LONG = 1.0  # a step times the rate, above which it is long
_COUNTS = 2.0  # how often the difference at the end counts

_N = len(STATES) * LANES
_Y, _Y1, _K = START_ROW * LANES, END_ROW * LANES, STAGE_ROW * LANES
_K2, _K3, _K4, _K5, _K6 = (_K + stage * _N for stage in range(2, 7))
_ABSOLUTE, _ERROR = ABSOLUTE_ROW * LANES, ERROR_ROW * LANES

_RELAXES = len(BLOCKS)  # from here on, the switches say which states relax
_BLOCK = np.array([STATE_BLOCK[STATES.index(name)] for name in RELAXING])
_RATES = np.array([PARAMETER_ROW[rate] * LANES for rate in RELAXING.values()])
_OWN = RELAX_ROW * LANES + RELAX_SIZE * np.arange(len(RELAXING))
_RATE, _MOMENT, _WEIGHT, _OTHER, _CURVE = (COLUMNS * k for k in (0, 1, 6, 9, 10))  # what is kept from `_OWN` on
_LAST = _MOMENT + 6  # at the node of the end
_NODES = np.append(TABLEAU.nodes, 1.0)


@njit(**FAST)
def agree(b: Any) -> None:
    """Keep each state's rate per day, or 0 where the lanes do not share it."""
    for k in range(len(_OWN)):
        rate = b[_RATES[k]]
        for lane in range(1, LANES):
            rate = rate if b[_RATES[k] + lane] == rate else 0.0
        b[_OWN[k] + _RATE] = rate


@njit(**FAST)
def weigh(active: Any, b: Any, h: float) -> bool:
    """Switch on the states that relax in a step of `h`, and weigh their drives; return whether there are any."""
    found = False
    for k in range(len(_OWN)):
        z = h * b[_OWN[k] + _RATE]
        relaxes = active[_BLOCK[k]] and _LONG < z < np.inf
        active[_RELAXES + k] = relaxes
        if relaxes:
            found = True
            _weigh(b[_OWN[k] : _OWN[k] + RELAX_SIZE], z)
    return found


@njit(**FAST)
def _weigh(own: Any, z: float) -> None:
    """Set what each drive counts up to each stage, and up to the end by the polynomial through five stages.

    The moment m of a node c is the integral of ``exp(-z (c - x)) x**m`` over x from 0 to c; each follows from the one
    before.
    """
    per = 1.0 / z
    for s in range(COLUMNS):
        c = _NODES[s]
        m0 = (1.0 - exponential(-z * c)) * per
        m1 = (c - m0) * per
        m2 = (c * c - 2.0 * m1) * per
        m3 = (c * c * c - 3.0 * m2) * per
        own[_MOMENT + s] = m0
        own[_MOMENT + COLUMNS + s] = m1
        own[_MOMENT + 2 * COLUMNS + s] = m2
        own[_MOMENT + 3 * COLUMNS + s] = m3
        own[_MOMENT + 4 * COLUMNS + s] = (c * c * c * c - 4.0 * m3) * per
        own[_WEIGHT + s] = m0 * PARABOLA[0, 0, s] + m1 * PARABOLA[0, 1, s] + m2 * PARABOLA[0, 2, s]
        own[_WEIGHT + COLUMNS + s] = m0 * PARABOLA[1, 0, s] + m1 * PARABOLA[1, 1, s] + m2 * PARABOLA[1, 2, s]
        own[_WEIGHT + 2 * COLUMNS + s] = m0 * PARABOLA[2, 0, s] + m1 * PARABOLA[2, 1, s] + m2 * PARABOLA[2, 2, s]
    m0, m1, m2 = own[_LAST], own[_LAST + COLUMNS], own[_LAST + 2 * COLUMNS]
    m3, m4 = own[_LAST + 3 * COLUMNS], own[_LAST + 4 * COLUMNS]
    for j in range(COLUMNS):
        low = m0 * QUARTIC[0, j] + m1 * QUARTIC[1, j] + m2 * QUARTIC[2, j]
        own[_OTHER + j] = low + m3 * QUARTIC[3, j] + m4 * QUARTIC[4, j]


def _over_relaxing(make: Callable[[int, int], Any]) -> Any:
    """Return a compiled function of ``(active, *given)`` that does ``make(lo, own)(*given)`` for those that relax.

    The state's lanes begin at `lo` of the buffer, and what is kept for it at `own`.
    """
    done = None
    for k, name in enumerate(RELAXING):
        done = joined(done, (_RELAXES + k,), make(STATES.index(name) * LANES, int(_OWN[k])))
    return done


def _drive(lo: int, own: int) -> Any:
    @njit(**INLINE)
    def drive(b: Any) -> None:
        for i in range(lo, lo + LANES):
            b[_N + i] += b[own + _RATE] * (b[i] - b[_Y + i])

    return drive


def _follow(lo: int, own: int) -> Any:
    @njit(**INLINE)
    def follow(b: Any, h: float, stage: int) -> None:
        at = own + _WEIGHT + stage
        a0, a1, a2 = h * b[at], h * b[at + COLUMNS], h * b[at + 2 * COLUMNS]
        before, last = _K + (stage - 2) * _N, _K + (stage - 1) * _N
        for i in range(lo, lo + LANES):
            b[i] = b[_Y + i] + a0 * b[_K + i] + a1 * b[before + i] + a2 * b[last + i]

    return follow


def _finish(lo: int, own: int) -> Any:
    @njit(**INLINE)
    def finish(b: Any, h: float, relative: float) -> None:
        z = h * b[own + _RATE]
        per, left = 1.0 / z, exponential(-z)
        other, curve = own + _OTHER, own + _CURVE
        o0, o2, o3, o4, o5 = b[other], b[other + 2], b[other + 3], b[other + 4], b[other + 5]
        for lane in range(LANES):
            i = lo + lane
            d0, d2, d3, d4, d5, d6 = b[_K + i], b[_K2 + i], b[_K3 + i], b[_K4 + i], b[_K5 + i], b[_K6 + i]
            p1 = SLOPE[1, 0] * d0 + SLOPE[1, 2] * d2 + SLOPE[1, 3] * d3
            p1 += SLOPE[1, 4] * d4 + SLOPE[1, 5] * d5 + SLOPE[1, 6] * d6
            p2 = SLOPE[2, 0] * d0 + SLOPE[2, 2] * d2 + SLOPE[2, 3] * d3
            p2 += SLOPE[2, 4] * d4 + SLOPE[2, 5] * d5 + SLOPE[2, 6] * d6
            p3 = SLOPE[3, 0] * d0 + SLOPE[3, 2] * d2 + SLOPE[3, 3] * d3
            p3 += SLOPE[3, 4] * d4 + SLOPE[3, 5] * d5 + SLOPE[3, 6] * d6
            q3 = h * p3 * per
            q2 = (h * p2 - 3.0 * q3) * per
            q1 = (h * p1 - 2.0 * q2) * per
            q0 = (h * d0 - q1) * per
            b[curve + lane] = q0
            b[curve + LANES + lane] = q1
            b[curve + 2 * LANES + lane] = q2
            b[curve + 3 * LANES + lane] = q3
            end = b[_Y + i] + (1.0 - left) * q0 + q1 + q2 + q3
            others = o0 * d0 + o2 * d2 + o3 * d3 + o4 * d4 + o5 * d5
            before, after = abs(b[_Y + i]), abs(end)
            size = before if before > after else after
            over = _COUNTS * abs(b[_Y + i] + h * others - end) / (b[_ABSOLUTE + i] + relative * size)
            over = over if over < INFINITE else INFINITE  # NaN counts as infinite
            b[_ERROR + lane] = over if over > b[_ERROR + lane] else b[_ERROR + lane]
            b[_Y1 + i] = end

    return finish


def _within(lo: int, own: int) -> Any:
    @njit(**INLINE)
    def within(b: Any, h: float, theta: float) -> None:
        gone = 1.0 - exponential(-h * b[own + _RATE] * theta)
        curve = own + _CURVE
        for lane in range(LANES):
            q0, q1, q2 = b[curve + lane], b[curve + LANES + lane], b[curve + 2 * LANES + lane]
            moved = gone * q0 + theta * (q1 + theta * (q2 + theta * b[curve + 3 * LANES + lane]))
            b[lo + lane] = b[_Y + lo + lane] + moved

    return within


def _leave(lo: int, own: int) -> Any:
    @njit(**INLINE)
    def leave(b: Any) -> None:
        for i in range(lo, lo + LANES):
            b[_K6 + i] -= b[own + _RATE] * (b[_Y1 + i] - b[_Y + i])

    return leave


drive = _over_relaxing(_drive)
"""``(active, b)``: turn the derivative at a stage into the drive there."""

follow = _over_relaxing(_follow)
"""``(active, b, h, stage)``: set the state at `stage`, from the second on, from the drives before."""

finish = _over_relaxing(_finish)
"""``(active, b, h, relative)``: set the end of the step, and raise the error of each lane to its own.

The state within the step is a cubic in the fraction of it, and a decay of the cubic's value at the start; the cubic's
coefficients are kept. The others' derivatives at the end stay those beside the end that was foretold: what they differ
by is part of the error."""

within = _over_relaxing(_within)
"""``(active, b, h, theta)``: set the state at the fraction `theta` of the step."""

leave = _over_relaxing(_leave)
"""``(active, b)``: turn the drive at the end back into the derivative, with which the next step begins."""
