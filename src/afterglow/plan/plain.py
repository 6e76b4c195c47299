"""What was found, as plain rows and sentences: the command line, JSON and the files take them from here."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np

from afterglow.figures.words import people_text, rival_name
from afterglow.medicines import MEDICINES
from afterglow.plan.aims import Goal, Valued, mean_value, outcome_words
from afterglow.plan.answer import AS_WRITTEN, Answer, Plan
from afterglow.plan.learning import Unknown
from afterglow.plan.strip import Strip
from afterglow.protocol import Arm
from afterglow.results.mixture import Mixture
from afterglow.results.plain import without_nan
from afterglow.simulate.schedule import dosing_days
from afterglow.units import number_text

__all__ = [
    "figure_rows",
    "json_text",
    "learning_rows",
    "learning_sentences",
    "money_rows",
    "money_sentences",
    "money_title",
    "plain_answer",
    "plain_strip",
    "plan_rows",
    "price_sentence",
    "roles",
    "schedule_words",
    "sentences",
    "strip_rows",
    "strip_sentences",
]

Row = dict[str, Any]
_NOTHING = 1e-9
_SMALL = 0.05
_LITTLE = 0.1
_MOST_NEVER = 3
_WORTH_TELLING = 1.0


def plan_rows(answer: Answer) -> list[Row]:
    """Return a row for each plan that was judged, the best first."""
    return [_plan_row(answer, plan) for plan in answer.plans]


def _plan_row(answer: Answer, plan: Plan) -> Row:
    goal, mixture, held = answer.goal, answer.bank.mixture, plan.valued
    low, high = _interval(answer, held)
    turned = -1.0 if goal.less_is_better else 1.0
    stand = plan.standing
    row: Row = {
        "plan": plan.id,
        "schedule": schedule_words(held.arm),
        "aim": mean_value(held, goal, mixture),
        "aim_low": low,
        "aim_high": high,
        "therapist_hours": held.effort.therapist_hours,
        "cost": held.course_cost,
        "mean_score": float(mixture.mean(held.score)),
        "lasting": float(mixture.mean(held.outcome.lasting)),
        "remission": float(mixture.mean(held.remitting)),
        "cost_per_lasting_response": _ratio(held.course_cost, float(mixture.mean(held.outcome.lasting))),
        "cost_per_remitter": _ratio(held.course_cost, float(mixture.mean(held.remitting))),
        "hours_per_lasting_response": _ratio(held.effort.therapist_hours, float(mixture.mean(held.outcome.lasting))),
        "qalys": float(mixture.mean(held.qalys)),
        "cost_to_horizon": float(mixture.mean(held.cost)),
        "worst_tenth": turned * stand.worst_tenth,
        "chance_best": stand.chance_best,
        "regret": stand.regret,
        "behind": stand.behind,
        "behind_error": stand.behind_error,
        "alike": stand.alike,
        "front": plan.on_front,
        "roles": roles(answer, plan),
        "breaks": [breach.sentence for breach in plan.breaks],
    }
    return row | {f"regret_{name}": value for name, value in stand.regret_under.items()}


def roles(answer: Answer, plan: Plan) -> list[str]:
    """Return what a plan is among the others."""
    places = {
        "answer": answer.choice.place,
        "best expected": answer.choice.best,
        "best in the worst tenth": answer.choice.cautious,
        "least regret": answer.choice.least_regret,
    }
    place = answer.plans.index(plan)
    return [role for role, where in places.items() if where == place]


def _ratio(above: float, below: float) -> float:
    return above / below if below > 0 else float("nan")


def _interval(answer: Answer, plan: Valued) -> tuple[float, float]:
    """Return the 90 % interval of the aim: parameters, explanations, and departures of trials where they are known."""
    goal, bank = answer.goal, answer.bank
    mixture, outcome = bank.mixture, plan.outcome
    if not bank.spec.has_intervals:
        return float("nan"), float("nan")
    if goal.what == "mean score":
        departed = np.array([draw.mean_apart for draw in bank.draws]) * outcome.sd[:, outcome.at(goal.day)]
        low, high = mixture.interval(plan.score, departed)
    elif goal.what == "net benefit":
        low, high = mixture.interval(plan.value)
    else:
        apart = np.array([draw.share_apart for draw in bank.draws])
        low, high = mixture.share_interval(outcome.lasting, apart, outcome.lasts.shape[1])
        if goal.is_ratio:
            above = plan.course_cost if goal.what.startswith("cost") else plan.effort.therapist_hours
            return above / max(float(high), _NOTHING), above / max(float(low), _NOTHING)
    return float(low), float(high)


def schedule_words(arm: Arm) -> str:
    """Write an arm's schedule in a line: doses, sessions by kind, practice, group."""
    parts = []
    days = sorted({dose.day for dose in arm.doses})
    if arm.doses:
        largest = max(arm.doses, key=lambda dose: (dose.dose_mg or 0.0, dose.dose_mg_per_kg or 0.0))
        times = f" x {len(days)}" if len(days) > 1 else ""
        parts.append(f"{MEDICINES[largest.medicine].display_name} {largest.amount}".strip() + times)
    kinds = dict.fromkeys((s.kind, s.label == "safety visit", s.format) for s in arm.sessions if s.kind != "dosing")
    for kind, is_safety, form in kinds:
        own = [s for s in arm.sessions if (s.kind, s.label == "safety visit", s.format) == (kind, is_safety, form)]
        hours = sorted({s.hours for s in own})
        long = number_text(round(hours[0], 2)) if len(hours) == 1 else f"{hours[0]:.3g}-{hours[-1]:.3g}"
        named = "safety visit" if is_safety else kind
        how = "" if form == "individual" else f" {form}"
        parts.append(f"{len(own)} x{how} {named} of {long} h ({_days(own)})")
    if not any(not safety for _, safety, _ in kinds):
        parts.append("no other session")
    parts += [f"practice {number_text(p.hours_per_week)} h/week to day {number_text(p.to_day)}" for p in arm.practice]
    if arm.group.size > 1:
        parts.append(f"group of {arm.group.size}")
    return ", ".join(parts)


def _days(sessions: list[Any]) -> str:
    days = [number_text(s.day) for s in sessions]
    return f"day {days[0]}" if len(days) == 1 else f"days {days[0]} to {days[-1]}"


def sentences(answer: Answer) -> list[str]:
    """Say what was chosen and why, how the search was done, and what would change it."""
    found, choice, goal = answer.found, answer.choice, answer.goal
    chosen = answer.answer
    bank = answer.bank
    people = f"{people_text(bank.spec.participants)} and {bank.spec.draws} draws"
    said = [f"Answer: {chosen.id}, {schedule_words(chosen.valued.arm)}."]
    judged = sum(plan.id != AS_WRITTEN for plan in answer.plans)
    if len(choice.alike) > 1:
        margin = answer.question.optimise.margin
        least = f", or are within the margin of {margin:g}," if margin else ""
        said.append(
            f"{len(choice.alike)} of the {judged} plans judged cannot be told from the best by {people}{least or ','} "
            "so the answer is the cheapest of those; more of them (-n, --draws) may tell plans apart."
        )
    else:
        said.append(f"It is the best of the {judged} plans judged, and {people} tell it from the others.")
    said += _nothing_gained(answer)
    said += [f"No plan within the limits has {option}: {why}." for option, why in answer.never[:_MOST_NEVER]]
    if len(answer.never) > _MOST_NEVER:
        said.append(f"Nor has any of them {len(answer.never) - _MOST_NEVER} more of the options.")
    written = answer.as_written
    if written.breaks:
        said.append(f"As written, the plan breaks a limit: {written.breaks[0].sentence}.")
    said.append(_gap(answer, goal))
    plans = f"{len(found.points):,}"
    if found.is_exhaustive:
        said.append(
            f"Searched: all {plans} different plans that keep the limits, of {answer.space.size:,} sets of choices."
        )
    else:
        of = f"{found.feasible:,} that keep the limits" if found.feasible else f"{answer.space.size:,} sets of choices"
        said.append(f"Searched: {plans} plans of {of}, by differential evolution, climbing and along the front.")
    return said


def _nothing_gained(answer: Answer) -> list[str]:
    """Say under which explanations the cheapest of the plans judged gives about as much as any, where others differ."""
    cheapest = min(answer.permitted, key=lambda plan: plan.valued.course_cost)
    weights = {e.rival: e.weight for e in answer.bank.spec.explanations}
    regrets = {name: value for name, value in cheapest.standing.regret_under.items() if weights[name] >= _SMALL}
    most = max(regrets.values())
    same = [f"{rival_name(name)} ({weights[name]:.2f})" for name, value in regrets.items() if value <= _LITTLE * most]
    if most <= _NOTHING or not same:
        return []
    worst = max(regrets, key=lambda name: regrets[name])
    said = (
        f"If {' or '.join(same)} is true, the cheapest plan judged ({cheapest.id}) gives about as much as any; if "
        f"{rival_name(worst)} ({weights[worst]:.2f}) is true, it falls behind most."
    )
    return [said]


def _gap(answer: Answer, goal: Goal) -> str:
    """Say how far the answer is from the plan as it is written, with the interval over draws."""
    one, other = answer.answer.valued, answer.as_written.valued
    mixture: Mixture = answer.bank.mixture
    gain = mean_value(one, goal, mixture) - mean_value(other, goal, mixture)
    low, high = (float(end) for end in mixture.interval(one.value - other.value))
    hours = one.effort.therapist_hours - other.effort.therapist_hours
    cost = one.course_cost - other.course_cost
    unit = {"lasting responses": "percentage points", "mean score": "points"}.get(goal.what, goal.unit)
    times, form = (100.0, "+.1f") if goal.what == "lasting responses" else (1.0, "+.2f")
    form = "+,.0f" if goal.unit == answer.prices.currency else form
    told, first, last = (_minus(f"{times * value:{form}}") for value in (gain, low, high))
    p = answer.prices.currency
    text = f"Against the plan as written: {goal.words} {told} {unit}"
    if answer.bank.spec.has_intervals:
        text += f" (90 % interval {first} to {last})"
    return f"{text}, therapist hours {_minus(f'{hours:+.1f}')}, cost {_minus(f'{cost:+,.0f}')} {p} a person."


def _minus(number: str) -> str:
    return number.replace("-", "−")


def money_rows(answer: Answer) -> list[Row]:
    """Return the full incremental analysis: costs, QALYs, and the ratio of each plan to the one before it."""
    mixture = answer.bank.mixture
    at = int(np.argmin(np.abs(answer.thresholds - answer.prices.threshold)))
    rows = []
    for step in answer.incremental:
        plan = answer.permitted[step.plan]
        cost, gained = float(mixture.mean(plan.valued.cost)), float(mixture.mean(plan.valued.qalys))
        rows.append(
            {
                "plan": plan.id,
                "cost": cost,
                "qalys": gained,
                "more_cost": step.cost,
                "more_qalys": step.effect,
                "icer": step.ratio,
                "status": step.status,
                "net_benefit": answer.prices.threshold * gained - cost,
                "acceptable": float(answer.acceptability[at, step.plan]),
                "expected_loss": float(answer.losses[step.plan]),
                **{f"net_benefit_{view}": float(worth[step.plan]) for view, worth in answer.benefits.items()},
            }
        )
    return rows


def figure_rows(answer: Answer) -> list[Row]:
    """Return every cost and utility that was counted, with its source."""
    return [asdict(figure) for figure in answer.prices.figures]


def strip_rows(strip: Strip) -> list[Row]:
    """Return a row for each day."""
    rows = []
    for gain in strip.days:
        row: Row = {key: value for key, value in vars(gain).items() if key != "by_rival"}
        rows.append(row | {f"points_{under.rival}": under.points for under in gain.by_rival})
    return rows


def plain_strip(strip: Strip) -> dict[str, Any]:
    """Return a best-day strip as one plain object."""
    return {
        "arm": strip.arm,
        "session": {"kind": strip.kind, "hours": strip.hours},
        "scale": strip.scale,
        "on_day": strip.on_day,
        "best_day": strip.best.day,
        "course_until": strip.course_until,
        "best_day_within_course": strip.best_within.day if strip.best_within is not None else None,
        "tells": strip.tells,
        "explanations": {under.rival: under.weight for under in strip.days[0].by_rival},
        "days": [asdict(gain) for gain in strip.days],
    }


def plain_answer(answer: Answer) -> dict[str, Any]:
    """Return all of it as one plain object."""
    spec, goal = answer.bank.spec, answer.goal
    return {
        "version": spec.version,
        "arm": answer.space.arm.id,
        "aim": {"what": goal.what, "scale": goal.scale, "day": goal.day, "unit": goal.unit,
                "less_is_better": goal.less_is_better},
        "answer": answer.answer.id,
        "best": answer.best.id,
        "alike": [answer.plans[k].id for k in answer.choice.alike],
        "sentences": sentences(answer),
        "schedule": answer.answer.valued.arm.to_sentences(),
        "search": {
            "choices": {choice.name: list(choice.options) for choice in answer.space.choices},
            "sets_of_choices": answer.space.size,
            "plans_within_limits": answer.found.feasible,
            "plans_tried": len(answer.found.points),
            "exhaustive": answer.found.is_exhaustive,
        },
        "plans": [row | {"chosen": plan.chosen, "dosing_days": list(dosing_days(plan.valued.arm))}
                  for row, plan in zip(plan_rows(answer), answer.plans, strict=True)],
        "front": {"outcome": outcome_words(goal), "plans": [plan.id for plan in answer.plans if plan.on_front]},
        "lasting_from_day": answer.bank.lasting_from,
        "never_within_limits": [{"option": option, "why": why} for option, why in answer.never],
        "money": {
            "view": answer.prices.view,
            "currency": answer.prices.currency,
            "horizon_days": answer.prices.horizon_days,
            "threshold": answer.prices.threshold,
            "discount": answer.prices.discount,
            "incremental": money_rows(answer),
            "acceptability": {
                "thresholds": answer.thresholds.tolist(),
                "plans": {plan.id: answer.acceptability[:, k].tolist() for k, plan in enumerate(answer.permitted)},
            },
            "figures": figure_rows(answer),
        },
        "learning": [
            {
                "unit": side.unit,
                "everything": side.everything,
                "unknowns": [
                    asdict(one) | {"best": {what: answer.permitted[k].id for what, k in one.best}}
                    for one in side.unknowns
                ],
            }
            for side in answer.learning
        ],
        "run": {"participants": spec.participants, "draws": spec.draws, "seed": spec.seed,
                "explanations": [{"rival": e.rival, "weight": e.weight} for e in spec.explanations]},
    }  # fmt: skip


def learning_rows(answer: Answer) -> list[Row]:
    """Return what knowing each unknown would gain, in points and in money; first everything at once.

    `points_plans` and `money_plans` say which plan would be best then.
    """
    points, money = answer.learning
    rows: list[Row] = [
        {"name": "everything", "words": "everything at once", "points": points.everything, "money": money.everything,
         "points_plans": "", "money_plans": ""}
    ]  # fmt: skip
    gains = [{one.name: one for one in side.unknowns} for side in (points, money)]
    for name in dict.fromkeys([one.name for side in (points, money) for one in side.unknowns if one.told]):
        own = [side.get(name) for side in gains]
        told = [one if one is not None and one.told else None for one in own]
        rows.append(
            {
                "name": name,
                "words": next(one.words for one in own if one),
                **{key: one.gain if one else float("nan") for key, one in zip(("points", "money"), told, strict=True)},
                **{
                    key: _plans_then(answer, one) if one else ""
                    for key, one in zip(("points_plans", "money_plans"), told, strict=True)
                },
            }
        )
    return rows


def _plans_then(answer: Answer, unknown: Unknown) -> str:
    """Write which plan would be best then, by what an unknown may be: ``window: plan 1, drug only: plan 6``."""
    weights = {e.rival: e.weight for e in answer.bank.spec.explanations}
    return ", ".join(
        f"{rival_name(what)}: {answer.permitted[place].id}"
        for what, place in unknown.best
        if weights.get(what, 1.0) >= _SMALL
    )


def learning_sentences(answer: Answer) -> list[str]:
    """Say which unknown would change the plan most."""
    rows = learning_rows(answer)[1:]
    points, money = answer.learning
    if points.everything < _NOTHING and money.everything < _NOTHING:
        return ["Nothing that could be learnt would change the plan: the same one is best in every draw."]
    if not rows:
        return ["No single unknown stands out from chance: what is left depends on many together."]
    most = max(rows, key=lambda row: (np.nan_to_num(row["money"]), np.nan_to_num(row["points"])))
    known = most["words"][0].lower() + most["words"][1:]
    if not np.nan_to_num(most["money"]) >= _WORTH_TELLING:
        return [
            f"What stands out is to know {known}; no single unknown is worth {_WORTH_TELLING:g} {money.unit} a person."
        ]
    said = (
        f"To know {known} would be worth most: about {most['money']:,.0f} {money.unit} a person, of "
        f"{money.everything:,.0f} if everything were known."
    )
    return [said]


def money_sentences(answer: Answer) -> list[str]:
    """Say which plan is most worth its money for a payer and for society, and what it takes for each to be so."""
    p = answer.prices
    best = {view: answer.permitted[int(np.argmax(worth))].id for view, worth in answer.benefits.items()}
    at = f"At {p.threshold:,.0f} {p.currency} a QALY"
    if "society" not in best:
        return [f"{at}, {best['payer']} is most worth its money for a payer; society's view needs its own prices."]
    if len(set(best.values())) == 1:
        return [f"{at}, {best['payer']} is most worth its money, for a payer and for society alike."]
    return [f"{at}, {best['payer']} is most worth its money for a payer, {best['society']} for society."]


def money_title(answer: Answer) -> str:
    """Write view, horizon, price of a QALY and discounting in a line."""
    p = answer.prices
    return (
        f"Money: {p.view}, to day {p.horizon_days:g}, a QALY may cost {p.threshold:,.0f} {p.currency}, "
        f"discounted {p.discount:.1%} a year"
    )


def price_sentence(answer: Answer) -> str:
    """Say the prices that matter most, and which figures nobody published."""
    p = answer.prices
    used = sorted({dose.medicine for plan in answer.plans for dose in plan.valued.arm.doses})
    days = ", ".join(
        f"a dosing day of {MEDICINES[m].display_name} {p.dosing_day.get(m, p.dosing_day['other']):,.0f}" for m in used
    )
    assumed = [figure.name.replace("_", " ") for figure in p.figures if figure.kind == "assumed"]
    tail = f" Assumed: {'; '.join(assumed)}." if assumed else ""
    beside = f", {days} beside its therapists" if used else ""
    return (
        f"Prices in {p.currency}: a therapist's hour {p.therapist_hour:,.2f}{beside}; an economics section changes "
        f"them, --wide shows all with their sources.{tail}"
    )


def strip_sentences(strip: Strip) -> list[str]:
    """Say which day adds most, and whether that is sure."""
    best = strip.best
    alike = [gain.day for gain in strip.days if gain.alike]
    said = [
        f"Most is added on day {best.day:g}: {best.points:+.2f} points"
        + (f" (90 % interval {best.low:+.2f} to {best.high:+.2f})" if best.low == best.low else "")
        + "."
    ]
    within = strip.best_within
    if best.day > strip.course_until:
        said.append(
            f"The arm's own course ends on day {strip.course_until:g}: a session after it keeps the person in care for "
            "longer, which is part of what it adds."
        )
        if within is not None:
            said.append(f"Within the course most is added on day {within.day:g}: {within.points:+.2f} points.")
    if len(alike) > 1:
        said.append(f"{len(alike)} days cannot be told from it by these people and draws.")
    if best.low == best.low and not strip.tells:
        said.append("The interval reaches zero: the model cannot tell whether one more session adds anything.")
    return [_minus(text) for text in said]


def json_text(answer: Answer) -> str:
    """Write all of it as JSON, unknown numbers as null."""
    return json.dumps(without_nan(plain_answer(answer)), indent=2, allow_nan=False, ensure_ascii=False) + "\n"
