"""What designs with looks do: power, expected size, conditional power, assurance and estimates after stopping."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from afterglow.errors import ParameterError
from afterglow.trial.designs.assurance import (
    NormalPrior,
    assurance,
    assurance_after_look,
    assurance_over_draws,
    assurance_past_look,
)
from afterglow.trial.designs.boundaries import Boundaries, boundaries
from afterglow.trial.designs.characteristics import characteristics, conditional_power, predictive_power
from afterglow.trial.designs.estimates import adjusted_estimate, repeated_interval

PRIOR, SE = NormalPrior(mean=33, sd=16), 140 / math.sqrt(230)


@pytest.fixture(scope="module")
def design() -> Boundaries:
    return boundaries("obrien-fleming", information=[0.4, 0.7, 1], power=0.9, futility=[-0.2, 0.6])


def simulated(design: Boundaries, drift: float, trials: int = 400_000) -> np.ndarray:
    """Statistics at each look, (trials, looks)."""
    t = np.array(design.information)
    steps = np.diff(t, prepend=0.0)
    drawn = drift * steps + np.sqrt(steps) * np.random.default_rng(1).standard_normal((trials, len(t)))
    return np.asarray(drawn.cumsum(axis=1) / np.sqrt(t))


def test_stops_and_power_agree_with_simulated_trials(design: Boundaries) -> None:
    z, found = simulated(design, 2.5), characteristics(design, 2.5)
    above, below = z >= design.upper, z <= design.futility
    first = np.argmax(np.concatenate([(above | below)[:, :2], np.ones((len(z), 1), bool)], axis=1), axis=1)
    won = above[np.arange(len(z)), first]
    assert [np.mean(won & (first == k)) for k in range(3)] == pytest.approx(found.stops_for_efficacy, abs=3e-3)
    assert [np.mean(first == k) for k in range(3)] == pytest.approx(found.stops, abs=3e-3)
    assert won.mean() == pytest.approx(found.power, abs=3e-3)
    assert np.array(design.information)[first].mean() == pytest.approx(found.expected_information, abs=2e-3)


def test_the_design_has_the_power_asked_for_and_keeps_alpha(design: Boundaries) -> None:
    assert design.drift is not None
    assert characteristics(design, design.drift).power == pytest.approx(0.9, abs=1e-8)
    assert characteristics(design, 0.0).power < 0.025
    assert sum(characteristics(design, 0.0).stops) == pytest.approx(1)


def test_conditional_power_agrees_with_simulated_trials(design: Boundaries) -> None:
    t1, t2, t3 = design.information
    rng = np.random.default_rng(2)
    score = 1.0 * math.sqrt(t1) + 3.0 * (t2 - t1) + math.sqrt(t2 - t1) * rng.standard_normal(400_000)
    second = score / math.sqrt(t2)
    last = score + 3.0 * (t3 - t2) + math.sqrt(t3 - t2) * rng.standard_normal(400_000)
    going_on = (second < design.upper[1]) & (second > design.futility[1])
    won = (second >= design.upper[1]) | (going_on & (last >= design.upper[2]))
    assert conditional_power(design, 1, 1.0, 3.0) == pytest.approx(won.mean(), abs=3e-3)
    assert conditional_power(design, 1, 1.0) == pytest.approx(conditional_power(design, 1, 1.0, 1 / math.sqrt(t1)))


def test_predictive_power_without_looks_left_has_its_closed_form() -> None:
    """With a flat prior and one look left it is Φ((z - c √t) / √(1 - t)) (spiegelhalter1986)."""
    found = boundaries("obrien-fleming", information=[0.6, 1])
    expected = (1.5 - found.upper[1] * math.sqrt(0.6)) / math.sqrt(0.4)
    assert predictive_power(found, 1, 1.5) == pytest.approx(0.5 * math.erfc(-expected / math.sqrt(2)), abs=1e-6)
    sure = predictive_power(found, 1, 1.5, prior_mean=2.0, prior_sd=1e-6)
    assert sure == pytest.approx(conditional_power(found, 1, 1.5, 2.0), abs=1e-6)


def test_assurance_with_looks_is_power_averaged_over_the_prior(design: Boundaries) -> None:
    one = boundaries("pocock", 1)
    assert assurance(PRIOR, SE, looks=one) == pytest.approx(assurance(PRIOR, SE), abs=1e-9)
    draws = np.random.default_rng(3).normal(33, 16, 1500)
    drawn = assurance_over_draws(draws, SE, looks=design)
    assert drawn.value == pytest.approx(assurance(PRIOR, SE, looks=design), abs=4 * drawn.se)
    assert assurance(NormalPrior(mean=33, sd=0), SE, looks=design) == pytest.approx(
        characteristics(design, 33 / SE).power
    )


def test_draws_may_be_weighted() -> None:
    found = assurance_over_draws([0.0, 30.0], 10.0, weights=[3.0, 1.0])
    assert found.value == pytest.approx(0.75 * 0.025 + 0.25 * 0.5 * math.erfc((1.959964 - 3) / math.sqrt(2)), abs=1e-6)
    assert assurance_over_draws([5.0], 10.0).se == 0


def test_passing_a_look_raises_assurance_and_a_good_look_more(design: Boundaries) -> None:
    before, past = assurance(PRIOR, SE, looks=design), assurance_past_look(design, 1, PRIOR, SE)
    assert before < past < assurance_past_look(design, 2, PRIOR, SE) < 1
    poor, good = (assurance_after_look(design, 1, z, PRIOR, SE) for z in (0.2, 2.5))
    assert poor < past < good


def test_assurance_before_a_look_is_the_mean_of_that_after_it() -> None:
    """By the law of total probability, over statistics at the look that the prior makes likely."""
    found = boundaries("lan-demets-obrien-fleming", information=[0.5, 1])
    z, t = np.linspace(-8, 14, 221), 0.5
    sd = math.hypot(1, PRIOR.sd / SE * math.sqrt(t))
    density = np.exp(-(((z - PRIOR.mean / SE * math.sqrt(t)) / sd) ** 2) / 2)
    after = [1.0 if s >= found.upper[0] else assurance_after_look(found, 1, float(s), PRIOR, SE) for s in z]
    assert density @ np.array(after) / density.sum() == pytest.approx(assurance(PRIOR, SE, looks=found), abs=2e-3)


def test_p_at_the_boundary_is_what_was_spent() -> None:
    found = boundaries("obrien-fleming", 3)
    for look in found.looks:
        assert adjusted_estimate(found, look.look, look.z, 1.0).p == pytest.approx(look.spent, abs=1e-9)
        low, high = repeated_interval(found, look.look, look.z, 1.0)
        assert low == pytest.approx(0)
        assert high == pytest.approx(2 * look.z)


def test_limits_are_those_at_which_what_was_seen_is_rare() -> None:
    found = boundaries("pocock", 3)
    said = adjusted_estimate(found, 2, 2.6 * 0.5, 0.5)
    unit = 0.5 * math.sqrt(2 / 3)
    for effect, chance in ((said.low, 0.025), (said.median_unbiased, 0.5), (said.high, 0.975)):
        z = simulated(found, effect / unit)
        assert np.mean((z[:, 0] >= found.upper[0]) | (z[:, 1] >= 2.6)) == pytest.approx(chance, abs=3e-3)
    assert said.low < said.median_unbiased < said.value < said.high


def test_without_looks_the_estimate_is_the_usual_one() -> None:
    said = adjusted_estimate(boundaries("pocock", 1), 1, 3.0, 2.0)
    assert (said.median_unbiased, said.low, said.high) == pytest.approx((3.0, 3 - 3.919928, 3 + 3.919928), abs=1e-6)


def test_two_sides_mirror() -> None:
    found = boundaries("obrien-fleming", 3, 0.05, sided=2)
    up, down = (adjusted_estimate(found, 2, z, 1.0) for z in (2.6, -2.6))
    assert (down.low, down.median_unbiased, down.high) == pytest.approx(
        (-up.high, -up.median_unbiased, -up.low), abs=1e-7
    )
    assert up.p + down.p == pytest.approx(1)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda d: conditional_power(d, 3, 1.0), "1 to 2, got 3"),
        (lambda d: conditional_power(d, 1, math.nan), "must be a number"),
        (lambda d: predictive_power(d, 1, 1.0, prior_sd=0), "above 0"),
        (lambda d: characteristics(d, math.inf), "must be a number"),
        (lambda d: assurance(PRIOR, 0.0), "above 0"),
        (lambda d: assurance(PRIOR, 1.0, alpha=1.0), "alpha must lie"),
        (lambda d: NormalPrior(mean=1, sd=-1), "0 or more"),
        (lambda d: assurance_over_draws([], 1.0), "needs draws"),
        (lambda d: assurance_over_draws([1.0, math.nan], 1.0), "each a number"),
        (lambda d: assurance_over_draws([1.0], -1.0), "above 0"),
        (lambda d: assurance_over_draws([1.0], 1.0, weights=[0.0]), "one weight"),
        (lambda d: assurance_after_look(d, 1, 1.0, NormalPrior(mean=1, sd=0), 1.0), "conditional_power"),
        (lambda d: assurance_past_look(d, 0, PRIOR, SE), "1 to 2, got 0"),
        (lambda d: adjusted_estimate(d, 4, 1.0, 1.0), "1 to 3, got 4"),
        (lambda d: repeated_interval(d, 1, 1.0, 0.0), "standard error above 0"),
    ],
)
def test_a_mistake_gets_a_sentence(ask: Callable[[Boundaries], object], says: str, design: Boundaries) -> None:
    with pytest.raises(ParameterError, match=says):
        ask(design)
