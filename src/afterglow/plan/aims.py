"""What counts: from what comes of a plan, and what it takes, to numbers of which more is better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.errors import ProtocolError
from afterglow.plan.economics.figures import Prices
from afterglow.plan.economics.ratios import net_benefit
from afterglow.plan.economics.worth import course_cost, illness_cost, qalys
from afterglow.plan.outcomes import Outcome
from afterglow.plan.space.effort import Effort, effort_of
from afterglow.plan.space.section import Aim
from afterglow.protocol import Arm, Protocol
from afterglow.results.mixture import Mixture
from afterglow.scales.instruments import scale

__all__ = [
    "Goal",
    "Valued",
    "goal_of",
    "matrix",
    "mean_merit",
    "mean_value",
    "outcome_of",
    "outcome_words",
    "total_cost",
    "valued",
]

_FEWEST_SHARE = 0.5
"""People who count as lasting where a draw has none, so that a ratio is finite."""


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What counts, made fast to the protocol.

    Parameters
    ----------
    what : str
        One of `AIMS`.
    scale : str
    day : float
        Of the mean score; for other aims the last day of rating, on which the mean score is told beside.
    unit : str
        Of the aim's number.
    less_is_better : bool
    """

    what: str
    scale: str
    day: float
    unit: str
    less_is_better: bool

    @property
    def is_ratio(self) -> bool:
        """Whether the aim divides by lasting responses: its mean is the ratio of means."""
        return self.what.endswith("per lasting response")

    @property
    def words(self) -> str:
        """The aim as a table's head says it."""
        if self.what == "mean score":
            return f"mean {self.scale}, day {self.day:g}"
        return f"{self.what} ({self.unit})" if self.what == "net benefit" or self.is_ratio else self.what


@dataclass(frozen=True, eq=False)
class Valued:
    """A plan with what comes of it and what it takes; arrays are (draws,) unless said otherwise.

    Parameters
    ----------
    arm : Arm
    outcome : Outcome
    effort : Effort
    course_cost : float
    cost : array
        Of course and illness together, to the horizon.
    qalys : array
    remitting : array
        Share in remission on the last day of rating.
    score : array
        Mean score on the goal's day.
    value : array
        The aim, as it is written.
    merit : array
        The aim, turned so that more is better.
    lives : array (draws, people)
        What each person adds to the aim: its mean is `value`, but for ratios, where it is the lasting response.
    """

    arm: Arm
    outcome: Outcome
    effort: Effort
    course_cost: float
    cost: NDArray[np.float64]
    qalys: NDArray[np.float64]
    remitting: NDArray[np.float64]
    score: NDArray[np.float64]
    value: NDArray[np.float64]
    merit: NDArray[np.float64]
    lives: NDArray[Any]


def goal_of(aim: Aim, protocol: Protocol, currency: str) -> Goal:
    """Make an aim fast to a protocol.

    Raises
    ------
    ProtocolError
        If the scale or the day is not rated.
    """
    rated = {a.scale: a.days for a in protocol.assessments}
    name = scale(aim.scale).id if aim.scale else protocol.population.scale
    if name not in rated:
        raise ProtocolError(f"{name} is not assessed; assessed: {', '.join(rated)}", where="optimise.aim")
    later = [day for day in rated[name] if day > 0]
    if not later:
        raise ProtocolError(f"{name} is never assessed after day 0, so nothing can be compared", where="optimise.aim")
    day = later[-1] if aim.day is None else aim.day
    if day > protocol.horizon_days:
        raise ProtocolError(
            f"day {day:g} lies beyond the horizon of {protocol.horizon_days:g} days", where="optimise.aim"
        )
    if day not in later:
        days = ", ".join(f"{d:g}" for d in later)
        raise ProtocolError(
            f"{name} is not assessed on day {day:g}; choose one of {days}, or add the day to its assessments",
            where="optimise.aim",
        )
    units = {
        "mean score": f"{name} points",
        "lasting responses": "share of people",
        "cost per lasting response": currency,
        "therapist hours per lasting response": "h",
        "net benefit": currency,
    }
    less = aim.what not in ("lasting responses", "net benefit")
    return Goal(what=aim.what, scale=name, day=day, unit=units[aim.what], less_is_better=less)


def valued(arm: Arm, outcome: Outcome, goal: Goal, prices: Prices, horizon_days: float) -> Valued:
    """Say what a plan is worth at each draw."""
    effort = effort_of(arm, horizon_days, prices.therapists)
    course = course_cost(arm, effort, prices)
    states = (outcome.responds, outcome.remits, outcome.days, prices)
    cost, gained = course + illness_cost(*states), qalys(*states)
    score = outcome.mean[:, outcome.at(goal.day)]
    lasting = np.maximum(outcome.lasting, _FEWEST_SHARE / outcome.lasts.shape[1])
    benefit = net_benefit(cost, gained, prices.threshold)
    values: dict[str, tuple[NDArray[np.float64], NDArray[Any]]] = {
        "mean score": (score, outcome.expected[..., outcome.at(goal.day)]),
        "lasting responses": (outcome.lasting, outcome.lasts),
        "cost per lasting response": (course / lasting, outcome.lasts),
        "therapist hours per lasting response": (effort.therapist_hours / lasting, outcome.lasts),
        "net benefit": (benefit.mean(axis=1), benefit),
    }
    value, lives = values[goal.what]
    return Valued(
        arm=arm,
        outcome=outcome,
        effort=effort,
        course_cost=course,
        cost=cost.mean(axis=1),
        qalys=gained.mean(axis=1),
        remitting=outcome.remits[..., -1].mean(axis=1),
        score=score,
        value=value,
        merit=-value if goal.less_is_better else value,
        lives=lives,
    )


def total_cost(plan: Valued, prices: Prices) -> NDArray[np.float64]:
    """Return the cost of a plan to the horizon at other prices, or in the other view, (draws,)."""
    outcome = plan.outcome
    illness = illness_cost(outcome.responds, outcome.remits, outcome.days, prices)
    return np.asarray(course_cost(plan.arm, plan.effort, prices) + illness.mean(axis=1))


def mean_value(plan: Valued, goal: Goal, mixture: Mixture) -> float:
    """Return the aim over draws: of a ratio, the ratio of means, as a draw without any response has none."""
    if not goal.is_ratio:
        return float(mixture.mean(plan.value))
    share = max(float(mixture.mean(plan.outcome.lasting)), _FEWEST_SHARE / plan.outcome.lasts.shape[1])
    above = plan.course_cost if goal.what.startswith("cost") else plan.effort.therapist_hours
    return float(above / share)


def mean_merit(plan: Valued, goal: Goal, mixture: Mixture) -> float:
    """Return the aim over draws, turned so that more is better."""
    value = mean_value(plan, goal, mixture)
    return -value if goal.less_is_better else value


def outcome_of(plan: Valued, goal: Goal, mixture: Mixture) -> float:
    """Return what the front sets against hours and cost, more is better: the score, QALYs, or lasting responses."""
    if goal.what == "mean score":
        return -float(mixture.mean(plan.score))
    if goal.what == "net benefit":
        return float(mixture.mean(plan.qalys))
    return float(mixture.mean(plan.outcome.lasting))


def outcome_words(goal: Goal) -> str:
    """Return what `outcome_of` is, as an axis says it."""
    names = {"mean score": f"mean {goal.scale} on day {goal.day:g}", "net benefit": "QALYs"}
    return names.get(goal.what, "lasting responses, share")


def matrix(plans: Sequence[Valued], what: str) -> NDArray[np.float64]:
    """Return one quantity of all plans, (plans, draws)."""
    return np.stack([getattr(plan, what) for plan in plans])
