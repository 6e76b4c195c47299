"""The tasks of three users from end to end, by what they see: a clinic's therapist, a trial designer, a teacher."""

from __future__ import annotations

import csv
import io
import json
import re
import struct
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from pathlib import Path

import icalendar
from playwright.sync_api import Page, expect
from tests.studio.chromium import Visit

from afterglow.protocol import Protocol
from afterglow.trial.specification.trial import Trial

LONG_MS = 120_000
CONTEXT = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB"}
NAVIGATION_MS = LONG_MS


def taken(page: Page, role: str, name: str, place: Path) -> bytes:
    """Press what hands a file over, and return the file."""
    with page.expect_download(timeout=LONG_MS) as download:
        page.get_by_role(role, name=name, exact=True).click()  # type: ignore[arg-type]
    download.value.save_as(place)
    return place.read_bytes()


def number(text: str) -> float:
    return float(text.replace("−", "-").replace("+", ""))


def phone(one: Visit, name: str) -> None:
    """Look at the page as it stands on a phone: it does not scroll sideways."""
    one.page.set_viewport_size({"width": 360, "height": 780})
    one.page.wait_for_timeout(300)
    assert one.page.evaluate("document.documentElement.scrollWidth") <= 360
    one.keep(f"{name}-phone")
    one.page.set_viewport_size({"width": 1280, "height": 800})


def entries(page: Page) -> list[str]:
    listed = page.get_by_role("region", name="Entries").get_by_role("listitem").all_inner_texts()
    return [" ".join(text.split()) for text in listed]


def test_a_therapist_takes_a_course_from_explore_onto_the_wall(visit: Callable[..., Visit], tmp_path: Path) -> None:
    one = visit()
    page = one.go("/explore")
    page.get_by_test_id("sentence").get_by_label("Medicine").select_option(label="ketamine")
    expect(page.get_by_test_id("big-interval")).to_contain_text(
        re.compile(r"90 % interval −[\d.]+ to"), timeout=LONG_MS
    )
    page.get_by_role("link", name="Put it on a calendar").click()

    # On dates: the start is typed, everything moves along, and what does not suit is opened and moved.
    expect(page.get_by_role("heading", level=1)).to_have_text("Plan the course, and the work after it")
    expect(page.get_by_text("Laid from Explore, day for day.")).to_be_visible(timeout=LONG_MS)
    start = page.get_by_role("textbox", name="Start")
    start.fill("12/4/2027")
    start.press("Enter")
    at = page.get_by_role("textbox", name="Common time")
    at.fill("10:00")
    at.press("Enter")
    rows = page.get_by_role("region", name="Entries").get_by_role("listitem")
    expect(rows.filter(has_text="Infusion 1 of 6")).to_contain_text(re.compile(r"Mon 12 Apr\s*10:00"), timeout=LONG_MS)
    expect(rows.filter(has_text="Integration 1 of 8")).to_contain_text("Tue 13 Apr")
    wrong = page.get_by_role("region", name="Conflicts")
    expect(wrong).to_contain_text("Preparation 2 of 2: a Sunday.", timeout=LONG_MS)
    wrong.get_by_role("button", name="Open: Preparation 2 of 2: a Sunday.").click()
    date = page.get_by_role("textbox", name="Date", exact=True)
    date.fill("9 Apr 2027")
    date.press("Enter")
    page.get_by_role("button", name="Done").click()
    expect(rows.filter(has_text="Preparation 2 of 2")).to_contain_text("Fri 9 Apr")
    expect(wrong).not_to_contain_text("Sunday", timeout=LONG_MS)
    page.get_by_label("Code", exact=True).fill("K-07")
    expect(page).to_have_url(re.compile("code=K-07"))
    one.keep("user-therapist-plan")
    assert one.serious() == []

    # Two sheets for the wall, each on one page, and a calendar in which no medicine is named.
    page.evaluate("window.print = () => undefined")
    for button, sheet in (("Print for the person", "person-sheet"), ("Print for the team", "team-sheet")):
        page.get_by_role("button", name=button).click()
        page.emulate_media(media="print")
        expect(page.get_by_test_id(sheet)).to_be_visible()
        expect(page.get_by_test_id(sheet)).to_contain_text("Mon, 12 Apr 2027, 10:00")
        assert len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(format="A4", prefer_css_page_size=True))) == 1
        page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    events = icalendar.Calendar.from_ical(taken(page, "button", "Calendar file, .ics", tmp_path / "plan.ics"))
    times = {str(e["SUMMARY"]): str(e["DTSTART"].dt) for e in events.walk("VEVENT")}
    assert next(when for what, when in times.items() if "Dosing day 1" in what) == "2027-04-12 10:00:00"
    assert next(when for what, when in times.items() if "Preparation 2" in what) == "2027-04-09 10:00:00"
    assert "ketamine" not in (tmp_path / "plan.ics").read_text(encoding="utf-8").lower()

    # Into Explore and back: nothing has changed.
    before, address = entries(page), page.url
    page.get_by_role("link", name="Open in Explore").click()
    expect(page.get_by_test_id("hero")).to_be_visible(timeout=LONG_MS)
    assert re.search(r"arm=ketamine~0\.5~.*p-7h1\.5,p-3h1\.5,i1h1\.5", page.url), "the meeting is where it was moved to"
    page.get_by_role("link", name="Back to the plan").click()
    expect(rows.filter(has_text="Infusion 6 of 6")).to_be_visible(timeout=LONG_MS)
    assert (entries(page), page.url) == (before, address)
    phone(one, "user-therapist-plan")

    # The person's scores beside the plan; the file that is kept holds them.
    page.get_by_role("link", name="Follow one person").click()
    for line, (day, score) in enumerate((("0", "33"), ("7", "24"), ("14", "20")), start=1):
        page.get_by_label(f"Day or date, line {line}", exact=True).fill(day)
        page.get_by_label(f"Scale, line {line}", exact=True).select_option("MADRS")
        page.get_by_label(f"Score or answers, line {line}", exact=True).fill(score)
        page.keyboard.press("Tab")
    expect(page.get_by_test_id("big-interval")).to_contain_text("90 of 100:", timeout=LONG_MS)
    expect(page.get_by_test_id("hero")).to_have_attribute("aria-label", re.compile("3 scores so far"), timeout=LONG_MS)
    expect(page.get_by_test_id("answer")).to_have_attribute("aria-busy", "false", timeout=LONG_MS)
    one.keep("user-therapist-follow")
    kept = json.loads(taken(page, "button", "Keep as a file", tmp_path / "scores.json"))
    assert "33" in json.dumps(kept)
    assert "ketamine" in json.dumps(kept)
    phone(one, "user-therapist-follow")


def test_a_designer_compares_two_doses_sizes_the_trial_and_takes_all_of_it_along(
    visit: Callable[..., Visit], tmp_path: Path
) -> None:
    one = visit()
    page = one.go("/compare")
    page.get_by_text("Change “", exact=False).click()
    name, dose = page.get_by_label("Name of the arm"), page.get_by_label("Dose, number", exact=True)
    name.fill("Full dose")
    page.get_by_text("Add an arm", exact=True).click()
    page.get_by_role("button", name="Add a copy of Full dose").click()
    dose.fill("1")
    dose.press("Tab")
    name.fill("Low dose")
    asked = page.get_by_test_id("asked")
    asked.get_by_label("Compared with").select_option(label="Low dose")
    asked.get_by_label("Blinding").select_option(label="blinded")
    page.get_by_role("button", name="Without integration", exact=True).click()
    page.get_by_role("button", name="Remove Without integration").click()
    expect(page).to_have_url(re.compile("against=2"))
    answer = page.locator(".answer")
    expect(answer).to_contain_text("“Full dose” minus “Low dose”", timeout=LONG_MS)
    expect(answer).to_have_attribute("aria-busy", "false", timeout=LONG_MS)
    said = page.get_by_test_id("big-number").inner_text()
    low, high = map(number, re.findall(r"[−+][\d.]+", page.get_by_test_id("big-interval").inner_text()))
    told = page.get_by_test_id("verdict").inner_text()
    assert ("cannot tell which is better" in told) == (low <= 0 <= high), "no winner where the interval holds zero"
    forest = page.get_by_role("region", name="Differences between arms")
    forest.get_by_text("The numbers as a table").click()
    expect(forest.get_by_role("columnheader", name="The window")).to_be_visible()
    expect(forest.get_by_role("row").nth(1)).to_contain_text(f"{said} (")
    one.keep("user-designer-compare")
    assert one.serious() == []

    # The archive is read as a colleague would: the same difference, and a protocol that makes it again.
    archive = zipfile.ZipFile(io.BytesIO(taken(page, "button", "All of it, ZIP", tmp_path / "all.zip")))
    held = {file: archive.read(file).decode("utf-8") for file in archive.namelist()}
    rows = list(csv.DictReader(io.StringIO(held["contrasts.csv"])))
    names = {row["arm"]: row["label"] for row in csv.DictReader(io.StringIO(held["arms.csv"]))}
    (pair,) = (
        r for r in rows
        if (names[r["arm"]], names[r["versus"]], float(r["day"])) == ("Full dose", "Low dose", 42)
    )  # fmt: skip
    ends = [float(pair[key]) for key in ("mean_difference", "credible_low", "credible_high")]
    assert [round(end, 1) for end in ends] == [number(said), low, high]
    explained = {(row["file"], row["column"]) for row in csv.DictReader(io.StringIO(held["data_dictionary.csv"]))}
    assert ("contrasts.csv", "credible_low") in explained
    assert [arm.label for arm in Protocol.from_yaml(held["protocol.yaml"]).arms] == ["Full dose", "Low dose"]
    assert "90 %" in held["methods.txt"]
    shared = taken(page, "button", "Page to share, HTML", tmp_path / "page.html").decode("utf-8")
    assert "Each arm minus Low dose" in shared
    assert not re.search(r"<script|<link|src=[\"']?http", shared)
    phone(one, "user-designer-compare")

    # How large: power at each size under each explanation, and the trial as a file.
    page.get_by_role("link", name="How large must a trial of these arms be?").click()
    expect(page.get_by_test_id("asked")).to_contain_text("trial of", timeout=LONG_MS)
    expect(page.get_by_text("Not all of this link could be read.")).to_have_count(0)
    page.get_by_label("People in the control arm").fill("10; 40")
    page.get_by_label("Trials of each size").fill("50")
    page.get_by_label("Virtual people to draw from").fill("64")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Simulate 100 trials").click()
    expect(page.get_by_test_id("power")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_test_id("power-said")).to_contain_text(re.compile(r"hope alone \d+ %"))
    table = page.get_by_role("region", name="Sizes as a table")
    expect(table.get_by_role("rowheader")).to_have_text(["10", "40"])
    one.keep("user-designer-size")
    taken(page, "button", "Trial, YAML", tmp_path / "trial.yaml")
    assert Trial.from_file(tmp_path / "trial.yaml").section.sizes == (10, 40)
    phone(one, "user-designer-size")


def test_a_teacher_tells_the_story_asks_first_and_takes_slides(visit: Callable[..., Visit], tmp_path: Path) -> None:
    one = visit()
    page = one.go("/explore")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Teach").click()
    heading, guess = page.get_by_role("heading", level=2), page.get_by_role("slider", name=re.compile("Your guess"))
    show, told = page.get_by_role("button", name="Show what the model says"), page.get_by_test_id("story-answer")
    drawn = page.locator(".story-picture .line.own")

    # Without a guess nothing is said of one.
    expect(heading).to_contain_text("1. Nothing is given")
    show.click(timeout=LONG_MS)
    expect(told).to_contain_text(re.compile(r"On day 182 the mean MADRS is [\d.]+"))
    expect(told).not_to_contain_text("You said")
    page.get_by_role("button", name="Next").click()
    expect(heading).to_contain_text("2. The drug opens a door")

    # A guess by the mouse comes before the answer, and is told beside it.
    expect(show).to_be_visible(timeout=LONG_MS)
    expect(drawn).to_have_count(0)
    box = guess.locator("circle").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 90, steps=4)
    page.mouse.up()
    guessed = guess.get_attribute("aria-valuenow")
    expect(page.get_by_text(f"your guess: {guessed}")).to_be_visible()
    show.click()
    expect(told).to_contain_text(f"You said {guessed}")
    expect(drawn).to_have_count(1)
    page.get_by_role("button", name="Next").click()
    show.click(timeout=LONG_MS)
    expect(told).to_contain_text(re.compile(r"Integration adds −[\d.]+ points by this model, 90 % interval"))
    one.keep("user-teacher-work")

    # The same curve under another explanation.
    page.get_by_role("button", name="Next").click()
    expect(told).to_contain_text("Integration adds", timeout=LONG_MS)
    weighted, line = told.inner_text(), drawn.get_attribute("d")
    page.get_by_role("button", name=re.compile("^Hope alone")).click()
    expect(told).not_to_have_text(weighted, timeout=LONG_MS)
    expect(drawn).not_to_have_attribute("d", line or "")
    expect(page.get_by_role("region", name="Step 4")).to_have_attribute("aria-busy", "false", timeout=LONG_MS)
    page.wait_for_timeout(700)  # the curve has come to rest
    one.keep("user-teacher-explanations")
    assert one.serious() == []

    # Slides that a lecture can show, of what stands on the page.
    slide = taken(page, "button", "Slide as PNG, 1920 × 1080", tmp_path / "slide.png")
    assert struct.unpack(">II", slide[16:24]) == (1920, 1080)
    root = ET.fromstring(taken(page, "button", "Slide as SVG", tmp_path / "slide.svg").decode("utf-8"))
    words = " ".join("".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text"))
    assert root.get("viewBox") == "0 0 1920 1080"
    assert "Four explanations of the same trials" in words
    assert "not medical advice" in words
    assert " ".join(told.inner_text().split())[:60] in words

    # In front of a class: nothing but the story, turned by the arrow keys.
    page.get_by_role("button", name="Present").click()
    expect(page.get_by_role("navigation", name="Pages")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(heading).to_contain_text("5. The door closes")
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    one.keep("user-teacher-presenting")
    page.get_by_role("button", name="End presenting").click()
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
    phone(one, "user-teacher")
