"""Looks for a place in rows of numbers, compiled: quantiles without sorting, crossings of one half, days of windows.

What is found is a place or a number of the rows, never one that numpy would round otherwise.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

__all__ = ["count_open", "fill_crossings", "fill_ends", "fill_quantiles"]

_KEPT: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}
_BINS = 256
"""Most bins into which values are parted."""
_FEW = 32
"""Values that are sorted rather than parted once more, and the fewest bins."""
_PER_BIN = 4
"""So many values fall into a bin on average where there are fewer bins."""
_SLACK = 1e-12
"""By which a share may fall short, as sums in another order do."""


@njit(**_KEPT)
def fill_quantiles(values: Any, weights: Any, shares: Any, found: Any) -> None:
    """Fill `found`, (shares, rows), with the lowest value of each row at or below which a share of the weights lies.

    Parameters
    ----------
    values : array (rows, many)
        NaN counts as highest.
    weights : array (many,)
        They sum to one.
    shares : array (shares,)
        Rising.
    found : array (shares, rows)
    """
    rows, many = values.shape
    bins = min(max(many // _PER_BIN, _FEW), _BINS)
    place, own, sums = np.empty(many, np.int32), np.empty(many, np.int64), np.empty(bins + 1)
    for row in range(rows):
        line = values[row]
        low, high = np.inf, -np.inf
        for k in range(many):
            low = line[k] if line[k] < low else low
            high = line[k] if line[k] > high else high
        per_bin = bins / (high - low) if high > low else 0.0
        for k in range(many):
            place[k] = _bin(line[k], low, per_bin, bins)
        sums[:] = 0.0
        for k in range(many):
            sums[place[k]] += weights[k]
        below, one = 0.0, 0
        for j in range(shares.size):
            wanted = shares[j] * (1.0 - _SLACK)
            while one < bins and below + sums[one] < wanted:
                below += sums[one]
                one += 1
            count = 0
            for k in range(many):
                own[count] = k
                count += place[k] == one
            found[j, row] = _lowest(line, weights, own, count, wanted - below)


@njit(**_KEPT)
def _bin(value: float, low: float, per_bin: float, bins: int) -> np.int32:
    """Return the bin of a value, the last but one if it is the highest, the last if it is NaN."""
    at = (value - low) * per_bin
    at = at if at < bins - 1 else (bins - 1.0 if at == at else 1.0 * bins)
    return np.int32(at)


@njit(**_KEPT)
def _lowest(values: Any, weights: Any, own: Any, count: int, wanted: float) -> float:
    """Return the lowest of the first so many `own` values at which their weights come to what is wanted.

    Where many are left, as where a few lie far apart from all others, they are parted again and again.
    """
    sums = np.empty(_BINS + 1 if count > _FEW else 0)
    while count > _FEW:
        low, high = np.inf, -np.inf
        for i in range(count):
            value = values[own[i]]
            low = value if value < low else low
            high = value if value > high else high
        if not low < high:
            return float(values[own[0]])
        per_bin, sums[:] = _BINS / (high - low), 0.0
        for i in range(count):
            sums[_bin(values[own[i]], low, per_bin, _BINS)] += weights[own[i]]
        one, left = 0, 0
        while one < _BINS - 1 and sums[one] < wanted:
            wanted -= sums[one]
            one += 1
        for i in range(count):
            k = own[i]
            if _bin(values[k], low, per_bin, _BINS) == one:
                own[left] = k
                left += 1
        count = left
    for i in range(1, count):
        k, j = own[i], i
        while j > 0 and values[own[j - 1]] > values[k]:
            own[j] = own[j - 1]
            j -= 1
        own[j] = k
    total = 0.0
    for i in range(count):
        total += weights[own[i]]
        if total >= wanted:
            return float(values[own[i]])
    return float(values[own[count - 1]]) if count else np.nan


@njit(**_KEPT)
def fill_ends(values: Any, spreads: Any, weights: Any, nodes: Any, share: float, ends: Any, part: Any) -> None:
    """Find between which points of a cloud its lower and its upper quantile lie, row by row.

    In a row each draw has its points at ``value + spread * node``, which share its weight evenly. The quantile of a
    share lies on the straight line through the points whose middles, in weights, are on either side of it.

    Parameters
    ----------
    values, spreads : array (draws, rows)
        A spread is 0 or more. A draw whose value is NaN does not count.
    weights : array (draws,)
    nodes : array (nodes,)
        Rising.
    share : float
        Of the weights below the lower quantile, and above the upper.
    ends : array (2, 2, rows)
        Filled with the point outside and the one inside of either quantile; NaN where no draw counts.
    part : array (2, rows)
        Filled with how far from the one to the other it lies.
    """
    draws, rows = values.shape
    place, step, heads = np.empty(draws, np.int64), np.empty(draws, np.int64), np.empty(draws)
    for row in range(rows):
        count, total = 0, 0.0
        for d in range(draws):
            if values[d, row] == values[d, row]:
                place[count] = d
                count += 1
                total += weights[d]
        for end in range(2):
            sign = 1.0 - 2.0 * end
            first = 0 if end == 0 else nodes.size - 1
            for k in range(count):
                step[k] = 0
                heads[k] = sign * (values[place[k], row] + spreads[place[k], row] * nodes[first])
            for k in range(count // 2 - 1, -1, -1):
                _sink(heads, place, step, k, count)
            outside, inside, before, middle, reached, left = np.nan, np.nan, 0.0, 0.0, 0.0, count
            while left > 0 and middle < share:
                d = place[0]
                own = weights[d] / nodes.size
                outside, inside, before = inside, sign * heads[0], middle
                middle = (reached + own / 2) / total
                reached += own
                step[0] += 1
                if step[0] < nodes.size:
                    node = nodes[step[0]] if end == 0 else nodes[nodes.size - 1 - step[0]]
                    heads[0] = sign * (values[d, row] + spreads[d, row] * node)
                else:
                    left -= 1
                    _swap(heads, place, step, 0, left)
                _sink(heads, place, step, 0, left)
            is_between = outside == outside and middle >= share
            ends[end, 0, row], ends[end, 1, row] = outside if is_between else inside, inside
            part[end, row] = (share - before) / (middle - before) if is_between else 0.0


@njit(**_KEPT)
def _sink(heads: Any, place: Any, step: Any, k: int, count: int) -> None:
    """Let an entry of a heap sink until none below it is smaller."""
    while 2 * k + 1 < count:
        low = 2 * k + 1
        if low + 1 < count and heads[low + 1] < heads[low]:
            low += 1
        if heads[k] <= heads[low]:
            return
        _swap(heads, place, step, k, low)
        k = low


@njit(**_KEPT)
def _swap(heads: Any, place: Any, step: Any, one: int, other: int) -> None:
    heads[one], heads[other] = heads[other], heads[one]
    place[one], place[other] = place[other], place[one]
    step[one], step[other] = step[other], step[one]


@njit(**_KEPT)
def fill_crossings(values: Any, begin: int, end: int, places: Any, around: Any) -> None:
    """Find where each row first rises to one half, and where it first falls from there once it was highest.

    A row whose highest value is below one half does neither.

    Parameters
    ----------
    values : array (rows, places)
    begin, end : int
        Places from which and before which it rises and is highest.
    places : array (2, rows)
        Filled with the last place before it rises, and the last before it falls; 0 where it does not.
    around : array (2, 2, rows)
        Filled with the values there, and those at the next places; NaN where it does not.
    """
    rows, many = values.shape
    places[:], around[:] = 0, np.nan
    for row in range(rows):
        line, has_risen = values[row], False
        highest, peak = begin, line[begin]
        for k in range(begin + 1, end):
            if line[k] > peak:
                highest, peak = k, line[k]
            if not has_risen and line[k] >= 0.5 and not line[k - 1] >= 0.5:
                places[0, row], around[0, 0, row], around[1, 0, row] = k - 1, line[k - 1], line[k]
                has_risen = True
        for k in range(highest, many - 1 if peak >= 0.5 else 0):
            if line[k] >= 0.5 and not line[k + 1] >= 0.5:
                places[1, row], around[0, 1, row], around[1, 1, row] = k, line[k], line[k + 1]
                break


@njit(**_KEPT)
def count_open(opens: Any, closes: Any, days: Any, found: Any) -> None:
    """Count the people of each draw in whom some window is open on a day.

    Parameters
    ----------
    opens, closes : array (windows, draws, people)
        A window is open from one to just before the other; one that opens at NaN never does, one that closes at NaN
        stays open.
    days : array (days,)
        Rising.
    found : array (draws, days)
        Filled with counts.
    """
    windows, draws, people = opens.shape
    is_open = np.empty(days.size, np.bool_)
    found[:] = 0
    for draw in range(draws):
        for person in range(people):
            is_open[:] = False
            for k in range(windows):
                begin, end = opens[k, draw, person], closes[k, draw, person]
                if begin == begin:
                    last = np.searchsorted(days, end) if end == end else days.size
                    is_open[np.searchsorted(days, begin) : last] = True
            for day in range(days.size):
                found[draw, day] += is_open[day]
