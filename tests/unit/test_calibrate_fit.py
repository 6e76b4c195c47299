"""The fit on a model that is a straight line, where every answer is known in closed form."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import multivariate_normal
from tests import protocols as plan

from afterglow.calibrate.fit import Mode, Problem, departures, find_mode, jacobian, may_touch, whitener
from afterglow.calibrate.free_parameters import FreeParameters
from afterglow.calibrate.likelihood import Heterogeneity, covariance
from afterglow.calibrate.rivals import leave_one_out
from afterglow.calibrate.sample import Sample, importance, resample
from afterglow.calibrate.targets import Target, Trial
from afterglow.protocol import Protocol

FREE = FreeParameters(("session_gain", "spine_weight", "expectancy_weight"))
PSILOCYBIN = Protocol.made(plan.comp001())
SPREAD = Heterogeneity(0.3, 0.2, 0.1)


def target(
    value: float = 0.0, *, arm: int = 0, versus: int = -1, se: float = 1.0, unit: float = 10.0, kind: str = "change"
) -> Target:
    return Target(
        finding=SimpleNamespace(scale="MADRS"),  # type: ignore[arg-type]
        kind=kind,
        arm=arm,
        versus=versus,
        value=value,
        se=se,
        unit=unit,
    )


@dataclass(frozen=True)
class Straight(Problem):
    """A model whose numbers move along straight lines, by trial: at the prior's centre, and by parameter."""

    at: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    slope: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    def predicted(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.concatenate([self.at[trial.name] + self.slope[trial.name] @ z for trial in self.trials])

    def line(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Numbers at the prior's centre, slopes, and what was published less the former."""
        at = np.concatenate([self.at[t.name] for t in self.trials])
        return at, np.concatenate([self.slope[t.name] for t in self.trials]), self.published - at


def straight(truth: NDArray[np.float64], *, studies: int = 4, free: FreeParameters = FREE, seed: int = 1) -> Straight:
    """Made-up trials of two arms with two visits each, their departures drawn."""
    rng = np.random.default_rng(seed)
    trials, at, slope = [], {}, {}
    for k in range(studies):
        name, rows = f"s{k}", [target(arm=arm) for arm in (0, 0, 1, 1)]
        at[name], slope[name] = rng.normal(-10, 3, 4), rng.normal(0, 6, (4, len(free.names)))
        noise = np.linalg.cholesky(covariance(rows, SPREAD)) @ rng.standard_normal(4)
        values = at[name] + slope[name] @ truth + noise
        trials.append(
            Trial(name, PSILOCYBIN, tuple(target(v, arm=row.arm) for v, row in zip(values, rows, strict=True)))
        )
    return Straight(tuple(trials), "window", free, at=at, slope=slope)


def block_covariance(problem: Problem, spread: Heterogeneity) -> NDArray[np.float64]:
    found = np.zeros((len(problem.published), len(problem.published)))
    first = 0
    for trial in problem.trials:
        last = first + len(trial.targets)
        found[first:last, first:last] = covariance(trial.targets, spread)
        first = last
    return found


def test_what_numbers_of_one_study_share() -> None:
    """Sampling errors correlate at 0.6 within an arm; SDs of 0.3, 0.2 and 0.1 times 10 points for study, arm, row."""
    rows = [
        target(),
        target(se=2.0),
        target(arm=1),
        target(arm=0, versus=1, se=2.0, kind="difference"),
        target(se=0.1, unit=-0.35, kind="share"),  # a higher score, fewer responders
        target(se=0.2, unit=0.0, kind="log_sd"),
    ]
    share = 0.1**2 + 0.14 * 0.35**2
    np.testing.assert_allclose(
        covariance(rows, SPREAD),
        [
            [15.0, 14.2, 9.0, 5.2, -0.515, 0],
            [14.2, 18.0, 9.0, 6.4, -0.575, 0],
            [9.0, 9.0, 15.0, -5.2, -0.315, 0],
            [5.2, 6.4, -5.2, 13.0, -0.26, 0],
            [-0.515, -0.575, -0.315, -0.26, share, 0],
            [0, 0, 0, 0, 0, 0.04],
        ],
    )


def test_whitened_residuals_are_independent() -> None:
    problem = straight(np.zeros(3))
    residual = np.random.default_rng(0).normal(size=len(problem.published))
    white = whitener(problem.trials, SPREAD)
    expected = residual @ np.linalg.solve(block_covariance(problem, SPREAD), residual)
    assert np.sum(white(residual) ** 2) == pytest.approx(expected)
    np.testing.assert_allclose(white(np.stack([residual, 2 * residual], axis=1))[:, 1], 2 * white(residual))


def test_slopes_are_those_of_the_line() -> None:
    problem = straight(np.zeros(3))
    z = np.array([0.3, -0.2, 0.1])
    np.testing.assert_allclose(jacobian(problem, z, problem.predicted(z)), problem.line()[1], atol=1e-9)


def test_a_parameter_moves_only_the_trials_that_it_may_touch() -> None:
    problem = straight(np.zeros(2), free=FreeParameters(("session_gain", "signal_gain_ketamine")))
    slope = jacobian(problem, np.zeros(2), problem.predicted(np.zeros(2)))
    np.testing.assert_allclose(slope[:, 0], problem.line()[1][:, 0], atol=1e-9)
    np.testing.assert_array_equal(slope[:, 1], 0.0)


@pytest.mark.parametrize(
    ("name", "touches"),
    [
        ("session_gain", True),
        ("signal_gain_psilocybin", True),
        ("excitation_half", True),
        ("signal_gain_ketamine", False),
        ("release_half", False),
        ("hope_per_preparation_hour", True),
        ("psychotherapy_gain", False),
    ],
)
def test_a_parameter_needs_its_medicine_or_its_kind_of_session(name: str, touches: bool) -> None:
    assert may_touch(name, PSILOCYBIN) is touches


def test_the_mode_is_that_of_bayesian_regression() -> None:
    problem = straight(np.array([0.8, -0.7, 0.5]))
    mode = find_mode(problem, rounds=3)
    _, slope, seen = problem.line()
    precision = slope.T @ np.linalg.solve(block_covariance(problem, mode.spread), slope) + np.eye(3)
    score = slope.T @ np.linalg.solve(block_covariance(problem, mode.spread), seen)
    np.testing.assert_allclose(mode.covariance, np.linalg.inv(precision))
    np.testing.assert_allclose(mode.z, np.linalg.solve(precision, score), atol=2e-3)
    np.testing.assert_allclose(mode.predicted, problem.predicted(mode.z))


def test_a_parameter_stays_where_it_is_possible() -> None:
    free = FreeParameters(("window_learning", "session_gain"))
    problem = straight(np.array([-1.5, 0.0]), free=free)
    mode = find_mode(problem, rounds=3)
    assert mode.z[0] == pytest.approx(free.lower[0], abs=1e-3)
    assert free.values(mode.z)["window_learning"] == pytest.approx(0.0, abs=1e-3)


def test_departures_of_studies_are_told_from_those_of_rows() -> None:
    rng = np.random.default_rng(5)
    trials, at = [], {}
    for k in range(25):
        shared = 0.8 * 10 * rng.standard_normal()
        values = shared + 0.1 * 10 * rng.standard_normal(4)
        trials.append(Trial(f"s{k}", PSILOCYBIN, tuple(target(float(v), arm=j, se=0.1) for j, v in enumerate(values))))
        at[f"s{k}"] = np.zeros(4)
    problem = Straight(tuple(trials), "window", FREE, at=at, slope={name: np.zeros((4, 3)) for name in at})
    found = departures(problem, np.zeros(3), np.zeros(100), np.zeros((100, 3)))
    assert found.study == pytest.approx(0.8, rel=0.25)
    assert np.hypot(found.arm, found.row) == pytest.approx(0.1, rel=0.25)


def test_departures_make_the_published_most_probable_whatever_the_parameters() -> None:
    problem = straight(np.array([0.8, -0.7, 0.5]))
    at, slope, seen = problem.line()

    def minus_log(log_spread: NDArray[np.float64]) -> float:
        noise = block_covariance(problem, Heterogeneity(*np.exp(log_spread)))
        prior = 0.5 * np.sum((log_spread - np.log(0.2)) ** 2)
        return float(prior - multivariate_normal(np.zeros(len(at)), slope @ slope.T + noise).logpdf(seen))

    best = minimize(minus_log, np.log([0.25, 0.2, 0.15]), method="Nelder-Mead").fun
    for z in (np.zeros(3), np.array([30.0, -30.0, 60.0])):
        found = departures(problem, z, problem.predicted(z), slope)
        assert minus_log(np.log([found.study, found.arm, found.row])) == pytest.approx(best, abs=0.01)


def test_a_study_is_foretold_by_the_others_alone() -> None:
    problem = straight(np.array([0.8, -0.7, 0.5]))
    mode = find_mode(problem, rounds=2)
    at, slope, _ = problem.line()
    noise = block_covariance(problem, mode.spread)
    together = slope @ slope.T + noise  # before any study was seen, every parameter being standard normal
    for k, found in enumerate(leave_one_out(problem, mode)):
        own = np.arange(4 * k, 4 * k + 4)
        rest = np.setdiff1d(np.arange(len(at)), own)
        turn = together[np.ix_(own, rest)] @ np.linalg.inv(together[np.ix_(rest, rest)])
        mean = at[own] + turn @ (problem.published - at)[rest]
        spread = together[np.ix_(own, own)] - turn @ together[np.ix_(rest, own)]
        assert found.study == f"s{k}"
        np.testing.assert_allclose(found.mean, mean, atol=1e-6)
        np.testing.assert_allclose(found.covariance, spread, atol=1e-6)
        assert found.log_density == pytest.approx(multivariate_normal(mean, spread).logpdf(problem.published[own]))


def test_draws_of_a_straight_model_are_those_of_its_normal() -> None:
    problem = straight(np.array([0.8, -0.7, 0.5]))
    mode = find_mode(problem, rounds=2)
    sample = importance(problem, mode, 200)
    weight = np.exp(sample.log_weight)
    assert weight.sum() == pytest.approx(1.0)
    assert sample.pareto_k < 0.5
    assert 180 < sample.effective <= 200
    sd = np.sqrt(np.diag(mode.covariance))
    np.testing.assert_allclose(weight @ sample.z, mode.z, atol=0.1 * sd.max())
    np.testing.assert_allclose(np.sqrt(weight @ (sample.z - weight @ sample.z) ** 2), sd, rtol=0.15)


def test_a_proposal_off_its_place_and_too_wide_is_put_right_by_the_weights() -> None:
    problem = straight(np.array([0.8, -0.7, 0.5]))
    true = find_mode(problem, rounds=2)
    sd = np.sqrt(np.diag(true.covariance))
    z = true.z + 0.7 * sd
    off = Mode(z, problem.predicted(z), 0.5 * true.slope, true.spread, 16 * true.covariance)
    sample = importance(problem, off, 400)
    weight = np.exp(sample.log_weight)
    assert sample.effective > 100, "the average lines propose better than the wrong slope does"
    assert np.all(np.abs(weight @ sample.z - true.z) < 0.2 * sd)
    np.testing.assert_allclose(np.sqrt(weight @ (sample.z - weight @ sample.z) ** 2), sd, rtol=0.15)


def test_draws_are_taken_as_often_as_they_weigh() -> None:
    weight = np.array([0.5, 0.25, 0.125, 0.125, 0.0])
    with np.errstate(divide="ignore"):
        sample = Sample(np.zeros((5, 1)), np.zeros((5, 1)), np.log(weight), 0.0, 5.0)
    np.testing.assert_array_equal(np.bincount(resample(sample, 80, seed=3), minlength=5), 80 * weight)
