"""Responders and factorial trials: who responds, strata, many trials at once, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import chi2, chi2_contingency
from tests.trials import fev, simulated

from afterglow.errors import ParameterError
from afterglow.trial.analysis import EFFECTS, TrialData, analyse, factorial, responders, responses
from afterglow.trial.analysis.responders import cmh, restricted_shares, risk_difference


def test_a_responder_has_fallen_by_the_share_and_to_the_largest_score() -> None:
    data = TrialData([0, 0, 1, 1], ["a", "b"], ["end"], [[10.0], [15.0], [5.0], [np.nan]], [20.0, 20.0, 20.0, 20.0])
    assert responses(data, fall=0.5).tolist() == [1, 0, 1, 0]
    assert responses(data, fall=0.5, at_most=7).tolist() == [0, 0, 1, 0]
    assert np.isnan(responses(data, fall=0.5, missing="left out")[3])
    found = responders(data, fall=0.5, missing="left out")
    assert found.value == pytest.approx([0.5])


def test_without_strata_the_p_value_is_that_of_one_stratum_and_nearly_pearsons() -> None:
    table = np.array([[48, 32], [56, 14]])
    found = risk_difference(table[:, 0], table.sum(axis=1))
    assert found.p == pytest.approx(cmh(table[None, :, 0], table.sum(axis=1)[None]).p)
    assert found.p == pytest.approx(chi2.sf(chi2_contingency(table, correction=False).statistic * 149 / 150, 1))
    assert found.value == pytest.approx(56 / 70 - 48 / 80)


@pytest.mark.parametrize("delta", [-0.3, -0.05, 0.1, 0.5])
def test_restricted_shares_are_the_likeliest_of_that_difference(delta: float) -> None:
    x, n = np.array([7.0, 13.0]), np.array([31.0, 22.0])

    def worse(second: float) -> float:
        p = np.array([second - delta, second])
        return -float((x * np.log(p) + (n - x) * np.log(1 - p)).sum())

    low, high = max(0.0, delta) + 1e-9, min(1.0, 1.0 + delta) - 1e-9
    best = minimize_scalar(worse, bounds=(low, high), method="bounded", options={"xatol": 1e-9}).x
    second, first = restricted_shares(x, n, np.array(delta))
    assert (second, second - first) == pytest.approx((best, delta), abs=1e-5)


def test_one_stratum_is_the_difference_itself_and_empty_strata_change_nothing() -> None:
    x, n = np.array([[10, 18]]), np.array([[40, 44]])
    alone = cmh(x, n)
    assert alone.value == pytest.approx(18 / 44 - 10 / 40)
    with_empty = cmh(np.concatenate([x, [[0, 0]]]), np.concatenate([n, [[0, 0]]]))
    for field in ("value", "se", "p"):
        assert getattr(with_empty, field) == pytest.approx(getattr(alone, field))
    plain = risk_difference(x[0], n[0])
    assert alone.se == pytest.approx(plain.se, rel=1e-3)
    assert cmh(x[:, ::-1], n[:, ::-1]).se == pytest.approx(alone.se)


def test_strata_are_the_levels_of_covariates_together() -> None:
    data = replace(fev("RACE", "SEX"), outcomes=(fev().outcomes > 42).astype(float))
    found = responders(data, strata=["RACE", "SEX"])
    keys = [f"{race}{sex}" for race, sex in zip(data.covariates["RACE"], data.covariates["SEX"], strict=True)]
    one = responders(replace(data, covariates={"both": np.array(keys)}), strata=["both"])
    assert found.value == pytest.approx(one.value)
    assert found.p == pytest.approx(one.p)


def test_many_trials_are_counted_at_once_and_one_in_twenty_rejects() -> None:
    many = simulated(800, seed=3)
    found = analyse("responders", many, fall=0.2)
    first = replace(many, outcomes=many.outcomes[0], baseline=many.baseline[0])
    assert found.at(0).p == pytest.approx(analyse("responders", first, fall=0.2).p)
    assert np.mean(found.p < 0.05) == pytest.approx(0.05, abs=0.025)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "the outcome holds scores; say by how much a responder's falls"),
        ({"fall": 0.5}, "counted from the baseline, and the data hold none"),
        ({"fall": 50}, "a share of the baseline, above 0 and at most 1, got 50"),
        ({"at_most": 40, "missing": "locf"}, "'nonresponse' or 'left out'"),
        ({"at_most": 40, "strata": ["SITE"]}, "no covariate is called 'SITE'"),
        ({"at_most": 40, "visit": "VIS9"}, "no visit is called 'VIS9'"),
        ({"at_most": 40, "interval": "newcomb"}, "did you mean 'newcombe'"),
    ],
)
def test_what_says_nobody_or_nothing_is_refused(options: dict, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        responders(fev(), **options)


def four_arms(seed: int = 5) -> TrialData:
    rng = np.random.default_rng(seed)
    arm = np.tile([0, 1, 2, 3], 40)
    means = np.array([20.0, 17.0, 18.0, 12.0])[arm]
    outcomes = means[:, None] + rng.normal(0, 3, (160, 1)) + rng.normal(0, 3, (160, 3))
    return TrialData(arm, ["neither", "drug", "therapy", "both"], ["1", "2", "3"], outcomes)


@pytest.mark.parametrize("model", ["mmrm", "ancova"])
def test_main_effects_and_interaction_are_contrasts_of_the_four_means(model: str) -> None:
    data = four_arms()
    neither, drug, therapy, both = (data.outcomes[data.arm == k, -1].mean() for k in range(4))
    found = factorial(data, model=model)
    expected = [
        (drug - neither + both - therapy) / 2,
        (therapy - neither + both - drug) / 2,
        both - drug - therapy + neither,
    ]
    assert found.value == pytest.approx(expected)
    assert found.se[2] == pytest.approx(2 * found.se[0])  # equal cells: four times the variance
    assert found.df == pytest.approx(156, rel=1e-4)
    assert len(EFFECTS) == 3


def test_arms_in_another_order_need_their_cells() -> None:
    data = four_arms().against("both")
    found = factorial(data, cells=[(1, 1), (0, 0), (1, 0), (0, 1)])
    assert found.value == pytest.approx(factorial(four_arms()).value)


def test_a_factorial_of_two_arms_is_refused() -> None:
    with pytest.raises(ParameterError, match="a 2 x 2 factorial needs four arms"):
        factorial(fev())
