"""What was found: the plans that were judged, the one that is chosen, what they cost, and what to learn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.plan.aims import Goal, Valued, matrix, total_cost
from afterglow.plan.decision import Choice, Standing
from afterglow.plan.economics.figures import Prices, View
from afterglow.plan.economics.ratios import Step, acceptability, expected_loss, incremental, net_benefit
from afterglow.plan.learning import Unknown, evpi, unknowns
from afterglow.plan.outcomes import Bank
from afterglow.plan.question import Question
from afterglow.plan.search import Found
from afterglow.plan.space.limits import Breach
from afterglow.plan.space.space import Space
from afterglow.protocol import Arm, Protocol

__all__ = ["AS_WRITTEN", "Answer", "Learning", "Plan", "with_arm"]

AS_WRITTEN = "as written"
_MOST_THRESHOLD = 2.0
_THRESHOLDS = 21


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """One of the plans that were judged.

    Parameters
    ----------
    id : str
        ``plan 1`` and so on, or `AS_WRITTEN`.
    chosen : dict of str to object
        The value of each choice; empty for the plan as it is written.
    valued : Valued
    standing : Standing
    on_front : bool
        Whether no other plan that was judged has a better outcome for no more hours and no more cost.
    breaks : tuple of Breach
        Limits that it breaks; only the plan as written may.
    tried : float
        Its outcome in the search, on fewer people, turned so that more is better; NaN for the plan as written.
    """

    id: str
    chosen: dict[str, Any]
    valued: Valued
    standing: Standing
    on_front: bool
    breaks: tuple[Breach, ...] = ()
    tried: float = float("nan")


@dataclass(frozen=True, kw_only=True)
class Learning:
    """What knowing more would gain, in one unit.

    Parameters
    ----------
    unit : str
    everything : float
        Expected value of perfect information.
    unknowns : tuple of Unknown
        Of partial information, the most first.
    """

    unit: str
    everything: float
    unknowns: tuple[Unknown, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Answer:
    """What was found.

    Parameters
    ----------
    question : Question
    goal : Goal
    prices : Prices
    bank : Bank
        People and draws on which the plans were judged.
    plans : tuple of Plan
        The best first, the plan as written among them.
    choice : Choice
        Among those that keep the limits, by their places in `plans`.
    space : Space
    found : Found
        What the search saw.
    never : tuple of (str, str)
        Options that no plan within the limits has, with what stands against each.
    """

    question: Question
    goal: Goal
    prices: Prices
    bank: Bank
    plans: tuple[Plan, ...]
    choice: Choice
    space: Space
    found: Found
    never: tuple[tuple[str, str], ...] = ()

    @property
    def answer(self) -> Plan:
        """The plan that is chosen."""
        return self.plans[self.choice.place]

    @property
    def best(self) -> Plan:
        """The plan with the highest expected aim."""
        return self.plans[self.choice.best]

    @property
    def as_written(self) -> Plan:
        """The arm as the file has it, with the safety visits that every plan has."""
        return next(plan for plan in self.plans if plan.id == AS_WRITTEN)

    @property
    def protocol(self) -> Protocol:
        """The protocol with the arm that is chosen in place of its own."""
        return with_arm(self.question.protocol, self.space.arm.id, self.answer.valued.arm)

    @cached_property
    def permitted(self) -> tuple[Plan, ...]:
        """The plans that keep the limits."""
        return tuple(plan for plan in self.plans if not plan.breaks)

    @cached_property
    def costs(self) -> NDArray[np.float64]:
        """Costs to the horizon, (permitted plans, draws)."""
        return matrix([plan.valued for plan in self.permitted], "cost")

    @cached_property
    def qalys(self) -> NDArray[np.float64]:
        """QALYs to the horizon, (permitted plans, draws)."""
        return matrix([plan.valued for plan in self.permitted], "qalys")

    @cached_property
    def incremental(self) -> tuple[Step, ...]:
        """The full incremental analysis of the permitted plans."""
        mean = self.bank.mixture.weights
        return incremental(list(self.costs @ mean), list(self.qalys @ mean))

    @cached_property
    def thresholds(self) -> NDArray[np.float64]:
        """What a QALY may cost, from nothing to twice the threshold."""
        return np.linspace(0.0, _MOST_THRESHOLD * self.prices.threshold, _THRESHOLDS)

    @cached_property
    def acceptability(self) -> NDArray[np.float64]:
        """Chance that each permitted plan has the highest net benefit, (thresholds, permitted plans)."""
        return acceptability(self.costs, self.qalys, self.bank.mixture.weights, self.thresholds)

    @cached_property
    def losses(self) -> NDArray[np.float64]:
        """Expected loss of each permitted plan at the threshold, (permitted plans,)."""
        return expected_loss(self.costs, self.qalys, self.bank.mixture.weights, self.prices.threshold)

    @cached_property
    def benefits(self) -> dict[View, NDArray[np.float64]]:
        """Expected net benefit of each permitted plan at the threshold, by view; society where its prices are known."""
        found: dict[View, NDArray[np.float64]] = {}
        views: tuple[View, ...] = ("payer", "society") if self.prices.knows_society else ("payer",)
        for view in views:
            prices = self.prices.for_view(view)
            costs = [total_cost(plan.valued, prices) for plan in self.permitted]
            worth = net_benefit(np.stack(costs), self.qalys, self.prices.threshold)
            found[view] = worth @ self.bank.mixture.weights
        return found

    @cached_property
    def learning(self) -> tuple[Learning, ...]:
        """What knowing more would gain: in points of the scale, and in money."""
        plans = [plan.valued for plan in self.permitted]
        sides = ((f"{self.goal.scale} points", -matrix(plans, "score")),
                 (self.prices.currency, net_benefit(self.costs, self.qalys, self.prices.threshold)))  # fmt: skip
        weights = self.bank.mixture.weights
        medicines = {dose.medicine for plan in plans for dose in plan.arm.doses}
        people = self.question.protocol.population
        return tuple(
            Learning(
                unit=unit,
                everything=evpi(values, weights),
                unknowns=unknowns(values, self.bank.draws, people, medicines),
            )
            for unit, values in sides
        )


def with_arm(protocol: Protocol, arm: str, new: Arm) -> Protocol:
    """Return a protocol with another arm in place of the one of that id."""
    arms = tuple(new if own.id == arm else own for own in protocol.arms)
    return Protocol.made({**protocol.model_dump(), "arms": arms})
