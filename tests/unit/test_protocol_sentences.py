"""Sentences and mappings say the same, and each mistake names its remedy."""

from __future__ import annotations

from typing import Any

import pytest

from afterglow.errors import ProtocolError
from afterglow.protocol import Arm, Dose, Practice, Session, parse_step

KETAMINE = {"medicine": "ketamine", "dose_mg_per_kg": 0.5, "route": "iv", "duration_h": 40 / 60}
INTEGRATION = {"kind": "integration", "hours": 1.5, "format": "individual"}

BOTH: list[tuple[str, dict[str, Any], list[Any]]] = [
    (
        "psilocybin 25 mg oral on day 0",
        {"medicine": "psilocybin", "dose": "25 mg", "route": "oral", "day": 0},
        [Dose(day=0, medicine="psilocybin", dose_mg=25, route="oral")],
    ),
    (
        "ketamine 0.5 mg/kg iv over 40 min on day 0, every 3 days x 6",
        {
            "medicine": "ketamine",
            "dose": "0.5 mg/kg",
            "route": "iv",
            "duration": "40 min",
            "every": "3 days",
            "times": 6,
        },
        [Dose(day=3 * k, **KETAMINE) for k in range(6)],
    ),
    (
        "MDMA 120 mg oral on days 28 and 56, then 60 mg after 1.75 h",
        {
            "medicine": "MDMA",
            "dose_mg": 120,
            "route": "oral",
            "days": [28, 56],
            "supplemental": {"dose_mg": 60, "after_h": 1.75},
        },
        [
            Dose(day=day, hour=hour, medicine="mdma", dose_mg=mg, route="oral")
            for day in (28, 56)
            for hour, mg in ((0, 120), (1.75, 60))
        ],
    ),
    (
        "preparation 90 min individual on day -7",
        {"kind": "preparation", "hours": "90 min", "day": -7},
        [Session(day=-7, kind="preparation", hours=1.5)],
    ),
    (
        "integration 90 min individual on day 1, every 7 days x 3",
        {**INTEGRATION, "day": 1, "every_days": 7, "times": 3},
        [Session(day=day, **INTEGRATION) for day in (1, 8, 15)],
    ),
    (
        "integration 60 min group on day 8: insights, steps",
        {"kind": "integration", "hours": 1, "format": "group", "day": 8, "tasks": ["steps", "insights"]},
        [Session(day=8, kind="integration", hours=1, format="group", tasks=("insights", "steps"))],
    ),
    (
        "integration 60 min on day 8: insights and steps, weekly until day 29",
        {"kind": "integration", "hours": 1, "day": 8, "tasks": ["insights", "steps"], "every": 7, "until": 29},
        [Session(day=day, kind="integration", hours=1, tasks=("insights", "steps")) for day in (8, 15, 22, 29)],
    ),
    (
        "training 20 min digital on day 1, twice a day x 4",
        {"kind": "training", "hours": "20 min", "format": "digital", "day": 1, "times_a_day": 2, "times": 4},
        [
            Session(day=day, hour=hour, kind="training", hours="20 min", format="digital")
            for day in (1, 2)
            for hour in (0, 6)
        ],
    ),
    (
        "esketamine 84 mg intranasal on day 0, twice a week x 4",
        {"medicine": "esketamine", "dose": "84 mg", "route": "intranasal", "times_a_week": 2, "times": 4},
        [Dose(day=day, medicine="esketamine", dose_mg=84, route="intranasal") for day in (0, 3, 7, 10)],
    ),
    (
        "psychotherapy 1 h on day 1 at hour 22, every 36 h x 3",
        {"kind": "psychotherapy", "hours": 1, "day": 1, "hour": 22, "every": "36 h", "times": 3},
        [Session(day=day, hour=hour, kind="psychotherapy", hours=1) for day, hour in ((1, 22), (3, 10), (4, 22))],
    ),
    (
        "practice 3 h per week from day 1 to day 60",
        {"hours_per_week": 3, "from_day": 1, "to_day": 60},
        [Practice(from_day=1, to_day=60, hours_per_week=3)],
    ),
    (
        "practice 21 min a day from day 1 for 4 weeks",
        {"hours_per_week": "21 min a day", "from_day": 1, "for": "4 weeks"},
        [Practice(from_day=1, to_day=29, hours_per_week=21 / 60 * 7)],
    ),
    (
        'integration 90 min individual on day 1, called "first: a, b x 3"',
        {**INTEGRATION, "day": 1, "label": "first: a, b x 3"},
        [Session(day=1, label="first: a, b x 3", **INTEGRATION)],
    ),
    ("saline iv on day 0", {"medicine": "saline", "route": "iv"}, [Dose(day=0, medicine="placebo", route="iv")]),
]


@pytest.mark.parametrize(("sentence", "mapping", "rows"), BOTH, ids=[s for s, _, _ in BOTH])
def test_sentence_and_mapping_give_the_same_objects(sentence: str, mapping: dict[str, Any], rows: list[Any]) -> None:
    assert list(parse_step(sentence)) == rows
    assert list(parse_step(mapping)) == rows
    for row in rows:
        assert parse_step(row.to_sentence()) == (row,)


def test_case_commas_and_order_do_not_matter() -> None:
    assert parse_step("Ketamine, on day 3, IV, 0.5 MG/KG over 40 min.") == (Dose(day=3, **KETAMINE),)


def test_the_steps_of_the_issue() -> None:
    arm = Arm(id="a", steps=["psilocybin 25 mg oral", "integration 90 min individual", "every 7 days x 3"])
    assert arm.doses == (Dose(day=0, medicine="psilocybin", dose_mg=25, route="oral"),)
    assert [session.day for session in arm.sessions] == [1, 8, 15]


def test_a_repeat_takes_the_supplemental_dose_along() -> None:
    arm = Arm(id="a", steps=["MDMA 80 mg oral, then 40 mg after 2 h", {"every_days": 28, "times": 3}])
    assert [(d.day, d.hour, d.dose_mg) for d in arm.doses] == [
        (day, hour, mg) for day in (0, 28, 56) for hour, mg in ((0, 80), (2, 40))
    ]


def test_steps_stand_beside_fields_in_order_of_time() -> None:
    arm = Arm(
        id="a",
        sessions=[{"day": 1, **INTEGRATION}, "integration 90 min on day 30"],
        steps=["psilocybin 25 mg oral", "integration 90 min on day 7", {"day": -2, "kind": "preparation", "hours": 2}],
    )
    assert [session.day for session in arm.sessions] == [-2, 1, 7, 30]


def test_a_day_of_its_own_follows_the_last_dose_above() -> None:
    arm = Arm(
        id="a",
        steps=["psilocybin 25 mg oral on days 0 and 21", "integration 90 min", "training 20 min digital at hour 3"],
    )
    assert [session.day for session in arm.sessions] == [22, 22]


REFUSED = [
    ("psylocybin 25 mg oral", "unknown first word 'psylocybin': did you mean 'psilocybin'"),
    ("psilocybin 25 oral", "the dose 25 needs a unit: write '25 mg' or '25 mg/kg'"),
    ("psilocybin 25 ml oral", "'ml' is not a unit of a dose"),
    ("psilocybin 25 mg orall", "unknown word 'orall': did you mean 'oral'?"),
    ("psilocybin 25 mg", "the route is missing; psilocybin is given oral, iv"),
    ("psilocybin oral", "needs either dose_mg or dose_mg_per_kg, got neither"),
    ("psilocybin 25 mg oral on day 0 on day 1", "says its day twice; keep one"),
    ("psilocybin -25 mg oral", "must be at least 0"),
    ("psilocybin 0 mg oral", "must be above 0; for an inactive arm use placebo"),
    ("psilocybin 1e999 mg oral", "must be a finite number"),
    ("psilocybin 9 g oral", "more than 100 times the largest dose reported"),
    ("MDMA 100 mg oral, then 50 after 2 h", "the dose 50 needs a unit"),
    ("MDMA 100 mg oral, then 50 mg after 30 h", "a supplemental dose follows within 24 h, got 30 h"),
    ("MDMA 100 mg oral, every 30 days", "a repeat needs its end: write 'x 3'"),
    ("MDMA 100 mg oral x 3", "a repeat needs its spacing, such as 'every 7 days x 3'"),
    ("MDMA 100 mg oral on day 50, every 7 days until day 20", "the repeat ends before it begins"),
    ("MDMA 100 mg oral, every 0 days x 3", "a repeat must go forward in time"),
    ("MDMA 100 mg oral, every 1 h until day 365", "becomes 2001 rows, more than 2000"),
    ("ketamine 0.5 mg/kg iv over 40", "duration needs a unit, such as '40 min', got '40'"),
    ("ketamine 0.5 mg/kg iv over 2 months", "cannot be in months, which differ in length"),
    ("mdma 120 mg iv", "mdma is not given iv; known routes: oral"),
    ("integration on day 1", "the length is missing; write 'integration 90 min'"),
    ("integration 90 on day 1", "the length 90 needs a unit: write '90 min' or '90 h'"),
    ("integration 90 min grup on day 1", "unknown word 'grup': did you mean 'group'?"),
    ("integration 90 min on day 1: insigts", "unknown task of integration 'insigts': did you mean 'insights'?"),
    ("integration 90 min on day 1:", "after ':' stand the tasks of integration"),
    ("dosing 8 h on day 0: steps", "only integration has tasks, not dosing"),
    ("integration 90 min", "the day is missing; say when, such as 'on day 7'"),
    ("preparation 90 min", "the day is missing; say when, such as 'on day 7'"),
    ("practice 3 h from day 1 to day 5", "'3 h from day 1 to day 5' was not understood; expected '3 h per week'"),
    ("practice 3 per week from day 1 to day 60", "practice needs a unit: write '3 h per week'"),
    ("practice 3 h per week to day 60", "practice needs 'from day 1'"),
    ("psilocybin 0,025 g oral on day 0", "'0,025' has a decimal comma; write 0.025"),
    ("ketamine 0,5 mg/kg iv over 40 min on day 0", "'0,5' has a decimal comma; write 0.5"),
    ("ketamine 0.5 mg/kg iv over 0,5 h on day 0", "'0,5' has a decimal comma; write 0.5"),
    ("ketamine 35 mg iv on days 0, 28, 2,5 mg", "'2,5' has a decimal comma; write 2.5"),
    ("integration 1,5 h on day 1", "'1,5' has a decimal comma; write 1.5"),
    ("practice 2.5 h per week from day 1,5 to day 60", "'1,5' has a decimal comma; write 1.5"),
    ({"kind": "training", "hours": "1,5", "day": 1}, "'1,5' has a decimal comma; write 1.5"),
    ({"kind": "training", "hours": 1, "day": "day 0,5"}, "'0,5' has a decimal comma; write 0.5"),
    ({"kind": "training", "hours": 1, "day": 1, "every": 1, "times": "2,5"}, "'2,5' has a decimal comma; write 2.5"),
    ("every 7 days x 3", "repeats the step before it, but there is none"),
    ("", "a step is empty"),
    ("x" * 5000, "at most 4000 characters"),
    ({"day": 3}, "a step needs a medicine, a kind of session or hours_per_week, got 'day'"),
    ({}, "a step needs a medicine"),
    (7, "must be a sentence or a mapping, got 7"),
    ({"medicine": "mdma", "dose_mg": 80, "route": "oral", "supplemental": {"mg": 40}}, "unknown word 'mg'"),
    ({"medicine": "mdma", "dose_mg": 80, "route": "oral", "supplemental": {"dose_mg": 40}}, "needs 'after'"),
    ({"kind": "training", "hours": 1, "day": 1, "times": 2.5, "every": 1}, "times must be a whole number, got 2.5"),
    ({"kind": "training", "hours": 1, "day": 1, "every": 1, "times_a_day": 2}, "both say how often; keep one"),
    ({"kind": "training", "hours": 1, "day": 1, "days": [2]}, "the day is written twice"),
]


@pytest.mark.parametrize(("step", "expected"), REFUSED, ids=[str(step)[:50] for step, _ in REFUSED])
def test_a_mistake_in_a_step_names_its_remedy(step: Any, expected: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_step(step)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_comma_without_a_blank_may_divide_days_and_labels() -> None:
    assert [dose.day for dose in parse_step("psilocybin 25 mg oral on days 0,28,56")] == [0, 28, 56]
    assert [dose.day for dose in parse_step("psilocybin 25 mg oral on days 0,28 and 56")] == [0, 28, 56]
    (row,) = parse_step('integration 90 min on day 1, called "1,5 hours"')
    assert row.label == "1,5 hours"


def test_practice_is_not_repeated() -> None:
    with pytest.raises(ProtocolError, match="practice cannot be repeated"):
        Arm(id="a", steps=["practice 3 h per week from day 1 to day 8", "every 7 days x 3"])


def test_a_step_in_the_wrong_list_is_refused() -> None:
    with pytest.raises(ProtocolError, match="a session does not belong in a list of doses; put it under steps"):
        Arm(id="a", doses=["integration 90 min on day 1"])
