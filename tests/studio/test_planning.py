"""A plan: what is laid where, what it says of the window, and what it refuses."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from afterglow.citations import reference
from afterglow.safety.words import word_classes
from afterglow.studio.designs.design import protocol_of
from afterglow.studio.explore.certainty import certainty_of
from afterglow.studio.plan.cautions import plan_words
from afterglow.studio.plan.planning import Plan, plan_of
from afterglow.studio.plan.request import PlanRequest
from afterglow.studio.plan.spacing import Room, community_days, group_days, integration_days, preparation_days, shared

FRIDAY = dt.date(2025, 5, 2)
DOSES = {"ketamine": 0.5, "esketamine": 84.0, "psilocybin": 25.0, "mdma": 120.0}


def asked(medicine: str = "psilocybin", *, dates: list[dt.date] | None = None, **more: Any) -> PlanRequest:
    fields = {"medicine": medicine, "dose": DOSES[medicine], "dates": dates or [FRIDAY], **more}
    return PlanRequest.model_validate(fields)


def rooms_of(dosing: list[int], open_days: int | None) -> list[Room]:
    following = [*(day - 1 for day in dosing[1:]), None]
    return [
        Room(day, None if open_days is None else day + open_days, until)
        for day, until in zip(dosing, following, strict=True)
    ]


def free_of(dosing: list[int], weekday_of_day_0: int | None) -> Callable[[int], bool]:
    return lambda day: day not in dosing and (weekday_of_day_0 is None or (day + weekday_of_day_0) % 7 < 5)


dosings = st.lists(st.integers(1, 40), max_size=5).map(lambda gaps: [sum(gaps[:k]) for k in range(len(gaps) + 1)])
layouts = {
    "dosing": dosings,
    "open_days": st.none() | st.integers(0, 45),
    "count": st.integers(0, 12),
    "weekday": st.none() | st.integers(0, 6),
}


@given(**layouts)
def test_integration_is_laid_whole_after_its_dose_and_on_free_days(
    dosing: list[int], open_days: int | None, count: int, weekday: int | None
) -> None:
    rooms, free = rooms_of(dosing, open_days), free_of(dosing, weekday)
    laid = integration_days(rooms, count, free)
    assert len(laid) == count
    assert len({one.day for one in laid}) == count
    for one in laid:
        assert free(one.day)
        assert one.day > dosing[one.after]
        assert one.after + 1 == len(dosing) or one.day < dosing[one.after + 1]


@given(**layouts)
def test_the_first_integration_is_on_the_first_free_day(
    dosing: list[int], open_days: int | None, count: int, weekday: int | None
) -> None:
    free = free_of(dosing, weekday)
    first: dict[int, int] = {}
    for one in integration_days(rooms_of(dosing, open_days), count, free):
        first.setdefault(one.after, one.day)
    for k, day in first.items():
        assert day == next(d for d in range(dosing[k] + 1, day + 1) if free(d))


@given(open_days=st.integers(1, 45), count=st.integers(2, 12))
def test_gaps_widen_and_the_window_is_used_first(open_days: int, count: int) -> None:
    days = [one.day for one in integration_days(rooms_of([0], open_days), count, lambda day: day > 0)]
    gaps = [later - earlier for earlier, later in pairwise(days)]
    assert all(later >= earlier - 1 for earlier, later in pairwise(gaps)), days  # whole days: one may be lost
    inside = [day for day in days if day <= open_days]
    assert len(inside) >= min(count, (open_days + 1) // 2)


def test_two_meetings_fall_where_a_trial_had_them() -> None:
    days = [one.day for one in integration_days(rooms_of([0], 24), 2, lambda day: day > 0)]
    assert days == [1, 7]  # goodwin2022-comp001


def test_without_a_window_meetings_are_weekly() -> None:
    days = [one.day for one in integration_days(rooms_of([0], None), 3, lambda day: day > 0)]
    assert days == [1, 8, 15]  # mitchell2021-mapp1


@given(count=st.integers(0, 40), among=st.integers(1, 12))
def test_sharing_is_even(count: int, among: int) -> None:
    parts = shared(count, among)
    assert sum(parts) == count
    assert max(parts) - min(parts) <= 1


@given(count=st.integers(0, 6), weekday=st.none() | st.integers(0, 6))
def test_preparation_ends_as_near_to_the_dose_as_it_may(count: int, weekday: int | None) -> None:
    free = free_of([0], weekday)
    days = preparation_days(count, free)
    assert len(set(days)) == count
    assert all(day < 0 and free(day) for day in days)
    if days:
        assert days[-1] == next(day for day in range(-1, -8, -1) if free(day))


@given(dosing=dosings, open_days=st.none() | st.integers(0, 45), weekday=st.none() | st.integers(0, 6))
def test_groups_leave_the_first_day_to_integration(
    dosing: list[int], open_days: int | None, weekday: int | None
) -> None:
    rooms, free = rooms_of(dosing, open_days), free_of(dosing, weekday)
    taken = [one.day for one in group_days(rooms, free)]
    first = {one.after: one.day for one in reversed(integration_days(rooms, len(dosing), free))}
    assert len(set(taken)) == len(taken)
    assert all(free(day) for day in taken)
    assert not set(taken) & set(first.values())


@given(after=st.integers(0, 400), length=st.integers(0, 200), weekday=st.none() | st.integers(0, 6))
def test_community_meets_about_every_fortnight(after: int, length: int, weekday: int | None) -> None:
    free = free_of([], weekday)
    days = community_days(after, after + length, free)
    assert len(days) == max(1, length // 14)
    assert all(free(day) for day in days)
    assert all(12 <= later - earlier <= 16 for earlier, later in pairwise([after, *days]))


plans = st.builds(
    asked,
    st.sampled_from(sorted(DOSES)),
    dates=st.tuples(st.integers(0, 6), dosings).map(lambda p: [FRIDAY + dt.timedelta(days=p[0] + d) for d in p[1]]),
    preparation=st.integers(0, 6),
    integration=st.integers(0, 12),
    practice_weeks=st.integers(0, 26),
    group=st.sampled_from(("none", "integration", "community")),
    weekday_only=st.booleans(),
    ssri=st.booleans(),
)


@settings(max_examples=25)
@given(plans)
def test_a_plan_keeps_its_promises_and_opens_as_a_design(request: PlanRequest) -> None:
    plan = plan_of(request)
    kinds = {kind: [i for i in plan.items if i.kind == kind] for kind in ("preparation", "dosing", "integration")}
    assert [i.date for i in kinds["dosing"]] == list(request.dates)
    assert len(kinds["preparation"]) == request.preparation
    assert len(kinds["integration"]) == request.integration
    assert all(i.date < request.dates[0] for i in kinds["preparation"])
    assert all(i.date > request.dates[0] for i in plan.items if i.kind in ("integration", "group", "practice"))
    for item in plan.items:
        assert item.date == request.dates[0] + dt.timedelta(days=item.day)
        assert item.in_window == any(w.date_from <= item.date <= w.date_to for w in plan.windows), item
        if item.kind in ("preparation", "integration", "group"):
            assert item.date not in request.dates
            assert not request.weekday_only or item.date.weekday() < 5
    assert len({i.id for i in plan.items}) == len(plan.items)
    assert [i.date for i in plan.items] == sorted(i.date for i in plan.items)
    arm = protocol_of(plan.design).arms[0]  # raises where two things are at once
    kept = [s for s in arm.sessions if s.kind != "dosing"]
    meant = [i for i in plan.items if i.kind in ("preparation", "integration") or (i.kind == "group" and i.tasks)]
    assert len(kept) == len(meant)
    assert len({d.day for d in arm.doses}) == len(request.dates)
    assert all(s.day < 0 for s in kept if s.kind == "preparation")


@pytest.mark.parametrize("medicine", ["psilocybin", "mdma"])
def test_explore_shows_the_window_of_the_plan(medicine: str) -> None:
    dates = [FRIDAY, FRIDAY + dt.timedelta(days=25), FRIDAY + dt.timedelta(days=66)]
    plan = plan_of(asked(medicine, dates=dates))
    [arm] = certainty_of(plan.design).course.arms
    assert arm.dosing_days == [0, 25, 66]
    assert [(w.date_to - FRIDAY).days for w in plan.windows] == [math.floor(w.closes or 0) for w in arm.windows]
    assert all(set(s.tasks) == {"insights", "steps", "practice"} for s in plan.design.arms[0].sessions)


def tasks_of(plan: Plan) -> list[str]:
    return [i.title.split(": ")[1] for i in plan.items if i.kind == "integration"]


def test_the_three_tasks_come_in_order_after_each_dosing() -> None:
    dates = [FRIDAY, FRIDAY + dt.timedelta(days=28)]
    plan = plan_of(asked("mdma", dates=dates, condition="ptsd", integration=6))
    order = ["work through the insights", "turn insights into steps", "strengthen the new pattern"]
    assert tasks_of(plan) == [*order, *order]
    assert tasks_of(plan_of(asked(integration=1))) == ["insights, steps and practice"]


def test_practice_runs_from_two_days_after_the_first_dosing() -> None:
    dates = [FRIDAY, FRIDAY + dt.timedelta(days=10)]
    (practice,) = (i for i in plan_of(asked(dates=dates, practice_weeks=6)).items if i.kind == "practice")
    assert practice.date == FRIDAY + dt.timedelta(days=2)
    assert practice.until == dates[1] + dt.timedelta(weeks=6)


def test_every_entry_says_why_and_its_sources_are_known() -> None:
    for group in ("integration", "community"):
        for medicine in DOSES:
            plan = plan_of(asked(medicine, group=group, weekday_only=False))
            for item in plan.items:
                assert item.why.endswith(".")
                assert [source.citation for source in item.sources] == [
                    reference(source.key).formatted() for source in item.sources
                ]
            opened = [i for i in plan.items if i.kind == "integration" and i.in_window]
            assert opened
            assert all("rival explanations" in i.why for i in opened)


def test_an_ssri_narrows_the_window_of_mdma() -> None:
    (without,) = plan_of(asked("mdma", condition="ptsd")).windows
    blunted = plan_of(asked("mdma", condition="ptsd", medications=["sertraline"])).windows
    assert all(w.date_to < without.date_to for w in blunted)


def test_a_dose_that_opens_no_window_is_told() -> None:
    plan = plan_of(asked(dose=1.0))
    assert not plan.windows
    assert any("fewer than half" in note for note in plan.notes)
    assert not any(item.in_window for item in plan.items)


def test_cautions_come_from_the_facts_with_sources() -> None:
    plan = plan_of(asked("mdma", condition="ptsd", ssri=True, history=["hypertension"], medications=["phenelzine"]))
    assert plan.cautions[0].level == "contraindication"
    assert "phenelzine" in plan.cautions[0].sentence
    said = " ".join(caution.sentence for caution in plan.cautions)
    assert all(word in said for word in ("SSRI", "phenelzine", "hypertension"))
    assert all(caution.source for caution in plan.cautions if caution.level != "note")
    assert len(plan_of(asked("mdma", condition="ptsd")).cautions) < len(plan.cautions)


def test_a_dose_above_the_studied_range_is_a_caution() -> None:
    above = [c.sentence for c in plan_of(asked(dose=60.0)).cautions if "largest dose reported" in c.sentence]
    assert len(above) == 1
    assert not [c for c in plan_of(asked()).cautions if "largest dose reported" in c.sentence]


def test_every_word_on_the_list_is_checked() -> None:
    assert {word.id for word in plan_words()} == {entry.id for entry in word_classes()}
    for word in plan_words():
        field = "medications" if word.kind == "medication" else "history"
        for said in (word.id, word.label, *word.words):
            asked(**{field: [said]})
    every = plan_of(
        asked(
            **{
                k: [w.id for w in plan_words() if (w.kind == "medication") == (k == "medications")]
                for k in ("medications", "history")
            }
        )
    )
    assert not [c for c in every.cautions if "not recognised" in c.sentence]


def test_a_window_that_passes_over_a_weekend_is_told() -> None:
    friday, monday = plan_of(asked("ketamine")), plan_of(asked("ketamine", dates=[FRIDAY + dt.timedelta(days=3)]))
    assert any("falls in the open window" in note for note in friday.notes)
    assert not any("falls in the open window" in note for note in monday.notes)
    assert any(i.in_window for i in monday.items if i.kind == "integration")


def test_a_weekend_dosing_stays_and_is_told() -> None:
    saturday = FRIDAY + dt.timedelta(days=1)
    plan = plan_of(asked(dates=[saturday]))
    assert [i.date for i in plan.items if i.kind == "dosing"] == [saturday]
    assert any("weekend" in note and saturday.isoformat() in note for note in plan.notes)


def test_the_same_request_gives_the_same_plan() -> None:
    assert plan_of(asked(group="community")) == plan_of(asked(group="community"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"dates": ["2025-05-02", "2025-05-02"]}, "given twice"),
        ({"dates": ["2025-05-02", "2025-05-01"]}, "must rise"),
        ({"dates": ["2025-05-02", "2026-05-02"]}, "more than 180 days apart"),
        ({"dates": ["0001-01-01"]}, "must lie from"),
        ({"dates": []}, "one of the two"),
        ({"dates": [f"2025-01-{d:02}" for d in range(1, 14)]}, "at most 12"),
        ({"medications": ["fluoxetin"]}, "did you mean 'fluoxetine'"),
        ({"history": ["a name"]}, "not on the list of words"),
        ({"dose": float("nan")}, "finite"),
        ({"medicine": "placebo"}, "'mdma'"),
        ({"name": "somebody"}, "not permitted"),
    ],
)
def test_bad_requests_are_refused_with_a_reason(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        PlanRequest.model_validate({"medicine": "psilocybin", "dose": 25, "dates": ["2025-05-02"], **wrong})
