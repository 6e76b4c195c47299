"""From severity to scores: the ups and downs of life, the scale, and the error of a rating.

The one place where a severity becomes a score. All arrays are (draws, participants, days) unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterglow.cohort import Draw
from afterglow.cohort.streams import normals
from afterglow.compile.ratings import mean_heights
from afterglow.observation.fluctuation import fluctuate, fluctuation_spread
from afterglow.observation.noise import rate
from afterglow.protocol import Population
from afterglow.scales.instruments import scale
from afterglow.scales.links import curve_from, family_of, severity_to_score, tilt
from afterglow.scales.scale import Scale
from afterglow.simulate.ensemble import Latent

__all__ = [
    "NODES",
    "NODE_WEIGHTS",
    "Scores",
    "baseline_excess",
    "expected_rating",
    "expected_score",
    "inclusion_score",
    "lived_severity",
    "rated_scores",
    "ups_and_downs",
]

NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(3)
"""Gauss and Hermite's points, over which the ups and downs are averaged; a mean is off by less than 0.1 points."""

NODE_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
"""Their weights, which sum to one."""


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores on one scale, (draws, participants, days).

    Parameters
    ----------
    predicted : array
        Without ups and downs or error.
    expected : array
        Expected over the ups and downs and the error: its mean over people is that of endlessly many ratings.
    observed : array
        As a rater writes them down.
    """

    predicted: NDArray[np.floating]
    expected: NDArray[np.floating]
    observed: NDArray[np.floating]


def expected_score(
    instrument: Scale, severity: ArrayLike, population: Population, shift: ArrayLike = 0.0
) -> NDArray[np.float64]:
    """Return the noise-free score at a severity of the population's condition, same shape.

    Parameters
    ----------
    instrument : Scale
    severity : array_like
    population : Population
    shift : array_like
        Log-odds by which these people differ on the scale from what the crosswalk expects.
    """
    return severity_to_score(
        instrument, tilt(np.asarray(severity, dtype=np.float64), shift), family=family_of(population.condition)
    )


def lived_severity(
    severity: NDArray[np.float64], days: ArrayLike, draws: Sequence[Draw], seed: int, first: Sequence[int]
) -> NDArray[np.float64]:
    """Add the ups and downs that no treatment explains; the same ones in every arm and at every draw.

    Parameters
    ----------
    severity : array (draws, participants, days)
    days : array_like (days,)
        The first is that of inclusion.
    draws : sequence of Draw
    seed : int
    first : sequence of int
        By draw, the number of the first participant.
    """
    z = _standard_normals("fluctuation", severity, seed, first)
    sd = np.array([draw.value("fluctuation_sd") for draw in draws])
    time_constant = np.array([draw.value("fluctuation_days") for draw in draws])
    return fluctuate(severity, days, z, sd=sd, time_constant_days=time_constant)


def baseline_excess(draws: Sequence[Draw], population: Population) -> NDArray[np.float64]:
    """Return by how much people are worse than usual on the day of inclusion, in log-odds, (draws, 1)."""
    ill = not population.recovered_by
    return np.array([[ill * draw.value("baseline_excess")] for draw in draws])


def inclusion_score(
    instrument: Scale, latent: Latent, before: NDArray[np.float64], population: Population
) -> NDArray[np.float64]:
    """Return the first rating on the scale of inclusion, not rounded, (draws, participants).

    It carries the rating error of inclusion, so that it regresses to the mean; what preparation has eased by then is
    eased in it too.

    Parameters
    ----------
    instrument : Scale
    latent : Latent
    before : array (draws, participants)
        Noise-free score on the day of the first rating, a bad day.
    population : Population
    """
    start = expected_score(instrument, latent.baseline_severity, population)
    return before + latent.baseline_score - start


def rated_scores(
    name: str,
    latent: Latent,
    severity: NDArray[np.float64],
    lived: NDArray[np.float64],
    spread: NDArray[np.float64],
    population: Population,
    draws: Sequence[Draw],
    seed: int,
    first: Sequence[int],
) -> Scores:
    """Rate people on one scale, with the same errors in every arm and at every draw.

    Parameters
    ----------
    name : str
        Of the scale.
    latent : Latent
        Whose people are rated.
    severity, lived : array (draws, participants, days)
        On the days of rating, without and with ups and downs.
    spread : array (draws, days)
        SD of the ups and downs on these days, in log-odds.
    population : Population
    draws : sequence of Draw
    seed : int
    first : sequence of int
        By draw, the number of the first participant.
    """
    instrument = scale(name)
    bad_day = baseline_excess(draws, population)
    severity, lived = (
        np.concatenate([tilt(x[..., :1], bad_day[..., None]), x[..., 1:]], -1) for x in (severity, lived)
    )
    predicted = expected_score(instrument, severity, population)
    z = _standard_normals(f"rating {name}", severity, seed, first)
    observed = rate(instrument, expected_score(instrument, lived, population), z)
    expected = expected_rating(instrument, severity, spread, population)
    if name == population.scale:
        begun = inclusion_score(instrument, latent, predicted[..., 0], population)
        expected[..., 0] = np.clip(begun, instrument.low, instrument.high)
        observed[..., 0] = instrument.whole(expected[..., 0])
    return Scores(predicted, expected, observed)


def expected_rating(
    instrument: Scale, severity: NDArray[np.floating], spread: NDArray[np.float64], population: Population
) -> NDArray[np.float64]:
    """Return the score expected over the ups and downs of life, (draws, participants, days).

    Parameters
    ----------
    instrument : Scale
    severity : array (draws, participants, days)
    spread : array (draws, days)
        SD of the ups and downs, in log-odds; see `ups_and_downs`.
    population : Population
    """
    curve, home = curve_from(instrument, severity, family_of(population.condition))
    across, up, cubic = curve.pieces
    by_day = np.ascontiguousarray(severity.transpose(2, 0, 1), dtype=np.float64)
    found = np.empty(by_day.shape)
    moves = np.exp(spread * NODES.reshape(-1, 1, 1))
    mean_heights(by_day, moves, home, NODE_WEIGHTS, across, up, cubic, found)
    return found.transpose(1, 2, 0)


def ups_and_downs(days: ArrayLike, draws: Sequence[Draw]) -> NDArray[np.float64]:
    """Return the SD of the ups and downs on each day, in log-odds, (draws, days); the first is that of inclusion."""
    sd = np.array([draw.value("fluctuation_sd") for draw in draws])
    constant = np.array([draw.value("fluctuation_days") for draw in draws])
    return fluctuation_spread(days, sd=sd, time_constant_days=constant)


def _standard_normals(purpose: str, like: NDArray[np.float64], seed: int, first: Sequence[int]) -> NDArray[np.float64]:
    """Return everybody's own standard normal draws for a purpose, (draws, participants, days)."""
    _, count, each = like.shape
    drawn = {start: normals(seed, purpose, start, count, each=each) for start in sorted(set(first))}
    return np.stack([drawn[start] for start in first])
