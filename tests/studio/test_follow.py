"""The page Follow on the server: lines as typed, what is pasted, the forecast, and that nothing of it is kept."""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from afterglow.errors import AfterglowError
from afterglow.forecast import forecast
from afterglow.safety.scores import WHERE_TO_TURN
from afterglow.studio.designs.choices import choices
from afterglow.studio.designs.design import Design, protocol_of
from afterglow.studio.follow import answer as answers
from afterglow.studio.follow.lines import Line, Reading, read_lines
from afterglow.studio.follow.pasted import pasted_lines

ROWS = (("0", "MADRS", "33"), ("14", "MADRS", "21"), ("28", "MADRS", "24"))


def lines(*rows: tuple[str, str, str]) -> tuple[Line, ...]:
    return tuple(Line(when=when, what=what, value=value) for when, what, value in rows)


def read(*rows: tuple[str, str, str], start: str = "", with_plan: bool = False) -> Reading:
    return read_lines(lines(*rows), start=start, with_plan=with_plan)


def body(*rows: tuple[str, str, str], design: Design | None = None, **more: Any) -> dict[str, Any]:
    typed = [{"when": when, "what": what, "value": value} for when, what, value in rows]
    return {"design": design.model_dump(mode="json") if design else None, "lines": typed, **more}


@pytest.fixture
def client(start: Callable[..., TestClient], sqlite_url: str) -> TestClient:
    return start(sqlite_url)


# Lines


def test_days_dates_totals_and_answers_are_read_as_people_type_them() -> None:
    found = read(
        ("5.3.2026", "PHQ-9", "18"), ("19.03.26", "phq9", "15,0"), ("2026-04-02", "PHQ-9", "1 1 2 2 1 2 2 1 0 = 12")
    )
    assert [(line.state, line.day, line.date, line.score) for line in found.lines] == [
        ("read", 0.0, "2026-03-05", 18.0),
        ("read", 14.0, "2026-03-19", 15.0),
        ("read", 28.0, "2026-04-02", 12.0),
    ]
    days = read(("1,5", "GAD-7", "9"), ("week 2", "GAD-7", "8"), ("", "GAD-7", "7"), ("21", "GAD-7", ""))
    assert [(line.state, line.day) for line in days.lines] == [
        ("read", 1.5),
        ("read", 14.0),
        ("waiting", None),
        ("waiting", None),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("14", "PHQ-9", "40"), "A PHQ-9 of 40 is impossible: it runs from 0 to 27."),
        (("14", "PHQ-9", "14.5"), "A PHQ-9 is a whole number, not 14.5; give a score, not a mean."),
        (("soon", "PHQ-9", "4"), "'soon' is neither a day nor a date; write 14 or 2026-03-05."),
        (("2026-03-05", "PHQ-9", "4"), "This is a date, but the other lines have days; use one of them."),
        (("14", "PHQ-9", "1 1 1 1 1 1 1"), "A PHQ-9 has 9 items, but there are 7 answers."),
        (("14", "PHQ-9", "1 1 1 1 1 1 1 1 1 = 12"), "The answers of the PHQ-9 add up to 9, but its total says 12."),
        (("14", "given", "psilocybin 25 mg oral"), "What was given needs a plan: choose one in the sentence above."),
        (("14", "C-SSRS", "2"), "'C-SSRS' rates suicidality, which is never forecast."),
    ],
)
def test_a_mistake_is_said_of_its_line_alone(row: tuple[str, str, str], said: str) -> None:
    found = read(("0", "PHQ-9", "18"), row, ("7", "PHQ-9", "15"))
    assert [line.state for line in found.lines] == ["read", "wrong", "read"]
    assert found.lines[1].said == said
    assert found.record is not None
    assert [score.value for score in found.record.scores] == [18.0, 15.0]


@pytest.mark.parametrize("said", ["psilocybin 25 mg oral", "integration 90 min individual", "ketamine 0.5 mg/kg iv"])
def test_what_was_given_is_read_with_a_plan(said: str) -> None:
    found = read(("0", "PHQ-9", "18"), ("3", "given", said), ("4", "given", "a walk in the woods"), with_plan=True)
    assert [line.state for line in found.lines] == ["read", "read", "wrong"]
    assert found.record is not None
    assert [given.what for given in found.record.given] == [said]


def test_dates_that_can_be_read_two_ways_are_asked_about_and_another_line_can_settle_it() -> None:
    two_ways = read(("5/3/2026", "PHQ-9", "18"))
    assert "may be two dates" in two_ways.lines[0].said
    settled = read(("5/3/2026", "PHQ-9", "18"), ("25/3/2026", "PHQ-9", "15"))
    assert [line.date for line in settled.lines] == ["2026-03-05", "2026-03-25"]


def test_day_0_is_the_first_dosing_where_its_date_is_known() -> None:
    found = read(("2026-03-01", "PHQ-9", "18"), ("2026-03-19", "PHQ-9", "15"), start="2026-03-05", with_plan=True)
    assert [line.day for line in found.lines] == [-4.0, 14.0]


def test_what_calls_for_action_is_said_even_where_the_form_cannot_be_scored() -> None:
    assert [c.level for c in read(("0", "PHQ-9", "1 1 1 1 - 1 1 1 2")).cautions] == ["urgent"]
    assert [c.level for c in read(("0", "C-SSRS", "3"), ("0", "PHQ-9", "22")).cautions] == ["urgent", "caution"]
    assert all(WHERE_TO_TURN in c.sentence for c in read(("0", "C-SSRS", "3"), ("0", "PHQ-9", "22")).cautions)
    assert read(("0", "PHQ-9", "12")).cautions == ()


# What is pasted or opened

FHIR = {
    "resourceType": "Bundle",
    "entry": [
        {
            "resource": {
                "resourceType": "QuestionnaireResponse",
                "status": "completed",
                "questionnaire": "http://loinc.org/q/44249-1",
                "authored": f"2026-03-{day:02}T09:00:00Z",
                "subject": {"reference": "Patient/7", "display": "Somebody"},
                "item": [{"linkId": "/44261-6", "answer": [{"valueInteger": total}]}],
            }
        }
        for day, total in ((5, 18), (19, 15))
    ],
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-05\t18\n2026-03-19\t15", [("2026-03-05", "PHQ-9", "18"), ("2026-03-19", "PHQ-9", "15")]),
        ("5.3.26 GAD-7 9\n19.3.26 8", [("5.3.26", "GAD-7", "9"), ("19.3.26", "PHQ-9", "8")]),
        ("date;scale;score\n05.03.2026;PCL-5;41\n;PCL-5;", [("05.03.2026", "PCL-5", "41")]),
        ("week,total\n0,18\n2,15", [("week 0", "PHQ-9", "18"), ("week 2", "PHQ-9", "15")]),
        ("day,PHQ-9,GAD-7\n0,18,9\n14,15,", [("0", "PHQ-9", "18"), ("0", "GAD-7", "9"), ("14", "PHQ-9", "15")]),
        ("MADRS 0:30", [("0", "MADRS", "30")]),
        ("PHQ-9 0:18 14:15", [("0", "PHQ-9", "18"), ("14", "PHQ-9", "15")]),
        ('{"scores": [{"day": 0, "scale": "MADRS", "score": 31}]}', [("0", "MADRS", "31")]),
        (json.dumps(FHIR), [("2026-03-05", "PHQ-9", "18"), ("2026-03-19", "PHQ-9", "15")]),
    ],
)
def test_lists_tables_json_and_fhir_become_lines(text: str, expected: list[tuple[str, str, str]]) -> None:
    found = pasted_lines(text, scale="PHQ-9")
    assert [(line.when, line.what, line.value) for line in found.lines] == expected
    assert "Somebody" not in found.model_dump_json()


def test_a_line_that_is_no_score_stays_where_it_was_pasted() -> None:
    found = pasted_lines("5.3.2026 18\nsaw her sister\n19.3.2026 15", scale="PHQ-9")
    assert (len(found.lines), found.left) == (2, "saw her sister")
    assert "not read" in found.notes[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello", "no scores were found"),
        ('{"scores": [', "not whole JSON"),
        ("id,day,score\n1,0,18\n2,0,15", "2 people"),
        ('{"resourceType": "Bundle"}', "no QuestionnaireResponse"),
        ("date,mood\n2026-03-05,18", "no column for a score"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(AfterglowError, match=said):
        pasted_lines(text, scale="PHQ-9")


# The forecast


def test_the_numbers_are_those_of_the_package(client: TestClient) -> None:
    design = choices().starters["psilocybin"]
    sent = body(*ROWS, design=design, ahead_days=56)
    assert client.post("/api/follow/bank", json=sent).json() == {"people": 64, "draws": 64}
    found = client.post("/api/follow", json=sent).json()
    more = client.post("/api/follow/more", json=sent).json()
    scores = [{"day": float(day), "scale": scale, "score": float(value)} for day, scale, value in ROWS]
    own = forecast(scores, protocol=protocol_of(design), arm="arm1", day=84).to_json()
    for key in ("bands", "expected", "chances", "track", "effective_size", "doubts"):
        assert found["told"][key] == own[key], key
    assert found["told"]["change"]["points"] == own["change"]["points"]
    assert [s["key"] for s in found["told"]["change"]["reliable_sources"]] == ["jacobson1991"]
    assert more["told"]["what_if"] == own["what_if"]
    assert found["told"]["what_if"] == []
    assert {e["id"]: e["after"] for e in found["told"]["explanations"]} == {
        k: v["after"] for k, v in own["explanations"].items()
    }
    assert found["told"]["with_medicine"]


def test_an_answer_takes_little_once_the_bank_is_there() -> None:
    asked = answers.FollowRequest(design=choices().starters["psilocybin"], lines=lines(*ROWS))
    answers.follow_of(asked)
    begun = time.thread_time()
    answers.follow_of(asked.model_copy(update={"lines": lines(*ROWS, ("42", "MADRS", "18"))}))
    assert time.thread_time() - begun < 1, "in seconds of this thread's own time"


def test_without_a_plan_it_is_a_course_without_any_medicine(client: TestClient) -> None:
    found = client.post("/api/follow", json=body(("0", "PHQ-9", "22"), ("14", "PHQ-9", "21"))).json()
    assert not found["told"]["with_medicine"]
    assert any("none of whom took a psychedelic" in sentence for sentence in found["told"]["trust"])
    assert found["cautions"][0]["level"] == "caution"
    assert found["told"]["verdict"].startswith("Cannot tell yet")


def test_lines_and_cautions_are_answered_where_there_is_no_forecast(client: TestClient) -> None:
    nothing = client.post("/api/follow", json=body(("0", "PHQ-9", "99"))).json()
    assert nothing["told"] is None
    assert nothing["lines"][0]["state"] == "wrong"
    late = client.post("/api/follow", json=body(("3000", "PHQ-9", "22"), ahead_days=1825)).json()
    assert late["problem"] == "Day 4825 lies more than ten years on, where nothing is foretold."
    assert late["cautions"]


def test_scores_come_by_post_alone_and_a_large_body_is_refused(client: TestClient) -> None:
    for path in ("/api/follow", "/api/follow/more", "/api/follow/read", "/api/follow/bank"):
        assert client.get(path).status_code == 405
    assert client.post("/api/follow/read", json={"text": "0 18\n" * 60_000}).status_code in (413, 422)
    assert client.post("/api/follow", json={**body(*ROWS), "name": "Somebody"}).status_code == 422


# Nothing is kept


def test_no_score_is_in_the_log_the_database_or_a_kept_run(
    client: TestClient, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERGLOW_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("AFTERGLOW_RUNS_MB", "50")
    caplog.set_level(logging.DEBUG)
    odd = (("17.11.2031", "PHQ-9", "23"), ("18.12.2031", "PHQ-9", "19"))
    text = "17.11.2031 23\n18.12.2031 19"
    design = choices().starters["psilocybin"].model_copy(update={"seed": 7, "baseline_mean": 31.0})
    assert client.post("/api/follow/read", json={"text": text, "scale": "PHQ-9"}).status_code == 200
    for path in ("/api/follow", "/api/follow/more"):
        answer = client.post(path, json=body(*odd, design=design))
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"

    def broken(*_: Any, **__: Any) -> None:
        raise ValueError("23 on 17.11.2031")

    monkeypatch.setattr(answers, "forecast", broken)
    assert client.post("/api/follow", json=body(*odd)).status_code == 500
    logged = caplog.text
    assert "ValueError in broken" in logged
    assert list((tmp_path / "runs").rglob("*.*")), "the runs of the plan are kept"
    kept = "".join(path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file())
    for trace in ("17.11.2031", "2031-11-17", "18.12.2031", "2031-12-18"):
        assert trace not in logged
        assert trace not in kept
    with sqlite3.connect(tmp_path / "studio.sqlite3") as base:
        tables = [name for (name,) in base.execute("select name from sqlite_master where type = 'table'")]
        counts = {name: base.execute(f'select count(*) from "{name}"').fetchone()[0] for name in tables}
    assert counts["saved"] == counts["jobs"] == 0


def test_words_without_end_are_looked_up_and_no_nearest_ones_sought(monkeypatch: pytest.MonkeyPatch) -> None:
    sought: list[object] = []
    monkeypatch.setattr("afterglow.scales.instruments.nearest", lambda *words: sought.append(words) or "")
    with pytest.raises(AfterglowError, match="no scores were found"):
        pasted_lines(" ".join(f"word{k}" for k in range(2000)), scale="PHQ-9")
    assert not sought, "that takes a second and more of a large text"
