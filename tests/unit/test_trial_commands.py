"""The commands that simulate a trial: what they print, where they write, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests import trial_plans as trials
from typer.testing import CliRunner, Result

from afterglow.cli.main import app
from afterglow.errors import AfterglowError

FEW = ["--trials", "16", "-n", "16", "--draws", "8"]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("trial") / "trial.json"
    path.write_text(json.dumps(trials.data(analyses=["mmrm"])), encoding="utf-8")
    return str(path)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["trial", *words])


def test_a_file_alone_is_simulated_and_printed(file: str) -> None:
    done = run(file, *FEW)
    assert done.exit_code == 0, done.output
    for words in (
        "assurance",
        "type I",
        "expected n",
        "coverage",
        "right guesses",
        "at one half",
        "obrien-fleming-2-looks",
    ):
        assert words in done.output


def test_json_and_csv_hold_every_row(file: str) -> None:
    held = json.loads(run(file, *FEW, "--json").output)
    assert len(held["designs"]) == 4
    assert held["trials"] == 16
    assert held["designs"][0]["assurance"] == held["designs"][0]["power"]["weighted"]
    assert len(run(file, *FEW, "--format", "csv").output.splitlines()) == 5


def test_each_table_that_is_asked_for_is_printed_once_as_itself(file: str) -> None:
    whole = run(file, *FEW, "--format", "csv").output.splitlines()[0].split(",")
    asked = ["--table", "guesses", "--table", "cost", "--table", "power", "--table", "cost"]
    guesses, cost, power = (
        part.splitlines()[0].split(",") for part in run(file, *FEW, "--format", "csv", *asked).output.split("\n\n")
    )
    assert sorted({*guesses, *cost, *power}) == sorted(whole)
    assert power[:5] == ["id", "n", "people", "analysis", "power.window"]
    assert "expected_n" in cost
    assert not {"expected_n", "blinding.james"} & {*power}
    assert "power.window" not in {*cost, *guesses}
    shown = run(file, *FEW, "--table", "cost", "--table", "power").output
    assert shown.index("What it costs") < shown.index("Chance to find")
    assert "Guesses, and the effect" not in shown


def test_the_same_seed_gives_the_same_numbers_and_another_does_not(file: str) -> None:
    first, again, other = (run(file, *FEW, "--json", "--seed", seed).output for seed in ("3", "3", "4"))
    assert first == again
    assert first != other


def test_folders_are_filled(file: str, tmp_path: Path) -> None:
    done = run(file, *FEW, "--out", str(tmp_path / "out"), "--data", str(tmp_path / "people"), "--datasets", "1")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out" / "characteristics.json").is_file()
    assert (tmp_path / "people" / "trial-0001.parquet").is_file()


def test_a_size_is_found_and_one_that_cannot_be_is_said(file: str) -> None:
    held = json.loads(run("size", file, "--power", "0.5", "--largest", "60", *FEW, "--json").output)["sizes"]
    assert [row["id"] for row in held] == ["fixed", "obrien-fleming-2-looks"]
    assert all(row["n"] is not None for row in held)
    done = run("size", file, "--power", "0.99", "--assurance", "--largest", "10", *FEW)
    assert done.exit_code == 0
    assert "no size up to 10 reaches 0.99" in done.output.replace("\n", " ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--datasets", "3"], "name its folder"),
        (["--trials", "1"], "trials can be simulated"),
        (["--trials", "0"], "trials can be simulated, not 0"),
        (["-n", "100000000", "--draws", "256"], "of memory, and this machine has"),
        (["--rival", "windw"], "did you mean 'window'?"),
        (["--json", "--format", "csv"], "two formats"),
        (["--table", "effects"], "there is no table 'effects': known: cost, guesses, power"),
    ],
)
def test_a_mistake_of_the_command_is_one_sentence(file: str, words: list[str], said: str) -> None:
    done = run(file, *words)
    assert isinstance(done.exception, AfterglowError)
    assert said in str(done.exception)


def test_assurance_is_of_all_explanations(file: str) -> None:
    done = run("size", file, "--power", "0.8", "--assurance", "--rival", "window")
    assert isinstance(done.exception, AfterglowError)
