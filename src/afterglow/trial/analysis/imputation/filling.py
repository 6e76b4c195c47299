"""What is filled in where ratings are missing: conditional means, and draws around them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from afterglow.trial.analysis.matrices import Numbers

__all__ = ["STRATEGIES", "Patterns", "filled", "kept_difference"]

STRATEGIES = {
    "mar": "missing at random",
    "jr": "jump to reference",
    "cr": "copy reference",
    "cir": "copy increments in reference",
}
"""What becomes of people after they stop, by the name that trials use."""

_TOGETHER = 32
"""Fits that are filled in at once."""


@dataclass(frozen=True, eq=False)
class Patterns:
    """Which visits people were rated at.

    Parameters
    ----------
    rated : bool array (trials, people, visits)
    """

    rated: NDArray[np.bool_]

    @cached_property
    def _found(self) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
        each = np.arange(self.rated.shape[2])
        codes, which = np.unique(self.rated @ (1 << each), return_inverse=True)
        return ((codes[:, None] >> each) & 1).astype(bool), which.reshape(self.rated.shape[:2])

    def inverses(self, covariance: Numbers) -> Numbers:
        """Return the inverse covariance of each person's ratings, (fits, people, visits, visits), zero where missing.

        Parameters
        ----------
        covariance : array (fits, visits, visits)
            Of each trial, or of each fit to one.
        """
        shown, which = self._found
        both = shown[:, :, None] & shown[:, None, :]
        own = np.linalg.inv(np.where(both, covariance[:, None], np.eye(shown.shape[1]))) * both
        return np.asarray(own[np.arange(len(own))[:, None], np.broadcast_to(which, (len(own), which.shape[1]))])


def kept_difference(strategy: str, last: NDArray[np.intp], visits: int) -> Numbers:
    """Return how much of the difference between a person's arm and the reference is kept where a rating is filled in.

    Parameters
    ----------
    strategy : str
        One of `STRATEGIES`.
    last : int array (trials, people)
        First visit at which each had stopped.
    visits : int

    Returns
    -------
    array (trials, people, visits, visits)
        Weight at a visit of the difference at each visit, on the last axis.
    """
    each = np.arange(visits)
    going = each < last[..., None]
    if strategy == "mar":
        going = np.ones_like(going)
    elif strategy == "cr":
        going = going & (last >= visits)[..., None]
    kept = going[..., None] * np.eye(visits)
    if strategy == "cir":
        kept = kept + ~going[..., None] * (each == last[..., None] - 1)[..., None, :]
    return np.asarray(kept, np.float64)


def filled(
    outcomes: Numbers, means: Numbers, covariance: Numbers, patterns: Patterns, rng: np.random.Generator | None = None
) -> Numbers:
    """Return completed outcomes, (fits, people, visits): conditional means, with residuals where `rng` is given.

    Parameters
    ----------
    outcomes : array (1, people, visits)
        Of one trial.
    means : array (fits, people, visits)
    covariance : array (fits, visits, visits)
    patterns : Patterns
        Of that trial.
    rng : Generator, optional
    """
    rated = patterns.rated
    whole = np.empty(means.shape)
    for begin in range(0, len(means), _TOGETHER):
        part = slice(begin, begin + _TOGETHER)
        mean, spread = means[part], covariance[part]
        inverse = patterns.inverses(spread)
        residual = np.where(rated, outcomes - mean, 0.0)
        value = mean + (inverse @ residual[..., None])[..., 0] @ spread
        if rng is not None:
            value = value + _residuals(inverse, spread, rated, rng)
        whole[part] = np.where(rated, outcomes, value)
    return whole


def _residuals(inverse: Numbers, covariance: Numbers, rated: NDArray[np.bool_], rng: np.random.Generator) -> Numbers:
    """Return draws of what is not known of the missing ratings, (fits, people, visits)."""
    whole = covariance[:, None]
    left = whole - whole @ inverse @ whole
    missing = ~rated
    left = left * (missing[..., :, None] & missing[..., None, :]) + rated[..., :, None] * np.eye(rated.shape[2])
    lower = np.linalg.cholesky((left + left.swapaxes(2, 3)) / 2)
    return np.asarray((lower @ rng.standard_normal((*left.shape[:3], 1)))[..., 0] * missing)
