"""MCP-Mod: what holds whatever the data, many trials at once, and what is said to a mistake."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import dunnett, multivariate_t, norm, t

from afterglow.errors import ParameterError
from afterglow.trial.analysis.data import TrialData
from afterglow.trial.analysis.mcpmod import (
    SHAPES,
    contrast_power,
    contrast_test,
    fit_shape,
    mcpmod,
    shape,
    usual_shapes,
)
from afterglow.trial.analysis.mcpmod.largest import chance_below, critical_value

DOSES = [0.0, 1.0, 10.0, 25.0]
TRUE = {"linear": (), "quadratic": (-0.02,), "emax": (4.0,), "exponential": (12.0,), "logistic": (10.0, 3.0)}


def trials(count: int, people: int, effect: float, seed: int = 1) -> TrialData:
    """Trials of four arms at two visits; scores fall with the dose."""
    rng = np.random.default_rng(seed)
    arm = np.repeat(np.arange(4), people)
    baseline = rng.normal(30, 4, (count, 4 * people))
    gain = effect * np.array(DOSES)[arm] / DOSES[-1]
    outcomes = (baseline - gain)[..., None] + rng.normal(0, 6, (count, 4 * people, 2))
    return TrialData(
        arm=arm, arms=["placebo", "1 mg", "10 mg", "25 mg"], visits=["w1", "w6"], outcomes=outcomes, baseline=baseline
    )


def test_one_statistic_is_students() -> None:
    one = np.ones((1, 1))
    assert chance_below(1.7, one, 9) == pytest.approx(t.cdf(1.7, 9), abs=1e-6)
    assert chance_below(1.7, np.ones((3, 3)), means=0.4) == pytest.approx(norm.cdf(1.3), abs=1e-6)
    assert critical_value(0.025, one, 9) == pytest.approx(t.ppf(0.975, 9), abs=1e-5)


def test_independent_statistics_multiply() -> None:
    assert chance_below(2.0, np.eye(3)) == pytest.approx(norm.cdf(2.0) ** 3, abs=1e-4)
    assert chance_below(-0.5, np.eye(2), 20) == pytest.approx(
        multivariate_t(shape=np.eye(2), df=20).cdf([-0.5, -0.5]), abs=1e-3
    )
    shifted = chance_below(2.0, np.eye(2), means=[0.5, -3.0])
    assert shifted == pytest.approx(norm.cdf(1.5) * norm.cdf(5.0), abs=3e-4)


def test_equal_correlation_agrees_with_dunnett() -> None:
    """scipy's Dunnett, whose p is that of the largest of statistics with correlation one half."""
    rng = np.random.default_rng(4)
    groups = [rng.normal(shift, 1, 12) for shift in (0, 0.9, 0.4, 0.2)]
    theirs = dunnett(*groups[1:], control=groups[0], alternative="greater", random_state=rng)
    correlation = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    own = [1 - chance_below(float(z), correlation, 44) if z > 0 else None for z in theirs.statistic]
    assert own == pytest.approx(theirs.pvalue, abs=1e-3)


@pytest.mark.parametrize("kind", TRUE)
def test_a_curve_without_noise_is_found_again(kind: str) -> None:
    doses = [0.0, 2.0, 5.0, 10.0, 15.0, 25.0]
    true = shape(kind, *TRUE[kind])
    means = true.means(doses, 0.0, 8.0)
    found = fit_shape(kind, doses, means[1:] - means[0], np.eye(5) + 1)
    assert found.shape.parameters == pytest.approx(TRUE[kind], rel=2e-3)
    assert found.misfit == pytest.approx(0, abs=1e-6)
    assert found.at(doses) == pytest.approx(means, abs=2e-3)
    dose = found.dose_for(4.0)
    assert dose is not None
    assert true.means([0.0, dose, 25.0], 0.0, 8.0)[1] == pytest.approx(4.0, abs=5e-3)


def test_many_trials_are_each_alone_and_reject_as_often_as_the_power_says() -> None:
    data = trials(400, 20, 6.0)
    shapes = usual_shapes(DOSES)
    found = mcpmod(data, doses=DOSES, shapes=shapes)
    assert found.fits == ()
    first = TrialData(
        arm=data.arm, arms=data.arms, visits=data.visits, outcomes=data.outcomes[0], baseline=data.baseline[0]
    )  # type: ignore[index]
    alone = mcpmod(first, doses=DOSES, shapes=shapes)
    assert alone.test.statistic == pytest.approx(found.test.statistic[0])
    assert alone.test.p == pytest.approx(found.test.p[0], rel=0.05, abs=1e-9)
    gain = np.array(DOSES) / DOSES[-1] * 6.0
    assert found.test.rejected.mean() == pytest.approx(contrast_power(DOSES, gain, 20, 6.0, shapes), abs=0.06)
    assert ((found.test.p < 0.025).any(axis=1) == found.test.rejected).mean() > 0.99


def test_no_dose_response_is_found_as_often_as_alpha_says() -> None:
    """2,000 trials: three Monte-Carlo errors are 0.010."""
    found = mcpmod(trials(2000, 12, 0.0), doses=DOSES, alpha=0.025)
    assert found.test.rejected.mean() == pytest.approx(0.025, abs=0.0105)


def test_arms_may_stand_in_any_order_and_a_mixed_model_will_do() -> None:
    data = trials(1, 25, 8.0, seed=3)
    first = TrialData(
        arm=data.arm, arms=data.arms, visits=data.visits, outcomes=data.outcomes[0], baseline=data.baseline[0]
    )  # type: ignore[index]
    turned = TrialData(
        arm=np.array([0, 3, 2, 1])[first.arm],
        arms=["placebo", "25 mg", "10 mg", "1 mg"],
        visits=first.visits,
        outcomes=first.outcomes,
        baseline=first.baseline,
    )
    one, other = mcpmod(first, doses=DOSES), mcpmod(turned, doses=[0.0, 25.0, 10.0, 1.0])
    assert other.test.statistic == pytest.approx(one.test.statistic)
    assert other.doses == one.doses == tuple(DOSES)
    assert one.fits[0].at([25.0])[0] == pytest.approx(one.gains[-1], abs=2.5)
    assert one.dose_for(3.0, averaged=True) == pytest.approx(one.dose_for(3.0), rel=0.9)
    mixed = mcpmod(first, doses=DOSES, model="mmrm")
    assert mixed.test.statistic == pytest.approx(one.test.statistic, rel=0.2)


def test_a_falling_outcome_is_no_rise() -> None:
    data = trials(1, 25, 8.0, seed=3)
    worse = mcpmod(data, doses=DOSES, lower=False)
    assert not worse.test.rejected.any()
    assert worse.dose_for(1.0) is None


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: shape("emaks", 1), "did you mean 'emax'"),
        (lambda: shape("emax"), "needs ed50"),
        (lambda: shape("linear 3"), "has no parameter"),
        (lambda: shape("emax five"), "are numbers"),
        (lambda: shape("emax -1"), "above 0"),
        (lambda: shape("quadratic", 0), "say linear"),
        (lambda: contrast_test([0, 1], [1.0], [[1.0]], [shape("linear")]), "three doses or more"),
        (lambda: contrast_test([0, 2, 1], [1.0, 2.0], np.eye(2), [shape("linear")]), "doses must rise"),
        (lambda: contrast_test([0, 1, 2], [1.0, 2.0], np.eye(2), []), "needs a candidate"),
        (lambda: contrast_test([0, 1, 2], [1.0, 2.0], np.ones((2, 2)), [shape("linear")]), "cannot be inverted"),
        (lambda: contrast_test([0, 1, 2], [1.0], np.eye(2), [shape("linear")]), "2 differences"),
        (lambda: contrast_test([0, 1, 2], [1.0, 2.0], np.eye(2), [shape("linear")], alpha=1.0), "alpha must lie"),
        (lambda: fit_shape("sigmoid-emax", [0, 1, 2], [1.0, 2.0], np.eye(2)), "cannot carry the 3 parameters"),
        (lambda: fit_shape("linear", [0, 1, 2], [1.0, 2.0], np.eye(2)).dose_for(0), "above 0"),
        (lambda: mcpmod(trials(1, 5, 1.0), doses=[0, 1]), "2 doses of 4 arms"),
        (lambda: mcpmod(trials(1, 5, 1.0), doses=DOSES, model="t-test"), "come from ancova or mmrm"),
    ],
)
def test_a_mistake_gets_a_sentence(ask: Callable[[], object], says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        ask()


def test_every_shape_rises_from_its_start() -> None:
    for kind in SHAPES:
        given = {"sigmoid-emax": (5.0, 2.0)} | TRUE
        means = shape(kind, *given[kind]).means(DOSES, 10.0, 4.0)
        assert means[0] == 10
        assert means.max() == pytest.approx(14, abs=0.3)
