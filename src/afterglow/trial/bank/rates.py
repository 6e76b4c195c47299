"""How often intercurrent events and dropout come: hazards that follow the simulated state of a person.

The hazard of an event is a rate times the hazard ratios of the person's state at the visit before. The rate is found on
the bank, so that the share of an arm that the specification names has the event by the day that it names, on average
over draws and people. Where nothing else is said, all arms share the rate of the control arm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from afterglow.results.mixture import Mixture
from afterglow.trial.specification.events import Dropout, HazardRatio, IntercurrentEvent
from afterglow.trial.specification.trial import Trial

__all__ = ["Rates", "log_hazard_ratio", "rates_of"]


@dataclass(frozen=True, eq=False)
class Rates:
    """Hazards of a person to whom every hazard ratio is 1, a day.

    Parameters
    ----------
    events : array (events, arms)
    dropout : array (arms,)
    """

    events: NDArray[np.float64]
    dropout: NDArray[np.float64]


def log_hazard_ratio(
    ratio: HazardRatio,
    score: NDArray[np.floating],
    baseline: NDArray[np.floating],
    felt: NDArray[np.floating],
    belief: NDArray[np.floating],
    mean: float,
    sd: float,
) -> NDArray[np.float64]:
    """Return the logarithm of the hazard ratio of people in a state, same shape.

    Parameters
    ----------
    ratio : HazardRatio
    score, baseline : array (...)
        On the visit before, and at inclusion.
    felt, belief : array (...)
    mean, sd : float
        Of the population's baseline.
    """
    return np.asarray(
        np.log(ratio.severity) * (score - mean) / sd
        + np.log(ratio.improvement) * (baseline - score) / sd
        + np.log(ratio.felt) * felt
        + np.log(ratio.belief) * belief
    )


def rates_of(
    trial: Trial,
    mixture: Mixture,
    rows: NDArray[np.intp],
    lived: NDArray[np.float32],
    flat: Mapping[str, NDArray[np.float32]],
) -> Rates:
    """Find the rates at which the shares of the specification come about.

    Parameters
    ----------
    trial : Trial
    mixture : Mixture
        Of the draws of the bank.
    rows : array (arms, sites)
    lived : array (draws, rows, people, days)
        Scores with the ups and downs of life.
    flat : mapping of str to array (draws, rows, people)
        Of ``baseline``, ``felt`` and ``belief``.
    """
    section = trial.section
    shares = np.array([site.share for site in section.expectancy.sites] or [1.0])

    def rate(event: IntercurrentEvent | Dropout, arm: int) -> float:
        own = rows[arm]
        before = np.concatenate([flat["baseline"][:, own, :, None], lived[:, own, :, 1:-1]], axis=3)
        return _rate(event, trial, mixture, shares, before, {name: held[:, own] for name, held in flat.items()})

    def by_arm(event: IntercurrentEvent | Dropout) -> list[float]:
        usual = rate(event, 0)
        return [
            rate(event.model_copy(update={"share": event.arms[arm.id]}), k) if arm.id in event.arms else usual
            for k, arm in enumerate(trial.arms)
        ]

    events = np.array([by_arm(event) for event in section.intercurrent_events]).reshape(-1, len(trial.arms))
    dropout = np.array(by_arm(trial.dropout)) if trial.dropout is not None else np.zeros(len(trial.arms))
    return Rates(events, dropout)


def _rate(
    event: IntercurrentEvent | Dropout,
    trial: Trial,
    mixture: Mixture,
    shares: NDArray[np.float64],
    before: NDArray[np.float32],
    flat: Mapping[str, NDArray[np.float32]],
) -> float:
    if event.share == 0:
        return 0.0
    days = np.array([0.0, *trial.visits])
    spent = np.clip(np.minimum(days[1:], event.by_day) - days[:-1], 0.0, None)
    if event.by_day > days[-1]:
        spent[-1] = event.by_day - days[-2]
    log_ratio = log_hazard_ratio(
        event.hazard_ratio,
        before,
        flat["baseline"][..., None],
        flat["felt"][..., None],
        flat["belief"][..., None],
        trial.baseline_mean,
        trial.baseline_sd,
    )
    exposed = np.exp(log_ratio) @ spent

    def excess(log_rate: float) -> float:
        had = -np.expm1(-np.exp(log_rate) * exposed)
        return float(mixture.mean(had.mean(axis=2)) @ shares) - event.share

    return float(np.exp(brentq(excess, -60.0, 30.0, xtol=1e-6)))
