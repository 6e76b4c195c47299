"""Chance that none of several correlated t statistics lies above a bound."""

from __future__ import annotations

import math
from functools import cache, lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import chdtr, chdtri, fdtr, ndtri, stdtrit
from scipy.stats import qmc

from afterglow.trial.analysis.matrices import Numbers

__all__ = ["chance_below", "critical_value"]

_POINTS = 13
"""Logarithm to base 2 of the directions of the integral, each of which is taken forwards and backwards."""
_DEPENDENT = 1e-9
"""Eigenvalue of a correlation at which it is taken for zero."""


def chance_below(bound: float, correlation: Numbers, df: float = math.inf, means: ArrayLike = 0.0) -> float:
    """Return the chance that every statistic lies below a bound, to about 1e-4.

    Parameters
    ----------
    bound : float
    correlation : array, shape (statistic, statistic)
        May be singular: several shapes over few doses are.
    df : float
        Degrees of freedom of the variance that all share; infinite for normal statistics.
    means : float or array_like, shape (statistic,)
        Of the numerators, in standard errors.

    References
    ----------
    deak1980: exact along each direction, over quasi-random directions that are always the same.
    """
    values, vectors = np.linalg.eigh(correlation)
    kept = values > _DEPENDENT
    factor = vectors[:, kept] * np.sqrt(values[kept])
    rank = int(kept.sum())
    along = _directions(rank) @ factor.T  # (direction, statistic)
    centre = np.broadcast_to(np.asarray(means, np.float64), (len(factor),))
    with np.errstate(divide="ignore"):
        if bound > 0 and not centre.any():
            far = bound / np.maximum(along.max(axis=1), 0.0)
            found = fdtr(rank, df, far**2 / rank) if math.isfinite(df) else chdtr(rank, far**2)
            return float(found.mean())
        room = bound * _spread(rank, df)[:, None] - centre
        until = np.where(along > 0, room / np.where(along > 0, along, 1.0), np.where(room < 0, -np.inf, np.inf))
        until = np.where((along < 0), np.inf, until).min(axis=1)
        since = np.where(along < 0, room / np.where(along < 0, along, 1.0), 0.0).max(axis=1)
    first, last = np.maximum(since, 0.0), np.maximum(until, 0.0)
    return float(np.where(last > first, chdtr(rank, last**2) - chdtr(rank, first**2), 0.0).mean())


def critical_value(alpha: float, correlation: Numbers, df: float = math.inf) -> float:
    """Return what the largest statistic exceeds with chance `alpha` where all means are zero."""
    tails = (alpha, alpha / len(correlation))  # of one statistic, and of statistics that have nothing in common
    alone, apart = (float(-stdtrit(df, tail) if math.isfinite(df) else -ndtri(tail)) for tail in tails)
    return float(brentq(lambda z: 1 - chance_below(z, correlation, df) - alpha, alone - 0.05, apart + 0.05, xtol=1e-7))


@cache
def _directions(rank: int) -> Numbers:
    """Return unit vectors and their opposites, (direction, rank)."""
    normal = ndtri(_sobol(rank)[:, :rank])
    unit = normal / np.linalg.norm(normal, axis=1, keepdims=True)
    return np.concatenate([unit, -unit])


@lru_cache(maxsize=64)
def _spread(rank: int, df: float) -> Numbers:
    """Return the SD that all statistics share in each direction; the chance of a larger one is uniform."""
    if not math.isfinite(df):
        return np.ones(2 << _POINTS)
    return np.tile(np.sqrt(chdtri(df, _sobol(rank)[:, -1]) / df), 2)


@cache
def _sobol(rank: int) -> Numbers:
    return np.asarray(qmc.Sobol(rank + 1, seed=20260101).random_base2(_POINTS))
