"""Averages over simulated trials, under each explanation and by their weights, with their Monte-Carlo error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.cohort import Draw

__all__ = ["WEIGHTED", "Average", "Figure"]

WEIGHTED = "weighted"


@dataclass(frozen=True)
class Figure:
    """A number with its Monte-Carlo error, one standard error; None where too few draws or trials tell it."""

    value: float | None
    se: float | None

    def to_json(self) -> dict[str, float | None]:
        """Return both by name."""
        return {"value": self.value, "se": self.se}


@dataclass(frozen=True, eq=False)
class Average:
    """How values of single trials are averaged.

    Parameters
    ----------
    draws : sequence of Draw
    places : int array (trials,)
        Draw of each trial.

    Notes
    -----
    The trials of a draw are alike, so that draws are the sampling units: the error holds both how few trials a draw
    has and how few draws an explanation has.
    """

    draws: Sequence[Draw]
    places: NDArray[np.intp]

    def under(self, values: NDArray[np.floating]) -> Mapping[str, Figure]:
        """Return the average of a value of each trial, (trials,), under each explanation.

        Trials without a value, NaN, are left out.
        """
        return {rival: self._figure([(1.0, rival)], values) for rival in self.rivals}

    def weighted(self, values: NDArray[np.floating]) -> Figure:
        """Return the average of a value of each trial, (trials,), by the weights of the explanations."""
        return self._figure([(weight, rival) for rival, weight in self.rivals.items()], values)

    @property
    def rivals(self) -> Mapping[str, float]:
        """Weights of the explanations."""
        found: dict[str, float] = {}
        for draw in self.draws:
            found[draw.rival] = found.get(draw.rival, 0.0) + draw.weight
        return found

    @property
    def weights(self) -> NDArray[np.float64]:
        """Weight of each trial, (trials,), summing to one over the explanations that have any."""
        rival = np.array([self.draws[k].rival for k in self.places])
        found = np.zeros(len(self.places))
        for name, weight in self.rivals.items():
            own = rival == name
            if own.any():
                found[own] = weight / own.sum()
        return np.asarray(found / found.sum())

    def _figure(self, parts: Sequence[tuple[float, str]], values: NDArray[np.floating]) -> Figure:
        total = variance = held = 0.0
        known = np.isfinite(values)
        for weight, rival in parts:
            means = self._by_draw(rival, np.where(known, values, 0.0), known)
            if len(means) == 0:
                if weight > 1e-6:
                    return Figure(None, None)
                continue
            held += weight
            total += weight * float(means.mean())
            variance += weight**2 * (float(means.var(ddof=1)) / len(means) if len(means) > 1 else np.nan)
        if held == 0:
            return Figure(None, None)
        error = float(np.sqrt(variance)) / held
        return Figure(total / held, error if np.isfinite(error) else None)

    def _by_draw(self, rival: str, values: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the mean of the trials of each draw of an explanation, of those that have any."""
        count = np.bincount(self.places, known, minlength=len(self.draws))
        total = np.bincount(self.places, values * known, minlength=len(self.draws))
        own = np.array([draw.rival == rival for draw in self.draws]) & (count > 0)
        return np.asarray(total[own] / count[own])
