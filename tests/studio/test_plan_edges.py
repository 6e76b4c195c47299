"""Plans at the edges of the calendar: each is laid, with all its files, or refused in one sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.studio.conftest import ORIGIN, fetch_word, settings_for

from afterglow.studio.server.application import create_app

HOUR = dt.timedelta(hours=1)
FIRST, LAST = dt.date(1950, 1, 1), dt.date(2199, 12, 31)
USUAL = {"medicine": "psilocybin", "dose": 25.0, "group_start": "02:30", "preparation": 6}

edges = st.sampled_from(
    ("0001-01-01", "1949-12-31", "1969-12-31", "2000-02-29", "2100-02-28", "2200-01-01", "9999-12-31")
)
near = (st.integers(0, 60) | st.integers(0, 400)).flatmap(
    lambda days: st.sampled_from((FIRST + dt.timedelta(days), LAST - dt.timedelta(days)))
)
starts = edges | near.map(str) | st.dates().map(str)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    app = create_app(settings_for(f"sqlite:///{tmp_path_factory.mktemp('edges') / 'studio.sqlite3'}"))
    with TestClient(app, base_url=ORIGIN, client=("127.0.0.1", 50000), raise_server_exceptions=False) as found:
        yield fetch_word(found)


def is_a_sentence(answer: Any) -> bool:
    said = answer.json().get("error", "")
    return answer.status_code == 422 and said.endswith(".") and "fault" not in said and "\n" not in said


@settings(max_examples=15)
@given(
    start=starts,
    group=st.sampled_from(("none", "integration", "community")),
    group_weekday=st.none() | st.integers(0, 6),
    practice_weeks=st.sampled_from((0, 8, 26)),
    country=st.sampled_from(("", "DE", "US")),
    pattern=st.booleans(),
    zone=st.sampled_from(("", "Europe/Berlin", "Africa/Monrovia", "Pacific/Apia")),
)
@example(
    start="2199-07-05",
    group="community",
    group_weekday=3,
    practice_weeks=26,
    country="DE",
    pattern=False,
    zone="Europe/Berlin",
)
@example(
    start="1950-01-02",
    group="community",
    group_weekday=3,
    practice_weeks=26,
    country="",
    pattern=True,
    zone="Africa/Monrovia",
)
@example(
    start="1950-04-02",
    group="integration",
    group_weekday=6,
    practice_weeks=26,
    country="",
    pattern=True,
    zone="Africa/Monrovia",
)
def test_a_plan_is_laid_with_its_files_or_refused_in_a_sentence(
    client: TestClient, start: str, pattern: bool, zone: str, **more: Any
) -> None:
    when = {"pattern": {"start": start}} if pattern else {"dates": [start]}
    laid = client.post("/api/plan", json={**USUAL, **when, **more})
    if laid.status_code != 200:
        assert is_a_sentence(laid), laid.text
        return
    plan = laid.json()
    dates = [dt.date.fromisoformat(day) for item in plan["items"] for day in (item["date"], item["until"]) if day]
    assert min(dates) >= FIRST
    assert max(dates) <= LAST
    edited = {"items": plan["items"], "dates": plan["dates"]}
    assert client.post("/api/plan/calendar", json=edited).text.count("BEGIN:VEVENT") == len(plan["items"])
    assert len(client.post("/api/plan/care-plan", json={**edited, "zone": zone}).json()["contained"]) == len(
        plan["items"]
    )
    everybody = {"people": [{"items": plan["items"], "missed": plan["missed"]}], "country": more["country"]}
    assert client.post("/api/plan/conflicts", json=everybody).status_code == 200


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"dates": ["2199-07-05"], "practice_weeks": 26}, "outside the years 1950 to 2199"),
        ({"dates": ["1950-01-01"]}, "outside the years 1950 to 2199"),
        ({"pattern": {"start": "2199-12-30", "every_weeks": 26, "times": 12}}, "from 1950-01-01 to before 2200-01-01"),
        ({"pattern": {"start": "1949-12-31"}}, "The first date of the pattern must be at least '1950-01-01'"),
        ({"dates": ["2199-02-29"]}, "outside expected range"),
    ],
)
def test_a_plan_beyond_the_calendar_is_refused_in_words(client: TestClient, more: dict[str, Any], said: str) -> None:
    answer = client.post("/api/plan", json={**USUAL, "group": "community", **more})
    assert is_a_sentence(answer)
    assert said in answer.json()["error"]


def entry(date: str, start: str | None, place: int = 1, **more: Any) -> dict[str, Any]:
    return {"id": f"g-{place}", "kind": "group", "date": date, "start": start, "hours": 1, "title": "Group", **more}


@pytest.mark.parametrize(
    ("zone", "date", "start"),
    [
        ("Africa/Monrovia", "1960-05-04", "10:00"),  # 44 minutes and 30 seconds behind UTC until 1972
        ("Europe/Berlin", "2027-03-28", "02:30"),  # a time that clocks leap over
        ("Europe/Berlin", "2198-03-25", "02:30"),  # and in a far year
        ("Pacific/Apia", "2011-12-30", "10:00"),  # a day that was left out
        ("Pacific/Kiritimati", "2199-12-31", "23:59"),
        ("America/New_York", "1950-01-01", "00:00"),
    ],
)
def test_a_care_plan_says_a_moment_where_clocks_are_odd(client: TestClient, zone: str, date: str, start: str) -> None:
    pytest.importorskip("fhir.resources")
    answer = client.post("/api/plan/care-plan", json={"items": [entry(date, start)], "dates": [date], "zone": zone})
    period = answer.json()["contained"][0]["occurrencePeriod"]
    begins, ends = (dt.datetime.fromisoformat(period[end]) for end in ("start", "end"))
    assert ends - begins == HOUR


def test_a_day_of_many_entries_is_refused_before_all_are_laid_beside_each_other(client: TestClient) -> None:
    items = [entry("2027-03-24", "10:00", k) for k in range(9)]
    answer = client.post("/api/plan/conflicts", json={"people": [{"code": "K-1", "items": items}]})
    assert is_a_sentence(answer)
    assert "on 2027-03-24 there are 9 entries of K-1; a day holds 8 at most" in answer.json()["error"]
    less = client.post("/api/plan/conflicts", json={"people": [{"code": "K-1", "items": items[:8]}]})
    assert len(less.json()) == 28
