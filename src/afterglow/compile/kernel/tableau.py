"""Coefficients of Dormand and Prince's pair of order 5(4), with the interpolant of order four.

Source: dormand1980; interpolant: hairer1993, section II.6.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

__all__ = ["COLUMNS", "PARABOLA", "QUARTIC", "SLOPE", "TABLEAU", "Tableau"]

COLUMNS = 8
"""A place for each of the seven stages, and one more, so that loops over them are vectorised."""
_NODES = np.array([0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0])
_MATRIX = np.zeros((7, 7))
_MATRIX[1, :1] = [1 / 5]
_MATRIX[2, :2] = [3 / 40, 9 / 40]
_MATRIX[3, :3] = [44 / 45, -56 / 15, 32 / 9]
_MATRIX[4, :4] = [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729]
_MATRIX[5, :5] = [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656]
_MATRIX[6, :6] = [35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84]
_FOURTH_ORDER = np.array([5179 / 57600, 0.0, 7571 / 16695, 393 / 640, -92097 / 339200, 187 / 2100, 1 / 40])
_ERROR = _MATRIX[6] - _FOURTH_ORDER
_DENSE = np.array(
    [
        -12715105075 / 11282082432,
        0.0,
        87487479700 / 32700410799,
        -10690763975 / 1880347072,
        701980252875 / 199316789632,
        -1453857185 / 822651844,
        69997945 / 29380423,
    ]
)


_FIVE = (0, 2, 3, 4, 5)
"""Stages at five nodes: they make up the end of a step, and the polynomial through them has the pair's own weights."""


def _through(stages: Sequence[int]) -> NDArray[np.float64]:
    """Return the coefficients of the polynomials that are 1 at one stage's node, 0 at the others': (powers, stages)."""
    nodes = _NODES[list(stages)]
    return np.linalg.inv(np.vander(nodes, increasing=True))


def _parabolas() -> NDArray[np.float64]:
    """Return what three drives count in each power, up to each stage from the second on: (drives, powers, stages).

    The drives are those at the start and at the two stages before; up to the second stage, these are the same.
    """
    powers = np.zeros((3, 3, COLUMNS))
    powers[[0, 2], :2, 2] = _through((0, 1)).T
    for stage in range(3, 7):
        powers[:, :, stage] = _through((0, stage - 2, stage - 1)).T
    return powers


def _quartic() -> NDArray[np.float64]:
    """Return what each stage counts in each power of the polynomial through `_FIVE`: (powers, stages)."""
    powers = np.zeros((5, COLUMNS))
    powers[:, _FIVE] = _through(_FIVE)
    return powers


def _slope() -> NDArray[np.float64]:
    """Return what each stage counts in each power of the derivative of the interpolant: (powers, stages)."""
    powers = np.zeros((4, COLUMNS))
    theta, back = Polynomial([0.0, 1.0]), Polynomial([1.0, -1.0])
    for stage in range(7):
        rise = float(_MATRIX[6, stage])
        bend = (stage == 0) - rise
        third = rise - (stage == 6) - bend
        moved = theta * (rise + back * (bend + theta * (third + back * float(_DENSE[stage]))))
        powers[:, stage] = moved.deriv().coef
    return powers


PARABOLA, QUARTIC, SLOPE = _parabolas(), _quartic(), _slope()
"""What the drives of a state that relaxes count in powers of the fraction of the step: up to each stage, up to the end
through five stages, and in the derivative of the interpolant."""


class Tableau(NamedTuple):
    """A Runge-Kutta pair: nodes, matrix, weights of the error, and weights of the interpolant."""

    nodes: Any
    matrix: Any
    error: Any
    dense: Any


TABLEAU = Tableau(_NODES, _MATRIX, _ERROR, _DENSE)
"""Dormand and Prince's pair.

The solver takes it as an argument: folded in as constants, its sums would round elsewhere.
"""
