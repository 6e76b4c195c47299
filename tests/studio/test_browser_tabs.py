"""One studio on a slow line and in two tabs of one browser."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect
from tests.studio.chromium import READY, Visit

LONG_MS = 90_000


def test_on_a_slow_line_the_newest_design_is_the_one_that_is_drawn(visit: Callable[..., Visit]) -> None:
    one = visit()
    line = one.context.new_cdp_session(one.page)
    line.send("Network.enable")
    slow = {"offline": False, "latency": 400, "downloadThroughput": 60_000, "uploadThroughput": 30_000}
    line.send("Network.emulateNetworkConditions", slow)
    one.page.goto(one.address + "/explore?for=trd&arm=psilocybin~25~1x28~p-1h1.5,i1h1.5", timeout=LONG_MS)
    one.page.wait_for_selector(READY, timeout=LONG_MS)
    hero = one.page.get_by_test_id("hero")
    before = hero.get_attribute("aria-label") or ""
    marker = one.page.get_by_test_id("session-marker").last
    marker.focus()
    for _ in range(12):  # quicker than the line can follow
        one.page.keyboard.press("ArrowRight")
    expect(marker).to_have_attribute("aria-valuenow", "13")
    expect(hero).not_to_have_attribute("aria-label", before, timeout=LONG_MS)
    expect(one.page.locator(".answer")).to_have_attribute("aria-busy", "false", timeout=LONG_MS)
    drawn = hero.get_attribute("aria-label")
    line.send(
        "Network.emulateNetworkConditions", {**slow, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    )
    one.page.reload()
    expect(one.page.get_by_test_id("session-marker").last).to_have_attribute("aria-valuenow", "13")
    expect(one.page.locator(".answer")).to_have_attribute("aria-busy", "false", timeout=LONG_MS)
    assert hero.get_attribute("aria-label") == drawn, "what was drawn last is what the address says"


def test_two_tabs_keep_their_own_design_and_share_what_is_saved(visit: Callable[..., Visit]) -> None:
    one = visit()
    first = one.go("/explore?for=trd&arm=psilocybin~25~1x28~i1h1.5")
    second = one.context.new_page()
    second.goto(one.address + "/explore?for=ptsd&arm=mdma~80~3x28~i1h1.5")
    second.wait_for_selector(READY, timeout=LONG_MS)
    first.get_by_test_id("sentence").get_by_label("Dosings", exact=True).select_option("2")
    second.get_by_test_id("sentence").get_by_label("Sessions of integration").select_option("3")
    first.wait_for_url(re.compile("psilocybin~25~2x"))
    second.wait_for_url(re.compile("mdma"))
    assert "mdma" not in first.url
    assert "psilocybin" not in second.url
    first.get_by_text("Saved work").click()
    first.get_by_label(re.compile("^Title of this design")).fill("Of the first tab")
    first.get_by_role("button", name="Save", exact=True).click()
    expect(first.get_by_text("Saved.")).to_be_visible()
    second.get_by_text("Saved work").click()
    second.get_by_role("button", name="Of the first tab", exact=True).click()
    expect(second.get_by_test_id("sentence").get_by_label("Medicine", exact=True)).to_have_value("psilocybin")
    expect(second.get_by_test_id("sentence").get_by_label("Dosings", exact=True)).to_have_value("2")
