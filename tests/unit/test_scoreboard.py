"""The scoreboard's arithmetic, the weights of rivals, and the commands that print them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy.stats import norm
from typer.testing import CliRunner

from afterglow.calibrate.diagnostics.parameter_table import parameter_rows
from afterglow.calibrate.diagnostics.scoreboard import Row, left_out_rows, plain_baselines, summary
from afterglow.calibrate.diagnostics.weigh import weigh
from afterglow.cli.main import app
from afterglow.cohort import RIVALS
from afterglow.errors import FileError
from afterglow.posterior import shipped, shipped_posteriors
from afterglow.posterior.stacking import stack

DATA = Path(__file__).parents[1] / "data"


def row(published: float, predicted: float, spread: float, **more: object) -> Row:
    z = 1.6448536269514722 * spread
    given = {
        "study": "s",
        "arm": "a",
        "scale": "MADRS",
        "kind": "change_from_baseline",
        "day": 7.0,
        "n": 50,
        "sd": 10.0,
        "medicine": (-5.0, 5.0),
        "condition": (-8.0, 5.0),
        **more,
    }
    low, high = predicted - z, predicted + z
    return Row(
        published=published,
        predicted=predicted,
        low=low,
        high=high,
        inside=low <= published <= high,
        spread=spread,
        **given,  # type: ignore[arg-type]
    )


def test_scores_are_what_their_definitions_say() -> None:
    rows = [row(-10.0, -12.0, 4.0), row(-20.0, -5.0, 3.0)]
    found = summary(rows)
    assert (found["rows"], found["coverage90"]) == (2, 0.5)
    assert found["mae_sd"] == pytest.approx((2 + 15) / 2 / 10)
    assert found["baseline_medicine"]["mae_sd"] == pytest.approx((5 + 15) / 2 / 10)
    draws = np.random.default_rng(0).normal(-12.0, 4.0, (2, 200_000))
    by_hand = np.abs(draws[0] + 10.0).mean() - 0.5 * np.abs(draws[0] - draws[1]).mean()
    assert summary(rows[:1])["crps"] == pytest.approx(by_hand / 10, rel=0.02)
    assert summary([])["rows"] == 0


def test_stacking_weighs_what_foretells_best() -> None:
    rng = np.random.default_rng(1)
    y = rng.normal(0, 1, 200)
    table = {"right": norm.logpdf(y), "wrong": norm.logpdf(y, 3), "wide": norm.logpdf(y, 0, 6)}
    weights = stack({name: list(values) for name, values in table.items()})
    assert sum(weights.values()) == pytest.approx(1)
    assert weights["right"] > 0.9


def test_shipped_posteriors_are_of_these_equations_and_rows() -> None:
    found = {rival: shipped(rival) for rival in RIVALS}
    for rival, posterior in found.items():
        assert posterior is not None, f"run afterglow calibrate --rival {rival}"
        assert posterior.rival == rival
        assert posterior.diagnostics["pareto_k"] < 0.7
        assert len(posterior) >= 100
        assert all(r["shrinkage"] < 1 for r in parameter_rows(posterior))
    weighed = weigh(shipped_posteriors())
    assert sum(r["weight"] for r in weighed.rivals) == pytest.approx(1)
    total = summary(left_out_rows(shipped_posteriors()))
    assert 0.85 <= total["coverage90"] <= 0.97
    better = min(total["baseline_medicine"]["mae_sd"], total["baseline_condition"]["mae_sd"])
    assert total["mae_sd"] < 0.85 * better


def test_baselines_come_from_the_calibration_evidence_alone() -> None:
    plain = plain_baselines()
    assert len(plain.arms) > 20
    assert -0.6 < plain.condition("ptsd")[0] < 0
    assert plain.medicine("treatment_resistant_depression", "esketamine")[0] < 0


def test_validate_prints_the_published_beside_the_foretold() -> None:
    found = CliRunner().invoke(app, ["validate", str(DATA), "--json"])
    assert found.exit_code == 0, found.output
    told = json.loads(found.stdout)
    assert told["summary"]["rows"] == len(told["rows"]) > 20
    assert set(told["summary"]) == {"rows", "coverage90", "mae_sd", "crps", "baseline_medicine", "baseline_condition"}
    first = told["rows"][0]
    for end, sign in (("low", -1), ("high", 1)):
        assert first[end] == pytest.approx(
            first["predicted"] + sign * 1.645 * first["spread"], abs=0.05 * first["spread"]
        )
    assert 2 < first["spread"] < 12
    assert any(left["what"].startswith("kuyken2016") for left in told["left_out"])
    shown = CliRunner().invoke(app, ["validate", str(DATA)])
    assert "mean of the medicine's arms" in shown.stdout


def test_rivals_are_printed_with_a_verdict() -> None:
    told = json.loads(CliRunner().invoke(app, ["rivals", "--json"]).stdout)
    assert {r["rival"] for r in told["rivals"]} == set(RIVALS)
    assert told["verdict"].startswith("The trials ")
    assert len(told["studies"]) > 20
    assert "Studies that move it most" in CliRunner().invoke(app, ["rivals"]).stdout


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"arms": []}, "arm"),
        ({"sd": -3}, "sd"),
        ({"n": 4, "events": 9, "kind": "response"}, "9"),
        ({"scale": "MADSR"}, "MADSR"),
        ({"day": -900}, "day"),
    ],
)
def test_validate_says_what_is_wrong_and_foretells_the_rest(tmp_path: Path, change: dict, said: str) -> None:
    good = yaml.safe_load((DATA / "goodwin2022-comp001.yaml").read_text(encoding="utf-8"))
    (tmp_path / "good.yaml").write_text(yaml.safe_dump(good), encoding="utf-8")
    if "arms" in change:
        good |= {**change, "contrasts": []}
    else:
        good["arms"][0]["observations"][1] |= change
    (tmp_path / "wrong.yaml").write_text(yaml.safe_dump(good), encoding="utf-8")
    found = CliRunner().invoke(app, ["validate", str(tmp_path), "--json"])
    assert found.exit_code == 2
    assert "wrong.yaml" in found.stderr
    assert said in found.stderr
    assert {row["study"] for row in json.loads(found.stdout)["rows"]} == {"good"}


def test_validate_refuses_a_folder_without_studies(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "missing"):
        found = CliRunner().invoke(app, ["validate", str(place)])
        assert isinstance(found.exception, FileError)
