"""Differences between two groups, raw and standardised, with 95 % intervals.

References
----------
Hedges LV. J Educ Stat 1981;6:107-128 (small-sample correction).
Borenstein M et al. Introduction to Meta-Analysis, Wiley 2009, chapter 4 (variances).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterglow.errors import ParameterError

__all__ = [
    "Estimate",
    "Moments",
    "cohen_d",
    "cohen_d_from_summary",
    "hedges_g",
    "hedges_g_from_summary",
    "mean_difference",
    "standardised_mean_change",
]

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


class Moments(NamedTuple):
    """Mean, sample standard deviation and size of a group; arrays broadcast."""

    mean: ArrayLike
    sd: ArrayLike
    n: ArrayLike


def mean_difference(treated: ArrayLike, control: ArrayLike, *, axis: int = -1) -> Estimate:
    """Mean of `treated` minus mean of `control` with Welch's interval.

    Parameters
    ----------
    treated, control : array_like
        Scores or changes; NaN is left out.
    axis : int
        Participant axis of both.
    """
    from scipy.stats import t

    mean1, sd1, n1 = _moments(treated, axis)
    mean2, sd2, n2 = _moments(control, axis)
    v1, v2 = sd1**2 / n1, sd2**2 / n2
    if np.any(v1 + v2 <= 0):
        raise ParameterError("a difference needs scores that differ between people, but the spread is 0")
    freedom = (v1 + v2) ** 2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1))
    return _interval(mean1 - mean2, t.ppf(0.975, freedom) * np.sqrt(v1 + v2))


def cohen_d(treated: ArrayLike, control: ArrayLike, *, axis: int = -1) -> Estimate:
    """Difference of means over the pooled spread; positive when `treated` is higher."""
    return cohen_d_from_summary(Moments(*_moments(treated, axis)), Moments(*_moments(control, axis)))


def hedges_g(treated: ArrayLike, control: ArrayLike, *, axis: int = -1) -> Estimate:
    """Cohen's d freed of its small-sample bias; positive when `treated` is higher."""
    return hedges_g_from_summary(Moments(*_moments(treated, axis)), Moments(*_moments(control, axis)))


def cohen_d_from_summary(treated: Moments, control: Moments) -> Estimate:
    """Cohen's d from published means, spreads and sizes."""
    d, variance, _ = _d(treated, control)
    return _interval(d, _Z95 * np.sqrt(variance))


def hedges_g_from_summary(treated: Moments, control: Moments) -> Estimate:
    """Hedges' g from published means, spreads and sizes."""
    d, variance, total = _d(treated, control)
    correction = 1 - 3 / (4 * (total - 2) - 1)
    return _interval(correction * d, correction * _Z95 * np.sqrt(variance))


def standardised_mean_change(baseline: ArrayLike, scores: ArrayLike, *, axis: int = -1) -> Estimate:
    """Mean fall from baseline over the spread at baseline (within one arm); positive is better.

    Pairs with a missing score are left out of the fall; the interval takes the correlation from the data.
    """
    before = np.asarray(baseline, dtype=np.float64)
    mean, sd_fall, n = _moments(before - np.asarray(scores, dtype=np.float64), axis)
    _, sd, _ = _moments(before, axis)
    if np.any(sd <= 0):
        raise ParameterError("a standardised change needs baselines that differ between people, but the spread is 0")
    value = mean / sd
    return _interval(value, _Z95 * np.sqrt((sd_fall / sd) ** 2 / n + value**2 / (2 * (n - 1))))


def _moments(values: ArrayLike, axis: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    array = np.asarray(values, dtype=np.float64)
    n = np.asarray(np.count_nonzero(~np.isnan(array), axis=axis), dtype=np.float64)
    if np.any(n < 2):
        raise ParameterError(f"an effect size needs two or more scores in each group but one has {int(n.min())}")
    return np.asarray(np.nanmean(array, axis=axis)), np.asarray(np.nanstd(array, axis=axis, ddof=1)), n


def _d(treated: Moments, control: Moments) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Cohen's d, its variance, and the participants of both groups together."""
    m1, s1, n1 = (np.asarray(x, dtype=np.float64) for x in treated)
    m2, s2, n2 = (np.asarray(x, dtype=np.float64) for x in control)
    total = np.asarray(n1 + n2)
    pooled = np.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (total - 2))
    if np.any(pooled <= 0):
        raise ParameterError("an effect size needs scores that differ between people, but the spread is 0")
    d = np.asarray((m1 - m2) / pooled)
    return d, np.asarray(total / (n1 * n2) + d**2 / (2 * total)), total


def _interval(value: ArrayLike, half: ArrayLike) -> Estimate:
    centre, width = np.asarray(value, dtype=np.float64), np.asarray(half, dtype=np.float64)
    return Estimate(value=centre, low=centre - width, high=centre + width)
