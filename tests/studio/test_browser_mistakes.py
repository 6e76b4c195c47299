"""Mistakes that everybody makes, in a real browser: double clicks, half links, leaving in a hurry, stepping back."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Route, expect
from tests.studio.chromium import Visit
from tests.studio.conftest import until

LONG_MS = 90_000
CONTEXT = {"viewport": {"width": 1280, "height": 800}, "locale": "en-US"}
NAVIGATION_MS = LONG_MS
ARMS = (
    "/compare?for=trd&people=40&arm=psilocybin~25~1x28~p-7h1.5,i1h1.5~~~~Full"
    "&arm=psilocybin~25~1x28~p-7h1.5~~~~Bare&arm=psilocybin~10~1x28~p-7h1.5,i1h1.5~~~~Low"
    "&arm=psilocybin~15~1x28~p-7h1.5,i1h1.5~~~~Middle&against=3"
)
TYPED_AND_LEFT = """([place, text]) => {
  const field = document.querySelector(place);
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  const teach = [...document.querySelectorAll("nav a")].find((a) => a.textContent === "Teach");
  return Promise.resolve().then(() => teach.click());
}"""
"""What is typed, and a click on another page before anything is painted."""


def test_a_double_click_counts_once_and_a_step_back_brings_the_comparison_back(visit: Callable[..., Visit]) -> None:
    page = visit().go(ARMS)
    started: list[str] = []
    page.on("request", lambda r: started.append(r.url) if r.method == "POST" and r.url.endswith("/api/jobs") else None)
    arms = page.get_by_test_id("lanes").locator(".lane-name")
    what = page.locator(".answer .what")
    expect(what).to_contain_text("“Full” minus “Low”", timeout=LONG_MS)
    page.wait_for_timeout(700)  # what has rested is a step
    page.get_by_role("button", name="Bare", exact=True).click()
    page.get_by_role("button", name="Remove Bare").dblclick()
    expect(arms).to_have_text(["Full", "Low", "Middle"])
    expect(what).to_contain_text("“Full” minus “Low”", timeout=LONG_MS)
    page.wait_for_timeout(700)
    page.get_by_role("button", name="Undo").click()
    expect(arms).to_have_text(["Full", "Bare", "Low", "Middle"])
    expect(what).to_contain_text("“Full” minus “Low”", timeout=LONG_MS)
    # There is no half of a person.
    page.get_by_text("Change “", exact=False).click()
    page.get_by_text("Group, and practice done").click()
    size = page.get_by_label("People in the group, number")
    size.fill("1.5")
    expect(page.get_by_text("Write a whole number; it stays 1.")).to_be_visible()
    size.fill("1")
    page.get_by_label("People in each arm").fill("100.5")
    expect(page.get_by_text("Write a whole number; it stays 2000.")).to_be_visible()
    # A long run that is started by a double click is one run.
    page.get_by_label("People in each arm").fill("100")
    page.get_by_role("button", name=re.compile("^Run with")).evaluate("button => { button.click(); button.click(); }")
    expect(page.get_by_test_id("compare-table")).to_contain_text("100 people", timeout=LONG_MS)
    assert len(started) == 1
    # Whoever leaves at once finds what was changed last, by the browser's own button too.
    page.get_by_role("combobox", name="First day").select_option(label="week 4")
    page.get_by_role("link", name="Evidence", exact=True).click()
    expect(page).to_have_url(re.compile("/evidence"))
    page.go_back()
    expect(page).to_have_url(re.compile("on=28"))
    expect(what).to_contain_text("week 4", timeout=LONG_MS)


def test_what_is_forgotten_or_left_in_a_hurry_was_meant(visit: Callable[..., Visit]) -> None:
    one = visit()
    page = one.go("/follow")
    score = page.get_by_label("Score or answers, line 1", exact=True)
    page.get_by_label("Day or date, line 1", exact=True).fill("0")
    score.fill("19")
    page.get_by_role("button", name="Forget all").dblclick()
    expect(page.get_by_role("button", name="Yes, forget all")).to_be_visible()
    expect(score).to_have_value("19")
    # The last sign typed, and then another page at once.
    page.evaluate(TYPED_AND_LEFT, [".score-lines .value", "18"])
    expect(page).to_have_url(re.compile("/teach"))
    page.get_by_role("link", name="Follow", exact=True).click()
    expect(score).to_have_value("18")
    # Of a plan, too.
    page.goto(f"{page.url.split('/follow')[0]}/plan?medicine=psilocybin&dose=25&dates=2027-03-02&country=none")
    dose = page.get_by_role("textbox", name="Dose, mg")
    expect(dose).to_have_value("25", timeout=LONG_MS)
    page.evaluate(TYPED_AND_LEFT, ['.sentence input[aria-label="Dose, mg"]', "20"])
    expect(page).to_have_url(re.compile("/teach"))
    page.get_by_role("link", name="Plan", exact=True).click()
    expect(dose).to_have_value("20", timeout=LONG_MS)
    page.get_by_role("button", name="Add a meeting", exact=True).dblclick()
    expect(page.get_by_test_id("plan-items").locator(".row-line").filter(has_text="added by hand")).to_have_count(1)
    # What could not be looked for is not said to be absent.
    one.refusals = (422,)
    said = {"error": "on 2027-03-02 there are 9 entries; a day holds 8 at most"}
    page.route("**/api/plan/conflicts", lambda route: route.fulfill(status=422, json=said))
    page.get_by_role("button", name="Undo").click()
    conflicts = page.get_by_test_id("conflicts")
    expect(conflicts).to_contain_text("Conflicts are not known", timeout=LONG_MS)
    expect(conflicts).to_contain_text("on Tue, Mar 2, 2027 there are 9 entries")
    expect(conflicts).not_to_contain_text("No conflict")
    # A plan that is on its way does not take the place of one that is chosen meanwhile.
    held: list[Route] = []
    page.route("**/api/plan", lambda route: held.append(route))
    page.get_by_role("link", name="Follow one person").click()
    chosen = page.get_by_label("Plan", exact=True)
    expect(chosen).to_be_visible()
    until(lambda: page.wait_for_timeout(50) or held)
    chosen.select_option(label="on a plan at another address …")
    chosen.select_option(label="in usual care, without any medicine")
    with page.expect_response("**/api/plan"):
        for route in held:
            route.continue_()
    page.wait_for_timeout(300)
    expect(chosen).to_have_value("none")


def test_a_link_cut_in_half_says_what_it_lacks_and_shows_something(visit: Callable[..., Visit]) -> None:
    page = visit().go("/evidence?part=studies&study=goodw")
    expect(page.get_by_role("alert")).to_have_text("There is no study “goodw” here; choose one from the list.")
    page.get_by_role("button", name=re.compile("^Goodwin 2022")).first.click()
    expect(page.get_by_test_id("study")).to_be_visible(timeout=LONG_MS)
    page.goto(f"{page.url.split('/evidence')[0]}/plan?medicine=ketamine&dose=5&start=2027-03-22&grouptime")
    expect(page.get_by_role("alert")).to_have_text(
        "The address says “grouptime=”, which cannot be read here and is left out. "
        "Its dose, 5, is not from 0.1 to 1.5 mg/kg: the usual one is taken.",
        timeout=LONG_MS,
    )
    expect(page.get_by_role("textbox", name="Dose, mg/kg")).to_have_value("0.5")


CHANGED_AND_LEFT = """([choice, to]) => {
  const chosen = document.querySelector('select[aria-label="Sessions of integration"]');
  chosen.value = choice;
  chosen.dispatchEvent(new Event("input", { bubbles: true }));
  chosen.dispatchEvent(new Event("change", { bubbles: true }));
  setTimeout(() => to ? location.assign(to) : history.back(), 20);
}"""
"""A choice, and the way back or to another site before the address was written."""


def test_what_is_changed_just_before_the_way_back_is_there_again(visit: Callable[..., Visit]) -> None:
    page = visit().go("/evidence?part=board")
    page.get_by_role("link", name="Explore", exact=True).click()
    chosen = page.get_by_label("Sessions of integration")
    expect(chosen).to_be_visible(timeout=LONG_MS)
    expect(page).to_have_url(re.compile("arm=psilocybin"))
    page.evaluate(CHANGED_AND_LEFT, ["2", ""])
    expect(page).to_have_url(re.compile("/evidence"))
    page.go_forward()
    expect(chosen).to_have_value("2", timeout=LONG_MS)
    page.evaluate(CHANGED_AND_LEFT, ["5", "about:blank"])
    expect(page).to_have_url("about:blank")
    page.go_back()
    expect(chosen).to_have_value("5", timeout=LONG_MS)
