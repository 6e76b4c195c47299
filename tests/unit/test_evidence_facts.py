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
from afterglow.evidence.facts import FORMS, TOPICS, check_facts, fact_file, shipped_facts
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
        assert all(reason for _, reason in file.unused)
        for fact in file.facts:
            assert fact.form in FORMS
            assert fact.source
            assert not fact.verified or fact.source != "recalled"
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
    assert {fact.id for fact in fact_file("safety").facts} == {fact.id for fact in safety_facts()}


def test_an_unknown_topic_names_the_nearest() -> None:
    with pytest.raises(ProtocolError, match="ketamine"):
        fact_file("ketamin")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (ROW.replace(", source: 'https://a.org'", ""), "source is missing"),
        (ROW.replace("'https://a.org'", "null"), "no page is named"),
        (ROW.replace("3.2", ".nan"), "finite"),
        (ROW.replace("3.2", "true"), "not true or false"),
        (ROW.replace("units: h", "units: null"), "needs its units"),
        (ROW.replace("verified: true", "verified: maybe"), "true or false"),
        (ROW.replace("population", "populatoin"), "unknown key 'populatoin'"),
    ],
)
def test_a_broken_fact_is_one_sentence_and_exit_2(tmp_path: Path, row: str, words: str) -> None:
    folder = written(tmp_path, row)
    [file] = check_facts(folder)
    assert len(file.errors) == 1
    assert words in file.errors[0]
    assert "drug.yaml: half_life" in file.errors[0]
    found = CliRunner().invoke(app, ["evidence", "check", str(folder)])
    assert found.exit_code == 2
    assert words in found.stderr


def test_an_id_that_stands_twice_is_named(tmp_path: Path) -> None:
    [file] = check_facts(written(tmp_path, ROW, ROW))
    assert file.errors == ("drug.yaml: half_life: the id stands twice; give each fact its own",)


def test_a_folder_of_facts_and_studies_is_checked_whole(tmp_path: Path) -> None:
    folder = written(tmp_path, ROW)
    (folder / "clinical").mkdir()
    trial = Path(__file__).parents[1] / "data" / "mitchell2021-mapp1.yaml"
    (folder / "clinical" / trial.name).write_text(trial.read_text(encoding="utf-8"), encoding="utf-8")
    found = CliRunner().invoke(app, ["evidence", "check", str(folder), "--json"])
    assert found.exit_code == 0, found.output
    told = json.loads(found.stdout)
    assert [row["study"] for row in told["studies"]] == ["mitchell2021-mapp1"]
    assert told["facts"] == [{"file": "drug", "usable": 1, "verified": 1, "unused": "", "mistakes": 0}]


@pytest.mark.parametrize("topic", TOPICS)
def test_facts_can_be_shown(topic: str) -> None:
    found = CliRunner().invoke(app, ["evidence", "show", topic, "--json"])
    assert found.exit_code == 0
    assert len(json.loads(found.stdout)["facts"]) == len(fact_file(topic).facts)
    assert CliRunner().invoke(app, ["evidence", "show", topic]).exit_code == 0


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
    assert page.count(" | verified |") + page.count(" | recalled |") == rows
