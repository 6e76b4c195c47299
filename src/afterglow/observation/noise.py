"""From a latent severity to the score that a rater or the person writes down."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from afterglow.errors import ParameterError
from afterglow.scales.links import severity_to_score
from afterglow.scales.scale import Family, Scale

__all__ = ["error_sd", "observe", "probability_at_most", "rate"]

_WIDEST_ERROR = 3.0
_LEAST_ERROR = 0.3
"""Least SD of an error, in points, so that probabilities stay smooth at the ends of a scale; assumed."""


def error_sd(scale: Scale, true_score: ArrayLike) -> NDArray[np.float64]:
    """Give the standard deviation of one rating's error at a true score.

    Constant over the interior. Closer to an end than three errors it falls in proportion to the
    distance from that end, so that errors stay symmetric and a floor or ceiling adds no bias: a scale
    that cannot err below its floor does not err above it either.
    """
    score = np.asarray(true_score, dtype=np.float64)
    room = np.minimum(score - scale.low, scale.high - score)
    return np.asarray(np.minimum(scale.measurement_sd, np.maximum(room, 0.0) / _WIDEST_ERROR))


def probability_at_most(scale: Scale, cut: ArrayLike, true_score: ArrayLike) -> NDArray[np.float64]:
    """Return the probability that a rating is at or below a cut: smooth in both, which broadcast."""
    score = np.asarray(true_score, dtype=np.float64)
    half = 0.5 if scale.integer else 0.0
    sd = np.maximum(error_sd(scale, score), _LEAST_ERROR)
    return np.asarray(ndtr((np.asarray(cut, dtype=np.float64) + half - score) / sd))


def rate(scale: Scale, true_score: ArrayLike, standard_normal: ArrayLike) -> NDArray[np.float64]:
    """Rate true scores with error.

    Parameters
    ----------
    scale : Scale
        Scale that is rated.
    true_score : array_like
        Noise-free scores inside the range, any shape; NaN stays NaN.
    standard_normal : array_like
        Standard normal draws that broadcast with `true_score`.

    Returns
    -------
    ndarray
        Ratings inside the range; whole numbers on integer scales (halves go up).

    Notes
    -----
    A draw beyond three errors near an end (one in 370) would leave the range and is reflected there;
    the mean of the ratings stays within 0.001 errors of the true score, before rounding, everywhere.

    Raises
    ------
    ParameterError
        If a true score lies outside the range.
    """
    true = np.asarray(true_score, dtype=np.float64)
    if np.any((true < scale.low) | (true > scale.high)):
        raise ParameterError(f"{scale.id} score must lie between {scale.low:g} and {scale.high:g} before it is rated")
    raw = true + error_sd(scale, true) * np.asarray(standard_normal, dtype=np.float64)
    reflected = np.where(raw < scale.low, 2 * scale.low - raw, np.where(raw > scale.high, 2 * scale.high - raw, raw))
    return scale.whole(reflected)


def observe(
    scale: Scale, severity: ArrayLike, standard_normal: ArrayLike, *, family: Family | None = None
) -> NDArray[np.float64]:
    """Score observed in people with a latent severity: the link, then the error of one rating.

    Parameters
    ----------
    scale : Scale
        Scale that is rated.
    severity : array_like
        Latent severity in [0, 1], any shape; NaN stays NaN.
    standard_normal : array_like
        Standard normal draws that broadcast with `severity`.
    family : {"depression", "ptsd", "anxiety"}, optional
        Whose severity it is; by default that of the scale's own family.

    Returns
    -------
    ndarray
        Observed scores inside the scale's range.
    """
    return rate(scale, severity_to_score(scale, severity, family=family), standard_normal)
