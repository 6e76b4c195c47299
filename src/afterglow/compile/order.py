"""Looks for a place in rows of numbers, compiled: a weighted quantile without sorting, and a crossing of one half.

Nothing is calculated that could differ in the last digit from what numpy finds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

__all__ = ["fill_crossings", "fill_quantiles"]

_KEPT: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}
_BINS = 256
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
    place = np.empty(many, np.int64)
    sums = np.empty(_BINS + 1)
    for row in range(rows):
        low, high = np.inf, -np.inf
        for k in range(many):
            low = values[row, k] if values[row, k] < low else low
            high = values[row, k] if values[row, k] > high else high
        per_bin = _BINS / (high - low) if high > low else 0.0
        sums[:] = 0.0
        for k in range(many):
            value = values[row, k]
            place[k] = min(int((value - low) * per_bin), _BINS - 1) if value == value else _BINS
            sums[place[k]] += weights[k]
        below, one = 0.0, 0
        for j in range(shares.size):
            wanted = shares[j] * (1.0 - _SLACK)
            while one < _BINS and below + sums[one] < wanted:
                below += sums[one]
                one += 1
            found[j, row] = _within(values[row], weights, place, one, wanted - below)


@njit(**_KEPT)
def _within(values: Any, weights: Any, place: Any, one: int, wanted: float) -> float:
    """Return the value of a bin at which the weights of the bin come to what is wanted, at most its highest."""
    own = np.flatnonzero(place == one)
    order = own[np.argsort(values[own])]
    total = 0.0
    for k in order:
        total += weights[k]
        if total >= wanted:
            return float(values[k])
    return float(values[order[-1]]) if order.size else np.nan


@njit(**_KEPT)
def fill_crossings(values: Any, since: Any, rising: bool, found: Any) -> None:
    """Fill `found` with the place before which each row first crosses one half, -1 where it never does.

    Parameters
    ----------
    values : array (rows, many)
    since : array (rows,)
        Place from which on a crossing counts.
    rising : bool
        Whether it rises to one half or above, or falls from there.
    found : array (rows,)
    """
    rows, many = values.shape
    for row in range(rows):
        found[row] = -1
        for k in range(since[row], many - 1):
            before, after = values[row, k] >= 0.5, values[row, k + 1] >= 0.5
            if before != after and after == rising:
                found[row] = k
                break
