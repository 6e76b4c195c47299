"""Scores of many severities at once: the curve of a scale, averaged over the ups and downs of life, compiled.

Each product is rounded as numpy rounds it, so that a score is the same to the last bit whoever calculates it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

__all__ = ["mean_heights"]

_EXACT: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}


@njit(**_EXACT)
def mean_heights(
    severity: Any, moves: Any, home: float, weights: Any, across: Any, up: Any, cubic: Any, found: Any
) -> None:
    """Fill `found`, of the same shape as `severity`, with the mean height of a curve over moves of the log-odds.

    People lie side by side, so that the processor takes several in one step: of every piece of the curve the height is
    calculated, and that of the last piece which somebody has reached is kept.

    Parameters
    ----------
    severity : array (days, draws, participants)
        Between 0 and 1.
    moves : array (nodes, draws, days)
        Factors on the odds.
    home : float
        Factor on the odds that leads to the family of the curve, after each move.
    weights : array (nodes,)
        Of the moves.
    across, up : array (points,)
        Coordinates of the points of the curve.
    cubic : array (4, points - 1)
        Coefficients of each piece, highest power first.
    found : array (days, draws, participants)
    """
    days, draws, people = severity.shape
    at, height = np.empty(people), np.empty(people)
    for t in range(days):
        for d in range(draws):
            mean = found[t, d]
            mean[:] = 0.0
            for j in range(weights.size):
                _move(severity[t, d], moves[j, d, t], at)
                if home != 1.0:
                    _move(at, home, at)
                for p in range(people):
                    at[p] = _held(at[p], across[0], across[-1])
                for k in range(across.size - 1):
                    begin, low, high = across[k], up[k], up[k + 1]
                    c0, c1, c2, c3 = cubic[0, k], cubic[1, k], cubic[2, k], cubic[3, k]
                    for p in range(people):
                        step = at[p] - begin
                        own = _held(((c0 * step + c1) * step + c2) * step + c3, low, high)
                        height[p] = own if k == 0 or at[p] >= begin else height[p]
                for p in range(people):
                    mean[p] += weights[j] * height[p]


@njit(**_EXACT)
def _move(severity: Any, factor: float, found: Any) -> None:
    """Fill `found` with severities whose odds are so many times as large, (participants,) each."""
    for p in range(severity.size):
        moved = factor * severity[p] / (1.0 + (factor - 1.0) * severity[p])
        found[p] = 1.0 if moved > 1.0 else moved


@njit(**_EXACT)
def _held(value: float, low: float, high: float) -> float:
    """Return a value within its limits; NaN stays NaN."""
    value = low if value < low else value
    return high if value > high else value
