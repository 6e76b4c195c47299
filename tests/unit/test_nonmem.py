"""NONMEM event tables: what is written, what is read back, and what is refused."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.strategies import arms as some_arms

from afterglow.errors import ProtocolError
from afterglow.protocol import (
    Arm,
    Dose,
    Practice,
    Protocol,
    Session,
    event_table,
    read_event_table,
    starter,
)

KETAMINE = Arm(
    id="ketamine",
    steps=[
        "ketamine 35 mg iv over 40 min on day 0, every 3 days x 6",
        "preparation 60 min individual on day -3",
        "integration 60 min group on day 2 at hour 3: insights, steps",
        "training 20 min digital on day 1, twice a day x 4",
    ],
)
MDMA = Arm(
    id="mdma", steps=["MDMA 80 mg oral on day 0, then 40 mg after 1.75 h", "every 28 days x 3", "dosing 8 h on day 0"]
)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_repeats_stand_in_one_row_with_time_in_hours() -> None:
    doses = [row for row in rows_of(event_table([KETAMINE])) if row["EVID"] == "1"]
    (row,) = doses
    assert (row["TIME"], row["AMT"], row["CMT"], row["ADDL"], row["II"]) == ("0", "35", "ketamine_iv", "5", "72")
    assert float(row["AMT"]) / float(row["RATE"]) == pytest.approx(40 / 60)


def test_supplemental_doses_repeat_apart() -> None:
    doses = [row for row in rows_of(event_table([MDMA])) if row["EVID"] == "1"]
    assert [(row["TIME"], row["AMT"], row["ADDL"], row["II"]) for row in doses] == [
        ("0", "80", "2", "672"),
        ("1.75", "40", "2", "672"),
    ]


def test_sessions_are_rows_that_other_tools_pass_over() -> None:
    sessions = [row for row in rows_of(event_table([KETAMINE])) if row["CMT"] == "session"]
    assert {row["EVID"] for row in sessions} == {"2"}
    assert sessions[0]["TIME"] == "-72"
    assert [row["TASKS"] for row in sessions if row["KIND"] == "integration"] == ["insights steps"]
    (row,) = rows_of(event_table([Arm(id="a", steps=["psychotherapy 60 min individual on day 1: supportive"])]))
    assert (row["KIND"], row["APPROACH"]) == ("psychotherapy", "supportive")


@pytest.mark.parametrize("name", ["=1+1", "-control", "@home", "'=x"])
def test_a_name_that_a_spreadsheet_would_calculate_is_guarded_and_comes_back(name: str) -> None:
    text = event_table([Arm(id=name, steps=["placebo iv on day 0"])])
    assert rows_of(text)[0]["ARM"] == f"'{name}"
    assert [arm.id for arm in read_event_table(text)] == [name]


def test_an_arm_comes_back_as_it_was() -> None:
    arms = (KETAMINE, MDMA, Arm(id="waiting list"), Arm(id="p", steps=["placebo iv over 40 min on day 0"]))
    back = read_event_table(event_table(arms))
    assert [arm.id for arm in back] == ["ketamine", "mdma", "waiting list", "p"]
    assert [arm.sessions for arm in back] == [arm.sessions for arm in arms]
    assert back[1].doses == MDMA.doses
    assert [d.time_h for d in back[0].doses] == [d.time_h for d in KETAMINE.doses]
    assert [d.duration_h for d in back[0].doses] == pytest.approx([40 / 60] * 6)
    assert back[3].doses == arms[3].doses


def test_doses_by_weight_need_a_weight() -> None:
    arm = Arm(id="k", steps=["ketamine 0.5 mg/kg iv over 40 min on day 0"])
    with pytest.raises(ProtocolError, match=r"arms\[0\].doses\[0\]: 0.5 mg/kg needs a weight to be written in mg"):
        event_table([arm])
    (row,) = rows_of(event_table([arm], weight_kg=80))
    assert (row["AMT"], row["WT"]) == ("40", "80")
    with pytest.raises(ProtocolError, match="the weight must be above 0 kg"):
        event_table([arm], weight_kg=0)


def test_every_person_has_an_own_weight_and_id() -> None:
    arm = Arm(id="k", steps=["ketamine 0.5 mg/kg iv over 30 min on day 0", "integration 60 min individual on day 1"])
    text = event_table([arm], weight_kg=[60, 80, 80], ids=[7, 8, 11])
    doses = [row for row in rows_of(text) if row["EVID"] == "1"]
    assert [(row["ID"], row["WT"], row["AMT"], row["RATE"]) for row in doses] == [
        ("7", "60", "30", "60.0"),
        ("8", "80", "40", "80.0"),
        ("11", "80", "40", "80.0"),
    ]
    light, heavy = read_event_table(text)
    assert [(a.id, a.n, a.doses[0].dose_mg, a.doses[0].duration_h) for a in (light, heavy)] == [
        ("k ID 7", None, 30, 0.5),
        ("k ID 8", 2, 40, 0.5),
    ]
    assert light.sessions == heavy.sessions == arm.sessions


def test_ids_count_on_through_arms() -> None:
    text = event_table([MDMA, Arm(id="waiting list")], weight_kg=np.array([60.0, 70.0]))
    seen = {row["ID"]: (row["ARM"], row["WT"]) for row in rows_of(text)}
    assert seen == {
        "1": ("mdma", "60"),
        "2": ("mdma", "70"),
        "3": ("waiting list", "60"),
        "4": ("waiting list", "70"),
    }
    assert [(arm.id, arm.n) for arm in read_event_table(text)] == [("mdma", 2), ("waiting list", 2)]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"weight_kg": []}, "weight_kg must be one weight or a list of them"),
        ({"weight_kg": [70, -1]}, "the weight must be above 0 kg, got -1"),
        ({"weight_kg": float("nan")}, "the weight must be above 0 kg, got nan"),
        ({"ids": [1, 2]}, "ids must be one for each arm and person, 1 in all, got 2"),
        ({"weight_kg": [70, 80], "ids": [3, 3]}, "ids must be whole numbers above 0, each of them once"),
        ({"ids": [0]}, "ids must be whole numbers above 0"),
    ],
)
def test_bad_people_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        event_table([MDMA], **given)


def test_more_schedules_than_arms_are_refused() -> None:
    arm = Arm(id="k", steps=["ketamine 0.5 mg/kg iv on day 0"])
    weights = [float(weight) for weight in range(50, 83)]
    assert len(read_event_table(event_table([arm], weight_kg=weights[:-1]))) == 32
    with pytest.raises(ProtocolError, match="33 different schedules but a protocol has at most 32 arms"):
        read_event_table(event_table([arm], weight_kg=weights))


def test_practice_travels_as_a_row_of_its_own_kind() -> None:
    arm = Arm(
        id="p", steps=["practice 3 h per week from day 2 to day 60", "practice 1 h per week from day 30 to day 90"]
    )
    first, _ = rows_of(event_table([arm]))
    held = {name: first[name] for name in ("TIME", "EVID", "CMT", "ADDL", "II", "KIND", "HOURS", "UNTIL")}
    assert held == {
        "TIME": "48",
        "EVID": "2",
        "CMT": "session",
        "ADDL": "0",
        "II": "0",
        "KIND": "practice",
        "HOURS": "3",
        "UNTIL": "1440",
    }
    assert read_event_table(event_table([arm]))[0].practice == arm.practice


def test_the_end_of_practice_is_in_the_unit_of_time() -> None:
    (arm,) = read_event_table("ID,TIME[d],AMT,EVID,CMT,KIND,HOURS,UNTIL\n1,2,0,2,session,practice,3,60\n")
    assert [(p.from_day, p.to_day, p.hours_per_week) for p in arm.practice] == [(2, 60, 3)]


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(some_arms())
def test_what_a_table_holds_comes_back_the_same_a_second_time(arm: Arm) -> None:
    (once,) = read_event_table(event_table([arm], weight_kg=70))
    (twice,) = read_event_table(event_table([once]))
    for kind in ("doses", "sessions", "practice"):
        rows, again = getattr(once, kind), getattr(twice, kind)
        assert len(rows) == len(again) == len(getattr(arm, kind))
        for row, other in zip(rows, again, strict=True):
            assert numbers_of(row) == pytest.approx(numbers_of(other), abs=1e-8)
            assert words_of(row) == words_of(other)
    asked = sorted((p.from_day, p.to_day, p.hours_per_week) for p in arm.practice)
    back = sorted((p.from_day, p.to_day, p.hours_per_week) for p in twice.practice)
    assert [number for row in back for number in row] == pytest.approx([n for row in asked for n in row], abs=1e-8)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(-30, 300), st.integers(0, 95)), min_size=1, max_size=8, unique=True))
def test_an_arm_of_plain_times_comes_back_identical(times: list[tuple[int, int]]) -> None:
    kinds = ["psychotherapy", "training", "preparation"]
    arm = Arm(
        id="arm",
        doses=[
            {"day": day, "hour": k / 4, "medicine": "esketamine", "dose_mg": 56, "route": "intranasal"}
            for day, k in sorted(times)
        ],
        sessions=[
            {"day": day, "hour": k / 4, "kind": kinds[k % 3], "hours": 0.25, "format": "group"}
            for day, k in sorted(times)
        ],
        practice=[{"from_day": day, "to_day": day + 7, "hours_per_week": 1 + k / 4} for day, k in sorted(times)],
    )
    assert read_event_table(event_table([arm])) == (arm.model_copy(update={"practice": by_day(arm)}),)


def by_day(arm: Arm) -> tuple[Practice, ...]:
    return tuple(sorted(arm.practice, key=lambda practice: practice.from_day))


def numbers_of(row: Dose | Session | Practice) -> list[float]:
    return [value for value in row.model_dump().values() if isinstance(value, float)]


def words_of(row: Dose | Session | Practice) -> list[str]:
    return [str(value) for value in row.model_dump().values() if not isinstance(value, float)]


def test_rows_marked_in_a_first_column_are_passed_over() -> None:
    text = "C,ID,TIME,AMT,CMT\n.,1,0,25,psilocybin_oral\nC,1,24,bad,psilocybin_oral\n"
    (arm,) = read_event_table(text)
    assert len(arm.doses) == 1


def test_covariates_are_passed_over() -> None:
    (arm,) = read_event_table("id,time,amt,cmt,wt,age,sexf,dv,mdv,ss\n1,0,25,psilocybin_oral,70,40,1,.,1,0.0\n")
    assert [dose.dose_mg for dose in arm.doses] == [25]


def test_a_table_in_days_says_so_in_its_header() -> None:
    (arm,) = read_event_table("id,time[d],amt,cmt,addl,ii\n1,2,25,psilocybin_oral,1,21\n")
    assert [(dose.day, dose.hour) for dose in arm.doses] == [(2, 0), (23, 0)]


def test_a_plain_table_of_another_tool() -> None:
    rows = ("1,0,35,1,ketamine_iv,52.5,.,1,0", "1,1,.,0,ketamine_iv,.,84.2,0,0", "2,0,0,0,.,.,.,1,1")
    text = "\n".join(("ID,TIME,AMT,EVID,CMT,RATE,DV,MDV,SEX", *rows))
    first, second = read_event_table(text)
    assert (first.id, second.id) == ("arm1", "arm2")
    assert first.doses[0].duration_h == pytest.approx(35 / 52.5)
    assert second.doses == ()


HEAD = "ID,TIME,AMT,EVID,CMT,RATE,ADDL,II\n"
REFUSED = [
    ("", "the table is empty"),
    (HEAD, "the table has a header but no rows"),
    ("ID,TIM,AMT,CMT\n1,0,1,x\n", "the column TIME is missing; 'TIM' looks like it: call it TIME if it counts hours"),
    (
        "id,DateTime,amt,cmt\n1,2026-01-05 09:00,25,psilocybin_oral\n",
        "'DateTime' looks like date and time in one: divide it into DATE (2026-01-31) and TIME (9:30)",
    ),
    ("ID,TIME,Dose,TIMEU,CMT\n", "the column AMT is missing; 'Dose' looks like it: call it AMT if it holds mg"),
    ("ID,TIMEU,AMT,CMT\n", "the column TIME is missing; the table has ID, TIMEU, AMT, CMT"),
    ("ID,DAY,AMT,CMT\n", "the column TIME is missing; 'DAY' looks like it: call it TIME[day]"),
    (
        "ID,DATE,AMT,CMT\n",
        "the column TIME is missing; it holds the time of the clock, such as 9:30, beside the column",
    ),
    (
        "ID,TIME,AMT,CMT\n1,2026-01-05 09:00,25,psilocybin_oral\n",
        "row 2: '2026-01-05 09:00' is no time of the clock, such as 9:30; its date belongs into a column DATE",
    ),
    ("PID,TIME,AMT,CMT\n", "the column ID is missing; 'PID' looks like it: call it ID"),
    ("ID,TIME,AMT\n1,0,1\n", "the column CMT is missing; the table has ID, TIME, AMT"),
    ("ID,ID,TIME,AMT,CMT\n", "row 1: the column ID stands twice; keep one"),
    (HEAD + "1,0,25,1,psilocybin_oral,0,-1,24\n", "row 2: ADDL must be a whole number of 0 or more, got -1"),
    (HEAD + "1,0,25,1,psilocybin_oral,0,1.5,24\n", "ADDL must be a whole number of 0 or more, got 1.5"),
    (HEAD + "1,0,25,1,psilocybin_oral,0,2,0\n", "ADDL 2 needs an II above 0, got 0"),
    (HEAD + "1,0,25,1,psilocybin_oral,0,99999,1\n", "ADDL must be at most 2000, got 99999"),
    (HEAD + "1,0,25,7,psilocybin_oral,0,0,0\n", "row 2: EVID must be 0, 1, 2, 3 or 4, got 7"),
    (HEAD + "1,0,25,4,psilocybin_oral,0,0,0\n", "EVID 4 empties the body, which a protocol cannot say"),
    (
        HEAD + "1,0,25,1,psilocybin_oral,0,0,0\n1,x,25,1,psilocybin_oral,0,0,0\n",
        "row 3: TIME must be a number, got 'x'",
    ),
    (HEAD + "1,.,25,1,psilocybin_oral,0,0,0\n", "row 2: TIME is empty"),
    (HEAD + "1,1e400,25,1,psilocybin_oral,0,0,0\n", "TIME must be a finite number"),
    (HEAD + ".,0,25,1,psilocybin_oral,0,0,0\n", "row 2: ID is empty"),
    (HEAD + "1,0,25,1,psilocibin_oral,0,0,0\n", "unknown CMT 'psilocibin_oral': did you mean 'psilocybin_oral'"),
    (HEAD + "1,0,35,1,ketamine_iv,-2,0,0\n", "RATE -2 asks for a modelled rate"),
    (HEAD + "1,0,-5,1,psilocybin_oral,0,0,0\n", "row 2: dose_mg: must be at least 0, got -5"),
    (HEAD + "1,0,25,1,psilocybin_oral\n", "row 2: has 5 cells but the header has 8"),
    ("ID,TIME,AMT,CMT,SS\n1,0,25,psilocybin_oral,1\n", "SS (steady state) is not read"),
    ("ID,TIME,AMT,EVID,CMT,KIND,HOURS\n1,0,0,2,session,dozing,8\n", "row 2: kind: unknown kind of session 'dozing'"),
    ('ID,TIME,AMT,CMT\n1,0,25,"psilo\n', "the text is not a CSV table"),
    ("ID,TIME,AMT,CMT\n1,0,25,2\n", "row 2: CMT 2 is a number; write medicine and route instead, such as ketamine_iv"),
    (
        "ID,TIME,AMT,CMT,ARM\n1,0,25,psilocybin_oral,a\n1,24,25,psilocybin_oral,b\n",
        "row 3: ID 1 stands in ARM 'b' and in ARM 'a'",
    ),
    (
        "ID,TIME,AMT,EVID,CMT,KIND,HOURS\n1,0,0,2,sesion,dosing,8\n",
        "row 2: an EVID 2 row of KIND dosing has the CMT 'session', got 'sesion'",
    ),
    (
        "ID,TIME,AMT,EVID,CMT,KIND,HOURS\n1,0,0,2,session,practice,3\n",
        "row 2: UNTIL is empty; practice needs the time at which it ends",
    ),
    (
        "ID,TIME,AMT,EVID,CMT,KIND,HOURS,UNTIL\n1,48,0,2,session,practice,3,24\n",
        "row 2: practice must end after it begins, got day 2 to day 1",
    ),
]


@pytest.mark.parametrize(("text", "expected"), REFUSED, ids=[expected[:50] for _, expected in REFUSED])
def test_a_bad_table_is_refused_in_one_sentence(text: str, expected: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        read_event_table(text)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_of_events_is_a_protocol(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(event_table([MDMA]), encoding="utf-8")
    protocol = Protocol.from_file(path)
    assert protocol.arms[0].doses == MDMA.doses
    assert protocol.population.condition == "ptsd"


@pytest.mark.parametrize("medicine", ["ketamine", "esketamine", "psilocybin", "mdma"])
def test_every_starter_travels_through_a_table(medicine: str) -> None:
    arms = Protocol.from_yaml(starter(medicine)).arms
    back = read_event_table(event_table(arms, weight_kg=75))
    assert [arm.sessions for arm in back] == [arm.sessions for arm in arms]
    assert [[d.time_h for d in arm.doses] for arm in back] == [[d.time_h for d in arm.doses] for arm in arms]
