"""The slow ups and downs of many people at once, carried from score to score on a grid.

A person's severity is an expected course plus a slow departure: an Ornstein-Uhlenbeck process that is at rest on the
day on which following begins. Along one course the departure is integrated out exactly, up to the grid, whatever the
scores look like: whole, bounded, with heavy tails. That leaves one number a course, the chance of all scores.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from afterglow.forecast.likelihood import GRID, place_of

__all__ = ["Departures", "fade", "filtered", "foreseen", "grid_of", "start"]

_WIDEST = 3.6
"""End of the grid, in SDs of the slow departure."""


@dataclass(frozen=True, eq=False)
class Departures:
    """Chance of each slow departure on a day, given the scores until then.

    Parameters
    ----------
    chance : array (batch, courses, grid)
        Sums to one over the grid.
    log_weight : array (batch, courses)
        Log of the chance of the scores until then along each course.
    """

    chance: NDArray[np.float64]
    log_weight: NDArray[np.float64]


def grid_of(points: int) -> NDArray[np.float64]:
    """Return the departures of the grid, in SDs; the middle one is none."""
    return np.linspace(-_WIDEST, _WIDEST, points)


def start(batch: int, courses: int, points: int) -> Departures:
    """Return the departures on the day on which following begins: none.

    Parameters
    ----------
    batch, courses : int
    points : int
        Of the grid, odd.
    """
    chance = np.zeros((batch, courses, points))
    chance[..., points // 2] = 1.0
    return Departures(chance, np.zeros((batch, courses)))


def fade(gap_days: ArrayLike, slow_days: ArrayLike, points: int) -> NDArray[np.float64]:
    """Return the chances of going from one departure (rows) to another (columns), (batch, grid, grid).

    Parameters
    ----------
    gap_days, slow_days : array_like (batch,)
        Days between, and the time constant of the process.
    points : int
    """
    kept = np.atleast_1d(np.exp(-np.asarray(gap_days, dtype=np.float64) / np.asarray(slow_days, dtype=np.float64)))
    own, where = np.unique(kept, return_inverse=True)
    g = grid_of(points)
    edges = (g[1:] + g[:-1]) / 2
    sd = np.sqrt(np.maximum(1 - own**2, 1e-12))[:, None, None]
    below = ndtr((edges - own[:, None, None] * g[:, None]) / sd)
    return np.asarray(np.diff(below, axis=-1, prepend=0.0, append=1.0)[where])


def filtered(
    held: Departures,
    steps: NDArray[np.float64],
    course: NDArray[np.float64],
    slow_sd: NDArray[np.float64],
    chances: NDArray[np.float64],
) -> Departures:
    """Carry the departures to the day of a score, and learn from the score.

    Parameters
    ----------
    held : Departures
        Of the day before.
    steps : array (batch, grid, grid)
        See `fade`.
    course : array (batch, courses)
        Expected severity on the day, in log-odds.
    slow_sd : array (batch, courses)
        SD of the slow departures, in log-odds.
    chances : array (batch, severities)
        Chance of the score at each severity; ones where nothing was scored.
    """
    carried = held.chance @ steps
    place = _places(course, slow_sd, carried.shape[-1])
    place += (np.arange(len(place)) * chances.shape[1])[:, None, None]
    carried *= chances.take(place)
    total = carried.sum(axis=-1)
    return Departures(carried / total[..., None], held.log_weight + np.log(total))


def foreseen(
    held: Departures,
    steps: NDArray[np.float64],
    course: NDArray[np.float64],
    slow_sd: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the chance of each usual severity on a day to come, (batch, severities).

    Parameters
    ----------
    held, steps, course, slow_sd
        As in `filtered`.
    weights : array (batch, courses)
        Of the courses.
    """
    carried = (held.chance * weights[..., None]) @ steps
    place = _places(course, slow_sd, carried.shape[-1])
    batch, size = len(place), len(GRID)
    place += np.arange(batch)[:, None, None] * size
    summed = np.bincount(place.ravel(), weights=carried.ravel(), minlength=batch * size)
    return np.asarray(summed, dtype=np.float64).reshape(batch, size)


def _places(course: NDArray[np.float64], slow_sd: NDArray[np.float64], points: int) -> NDArray[np.intp]:
    return place_of(course[..., None] + slow_sd[..., None] * grid_of(points))
