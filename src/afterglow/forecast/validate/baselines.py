"""Plain forecasts to be better than: the last value again, the mean of others, and an autoregression.

What they need to know of other people is learned from the half of the table that a person is not in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.forecast.cohort import Cohort, Foretold
from afterglow.forecast.validate.measures import crps_of_normal

__all__ = ["Baseline", "Known", "autoregression", "cohort_mean", "known_of", "last_value", "last_value_with_spread"]

_NEAREST = 40
"""Scores of others, nearest in day, of which the cohort mean is taken; assumed."""
_LEAST_SD = 0.5


@dataclass(frozen=True, eq=False)
class Known:
    """What plain forecasts start from, each (forecasts,).

    Parameters
    ----------
    last : array
        Last known score, the mean of its day.
    so_far : array
        Mean of all known scores.
    day, ahead : array
        Day of the target, and days from the last known score to it.
    came : array
        The score that came.
    half : array of int
        The half of the table that the person is in, 0 or 1.
    """

    last: NDArray[np.float64]
    so_far: NDArray[np.float64]
    day: NDArray[np.float64]
    ahead: NDArray[np.float64]
    came: NDArray[np.int64]
    half: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Baseline:
    """A plain forecast: its mean and its continuous ranked score, each (forecasts,)."""

    mean: NDArray[np.float64]
    crps: NDArray[np.float64]


def known_of(cohort: Cohort, told: Foretold, half: NDArray[np.intp]) -> Known:
    """Return what was known for each forecast.

    Parameters
    ----------
    cohort : Cohort
    told : Foretold
    half : array (people,) of int
    """
    sums = np.cumsum(np.maximum(cohort.score, 0), axis=1)
    same_day = cohort.day[told.person] == cohort.day[told.person, told.known][:, None]
    same_day &= np.arange(cohort.day.shape[1]) <= told.known[:, None]
    last = (cohort.score[told.person] * same_day).sum(axis=1) / same_day.sum(axis=1)
    day = cohort.day[told.person, told.target]
    return Known(
        last=last,
        so_far=sums[told.person, told.known] / (told.known + 1),
        day=day,
        ahead=day - cohort.day[told.person, told.known],
        came=cohort.score[told.person, told.target],
        half=half[told.person],
    )


def last_value(known: Known) -> Baseline:
    """Carry the last value forward, as a point: its ranked score is its absolute error."""
    return Baseline(known.last, np.abs(known.last - known.came))


def last_value_with_spread(known: Known) -> Baseline:
    """Carry the last value forward with the spread of its errors in the other half, a horizon at a time."""
    sd = np.full(len(known.came), _LEAST_SD)
    for side in (0, 1):
        others = known.half != side
        if others.any():
            error = known.came[others] - known.last[others]
            sd[known.half == side] = max(float(np.sqrt((error**2).mean())), _LEAST_SD)
    return Baseline(known.last, crps_of_normal(known.last, sd, known.came))


def cohort_mean(known: Known, cohort: Cohort, half: NDArray[np.intp]) -> Baseline:
    """Foretell the mean and spread of the other half's scores that lie nearest in day."""
    mean, sd = np.empty(len(known.came)), np.empty(len(known.came))
    for side in (0, 1):
        others = half != side
        rated = cohort.score[others] >= 0
        days, scores = cohort.day[others][rated], cohort.score[others][rated]
        for day in np.unique(known.day[known.half == side]):
            apart = np.abs(days - day)
            near = scores[apart <= np.sort(apart)[min(_NEAREST, len(apart)) - 1]]
            on = (known.half == side) & (known.day == day)
            mean[on], sd[on] = near.mean(), max(float(near.std()), _LEAST_SD)
    return Baseline(mean, crps_of_normal(mean, sd, known.came))


def autoregression(known: Known) -> Baseline:
    """Regress the score that comes on the last one and on the person's mean so far, a horizon at a time."""
    mean, sd = np.empty(len(known.came)), np.empty(len(known.came))
    rows = np.column_stack([np.ones(len(known.came)), known.last, known.so_far])
    for side in (0, 1):
        others, own = known.half != side, known.half == side
        solved = np.linalg.lstsq(rows[others], known.came[others].astype(np.float64), rcond=None)[0]
        mean[own] = rows[own] @ solved
        left = known.came[others] - rows[others] @ solved
        sd[own] = max(float(np.sqrt((left**2).sum() / max(len(left) - 3, 1))) if len(left) else _LEAST_SD, _LEAST_SD)
    return Baseline(mean, crps_of_normal(mean, sd, known.came))
