"""What to learn next: how much better the choice would be if an unknown were known, by regression over the draws.

Knowing everything, the best plan of each draw would be taken; knowing one unknown, the plan that is best on average
where it has the value that it has (strong2014). The gain is in the unit of what counts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from afterglow.cohort import RIVALS, Draw
from afterglow.medicines import users_of
from afterglow.parameters import PARAMETERS
from afterglow.parameters.conditions import EASING, easing
from afterglow.parameters.publication import PUBLICATION
from afterglow.parameters.strengths import STRENGTHS, group_of
from afterglow.protocol import Population

__all__ = ["WHICH", "Unknown", "concerns", "evpi", "evppi", "unknowns"]

WHICH = "which explanation is true"
_DEGREE = 2
_SHUFFLES = 40
_FEWEST = 16
"""Draws below which nothing is regressed."""
_NOISE_QUANTILE = 0.95
_END = float(ndtri(0.9))
_NOTHING = 1e-6


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """What knowing one thing would gain.

    Parameters
    ----------
    name : str
        A parameter, or `WHICH`.
    words : str
    gain : float
        Of the choice, on average; what chance alone would show is taken off.
    told : bool
        Whether it stands out from what shuffled draws show of any parameter.
    best : tuple of (str, int)
        What it may turn out to be, and the place of the plan that would be best then: of a parameter, low and high are
        where one draw in ten lies beyond.
    """

    name: str
    words: str
    gain: float
    told: bool
    best: tuple[tuple[str, int], ...] = ()


def evpi(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Return the expected value of perfect information.

    Parameters
    ----------
    values : array (plans, draws)
        More is better.
    weights : array (draws,)
        They sum to one.
    """
    return max(float(values.max(axis=0) @ weights - (values @ weights).max()), 0.0)


def evppi(values: NDArray[np.float64], weights: NDArray[np.float64], design: NDArray[np.float64]) -> float:
    """Return the expected value of partial information about what a design matrix (draws, terms) stands for."""
    return float(_evppi(values, weights, design[None])[0])


def _evppi(
    values: NDArray[np.float64], weights: NDArray[np.float64], designs: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the value of partial information about each of several designs (designs, draws, terms)."""
    root = np.sqrt(weights)
    fitted = designs @ (np.linalg.pinv(designs * root[:, None]) @ (values * root).T)
    best = fitted.max(axis=2) @ weights
    return np.asarray(np.maximum(best - np.einsum("dnp,n->dp", fitted, weights).max(axis=1), 0.0))


def concerns(name: str, population: Population, medicines: Collection[str]) -> bool:
    """Return whether a parameter can matter to these people with these medicines."""
    users = users_of(name)
    if users and not users & set(medicines):
        return False
    if name in {parameter.name for parameter in PUBLICATION}:
        return False
    if name in {parameter.name for parameter in EASING.values()}:
        return name == easing(population.condition)
    if name.startswith("recovery_days_"):
        return name == f"recovery_days_{population.recovered_by}"
    group = group_of(population.condition)
    kinds = [f"{kind}_strength" for kind in ("medicine", "therapy", "hope")]
    if name in {parameter.name for parameter in STRENGTHS}:
        return name in kinds or (bool(group) and name in [f"{kind}_{group}" for kind in kinds])
    return True


def unknowns(
    values: NDArray[np.float64],
    draws: Sequence[Draw],
    population: Population,
    medicines: Collection[str],
    *,
    seed: int = 1,
) -> tuple[Unknown, ...]:
    """Return what knowing each unknown would gain, the most first.

    Parameters
    ----------
    values : array (plans, draws)
        More is better.
    draws : sequence of Draw
    population : Population
    medicines : collection of str
        Those of the plans: parameters that cannot matter to them are left out.
    seed : int
        Of the shuffles, which show what chance alone would.

    Notes
    -----
    A parameter counts by where it lies among the draws of its explanation. Of forty parameters some look like something
    by chance: one is told only where it gains more than the best of all does in 95 % of shuffles.
    """
    weights = np.array([draw.weight for draw in draws])
    weights = weights / weights.sum()
    most = evpi(values, weights)
    found = []
    rivals = np.array([draw.rival for draw in draws])
    if len(set(rivals)) > 1:
        levels = np.array([[float(r == name) for name in sorted(set(rivals))] for r in rivals])
        gain = min(evppi(values, weights, levels), most)
        names = sorted(set(rivals), key=lambda name: -float(weights[rivals == name].sum()))
        under = tuple((name, int(np.argmax(values[:, rivals == name] @ weights[rivals == name]))) for name in names)
        found.append(Unknown(name=WHICH, words=WHICH, gain=gain, told=gain > _NOTHING, best=under))
    if len(draws) < _FEWEST:
        return tuple(found)
    fixed = {name for given in RIVALS.values() for name in given}
    columns = {name: np.array([draw.value(name) for draw in draws]) for draw in draws for name in draw.typical}
    designs = {
        name: _design(own, rivals)
        for name, own in sorted(columns.items())
        if name not in fixed and np.ptp(own) > 0 and concerns(name, population, medicines)
    }
    if not designs:
        return tuple(found)
    rng = np.random.default_rng(seed)
    orders = np.array([_shuffled(rivals, rng) for _ in range(_SHUFFLES)])
    chance = np.array([_evppi(values, weights, design[orders]) for design in designs.values()])
    usual = chance.mean(axis=1)
    threshold = float(np.quantile((chance - usual[:, None]).max(axis=0), _NOISE_QUANTILE))
    for (name, design), expected in zip(designs.items(), usual, strict=True):
        above = evppi(values, weights, design) - float(expected)
        words = PARAMETERS[name].meaning if name in PARAMETERS else name
        found.append(
            Unknown(
                name=name,
                words=words,
                gain=min(max(above, 0.0), most),
                told=above > max(threshold, _NOTHING) and most > _NOTHING,
                best=_best_at_ends(values, weights, design),
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.told, -one.gain, one.name)))


def _shuffled(rivals: NDArray[np.str_], rng: np.random.Generator) -> NDArray[np.intp]:
    """Return the places of draws in an order that is random within each explanation."""
    order = np.arange(len(rivals))
    for rival in sorted(set(rivals)):
        own = np.flatnonzero(rivals == rival)
        order[own] = rng.permutation(own)
    return order


def _best_at_ends(
    values: NDArray[np.float64], weights: NDArray[np.float64], design: NDArray[np.float64]
) -> tuple[tuple[str, int], ...]:
    """Return which plan is best where a parameter is low, and where it is high."""
    root = np.sqrt(weights)
    solved = np.linalg.pinv(design * root[:, None]) @ (values * root).T
    ends = np.array([[z**k for k in range(_DEGREE + 1)] for z in (-_END, _END)]) @ solved
    return tuple((word, int(np.argmax(row))) for word, row in zip(("low", "high"), ends, strict=True))


def _design(values: NDArray[np.float64], rivals: NDArray[np.str_]) -> NDArray[np.float64]:
    """Return powers of the normal scores of a parameter among the draws of its explanation, (draws, terms).

    Each explanation was fitted for itself, so that a parameter differs between them: its plain value would mostly tell
    which of them a draw belongs to.
    """
    z = np.zeros(len(values))
    for rival in set(rivals):
        own = rivals == rival
        order = np.argsort(np.argsort(values[own]))
        z[own] = ndtri((order + 0.5) / len(order))
    return np.stack([z**k for k in range(_DEGREE + 1)], axis=1)
