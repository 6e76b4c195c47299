"""The mixed model for repeated measures: what holds of any fit, many trials at once, and data that cannot carry it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.trials import fev, simulated

from afterglow.errors import ParameterError
from afterglow.trial.analysis import TrialData, analyse, ancova, mmrm
from afterglow.trial.analysis.covariance import STRUCTURES, structure


@pytest.mark.parametrize("name", STRUCTURES)
def test_derivatives_of_a_covariance_are_its_slopes(name: str) -> None:
    held = structure(name, 4)
    rough = np.array([[[4, 2, 1, 0.5], [2, 5, 2, 1], [1, 2, 6, 3], [0.5, 1, 3, 7.0]]])
    theta = held.start(rough)
    first = np.broadcast_to(held.first(theta), (1, held.count, 4, 4))
    second = held.second(theta)
    for k in range(held.count):
        step = np.zeros(held.count)
        step[k] = 1e-5
        slope = (held.matrix(theta + step) - held.matrix(theta - step)) / 2e-5
        assert first[:, k] == pytest.approx(slope, abs=1e-7)
        bend = (held.first(theta + step) - held.first(theta - step)) / 2e-5
        assert (np.zeros_like(bend) if second is None else second[:, k]) == pytest.approx(bend, abs=1e-6)


def plain_likelihood(data: TrialData, sigma: np.ndarray) -> float:
    """-2 residual log-likelihood, person by person, of arm by visit."""
    visits = len(data.visits)
    cross, right, squares, logs, ratings = np.zeros((2 * visits, 2 * visits)), np.zeros(2 * visits), 0.0, 0.0, 0
    for arm, scores in zip(data.arm, data.outcomes, strict=True):
        seen = np.isfinite(scores)
        if seen.any():
            X = np.concatenate([np.eye(visits), arm * np.eye(visits)], axis=1)[seen]
            V = sigma[np.ix_(seen, seen)]
            cross += X.T @ np.linalg.solve(V, X)
            right += X.T @ np.linalg.solve(V, scores[seen])
            squares += scores[seen] @ np.linalg.solve(V, scores[seen])
            logs += np.linalg.slogdet(V)[1]
            ratings += seen.sum()
    squares -= right @ np.linalg.solve(cross, right)
    return (ratings - 2 * visits) * np.log(2 * np.pi) + logs + np.linalg.slogdet(cross)[1] + squares


@pytest.mark.parametrize("name", STRUCTURES)
def test_the_likelihood_is_that_of_the_people_one_by_one_and_nothing_beside_it_is_better(name: str) -> None:
    fit, held = mmrm(fev(), covariance=name), structure(name, 4)
    assert plain_likelihood(fev(), fit.covariance) == pytest.approx(float(fit.minus2_log_likelihood), abs=1e-6)
    theta = held.start(fit.covariance[None])
    assert held.matrix(theta)[0] == pytest.approx(fit.covariance)
    rng = np.random.default_rng(2)
    for _ in range(4):
        near = held.matrix(theta * (1 + 0.02 * rng.standard_normal(theta.shape)))[0]
        assert plain_likelihood(fev(), near) > float(fit.minus2_log_likelihood)


def test_many_trials_at_once_are_each_trial_alone() -> None:
    many = simulated(5)
    together = mmrm(many, df="kenward-roger")
    for k in range(5):
        alone = mmrm(replace(many, outcomes=many.outcomes[k], baseline=many.baseline[k]), df="kenward-roger")
        assert together.minus2_log_likelihood[k] == pytest.approx(float(alone.minus2_log_likelihood), abs=1e-6)
        for field in ("value", "se", "df", "p", "low", "high"):
            mine, other = getattr(together.differences, field)[k], getattr(alone.differences, field)
            assert mine == pytest.approx(other, rel=1e-5, abs=1e-8)


def test_a_class_that_nobody_of_a_trial_has_is_left_out_of_that_trial() -> None:
    many = simulated(2, per_arm=20)
    site = np.tile(np.repeat(["a", "b"], 20), (2, 1))
    site[0, :5] = "c"
    together = replace(many, covariates={"site": site})
    alone = replace(many.trial(1), covariates={"site": site[1]})
    for name in ("mmrm", "ancova"):
        found, other = analyse(name, together), analyse(name, alone)
        for field in ("value", "se", "df"):
            assert getattr(found, field)[1] == pytest.approx(getattr(other, field), rel=1e-5)
    both = mmrm(together).minus2_log_likelihood[1]
    assert both == pytest.approx(float(mmrm(alone).minus2_log_likelihood), abs=1e-6)


def test_trials_too_small_for_the_covariance_fail_alone_and_in_silence() -> None:
    fit = mmrm(simulated(40, per_arm=12, visits=6, dropout=0.15, seed=3), covariance="toeph")
    assert 0 < (~fit.converged).sum() < 20
    assert np.isfinite(fit.differences.se[fit.converged]).all()
    assert np.isnan(fit.differences.p[~fit.converged]).all()


def test_more_trials_than_are_fitted_at_once_come_in_their_order() -> None:
    many = simulated(300, per_arm=10, visits=2)
    found, last = mmrm(many, covariance="cs"), mmrm(many.trial(299), covariance="cs")
    assert found.differences.value.shape == (300, 1, 2)
    assert found.differences.value[299] == pytest.approx(last.differences.value, rel=1e-5)


def test_one_trial_that_cannot_be_fitted_is_nan_and_leaves_the_others_as_they_were() -> None:
    many = simulated(3)
    outcomes = many.outcomes.copy()
    outcomes[1, many.arm == 1, 3] = np.nan
    fit, whole = mmrm(replace(many, outcomes=outcomes)), mmrm(many)
    assert fit.converged.tolist() == [True, False, True]
    assert np.isnan(fit.differences.value[1]).all()
    assert fit.differences.value[[0, 2]] == pytest.approx(whole.differences.value[[0, 2]], rel=1e-5)


def test_without_missing_ratings_the_differences_at_a_visit_are_those_of_means() -> None:
    data = replace(simulated(1, dropout=0.0), baseline=None)
    fit = mmrm(data)
    means = [data.outcomes[:, data.arm == k].mean(axis=1) for k in (0, 1)]
    assert fit.differences.value[:, 0] == pytest.approx(means[1] - means[0])
    assert fit.differences.df == pytest.approx(118, rel=1e-5)


def test_shifted_and_scaled_outcomes_shift_and_scale_the_answer() -> None:
    data = fev("RACE", baseline=True)
    moved = replace(data, outcomes=1e6 + 10 * data.outcomes, baseline=1e6 + 10 * data.baseline)
    one, other = mmrm(data), mmrm(moved)
    assert other.differences.value == pytest.approx(10 * one.differences.value, rel=1e-5)
    assert other.differences.se == pytest.approx(10 * one.differences.se, rel=1e-5)
    assert other.differences.df == pytest.approx(one.differences.df, rel=1e-5)


def test_people_in_another_order_change_nothing() -> None:
    data, order = fev("RACE", baseline=True), np.random.default_rng(3).permutation(200)
    covariates = {"RACE": data.covariates["RACE"][order]}
    mixed = replace(data, arm=data.arm[order], outcomes=data.outcomes[order], baseline=data.baseline[order])
    found = mmrm(replace(mixed, covariates=covariates))
    assert found.differences.value == pytest.approx(mmrm(data).differences.value, rel=1e-6)


def test_the_other_arm_as_the_reference_turns_the_sign() -> None:
    one, other = mmrm(fev()), mmrm(fev().against("TRT"))
    assert other.differences.value == pytest.approx(-one.differences.value)


def test_under_no_difference_one_in_twenty_trials_rejects() -> None:
    many = simulated(600, seed=4)
    for name in ("mmrm", "ancova"):
        found = analyse(name, many)
        assert found.value.shape == (600, 1)
        assert np.mean(found.p < 0.05) == pytest.approx(0.05, abs=0.027)  # three Monte-Carlo errors
        assert np.mean((found.low < 0) & (found.high > 0)) == pytest.approx(0.95, abs=0.027)
        assert np.mean(found.one_sided(lower=True) < 0.025) == pytest.approx(0.025, abs=0.02)


def test_ancova_is_the_regression_of_those_who_were_rated() -> None:
    data = fev("SEX", baseline=True)
    found = ancova(data, visit="VIS2")
    rated = np.isfinite(data.outcomes[:, 1])
    columns = [np.ones(200), data.arm, data.baseline, data.covariates["SEX"] == "Male"]
    X, y = np.stack(columns, axis=1).astype(float)[rated], data.outcomes[rated, 1]
    coefficients, left, *_ = np.linalg.lstsq(X, y, rcond=None)
    variance = left[0] / (len(y) - 4) * np.linalg.inv(X.T @ X)[1, 1]
    assert found.value[0] == pytest.approx(coefficients[1])
    assert found.se[0] == pytest.approx(np.sqrt(variance))
    assert found.df[0] == len(y) - 4


def without(data: TrialData, *, visit: int | None = None, arm: int | None = None) -> TrialData:
    outcomes = data.outcomes.copy()
    people = slice(None) if arm is None else data.arm == arm
    outcomes[people, slice(None) if visit is None else visit] = np.nan
    return replace(data, outcomes=outcomes)


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        (without(fev(), visit=1), {}, "nobody was rated at visit 'VIS2'; leave it out"),
        (without(fev(), visit=1, arm=1), {}, "nobody of arm 'TRT' was rated at visit 'VIS2'"),
        (fev(), {"covariance": "ar2"}, "no covariance is called 'ar2'; did you mean 'ar1'"),
        (fev(), {"df": "kenward"}, "did you mean 'kenward-roger'?"),
        (fev("RACE"), {"covariates": ["RASE"]}, "no covariate is called 'RASE'; did you mean 'RACE'?"),
        (fev("RACE"), {"covariates": ["RACE", "RACE"]}, "named twice"),
        (replace(fev(), covariates={"SITE": np.full(200, "1")}), {}, "'SITE' is the same for everybody"),
        (replace(fev(), covariates={"AGE": np.full(200, 40.0)}), {}, "'AGE' is the same for everybody"),
        (replace(fev(), covariates={"X": fev().arm * 2.0}), {}, "'X' cannot be told apart from arms"),
        (replace(fev(), visits=["VIS1"], outcomes=fev().outcomes[:, :1]), {}, "the data have one; use ancova"),
        (
            replace(fev(), outcomes=fev(baseline=True).baseline[:, None] + np.zeros(4)),
            {},
            "the same rating at 'VIS1' and",
        ),
        (replace(fev(), outcomes=np.where(np.arange(4) == 2, 7.0, fev().outcomes)), {}, "at visit 'VIS3' are the same"),
        (TrialData(fev().arm[:3], ["a", "b"], list("1234"), fev().outcomes[:3]), {}, "nobody"),
    ],
)
def test_data_that_cannot_carry_the_model_are_refused_in_a_sentence(data: TrialData, options: dict, words: str) -> None:
    with pytest.raises(ParameterError, match=words.replace("?", r"\?")):
        mmrm(data, **options)


def test_visits_never_rated_together_ask_for_a_structure() -> None:
    data = fev()
    outcomes = data.outcomes.copy()
    outcomes[::2, 0] = outcomes[1::2, 3] = np.nan
    outcomes[np.isfinite(outcomes[:, 0]), 3] = np.nan
    apart = replace(data, outcomes=outcomes)
    with pytest.raises(ParameterError, match="nobody was rated at both 'VIS1' and 'VIS4'"):
        mmrm(apart)
    assert mmrm(apart, covariance="ar1h").converged


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"arms": ["PBO"]}, "needs two arms, and the data have only 'PBO'"),
        ({"arms": ["PBO", "PBO"]}, "two arms are called 'PBO'"),
        ({"visits": ["VIS1"]}, "outcomes have 4 visits, and 1 are named"),
        ({"arm": fev().arm + 1}, "must lie from 0 to 1"),
        ({"arm": fev().arm[:5]}, "the arm of each person"),
        ({"baseline": np.zeros(3)}, "the baseline must be"),
        ({"covariates": {"AGE": np.zeros(3)}}, "the covariate 'AGE' must be"),
    ],
)
def test_data_that_do_not_agree_are_refused(fields: dict, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        replace(fev(), **fields)
