"""The arm that a set of choices makes, what it takes and which limits it breaks, before anything is simulated."""

from __future__ import annotations

from typing import Any

from afterglow.plan.economics.figures import Prices
from afterglow.plan.economics.worth import course_cost
from afterglow.plan.space.effort import effort_of
from afterglow.plan.space.limits import Breach, breaches
from afterglow.plan.space.space import LISTED, Point, Space, said
from afterglow.protocol import Arm
from afterglow.simulate.schedule import dosing_days

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
        self._excess: dict[Point, float] = {}

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
        if point not in self._excess:
            self._excess[point] = float(sum(1.0 + breach.excess for breach in self.breaches(self.arm(point))))
        return self._excess[point]

    def last_dosing_day(self) -> float:
        """Return the last dosing day of any plan within the limits; of a space too large to list, of any plan."""
        if self.space.size <= LISTED:
            held = [self.arm(point) for point in self.space.points() if self.excess(point) <= 0]
            return max((day for arm in held for day in dosing_days(arm)), default=0.0)
        dosings, own = self.space.moves.dosings, dosing_days(self.space.arm) or (0.0,)
        if dosings is None:
            return own[-1]
        moved = own[0] + (max(dosings.number) - 1) * max(dosings.days_between, default=0.0)
        last = self.space.limits.last_day
        return min(moved, self.space.protocol.horizon_days if last is None else last)

    def never(self) -> tuple[tuple[str, str], ...]:
        """Return the options that no plan within the limits has, with what stands against each; of a listed space."""
        if self.space.size > LISTED:
            return ()
        points = list(self.space.points())
        kept = [point for point in points if self.excess(point) <= 0]
        found = []
        for k, choice in enumerate(self.space.choices):
            for option in sorted(set(range(len(choice.options))) - {point[k] for point in kept}):
                nearest = min((p for p in points if p[k] == option), key=lambda p: self._excess[p])
                why = self.breaches(self.arm(nearest))[0].sentence
                found.append((f"{choice.name} {said(choice.options[option])}", why))
        return tuple(found)
