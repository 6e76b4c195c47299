"""Some simulated trials, whole: drawn, followed and analysed, as they are and as if the arms did not differ.

Where the arms do not differ, everybody lives the life of the control arm: the same people, the same luck, the same
events and dropout as that arm, and no departure of one arm from another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.trial.bank.bank import Bank
from afterglow.trial.designs.design import BlindedReestimation
from afterglow.trial.designs.reestimation import blinded_sd
from afterglow.trial.simulation.chances import Chances, chances, departures
from afterglow.trial.simulation.estimates import NAMES, analysed
from afterglow.trial.simulation.lives import Lives, live
from afterglow.trial.simulation.outcomes import Outcomes, outcomes
from afterglow.trial.specification.trial import Trial

__all__ = ["ACTIVE", "CONTROL", "Batch", "Simulated"]

CONTROL, ACTIVE = 0, 1
"""Places of the arms that are compared."""

Simulated = Mapping[str, NDArray[np.float64]]
"""What a batch gave, by name; the first axis is the trial."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Some trials to simulate.

    Parameters
    ----------
    trial : Trial
    bank : Bank
        Of the draws that these trials are.
    places : tuple of int
        Draw of each trial, in the bank given.
    numbers : tuple of int
        Of the trials.
    sizes : tuple of int
        People of the control arm at each analysis, rising: looks and ends of all designs.
    seed : int
    null : bool
        Whether trials whose arms do not differ are simulated too.
    """

    trial: Trial
    bank: Bank
    places: tuple[int, ...]
    numbers: tuple[int, ...]
    sizes: tuple[int, ...]
    seed: int
    null: bool = True

    @property
    def courses(self) -> int:
        """Trials."""
        return len(self.numbers)

    def calculate(self) -> Simulated:
        """Return estimates and tallies of every trial.

        Those in `NAMES` are (trials, sizes, analyses, comparisons), and so are ``null_value`` and its like where the
        arms do not differ; ``blinded_sd`` is (trials, sizes, designs). ``departure`` (trials, arms) is in SDs between
        people. ``guesses`` (trials, sizes, arms, 3) counts who said active, control and unsure; ``seen``, ``sum`` and
        ``square`` (trials, sizes, arms, 2) hold the change of those who guessed right and wrong. ``lost`` (trials,
        arms, visits) and ``events`` (trials, arms, events, visits) are shares of the largest trial, up to each visit.
        """
        places = np.array(self.places)
        luck = [self._chances(arm) for arm in range(len(self.trial.arms))]
        shifts, departed = self._shifts(places)
        lives = [live(self.trial, self.bank, places, arm, arm, luck[arm], shifts[arm]) for arm in range(len(luck))]
        found = {"departure": departed}
        found |= self._analysed(lives, "")
        if self.null:
            same = [
                live(self.trial, self.bank, places, CONTROL, CONTROL, luck[arm], shifts[CONTROL])
                for arm in range(len(luck))
            ]
            found |= self._analysed(same, "null_")
        found |= self._tallies(lives)
        return found

    def people(self) -> tuple[list[Lives], list[Outcomes]]:
        """Return the people of every arm as they are, and what the estimand makes of their scores."""
        places = np.array(self.places)
        shifts, _ = self._shifts(places)
        lives = [
            live(self.trial, self.bank, places, arm, arm, self._chances(arm), shifts[arm])
            for arm in range(len(self.trial.arms))
        ]
        return lives, [outcomes(self.trial, held) for held in lives]

    def _chances(self, arm: int) -> Chances:
        return chances(
            self.seed,
            self.numbers,
            self.trial.arms[arm].id,
            self.trial.people(self.sizes[-1])[arm],
            scale=self.trial.scale.id,
            days=len(self.bank.days),
            events=[event.id for event in self.trial.section.intercurrent_events],
        )

    def _shifts(self, places: NDArray[np.intp]) -> tuple[list[NDArray[np.float64]], NDArray[np.float64]]:
        """Return how far arms depart from the model, in points (trials, days), and in SDs at the end (trials, arms).

        What all arms share departs in all alike; what they do not share departs in each by itself.
        """
        own = [self.bank.draws[k] for k in places]
        mean, difference = (np.array([getattr(d, f"{what}_apart") for d in own]) for what in ("mean", "difference"))
        drawn = {arm.id: departures(self.seed, self.numbers, arm.id) for arm in self.trial.arms}
        control = drawn[self.trial.arms[CONTROL].id] / np.sqrt(2)
        shared = np.sqrt(np.maximum(mean**2 - difference**2 / 2, 0.0)) * departures(self.seed, self.numbers, "all arms")
        shared = shared + difference * control
        points, in_sds = [], []
        for k, arm in enumerate(self.trial.arms):
            row = self.bank.rows[k, 0]
            alone = difference * (drawn[arm.id] / np.sqrt(2) - control)
            apart = shared[:, None] + alone[:, None] * self.bank.apart[places, row]
            shift = apart * self.bank.sd[places, row]
            shift[:, 0] = 0.0
            points.append(shift)
            in_sds.append(apart[:, -1])
        return points, np.stack(in_sds, axis=1)

    def _analysed(self, lives: Sequence[Lives], prefix: str) -> dict[str, NDArray[np.float64]]:
        trial = self.trial
        found, sites = [outcomes(trial, held) for held in lives], [held.site for held in lives]
        shape = (len(self.numbers), len(self.sizes), len(trial.section.analyses), trial.most_comparisons)
        held = {name: np.full(shape, np.nan) for name in NAMES}
        for j, size in enumerate(self.sizes):
            for k, plan in enumerate(trial.section.analyses):
                for name, values in analysed(trial, plan, size, sites, found).items():
                    held[name][:, j, k, : values.shape[1]] = values
        held |= self._blinded_sd(found)
        return {prefix + name: values for name, values in held.items()}

    def _blinded_sd(self, found: Sequence[Outcomes]) -> dict[str, NDArray[np.float64]]:
        """Return the SD that a blinded look at each size sees, (trials, sizes, designs); NaN for other designs."""
        plans = self.trial.section.designs
        if not any(isinstance(plan.design, BlindedReestimation) for plan in plans):
            return {}
        sds = np.full((len(self.numbers), len(self.sizes), len(plans)), np.nan)
        for j, size in enumerate(self.sizes):
            counts = [self.trial.people(size)[arm] for arm in (CONTROL, ACTIVE)]
            change = [found[arm].change[:, :n, -1] for arm, n in zip((CONTROL, ACTIVE), counts, strict=True)]
            for k, plan in enumerate(plans):
                if isinstance(plan.design, BlindedReestimation):
                    own = plan.design
                    arm = np.repeat([False, True], counts)
                    pooled = np.concatenate(change, axis=1)
                    sds[:, j, k] = blinded_sd(pooled, arm, own.variance, own.difference)
        return {"blinded_sd": sds}

    def _tallies(self, lives: Sequence[Lives]) -> dict[str, NDArray[np.float64]]:
        """Count guesses, and the changes of those who guessed right and wrong, in the two arms that are compared."""
        trials, sizes = len(self.numbers), len(self.sizes)
        guesses = np.zeros((trials, sizes, 2, 3))
        seen, total, square = (np.zeros((trials, sizes, 2, 2)) for _ in range(3))
        for arm in (CONTROL, ACTIVE):
            held = lives[arm]
            change = outcomes(self.trial, held).change[..., -1]
            known = np.isfinite(change)
            for j, size in enumerate(self.sizes):
                n = self.trial.people(size)[arm]
                said = held.guess[:, :n]
                guesses[:, j, arm] = np.stack([(said == s).sum(axis=1) for s in (1, 0, -1)], axis=1)
                for right in (0, 1):
                    own = (said == (arm if right else 1 - arm)) & known[:, :n]
                    value = np.where(own, change[:, :n], 0.0)
                    place = (slice(None), j, arm, 1 - right)
                    seen[place], total[place], square[place] = own.sum(1), value.sum(1), (value**2).sum(1)
        lost = np.stack(
            [(np.arange(1, len(self.bank.days)) >= held.dropped[..., None]).mean(axis=1) for held in lives], axis=1
        )
        visits = np.arange(1, len(self.bank.days))
        events = np.stack([(held.events[..., None] <= visits).mean(axis=2).swapaxes(0, 1) for held in lives], axis=1)
        return {"guesses": guesses, "seen": seen, "sum": total, "square": square, "lost": lost, "events": events}
