"""Reference-based imputation: what each strategy fills in, its standard errors, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.trials import antidepressant, fev, simulated

from afterglow.errors import ParameterError
from afterglow.trial.analysis import STRATEGIES, analyse, ancova, mmrm, reference_based


def test_without_missing_ratings_every_strategy_is_the_analysis_of_covariance() -> None:
    many = simulated(1, dropout=0.0)
    data, plain = many.trial(0), ancova(many.trial(0))
    for strategy in STRATEGIES:
        found = reference_based(data, strategy=strategy, inference="linear")
        assert found.value[:, -1] == pytest.approx(plain.value)
    drawn = reference_based(data, inference="bayes", imputations=5)
    assert (drawn.value[:, -1], drawn.se[:, -1]) == (pytest.approx(plain.value), pytest.approx(plain.se))


def test_jackknife_and_ancova_agree_on_the_standard_error_of_complete_data() -> None:
    data = simulated(1, dropout=0.0).trial(0)
    assert reference_based(data).se[0, -1] == pytest.approx(ancova(data).se[0], rel=0.1)


def test_missing_at_random_is_close_to_the_mixed_model() -> None:
    found, model = reference_based(antidepressant(), strategy="mar"), mmrm(antidepressant())
    assert found.value[0] == pytest.approx(model.differences.value[0], abs=0.15)
    assert found.se[0] == pytest.approx(model.differences.se[0], rel=0.1)


def test_jumping_to_the_reference_draws_the_difference_towards_zero() -> None:
    by_strategy = {name: reference_based(antidepressant(), strategy=name, inference="linear") for name in STRATEGIES}
    last = {name: found.value[0, -1] for name, found in by_strategy.items()}
    assert last["mar"] < last["cir"] < last["jr"] < 0
    assert last["mar"] < last["cr"] < last["jr"]


def test_rubins_rules_give_larger_standard_errors_where_much_is_borrowed() -> None:
    drawn = reference_based(antidepressant(), inference="bayes", imputations=100)
    plain = reference_based(antidepressant())
    assert drawn.value[0] == pytest.approx(plain.value[0], abs=0.2)
    assert drawn.se[0, -1] > 1.15 * plain.se[0, -1]
    assert (drawn.df > 20).all()
    assert np.array_equal(drawn.value, reference_based(antidepressant(), inference="bayes", imputations=100).value)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_linear_jackknife_is_the_jackknife_without_fitting_again(strategy: str) -> None:
    exact, linear = (reference_based(antidepressant(), strategy=strategy, inference=i) for i in ("jackknife", "linear"))
    assert linear.value == pytest.approx(exact.value, abs=1e-9)
    assert linear.se == pytest.approx(exact.se, rel=5e-3)


@pytest.mark.parametrize("strategy", ["jr", "mar"])
def test_rubins_rules_in_closed_form_are_those_over_many_draws(strategy: str) -> None:
    drawn = reference_based(antidepressant(), strategy=strategy, inference="bayes", imputations=300)
    closed = reference_based(antidepressant(), strategy=strategy, inference="rubin")
    assert closed.se == pytest.approx(drawn.se, rel=0.02)
    assert closed.df == pytest.approx(drawn.df, rel=0.05)


def test_linear_standard_errors_say_how_far_estimates_vary() -> None:
    found = reference_based(simulated(400, dropout=0.1), inference="linear")
    assert found.se[:, 0, -1].mean() == pytest.approx(found.value[:, 0, -1].std(), rel=0.12)
    wide = reference_based(simulated(400, dropout=0.1), inference="rubin")
    assert wide.se[:, 0, -1].mean() > 1.15 * found.se[:, 0, -1].mean()


def test_people_count_as_stopped_where_it_is_said() -> None:
    data = antidepressant()
    visits = len(data.visits)
    never = reference_based(data, stopped=np.full(data.count, visits), inference="linear")
    assert never.value == pytest.approx(reference_based(data, strategy="mar", inference="linear").value)


def test_many_trials_are_each_alone_and_one_that_fails_is_nan() -> None:
    many = simulated(3, per_arm=20)
    outcomes = many.outcomes.copy()
    outcomes[1, many.arm == 1, 3] = np.nan
    found = analyse("reference-based", replace(many, outcomes=outcomes), inference="linear")
    assert np.isnan(found.value[1, 0])
    assert found.value[2] == pytest.approx(analyse("reference-based", many.trial(2), inference="linear").value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"strategy": "j2r"}, "no strategy of imputation is called 'j2r'"),
        ({"inference": "bayesian"}, "did you mean 'bayes'"),
        ({"inference": "linear", "covariance": "un1"}, "no covariance is called 'un1'"),
        ({"imputations": 1}, "at least two imputations"),
        ({"stopped": [1, 2]}, "must be a visit of each person"),
    ],
)
def test_options_that_say_nothing_are_refused(options: dict, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        reference_based(antidepressant(), **options)


def test_a_covariate_that_changes_by_visit_is_refused() -> None:
    with pytest.raises(ParameterError, match="change from visit to visit"):
        reference_based(replace(fev(), covariates={"WEIGHT": fev().outcomes * 0 + np.arange(4)}), covariance="cs")
