"""The page Compare in a real browser: eight arms, lanes, differences, the map, runs that end or die, files."""

from __future__ import annotations

import re
import signal
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from tests.studio.chromium import Served, Visit

from afterglow.protocol import Protocol

LONG_MS = 90_000
THREE = (
    "/compare?for=trd&people=40&arm=psilocybin~25~1x28~p-7h1.5,i1h1.5,i14h1.5~2to60h3~~~Full"
    "&arm=psilocybin~25~1x28~p-7h1.5~~~~Bare&arm=psilocybin~10~1x28~p-7h1.5,i1h1.5,i14h1.5~2to60h3~~~Low"
)
CONTEXT = {"viewport": {"width": 1280, "height": 800}}
STUDIO = ("--workers", "2")
NAVIGATION_MS = LONG_MS


OVERLAPS = """() => [...document.querySelectorAll('[data-testid=forest] svg')].flatMap((svg) => {
  const drawn = [...svg.querySelectorAll('.bar text, .bar .reach, .bar rect')];
  const found = drawn.map((own) => ({ own, box: own.getBBox() }));
  const inside = (a, b, at, size) => a[at] < b[at] + b[size] && b[at] < a[at] + a[size];
  const on = (a, b) => inside(a, b, 'x', 'width') && inside(a, b, 'y', 'height');
  return found.filter(({ own }) => own.tagName === 'text').flatMap(({ own, box }) => [
    ...found.filter((o) => o.own !== own && on(box, o.box)).map((o) => `${own.textContent} on ${o.own.outerHTML}`),
    ...(box.x < -1 || box.x + box.width > svg.clientWidth + 1 ? [`${own.textContent} is cut`] : []),
  ]);
})"""
"""Words of the differences that lie on something else, or are cut."""


LINES = """(box, place) => {
  const range = document.createRange();
  range.selectNodeContents(box.querySelector(place));
  return [...range.getClientRects()].map((line) => [line.left, Math.round(line.top)]);
}"""
"""Left and top of each line of words."""


def rested(page: Page) -> None:
    page.wait_for_timeout(350)
    expect(page.locator(".answer")).to_have_attribute("aria-busy", "false", timeout=LONG_MS)


def run_with(page: Page, people: int) -> None:
    page.get_by_label("People in each arm").fill(str(people))
    page.get_by_role("button", name=re.compile("^Run with")).click()


@pytest.mark.parametrize("screen", [{"width": 1280, "height": 800}, {"width": 360, "height": 780}])
def test_the_first_screen_says_what_differs_and_how_sure_that_is(
    visit: Callable[..., Visit], screen: dict[str, int]
) -> None:
    one = visit(viewport=screen)
    page = one.go(THREE)
    rested(page)
    for testid in ("big-number", "big-interval", "verdict", "scale-chart"):
        box = page.get_by_test_id(testid).bounding_box()
        assert box is not None
        assert box["y"] + min(box["height"], 120) < screen["height"], testid
    low, high = re.findall(r"[−+]?\d+\.\d", page.get_by_test_id("big-interval").inner_text())
    holds_zero = low.startswith("−") != high.startswith("−")
    assert ("cannot tell" in page.get_by_test_id("verdict").inner_text()) == holds_zero
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.get_by_test_id("lanes").get_by_test_id("session-marker")).to_have_count(7)
    assert one.serious() == []
    one.keep(f"compare-{screen['width']}")
    wide = page.get_by_test_id("compare-table")
    wide.evaluate("box => (box.scrollLeft = box.scrollWidth)")
    caption = wide.evaluate(LINES, "caption")
    assert min(left for left, _ in caption) >= 0, "the caption stays where it is read"
    page.get_by_text("The numbers as a table").click()
    heads = page.get_by_test_id("forest-table")
    expect(heads).to_be_visible()
    for number in range(2, 8):
        tops = {top for _, top in heads.evaluate(LINES, f"th:nth-child({number})")}
        assert len(tops) <= 2, "a head is no tower of words"


def test_no_word_of_a_difference_lies_on_another_or_on_a_bar(visit: Callable[..., Visit]) -> None:
    one = visit(locale="de-DE")
    page = one.go(
        "/compare?for=ptsd&people=40&arm=mdma~80~3x28~p-7h1.5,i1h1.5,i14h1.5~2to60h3~~~MAXIMUM WOMÖGLICH MIT MEHR"
        "&arm=mdma~80~1x28~p-7h1.5~~~~Eine Sitzung, aber ohne Integration danach&arm=mdma~40~3x28~p-7h1.5,i1h1.5~~~~Low"
    )
    rested(page)
    expect(page.get_by_test_id("forest").locator(".bar.one").first).to_be_visible()
    for width in (360, 620, 900, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(250)
        assert page.evaluate(OVERLAPS) == [], width
        one.keep(f"compare-differences-{width}")


def test_marks_are_moved_in_their_lane_and_the_other_arm_keeps_its_numbers(visit: Callable[..., Visit]) -> None:
    page = visit(color_scheme="dark").go(THREE)
    rested(page)
    table = page.get_by_test_id("compare-table").locator("tbody tr")
    before = [table.nth(k).inner_text() for k in range(3)]
    marker = (
        page.get_by_test_id("lanes").get_by_role("group", name="Arm 3, Low").first.get_by_test_id("session-marker").last
    )
    marker.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile("i17h1.5"))
    rested(page)
    expect(table.nth(2)).not_to_have_text(before[2])
    assert [table.nth(k).inner_text() for k in range(2)] == before[:2]
    page.get_by_label("Compared with").select_option(label="Bare")
    page.get_by_role("combobox", name="First day").select_option(label="week 4")
    page.wait_for_url(re.compile("against=2.*on=28"))
    expect(page.get_by_test_id("forest")).to_contain_text("Each arm minus Bare")
    page.reload()
    rested(page)
    expect(page.locator(".answer .what")).to_contain_text("on week 4: “Full” minus “Bare”")


def test_arms_are_added_named_and_removed_up_to_eight(visit: Callable[..., Visit]) -> None:
    page = visit().go("/compare")
    arms = page.get_by_test_id("lanes").locator(".lane-name")
    expect(arms).to_have_count(2)
    for count in range(3, 9):
        page.get_by_text("Add an arm").click()
        page.get_by_role("button", name="Add MDMA").click()
        expect(arms).to_have_count(count)
    page.get_by_text("Add an arm").click()
    expect(page.get_by_role("button", name="Add MDMA")).to_be_disabled()
    expect(page.get_by_text("8 arms are the most.")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_label("Name of the arm").fill("Three times")
    expect(arms.nth(7)).to_have_text("Three times")
    page.wait_for_timeout(700)  # what has rested is a step
    page.get_by_role("button", name="Remove Three times").click()
    expect(arms).to_have_count(7)
    page.wait_for_timeout(700)
    page.get_by_role("button", name="Undo").click()
    expect(arms).to_have_count(8)


def test_the_map_tells_cells_apart_or_says_that_it_cannot(visit: Callable[..., Visit]) -> None:
    one = visit()
    page = one.go(THREE)
    rested(page)
    heat = page.get_by_test_id("heat")
    heat.get_by_label("Doses, mg").fill("5; x")
    expect(heat.get_by_role("status")).to_contain_text("“x” is no number")
    heat.get_by_label("Doses, mg").fill("5; 25")
    heat.get_by_label("Hours of integration in all").fill("0 3")
    heat.get_by_role("button", name="Run 4 cells").click()
    expect(heat.get_by_test_id("heat-verdict")).to_be_visible(timeout=LONG_MS)
    expect(heat.locator(".cell")).to_have_count(4)
    apart = heat.get_by_test_id("heat-table").locator("tbody tr td:last-child").all_inner_texts()
    expect(heat.locator(".cell.alike")).to_have_count(sum(text != "yes" for text in apart))
    one.keep("compare-map")
    page.set_viewport_size({"width": 360, "height": 780})
    heat.get_by_label("Doses, mg").fill("5; 10; 15; 20; 25")
    heat.get_by_label("Hours of integration in all").fill("0")
    heat.get_by_role("button", name="Run 5 cells").click()
    expect(heat.locator(".cell")).to_have_count(5, timeout=LONG_MS)
    held = """cells => cells.filter((cell) => {
      const [box, ...words] = [...cell.children].map((own) => own.getBBox());
      return words.some((own) => own.x < box.x || own.x + own.width > box.x + box.width);
    }).length"""
    assert heat.locator(".cell").evaluate_all(held) == 0, "no number is wider than its cell"
    one.keep("compare-map-phone")
    page.goto(page.url)
    expect(page.get_by_test_id("heat-verdict")).to_have_count(0)
    assert one.serious() == []


def test_a_long_run_fills_the_page_and_is_found_again_in_the_same_tab(
    visit: Callable[..., Visit], tmp_path: Path
) -> None:
    one = visit()
    page = one.go(THREE)
    run_with(page, 400)
    table = page.get_by_test_id("compare-table")
    expect(table).to_contain_text("400 people", timeout=LONG_MS)
    assert "job" not in page.url, "a copied link holds no run of this browser"
    page.get_by_role("link", name="Explore", exact=True).click()
    page.get_by_role("link", name="Compare", exact=True).click()
    expect(page.get_by_test_id("compare-table")).to_contain_text("400 people", timeout=LONG_MS)
    for button, ending in (("Picture, PNG", ".png"), ("Picture, SVG", ".svg"), ("Page to share", ".html"),
                           ("All of it", ".zip"), ("Protocol, YAML", ".yaml")):  # fmt: skip
        with page.expect_download(timeout=2 * LONG_MS) as download:
            page.get_by_role("button", name=button).click()
        download.value.save_as(tmp_path / f"file{ending}")
        assert download.value.suggested_filename.endswith(ending)
        expect(page.get_by_role("button", name=button)).to_be_enabled(timeout=LONG_MS)
    png = (tmp_path / "file.png").read_bytes()
    assert png.startswith(b"\x89PNG")
    assert struct.unpack(">II", png[16:24]) == (1920, 1080)
    svg = (tmp_path / "file.svg").read_text()
    assert "Days from the first dosing" in svg
    assert "points; lower is better" in svg
    assert "127.0.0.1" not in (tmp_path / "file.html").read_text()
    assert "--participants 400" in zipfile.ZipFile(tmp_path / "file.zip").read("README.txt").decode()
    assert [arm.label for arm in Protocol.from_file(tmp_path / "file.yaml").arms] == ["Full", "Bare", "Low"]


def test_no_picture_is_said_to_be_saved_before_it_is_drawn(visit: Callable[..., Visit]) -> None:
    one = visit()
    held: list[Route] = []
    one.page.route("**/api/course", lambda route: held.append(route))
    page = one.go(THREE)
    expect(page.get_by_role("button", name="Protocol, YAML")).to_be_enabled()
    expect(page.get_by_role("button", name="Picture, PNG")).to_be_disabled()
    for route in held:
        route.continue_()
    with page.expect_download() as download:
        page.get_by_role("button", name="Picture, PNG").click()
    assert download.value.suggested_filename.endswith(".png")


def test_a_run_killed_midway_is_told_started_again_reloaded_and_cancelled(
    visit: Callable[..., Visit], studio: Served
) -> None:
    page = visit().go(THREE)
    run_with(page, 20_000)
    expect(page.get_by_text("Calculating")).to_be_visible(timeout=30_000)
    page.wait_for_timeout(1500)
    studio.busiest().send_signal(signal.SIGKILL)
    expect(page.get_by_role("alert")).to_contain_text("start it again", timeout=30_000)
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_test_id("job-progress")).to_be_visible(timeout=30_000)
    page.reload()
    expect(page.get_by_test_id("job-progress")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled.", exact=True)).to_be_visible(timeout=30_000)
