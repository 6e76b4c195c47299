"""Faults that users met, each kind in a browser: lost work, bad links, a stopped server, print, other languages."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from tests.studio.chromium import Visit, running

LONG_MS = 60_000
DESIGN = "/explore?for=trd&arm=psilocybin~12.5~1x28~p-1h1.5,i1h1.5,i7h1.5~2to60h3"
CONTEXT = {"viewport": {"width": 1280, "height": 800}}
TWICE = "button => { button.click(); button.click(); }"
"""Pressed again before the first is done."""


def answered(page: Page) -> None:
    """Wait until Explore has its interval."""
    page.wait_for_timeout(350)
    expect(page.locator(".answer")).to_have_attribute("aria-busy", "false", timeout=LONG_MS)


def test_a_design_is_there_after_the_evidence_was_read_and_can_be_undone(visit: Callable[..., Visit]) -> None:
    page = visit().go(DESIGN)
    page.get_by_label("Sessions of integration").select_option("3")
    expect(page.get_by_test_id("session-marker")).to_have_count(4)
    page.wait_for_timeout(700)
    page.get_by_role("link", name="Evidence", exact=True).click()
    page.get_by_role("button", name="Board of facts").click()
    expect(page.get_by_test_id("big-number")).to_contain_text("of 30", timeout=LONG_MS)
    page.get_by_role("link", name="Explore", exact=True).click()
    expect(page.get_by_test_id("session-marker")).to_have_count(4)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_test_id("session-marker")).to_have_count(3)
    page.get_by_role("link", name="Evidence", exact=True).click()
    expect(page.get_by_test_id("big-number")).to_contain_text("of 30", timeout=LONG_MS)


def test_a_bad_link_says_by_name_what_could_not_be_read(visit: Callable[..., Visit]) -> None:
    one = visit()
    page = one.go("/explore?for=flu&days=many&at=x&ssri=yes&arm=psilocybin~25~1x28~i1h1.5,q9~9to3&arm=mdma~lots~1x28")
    said = page.get_by_test_id("bad-link")
    for sentence in (
        "The condition “flu” is not known",
        "The number of days followed, “many”, is no number; 182 is taken.",
        "The day looked at, “x”, is no number",
        "The SSRI, “yes”, is neither 0 nor 1",
        "A session of arm 1, “q9”, cannot be read and is left out.",
        "Practice of arm 1, “9to3”, cannot be read and is left out.",
        "Arm 2, “mdma~lots~1x28”, is left out: its dose, “lots”, is no number.",
    ):
        expect(said).to_contain_text(sentence)
    one.keep("bad-link")
    page.get_by_role("button", name="I have seen this").click()
    expect(said).to_have_count(0)
    expect(page.get_by_test_id("session-marker")).to_have_count(1)
    one.refusals = (422, 404)
    page.goto(one.address + "/explore?for=trd&arm=psilocybin~5000~1x28")
    expect(page.get_by_role("alert")).to_have_text(re.compile("The dose of arm 1 must be at most 1000, got 5000."))
    page.goto(one.address + "/nonsense")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no page at this address")
    page.get_by_role("main").get_by_role("link", name="Evidence").click()
    expect(page.get_by_test_id("foretold-picture")).to_be_visible(timeout=LONG_MS)


def test_saved_work_asks_and_can_be_taken_back(visit: Callable[..., Visit]) -> None:
    page = visit().go(DESIGN)
    page.get_by_text("Saved work").click()
    title = page.get_by_label(re.compile("^Title of this design"))
    title.fill("Half a dose")
    sent: list[str] = []
    page.on("request", lambda r: sent.append(r.method) if "/api/saved" in r.url and r.method != "GET" else None)
    page.get_by_role("button", name="Save", exact=True).evaluate(TWICE)
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("button", name="Half a dose", exact=True)).to_have_count(1)
    assert sent == ["POST"]
    title.fill("half a DOSE")
    expect(page.get_by_text("You have “Half a dose” already.")).to_be_visible()
    expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
    title.fill("")
    page.keyboard.press("Escape")
    page.get_by_label("Dose, mg", exact=True).fill("20")
    page.wait_for_url(re.compile("psilocybin~20"))
    page.get_by_text("Saved work").click()
    page.get_by_role("button", name="Save over “Half a dose”").evaluate(TWICE)
    expect(page.get_by_text("is saved as it is now")).to_be_visible()
    assert sent == ["POST", "PUT"]
    menu = page.locator("details.menu[open]")
    menu.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("is as it was before")).to_be_visible()
    menu.get_by_role("button", name="Half a dose", exact=True).click()
    page.wait_for_url(re.compile("psilocybin~12.5"))
    menu.get_by_role("button", name="Delete Half a dose").click()
    expect(menu.get_by_text("Delete “Half a dose”?")).to_be_visible()
    menu.get_by_role("button", name="Keep").click()
    menu.get_by_role("button", name="Delete Half a dose").click()
    menu.get_by_role("button", name="Yes, delete Half a dose").click()
    expect(page.get_by_text("Nothing saved yet.")).to_be_visible()
    menu.get_by_role("button", name="Put it back").click()
    expect(menu.get_by_role("button", name="Half a dose", exact=True)).to_be_visible()


def test_home_and_end_move_a_session_as_far_as_it_goes(visit: Callable[..., Visit]) -> None:
    page = visit().go(DESIGN)
    preparation, held = page.get_by_test_id("session-marker").first, page.get_by_test_id("session-marker").last
    preparation.focus()
    page.keyboard.press("Home")
    expect(preparation).to_have_attribute("aria-valuenow", "-180")
    held.focus()
    page.keyboard.press("Home")
    expect(held).to_have_attribute("aria-valuenow", "0")  # before the first dosing there is nothing to integrate
    page.wait_for_timeout(600)
    page.keyboard.press("End")
    expect(held).to_have_attribute("aria-valuenow", "1094")
    expect(page.locator("[data-part=practice0]")).to_have_attribute("aria-valuenow", "2")


def test_day_0_does_not_say_closed_where_the_window_opens_that_day(visit: Callable[..., Visit]) -> None:
    page = visit().go(f"{DESIGN}&at=0")
    expect(page.get_by_test_id("story").get_by_role("heading", level=2)).to_have_text(
        re.compile("Day 0 *window (opens today|open)"), timeout=LONG_MS
    )
    page.get_by_label(re.compile("^Move to another day")).fill("7")
    page.get_by_test_id("story").get_by_role("button", name="window", exact=True).first.click()
    expect(page.get_by_text("the brain learns faster after a dose")).to_be_visible()


@pytest.mark.parametrize(("locale", "typed", "mark"), [("de-DE", "17,5", ","), ("en-US", "17.5", ".")])
def test_numbers_are_read_and_written_as_the_language_does(
    visit: Callable[..., Visit], locale: str, typed: str, mark: str
) -> None:
    one = visit(locale=locale)
    page = one.go(DESIGN)
    expect(page.get_by_label("Dose, mg", exact=True)).to_have_value(f"12{mark}5")
    page.get_by_label("Dose, mg", exact=True).fill(typed)
    page.wait_for_url(re.compile("psilocybin~17.5"))
    answered(page)
    other = "." if mark == "," else ","
    wrong = re.compile(rf"\d\{other}\d")
    for part in (".answer", "[data-testid=how-sure]", "[data-testid=story]"):
        text = page.locator(part).inner_text()
        assert re.search(rf"\d\{mark}\d", text), part
        assert not wrong.search(text), (part, wrong.search(text))
    page.goto(one.address + "/evidence")
    expect(page.get_by_test_id("big-number")).to_have_text(re.compile(rf"^0\{mark}\d\d$"), timeout=LONG_MS)
    page.get_by_label("Study", exact=True).select_option(label="Goodwin 2022, COMP001, n 233")
    told = page.get_by_test_id("foretold-told").inner_text()
    assert re.search(rf"\d\{mark}\d", told)
    for name in ("Board of facts", "Predictions on record"):
        page.get_by_role("button", name=name).click()
        shown = page.locator("main .card").nth(1)
        expect(shown).to_contain_text(re.compile(rf"\d\{mark}\d"), timeout=LONG_MS)


def test_print_holds_whole_pictures_and_no_form_fields(visit: Callable[..., Visit], tmp_path: Path) -> None:
    one = visit(viewport={"width": 1280, "height": 800})
    page = one.go(DESIGN)
    answered(page)
    data = page.pdf(format="A4", prefer_css_page_size=True)
    (tmp_path / "explore.pdf").write_bytes(data)
    assert len(re.findall(rb"/Type\s*/Page[^s]", data)) <= 2, "the answer, and what lies behind it"
    for path in (DESIGN, "/evidence", "/evidence?part=record"):
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": 1280, "height": 800})
        one.go(path)
        page.wait_for_timeout(800)
        page.emulate_media(media="print")
        # Print tells scripts no width of the paper: pictures drawn for the screen shrink by themselves.
        page.set_viewport_size({"width": 688, "height": 1000})
        shown = page.locator("main input:visible:not(.word), main select:visible:not(.word), header.top:visible")
        assert shown.count() == 0, path
        cut = page.evaluate(
            "[...document.querySelectorAll('main svg[viewBox], main canvas')]"
            ".filter((e) => e.getBoundingClientRect().right > 690).length"
        )
        assert cut == 0, path
        one.keep(f"print-{path.split('?')[0].strip('/')}-{len(path)}")


def test_eight_pages_fit_the_header_of_a_phone(visit: Callable[..., Visit]) -> None:
    page = visit(viewport={"width": 360, "height": 780}).go("/about")
    page.evaluate(
        "const list = document.querySelector('header nav ul');"
        "while (list.children.length < 8) list.append(list.lastElementChild.cloneNode(true));"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    boxes = [item.bounding_box() for item in page.locator("header nav a").all()]
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= 360 and box["height"] >= 24 for box in boxes)
    assert len({round(box["y"]) for box in boxes if box}) == 2


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        number: int = found.getsockname()[1]
        return number


def test_a_stopped_server_is_told_and_found_again(browser: Browser, tmp_path: Path) -> None:
    port = str(free_port())
    with running(tmp_path, "--port", port) as studio:
        one = Visit(browser, studio.address, viewport={"width": 1280, "height": 800})
        page = one.go(DESIGN)
        answered(page)
        before = page.get_by_test_id("big-number").inner_text()
    lost = page.get_by_test_id("lost")
    page.get_by_label("Medicine", exact=True).first.select_option("mdma")
    expect(lost).to_be_visible()
    expect(page.locator("html.unheard #page")).to_be_visible()
    one.keep("server-stopped")
    page.get_by_role("link", name="Plan", exact=True).click()
    expect(page.get_by_test_id("plan-items").locator("> li")).to_have_count(0)
    page.get_by_role("link", name="Evidence", exact=True).click()
    expect(page.get_by_text("Loading.").or_(page.get_by_text("does not answer")).first).to_be_visible()
    with running(tmp_path, "--port", port):
        expect(lost).to_have_count(0, timeout=LONG_MS)
        expect(page.get_by_test_id("foretold-picture")).to_be_visible(timeout=LONG_MS)
        page.get_by_role("link", name="Plan", exact=True).click()
        expect(page.get_by_test_id("big-number")).to_have_text(re.compile(r"\d+/\d+"), timeout=LONG_MS)
        page.get_by_role("link", name="Explore", exact=True).click()
        answered(page)
        expect(page.get_by_label("Medicine", exact=True).first).to_have_value("mdma")
        assert page.get_by_test_id("big-number").inner_text() != before
        page.get_by_text("Saved work").click()
        page.get_by_label(re.compile("^Title of this design")).fill("Afterwards")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        one.complaints.clear()  # the browser notes each question that nobody answered
        one.close()


def test_every_page_outlasts_a_stopped_server(browser: Browser, tmp_path: Path) -> None:
    arms = "for=trd&blinded=1&people=40&arm=psilocybin~25~1x28~i1h1.5~2to60h3~~~Full&arm=psilocybin~1~1x28~~~~~Low"
    port = str(free_port())
    with running(tmp_path, "--port", port) as studio:
        tabs = {name: Visit(browser, studio.address) for name in ("compare", "design", "plan", "follow")}
        compare, design, plan, follow = (tab.page for tab in tabs.values())
        tabs["compare"].go(f"/compare?{arms}")
        answer = compare.locator(".answer")
        expect(answer).to_have_attribute("aria-busy", "false", timeout=LONG_MS)
        before = compare.get_by_test_id("big-number").inner_text()
        tabs["design"].page.goto(f"{studio.address}/design?{arms}&sizes=10&trials=50&bank=32")
        expect(design.get_by_role("button", name="Simulate 50 trials")).to_be_visible(timeout=LONG_MS)
        tabs["plan"].go("/plan?start=2027-03-02&country=none")
        expect(plan.get_by_test_id("plan-items").get_by_text("Preparation 3 of 3")).to_be_visible(timeout=LONG_MS)
        tabs["follow"].go("/follow")
        follow.get_by_role("button", name="Show it with invented scores").click()
        expect(follow.get_by_test_id("answer")).to_have_attribute("aria-busy", "false", timeout=LONG_MS)
        expect(follow.get_by_test_id("big-number")).to_have_text(re.compile(r"\d"), timeout=LONG_MS)
        middle = follow.get_by_test_id("big-number").inner_text()
    compare.get_by_test_id("asked").get_by_label("Blinding").select_option("open")
    design.get_by_role("button", name="Simulate 50 trials").click()
    plan.get_by_label("Preparation meetings").select_option("1")
    follow.get_by_label("Score or answers, line 4", exact=True).fill("19")
    follow.keyboard.press("Tab")
    for tab in tabs.values():
        expect(tab.page.get_by_test_id("lost")).to_be_visible(timeout=LONG_MS)
    with running(tmp_path, "--port", port):
        for tab in tabs.values():
            expect(tab.page.get_by_test_id("lost")).to_have_count(0, timeout=LONG_MS)
        expect(answer).to_have_attribute("aria-busy", "false", timeout=LONG_MS)
        expect(compare.get_by_test_id("big-number")).not_to_have_text(before, timeout=LONG_MS)
        expect(plan.get_by_test_id("plan-items").get_by_text("Preparation 1 of 1")).to_be_visible(timeout=LONG_MS)
        expect(follow.get_by_test_id("big-number")).not_to_have_text(middle, timeout=LONG_MS)
        expect(follow.get_by_label("Score or answers, line 4", exact=True)).to_have_value("19")
        design.get_by_role("button", name=re.compile("^(Simulate 50 trials|Start again)$")).click()
        expect(design.get_by_test_id("power")).to_be_visible(timeout=LONG_MS)
        for tab in tabs.values():
            expect(tab.page.get_by_text("does not answer")).to_have_count(0)
            tab.complaints.clear()  # the browser notes each question that nobody answered
            tab.close()


def slow_in(page: Page, crowd: dict[str, bool]) -> Callable[[Route], None]:
    """Answer slowly, and say whether there is a crowd."""

    def answer(route: Route) -> None:
        found = route.fetch()
        told = found.json()
        told.get("course", told)["crowded"] = crowd["is"]
        page.wait_for_timeout(700)
        route.fulfill(response=found, json=told)

    return answer


def test_in_a_crowd_only_the_full_answer_is_asked_for(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.refusals = (429,)
    page = one.go(DESIGN)
    answered(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.extend(re.findall("api/(course|certainty)$", request.url)))
    crowd = {"is": True}

    page.route("**/api/certainty", slow_in(page, crowd))
    page.get_by_text("All choices: dose").click()
    dose = page.get_by_role("slider", name="Dose", exact=True)
    scores = []
    for crowded_before, key in ((False, "ArrowRight"), (True, "End"), (True, "Home")):
        asked.clear()
        dose.press(key)
        answered(page)
        assert asked == (["certainty"] if crowded_before else ["course", "certainty"])
        scores.append(page.locator(".answer").inner_text())
    assert len(set(scores)) == 3, "each answer is drawn"
    crowd["is"] = False
    dose.press("ArrowRight")
    answered(page)
    page.wait_for_timeout(300)
    asked.clear()
    dose.press("ArrowRight")
    answered(page)
    assert asked == ["course", "certainty"], "it follows the slider again"

    crowd["is"] = True
    dose.press("ArrowRight")
    answered(page)
    page.unroute("**/api/certainty")
    page.route("**/api/certainty", lambda route: route.fulfill(status=429, json={"error": "Too many people."}))
    asked.clear()
    dose.press("ArrowRight")
    expect(page.get_by_text("Too many people.")).to_be_visible(timeout=LONG_MS)
    page.wait_for_timeout(300)
    assert asked == ["certainty", "course"], "where the full answer is refused, a first one is better than none"


def test_in_a_crowd_a_slow_first_answer_is_the_last_one(visit: Callable[..., Visit]) -> None:
    page = visit().go(DESIGN)
    answered(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.extend(re.findall("api/(course|certainty)$", request.url)))
    crowd = {"is": True}

    page.route(re.compile("api/(course|certainty)$"), slow_in(page, crowd))
    page.get_by_text("All choices: dose").click()
    dose = page.get_by_role("slider", name="Dose", exact=True)
    for crowd["is"] in (True, False):
        asked.clear()
        for key in ("ArrowRight", "ArrowRight", "ArrowRight"):  # while the first is under way
            dose.press(key)
        answered(page)
        page.wait_for_timeout(900)
        assert (asked.count("course") == 1) == crowd["is"], asked
        assert "certainty" in asked
