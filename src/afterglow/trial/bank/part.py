"""A piece of the bank: some draws of one arm, with the hope that its people begin with."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from afterglow.cohort import Draw
from afterglow.medicines import MEDICINES
from afterglow.protocol import Arm, Protocol
from afterglow.protocol.population import Blinding
from afterglow.scales.instruments import scale as find_scale
from afterglow.scales.links import tilt
from afterglow.simulate.ensemble import ensemble
from afterglow.simulate.schedule import Happening, Schedule, dosing_starts, schedule
from afterglow.simulate.scoring import baseline_excess, expected_score, lived_severity, rated_scores, ups_and_downs
from afterglow.simulate.solve import Accuracy

__all__ = ["BankPart", "BankPiece"]

_ASKED_AFTER_DAYS = 1.0
"""People are asked for their arm on the morning after the first dosing, when the model has them guess."""


@dataclass(frozen=True, eq=False)
class BankPiece:
    """What a part gave, (draws, ...).

    Parameters
    ----------
    row : int
        Of the bank.
    draws : tuple of int
        Places of its draws.
    severity : array (draws, people, days)
        Latent, on the days of rating; the first is a bad day.
    predicted, lived : array (draws, people, days)
        Scores without noise, and with the ups and downs of life as in a run of the same seed.
    baseline : array (draws, people)
        Score at inclusion as it was rated.
    felt, belief : array (draws, people)
        Memory of how strong the first dosing was, and the chance to believe in the active arm, on the morning after.
    mean, sd : array (draws, days)
        Of expected scores, and of rated ones between people.
    days : array (days,)
        Of rating; the first is that of inclusion.
    """

    row: int
    draws: tuple[int, ...]
    severity: NDArray[np.float32]
    predicted: NDArray[np.float32]
    lived: NDArray[np.float32]
    baseline: NDArray[np.float32]
    felt: NDArray[np.float32]
    belief: NDArray[np.float32]
    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    days: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BankPart:
    """What to calculate of one row of the bank.

    Parameters
    ----------
    row : int
    arm : Arm
    protocol : Protocol
    scale : str
    visits : tuple of float
        Days of rating after the first dose.
    seed : int
    accuracy : Accuracy
    places : tuple of int
        Of the draws in the bank.
    draws : tuple of Draw
    first : tuple of int
        By draw, the number of the first person.
    count : int
        People at each draw.
    hope : float
        With which people begin, as a share of what being sure to get the active arm raises.
    coin_toss : bool
        Whether nobody can tell: everybody guesses their arm as by a toss of a coin.
    """

    row: int
    arm: Arm
    protocol: Protocol
    scale: str
    visits: tuple[float, ...]
    seed: int
    accuracy: Accuracy
    places: tuple[int, ...]
    draws: tuple[Draw, ...]
    first: tuple[int, ...]
    count: int
    hope: float = 0.0
    coin_toss: bool = False

    @property
    def courses(self) -> int:
        """People times draws."""
        return self.count * len(self.draws)

    def calculate(self) -> BankPiece:
        """Solve the arm, rate everybody once, and read what was felt and believed."""
        protocol, draws = (self.protocol, self.draws) if not self.coin_toss else self._nobody_can_tell()
        plan = self._hopeful(schedule(self.arm, protocol))
        rated = np.array([self._first_day(plan), *self.visits])
        asked = min(dosing_starts(self.arm).values(), default=0.0) + _ASKED_AFTER_DAYS
        days = np.union1d(rated, [asked])
        latent = ensemble(
            self.arm,
            protocol,
            draws,
            seed=self.seed,
            first=self.first,
            count=self.count,
            days=days,
            names=("symptom", "felt_memory"),
            accuracy=self.accuracy,
            plan=plan,
        )
        severity = latent.severity[..., np.searchsorted(days, rated)]
        lived = lived_severity(severity, rated, draws, self.seed, self.first)
        scores = rated_scores(
            self.scale,
            latent,
            severity,
            lived,
            ups_and_downs(rated, draws),
            protocol.population,
            draws,
            self.seed,
            self.first,
        )
        felt = latent.of("felt_memory")[..., np.searchsorted(days, asked)]
        bad_day = baseline_excess(draws, protocol.population)
        severity[..., 0] = tilt(severity[..., 0], bad_day)
        return BankPiece(
            self.row,
            self.places,
            severity.astype(np.float32),
            scores.predicted.astype(np.float32),
            expected_score(find_scale(self.scale), lived, protocol.population).astype(np.float32),
            scores.observed[..., 0].astype(np.float32),
            felt.astype(np.float32),
            self._belief(felt).astype(np.float32),
            scores.expected.mean(axis=1),
            scores.observed.std(axis=1, ddof=1),
            rated,
        )

    def _nobody_can_tell(self) -> tuple[Protocol, tuple[Draw, ...]]:
        blinded = self.protocol.model_copy(update={"blinding": Blinding(design="blinded")})
        return blinded, tuple(replace(draw, typical={**draw.typical, "guess_slope": 0.0}) for draw in self.draws)

    def _hopeful(self, plan: Schedule) -> Schedule:
        """Let people begin with the hope that they bring."""
        if not self.hope:
            return plan
        brought = Happening(day=plan.begin, kind="guess", arguments={"told": self.hope})
        return replace(plan, happenings=(brought, *plan.happenings))

    def _first_day(self, plan: Schedule) -> float:
        """Return the day of inclusion: the first rating if that is before the first dose, else when the arm begins."""
        days = next(a.days for a in self.protocol.assessments if a.scale == self.scale)
        return days[0] if days[0] <= 0 else plan.begin

    def _belief(self, felt: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the chance to believe in the active arm; where nothing is hidden, what the arm gives."""
        if self.protocol.blinding.design != "blinded":
            real = any(not MEDICINES[dose.medicine].is_comparator for dose in self.arm.doses)
            return np.full(felt.shape, float(real))
        slope, half = (np.array([[d.value(name)] for d in self.draws]) for name in ("guess_slope", "guess_half"))
        return np.asarray(expit(slope * (felt - half)))
