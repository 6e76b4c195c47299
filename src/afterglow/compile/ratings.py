"""Scores of many severities at once: the curve of a scale, averaged over the ups and downs of life, compiled.

Each product is rounded as numpy rounds it, so that a score is the same to the last bit whoever calculates it.
"""

from __future__ import annotations

from typing import Any

from numba import njit

__all__ = ["mean_heights"]

_EXACT: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}


@njit(**_EXACT)
def mean_heights(
    severity: Any, moves: Any, home: float, weights: Any, across: Any, up: Any, cubic: Any, found: Any
) -> None:
    """Fill `found`, of the same shape as `severity`, with the mean height of a curve over moves of the log-odds.

    Parameters
    ----------
    severity : array (draws, participants, days)
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
    found : array (draws, participants, days)
    """
    draws, people, days = severity.shape
    last = across.size - 2
    for d in range(draws):
        for p in range(people):
            for j in range(weights.size):
                piece = 0
                for t in range(days):
                    at = _moved(severity[d, p, t], moves[j, d, t])
                    if home != 1.0:
                        at = _moved(at, home)
                    at = _held(at, across[0], across[last + 1])
                    while piece < last and at >= across[piece + 1]:
                        piece += 1
                    while piece > 0 and at < across[piece]:
                        piece -= 1
                    step = at - across[piece]
                    height = ((cubic[0, piece] * step + cubic[1, piece]) * step + cubic[2, piece]) * step
                    height += cubic[3, piece]
                    height = _held(height, up[piece], up[piece + 1])
                    found[d, p, t] = weights[j] * height + (found[d, p, t] if j else 0.0)


@njit(**_EXACT)
def _moved(severity: float, factor: float) -> float:
    """Return a severity whose odds are so many times as large."""
    found = factor * severity / (1.0 + (factor - 1.0) * severity)
    return 1.0 if found > 1.0 else found


@njit(**_EXACT)
def _held(value: float, low: float, high: float) -> float:
    """Return a value within its limits; NaN stays NaN."""
    value = low if value < low else value
    return high if value > high else value
