"""The calendar file and the routes of the plan: read back by the same library that calendars are read with."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import httpx2 as httpx
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from pydantic import ValidationError

from afterglow.studio.answer_process import found_here
from afterglow.studio.answers import allowance
from afterglow.studio.apart import Apart
from afterglow.studio.plan.calendar_file import CALENDAR_NAME, PlanEdited, _Sequence, calendar_of
from afterglow.studio.plan.planning import PlanItem, plan_of
from afterglow.studio.plan.request import PlanRequest
from afterglow.studio.plan.routes import router
from afterglow.studio.quick_runs import QuickRuns
from afterglow.studio.refusals import handle_refusals

FRIDAY = dt.date(2025, 5, 2)
STAMP = dt.datetime(2025, 4, 1, 12, 0, tzinfo=dt.UTC)


def edited(*items: PlanItem, **more: Any) -> PlanEdited:
    return PlanEdited.model_validate({"items": items, "dates": (FRIDAY,), **more})


def item(**more: Any) -> PlanItem:
    fields = {"id": "integration-1", "kind": "integration", "date": "2025-05-05", "hours": 1.5, "title": "Integration"}
    return PlanItem.model_validate({**fields, **more})


def events(plan: PlanEdited) -> list[Any]:
    return list(Calendar.from_ical(calendar_of(plan, stamp=STAMP)).walk("VEVENT"))


items = st.builds(
    item,
    kind=st.sampled_from(("preparation", "dosing", "integration", "group")),
    date=st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)).map(dt.date.isoformat),
    start=st.none() | st.times().map(lambda t: t.strftime("%H:%M")),
    hours=st.none() | st.floats(0.25, 12).map(lambda h: round(h, 2)),
    title=st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=120),
    tasks=st.lists(st.sampled_from(("insights", "steps", "practice")), unique=True, max_size=3),
    in_window=st.booleans(),
)


@settings(max_examples=60)
@given(st.lists(items, min_size=1, max_size=8))
def test_what_is_written_is_read_back(drawn: list[PlanItem]) -> None:
    own = [one.model_copy(update={"id": f"integration-{k}"}) for k, one in enumerate(drawn)]
    read = events(edited(*own))
    assert len(read) == len(own)
    assert len({str(event["uid"]) for event in read}) == len(own)
    for one, event in zip(sorted(own, key=lambda i: (i.date, i.start or "", i.id)), read, strict=True):
        title = " ".join("".join(c if c.isprintable() else " " for c in one.title).split()) or "Meeting"
        assert str(event["summary"]) == title
        begins, ends = event["dtstart"].dt, event["dtend"].dt
        if one.start is None:
            assert (begins, ends) == (one.date, one.date + dt.timedelta(days=1))
        else:
            assert begins.isoformat(timespec="minutes") == f"{one.date}T{one.start}"
            assert begins.tzinfo is None
            assert ends - begins == dt.timedelta(minutes=max(1, round(60 * (one.hours or 1.0))))
        assert event["dtstamp"].dt == STAMP
        assert event["categories"].cats == [one.kind.capitalize()]


def test_a_whole_plan_is_a_calendar() -> None:
    request = PlanRequest.model_validate(
        {"medicine": "psilocybin", "dose": 25, "dates": [FRIDAY], "group": "community", "ssri": True}
    )
    plan = plan_of(request)
    data = calendar_of(PlanEdited(items=plan.items, dates=request.dates), stamp=STAMP)
    calendar = Calendar.from_ical(data)
    assert calendar["version"] == "2.0"
    assert "Afterglow" in calendar["prodid"]
    assert calendar["x-wr-calname"] == CALENDAR_NAME
    assert len(calendar.walk("VEVENT")) == len(plan.items)
    assert not calendar.walk("VALARM")
    assert not any(event.errors for event in calendar.walk("VEVENT"))
    text = data.decode()
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert text.count("\n") == text.count("\r\n")
    assert "psilocybin" not in text.lower()  # calendars are shared: the medicine is not in it
    assert "ssri" not in text.lower()
    assert all(event["class"] == "PRIVATE" for event in calendar.walk("VEVENT"))


def test_practice_comes_every_week_until_its_last_day() -> None:
    practice = item(id="practice-1", kind="practice", until="2025-06-30", hours=3, tasks=["practice"])
    (event,) = events(edited(practice))
    assert event["rrule"]["FREQ"] == ["WEEKLY"]
    assert event["rrule"]["UNTIL"] == [dt.date(2025, 6, 30)]
    (timed,) = events(edited(practice.model_copy(update={"start": "18:30"})))
    assert timed["dtstart"].dt == dt.datetime(2025, 5, 5, 18, 30)
    assert timed["rrule"]["UNTIL"] == [dt.datetime(2025, 6, 30, 23, 59, 59)]


def uids(plan: PlanEdited) -> list[str]:
    return [str(event["uid"]) for event in events(plan)]


def test_a_moved_entry_takes_the_place_of_the_old_one() -> None:
    other = item(id="integration-2", date="2025-05-20")
    before, after = events(edited(item(), other)), events(edited(item(date="2025-05-06", start="10:00"), other))
    assert [str(event["uid"]) for event in before] == [str(event["uid"]) for event in after]
    assert after[0]["dtstart"].dt == dt.datetime(2025, 5, 6, 10)
    assert int(after[0]["sequence"]) > int(before[0]["sequence"])
    back = events(edited(item(), other))
    assert int(back[0]["sequence"]) > int(after[0]["sequence"])


def test_later_files_win_also_after_the_server_was_restarted() -> None:
    first, second = _Sequence(), _Sequence()
    number = first.next(STAMP)
    assert first.next(STAMP) == number + 1
    assert second.next(STAMP + dt.timedelta(minutes=1)) > number + 1
    assert second.next(dt.datetime(2087, 1, 1, tzinfo=dt.UTC)) < 2**31


def test_entries_of_two_plans_are_never_taken_for_each_other() -> None:
    both = item(), item(id="integration-2")
    ours = uids(edited(*both, plan="ours"))
    assert len({*ours, *uids(edited(*both, plan="theirs"))}) == 4
    assert ours == uids(edited(*both, plan="ours", dates=("2025-05-01",)))
    assert not {*uids(edited(*both))} & {*uids(edited(*both, dates=("2025-05-01",)))}
    with pytest.raises(ValidationError, match="two entries have the id 'integration-1'"):
        edited(item(), item(date="2025-05-06"))


def test_a_title_cannot_add_lines() -> None:
    (event,) = events(edited(item(title="Meet\r\nATTENDEE:mailto:a@b.c\r\nBEGIN:VALARM")))
    assert "attendee" not in event
    assert str(event["summary"]) == "Meet ATTENDEE:mailto:a@b.c BEGIN:VALARM"


def answered(method: str, path: str, sent: Any = None) -> httpx.Response:
    app = FastAPI()
    app.include_router(router)
    app.state.quick_runs, app.state.near = QuickRuns(), found_here
    app.state.apart, app.state.allowance = Apart(), allowance()
    handle_refusals(app)

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://studio") as client:
            return await client.request(method, path, json=sent)

    return asyncio.run(ask())


def test_a_plan_goes_from_dates_to_a_calendar() -> None:
    asked = {"medicine": "mdma", "dose": 80, "condition": "ptsd", "dates": ["2025-05-05", "2025-06-02"]}
    plan = answered("POST", "/api/plan", asked)
    assert plan.status_code == 200
    items = plan.json()["items"]
    items[0]["start"], items[0]["title"] = "09:30", "Moved"
    written = answered("POST", "/api/plan/calendar", {"items": items, "dates": asked["dates"]})
    assert written.status_code == 200
    assert written.headers["content-type"].startswith("text/calendar")
    assert "attachment" in written.headers["content-disposition"]
    read = Calendar.from_ical(written.content).walk("VEVENT")
    assert len(read) == len(items)
    assert [str(event["summary"]) for event in read].count("Moved") == 1


def test_mistakes_are_answered_with_one_sentence() -> None:
    fields = {"medicine": "mdma", "dose": 80, "dates": ["2025-05-05"]}
    for wrong, said in (
        ({"dates": ["2025-05-05", "2025-05-01"]}, "must rise"),
        ({"medications": ["fluoxetin"]}, "fluoxetine"),
        ({"dose": -1}, "dose"),
    ):
        answer = answered("POST", "/api/plan", fields | wrong)
        assert answer.status_code == 422
        assert list(answer.json()) == ["error"]
        assert said in answer.json()["error"]
    ends_early = [{"id": "a", "kind": "practice", "date": "2025-05-05", "until": "2025-05-01", "title": "Practice"}]
    answer = answered("POST", "/api/plan/calendar", {"items": ends_early, "dates": ["2025-05-01"]})
    assert answer.status_code == 422
    assert "before it begins" in answer.json()["error"]


def test_the_words_can_be_asked_for() -> None:
    words = answered("GET", "/api/plan/words").json()
    assert {"medication", "history"} == {word["kind"] for word in words}
