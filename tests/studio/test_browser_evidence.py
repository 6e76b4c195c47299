"""The page Evidence in a real browser: the picture, studies, the board, predictions on record, explanations."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.studio.chromium import Visit

from afterglow.calibrate.diagnostics.left_out import left_out_predictions
from afterglow.evidence import study_names
from afterglow.predictions.frozen import digest_of

LONG_MS = 20_000
CONTEXT = {"viewport": {"width": 1280, "height": 800}}


def test_the_picture_comes_first_and_a_study_is_found_by_pointing_and_by_keys(visit: Callable[..., Visit]) -> None:
    one = visit()
    page = one.go("/evidence")
    picture, told = page.get_by_test_id("foretold-picture"), page.get_by_test_id("foretold-told")
    expect(picture).to_be_in_viewport(ratio=1, timeout=LONG_MS)
    for part in ("big-number", "big-interval"):
        expect(page.get_by_test_id(part)).to_be_in_viewport(ratio=1)
    rows = left_out_predictions().rows
    expect(picture.locator(".all .number")).to_have_count(len(rows))
    expect(picture.locator(".all .outside")).to_have_count(sum(not row.inside for row in rows))
    inside = sum(row.inside for row in rows)
    assert f"{inside} of {len(rows)} published numbers" in (picture.get_attribute("aria-label") or "")
    error = left_out_predictions().summary["differences"]["mae_sd_by_study"]
    expect(page.get_by_test_id("big-number")).to_have_text(f"{error:.2f}")
    picture.locator(".all .outside path").last.hover(force=True)
    expect(told).to_contain_text("outside the interval")
    slider = page.get_by_test_id("foretold-number")
    slider.focus()
    page.keyboard.press("Home")
    expect(told).to_contain_text("Agrawal 2023, group cancer, n 30")
    page.keyboard.press("ArrowRight")
    assert "Agrawal 2023" in (slider.get_attribute("aria-valuetext") or "")
    page.get_by_label("Study", exact=True).select_option(label="Goodwin 2022, COMP001, n 233")
    own = sum(row.study == "goodwin2022-comp001" for row in rows)
    expect(picture.locator(".own, .here")).to_have_count(own)
    one.keep("evidence")
    page.get_by_role("button", name="Differences", exact=True).click()
    expect(picture.locator(".all .number")).to_have_count(sum(row.group == "differences" for row in rows))
    page.get_by_text(re.compile("^Every number as a table")).click()
    expect(page.get_by_role("region", name="Every number").locator("tbody tr")).to_have_count(len(rows))
    term = page.get_by_role("button", name="CRPS")
    term.click()
    expect(term).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_text("continuous ranked probability score")).to_be_visible()


def test_studies_board_record_and_constants_can_be_read(visit: Callable[..., Visit], tmp_path: Path) -> None:
    one = visit()
    page = one.go("/evidence?part=studies")
    total = len(study_names())
    expect(page.get_by_role("heading", name=f"{total} of {total} studies")).to_be_visible(timeout=LONG_MS)
    page.get_by_label("Search").fill("mitchell 2021, mapp1")
    page.get_by_role("button", name="Mitchell 2021, MAPP1, n 90").click()
    expect(page.get_by_role("img", name=re.compile("published points lie inside")).first).to_be_visible(timeout=LONG_MS)
    page.get_by_role("button", name="Board of facts").click()
    expect(page.get_by_test_id("big-number")).to_have_text(re.compile(r"\d+ of 30"), timeout=LONG_MS)
    missed = 30 - int(page.get_by_test_id("big-number").inner_text().split()[0])
    page.get_by_role("button", name=f"The {missed} that miss").click()
    expect(page.locator(".facts li")).to_have_count(missed)
    one.keep("evidence-board")
    page.locator(".facts .link").first.click()
    expect(page.get_by_test_id("study").get_by_role("heading", level=2)).to_have_text(re.compile(r" \d{4}, "))
    page.get_by_role("button", name="Predictions on record").click()
    cards = page.get_by_test_id("recorded")
    expect(cards.first).to_contain_text("nothing was changed since", timeout=LONG_MS)
    expect(cards.first).to_contain_text("How it will be scored")
    one.keep("evidence-record")
    with page.expect_download() as kept:
        cards.first.get_by_role("link", name="The forecast as a file").click()
    kept.value.save_as(tmp_path / "forecast.json")
    held = json.loads((tmp_path / "forecast.json").read_text(encoding="utf-8"))
    assert digest_of(held) == held["digest"]
    expect(cards.first).to_contain_text(held["digest"])
    page.get_by_role("button", name="Explanations").click()
    expect(page.get_by_role("table").first.locator("tbody tr")).to_have_count(4, timeout=LONG_MS)
    page.get_by_role("button", name="Constants").click()
    expect(page.get_by_text("window_learning")).to_be_visible(timeout=LONG_MS)
    page.reload()
    expect(page.get_by_text("window_learning")).to_be_visible(timeout=LONG_MS)
    page.goto(one.address + "/evidence?part=everything")
    expect(page.get_by_text("a part of this page that there is not: “everything”")).to_be_visible(timeout=LONG_MS)


@pytest.mark.parametrize("part", ["foretold", "studies", "board", "record", "explanations", "constants"])
def test_each_part_is_clean_in_both_themes_and_fits_a_phone(visit: Callable[..., Visit], part: str) -> None:
    one = visit(bypass_csp=True, reduced_motion="reduce", viewport={"width": 360, "height": 780})
    for scheme in ("light", "dark"):
        one.page.emulate_media(color_scheme=scheme)
        page = one.go(f"/evidence?part={part}")
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert one.serious() == [], scheme
    one.keep(f"phone-evidence-{part}")
