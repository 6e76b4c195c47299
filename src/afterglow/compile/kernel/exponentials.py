"""Linear medicines while the solver runs: each is a sum of exponentials that is evaluated, not integrated.

A medicine's exponentials, the slowest first, are rows of `LANES` numbers. An exponential is
``amplitude * exp(rate * (day - since)) + offset``; the offset is what an infusion keeps up.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit

from afterglow.compile.arithmetic import FAST, INLINE, exponential
from afterglow.compile.equations import LANES
from afterglow.compile.kernel.lanes import Lanes

__all__ = ["RATE", "Linear", "add_amounts", "add_rates", "concentrations", "fade"]

RATE, _AMPLITUDE, _OFFSET, _INPUT, _VALUE, _PART = range(6)
_CLEARED = 1e-6  # ng/mL: below it a drug is gone
_FADED = -30.0  # exponent below which an exponential is gone


class Linear(NamedTuple):
    """Which exponentials make up the linear medicines of an arm; K medicines, J concentrations.

    Concentration j is the sum over its medicine's modes of ``weight[weight_row[j] + i] * mode i``.

    Parameters
    ----------
    first : array (K + 1,)
        Medicine k has the modes ``first[k]`` to ``first[k + 1]``,
    output : array (K + 1,)
        and the concentrations ``output[k]`` to ``output[k + 1]``.
    block : array (K,)
        Its block of the model.
    weight_row, target_row : array (J,)
        First row of a concentration's weights, and the buffer row that it is written to.
    """

    first: Any
    output: Any
    block: Any
    weight_row: Any
    target_row: Any


@njit(**INLINE)
def concentrations(lanes: Lanes, linear: Linear, day: float) -> None:
    """Write the concentrations of all linear medicines at `day` into their buffer rows."""
    for k in range(lanes.live.size):
        if lanes.live[k] > 0:
            _concentrations_of(k, lanes.buffer, lanes.modes, lanes.weight, lanes.live[k], day - lanes.since[k], linear)


@njit(**FAST)
def _concentrations_of(k: int, b: Any, modes: Any, weights: Any, live: int, elapsed: float, linear: Linear) -> None:
    """Write medicine `k`'s. Slices, because an index that might be negative keeps a loop from being vectorised."""
    lo = linear.first[k] * LANES
    size = live * LANES
    rate, amplitude, offset = (
        modes[RATE, lo : lo + size],
        modes[_AMPLITUDE, lo : lo + size],
        modes[_OFFSET, lo : lo + size],
    )
    value, part = modes[_VALUE, lo : lo + size], modes[_PART, lo : lo + size]
    for i in range(size):
        value[i] = amplitude[i] * exponential(rate[i] * elapsed) + offset[i]
    for j in range(linear.output[k], linear.output[k + 1]):
        weight = weights[linear.weight_row[j] * LANES : linear.weight_row[j] * LANES + size]
        for i in range(size):
            part[i] = weight[i] * value[i]
        rows = live
        while rows > 1:  # the upper half is added to the lower half until one row is left
            kept = (rows + 1) // 2
            upper = part[kept * LANES : rows * LANES]
            for i in range(upper.size):
                part[i] += upper[i]
            rows = kept
        level = b[linear.target_row[j] * LANES : (linear.target_row[j] + 1) * LANES]
        for lane in range(LANES):
            level[lane] = part[lane]


@njit(**FAST)
def add_amounts(lanes: Lanes, linear: Linear, k: int, day: float, amount: Any, first: int) -> None:
    """Put drug into medicine `k` at once: `amount` (modes, people) by mode, from person `first`."""
    _settle(lanes, linear, k, day)
    lo = linear.first[k]
    for i in range(linear.first[k + 1] - lo):
        for lane in range(LANES):
            lanes.modes[_AMPLITUDE, (lo + i) * LANES + lane] += amount[i, first + lane]


@njit(**FAST)
def add_rates(lanes: Lanes, linear: Linear, k: int, day: float, amount: Any, first: int) -> None:
    """Change the rate at which drug runs into medicine `k`, by mode and per day, without a jump of its amount."""
    _settle(lanes, linear, k, day)
    modes = lanes.modes
    lo, hi = linear.first[k], linear.first[k + 1]
    for i in range(hi - lo):
        for lane in range(LANES):
            modes[_INPUT, (lo + i) * LANES + lane] += amount[i, first + lane]
    for i in range(lo * LANES, hi * LANES):
        offset = -modes[_INPUT, i] / modes[RATE, i]
        modes[_AMPLITUDE, i] += modes[_OFFSET, i] - offset
        modes[_OFFSET, i] = offset


@njit(**FAST)
def _settle(lanes: Lanes, linear: Linear, k: int, day: float) -> None:
    """Count medicine `k`'s exponentials from `day`, from their values then."""
    modes = lanes.modes
    elapsed = day - lanes.since[k]
    for i in range(linear.first[k] * LANES, linear.first[k + 1] * LANES):
        value = modes[_AMPLITUDE, i] * exponential(modes[RATE, i] * elapsed) + modes[_OFFSET, i]
        offset = -modes[_INPUT, i] / modes[RATE, i]
        modes[_AMPLITUDE, i] = value - offset
        modes[_OFFSET, i] = offset
    lanes.since[k] = day
    lanes.live[k] = linear.first[k + 1] - linear.first[k]


@njit(**INLINE)
def fade(lanes: Lanes, linear: Linear, day: float) -> None:
    """Drop every medicine's fastest exponentials once they are gone, and all of them once it is."""
    for k in range(lanes.live.size):
        if lanes.live[k] > 0:
            _fade(lanes, linear, k, day)


@njit(**FAST)
def _fade(lanes: Lanes, linear: Linear, k: int, day: float) -> None:
    lo, hi = linear.first[k] * LANES, linear.first[k + 1] * LANES
    for i in range(lo, hi):
        if lanes.modes[_OFFSET, i] != 0.0:
            return  # drug still runs in
    if _level(lanes, linear, k) < _CLEARED:
        lanes.live[k] = 0
        for j in range(linear.output[k], linear.output[k + 1]):
            for lane in range(LANES):
                lanes.buffer[linear.target_row[j] * LANES + lane] = 0.0
    while (
        lanes.live[k] > 0 and _largest(lanes.modes, lo + (lanes.live[k] - 1) * LANES) * (day - lanes.since[k]) <= _FADED
    ):
        lanes.live[k] -= 1
    for i in range(lo + lanes.live[k] * LANES, hi):
        lanes.modes[_AMPLITUDE, i] = 0.0


@njit(**FAST)
def _level(lanes: Lanes, linear: Linear, k: int) -> float:
    """Return the largest concentration of medicine `k` in any lane."""
    level = 0.0
    for j in range(linear.output[k], linear.output[k + 1]):
        for lane in range(LANES):
            level = max(level, abs(lanes.buffer[linear.target_row[j] * LANES + lane]))
    return level


@njit(**FAST)
def _largest(modes: Any, at: int) -> float:
    """Return the largest of the exponents per day in the row that begins `at`."""
    largest: float = modes[RATE, at]
    for lane in range(1, LANES):
        largest = max(largest, modes[RATE, at + lane])
    return largest
