"""Trials of more than one difference: doses, factors, sizes set anew, days in order, responders; and their files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests import trial_plans as trials

from afterglow.errors import FileError, ParameterError, ProtocolError
from afterglow.trial import Trial, operating_characteristics, write_characteristics, write_datasets
from afterglow.trial.analysis import ancova
from afterglow.trial.bank.bank import make_bank
from afterglow.trial.characteristics.decisions import Statistics, decisions, look_sizes
from afterglow.trial.characteristics.operating import Characteristics
from afterglow.trial.simulation.batch import Batch
from afterglow.trial.tables import read_trial

SMALL: dict[str, Any] = {"trials": 64, "keep": False, **trials.BANK}


@pytest.fixture(scope="module")
def eventful() -> Characteristics:
    events = {
        "intercurrent_events": ["stopping in 30 % by day 21"],
        "estimand": ["hypothetical for stopping"],
        "dropout": "20 % by day 21",
        "guesses": {"unsure": 0.5},
    }
    return operating_characteristics(trials.trial(**events, analyses=["ancova"]), **SMALL)


def test_the_interaction_stands_beside_the_main_effects() -> None:
    found = operating_characteristics(trials.factorial(), **SMALL)
    row = found.to_json()["designs"][0]
    assert list(row["effects"]) == ["medicine", "therapy", "interaction"]
    assert row["power"] == row["effects"]["medicine"]["power"]
    assert row["people"] == 80
    medicine, interaction = (found.rows[0].effects[name] for name in ("medicine", "interaction"))
    assert medicine["truth"].value < -1.0
    assert abs(interaction["truth"].value) < abs(medicine["truth"].value)
    assert medicine["power"]["weighted"].value > interaction["power"]["weighted"].value


def test_the_best_dose_goes_on_and_its_boundary_allows_for_the_choice() -> None:
    trial = trials.doses()
    plan = trial.section.designs[1]
    upper = plan.design.boundaries(0.025, doses=2).upper[-1]
    z = np.zeros((2, 2, 2))
    z[0, 0], z[0, 1] = (0.5, 1.0), (9.0, upper + 0.01)  # the second dose leads, and wins
    z[1, 0], z[1, 1] = (1.0, 0.5), (1.97, 9.0)  # the first leads, and misses the boundary
    made = decisions(trial, plan, 20, Statistics(z, (10, 20), ("mg10", "mg25")))
    assert made.comparison.tolist() == [1, 0]
    assert made.rejects.tolist() == [True, False]
    assert made.people.tolist() == [50, 50]  # 3 x 10, then 2 x 10
    assert upper > 1.97


def test_a_size_set_anew_follows_the_spread_that_a_blinded_look_sees() -> None:
    design = {"kind": "blinded-re-estimation", "difference": 5.0, "power": 0.9}
    trial = trials.trial(designs=[design], analyses=["ancova"])
    plan = trial.section.designs[0]
    first, *grid = look_sizes(plan, 40)
    sizes = (first, *grid)
    sds = np.array([[4.0], [10.0], [40.0]]) * np.ones(len(sizes))
    told = Statistics(np.full((3, len(sizes), 1), 3.0), sizes, (), sds)
    made = decisions(trial, plan, 40, told)
    assert (first, grid[0], grid[-1]) == (20, 40, 80)
    assert made.n[0] == 40
    assert made.n[2] == 80
    assert made.n[1] >= plan.design.size(40, np.array([10.0]))[0] > 40
    found = operating_characteristics(trial, **SMALL).rows[-1]
    assert 40 <= (found.expected_n.value or 0) <= 80


def test_a_gain_lasts_only_if_there_was_one() -> None:
    design = {"kind": "delayed-start", "switch_day": 7, "end_day": 21}
    trial = trials.trial(designs=[design], analyses=["ancova"])
    z = np.array([[[3.0, 3.0]], [[3.0, 0.0]], [[0.0, 3.0]]])  # on the last day, then at the switch
    made = decisions(trial, trial.section.designs[0], 40, Statistics(z, (40,), ("high", "day 7")))
    assert made.rejects.tolist() == [True, False, False]


def test_only_those_who_respond_are_randomised_later() -> None:
    trial = trials.withdrawal()
    bank = make_bank(trial, **trials.BANK)
    numbers = tuple(range(16))
    lives, found = Batch(trial, bank, numbers, numbers, (40,), 1).people()
    held, own = found[0], lives[0].scores
    counted = held.counted
    np.testing.assert_array_equal(held.baseline, own[..., 2])
    assert np.all(own[..., 2][counted] <= own[..., 0][counted] / 2)
    assert 0.1 < counted.mean() < 0.9
    assert held.scores.shape[-1] == len(trial.analysed_visits) == 2
    row = operating_characteristics(trial, **SMALL).rows
    assert [r.analysis for r in row] == ["mmrm", "ancova", "cox", "log-rank", "responders"]
    assert all((r.failed.value or 0) < 0.3 for r in row)
    assert row[0].coverage.value is None  # what is true is not worked out


@pytest.mark.parametrize(
    ("make", "changes", "said"),
    [
        (trials.trial, {"designs": ["drop-the-loser"]}, "needs two active arms or more"),
        (trials.doses, {"analyses": ["mcp-mod"]}, "which mcp-mod does not tell"),
        (trials.trial, {"analyses": ["mcp-mod"]}, "a dose response needs two active arms or more"),
        (trials.trial, {"analyses": ["cox"]}, "needs the design randomised-withdrawal"),
        (trials.withdrawal, {"designs": [{"kind": "randomised-withdrawal", "day": 13, "end_day": 42}]}, "on day 13"),
        (
            trials.withdrawal,
            {"designs": ["fixed", {"kind": "randomised-withdrawal", "day": 12, "end_day": 42}]},
            "give each a file of its own",
        ),
        (
            trials.trial,
            {"designs": [{"kind": "delayed-start", "switch_day": 6, "end_day": 7}]},
            "not assessed on day 6",
        ),
        (trials.factorial, {"factors": {"a": ["drug", "both"], "b": ["drug", "both"]}}, "has four arms"),
        (trials.factorial, {"factors": {"a": ["drug", "bth"], "b": ["talk", "both"]}}, "did you mean 'both'?"),
    ],
)
def test_a_design_that_the_data_cannot_carry_is_refused(make: Any, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        make(**changes)
    assert said in str(caught.value)


@pytest.mark.parametrize("plan", ["mcp-mod", "reference-based"])
def test_other_analyses_run(plan: str) -> None:
    trial = trials.doses(designs=["fixed"], analyses=[plan], dropout="10 % by day 21")
    row = operating_characteristics(trial, **{**SMALL, "trials": 16}).rows[0]
    assert row.failed.value == 0.0
    assert (row.assurance.value or 0) > 0.1


def test_the_people_of_a_trial_are_written_as_others_read_them(eventful: Characteristics, tmp_path: Path) -> None:
    simulated = eventful.simulated
    paths = write_datasets(simulated, tmp_path / "people", count=2)
    assert sorted(path.name for path in paths)[:3] == ["trial-0001.csv", "trial-0001.json", "trial-0001.parquet"]
    csv, parquet = pd.read_csv(paths[0]), pd.read_parquet(paths[1])
    assert len(csv) == len(parquet)
    assert {"USUBJID", "AVISIT", "AVAL", "BASE", "CHG", "ANL01FL", "GUESS", "DAY_OF_STOPPING"} <= set(csv.columns)
    assert set(csv["GUESS"].dropna()) == {"active", "control", "unsure"}
    assert csv["USUBJID"].nunique() == 80
    last = csv[csv["AVISIT"] == "Day 21"]
    assert len(last) < 80  # somebody stopped coming
    stopped = last["DAY_OF_STOPPING"].notna()
    assert set(last.loc[stopped, "ANL01FL"].fillna("")) == {""}
    assert set(last.loc[~stopped, "ANL01FL"]) == {"Y"}


def test_the_estimate_from_the_written_table_is_that_of_the_simulated_trial(tmp_path: Path) -> None:
    found = operating_characteristics(trials.trial(analyses=["ancova"], dropout="20 % by day 21"), **SMALL)
    paths = write_datasets(found.simulated, tmp_path, count=1)
    data = read_trial(paths[0], reference="low", outcome="AVAL", baseline="BASE").data
    place = found.simulated.sizes.index(40)
    value = found.simulated.held["value"][0, place, 0, 0]
    assert float(ancova(data, covariates=["baseline"]).value[0]) == pytest.approx(value)


def test_characteristics_are_written_flat_and_whole(eventful: Characteristics, tmp_path: Path) -> None:
    json_file, csv_file = write_characteristics(eventful, tmp_path / "out")
    rows = pd.read_csv(csv_file)
    assert rows["power.window"].tolist() == [row.power["window"].value for row in eventful.rows]
    assert "blinding.curve.at_half.se" in rows.columns
    assert json_file.read_text(encoding="utf-8").startswith("{")


def test_a_folder_that_cannot_be_is_refused(eventful: Characteristics, tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("x", encoding="utf-8")
    with pytest.raises(FileError, match="is a file, not a folder"):
        write_characteristics(eventful, taken)
    with pytest.raises(ParameterError, match="the people of 1 to 1000 trials"):
        write_datasets(eventful.simulated, tmp_path, count=0)


def test_allocation_gives_other_arms_more_people() -> None:
    trial: Trial = trials.trial(allocation={"high": 2}, sizes=[10], designs=["fixed"], analyses=["ancova"])
    row = operating_characteristics(trial, **SMALL).rows[0]
    assert (row.n, row.people, row.expected_people.value) == (10, 30, pytest.approx(30.0))
