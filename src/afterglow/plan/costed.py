"""The arm that a set of choices makes, what it takes and which limits it breaks, before anything is simulated."""

from __future__ import annotations

from typing import Any

from afterglow.plan.economics.figures import Prices
from afterglow.plan.economics.worth import course_cost
from afterglow.plan.space.effort import effort_of
from afterglow.plan.space.limits import Breach, breaches
from afterglow.plan.space.space import Point, Space
from afterglow.protocol import Arm

__all__ = ["Costed"]


class Costed:
    """The arm of each point, what it takes and which limits it breaks.

    Parameters
    ----------
    space : Space
    prices : Prices
    """

    def __init__(self, space: Space, prices: Prices) -> None:
        self.space, self.prices = space, prices
        self._arms: dict[Point, Arm] = {}

    def arm(self, point: Point) -> Arm:
        """Return the arm of a point."""
        if point not in self._arms:
            self._arms[point] = self.space.arm_at(point)
        return self._arms[point]

    def key(self, point: Point) -> tuple[Any, ...]:
        """Return what two points share that make the same plan."""
        arm = self.arm(point)
        return (arm.doses, arm.sessions, arm.practice, arm.group)

    def takes(self, arm: Arm) -> tuple[float, float]:
        """Return therapist hours and cost of the course."""
        effort = effort_of(arm, self.space.protocol.horizon_days, self.prices.therapists)
        return effort.therapist_hours, course_cost(arm, effort, self.prices)

    def breaches(self, arm: Arm) -> list[Breach]:
        """List the limits that an arm breaks."""
        hours, cost = self.takes(arm)
        return breaches(arm, self.space.protocol, self.space.limits, therapist_hours=hours, cost=cost)

    def excess(self, point: Point) -> float:
        """Return by how much a point breaks limits, each counted by its size and once for itself; 0 where none."""
        return float(sum(1.0 + breach.excess for breach in self.breaches(self.arm(point))))
