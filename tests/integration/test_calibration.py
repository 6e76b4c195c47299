"""Calibration on made-up trials whose truth is known."""

from __future__ import annotations

import inspect
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy.stats import chisquare
from tests import protocols as plan
from typer.testing import CliRunner

from afterglow.calibrate.fit import Problem, find_mode
from afterglow.calibrate.free_parameters import FreeParameters, free_parameters
from afterglow.calibrate.likelihood import Heterogeneity, trial_noise
from afterglow.calibrate.predict import PEOPLE, predict_at_draws
from afterglow.calibrate.rivals import leave_one_out
from afterglow.calibrate.run import DRAWS, ROUNDS, calibrate
from afterglow.calibrate.sample import sample_posterior
from afterglow.calibrate.targets import Target, Trial, calibration_trials, trial_of
from afterglow.cli.calibrate import calibrate as command
from afterglow.cli.main import app
from afterglow.cohort import RIVALS, Draw
from afterglow.errors import FileError, ParameterError
from afterglow.evidence import read_study
from afterglow.posterior import read_posterior
from afterglow.posterior.stacking import stack

FEW = FreeParameters(("expectancy_weight", "spine_weight", "session_gain"))
SMALL = Heterogeneity(study=0.05, points=0.05, share=0.05, arm=0.05, row=0.05)


def study(name: str, arms: dict[str, Any], days: list[float]) -> dict[str, Any]:
    def observed() -> list[dict[str, Any]]:
        first = {"scale": "MADRS", "day": -1, "mean": 32.0, "sd": 5.0, "n": 60, "kind": "score", "verified": True}
        later = [
            {"scale": "MADRS", "day": d, "mean": -8.0, "sd": 10.0, "n": 60, "kind": "change_from_baseline"}
            for d in days
        ]
        return [{**row, "verified": True, "where": "made up"} for row in (first, *later)]

    def dosed(doses: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{("drug" if k == "medicine" else k): v for k, v in d.items()} for d in doses]

    return {
        "id": name,
        "citation": "Made up.",
        "design": "double-blind",
        "condition": "treatment_resistant_depression",
        "arms": [
            {"id": k, "n": 60, "observations": observed(), **arm, "doses": dosed(arm["doses"])}
            for k, arm in arms.items()
        ],
    }


@pytest.fixture(scope="module")
def trials() -> tuple[Trial, ...]:
    sat = [plan.sit(0), plan.session(1), plan.session(7), plan.session(14)]
    one = {
        "high": {"doses": [plan.psilocybin()], "sessions": sat},
        "low": {"doses": [plan.psilocybin(0, 1)], "sessions": sat},
    }
    two = {"ket": {"doses": [plan.ketamine(0)]}, "sal": {"doses": [{"day": 0, "medicine": "placebo", "route": "iv"}]}}
    three = {"alone": {"doses": [plan.psilocybin()]}, "with": {"doses": [plan.psilocybin()], "sessions": sat}}
    made = [study(f"made{k}", arms, [1, 7, 28, 90]) for k, arms in enumerate((one, two, three))]
    return tuple(trial_of(read_study(data)) for data in made)


def published(trials: tuple[Trial, ...], values: dict[str, float], rng: np.random.Generator, rival: str = "window"):
    """The trials with results drawn from the model at `values`."""
    f = predict_at_draws(trials, [Draw(rival=rival, typical=values)], people=32)[0]
    found, at = [], 0
    for trial in trials:
        n = len(trial.targets)
        noise = np.linalg.cholesky(trial_noise(trial.targets, SMALL).at(1.0)) @ rng.standard_normal(n)
        found.append(
            trial.only([replace(t, value=float(v)) for t, v in zip(trial.targets, f[at : at + n] + noise, strict=True)])
        )
        at += n
    return tuple(found)


def test_a_known_truth_comes_back(trials: tuple[Trial, ...]) -> None:
    truth = np.array([0.8, -0.7, 0.9])
    seen = published(trials, FEW.values(truth), np.random.default_rng(3))
    mode = find_mode(Problem(seen, "window", FEW, people=32), rounds=4, spread=SMALL)
    off = (mode.z - truth) / np.sqrt(np.diag(mode.covariance))
    assert np.abs(off).max() < 3
    assert np.sqrt(np.diag(mode.covariance)).max() < 0.9, "the trials must teach something"


def test_ranks_of_the_truth_are_uniform(trials: tuple[Trial, ...]) -> None:
    rng, ranks = np.random.default_rng(11), []
    for _ in range(14):
        truth = rng.standard_normal(len(FEW.names))
        seen = published(trials, FEW.values(truth), rng)
        problem = Problem(seen, "window", FEW, people=32)
        mode = find_mode(problem, rounds=2, spread=SMALL)
        sample = sample_posterior(problem, mode, 40)
        ranks += (sample.z < truth).mean(axis=0).tolist()
    counts, _ = np.histogram(ranks, bins=4, range=(0, 1.0000001))
    assert chisquare(counts).pvalue > 1e-3, counts


def test_a_wrong_model_is_caught(trials: tuple[Trial, ...]) -> None:
    seen = published(trials, {"window_learning": 0.2, "session_gain": 4.0}, np.random.default_rng(7))
    seen = tuple(replace(t, name=f"{t.name}-{k}") for k in range(2) for t in seen)
    found = {}
    for rival in ("window", "drug_only"):
        problem = Problem(
            seen, rival, FreeParameters(tuple(n for n in (*FEW.names, "window_learning") if n not in RIVALS[rival])), 32
        )
        mode = find_mode(problem, rounds=3, spread=SMALL)
        found[rival] = [left.log_density for left in leave_one_out(problem, mode)]
    assert sum(found["window"]) > sum(found["drug_only"]) + 5
    assert stack(found)["window"] > 0.8


def test_free_parameters_go_there_and_back() -> None:
    free = free_parameters("window")
    z = np.random.default_rng(0).normal(size=len(free.names)) * 0.5
    np.testing.assert_allclose(free.point(free.values(z)), np.maximum(z, free.lower), atol=1e-9)
    assert "window_learning" not in free_parameters("additive").names
    with pytest.raises(ParameterError, match="unknown rival"):
        free_parameters("pretty")


def test_covariance_is_one(trials: tuple[Trial, ...]) -> None:
    for trial in trials:
        found = trial_noise(trial.targets, Heterogeneity()).at(1.0)
        np.testing.assert_allclose(found, found.T)
        assert np.linalg.eigvalsh(found).min() > 0


def test_it_can_be_stopped_and_taken_up_again(trials: tuple[Trial, ...], tmp_path: Path) -> None:
    seen = published(trials, {}, np.random.default_rng(1))
    problem = Problem(seen, "window", FEW, people=16)
    whole = calibrate(problem, draws=40, rounds=2)
    calls: list[str] = []

    def stop(stage: str, done: int, of: int) -> None:
        calls.append(stage)
        if stage == "drawing":
            raise KeyboardInterrupt

    out = tmp_path / "mine.nc"
    with pytest.raises(KeyboardInterrupt):
        calibrate(problem, out=out, draws=40, rounds=2, told=stop)
    assert not out.exists()
    assert calls == ["finding the mode", "finding the mode", "drawing"]
    again: list[tuple[str, int]] = []
    resumed = calibrate(problem, out=out, draws=40, rounds=2, told=lambda s, d, o: again.append((s, d)))
    assert {stage for stage, _ in again} == {"drawing"}, "the mode was kept"
    assert again[0][1] > 0, "the first draws were kept"
    assert again[-1] == ("drawing", 40)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.nc"]
    for name in FEW.names:
        np.testing.assert_allclose(resumed.draws[name], whole.draws[name])
    read = read_posterior(out)
    assert read.rival == "window"
    assert read.diagnostics["rows"] == len(problem.published)
    np.testing.assert_array_equal(read.draws["spine_weight"], resumed.draws["spine_weight"])


def test_a_posterior_of_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trials) -> None:
    out = tmp_path / "old.nc"
    calibrate(
        Problem(published(trials, {}, np.random.default_rng(1)), "window", FEW, people=16), out=out, draws=40, rounds=1
    )
    monkeypatch.setattr("afterglow.posterior.store.fingerprint", lambda: "other")
    with pytest.raises(FileError, match="other equations or constants"):
        read_posterior(out)
    (tmp_path / "no.nc").write_bytes(b"CDF\x01nothing")
    with pytest.raises(FileError, match="not a posterior"):
        read_posterior(tmp_path / "no.nc")
    with pytest.raises(FileError, match="could not be read"):
        read_posterior(tmp_path / "missing.nc")
    with pytest.raises(ParameterError, match="at least 40"):
        calibrate(Problem(trials, "window", FEW), draws=3)


def test_targets_say_what_they_compare(trials: tuple[Trial, ...]) -> None:
    kinds = [t.kind for t in trials[0].targets]
    assert set(kinds) == {"change", "log_sd"}
    first: Target = trials[0].targets[0]
    assert first.baseline is not None
    steadied = np.sqrt((59 * 10.0**2 + 8 * (0.16 * 60) ** 2) / (59 + 8))  # drawn a little towards the usual SD
    assert first.unit == pytest.approx(steadied)
    assert steadied / np.sqrt(60) <= first.se < 1.1 * steadied / np.sqrt(60)  # more where people are no longer seen


def test_a_small_posterior_is_rebuilt_from_the_evidence_and_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = calibration_trials()[::12]
    monkeypatch.setattr("afterglow.calibrate.run.calibration_trials", lambda **_: few)
    out = tmp_path / "small.nc"
    made = CliRunner().invoke(
        app, ["calibrate", "--out", str(out), "--people", "16", "--draws", "40", "--rounds", "1", "--rival", "additive"]
    )
    assert made.exit_code == 0, made.output
    assert "Pareto k" in made.stdout
    file = Path(__file__).parents[2] / "examples" / "comp001.yaml"
    used = CliRunner().invoke(app, ["simulate", str(file), "-n", "24", "--posterior", str(out), "--json"])
    told = json.loads(used.stdout)
    assert (told["calibrated"], told["rival"]) == (True, "additive")
    dataset = xr.open_dataset(out, engine="scipy")
    assert dataset["session_gain"].dims == ("chain", "draw")
    assert "window_learning" not in dataset


def test_the_command_calibrates_as_the_function_does() -> None:
    defaults = {name: p.default for name, p in inspect.signature(command).parameters.items()}
    assert (defaults["people"], defaults["draws"], defaults["rounds"]) == (PEOPLE, DRAWS, ROUNDS)
