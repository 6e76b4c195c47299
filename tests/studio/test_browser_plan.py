"""The page Plan in a real browser: laid by a rhythm, edited on click, for one person or several, and taken away."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import icalendar
import pytest
from playwright.sync_api import Page, expect
from tests.studio.chromium import APART, Visit

LONG_MS = 60_000
ONE = "/plan?medicine=psilocybin&dose=25&dates=2027-03-02&country=none"
SIX = "/plan?medicine=ketamine&dose=0.5&start=2027-03-22&on=mo,th&times=6&time=10:00&country=DE"
CONTEXT = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB"}


CUT = "drawn => drawn.filter((own) => own.scrollWidth > own.clientWidth).map((own) => own.textContent)"
"""Words wider than the column that they stand in."""


def rows(page: Page) -> list[str]:
    found: list[str] = page.get_by_test_id("plan-items").locator(".row-line").all_inner_texts()
    return [" ".join(text.split()) for text in found]


def row(page: Page, name: str) -> Any:
    return page.get_by_test_id("plan-items").locator(".row-line").filter(has_text=name)


def told(text: str) -> str:
    """Return what a row is about, without when it is and what it is flagged with."""
    return text.split(" – ")[-1].removesuffix(" window")


def kept(page: Page, button: str, place: Path) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=button, exact=True).click()
    download.value.save_as(place)
    return place.read_bytes()


def test_a_plan_is_laid_edited_and_taken_away(visit: Callable[..., Visit], tmp_path: Path) -> None:
    one = visit()
    page = one.go(ONE)
    expect(page.get_by_test_id("big-number")).to_have_text("6/6")
    expect(page.get_by_test_id("big-interval")).to_contain_text(re.compile(r"nine of ten people: \d to 6 of 6"))
    expect(page.get_by_test_id("cautions").first).to_contain_text("Source")
    before = rows(page)
    assert before[3] == "Tue 2 Mar – Dosing day, 7 h"
    row(page, "Integration 2 of 6").click()
    date = page.get_by_role("textbox", name="Date", exact=True)
    date.fill("18.3")  # Half typed: nothing happens, and nothing is said.
    assert page.locator(".editor .wrong").count() == 0
    date.fill("18/3/2027")
    date.press("Enter")
    expect(row(page, "Integration 2 of 6")).to_contain_text("Thu 18 Mar")
    assert [told(text) for text in rows(page)] == [told(text) for text in before], "rows stand still"
    page.get_by_role("textbox", name="Time", exact=True).fill("10.30")
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_test_id("plan-items").locator(".row-line").last).to_contain_text(
        "Thu 18 Mar 10:30 Integration 2"
    )
    expect(row(page, "Integration 2 of 6")).to_be_focused()
    expect(page.get_by_test_id("big-number")).to_have_text("5/6")
    # Another choice changes, and the change by hand stays.
    page.get_by_label("Preparation meetings").select_option("2")
    expect(row(page, "Preparation 2 of 2")).to_be_visible()
    expect(row(page, "Integration 2 of 6")).to_contain_text("Thu 18 Mar")
    page.get_by_role("button", name="Add a meeting", exact=True).click()
    expect(row(page, "Integration, added by hand")).to_have_attribute("aria-expanded", "true")
    events = list(icalendar.Calendar.from_ical(kept(page, "Calendar file, .ics", tmp_path / "a.ics")).walk("VEVENT"))
    assert "2027-03-18 10:30:00" in [str(e["DTSTART"].dt) for e in events]
    one.keep("plan")
    # The months: what is open moves to the day that is clicked.
    page.get_by_test_id("months").locator('[data-date="2027-03-25"]').click()
    expect(row(page, "Integration, added by hand")).to_contain_text("Thu 25 Mar")
    page.reload()
    expect(row(page, "Integration, added by hand")).to_contain_text("Thu 25 Mar")
    moved = list(icalendar.Calendar.from_ical(kept(page, "Calendar file, .ics", tmp_path / "b.ics")).walk("VEVENT"))
    assert {str(e["UID"]) for e in moved} == {str(e["UID"]) for e in events}
    assert min(int(e["SEQUENCE"]) for e in moved) > max(int(e["SEQUENCE"]) for e in events)


def test_a_start_and_a_rhythm_move_everything_and_undo_brings_it_back(visit: Callable[..., Visit]) -> None:
    page = visit().go(SIX)
    expect(row(page, "Infusion 1 of 6")).to_contain_text("Mon 22 Mar 10:00")
    expect(page.locator(".laid-notes").first).to_contain_text("Easter Monday falls on Mon, 29 Mar 2027")
    expect(page.locator('[data-date="2027-03-29"]')).to_have_attribute(
        "aria-label", re.compile("holiday, Easter Monday")
    )
    row(page, "Integration 1 of 6").click()
    page.get_by_role("textbox", name="Time", exact=True).fill("14:15")
    page.get_by_role("button", name="Done").click()
    start = page.get_by_role("textbox", name="Start")
    start.fill("12/4/2027")
    start.press("Enter")
    expect(row(page, "Infusion 1 of 6")).to_contain_text("Mon 12 Apr 10:00")
    expect(row(page, "Infusion 2 of 6")).to_contain_text("Thu 15 Apr")
    expect(row(page, "Integration 1 of 6")).to_contain_text("14:15")
    page.get_by_role("button", name="Tue", exact=True).click()
    expect(row(page, "Infusion 2 of 6")).to_contain_text("Tue 13 Apr")
    page.wait_for_timeout(600)
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(row(page, "Infusion 2 of 6")).to_contain_text("Thu 15 Apr")
    # A dosing that is moved is a dosing date: the meetings after it come along.
    row(page, "Infusion 6 of 6").click()
    page.get_by_role("textbox", name="Date", exact=True).fill("3 May 2027")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("dates=2027-04-12.*2027-05-03"))
    start.fill("1/3/2021")
    start.press("Enter")
    expect(page.get_by_test_id("past")).to_contain_text(
        "All dosings lie in the past: Mon, 1 Mar 2021.", timeout=LONG_MS
    )


# Types into the field as soon as it is in the page, before anything has been painted.
QUICK = """new MutationObserver((_, watch) => {
  const field = document.querySelector('input[aria-label="Start"]');
  if (!field) return;
  watch.disconnect();
  field.value = "12/4/2027";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  setTimeout(() => field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true })));
}).observe(document, { childList: true, subtree: true });"""


def test_what_is_typed_as_soon_as_the_page_is_there_counts(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.page.add_init_script(QUICK)
    page = one.go(SIX)
    expect(row(page, "Infusion 1 of 6")).to_contain_text("Mon 12 Apr 10:00", timeout=LONG_MS)


def test_a_plan_opens_in_explore_and_comes_back_unchanged(visit: Callable[..., Visit]) -> None:
    page = visit().go(ONE)
    row(page, "Integration 6 of 6").click()
    page.get_by_role("textbox", name="Date", exact=True).fill("2027-04-07")
    page.get_by_role("button", name="Done").click()
    expect(row(page, "Integration 6 of 6")).to_contain_text("Wed 7 Apr")
    before, address = rows(page), page.url
    page.get_by_role("link", name="Open in Explore").click()
    expect(page.get_by_test_id("hero")).to_be_visible(timeout=LONG_MS)
    assert "i36h1.5" in page.url, "the meeting moved by hand is on day 36"
    page.get_by_role("link", name="Back to the plan").click()
    expect(row(page, "Integration 6 of 6")).to_contain_text("Wed 7 Apr")
    assert (rows(page), page.url) == (before, address)
    page.get_by_role("link", name="Open in Explore").click()
    expect(page.get_by_test_id("hero")).to_be_visible(timeout=LONG_MS)
    page.reload()
    page.get_by_role("link", name="Evidence", exact=True).click()
    page.get_by_role("link", name="Plan", exact=True).click()
    expect(row(page, "Integration 6 of 6")).to_contain_text("Wed 7 Apr")
    assert (rows(page), page.url) == (before, address)


def test_all_sessions_go_from_explore_onto_the_calendar_and_come_back_with_all_arms(
    visit: Callable[..., Visit],
) -> None:
    page = visit().go(
        "/explore?for=trd&days=200&arm=psilocybin~25~1x28~p-7h1,i1h1.5,x2h0.5d,i4h2g,t8h1,i11h2g~2to20h3,23to90h1.5~g6i"
        "~0.8~Clinic&arm=psilocybin~10~1x28~p-7h1"
    )
    page.get_by_role("link", name="Put it on a calendar").click()
    expect(page.get_by_text("Laid from Explore, day for day.")).to_contain_text(
        "The group's integration together is laid as each person's own.", timeout=LONG_MS
    )
    expect(page.get_by_label("People in the group")).to_have_value("6")
    expect(row(page, "Group meeting, added by hand")).to_have_count(2, timeout=LONG_MS)
    expect(row(page, "Integration group")).to_have_count(0)
    expect(row(page, "Training, digital, added by hand")).to_have_count(1)
    expect(page.get_by_test_id("plan-items").locator("li.psychotherapy")).to_have_count(1)
    expect(page.locator(".source").get_by_text("psychotherapy", exact=True)).to_be_visible()
    expect(page.get_by_test_id("plan-items").locator("li.practice")).to_have_count(2)
    at = page.get_by_role("textbox", name="Time of the group")
    at.fill("17:00")
    at.press("Enter")
    expect(row(page, "Group meeting, added by hand").first).to_contain_text("17:00")
    page.get_by_role("link", name="Open in Explore").click()
    expect(page).to_have_url(
        re.compile(
            r"days=200&arm=psilocybin~25~1x28~p-7h1,i1h1\.5,x2h0\.5d,i4h2g,t8h1,i11h2g~2to20h3,23to90h1\.5~g6i~0\.8~Clinic"
            r"&arm=psilocybin~10~1x28~p-7h1$"
        ),
        timeout=LONG_MS,
    )


@pytest.mark.parametrize(
    ("locale", "country", "typed", "shown", "line", "time"),
    [
        ("de-DE", "DE", ["5.4.2027", "30.2.2027"], "05.04.2027", "Mo., 5. Apr.", "9:30"),
        ("en-US", "US", ["4/5/2027", "2/30/2027"], "04/05/2027", "Mon, Apr 5", "9:30 AM"),
    ],
)
def test_dates_are_those_of_the_readers_country(
    visit: Callable[..., Visit], locale: str, country: str, typed: list[str], shown: str, line: str, time: str
) -> None:
    page = visit(locale=locale).go("/plan?start=2027-03-02")
    expect(page.get_by_label("Country of the public holidays")).to_have_value(country)
    start = page.get_by_role("textbox", name="Start")
    start.press_sequentially("")
    start.fill(typed[0][:-2])  # The year is half typed: nothing is said while it is, and nothing moves.
    expect(page.get_by_test_id("plan-items").locator(".dosing .on")).not_to_have_text(line)
    assert page.locator(".wrong, .warn").count() == 0
    start.fill(typed[0])
    start.press("Enter")
    expect(start).to_have_value(shown)
    expect(page.get_by_test_id("plan-items").locator(".dosing .on")).to_have_text(line)
    start.fill(typed[1])
    start.press("Enter")
    expect(page.get_by_text("There is no such day.")).to_be_visible()
    expect(page.get_by_test_id("plan-items").locator(".dosing .on")).to_have_text(line)
    start.press("Escape")
    expect(start).to_have_value(shown)
    at = page.get_by_role("textbox", name="Common time")
    at.fill("9:30")
    at.press("Enter")
    expect(page.get_by_test_id("plan-items").locator(".dosing .at")).to_have_text(re.compile(time.replace(" ", r"\s")))
    first = page.get_by_test_id("months").locator("thead th").first
    expect(first).to_have_text("Mo" if country == "DE" else "Sun")


def test_people_share_a_group_and_conflicts_are_shown(visit: Callable[..., Visit], tmp_path: Path) -> None:
    one = visit()
    page = one.go(SIX + "&group=integration&groupday=we&grouptime=17:00")
    page.get_by_label("Code", exact=True).fill("Anna")
    expect(page.get_by_text("such as K-07: no name")).to_be_visible()
    page.get_by_label("Code", exact=True).fill("K-07")
    page.get_by_role("button", name="Add a person").click()
    people = page.get_by_role("group", name="People")
    expect(people.get_by_role("button", name="P-1", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(row(page, "Infusion 1 of 6")).to_contain_text("Tue 30 Mar", timeout=LONG_MS)  # The Monday is a holiday.
    group = page.get_by_test_id("group")
    expect(group.get_by_role("columnheader", name="K-07")).to_be_visible(timeout=LONG_MS)
    expect(group).to_contain_text("Wed 7 Apr")
    conflicts = page.get_by_test_id("conflicts")
    expect(conflicts).to_contain_text("the team holds 1 at once", timeout=LONG_MS)
    expect(page.get_by_text("conflict", exact=True).first).to_be_visible()
    page.get_by_label("Meetings and dosings at once").select_option("2")
    expect(conflicts).to_contain_text("No conflict")
    address = page.url
    page.reload()
    expect(group).to_contain_text("K-07", timeout=LONG_MS)
    assert page.url == address
    text = kept(page, "Team's calendar", tmp_path / "team.ics").decode()
    assert {"K-07", "P-1"} <= {line[8:].split(":")[0] for line in text.splitlines() if line.startswith("SUMMARY:")}
    care = json.loads(kept(page, "CarePlan, FHIR", tmp_path / "care.json"))
    assert (care["resourceType"], care["subject"]["identifier"]["value"]) == ("CarePlan", "P-1")
    page.get_by_text("Templates", exact=True).click()
    page.get_by_label(re.compile("Keep this plan as a template")).fill("Six in three weeks")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_text("Kept, without people and dates.")).to_be_visible()
    page.goto(one.address + "/plan?start=2027-05-03&code=X-1&country=DE")
    expect(page.get_by_label("Dosings")).to_have_value("1")
    page.get_by_text("Templates", exact=True).click()
    page.get_by_role("button", name="Six in three weeks").click()
    expect(row(page, "Infusion 6 of 6")).to_contain_text("Thu 20 May")
    expect(page.get_by_label("Code", exact=True)).to_have_value("X-1")


def test_the_strip_says_what_one_more_meeting_adds_and_crowns_no_day(visit: Callable[..., Visit]) -> None:
    page = visit().go(ONE)
    best = page.get_by_test_id("best-day")
    expect(best).to_have_attribute("aria-busy", "false", timeout=LONG_MS)
    expect(best.locator(".range")).to_have_text(re.compile(r"90 % interval −[\d.]+ to [+−][\d.]+"))
    expect(best).to_contain_text("If one explanation holds: The window (weight")
    if best.locator(".range").inner_text().split(" to ")[1].startswith("+"):
        expect(best).to_contain_text("The model cannot tell whether one more meeting adds anything")
    best.get_by_role("slider").press("Home")
    best.get_by_role("button", name="Add a meeting on Wed 3 Mar").click()
    expect(row(page, "Integration, added by hand")).to_contain_text("Wed 3 Mar")


def test_the_printed_plan_is_one_page_for_the_person_and_one_for_the_team(
    visit: Callable[..., Visit], tmp_path: Path
) -> None:
    one = visit()
    page = one.go(SIX)
    expect(page.get_by_test_id("person-sheet")).to_be_attached()
    for sheet, other in (("person", "team"), ("team", "person")):
        page.evaluate(f"document.documentElement.dataset.sheet = '{sheet}'")
        page.emulate_media(media="print")
        expect(page.get_by_test_id(f"{sheet}-sheet")).to_be_visible()
        expect(page.get_by_test_id(f"{other}-sheet")).to_be_hidden()
        expect(page.get_by_test_id("months")).to_be_hidden()
        one.keep(f"plan-print-{sheet}")
        data = page.pdf(format="A4", prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page[^s]", data)) == 1
        page.emulate_media(media="screen")
    assert "window" not in page.get_by_test_id("person-sheet").inner_text().lower()
    expect(page.get_by_test_id("team-sheet")).to_contain_text("Monitoring, ketamine")


def test_check_words_change_the_cautions_and_stay_out_of_the_address(visit: Callable[..., Visit]) -> None:
    page = visit().go("/plan?medicine=mdma&dose=80&dates=2027-03-02&country=none")
    cautions = page.locator(".beneath").get_by_test_id("cautions").locator("li")
    before = cautions.count()
    page.get_by_text("Check interactions").click()
    page.get_by_label("An SSRI is taken").check()
    expect(cautions).not_to_have_count(before)
    page.wait_for_timeout(400)
    assert "ssri" not in page.url.lower()


def test_date_time_and_title_of_an_entry_lie_apart_also_over_the_turn_of_the_year(visit: Callable[..., Visit]) -> None:
    one = visit(locale="en-US")
    for start, most in (("2027-03-22", "Apr"), ("2026-12-14", "Jan 4, 2027")):
        page = one.go(SIX.replace("2027-03-22", start).replace("10:00", "12:30"))
        expect(page.get_by_test_id("plan-items").locator(".row-line .on").last).to_contain_text(most, timeout=LONG_MS)
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(APART, ".row-line > :is(.on, .at, .title)") == [], (start, width)
            assert page.locator(".row-line > :is(.on, .at)").evaluate_all(CUT) == [], (start, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1280, 360])
def test_the_plan_is_short_reachable_by_keys_and_for_everybody(visit: Callable[..., Visit], width: int) -> None:
    one = visit(viewport={"width": width, "height": 800 if width > 400 else 780}, color_scheme="dark")
    page = one.go(ONE)
    for part in ("big-number", "plan-sentence"):
        expect(page.get_by_test_id(part)).to_be_in_viewport(ratio=0.9)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    best = page.get_by_test_id("best-day")
    expect(best).to_have_attribute("aria-busy", "false", timeout=LONG_MS)
    assert page.evaluate("document.body.scrollHeight") < (2_100 if width > 400 else 4_200)
    day = page.get_by_test_id("months").locator('[data-date="2027-03-02"]')
    day.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.get_by_test_id("months").locator('[data-date="2027-03-11"]')).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("plan-items").locator(".editor")).to_be_visible()
    assert one.serious() == []
    page.get_by_role("button", name="Light").click()
    assert one.serious() == []
    one.keep(f"plan-{width}")


def test_a_server_that_stops_answering_costs_no_change(visit: Callable[..., Visit]) -> None:
    one = visit()
    page = one.go(ONE)
    one.refusals = (502,)
    expect(row(page, "Preparation 3 of 3")).to_be_visible()
    page.route("**/api/plan", lambda route: route.fulfill(status=502, json={"error": "The studio rests."}))
    page.get_by_label("Preparation meetings").select_option("1")
    expect(page.get_by_role("alert").first).to_contain_text("The studio rests.")
    expect(page.locator(".laid")).to_have_class(re.compile("stale"))
    page.unroute("**/api/plan")
    page.evaluate("dispatchEvent(new Event('afterglow-back'))")
    expect(row(page, "Preparation 1 of 1")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_an_address_that_cannot_be_read_whole_is_told(visit: Callable[..., Visit]) -> None:
    page = visit().go("/plan?start=2027-02-31&time=25:00&code=Anna&country=none")
    expect(page.get_by_role("alert")).to_have_text(
        "The address says “2027-02-31”, “25:00”, “Anna”, which cannot be read here and is left out."
    )
    expect(page.get_by_test_id("plan-items").locator("li.dosing")).to_be_visible(timeout=LONG_MS)
