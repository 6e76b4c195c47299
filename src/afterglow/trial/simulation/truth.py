"""What an estimand truly is in a simulated trial: what the trial would find if all of the bank lived in both arms.

Hypothetical events do not happen, and nobody stops coming; but where shares are compared, those who stop coming do not
respond, as the analysis has it. As a trial departs from the model by its own amount, the value of each arm is found at
several departures and joined by a cubic spline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from afterglow.trial.bank.bank import Bank
from afterglow.trial.simulation.chances import chances
from afterglow.trial.simulation.lives import Lives, live, lived_scores
from afterglow.trial.simulation.outcomes import outcomes, responding
from afterglow.trial.specification.analysis import AnalysisPlan
from afterglow.trial.specification.trial import Trial

__all__ = ["NODES", "TruthPart", "true_value"]

NODES = (-2.4, -1.6, -0.8, 0.0, 0.8, 1.6, 2.4)
"""Departures at which the value is found, in SDs between people."""
_LIVES = 768
"""Lives in an arm at each draw, at least: everybody lives again, with new luck, until there are so many."""


@dataclass(frozen=True, eq=False)
class TruthPart:
    """The true value of each arm at some draws.

    Parameters
    ----------
    trial : Trial
    bank : Bank
        Of these draws alone.
    places : tuple of int
        Of the draws in the whole bank.
    seed : int
    """

    trial: Trial
    bank: Bank
    places: tuple[int, ...]
    seed: int

    @property
    def courses(self) -> int:
        """People times draws times departures times rounds."""
        return self.bank.people * len(self.places) * len(NODES) * self._rounds

    @property
    def _rounds(self) -> int:
        return -(-_LIVES // self.bank.people)

    def calculate(self) -> tuple[tuple[int, ...], NDArray[np.float64]]:
        """Return the places, and the values (draws, nodes, arms, analyses + 1) on the day of the primary outcome.

        After the analyses stands the share of each arm that is rated on that day; NaN where no analysis asks for it.
        """
        return self.places, np.mean([self._round(number) for number in range(self._rounds)], axis=0)

    def _round(self, number: int) -> NDArray[np.float64]:
        trial, bank = self.trial, self.bank
        events = [event.id for event in trial.section.intercurrent_events]
        luck = chances(
            self.seed,
            self.places,
            f"truth {number + 1}",
            bank.people,
            scale=trial.scale.id,
            days=len(bank.days),
            events=events,
        )
        strategies = trial.section.estimand.strategies
        away = frozenset(j for j, name in enumerate(events) if strategies[name] == "hypothetical")
        stratum = any(strategies[name] == "principal_stratum" for name in events)
        own = np.arange(len(bank.draws))
        everybody = np.tile(np.arange(bank.people), (len(own), 1))
        arms = range(len(trial.arms))
        lived = [lived_scores(trial, bank, own, arm, luck, chosen=everybody) for arm in arms]
        found = []
        for node in NODES:
            held: list[Lives] = []
            for arm in arms:
                shift = node * bank.sd[own, bank.rows[arm, 0]]
                shift[:, 0] = 0.0
                held.append(
                    live(trial, bank, own, arm, arm, luck, shift, chosen=everybody, lived=lived[arm], without=away)
                )
            found.append(self._values(held, stratum=stratum))
        return np.array(found).transpose(3, 0, 1, 2)

    def _values(self, lives: Sequence[Lives], *, stratum: bool) -> list[list[NDArray[np.float64]]]:
        """Return the value of each arm in each analysis, (draws,)."""
        plans = self.trial.section.analyses
        kinds = {plan.method == "responders" or plan.jumps for plan in plans} | {False}
        found = {kind: [outcomes(self.trial, held, seen=kind) for held in lives] for kind in kinds}

        def value(plan: AnalysisPlan, arm: int) -> NDArray[np.float64]:
            of_shares = plan.method == "responders"
            own = found[of_shares]
            counted = np.logical_and.reduce([each.counted for each in own]) if stratum else own[arm].counted
            values = (responding(plan, self.trial.scale, own[arm]) if of_shares else own[arm].change)[..., -1]
            return np.asarray(np.where(counted, values, 0.0).sum(axis=1) / np.maximum(counted.sum(axis=1), 1))

        def rated(arm: int) -> NDArray[np.float64]:
            if True not in found:
                return np.full(len(self.places), np.nan)
            own = found[True][arm]
            there = np.isfinite(own.scores[..., -1]) & own.counted
            return np.asarray(there.sum(axis=1) / np.maximum(own.counted.sum(axis=1), 1))

        return [[*(value(plan, arm) for plan in plans), rated(arm)] for arm in range(len(lives))]


def true_value(values: NDArray[np.float64], departure: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the value at a departure.

    Parameters
    ----------
    values : array (trials, nodes, ...)
    departure : array (trials,)
        In SDs between people.
    """
    share = CubicSpline(NODES, np.eye(len(NODES)))(departure)
    return np.asarray(np.einsum("tn,tn...->t...", share, values))
