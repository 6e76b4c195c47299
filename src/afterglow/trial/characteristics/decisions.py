"""What a design makes of its looks: where each trial stops, and whether it says that the active arm is better."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.trial.designs.design import BlindedReestimation, DropTheLoser
from afterglow.trial.simulation.estimates import FURTHEST
from afterglow.trial.specification.design import DesignPlan
from afterglow.trial.specification.section import FEWEST
from afterglow.trial.specification.trial import Trial

__all__ = ["Decisions", "Statistics", "decisions", "look_sizes"]

_SIZES = 6
"""Sizes between the planned and the largest one to which a size that is set anew is rounded up."""


@dataclass(frozen=True, eq=False)
class Statistics:
    """What a design is told.

    Parameters
    ----------
    z : array (trials, sizes, comparisons)
        Above zero where it favours the active arm.
    sizes : tuple of int
        People of the control arm at each analysis.
    names : tuple of str
        Of the comparisons.
    blinded_sd : array (trials, sizes) or None
        That a blinded look sees.
    """

    z: NDArray[np.float64]
    sizes: tuple[int, ...]
    names: tuple[str, ...] = ()
    blinded_sd: NDArray[np.float64] | None = None


@dataclass(frozen=True, eq=False)
class Decisions:
    """What became of each trial of a design.

    Parameters
    ----------
    rejects : bool array (trials,)
        Whether the trial says that an active arm is better.
    look : int array (trials,)
        At which it stops.
    looks : int
    n : int array (trials,)
        People of the control arm where it stops.
    people : int array (trials,)
        Of all arms.
    at : int array (trials,)
        Place of that size among the analyses.
    comparison : int array (trials,)
        Which difference the trial answers for: the first, or that of the arm that went on.
    """

    rejects: NDArray[np.bool_]
    look: NDArray[np.intp]
    looks: int
    n: NDArray[np.intp]
    people: NDArray[np.intp]
    at: NDArray[np.intp]
    comparison: NDArray[np.intp]


def look_sizes(plan: DesignPlan, size: int) -> tuple[int, ...]:
    """Return the people of the control arm at every analysis that a design may ask for."""
    looks = tuple(max(FEWEST, round(share * size)) for share in plan.looks)
    if isinstance(plan.design, BlindedReestimation):
        grid = np.rint(np.linspace(size, plan.design.largest * size, _SIZES)).astype(int)
        return (looks[0], *dict.fromkeys(grid.tolist()))
    return looks


def decisions(
    trial: Trial, plan: DesignPlan, size: int, told: Statistics, *, obey_futility: bool = True, test: int = 0
) -> Decisions:
    """Apply a design to the statistics of many trials.

    Parameters
    ----------
    trial : Trial
    plan : DesignPlan
    size : int
        People of the control arm, as planned.
    told : Statistics
    obey_futility : bool
        False for the type I error of boundaries that do not count on it.
    test : int
        Place of the comparison that is tested, where the design has no choice of its own.
    """
    if isinstance(plan.design, DropTheLoser):
        return _drop_the_loser(trial, plan, plan.design, size, told)
    if isinstance(plan.design, BlindedReestimation) and told.blinded_sd is not None:
        return _resized(trial, plan, plan.design, size, told, test)
    if len(plan.design.test_days) > 1:
        return _in_order(trial, plan, size, told)
    places = [told.sizes.index(n) for n in look_sizes(plan, size)]
    held = told.z[:, places, test]
    bounds = plan.design.boundaries(trial.section.alpha)
    upper = np.array(bounds.upper)
    lower = np.array(bounds.futility) if obey_futility else np.full(len(places), -np.inf)
    success = held >= upper
    stops = success | (held < lower)
    stops[:, -1] = True
    look = stops.argmax(axis=1)
    rejects = success[np.arange(len(look)), look]
    return _made(trial, told, rejects, look, len(places), np.array(places)[look], test)


def _resized(
    trial: Trial, plan: DesignPlan, design: BlindedReestimation, size: int, told: Statistics, test: int
) -> Decisions:
    """Set the size anew from the SD at the look; it is rounded up to the next that was simulated."""
    assert told.blinded_sd is not None
    first, *grid = look_sizes(plan, size)
    wanted = design.size(size, told.blinded_sd[:, told.sizes.index(first)], trial.section.alpha)
    chosen = np.minimum(np.searchsorted(grid, wanted), len(grid) - 1)
    at = np.array([told.sizes.index(n) for n in grid])[chosen]
    z = told.z[np.arange(len(at)), at, test]
    rejects = z >= design.boundaries(trial.section.alpha).upper[-1]
    return _made(trial, told, rejects, np.zeros(len(at), np.intp), 1, at, test)


def _drop_the_loser(trial: Trial, plan: DesignPlan, design: DropTheLoser, size: int, told: Statistics) -> Decisions:
    """Let the arm that does best at the look go on with the control; at the end its people of both stages count."""
    first, last = (told.sizes.index(n) for n in look_sizes(plan, size))
    doses = len(trial.section.active)
    best = design.continuing(0, told.z[:, first, :doses]).argmax(axis=1)
    control, *active = trial.people(size)[: 1 + doses]
    upper = design.boundaries(trial.section.alpha, doses=doses, control_ratio=control / active[0]).upper[-1]
    every = np.arange(len(best))
    rejects = told.z[every, last, best] >= upper
    made = _made(trial, told, rejects, np.ones(len(best), np.intp), 2, np.full(len(best), last), best)
    early, whole = (np.array(trial.people(n)[: 1 + doses]) for n in look_sizes(plan, size))
    went_on = early.sum() + (whole[0] - early[0]) + (whole - early)[1 + best]
    return Decisions(made.rejects, made.look, 2, made.n, went_on, made.at, made.comparison)


def _in_order(trial: Trial, plan: DesignPlan, size: int, told: Statistics) -> Decisions:
    """Test day after day, each only if all before it rejected; what lasts is what the last one says."""
    at = told.sizes.index(look_sizes(plan, size)[-1])
    days = plan.design.test_days
    order = [0 if day == trial.section.day else told.names.index(f"day {day:g}") for day in days]
    rejected = plan.design.rejected(told.z[:, at][:, order], trial.section.alpha)
    return _made(trial, told, rejected[:, -1], np.zeros(len(rejected), np.intp), 1, np.full(len(rejected), at), 0)


def _made(
    trial: Trial,
    told: Statistics,
    rejects: NDArray[np.bool_],
    look: NDArray[np.intp],
    looks: int,
    at: NDArray[np.intp],
    comparison: int | NDArray[np.intp],
) -> Decisions:
    n = np.array(told.sizes)
    people = np.array([sum(trial.people(size)) for size in told.sizes])
    carried = told.z[np.arange(len(at)), at, comparison] > -FURTHEST
    return Decisions(
        rejects & carried, look, looks, n[at], people[at], at, np.broadcast_to(np.asarray(comparison), at.shape)
    )
