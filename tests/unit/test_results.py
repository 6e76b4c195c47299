"""What is read off a run: weighted means, intervals that keep to what is possible, and differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm
from tests import protocols as plan

from afterglow import Protocol, Result, simulate
from afterglow.cohort import Draw
from afterglow.results.contrasts import gap_of, separation
from afterglow.results.mixture import LOGIT_PER_SD, Z90, Mixture, weighted_quantiles
from afterglow.results.people import some_people
from afterglow.results.windows import open_shares
from afterglow.runs.fall import PARTS, fall_of
from afterglow.simulate.part import Counts
from afterglow.simulate.run import Run


def draws(count: int, **more: object) -> tuple[Draw, ...]:
    return tuple(Draw(weight=1 / count, **more) for _ in range(count))  # type: ignore[arg-type]


# Mixtures


def test_a_mean_over_draws_is_the_weighted_answer() -> None:
    mixed = (Draw(rival="window", weight=0.75), Draw(rival="drug_only", weight=0.25))
    values = np.array([[-12.0, 1.0], [0.0, 5.0]])
    np.testing.assert_allclose(Mixture(mixed).mean(values), [-9.0, 2.0])
    np.testing.assert_allclose(Mixture(mixed, "drug_only").mean(values), [0.0, 5.0])
    np.testing.assert_allclose(Mixture(mixed).mean([np.nan, 4.0]), 4.0)


def test_an_interval_of_one_draw_is_that_of_its_departures() -> None:
    low, high = Mixture(draws(1)).interval(np.array([-5.0]), 2.0)
    assert (low, high) == pytest.approx((-5 - 2 * Z90, -5 + 2 * Z90), abs=0.15)
    low, high = Mixture(draws(1)).interval(np.array([58.0]), 4.0, low=0.0, high=60.0)
    assert high == 60.0
    assert 50 < low < 53


def test_an_interval_holds_draws_and_departures_together() -> None:
    values = 3.0 * norm.ppf((np.arange(400) + 0.5) / 400)
    low, high = Mixture(draws(400)).interval(values, 4.0)
    assert (low, high) == pytest.approx((-5 * Z90, 5 * Z90), rel=0.03)


def test_two_explanations_far_apart_leave_both_inside() -> None:
    mixed = (*(Draw(weight=0.35) for _ in range(2)), *(Draw(rival="drug_only", weight=0.15) for _ in range(2)))
    low, high = Mixture(mixed).interval(np.array([-11.0, -11.2, 0.0, 0.1]), 0.2)
    assert low < -11
    assert high > 0


def test_what_is_zero_in_every_draw_has_an_interval_of_zero() -> None:
    assert [float(end) for end in Mixture(draws(8)).interval(np.zeros(8), 0.0)] == [0.0, 0.0]


def test_unknown_values_are_left_out_of_an_interval() -> None:
    low, high = Mixture(draws(4)).interval(np.array([2.0, np.nan, 4.0, np.nan]))
    assert 2.0 <= low < high <= 4.0
    assert np.isnan(Mixture(draws(2)).interval(np.array([np.nan, np.nan]))[0])


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 1.0])
def test_the_interval_of_a_share_stays_between_none_and_all(share: float) -> None:
    low, high = Mixture(draws(16)).share_interval(np.full(16, share), 0.5, 200)
    assert 0 < low < high < 1
    middle = (share * 200 + 0.5) / 201
    odds = np.log(middle / (1 - middle))
    assert low == pytest.approx(1 / (1 + np.exp(-(odds - Z90 * 0.5 * LOGIT_PER_SD))), rel=0.06)


def test_the_interval_of_a_rare_share_holds_it() -> None:
    shares = np.where(np.arange(16) == 0, 1 / 64, 0.0)
    low, high = Mixture(draws(16)).share_interval(shares, 0.01, 64)
    assert low == pytest.approx(shares.mean()), "half a person in each draw would be eight in a thousand at least"
    assert high > 1 / 64


def test_parts_of_the_cohort_do_not_widen_an_interval() -> None:
    mixed = tuple(Draw(weight=1 / 64, replicate=k % 4) for k in range(64))
    own = norm.ppf((np.arange(64) * 37 % 64 + 0.5) / 64)
    people = np.array([5.0, -5.0, 9.0, -9.0])[np.arange(64) % 4]
    plain, parted = (Mixture(mixed).interval(values) for values in (own, own + people))
    assert plain[1] - plain[0] == pytest.approx(2 * Z90, rel=0.1)
    np.testing.assert_allclose(parted, plain, atol=0.25)
    alone = Mixture(tuple(replace(d, replicate=0) for d in mixed)).interval(own + people)
    assert alone[1] - alone[0] > 15


def test_parts_that_differ_by_chance_alone_do_not_narrow_an_interval() -> None:
    random = np.random.default_rng(1)
    own = random.normal(size=(64, 200))
    alone, parted = (
        Mixture(tuple(Draw(weight=1 / 64, replicate=k % parts) for k in range(64))).interval(own) for parts in (1, 8)
    )
    width = [float(np.mean(high - low)) for low, high in (alone, parted)]
    assert width[1] == pytest.approx(width[0], rel=0.03), "all that parts seem to explain would be six in a hundred"


def test_a_difference_between_explanations_is_no_difference_between_parts() -> None:
    rivals = ("window", "drug_only")
    mixed = tuple(Draw(rival=rivals[k % 2], weight=1 / 32, replicate=k // 2 % 4) for k in range(32))
    values = np.where([d.rival == "window" for d in mixed], -10.0, 0.0)
    np.testing.assert_allclose(Mixture(mixed).interval(values), (-10.0, 0.0), atol=1e-9)


def test_counts_give_the_spread() -> None:
    scores = np.array([3, 3, 7, 20, 41, 60])
    none = np.zeros((1, 1), np.int64)
    counts = Counts(none, none, np.bincount(scores, minlength=61)[None, None], none, none, none, none)
    assert counts.sd[0, 0] == pytest.approx(scores.std(ddof=1))


def test_quantiles_count_people_by_the_weight_of_their_draw() -> None:
    values = np.array([[1.0, 2.0, 3.0], [10.0, 11.0, 12.0]])
    assert weighted_quantiles(values, np.array([0.9, 0.1]), [0.5])[0] < 3
    assert weighted_quantiles(values, np.array([0.1, 0.9]), [0.5])[0] > 10
    assert np.isnan(weighted_quantiles(np.full((2, 2), np.nan), np.ones(2), [0.5])).all()


# Tables of a run


@pytest.fixture(scope="module")
def result() -> Result:
    return simulate(Protocol.made(plan.comp001()), participants=256, draws=32)


def score(result: Result, arm: str, day: float) -> dict[str, float]:
    return next(r for r in result.rows["scores"] if r["arm"] == arm and r["day"] == day)


def contrast(result: Result, arm: str, versus: str, day: float) -> dict[str, float]:
    rows = result.rows["contrasts"]
    return next(r for r in rows if (r["arm"], r["versus"], r["day"]) == (arm, versus, day))


def observed(run: Run, arm: int) -> np.ndarray:
    return run.scores["MADRS"].observed[:, arm].astype(float)


def test_scores_are_those_of_the_people(result: Result) -> None:
    run, row = result.run, score(result, "psilocybin_25", 21)
    day = list(run.visits["MADRS"][0]).index(21)
    every, expected = observed(run, 0), run.scores["MADRS"].expected[:, 0].astype(float)
    weights = np.array([d.weight for d in run.draws])
    assert row["mean"] == pytest.approx(weights @ expected[..., day].mean(axis=1), abs=1e-4)
    assert row["mean"] == pytest.approx(weights @ every[..., day].mean(axis=1), abs=2.5)
    assert row["change_mean"] == pytest.approx(weights @ (expected[..., day] - expected[..., 0]).mean(axis=1), abs=1e-4)
    fell = (every[..., day] <= every[..., 0] / 2).mean(axis=1)
    assert row["response"] == pytest.approx(weights @ fell, abs=1e-6)
    assert row["remission"] == pytest.approx(weights @ (every[..., day] <= 10).mean(axis=1), abs=1e-6)
    assert row["q05"] <= np.quantile(every[..., day], 0.06)
    assert row["q95"] >= np.quantile(every[..., day], 0.94)


def test_the_width_of_a_band_is_that_of_draws_and_departures(result: Result) -> None:
    row = score(result, "psilocybin_25", 365)
    day = list(result.run.visits["MADRS"][0]).index(84)
    means = result.run.counts["MADRS"][0].mean[:, day]
    departed = np.mean([d.mean_apart for d in result.run.draws]) * row["sd"]
    parts = np.array([d.replicate for d in result.run.draws])
    within = np.array([means[k] - means[parts == parts[k]].mean() for k in range(len(means))])
    expected = 2 * Z90 * np.hypot(departed, within.std())
    assert row["mean_high"] - row["mean_low"] == pytest.approx(expected, rel=0.12)
    assert row["change_mean_high"] - row["change_mean_low"] == pytest.approx(expected, rel=0.15)


def test_the_first_rating_has_no_departure(result: Result) -> None:
    first = score(result, "psilocybin_25", float(result.run.visits["MADRS"][0, 0]))
    later = score(result, "psilocybin_25", 7)
    assert first["mean_high"] - first["mean_low"] < 0.25 * (later["mean_high"] - later["mean_low"])  # hope alone
    assert (first["response"], first["response_low"], first["response_high"]) == (0, 0, 0)


def test_the_same_people_differ_by_nothing_until_something_differs() -> None:
    sessions = [*plan.prepared(), plan.sit(0), plan.session(30)]
    arm = {"doses": [plan.psilocybin()], "sessions": sessions}
    result = simulate(Protocol.made(plan.protocol(plan.DEPRESSION, [-30, 4, 7, 28, 60], arm=arm)), draws=16)
    for day in (4.0, 7.0):  # a course goes on to a week after what is last in it
        row = contrast(result, "arm", "arm|no integration", day)
        assert (row["mean_difference"], row["credible_low"], row["credible_high"], row["mc_error"]) == (0, 0, 0, 0)
        assert np.isnan(row["probability_lower"])
    for day in (28.0, 60.0):  # by hope alone while the course of one goes on, then by what its session taught as well
        row = contrast(result, "arm", "arm|no integration", day)
        assert row["credible_low"] < row["mean_difference"] < 0


def test_arms_a_little_apart_depart_a_little() -> None:
    apart = np.array([0.0, 0.25, 0.5, 4.0])[None, None] * np.array([-1.0, 1.0])[None, :, None]
    np.testing.assert_allclose(separation(apart, np.ones((1, 4))), [[0, 0.5, 1, 1]])


def test_a_difference_is_as_wide_as_trials_differ(result: Result) -> None:
    row = contrast(result, "psilocybin_25", "psilocybin_1", 21)
    assert row["mean_difference"] == pytest.approx(
        score(result, "psilocybin_25", 21)["mean"] - score(result, "psilocybin_1", 21)["mean"]
    )
    departed = np.mean([d.difference_apart for d in result.run.draws]) * score(result, "psilocybin_25", 21)["sd"]
    assert row["credible_high"] - row["credible_low"] > 2 * Z90 * departed * 0.85


def test_the_probability_of_a_lower_mean_fits_the_interval(result: Result) -> None:
    run, row = result.run, contrast(result, "psilocybin_25", "psilocybin_1", 21)
    day = list(run.visits["MADRS"][0]).index(21)
    gap = gap_of(run, "MADRS", run.places["psilocybin_25"], run.places["psilocybin_1"])
    half = (row["credible_high"] - row["credible_low"]) / 2 / Z90
    assert row["probability_lower"] == pytest.approx(norm.cdf(-row["mean_difference"] / half), abs=0.06)
    low, high = (
        result.mixture.probability_below_zero(gap.difference - row[end], gap.departed)[day]
        for end in ("credible_low", "credible_high")
    )
    assert (low, high) == (pytest.approx(0.05, abs=0.01), pytest.approx(0.95, abs=0.01))
    sure = np.array([-1.0, 0.0, 1.0])[None].repeat(len(run.draws), axis=0)
    np.testing.assert_allclose(result.mixture.probability_below_zero(sure, 0.0), [1, 0.5, 0])


def test_each_explanation_alone_mixes_to_the_answer(result: Result) -> None:
    weights = {e.rival: e.weight for e in result.run.spec.explanations}
    mixed = sum(w * score(result.by_rival[r], "psilocybin_25", 84)["mean"] for r, w in weights.items())
    assert mixed == pytest.approx(score(result, "psilocybin_25", 84)["mean"])
    twin = "psilocybin_25|no integration"
    gains = {r: contrast(result.by_rival[r], "psilocybin_25", twin, 84)["mean_difference"] for r in weights}
    assert abs(gains["drug_only"]) < 1 < abs(gains["window"])
    answer = contrast(result, "psilocybin_25", twin, 84)
    assert answer["credible_low"] < gains["window"] < gains["drug_only"] < answer["credible_high"]


def test_an_explanation_alone_is_the_run_of_it_alone(result: Result) -> None:
    count = sum(d.rival == "window" for d in result.run.draws)
    alone = simulate(result.protocol, participants=256, draws=count, rival="window")
    one, other = (score(r, "psilocybin_25", 84) for r in (alone, result.by_rival["window"]))
    assert one["mean"] == pytest.approx(other["mean"], abs=3 * np.hypot(one["mc_error"], other["mc_error"]))


def test_no_window_closes_before_its_dose(result: Result) -> None:
    row = next(r for r in result.rows["windows"] if r["arm"] == "psilocybin_25")
    order = ("dose_day", "open_from_day_median_low", "open_from_day_median", "closes_day_median_low")
    assert [row[name] for name in order] == sorted(row[name] for name in order)
    assert row["closes_day_median_low"] < row["closes_day_median"] < row["closes_day_median_high"]
    short = plan.protocol(plan.RESISTANT, [-1, 7], k={"doses": [plan.ketamine(0, 0.15), plan.ketamine(3, 0.15)]})
    for row in simulate(Protocol.made(short), draws=16).rows["windows"]:
        known = [row[f"{what}_median_low"] for what in ("open_from_day", "closes_day")]
        assert all(day >= row["dose_day"] for day in known if day == day)


def test_the_monte_carlo_error_is_that_of_other_people() -> None:
    spec = Protocol.made(plan.protocol(plan.RESISTANT, [-1, 7], k={"doses": [plan.ketamine(0)]}))
    found = [score(simulate(spec, draws=8, seed=seed, twins=False), "k", 7) for seed in range(12)]
    spread = np.std([row["mean"] for row in found], ddof=1)
    assert 0.35 < spread / np.mean([row["mc_error"] for row in found]) < 1.6


def test_lines_run_through_the_ratings(result: Result) -> None:
    course = result.course("MADRS", "psilocybin_25")
    assert course is not None
    for day in (7.0, 21.0, 84.0):
        row = score(result, "psilocybin_25", day)
        at = int(np.argmin(np.abs(course.days - day)))
        assert course.mean[at] == pytest.approx(row["mean"], abs=1e-4)
        assert course.low[at] < course.median[at] < course.high[at]
    assert result.course("window", "psilocybin_25").mean.max() > 0.3
    assert result.course("nothing", "psilocybin_25") is None
    assert result.course("MADRS", "nobody") is None


def test_the_band_of_a_line_is_that_of_the_visits_and_begins_with_what_is_done(result: Result) -> None:
    course, band = result.course("MADRS", "psilocybin_25"), result.band("MADRS", "psilocybin_25")
    assert course is not None
    assert band is not None
    for day in (7.0, 21.0, 84.0):
        row = score(result, "psilocybin_25", day)
        at = int(np.argmin(np.abs(course.days - day)))
        assert (band[0][at], band[1][at]) == pytest.approx((row["mean_low"], row["mean_high"]), abs=1e-3)
    width = band[1] - band[0]
    assert width[course.days <= 0].max() < 0.5 * width[course.days >= 1].min()
    assert result.band("MADRS", "nobody") is None


def test_the_share_of_open_windows_is_half_where_the_median_opens_and_closes(result: Result) -> None:
    shares = open_shares(result.run, result.mixture, result.run.places["psilocybin_25"])
    days = result.run.times
    row = next(r for r in result.rows["windows"] if r["arm"] == "psilocybin_25")
    opened, closed = (row[f"{what}_median"] for what in ("open_from_day", "closes_day"))
    assert (shares[days < 0] == 0).all()
    assert (shares[(days > opened) & (days < closed)] >= 0.5).all()
    assert (shares[days > closed + 1] < 0.5).all()


def test_some_people_stand_for_all(result: Result) -> None:
    row = score(result, "psilocybin_25", 365)
    found = some_people(result.run, result.mixture, "MADRS", result.run.places["psilocybin_25"], 200, row["response"])
    assert sum(person.responds for person in found) == round(200 * row["response"])
    assert np.mean([person.score for person in found]) == pytest.approx(row["mean"], abs=1.0)
    assert np.std([person.score for person in found]) == pytest.approx(row["sd"], rel=0.15)
    assert max(p.score for p in found if p.responds) < max(p.score for p in found if not p.responds)


def test_the_parts_of_a_fall_sum_to_it_and_nothing_given_falls_by_nature_alone() -> None:
    given = {"doses": [plan.psilocybin()], "sessions": [plan.sit(0), plan.session(1), plan.session(7)]}
    arms = {"whole": given, "dose": {"doses": [plan.psilocybin()], "sessions": [plan.sit(0)]}, "none": {}}
    asked = Protocol.made(plan.protocol(plan.RESISTANT, [-1, 7, 28], **arms))
    done = simulate(asked, participants=64, draws=8, twins=False, store=False)
    whole, dose, none = (fall_of(done, arm) for arm in arms)
    for fall in (whole, dose, none):
        np.testing.assert_allclose(sum(fall.parts.values()), fall.whole, atol=1e-9)
        assert list(fall.parts) == list(PARTS)
        np.testing.assert_allclose(fall.parts["practice"], 0.0, atol=1e-9)
    at = int(np.argmin(np.abs(whole.days - 7)))
    course = done.course("MADRS", "whole")
    assert course is not None
    assert whole.whole[at] == pytest.approx(course.mean[0] - course.mean[at])
    assert whole.parts["medicine"][at] > 2
    assert whole.parts["therapy"][at] > 0.2
    assert dose.parts["therapy"][at] == pytest.approx(0.0, abs=1e-9)
    for part in ("therapy", "medicine", "hope"):
        np.testing.assert_allclose(none.parts[part], 0.0, atol=1e-9)
    # With the same people and draws, nothing given is the same course whatever was asked before.
    np.testing.assert_allclose(whole.parts["natural"], none.parts["natural"], atol=0.05)
