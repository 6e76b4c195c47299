"""Forecasts on record: the probability of a positive trial, freezing, checking and scoring."""

from __future__ import annotations

import copy
import importlib.util
import json
import math
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import yaml
from scipy.integrate import quad
from scipy.special import ndtr
from scipy.stats import norm, t
from tests import protocols as plan
from typer.testing import CliRunner

from afterglow.cli.main import app
from afterglow.errors import FileError, ProtocolError
from afterglow.evidence import read_study, study, study_names
from afterglow.predictions import frozen, record
from afterglow.predictions.frozen import check, digest_of, forecast, read_forecast, write_forecast
from afterglow.predictions.positive import probability_of_positive
from afterglow.predictions.registration import RegisteredTrial
from afterglow.predictions.scoring import crps_of_normal, scores_of

DOCS = Path(__file__).parents[2] / "docs"
RECORD = Path(record.__file__).parent
REGISTERED = sorted(RECORD.glob("*.yaml"))
SMALL = {"participants": 8, "draws": 8}


def trial_data() -> dict[str, Any]:
    """An invented trial: psilocybin or placebo, 40 people an arm."""
    arms = {
        "dosed": {"n": 40, "doses": [plan.psilocybin()], "sessions": [plan.sit(0)]},
        "placebo": {"n": 40, "doses": [{"day": 0, "medicine": "placebo", "route": "oral"}], "sessions": [plan.sit(0)]},
    }
    registration = {
        "number": "NCT00000000",
        "title": "Invented",
        "active": "dosed",
        "control": "placebo",
        "scale": "MADRS",
        "day": 21,
    }
    return {"registration": registration, **plan.protocol(plan.DEPRESSION, [-1, 21], **arms), "horizon_days": 28}


@pytest.fixture(scope="module")
def held() -> dict[str, Any]:
    return forecast(RegisteredTrial.from_data(trial_data()), made_on=date(2026, 1, 2), **SMALL)


# ---- the probability of a positive trial ---------------------------------------------------------


def test_without_a_departure_it_is_the_power_of_the_test() -> None:
    n, sd = (80, 80), 12.0
    s = sd * math.sqrt(2 / 80)
    critical = t.ppf(0.975, 158)
    assert probability_of_positive(-5.0, sd, 0.0, n) == pytest.approx(norm.cdf(5.0 / s - critical))
    assert probability_of_positive(0.0, sd, 0.0, n) == pytest.approx(0.025, abs=0.001)
    assert probability_of_positive(-critical * s, sd, 0.0, n) == pytest.approx(0.5)


def test_with_a_departure_it_is_the_power_averaged_over_what_trials_find() -> None:
    n, sd, difference, departed = (60, 30), 11.0, -4.0, 3.0
    averaged, _ = quad(
        lambda true: norm.pdf(true, difference, departed) * probability_of_positive(true, sd, 0.0, n), -40, 40
    )
    assert probability_of_positive(difference, sd, departed, n) == pytest.approx(averaged, abs=1e-6)


def test_a_worse_arm_is_not_positive_and_more_people_tell_more() -> None:
    assert probability_of_positive(5.0, 10.0, 0.0, (100, 100)) < 1e-4
    few, many = (float(probability_of_positive(-4.0, 10.0, 1.0, (n, n))) for n in (30, 120))
    assert few < many
    assert probability_of_positive(-4.0, 10.0, 0.0, (50, 50), alpha=0.01) < probability_of_positive(
        -4.0, 10.0, 0.0, (50, 50)
    )


# ---- what a forecast holds -----------------------------------------------------------------------


def test_a_forecast_says_what_the_issue_asks(held: dict[str, Any]) -> None:
    assert set(held["by_explanation"]) == {"window", "additive", "drug_only", "expectancy_only"}
    assert held["made"]["date"] == "2026-01-02"
    assert {"version", "model", "posteriors", "weights", "seed", "draws"} <= set(held["made"])
    dosed, placebo = held["weighted"]["arms"]
    for row in (dosed, placebo):
        assert row["change"]["low"] < row["change"]["value"] < row["change"]["high"]
        assert row["mean"]["value"] - row["baseline"] == pytest.approx(row["change"]["value"])
        assert 0 <= row["response"]["low"] <= row["response"]["high"] <= 1
    (contrast,) = held["weighted"]["contrasts"]
    assert contrast["primary"]
    assert contrast["difference"]["value"] == pytest.approx(dosed["change"]["value"] - placebo["change"]["value"])
    assert held["positive"] == "two-sided p below 0.05 in favour of dosed over placebo in the change on MADRS to day 21"


def test_the_weighted_answer_is_the_mean_of_the_explanations(held: dict[str, Any]) -> None:
    weights = held["made"]["weights"]
    for what, pick in (
        ("difference", lambda row: row["difference"]["value"]),
        ("probability", lambda row: row["positive"]["probability"]),
    ):
        alone = sum(weights[name] * pick(one["contrasts"][0]) for name, one in held["by_explanation"].items())
        assert pick(held["weighted"]["contrasts"][0]) == pytest.approx(alone), what


def test_a_smaller_trial_has_a_wider_interval_and_publishes_more(held: dict[str, Any]) -> None:
    data = trial_data()
    for arm in data["arms"]:
        arm["n"] = 4
    few = forecast(RegisteredTrial.from_data(data), **SMALL)["weighted"]["contrasts"][0]
    many = held["weighted"]["contrasts"][0]
    assert few["difference"]["sd"] > many["difference"]["sd"]
    alone = few["without_excess"]["difference"]["value"]
    assert alone == pytest.approx(many["without_excess"]["difference"]["value"])
    assert few["difference"]["value"] < many["difference"]["value"] < alone < 0
    assert few["positive"]["probability"] < many["positive"]["probability"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.pop("registration"), "registration"),
        (lambda d: d["registration"].update(active="nobody"), "no arm is called 'nobody'"),
        (lambda d: d["registration"].update(day=22), "not assessed on day 22"),
        (lambda d: d["registration"].update(found=-5), "found"),
        (lambda d: d["arms"][0].pop("n"), "needs its n"),
    ],
)
def test_a_registration_that_does_not_fit_is_refused(change: Any, said: str) -> None:
    data = trial_data()
    change(data)
    with pytest.raises(ProtocolError, match=said):
        RegisteredTrial.from_data(data)


# ---- frozen --------------------------------------------------------------------------------------


def test_a_frozen_forecast_is_never_written_over(held: dict[str, Any], tmp_path: Path) -> None:
    path = write_forecast(held, tmp_path / "one.json")
    assert read_forecast(path) == held
    with pytest.raises(FileError, match="exists already"):
        write_forecast({**held, "positive": "another"}, path)
    assert read_forecast(path) == held


def test_the_command_refuses_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frozen, "simulate", lambda *_, **__: pytest.fail("it was run"))
    (tmp_path / "trial.yaml").write_text(yaml.safe_dump(trial_data()), encoding="utf-8")
    (tmp_path / "kept.json").write_text("kept", encoding="utf-8")
    done = CliRunner().invoke(app, ["predict", str(tmp_path / "trial.yaml"), "--out", str(tmp_path / "kept.json")])
    assert isinstance(done.exception, FileError)
    assert "never written over" in str(done.exception)
    assert (tmp_path / "kept.json").read_text(encoding="utf-8") == "kept"


def test_an_untouched_forecast_is_whole_and_todays_model_says_the_same(held: dict[str, Any]) -> None:
    found = check(held)
    assert found.whole
    assert found.same_version
    assert found.same_model
    assert found.same_posteriors
    assert found.same_numbers


def test_any_change_breaks_the_digest(held: dict[str, Any], tmp_path: Path) -> None:
    for place in (("weighted", "contrasts", 0, "difference", "value"), ("made", "seed"), ("trial", "arms", 0, "n")):
        changed = copy.deepcopy(held)
        inner: Any = changed
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] += 1
        found = check(changed)
        assert not found.whole, place
        assert found.moved is None
    path = write_forecast({**held, "positive": "p below 0.5"}, tmp_path / "bent.json")
    done = CliRunner().invoke(app, ["predict", "--check", str(path)])
    assert done.exit_code == 2
    assert "changed after it was made" in done.output


def test_a_model_that_moved_is_told_with_both_numbers(held: dict[str, Any]) -> None:
    older = copy.deepcopy(held)
    older["weighted"]["contrasts"][0]["difference"]["value"] += 1.5
    older["made"]["model"] = "0123"
    older["digest"] = digest_of(older)
    found = check(older)
    assert found.whole
    assert not found.same_model
    assert not found.same_numbers
    assert found.moved is not None
    ((name, (then, now)),) = found.moved.items()
    assert name == "contrasts[dosed].difference.value"
    assert then - now == pytest.approx(1.5)


def test_what_is_no_forecast_is_refused(tmp_path: Path) -> None:
    for text in ("{}", "[1]", "no json"):
        (tmp_path / "x.json").write_text(text, encoding="utf-8")
        with pytest.raises(FileError, match="forecast"):
            read_forecast(tmp_path / "x.json")


# ---- scored --------------------------------------------------------------------------------------


def results(tmp_path: Path, difference: float = -9.0, se: float | None = 2.0, name: str = "dosed") -> Path:
    """An invented report of the invented trial; one visit lies two days off the registered one."""
    before = {"day": -1, "mean": 32.0, "sd": 5.0, "kind": "score"}
    change = {"sd": 11.0, "kind": "change_from_baseline"}
    rows = {
        name: [
            before,
            {**change, "day": 23, "mean": -14.0},
            {"day": 21, "events": 20, "kind": "response"},
            {**change, "day": 7, "mean": -30.0},
        ],
        "placebo": [before, {**change, "day": 21, "mean": -5.0}],
    }
    every = {"scale": "MADRS", "n": 40, "verified": True}
    arms = [{"id": arm, "n": 40, "observations": [{**every, **one} for one in own]} for arm, own in rows.items()]
    contrast = {"scale": "MADRS", "day": 21, "arm": name, "versus": "placebo", "mean_difference": difference}
    data = {
        "id": "invented2027",
        "citation": "Invented",
        "condition": "major_depression",
        "design": "randomised, double-blind",
        "population": {"n": 80},
        "arms": arms,
        "contrasts": [{**contrast, "se": se, "verified": True}] if se else [],
    }
    path = tmp_path / "invented2027.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return path


def test_crps_is_the_area_between_the_forecast_and_what_came() -> None:
    mean, sd, published = -7.0, 4.0, -2.5
    below, _ = quad(lambda x: float(ndtr((x - mean) / sd)) ** 2, -60, published)
    above, _ = quad(lambda x: (float(ndtr((x - mean) / sd)) - 1) ** 2, published, 60)
    assert crps_of_normal(published, mean, sd) == pytest.approx(below + above, abs=1e-6)


def test_a_report_is_scored_number_by_number(held: dict[str, Any], tmp_path: Path) -> None:
    scored = scores_of(held, read_study(results(tmp_path)))
    by = {(row.what, row.arm): row for row in scored.numbers}
    assert set(by) == {("change", "dosed"), ("response", "dosed"), ("change", "placebo"), ("difference", "dosed")}
    told = held["weighted"]["contrasts"][0]["difference"]
    row = by["difference", "dosed"]
    assert (row.published, row.predicted) == (-9.0, told["value"])
    assert row.inside == (told["low"] <= -9.0 <= told["high"])
    crps = crps_of_normal(-9.0, told["value"], told["sd"]) / held["weighted"]["unit"]
    assert row.crps_sd == pytest.approx(crps)
    assert by["response", "dosed"].crps_sd is None
    assert by["change", "dosed"].published == -14.0  # the rating of day 7 is another number


@pytest.mark.parametrize(("difference", "positive"), [(-9.0, True), (-3.0, False), (9.0, False)])
def test_positive_is_read_from_the_published_difference(
    held: dict[str, Any], tmp_path: Path, difference: float, positive: bool
) -> None:
    scored = scores_of(held, read_study(results(tmp_path, difference)))
    p = held["weighted"]["contrasts"][0]["positive"]["probability"]
    assert scored.positive is positive
    assert scored.log_score == pytest.approx(math.log(p if positive else 1 - p))
    assert set(scored.by_explanation) == set(held["by_explanation"])


def test_without_a_difference_the_arms_say_whether_it_was_positive(held: dict[str, Any], tmp_path: Path) -> None:
    scored = scores_of(held, read_study(results(tmp_path, se=None)))
    assert scored.positive is True  # -9.0 with a standard error of 11 sqrt(2/40) = 2.46


def test_a_study_of_other_arms_is_refused(held: dict[str, Any], tmp_path: Path) -> None:
    path = results(tmp_path, name="somebody")
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["arms"] = data["arms"][:1]
    with pytest.raises(ProtocolError, match="ids of the protocol"):
        scores_of(held, read_study(data))


def test_the_command_scores_in_json(held: dict[str, Any], tmp_path: Path) -> None:
    path = write_forecast(held, tmp_path / "one.json")
    words = ["predict", "--check", str(path), "--results", str(results(tmp_path)), "--json"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["check"]["whole"]
    assert told["scores"]["positive"] is True
    plain = CliRunner().invoke(app, words[:-1])
    assert "log score" in plain.output


# ---- the forecasts on record ---------------------------------------------------------------------


@pytest.mark.parametrize("path", REGISTERED, ids=lambda path: path.stem)
def test_a_forecast_on_record_is_whole_and_of_its_protocol(path: Path) -> None:
    trial = RegisteredTrial.from_file(path)
    held = read_forecast(path.with_suffix(".json"))
    assert digest_of(held) == held["digest"]
    # read again, because which doses are extrapolated is for the package of the day to say
    assert RegisteredTrial.from_data(held["trial"]).as_data() == trial.as_data()
    assert trial.registration.number == path.stem
    assert trial.registration.assumed
    assert trial.registration.sources


def test_no_trial_on_record_is_in_the_evidence() -> None:
    assert len(REGISTERED) >= 2
    numbers = {study(name).registration for name in study_names()}
    assert not {path.stem for path in REGISTERED} & numbers


def generator(name: str) -> ModuleType:
    path = DOCS / "reference" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_predictions_is_up_to_date() -> None:
    made = generator("generate_predictions")
    assert made.page() == made.PAGE.read_text(encoding="utf-8"), "run docs/reference/generate_predictions.py"


def test_probabilities_are_probabilities() -> None:
    draws = np.linspace(-20, 20, 9)
    found = probability_of_positive(draws, np.full(9, 8.0), np.full(9, 2.0), (40, 40))
    assert found.shape == (9,)
    assert (np.diff(found) < 0).all()
    assert ((found > 0) & (found < 1)).all()
