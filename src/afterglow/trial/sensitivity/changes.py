"""What would take the weighted power of a plan across a level: a size, an explanation, or another scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from afterglow.trial.characteristics.average import WEIGHTED
from afterglow.trial.characteristics.operating import Row
from afterglow.trial.sensitivity.curve import PowerAtSize, size_reaching
from afterglow.trial.sensitivity.scenarios import Scenario

__all__ = ["LEVELS", "Crossing", "crossing", "turning_weight", "without"]

LEVELS = (0.8, 0.9)
"""Powers that sponsors and funders ask for."""


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """What would take a plan across a level of the weighted power.

    Parameters
    ----------
    level : float
    power : float
        Weighted, of the plan as it is.
    size : int or None
        People of the control arm from which on the weighted power is at the level; None where no size of the curve is.
    size_under : mapping of str to int or None
        The same under each explanation alone.
    without : mapping of str to float
        Explanations without which, the others at their weights, the power is on the other side, and what it is then.
    turning_weight : mapping of str to float
        Weight of an explanation at which the power is at the level, where there is one.
    scenarios : tuple of Scenario
        Those in which it is on the other side.
    """

    level: float
    power: float
    size: int | None
    size_under: Mapping[str, int | None]
    without: Mapping[str, float]
    turning_weight: Mapping[str, float]
    scenarios: tuple[Scenario, ...]

    @property
    def reached(self) -> bool:
        """Whether the plan is at the level or above."""
        return self.power >= self.level


def crossing(
    level: float,
    row: Row,
    weights: Mapping[str, float],
    curve: Sequence[PowerAtSize],
    others: Sequence[Scenario],
) -> Crossing:
    """Return what would take a plan across a level."""
    power = {name: held.value or 0.0 for name, held in row.power.items()}
    reached = power[WEIGHTED] >= level
    left = {name: without(name, power, weights) for name in weights}
    turning = {name: turning_weight(name, level, power, weights) for name in weights}
    return Crossing(
        level=level,
        power=power[WEIGHTED],
        size=size_reaching(curve, level),
        size_under={name: size_reaching(curve, level, name) for name in weights},
        without={name: held for name, held in left.items() if held is not None and (held >= level) != reached},
        turning_weight={name: held for name, held in turning.items() if held is not None},
        scenarios=tuple(each for each in others if ((each.power[WEIGHTED].value or 0.0) >= level) != reached),
    )


def without(rival: str, power: Mapping[str, float], weights: Mapping[str, float]) -> float | None:
    """Return the power weighted over all explanations but one; None where no other has any weight."""
    rest = {name: weight for name, weight in weights.items() if name != rival and weight > 0}
    total = sum(rest.values())
    return sum(weight * power[name] for name, weight in rest.items()) / total if total > 0 else None


def turning_weight(rival: str, level: float, power: Mapping[str, float], weights: Mapping[str, float]) -> float | None:
    """Return the weight of an explanation at which the weighted power is at a level, the others in their proportions.

    None where no weight from 0 to 1 does it.
    """
    rest = without(rival, power, weights)
    if rest is None or power[rival] == rest:
        return None
    found = (level - rest) / (power[rival] - rest)
    return found if 0 <= found <= 1 else None
