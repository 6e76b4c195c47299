"""Response, remission and loss of diagnosis, as trials define them on each scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterglow.errors import ParameterError
from afterglow.scales.scale import Scale

__all__ = ["loses_diagnosis", "remits", "responds", "response_cut"]


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
