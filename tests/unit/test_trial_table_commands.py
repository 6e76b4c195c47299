"""The commands that read a trial's table: what they print, and how they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.trials import FEV
from typer.testing import CliRunner, Result

from afterglow.cli.main import app
from afterglow.errors import AfterglowError

NAMES = ["--outcome", "FEV1", "--arm", "ARMCD", "--visit", "AVISIT", "--subject", "USUBJID"]


def trial(*words: str) -> Result:
    return CliRunner().invoke(app, ["trial", *words], env={"COLUMNS": "120"})


def test_mmrm_prints_what_sas_prints() -> None:
    done = trial("mmrm", str(FEV), *NAMES, "--covariates", "RACE,SEX", "--df", "satterthwaite", "--json")
    said = json.loads(done.stdout)
    assert said["minus2_log_likelihood"] == pytest.approx(3386.44988, abs=1e-4)
    last = said["visits"][3]
    assert (last["visit"], last["arm"], last["reference"]) == ("VIS4", "TRT", "PBO")
    assert (last["difference"], last["se"]) == pytest.approx((4.3985, 1.6805), rel=1e-3)
    assert last["df"] == pytest.approx(133, abs=1)
    assert last["p"] == pytest.approx(0.0099, abs=5e-5)
    assert said["reference"] == "PBO"


def test_mmrm_for_readers_names_the_reference_and_the_model() -> None:
    done = trial("mmrm", str(FEV), "--df", "kenward-roger", "--covariance", "ar1h", "--reference", "TRT")
    assert "difference from TRT" in done.stdout
    assert "heterogeneous first-order autoregression covariance, REML, Kenward and Roger" in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["mmrm", "none.csv"], "is not there"),
        (["mmrm", str(FEV), "--outcome", "FEV2"], "did you mean 'FEV1'"),
        (["mmrm", str(FEV), "--df", "kr"], "no degrees of freedom are called 'kr'"),
        (["mmrm", str(FEV), "--covariance", "unstructured"], "no covariance is called 'unstructured'"),
        (["mmrm", str(FEV), "--visits", "VIS4"], "the data have one; use ancova"),
        (["mmrm", str(FEV), "--level", "95"], "--level must be at least 0.5 and below 1, such as 0.95, got 95"),
        (["mmrm", str(FEV), "--json", "--format", "csv"], "ask for two formats"),
    ],
)
def test_a_mistake_is_one_sentence(words: list[str], message: str) -> None:
    done = trial(*words)
    assert isinstance(done.exception, AfterglowError)
    assert message in str(done.exception)


def test_the_how_to_says_what_works() -> None:
    text = (Path(__file__).parents[2] / "docs" / "how-to" / "analyse-a-trial.md").read_text()
    commands = [line.split() for line in text.splitlines() if line.startswith("afterglow trial ")]
    assert commands
    for words in commands:
        done = trial(*(str(FEV) if word == "fev.csv" else word for word in words[2:]))
        assert done.exit_code == 0, (words, done.exception)
