"""The page Design in a real browser: a trial is asked in a sentence, run, cancelled, found again, and compared."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect
from tests.studio.chromium import Visit

from afterglow.trial.specification.trial import Trial

LONG_MS = 180_000
ARMS = (
    "for=trd&blinded=1&people=40&arm=psilocybin~25~1x28~p-7h1.5,i1h1.5,i14h1.5~2to60h3~~~Full"
    "&arm=psilocybin~1~1x28~p-7h1.5,i1h1.5,i14h1.5~2to60h3~~~Low"
)
SMALL = f"/design?{ARMS}&sizes=10,40&trials=50&bank=32"
CONTEXT = {"viewport": {"width": 1280, "height": 800}}
NAVIGATION_MS = LONG_MS


def test_a_trial_is_asked_run_and_taken_to_compare_and_back(visit: Callable[..., Visit], tmp_path: Path) -> None:
    one = visit()
    page = one.page
    page.goto(one.address + SMALL)
    page.get_by_label("People in the control arm").fill("10; 30,5")
    expect(page.get_by_role("status").filter(has_text="whole numbers")).to_be_visible(timeout=LONG_MS)
    page.get_by_label("People in the control arm").fill("10; 30")
    page.get_by_label("Looks").select_option("half")
    page.wait_for_url(re.compile("sizes=10,30.*looks=half"))
    page.get_by_role("button", name="Simulate 100 trials").click()
    expect(page.get_by_test_id("power")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_test_id("power").locator("path.line")).to_have_count(5)
    number, said = page.get_by_test_id("big-number").inner_text(), page.get_by_test_id("power-said").inner_text()
    assert number in (">30", "10", "30")
    assert said.startswith("No size up to 30" if number == ">30" else f"{number} people in the control arm")
    expect(page.get_by_test_id("big-interval")).to_contain_text("Monte-Carlo error")
    expect(page.get_by_test_id("guesses")).to_contain_text("Unblinding adds")
    assert one.serious() == []
    one.keep("design")
    before = page.url
    with page.expect_download() as download:
        page.get_by_role("button", name="Trial, YAML").click()
    download.value.save_as(tmp_path / "trial.yaml")
    assert Trial.from_file(tmp_path / "trial.yaml").section.sizes == (10, 30)
    page.get_by_role("link", name="Compare", exact=True).click()
    expect(page.get_by_test_id("lanes").locator(".lane-name")).to_have_text(["Full", "Low"])
    page.get_by_role("link", name="Design", exact=True).click()
    assert page.url == before, "the protocol comes back unchanged"
    expect(page.get_by_test_id("power")).to_be_visible(timeout=LONG_MS)
    page.set_viewport_size({"width": 360, "height": 780})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    one.keep("design-360")


def test_a_long_trial_is_cancelled_and_one_arm_is_no_trial(visit: Callable[..., Visit]) -> None:
    one = visit(color_scheme="dark")
    page = one.page
    page.goto(one.address + f"/design?{ARMS}&trials=5000&bank=1024")
    page.get_by_role("button", name=re.compile("^Simulate")).click(timeout=LONG_MS)
    expect(page.get_by_test_id("trial-progress")).to_be_visible(timeout=LONG_MS)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled.", exact=True)).to_be_visible(timeout=LONG_MS)
    assert one.serious() == []
    page.goto(one.address + "/design?for=trd&arm=psilocybin~25~1x28")
    expect(page.get_by_role("heading", level=1)).to_have_text("A trial needs two arms", timeout=LONG_MS)
