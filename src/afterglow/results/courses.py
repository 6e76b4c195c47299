"""Courses over time, summed up over people and draws, for lines and bands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.compile.order import fill_quantiles
from afterglow.results.mixture import Interval, Mixture
from afterglow.scales.instruments import scale
from afterglow.simulate.run import Run
from afterglow.simulate.scoring import expected_rating, ups_and_downs

__all__ = ["SUMS", "Course", "curve_course", "score_band", "score_course"]

_AT = (0.05, 0.5, 0.95)
SUMS = {"spines": ("labile_spines", "stable_spines")}
"""Quantities that are sums of others."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Course:
    """One quantity of one arm over time, summed up over people and draws when it is asked.

    Parameters
    ----------
    days : array (times,)
    values : array (draws, participants, times)
    weights : array (draws,)
        They sum to one.
    """

    days: NDArray[np.float64]
    values: NDArray[np.floating]
    weights: NDArray[np.float64]

    def at(self, places: NDArray[Any]) -> Course:
        """Return the course at some of its days, by their places or by a mask."""
        return Course(days=self.days[places], values=self.values[..., places], weights=self.weights)

    @cached_property
    def means(self) -> NDArray[np.float64]:
        """Mean over people at each draw, (draws, times)."""
        return np.asarray(self.values.mean(axis=1, dtype=np.float64))

    @cached_property
    def mean(self) -> NDArray[np.float64]:
        """Mean, (times,)."""
        return np.asarray(np.tensordot(self.weights, self.means, axes=1))

    @property
    def median(self) -> NDArray[np.float64]:
        """Median, (times,)."""
        return np.asarray(self._quantiles[1])

    @property
    def low(self) -> NDArray[np.float64]:
        """Value that one in twenty lie below, (times,)."""
        return np.asarray(self._quantiles[0])

    @property
    def high(self) -> NDArray[np.float64]:
        """Value that one in twenty lie above, (times,)."""
        return np.asarray(self._quantiles[2])

    @cached_property
    def _quantiles(self) -> NDArray[np.float64]:
        draws, people, times = self.values.shape
        found = np.empty((len(_AT), times))
        by_day = np.ascontiguousarray(self.values.transpose(2, 0, 1)).reshape(times, draws * people)
        fill_quantiles(by_day, np.repeat(self.weights / people, people), np.array(_AT), found)
        return found


def curve_course(run: Run, mixture: Mixture, name: str, arm: int) -> Course | None:
    """Return the course of a state or quantity; None where the run keeps none of that name, or at none of the draws."""
    if name == "symptom":
        places = mixture.places
        return Course(days=run.times, values=run.severity[places, arm], weights=mixture.weights)
    places = np.array([k for k in mixture.places if k in run.curve_draws], dtype=np.intp)
    parts = SUMS.get(name, (name,))
    if not set(parts) <= set(run.curve_names) or not len(places):
        return None
    rows = [run.curve_draws.index(int(k)) for k in places]
    weights = np.array([run.draws[k].weight for k in places])
    values = sum(run.curves[rows, arm, :, run.curve_names.index(part)] for part in parts)
    return Course(days=run.times, values=np.asarray(values), weights=weights / weights.sum())


def score_course(run: Run, mixture: Mixture, name: str, arm: int) -> Course:
    """Return the course of what people would be rated on a scale: its mean runs through the mean ratings of visits.

    Only the people kept count, all people in the usual run.
    """
    places = mixture.places
    severity = run.severity[places, arm]
    own = [run.draws[k] for k in places]
    first = float(run.visits[name][arm, 0]) if name in run.visits else float(run.times[0])
    days = np.maximum(run.times, first)
    scores = expected_rating(scale(name), severity, ups_and_downs(days, own), run.spec.protocol.population)
    return Course(days=run.times, values=scores.astype(np.float32), weights=mixture.weights)


def score_band(run: Run, mixture: Mixture, name: str, arm: int, course: Course) -> Interval:
    """Return the 90 % interval of the mean of a `score_course` in a trial yet to be run, two arrays (times,).

    On the days of visits it is that of the table of scores. Trials depart from the model once something is done: how
    far is a straight line from none, at the first rating or on day 0, to the departure of the next visit, and between
    visits.
    """
    instrument, visits = scale(name), run.visits[name][arm]
    means = np.full((len(run.draws), len(run.times)), np.nan)
    means[mixture.places] = course.means
    sd = run.counts[name][arm].sd * (np.arange(len(visits)) > 0)
    days = np.concatenate([[max(visits[0], min(0.0, visits[1] - 1e-9))], visits[1:]])
    apart = np.stack([np.interp(run.times, days, own) for own in sd]) * run.apart("mean")[:, None]
    return mixture.interval(means, apart, low=instrument.low, high=instrument.high)
