"""A folder of studies is checked strictly, and the page and the commands show what was found."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from afterglow.cli.main import app, run
from afterglow.errors import FileError
from afterglow.evidence import CheckedStudy, Finding, check_folder, findings_of, read_study, study_names, usable_studies
from afterglow.evidence.check import summaries
from afterglow.evidence.studies.words import arm_in_words

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def own() -> list[CheckedStudy]:
    return check_folder()


def example() -> dict[str, Any]:
    """A study with nothing wrong in it."""
    score = {
        "scale": "MADRS",
        "day": -1,
        "mean": 32,
        "sd": 6,
        "n": 40,
        "kind": "score",
        "verified": True,
        "where": "t1",
    }
    change = {"scale": "MADRS", "day": 21, "mean": -12, "sd": 11, "n": 38, "kind": "change_from_baseline"}
    count = {"scale": "MADRS", "day": 21, "events": 15, "n": 38, "kind": "response", "verified": False}
    difference = {"scale": "MADRS", "day": 21, "arm": "high", "versus": "low", "mean_difference": -6, "ci95": [-10, -2]}
    dose = {"day": 0, "drug": "psilocybin", "dose_mg": 25, "route": "oral"}
    session = {"day": -7, "kind": "preparation", "hours": 2, "format": "individual"}
    return {
        "id": "example",
        "citation": "A study",
        "condition": "major_depression",
        "population": {"n": 80},
        "arms": [
            {"id": "high", "n": 40, "doses": [dose], "sessions": [session], "observations": [score, change, count]},
            {
                "id": "low",
                "n": 40,
                "doses": [{**dose, "dose_mg": 1}],
                "sessions": [session],
                "observations": [{**score}],
            },
        ],
        "contrasts": [difference],
    }


def checked(folder: Path, data: Any) -> CheckedStudy:
    text = data if isinstance(data, str) else yaml.safe_dump(data, sort_keys=False)
    (folder / "example.yaml").write_text(text, encoding="utf-8")
    rows = check_folder(folder)
    assert len(rows) == 1
    return rows[0]


def test_the_package_s_own_studies_have_no_mistake(own: list[CheckedStudy]) -> None:
    assert [error for row in own for error in row.errors] == []
    assert [row.study for row in own] == list(study_names())
    assert sum(len(row.findings) for row in own) > 1100
    assert all(row.file == f"{row.study}.yaml" for row in own)
    assert sum(arm.loads for row in own for arm in row.arms) >= 240


def test_a_study_without_a_mistake(tmp_path: Path) -> None:
    row = checked(tmp_path, example())
    assert (row.study, row.file, row.errors, row.unused) == ("example", "example.yaml", (), ())
    assert [arm.loads for arm in row.arms] == [True, True]
    assert row.kinds == {"mean": 2, "change": 1, "response": 1, "difference": 1}


ROWS = [
    ({"sd": -3}, "'sd' is -3 but must be a number above 0"),
    ({"sd": 0}, "'sd' is 0 but must be a number above 0"),
    ({"sd": 60}, "an SD of 60 around a mean score of 32 is impossible on the MADRS, which runs from 0 to 60"),
    ({"sd": "6 points"}, "'sd' is '6 points' but must be a number above 0"),
    ({"se": -1}, "'se' is -1 but must be a number above 0"),
    ({"mean": 61}, "a mean score of 61 is impossible on the MADRS"),
    ({"mean": -4}, "a mean score of -4 is impossible on the MADRS"),
    ({"mean": "32"}, "'mean' is '32' but must be a number"),
    ({"mean": "32,5"}, "'mean' is '32,5' (a decimal comma; write 32.5) but must be a number"),
    ({"mean": True}, "'mean' is true but must be a number"),
    ({"kind": "change_from_baseline", "mean": -61}, "a mean change of -61 is impossible on the MADRS"),
    ({"kind": "change_from_baseline", "mean": -12, "sd": 90}, "an SD of 90 around a mean change of -12 is impossible"),
    ({"n": 0}, "'n' is 0 but must be a positive whole number"),
    ({"n": -5}, "'n' is -5 but must be a positive whole number"),
    ({"n": 12.5}, "'n' is 12.5 but must be a positive whole number"),
    ({"n": "forty"}, "'n' is 'forty' but must be a positive whole number"),
    ({"n": True}, "'n' is true but must be a positive whole number"),
    ({"kind": "response", "events": 41}, "'events' is 41 but 'n' is only 40"),
    ({"kind": "response", "events": -1}, "'events' is -1 but cannot be below 0"),
    ({"kind": "response", "proportion": 1.2}, "'proportion' is 1.2 but must lie from 0 to 1"),
    ({"kind": "response", "fraction": -0.1}, "'fraction' is -0.1 but must lie from 0 to 1"),
    ({"kind": "response", "percent": 120}, "'percent' is 120 but must lie from 0 to 100"),
    ({"ci95": [36, 30]}, "'ci95' is [36, 30] but must be two numbers, the lower first"),
    ({"ci95": [30]}, "'ci95' is [30] but must be two numbers"),
    ({"ci95": "30 to 34"}, "'ci95' is '30 to 34' but must be two numbers"),
    ({"ci95": [33, 35]}, "'mean' is 32, outside its own 'ci95' from 33 to 35"),
    ({"scale": "MARDS"}, "unknown scale 'MARDS'; did you mean 'MADRS'?"),
    ({"scale": "CAPS-55"}, "unknown scale 'CAPS-55'; did you mean 'CAPS-5'?"),
    ({"scale": "HAM-D 71"}, "unknown scale 'HAM-D 71'; did you mean"),
    ({"kind": "chnage_from_baseline"}, "unknown kind 'chnage_from_baseline'; did you mean 'change_from_baseline'?"),
    ({"verified": "yes"}, "'verified' is 'yes' but must be true or false"),
    ({"verified": 1}, "'verified' is 1 but must be true or false"),
    ({"day": "soon"}, "'day' is 'soon' but must be a number, a range such as 1-3, or one of: baseline,"),
    ({"day": [1, 2]}, "'day' is [1, 2] but must be a number"),
    ({"day": True}, "'day' is true but must be a number"),
    ({"day": -400}, "'day' is -400, more than a year before the protocol begins on day -7"),
]


@pytest.mark.parametrize(("change", "sentence"), ROWS)
def test_a_mistake_in_a_row_is_named_with_its_place(tmp_path: Path, change: dict[str, Any], sentence: str) -> None:
    data = example()
    data["arms"][1]["observations"][0] = {**data["arms"][1]["observations"][0], **change}
    (error,) = checked(tmp_path, data).errors
    assert sentence in error
    assert re.match(r"example\.yaml, line \d+: arms\[1\]\.observations\[0\]: ", error)
    assert "\n" not in error


CONTRASTS = [
    ({"mean_difference": -70, "ci95": None}, "a difference of -70 is impossible on the MADRS"),
    ({"ci95": [-2, -10]}, "'ci95' is [-2, -10]"),
    ({"ci95": [-5, -2]}, "'mean_difference' is -6, outside its own 'ci95'"),
    ({"effect_size_d": 45}, "no effect is larger than 20 SDs"),
    ({"scale": "MADR"}, "did you mean 'MADRS'?"),
]


@pytest.mark.parametrize(("change", "sentence"), CONTRASTS)
def test_a_mistake_in_a_contrast_is_named_with_its_place(tmp_path: Path, change: dict[str, Any], sentence: str) -> None:
    data = example()
    data["contrasts"][0] |= change
    (error,) = checked(tmp_path, data).errors
    assert sentence in error
    assert ": contrasts[0]: " in error


def changed(**more: Any) -> dict[str, Any]:
    return {**example(), **more}


FILES = [
    ("[1, 2]", "the file holds a list"),
    ("just words", "the file holds a single value"),
    ("arms: [", "the text is not YAML"),
    ("  \n", "is empty"),
    (changed(arms=[], contrasts=[]), "the study has neither arms nor contrasts"),
    (changed(arms=None, contrasts=None), "the study has neither arms nor contrasts"),
    (changed(arms={"id": "a"}), "arms: 'arms' must be a list"),
    (changed(arms=["a"]), "arms[0]: an arm must be a mapping"),
    (changed(arms=[{"label": "x", "observations": []}]), "arms[0]: the arm has no id"),
    (changed(arms=[{"id": "a"}, {"id": "a"}]), "arms[1]: the id 'a' stands twice"),
    (changed(arms=[{"id": "a", "n": 2.5}]), "arms[0]: 'n' is 2.5 but must be a positive whole number"),
    (changed(arms=[{"id": "a", "observations": {"scale": "MADRS"}}]), "arms[0].observations: 'observations' must be"),
    (changed(arms=[{"id": "a", "observations": ["MADRS fell"]}]), "arms[0].observations[0]: the row must be a mapping"),
    (changed(contrasts="none"), "contrasts: 'contrasts' must be a list"),
]


@pytest.mark.parametrize(("data", "sentence"), FILES)
def test_a_mistake_in_a_file_is_named(tmp_path: Path, data: Any, sentence: str) -> None:
    (error,) = checked(tmp_path, data).errors
    assert sentence in error
    assert error.startswith("example.yaml")
    assert str(tmp_path) not in error


@pytest.mark.parametrize("scale", ["STAI-T", "SSI", "HDRS-24", "CAPS", "PHQ-8", "LSAS", "relapse", "craving VAS"])
def test_another_instrument_is_no_misspelling(tmp_path: Path, scale: str) -> None:
    data = example()
    data["arms"][0]["observations"] = [{"scale": scale, "day": 7, "mean": 9, "sd": 3, "n": 40, "kind": "score"}]
    row = checked(tmp_path, data)
    assert row.errors == ()
    assert len(row.unused) == 1


LOOSE = [
    {"scale": "MADRS", "day": "event-driven", "events": 3, "n": 9, "kind": "relapse"},
    {"scale": "MADRS", "day": "1-30 (average over days 1 to 30)", "mean": 12, "kind": "score"},
    {"scale": "MADRS", "day": None, "proportion": 0.2, "kind": "remission"},
    {"scale": "days", "day": 180, "mean": 86, "percent": True, "kind": "score"},
    {"scale": "MADRS", "day": 7, "range": [0.1, 0.2], "sd": None, "kind": "response"},
]


@pytest.mark.parametrize("loose", LOOSE)
def test_loose_forms_are_no_mistake(tmp_path: Path, loose: dict[str, Any]) -> None:
    data = example()
    data["arms"][0]["observations"] = [loose]
    data["arms"][0]["sessions"] = {"kind": "psychotherapy", "format": "group", "sessions": 8}
    assert checked(tmp_path, data).errors == ()


def test_every_mistake_of_a_folder_is_found_at_once(tmp_path: Path) -> None:
    data = example()
    data["arms"][0]["observations"][0] |= {"sd": -1, "n": 0, "verified": "no"}
    (tmp_path / "broken.yml").write_text("arms: [", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a study", encoding="utf-8")
    checked_rows = {row.study: row for row in [checked_in(tmp_path, data), *check_folder(tmp_path)]}
    assert set(checked_rows) == {"broken", "example"}
    assert len(checked_rows["example"].errors) >= 3
    assert len(checked_rows["broken"].errors) == 1


def checked_in(folder: Path, data: dict[str, Any]) -> CheckedStudy:
    (folder / "example.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    return next(row for row in check_folder(folder) if row.study == "example")


def test_a_folder_that_is_none_or_empty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="is not a folder"):
        check_folder(tmp_path / "none")
    with pytest.raises(FileError, match="holds no study file"):
        check_folder(tmp_path)


def test_a_contradictory_row_is_not_used(tmp_path: Path) -> None:
    data = example()
    data["arms"][0]["observations"][0] |= {"mean": 75}
    row = checked(tmp_path, data)
    assert [one.what for one in row.unused if "impossible" in one.reason] == ["MADRS score day -1"]


def test_arms_in_words() -> None:
    assert arm_in_words(example()["arms"][0]) == [
        "psilocybin 25 mg oral on day 0",
        "preparation 2 h individual on day -7",
    ]
    infusions = [
        {"day": d, "drug": "ketamine", "dose_mg_per_kg": 0.5, "route": "iv", "duration_h": 0.667} for d in (0, 2)
    ]
    assert arm_in_words({"doses": infusions}) == ["ketamine 0.5 mg/kg iv over 40 min on days 0, 2"]
    daily = [{"day": d, "drug": "escitalopram", "dose_mg": 10, "route": "oral"} for d in range(1, 22)]
    assert arm_in_words({"doses": daily}) == ["escitalopram 10 mg oral on days 1 to 21, daily"]
    loose = {"kind": "psychotherapy", "sessions": 8, "hours_each": [2, 2.5]}
    assert arm_in_words({"sessions": loose}) == ["kind psychotherapy, sessions 8, hours each [2, 2.5]"]
    assert arm_in_words({"sessions": "weekly"}) == ["described weekly"]
    assert arm_in_words({}) == ["no dose and no session is listed"]


def cli(*words: str) -> tuple[int, str, str]:
    done = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["evidence", *words])
    return done.exit_code, done.stdout, done.stderr


def test_the_command_checks_the_package_and_a_folder(tmp_path: Path) -> None:
    code, out, err = cli("check")
    assert (code, err) == (0, "")
    assert "goodwin2022-comp001" in out
    data = example()
    data["arms"][0]["observations"][0]["sd"] = -1
    checked(tmp_path, data)
    code, out, err = cli("check", str(tmp_path))
    assert code == 2
    assert err.count("\n") == 1
    assert "example.yaml, line" in err
    code, out, err = cli("check", str(tmp_path), "--json")
    (row,) = json.loads(out)["studies"]
    assert code == 2
    assert (row["study"], len(row["errors"]), row["kinds"]["change"]) == ("example", 1, 1)


def test_the_command_refuses_what_is_no_folder(monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.argv", ["afterglow", "evidence", "check", str(tmp_path / "none")])
    with pytest.raises(SystemExit) as stopped:
        run()
    assert stopped.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_command_lists_the_studies() -> None:
    code, out, _ = cli("list", "--json")
    rows = {row["study"]: row for row in json.loads(out)["studies"]}
    assert code == 0
    assert set(rows) == set(study_names())
    assert {name for name, row in rows.items() if not row["left_out"]} == set(usable_studies())
    comp = rows["goodwin2022-comp001"]
    assert (comp["n"], comp["arms"], comp["medicines"], comp["verified_fraction"]) == (233, 3, ["psilocybin"], 1.0)
    code, out, _ = cli("list")
    assert code == 0
    assert "marked as retracted" in out


def test_the_command_shows_every_row_of_a_study() -> None:
    code, out, _ = cli("show", "Mitchell2021-MAPP1")
    assert code == 0
    for text in ("10.1038/s41591-021-01336-3", "mdma 80 mg oral on day 0", "recalled"):
        assert text in out
    code, out, _ = cli("show", "mitchell2021-mapp1", "--json")
    found = json.loads(out)
    used, unused = findings_of(read_study(found["data"]))
    assert len(found["rows"]) == len(used) + len(unused)
    assert {"value", "se", "where", "verified"} <= set(found["rows"][0])
    assert cli("show", "mitchel")[0] != 0


@pytest.mark.parametrize("name", study_names())
def test_every_study_can_be_shown(name: str) -> None:
    assert cli("show", name)[0] == 0


def test_a_finding_in_words() -> None:
    f = Finding(study="x", arm="a", scale="MADRS", day=21, kind="change", value=-12.0, sd=12.017, n=79)
    assert f.in_words == "change -12 (SD 12.02, n 79)"
    f = Finding(study="x", arm="a", scale="MADRS", day=21, kind="remission", value=0.25, n=8, threshold="at_most_12")
    assert f.in_words == "remission 25.0% of 8 (at most 12)"


def generator() -> ModuleType:
    path = ROOT / "docs" / "reference" / "generate_evidence.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_the_evidence_is_up_to_date() -> None:
    page: str = generator().page()
    assert (ROOT / "docs" / "reference" / "evidence.md").read_text(encoding="utf-8") == page
    assert re.findall(r"^## (.+)$", page, re.M) == list(study_names())
    assert sum(row.rows for row in summaries()) == page.count(" | verified |") + page.count(" | recalled |") + sum(
        len(re.findall(r"^\| ", part.split("| not used | why |\n|---|---|\n")[1], re.M))
        for part in page.split("\n## ")
        if "| not used | why |" in part
    )
