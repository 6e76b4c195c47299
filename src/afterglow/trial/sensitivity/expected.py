"""What is expected of a trial before it is analysed: scores, dropout and events over time, and the true difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from afterglow.results.mixture import weighted_quantiles
from afterglow.trial.characteristics.average import WEIGHTED, Figure
from afterglow.trial.characteristics.operating import true_values
from afterglow.trial.characteristics.simulate import SimulatedTrials

__all__ = ["ExpectedArm", "ExpectedEffect", "departures_of", "expected_arms", "expected_effects"]

_ENDS = (0.05, 0.95)


@dataclass(frozen=True, kw_only=True)
class ExpectedArm:
    """One arm, over all explanations by their weights.

    Parameters
    ----------
    id : str
    days : tuple of float
        Of the visits, the first that of inclusion.
    score : tuple of Figure
        Mean on each day, without dropout and events.
    sd : tuple of float
        Between people, of rated scores.
    lost : tuple of Figure
        Share that has dropped out by each visit after inclusion.
    events : mapping of str to tuple of Figure
        By event, the share that has had it by each of them, also among those who have dropped out.
    """

    id: str
    days: tuple[float, ...]
    score: tuple[Figure, ...]
    sd: tuple[float, ...]
    lost: tuple[Figure, ...]
    events: Mapping[str, tuple[Figure, ...]]


@dataclass(frozen=True, kw_only=True)
class ExpectedEffect:
    """The true difference, active minus control, that simulated trials have.

    Parameters
    ----------
    name : str
        An explanation, or "weighted".
    weight : float
    mean : Figure
    low, high : float
        Of 90 % of trials: parameters and the departures of trials from the model.
    """

    name: str
    weight: float
    mean: Figure
    low: float
    high: float


def expected_arms(simulated: SimulatedTrials) -> tuple[ExpectedArm, ...]:
    """Return what is expected of every arm."""
    trial, bank, average, held = simulated.trial, simulated.bank, simulated.average, simulated.held
    shares = np.array([site.share for site in trial.section.expectancy.sites] or [1.0])
    shares = shares / shares.sum()
    days = tuple(bank.days.tolist())
    found = []
    for k, arm in enumerate(trial.arms):
        mean, sd = (
            np.einsum("drt,r->dt", part[:, bank.rows[k]], shares)[simulated.places] for part in (bank.mean, bank.sd)
        )
        visits = range(len(days) - 1)
        found.append(
            ExpectedArm(
                id=arm.id,
                days=days,
                score=tuple(average.weighted(mean[:, t]) for t in range(len(days))),
                sd=tuple(average.weighted(sd[:, t]).value or 0.0 for t in range(len(days))),
                lost=tuple(average.weighted(held["lost"][:, k, t]) for t in visits),
                events={
                    event.id: tuple(average.weighted(held["events"][:, k, j, t]) for t in visits)
                    for j, event in enumerate(trial.section.intercurrent_events)
                },
            )
        )
    return tuple(found)


def expected_effects(simulated: SimulatedTrials) -> tuple[ExpectedEffect, ...]:
    """Return the true difference of the first analysis, weighted and under each explanation.

    Empty where it is not worked out; see `afterglow.trial.simulation.truth`.
    """
    truth = true_values(simulated, 0)[:, 0]
    if not np.isfinite(truth).any():
        return ()
    average = simulated.average
    rival_of = np.array([simulated.bank.draws[k].rival for k in simulated.places])
    under = average.under(truth)
    parts = [(WEIGHTED, 1.0, average.weighted(truth), average.weights)]
    parts += [(name, weight, under[name], (rival_of == name).astype(float)) for name, weight in average.rivals.items()]
    found = []
    for name, weight, mean, weights in parts:
        own = weights > 0
        low, high = weighted_quantiles(truth[own, None], weights[own], _ENDS)
        found.append(ExpectedEffect(name=name, weight=weight, mean=mean, low=float(low), high=float(high)))
    return tuple(found)


def departures_of(simulated: SimulatedTrials) -> tuple[float, float]:
    """Return by how much the mean of an arm and the difference of two arms depart from the model.

    Root mean squares over draws by their weights, in SDs between people.
    """
    draws = simulated.bank.draws
    weights = np.array([draw.weight for draw in draws])
    mean, difference = (
        float(np.sqrt(np.average([getattr(draw, name) ** 2 for draw in draws], weights=weights)))
        for name in ("mean_apart", "difference_apart")
    )
    return mean, difference
