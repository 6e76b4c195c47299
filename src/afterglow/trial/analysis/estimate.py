"""What an analysis answers: a value with its standard error, degrees of freedom, p value and interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from afterglow.trial.analysis.matrices import Numbers

__all__ = ["Estimate", "concatenated", "estimate"]


@dataclass(frozen=True, eq=False)
class Estimate:
    """One comparison, or an array of them; every field has the same shape.

    Parameters
    ----------
    value : array (...,)
        The difference, in the outcome's points unless the analysis says otherwise (a log hazard ratio, a share). NaN,
        as all other fields, where the data of a trial could not carry the analysis.
    se : array (...,)
        Standard error.
    df : array (...,)
        Degrees of freedom of the t distribution; infinite where the normal distribution is used.
    p : array (...,)
        Two-sided, of no difference.
    low, high : array (...,)
        Confidence interval, of 95 % unless another was asked for.
    """

    value: Numbers
    se: Numbers
    df: Numbers
    p: Numbers
    low: Numbers
    high: Numbers

    @property
    def statistic(self) -> Numbers:
        """Value over standard error, (...,)."""
        return self.value / self.se

    def one_sided(self, *, lower: bool) -> Numbers:
        """Return the p value, (...,), of the claim that the value lies below zero (`lower`) or above it."""
        t = self.statistic if lower else -self.statistic
        return _below(t, self.df)

    def at(self, index: Any) -> Estimate:
        """Return the part of the estimates that an index picks."""
        return Estimate(*(getattr(self, name)[index] for name in ("value", "se", "df", "p", "low", "high")))


def estimate(value: ArrayLike, se: ArrayLike, df: ArrayLike = np.inf, *, level: float = 0.95) -> Estimate:
    """Return the estimate that a value, its standard error and degrees of freedom make.

    Parameters
    ----------
    value, se, df : array (...,)
    level : float
        Of the confidence interval, such as 0.95.
    """
    value, se, df = np.broadcast_arrays(*(np.asarray(each, np.float64) for each in (value, se, df)))
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * _below(-np.abs(value / se), df)
        half = _quantile((1 + level) / 2, df) * se
    return Estimate(value, se, df, p, value - half, value + half)


def concatenated(parts: Sequence[Estimate], *, axis: int = 0) -> Estimate:
    """Return estimates after each other along an axis."""
    names = Estimate.__dataclass_fields__
    return Estimate(*(np.concatenate([getattr(part, name) for part in parts], axis=axis) for name in names))


def _below(t: Numbers, df: Numbers) -> Numbers:
    finite = np.isfinite(df)
    return np.asarray(np.where(finite, stdtr(np.where(finite, df, 1.0), t), ndtr(t)))


def _quantile(probability: float, df: Numbers) -> Numbers:
    finite = np.isfinite(df)
    return np.asarray(np.where(finite, stdtrit(np.where(finite, df, 1.0), probability), ndtri(probability)))
