"""Courses over time, summed up over people and draws, for lines and bands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.results.mixture import Mixture
from afterglow.scales.instruments import scale
from afterglow.simulate.run import Run
from afterglow.simulate.scoring import expected_rating, ups_and_downs

__all__ = ["Course", "curve_course", "score_course"]


@dataclass(frozen=True, kw_only=True)
class Course:
    """One quantity of one arm over time, (times,) each.

    Parameters
    ----------
    days : array
    mean, median, low, high : array
        Over people and draws; `low` and `high` hold nine in ten of them.
    """

    days: NDArray[np.float64]
    mean: NDArray[np.float64]
    median: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def curve_course(run: Run, mixture: Mixture, name: str, arm: int) -> Course | None:
    """Return the course of a state or quantity; None where the run keeps none of that name, or at none of the draws."""
    if name == "symptom":
        places = mixture.places
        return _summed(run.times, run.severity[places, arm], mixture.weights)
    places = np.array([k for k in mixture.places if k in run.curve_draws], dtype=np.intp)
    if name not in run.curve_names or not len(places):
        return None
    rows = [run.curve_draws.index(int(k)) for k in places]
    weights = np.array([run.draws[k].weight for k in places])
    return _summed(run.times, run.curves[rows, arm, :, run.curve_names.index(name)], weights / weights.sum())


def score_course(run: Run, mixture: Mixture, name: str, arm: int) -> Course:
    """Return the course of what people would be rated on a scale: its mean runs through the mean ratings of visits.

    Only the people kept count, all people in the usual run.
    """
    places = mixture.places
    severity = run.severity[places, arm].astype(np.float64)
    own = [run.draws[k] for k in places]
    first = float(run.visits[name][arm, 0]) if name in run.visits else float(run.times[0])
    days = np.maximum(run.times, first)
    scores = expected_rating(scale(name), severity, ups_and_downs(days, own), run.spec.protocol.population)
    return _summed(run.times, scores, mixture.weights)


def _summed(days: NDArray[np.float64], values: NDArray[np.floating], weights: NDArray[np.float64]) -> Course:
    """Sum values (draws, participants, times) up."""
    draws, people, times = values.shape
    mean = np.tensordot(weights, values.mean(axis=1, dtype=np.float64), axes=1)
    flat = values.reshape(draws * people, times)
    if np.ptp(weights) <= 1e-9 * weights[0]:
        low, median, high = np.quantile(flat, [0.05, 0.5, 0.95], axis=0)
    else:
        each = np.repeat(weights / people, people)
        order = np.argsort(flat, axis=0)
        shares = np.cumsum(each[order], axis=0)
        at = [np.argmax(shares >= q * (1 - 1e-12), axis=0) for q in (0.05, 0.5, 0.95)]
        ordered = np.take_along_axis(flat, order, axis=0)
        low, median, high = (ordered[k, np.arange(times)] for k in at)
    return Course(days=days, mean=mean, median=median, low=low, high=high)
