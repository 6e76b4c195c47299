"""What nobody knows of a person beforehand: how long and how far severity departs from the expected course.

The calibration sees means and spreads of groups. These cannot tell a lasting difference between people from a bad week,
because both widen a group alike; for one person it is all that matters. The constants here divide the same spread anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtri
from scipy.stats import qmc

from afterglow.parameter import Parameter

__all__ = ["KNOTS", "UNKNOWNS", "Belief", "cohort_departure", "natural", "own_response", "prior"]

_OWN = "assumed, in round numbers beside two public tables of people under care (REFRAMED, an antidepressant trial)"

KNOTS = (7.0, 21.0, 45.0, 90.0, 180.0, 365.0, 730.0)
"""Days by which the people of one place have departed one step further from the expected course; straight between."""

UNKNOWNS = (
    Parameter(
        name="level_mean",
        value=-0.2,
        unit="log-odds",
        meaning="Usual severity of the people who begin",
        prior_sd=0.8,
        scale="linear",
        where="assumed: moderate to severe, as those who enter trials",
    ),
    Parameter(
        name="level_sd",
        value=0.7,
        unit="log-odds",
        meaning="Lasting differences between the people who begin",
        prior_sd=0.4,
        where=_OWN,
    ),
    Parameter(
        name="response_sd",
        value=0.4,
        unit="log-odds",
        meaning="Lasting differences between people in what begins to help, or not",
        prior_sd=0.5,
        where=_OWN,
    ),
    Parameter(
        name="response_days",
        value=40.0,
        unit="days",
        meaning="Time over which these differences come about",
        prior_sd=0.5,
        where="assumed: antidepressants and psychotherapy work within weeks to months",
    ),
    Parameter(
        name="slow_sd",
        value=0.8,
        unit="log-odds",
        meaning="How far people come apart in the long run, for reasons that no plan explains",
        prior_sd=0.4,
        where=_OWN,
    ),
    Parameter(
        name="restless_sd",
        value=0.4,
        unit="ratio",
        meaning="How much people differ in that, on the log scale: some hardly change, some change a lot",
        prior_sd=0.4,
        where=_OWN,
    ),
    Parameter(
        name="slow_days",
        value=400.0,
        unit="days",
        meaning="Time over which such a departure fades",
        prior_sd=0.8,
        where=_OWN,
    ),
    Parameter(
        name="fast_sd",
        value=0.2,
        unit="log-odds",
        meaning="Ups and downs of days, beside the error of a rating",
        prior_sd=0.4,
        where=_OWN,
    ),
    Parameter(
        name="first_excess",
        value=0.15,
        unit="log-odds",
        meaning="How much worse than usual people are on the day on which they begin",
        prior_sd=0.15,
        scale="linear",
        where="the calibrated baseline_excess",
    ),
    Parameter(
        name="course_share",
        value=0.3,
        unit="ratio",
        meaning="How much of the change that the model expects without any medicine comes about",
        prior_sd=0.5,
        where="assumed: the trials follow usual care for weeks; within months the model gains two or three times what "
        "REFRAMED saw",
    ),
    *(
        Parameter(
            name=f"apart_{day:g}",
            value=0.0,
            unit="log-odds",
            meaning=f"By how much the people of one place depart further from the expected course by day {day:g}",
            prior_sd=0.3,
            scale="linear",
            where="assumed: trials depart from the model by 0.2 to 0.3 SDs between people, and care differs from place "
            "to place",
        )
        for day in KNOTS
    ),
)


@dataclass(frozen=True, eq=False)
class Belief:
    """What is believed of the unknowns: a normal distribution of their deviations from `UNKNOWNS`.

    Parameters
    ----------
    mean : array (unknowns,)
    covariance : array (unknowns, unknowns)
    """

    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]

    def draws(self, count: int) -> Mapping[str, NDArray[np.float64]]:
        """Return draws of every unknown, (count,), laid out evenly; always the same ones."""
        even = qmc.Sobol(len(self.mean), scramble=True, rng=np.random.default_rng(1)).random(count)
        root = np.linalg.cholesky(self.covariance)
        return natural(self.mean + ndtri(np.clip(even, 1e-6, 1 - 1e-6)) @ root.T)


def natural(deviations: NDArray[np.float64]) -> Mapping[str, NDArray[np.float64]]:
    """Return the unknowns in their units from deviations (..., unknowns)."""
    return {p.name: p.moved(p.value, deviations[..., k]) for k, p in enumerate(UNKNOWNS)}


def prior() -> Belief:
    """Return what is believed where nobody else's scores are known."""
    sd = np.array([p.prior_sd for p in UNKNOWNS])
    return Belief(np.zeros(len(sd)), np.diag(sd**2))


def own_response(standard_normal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn standard normal draws into people's own responses, in SDs around their mean, same shape.

    Some people gain a great deal and most a little, nobody loses as much: a mirrored exponential.
    """
    return np.asarray(1.0 + log_ndtr(standard_normal))


def cohort_departure(unknown: Mapping[str, NDArray[np.float64]], days: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by how much the people of one place depart from the expected course, in log-odds.

    Parameters
    ----------
    unknown : mapping of str to array (batch,)
    days : array (..., batch)
        From the beginning; nothing departs before.

    Returns
    -------
    array (..., batch)
    """
    found = np.zeros(np.broadcast_shapes(days.shape, unknown["level_mean"].shape))
    for begin, end in zip((0.0, *KNOTS), KNOTS, strict=False):
        found += unknown[f"apart_{end:g}"] * np.clip((days - begin) / (end - begin), 0.0, 1.0)
    return found
