"""The starters, the schema, `afterglow check`, `afterglow new`, and files written whole or not at all."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from afterglow import files
from afterglow.cli.check import check
from afterglow.cli.new import new
from afterglow.errors import AfterglowError, FileError, ProtocolError
from afterglow.files import write_text_atomically
from afterglow.medicines import MEDICINES
from afterglow.protocol import (
    STARTERS,
    Arm,
    Assessment,
    Blinding,
    Dose,
    Group,
    Population,
    Practice,
    Protocol,
    Session,
    parse_step,
    starter,
)
from afterglow.protocol.files.sections import SECTIONS
from afterglow.protocol.files.yaml_text import plain_yaml

DATA = Path(__file__).parents[1] / "data"
app = typer.Typer()
app.command()(check)
app.command()(new)
runner = CliRunner()


def run(*words: str) -> Any:
    return runner.invoke(app, list(words))


@pytest.mark.parametrize("medicine", STARTERS)
def test_every_starter_is_a_protocol_and_round_trips(medicine: str) -> None:
    protocol = Protocol.from_yaml(starter(medicine))
    assert medicine in {dose.medicine for dose in protocol.arms[0].doses}
    assert not any(dose.extrapolated for arm in protocol.arms for dose in arm.doses)
    assert Protocol.from_yaml(protocol.to_yaml()) == protocol
    assert Protocol.from_yaml(protocol.to_yaml(sentences=True)) == protocol


@pytest.mark.parametrize("medicine", STARTERS)
def test_every_starters_source_is_in_the_bibliography(medicine: str) -> None:
    bibliography = (Path(__file__).parents[2] / "src/afterglow/references.bib").read_text(encoding="utf-8")
    named = re.findall(r"\b[a-z]+20\d\d-[a-z0-9]+\b", starter(medicine))
    assert named
    assert all(f"{{{key}," in bibliography for key in named)


def test_no_starter_for_a_comparator() -> None:
    with pytest.raises(ProtocolError, match="unknown medicine with a starter 'ketamin': did you mean 'ketamine'"):
        starter("ketamin")


@pytest.mark.parametrize("medicine", STARTERS)
def test_new_then_check(tmp_path: Path, medicine: str) -> None:
    path = tmp_path / "trial.yaml"
    assert run("new", medicine, "-o", str(path)).exit_code == 0
    assert path.read_text(encoding="utf-8") == starter(medicine)
    result = run("check", str(path))
    assert result.exit_code == 0
    assert "ok, " in result.stdout
    assert re.search(r"\d+ doses?, \d+ sessions?, [\d.]+ h of therapy", result.stdout)


def test_new_leaves_an_existing_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("mine", encoding="utf-8")
    result = run("new", "mdma", "-o", str(path))
    assert isinstance(result.exception, FileError)
    assert "exists already and is left as it is" in str(result.exception)
    assert path.read_text(encoding="utf-8") == "mine"


def test_new_without_a_file_name_writes_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("new", "MDMA").exit_code == 0
    assert (tmp_path / "mdma.yaml").is_file()


def test_check_shows_every_mistake_in_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "trial.yaml"
    text = starter("mdma").replace("scale: CAPS-5 #", "scale: CAPS #").replace("MDMA 80 mg oral", "MDMA 80 oral")
    path.write_text(text.replace("adherence: 0.6", "adherance: 0.6"), encoding="utf-8")
    result = run("check", str(path))
    assert result.exit_code == 2
    lines = result.stderr.splitlines()
    assert len(lines) == 3
    assert all(re.match(rf"{re.escape(str(path))}: line \d+: ", line) for line in lines)
    assert "did you mean 'CAPS-" in lines[0]
    assert "the dose 80 needs a unit: write '80 mg'" in lines[1]
    assert "unknown word 'adherance': did you mean 'adherence'?" in lines[2]


def test_check_shows_what_is_above_the_studied_range_or_not_modelled(tmp_path: Path) -> None:
    path = tmp_path / "trial.yaml"
    text = starter("psilocybin").replace("psilocybin 25 mg oral", "psilocybin 50 mg oral")
    path.write_text(text, encoding="utf-8")
    assert "is above the largest dose reported, 42 mg (brown2017)" in run("check", str(path)).stderr
    text = text.replace("psilocybin 1 mg oral", "escitalopram 10 mg oral")
    path.write_text(text + "allow_extrapolation: true\n", encoding="utf-8")
    result = run("check", str(path))
    assert result.exit_code == 0
    told = "extrapolation: arm 'psilocybin', psilocybin 50 mg oral: above the largest dose reported, 42 mg (brown2017)"
    assert told in result.stderr
    assert "not modelled: arm 'low_dose' gives escitalopram" in result.stderr


def test_check_shows_published_warnings(tmp_path: Path) -> None:
    path = tmp_path / "trial.yaml"
    path.write_text(
        starter("mdma").replace("  # medications: [lithium]", "  medications: [phenelzine]"), encoding="utf-8"
    )
    result = run("check", str(path))
    assert result.exit_code == 0
    assert "phenelzine" in result.stderr


def test_check_reads_studies_and_says_what_it_assumed() -> None:
    result = run("check", str(DATA / "price2022-asat.yaml"))
    assert result.exit_code == 0
    assert "note: the study gives no baseline on a scale known here" in result.stdout


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_check_of_no_file_is_a_plain_error(tmp_path: Path, name: str) -> None:
    assert isinstance(run("check", str(tmp_path / name)).exception, AfterglowError)


def accepts(schema: dict[str, Any], value: Any, root: dict[str, Any]) -> bool:
    """Whether a value fits the part of JSON Schema that ours uses."""
    if "$ref" in schema:
        return accepts(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], value, root)
    if "anyOf" in schema:
        return any(accepts(option, value, root) for option in schema["anyOf"])
    kinds: dict[str, Any] = {
        "object": dict,
        "array": list,
        "string": str,
        "number": (int, float),
        "integer": int,
        "boolean": bool,
        "null": type(None),
    }
    if "type" in schema and not isinstance(value, kinds[schema["type"]]):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        return False
    if isinstance(value, list) and "items" in schema:
        return all(accepts(schema["items"], item, root) for item in value)
    if isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        if any(name not in value for name in schema.get("required", [])):
            return False
        if schema.get("additionalProperties") is False and any(name not in known for name in value):
            return False
        return all(accepts(known[name], item, root) for name, item in value.items() if name in known)
    return True


@pytest.mark.parametrize("medicine", STARTERS)
@pytest.mark.parametrize("sentences", [True, False])
def test_the_schema_accepts_both_forms_of_a_protocol(medicine: str, sentences: bool) -> None:
    schema = json.loads(json.dumps(Protocol.json_schema()))
    data = plain_yaml(Protocol.from_yaml(starter(medicine)).to_yaml(sentences=sentences)).data
    assert accepts(schema, data, schema)
    assert accepts(schema, plain_yaml(starter(medicine)).data, schema)


def test_the_schema_refuses_unknown_words_and_offers_known_ones() -> None:
    schema = Protocol.json_schema()
    dose = {
        "medicine": "mdma",
        "dose": "80 mg",
        "route": "oral",
        "days": [0, 28],
        "supplemental": {"dose_mg": 40, "after_h": 2},
    }
    assert accepts({"$ref": "#/$defs/Dose"}, dose, schema)
    assert not accepts({"$ref": "#/$defs/Dose"}, {**dose, "drug": "mdma"}, schema)
    assert not accepts({"$ref": "#/$defs/Dose"}, {**dose, "route": "orall"}, schema)
    assert not accepts({"$ref": "#/$defs/Session"}, {"kind": "dozing", "hours": 8, "day": 0}, schema)
    assert not accepts(schema, {"title": "x"}, schema)


def test_sections_of_other_readers_are_passed_over_and_offered_when_misspelt() -> None:
    text = starter("psilocybin")
    plain = Protocol.from_yaml(text)
    for word in SECTIONS:
        assert Protocol.from_yaml(f"{text}\n{word}: {{anything: 1}}\n") == plain
        data = {**plain_yaml(text).data, word: {"anything": 1}}
        assert accepts(Protocol.json_schema(), data, Protocol.json_schema())
    with pytest.raises(ProtocolError, match="unknown word 'optimize': did you mean 'optimise'"):
        Protocol.from_yaml(f"{text}\noptimize: {{}}\n")


def test_written_files_are_whole_and_readable(tmp_path: Path) -> None:
    path = write_text_atomically(tmp_path / "a.txt", "µ\n")
    assert path.read_bytes() == "µ\n".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    path.chmod(0o600)
    write_text_atomically(path, "b")
    assert (path.read_text(encoding="utf-8"), stat.S_IMODE(path.stat().st_mode)) == ("b", 0o600)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_interrupted_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")

    def fails(_: int) -> None:
        raise error

    monkeypatch.setattr(files.os, "fsync", fails)
    expected = FileError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected) as caught:
        write_text_atomically(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]
    if isinstance(error, OSError):
        assert str(caught.value) == f"'{path}' could not be written: No space left on device"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (".", "is a folder; name a file inside it"),
        ("no/a.txt", "does not exist; make it first"),
        ("f/a.txt", "is a file, so"),
    ],
)
def test_places_that_cannot_be_written_to(tmp_path: Path, name: str, expected: str) -> None:
    (tmp_path / "f").write_text("", encoding="utf-8")
    with pytest.raises(FileError, match=expected):
        write_text_atomically(tmp_path / name, "x")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "fixed"
    folder.mkdir(mode=0o500)
    with pytest.raises(FileError, match="cannot be written to; change its rights"):
        write_text_atomically(folder / "a.txt", "x")


PAGE = Path(__file__).parents[2] / "docs/reference/protocol.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def test_every_example_of_the_page_runs() -> None:
    (whole,) = blocks("yaml")
    assert len(Protocol.from_yaml(whole).arms) == 2
    (sentences,) = blocks("sentences")
    assert all(parse_step(sentence) for sentence in sentences.splitlines())
    (steps,) = blocks("steps")
    assert all(parse_step(step) for step in plain_yaml(steps).data)


def test_the_page_shows_every_field_and_how_far_doses_are_known() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for part in (Protocol, Population, Arm, Dose, Session, Practice, Group, Assessment, Blinding):
        assert all(f"`{name}`" in page for name in part.model_fields if name != "extrapolated")
    limits = [(m.id, route, limit) for m in MEDICINES.values() for route, limit in m.dose_limits.items()]
    assert len(limits) > 10
    for medicine, route, limit in limits:
        cells = [
            (f"{dose.mg:g} mg or {dose.mg_per_kg:.3g} mg/kg" if dose.mg else "none in people")
            + f" ({dose.source}): {dose.note}"
            for dose in (limit.studied, limit.reported)
        ]
        assert f"| {medicine} | {route} | {' | '.join(cells)} |" in page
