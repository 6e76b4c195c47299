"""Forecasts judged on tables: measures against closed forms, known truth recovered, every table handled or refused."""

from __future__ import annotations

import json
import os
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import expit
from typer.testing import CliRunner

from afterglow.cli.main import app
from afterglow.errors import AfterglowError
from afterglow.forecast import Validation, validate
from afterglow.forecast.validate.measures import crps_of_chances, crps_of_normal, inside, pit_histogram
from afterglow.forecast.validate.people import read_people
from afterglow.observation.noise import rate
from afterglow.scales.instruments import scale
from afterglow.scales.links import severity_to_score

DATA = Path(os.environ.get("AFTERGLOW_DATA") or Path(__file__).parents[4] / "shared" / "data") / "people"
on_real_people = pytest.mark.skipif(not DATA.is_dir(), reason="the tables of real people are not beside the project")

KEYS = {"from_day", "to_day", "n", "coverage50", "coverage80", "coverage90", "crps", "rmse", "baselines"}


# ---- measures ----------------------------------------------------------------------------------------


def test_crps_of_a_standard_normal_at_its_middle() -> None:
    assert crps_of_normal(0, 1, 0) == pytest.approx(0.233694977, abs=1e-9)


def test_crps_of_chances_is_that_of_a_normal_on_a_fine_scale() -> None:
    points = np.arange(400)
    chance = np.exp(-0.5 * ((points - 200) / 25) ** 2)
    found = crps_of_chances((chance / chance.sum())[None], np.array([230]))[0]
    assert found == pytest.approx(crps_of_normal(200, 25, 230), abs=0.01)
    certain = np.eye(400)[[200]]
    assert crps_of_chances(certain, np.array([207]))[0] == 7


def test_coverage_and_ranks_are_right_for_scores_drawn_from_the_chances() -> None:
    rng = np.random.default_rng(1)
    chance = rng.dirichlet(np.full(6, 0.7), size=4000)
    score = (chance.cumsum(axis=1) < rng.random(4000)[:, None]).sum(axis=1)
    for share in (0.5, 0.8, 0.9):
        assert inside(chance, score, share).mean() == pytest.approx(share, abs=0.02)
    np.testing.assert_allclose(pit_histogram(chance, score), 0.1, atol=0.02)


# ---- known truth -------------------------------------------------------------------------------------


def simulated(path: Path, *, people: int, name: str, days: list[int], seed: int = 5) -> Path:
    """People whose level lasts, who come apart slowly, and who are rated with error."""
    rng = np.random.default_rng(seed)
    level = rng.normal(-0.2, 0.7, people)
    away, rows, before = np.zeros(people), ["person,arm,scale,day,score"], 0
    for day in days:
        kept = np.exp(-(day - before) / 200)
        away = kept * away + 0.6 * np.sqrt(1 - kept**2) * rng.standard_normal(people)
        usual = level + away - 0.3 * -np.expm1(-day / 60)
        true = severity_to_score(scale(name), expit(usual + 0.2 * rng.standard_normal(people)))
        seen = rate(scale(name), true, rng.standard_normal(people))
        rows += [f"{k},care,{name},{day},{score:g}" for k, score in enumerate(seen)]
        before = day
    path.write_text("\n".join(rows) + "\n")
    return path


@pytest.fixture(scope="module")
def known_truth(tmp_path_factory: pytest.TempPathFactory) -> Validation:
    path = tmp_path_factory.mktemp("table") / "truth.csv"
    return validate(simulated(path, people=120, name="GAD-7", days=[0, 14, 28, 56, 84]))[0]


def test_coverage_is_nominal_where_the_truth_is_known(known_truth: Validation) -> None:
    many = [row for row in known_truth.horizons if row["n"] >= 100]
    for share in (50, 80, 90):
        found = np.average([row[f"coverage{share}"] for row in many], weights=[row["n"] for row in many])
        assert found == pytest.approx(share / 100, abs=0.05)


def test_ranks_are_even_where_the_truth_is_known(known_truth: Validation) -> None:
    np.testing.assert_allclose(known_truth.pit, 0.1, atol=0.05)


def test_forecasts_are_better_than_plain_ones_where_the_truth_is_known(known_truth: Validation) -> None:
    for row in known_truth.horizons:
        lines = row["baselines"]
        assert row["crps"] < 0.9 * lines["last_value"]["crps"]
        assert row["crps"] < lines["cohort_mean"]["crps"]


def test_json_has_the_shape_that_was_agreed(tmp_path: Path) -> None:
    path = simulated(tmp_path / "few.csv", people=12, name="PCL-5", days=[0, 30, 90])
    done = CliRunner().invoke(app, ["forecast", "validate", str(path), "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert {"people", "forecasts", "horizons", "deterioration"} <= set(found)
    assert found["people"] == found["forecasts"] == 12
    for row in found["horizons"]:
        assert set(row) >= KEYS
        assert set(row["baselines"]) == {"last_value", "cohort_mean", "autoregression"}
        assert all({"crps", "rmse"} <= set(line) for line in row["baselines"].values())
    assert {"sensitivity", "specificity"} <= set(found["deterioration"])
    assert "medicine" in found["kind"]


@pytest.mark.parametrize(
    ("name", "said"),
    [("PCL5", r"there is no table 'PCL5': did you mean 'PCL-5'\?"), ("means", "'means': known: PCL-5, PCL-5 alone, ")],
)
def test_a_table_that_there_will_not_be_is_refused_before_anything_is_calculated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    path = simulated(tmp_path / "few.csv", people=12, name="PCL-5", days=[0, 30, 90])
    judgement = import_module("afterglow.forecast.validate.judgement")
    monkeypatch.setattr(judgement, "care_bank", None)  # whoever calculates, needs it
    done = CliRunner().invoke(app, ["forecast", "validate", str(path), "--table", name])
    assert isinstance(done.exception, AfterglowError)
    assert re.match(f".*{said}", str(done.exception))


def test_the_table_that_is_asked_for_is_printed_alone(tmp_path: Path) -> None:
    path = simulated(tmp_path / "few.csv", people=12, name="PCL-5", days=[0, 30, 90])
    done = CliRunner().invoke(app, ["forecast", "validate", str(path), "--table", "PCL-5 alone", "--format", "csv"])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("from_day,to_day,n,coverage50")


# ---- tables ------------------------------------------------------------------------------------------


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(text)
    return path


def test_a_table_of_several_scales_is_read_one_after_another(tmp_path: Path) -> None:
    text = "person,scale,day,score\n" + "".join(
        f"{k},{name},{day},{k + day}\n" for k in range(4) for name, day in (("PHQ-9", 0), ("PHQ-9", 7), ("GAD-7", 0))
    )
    held, notes = read_people(table(tmp_path, text))
    assert list(held) == ["PHQ-9", "GAD-7"]
    assert notes == ()
    np.testing.assert_array_equal(held["PHQ-9"].cohort.day[0], [0, 7])


def test_scores_that_cannot_be_are_left_out_and_said(tmp_path: Path) -> None:
    text = "person,scale,day,score\n1,PHQ-9,0,12\n1,PHQ-9,7,12.5\n1,PHQ-9,14,99\n1,PHQ-9,21,NA\n"
    held, notes = read_people(table(tmp_path, text))
    assert held["PHQ-9"].cohort.score.tolist() == [[12]]
    assert notes[0].startswith("1 rows without a score")
    assert notes[1].startswith("2 scores left out, the first in line 3")


def test_dates_count_from_each_persons_own_first_score(tmp_path: Path) -> None:
    text = "person,scale,date,score\n1,PHQ-9,2026-01-01,12\n1,PHQ-9,2026-01-15,9\n2,PHQ-9,2026-05-01,12\n"
    held, notes = read_people(table(tmp_path, text))
    assert held["PHQ-9"].cohort.day.tolist() == [[0, 14], [0, 0]]
    assert "own first score" in notes[0]


def test_scales_that_are_not_known_are_left_out_and_said(tmp_path: Path) -> None:
    text = "person,scale,day,date,score\n1,PHQ-9,0,2026-01-01,12\n1,WSAS,0,2026-01-01,9\n1,C-SSRS,0,2026-01-01,1\n"
    held, notes = read_people(table(tmp_path, text))
    assert list(held) == ["PHQ-9"]
    assert any("WSAS" in note for note in notes)
    assert any("never forecast" in note for note in notes)


def test_a_long_table_is_thinned_and_says_so(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    rows = [f"{k},GAD-7,{day},{rng.integers(4, 15)}" for k in range(4) for day in range(33)]
    held = validate(table(tmp_path, "person,scale,day,score\n" + "\n".join(rows) + "\n"))[0]
    assert held.forecasts == 4 * 29 * 28 / 2
    assert "some have 33 scores" in held.notes[-1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("scale,day,score\nPHQ-9,0,1\n", "no column for the person"),
        ("person,day,score\n1,0,1\n", "name it with --scale"),
        ("person,scale,day,score\n", "no rows"),
        ("person,scale,day,score\n1,K-10,0,1\n", "scale"),
        ("person,scale,day,score\n1,PHQ-9,0,1\n2,PHQ-9,0,1\n", "nothing to judge"),
    ],
)
def test_a_table_that_cannot_be_judged_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(AfterglowError, match=said):
        validate(table(tmp_path, text))


def test_halves_are_alike_in_arm_and_first_score(tmp_path: Path) -> None:
    text = "person,arm,scale,day,score\n" + "".join(f"{k},{'ab'[k % 2]},PHQ-9,0,{k % 27}\n" for k in range(60))
    people = read_people(table(tmp_path, text))[0]["PHQ-9"]
    first, second = people.halves()
    assert sorted([*first, *second]) == list(range(60))
    scores = people.cohort.score[:, 0]
    assert abs(scores[first].mean() - scores[second].mean()) < 2


# ---- real people -------------------------------------------------------------------------------------


def reached(found: Validation, most_rmse: dict[float, float] | None = None) -> dict[str, Any]:
    """By horizon, what falls short of the issue."""
    short: dict[str, Any] = {}
    for row in found.horizons:
        name = f"{row['from_day']:g}-{row['to_day']:g}"
        for share in (50, 80, 90):
            if row["n"] >= 300 and abs(row[f"coverage{share}"] - share / 100) > 0.05:
                short[f"{name} coverage{share}"] = row[f"coverage{share}"]
        if row["crps"] > 0.9 * row["baselines"]["last_value"]["crps"]:
            short[f"{name} last value"] = row["crps"]
        if row["crps"] > 1.03 * row["baselines"]["autoregression"]["crps"]:
            short[f"{name} autoregression"] = row["crps"]
        for day, most in (most_rmse or {}).items():
            if row["from_day"] <= day <= row["to_day"] and row["rmse"] >= most:
                short[f"{name} rmse"] = row["rmse"]
    return short


@on_real_people
@pytest.mark.slow
def test_forecasts_of_real_people_reach_what_was_asked() -> None:
    found = {held.scale: held for held in validate(DATA / "reframed.csv")}
    assert reached(found["PHQ-9"], {30: 4.0, 91: 4.7, 183: 5.2}) == {}
    assert found["PHQ-9"].deterioration["sensitivity"] >= 0.72
