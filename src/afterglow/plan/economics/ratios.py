"""The ratios that payers ask for: incremental cost-effectiveness, net benefit, acceptability, expected loss.

Costs are (plans,) or (plans, draws) in one currency, effects alike in QALYs; draws have weights that sum to one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Step", "acceptability", "expected_loss", "icer", "incremental", "net_benefit"]

_CLOSE = 1e-12


@dataclass(frozen=True, kw_only=True)
class Step:
    """One plan in the full incremental analysis.

    Parameters
    ----------
    plan : int
        Its place.
    cost, effect : float
        More than the plan before it on the frontier; NaN for the cheapest and for those off the frontier.
    ratio : float
        Cost of one more QALY; NaN where there is none.
    status : str
        ``cheapest``, ``on the frontier``, ``dominated`` (another gives as much for no more) or ``extendedly dominated``
        (two others, mixed, give as much for no more).
    """

    plan: int
    cost: float
    effect: float
    ratio: float
    status: str


def icer(cost: float, effect: float) -> float:
    """Return the incremental cost-effectiveness ratio; NaN where nothing more is gained."""
    return cost / effect if effect > _CLOSE else float("nan")


def incremental(costs: Sequence[float], effects: Sequence[float]) -> tuple[Step, ...]:
    """Compare all plans with one another, the cheapest first.

    Parameters
    ----------
    costs, effects : sequence of float (plans,)
    """
    costs, effects = [float(cost) for cost in costs], [float(effect) for effect in effects]
    order = sorted(range(len(costs)), key=lambda k: (costs[k], -effects[k]))
    status = dict.fromkeys(order, "on the frontier")
    best = -np.inf
    for k in order:
        if effects[k] <= best + _CLOSE:
            status[k] = "dominated"
        best = max(best, effects[k])
    kept = [k for k in order if status[k] == "on the frontier"]
    while True:
        slopes = [icer(costs[b] - costs[a], effects[b] - effects[a]) for a, b in pairwise(kept)]
        weak = next((j for j in range(1, len(slopes)) if slopes[j] < slopes[j - 1]), None)
        if weak is None:
            break
        status[kept.pop(weak)] = "extendedly dominated"
    status[kept[0]] = "cheapest"
    found = []
    for k in order:
        if k in kept[1:]:
            before = kept[kept.index(k) - 1]
            cost, effect = costs[k] - costs[before], effects[k] - effects[before]
            found.append(Step(plan=k, cost=cost, effect=effect, ratio=icer(cost, effect), status=status[k]))
        else:
            nothing = float("nan")
            found.append(Step(plan=k, cost=nothing, effect=nothing, ratio=nothing, status=status[k]))
    return tuple(found)


def net_benefit(costs: ArrayLike, effects: ArrayLike, threshold: float) -> NDArray[np.float64]:
    """Return what health is worth less what it costs, in the currency, same shape."""
    return np.asarray(threshold * np.asarray(effects) - np.asarray(costs), dtype=np.float64)


def acceptability(
    costs: NDArray[np.float64], effects: NDArray[np.float64], weights: NDArray[np.float64], thresholds: ArrayLike
) -> NDArray[np.float64]:
    """Return the chance that each plan has the highest net benefit, (thresholds, plans); ties are shared evenly."""
    found = []
    for threshold in np.atleast_1d(np.asarray(thresholds, dtype=np.float64)):
        value = net_benefit(costs, effects, float(threshold))
        best = value >= value.max(axis=0) - 1e-9
        found.append((best / best.sum(axis=0)) @ weights)
    return np.stack(found)


def expected_loss(
    costs: NDArray[np.float64], effects: NDArray[np.float64], weights: NDArray[np.float64], threshold: float
) -> NDArray[np.float64]:
    """Return what is lost on average by choosing each plan rather than the best one of each draw, (plans,)."""
    value = net_benefit(costs, effects, threshold)
    return np.asarray((value.max(axis=0) - value) @ weights)
