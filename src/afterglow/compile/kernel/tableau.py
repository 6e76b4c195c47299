"""Coefficients of Dormand and Prince's pair of order 5(4), with the interpolant of order four.

Source: dormand1980; interpolant: hairer1993, section II.6.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

__all__ = ["TABLEAU", "Tableau"]

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
