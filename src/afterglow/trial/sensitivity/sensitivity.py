"""What a report of a trial adds to its characteristics, worked out in one go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from afterglow.runs.execute import Engine, EngineName
from afterglow.trial.characteristics.operating import Characteristics
from afterglow.trial.sensitivity.changes import LEVELS, Crossing, crossing
from afterglow.trial.sensitivity.curve import PowerAtSize, power_curves
from afterglow.trial.sensitivity.expected import (
    ExpectedArm,
    ExpectedEffect,
    departures_of,
    expected_arms,
    expected_effects,
)
from afterglow.trial.sensitivity.plan import MainPlan, main_plan
from afterglow.trial.sensitivity.scenarios import Scenario, scenarios

__all__ = ["Sensitivity", "sensitivity_of"]


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """What the power of a trial hangs on.

    Parameters
    ----------
    plan : MainPlan
    curves : mapping of str to tuple of PowerAtSize
        By the id of the design.
    scenarios : tuple of Scenario
    """

    plan: MainPlan
    curves: Mapping[str, tuple[PowerAtSize, ...]]
    scenarios: tuple[Scenario, ...]

    @property
    def curve(self) -> tuple[PowerAtSize, ...]:
        """Power against size of the plan's own design."""
        return self.curves[self.plan.design.id]

    @property
    def found(self) -> Characteristics:
        """The characteristics that it belongs to."""
        return self.plan.found

    @cached_property
    def arms(self) -> tuple[ExpectedArm, ...]:
        """What is expected of every arm."""
        return expected_arms(self.found.simulated)

    @cached_property
    def effects(self) -> tuple[ExpectedEffect, ...]:
        """The true difference that is expected, weighted first; empty where it is not worked out."""
        return expected_effects(self.found.simulated)

    @cached_property
    def departures(self) -> tuple[float, float]:
        """How far the mean of an arm, and the difference of two, depart from the model, in SDs between people."""
        return departures_of(self.found.simulated)

    @cached_property
    def crossings(self) -> tuple[Crossing, ...]:
        """What would take the plan across each of `LEVELS`."""
        weights = self.found.simulated.average.rivals
        return tuple(crossing(level, self.plan.row, weights, self.curve, self.scenarios) for level in LEVELS)

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "plan": {"id": self.plan.row.id, "n": self.plan.row.n, "analysis": self.plan.row.analysis},
            "trials": self.plan.trials,
            "power_by_size": [
                {"design": design, **asdict(at)} for design, curve in self.curves.items() for at in curve
            ],
            "scenarios": [asdict(each) for each in self.scenarios],
            "expected_arms": [asdict(arm) for arm in self.arms],
            "expected_effects": [asdict(effect) for effect in self.effects],
            "crossings": [
                {**asdict(each), "scenarios": [held.name for held in each.scenarios]} for each in self.crossings
            ],
        }


def sensitivity_of(
    found: Characteristics,
    *,
    engine: EngineName = "threads",
    workers: int | None = None,
    scheduler: str | None = None,
) -> Sensitivity:
    """Simulate the designs of a trial with its first analysis at other sizes, and with other dropout and events.

    Parameters
    ----------
    found : Characteristics
    engine, workers, scheduler
        See `afterglow.simulate`.

    Raises
    ------
    ParameterError
        If the engine is unknown.
    """
    plan = main_plan(found)
    with Engine(engine, workers, scheduler).running() as executor:
        return Sensitivity(plan, power_curves(plan, executor), scenarios(plan, executor))
