"""Patterns of weekdays, holidays, a group on its own day, what does not go together, and a plan as a CarePlan."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from afterglow.errors import FileError
from afterglow.plan.strip import session_strip
from afterglow.studio.designs.design import protocol_of
from afterglow.studio.plan.best_day import BestDayAsked, best_day_of
from afterglow.studio.plan.calendar_file import PlanEdited, TeamEdited, calendar_of, uid_of
from afterglow.studio.plan.care_plan import CareAsked, care_plan_of
from afterglow.studio.plan.conflicts import PlansEdited, conflicts_of
from afterglow.studio.plan.dates import Pattern, countries, holidays_of
from afterglow.studio.plan.planning import Plan, PlanItem, plan_of
from afterglow.studio.plan.request import PlanRequest

EASTER_MONDAY = dt.date(2027, 3, 29)


def asked(**more: Any) -> PlanRequest:
    pattern = {"start": "2027-03-15", "weekdays": [0, 3], "times": 6}
    return PlanRequest.model_validate({"medicine": "ketamine", "dose": 0.5, "pattern": pattern, **more})


@pytest.fixture(scope="module")
def grouped() -> Plan:
    """Six infusions from 15 March 2027, and a group on Mondays at 17:00, in Bavaria."""
    more = {"start": "10:00", "group": "integration", "group_weekday": 0, "group_start": "17:00"}
    return plan_of(asked(country="DE", region="BY", **more))


# Patterns and holidays


@given(
    st.dates(dt.date(2024, 1, 1), dt.date(2030, 1, 1)),
    st.lists(st.integers(0, 6), max_size=7),
    st.integers(1, 26),
    st.integers(1, 12),
)
def test_a_pattern_gives_so_many_dates_on_its_weekdays(
    start: dt.date, weekdays: list[int], every: int, times: int
) -> None:
    pattern = Pattern(start=start, weekdays=tuple(weekdays), every_weeks=every, times=times)
    dates, moved = pattern.dates({})
    assert len(dates) == len(set(dates)) == times
    assert not moved
    assert {date.weekday() for date in dates} <= (set(weekdays) or {start.weekday()})
    assert start <= dates[0] < start + dt.timedelta(days=7)
    weeks = {(date - dt.timedelta(days=date.weekday()) - dates[0]).days // 7 for date in dates}
    assert all((week - min(weeks)) % every == 0 for week in weeks)


def test_mondays_and_thursdays_six_times_pass_over_easter_monday() -> None:
    request = asked(country="DE")
    days = [date.day for date in request.dosings]
    assert days == [15, 18, 22, 25, 30, 1]
    assert request.moved == {EASTER_MONDAY: dt.date(2027, 3, 30)}
    assert asked().dosings[4] == EASTER_MONDAY
    notes = plan_of(request).notes
    assert any("Easter Monday falls on 2027-03-29, so that dosing is on 2027-03-30" in note for note in notes)


def test_holidays_that_fill_the_days_between_leave_as_many_dosings() -> None:
    start = dt.date(2027, 12, 20)
    closed = {start + dt.timedelta(days=k): "closed" for k in range(5)}
    dates, moved = Pattern(start=start, weekdays=(0, 1, 2, 3, 4), times=7).dates(closed)
    assert len(set(dates)) == 7
    assert len(moved) == 5
    assert not any(date in closed or date.weekday() > 4 for date in dates)


def test_meetings_keep_off_public_holidays_of_the_region() -> None:
    epiphany = dt.date(2027, 1, 6)
    request = {"medicine": "psilocybin", "dose": 25, "dates": ["2027-01-05"], "country": "DE"}
    plain = plan_of(PlanRequest.model_validate(request))
    bavarian = plan_of(PlanRequest.model_validate(request | {"region": "BY"}))
    assert epiphany in {item.date for item in plain.items}
    assert epiphany not in {item.date for item in bavarian.items}
    assert epiphany in {holiday.date for holiday in bavarian.holidays}
    assert any("was not free" in note for note in bavarian.notes)


def test_holidays_are_known_by_country_and_named_in_english() -> None:
    known = {country.id: country for country in countries()}
    assert {"DE", "US", "GB", "CH", "AU", "BR"} <= set(known)
    assert "Bayern" in {region.label for region in known["DE"].regions}
    (found,) = holidays_of("DE", "", EASTER_MONDAY, EASTER_MONDAY)
    assert found.name == "Easter Monday"
    assert holidays_of("", "", EASTER_MONDAY, EASTER_MONDAY) == ()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"country": "XX"}, "the public holidays of 'XX' are not known"),
        ({"country": "DE", "region": "TX"}, "'DE' has no region 'TX'"),
        ({"region": "BY"}, "region of no country"),
        ({"dates": ["2027-03-15"]}, "one of the two"),
        ({"pattern": None}, "one of the two"),
        ({"pattern": {"start": "2027-03-15", "times": 13}}, "less than or equal to 12"),
        ({"pattern": {"start": "0002-03-15"}}, "1950"),
        ({"start": "25:00"}, "match"),
        ({"group_weekday": 7}, "less than or equal to 6"),
    ],
)
def test_impossible_dates_are_refused_with_a_reason(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        asked(**wrong)


# A group on its own day


def test_everybody_in_a_group_meets_on_its_day_and_what_is_missed_is_told(grouped: Plan) -> None:
    meetings = [item for item in grouped.items if item.kind == "group"]
    assert meetings
    assert all(item.date.weekday() == 0 and item.start == "17:00" for item in meetings)
    missed = {one.date: one.why for one in grouped.missed}
    assert missed[dt.date(2027, 3, 22)] == "dosing day"
    assert not {item.date for item in meetings} & set(missed)
    own = [item for item in grouped.items if item.kind in ("integration", "preparation", "dosing")]
    assert {item.start for item in own} == {"10:00"}


def test_a_group_every_second_week_is_the_same_for_people_who_begin_on_different_dates() -> None:
    days = []
    for start in ("2027-01-05", "2027-01-11", "2027-01-20"):
        fields = {"medicine": "psilocybin", "dose": 25, "pattern": {"start": start}, "group": "community"}
        plan = plan_of(PlanRequest.model_validate(fields | {"group_weekday": 2}))
        days.append({item.date for item in plan.items if item.kind == "group"})
    gaps = {(day - min(days[0])).days % 14 for own in days for day in own}
    assert gaps == {0}


# What does not go together


def entry(kind: str, date: str, place: int = 1, **more: Any) -> PlanItem:
    return PlanItem.model_validate(
        {
            "id": f"{kind}-{place}",
            "kind": kind,
            "date": date,
            "title": f"{kind.capitalize()} {place}",
            "hours": 1,
            **more,
        }
    )


def told(*people: list[PlanItem], **more: Any) -> list[str]:
    members = [{"code": f"K-{k}", "items": items} for k, items in enumerate(people, start=1)]
    return [one.sentence for one in conflicts_of(PlansEdited.model_validate({"people": members, **more}))]


def test_what_does_not_go_together_is_told() -> None:
    dosing = entry("dosing", "2027-03-24", start="09:00", hours=3)
    assert told([dosing, entry("integration", "2027-03-25", start="10:00")]) == []
    assert "are at the same time" in told([dosing, entry("integration", "2027-03-24", start="11:00")])[0]
    assert "are on the same day" in told([dosing, entry("integration", "2027-03-24", start="15:00")])[0]
    assert "is before the first dosing" in told([dosing, entry("integration", "2027-03-23")])[0]
    assert "is not before the first dosing" in told([dosing, entry("preparation", "2027-03-25")])[0]
    assert "a Saturday" in told([entry("integration", "2027-03-27")])[0]
    assert told([entry("integration", "2027-03-27")], weekday_only=False) == []
    assert "Easter Monday" in told([entry("integration", "2027-03-29")], country="DE")[0]
    assert "the group meets on Wednesdays" in told([entry("group", "2027-03-25")], group_weekday=2)[0]


def test_a_team_is_told_when_it_holds_more_than_it_can() -> None:
    one, other, third = (entry("integration", "2027-03-24", start=at) for at in ("10:00", "10:30", "11:00"))
    (said,) = told([one], [other])
    assert said == "K-1, Integration 1; K-2, Integration 1: at the same time, and the team holds 1 at once."
    assert told([one], [other], at_once=2) == []
    assert told([one], [third]) == []
    assert len(told([one], [other], [third])) == 2
    digital = [entry("training", "2027-03-24", start="10:00", format="digital")]
    assert told(digital, [other]) == []
    assert told([entry("group", "2027-03-24", start="10:00")], [entry("group", "2027-03-24", start="10:00")]) == []


def test_codes_are_no_names_and_differ() -> None:
    for people, said in (
        ([{"code": "Anna", "items": []}], "with a digit, so that it is no name"),
        ([{"code": "K-1", "items": []}] * 2, "two people have the code 'K-1'"),
        ([{"items": []}] * 2, "every person needs a code"),
    ):
        with pytest.raises(ValidationError, match=said):
            PlansEdited.model_validate({"people": people})


# Files


def test_a_teams_calendar_has_everybodys_entries_with_their_codes(grouped: Plan) -> None:
    plans = [PlanEdited(items=grouped.items, dates=grouped.dates, plan=name, code=f"K-{name}") for name in "12"]
    text = calendar_of(*TeamEdited(plans=tuple(plans)).plans).decode()
    assert text.count("BEGIN:VEVENT") == 2 * len(grouped.items)
    assert "SUMMARY:K-1: Dosing day 1 of 6" in text
    alone = calendar_of(plans[0]).decode()
    assert "SUMMARY:Dosing day 1 of 6" in alone
    assert str(uid_of(plans[0], grouped.items[0])) in text
    assert "ketamine" not in text.lower()
    with pytest.raises(ValidationError, match="the same plan"):
        TeamEdited(plans=(plans[0], plans[0]))


def care(zone: str, *items: PlanItem) -> dict[str, Any]:
    pytest.importorskip("fhir.resources")
    plan = CareAsked(items=items, dates=(items[0].date,), plan="ours", code="K-07", zone=zone)
    found: dict[str, Any] = json.loads(care_plan_of(plan))
    return found


def test_a_meeting_at_ten_is_at_ten_before_and_after_clocks_change() -> None:
    before, after = (
        entry("integration", "2027-03-26", 1, start="10:00"),
        entry("integration", "2027-03-29", 2, start="10:00"),
    )
    found = care("Europe/Berlin", before, after)
    starts = [request["occurrencePeriod"]["start"] for request in found["contained"]]
    assert starts == ["2027-03-26T10:00:00+01:00", "2027-03-29T10:00:00+02:00"]
    text = calendar_of(PlanEdited(items=(before, after), dates=(before.date,))).decode()
    assert "DTSTART:20270326T100000\r\n" in text
    assert "DTSTART:20270329T100000\r\n" in text


def test_a_meeting_through_the_night_of_the_change_lasts_its_hours() -> None:
    (request,) = care("Europe/Berlin", entry("dosing", "2027-03-28", start="01:00", hours=3))["contained"]
    period = request["occurrencePeriod"]
    ends = [dt.datetime.fromisoformat(period[end]) for end in ("start", "end")]
    assert ends[1] - ends[0] == dt.timedelta(hours=3)
    assert period["end"] == "2027-03-28T05:00:00+02:00"


def test_a_care_plan_names_nobody_and_keeps_the_names_of_its_entries() -> None:
    practice = entry("practice", "2027-03-24", until="2027-05-24", hours=3)
    items = (practice, entry("integration", "2027-03-25", start="10:00"))
    found = care("", *items)
    assert found["resourceType"] == "CarePlan"
    assert found["subject"] == {"identifier": {"value": "K-07"}}
    assert found["period"] == {"start": "2027-03-24", "end": "2027-05-24"}
    assert [a["plannedActivityReference"]["reference"] for a in found["activity"]] == ["#entry-1", "#entry-2"]
    repeated, dated = found["contained"]
    assert repeated["occurrenceTiming"]["repeat"]["periodUnit"] == "wk"
    assert dated["occurrenceDateTime"] == "2027-03-25"
    assert dated["note"] == [{"text": "At 10:00, local time."}]
    named = uid_of(PlanEdited(items=items, dates=(practice.date,), plan="ours"), items[1])
    assert dated["identifier"][0]["value"] == f"urn:uuid:{named}"
    with pytest.raises(ValidationError, match="no time zone of the IANA list"):
        CareAsked(items=items, dates=(practice.date,), zone="Berlin")


def test_without_the_library_of_fhir_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr("afterglow.exchange.fhir.import_module", without)
    with pytest.raises(FileError, match=r'pip install "afterglow-sim\[exchange\]"'):
        care_plan_of(CareAsked(items=(entry("integration", "2027-03-25"),), dates=(dt.date(2027, 3, 24),)))


# Best days


def test_the_strip_of_best_days_is_that_of_the_command(grouped: Plan) -> None:
    found = best_day_of(BestDayAsked(design=grouped.design, hours=1.5))
    strip = session_strip(protocol_of(grouped.design), hours=1.5, seed=grouped.design.seed)
    assert [day.points for day in found.days] == [gain.points for gain in strip.days]
    assert [day.low for day in found.days] == [gain.low for gain in strip.days]
    assert {rival.label for rival in found.days[0].rivals} >= {"The window", "Hope alone"}
    assert sum(rival.weight for rival in found.days[0].rivals) == pytest.approx(1)
    assert found.best == strip.best.day
