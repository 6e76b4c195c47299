"""The page Teach in a real browser: guess, see, switch the explanation, take a slide away."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect
from tests.studio.chromium import APART, Visit

LONG_MS = 60_000


def test_a_guess_is_made_before_the_answer_is_seen(visit: Callable[..., Visit], tmp_path: Path) -> None:
    one = visit(viewport={"width": 1280, "height": 800})
    page = one.page
    page.goto(one.address + "/teach?with=psilocybin&step=3")
    reveal, answer = page.get_by_test_id("reveal"), page.get_by_test_id("story-answer")
    expect(reveal).to_be_enabled(timeout=LONG_MS)
    assert answer.inner_text() == ""
    assert page.locator(".story-picture .line").count() == 0, "the course is not drawn before it is asked"
    guess = page.get_by_test_id("guess")
    guess.focus()
    before = int(guess.get_attribute("aria-valuenow") or 0)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("PageDown")
    assert int(guess.get_attribute("aria-valuenow") or 0) == before - 6
    assert "step=3" in page.url, "keys that move the guess turn no page"
    reveal.click()
    expect(answer).to_contain_text(f"You said {before - 6}")
    expect(answer).to_contain_text(re.compile(r"Integration adds −[\d.]+ points by this model, 90 % interval"))
    expect(page.locator(".story-picture .end-word.own")).to_have_text(re.compile(r"\d"), timeout=LONG_MS)
    with page.expect_download() as kept:
        page.get_by_role("button", name="Slide as PNG").click()
    kept.value.save_as(tmp_path / "slide.png")
    assert struct.unpack(">II", (tmp_path / "slide.png").read_bytes()[16:24]) == (1920, 1080)
    with page.expect_download() as kept:
        page.get_by_role("button", name="Slide as SVG").click()
    kept.value.save_as(tmp_path / "slide.svg")
    drawn = (tmp_path / "slide.svg").read_text(encoding="utf-8")
    assert "The work afterwards" in drawn
    assert "not medical advice" in drawn
    assert "var(" not in drawn
    assert one.serious() == []
    one.keep("teach")


def test_the_explanation_moves_the_same_curve_and_the_arrow_turns_the_page(visit: Callable[..., Visit]) -> None:
    one = visit(viewport={"width": 360, "height": 780}, color_scheme="dark")
    page = one.page
    page.goto(one.address + "/teach?with=mdma&step=4")
    answer = page.get_by_test_id("story-answer")
    expect(answer).to_contain_text("Integration adds", timeout=LONG_MS)
    weighted = answer.inner_text()
    page.get_by_role("button", name=re.compile("^The drug alone")).click()
    expect(answer).not_to_have_text(weighted, timeout=LONG_MS)
    expect(page.get_by_text("The drug does it; sessions change nothing.")).to_be_visible()
    expect(page.locator(".scene")).to_have_attribute("aria-busy", "false", timeout=LONG_MS)
    assert one.serious() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate(APART, ".story-picture :is(.axis-word, text[text-anchor])") == [], "digits stand free"
    page.locator("main").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", level=2)).to_contain_text("5. The door closes")
    page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name="Present").click()
    expect(page.get_by_role("navigation", name="Pages")).to_be_hidden()
    page.get_by_role("button", name="End presenting").click()
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
    one.keep("teach-phone")
