"""A strictly increasing piecewise cubic through given points, and its inverse, in plain numpy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterglow.errors import ParameterError

__all__ = ["MonotoneCurve"]

_INVERSE_STEPS = 60


def _slopes(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slope at each point: weighted harmonic mean inside, so that no piece overshoots.

    References
    ----------
    Fritsch FN, Butland J. SIAM J Sci Stat Comput 1984;5:300-304.
    """
    width = np.diff(x)
    secant = np.diff(y) / width
    if secant.size == 1:
        return np.repeat(secant, 2)
    before, after = 2 * width[1:] + width[:-1], width[1:] + 2 * width[:-1]
    inner = (before + after) / (before / secant[:-1] + after / secant[1:])
    return np.concatenate(([_end(width, secant)], inner, [_end(width[::-1], secant[::-1])]))


def _end(width: NDArray[np.float64], secant: NDArray[np.float64]) -> float:
    """One-sided slope at an end, held between half and three times the last secant."""
    three_point = ((2 * width[0] + width[1]) * secant[0] - width[0] * secant[1]) / (width[0] + width[1])
    return float(np.clip(three_point, 0.5 * secant[0], 3.0 * secant[0]))


@dataclass(frozen=True)
class MonotoneCurve:
    """A strictly increasing cubic curve through points (x, y).

    Parameters
    ----------
    x, y : tuple of float
        Coordinates, both strictly increasing.

    Raises
    ------
    ParameterError
        If fewer than two points are given or a coordinate does not increase.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.x) < 2 or len(self.x) != len(self.y):
            raise ParameterError(f"a curve needs two or more pairs but got {len(self.x)} x and {len(self.y)} y")
        if np.any(np.diff(self.x) <= 0) or np.any(np.diff(self.y) <= 0):
            raise ParameterError(f"a curve must rise from point to point but got x {self.x} and y {self.y}")

    @property
    def pieces(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Coordinates of the points, (points,) each, and coefficients of each cubic, (4, points - 1), highest first."""
        return *self._knots, self._cubic

    @cached_property
    def _knots(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return np.asarray(self.x, dtype=np.float64), np.asarray(self.y, dtype=np.float64)

    @cached_property
    def _cubic(self) -> NDArray[np.float64]:
        x, y = self._knots
        return _cubic(x, y, _slopes(x, y))

    def __call__(self, x: ArrayLike) -> NDArray[np.float64]:
        """Height at `x` (any shape); ends are held outside the points, NaN stays NaN."""
        across, up = self._knots
        at = np.clip(np.asarray(x, dtype=np.float64), across[0], across[-1])
        piece = _piece(at, across)
        height = _height(self._cubic[:, piece], at - across[piece])
        return np.clip(height, up[piece], up[piece + 1])

    def inverse(self, y: ArrayLike) -> NDArray[np.float64]:
        """Place where the curve has height `y` (any shape): Newton's steps kept inside a bracket."""
        across, up = self._knots
        height = np.clip(np.asarray(y, dtype=np.float64), up[0], up[-1])
        piece = _piece(height, up)
        cubic = self._cubic[:, piece]
        low, high = np.zeros_like(height), across[piece + 1] - across[piece]
        step = high * (height - up[piece]) / (up[piece + 1] - up[piece])
        for _ in range(_INVERSE_STEPS):
            error = _height(cubic, step) - height
            low, high = np.where(error <= 0, step, low), np.where(error >= 0, step, high)
            newton = step - error / np.maximum(_slope(cubic, step), 1e-300)
            following = np.where((newton >= low) & (newton <= high), newton, 0.5 * (low + high))
            done = np.all((np.abs(following - step) <= 1e-16) | np.isnan(following))
            step = following
            if done:
                break
        return np.where(np.isnan(height), np.nan, across[piece] + step)


def _piece(value: NDArray[np.float64], knots: NDArray[np.float64]) -> NDArray[np.intp]:
    return np.clip(np.searchsorted(knots, value, side="right") - 1, 0, knots.size - 2)


def _cubic(x: NDArray[np.float64], y: NDArray[np.float64], slope: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coefficients of each piece, highest power first, shape (4, pieces)."""
    width = np.diff(x)
    secant = np.diff(y) / width
    bend = (slope[:-1] + slope[1:] - 2 * secant) / width
    return np.stack([bend / width, (secant - slope[:-1]) / width - bend, slope[:-1], y[:-1]])


def _height(cubic: NDArray[np.float64], step: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(((cubic[0] * step + cubic[1]) * step + cubic[2]) * step + cubic[3])


def _slope(cubic: NDArray[np.float64], step: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((3 * cubic[0] * step + 2 * cubic[1]) * step + cubic[2])
