"""Simulated trials: what is drawn, what befalls people, and what the designs are told of it."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests import trial_plans as trials

from afterglow.cohort import Draw
from afterglow.errors import ParameterError
from afterglow.protocol.files.source import Source
from afterglow.runs.execute import Task
from afterglow.runs.simulate import simulate
from afterglow.trial import Trial, operating_characteristics, size_for
from afterglow.trial.bank.bank import Bank, make_bank
from afterglow.trial.characteristics import simulate as simulate_module
from afterglow.trial.characteristics.average import Average, Figure
from afterglow.trial.characteristics.decisions import Statistics, decisions
from afterglow.trial.characteristics.operating import Characteristics, Row, true_values
from afterglow.trial.characteristics.simulate import Workshop
from afterglow.trial.characteristics.unblinding import bias_points
from afterglow.trial.simulation.batch import Batch
from afterglow.trial.simulation.lives import Lives
from afterglow.trial.simulation.outcomes import outcomes
from afterglow.trial.simulation.truth import NODES, true_value

EVENTS: dict[str, Any] = {
    "intercurrent_events": [
        {"kind": "rescue_medicine", "share": 0.3, "by_day": 21, "hazard_ratio": {"severity": 3.0}},
        {"kind": "unblinding", "share": 0.1, "by_day": 21, "hazard_ratio": {"felt": 50.0}},
    ],
    "estimand": ["composite for rescue medicine", "treatment policy for unblinding"],
    "dropout": "20 % by day 21",
}


@pytest.fixture(scope="module")
def plain() -> tuple[Trial, Bank]:
    trial = trials.trial()
    return trial, make_bank(trial, **trials.BANK)


@pytest.fixture(scope="module")
def eventful() -> tuple[Trial, Bank]:
    trial = trials.trial(**EVENTS)
    return trial, make_bank(trial, **trials.BANK)


@pytest.fixture(scope="module")
def found() -> Characteristics:
    return operating_characteristics(trials.trial(), trials=320, keep=False, **trials.BANK)


def batch(held: tuple[Trial, Bank], *sizes: int, count: int = 16, first: int = 0) -> Batch:
    trial, bank = held
    numbers = tuple(range(first, first + count))
    return Batch(trial, bank, tuple(k % len(bank.draws) for k in numbers), numbers, sizes, 1)


def test_the_bank_is_the_run_of_that_many_people_and_draws(plain: tuple[Trial, Bank]) -> None:
    trial, bank = plain
    run = simulate(trial.protocol, participants=64, draws=16, parts=1, twins=False).run
    for place, arm in enumerate(trial.arms):
        scores = run.scores["MADRS"].expected[:, run.places[arm.id]]
        np.testing.assert_allclose(bank.mean[:, bank.rows[place, 0]], scores.mean(axis=1), atol=0.01)  # steps differ


def test_a_larger_trial_begins_with_the_people_of_a_smaller_one(eventful: tuple[Trial, Bank]) -> None:
    small, large = batch(eventful, 20).calculate(), batch(eventful, 20, 50).calculate()
    for name in ("value", "se", "null_value", "guesses"):
        np.testing.assert_allclose(small[name][:, 0], large[name][:, 0], rtol=1e-7)


def test_the_numbers_of_a_trial_depend_on_no_other_trial(eventful: tuple[Trial, Bank]) -> None:
    alone, together = batch(eventful, 20, count=1, first=5).calculate(), batch(eventful, 20).calculate()
    np.testing.assert_allclose(alone["value"][0], together["value"][5], rtol=1e-7)


def test_a_batch_can_be_sent_elsewhere(plain: tuple[Trial, Bank]) -> None:
    own = batch(plain, 20, count=4)
    there, here = pickle.loads(pickle.dumps(own)).calculate(), own.calculate()
    assert all(np.array_equal(there[name], here[name], equal_nan=True) for name in here)


def test_events_and_dropout_come_in_the_shares_that_were_asked_for(eventful: tuple[Trial, Bank]) -> None:
    held = batch(eventful, 400, count=32).calculate()
    control, active = held["events"][..., -1].mean(axis=0)
    assert (np.diff(held["events"], axis=-1) >= 0).all()
    assert control[0] == pytest.approx(0.3, abs=0.04)
    assert control[1] == pytest.approx(0.1, abs=0.02)
    assert held["lost"][:, 0, -1].mean() == pytest.approx(0.2, abs=0.02)
    assert active[0] < 0.8 * control[0]  # who is better needs less rescue
    assert active[1] > 3 * control[1]  # who felt it finds out
    assert held["lost"][:, 1, -1].mean() == pytest.approx(0.2, abs=0.02)


def test_who_is_rescued_was_worse(eventful: tuple[Trial, Bank]) -> None:
    lives, _ = batch(eventful, 200).people()
    rescued = lives[0].events[0] == 2  # at the last visit: the one before it is known
    assert lives[0].scores[..., 1][rescued].mean() > lives[0].scores[..., 1][~rescued].mean() + 2


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("treatment policy", [[20.0, 10.0], [25.0, np.nan], [10.0, 12.0]]),
        ("hypothetical", [[np.nan, np.nan], [25.0, np.nan], [10.0, 12.0]]),
        ("composite", [[30.0, 30.0], [25.0, np.nan], [10.0, 12.0]]),
        ("while on treatment", [[30.0, 30.0], [25.0, np.nan], [10.0, 12.0]]),
        ("principal stratum", [[20.0, 10.0], [25.0, np.nan], [10.0, 12.0]]),
    ],
)
def test_each_strategy_does_what_it_says(strategy: str, expected: list[list[float]]) -> None:
    trial = trials.trial(intercurrent_events=["stopping in 5 % by day 21"], estimand=[f"{strategy} for stopping"])
    scores = np.array([[[30.0, 20.0, 10.0], [30.0, 25.0, 20.0], [28.0, 10.0, 12.0]]])
    never = np.full((1, 3), 3)
    stopped, dropped = np.array([[[1, 3, 3]]]), np.array([[3, 2, 3]])
    held = outcomes(trial, Lives(scores, stopped, dropped, never.astype(np.int8), 0 * never))
    np.testing.assert_array_equal(held.scores[0], expected)
    assert held.counted[0].tolist() == [strategy != "principal stratum", True, True]


def test_the_last_score_before_an_event_counts_while_on_treatment() -> None:
    trial = trials.trial(
        intercurrent_events=["stopping in 5 % by day 21"], estimand=["while on treatment for stopping"]
    )
    scores, none = np.array([[[30.0, 12.0, 25.0]]]), np.array([[3]])
    held = outcomes(trial, Lives(scores, np.array([[[2]]]), none, none.astype(np.int8), 0 * none))
    assert held.scores[0, 0].tolist() == [12.0, 12.0]


def test_where_arms_do_not_differ_the_statistic_is_a_standard_normal(plain: tuple[Trial, Bank]) -> None:
    held = batch(plain, 30, count=640).calculate()
    for k in (0, 1):
        t = held["null_value"][:, 0, k] / held["null_se"][:, 0, k]
        assert abs(t.mean()) < 0.12
        assert t.std() == pytest.approx(1.0, abs=0.09)


def test_intervals_hold_what_is_true(found: Characteristics) -> None:
    for row in found.rows:
        if row.id == "fixed":
            assert row.coverage.value == pytest.approx(0.95, abs=0.04)
    held = found.simulated.held
    for analysis in range(len(found.trial.section.analyses)):
        apart = held["value"][:, -1, analysis, 0] - true_values(found.simulated, analysis)[:, 0]
        assert abs(apart.mean()) < 4 * apart.std() / np.sqrt(len(apart))


def test_what_jumps_to_the_reference_loses_its_share_of_the_true_difference() -> None:
    imputed = [{"id": name, "method": "reference-based", "imputation": name} for name in ("jr", "mar", "cir")]
    trial = trials.trial(dropout="30 % by day 21", analyses=imputed, designs=["fixed"], sizes=[40])
    found = operating_characteristics(trial, trials=160, keep=False, **trials.BANK)
    jumps, at_random, increments = found.rows
    assert jumps.truth.value == pytest.approx(0.7 * at_random.truth.value, rel=0.06)
    assert jumps.coverage.value == pytest.approx(0.95, abs=0.05)
    assert (increments.truth.value, increments.coverage.value) == (None, None)
    held = found.simulated.held["value"][:, 0, 0, 0] - true_values(found.simulated, 0)[:, 0]
    assert abs(held.mean()) < 4 * held.std() / np.sqrt(len(held))
    event = {"intercurrent_events": ["stopping in 5 % by day 21"], "estimand": ["hypothetical for stopping"]}
    untold = trials.trial(analyses=imputed[:1], **event)
    assert np.isnan(untold.comparisons(untold.section.analyses[0])[0].weights).all()


def test_few_responders_are_said(found: Characteristics) -> None:
    shares = {row.n: row.control_share.value for row in found.rows if row.analysis == "responders"}
    assert all(row.control_share.value is None for row in found.rows if row.analysis != "responders")
    assert 0 < shares[20] == shares[40] < 0.2
    said = f"respond on average, {20 * shares[20]:.1f} of 20 (responders)"
    assert said in found.cautions[0]
    assert found.to_json()["cautions"] == list(found.cautions)
    many = replace(found, rows=tuple(replace(row, control_share=Figure(0.9, 0.01)) for row in found.rows))
    assert many.cautions == ()


def test_what_is_true_follows_large_departures(plain: tuple[Trial, Bank]) -> None:
    """A share of responders is no parabola of the departure: it ends at none and at all."""
    workshop = Workshop(plain[0], trials=16, keep=False, **trials.BANK)
    workshop._bank = plain[1]
    truth = workshop.truth()[0, :, 0, 2]
    assert (np.diff(truth) <= 0).all()
    between = true_value(np.tile(truth, (2, 1)), np.array([-0.4, 0.4]))
    assert truth[2] > between[0] > truth[3] > between[1] > truth[4]


def test_those_who_stop_coming_are_true_non_responders_and_change_no_mean() -> None:
    kept, lost = (
        Workshop(trials.trial(dropout=share), trials=16, keep=False, **trials.BANK).truth().mean(axis=(0, 2))
        for share in (None, "40 % by day 21")
    )
    middle = len(NODES) // 2
    mmrm, _, responders = range(3)
    assert lost[middle, mmrm] == pytest.approx(kept[middle, mmrm])
    assert lost[middle, responders] == pytest.approx(0.6 * kept[middle, responders], abs=0.04)


def test_power_rises_with_size_and_assurance_is_the_weighted_power(found: Characteristics) -> None:
    small, large = (next(r for r in found.rows if (r.id, r.n, r.analysis) == ("fixed", n, "mmrm")) for n in (20, 40))
    assert small.power["window"].value < large.power["window"].value  # type: ignore[operator]
    weights = {e.rival: e.weight for e in found.simulated.spec.explanations}
    mixed = sum(weights[name] * (large.power[name].value or 0.0) for name in weights)
    assert large.assurance.value == pytest.approx(mixed)
    assert large.power["weighted"] == large.assurance


def test_looks_save_people_and_add_up(found: Characteristics) -> None:
    row = next(r for r in found.rows if r.id == "obrien-fleming-2-looks" and r.n == 40)
    assert sum(figure.value or 0.0 for figure in row.stop) == pytest.approx(1.0)
    assert row.expected_n.value == pytest.approx(20 * row.stop[0].value + 40 * row.stop[1].value)  # type: ignore[operator]


def test_json_has_the_keys_that_are_promised(found: Characteristics) -> None:
    held = found.to_json()["designs"]
    assert [(row["id"], row["n"], row["analysis"]) for row in held[:2]] == [
        ("fixed", 20, "mmrm"),
        ("fixed", 20, "ancova"),
    ]
    for row in held:
        assert {
            "id",
            "n",
            "analysis",
            "power",
            "assurance",
            "type1",
            "bias_points",
            "expected_n",
            "correct_guess",
        } <= set(row)
        assert set(row["power"]) == {"window", "additive", "drug_only", "expectancy_only", "weighted"}
        assert set(row["power"]["window"]) == {"value", "se"}


def test_people_tell_their_arm_and_that_biases_the_difference(found: Characteristics) -> None:
    row = found.rows[0]
    assert 0.8 < (row.correct_guess.value or 0) < 1.0
    assert (row.bias_points.value or 0) < 0
    assert row.blinding["bang"]["active"].value > 0.5
    half, observed = (row.blinding["curve"].at_half.value, row.blinding["curve"].observed.value)
    assert observed < half < 0


def test_arms_that_give_the_same_are_not_told_apart_and_not_biased() -> None:
    spec = trials.data()
    spec["arms"][0]["doses"] = spec["arms"][1]["doses"]
    trial = Trial.from_source(Source(data=spec))
    bank = make_bank(trial, **trials.BANK)
    assert np.abs(bias_points(trial, bank)).max() == 0.0
    assert np.abs(bank.apart).max() == 0.0


def test_hope_that_people_bring_makes_them_better_where_hope_counts() -> None:
    sites = [{"id": "keen", "share": 0.5, "hope": 1.0}, {"id": "sober", "share": 0.5}]
    trial = trials.trial(
        expectancy={"sites": sites}, analyses=[{"method": "ancova", "covariates": ["baseline", "site"]}]
    )
    bank = make_bank(trial, **trials.BANK)
    assert bank.rows.shape == (2, 2)
    keen, sober = (bank.mean[:, bank.rows[0, site], -1] for site in (0, 1))
    assert np.all(keen < sober + 1e-9)
    assert (sober - keen).max() > 0.3
    assert np.isfinite(batch((trial, bank), 40).calculate()["value"]).all()


def test_boundaries_stop_trials_where_they_are_crossed() -> None:
    trial = trials.trial(designs=["pocock at 50 % and 100 %"])
    z = np.array([[3.0, 0.0], [0.0, 3.0], [0.0, 0.0], [-3.0, 2.0]])
    made = decisions(trial, trial.section.designs[0], 40, Statistics(z[..., None], (20, 40)))
    assert made.rejects.tolist() == [True, True, False, False]
    assert made.look.tolist() == [0, 1, 1, 1]


def test_an_average_weighs_explanations_and_knows_its_error() -> None:
    draws = [Draw(rival=rival, weight=w) for rival, w in (("window", 0.4), ("drug_only", 0.1)) for _ in range(2)]
    average = Average(draws, np.arange(400) % 4)
    values: NDArray[np.float64] = np.where(np.arange(400) % 4 < 2, 1.0, 0.0)
    assert average.weighted(values).value == pytest.approx(0.8)
    assert {name: figure.value for name, figure in average.under(values).items()} == {"window": 1.0, "drug_only": 0.0}
    apart = Average(draws, np.arange(400) % 4).under(np.array([1.0, 0.0, 0.0, 0.0])[np.arange(400) % 4])["window"]
    assert (apart.value, apart.se) == (pytest.approx(0.5), pytest.approx(0.5))


def test_an_interrupted_run_goes_on_and_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERGLOW_RUNS_MB", "100")
    trial = trials.trial(sizes=[200], analyses=["ancova"])
    asked: dict[str, Any] = {"trials": 512, **trials.BANK}
    whole = Workshop(trial, keep=False, **asked).simulated([200])

    def stopping_after(batches: int) -> Callable[..., Any]:
        real, done = simulate_module.results_of, 0

        def results_of(tasks: list[Task], **options: Any) -> Any:
            nonlocal done
            for result in real(tasks, **options):
                if isinstance(result[1], dict):
                    done += 1
                    if done > batches:
                        raise KeyboardInterrupt
                yield result

        return results_of

    with monkeypatch.context() as patch:
        patch.setattr(simulate_module, "results_of", stopping_after(1))
        with pytest.raises(KeyboardInterrupt):
            Workshop(trial, **asked).simulated([200])
    told: list[int] = []
    again = Workshop(trial, **asked).simulated([200], progress=lambda done, total: told.append(done))
    assert len(told) < -(-512 // 256) * 2
    assert told[0] > 256  # what was done before is not done again
    for name, values in whole.held.items():
        np.testing.assert_array_equal(again.held[name], values)


def test_the_size_that_is_found_has_the_power() -> None:
    trial = trials.trial(analyses=["ancova"])
    sizes = size_for(trial, 0.7, largest=120, trials=400, **trials.BANK)
    assert [sized.id for sized in sizes] == ["fixed", "obrien-fleming-2-looks"]
    for sized in sizes:
        assert sized.n is not None
        tried = dict(sized.tried)
        assert sized.reached == tried[sized.n]
        assert sized.reached.value == pytest.approx(0.7, abs=0.03)
    whole = characteristics_at(trial, sizes[0].n, 400)
    assert (sizes[0].reached.value, sizes[0].assurance.value) == (whole.power["window"].value, whole.assurance.value)
    unreachable = size_for(trial, 0.99, under="weighted", largest=20, trials=64, **trials.BANK)[0]
    assert (unreachable.n, unreachable.tried[-1][0]) == (None, 20)
    assert size_for(trial, 0.03, trials=64, **trials.BANK)[0].n == 8


def characteristics_at(trial: Trial, size: int | None, count: int) -> Row:
    section = trial.section.model_copy(update={"sizes": (size,)})
    return operating_characteristics(Trial(trial.protocol, section), trials=count, keep=False, **trials.BANK).rows[0]


@pytest.mark.parametrize(
    ("wanted", "options"), [(1.5, {}), (0.01, {}), (0.9, {"largest": 3}), (0.9, {"under": "windwo"})]
)
def test_an_impossible_power_is_refused(wanted: float, options: dict[str, Any]) -> None:
    with pytest.raises(ParameterError):
        size_for(trials.trial(), wanted, **options)


@pytest.mark.parametrize("count", [0, 3, 10**9])
def test_a_number_of_trials_that_says_nothing_is_refused(count: int) -> None:
    with pytest.raises(ParameterError, match="trials can be simulated"):
        Workshop(trials.trial(), trials=count)
