"""Choose a schedule: search all plans on few people, then judge the best of them on the people of a whole run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.errors import ProtocolError
from afterglow.plan.aims import Goal, Valued, goal_of, matrix, mean_merit, outcome_of, valued
from afterglow.plan.decision import Choice, Standing, choose, standings
from afterglow.plan.economics.figures import Prices, prices_of
from afterglow.plan.economics.ratios import Step, acceptability, expected_loss, incremental, net_benefit
from afterglow.plan.economics.worth import course_cost
from afterglow.plan.front import first_front
from afterglow.plan.learning import Unknown, evpi, unknowns
from afterglow.plan.outcomes import Bank
from afterglow.plan.question import Question
from afterglow.plan.search import Found, Problem, search
from afterglow.plan.space.effort import effort_of
from afterglow.plan.space.limits import Breach, breaches, check_limits
from afterglow.plan.space.space import Point, Space
from afterglow.protocol import Arm, Protocol
from afterglow.runs.execute import Engine, EngineName, Executor
from afterglow.runs.simulate import spec_of
from afterglow.simulate.schedule import dosing_days
from afterglow.simulate.spec import PEOPLE

__all__ = ["AS_WRITTEN", "Answer", "Costed", "Learning", "Plan", "optimise", "with_arm"]

SEARCH_PEOPLE = 32
SEARCH_DRAWS = 16
"""People and draws that the search tries each plan on; the plans that are told are judged on those of a whole run."""

AS_WRITTEN = "as written"
_BEST = 8
_FRONT = 16
_CHEAP = 6
_MOST_THRESHOLD = 2.0
_THRESHOLDS = 21

Progress = Callable[[str, int, int], None]


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
    """

    id: str
    chosen: dict[str, Any]
    valued: Valued
    standing: Standing
    on_front: bool
    breaks: tuple[Breach, ...] = ()


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
    """

    question: Question
    goal: Goal
    prices: Prices
    bank: Bank
    plans: tuple[Plan, ...]
    choice: Choice
    space: Space
    found: Found

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


def optimise(
    question: Question,
    *,
    participants: int = PEOPLE,
    draws: int | None = None,
    seed: int = 1,
    rival: str | None = None,
    engine: EngineName = "threads",
    workers: int | None = None,
    progress: Progress | None = None,
) -> Answer:
    """Choose a schedule.

    Parameters
    ----------
    question : Question
    participants, draws, seed, rival
        Of the run on which the plans that are told are judged; see `afterglow.simulate`.
    engine : str
    workers : int, optional
    progress : callable, optional
        Told what is done, how many plans of it, and of how many.

    Raises
    ------
    ProtocolError
        If no plan keeps the limits, or the section does not fit the protocol.
    ParameterError, SolverError
        As `afterglow.simulate` does.

    Notes
    -----
    The search tries every plan on the same few people and draws. Those that are told are judged on the people and draws
    of a whole run, which the search has not seen, so that none looks good because it was chosen for its luck; the run
    is that of `afterglow.simulate` with the same options.
    """
    protocol, section = question.protocol, question.optimise
    try:
        prices = prices_of(question.economics, protocol)
        space = Space(protocol, section.arm, section.move, section.limits)
        check_limits(section.limits, space.arm, protocol)
        goal = goal_of(section.aim, protocol, prices.currency)
    except ProtocolError as error:
        raise question.placed(error) from None
    judged, posteriors = spec_of(protocol, participants=participants, draws=draws, seed=seed, rival=rival, twins=False)
    tried, _ = spec_of(
        protocol, participants=SEARCH_PEOPLE, draws=SEARCH_DRAWS, seed=_other(seed), rival=rival, twins=False
    )
    last = _last_dosing_day(space)
    costed = Costed(space, prices)
    few, many = (Bank(spec, posteriors, goal.scale, last) for spec in (tried, judged))
    with Engine(engine, workers).running() as executor:
        found = search(
            Problem(
                tuple(len(choice.options) for choice in space.choices),
                costed.excess,
                costed.key,
                _Values(costed, few, goal, executor, progress),
            ),
            evaluations=section.evaluations,
            seed=seed,
        )
        if not found.points:
            raise question.placed(_nobody(costed, found))
        shortlist = _shortlist(found, costed)
        arms = [costed.arm(point) for point in shortlist] + [_as_written(space)]
        outcomes = many.outcomes(arms, executor=executor)
    worth = [valued(arm, o, goal, prices, protocol.horizon_days) for arm, o in zip(arms, outcomes, strict=True)]
    return _answer(question, goal, prices, many, space, found, shortlist, worth, costed)


def with_arm(protocol: Protocol, arm: str, new: Arm) -> Protocol:
    """Return a protocol with another arm in place of the one of that id."""
    arms = tuple(new if own.id == arm else own for own in protocol.arms)
    return Protocol.made({**protocol.model_dump(), "arms": arms})


class Costed:
    """The arm of each point, what it takes and which limits it breaks, each worked out once."""

    def __init__(self, space: Space, prices: Prices) -> None:
        self.space, self.prices = space, prices
        self._arms: dict[Point, Arm] = {}

    def arm(self, point: Point) -> Arm:
        if point not in self._arms:
            self._arms[point] = self.space.arm_at(point)
        return self._arms[point]

    def key(self, point: Point) -> tuple[Any, ...]:
        arm = self.arm(point)
        return (arm.doses, arm.sessions, arm.practice, arm.group)

    def takes(self, arm: Arm) -> tuple[float, float]:
        """Return therapist hours and cost of the course."""
        effort = effort_of(arm, self.space.protocol.horizon_days, self.prices.therapists)
        return effort.therapist_hours, course_cost(arm, effort, self.prices)

    def breaches(self, arm: Arm) -> list[Breach]:
        hours, cost = self.takes(arm)
        return breaches(arm, self.space.protocol, self.space.limits, therapist_hours=hours, cost=cost)

    def excess(self, point: Point) -> float:
        return float(sum(1.0 + breach.excess for breach in self.breaches(self.arm(point))))


@dataclass
class _Values:
    """What plans are worth on the few people of the search."""

    costed: Costed
    bank: Bank
    goal: Goal
    executor: Executor
    progress: Progress | None
    done: int = 0

    def __call__(self, points: Sequence[Point]) -> list[tuple[float, ...]]:
        arms = [self.costed.arm(point) for point in points]
        outcomes = self.bank.outcomes(arms, executor=self.executor)
        self.done += len(points)
        if self.progress is not None:
            self.progress("plans tried", self.done, 0)
        found = []
        for arm, outcome in zip(arms, outcomes, strict=True):
            plan = valued(arm, outcome, self.goal, self.costed.prices, self.costed.space.protocol.horizon_days)
            mixture = self.bank.mixture
            merit, reached = mean_merit(plan, self.goal, mixture), outcome_of(plan, self.goal, mixture)
            found.append((merit, -reached, plan.effort.therapist_hours, plan.course_cost))
        return found


def _other(seed: int) -> int:
    """Return a seed whose people are others."""
    return seed - 1 if seed else seed + 1


def _last_dosing_day(space: Space) -> float:
    """Return the last dosing day of any plan: lasting responses count from the same day on in all."""
    dosings = space.moves.dosings
    own = dosing_days(space.arm) or (0.0,)
    if dosings is None:
        return own[-1]
    moved = own[0] + (max(dosings.number) - 1) * max(dosings.days_between, default=0.0)
    return min(moved, space.protocol.horizon_days)


def _as_written(space: Space) -> Arm:
    return space.arm.model_copy(update={"sessions": space.with_safety_visits(space.arm)})


def _nobody(costed: Costed, found: Found) -> ProtocolError:
    """Say that no plan keeps the limits, and what the one that comes nearest breaks."""
    broken = costed.breaches(costed.arm(found.closest))
    nearest = "; ".join(breach.sentence for breach in broken[:2])
    count = costed.space.size
    seen = (
        f"none of the {count:,} plans keeps"
        if found.feasible is not None
        else f"no plan of {count:,} was found that keeps"
    )
    where = "optimise.limits" if broken[0].limit == "protocol" else f"optimise.limits.{broken[0].limit}"
    return ProtocolError(f"{seen} the limits; the one that comes nearest has {nearest}", where=where)


def _shortlist(found: Found, costed: Costed) -> list[Point]:
    """Return the plans to judge: the best, the front, and the cheaper ones that may turn out alike."""
    chosen = list(found.points[:_BEST])
    front = list(found.front)
    if len(front) > _FRONT:
        front = [front[round(k)] for k in np.linspace(0, len(front) - 1, _FRONT)]
    cheap = first_front([(-value[0], value[3]) for value in found.values])
    by_merit = sorted((int(k) for k in cheap), key=lambda k: -found.values[k][0])
    chosen += front + [found.points[k] for k in by_merit[:_CHEAP]]
    chosen.append(min(found.points, key=lambda point: costed.takes(costed.arm(point))[1]))
    return list(dict.fromkeys(chosen))


def _answer(
    question: Question,
    goal: Goal,
    prices: Prices,
    bank: Bank,
    space: Space,
    found: Found,
    shortlist: Sequence[Point],
    worth: Sequence[Valued],
    costed: Costed,
) -> Answer:
    broken = tuple(costed.breaches(worth[-1].arm))
    participants = bank.spec.participants
    margin = question.optimise.margin
    own = list(worth[:-1])
    stood = standings(own, goal, bank.draws, participants, margin)
    written = standings([*own, worth[-1]], goal, bank.draws, participants, margin)[-1]
    mixture = bank.mixture
    everything = [*zip(own, stood, strict=True), (worth[-1], written)]
    coordinates = [(-outcome_of(v, goal, mixture), v.effort.therapist_hours, v.course_cost) for v, _ in everything]
    permitted = [k for k in range(len(everything)) if k < len(own) or not broken]
    front = {permitted[k] for k in first_front([coordinates[k] for k in permitted])}
    order = sorted(range(len(everything)), key=lambda k: -everything[k][1].merit)
    plans, places = [], {}
    for k in order:
        is_own = k < len(own)
        number = sum(plan.id != AS_WRITTEN for plan in plans) + 1
        places[k] = len(plans)
        plans.append(
            Plan(
                id=f"plan {number}" if is_own else AS_WRITTEN,
                chosen=space.chosen(shortlist[k]) if is_own else {},
                valued=everything[k][0],
                standing=everything[k][1],
                on_front=k in front,
                breaks=() if is_own else broken,
            )
        )
    picked = choose(own, stood)
    choice = Choice(
        place=places[picked.place],
        best=places[picked.best],
        alike=tuple(places[k] for k in picked.alike),
        cautious=places[picked.cautious],
        least_regret=places[picked.least_regret],
    )
    return Answer(
        question=question, goal=goal, prices=prices, bank=bank, plans=tuple(plans), choice=choice, space=space,
        found=found,
    )  # fmt: skip
