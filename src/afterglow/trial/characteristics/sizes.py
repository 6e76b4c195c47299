"""How large a trial must be for a power or an assurance, found among the same simulated trials at every size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from afterglow.errors import ParameterError, nearest
from afterglow.runs.execute import Engine, EngineName, Executor
from afterglow.trial.bank.bank import DRAWS, PEOPLE
from afterglow.trial.characteristics.average import WEIGHTED, Figure
from afterglow.trial.characteristics.decisions import look_sizes
from afterglow.trial.characteristics.operating import decisions_of
from afterglow.trial.characteristics.simulate import TRIALS, Workshop
from afterglow.trial.specification.design import DesignPlan
from afterglow.trial.specification.section import FEWEST
from afterglow.trial.specification.trial import Trial

__all__ = ["LARGEST", "FoundSize", "size_for"]

LARGEST = 1000
"""People of the control arm up to which sizes are tried."""

_STEPS = 9
"""Sizes from the smallest to the largest that are tried with few trials, until the power is reached."""
_FEW_TRIALS = 200
"""At least."""
_MOST_ROUNDS = 4
"""Of all trials, each at a size that lies nearer."""
_SETTLED = 0.03
"""Share of a size by which the next may differ when the search ends: less than the Monte-Carlo error tells apart."""
_BESIDE, _FURTHEST = 1.15, 2.0
"""Factor by which the first sizes of all trials lie beside where few trials say, and the next beyond any of them."""
_ALIKE = 1.25
"""Ratio of sizes up to which designs are first tried at the same ones."""


@dataclass(frozen=True, kw_only=True)
class FoundSize:
    """The size that a design needs.

    Parameters
    ----------
    id, analysis : str
        Of the design and the analysis.
    under : str
        The explanation whose power was asked for, or "weighted": the assurance.
    wanted : float
    n : int or None
        People of the control arm; None where no size that was tried reaches it.
    people : int or None
        Of all arms.
    reached : Figure
        At that size, or at the largest that was tried.
    tried : tuple of (int, Figure)
        Power at each size that was tried, with fewer trials far from the one that was found.
    assurance, expected_n : Figure
        Weighted power, and people of the control arm where the trial stops, at the size that was found.
    """

    id: str
    analysis: str
    under: str
    wanted: float
    n: int | None
    people: int | None
    reached: Figure
    tried: tuple[tuple[int, Figure], ...]
    assurance: Figure
    expected_n: Figure


def size_for(
    trial: Trial,
    wanted: float,
    *,
    under: str | None = None,
    largest: int = LARGEST,
    trials: int = TRIALS,
    seed: int = 1,
    people: int = PEOPLE,
    draws: int = DRAWS,
    engine: EngineName = "threads",
    workers: int | None = None,
    scheduler: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[FoundSize]:
    """Find the smallest size with a power, for every design and the first analysis of a trial.

    Parameters
    ----------
    trial : Trial
        Whose own sizes are passed over.
    wanted : float
        Power, above alpha and below 1.
    under : str, optional
        An explanation, or "weighted" for the assurance; by default the explanation of the largest weight.
    largest : int
        People of the control arm up to which sizes are tried.
    trials, seed, people, draws, engine, workers, scheduler, progress
        See `operating_characteristics`.

    Returns
    -------
    list of FoundSize
        Power rises with the size up to the Monte-Carlo error, which each carries.

    Raises
    ------
    ParameterError
        If the power or the explanation is impossible.
    """
    if not trial.section.alpha < wanted < 1:
        raise ParameterError(f"a power lies above alpha, {trial.section.alpha:g}, and below 1, not {wanted:g}")
    if largest < 2 * FEWEST:
        raise ParameterError(f"the largest size to try must be {2 * FEWEST} or more, not {largest}")
    chosen = Engine(engine, workers, scheduler)
    first = trial.section.model_copy(update={"analyses": trial.section.analyses[:1]})
    asked = {"trials": trials, "seed": seed, "people": people, "draws": draws}
    workshop = Workshop(Trial(trial.protocol, first), keep=False, unblinding=False, **asked)  # type: ignore[arg-type]
    weights = {e.rival: e.weight for e in workshop.spec.explanations}
    under = under or max(weights, key=lambda rival: weights[rival])
    if under not in (*weights, WEIGHTED):
        raise ParameterError(f"unknown explanation '{under}': {nearest(under, (*weights, WEIGHTED))}")
    with chosen.running() as executor:
        return _Search(workshop, wanted, under, largest, executor, progress).found()


@dataclass(frozen=True)
class _Tried:
    """One design at one size."""

    power: Figure
    assurance: Figure
    expected_n: Figure
    whole: bool
    """Whether all trials were asked for."""


class _Search:
    """Sizes that were tried of each design, all among the same trials: few of them far from the size, all near it."""

    def __init__(
        self,
        workshop: Workshop,
        wanted: float,
        under: str,
        largest: int,
        executor: Executor,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self._workshop, self._wanted, self._under, self._largest = workshop, wanted, under, largest
        self._executor, self._progress = executor, progress
        self._designs = workshop.trial.section.designs
        self._tried: dict[str, dict[int, _Tried]] = {design.id: {} for design in self._designs}

    def found(self) -> list[FoundSize]:
        self._approach()
        near = {design.id: self._next(design.id) for design in self._designs}
        if max(near.values()) <= _ALIKE * min(near.values()):
            near = dict.fromkeys(near, round(sum(near.values()) / len(near)))
        self._try({name: self._around(size) for name, size in near.items()}, self._workshop.count)
        found = {name: self._settled(name) for name in near}
        for _ in range(_MOST_ROUNDS):
            left = {name: [size] for name, size in found.items() if not self._is_tried(name, size)}
            if not left:
                break
            self._try(left, self._workshop.count)
            found |= {name: self._settled(name) for name in left}
        self._try({n: [size] for n, size in found.items() if not self._is_tried(n, size)}, self._workshop.count)
        return [self._told(design, found[design.id]) for design in self._designs]

    def _settled(self, name: str) -> int:
        """Return the size that is sought next, or one that all trials have tried and that hardly differs from it."""
        size = self._next(name)
        tried = [n for n, held in self._tried[name].items() if held.whole]
        near = min(tried, key=lambda n: abs(n - size))
        return near if abs(near - size) <= max(1, _SETTLED * size) else size

    def _around(self, size: int) -> list[int]:
        ends = np.clip(np.rint([size / _BESIDE, size * _BESIDE]), 2 * FEWEST, self._largest)
        return sorted({int(end) for end in ends})

    def _is_tried(self, name: str, size: int) -> bool:
        return size in self._tried[name] and self._tried[name][size].whole

    def _approach(self) -> None:
        """Go up in steps with few trials until every design has the power."""
        few = min(max(_FEW_TRIALS, self._workshop.count // 8), self._workshop.count)
        left = [design.id for design in self._designs]
        for size in np.unique(np.rint(np.geomspace(2 * FEWEST, self._largest, _STEPS)).astype(int)).tolist():
            self._try({name: [size] for name in left}, few)
            left = [name for name in left if self._power(name, size) < self._wanted]
            if not left:
                return

    def _try(self, sizes: Mapping[str, Sequence[int]], trials: int) -> None:
        """Simulate designs, each at sizes of its own."""
        asked = [(design, size) for design in self._designs for size in sizes.get(design.id, ())]
        if not asked:
            return
        simulated = self._workshop.simulated(
            [n for design, size in asked for n in look_sizes(design, size)],
            trials=trials,
            null=False,
            truth=False,
            executor=self._executor,
            progress=self._progress,
        )
        average = simulated.average
        for design, size in asked:
            made = decisions_of(simulated, design, size, 0)
            rejects = made.rejects.astype(float)
            weighted = average.weighted(rejects)
            self._tried[design.id][size] = _Tried(
                power=weighted if self._under == WEIGHTED else average.under(rejects)[self._under],
                assurance=weighted,
                expected_n=average.weighted(made.n.astype(float)),
                whole=trials == self._workshop.count,
            )

    def _power(self, name: str, size: int) -> float:
        return self._tried[name][size].power.value or 0.0

    def _next(self, name: str) -> int:
        """Return the size at which the power should be reached, by a line through what all trials say where they do.

        It joins the normal quantiles of the power over the roots of the sizes. Of few trials the last three count.
        """
        tried, smallest = self._tried[name], 2 * FEWEST
        whole = sorted(size for size, held in tried.items() if held.whole)
        sizes = whole or sorted(tried)[-3:]
        powers = [self._power(name, size) for size in sizes]
        if powers[0] >= self._wanted and sizes[0] == smallest:
            return smallest
        slope, start = 0.0, 0.0
        if len(sizes) > 1:
            slope, start = np.polyfit(np.sqrt(sizes), ndtri(np.clip(powers, 1e-6, 1 - 1e-6)), 1)
        if slope <= 0:
            return smallest if min(powers) >= self._wanted else self._largest
        root = max((ndtri(self._wanted) - start) / slope, 0.0)
        least, most = sizes[0] / _FURTHEST, sizes[-1] * _FURTHEST
        return int(np.clip(np.ceil(root**2 - 1e-9), max(smallest, int(least)), min(self._largest, round(most))))

    def _told(self, design: DesignPlan, size: int) -> FoundSize:
        tried = self._tried[design.id]
        beyond = size == self._largest and self._power(design.id, size) < self._wanted
        at = tried[size]
        return FoundSize(
            id=design.id,
            analysis=self._workshop.trial.section.analyses[0].id,
            under=self._under,
            wanted=self._wanted,
            n=None if beyond else size,
            people=None if beyond else sum(self._workshop.trial.people(size)),
            reached=at.power,
            tried=tuple((n, tried[n].power) for n in sorted(tried)),
            assurance=at.assurance,
            expected_n=at.expected_n,
        )
