"""The commands that read a trial's table: what they print, and how they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.trials import FEV, fev
from typer.testing import CliRunner, Result

from afterglow.cli.main import app
from afterglow.errors import AfterglowError
from afterglow.trial.analysis import TimeToEvent, ancova, cox, log_rank, mmrm

ANTIDEPRESSANT = FEV.with_name("antidepressant.csv")
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
    done = trial("mmrm", str(FEV), "--df", "KR", "--covariance", "ARH(1)", "--reference", "TRT")
    assert "difference from TRT" in done.stdout
    assert "heterogeneous first-order autoregression covariance, REML, Kenward and Roger" in done.stdout


def answers(*words: str) -> dict[tuple[str, str], dict]:
    done = trial("analyse", *words, "--json")
    assert done.exit_code == 0, done.exception
    return {(row["analysis"], row["visit"]): row for row in json.loads(done.stdout)["analyses"]}


def test_a_table_from_anywhere_is_analysed_without_an_option() -> None:
    found = answers(str(FEV))
    data = fev(baseline=True)
    assert found["mmrm", "VIS4"]["estimate"] == pytest.approx(mmrm(data).differences.value[0, 3])
    assert found["ancova", "VIS2"]["p"] == pytest.approx(ancova(data, visit="VIS2").p[0])
    assert {name for name, _ in found} == {"mmrm", "ancova"}
    assert "Adjusted for the baseline, FEV1_BL." in trial("analyse", str(FEV)).stdout


def test_imputation_and_responders_are_asked_for_by_name() -> None:
    words = [str(ANTIDEPRESSANT), "--analysis", "reference-based,responders", "--fall", "0.5"]
    found = answers(*words)
    last = found["jump to reference", "Visit 7"]
    assert (last["estimate"], last["se"]) == pytest.approx((-2.126, 0.858), abs=5e-4)
    assert last["df"] is None
    assert found["responders", "Visit 7"]["estimate"] == pytest.approx(0.118, abs=5e-4)
    assert "responders" in {name for name, _ in answers(str(ANTIDEPRESSANT), "--at-most", "7")}


EVENTS = "USUBJID,TRTP,AVAL,CNSR,SITE\n" + "".join(
    f"P{k},{arm},{time},{censored},{'xy'[k % 2]}\n"
    for k, (arm, time, censored) in enumerate(
        [("Placebo", t, 0) for t in (1, 2, 3, 4, 5, 8)]
        + [("Active", t, c) for t, c in ((4, 0), (6, 0), (9, 1), (12, 1))]
    )
)


def test_a_table_of_times_to_an_event_is_compared_by_log_rank_and_cox(tmp_path: Path) -> None:
    file = tmp_path / "adtte.csv"
    file.write_text(EVENTS)
    found = answers(str(file))
    arm = np.repeat([0, 1], [6, 4])
    data = TimeToEvent([1, 2, 3, 4, 5, 8, 4, 6, 9, 12], [1] * 8 + [0, 0], arm, ["Placebo", "Active"])
    assert found["cox", ""]["estimate"] == pytest.approx(cox(data).value[0])
    assert found["cox", ""]["hazard_ratio"] == pytest.approx(np.exp(cox(data).value[0]))
    assert found["log-rank", ""]["p"] == pytest.approx(log_rank(data).p[0])
    done = trial("analyse", str(file), "--strata", "SITE")
    assert "hazard ratio" in done.stdout
    assert "Kaplan and Meier" in done.stdout
    curves = json.loads(trial("analyse", str(file), "--json").stdout)["curves"]
    assert curves[0] == {"arm": "Placebo", "people": 6, "events": 6, "median": 3.0}
    assert "CNSR is 0 where the event came" in done.stderr
    turned = tmp_path / "turned.csv"
    table = pd.read_csv(file).rename(columns={"CNSR": "RELAPSE"})
    table.assign(RELAPSE=1 - table["RELAPSE"]).to_csv(turned, index=False)
    assert answers(str(turned), "--event", "relapse")["cox", ""]["p"] == pytest.approx(found["cox", ""]["p"])


@pytest.mark.parametrize(
    ("change", "words", "message"),
    [
        (("P1,", "P0,"), [], "'P0' has two rows (row 3); keep one"),
        (("Placebo,1,0", "Placebo,-1,0"), [], "the time 'AVAL' is below zero in row 2"),
        (("Placebo,1,0", "Placebo,1,x"), [], "the event 'CNSR' needs numbers, and row 2 has 'x'"),
        (("Placebo,1,0", "Placebo,1,2"), ["--event", "CNSR"], "'CNSR' must be 0 or 1, and row 2 has 2"),
        (("Placebo,1,0", "Placebo,1,0"), ["--analysis", "mmrm"], "mmrm needs ratings at visits"),
        (("Placebo,1,0", "Placebo,1,0"), ["--event", "CSNR"], "did you mean 'CNSR'"),
    ],
)
def test_a_table_that_holds_no_times_is_refused(
    tmp_path: Path, change: tuple[str, str], words: list[str], message: str
) -> None:
    file = tmp_path / "adtte.csv"
    file.write_text(EVENTS.replace(*change))
    assert message in str(trial("analyse", str(file), *words).exception)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["analyse", str(FEV), "--analysis", "anova"], "no analysis is called 'anova'; did you mean 'ancova'"),
        (["analyse", str(FEV), "--analysis", "cox"], "cox needs times to an event: a table with CNSR"),
        (["analyse", str(FEV), "--analysis", "responders"], "the outcome holds scores; say by how much"),
        (["analyse", str(FEV), "--analysis", "factorial"], "a 2 x 2 factorial needs four arms"),
        (["analyse", str(FEV), "--analysis", "reference-based", "--strategy", "locf"], "no strategy of imputation"),
        (["analyse", str(FEV), "--outcome", "RACE"], "the outcome 'RACE' needs numbers, and row 2 has 'Black"),
        (["analyse", str(FEV), "--strata", "SEX"], "--strata are those of responders, log-rank and cox"),
        (
            ["analyse", str(FEV), "--analysis", "ancova", "--df", "kenward-roger"],
            "--df is for mmrm and factorial, not for",
        ),
        (["analyse", str(FEV), "--strategy", "cir"], "--strategy is for reference-based, not for mmrm and ancova"),
        (["analyse", str(FEV), "--analysis", "mmrm", "--at-most", "10"], "--at-most is for responders, not for mmrm"),
        (["mmrm", "none.csv"], "is not there"),
        (["mmrm", str(FEV), "--outcome", "FEV2"], "did you mean 'FEV1'"),
        (["mmrm", str(FEV), "--df", "kenward"], "no degrees of freedom are called 'kenward'"),
        (["mmrm", str(FEV), "--covariance", "ar2"], "no covariance is called 'ar2'"),
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
