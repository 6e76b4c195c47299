"""Event tables of other tools: every column that changes what is given is read or refused by name, and none is lost."""

from __future__ import annotations

import contextlib
import datetime as dt
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.strategies import protocols
from typer.testing import CliRunner

from afterglow.cli.main import app
from afterglow.errors import ProtocolError
from afterglow.evidence import read_protocol, reading_of
from afterglow.protocol import Arm, Dose, Protocol, event_table, read_event_table
from afterglow.protocol.events.reading import event_table_from
from afterglow.protocol.files import file_text

few = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def doses_of(text: str, **how: object) -> list[tuple[float, float | None, float | None]]:
    """Hours, amount and infusion time of the only arm's doses."""
    (arm,) = read_event_table(text, **how)  # type: ignore[arg-type]
    return [(dose.time_h, dose.dose_mg or dose.dose_mg_per_kg, dose.duration_h) for dose in arm.doses]


def table(header: str, *rows: str) -> str:
    return "\n".join((header, *rows)) + "\n"


AT_WEEKS = [(0, 35, None), (168, 35, None)]


@pytest.mark.parametrize(
    "text",
    [
        table("ID,TIME,TIMEUNIT,AMT,CMT", "1,0,Days,35,ketamine_iv", "1,7,Days,35,ketamine_iv"),
        table("ID,TIME,TUNIT,AMT,CMT", "1,0,wk,35,ketamine_iv", "1,1,wk,35,ketamine_iv"),
        table("ID,TIME,UNIT,AMT,CMT", "1,0,d,35,ketamine_iv", "1,7,d,35,ketamine_iv"),
        table("ID,TIME_DAYS,AMT,CMT", "1,0,35,ketamine_iv", "1,7,35,ketamine_iv"),
        table("ID,TIME (min),AMT,CMT", "1,0,35,ketamine_iv", "1,10080,35,ketamine_iv"),
        table("ID,TIME[d],AMT,CMT,ADDL,II", "1,0,35,ketamine_iv,1,7"),
        table("ID,TIME,AMT,CMT,ADDL,II[d]", "1,0,35,ketamine_iv,1,7"),
        table("ID,DATE,TIME,AMT,CMT", "1,01/31/24,9,35,ketamine_iv", "1,2/7/24,9,35,ketamine_iv"),
        table("ID,DATE,TIME,AMT,CMT", "1,2024-01-31,9,35,ketamine_iv", "1,2024-02-07,9,35,ketamine_iv"),
        table("ID,DAT1,TIME,AMT,CMT", "1,31-01-24,9:15,35,ketamine_iv", "1,07-02-24,9.25,35,ketamine_iv"),
        table("ID,DAT2,TIME,AMT,CMT", "1,24/12/28,23:30:00,35,ketamine_iv", "1,25/1/4,23:30,35,ketamine_iv"),
        table("ID,DAT3,TIME,AMT,CMT", "1,1999-31-12,9,35,ketamine_iv", "1,2000-07-01,9,35,ketamine_iv"),
        table("ID,DATE,TIME,AMT,CMT", "1,3,9:00,35,ketamine_iv", "1,10,9:00,35,ketamine_iv"),
        table("ID,DATE,TIME,AMT,CMT,ADDL,II", "1,3,9:00,35,ketamine_iv,1,168:00"),
        table("ID,TIME,DAY,WEEK,AMT,CMT", "1,0,1,0,35,ketamine_iv", "1,168,8,1,35,ketamine_iv"),
    ],
)
def test_times_are_read_in_the_unit_and_form_that_the_table_names(text: str) -> None:
    assert doses_of(text) == AT_WEEKS


@pytest.mark.parametrize(
    "text",
    [
        table("ID,TIME,AMT,AMTU,CMT", "1,0,50,ug,ketamine_iv"),
        table("ID,TIME,AMT,UNIT,CMT", "1,0,50,mcg,ketamine_iv"),
        table("ID,TIME,AMT,DOSE_UNITS,CMT", "1,0,0.05,mg,ketamine_iv"),
        table("ID,TIME,AMT[µg],CMT", "1,0,50,ketamine_iv"),
        table("ID,TIME,AMT_UG,CMT", "1,0,50,ketamine_iv"),
        table("ID,TIME,AMT,EXDOSU,CMT", "1,0,0.00005,g,ketamine_iv"),
    ],
)
def test_amounts_are_read_in_the_unit_that_the_table_names(text: str) -> None:
    assert doses_of(text) == [(0, pytest.approx(0.05, rel=1e-15), None)]


def test_an_amount_by_weight_is_a_dose_by_weight() -> None:
    (arm,) = read_event_table(table("ID,TIME,AMT,AMTU,CMT,DUR", "1,0,0.5,mg/kg,ketamine_iv,0.5"))
    assert (arm.doses[0].dose_mg, arm.doses[0].dose_mg_per_kg, arm.doses[0].duration_h) == (None, 0.5, 0.5)


@pytest.mark.parametrize(
    "text",
    [
        table("ID,TIME,AMT,CMT,DURATION", "1,0,35,ketamine_iv,0.5"),
        table("ID,TIME,AMT,CMT,TINFH,INFDUR,D1", "1,0,35,ketamine_iv,0.5,.5,0.5"),
        table("ID,TIME,AMT,CMT,TINF_MIN", "1,0,35,ketamine_iv,30"),
        table("ID,TIME,AMT,CMT,infusion time", "1,0,35,ketamine_iv,0.5"),
        table("ID,TIME,AMT,CMT,HOURS", "1,0,35,ketamine_iv,0.5"),
        table("ID,TIME,AMT,CMT,RATE,DUR", "1,0,35,ketamine_iv,70,0.501"),
        table("ID,TIME,AMT,CMT,RATE,D1", "1,0,35,ketamine_iv,-2,0.5"),
        table("ID,TIME,AMT,CMT,RATE,R1", "1,0,35,ketamine_iv,-1,70"),
        table("ID,TIME[d],AMT,CMT,RATE", "1,0,35,ketamine_iv,1680"),
        table("ID,TIME[d],AMT,CMT,DUR", "1,0,35,ketamine_iv,0.0208333333333333"),
        table("ID,TIME[d],AMT,CMT,DUR[h]", "1,0,35,ketamine_iv,0.5"),
        table("ID,TIME[d],AMT,CMT,RATE[mg/h]", "1,0,35,ketamine_iv,70"),
        table("ID,TIME,AMT,AMTU,CMT,RATE", "1,0,35000,ug,ketamine_iv,70000"),
        table("ID,TIME,AMT,AMTU,CMT,RATE,RATEU", "1,0,35000,ug,ketamine_iv,70,mg/h"),
    ],
)
def test_infusion_times_are_read_under_any_name(text: str) -> None:
    assert doses_of(text) == [(0, 35, pytest.approx(0.5, abs=1e-8))]


def test_an_empty_infusion_time_is_at_once() -> None:
    text = table("ID,TIME,AMT,CMT,DUR,R1,RATE", "1,0,35,ketamine_iv,.,0,", "1,24,35,ketamine_iv,0.5,.,NA")
    assert doses_of(text) == [(0, 35, None), (24, 35, 0.5)]


def test_a_placebo_may_run_over_time_too() -> None:
    assert doses_of(table("ID,TIME,AMT,EVID,CMT,DUR", "1,0,0,1,placebo_iv,0.5")) == [(0, None, 0.5)]


REFUSED = [
    ("ID,DAY,TIME,AMT,CMT", "1,7,0.5,35,ketamine_iv", "row 2: DAY is not read; give TIME alone"),
    ("ID,DATETIME,TIME,AMT,CMT", "1,2024-01-05T09:00,0,35,ketamine_iv", "row 2: DATETIME is not read"),
    ("ID,DATE,TIME,AMT,CMT", "1,31/01/24,0,35,ketamine_iv", "DATE '31/01/24' is no date when read as month-day-year"),
    ("ID,DAT1,TIME,AMT,CMT", "1,5-Jan-24,0,35,ketamine_iv", "DAT1 must be a date as day-month-year in digits"),
    ("ID,DAT1,TIME,AMT,CMT", "1,20240105,0,35,ketamine_iv", "DAT1 must be a date as day-month-year in digits"),
    ("ID,DATE,TIME,AMT,CMT", "1,5,9:75,35,ketamine_iv", "'9:75' is no time of the clock, such as 9:30"),
    ("ID,DATE,TIME[d],AMT,CMT", "1,5,9,35,ketamine_iv", "TIME is a time of the clock here, so it cannot be in d"),
    ("ID,TIME,STOPTIME,AMT,CMT", "1,0,0.667,35,ketamine_iv", "row 2: STOPTIME is not read; give the infusion"),
    ("ID,TIME,TEND,AMT,CMT", "1,0,0.667,35,ketamine_iv", "row 2: TEND is not read; give the infusion"),
    ("ID,DAT4,TIME,AMT,CMT", "1,24-05-01,0,35,ketamine_iv", "row 2: DAT4 is not read; give TIME alone"),
    ("ID,TIME,AMT,CMT,INFUSION", "1,0,35,ketamine_iv,1", "row 2: INFUSION is not read; give the infusion as RATE"),
    ("ID,TIME,AMT,CMT,STEADY_STATE", "1,0,35,ketamine_iv,1", "row 2: STEADY_STATE (steady state) is not read"),
    ("ID,TIME,AMT,CMT,MULTIPLIER", "1,0,35,ketamine_iv,2", "row 2: MULTIPLIER is not read; multiply AMT by it"),
    ("ID,TIME,TIME_D,AMT,CMT", "1,0,0,35,ketamine_iv", "row 1: the columns TIME and TIME_D say the same; keep one"),
    ("ID,TIME[moons],AMT,CMT", "1,0,35,ketamine_iv", "the column TIME[moons] cannot be read: 'moons' is not a unit"),
    ("ID,TIME,TIMEU,AMT,CMT", "1,0,.,35,ketamine_iv", "row 2: TIMEU is empty; write the unit of TIME"),
    ("ID,TIME[d],TIMEU,AMT,CMT", "1,0,h,35,ketamine_iv", "TIME[d] and TIMEU ('h') name other units"),
    ("ID,TIME,AMT,AMTU,CMT", "1,0,35,nmol,ketamine_iv", "row 2: 'nmol' is not a unit of an amount"),
    ("ID,TIME,AMT,MASS,CMT", "1,0,35,ug,ketamine_iv", "row 2: MASS is not read; tell the unit of AMT in AMTU"),
    ("ID,TIME,AMT,AMT2,CMT", "1,0,35,70,ketamine_iv", "row 2: AMT2 is not read; give the amount as AMT alone"),
    ("ID,TIME,AMT,CMT,INFLEN2", "1,0,35,ketamine_iv,0.7", "row 2: INFLEN2 is not read; give the infusion as RATE"),
    ("ID,TIME,AMT,CMT,IVRATE", "1,0,35,ketamine_iv,50", "row 2: IVRATE is not read; give the infusion as RATE"),
    ("ID,TIME,AMT,CMT,RATE,DUR", "1,0,35,ketamine_iv,70,0.7", "RATE and DUR say different infusion times, 0.5 h and"),
    ("ID,TIME,AMT,CMT,RATE,DUR", "1,0,35,ketamine_iv,0,0.7", "RATE 0 gives the dose at once but DUR says 0.7 h"),
    ("ID,TIME,AMT,CMT,RATE,RATEU", "1,0,35,ketamine_iv,70,mL/h", "RATE is in 'mL/h' but must be in mg per time"),
    ("ID,TIME,AMT,CMT,DUR", "1,0,35,ketamine_iv,-1", "row 2: DUR must be at least 0"),
    ("ID,TIME,AMT,CMT,F1", "1,0,35,ketamine_iv,0.5", "row 2: F1 is not read; bioavailability belongs to the model"),
    ("ID,TIME,AMT,CMT,ALAG1", "1,0,35,ketamine_iv,0.5", "row 2: ALAG1 (a lag) is not read"),
    ("ID,TIME,AMT,CMT,TAU", "1,0,35,ketamine_iv,24", "row 2: TAU is not read; give repeats as ADDL and II"),
    ("ID,TIME,AMT,CMT,UNTIL", "1,0,35,ketamine_iv,240", "row 2: UNTIL is the end of practice; give the repeats of"),
    ("ID,TIME,AMT,CMT,ROUTE", "1,0,35,ketamine_iv,oral", "row 2: ROUTE says another route than CMT; keep one"),
    ("ID,TIME,AMT,CMT,DRUG", "1,0,35,ketamine_iv,MDMA", "row 2: DRUG says another medicine than CMT; keep one"),
    ("ID,TIME,AMT,CMT,EXCLUDE", "1,0,35,ketamine_iv,1", "row 2: EXCLUDE marks the row; leave the row or the mark out"),
    ("ID,TIME,AMT,EVID,CMT", "1,0,35,0,ketamine_iv", "row 2: AMT is 35 but EVID 0 gives nothing; use EVID 1"),
    ("ID,TIME,AMT,EVID,CMT", "1,0,35,2,ketamine_iv", "row 2: AMT is 35 but EVID 2 gives nothing; use EVID 1"),
    ("ID,TIME,AMT,EVID,CMT", "1,0,35,3,ketamine_iv", "EVID 3 empties the body, which a protocol cannot say"),
    ("ID,TIME,AMT,EVID,CMT", "1,0,35,101,ketamine_iv", "EVID must be 0, 1, 2, 3 or 4, got 101"),
    ("ID,TIME,AMT,EVID,CMT", "1,0,0,2,-1", "row 2: CMT -1 turns a compartment off"),
    ("ID,TIME,AMT,EVID,CMT", "1,0,35,1,placebo_iv", "row 2: placebo holds no medicine, got 35 mg"),
    ("ID,TIME,AMT,EVID,CMT,RATE", "1,0,0,1,placebo_iv,50", "row 2: RATE needs an AMT"),
    ("ID,TIME,AMT,EVID,CMT", "1,0,35,1,session", "row 2: a row with the CMT 'session' has the EVID 2"),
    ("ID,TIME,AMT,EVID,CMT", "1,0,35,1,.", "row 2: CMT is empty; write medicine and route, such as ketamine_iv"),
    (
        "ID,TIME,AMT,CMT,RATE,MDV",
        "1,0,.,ketamine_iv,50,1",
        "row 2: RATE is 50 but AMT is empty; a dose needs its amount",
    ),
    ("ID,TIME,AMT,CMT,ADDL,II", "1,0,.,ketamine_iv,5,24", "row 2: ADDL is 5 but AMT is empty; a dose needs its amount"),
    ("ID,TIME,AMT,EVID,CMT,KIND,HOURS", "1,0,0,0,session,integration,1", "row 2: a session has EVID 2, but EVID is 0"),
    ("ID,TIME,AMT,CMT,KIND", "1,0,35,ketamine_iv,slow", "row 2: KIND of a dose is empty or 'extrapolated', got 'slow'"),
    (
        "ID;TIME;AMT;CMT",
        "1;0,5;35;ketamine_iv",
        "row 2: TIME must be a number, but '0,5' has a decimal comma; write 0.5",
    ),
    (
        "ID,TIME,AMT,CMT",
        '1,0,"1,250",ketamine_iv',
        "AMT must be a number, but '1,250' has a comma; write 1.250, or 1250",
    ),
    (
        "ID,TIME,AMT,CMT",
        "1,0,35,5,ketamine_iv",
        "has 5 cells but the header has 4; a decimal comma may divide a number",
    ),
    ("ID,TIME,AMT,CMT", "1,0,1_0,ketamine_iv", "AMT must be a number, got '1_0'"),
    (
        "ID,TIME,AMT,CMT",
        "1,0,35,2",
        "is a number; write medicine and route instead, such as ketamine_iv, or say what it is",
    ),
]


@pytest.mark.parametrize(("header", "row", "expected"), REFUSED, ids=[f"{h}: {r}" for h, r, _ in REFUSED])
def test_what_cannot_be_read_is_refused_by_name(header: str, row: str, expected: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        read_event_table(table(header, row))
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("days", [("0", "1"), ("1", "2"), ("2", "2")])
def test_a_column_of_days_counts_the_same_in_all_rows(days: tuple[str, str]) -> None:
    header, rows = "ID,DAY,TIME,AMT,CMT", [f"1,{day},{9 * k},35,ketamine_iv" for k, day in enumerate(days)]
    with pytest.raises(ProtocolError, match="DAY is not read; give TIME alone"):
        read_event_table(table(header, *rows))
    again = [f"1,{day},{24 * k},35,ketamine_iv" for k, day in enumerate((3, 4), start=3)]
    assert len(doses_of(table(header, *again))) == 2


def test_dates_under_any_name_do_not_change_from_dose_to_dose() -> None:
    header = "ID,DATUM,DOB,TIME,AMT,CMT"
    rows = ("1,24-01-05,1970-01-01,0,35,ketamine_iv", "2,24-02-05,1980-01-01,0,35,ketamine_iv")
    assert len(read_event_table(table(header, *rows))) == 1
    with pytest.raises(ProtocolError, match="row 4: DATUM is not read; give TIME alone"):
        read_event_table(table(header, *rows, "2,24-02-12,1980-01-01,0.5,35,ketamine_iv"))


def test_a_time_that_runs_backwards_is_refused() -> None:
    rows = ("1,0,1,35,ketamine_iv", "1,72,1,35,ketamine_iv", "1,0,2,35,ketamine_iv")
    with pytest.raises(ProtocolError, match="row 4: TIME 0 h lies before a dose of the same ID above, at 72 h"):
        read_event_table(table("ID,TIME,OCC,AMT,CMT", *rows))


def test_what_changes_nothing_is_passed_over_and_listed() -> None:
    header = "id,time,amt,cmt,wt,age,sexf,dv,mdv,ss,F1,ALAG1,ntime,DOSE,ROUTE,DRUG,DVU,TRTU,,DURDIS"
    found = event_table_from(
        table(header, "1,0,25,psilocybin_oral,70,40,1,.,1,0,1,0,24,0.4,PO,Psilocybin,ng/mL,mg,x,.")
    )
    assert [dose.dose_mg for dose in found.arms[0].doses] == [25]
    (note,) = found.notes
    names = "wt, age, sexf, dv, mdv, ss, F1, ALAG1, ntime, DOSE, ROUTE, DRUG, DVU, TRTU, one without a name, DURDIS"
    assert note == f"columns that are passed over: {names}"


PLAIN = ("1,0,35,1,ketamine_iv,70,2,72", [(0, 35, 0.5), (72, 35, 0.5), (144, 35, 0.5)])


@pytest.mark.parametrize("separator", [",", ", ", "\t", ";", "|", " ", "   "])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n"])
def test_separators_and_ends_of_lines(separator: str, end: str) -> None:
    rows = ("ID,TIME,AMT,EVID,CMT,RATE,ADDL,II", PLAIN[0])
    assert doses_of(end.join(row.replace(",", separator) for row in rows)) == PLAIN[1]


def test_a_spreadsheet_may_say_what_divides_the_cells() -> None:
    assert doses_of("sep=;\nID;TIME;AMT;CMT;NOTE, FREE\n1;0;35;ketamine_iv;a, b, c, d\n;;;;\n") == [(0, 35, None)]


def test_a_table_that_nonmem_wrote_is_read() -> None:
    text = (
        "TABLE NO.  1\n ID          TIME        AMT         EVID        CMT\n"
        "  1.0000E+00  0.0000E+00  3.5000E+01  1.0000E+00  1.0000E+00\n"
        "TABLE NO.  1\n ID          TIME        AMT         EVID        CMT\n"
        "  1.0000E+00  7.2000E+01  3.5000E+01  1.0000E+00  1.0000E+00\n"
    )
    assert doses_of(text, cmt={1: "ketamine_iv"}) == [(0, 35, None), (72, 35, None)]


@pytest.mark.parametrize(
    ("comments", "rows"),
    [
        ("3", ("1,0,35,1,ketamine_iv", "#1,300,35,1,ketamine_iv")),
        ("3-4", ("1,0,35,1,ketamine_iv", "@1,300,35,1,ketamine_iv", ' # a "quote, or two')),
        ("2, 4", ("C1,0,35,1,ketamine_iv", "1,0,35,1,ketamine_iv", "Comment,0,35,1,ketamine_iv")),
    ],
)
def test_comments_are_passed_over_and_named(comments: str, rows: tuple[str, ...]) -> None:
    for header in ("ID,TIME,AMT,EVID,CMT", "#ID,TIME,AMT,EVID,CMT", "@ID,TIME,AMT,EVID,CMT", "CID,TIME,AMT,EVID,CMT"):
        found = event_table_from(table(header, *rows))
        assert [len(arm.doses) for arm in found.arms] == [1]
        assert found.notes == (f"lines that are comments and are passed over: {comments}",)


def test_a_comment_may_stand_above_the_header() -> None:
    found = event_table_from(table("# made on a Tuesday; by hand", "ID,TIME,AMT,CMT", "1,0,35,ketamine_iv"))
    assert found.notes == ("lines that are comments and are passed over: 1",)


def test_people_may_have_names() -> None:
    header = "ID,TIME,AMT,CMT"
    (arm,) = read_event_table(table(header, "C1,0,35,ketamine_iv", "P2,0,35,ketamine_iv"))
    assert arm.n == 2
    with pytest.raises(ProtocolError, match="row 3: ID 'P2' is no number where others are; a comment begins with #"):
        read_event_table(table(header, "1,0,35,ketamine_iv", "P2,0,35,ketamine_iv"))


def test_one_person_is_one_however_the_number_is_spelt() -> None:
    ids = ("1.0", "1", "01", "1.0000E+00", "+1")
    text = table("ID,TIME,AMT,CMT", *(f"{name},{24 * k},35,ketamine_iv" for k, name in enumerate(ids)))
    assert doses_of(text) == [(24 * k, 35, None) for k in range(5)]
    assert event_table_from(text).notes == ()


def test_an_id_that_comes_back_is_said() -> None:
    rows = ("1,0,35,ketamine_iv", "2,0,20,ketamine_iv", "1,72,35,ketamine_iv")
    found = event_table_from(table("ID,TIME,AMT,CMT", *rows))
    assert [len(arm.doses) for arm in found.arms] == [2, 1]
    (note,) = found.notes
    assert note.endswith("is read as the same person, but NONMEM would take it for a new one: 1 in row 4")


def test_compartments_are_what_somebody_says_they_are() -> None:
    text = table("ID,TIME,AMT,CMT", "1,0,35,1.0", "1,24,25,depot", "1,48,56,esketamine_intranasal")
    (arm,) = read_event_table(text, cmt={1: "ketamine_iv", "Depot": "psilocybin_oral"})
    assert [dose.medicine for dose in arm.doses] == ["ketamine", "psilocybin", "esketamine"]
    assert doses_of(table("ID,TIME,AMT", "1,0,35"), cmt={1: "ketamine_iv"}) == [(0, 35, None)]
    assert doses_of(table("ID,TIME,AMT,ADM", "1,0,35,2"), cmt={2: "ketamine_iv"}) == [(0, 35, None)]
    assert doses_of(table("ID,TIME,AMT,EVID,CMT", "1,0,35,1,0"), cmt={1: "ketamine_iv"}) == [(0, 35, None)]
    with pytest.raises(ProtocolError, match="unknown CMT 'ketamin_iv': did you mean 'ketamine_iv'"):
        read_event_table(text, cmt={1: "ketamin_iv"})
    with pytest.raises(ProtocolError, match=r"the column CMT is missing; .* --cmt 1=ketamine_iv"):
        read_event_table(table("ID,TIME,AMT", "1,0,35"))


def test_sessions_are_repeated_and_need_no_evid() -> None:
    text = table("ID,TIME,AMT,CMT,KIND,HOURS,ADDL,II", "1,0,.,session,psychotherapy,1,2,168")
    (arm,) = read_event_table(text)
    assert [session.day for session in arm.sessions] == [0, 7, 14]


def test_an_arm_may_be_called_anything_a_protocol_calls_it() -> None:
    row = "1,0,{},ketamine_iv,{}"
    long = "x" * 80
    arms = read_event_table(
        table("ID,TIME,AMT,CMT,ARM", row.format(35, "NA"), *(f"{k},0,{k},ketamine_iv,{long}" for k in (2, 3)))
    )
    assert [arm.id for arm in arms] == ["NA", f"{'x' * 75} ID 2", f"{'x' * 75} ID 3"]
    arms = read_event_table(table("ID,TIME,AMT,CMT,ARM", row.format(35, "arm2"), "2,0,20,ketamine_iv,."))
    assert [arm.id for arm in arms] == ["arm2", "arm2'"]


INFUSIONS = ("RATE", "DUR", "TINF_MIN", "D1")
DATES = {"DATE": "%m-%d-%y", "DAT1": "%d/%m/%Y", "DAT2": "%y-%m-%d", "DAT3": "%Y/%d/%m"}
EPOCH = dt.date(2023, 12, 20)


def spelt(draw: random.Random, doses: list[tuple[int, float, int]]) -> tuple[str, bool]:
    """Write doses of hours, mg and minutes as a table in a spelling of its own; say whether its times are dates."""
    separator, end = draw.choice([",", " , ", "\t", ";", "|", "  "]), draw.choice(["\n", "\r\n", "\r"])
    when = draw.choice(["TIME", "TIME[d]", "TIME_MIN", "TIMEUNIT", *DATES])
    unit, per_mg = draw.choice([("mg", 1.0), ("ug", 1000.0), ("g", 0.001)])
    infusion = draw.choice(INFUSIONS)
    per_h = {"TIME[d]": 1 / 24, "TIME_MIN": 60.0}.get(when, 1.0)
    lines = []
    for hours, mg, minutes in doses:
        length = minutes / 60
        cells = {"ID": draw.choice(["7", "7.0", "07"]), "AMT": repr(mg * per_mg), "AMTU": unit, "CMT": "ketamine_iv"}
        cells["EVID"] = "1"
        if when in DATES:
            date = EPOCH + dt.timedelta(days=hours // 24)
            cells |= {when: date.strftime(DATES[when]), "TIME": f"{hours % 24}:00"}
        elif when == "TIMEUNIT":
            cells |= {"TIME": repr(hours / 24), "TIMEUNIT": "days"}
            per_h = 1 / 24
        else:
            cells[when] = repr(hours * per_h)
        cells |= {
            "RATE": {"RATE": repr(mg * per_mg / (length * per_h))},
            "DUR": {"DUR": repr(length * per_h)},
            "TINF_MIN": {"TINF_MIN": str(minutes)},
            "D1": {"RATE": "-2", "D1": repr(length * per_h)},
        }[infusion]
        lines += [cells, {**cells, "AMT": "0", "EVID": "0"}, None]
    names = [name for name in lines[0] if name != "ID"]  # type: ignore[union-attr]
    draw.shuffle(names)
    names = ["ID", *names]
    cased = [name if draw.random() < 0.5 else name.lower() for name in names]
    rows = [separator.join(cased)]
    rows += [
        "# 7,1,99,1,ketamine_iv" if line is None else separator.join(line[name] for name in names) for line in lines
    ]
    return end.join(rows), when in DATES


@few
@given(
    st.randoms(use_true_random=False),
    st.lists(st.tuples(st.integers(0, 2000), st.floats(1, 60), st.integers(1, 600)), min_size=1, max_size=4).map(
        lambda rows: sorted({hours: (hours, mg, minutes) for hours, mg, minutes in rows}.values())
    ),
)
def test_the_same_doses_come_out_of_any_spelling(draw: random.Random, doses: list[tuple[int, float, int]]) -> None:
    text, is_dated = spelt(draw, doses)
    start = doses[0][0] if is_dated else 0  # dates count from the first row
    found = doses_of(text)
    assert len(found) == len(doses)
    for (hours, mg, length), (time, amount, minutes) in zip(found, doses, strict=True):
        assert hours == pytest.approx(time - start, abs=1e-6)
        assert mg == pytest.approx(amount, rel=1e-12)
        assert length == pytest.approx(minutes / 60, abs=1e-6)


@few
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "#", "C"]), st.sampled_from(["0", "1", "2", "."]), st.sampled_from(["0", ".", "35"])
        ),
        min_size=1,
        max_size=6,
    )
)
def test_every_row_with_an_amount_is_given_or_named(rows: list[tuple[str, str, str]]) -> None:
    lines = [f"{mark}1,{24 * k},{amount},{event},ketamine_iv" for k, (mark, event, amount) in enumerate(rows)]
    try:
        found = event_table_from(table("ID,TIME,AMT,EVID,CMT", "1,-24,5,1,ketamine_iv", *lines))
    except ProtocolError as error:
        named = rows[int(error.where.removeprefix("row ")) - 3]
        assert named[2] == "35" or named[1] == "1"  # not given, or a dose of nothing
        return
    comments = [amount for mark, _, amount in rows if mark]
    assert len(found.arms[0].doses) - 1 == sum(amount == "35" for mark, _, amount in rows if not mark)
    assert any("comments" in note for note in found.notes) == bool(comments)


NAMES = [
    "ID",
    "TIME",
    "AMT",
    "EVID",
    "CMT",
    "RATE",
    "ADDL",
    "II",
    "KIND",
    "DUR",
    "DATE",
    "AMTU",
    "DAY",
    "UNTIL",
    "X[h]",
]
CELLS = [
    "",
    ".",
    "1",
    "0",
    "-1",
    "1e308",
    "1e-320",
    "35",
    "7:30",
    "1/2/24",
    "99/99/99",
    "ug",
    "d",
    "x",
    '"',
    "#",
    "ketamine_iv",
]


@few
@given(
    st.permutations(NAMES).flatmap(
        lambda names: st.tuples(
            st.just(names),
            st.lists(st.lists(st.sampled_from(CELLS), min_size=len(NAMES), max_size=len(NAMES)), max_size=4),
        )
    ),
    st.text(max_size=30),
)
def test_any_table_ends_in_arms_or_one_sentence(whole: tuple[list[str], list[list[str]]], odd: str) -> None:
    names, rows = whole
    for text in (table(",".join(names), *map(",".join, rows)), odd, table("ID,TIME,AMT,CMT", odd)):
        with contextlib.suppress(ProtocolError):
            event_table_from(text)


def as_file(folder: Path, text: str, name: str = "events.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(protocols())
def test_what_export_writes_check_accepts(tmp_path: Path, protocol: Protocol) -> None:
    arm = protocol.arms[0]
    reading = reading_of(as_file(tmp_path, event_table([arm], weight_kg=protocol.population.weight_mean_kg)))
    assert reading.mistakes == ()
    assert reading.protocol is not None
    assert len(reading.protocol.arms[0].doses) == len(arm.doses)


@pytest.mark.parametrize(
    "steps",
    [
        ["ketamine 1 mg/kg iv over 40 min on day 0"],
        ["psilocybin 60 mg oral on day 0"],
        ["MDMA 120 mg oral on day 0, then 60 mg after 2 h, then 60 mg after 4 h"],
        ["practice 1 h per week from day 0 to day 500"],
        ["integration 90 min individual on day 3640"],
        ["psychotherapy 60 min individual on day 1: supportive"],
    ],
)
def test_what_a_protocol_allows_comes_back_from_its_table(tmp_path: Path, steps: list[str]) -> None:
    arm = Arm(id="a", steps=steps)
    plan = Protocol(
        horizon_days=3650,
        population={"condition": "major_depression", "scale": "MADRS", "baseline_mean": 30, "baseline_sd": 5},
        arms=[arm],
        assessments=[{"scale": "MADRS", "days": [-1, 7]}],
        allow_extrapolation=True,
    )
    written, back = as_file(tmp_path, plan.to_yaml(), "plan.yaml"), tmp_path / "back.csv"
    run = CliRunner()
    assert run.invoke(app, ["export", "nonmem", str(written), "-o", str(back)]).exit_code == 0
    assert run.invoke(app, ["check", str(back)]).exit_code == 0
    (read,) = read_protocol(back).arms
    assert read.sessions == arm.sessions
    assert read.practice == arm.practice
    assert [dose.time_h for dose in read.doses] == [dose.time_h for dose in arm.doses]


def test_what_a_protocol_does_not_allow_is_not_allowed_by_its_table() -> None:
    over = Dose(day=0, medicine="psilocybin", dose_mg=60, route="oral")
    assert "extrapolated" not in event_table([Arm(id="a", doses=[over])])


def test_compartments_are_an_option_of_check(tmp_path: Path) -> None:
    path = as_file(tmp_path, table("ID\tTIME\tAMT\tCMT\tDV", "1\t0\t35\t1\t.", "1\t72\t25\t2\t."), "events.tsv")
    run = CliRunner()
    told = run.invoke(app, ["check", str(path), "--cmt", "1=ketamine_iv", "--cmt", "2 = psilocybin_oral"])
    assert told.exit_code == 0
    assert "arm1: 2 doses" in told.output
    assert "note: columns that are passed over: DV" in told.output
    for option, said in (("ketamine_iv", "--cmt must be like 1=ketamine_iv"), ("1=ketamin_iv", "unknown CMT")):
        refused = run.invoke(app, ["check", str(path), "--cmt", option])
        assert said in f"{refused.exception} {refused.output}"
    yaml = as_file(tmp_path, "title: a\n", "plan.yaml")
    refused = run.invoke(app, ["check", str(yaml), "--cmt", "1=ketamine_iv"])
    assert refused.exit_code == 2
    assert "compartments belong to an event table" in refused.output


def test_observations_do_not_count_against_the_size(tmp_path: Path) -> None:
    rows = ("1,0,35,1,ketamine_iv,.", *[f"1,1,0,0,.,{'1' * 500}"] * 2000)
    path = as_file(tmp_path, table("ID,TIME,AMT,EVID,CMT,DV", *rows))
    assert path.stat().st_size > file_text.MOST_BYTES
    assert len(read_protocol(path).arms[0].doses) == 1


@pytest.mark.parametrize("option", [["-n", "0,5"], ["--participants", "1,000"], ["--draws", "2,5"], ["--seed", "1,5"]])
def test_an_option_with_a_comma_is_told_so_in_a_sentence(option: list[str]) -> None:
    refused = CliRunner().invoke(app, ["simulate", "nothing.yaml", *option])
    message = "must be a whole number, without a decimal comma or a mark between thousands, got"
    assert f"{message} '{option[1]}'" in str(refused.exception)
