"""How well numbers are foretold, the weights of rivals, true refits, and the commands that print them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from scipy.special import logsumexp
from scipy.stats import norm
from typer.testing import CliRunner

from afterglow.calibrate.diagnostics import scoreboard
from afterglow.calibrate.diagnostics.comparisons import GROUPS
from afterglow.calibrate.diagnostics.left_out import left_out_rows
from afterglow.calibrate.diagnostics.parameter_table import parameter_rows
from afterglow.calibrate.diagnostics.scoreboard import WEIGHTED
from afterglow.calibrate.diagnostics.scores import FIGURES, Row, rows_as_json, summary
from afterglow.calibrate.diagnostics.weigh import weigh
from afterglow.calibrate.targets import calibration_trials
from afterglow.cli.main import app
from afterglow.cohort import RIVALS
from afterglow.errors import FileError
from afterglow.posterior import ODDNESS, Posteriors, shipped, shipped_posteriors
from afterglow.posterior.stacking import stack

DATA = Path(__file__).parents[1] / "data"


def row(published: float, predicted: float, spread: float = 4.0, **more: Any) -> Row:
    """A change of 10 points an SD, foretold with a normal."""
    z = 1.6448536269514722 * spread
    given: dict[str, Any] = {
        "study": "s",
        "arm": "a",
        "scale": "MADRS",
        "kind": "change_from_baseline",
        "day": 7.0,
        "n": 50,
        "sd": 10.0,
        "baselines": {"medicine": (-5.0, 5.0), "condition": (-8.0, 5.0)},
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
        **given,
    )


def gap(published: float, predicted: float, **more: Any) -> Row:
    baselines = {"medicine": (-4.0, 5.0)}
    return row(published, predicted, **{"group": "differences", "kind": "difference", "baselines": baselines, **more})


def test_scores_are_what_their_definitions_say() -> None:
    rows = [row(-10.0, -12.0, 4.0), row(-20.0, -5.0, 3.0)]
    found = summary(rows)["means"]
    assert (found["rows"], found["studies"], found["coverage90"]) == (2, 1, 0.5)
    assert found["mae_sd"] == pytest.approx((2 + 15) / 2 / 10)
    assert found["width_sd"] == pytest.approx(2 * 1.6449 * (4 + 3) / 2 / 10, rel=1e-4)
    assert found["baseline_medicine"]["mae_sd"] == pytest.approx((5 + 15) / 2 / 10)
    assert found["baseline_medicine"]["width_sd"] == pytest.approx(2 * 1.6449 * 5 / 10, rel=1e-4)
    draws = np.random.default_rng(0).normal(-12.0, 4.0, (2, 200_000))
    by_hand = np.abs(draws[0] + 10.0).mean() - 0.5 * np.abs(draws[0] - draws[1]).mean()
    assert summary(rows[:1])["means"]["crps"] == pytest.approx(by_hand / 10, rel=0.02)


def test_each_study_counts_once_in_its_error_and_in_the_slope() -> None:
    rows = [
        gap(-5.0, -10.0, study="wide"),
        gap(-15.0, -10.0, study="wide"),
        gap(-5.0, -20.0, study="narrow"),
    ]
    found = summary(rows)["differences"]
    assert found["mae_sd"] == pytest.approx((0.5 + 0.5 + 1.5) / 3)
    assert found["mae_sd_by_study"] == pytest.approx((0.5 + 1.5) / 2)
    x, y, w = np.array([-1.0, -1.0, -2.0]), np.array([-0.5, -1.5, -0.5]), np.array([0.5, 0.5, 1.0])
    assert found["slope"] == pytest.approx((w * x * y).sum() / (w * x**2).sum())
    turned = [replace(rows[0], published=5.0, predicted=10.0), *rows[1:]]
    assert summary(turned)["differences"]["slope"] == pytest.approx(found["slope"])
    assert found["baseline"]["slope"] == pytest.approx((w * y).sum() * -0.4 / (w * 0.16).sum())


def test_the_slope_of_scores_is_that_of_their_changes() -> None:
    assert summary([row(20.0, 10.0, origin=30.0)])["means"]["slope"] == pytest.approx(0.5)
    assert summary([row(-10.0, 0.0)])["means"]["slope"] is None


def test_groups_and_medicines_are_told_apart_beside_the_better_baseline() -> None:
    rows = [
        row(-8.0, -9.0, studied="mdma"),
        row(-9.0, -2.0, studied="ketamine", study="t"),
        gap(-4.0, -1.0),
        row(0.4, 0.5, 0.1, sd=0.35, group="shares", kind="response", baselines={"medicine": (0.2, 0.1)}),
    ]
    found = summary(rows)
    assert {name: told["rows"] for name, told in found.items()} == {
        "means": 2,
        "differences": 1,
        "shares": 1,
        "relapse": 0,
    }
    assert found["means"]["baseline"] == {"name": "condition", **found["means"]["baseline_condition"]}
    assert found["means"]["by_medicine"]["mdma"]["mae_sd"] == pytest.approx(0.1)
    assert found["means"]["by_medicine"]["ketamine"]["mae_sd"] == pytest.approx(0.7)
    assert found["shares"]["mae_sd"] == pytest.approx(0.1 / 0.35)
    assert found["shares"]["baseline"]["mae_sd"] == pytest.approx(0.2 / 0.35)
    assert found["relapse"]["coverage90"] is None
    told = rows_as_json(rows, found)
    assert [one["baseline"] for one in told] == [-8.0, -8.0, -4.0, 0.2]
    assert [one["baseline_condition"] for one in told] == [-8.0, -8.0, None, None]


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
    assert 0.85 <= total["means"]["coverage90"] <= 0.97
    assert total["means"]["mae_sd"] < 0.85 * total["means"]["baseline"]["mae_sd"]
    assert total["differences"]["mae_sd_by_study"] < 0.8 * total["differences"]["baseline"]["mae_sd_by_study"]


def test_a_left_out_difference_takes_the_covariance_that_its_posterior_keeps() -> None:
    """What the arms share cancels; an odd trial departs more, and is sampled as any other."""
    name = "murrough2013-midazolam"
    trial = next(one for one in calibration_trials() if one.name == name)
    held = shipped()
    count = len(trial.targets)
    shared, own = 100.0 * np.ones((count, count)), np.eye(count)

    def spread(sampling: np.ndarray, departure: np.ndarray) -> float:
        made = {"left_out_sampling": sampling.tolist(), "left_out_departure": departure.tolist()}
        kept = {key: {**held.diagnostics[key], name: rows} for key, rows in made.items()}
        posterior = replace(held, diagnostics={**held.diagnostics, **kept})
        rows = left_out_rows(Posteriors.alone(posterior))
        return next(one.spread for one in rows if one.study == name and one.group == "differences")

    assert spread(shared + own, 0 * own) == pytest.approx(np.sqrt(2))
    assert spread(0 * own, shared + own) == pytest.approx(np.sqrt(2 * np.mean(ODDNESS)))


# The command


def goodwin(*keep: str, days: tuple[float, ...] = (21,)) -> dict[str, Any]:
    """COMP001 with the rows of these kinds on these days, and the scores before treatment."""
    held: dict[str, Any] = yaml.safe_load((DATA / "goodwin2022-comp001.yaml").read_text(encoding="utf-8"))
    for arm in held["arms"]:
        arm["observations"] = [
            one
            for one in arm["observations"]
            if one["scale"] == "MADRS" and (one["day"] < 0 or (one["day"] in days and one["kind"] in keep))
        ]
    held["contrasts"] = [one for one in held["contrasts"] if "contrast" in keep]
    return held


@pytest.fixture
def roughly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few people and draws, where a test asks which numbers are foretold and not how exactly."""
    for name in ("PEOPLE", "DRAWS"):
        monkeypatch.setattr(scoreboard, name, 16)


def validated(folder: Path, held: dict[str, Any], *words: str, exit_code: int = 0) -> dict[str, Any]:
    (folder / "one.yaml").write_text(yaml.safe_dump(held), encoding="utf-8")
    found = CliRunner().invoke(app, ["validate", str(folder), "--json", *words])
    assert found.exit_code == exit_code, found.output
    told: dict[str, Any] = json.loads(found.stdout)
    return told


def test_validate_prints_the_published_beside_the_foretold() -> None:
    found = CliRunner().invoke(app, ["validate", str(DATA), "--json"])
    assert found.exit_code == 0, found.output
    told = json.loads(found.stdout)
    assert set(told["summary"]) == set(GROUPS)
    for group, figures in told["summary"].items():
        assert set(FIGURES) <= set(figures)
        assert set(FIGURES) <= set(figures["baseline"])
        own = [one for one in told["rows"] if one["group"] == group]
        assert figures["rows"] == figures["baseline"]["rows"] == len(own)
        if own:
            assert figures["coverage90"] == pytest.approx(np.mean([one["inside"] for one in own]))
    assert {one["study"] for one in told["rows"]} == {path.stem for path in DATA.glob("*.yaml")}
    for one in told["rows"]:
        if one["group"] in ("means", "differences"):  # a mixture of draws, a little skewed
            for end, sign in (("low", -1), ("high", 1)):
                normal = one["predicted"] + sign * 1.645 * one["spread"]
                assert one[end] == pytest.approx(normal, abs=0.2 * one["spread"])
    assert 2 < told["rows"][0]["spread"] < 12
    assert any(left["what"].startswith("kuyken2016") for left in told["left_out"])


@pytest.mark.usefixtures("roughly")
def test_validate_prints_a_table_for_each_group(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(yaml.safe_dump(goodwin("change_from_baseline", "response")), encoding="utf-8")
    shown = CliRunner().invoke(app, ["validate", str(tmp_path)], env={"COLUMNS": "160"})
    assert shown.exit_code == 0, shown.output
    for said in ("Differences between arms, foretold", "Shares of people, foretold", "the medicine's arms"):
        assert said in shown.stdout
    assert "psilocybin_25_mg against psilocybin_1_mg" in shown.stdout
    assert "Relapse" not in shown.stdout


@pytest.mark.usefixtures("roughly")
def test_studies_of_differences_or_shares_alone_are_foretold(tmp_path: Path) -> None:
    contrasts = validated(tmp_path, goodwin("contrast"))
    assert {one["group"] for one in contrasts["rows"]} == {"differences"}
    assert contrasts["rows"][0]["published"] == -6.6
    assert (contrasts["rows"][0]["versus"], contrasts["rows"][0]["control"]) == ("psilocybin_1_mg", "low_dose")
    shares = validated(tmp_path, goodwin("response", "remission"))
    assert {(one["group"], one["kind"]) for one in shares["rows"]} == {("shares", "response"), ("shares", "remission")}
    assert all(0 <= one["low"] < one["high"] <= 1 for one in shares["rows"])


def test_every_explanation_is_weighed_and_shown(tmp_path: Path) -> None:
    held = goodwin("contrast")
    told = validated(tmp_path, held, "--rival", "all")
    by_rival = told["by_rival"]
    assert set(by_rival) == {WEIGHTED, *RIVALS}
    assert by_rival[WEIGHTED]["summary"] == told["summary"]
    assert sum(by_rival[name]["weight"] for name in RIVALS) == pytest.approx(1)
    alone = validated(tmp_path, held, "--rival", "window")
    assert by_rival["window"]["summary"] == alone["summary"] != told["summary"]
    weights, densities = ([by_rival[name][what] for name in RIVALS] for what in ("weight", "log_density"))
    mixed = logsumexp(densities, b=weights)  # of one study; each explanation alone has more draws than in the mixture
    assert by_rival[WEIGHTED]["log_density"] == pytest.approx(mixed, abs=0.2)
    shown = CliRunner().invoke(app, ["validate", str(tmp_path), "--rival", "all"], env={"COLUMNS": "160"})
    assert "Differences between arms, foretold by each explanation" in shown.stdout


def test_the_log_density_is_that_of_the_published_numbers(tmp_path: Path) -> None:
    """One contrast: a normal around each draw, whose mixture is close to a normal with the row's mean and SD."""
    held = goodwin("contrast")
    held["contrasts"] = held["contrasts"][:1]
    told = validated(tmp_path, held, "--rival", "all")
    (one,) = told["rows"]
    normal = norm.logpdf(one["published"], one["predicted"], one["spread"])
    assert told["by_rival"][WEIGHTED]["log_density"] == pytest.approx(normal, abs=0.2)


def test_rivals_are_printed_with_a_verdict() -> None:
    told = json.loads(CliRunner().invoke(app, ["rivals", "--json"]).stdout)
    assert {r["rival"] for r in told["rivals"]} == set(RIVALS)
    assert told["verdict"].startswith("The trials ")
    assert len(told["studies"]) > 20
    assert "Studies that move it most" in CliRunner().invoke(app, ["rivals"]).stdout


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sd": -3}, "sd"),
        ({"n": 4, "events": 9, "kind": "response"}, "9"),
        ({"scale": "MADSR"}, "MADSR"),
        ({"day": -900}, "day"),
    ],
)
@pytest.mark.usefixtures("roughly")
def test_a_row_with_a_mistake_is_left_out_alone(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    good = goodwin("change_from_baseline", days=(7, 21))
    bad = goodwin("change_from_baseline", days=(7, 21))
    place = next(k for k, one in enumerate(bad["arms"][0]["observations"]) if one["day"] == 21)
    bad["arms"][0]["observations"][place] |= change
    (tmp_path / "wrong.yaml").write_text(yaml.safe_dump(bad), encoding="utf-8")
    told = validated(tmp_path, good, exit_code=2)
    assert all(said in mistake and "wrong.yaml" in mistake for mistake in told["mistakes"])
    assert len(told["mistakes"]) == 1
    (left,) = [one for one in told["left_out"] if one["what"].startswith("wrong") and said in one["reason"]]
    assert left["what"].startswith(f"wrong, {bad['arms'][0]['id']}")
    rows = {name: [one for one in told["rows"] if one["study"] == name] for name in ("one", "wrong")}
    lost = [one for one in rows["one"] if one["arm"] == bad["arms"][0]["id"] and one["day"] == 21]
    assert len(lost) == 2  # the change of the arm, and its difference
    assert len(rows["wrong"]) == len(rows["one"]) - len(lost)
    again = {(one["arm"], one["versus"], one["day"]): one["published"] for one in rows["one"]}
    assert all(again[one["arm"], one["versus"], one["day"]] == one["published"] for one in rows["wrong"])


@pytest.mark.usefixtures("roughly")
def test_a_file_that_is_wrong_elsewhere_is_left_out_as_a_whole(tmp_path: Path) -> None:
    bad = goodwin("change_from_baseline") | {"arms": [], "contrasts": []}
    (tmp_path / "wrong.yaml").write_text(yaml.safe_dump(bad), encoding="utf-8")
    told = validated(tmp_path, goodwin("change_from_baseline"), exit_code=2)
    assert {one["study"] for one in told["rows"]} == {"one"}
    assert any(one["what"] == "wrong" and "arm" in one["reason"] for one in told["left_out"])


def test_validate_refuses_a_folder_without_studies(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "missing"):
        found = CliRunner().invoke(app, ["validate", str(place)])
        assert isinstance(found.exception, FileError)
