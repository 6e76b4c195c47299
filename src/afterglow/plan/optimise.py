"""Choose a schedule: search all plans on few people, then judge the best of them on the people of a whole run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from afterglow.errors import ParameterError, ProtocolError
from afterglow.plan.aims import Goal, Valued, goal_of, mean_merit, outcome_of, valued
from afterglow.plan.answer import AS_WRITTEN, Answer, Plan
from afterglow.plan.costed import Costed
from afterglow.plan.decision import Choice, choose, standings
from afterglow.plan.economics.figures import Prices, prices_of
from afterglow.plan.front import first_front
from afterglow.plan.outcomes import Bank
from afterglow.plan.question import Question
from afterglow.plan.search import Found, Problem, search
from afterglow.plan.space.limits import check_limits
from afterglow.plan.space.space import Point, Space
from afterglow.protocol import Arm
from afterglow.runs.execute import Engine, EngineName, Executor
from afterglow.runs.simulate import spec_of
from afterglow.simulate.spec import PEOPLE

__all__ = ["MOST_PEOPLE", "SEARCH_DRAWS", "SEARCH_PEOPLE", "optimise"]

MOST_PEOPLE = 1_000_000
"""People on whom a plan is judged at most; what is not known of the parameters is by then much larger than luck."""

SEARCH_PEOPLE = 32
SEARCH_DRAWS = 16
"""People and draws that the search tries each plan on; the plans that are told are judged on those of a whole run."""

_BEST = 8
_FRONT = 16
_CHEAP = 6

Progress = Callable[[str, int], None]


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
        Told what is done, and with how many plans.

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
    if participants > MOST_PEOPLE:
        raise ParameterError(f"plans are judged on at most {MOST_PEOPLE} people, not {participants}")
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
    costed = Costed(space, prices)
    last = costed.last_dosing_day()
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
        if progress is not None:
            progress("judging plans", len(arms))
        outcomes = many.outcomes(arms, executor=executor)
    worth = [valued(arm, o, goal, prices, protocol.horizon_days) for arm, o in zip(arms, outcomes, strict=True)]
    return _answer(question, goal, prices, many, space, found, shortlist, worth, costed)


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
            self.progress("plans tried", self.done)
        found: list[tuple[float, ...]] = []
        for arm, outcome in zip(arms, outcomes, strict=True):
            plan = valued(arm, outcome, self.goal, self.costed.prices, self.costed.space.protocol.horizon_days)
            mixture = self.bank.mixture
            merit, reached = mean_merit(plan, self.goal, mixture), outcome_of(plan, self.goal, mixture)
            found.append((merit, -reached, plan.effort.therapist_hours, plan.course_cost))
        return found


def _other(seed: int) -> int:
    """Return a seed whose people are others."""
    return seed - 1 if seed else seed + 1


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
    tried = {point: value[1] for point, value in zip(found.points, found.values, strict=True)}
    plans: list[Plan] = []
    places: dict[int, int] = {}
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
                tried=-tried[shortlist[k]] if is_own else float("nan"),
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
        found=found, never=costed.never(),
    )  # fmt: skip
