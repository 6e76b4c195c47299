"""Choosing under uncertainty: expected value, the worst tenth, the chance of being best, regret, and what is alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.cohort import Draw
from afterglow.plan.aims import Goal, Valued, matrix, mean_merit
from afterglow.results.mixture import Z90, Mixture

__all__ = ["Choice", "Standing", "chance_best", "choose", "cvar", "standings"]

_WORST = 0.1
_SAME = 1e-9
_LEAST_SHARE = 1e-6
_FEWEST = 2


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How one plan stands among the others.

    Parameters
    ----------
    merit : float
        The aim over all draws, more is better.
    worst_tenth : float
        Mean of the aim over the worst tenth of draws, more is better.
    chance_best : float
        Weight of the draws in which no other plan is better; ties are shared.
    regret : float
        What is lost on average against the best plan of each draw.
    regret_under : dict of str to float
        By explanation: what is lost if it is true, against the plan that is best under it.
    behind : float
        By how much it is worse than the best plan.
    behind_error : float
        Monte-Carlo error of that, one standard error, from the same people and draws in both.
    alike : bool
        Whether the simulation cannot tell it from the best plan.
    """

    merit: float
    worst_tenth: float
    chance_best: float
    regret: float
    regret_under: dict[str, float]
    behind: float
    behind_error: float
    alike: bool


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Which plan is chosen.

    Parameters
    ----------
    place : int
        Of the plan that is chosen: the cheapest of those that cannot be told from the best.
    best : int
        Of the plan with the highest expected aim.
    alike : tuple of int
        Plans that cannot be told from the best, itself among them.
    cautious, least_regret : int
        Plans that the worst tenth, and the largest regret under any explanation, would choose.
    """

    place: int
    best: int
    alike: tuple[int, ...]
    cautious: int
    least_regret: int


def cvar(values: NDArray[np.float64], weights: NDArray[np.float64], worst: float = _WORST) -> NDArray[np.float64]:
    """Return the mean of the lowest share of draws of each plan, (plans,).

    Parameters
    ----------
    values : array (plans, draws)
    weights : array (draws,)
        They sum to one.
    worst : float
        The share; a draw on its edge counts in part.
    """
    found = []
    for row in values:
        order = np.argsort(row)
        own = weights[order]
        before = np.cumsum(own) - own
        counted = np.clip(worst - before, 0.0, own)
        found.append(float(counted @ row[order] / worst))
    return np.array(found)


def chance_best(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weight of the draws in which each plan is best, (plans,); ties are shared evenly."""
    best = values >= values.max(axis=0) - _SAME
    return np.asarray((best / best.sum(axis=0)) @ weights)


def standings(
    plans: Sequence[Valued], goal: Goal, draws: Sequence[Draw], participants: int, margin: float
) -> list[Standing]:
    """Say how plans stand that were tried on the same people and draws."""
    mixture = Mixture(tuple(draws))
    merits = matrix(plans, "merit")
    means = np.array([mean_merit(plan, goal, mixture) for plan in plans])
    best = int(np.argmax(means))
    rivals = list(dict.fromkeys(draw.rival for draw in draws))
    under = {name: np.array([mean_merit(p, goal, Mixture(tuple(draws), name)) for p in plans]) for name in rivals}
    tails, chances = cvar(merits, mixture.weights), chance_best(merits, mixture.weights)
    regrets = (merits.max(axis=0) - merits) @ mixture.weights
    found = []
    for k in range(len(plans)):
        behind = float(means[best] - means[k])
        error = 0.0 if k == best else _paired_error(plans[best], plans[k], goal, mixture, participants)
        found.append(
            Standing(
                merit=float(means[k]),
                worst_tenth=float(tails[k]),
                chance_best=float(chances[k]),
                regret=float(regrets[k]),
                regret_under={name: float(own.max() - own[k]) for name, own in under.items()},
                behind=behind,
                behind_error=error,
                alike=behind <= margin + Z90 * error + _SAME,
            )
        )
    return found


def choose(plans: Sequence[Valued], standing: Sequence[Standing]) -> Choice:
    """Choose the cheapest of the plans that cannot be told from the best; among equals the better."""
    best = max(range(len(plans)), key=lambda k: standing[k].merit)
    alike = tuple(k for k in range(len(plans)) if standing[k].alike)
    place = min(alike, key=lambda k: (round(plans[k].course_cost, 6), -standing[k].merit))
    cautious = max(range(len(plans)), key=lambda k: standing[k].worst_tenth)
    least = min(range(len(plans)), key=lambda k: max(standing[k].regret_under.values()))
    return Choice(place=place, best=best, alike=alike, cautious=cautious, least_regret=least)


def _paired_error(one: Valued, other: Valued, goal: Goal, mixture: Mixture, participants: int) -> float:
    """Return the Monte-Carlo error of the difference of two plans in the aim, of the same people and draws.

    Of ratios of means it is the error to first order in the shares (the delta method).
    """
    if goal.is_ratio:
        first, second = (mean_merit(p, goal, mixture) / max(float(mixture.mean(p.outcome.lasting)), _LEAST_SHARE)
                         for p in (one, other))  # fmt: skip
        moved = first * one.outcome.lasting - second * other.outcome.lasting
        lives = first * one.lives - second * other.lives
    else:
        moved, lives = one.merit - other.merit, one.lives.astype(np.float64) - other.lives
    if lives.shape[1] < _FEWEST:
        return float("inf")  # how people differ is unknown
    spread = lives.std(axis=1, ddof=1)
    return float(mixture.error(moved[:, None], spread[:, None], participants)[0])
