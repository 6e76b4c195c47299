"""Facts are data under one schema: every row is typed or listed with a reason, and a broken file is one sentence."""

from __future__ import annotations

import importlib.util
import json
import math
from pathlib import Path

import pytest
from typer.testing import CliRunner

from afterglow.cli.main import app
from afterglow.errors import ProtocolError
from afterglow.evidence.facts.fact import FORMS, Fact
from afterglow.evidence.facts.fact_file import TOPICS, fact_file, facts_of, shipped_facts
from afterglow.evidence.facts.forms import formed, spread_of
from afterglow.evidence.facts.links import named_rows
from afterglow.evidence.folder import check_evidence
from afterglow.safety.fact import facts as safety_facts

ROOT = Path(__file__).resolve().parents[2]
ROW = (
    "{id: half_life, value: 3.2, units: h, uncertainty: null, population: adults, source: 'https://a.org', "
    "verified: true}"
)


def written(tmp_path: Path, *rows: str) -> Path:
    (tmp_path / "drug.yaml").write_text("drug: x\npk:\n" + "".join(f"  - {row}\n" for row in rows), encoding="utf-8")
    return tmp_path


def test_every_shipped_row_is_typed_or_has_a_reason() -> None:
    for file in shipped_facts():
        assert file.errors == ()
        assert len(file.facts) > 50
        assert all(row.reason for row in file.unused)
        for fact in file.facts:
            assert fact.form in FORMS
            assert fact.source
            assert not fact.verified or fact.pages, fact.id
    assert sum(len(file.facts) for file in shipped_facts()) > 650


def test_numbers_are_numbers_and_have_units() -> None:
    by_id = {fact.id: fact for fact in fact_file("mdma").facts}
    cmax = by_id["cmax_125mg"]
    assert (cmax.form, cmax.value, cmax.units, cmax.verified) == ("number", 236.4, "ng/mL", True)
    assert by_id["onset"].value == (0.5, 0.75)
    pairs = next(f for f in fact_file("scales").facts if f.id == "hamd17_madrs_leucht2018.pairs")
    assert pairs.value[:2] == ((10.0, 13.0), (20.0, 26.0))
    for file in shipped_facts():
        for fact in file.facts:
            if fact.form == "number":
                assert math.isfinite(fact.value)
                assert fact.units, fact.id


def test_what_was_recalled_is_not_called_read() -> None:
    scale = {fact.id: fact for fact in fact_file("scales").facts}
    assert scale["PHQ-9.range"].verified
    assert not scale["PHQ-9.response"].verified


def test_the_safety_warnings_and_the_facts_are_one_file() -> None:
    held = fact_file("safety")
    assert {row.id for row in (*held.facts, *held.unused)} == {fact.id for fact in safety_facts()}
    for own in safety_facts():
        if own.when or own.when_repeated:
            assert [f for f in held.facts if f.id == own.id and "safety warning" in f.used_by] or own.id in {
                row.id for row in held.unused
            }


def test_an_unknown_topic_names_the_nearest() -> None:
    with pytest.raises(ProtocolError, match="ketamine"):
        fact_file("ketamin")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (ROW.replace(", source: 'https://a.org'", ""), "source is missing"),
        (ROW.replace("'https://a.org'", "null"), "no page is named"),
        (ROW.replace("'https://a.org'", "'Smith 1999'"), "no page is named"),
        (ROW.replace("3.2", ".nan"), "finite"),
        (ROW.replace("3.2", "[1, .inf]"), "finite"),
        (ROW.replace("3.2", "true"), "a number was expected, not 'True'"),
        (ROW.replace("3.2", "[1, word]"), "a number was expected, not 'word'"),
        (ROW.replace("3.2", "{a: null}"), "'a'"),
        (ROW.replace("units: h", "units: null"), "needs its units"),
        (ROW.replace("verified: true", "verified: maybe"), "true or false"),
        (ROW.replace("population", "populatoin"), "unknown key 'populatoin'"),
        (ROW.replace("uncertainty: null", "uncertainty: {ci95: [4, 5]}"), "lies outside its ci95"),
        (ROW.replace("uncertainty: null", "uncertainty: SD 0"), "must be above 0"),
        (ROW.replace("uncertainty: null", "uncertainty: null, form: interval"), "called interval"),
        (ROW.replace("3.2", "[1, 2, 3], labels: [a, b]"), "a name for each number"),
    ],
)
def test_a_broken_fact_is_one_sentence_and_exit_2(tmp_path: Path, row: str, words: str) -> None:
    folder = written(tmp_path, row)
    [file] = check_evidence(folder).facts
    assert len(file.errors) == 1
    assert words in file.errors[0]
    assert file.errors[0].startswith("drug.yaml, line 3: half_life: ")
    found = CliRunner().invoke(app, ["evidence", "check", str(folder)])
    assert found.exit_code == 2
    assert words in found.stderr


def test_an_id_that_stands_twice_is_named(tmp_path: Path) -> None:
    [file] = check_evidence(written(tmp_path, ROW, ROW)).facts
    assert file.errors == ("drug.yaml, line 4: half_life: the id stands twice; give each fact its own",)


def test_nothing_in_a_file_is_passed_over(tmp_path: Path) -> None:
    [file] = check_evidence(written(tmp_path, ROW, "words", "{value: 1}")).facts
    assert [error.split(": ", 1)[0] for error in file.errors] == ["drug.yaml, line 4", "drug.yaml, line 5"]
    (tmp_path / "drug.yaml").write_text(f"pk:\n  - {ROW}\nother: 3\n", encoding="utf-8")
    [file] = check_evidence(tmp_path).facts
    assert file.errors == ("drug.yaml: 'other' must be a list of facts; only 'drug' or 'notes' may be words",)


def test_a_number_from_nowhere_is_not_usable(tmp_path: Path) -> None:
    row = ROW.replace("'https://a.org'", "null").replace("verified: true", "verified: false")
    [file] = check_evidence(written(tmp_path, row)).facts
    assert (file.facts, file.errors) == ((), ())
    assert file.unused[0].reason == "a number with neither a page nor a publication"


def test_same_means_the_row_above(tmp_path: Path) -> None:
    rows = [ROW, ROW.replace("half_life", "b").replace("adults", "same"), ROW.replace("half_life", "c")]
    rows[2] = rows[2].replace("adults", "same")
    [file] = check_evidence(written(tmp_path, *rows)).facts
    assert [fact.population for fact in file.facts] == ["adults"] * 3
    assert not [fact.id for held in shipped_facts() for fact in held.facts if "same" in (fact.population, fact.study)]


def test_what_was_computed_here_is_not_called_read(tmp_path: Path) -> None:
    [file] = check_evidence(written(tmp_path, ROW.replace("https://a.org", "computed here: ln2*462/41.5"))).facts
    assert [(fact.verified, fact.status) for fact in file.facts] == [(False, "computed")]


@pytest.mark.parametrize(
    ("value", "words", "units", "form", "typed"),
    [
        (3, "", "h", "number", 3.0),
        ("4-6", "", "h", "interval", (4.0, 6.0)),
        ([1, 2], "", "h", "interval", (1.0, 2.0)),
        ([2, 1], "", "h", "series", (2.0, 1.0)),
        ([1, 2], "active / control", "fraction", "series", (1.0, 2.0)),
        ([3, 21], "", "trials of trials", "counts", (3.0, 21.0)),
        ([[1, 2], [3, 4]], "", "points", "pairs", ((1.0, 2.0), (3.0, 4.0))),
        ({"a": 1, "b": [1, 2]}, "", "h", "named", {"a": 1.0, "b": (1.0, 2.0)}),
        ({"a": [5, 2], "b": [4, 2]}, "", "BDI-II mean, SD", "summaries", {"a": (5.0, 2.0), "b": (4.0, 2.0)}),
        ({"a": "2 + x"}, "", "points", "formulas", {"a": "2 + x"}),
        ("no change", "", "text", "words", "no change"),
    ],
)
def test_each_loose_form_gets_a_typed_one(value: object, words: str, units: str, form: str, typed: object) -> None:
    assert formed(value, words=words, units=units) == (form, typed)
    assert form in FORMS


@pytest.mark.parametrize(
    ("told", "spread", "rest"),
    [
        ("SD 1.3, range 1.4-8.2", {"sd": 1.3, "range": (1.4, 8.2)}, ""),
        ("bootstrap 95 % CI 1.1-5", {"ci95": (1.1, 5.0)}, ""),
        ({"ci95": [1, 5], "k": 7, "design": "open"}, {"ci95": (1.0, 5.0), "studies": 7.0}, "design open"),
        ([1, 5], {"ci95": (1.0, 5.0)}, ""),
        ("p < 0.001", {}, "p < 0.001"),
        (None, {}, ""),
    ],
)
def test_the_spread_is_numbers_where_it_can_be(told: object, spread: object, rest: str) -> None:
    assert spread_of(told, 3.2) == (spread, rest)


def test_a_folder_of_facts_and_studies_is_checked_whole(tmp_path: Path) -> None:
    folder = written(tmp_path, ROW)
    (folder / "clinical").mkdir()
    trial = Path(__file__).parents[1] / "data" / "mitchell2021-mapp1.yaml"
    for place in (folder, folder / "clinical"):
        (place / trial.name).write_text(trial.read_text(encoding="utf-8"), encoding="utf-8")
    found = CliRunner().invoke(app, ["evidence", "check", str(folder), "--json"])
    assert found.exit_code == 0, found.output
    told = json.loads(found.stdout)
    assert [row["study"] for row in told["studies"]] == ["mitchell2021-mapp1"] * 2
    assert told["facts"] == [{"file": "drug", "usable": 1, "verified": 1, "unused": [], "errors": []}]


def every_fact() -> list[Fact]:
    return [fact for file in shipped_facts() for fact in file.facts]


def test_every_row_that_a_parameter_names_is_there_once() -> None:
    for row in named_rows():
        found = [fact.id for fact in every_fact() if row.is_on(fact)]
        assert found, (row.parameter.name, row.id)
        assert "*" in row.id or len(found) == 1, (row.parameter.name, found)


def test_a_verified_parameter_takes_its_number_from_a_verified_fact() -> None:
    linked = {row.parameter.name for row in named_rows() if any(row.is_on(f) and row.is_value(f) for f in every_fact())}
    assert {"mdma_lag_h", "esketamine_central_volume", "ketamine_muscle_fraction", "closing_days_ketamine"} <= linked
    for row in named_rows():
        for fact in every_fact():
            if row.is_on(fact) and row.is_value(fact):
                assert fact.verified or not row.parameter.verified, (row.parameter.name, fact.id)


def test_a_link_is_shown_only_where_it_can_be_computed() -> None:
    by_id = {fact.id: fact.used_by for fact in every_fact()}
    assert by_id["abs_bioavailability"][0] == "value of parameter psilocin_oral_fraction"
    assert by_id["habit_median"] == ("named by parameter habit_rate",)
    assert "range of scale PHQ-9" in by_id["PHQ-9.range"]
    assert by_id["hamd17_madrs_leucht2018.pairs"] == ("same page as crosswalk MADRS to HAM-D17",)
    assert not [user for user in by_id["li2010_proteins"] if user.startswith("value")], "2 h is not 2 a day"
    assert by_id["cortisol"] == ()
    assert by_id["onset"] == ()


@pytest.mark.parametrize("topic", TOPICS)
def test_facts_can_be_shown(topic: str) -> None:
    found = CliRunner().invoke(app, ["evidence", "show", topic, "--json"])
    assert found.exit_code == 0
    assert len(json.loads(found.stdout)["facts"]) == len(fact_file(topic).facts)
    assert CliRunner().invoke(app, ["evidence", "show", topic]).exit_code == 0


def test_a_word_like_a_fact_names_it() -> None:
    found = CliRunner().invoke(app, ["evidence", "show", "habit_medain"])
    assert "did you mean 'habit_median'" in str(found.exception)


def test_one_fact_and_one_topic_can_be_shown() -> None:
    shown = CliRunner().invoke(app, ["evidence", "show", "habit_median"])
    assert shown.exit_code == 0
    for text in ("therapy/habit_median", "66 days", "range 18 to 254", "verified", "named by parameter habit_rate"):
        assert text in shown.stdout
    told = json.loads(CliRunner().invoke(app, ["evidence", "list", "--topic", "alliance", "--json"]).stdout)
    assert {fact["topic"] for fact in told["facts"]} == {"alliance"}
    told = json.loads(CliRunner().invoke(app, ["evidence", "list", "--facts", "--json"]).stdout)
    assert len(told["facts"]) == len(every_fact())
    assert [fact.file for fact in facts_of("reconsolidation_window")] == ["mdma", "therapy"]
    assert isinstance(CliRunner().invoke(app, ["evidence", "list", "--topic", "alliances"]).exception, ProtocolError)


def test_the_page_of_the_facts_is_up_to_date() -> None:
    path = ROOT / "docs" / "reference" / "generate_facts.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page: str = module.page()
    assert (ROOT / "docs" / "reference" / "facts.md").read_text(encoding="utf-8") == page
    rows = sum(len(file.facts) for file in shipped_facts())
    assert page.count(" | verified |") + page.count(" | recalled |") + page.count(" | computed |") == rows
