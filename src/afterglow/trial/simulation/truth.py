"""What an estimand truly is in a simulated trial: what the trial would find if all of the bank lived in both arms.

Nobody stops coming, and hypothetical events do not happen. As a trial departs from the model by its own amount, the
value of each arm is found at three departures and joined by a parabola.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.trial.bank.bank import Bank
from afterglow.trial.simulation.chances import chances
from afterglow.trial.simulation.lives import Lives, live
from afterglow.trial.simulation.outcomes import Outcomes, outcomes, responding
from afterglow.trial.specification.trial import Trial

__all__ = ["NODES", "TruthPart", "true_value"]

NODES = (-0.6, 0.0, 0.6)
"""Departures at which the value is found, in SDs between people."""


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
        """People times draws times departures."""
        return self.bank.people * len(self.places) * len(NODES)

    def calculate(self) -> tuple[tuple[int, ...], NDArray[np.float64]]:
        """Return the places, and the values (draws, nodes, arms, analyses) at the day of the primary outcome."""
        trial, bank = self.trial, self.bank
        events = [event.id for event in trial.section.intercurrent_events]
        strategies = trial.section.estimand.strategies
        away = frozenset(j for j, name in enumerate(events) if strategies[name] == "hypothetical")
        own = np.arange(len(bank.draws))
        everybody = np.tile(np.arange(bank.people), (len(own), 1))
        luck = chances(
            self.seed, self.places, "truth", bank.people, scale=trial.scale.id, days=len(bank.days), events=events
        )
        stratum = any(strategies[name] == "principal_stratum" for name in events)
        found = []
        for node in NODES:
            held: list[tuple[Lives, Outcomes]] = []
            for arm in range(len(trial.arms)):
                shift = node * bank.sd[own, bank.rows[arm, 0]]
                shift[:, 0] = 0.0
                lives = live(trial, bank, own, arm, arm, luck, shift, chosen=everybody, without=away)
                held.append((lives, outcomes(trial, lives, seen=False)))
            counted = np.logical_and.reduce([each.counted for _, each in held])
            found.append([
                [self._value(k, each, counted if stratum else each.counted) for k in range(len(trial.section.analyses))]
                for _, each in held
            ])  # fmt: skip
        return self.places, np.array(found).transpose(3, 0, 1, 2)

    def _value(self, analysis: int, found: Outcomes, counted: NDArray[np.bool_]) -> NDArray[np.float64]:
        plan = self.trial.section.analyses[analysis]
        responds = plan.method == "responders"
        values = responding(plan, self.trial.scale, found)[..., -1] if responds else found.change[..., -1]
        return np.asarray(np.where(counted, values, 0.0).sum(axis=1) / np.maximum(counted.sum(axis=1), 1))


def true_value(values: NDArray[np.float64], departure: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the value at a departure.

    Parameters
    ----------
    values : array (trials, nodes, ...)
    departure : array (trials,)
        In SDs between people.
    """
    below, middle, above = (values[:, k] for k in range(len(NODES)))
    x = (departure / NODES[-1]).reshape(-1, *(1,) * (middle.ndim - 1))
    return np.asarray(middle + x * (above - below) / 2 + x**2 * ((above + below) / 2 - middle))
