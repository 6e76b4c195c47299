"""Cohen's d with its 95 % interval.

References
----------
Borenstein M et al. Introduction to Meta-Analysis, Wiley 2009, chapter 4 (variance).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterglow.errors import ParameterError

__all__ = ["Estimate", "cohen_d"]

_Z95 = 1.959963984540054


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A value with its 95 % interval; fields share one shape.

    Parameters
    ----------
    value, low, high : ndarray
        Estimate and interval.
    """

    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def cohen_d(treated: ArrayLike, control: ArrayLike, *, axis: int = -1) -> Estimate:
    """Difference of means over the pooled spread; positive when `treated` is higher.

    Parameters
    ----------
    treated, control : array_like
        Scores or changes; NaN is left out.
    axis : int
        Participant axis of both.

    Raises
    ------
    ParameterError
        If a group has fewer than two scores, or nobody differs from anybody.
    """
    m1, s1, n1 = _moments(treated, axis)
    m2, s2, n2 = _moments(control, axis)
    pooled = np.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2))
    if np.any(pooled <= 0):
        raise ParameterError("an effect size needs scores that differ between people, but the spread is 0")
    d = np.asarray((m1 - m2) / pooled)
    half = _Z95 * np.sqrt((n1 + n2) / (n1 * n2) + d**2 / (2 * (n1 + n2)))
    return Estimate(value=d, low=d - half, high=d + half)


def _moments(values: ArrayLike, axis: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Mean, sample standard deviation and size of each group."""
    array = np.asarray(values, dtype=np.float64)
    n = np.asarray(np.count_nonzero(~np.isnan(array), axis=axis), dtype=np.float64)
    if np.any(n < 2):
        raise ParameterError(f"an effect size needs two or more scores in each group but one has {int(n.min())}")
    return np.asarray(np.nanmean(array, axis=axis)), np.asarray(np.nanstd(array, axis=axis, ddof=1)), n
