"""The fit on a model that is a straight line, where every answer is known in closed form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import chisquare, multivariate_normal, norm
from scipy.stats import t as student
from tests import protocols as plan

from afterglow.calibrate.fit import (
    Mode,
    Problem,
    departures,
    find_mode,
    halfway,
    likely_oddness,
    noise_of,
    slopes,
    whitener,
)
from afterglow.calibrate.free_parameters import FreeParameters
from afterglow.calibrate.likelihood import LEANING, Heterogeneity, trial_noise
from afterglow.calibrate.rivals import leave_one_out
from afterglow.calibrate.sample import Progress, Sample, sample_posterior
from afterglow.calibrate.targets import Target, Trial
from afterglow.posterior import ODDNESS
from afterglow.protocol import Protocol

FREE = FreeParameters(("session_gain", "spine_weight", "expectancy_weight"))
PSILOCYBIN = Protocol.made(plan.comp001())
SPREAD = Heterogeneity(study=0.3, points=0.15, share=0.05, arm=0.2, row=0.1, hope=0.5, medicine=0.4, therapy=0.6)
TRUTH = np.array([0.8, -0.7, 0.5])


def target(
    value: float = 0.0,
    *,
    arm: int = 0,
    versus: int = -1,
    day: float = 7.0,
    se: float = 1.0,
    unit: float = 10.0,
    kind: str = "change",
) -> Target:
    return Target(
        finding=SimpleNamespace(scale="MADRS", day=day, kind=kind, counts=""),  # type: ignore[arg-type]
        kind=kind,
        arm=arm,
        versus=versus,
        value=value,
        se=se,
        unit=unit,
    )


@dataclass(frozen=True)
class Straight(Problem):
    """A model whose numbers move along straight lines, by trial: with the parameters, and with the log of strengths.

    No trial is odd, unless it is asked for.
    """

    oddness: tuple[float, ...] = (1.0,)
    at: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    slope: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    lean: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    def predicted_at(
        self, points: NDArray[np.float64], others: Sequence[Mapping[str, float]] = ()
    ) -> NDArray[np.float64]:
        at, slope, lean = self.line()
        logs = [[np.log(more.get(name, 1.0)) for name in LEANING] for more in others or [{}] * len(points)]
        return np.asarray(at + points @ slope.T + np.array(logs) @ lean.T)

    def line(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Numbers at the prior's centre, and their slopes along parameters and along the log of strengths."""
        parts = [np.concatenate([by_trial[t.name] for t in self.trials]) for by_trial in (self.at, self.slope)]
        none = np.zeros((len(parts[0]), len(LEANING)))
        return parts[0], parts[1], np.concatenate([self.lean[t.name] for t in self.trials]) if self.lean else none

    def noise(self, spread: Heterogeneity) -> NDArray[np.float64]:
        """Covariance of all published numbers around the model."""
        lean = self.line()[2]
        found, first = np.zeros((len(lean), len(lean))), 0
        for trial in self.trials:
            own = slice(first, first := first + len(trial.targets))
            along = lean[own] * [spread.hope, spread.medicine, spread.therapy]
            found[own, own] = trial_noise(trial.targets, spread).at(1.0) + along @ along.T
        return found

    def posterior(self, spread: Heterogeneity) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and covariance of the parameters: Bayesian regression, whose prior is a standard normal."""
        at, slope, _ = self.line()
        precision = slope.T @ np.linalg.solve(self.noise(spread), slope) + np.eye(slope.shape[1])
        score = slope.T @ np.linalg.solve(self.noise(spread), self.published - at)
        return np.linalg.solve(precision, score), np.linalg.inv(precision)

    def mode(self, spread: Heterogeneity = SPREAD) -> Mode:
        """The mode at these departures, in closed form."""
        z, spread_of_z = self.posterior(spread)
        return Mode(z, self.predicted(z), *self.line()[1:], spread, np.ones(len(self.trials)), spread_of_z)


def straight(
    truth: NDArray[np.float64] = TRUTH, *, studies: int = 4, free: FreeParameters = FREE, seed: int = 1
) -> Straight:
    """Made-up trials of two arms with two visits each, their departures drawn."""
    rng = np.random.default_rng(seed)
    trials, at, slope, lean = [], {}, {}, {}
    rows = [target(arm=arm, day=day) for arm in (0, 1) for day in (7.0, 28.0)]
    for k in range(studies):
        name = f"s{k}"
        at[name], slope[name] = rng.normal(-10, 3, 4), rng.normal(0, 6, (4, len(free.names)))
        lean[name] = rng.normal(-3, 3, (4, len(LEANING)))
        noise = np.linalg.cholesky(trial_noise(rows, SPREAD, lean[name]).at(1.0)) @ rng.standard_normal(4)
        values = at[name] + slope[name] @ truth + noise
        trials.append(Trial(name, PSILOCYBIN, tuple(replace(r, value=v) for v, r in zip(values, rows, strict=True))))
    return Straight(tuple(trials), "window", free, at=at, slope=slope, lean=lean)


def test_what_numbers_of_one_study_share() -> None:
    """Of one day: sampling errors at 0.6 within an arm; SDs times 10 points for study, points, arm and row.

    Four fifths of a row's departure are those of its arm's course, and the rest is its own, twice in a difference.
    """
    rows = [
        target(),
        target(se=2.0),
        target(arm=1),
        target(arm=0, versus=1, se=2.0, kind="difference"),
        target(se=0.1, unit=-0.35, kind="share"),  # a higher score, fewer responders
        target(se=0.2, unit=0.0, kind="log_sd"),
    ]
    share = 0.1**2 + (0.14 + 0.05**2) * 0.35**2
    np.testing.assert_allclose(
        trial_noise(rows, SPREAD).at(1.0),
        [
            [17.25, 17.25, 11.25, 6.0, -0.543, 0],
            [17.25, 20.25, 11.25, 7.2, -0.603, 0],
            [11.25, 11.25, 17.25, -6.0, -0.315, 0],
            [6.0, 7.2, -6.0, 14.0, -0.288, 0],
            [-0.543, -0.603, -0.315, -0.288, share, 0],
            [0, 0, 0, 0, 0, 0.04],
        ],
    )


def test_rows_of_an_arm_share_the_less_the_further_apart_their_days_are() -> None:
    days = [0.0, 1.0, 7.0, 28.0]
    course = Heterogeneity(study=0.0, points=0.0, arm=0.0, row=0.1)
    found = trial_noise([target(day=day, se=0.0) for day in (*days, -3.0)], course).at(1.0)
    np.testing.assert_allclose(np.diag(found), 1.0)
    for k, day in enumerate(days):
        for other, later in enumerate(days[k + 1 :], start=k + 1):
            ratio = (1 + later) / (1 + day)
            assert found[k, other] == pytest.approx(0.8 * ratio ** (-1 / 0.7)), (day, later)
    np.testing.assert_allclose(found[4, :4], [0.8, *found[0, 1:4]], err_msg="days before the first dose are its day")
    apart = trial_noise([target(day=1, se=0.0), target(arm=1, day=1, se=0.0)], course).at(1.0)
    np.testing.assert_allclose(apart, np.eye(2))


def test_a_trial_departs_in_hope_medicine_and_therapy_along_its_lean() -> None:
    rows = [target(), target(arm=1), target(arm=0, versus=1, kind="difference")]
    lean = np.array([[-2.0, -6.0, -3.0], [-2.0, 0.0, -1.0], [0.0, -6.0, -2.0]])
    more = trial_noise(rows, SPREAD, lean).departure - trial_noise(rows, SPREAD).departure
    for j, row in enumerate(lean):
        for k, other in enumerate(lean):
            shared = 0.25 * row[0] * other[0] + 0.16 * row[1] * other[1] + 0.36 * row[2] * other[2]
            assert more[j, k] == pytest.approx(shared)
    assert LEANING == ("hope_strength", "medicine_strength", "therapy_strength")


def test_an_odd_trial_departs_more_and_is_sampled_as_any_other() -> None:
    rows = [target(), target(arm=1, se=2.0)]
    noise = trial_noise(rows, SPREAD)
    np.testing.assert_allclose(noise.sampling, [[1.0, 0.0], [0.0, 4.0]])
    np.testing.assert_allclose(noise.at(3.0), noise.sampling + 3 * noise.departure)
    gap = np.array([12.0, 9.0])
    each = [multivariate_normal(np.zeros(2), noise.at(k)).logpdf(gap) for k in (0.5, 4.0)]
    np.testing.assert_allclose(noise.log_densities(gap, (0.5, 4.0)), each)
    assert noise.log_density(gap, (0.5, 4.0)) == pytest.approx(np.log(np.mean(np.exp(each))))
    np.testing.assert_allclose(
        noise.log_density(np.stack([gap, gap], axis=1), (0.5, 4.0)), [np.log(np.mean(np.exp(each)))] * 2
    )
    share = np.exp(each[1]) / np.sum(np.exp(each))
    assert noise.likely(gap, (0.5, 4.0)) == pytest.approx(1 / (share / 4.0 + (1 - share) / 0.5))
    assert noise.likely(gap) > 1 > noise.likely(np.zeros(2))


def test_oddness_is_that_of_a_student_t() -> None:
    """Equally likely factors on the variance: a normal with them has the quantiles of a t with five degrees."""
    assert np.mean(1 / np.array(ODDNESS)) == pytest.approx(1.0, abs=0.02)
    for share in (0.75, 0.95):
        reached = np.mean(norm.cdf(student.ppf(share, 5), scale=np.sqrt(ODDNESS)))
        assert reached == pytest.approx(share, abs=0.005)


def test_a_trial_that_is_odd_weighs_less_in_the_fit() -> None:
    problem = replace(straight(studies=6), oddness=ODDNESS)
    far = problem.trials[0].only([replace(t, value=t.value - 40.0) for t in problem.trials[0].targets])
    odd = replace(problem, trials=(far, *problem.trials[1:]))
    modes = {name: find_mode(p, rounds=6) for name, p in {"robust": odd, "plain": replace(odd, oddness=(1.0,))}.items()}
    assert modes["robust"].oddness[0] > 3 > modes["robust"].oddness[1:].max()
    others = find_mode(replace(problem, trials=problem.trials[1:]), rounds=6)
    moved = {name: float(np.linalg.norm(mode.z - others.z)) for name, mode in modes.items()}
    assert moved["robust"] < 0.8 * moved["plain"]
    noise = noise_of(odd.trials, modes["robust"].spread, modes["robust"].lean)
    np.testing.assert_allclose(likely_oddness(odd, noise, modes["robust"].predicted), modes["robust"].oddness)


def test_whitened_residuals_are_independent() -> None:
    problem = straight()
    residual = np.random.default_rng(0).normal(size=len(problem.published))
    white = whitener([own.at(1.0) for own in noise_of(problem.trials, SPREAD, problem.line()[2])])
    expected = residual @ np.linalg.solve(problem.noise(SPREAD), residual)
    assert np.sum(white(residual) ** 2) == pytest.approx(expected)
    np.testing.assert_allclose(white(np.stack([residual, 2 * residual], axis=1))[:, 1], 2 * white(residual))


def test_slopes_are_those_of_the_line() -> None:
    problem = straight()
    z = np.array([0.3, -0.2, 0.1])
    slope, lean = slopes(problem, z, problem.predicted(z))
    np.testing.assert_allclose(slope, problem.line()[1], atol=1e-9)
    np.testing.assert_allclose(lean, problem.line()[2], atol=1e-9)


def test_the_mode_is_that_of_bayesian_regression() -> None:
    problem = straight()
    mode = find_mode(problem, rounds=9)
    z, spread_of_z = problem.posterior(mode.spread)
    np.testing.assert_allclose(mode.covariance, spread_of_z)
    np.testing.assert_allclose(mode.z, z, atol=5e-3)
    np.testing.assert_allclose(mode.predicted, problem.predicted(mode.z))
    np.testing.assert_allclose(mode.lean, problem.line()[2], atol=1e-9)
    np.testing.assert_allclose(mode.noise(problem.trials)[1], problem.noise(mode.spread)[4:8, 4:8])


def test_a_round_takes_departures_halfway() -> None:
    problem = straight()
    start = Heterogeneity(study=0.1, points=0.3, arm=0.4, row=0.1, hope=0.5, medicine=0.1, therapy=0.1)
    mode = find_mode(problem, spread=start, rounds=1)
    found = departures(problem, mode.z, mode.predicted, mode.slope, mode.lean, mode.oddness)
    np.testing.assert_allclose(np.square(astuple(mode.spread)), np.multiply(astuple(start), astuple(found)))
    assert halfway(Heterogeneity(study=0.1), Heterogeneity(study=0.4)).study == pytest.approx(0.2)


def test_a_parameter_stays_where_it_is_possible() -> None:
    free = FreeParameters(("window_learning", "session_gain"))
    problem = straight(np.array([-1.5, 0.0]), free=free)
    mode = find_mode(problem, rounds=4)
    assert mode.z[0] == pytest.approx(free.lower[0], abs=1e-3)
    assert free.values(mode.z)["window_learning"] == pytest.approx(0.0, abs=1e-3)


def test_departures_of_studies_are_told_from_those_of_rows() -> None:
    rng = np.random.default_rng(5)
    trials, at = [], {}
    for k in range(25):
        shared = 0.25 * 10 * rng.standard_normal()
        values = shared + 0.1 * 10 * rng.standard_normal(4)
        trials.append(Trial(f"s{k}", PSILOCYBIN, tuple(target(float(v), arm=j, se=0.1) for j, v in enumerate(values))))
        at[f"s{k}"] = np.zeros(4)
    problem = Straight(tuple(trials), "window", FREE, at=at, slope={name: np.zeros((4, 3)) for name in at})
    found = departures(problem, np.zeros(3), np.zeros(100), np.zeros((100, 3)), np.zeros((100, 3)), np.ones(25))
    assert np.hypot(found.study, found.points) == pytest.approx(0.22, rel=0.2), "a little nearer to what is assumed"
    assert np.hypot(found.arm, found.row) == pytest.approx(0.11, rel=0.2)
    assert (found.share, *astuple(found)[5:]) == pytest.approx((0.12, 0.3, 0.3, 0.3), rel=0.1), "unseen: as assumed"


@pytest.mark.parametrize(("which", "name"), list(enumerate(("hope", "medicine", "therapy"))))
def test_what_leans_from_trial_to_trial_is_found(which: int, name: str) -> None:
    rng = np.random.default_rng(which)
    lean = np.array([[-3.0, -8.0, -4.0], [-3.0, -5.0, 0.0], [-3.0, 0.0, -4.0], [-6.0, 0.0, 0.0]])
    logs = norm.ppf((np.arange(16) + 0.5) / 16)
    logs *= 0.6 / logs.std()
    trials, zero = [], {}
    for k, log in enumerate(logs):
        values = lean[:, which] * log + 0.1 * rng.standard_normal(4)
        trials.append(Trial(f"s{k}", PSILOCYBIN, tuple(target(v, arm=j, se=0.1) for j, v in enumerate(values))))
        zero[f"s{k}"] = np.zeros(4)
    none = {study: np.zeros((4, 3)) for study in zero}
    problem = Straight(tuple(trials), "window", FREE, at=zero, slope=none, lean=dict.fromkeys(zero, lean))
    found = departures(problem, np.zeros(3), np.zeros(64), *problem.line()[1:], np.ones(16))
    others = max(getattr(found, other) for other in ("hope", "medicine", "therapy") if other != name)
    assert others < 0.26 < 0.38 < getattr(found, name) < 0.6, "drawn from 0.3, which is assumed, towards 0.6"


def test_departures_make_the_published_most_probable_whatever_the_parameters() -> None:
    problem = straight()
    at, slope, lean = problem.line()
    usual = np.log(astuple(Heterogeneity()))

    def minus_log(log_spread: NDArray[np.float64]) -> float:
        noise = problem.noise(Heterogeneity(*np.exp(log_spread)))
        prior = 0.5 * np.sum(((log_spread - usual) / ([0.25] * 5 + [0.2] * 3)) ** 2)
        seen = multivariate_normal(np.zeros(len(at)), slope @ slope.T + noise).logpdf(problem.published - at)
        return float(prior - seen)

    best = minimize(minus_log, usual, method="BFGS").fun
    for z in (np.zeros(3), np.array([30.0, -30.0, 60.0])):
        found = departures(problem, z, problem.predicted(z), slope, lean, np.ones(len(problem.trials)))
        assert minus_log(np.log(astuple(found))) == pytest.approx(best, abs=0.03)


def test_a_study_is_foretold_by_the_others_alone() -> None:
    problem = straight()
    mode = find_mode(problem, rounds=2)
    at, slope, _ = problem.line()
    together = slope @ slope.T + problem.noise(mode.spread)  # before any study was seen, under a standard normal prior
    for k, found in enumerate(leave_one_out(problem, mode)):
        own = np.arange(4 * k, 4 * k + 4)
        rest = np.setdiff1d(np.arange(len(at)), own)
        turn = together[np.ix_(own, rest)] @ np.linalg.inv(together[np.ix_(rest, rest)])
        mean = at[own] + turn @ (problem.published - at)[rest]
        spread = together[np.ix_(own, own)] - turn @ together[np.ix_(rest, own)]
        assert found.study == f"s{k}"
        np.testing.assert_allclose(found.mean, mean, atol=1e-6)
        np.testing.assert_allclose(found.noise.at(1.0), spread, atol=1e-6)
        assert found.log_density == pytest.approx(multivariate_normal(mean, spread).logpdf(problem.published[own]))


def assert_drawn_from(sample: Sample, mean: NDArray[np.float64], sd: NDArray[np.float64]) -> None:
    """Fail unless draws have this mean and SD of each parameter, four Monte-Carlo errors wide."""
    n = len(sample.z)
    assert np.all(np.abs(sample.z.mean(axis=0) - mean) < 4 * sd / np.sqrt(n))
    assert np.all(np.abs(np.log(sample.z.std(axis=0) / sd)) < 4 / np.sqrt(2 * n))


def test_draws_of_a_straight_model_are_those_of_its_normal() -> None:
    problem = straight()
    mean, covariance_of_z = problem.posterior(SPREAD)
    told: list[Progress] = []
    sample = sample_posterior(problem, problem.mode(), 400, told=told.append)
    first = told[0]
    np.testing.assert_allclose(first.mean, mean, atol=1e-9)
    np.testing.assert_allclose(first.root @ first.root.T, covariance_of_z, atol=1e-9)
    assert (sample.steps, len(told)) == (1, 2), "the model says nothing beyond its line"
    assert sample.effective == pytest.approx(400), "all weigh the same"
    assert sample.accepted > 0.8
    assert_drawn_from(sample, mean, np.sqrt(np.diag(covariance_of_z)))
    np.testing.assert_allclose(sample.predicted, problem.predicted_at(sample.z))


def test_a_line_off_its_place_is_put_right_by_the_answers_of_the_model() -> None:
    problem = straight()
    mean, covariance_of_z = problem.posterior(SPREAD)
    sd = np.sqrt(np.diag(covariance_of_z))
    z = mean + 0.7 * sd
    mode = replace(problem.mode(), z=z, predicted=problem.predicted(z), covariance=16 * covariance_of_z)
    off = replace(mode, slope=0.5 * mode.slope)
    told: list[Progress] = []
    sample = sample_posterior(problem, off, 400, told=told.append)
    assert np.all(np.abs(told[0].mean - mean) < 0.2 * sd), "the average line is better than the wrong one"
    assert sample.pareto_k < 0.7
    assert_drawn_from(sample, mean, sd)


@dataclass(frozen=True)
class Curved(Straight):
    """The straight model, bent along its first parameter."""

    def predicted_at(
        self, points: NDArray[np.float64], others: Sequence[Mapping[str, float]] = ()
    ) -> NDArray[np.float64]:
        bend = 14.0 * np.sin(np.arange(len(self.published)))
        return np.asarray(super().predicted_at(points, others) + np.outer(points[:, 0] ** 2, bend))


def curved() -> Curved:
    plain = straight(studies=2, free=FreeParameters(("session_gain", "spine_weight")), truth=np.array([0.8, -0.7]))
    return Curved(plain.trials, "window", plain.free, at=plain.at, slope=plain.slope, lean=plain.lean)


def test_draws_of_a_curved_model_are_those_of_its_posterior() -> None:
    problem = curved()
    axis = np.linspace(-5, 5, 401)
    grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)

    def log_density(points: NDArray[np.float64]) -> NDArray[np.float64]:
        gap = problem.published - problem.predicted_at(points)
        misfit = np.sum(gap * np.linalg.solve(problem.noise(SPREAD), gap.T).T, axis=1)
        return np.asarray(-0.5 * misfit - 0.5 * np.sum(points**2, axis=1))

    exact = log_density(grid)
    density = np.exp(exact - exact.max())
    density /= density.sum()
    mean = density @ grid
    sd = np.sqrt(density @ (grid - mean) ** 2)
    z, f = np.zeros(2), problem.predicted(np.zeros(2))
    slope, lean = slopes(problem, z, f)
    start = Mode(z, f, slope, lean, SPREAD, np.ones(2), 4 * np.diag(sd**2))
    told: list[Progress] = []
    sample = sample_posterior(problem, start, 600, told=told.append)
    shares = [at.share for at in told]
    assert (shares[0], shares[-1]) == (0, 1)
    assert np.all(np.diff(shares) > 0)
    assert len(shares) == sample.steps + 1 > 2, "the curve is gone along in steps"
    far = np.abs(told[0].z.mean(axis=0) - mean) > 4 * sd / np.sqrt(600)
    assert far.any(), "its straight line alone would be wrong"
    assert sample.pareto_k < 0.7
    assert 200 < sample.effective <= 600
    assert_drawn_from(sample, mean, sd)
    usual = density @ exact
    error = np.sqrt(density @ (exact - usual) ** 2 / 600)
    assert log_density(sample.z).mean() == pytest.approx(usual, abs=4 * error), "they follow its bend, not a normal"


def test_draws_where_a_trial_may_be_odd_are_those_of_the_mixture() -> None:
    plain = straight(studies=2, free=FreeParameters(("session_gain", "spine_weight")), truth=np.array([0.8, -0.7]))
    far = plain.trials[0].only([replace(t, value=t.value - 25.0) for t in plain.trials[0].targets])
    problem = replace(plain, trials=(far, plain.trials[1]), oddness=(0.5, 6.0))
    axis = np.linspace(-4, 4, 161)
    grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    exact = -0.5 * np.sum(grid**2, axis=1)
    for trial, gap in zip(
        problem.trials, np.split(problem.published - problem.predicted_at(grid), [4], axis=1), strict=True
    ):
        noise = trial_noise(trial.targets, SPREAD, problem.lean[trial.name])
        each = [multivariate_normal(np.zeros(4), noise.at(k)).logpdf(gap) for k in problem.oddness]
        exact += np.logaddexp(*each)
    density = np.exp(exact - exact.max())
    density /= density.sum()
    mean = density @ grid
    sd = np.sqrt(density @ (grid - mean) ** 2)
    sample = sample_posterior(problem, replace(plain.mode(), oddness=np.array([6.0, 2.0])), 600)
    assert_drawn_from(sample, mean, sd)
    assert np.abs(plain.mode().z - mean).max() > 4 * sd.max() / np.sqrt(600), "no normal would have done"


def test_draws_that_were_interrupted_go_on_where_they_were() -> None:
    problem = curved()
    mode = find_mode(problem, rounds=2)
    told: list[Progress] = []
    whole = sample_posterior(problem, mode, 60, told=told.append)
    for k, begun in enumerate(told):
        more: list[Progress] = []
        again = sample_posterior(problem, mode, 60, begun=begun, told=more.append)
        assert [at.step for at in more] == [at.step for at in told[k + 1 :]], "told only what is new"
        np.testing.assert_array_equal(again.z, whole.z)
        np.testing.assert_array_equal(again.predicted, whole.predicted)
        assert replace(again, z=whole.z, predicted=whole.predicted) == whole


def test_ranks_of_the_truth_among_draws_are_uniform() -> None:
    rng, ranks = np.random.default_rng(11), []
    for k in range(60):
        truth = rng.standard_normal(3)
        problem = straight(truth, studies=2, seed=k)
        sample = sample_posterior(problem, problem.mode(), 40)
        ranks += (sample.z < truth).mean(axis=0).tolist()
    counts, _ = np.histogram(ranks, bins=6, range=(0, 1.0000001))
    assert chisquare(counts).pvalue > 0.01, counts
