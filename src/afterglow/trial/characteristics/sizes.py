"""How large a trial must be for a power or an assurance, found among the same simulated trials at every size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from afterglow.errors import ParameterError, nearest
from afterglow.runs.execute import Engine, EngineName, Executor
from afterglow.trial.bank.bank import DRAWS, PEOPLE
from afterglow.trial.characteristics.average import WEIGHTED, Figure
from afterglow.trial.characteristics.decisions import look_sizes
from afterglow.trial.characteristics.operating import Row, row_of
from afterglow.trial.characteristics.simulate import TRIALS, Workshop
from afterglow.trial.specification.design import DesignPlan
from afterglow.trial.specification.section import FEWEST
from afterglow.trial.specification.trial import Trial

__all__ = ["LARGEST", "FoundSize", "size_for"]

LARGEST = 1000
"""People of the control arm up to which sizes are tried."""

_COARSE, _FINE = 9, 6
"""Sizes tried at most until the power is reached, and from the last without it on."""
_FEW_TRIALS = 200
"""Trials of the first sizes, at least."""


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
    row : Row
        The characteristics there.
    """

    id: str
    analysis: str
    under: str
    wanted: float
    n: int | None
    people: int | None
    reached: Figure
    tried: tuple[tuple[int, Figure], ...]
    row: Row


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
    workshop = Workshop(Trial(trial.protocol, first), trials=trials, seed=seed, people=people, draws=draws, keep=False)
    weights = {e.rival: e.weight for e in workshop.spec.explanations}
    under = under or max(weights, key=lambda rival: weights[rival])
    if under not in (*weights, WEIGHTED):
        raise ParameterError(f"unknown explanation '{under}': {nearest(under, (*weights, WEIGHTED))}")
    with chosen.running() as executor:
        return [
            _found(workshop, design, wanted, under, largest, executor, progress) for design in trial.section.designs
        ]


def _found(
    workshop: Workshop,
    design: DesignPlan,
    wanted: float,
    under: str,
    largest: int,
    executor: Executor,
    progress: Callable[[int, int], None] | None,
) -> FoundSize:
    """Try larger and larger sizes, then some between the two that enclose the power, and draw a line through those."""
    rows: dict[int, Row] = {}

    def tried(sizes: list[int], *, trials: int | None = None, null: bool = False) -> None:
        looks = [n for size in sizes for n in look_sizes(design, size)]
        simulated = workshop.simulated(looks, trials=trials, null=null, executor=executor, progress=progress)
        rows.update({size: row_of(simulated, design, size, 0) for size in sizes})

    def power(size: int) -> float:
        return rows[size].power[under].value or 0.0

    coarse = np.unique(np.rint(np.geomspace(2 * FEWEST, largest, _COARSE)).astype(int)).tolist()
    few = max(_FEW_TRIALS, workshop.count // 8)
    n, before = None, None
    for size in coarse:
        tried([size], trials=few)
        if power(size) >= wanted:
            fine = np.unique(np.rint(np.linspace(before or size, size, _FINE)).astype(int)).tolist()
            tried(fine)
            n = _on_the_line(fine, power, wanted) if before is not None else size
            break
        before = size
    tried([coarse[-1] if n is None else n], null=True)
    if n is None and power(coarse[-1]) >= wanted:
        n = coarse[-1]
    at = rows[coarse[-1] if n is None else n]
    return FoundSize(
        id=design.id,
        analysis=at.analysis,
        under=under,
        wanted=wanted,
        n=n,
        people=at.people if n is not None else None,
        reached=at.power[under],
        tried=tuple((size, rows[size].power[under]) for size in sorted(rows)),
        row=at,
    )


def _on_the_line(sizes: list[int], power: Callable[[int], float], wanted: float) -> int:
    """Return where the straight line of the normal quantile of the power against the root of the size reaches it."""
    roots = np.sqrt(sizes)
    quantiles = ndtri(np.clip([power(size) for size in sizes], 1e-6, 1 - 1e-6))
    slope, start = np.polyfit(roots, quantiles, 1)
    if slope <= 0:
        return sizes[-1]
    return int(np.clip(np.ceil(((ndtri(wanted) - start) / slope) ** 2), sizes[0] + 1, sizes[-1]))
