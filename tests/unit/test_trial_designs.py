"""Designs: sizes have the power asked for, the choice of a dose is allowed for, and what is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from afterglow.errors import ParameterError, ProtocolError
from afterglow.trial.designs.reestimation import blinded_sd, resized
from afterglow.trial.designs.scope import DESIGNS, OUT_OF_SCOPE, AnyDesign, read_design
from afterglow.trial.designs.selection import critical_value, largest_below, selected_above
from afterglow.trial.designs.sizes import (
    Wanted,
    events_for_hazard_ratio,
    power_of_means,
    power_of_proportions,
    size_for_means,
    size_for_odds_ratio,
    size_for_proportions,
)
from afterglow.trial.designs.survival_sizes import Calendar, size_by_events, size_by_hazards

COMPLETE: dict[str, dict[str, Any]] = {
    "blinded-re-estimation": {"difference": 4},
    "delayed-start": {"switch_day": 42, "end_day": 84},
    "randomised-withdrawal": {"day": 42, "end_day": 182},
    "early-against-late": {"early_until_day": 14, "late_from_day": 28, "late_until_day": 42, "end_day": 84},
}


@pytest.mark.parametrize("test", ["t", "normal"])
@pytest.mark.parametrize(("sided", "ratio", "difference"), [(1, 1.0, 4.0), (2, 2.0, -9.0)])
def test_a_size_of_means_has_its_power(test: Any, sided: int, ratio: float, difference: float) -> None:
    found = size_for_means(difference, 10, Wanted(power=0.85, alpha=0.05, sided=sided, ratio=ratio), test=test)
    assert found.active == pytest.approx(ratio * found.control)
    power = power_of_means(difference, 10, found.active, found.control, alpha=0.05, sided=sided, test=test)
    assert power == pytest.approx(0.85, abs=1e-6)


def test_a_size_of_shares_has_its_power_and_margins_mirror() -> None:
    found = size_for_proportions(0.5, 0.3, Wanted(power=0.8, ratio=2), margin=0.05)
    assert power_of_proportions(0.5, 0.3, found.active, found.control, margin=0.05) == pytest.approx(0.8)
    mirrored = size_for_proportions(0.5, 0.7, Wanted(power=0.8, ratio=2), margin=-0.05)
    assert mirrored.total == pytest.approx(found.total)


def test_more_recruitment_and_dropout_need_more_people_and_no_more_events() -> None:
    short, long = Calendar(recruitment=1, duration=12), Calendar(recruitment=10, duration=12, dropout=0.02)
    found = [size_by_events(0.1, 0.6, calendar) for calendar in (short, long)]
    assert found[0].events == found[1].events == pytest.approx(events_for_hazard_ratio(0.6))
    assert found[0].total < found[1].total
    difference = size_by_hazards(0.1, 0.06, short, scale="difference")
    assert difference.total == pytest.approx(size_by_hazards(0.1, 0.06, short).total, rel=0.1)


def test_chance_of_an_event_agrees_with_quadrature() -> None:
    calendar = Calendar(recruitment=4, duration=10, dropout=0.03)
    entry = (np.arange(40000) + 0.5) / 40000 * 4
    seen = 0.2 / 0.23 * (1 - np.exp(-0.23 * (10 - entry)))
    assert calendar.event_probability(0.2) == pytest.approx(seen.mean(), abs=1e-9)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: size_for_means(0, 10), "difference of zero"),
        (lambda: size_for_means(3, -1), "sd must be above 0"),
        (lambda: Wanted(power=1.0), "power must lie"),
        (lambda: power_of_means(3, 10, 1, 1), "more than two people"),
        (lambda: size_for_proportions(0.4, 0.4), "null hypothesis"),
        (lambda: size_for_proportions(1.2, 0.4), "a share must lie"),
        (lambda: size_for_odds_ratio(0.5, 0.5), "null hypothesis"),
        (lambda: events_for_hazard_ratio(1.0), "hazard ratio of one"),
        (lambda: Calendar(recruitment=5, duration=4), "end within the trial"),
        (lambda: size_by_hazards(0.1, -0.1, Calendar(recruitment=1, duration=4)), "hazard must be above 0"),
        (lambda: critical_value(0, 0.5), "1 to 10"),
        (lambda: critical_value(2, 1.0), "up to 0.95"),
        (lambda: resized(1, 10.0, 4.0), "at least two people"),
    ],
)
def test_an_impossible_size_gets_a_sentence(ask: Callable[[], object], says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        ask()


def test_the_value_after_a_choice_lies_between_no_choice_and_dunnett() -> None:
    """Dunnett's one-sided value for two doses and endless df is printed as 2.21 (dunnett1955, table 1b)."""
    values = [critical_value(2, t) for t in (0.001, 0.2, 0.5, 0.9)]
    assert values == sorted(values)
    assert values[0] == pytest.approx(1.96, abs=0.02)
    assert 1 - largest_below(2.2121, 2) == pytest.approx(0.025, abs=1e-5)
    assert values[-1] < 2.2121
    assert critical_value(1, 0.5) == pytest.approx(1.959964, abs=1e-6)


@pytest.mark.parametrize("other", [-8.0, -1.0, 0.0, 1.0, 4.0])
def test_a_dose_that_does_nothing_is_not_found_more_often_for_another_that_works(other: float) -> None:
    z = critical_value(2, 0.5)
    assert selected_above(z, 2, 0.5, means=[0.0, other])[0] < 0.025


def test_the_choice_of_a_dose_agrees_with_simulated_trials() -> None:
    trials, t, ratio = 200_000, 0.4, 2.0
    rng = np.random.default_rng(3)
    means, share = np.array([0.0, 1.0, 2.5]), np.sqrt(1 / (1 + ratio))
    first = np.sqrt(1 - share**2) * rng.standard_normal((trials, 3)) + share * rng.standard_normal((trials, 1))
    best = (first + means * np.sqrt(t)).argmax(axis=1)
    at_best = (first + means * np.sqrt(t)).max(axis=1)
    last = np.sqrt(t) * at_best + means[best] * (1 - t) + np.sqrt(1 - t) * rng.standard_normal(trials)
    simulated = [np.mean((last > 2.2) & (best == dose)) for dose in range(3)]
    assert selected_above(2.2, 3, t, ratio, means) == pytest.approx(simulated, abs=4e-3)


def test_the_blinded_sd_counts_the_difference_only_where_it_is_not_taken_out() -> None:
    rng = np.random.default_rng(1)
    active = np.arange(4000) % 2 == 0
    outcome = 10 * rng.standard_normal((3, 4000)) + np.where(active, -8.0, 0.0)
    outcome[:, ::7] = np.nan
    found = {name: blinded_sd(outcome, active, name, 8.0) for name in ("one-sample", "adjusted", "within-arm")}  # type: ignore[arg-type]
    assert found["one-sample"] == pytest.approx(np.nanstd(outcome, axis=1, ddof=1))
    assert found["one-sample"] == pytest.approx(np.sqrt(100 + 16), rel=0.04)
    assert found["adjusted"] == pytest.approx(10, rel=0.04)
    assert found["within-arm"] == pytest.approx(10, rel=0.04)
    assert np.isnan(blinded_sd([1.0, np.nan], [True, False]))
    with pytest.raises(ParameterError, match="take one-sample"):
        blinded_sd([1.0, 2.0, 1.0, 2.0], [True, False, True, False], "adjusted", 40.0)


def test_a_size_is_never_below_the_plan_nor_above_its_limit() -> None:
    found = resized(50, [5.0, 8.0, 10.0, 40.0, np.nan], 5.0, largest=1.8)
    exact = size_for_means(5.0, 8.0).whole[1]
    assert found.tolist() == [50, exact, 86, 90, 50]


def test_reestimation_keeps_the_error_of_the_t_test() -> None:
    """One-sample variance (kieser2003); 20,000 trials, so that three Monte-Carlo errors are 0.0034."""
    rng = np.random.default_rng(5)
    trials, planned = 20_000, 20
    outcome = rng.standard_normal((trials, 2, 40))
    early = outcome[:, :, :10].reshape(trials, -1)
    n = read_design({"kind": "blinded-re-estimation", "difference": 1.0}).size(
        planned, blinded_sd(early, np.arange(20) < 10)
    )
    assert n.min() == planned
    assert n.max() > planned
    counted = np.arange(40) < n[:, None, None]
    mean = (outcome * counted).sum(axis=2) / n[:, None]
    squares = (((outcome - mean[..., None]) * counted) ** 2).sum(axis=(1, 2))
    t = (mean[:, 0] - mean[:, 1]) / np.sqrt(squares / (2 * n - 2) * 2 / n)
    assert np.mean(t > 1.98) == pytest.approx(0.027, abs=0.0045)


@pytest.mark.parametrize("kind", DESIGNS)
def test_every_design_says_its_stages_and_comes_back_from_plain_data(kind: str) -> None:
    design = read_design({"kind": kind, **COMPLETE.get(kind, {})})
    again = TypeAdapter(AnyDesign).validate_python(design.model_dump())
    assert again == design
    found = design.boundaries(0.025, doses=3)
    assert len(found.upper) == len(design.looks)
    assert found.looks[-1].spent == pytest.approx(0.025, abs=1e-8)
    assert all(stage.randomised and stage.tested for stage in design.stages)
    assert not design.continuing(len(design.looks) - 1, [[0.0]]).any()


def test_a_design_says_who_goes_on() -> None:
    sequential = read_design({"kind": "pocock", "futility": [0.0]})
    assert sequential.continuing(0, [[1.0], [-0.5], [2.2]])[:, 0].tolist() == [True, False, False]
    choice = read_design("drop-the-loser")
    assert choice.continuing(0, [[1.0, 2.0], [3.0, -1.0]]).tolist() == [[False, True], [True, False]]
    assert choice.boundaries(0.025, doses=2).upper[0] == np.inf
    assert choice.boundaries(0.025, doses=3).upper[1] > choice.boundaries(0.025, doses=2).upper[1] > 2.1
    assert read_design("fixed").size(50, [3.0, 9.0]).tolist() == [50, 50]


def test_tests_in_a_fixed_order_reject_only_after_those_before() -> None:
    delayed = read_design({"kind": "delayed-start", "switch_day": 42, "end_day": 84})
    assert delayed.test_days == (42, 84)
    assert delayed.rejected([[3.0, 3.0], [3.0, 0.0], [0.0, 3.0]]).tolist() == [
        [True, True],
        [True, False],
        [False, False],
    ]
    assert read_design({"kind": "randomised withdrawal", "day": 42, "end_day": 182}).responders_from_day == 42


@pytest.mark.parametrize(
    "name", [*OUT_OF_SCOPE, "adaptive randomization", "Basket trial", "cross-over", "noninferiority"]
)
def test_a_design_out_of_scope_is_refused_by_name(name: str) -> None:
    with pytest.raises(ProtocolError, match="is out of scope; in scope are fixed, group-sequential"):
        read_design(name)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("pocok", "did you mean 'pocock'"),
        ({}, "needs a kind"),
        ({"kind": 3}, "needs a kind"),
        ("blinded-re-estimation", "'difference' is missing"),
        ({"kind": "pocock", "information": [0.5, 0.4, 1]}, "rising information"),
        ({"kind": "drop-the-loser", "fraction": 1.2}, "at most 0.95"),
        ({"kind": "delayed-start", "switch_day": 42, "end_day": 40}, "must follow switch_day"),
        ({"kind": "randomised-withdrawal", "day": 42, "end_day": 42}, "must follow the day"),
        ({**COMPLETE["early-against-late"], "kind": "early-against-late", "late_from_day": 7}, "before it begins"),
        ({"kind": "fixed", "looks": 3}, "looks"),
    ],
)
def test_an_impossible_design_gets_a_sentence(data: Any, says: str) -> None:
    with pytest.raises(ProtocolError, match=says):
        read_design(data)


def test_futility_may_be_one_statistic_and_anything_else_is_refused_in_words() -> None:
    one = read_design({"kind": "pocock", "futility": 0})
    assert one == read_design({"kind": "pocock", "futility": [0.0]})
    for odd in ({"below": 0}, ["low"], True):
        with pytest.raises(ProtocolError, match=r"futility: must be a spending function such as .* got") as caught:
            read_design({"kind": "pocock", "futility": odd})
        assert "constrained" not in str(caught.value)
