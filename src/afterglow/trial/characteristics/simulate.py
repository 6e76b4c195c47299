"""Simulates many trials of a plan: solves the bank, draws the trials in batches, and puts them together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.errors import ParameterError
from afterglow.runs.execute import Executor, results_of
from afterglow.runs.sources import source_digest
from afterglow.simulate.spec import RunSpec
from afterglow.trial.bank.bank import DRAWS, PEOPLE, Bank, bank_spec, make_bank
from afterglow.trial.characteristics.average import Average
from afterglow.trial.characteristics.kept import KeptBatches, kept_batches
from afterglow.trial.simulation.batch import Batch, Simulated
from afterglow.trial.simulation.truth import TruthPart
from afterglow.trial.specification.trial import Trial

__all__ = ["TRIALS", "SimulatedTrials", "Workshop"]

TRIALS = 2000
"""Trials of each size where nobody says how many."""

_FEWEST_TRIALS = 16
_MOST_TRIALS = 1_000_000
_RATINGS_PER_BATCH = 400_000
"""Ratings of all people of a batch, about: enough to fill vectors, few enough to share among workers."""
_MOST_PER_BATCH = 256
_DRAWS_PER_PART = 32


@dataclass(frozen=True, eq=False)
class SimulatedTrials:
    """Many simulated trials of a plan.

    Parameters
    ----------
    trial : Trial
    bank : Bank
    spec : RunSpec
        Of the run that the bank stands for.
    sizes : tuple of int
        People of the control arm at which trials were analysed, rising.
    held : mapping of str to array (trials, ...)
        As `Batch.calculate` gives them.
    truth : array (draws, nodes, arms, analyses + 1)
        As `TruthPart.calculate` gives them.
    """

    trial: Trial
    bank: Bank
    spec: RunSpec
    sizes: tuple[int, ...]
    held: Simulated
    truth: NDArray[np.float64]

    @property
    def count(self) -> int:
        """Trials of each size."""
        return len(self.held["value"])

    @cached_property
    def places(self) -> NDArray[np.intp]:
        """Draw of each trial, (trials,)."""
        return np.arange(self.count) % len(self.bank.draws)

    @cached_property
    def average(self) -> Average:
        """How values of single trials are averaged."""
        return Average(self.bank.draws, self.places)


class Workshop:
    """A bank that is solved once, from which trials of any size are drawn.

    Parameters
    ----------
    trial : Trial
    trials : int
        Of each size.
    seed : int
        Same seed, same numbers, whatever does the work.
    people, draws : int
        Of the bank.
    rival : str, optional
        One explanation; by default all, weighted.
    keep : bool
        Whether batches are kept until all are done, so that an interrupted run goes on.
    unblinding : bool
        Whether what unblinding adds is worked out, for which everybody is solved once more.

    Raises
    ------
    ParameterError
        If a number is impossible.
    """

    def __init__(
        self,
        trial: Trial,
        *,
        trials: int = TRIALS,
        seed: int = 1,
        people: int = PEOPLE,
        draws: int = DRAWS,
        rival: str | None = None,
        keep: bool = True,
        unblinding: bool = True,
    ) -> None:
        if not _FEWEST_TRIALS <= trials <= _MOST_TRIALS:
            raise ParameterError(f"{_FEWEST_TRIALS} to {_MOST_TRIALS} trials can be simulated, not {trials}")
        self.trial, self.count, self.keep = trial, trials, keep
        self.spec = bank_spec(trial, people=people, draws=draws, seed=seed, rival=rival)
        self._asked: dict[str, Any] = {"people": people, "draws": draws, "seed": seed, "rival": rival}
        self._asked["unblinding"] = unblinding
        self._bank: Bank | None = None
        self._truth: NDArray[np.float64] | None = None

    @classmethod
    def again(cls, simulated: SimulatedTrials, trial: Trial, *, trials: int, bank: Bank | None = None) -> Workshop:
        """Return a workshop for the same people at the same draws with the same luck.

        Parameters
        ----------
        simulated : SimulatedTrials
            Whose bank and truth are kept.
        trial : Trial
            Of the same arms and visits; its analyses are the first ones of the trial that was simulated.
        trials : int
            Of each size.
        bank : Bank, optional
            The same with other rates.
        """
        made = cls.__new__(cls)
        made.trial, made.count, made.keep = trial, trials, False
        made.spec, made._asked, made._bank = simulated.spec, {}, bank or simulated.bank
        made._truth = simulated.truth[..., [*range(len(trial.section.analyses)), -1]]
        return made

    def bank(self, executor: Executor | None = None) -> Bank:
        """Return the bank, solved when it is first asked for."""
        if self._bank is None:
            self._bank = make_bank(self.trial, executor=executor, **self._asked)
        return self._bank

    def simulated(
        self,
        sizes: Sequence[int],
        *,
        trials: int | None = None,
        null: bool = True,
        truth: bool = True,
        executor: Executor | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> SimulatedTrials:
        """Simulate the trials, analysed at each of these sizes of the control arm.

        Parameters
        ----------
        sizes : sequence of int
        trials : int, optional
            Fewer of them.
        null : bool
            Whether trials whose arms do not differ are simulated too.
        truth : bool
            Whether what is true is worked out; else it is empty.
        executor : Executor, optional
            By default threads, one per core.
        progress : callable, optional
            Told how many trials are done, and of how many.
        """
        own = tuple(sorted(set(sizes)))
        bank = self.bank(executor)
        count = self.count if trials is None else min(trials, self.count)
        batches = self._batches(bank, own, count, null)
        kept = kept_batches(self._key(own)) if self.keep else None
        done = self._done(batches, kept)
        left = [batch for batch in batches if batch.numbers[0] not in done]

        def told(done_now: int, total: int) -> None:
            if progress is not None:
                progress(count - total + done_now, count)

        for first, batch in results_of([_Named(batch) for batch in left], executor=executor, progress=told):
            done[first] = batch
            if kept is not None and len(left) > 1:
                kept.write(first, batch)
        if kept is not None:
            kept.forget()
        ordered = [done[batch.numbers[0]] for batch in batches]
        held = {name: np.concatenate([batch[name] for batch in ordered]) for name in ordered[0]}
        true = self.truth(executor) if truth else np.empty((len(bank.draws), 0, 0, 0))
        return SimulatedTrials(self.trial, bank, self.spec, own, held, true)

    def truth(self, executor: Executor | None = None) -> NDArray[np.float64]:
        """Return what each arm's value truly is at each draw; see `TruthPart`."""
        if self._truth is None:
            bank = self.bank(executor)
            starts = range(0, len(bank.draws), _DRAWS_PER_PART)
            lots = [tuple(range(begin, min(begin + _DRAWS_PER_PART, len(bank.draws)))) for begin in starts]
            parts = [TruthPart(self.trial, bank.at(lot), lot, self.spec.seed) for lot in lots]
            found = dict(results_of(parts, executor=executor))
            self._truth = np.concatenate([found[lot] for lot in lots])
        return self._truth

    def batch(self, bank: Bank, sizes: tuple[int, ...], begin: int, end: int, *, null: bool = True) -> Batch:
        """Return some of the trials, to be simulated."""
        places = np.arange(begin, end) % len(bank.draws)
        needed = np.unique(places)
        return Batch(
            self.trial,
            bank.at(needed.tolist()),
            tuple(np.searchsorted(needed, places).tolist()),
            tuple(range(begin, end)),
            sizes,
            self.spec.seed,
            null,
        )

    def _batches(self, bank: Bank, sizes: tuple[int, ...], count: int, null: bool) -> list[Batch]:
        ratings = sum(self.trial.people(sizes[-1])) * len(bank.days)
        each = int(np.clip(_RATINGS_PER_BATCH // ratings, 1, _MOST_PER_BATCH))
        return [self.batch(bank, sizes, begin, min(begin + each, count), null=null) for begin in range(0, count, each)]

    def _key(self, sizes: tuple[int, ...]) -> str:
        """Digest of all that the numbers depend on but how many trials there are."""
        asked = [self.spec.key, self.trial.section.model_dump(mode="json"), sizes, source_digest()]
        return hashlib.blake2b(json.dumps(asked, sort_keys=True).encode(), digest_size=16).hexdigest()

    @staticmethod
    def _done(batches: Sequence[Batch], kept: KeptBatches | None) -> dict[int, Simulated]:
        if kept is None:
            return {}
        read = {batch.numbers[0]: (kept.read(batch.numbers[0]), len(batch.numbers)) for batch in batches}
        return {first: held for first, (held, count) in read.items() if held and len(held["value"]) == count}


@dataclass(frozen=True, eq=False)
class _Named:
    """A batch that says which one it is."""

    batch: Batch

    @property
    def courses(self) -> int:
        return self.batch.courses

    def calculate(self) -> tuple[int, Simulated]:
        return self.batch.numbers[0], self.batch.calculate()
