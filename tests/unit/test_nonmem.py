"""NONMEM event tables: what is written, what is read back, and what is refused."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from afterglow.errors import FileError, ProtocolError
from afterglow.protocol import Arm, Protocol, event_table, read_event_file, read_event_table, starter, write_event_file

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
    ("ID,TIM,AMT,CMT\n1,0,1,x\n", "the column TIME is missing; did you mean 'TIM'?"),
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
]


@pytest.mark.parametrize(("text", "expected"), REFUSED, ids=[expected[:50] for _, expected in REFUSED])
def test_a_bad_table_is_refused_in_one_sentence(text: str, expected: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        read_event_table(text)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files(tmp_path: Path) -> None:
    path = write_event_file([MDMA], tmp_path / "events.csv")
    assert read_event_file(path)[0].doses == MDMA.doses
    protocol = Protocol.from_file(path)
    assert protocol.arms[0].doses == MDMA.doses
    assert protocol.population.condition == "ptsd"
    with pytest.raises(FileError, match="does not exist; make it first"):
        write_event_file([MDMA], tmp_path / "no" / "events.csv")


@pytest.mark.parametrize("medicine", ["ketamine", "esketamine", "psilocybin", "mdma"])
def test_every_starter_travels_through_a_table(medicine: str) -> None:
    arms = Protocol.from_yaml(starter(medicine)).arms
    back = read_event_table(event_table(arms, weight_kg=75))
    assert [arm.sessions for arm in back] == [arm.sessions for arm in arms]
    assert [[d.time_h for d in arm.doses] for arm in back] == [[d.time_h for d in arm.doses] for arm in arms]
