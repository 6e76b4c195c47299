"""What may move, how arms are laid out from it, and limits that no plan breaks."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest
from tests import plans
from tests import protocols as plan

from afterglow.errors import ProtocolError
from afterglow.plan.costed import Costed
from afterglow.plan.economics.figures import prices_of
from afterglow.plan.question import Question
from afterglow.plan.space.effort import Therapists, effort_of
from afterglow.plan.space.space import Space, unseen_dosings
from afterglow.protocol import Arm, Protocol
from afterglow.protocol.timeline import timeline_problems
from afterglow.simulate.schedule import dosing_days


def space_of(move: dict[str, Any], limits: dict[str, Any] | None = None, data: dict[str, Any] | None = None) -> Space:
    asked = {**(data or plans.clinic()), "optimise": {"move": move, "limits": limits or {}}}
    question = Question.from_data(asked)
    return Space(question.protocol, "", question.optimise.move, question.optimise.limits)


def at(space: Space, **values: Any) -> Arm:
    """The arm at the options that are named, the first of every other choice."""
    names = {name.replace("_", " ").replace("  ", ": "): value for name, value in values.items()}
    assert set(names) <= {choice.name for choice in space.choices}, names
    return space.arm_at(
        [choice.options.index(names[choice.name]) if choice.name in names else 0 for choice in space.choices]
    )


def days_of(arm: Arm, kind: str) -> list[float]:
    return [s.day for s in arm.sessions if s.kind == kind]


# ---- options --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("0 to 6 by 2", (0, 2, 4, 6)),
        ("1 to 3", (1, 2, 3)),
        ([0, "2 to 4"], (0, 2, 3, 4)),
        (4, (4,)),
        ([3, 3, 1], (3, 1)),
    ],
)
def test_numbers_are_a_value_a_list_or_a_range(written: Any, meant: tuple[int, ...]) -> None:
    space = space_of({"sessions": [{"kind": "integration", "number": written, "day": [1, 2]}]})
    assert space.moves.sessions[0].number == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["10 mg", "25 mg"], ("10 mg", "25 mg")),
        ("10 to 30 mg by 10 mg", ("10 mg", "20 mg", "30 mg")),
        ("10 mg to 0.02 g by 5 mg", ("10 mg", "15 mg", "20 mg")),
        ("2.5 mg to 7.5 mg in steps of 2.5", ("2.5 mg", "5 mg", "7.5 mg")),
    ],
)
def test_doses_are_written_with_their_unit(written: Any, meant: tuple[str, ...]) -> None:
    assert space_of({"dose": written}).moves.dose == meant


@pytest.mark.parametrize(
    ("move", "words"),
    [
        ({}, "nothing moves"),
        ({"dose": ["25 mg"]}, "nothing moves"),
        ({"dose": []}, "nothing to choose from"),
        ({"dose": [25]}, "a dose needs a number and a unit"),
        ({"dose": ["25 mgs", "10 mg"]}, "no unit of a dose"),
        ({"dose": "30 mg to 10 mg"}, "downwards"),
        ({"dose": ["0.3 mg/kg", "0.4 mg/kg"]}, "doses in mg, so its dose moves in that"),
        ({"dose": "1 to 900 mg"}, "more than 200"),
        ({"sessions": [{"kind": "dosing", "number": [1, 2]}]}, "unknown kind of session that may move 'dosing'"),
        ({"sessions": [{"kind": "integration", "number": [1.5, 2]}]}, "must be a whole number of 0 or more"),
        ({"sessions": [{"kind": "integration", "number": [1, 2], "day": -3}]}, "integration follows a dosing"),
        ({"sessions": [{"kind": "preparation", "number": [1, 2], "day": 3}]}, "preparation comes before"),
        ({"sessions": [{"kind": "integration", "number": [1, 2], "hours": [0, 1]}]}, "sessions out with number: 0"),
        ({"sessions": [{"kind": "integration", "number": [1, 2]}] * 2}, "sessions of integration stand twice"),
        ({"sessions": [{"kind": "integration", "number": [1, 2], "format": ["group"]}]}, "needs a group of 2 or more"),
        ({"sessions": [{"kind": "integration", "number": [1, 2], "hour": 1}]}, "unknown word 'hour': did you mean"),
        ({"dosings": {"number": [1, 2]}}, "several dosings need days_between"),
        ({"dosings": {"number": [0, 1]}}, "at least 1 dosing"),
        ({"practice": {"hours_per_week": [0, 3], "from_day": 50, "to_day": 40}}, "practice must end after it begins"),
        ({"group": {"size": [0, 6]}}, "1 to 64 members"),
    ],
)  # fmt: skip
def test_what_cannot_move_is_refused_in_a_sentence(move: dict[str, Any], words: str) -> None:
    with pytest.raises(ProtocolError, match=words) as caught:
        space_of(move)
    assert caught.value.where.startswith("optimise.move")
    assert "\n" not in str(caught.value)


def test_a_dose_moves_where_one_medicine_is_given() -> None:
    data = plans.clinic()
    data["arms"][0]["steps"].append("midazolam 5 mg iv on day 10")
    with pytest.raises(ProtocolError, match="gives midazolam, psilocybin"):
        space_of({"dose": ["10 mg", "20 mg"]}, data=data)


def test_an_unknown_arm_is_named_by_those_there_are() -> None:
    question = Question.from_data(plans.clinic(arm="x"))
    with pytest.raises(ProtocolError, match="no arm is called 'x'; arms: clinic"):
        Space(question.protocol, question.optimise.arm, question.optimise.move, question.optimise.limits)


# ---- laying out -----------------------------------------------------------------------------------


def test_sessions_stand_in_place_of_the_arms_own_of_that_kind() -> None:
    space = space_of({"sessions": [{"kind": "integration", "number": [1, 3], "day": 2, "every_days": 5, "hours": 1}]})
    arm = at(space, integration__number=3)
    assert days_of(arm, "integration") == [2, 7, 12]
    assert days_of(arm, "preparation") == [-14, -7]
    assert {s.hours for s in arm.sessions if s.kind == "integration"} == {1.0}


def test_doses_keep_their_ratio() -> None:
    data = {
        **plans.clinic(),
        **plan.protocol(plan.PTSD, plans.DAYS, mdma={"doses": [*plan.mdma(0, 80), *plan.mdma(28)]}),
    }
    arm = at(space_of({"dose": ["60 mg", "100 mg"]}, data={**data, "horizon_days": 57}), dose="60 mg")
    assert [dose.dose_mg for dose in arm.doses] == [40, 20, 60, 30]


def test_the_kind_itself_may_move() -> None:
    move = {"sessions": [{"kind": ["integration", "psychotherapy"], "number": 2, "tasks": ["steps"]}]}
    space = space_of(move)
    assert [choice.name for choice in space.choices] == ["integration or psychotherapy: kind"]
    arms = [space.arm_at((k,)) for k in range(2)]
    assert [days_of(arm, "integration") for arm in arms] == [[1, 8], []]
    assert [days_of(arm, "psychotherapy") for arm in arms] == [[], [1, 8]]
    assert {s.tasks for s in arms[0].sessions if s.kind == "integration"} == {("steps",)}


def test_dosings_repeat_the_dosing_day_and_sessions_follow_each() -> None:
    move = {
        "dosings": {"number": [1, 2, 3], "days_between": [14, 21]},
        "sessions": [{"kind": "integration", "number": 2, "day": 1, "every_days": 3}],
    }
    arm = at(space_of(move), dosings__number=3, dosings__days_between=14)
    assert dosing_days(arm) == (0, 14, 28)
    assert [dose.dose_mg for dose in arm.doses] == [25, 25, 25]
    assert days_of(arm, "dosing") == [0, 14, 28]
    assert days_of(arm, "integration") == [1, 4, 15, 18, 29, 32]


@pytest.mark.parametrize(("after", "days"), [("first", [1, 8]), ("last", [15, 22]), ("each", [1, 8, 15, 22])])
def test_sessions_hang_on_a_dosing(after: str, days: list[float]) -> None:
    move = {
        "dosings": {"number": 2, "days_between": 14},
        "sessions": [{"kind": "integration", "number": [0, 2], "after": after}],
    }
    assert days_of(at(space_of(move), integration__number=2), "integration") == days


def test_sessions_that_fall_together_follow_one_another() -> None:
    move = {"sessions": [{"kind": "integration", "number": [1, 2]}, {"kind": "training", "number": 2, "hours": 1}]}
    arm = at(space_of(move), integration__number=2)
    assert [(s.kind, s.day, s.hour) for s in arm.sessions if s.day >= 1] == [
        ("integration", 1, 0),
        ("training", 1, 1),
        ("integration", 8, 0),
        ("training", 8, 1),
    ]
    assert not timeline_problems((arm,), (), horizon_days=57, allow_extrapolation=False)


def test_a_session_after_one_of_twenty_minutes_begins_when_that_has_ended() -> None:
    data = plans.clinic()
    data["arms"][0]["steps"].append("training 20 min digital on day 2, twice a day x 4")
    arm = at(
        space_of({"sessions": [{"kind": "integration", "number": [0, 2], "day": 2}]}, data=data), integration__number=2
    )
    assert not timeline_problems((arm,), (), horizon_days=57, allow_extrapolation=False)
    assert next(s.hour for s in arm.sessions if s.kind == "integration") == pytest.approx(1 / 3)


def test_zero_hours_of_practice_are_none() -> None:
    space = space_of({"practice": {"hours_per_week": [0, 2], "to_day": 30}})
    assert at(space).practice == ()
    assert at(space, practice__hours_per_week=2).practice[0].hours_per_week == 2


def test_a_group_that_never_meets_is_none_and_one_person_meets_nobody() -> None:
    move = {
        "sessions": [{"kind": "integration", "number": [0, 2], "format": ["individual", "group"]}],
        "group": {"size": [1, 6]},
    }
    space = space_of(move)
    assert at(space, group__size=6).group.size == 1
    assert at(space, integration__number=2, integration__format="group", group__size=6).group.size == 6
    alone = at(space, integration__number=2, integration__format="group")
    assert {s.format for s in alone.sessions} == {"individual"}


# ---- hours ----------------------------------------------------------------------------------------


def test_hours_of_a_group_are_shared_and_digital_ones_take_nobodys() -> None:
    arm = Arm.made(
        {
            "id": "a",
            "sessions": [
                {"kind": "preparation", "day": -3, "hours": 2},
                {"kind": "dosing", "day": 0, "hours": 8},
                {"kind": "integration", "day": 1, "hours": 1.5, "format": "group"},
                {"kind": "training", "day": 2, "hours": 1, "format": "digital"},
            ],
            "doses": [plan.psilocybin()],
            "group": {"size": 6, "community": True, "community_every_days": 10},
        }
    )
    effort = effort_of(arm, 42.0, Therapists(dosing=2, session=1))
    assert effort.dosing_therapist_hours == 16
    meetings = 4  # on days 12, 22, 32 and 42
    assert effort.therapist_hours == pytest.approx(16 + 2 + 1.5 / 6 + meetings * 1.5 / 6)
    assert effort.person_hours == 2 + 8 + 1.5 + 1 + meetings * 1.5


# ---- limits ---------------------------------------------------------------------------------------


def test_a_plan_without_contact_gets_a_safety_visit_on_an_open_day() -> None:
    move = {"sessions": [{"kind": "integration", "number": [0, 2], "day": 1}]}
    bare = at(space_of(move))
    assert [(s.day, s.hours, s.label) for s in bare.sessions if s.kind == "education"] == [(1, 0.5, "safety visit")]
    assert not days_of(at(space_of(move), integration__number=2), "education")
    closed = {"day_0_is": "friday", "closed": ["saturday", "sunday"], "safety_visit": {"within_days": 4}}
    assert days_of(at(space_of(move, closed)), "education") == [3]


def test_safety_visits_follow_each_dosing_or_the_last_alone() -> None:
    move = {"dosings": {"number": [1, 3], "days_between": 14}, "sessions": [{"kind": "integration", "number": 0}]}
    assert days_of(at(space_of(move), dosings__number=3), "education") == [1, 15, 29]
    last = {"safety_visit": {"after": "last"}}
    assert days_of(at(space_of(move, last), dosings__number=3), "education") == [29]


WIDE: dict[str, Any] = {
    "dose": "10 mg to 30 mg by 5 mg",
    "dosings": {"number": "1 to 3", "days_between": [7, 10, 21]},
    "sessions": [
        {"kind": "preparation", "number": "0 to 4", "day": [-21, -14, -5], "every_days": [2, 5], "hours": [1, 2]},
        {"kind": "integration", "number": "0 to 6", "day": [1, 3], "every_days": [2, 7], "hours": [1, 2],
         "format": ["individual", "group", "digital"]},
        {"kind": "psychotherapy", "number": [0, 4], "day": [7], "after": "last"},
    ],
    "practice": {"hours_per_week": [0, 4]},
    "group": {"size": [1, 4, 8], "community": [False, True]},
}  # fmt: skip
TIGHT: dict[str, Any] = {
    "therapist_hours": 36,
    "cost": 6000,
    "largest_dose": "20 mg",
    "shortest_gap_days": 10,
    "first_day": -15,
    "last_day": 50,
    "day_0_is": "tuesday",
    "closed": ["sunday"],
    "safety_visit": {"within_days": 3},
}


def assert_kept(space: Space, costed: Costed, arm: Arm) -> None:
    """Check every limit of `TIGHT` from the arm itself, not by the code that is tested."""
    rows = [*arm.doses, *arm.sessions]
    hours = sum(
        s.hours * (2 if s.kind == "dosing" else 1) / (arm.group.size if s.format == "group" else 1)
        for s in arm.sessions
        if s.format != "digital"
    )
    last = max(row.day for row in rows)
    community = arm.group.community * 1.5 / arm.group.size * int((space.protocol.horizon_days - last) / 14)
    assert hours + community <= 36 + 1e-6
    assert (hours + community) * 81.09 + 2173 * len(arm.doses) <= 6000 + 1e-6
    assert all(dose.dose_mg <= 20 for dose in arm.doses)
    days = sorted({dose.day for dose in arm.doses})
    assert all(b - a >= 10 for a, b in pairwise(days))
    assert min(row.day for row in rows) >= -15
    assert last <= 50
    assert all((row.day + 1) % 7 != 6 for row in rows)  # day 0 is a Tuesday, so Sundays are 5, 12, ...
    for day in days:
        assert any(s.kind != "dosing" and s.format != "digital" and day < s.day <= day + 3 for s in arm.sessions)
    assert Protocol.made({**space.protocol.model_dump(), "arms": (arm,)})


def test_no_plan_that_passes_breaks_a_limit() -> None:
    space = space_of(WIDE, TIGHT)
    costed = Costed(space, prices_of(Question.from_data(plans.clinic()).economics, space.protocol))
    rng = random.Random(5)
    passed = 0
    for _ in range(500):
        point = tuple(rng.randrange(len(choice.options)) for choice in space.choices)
        if costed.excess(point) <= 0:
            passed += 1
            assert_kept(space, costed, costed.arm(point))
            assert not unseen_dosings(costed.arm(point), space.limits.safety_visit)
    assert 5 < passed < 450


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"closed": ["saturday"]}, "closed days of the week need day_0_is"),
        ({"closed": ["caturday"], "day_0_is": "monday"}, "unknown day of the week 'caturday'"),
        ({"first_day": 10, "last_day": 5}, "last_day 5 comes before first_day 10"),
        ({"largest_dose": ["20 mg", "25 mg"]}, "largest_dose is one amount"),
        ({"therapist_hours": -1}, "must be at least 0"),
        ({"safety_visit": {"hours": 0}}, "must be above 0"),
        ({"therapist_hour": 3}, "did you mean 'therapist_hours'"),
    ],
)
def test_impossible_limits_are_refused_in_a_sentence(limits: dict[str, Any], words: str) -> None:
    with pytest.raises(ProtocolError, match=words):
        Question.from_data(plans.clinic(limits=limits))
