"""How well schedules are searched, and what the same people and draws save: ``python benchmarks/bench_schedule.py``.

A grid of 5,000 plans is simulated whole, once, with few people and draws; the search then has to find its best plan and
its front without seeing more than a part. Random sections and plans are laid out and held against their limits. Plan
differences are estimated with the same people and draws, and with fresh ones. It takes some minutes.
"""

from __future__ import annotations

import argparse
import random
import time
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from afterglow.plan.aims import goal_of, mean_merit, outcome_of, valued
from afterglow.plan.costed import Costed
from afterglow.plan.economics.figures import EconomicsSection, prices_of
from afterglow.plan.front import first_front, hypervolume
from afterglow.plan.outcomes import Bank
from afterglow.plan.question import Question
from afterglow.plan.search import Problem, search
from afterglow.plan.space.space import Point, Space
from afterglow.plan.strip import session_strip
from afterglow.protocol import Arm, Protocol, starter
from afterglow.runs.execute import Engine
from afterglow.runs.simulate import spec_of

FILE: dict[str, Any] = {
    "horizon_days": 120,
    "population": {"condition": "major_depression", "scale": "MADRS", "baseline_mean": 32, "baseline_sd": 6},
    "assessments": [{"scale": "MADRS", "days": [-1, 1, 7, 14, 28, 56, 84, 119]}],
    "arms": [
        {
            "id": "clinic",
            "steps": [
                "preparation 2 h individual on days -14 and -7",
                "dosing 7 h individual on day 0",
                "psilocybin 25 mg oral on day 0",
                "integration 90 min individual on day 1, every 7 days x 3",
                "practice 3 h per week from day 2 to day 60",
            ],
        }
    ],
    "optimise": {
        "aim": "mean score on day 84",
        "move": {
            "dose": "5 mg to 25 mg by 5 mg",
            "sessions": [
                {"kind": "preparation", "number": "1 to 4", "day": -20, "every_days": 4, "hours": 1.5},
                {"kind": "integration", "number": "1 to 5", "day": "1 to 5", "every_days": 7, "hours": [1, 1.5]},
            ],
            "practice": {"hours_per_week": [0, 1, 2, 3, 5]},
        },
    },
}  # fmt: skip


def main() -> None:
    """Print what was measured."""
    asked = argparse.ArgumentParser(description=main.__doc__)
    asked.add_argument("--people", type=int, default=16)
    asked.add_argument("--draws", type=int, default=8)
    asked.add_argument("--seeds", type=int, default=20)
    asked.add_argument("--plans", type=int, default=100_000, help="plans that are held against random limits")
    asked.add_argument("--part", choices=("grid", "limits", "people", "strip"), help="one part alone")
    given = asked.parse_args()
    console = Console(width=130)
    parts = {
        "strip": lambda: strip(console),
        "people": lambda: people(console),
        "limits": lambda: limits(console, given.plans),
        "grid": lambda: grid(console, given.people, given.draws, given.seeds),
    }
    for name, part in parts.items():
        if given.part in (None, name):
            part()


def grid(console: Console, count: int, draws: int, seeds: int) -> None:
    """Simulate 5,000 plans, and search them with several seeds and budgets."""
    question = Question.from_data(FILE)
    prices = prices_of(question.economics, question.protocol)
    space = Space(question.protocol, "", question.optimise.move, question.optimise.limits)
    costed = Costed(space, prices)
    goal = goal_of(question.optimise.aim, question.protocol, prices.currency)
    spec, posteriors = spec_of(question.protocol, participants=count, draws=draws, twins=False)
    bank = Bank(spec, posteriors, goal.scale, 0.0)
    worth: dict[Point, tuple[float, ...]] = {}
    points = [point for point in space.points() if costed.excess(point) <= 0]
    began = time.perf_counter()
    with Engine().running() as executor:
        for first in range(0, len(points), 250):
            some = points[first : first + 250]
            arms = [costed.arm(point) for point in some]
            for point, arm, outcome in zip(some, arms, bank.outcomes(arms, executor=executor), strict=True):
                plan = valued(arm, outcome, goal, prices, question.protocol.horizon_days)
                reached = outcome_of(plan, goal, bank.mixture)
                worth[point] = (
                    mean_merit(plan, goal, bank.mixture),
                    -reached,
                    plan.effort.therapist_hours,
                    plan.course_cost,
                )
    took = time.perf_counter() - began
    distinct = len({costed.key(point) for point in points})
    console.print(f"grid: {len(points)} plans, {distinct} different, {took / len(points) * 1000:.1f} ms a plan")
    sizes = tuple(len(choice.options) for choice in space.choices)
    for hours in (np.inf, 20.5):
        problem = Problem(
            sizes,
            lambda point, hours=hours: max(worth[point][2] - hours, 0.0),
            costed.key,
            lambda asked: [worth[point] for point in asked],
        )
        _searches(console, problem, worth, hours, seeds)


def _searches(
    console: Console, problem: Problem, worth: dict[Point, tuple[float, ...]], hours: float, seeds: int
) -> None:
    """Search a grid that is known whole, with several budgets."""
    allowed = {point: value for point, value in worth.items() if value[2] <= hours}
    best = max(allowed, key=lambda point: allowed[point][0])
    values = np.array([value[1:] for value in allowed.values()])
    worst = values.max(axis=0) + 1e-6
    whole = hypervolume(values[first_front(values)], worst)
    title = "no limit" if np.isinf(hours) else f"at most {hours:g} therapist hours: {len(allowed)} plans"
    table = Table("evaluations", "best found", "tried, mean", "hypervolume, least", "mean", "s a search", title=title)
    for most in (200, 400, 800, 1500):
        began = time.perf_counter()
        found = [search(problem, evaluations=most, seed=seed) for seed in range(seeds)]
        seconds = (time.perf_counter() - began) / seeds
        shares = [hypervolume(np.array([worth[p][1:] for p in one.front]), worst) / whole for one in found]
        hits = sum(worth[one.points[0]][0] >= worth[best][0] - 1e-12 for one in found)
        tried = float(np.mean([len(one.points) for one in found]))
        table.add_row(
            str(most),
            f"{hits} of {seeds}",
            f"{tried:.0f}",
            f"{min(shares):.4f}",
            f"{np.mean(shares):.4f}",
            f"{seconds:.2f}",
        )
    console.print(table)


def limits(console: Console, count: int) -> None:
    """Lay out random plans under random limits, and check those that pass from the arm itself."""
    rng = random.Random(1)
    protocol = Protocol.made({key: value for key, value in FILE.items() if key != "optimise"})
    prices = prices_of(EconomicsSection(), protocol)
    passed = broken = laid = 0
    began = time.perf_counter()
    while laid < count:
        section = _random_section(rng)
        question = Question.from_data({**FILE, "optimise": section})
        space = Space(question.protocol, "", question.optimise.move, question.optimise.limits)
        costed = Costed(space, prices)
        for _ in range(min(200, count - laid)):
            point = tuple(rng.randrange(len(choice.options)) for choice in space.choices)
            laid += 1
            if costed.excess(point) <= 0:
                passed += 1
                broken += bool(_broken(costed.arm(point), section["limits"], prices.therapist_hour, protocol))
    seconds = time.perf_counter() - began
    console.print(
        f"limits: {laid:,} plans laid out in {seconds:.0f} s, {passed:,} pass, {broken} of them break a limit"
    )


def _random_section(rng: random.Random) -> dict[str, Any]:
    pick = rng.choice
    sessions = [
        {"kind": "preparation", "number": "0 to 4", "day": [-25, -14, -6], "every_days": [1, 2, 5], "hours": [0.5, 2]},
        {"kind": "integration", "number": "0 to 8", "day": [0, 1, 3], "every_days": [1, 3, 7], "hours": [1, 2, 9],
         "format": ["individual", "group", "digital"], "after": pick(["each", "first", "last"])},
        {"kind": "psychotherapy", "number": [0, 6], "day": [5], "after": pick(["each", "last"])},
    ]  # fmt: skip
    return {
        "move": {
            "dose": "5 to 60 mg by 5 mg",
            "dosings": {"number": "1 to 4", "days_between": [1, 7, 14.5, 28, 45]},
            "sessions": rng.sample(sessions, rng.randint(1, 3)) if rng.random() < 0.9 else sessions,
            "practice": {"hours_per_week": [0, 4], "to_day": [30, 119]},
            "group": {"size": [1, 4, 8], "dosing": [False, True], "community": [False, True]},
        },
        "limits": {
            "therapist_hours": rng.uniform(15, 120),
            "cost": rng.uniform(3000, 20_000),
            "largest_dose": f"{pick([10, 25, 40])} mg",
            "shortest_gap_days": pick([0, 7, 20]),
            "first_day": pick([-30, -14]),
            "last_day": pick([40, 90, 119]),
            "day_0_is": pick(["monday", "friday", "sunday"]),
            "closed": rng.sample(["saturday", "sunday", "tuesday"], rng.randint(0, 2)),
            "safety_visit": {"within_days": pick([1, 2, 4]), "after": pick(["each", "last"])},
        },
    }


_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _broken(arm: Arm, limits: dict[str, Any], hour: float, protocol: Protocol) -> list[str]:
    """Return the limits that an arm breaks, worked out anew from its rows."""
    size = arm.group.size
    rows = [*arm.doses, *arm.sessions]
    last = max(row.day for row in rows)

    def shared(session: Any) -> bool:
        return session.format == "group" or (session.kind == "dosing" and arm.group.dosing)

    hours = sum(
        s.hours * (2 if s.kind == "dosing" else 1) / (size if size > 1 and shared(s) else 1)
        for s in arm.sessions
        if s.format != "digital"
    )
    if arm.group.community and size > 1:
        hours += int((protocol.horizon_days - max(last, 0.0)) / arm.group.community_every_days) * 1.5 / size
    days = sorted({dose.day for dose in arm.doses})
    visit = limits["safety_visit"]
    asked = days if visit["after"] == "each" else days[-1:]
    first = _WEEK.index(limits["day_0_is"])
    checks = {
        "therapist_hours": hours <= limits["therapist_hours"] + 1e-6,
        "cost": hours * hour + 2173 * len(days) <= limits["cost"] + 1e-6,
        "largest_dose": all((d.dose_mg or 0) <= float(limits["largest_dose"].split()[0]) + 1e-9 for d in arm.doses),
        "gap": all(b - a >= limits["shortest_gap_days"] - 1e-9 for a, b in pairwise(days)),
        "first_day": min(row.day for row in rows) >= limits["first_day"],
        "last_day": last <= limits["last_day"],
        "closed": not any(_WEEK[(first + int(row.day // 1)) % 7] in limits["closed"] for row in rows),
        "safety": all(
            any(
                s.kind != "dosing" and s.format != "digital" and d < s.day <= d + visit["within_days"]
                for s in arm.sessions
            )
            for d in asked
        ),
        "protocol": Protocol.parse({**protocol.model_dump(), "arms": (arm,)})[0] is not None,
    }
    return [name for name, kept in checks.items() if not kept]


def people(console: Console, repeats: int = 40, count: int = 16, draws: int = 8) -> None:
    """Compare the spread of a plan difference over cohorts: the same people in both plans, and fresh ones in each."""
    question = Question.from_data(FILE)
    prices = prices_of(question.economics, question.protocol)
    space = Space(question.protocol, "", question.optimise.move, question.optimise.limits)
    goal = goal_of(question.optimise.aim, question.protocol, prices.currency)
    spec, posteriors = spec_of(question.protocol, participants=count, draws=draws, twins=False)
    start = [len(choice.options) - 1 for choice in space.choices]
    pairs = {"as many, 5 mg less": (0, 3), "one preparation less": (1, 2), "one integration less": (2, 3),
             "two days earlier": (3, 2), "an hour, not one and a half": (4, 0), "no practice": (5, 0)}  # fmt: skip
    arms = [space.arm_at(start)]
    for place, option in pairs.values():
        point = list(start)
        point[place] = option
        arms.append(space.arm_at(point))
    at: list[list[float]] = []
    with Engine().running() as executor:
        for seed in range(repeats):
            bank = Bank(replace(spec, seed=seed), posteriors, goal.scale, 0.0)
            found = bank.outcomes(arms, executor=executor)
            at.append([float(bank.mixture.mean(o.mean[:, o.at(goal.day)])) for o in found])
    means = np.array(at)
    table = Table(
        "plans that differ by", "difference, points", "SD, same people", "SD, fresh people", "times fewer people"
    )
    for k, name in enumerate(pairs):
        paired = means[:, k + 1] - means[:, 0]
        fresh = means[:, k + 1] - np.roll(means[:, 0], 1)
        ratio = fresh.var(ddof=1) / paired.var(ddof=1)
        table.add_row(
            name, f"{paired.mean():+.2f}", f"{paired.std(ddof=1):.3f}", f"{fresh.std(ddof=1):.3f}", f"{ratio:.0f}"
        )
    console.print(table)


def strip(console: Console) -> None:
    """Time the best-day strip of the starter protocols."""
    table = Table("starter", "days", "seconds")
    for name in ("psilocybin", "ketamine", "esketamine", "mdma"):
        protocol = Protocol.from_yaml(starter(name))
        session_strip(protocol)
        began = time.perf_counter()
        found = session_strip(protocol)
        table.add_row(name, str(len(found.days)), f"{time.perf_counter() - began:.2f}")
    console.print(table)


if __name__ == "__main__":
    main()
