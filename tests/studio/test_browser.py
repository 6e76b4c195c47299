"""The pages in a real browser: each main path, dragging, keys, reload, jobs that die, print, accessibility."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.studio.chromium import APART, Visit, running
from typer.testing import CliRunner

from afterglow.cli.main import app

PAGES = ("/explore", "/teach", "/compare", "/design", "/plan", "/follow", "/evidence", "/about")
LONG_MS = 90_000
CONTEXT = {"viewport": {"width": 1400, "height": 1000}}
STUDIO = ("--workers", "2")


def last_marker(page: Page) -> Locator:
    return page.get_by_test_id("session-marker").last


def day_of(marker: Locator) -> int:
    return int(float(marker.get_attribute("aria-valuenow") or "nan"))


def told(page: Page) -> str:
    """Return what the picture says of itself: its scores under the cursor and at the end."""
    return page.get_by_test_id("hero").get_attribute("aria-label") or ""


def rested(page: Page) -> None:
    """Wait until the full run has taken the place of the first answer."""
    page.wait_for_timeout(350)
    expect(page.get_by_test_id("how-sure")).to_have_attribute("aria-busy", "false", timeout=LONG_MS)
    expect(page.locator(".answer")).to_have_attribute("aria-busy", "false", timeout=LONG_MS)


def settled(page: Page, before: str) -> str:
    """Wait until the picture has changed."""
    expect(page.get_by_test_id("hero")).not_to_have_attribute("aria-label", before)
    return told(page)


SCREENS = [{"width": 1280, "height": 800}, {"width": 360, "height": 780}]


@pytest.mark.parametrize("screen", SCREENS, ids=["desk", "phone"])
def test_the_first_screen_has_picture_number_interval_and_sentence(visit: Callable[..., Visit], screen: Any) -> None:
    one = visit(viewport=screen)
    page = one.go("/explore")
    rested(page)
    for part in ("hero", "big-number", "big-interval", "sentence"):
        expect(page.get_by_test_id(part)).to_be_in_viewport(ratio=1)
    below = page.get_by_test_id("sentence").bounding_box()
    sheet = page.locator(".sheet").bounding_box()
    assert below is not None
    assert sheet is not None
    assert below["y"] + below["height"] <= sheet["y"], "the sheet of choices covers the sentence"
    one.keep(f"first-screen-{screen['width']}")


def test_explore_tells_the_difference_its_interval_and_each_explanation(visit: Callable[..., Visit]) -> None:
    one = visit()
    page = one.go("/explore")
    rested(page)
    number = float(page.get_by_test_id("big-number").inner_text().replace("−", "-"))
    expect(page.get_by_test_id("big-interval")).to_have_text(re.compile(r"90 % interval −[\d.]+ to \+[\d.]+"))
    expect(page.get_by_test_id("verdict")).to_contain_text("The model cannot tell whether it adds anything.")
    # The means in the picture are those of the same full run, and so their difference is the one that is told.
    ends = re.search(r"on day 182 ([\d.]+) and ([\d.]+)\.", told(page))
    assert ends is not None
    assert number == pytest.approx(float(ends[1]) - float(ends[2]), abs=0.11)
    expect(page.get_by_test_id("gap-number")).to_contain_text(page.get_by_test_id("big-number").inner_text())
    strip = page.get_by_test_id("how-sure").get_by_role("img").get_attribute("aria-label") or ""
    assert re.search(r"The drug alone, weight \d+ %: \S+, 90 % interval \S+ to \S+", strip)
    assert f"All, weighted: {page.get_by_test_id('big-number').inner_text()}" in strip
    expect(page.get_by_label("Inside the model").or_(page.locator(".inside"))).to_contain_text(
        "256 virtual people at 64 draws"
    )
    one.keep("explore")


def test_the_people_drawn_are_those_who_respond(visit: Callable[..., Visit]) -> None:
    page = visit().go("/explore")
    rested(page)
    said = re.search(r"(\d+) in 100 respond", page.get_by_test_id("verdict").inner_text())
    drawn = re.search(r"(\d+) of 32", page.get_by_test_id("people-respond").text_content() or "")
    assert said is not None
    assert drawn is not None
    assert int(drawn[1]) == pytest.approx(0.32 * int(said[1]), abs=0.7)
    expect(page.locator(".people circle.responds")).to_have_count(int(drawn[1]))


def test_the_fall_is_split_into_parts_that_sum_to_it(visit: Callable[..., Visit]) -> None:
    page = visit().go("/explore?for=trd&arm=psilocybin~25~1x28~p-1h1.5,i1h1.5~2to60h3&at=60")
    why = page.get_by_test_id("why")
    why.scroll_into_view_if_needed()
    expect(why.get_by_role("row")).to_have_count(5, timeout=LONG_MS)
    parts = [float(cell.replace("−", "-").replace("+", "")) for cell in why.get_by_role("cell").all_inner_texts()]
    whole = re.search(r"of ([\d.]+) in all", why.inner_text())
    assert whole is not None
    assert sum(parts) == pytest.approx(float(whole[1]), abs=0.26)


def test_the_stage_is_driven_by_the_run_and_by_the_cursor(visit: Callable[..., Visit], tmp_path: Path) -> None:
    one = visit()
    page = one.go("/explore?for=trd&arm=psilocybin~25~1x28~p-1h1.5,i1h1.5~2to60h3&at=0.0833")
    brain = page.get_by_test_id("brain")
    brain.scroll_into_view_if_needed()
    stage, when = page.get_by_test_id("brain-stage"), page.get_by_test_id("brain-when")
    expect(when).to_have_text("2.0 hours after the dose", timeout=LONG_MS)
    taken = re.search(r"occupied (\d+) %", stage.get_attribute("aria-label") or "")
    assert taken is not None
    assert 50 < int(taken[1]) < 80
    page.get_by_label("Time after the dose").focus()
    page.keyboard.press("End")
    expect(when).to_have_text("Day 182")
    expect(page.get_by_test_id("hero").locator(".pointed text")).to_contain_text("day 182")
    page.keyboard.press("Home")
    page.get_by_label("Speed").select_option("4")
    page.get_by_test_id("brain-play").click()
    expect(when).to_have_text(re.compile("Day"), timeout=LONG_MS)
    page.get_by_test_id("brain-play").click()
    halted = when.inner_text()
    page.wait_for_timeout(400)
    assert when.inner_text() == halted
    brain.get_by_role("button", name=re.compile("^New spines")).click()
    expect(page.get_by_test_id("brain-thing")).to_contain_text("seen in animals")
    expect(page.get_by_test_id("brain-thing").get_by_role("link")).to_have_count(3)
    with page.expect_download() as kept:
        brain.get_by_role("button", name="Save this picture").click()
    kept.value.save_as(tmp_path / "still.svg")
    drawn = (tmp_path / "still.svg").read_text(encoding="utf-8")
    assert "not medical advice" in drawn
    assert "var(" not in drawn
    one.keep("explore-brain")
    page.set_viewport_size({"width": 360, "height": 780})
    expect(stage).to_have_attribute("width", re.compile(r"^3\d\d$"))
    assert page.evaluate(APART, '[data-testid="brain-stage"] :is(.when, .part)') == []


def test_the_sentence_changes_the_design_and_undo_takes_it_back(visit: Callable[..., Visit]) -> None:
    page = visit().go("/explore")
    before = told(page)
    sentence = page.get_by_test_id("sentence")
    sentence.get_by_label("Sessions of integration").select_option("2")
    expect(page.get_by_test_id("session-marker")).to_have_count(4)
    settled(page, before)
    page.wait_for_timeout(700)
    sentence.get_by_label("Medicine").select_option("mdma")
    expect(sentence.get_by_label("Condition")).to_have_value("ptsd")
    page.wait_for_timeout(700)
    page.get_by_role("button", name="Undo").click()
    expect(sentence.get_by_label("Medicine")).to_have_value("psilocybin")
    expect(sentence.get_by_label("Condition")).to_have_value("treatment_resistant_depression")
    expect(page.get_by_test_id("session-marker")).to_have_count(4)
    page.keyboard.press("Control+z")
    expect(page.get_by_test_id("session-marker")).to_have_count(6)
    page.get_by_role("button", name="Redo").click()
    expect(page.get_by_test_id("session-marker")).to_have_count(4)


def test_a_slider_moves_the_curve(visit: Callable[..., Visit]) -> None:
    page = visit().go("/explore")
    before = told(page)
    page.get_by_text("All choices").click()
    dose = page.get_by_role("slider", name="Dose", exact=True)
    dose.focus()
    for _ in range(15):
        page.keyboard.press("ArrowLeft")
    settled(page, before)
    expect(dose).to_have_value("10")
    page.get_by_text("Numbers: MADRS", exact=True).click()
    rows = page.get_by_role("table").first.locator("tbody tr")
    expect(rows.nth(10)).to_be_attached()


def test_dragging_a_session_redraws_and_a_reload_restores_it(visit: Callable[..., Visit]) -> None:
    one = visit()
    page = one.go("/explore")
    before, marker = told(page), last_marker(page)
    start = day_of(marker)
    box = marker.locator("path").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    seen = set()
    for step in range(1, 12):
        page.mouse.move(x + 15 * step, y)
        page.wait_for_timeout(60)
        seen.add(told(page))
    page.mouse.up()
    assert day_of(marker) > start + 7
    assert len(seen) > 1, "the curves redraw while dragging"
    settled(page, before)
    rested(page)
    after, moved = told(page), day_of(marker)
    page.wait_for_url(re.compile(rf"i{moved}h1.5"))
    page.reload()
    page.wait_for_selector("html[data-ready=true]")
    assert day_of(last_marker(page)) == moved
    rested(page)
    expect(page.get_by_test_id("hero")).to_have_attribute("aria-label", after)
    one.keep("explore-dragged")


def test_practice_can_be_dragged_and_resized(visit: Callable[..., Visit]) -> None:
    page = visit().go("/explore")
    bar = page.get_by_test_id("practice-bar")
    first, last = day_of(bar), page.get_by_role("slider", name="Practice, last day")
    end = day_of(last)
    last.focus()
    page.keyboard.press("Shift+ArrowRight")
    assert (day_of(bar), day_of(last)) == (first, end + 7)
    bar.focus()
    page.keyboard.press("ArrowRight")
    assert (day_of(bar), day_of(last)) == (first + 1, end + 8)


def test_one_dosing_of_several_is_moved_by_hand(visit: Callable[..., Visit]) -> None:
    one = visit()
    page = one.go("/explore?for=ptsd&arm=mdma~80~3x28~p-1h1.5,i1h1.5")
    markers = page.get_by_test_id("dosing-marker")
    assert [day_of(markers.nth(k)) for k in range(markers.count())] == [28, 56]
    box = markers.nth(1).locator("path").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 5, steps=4)
    page.mouse.up()
    moved = day_of(markers.nth(1))
    assert moved > 57
    page.wait_for_url(re.compile(rf"mdma~80~0,28,{moved}~"))
    expect(page.get_by_test_id("sentence")).to_contain_text(f"on days 0, 28, {moved}")
    markers.first.focus()
    page.keyboard.press("ArrowLeft")
    assert day_of(markers.first) == 27
    page.wait_for_url(re.compile(rf"mdma~80~0,27,{moved}~"))
    page.reload()
    page.wait_for_selector("html[data-ready=true]")
    assert [day_of(markers.nth(k)) for k in range(2)] == [27, moved]
    one.keep("explore-uneven-dosings")
    markers.first.focus()
    page.keyboard.press("Delete")
    expect(markers).to_have_count(1)


def test_the_keyboard_alone_moves_adds_and_removes_sessions(visit: Callable[..., Visit]) -> None:
    page = visit().go("/explore")
    markers = page.get_by_test_id("session-marker")
    count = markers.count()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.testid") == "session-marker":
            break
    else:
        pytest.fail("no session can be reached with the Tab key")
    held = page.locator("*:focus")
    start = day_of(held)
    page.keyboard.press("ArrowRight")
    assert day_of(held) == start + 1
    page.keyboard.press("Delete")
    expect(markers).to_have_count(count - 1)
    page.get_by_role("button", name="Add a session").focus()
    page.keyboard.press("Enter")
    expect(markers).to_have_count(count)


def test_the_words_follow_the_day_and_name_sources(visit: Callable[..., Visit]) -> None:
    page = visit().go("/explore")
    story = page.get_by_test_id("story")
    expect(story).to_contain_text("window open")
    slider = page.get_by_test_id("day-slider")
    slider.focus()
    page.keyboard.press("End")
    expect(story).to_contain_text("window closed")
    expect(story).to_contain_text("The window has closed")
    assert story.get_by_role("link").first.get_attribute("href")


def test_the_explanation_can_be_chosen_and_stays_in_the_address(visit: Callable[..., Visit]) -> None:
    page = visit().go("/explore")
    rested(page)
    page.get_by_text("All choices").click()
    page.get_by_text("Score at the start, blinding, SSRI, explanation").click()
    chosen = page.get_by_label("Explanation simulated")
    expect(chosen).to_have_value("weighted")
    assert "rival" not in page.url
    chosen.select_option("window")
    page.wait_for_url(re.compile("rival=window"))
    expect(page.get_by_test_id("verdict")).to_contain_text("If the explanation “The window” holds", timeout=LONG_MS)
    chosen.select_option("weighted")
    page.wait_for_url(lambda url: "rival" not in url)
    expect(page.get_by_test_id("verdict")).not_to_contain_text("explanation", timeout=LONG_MS)


def test_a_mistake_is_one_sentence_and_the_picture_stays(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.refusals = (422,)
    page = one.go("/explore?for=trd&arm=psilocybin~5000~1x28")
    expect(page.get_by_role("alert")).to_contain_text("dose")


def test_a_decimal_comma_is_read_and_what_is_out_of_range_is_told(visit: Callable[..., Visit]) -> None:
    page = visit().go("/explore?for=trd&arm=psilocybin~25~1x28")
    dose = page.get_by_label("Dose, mg")
    dose.fill("12,5")
    page.wait_for_url(re.compile("psilocybin~12.5"))
    dose.fill("5000")
    expect(page.get_by_role("status").filter(has_text="stays")).to_have_text("From 1 to 63; it stays 12.5.")
    page.wait_for_url(re.compile("psilocybin~12.5"))
    dose.fill("20")
    expect(page.get_by_role("status").filter(has_text="stays")).to_have_count(0)
    page.wait_for_url(re.compile("psilocybin~20"))


def test_a_german_browser_writes_and_reads_commas(visit: Callable[..., Visit]) -> None:
    page = visit(locale="de-DE").go("/explore?for=trd&arm=psilocybin~12.5~1x28~i1h1.5")
    rested(page)
    expect(page.get_by_label("Dose, mg")).to_have_value("12,5")
    expect(page.get_by_test_id("big-number")).to_have_text(re.compile(r"^[−+]?\d+,\d$"))
    page.get_by_label("Dose, mg").fill("17,5")
    page.wait_for_url(re.compile("psilocybin~17.5"))


def test_about_says_what_it_is_not(visit: Callable[..., Visit]) -> None:
    one = visit()
    page = one.go("/about")
    expect(page.get_by_role("heading", name="What it is not")).to_be_visible()
    expect(page.get_by_text("How to cite")).to_be_visible()
    one.keep("about")


def test_work_is_saved_opened_and_deleted(visit: Callable[..., Visit]) -> None:
    page = visit().go("/explore?for=ptsd&arm=mdma~75~2x28~i1h1.5")
    page.get_by_text("Saved work").click()
    page.get_by_label(re.compile("^Title of this design")).fill("Two doses")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.goto(page.url.split("?")[0])
    page.wait_for_selector("html[data-ready=true]")
    page.get_by_text("Saved work").click()
    page.get_by_role("button", name="Two doses", exact=True).click()
    page.wait_for_url(re.compile("mdma~75~2x28"))
    page.get_by_role("button", name="Delete Two doses").click()
    page.get_by_role("button", name="Yes, delete Two doses").click()
    expect(page.get_by_text("Nothing saved yet.")).to_be_visible()


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious_in_either_theme(visit: Callable[..., Visit], path: str) -> None:
    # The checker is put into the page as text, which the page's own policy rightly forbids.
    one = visit(bypass_csp=True, reduced_motion="reduce")
    for scheme in ("light", "dark"):
        one.page.emulate_media(color_scheme=scheme)
        page = one.go(path)
        page.wait_for_timeout(600)
        page.evaluate("document.querySelectorAll('main details').forEach((d, k) => { d.open = k < 4; })")
        page.wait_for_timeout(300)
        assert one.serious() == [], scheme


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_needs_no_sideways_scrolling(visit: Callable[..., Visit], path: str) -> None:
    one = visit(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = one.go(path)
    page.wait_for_timeout(500)
    one.keep(f"phone{path.replace('/', '-')}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_what_arrives_later_is_never_wider_than_a_phone(visit: Callable[..., Visit]) -> None:
    one = visit(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    one.page.add_init_script(
        "window.widest = 0; const look = () => { window.widest = Math.max(window.widest,"
        " document.documentElement?.scrollWidth ?? 0); requestAnimationFrame(look); }; look();"
    )
    page = one.go("/plan")
    expect(page.locator("figure.strip svg")).to_be_visible(timeout=20_000)
    page.wait_for_timeout(300)
    assert page.evaluate("window.widest") == 360


def test_every_chart_has_words_and_a_table(visit: Callable[..., Visit]) -> None:
    page = visit().go("/explore")
    charts = page.locator("figure.chart")
    assert charts.count() >= 5
    for chart in charts.all():
        label = chart.get_by_role("img").get_attribute("aria-label") or ""
        assert re.search(r"\d", label), label
        expect(chart.locator("details.numbers")).to_have_count(1)


def test_the_theme_can_be_turned_and_is_kept(visit: Callable[..., Visit]) -> None:
    page = visit(color_scheme="light").go("/explore")
    page.get_by_role("button", name="Dark").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.reload()
    expect(page.get_by_role("button", name="Light")).to_be_visible()


def test_pages_are_links_and_the_back_button_works(visit: Callable[..., Visit]) -> None:
    page = visit().go("/explore?for=trd&arm=psilocybin~20~1x28~i1h1.5")
    page.get_by_role("link", name="About").click()
    expect(page.get_by_role("heading", name="What it is not")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Dose, mg", exact=True)).to_have_value("20")


def test_a_login_is_demanded_and_guessing_is_stopped(browser: Browser, tmp_path: Path) -> None:
    with running(tmp_path, "--login") as studio:
        database = f"sqlite:///{tmp_path}/studio.sqlite3"
        for name, role in (("eva", "editor"), ("vic", "viewer")):
            added = CliRunner().invoke(
                app,
                ["studio-user", "add", name, "--role", role, "--password-stdin"],
                input="correct horse battery\n",
                env={"AFTERGLOW_DATABASE_URL": database},
            )
            assert added.exit_code == 0, added.output
        one = Visit(browser, studio.address)
        page = one.page
        page.goto(studio.address + "/explore?for=ptsd&arm=mdma~75~2x28")
        expect(page.get_by_role("heading", name="Log in")).to_be_visible()
        for _ in range(6):
            page.get_by_label("Name").fill("vic")
            page.get_by_label("Password").fill("wrong")
            with page.expect_response("**/api/login") as answer:
                page.get_by_role("button", name="Log in").click()
        assert answer.value.status == 429
        expect(page.get_by_role("alert")).to_be_visible()
        page.get_by_label("Name").fill("eva")
        page.get_by_label("Password").fill("correct horse battery")
        page.get_by_role("button", name="Log in").click()
        page.wait_for_selector("html[data-ready=true]", timeout=30_000)
        assert "mdma~75~2x28" in page.url
        cookies = {c["name"]: c for c in one.context.cookies()}
        assert all(c["httpOnly"] and c["sameSite"] == "Strict" for c in cookies.values())
        assert json.dumps([c["value"] for c in cookies.values()]) not in page.content()
        page.get_by_role("button", name="Log out eva").click()
        expect(page.get_by_role("heading", name="Log in")).to_be_visible()
        one.complaints.clear()  # the browser notes each refusal
        one.close()
