"""Predictions of a trial's published numbers: draws and departures mixed, and set beside what was published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.calibrate.diagnostics.baselines import Baselines
from afterglow.calibrate.diagnostics.comparisons import comparisons_of, weights_of
from afterglow.calibrate.diagnostics.scores import Row
from afterglow.calibrate.targets import Trial
from afterglow.cohort import Draw
from afterglow.results.mixture import Mixture

__all__ = ["Predictions", "foretold", "rows_of"]


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predictions of published numbers, (numbers,) each.

    Parameters
    ----------
    mean, sd : array
    low, high : array
        The 90 % interval.
    """

    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @classmethod
    def of(cls, draws: Sequence[Draw], values: NDArray[np.float64], sd: NDArray[np.float64]) -> Predictions:
        """Mix the predictions of draws, (draws, numbers), each with the SD of the published number around it."""
        mixture = Mixture(tuple(draws))
        mean = mixture.mean(values)
        low, high = mixture.interval(values, sd)
        return cls(mean, np.sqrt(mixture.mean(sd**2 + (values - mean) ** 2)), low, high)


def foretold(
    trial: Trial, draws: Sequence[Draw], values: NDArray[np.float64], covariances: NDArray[np.float64]
) -> Predictions:
    """Foretell the comparisons of a trial, counted as they were published and within what is possible.

    Parameters
    ----------
    trial : Trial
    draws : sequence of Draw
    values : array (draws, targets)
        What each draw says of the targets.
    covariances : array (draws, targets, targets)
        Of the published targets around each draw. What two arms share cancels in their difference, in the draws and
        here alike.
    """
    comparisons = comparisons_of(trial)
    weights = weights_of(trial, comparisons)
    variance = np.einsum("ct,dtu,cu->dc", weights, covariances, weights, optimize=True)
    mixed = Predictions.of(draws, values @ weights.T, np.sqrt(variance))
    start, lowest, highest = (
        np.array([getattr(c, end) for c in comparisons]) for end in ("start", "lowest", "highest")
    )
    mean, low, high = (np.clip(start + end, lowest, highest) for end in (mixed.mean, mixed.low, mixed.high))
    return Predictions(mean, mixed.sd, low, high)


def rows_of(
    trial: Trial, found: Predictions, plain: Baselines, large_trial: NDArray[np.float64] | None = None
) -> list[Row]:
    """Set the predictions of a trial's comparisons beside what was published and beside baselines of other trials.

    Parameters
    ----------
    trial : Trial
    found : Predictions
    plain : Baselines
    large_trial : array (comparisons,), optional
        The predictions without what small trials publish in excess.
    """
    condition = trial.protocol.population.condition
    studied = next((name for name in trial.medicines if name != "none"), "therapy")
    return [
        Row(
            study=trial.name,
            arm=c.arm,
            versus=c.versus,
            scale=c.scale,
            kind=c.kind,
            group=c.group,
            medicine=c.medicine,
            studied=studied,
            control=c.control,
            day=c.day,
            n=c.n,
            published=c.published,
            predicted=float(found.mean[k]),
            low=float(found.low[k]),
            high=float(found.high[k]),
            inside=bool(found.low[k] <= c.published <= found.high[k]),
            sd=c.unit,
            origin=c.origin,
            spread=float(found.sd[k]),
            large_trial=None if large_trial is None else float(large_trial[k]),
            baselines=plain.of(c, condition),
        )
        for k, c in enumerate(comparisons_of(trial))
    ]
