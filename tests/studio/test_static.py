"""The browser side as files: what is vendored, what it may name, its colours, its shapes and its addresses."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from afterglow.figures.style import DARK, GREEN_DARK, LIGHT, VERMILLION_DARK, arm_style, session_style
from afterglow.simulate.spec import PEOPLE
from afterglow.studio.accounts import routes as account_routes
from afterglow.studio.compare import comparison, grid
from afterglow.studio.designs import choices, design, source
from afterglow.studio.designs.limits import DESIGN, PlanLimits
from afterglow.studio.designs.limits import PLAN as PLANNED
from afterglow.studio.evidence import board as evidence_board
from afterglow.studio.evidence import foretold as evidence_foretold
from afterglow.studio.evidence import pages as evidence_pages
from afterglow.studio.evidence import tables as evidence_tables
from afterglow.studio.explore import brain, certainty, course, story, why
from afterglow.studio.explore import routes as science_routes
from afterglow.studio.follow import answer as follow_answer
from afterglow.studio.follow import lines as follow_lines
from afterglow.studio.follow import pasted as follow_pasted
from afterglow.studio.jobs import queue
from afterglow.studio.plan import best_day, conflicts, dates, planning
from afterglow.studio.plan.cautions import PlanWord
from afterglow.studio.plan.request import PlanRequest
from afterglow.studio.saved import saved
from afterglow.studio.server.pages import STATIC
from afterglow.studio.trials import power

APP, VENDOR = STATIC / "app", STATIC / "vendor"
MODULES = sorted(APP.rglob("*.js"))
VENDORED: dict[str, dict[str, Any]] = json.loads((VENDOR / "vendored.json").read_text(encoding="utf-8"))
ENTRY = (STATIC / "index.html").read_text(encoding="utf-8")


# What is vendored


@pytest.mark.parametrize("name", sorted(VENDORED))
def test_a_vendored_file_is_the_published_one(name: str) -> None:
    said = VENDORED[name]
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == said["sha256"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", said["version"])
    assert all(said[key] for key in ("package", "file", "licence"))


def test_every_vendored_file_is_listed_and_every_licence_is_there() -> None:
    typed_by_hand = {"standalone.module.d.ts"}
    licences = {f"LICENSE-{name}.txt" for name in ("htm", "preact", "uplot")}
    assert {p.name for p in VENDOR.iterdir()} == {*VENDORED, *typed_by_hand, *licences, "vendored.json"}
    for name in licences:
        assert "Copyright" in (VENDOR / name).read_text(encoding="utf-8")


# What the pages may name and do


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/|(?m:^\s*//.*$|(?<=[\s;{}(])//.*$)", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("path", [p for p in STATIC.rglob("*") if p.suffix in (".js", ".css", ".html", ".svg", ".ts")])
def test_no_third_host_is_named(path: Path) -> None:
    named = re.findall(r"(?:https?:|wss?:|[\"'(])//[\w.-]+\.\w+", without_comments(path.read_text(encoding="utf-8")))
    assert {host for host in named if "www.w3.org" not in host} == set()


def test_the_page_holds_nothing_that_its_policy_forbids() -> None:
    assert not re.search(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=", ENTRY)
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\beval\(|new Function|innerHTML|document\.write|\bstyle=[\"$`]", text), path.name
        assert text.startswith("// @ts-check\n"), path.name


def test_modules_are_found_used_and_fetched_at_once() -> None:
    wanted: set[Path] = set()
    for path in MODULES:
        for said in re.findall(
            r"(?:^import|^export|^\}) ?(?:[^;]*? from )?\"([^\"]+)\";", path.read_text(), re.MULTILINE
        ):
            assert said.startswith("."), f"{path.name} asks for {said}"
            wanted.add((path.parent / said).resolve())
    assert all(path.is_file() for path in wanted)
    assert {p.resolve() for p in MODULES} - wanted == {APP.resolve() / "main.js"}
    fetched = set(re.findall(r'modulepreload" href="/static/([^"]+)"', ENTRY))
    assert fetched == {p.relative_to(STATIC.resolve()).as_posix() for p in wanted} | {"app/main.js"}


def test_no_page_knows_another() -> None:
    """The trial of Design is that of the two arms of Compare, by their names and places."""
    pages = {path.parent.name for path in APP.glob("*/page.js")}
    known = {
        (path.relative_to(APP).parts[0], folder)
        for path in MODULES
        for folder in re.findall(r'^import .*? from "\.\./([\w]+)/', path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert {(page, other) for page, other in known if other in pages} == {("trials", "compare")}


# Colours


def themes() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Return the colours of the light theme, of a dark system and of the button that turns it dark."""
    blocks = re.findall(r":root[^{]*\{([^}]*)\}", (APP / "theme.css").read_text(encoding="utf-8"))
    light, system, turned = (dict(re.findall(r"--([\w-]+): (#\w+);", block)) for block in blocks)
    return light, system, turned


def test_themes_are_those_of_the_report() -> None:
    light, system, turned = themes()
    assert system == turned
    assert set(light) == set(turned)
    for own, theme in ((light, LIGHT), (turned, DARK)):
        assert {k: v for k, v in own.items() if k in theme} == {k: v for k, v in theme.items() if k != "figure"}


def test_arms_and_sessions_have_the_colours_of_the_report() -> None:
    light = themes()[0]
    drawn = [arm_style(k).colour for k in range(4)]
    # Orange and green are told apart on white as lines, but are too pale there for words; the report has darker ones.
    assert [light[f"arm-{k + 1}"] for k in range(4)] == [drawn[0], VERMILLION_DARK, GREEN_DARK, drawn[3]]
    for kind in ("preparation", "psychotherapy", "training"):
        assert light[kind] == session_style(kind).colour
    assert light["integration"] == light["new"] == GREEN_DARK


def luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("which", ["light", "dark"])
def test_lines_and_words_stand_out_from_the_surface(which: str) -> None:
    theme = themes()[0 if which == "light" else 2]
    for name in ("ink", "muted", "accent"):
        assert contrast(theme[name], theme["surface"]) >= 4.5, name
    drawn = [
        *(f"arm-{k}" for k in range(1, DESIGN.arms + 1)),
        "new",
        "old",
        "twin",
        "preparation",
        "integration",
        "psychotherapy",
    ]
    for name in [*drawn, "training", "education", "warn-line"]:
        assert contrast(theme[name], theme["surface"]) >= 3, name


def test_every_colour_that_is_named_exists() -> None:
    said = " ".join(p.read_text(encoding="utf-8") for p in [*MODULES, *APP.rglob("*.css")])
    assert set(re.findall(r"var\(--([a-z]+(?:-[a-z0-9]+)*)\)", said)) <= set(themes()[0])


# Shapes of what the server takes and gives

SHAPES: dict[str, type[BaseModel]] = {
    "PlannedSession": design.PlannedSession,
    "PlannedPractice": design.PlannedPractice,
    "ArmDesign": design.ArmDesign,
    "Design": design.Design,
    "Account": account_routes.AccountView,
    "ScaleFacts": choices.ScaleFacts,
    "WayChoice": choices.WayChoice,
    "MedicineChoice": choices.MedicineChoice,
    "Choices": choices.Choices,
    "Source": source.Source,
    "Passage": story.Passage,
    "Curve": course.Curve,
    "ScoreRow": course.ScoreRow,
    "ArmCourse": course.ArmCourse,
    "Course": course.Course,
    "Certainty": certainty.Certainty,
    "Why": why.Why,
    "Thing": brain.Thing,
    "Brain": brain.Brain,
    "FollowLine": follow_lines.Line,
    "FollowRequest": follow_answer.FollowRequest,
    "LineRead": follow_lines.LineRead,
    "FollowBand": follow_answer.BandShown,
    "Outlook": follow_answer.Outlook,
    "FollowAnswer": follow_answer.Answer,
    "FollowFacts": follow_answer.FollowFacts,
    "ScaleKnown": follow_answer.ScaleKnown,
    "Pasted": follow_pasted.Pasted,
    "Job": queue.Job,
    "ComparedArm": comparison.ComparedArm,
    "Comparison": comparison.Comparison,
    "Grid": grid.Grid,
    "Estimate": power.Estimate,
    "SizeRow": power.SizeRow,
    "TrialPower": power.TrialPower,
    "SavedLine": saved.SavedLine,
    "PlanWord": PlanWord,
    "PlanItem": planning.PlanItem,
    "PlanWindow": planning.PlanWindow,
    "Plan": planning.Plan,
    "Pattern": dates.Pattern,
    "Country": dates.Country,
    "Conflict": conflicts.Conflict,
    "BestDay": best_day.BestDay,
    "GainOnDay": best_day.GainOnDay,
    "ExplanationGain": best_day.ExplanationGain,
    "Prediction": evidence_pages.Prediction,
    "StudyRow": evidence_pages.StudyRow,
    "StudySummary": evidence_pages.StudySummary,
    "StudyDetail": evidence_pages.StudyDetail,
    "Span": evidence_board.Span,
    "ForetoldNumber": evidence_foretold.ForetoldNumber,
    "Measure": evidence_foretold.Measure,
    "GroupGain": evidence_foretold.GroupGain,
    "Foretold": evidence_foretold.Foretold,
    "BoardFact": evidence_board.BoardFact,
    "FactsBoard": evidence_board.FactsBoard,
    "RecordedContrast": evidence_board.RecordedContrast,
    "RecordedTrial": evidence_board.RecordedTrial,
    "Rivals": evidence_tables.Rivals,
    "Interval": evidence_tables.Interval,
    "ParameterRow": evidence_tables.ParameterRow,
    "EvidenceFacts": evidence_tables.EvidenceFacts,
    "PlanLimits": PlanLimits,
    "About": science_routes.About,
}


def shape(name: str) -> set[str]:
    """Return the names of an interface's fields, two spaces deep, with those that it extends."""
    text = (APP / "shapes.d.ts").read_text(encoding="utf-8")
    found = re.search(rf"^export interface {name} (?:extends (\w+) )?\{{\n(.*?)^\}}", text, re.DOTALL | re.MULTILINE)
    assert found is not None, name
    inherited = shape(found[1]) if found[1] else set()
    return inherited | set(re.findall(r"^  (\w+)\??:", found[2], re.MULTILINE))


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_a_shape_has_the_fields_that_the_server_has(name: str) -> None:
    assert shape(name) == set(SHAPES[name].model_fields)


def test_a_plan_is_asked_with_all_that_can_be_asked() -> None:
    assert shape("PlanRequest") | shape("Checked") == set(PlanRequest.model_fields)


# Addresses

NODE = shutil.which("node")
ROUND = """
import { addressOf, designOf } from "./state.js";
import { settled } from "./design.js";
const given = JSON.parse(process.argv[2]);
console.log(JSON.stringify(given.map((d) => {
  const address = addressOf(d);
  const back = designOf("?" + address);
  return { address, back, again: addressOf(back), settled: settled(d) };
})));
"""
READ = """
import { designOf } from "./state.js";
console.log(JSON.stringify(designOf(JSON.parse(process.argv[2]))));
"""
NUMBERS = """
Object.defineProperty(globalThis, "navigator", { value: { language: process.argv[3] ?? "en" }, configurable: true });
const { readNumber } = await import("./numbers.js");
console.log(JSON.stringify(JSON.parse(process.argv[2]).map(readNumber)));
"""
LISTS = """
import { readList } from "./numbers.js";
console.log(JSON.stringify(JSON.parse(process.argv[2]).map((text) => readList(text, 5))));
"""
ORDERED = """
Object.defineProperty(globalThis, "navigator", { value: { language: process.argv[3] }, configurable: true });
const { inOwnOrder } = await import("./follow/days.js");
const read = (whens) => inOwnOrder(whens.map((when) => ({ when }))).map((line) => line.when);
console.log(JSON.stringify(JSON.parse(process.argv[2]).map(read)));
"""
MOMENTS = """
const { given, language } = JSON.parse(process.argv[2]);
Object.defineProperty(globalThis, "navigator", { value: { language }, configurable: true });
const { readDate, readTime, dateField, timeText, firstWeekday, ownCountry } = await import("./dates.js");
console.log(JSON.stringify({
  dates: given.dates.map((text) => readDate(text, "2026-11-26")),
  past: given.dates.map((text) => readDate(text, "2026-11-26", true).date),
  times: given.times.map((text) => readTime(text)),
  shown: [dateField("2027-03-22"), timeText("14:30"), firstWeekday(), ownCountry()],
}));
"""
PLANS = """
import { begun, planAddress, requestOf, stateOf } from "./planned/address.js";
globalThis.navigator ??= { language: "en-GB" };
const { query, limits } = JSON.parse(process.argv[2]);
const state = stateOf("?" + query, limits);
const again = stateOf("?" + planAddress(state), limits);
console.log(JSON.stringify({
  same: JSON.stringify(state) === JSON.stringify(again), address: planAddress(state), state,
  requests: state.people.map((p) => requestOf(state, p)), moved: begun(state.people[0], "2027-04-05"),
}));
"""
WRITTEN = """
Object.defineProperty(globalThis, "navigator", { value: { language: process.argv[3] } });
const { inOwnNumbers, numberText, signed } = await import("./numbers.js");
const { texts, numbers } = JSON.parse(process.argv[2]);
const written = numbers.map((n) => numberText(n, 1));
console.log(JSON.stringify([...texts.map(inOwnNumbers), ...written, ...numbers.map(signed)]));
"""
STEPS = """
import { Steps } from "./steps.js";
const steps = new Steps();
const done = { rest: () => steps.rest(), undo: () => steps.undo(), redo: () => steps.redo() };
console.log(JSON.stringify(JSON.parse(process.argv[2]).map((act) => {
  if (typeof act === "string") done[act]();
  else steps.see(act);
  return [steps.now, steps.canUndo, steps.canRedo];
})));
"""
STRANGE = """
import { readTrial, strangeKeys } from "./state.js";
const [page, search] = JSON.parse(process.argv[2]);
console.log(JSON.stringify({ said: strangeKeys(page, search), wrong: readTrial(search).wrong }));
"""
ON_DATES = """
globalThis.navigator ??= { language: "en-GB" };
const { onDates } = await import("./planned/from_design.js");
const { requestOf, stateOf } = await import("./planned/address.js");
const { designs, choices } = JSON.parse(process.argv[2]);
console.log(JSON.stringify(designs.map((design) => {
  const laid = onDates(design, choices);
  const state = stateOf(`?${laid.address}`, choices.plan_limits);
  return { ...laid, person: state.people[0], request: requestOf(state, state.people[0]) };
})));
"""
BACK_IN_DAYS = """
globalThis.navigator ??= { language: "en-GB" };
const { planAddress, stateOf, unread } = await import("./planned/address.js");
const { designOf, itemsOf } = await import("./planned/items.js");
const { address, plan, choices } = JSON.parse(process.argv[2]);
const state = stateOf(`?${address}`, choices.plan_limits);
const { edits } = state.people[0];
const items = itemsOf(plan, edits, "", { start: "10:00", group_start: "17:00" });
console.log(JSON.stringify({
  design: designOf(plan, items, edits, state.choice.integration_hours),
  unread: unread(`?${address}`, choices),
  again: planAddress(state),
  shown: items.map((item) => [item.kind, item.day, item.start]),
}));
"""
HALF_PLANS = """
globalThis.navigator ??= { language: "en-GB" };
const { planOf, unread } = await import("./planned/address.js");
const { links, choices } = JSON.parse(process.argv[2]);
console.log(JSON.stringify(links.map((link) => {
  const { choice, people } = planOf(link, choices);
  return { given: [choice.medicine, choice.dose], codes: people.map((p) => p.code), said: unread(link, choices) };
})));
"""
Run = Callable[[list[design.Design]], list[dict[str, Any]]]


@pytest.fixture
def node(tmp_path: Path) -> Callable[..., Any]:
    """Run a script beside the pages' own modules: ``node(script, given)`` returns what it prints."""
    if NODE is None:
        pytest.skip("Node is not installed (Debian: apt-get install nodejs)")
    program = NODE
    for folder in ("planned", "follow"):
        (tmp_path / folder).mkdir()
    shared = ("state", "design", "numbers", "dates", "steps")
    for name in (*shared, "planned/address", "planned/from_design", "planned/items", "follow/days"):
        (tmp_path / f"{name}.js").write_text((APP / f"{name}.js").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")

    def run(script: str, given: Any, *more: str) -> Any:
        (tmp_path / "script.mjs").write_text(script, encoding="utf-8")
        command = [program, str(tmp_path / "script.mjs"), json.dumps(given), *more]
        return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)

    return run


@pytest.fixture
def in_the_browser(node: Callable[[str, Any], Any]) -> Run:
    """Run what the pages run on some designs."""
    return lambda designs: node(ROUND, [d.model_dump(mode="json") for d in designs])


@pytest.fixture
def read_in_the_browser(node: Callable[[str, Any], Any]) -> Callable[[str], dict[str, Any]]:
    """Read an address as the pages do."""
    return lambda address: node(READ, address)


def asked(**given: Any) -> design.Design:
    return design.Design.model_validate({"arms": [{"medicine": "psilocybin"}], **given})


def test_a_design_comes_back_from_its_address(in_the_browser: Run) -> None:
    odd = asked(
        condition="ptsd",
        scale="PCL-5",
        baseline_mean=31.25,
        horizon_days=400,
        blinded=True,
        ssri=True,
        rival="additive",
        participants=1200,
        seed=2**53 - 1,
        arms=[
            {
                "label": "Käthe's ~arm, 50 % & more/less",
                "medicine": "mdma",
                "dose": 62.5,
                "dosing_days": [0, 17.5, 40],
                "sessions": [
                    {"day": -180, "kind": "preparation", "hours": 0.25, "format": "digital"},
                    {"day": 3.5, "kind": "integration", "hours": 2, "format": "group", "tasks": ["steps"]},
                    {"day": 9, "kind": "training", "hours": 1},
                ],
                "practice": [{"from_day": -2, "to_day": 300.5, "hours_per_week": 3.5}],
                "group_size": 6,
                "group_dosing": True,
                "community": True,
                "adherence": 0,
            },
            {"medicine": "none", "label": "12"},
            {"medicine": "ketamine", "route": "oral_extended_release", "dose": 120, "dosing_days": [0, 3.5]},
        ],
    )
    designs = [*choices.choices().starters.values(), odd]
    for given, found in zip(designs, in_the_browser(designs), strict=True):
        assert design.Design.model_validate(found["back"]) == given
        assert found["again"] == found["address"]
        assert len(found["address"]) < 400


def test_an_address_of_an_older_version_is_read(read_in_the_browser: Callable[[str], dict[str, Any]]) -> None:
    plain = read_in_the_browser("?for=ptsd&arm=mdma~80~3x28~p-1h1.5,i1h1.5~2to116h3")
    assert (plain["rival"], plain["participants"]) == ("weighted", PEOPLE)
    assert [s["day"] for s in plain["arms"][0]["sessions"]] == [-1, 1]
    named = read_in_the_browser("?for=trd&people=500&rival=drug_only&arm=psilocybin~25~1x28")
    assert (named["rival"], named["participants"]) == ("drug_only", 500)
    for found in (plain, named):
        design.Design.model_validate(found)


def test_the_horizon_holds_all_that_is_planned(in_the_browser: Run) -> None:
    wide = asked(
        horizon_days=28,
        arms=[
            {
                "medicine": "psilocybin",
                "dosing_days": [0, 21, 42],
                "sessions": [{"kind": "integration", "hours": 1.5, "day": d} for d in (0, 1, 1, 21, 90)],
                "practice": [{"from_day": 2, "to_day": 100, "hours_per_week": 2}],
            },
            {"medicine": "ketamine", "dosing_days": [60 * k for k in range(19)] + [1085, 1090]},
        ],
    )
    fixed = design.Design.model_validate(in_the_browser([wide])[0]["settled"])
    design.protocol_of(fixed)
    assert fixed.arms[0] == wide.arms[0]
    assert fixed.arms[1].dosing_days == tuple(60.0 * k for k in range(19))
    assert fixed.horizon_days >= 1080
    good = choices.choices().starters["mdma"]
    assert design.Design.model_validate(in_the_browser([good])[0]["settled"]) == good


# Numbers


def test_a_typed_number_has_a_point_or_a_comma(node: Callable[..., Any]) -> None:
    found = node(NUMBERS, ["0.5", " −2 ", ".5", "1e3", "0,5", ",25", "1,500", "1,2,3", "half", "", "-"])
    assert [one["value"] for one in found] == [0.5, -2, 0.5, 1000, 0.5, 0.25, *([None] * 5)]
    assert found[6]["said"] == "Write 1500 or 1.500: the comma can be read both ways."
    assert [bool(one["said"]) for one in found[7:]] == [True, True, False, False]
    german = node(NUMBERS, ["1,500", "1.500", "2.000,5", "0.125", "12.5", "12,5 mg", "1 000"], "de-DE")
    assert [one["value"] for one in german] == [1.5, None, None, 0.125, 12.5, None, None]
    assert german[1]["said"] == "Write 1500 or 1,500: the point can be read both ways."
    assert german[5]["said"] == "Write a number such as 0,5."


def test_a_list_of_numbers_may_have_commas_and_spaces(node: Callable[..., Any]) -> None:
    found = node(LISTS, ["5; 10; 12,5", "25, 10, 5", "5 10,", "5;x", "5, 10,5"])
    assert [one["values"] for one in found] == [[5, 10, 12.5], [5, 10, 25], [5, 10], [], [5, 10.5]]
    assert found[3]["said"].startswith("“x” is no number")


# Dates


@pytest.mark.parametrize(
    ("language", "typed", "shown"),
    [
        ("de-DE", "22.3.2027", ["22.03.2027", "14:30", 0, "DE"]),
        ("en-US", "3/22/2027", ["03/22/2027", "2:30\u202fPM", 6, "US"]),
    ],
)
def test_a_date_is_read_and_written_as_the_readers_language_does(
    node: Callable[[str, Any], Any], language: str, typed: str, shown: list[Any]
) -> None:
    dates = [typed, "2027-03-22", "22 Mar", typed[:-4] + "27"]
    half = [typed[:-3], typed[:-1], "2", "", "31.4.2027", "22.3.0202"]
    times = ["10", "10:30", "10.30", "2:30 pm", "", "25", "10:7"]
    found = node(MOMENTS, {"language": language, "given": {"dates": [*dates, *half], "times": times}})
    assert [one["date"] for one in found["dates"]] == ["2027-03-22"] * 4 + [""] * 6
    assert found["past"][:4] == ["2027-03-22", "2027-03-22", "2026-03-22", "2027-03-22"]
    assert all(one["said"].endswith(".") for one in found["dates"][4:])
    assert [one["time"] for one in found["times"]] == ["10:00", "10:30", "10:30", "14:30", None, None, None]
    assert [bool(one["said"]) for one in found["times"]] == [False] * 5 + [True] * 2
    assert [str(part).replace("\u202f", " ") for part in found["shown"]] == [
        str(p).replace("\u202f", " ") for p in shown
    ]


@pytest.mark.parametrize(
    ("language", "march"),
    [("en-US", ["3/5/2026", "03/05/26"]), ("en-GB", ["5/3/2026", "05/03/26"]), ("nl-NL", ["5-3-2026"])],
)
def test_dates_of_scores_are_in_the_order_of_the_readers_language(
    node: Callable[..., Any], language: str, march: list[str]
) -> None:
    """Where one of them can only be read the other way round, all are left to the server, which looks at all."""
    kept = ["14", "5.3.2026", "2026-03-05", "soo", "31/31/2026"]
    elsewhere = ["3/25/2026", "5/3/2026"] if language == "en-GB" else ["25/3/2026", "5/3/2026"]
    if language == "nl-NL":
        elsewhere = ["3-25-2026", "5-3-2026"]
    given = [[*march, *kept], elsewhere]
    assert node(ORDERED, given, language) == [["2026-03-05"] * len(march) + kept, elsewhere]


PLAN = (
    "medicine=ketamine&dose=0.5&for=anxiety&start=2027-03-15&on=mo,th&every=2&times=6&time=10:00&group=integration"
    "&groupday=we&grouptime=17:00&country=DE&region=BY&team=2&code=K-01&plan=0123456789abcdef"
    "&set=integration-2~2027-04-01@11:30h2&set=practice-1~to2027-06-01&drop=preparation-1&add=own-1~2027-05-03@09:00h1"
    "&with=dates%3D2027-03-29,2027-04-12%26code%3DK-02%26plan%3D0123456789abcde0%26set%3Ddosing-2~2027-04-13%4012:00&show=2"
)


def test_a_plan_of_two_people_comes_back_from_its_address(node: Callable[[str, Any], Any]) -> None:
    found = node(PLANS, {"query": PLAN, "limits": PlanLimits().model_dump()})
    assert found["same"]
    one, other = (PlanRequest.model_validate(asked) for asked in found["requests"])
    assert [d.isoformat() for d in one.dosings[:3]] == [
        "2027-03-15",
        "2027-03-18",
        "2027-03-30",
    ]  # Easter Monday is off
    assert (one.group_weekday, one.group_start, one.group_size, one.region) == (2, "17:00", 2, "BY")
    assert [d.isoformat() for d in other.dosings] == ["2027-03-29", "2027-04-13"]
    assert found["state"]["people"][1]["edits"]["changed"] == {"dosing-2": {"start": "12:00"}}


def test_a_plan_that_begins_later_takes_its_changes_by_hand_along(node: Callable[[str, Any], Any]) -> None:
    moved = node(PLANS, {"query": PLAN, "limits": PlanLimits().model_dump()})["moved"]
    assert moved["start"] == "2027-04-05"
    assert moved["edits"]["changed"]["integration-2"] == {"date": "2027-04-22", "start": "11:30", "hours": 2}
    assert moved["edits"]["changed"]["practice-1"]["until"] == "2027-06-22"
    assert moved["edits"]["added"][0]["date"] == "2027-05-24"


def test_sentences_and_numbers_are_written_as_the_language_does(node: Callable[..., Any]) -> None:
    texts = ["From -2.4 to +0.6 of 700, k 0.35.", "Afterglow 0.1.0, doi 10.1038/s41591-021", "p < 0.05; version 2.0b"]
    given = {"texts": texts, "numbers": [-0.04, 0.0, -1.25, 1234.5]}
    german = node(WRITTEN, given, "de-DE")
    assert german[:3] == ["From -2,4 to +0,6 of 700, k 0,35.", texts[1], "p < 0,05; version 2.0b"]
    assert german[3:] == ["0,0", "0,0", "−1,3", "1.234,5", "0,0", "0,0", "−1,3", "+1.234,5"]
    american = node(WRITTEN, given, "en-US")
    assert american[:3] == texts
    assert american[3:] == ["0.0", "0.0", "−1.3", "1,234.5", "0.0", "0.0", "−1.3", "+1,234.5"]


# Steps


def test_two_quick_steps_back_are_two_and_each_can_be_redone(node: Callable[[str, Any], Any]) -> None:
    found = node(STEPS, [1, "rest", 2, "rest", 3, "undo", "undo", "undo", "redo", "redo", "redo"])
    assert [now for now, *_ in found] == [1, 1, 2, 2, 3, 2, 1, 1, 2, 3, 3]
    assert found[4][1:] == [True, False], "what is still moving can be undone"
    assert found[7][1:] == [False, True]


def test_a_step_back_right_after_two_changes_takes_back_the_last_alone(node: Callable[[str, Any], Any]) -> None:
    def course(dose: int, *days: int) -> dict[str, Any]:
        return {"arms": [{"dose": dose, "sessions": [{"day": day} for day in days]}]}

    dragged = [course(25, 7), "rest", course(25, 8), course(25, 9), course(25, 11), "undo"]
    assert node(STEPS, dragged)[-1][0] == course(25, 7), "one drag is one step"
    quick = [course(25, 7), "rest", course(30, 7), course(30, 9), "undo", "undo"]
    assert [now for now, *_ in node(STEPS, quick)[-2:]] == [course(30, 7), course(25, 7)]
    grown = [course(25, 7), "rest", course(25, 7, 14), course(30, 7, 14), "undo"]
    assert node(STEPS, grown)[-1][0] == course(25, 7, 14)


# Links


def test_what_no_page_knows_of_a_link_is_told(node: Callable[[str, Any], Any]) -> None:
    found = node(STRANGE, ["explore", "?for=trd&arm=ketamine~0.5~6x3.5&dosis=3"])
    assert found["said"] == "This link holds “dosis”, which this studio does not know; it was left out."
    assert node(STRANGE, ["explore", "?for=trd&at=3&view=weeks&sizes=10,40"])["said"] == ""
    many = node(STRANGE, ["plan", "?a=1&b=2&c=3&d=4&e=5&dose=3"])["said"]
    assert many == "This link holds “a”, “b”, “c” and 2 more, which this studio does not know; they were left out."


def test_a_trial_that_cannot_be_taken_as_written_is_told(node: Callable[[str, Any], Any]) -> None:
    good = "?sizes=40,10&analysis=ancova&looks=half&dropout=0.20&alpha=0.05&trials=100&bank=64"
    assert node(STRANGE, ["design", good])["wrong"] == []
    found = node(STRANGE, ["design", "?sizes=10,2&analysis=anova&trials=5&alpha=0.1"])["wrong"]
    assert found == [
        "The sizes of the trial, “10,2”, cannot be taken as written; 10 is taken.",
        "The analysis, “anova”, cannot be taken as written; mmrm is taken.",
        "The level, “0.1”, cannot be taken as written; 0.025 is taken.",
        "The number of trials, “5”, cannot be taken as written; 400 is taken.",
    ]


# From Explore to Plan


def test_a_design_is_laid_on_dates_day_for_day(node: Callable[[str, Any], Any]) -> None:
    offered = choices.choices().model_dump(mode="json")
    starters = choices.choices().starters
    odd = {
        "medicine": "psilocybin",
        "dosing_days": [0, 10, 31],
        "sessions": [{"day": 2, "kind": "training", "hours": 1}],
    }
    given = [*starters.values(), asked(arms=[odd]), asked(arms=[{"medicine": "none"}])]
    found = node(ON_DATES, {"designs": [d.model_dump(mode="json") for d in given], "choices": offered})
    for one, laid in zip(given[:-1], found, strict=False):
        assert laid["cannot"] == ""
        request = PlanRequest.model_validate({**laid["request"], "country": "", "region": ""})
        start, arm = request.dosings[0], one.arms[0]
        assert [(day - start).days for day in request.dosings] == [int(day) for day in arm.dosing_days]
        changed = laid["person"]["edits"]["changed"]
        for kind in ("preparation", "integration"):
            days = sorted(s.day for s in arm.sessions if s.kind == kind)
            assert getattr(request, kind) == len(days)
            dates = [dt.date.fromisoformat(changed[f"{kind}-{k + 1}"]["date"]) for k in range(len(days))]
            assert [(date - start).days for date in dates] == days
    assert found[-2]["left"] == []
    (training,) = found[-2]["person"]["edits"]["added"]
    assert (training["kind"], training["title"]) == ("training", "Training, added by hand")
    assert found[-1]["cannot"] == "A plan is laid around the dosing days of a medicine."


def test_a_course_with_all_kinds_of_sessions_and_two_stretches_of_practice_comes_back_from_the_calendar(
    node: Callable[[str, Any], Any],
) -> None:
    offered = choices.choices().model_dump(mode="json")
    group = {"kind": "integration", "hours": 2, "format": "group"}
    arm = {
        "medicine": "psilocybin",
        "dosing_days": [0, 21],
        "sessions": [
            {"day": -7, "kind": "preparation", "hours": 1},
            {"day": 1, "kind": "integration", "hours": 1.5},
            {"day": 4, **group},
            {"day": 11, **group},
            {"day": 22, "kind": "integration", "hours": 1},
            {"day": 25, **group},
            {"day": 32, **group},
            {"day": 36, "kind": "training", "hours": 0.5, "format": "digital"},
            {"day": 37, "kind": "psychotherapy", "hours": 1, "format": "group"},
            {"day": 38, "kind": "education", "hours": 1},
            {"day": 39, "kind": "integration", "hours": 0.75, "format": "digital"},
        ],
        "practice": [
            {"from_day": 2, "to_day": 20, "hours_per_week": 3},
            {"from_day": 23, "to_day": 90, "hours_per_week": 1.5},
        ],
        "group_size": 6,
    }
    more = [{"day": 40.5, "kind": "integration", "hours": 1, "tasks": ["steps"]}]
    switches = {"community": True, "group_dosing": True, "group_integration": True}
    told = {**arm, **switches, "sessions": [*arm["sessions"], *more]}
    given = [asked(arms=[arm]), asked(arms=[told])]
    found = node(ON_DATES, {"designs": [d.model_dump(mode="json") for d in given], "choices": offered})
    assert [(laid["request"]["group"], laid["request"]["group_size"]) for laid in found] == [
        ("integration", 6), ("community", 6),
    ]  # fmt: skip
    assert found[0]["left"] == []
    assert found[1]["left"] == [
        "Half days are whole days on a calendar.",
        "Each meeting of integration works on all three tasks.",
        "The group's dosing and integration together are laid as each person's own.",
    ]
    one = found[0]
    request = PlanRequest.model_validate({**one["request"], "country": "", "region": ""})
    plan = planning.plan_of(request).model_dump(mode="json")
    back = node(BACK_IN_DAYS, {"address": one["address"], "plan": plan, "choices": offered})
    assert (back["unread"], back["again"]) == ("", one["address"])
    returned = design.Design.model_validate(back["design"]).arms[0]
    first = given[0].arms[0]
    held = ("medicine", "dose", "dosing_days", "sessions", "practice", "group_size", "community")
    assert {name: getattr(returned, name) for name in held} == {name: getattr(first, name) for name in held}
    assert {tuple(entry) for entry in back["shown"]} >= {
        ("group", 4, "17:00"), ("group", 32, "17:00"), ("practice", 23, None),
    }  # fmt: skip
    assert sum(kind == "group" for kind, *_ in back["shown"]) == 4
    entry = {"kind": "training", "format": "digital", "date": "2027-03-02", "title": "Training, digital, added by hand"}
    assert planning.PlanItem.model_validate({"id": "own-1", **entry}).kind == "training"


def test_what_a_plan_holds_at_most_is_said_by_the_server_alone(node: Callable[[str, Any], Any]) -> None:
    group = [{"day": day, "kind": "integration", "hours": 2, "format": "group"} for day in (4, 11)]
    prepared = [{"day": -day, "kind": "preparation", "hours": 1} for day in (9, 5, 2)]
    arm = {"medicine": "psilocybin", "sessions": [*prepared, *group], "group_size": 6}
    bare = {"medicine": "psilocybin", "dosing_days": [0, 7, 14]}
    offered = choices.choices().model_dump(mode="json")
    own = {**offered["plan_limits"], "dosings": 2, "preparation": 2, "group_meetings": 5, "usual_group_size": 7}
    given = [asked(arms=[one]).model_dump(mode="json") for one in (arm, {**bare, "dosing_days": [0, 7]}, bare)]
    grouped, alone, many = node(ON_DATES, {"designs": given, "choices": {**offered, "plan_limits": own}})
    assert grouped["person"]["edits"]["removed"] == [f"group-{k}" for k in range(1, 6)]
    assert [item["kind"] for item in grouped["person"]["edits"]["added"]] == ["preparation", "group", "group"]
    assert alone["request"]["group_size"] == 7
    assert many["cannot"] == "A plan holds 2 dosings at most."
    for field, most in (("preparation", PLANNED.preparation), ("group_size", DESIGN.group_size)):
        request = {"medicine": "psilocybin", "dose": 25, "dates": ["2027-03-02"], field: most}
        assert getattr(PlanRequest.model_validate(request), field) == most
        with pytest.raises(ValueError, match=f"less than or equal to {most}"):
            PlanRequest.model_validate({**request, field: most + 1})


def test_a_link_to_a_plan_that_was_cut_gives_no_dose_of_another_medicine(node: Callable[[str, Any], Any]) -> None:
    links = [
        "?medicine=ketamine", "?medicine=ketamine&dose=25", "?medicine=ketam", "?medicine=ketamine&dose=0.8&grouptime=",
        "?dates=2027-03-02&with=dates%3D2027-04-12&with=dates%3D2027-04-13%26code%3DP-1", "?medicine=mdma&dose=80",
    ]  # fmt: skip
    offered = choices.choices().model_dump(mode="json")
    found = node(HALF_PLANS, {"links": links, "choices": offered})
    ketamine, psilocybin = ["ketamine", 0.5], ["psilocybin", 25]
    assert [one["given"] for one in found] == [
        ketamine, ketamine, psilocybin, ["ketamine", 0.8], psilocybin, ["mdma", 80],
    ]  # fmt: skip
    assert [one["said"] for one in found] == [
        "",
        "Its dose, 25, is not from 0.1 to 1.5 mg/kg: the usual one is taken.",
        "The address says “ketam”, which cannot be read here and is left out.",
        "The address says “grouptime=”, which cannot be read here and is left out.",
        "",
        "",
    ]
    assert len(set(found[4]["codes"])) == 3, "each of several people has a code"
    assert all(found[4]["codes"])
