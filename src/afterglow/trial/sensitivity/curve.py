"""Power against size, and the size at which a curve reaches a level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from afterglow.runs.execute import Executor
from afterglow.trial.characteristics.average import WEIGHTED, Figure
from afterglow.trial.characteristics.decisions import look_sizes
from afterglow.trial.characteristics.operating import row_of
from afterglow.trial.sensitivity.plan import MainPlan
from afterglow.trial.specification.section import FEWEST, MOST

__all__ = ["PowerAtSize", "power_curves", "size_reaching"]

_SIZES = 7
"""Sizes of the curve beside those of the trial."""


@dataclass(frozen=True, kw_only=True)
class PowerAtSize:
    """Power at one size.

    Parameters
    ----------
    n, people : int
        Of the control arm, and of all arms.
    planned : bool
        Whether the trial names this size.
    power : mapping of str to Figure
        Under each explanation, and weighted.
    """

    n: int
    people: int
    planned: bool
    power: Mapping[str, Figure]


def power_curves(plan: MainPlan, executor: Executor) -> Mapping[str, tuple[PowerAtSize, ...]]:
    """Return the power of each design, by its id, from a quarter of the smallest size to twice the largest, rising.

    The trial's own sizes are those of its characteristics; the others meet the same people with the same luck.
    """
    own = plan.rows(plan.design.id)
    ends = max(2 * FEWEST, own[0].n // 4), min(2 * own[-1].n, MOST)
    planned = {row.n for row in own}
    grid = np.unique(np.rint(np.geomspace(*ends, _SIZES)).astype(int)).tolist()
    others = [size for size in grid if size not in planned]
    asked = {n for size in others for design in plan.designs for n in look_sizes(design, size)}
    held = plan.simulated(sorted(asked), executor) if others else None
    found = {}
    for design in plan.designs:
        rows = [*plan.rows(design.id), *(row_of(held, design, size, 0) for size in others if held is not None)]
        found[design.id] = tuple(
            PowerAtSize(n=row.n, people=row.people, planned=row.n in planned, power=row.power)
            for row in sorted(rows, key=lambda row: row.n)
        )
    return found


def size_reaching(curve: Sequence[PowerAtSize], level: float, under: str = WEIGHTED) -> int | None:
    """Return the people of the control arm from which on a curve lies at a level or above; None where it never does.

    Between two sizes the normal quantile of the power is a straight line in the root of the size.
    """
    known = [(at.n, at.power[under].value) for at in curve]
    held = [(n, power) for n, power in known if power is not None]
    below = [k for k, (_, power) in enumerate(held) if power < level]
    if not held or (below and below[-1] == len(held) - 1):
        return None
    if not below:
        return held[0][0]
    (small, less), (large, more) = held[below[-1]], held[below[-1] + 1]
    start, end, wanted = ndtri(np.clip([less, more, level], 1e-6, 1 - 1e-6))
    root = np.sqrt(small) + (wanted - start) / (end - start) * (np.sqrt(large) - np.sqrt(small))
    return int(np.ceil(root**2 - 1e-9))
