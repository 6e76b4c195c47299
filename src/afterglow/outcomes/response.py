"""Response, remission and loss of diagnosis, as trials define them on each scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterglow.errors import ParameterError
from afterglow.scales.scale import Scale

__all__ = ["Share", "loses_diagnosis", "remits", "responds", "response_cut", "share", "wilson"]

_Z95 = 1.959963984540054


@dataclass(frozen=True, kw_only=True)
class Share:
    """A share of participants with its 95 % Wilson interval.

    Parameters
    ----------
    events, n : ndarray
        Participants with the outcome, and those counted.
    fraction, low, high : ndarray
        Share and its interval; NaN when nobody is counted.
    """

    events: NDArray[np.int64]
    n: NDArray[np.int64]
    fraction: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def responds(scale: Scale, baseline: ArrayLike, scores: ArrayLike) -> NDArray[np.bool_]:
    """Say who responds on which day.

    Parameters
    ----------
    scale : Scale
        Scale whose rule applies.
    baseline : array_like, shape (..., participant)
        Baseline scores.
    scores : array_like, shape (..., participant, day)
        Later scores; a missing one (NaN) is no response.

    Returns
    -------
    ndarray of bool
        Shape of `scores`.
    """
    start = np.asarray(baseline, dtype=np.float64)[..., None]
    fall = start - np.asarray(scores, dtype=np.float64)
    if scale.response.kind == "points":
        return np.asarray(fall >= scale.response.fall)
    return np.asarray((fall >= scale.response.fall * (start - scale.low)) & (start > scale.low))


def response_cut(scale: Scale, baseline: ArrayLike) -> NDArray[np.float64]:
    """Return the highest score that is a response from each baseline, same shape."""
    start = np.asarray(baseline, dtype=np.float64)
    fall = scale.response.fall
    return np.asarray(start - (fall if scale.response.kind == "points" else fall * (start - scale.low)))


def remits(scale: Scale, scores: ArrayLike) -> NDArray[np.bool_]:
    """Say who is in remission on which day; a missing score (NaN) is no remission.

    Raises
    ------
    ParameterError
        If the field has no definition of remission on this scale.
    """
    if scale.remission is None:
        raise ParameterError(f"scale '{scale.id}' has no published definition of remission")
    well = scale.at_most(scores, scale.remission.at_most)
    return well & loses_diagnosis(scale, scores) if scale.remission.needs_diagnosis_loss else well


def loses_diagnosis(scale: Scale, scores: ArrayLike) -> NDArray[np.bool_]:
    """Say whose total no longer points to the diagnosis; a missing score (NaN) does not count.

    Raises
    ------
    ParameterError
        If the scale does not stand for a diagnosis.
    """
    if scale.diagnosis_loss is None:
        raise ParameterError(f"scale '{scale.id}' has no rule for loss of a diagnosis; CAPS-5, CAPS-IV and PCL-5 have")
    return scale.at_most(scores, scale.diagnosis_loss.at_most)


def share(
    events: ArrayLike,
    scores: ArrayLike,
    *,
    missing: Literal["non_event", "excluded"] = "non_event",
    axis: int = -2,
) -> Share:
    """Share of participants with an outcome.

    Parameters
    ----------
    events : array_like of bool
        Outcome per participant and day.
    scores : array_like
        Scores the outcome was read from, same shape; NaN is missing.
    missing : {"non_event", "excluded"}
        Count the missing as without the outcome (composite strategy) or leave them out.
    axis : int
        Participant axis.
    """
    happened = np.asarray(events, dtype=np.bool_)
    seen = ~np.isnan(np.asarray(scores, dtype=np.float64))
    counted = np.ones_like(seen) if missing == "non_event" else seen
    k = np.count_nonzero(happened & seen, axis=axis)
    n = np.count_nonzero(counted, axis=axis)
    low, high = wilson(k, n)
    with np.errstate(invalid="ignore", divide="ignore"):
        fraction = np.asarray(k / np.asarray(n, dtype=np.float64))
    return Share(events=np.asarray(k), n=np.asarray(n), fraction=fraction, low=low, high=high)


def wilson(events: ArrayLike, n: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Wilson's 95 % interval of a share.

    References
    ----------
    Wilson EB. J Am Stat Assoc 1927;22:209-212.
    """
    k, size = np.asarray(events, dtype=np.float64), np.asarray(n, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = k / size
        centre = (p + _Z95**2 / (2 * size)) / (1 + _Z95**2 / size)
        half = _Z95 / (1 + _Z95**2 / size) * np.sqrt(p * (1 - p) / size + _Z95**2 / (4 * size**2))
    return np.asarray(np.maximum(centre - half, 0.0)), np.asarray(np.minimum(centre + half, 1.0))
