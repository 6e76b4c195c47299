"""Change from baseline, and the numbers that describe a group of scores."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import pandas

__all__ = ["Summary", "change_from_baseline", "summarise", "summary_table"]

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Numbers of a group; every field has the shape of the values without the participant axis.

    Parameters
    ----------
    n : ndarray
        Values that are not missing.
    mean, sd : ndarray
        Mean and sample standard deviation (n - 1); NaN when there are too few values.
    q05, q25, q50, q75, q95 : ndarray
        Quantiles.
    """

    n: NDArray[np.int64]
    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    q05: NDArray[np.float64]
    q25: NDArray[np.float64]
    q50: NDArray[np.float64]
    q75: NDArray[np.float64]
    q95: NDArray[np.float64]


def change_from_baseline(baseline: ArrayLike, scores: ArrayLike) -> NDArray[np.float64]:
    """Score minus baseline score: negative is better.

    Parameters
    ----------
    baseline : array_like, shape (..., participant)
        Baseline scores; broadcasts over leading axes such as arms.
    scores : array_like, shape (..., participant, day)
        Later scores; NaN where nothing was observed.
    """
    return np.asarray(scores, dtype=np.float64) - np.asarray(baseline, dtype=np.float64)[..., None]


def summarise(values: ArrayLike, *, axis: int = -2) -> Summary:
    """Summarise over participants, leaving missing values out and counting the rest.

    Parameters
    ----------
    values : array_like
        Scores or changes.
    axis : int
        Participant axis; by default the last but one, as in (arm, participant, day).
    """
    array = np.asarray(values, dtype=np.float64)
    n = np.count_nonzero(~np.isnan(array), axis=axis)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        mean = np.nanmean(array, axis=axis)
        sd = np.nanstd(array, axis=axis, ddof=1)
        quantiles = np.nanquantile(array, QUANTILES, axis=axis)
    q05, q25, q50, q75, q95 = (np.asarray(q) for q in quantiles)
    return Summary(
        n=np.asarray(n), mean=np.asarray(mean), sd=np.asarray(sd), q05=q05, q25=q25, q50=q50, q75=q75, q95=q95
    )


def summary_table(summary: Summary, *, scale: str, days: ArrayLike) -> pandas.DataFrame:
    """Tidy table of a summary over days, one row a day."""
    import pandas

    names = ("n", "mean", "sd", "q05", "q25", "q50", "q75", "q95")
    columns = {name: np.atleast_1d(getattr(summary, name)) for name in names}
    return pandas.DataFrame({"scale": scale, "day": np.asarray(days, dtype=np.float64), **columns})
