"""What comes of a plan: the same people, at the same draws, in every plan.

Random streams are named by purpose and participant, so that two plans differ by what they give and by nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from afterglow.cohort import Draw
from afterglow.outcomes.response import remits, responds
from afterglow.posterior import Posteriors
from afterglow.protocol import Arm, Protocol
from afterglow.results.mixture import Mixture
from afterglow.runs.execute import Executor, results_of
from afterglow.scales.instruments import scale
from afterglow.simulate.grid import visits_of
from afterglow.simulate.part import Part, lasting_from
from afterglow.simulate.schedule import schedule
from afterglow.simulate.spec import RunSpec, draws_of

__all__ = ["Bank", "Outcome"]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What comes of one plan on one scale, by draw.

    Parameters
    ----------
    days : array (days,)
        Of rating; the first is before any dose.
    mean : array (draws, days)
        Mean score of endlessly many ratings.
    responds, remits : array (draws, people, days)
        Who does on which day, as rated.
    lasts : array (draws, people)
        Who responds at every visit from the same day on in every plan.
    expected, predicted : array (draws, people, days)
        Expected score of each person, and the score without noise.
    sd : array (draws, days)
        Of observed scores between people.
    """

    days: NDArray[np.float64]
    mean: NDArray[np.float64]
    responds: NDArray[np.bool_]
    remits: NDArray[np.bool_]
    lasts: NDArray[np.bool_]
    expected: NDArray[np.float32]
    predicted: NDArray[np.float32]
    sd: NDArray[np.float64]

    @cached_property
    def lasting(self) -> NDArray[np.float64]:
        """Share whose response lasts, (draws,)."""
        return np.asarray(self.lasts.mean(axis=1))

    def at(self, day: float) -> int:
        """Return the place of a day of rating."""
        return int(np.searchsorted(self.days, day))


@dataclass(frozen=True, eq=False)
class _Task:
    """One plan to simulate."""

    place: int
    part: Part
    name: str
    lasting_from: float

    @property
    def courses(self) -> int:
        return self.part.courses

    def calculate(self) -> tuple[int, Outcome]:
        piece = self.part.calculate()
        scores, counts, days = piece.scores[self.name], piece.counts[self.name], self.part.visits[self.name]
        instrument, observed = scale(self.name), scores.observed
        before, later = observed[..., 0], days > days[0]
        well = remits(instrument, observed) if instrument.remission else np.zeros(observed.shape, np.bool_)
        return self.place, Outcome(
            days=days,
            mean=counts.mean,
            responds=responds(instrument, before, observed) & later,
            remits=well & later,
            lasts=np.asarray(responds(instrument, before, observed[..., days >= self.lasting_from]).all(axis=-1)),
            expected=scores.expected.astype(np.float32),
            predicted=scores.predicted.astype(np.float32),
            sd=observed.std(axis=1, ddof=1) if observed.shape[1] > 1 else np.full_like(counts.mean, np.nan),
        )


class Bank:
    """The people and the draws that every plan is tried on.

    Parameters
    ----------
    spec : RunSpec
        Whose protocol, people, draws and seed hold.
    posteriors : Posteriors
    name : str
        Of the scale.
    last_dosing_day : float
        Of the latest plan: lasting responses count from two weeks after it, in every plan alike.
    """

    def __init__(self, spec: RunSpec, posteriors: Posteriors, name: str, last_dosing_day: float) -> None:
        self.spec, self.name = spec, name
        self.draws: tuple[Draw, ...] = draws_of(spec, posteriors)
        self.days = self._visits(spec.protocol.arms[0])[name]
        self.lasting_from = lasting_from(self.days, last_dosing_day)

    @property
    def protocol(self) -> Protocol:
        """The protocol whose arm moves."""
        return self.spec.protocol

    @cached_property
    def mixture(self) -> Mixture:
        """All draws by their weights."""
        return Mixture(self.draws)

    def under(self, rival: str) -> Mixture:
        """Return the draws of one explanation."""
        return Mixture(self.draws, rival)

    def outcomes(
        self,
        arms: Sequence[Arm],
        *,
        executor: Executor | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[Outcome]:
        """Return what comes of each plan.

        Raises
        ------
        ProtocolError, SolverError
            If one cannot be simulated.
        """
        tasks = [self._task(k, arm) for k, arm in enumerate(arms)]
        found: dict[int, Outcome] = dict(results_of(tasks, executor=executor, progress=progress))
        return [found[k] for k in range(len(arms))]

    def _visits(self, arm: Arm) -> dict[str, NDArray[np.float64]]:
        return visits_of(self.protocol, schedule(arm, self.protocol))

    def _task(self, place: int, arm: Arm) -> _Task:
        spec = self.spec
        visits = self._visits(arm)
        part = Part(
            0,
            arm,
            spec.protocol,
            spec.seed,
            spec.accuracy,
            tuple(range(len(self.draws))),
            self.draws,
            tuple(spec.first_participant(draw.replicate) for draw in self.draws),
            spec.people_per_draw,
            visits,
            np.unique(np.concatenate(list(visits.values()))),
        )
        return _Task(place, part, self.name, self.lasting_from)
