"""The page Follow in a real browser: scores are typed, pasted and opened, bands move, and nothing leaves the tab."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, Route, expect
from tests.studio.chromium import Served, Visit
from tests.studio.conftest import until

from afterglow.forecast.record.readings import record_from_file

LONG_MS = 60_000
PLAN = "/follow?for=trd&arm=psilocybin~25~1x28~p-7h1.5,i1h1.5,i7h1.5,i14h1.5~2to60h3"
CONTEXT = {"viewport": {"width": 1280, "height": 800}}


def type_line(page: Page, number: int, when: str, value: str, scale: str = "") -> None:
    page.get_by_label(f"Day or date, line {number}", exact=True).fill(when)
    if scale:
        page.get_by_label(f"Scale, line {number}", exact=True).select_option(scale)
    page.get_by_label(f"Score or answers, line {number}", exact=True).fill(value)
    page.keyboard.press("Tab")


def rested(page: Page) -> str:
    """Wait for the answer to what was typed last; return the interval."""
    page.wait_for_timeout(300)
    expect(page.get_by_test_id("answer")).to_have_attribute("aria-busy", "false", timeout=LONG_MS)
    return page.get_by_test_id("big-interval").inner_text()


def test_bands_move_as_scores_are_added_and_nothing_leaves_the_tab(
    visit: Callable[..., Visit], studio: Served, folder: Path
) -> None:
    one = visit()
    page = one.go(PLAN)
    type_line(page, 1, "0", "33", "MADRS")
    first = rested(page)
    type_line(page, 2, "14", "12")
    second = rested(page)
    assert first != second
    type_line(page, 3, "28", "31")
    third = rested(page)
    assert third != second
    for part in ("hero", "big-number", "big-interval", "verdict", "sentence"):
        expect(page.get_by_test_id(part)).to_be_in_viewport(ratio=1)
    assert page.evaluate("getComputedStyle(document.querySelector('.answer .big')).fontSize") == "48px"
    said = page.get_by_test_id("hero").get_attribute("aria-label") or ""
    number = page.get_by_test_id("big-number").inner_text()
    assert f"3 scores so far; on day 112 the middle of what is likely is {number}, 50 of 100 between" in said
    # What the day is, can be moved; and how the bands came to be where they are, can be seen.
    page.get_by_test_id("chosen-day").focus()
    page.keyboard.press("ArrowLeft")
    assert rested(page)
    expect(page.get_by_test_id("chosen-day")).to_have_attribute("aria-valuetext", "day 105")
    page.get_by_label(re.compile("^Scores that count")).fill("2")
    expect(page.get_by_test_id("big-interval")).not_to_have_text(third, timeout=LONG_MS)
    expect(page.get_by_label("Scores that count: 2 of 3")).to_be_visible()
    page.get_by_label(re.compile("^Scores that count")).fill("3")
    expect(page.get_by_test_id("one-more")).to_contain_text(
        re.compile(
            "One more session:.*(not larger than what is not known|larger than what is not known about it)", re.S
        ),
        timeout=LONG_MS,
    )
    expect(page.get_by_test_id("rests-on")).to_contain_text(re.compile(r"they count as \d+"))
    # A date that is half typed is neither asked about nor wrong.
    field = page.get_by_label("Day or date, line 4", exact=True)
    page.get_by_label("Score or answers, line 4", exact=True).fill("30")
    field.press_sequentially("soo")
    page.wait_for_timeout(600)
    expect(page.locator(".score-lines .wrong")).to_have_count(0)
    page.keyboard.press("Tab")
    expect(page.locator(".score-lines .wrong")).to_have_text(
        "'soo' is neither a day nor a date; write 14 or 2026-03-05."
    )
    expect(page.get_by_test_id("verdict")).to_contain_text("One line is not counted.")
    assert field.input_value() == "soo"
    page.get_by_label("Remove line 4").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Day or date, line 4", exact=True)).to_have_value("soo")
    # Another page and back: the scores are still there, though no address, store or log has them.
    page.get_by_role("link", name="Evidence").click()
    expect(page).to_have_url(re.compile("/evidence"))
    page.get_by_role("link", name="Follow").click()
    expect(page.get_by_label("Score or answers, line 3", exact=True)).to_have_value("31")
    assert page.url.endswith("/follow"), "no address holds what was typed"
    assert "33" not in page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }])")
    assert "33" not in re.sub(r"127\.0\.0\.1:\d+", "", (folder / "log.txt").read_text())


def test_what_calls_for_action_comes_first_by_keyboard_alone_on_a_phone(visit: Callable[..., Visit]) -> None:
    one = visit(viewport={"width": 360, "height": 780}, bypass_csp=True, reduced_motion="reduce")
    page = one.go("/follow")
    page.get_by_label("Day or date, line 1", exact=True).focus()
    page.keyboard.type("0")
    for k, (label, said) in enumerate(
        (
            ("Score or answers, line 1", "2 2 2 2 2 2 2 2 1"),
            ("Day or date, line 2", "14"),
            ("Score or answers, line 2", "2 2 1 2 2 1 2 2 1"),
        )
    ):
        page.keyboard.press("Enter")
        expect(page.get_by_label(label, exact=True), f"Enter {k + 1} moves on").to_be_focused()
        page.keyboard.type(said)
    rested(page)
    alarm = page.get_by_test_id("score-cautions")
    expect(alarm).to_contain_text("Item 9 of the PHQ-9 was answered with 1: thoughts of death or of suicide.")
    expect(alarm).to_contain_text("112 in the European Union")
    above = page.evaluate("document.querySelector('main').firstElementChild.dataset.testid")
    assert above == "score-cautions"
    expect(page.get_by_test_id("verdict")).to_contain_text("Cannot tell yet")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(300)
        assert one.serious() == [], scheme
    one.keep("follow-phone")


def test_a_german_reader_pastes_a_list_keeps_a_file_and_opens_it(visit: Callable[..., Visit], tmp_path: Path) -> None:
    one = visit(locale="de-DE", bypass_csp=True)
    page = one.go(PLAN)
    page.get_by_text("Paste a list, or open a file").click()
    page.locator("#pasted").fill("Datum unbekannt\n05.03.2026 PHQ-9 19,0\n19.03.26 PHQ-9 15\n2.4.2026 PHQ-9 16")
    # What is typed stays while an answer comes in that would show another date.
    held: list[Route] = []
    page.route("**/api/follow", lambda route: held.append(route))
    page.get_by_role("button", name="Add these scores").click()
    zero = page.get_by_role("textbox", name="Date of day 0")
    expect(zero).to_have_attribute("placeholder", "no date yet")
    until(lambda: page.wait_for_timeout(50) or held)
    zero.fill("6.3")
    for route in held:
        route.continue_()
    page.unroute("**/api/follow")
    expect(page.locator(".score-lines .how").first).to_contain_text("5. März 2026", timeout=LONG_MS)
    expect(page.locator(".paste [role=status]")).to_contain_text("3 lines were added. 1 line was not read")
    expect(page.locator("#pasted")).to_have_value("Datum unbekannt")
    assert zero.input_value() == "6.3"
    zero.press_sequentially(".2026")
    zero.press("Enter")
    expect(zero).to_have_value("06.03.2026")
    rested(page)
    expect(page.locator(".score-lines .how").first).to_have_text("day −1, 5. März 2026, 19 points")
    expect(page.get_by_test_id("track")).to_contain_text(re.compile(r"Since the first score: −3,0 points"))
    told = page.get_by_test_id("big-interval").inner_text()
    with page.expect_download() as kept:
        page.get_by_role("button", name="Keep as a file").click()
    kept.value.save_as(tmp_path / "scores.json")
    assert json.loads((tmp_path / "scores.json").read_text())["scores"][0] == {
        "date": "2026-03-05", "scale": "PHQ-9", "score": "19,0",
    }  # fmt: skip
    with page.expect_download() as kept:
        page.get_by_role("button", name="CSV", exact=True).click()
    kept.value.save_as(tmp_path / "scores.csv")
    record = record_from_file(tmp_path / "scores.csv", start="2026-03-06")
    assert [(score.day, score.value) for score in record.scores] == [(-1, 19), (13, 15), (27, 16)]
    page.get_by_role("button", name="Forget all").click()
    page.get_by_role("button", name="Yes, forget all").click()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    expect(page.get_by_text("No scores yet.")).to_be_visible()
    page.locator("input[type=file]").set_input_files(tmp_path / "scores.json")
    assert rested(page) == told
    with page.expect_download() as kept:
        page.get_by_role("button", name="Save the picture").click()
    kept.value.save_as(tmp_path / "forecast.svg")
    assert "make likely, not what will happen" in (tmp_path / "forecast.svg").read_text(encoding="utf-8")
    data = page.pdf(format="A4", prefer_css_page_size=True)
    (tmp_path / "forecast.pdf").write_bytes(data)
    assert len(re.findall(rb"/Type\s*/Page[^s]", data)) == 1
    assert one.serious() == []
    one.keep("follow")


def test_a_plan_is_followed_from_plan_from_saved_work_and_from_an_address(visit: Callable[..., Visit]) -> None:
    page = visit().go("/plan?medicine=psilocybin&dose=25&dates=2027-03-02&integration=4")
    expect(page.get_by_role("link", name="Follow one person")).to_be_visible(timeout=LONG_MS)
    address = page.url
    page.get_by_text("Saved work").click()
    page.get_by_label("Title of this design; no names of people").fill("Tuesdays")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("link", name="Follow one person").click()
    chosen, first = page.get_by_label("Plan", exact=True), page.get_by_role("textbox", name="Date of day 0")
    expect(first).to_have_value("03/02/2027", timeout=LONG_MS)
    expect(chosen.locator("option:checked")).to_contain_text("on the plan: 25 mg psilocybin")
    type_line(page, 1, "1.3.2027", "31", "MADRS")
    type_line(page, 2, "30.3.2027", "20")
    told = rested(page)
    expect(page.locator(".following .kind")).to_contain_text("A course after a medicine.")
    chosen.select_option(label="in usual care, without any medicine")
    expect(page.locator(".following .kind")).to_contain_text("A course without any medicine")
    expect(page.get_by_test_id("big-interval")).not_to_have_text(told, timeout=LONG_MS)
    chosen.select_option(label="as saved in plan: “Tuesdays”")
    expect(chosen.locator("option:checked")).to_contain_text("on “Tuesdays”: 25 mg psilocybin")
    expect(page.get_by_test_id("big-interval")).to_have_text(told, timeout=LONG_MS)
    chosen.select_option(label="on a plan at another address …")
    page.get_by_label(re.compile("^Address of a plan")).fill("nonsense")
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_text("An address of a plan begins like /plan?… or /explore?…")).to_be_visible()
    page.get_by_label(re.compile("^Address of a plan")).fill(address)
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_test_id("big-interval")).to_have_text(told, timeout=LONG_MS)
    assert page.url.endswith("/follow")
