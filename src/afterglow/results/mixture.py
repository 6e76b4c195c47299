"""From draws to answers: the weighted mean, and the interval that holds parameters, explanations and trials.

Each draw belongs to one explanation. A mean over draws is the weighted answer, a selection of draws is one explanation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit, ndtr, ndtri

from afterglow.cohort import Draw
from afterglow.compile.order import fill_ends

__all__ = [
    "LOGIT_PER_SD",
    "SHARE_PER_SD",
    "Z90",
    "Interval",
    "Mixture",
    "sd_between",
    "weighted_quantiles",
]

Z90 = 1.6448536269514722
"""Half width of a 90 % interval in SDs."""
_OUTSIDE = 0.05
"""Share on either side of it."""

SHARE_PER_SD = 0.35
"""Change of a share when everybody's score moves by one SD, near one half."""
LOGIT_PER_SD = 4 * SHARE_PER_SD
"""The same on the logit scale, whose slope at one half is a quarter."""

_DEPARTURES = ndtri((np.arange(31) + 0.5) / 31)
"""Standard normal departures of a trial from the model, spread evenly."""

Interval = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Mixture:
    """The draws of a run, or those of one explanation.

    Parameters
    ----------
    draws : tuple of Draw
        All draws of the run.
    rival : str
        Explanation to keep; empty for all, weighted.
    """

    draws: tuple[Draw, ...]
    rival: str = ""

    @cached_property
    def places(self) -> NDArray[np.intp]:
        """Places of the draws that count."""
        return np.array([k for k, draw in enumerate(self.draws) if self.rival in ("", draw.rival)], dtype=np.intp)

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """Weights of the draws that count, summing to one."""
        own = np.array([self.draws[k].weight for k in self.places])
        return np.asarray(own / own.sum())

    @cached_property
    def _parts(self) -> _Parts | None:
        """How the draws that count see the parts of the cohort, None where they are too few to tell parts apart."""
        return _parts_of([self.draws[k] for k in self.places], self.weights)

    def _adjusted(self, own: NDArray[np.float64]) -> NDArray[np.float64]:
        """Take out what differs between parts of the cohort, where every draw has a value.

        A part is seen at few draws, and looks as far from the others as those happen to be. So of how far it is from
        them that share is taken out which the spread between parts has over what draws alone would bring.
        """
        parts = self._parts
        if parts is None or not np.isfinite(own).all():
            return own
        values = own.reshape(len(own), -1)
        apart = parts.apart @ values
        by_chance = np.square(parts.rest @ values).sum(axis=0) / parts.freedom / parts.draws_each
        seen = np.square(apart).sum(axis=0) / (len(apart) - 1)
        share = np.clip(1.0 - by_chance / np.maximum(seen, 1e-300), 0.0, 1.0)
        return np.asarray(values - share * (parts.of @ apart)).reshape(own.shape)

    def of(self, values: ArrayLike) -> NDArray[np.float64]:
        """Return the values of the draws that count, (draws, ...)."""
        return np.asarray(values, dtype=np.float64)[self.places]

    def mean(self, values: ArrayLike) -> NDArray[np.float64]:
        """Return the weighted mean over draws, (...), of those where the value is known.

        Parameters
        ----------
        values : array_like (all draws, ...)
        """
        own = self.of(values)
        known = np.isfinite(own)
        weights = self.weights.reshape(-1, *(1,) * (own.ndim - 1)) * known
        with np.errstate(invalid="ignore"):
            return np.asarray((np.where(known, own, 0.0) * weights).sum(axis=0) / weights.sum(axis=0))

    def interval(
        self, values: ArrayLike, departure_sd: ArrayLike = 0.0, *, low: ArrayLike = -np.inf, high: float = np.inf
    ) -> Interval:
        """Return the 90 % interval of a mean, a difference or a day.

        Parameters
        ----------
        values : array_like (all draws, ...)
            Of which the interval is asked, free of what trials depart from the model.
        departure_sd : array_like (all draws, ...)
            SD of the departure of a trial from the model.
        low : array_like (...)
            Lower end of the possible range.
        high : float
            Upper end.

        Notes
        -----
        The quantiles are those of the mixture over draws of normals around each draw's value, for endlessly many
        people.
        """
        own = self._adjusted(self.of(values))
        sd = self.of(np.broadcast_to(departure_sd, np.shape(values)))
        return self._ends(own, sd, lambda points: np.clip(points, low, high))

    def probability_below_zero(self, values: ArrayLike, departure_sd: ArrayLike) -> NDArray[np.float64]:
        """Return the probability that a difference lies below zero, (...), by the mixture that `interval` takes.

        Parameters
        ----------
        values : array_like (all draws, ...)
            Free of what trials depart from the model.
        departure_sd : array_like (all draws, ...)
            SD of the departure of a trial from the model; where it is zero, a difference of zero counts half.
        """
        own = self._adjusted(self.of(values))
        sd = self.of(np.broadcast_to(departure_sd, np.shape(values)))
        with np.errstate(divide="ignore", invalid="ignore"):
            below = np.where(sd > 0, ndtr(-own / sd), (1.0 - np.sign(own)) / 2)
        return np.asarray(np.tensordot(self.weights, below, axes=1))

    def share_interval(self, shares: ArrayLike, departure_sd: ArrayLike, people: ArrayLike) -> Interval:
        """Return the 90 % interval of a share: departures act on the logit scale, so that it stays between 0 and 1.

        Parameters
        ----------
        shares : array_like (all draws, ...)
        departure_sd : array_like (all draws, ...)
            In SDs between people.
        people : array_like (all draws, ...)
            Behind each share: one of none, or of all, is not taken for certain. That moves rare shares up; the
            interval holds the mean share nevertheless, unless it is none or all.
        """
        own, count = self.of(shares), self.of(np.broadcast_to(people, np.shape(shares)))
        sd = self.of(np.broadcast_to(departure_sd, np.shape(shares)))
        middle = self._adjusted(logit((own * count + 0.5) / (count + 1)))
        low, high = self._ends(middle, LOGIT_PER_SD * sd, expit)
        mean = self.mean(shares)
        seen = (mean > 0) & (mean < 1)
        return np.where(seen, np.fmin(low, mean), low), np.where(seen, np.fmax(high, mean), high)

    def error(self, values: ArrayLike, people_sd: ArrayLike, people: int) -> NDArray[np.float64]:
        """Return the Monte-Carlo error (one standard error) of a mean over draws and people, (...).

        Parameters
        ----------
        values : array_like (all draws, ...)
            Means over people.
        people_sd : array_like (all draws, ...)
            SD between people.
        people : int
            How many different people there are.
        """
        own = self._adjusted(self.of(values))
        between = self.mean(np.square(people_sd)) / people
        rivals = np.array([self.draws[k].rival for k in self.places])
        apart = np.empty_like(own)
        for rival in set(rivals):
            same = rivals == rival
            apart[same] = own[same] - own[same].mean(axis=0)
        within = np.tensordot(self.weights**2, apart**2, axes=1)
        return np.asarray(np.sqrt(between + within))

    def _ends(self, own: NDArray[np.float64], sd: NDArray[np.float64], shown: Callable[[Any], Any]) -> Interval:
        """Return the weighted 5 and 95 % quantiles of departing draws (draws, ...), unknown ones left out.

        Parameters
        ----------
        own, sd : array (draws, ...)
        shown : callable
            Rising; what the points of the mixture come to.
        """
        draws, rest = own.shape[0], own.shape[1:]
        known = np.where(np.isfinite(shown(own) + sd), own, np.nan).reshape(draws, -1)
        ends, part = np.empty((2, 2, known.shape[1])), np.empty((2, known.shape[1]))
        fill_ends(known, np.ascontiguousarray(sd).reshape(draws, -1), self.weights, _DEPARTURES, _OUTSIDE, ends, part)
        outside, inside = (shown(ends[:, k].reshape(2, *rest)) for k in (0, 1))
        low, high = outside + part.reshape(2, *rest) * (inside - outside)
        return low, high


@dataclass(frozen=True, eq=False)
class _Parts:
    """Parts of a cohort, as some draws see them.

    Parameters
    ----------
    of : array (draws, parts)
        One at the part of each draw.
    apart : array (parts, draws)
        Map from the values of the draws to how far each part is from the mean of all, explanations held.
    rest : array (draws, draws)
        Map to what neither parts nor explanations explain.
    freedom : int
        Values that this rest is free in.
    draws_each : float
        Draws of a part.
    """

    of: NDArray[np.float64]
    apart: NDArray[np.float64]
    rest: NDArray[np.float64]
    freedom: int
    draws_each: float


def _parts_of(draws: Sequence[Draw], weights: NDArray[np.float64]) -> _Parts | None:
    rivals, parts = sorted({d.rival for d in draws}), sorted({d.replicate for d in draws})
    if len(draws) < 2 * len(parts) + len(rivals) or len(parts) < 2:
        return None
    levels = np.array([[float(d.rival == name) for name in rivals] for d in draws])
    of = np.array([[float(d.replicate == part) for part in parts] for d in draws])
    sum_to_zero = np.vstack([np.eye(len(parts) - 1), -np.ones(len(parts) - 1)])
    known = np.hstack([levels, of @ sum_to_zero])
    root = np.sqrt(weights)[:, None]
    solved = np.linalg.pinv(root * known) * root.T
    return _Parts(
        of,
        sum_to_zero @ solved[len(rivals) :],
        np.eye(len(draws)) - known @ solved,
        len(draws) - known.shape[1],
        len(draws) / len(parts),
    )


def sd_between(values: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return the SD between people of scores (..., participants, days), (..., days); NaN where it is one person."""
    if values.shape[-2] < 2:
        return np.full((*values.shape[:-2], values.shape[-1]), np.nan)
    return np.asarray(values.std(axis=-2, ddof=1, dtype=np.float64))


def weighted_quantiles(
    values: NDArray[np.float64], weights: NDArray[np.float64], at: Sequence[float]
) -> NDArray[np.float64]:
    """Return quantiles over people of all draws, (at, ...); NaN where no value is known.

    Parameters
    ----------
    values : array (draws, ..., participants)
    weights : array (draws,)
    at : sequence of float
    """
    rows = np.moveaxis(values, 0, -2).reshape(-1, values.shape[0] * values.shape[-1])
    rows = np.where(np.isfinite(rows), rows, np.nan)
    order = np.argsort(rows, axis=1)  # unknown ones come last
    rows, own = np.take_along_axis(rows, order, axis=1), np.repeat(weights, values.shape[-1])[order]
    found = np.full((len(at), len(rows)), np.nan)
    for k, count in enumerate(np.count_nonzero(np.isfinite(rows), axis=1)):
        if count:
            known = own[k, :count]
            found[:, k] = np.interp(at, (np.cumsum(known) - known / 2) / known.sum(), rows[k, :count])
    return found.reshape(len(at), *values.shape[1:-1])
