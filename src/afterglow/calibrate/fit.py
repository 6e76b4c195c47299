"""From published numbers to parameters with their uncertainty: mode, departures of trials, Laplace's normal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.optimize import least_squares, minimize

from afterglow.calibrate.free_parameters import FreeParameters
from afterglow.calibrate.likelihood import LEANING, Heterogeneity, Sharing, covariance
from afterglow.calibrate.predict import PEOPLE, predict_at_draws
from afterglow.calibrate.targets import Trial, values_of
from afterglow.cohort import Draw
from afterglow.runs.execute import Executor

__all__ = ["Mode", "Problem", "find_mode", "slopes"]

_STEP = 0.15
"""Step of a difference quotient, in SDs of the prior: wide enough to pass over kinks."""


@dataclass(frozen=True)
class Problem:
    """What is fitted to what.

    Parameters
    ----------
    trials : tuple of Trial
    rival : str
    free : FreeParameters
    people : int
        Per arm.
    seed : int
    executor : Executor, optional
        What predicts; by default threads.
    """

    trials: tuple[Trial, ...]
    rival: str
    free: FreeParameters
    people: int = PEOPLE
    seed: int = 1
    executor: Executor | None = field(default=None, repr=False, compare=False)

    @property
    def published(self) -> NDArray[np.float64]:
        """Every published number, (targets,)."""
        return np.concatenate([values_of(trial.targets) for trial in self.trials])

    def predicted(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the model's numbers at a point of the plane, (targets,)."""
        return np.asarray(self.predicted_at(z[None])[0])

    def predicted_at(
        self, points: NDArray[np.float64], others: Sequence[Mapping[str, float]] = ()
    ) -> NDArray[np.float64]:
        """Return the model's numbers at many points of the plane, (points, targets).

        Parameters
        ----------
        points : array (points, free)
        others : sequence of mapping, optional
            By point, values of parameters that are not free.
        """
        draws = [
            Draw(rival=self.rival, typical={**self.free.values(z), **more})
            for z, more in zip(points, others or [{}] * len(points), strict=True)
        ]
        return predict_at_draws(self.trials, draws, people=self.people, seed=self.seed, executor=self.executor)


@dataclass(frozen=True)
class Mode:
    """The most probable point, and the straight line through it.

    Parameters
    ----------
    z : array (free,)
    predicted : array (targets,)
    slope : array (targets, free)
    lean : array (targets, 3)
        Slope along the log of each parameter that departs from trial to trial; see `likelihood.LEANING`.
    spread : Heterogeneity
    covariance : array (free, free)
        Of the posterior, by Laplace.
    """

    z: NDArray[np.float64]
    predicted: NDArray[np.float64]
    slope: NDArray[np.float64]
    lean: NDArray[np.float64]
    spread: Heterogeneity
    covariance: NDArray[np.float64]

    def noise(self, trials: Sequence[Trial]) -> list[NDArray[np.float64]]:
        """Return the covariance of each trial's published numbers around the model, (targets, targets) each."""
        return noise_of(trials, self.spread, self.lean)


def noise_of(trials: Sequence[Trial], spread: Heterogeneity, lean: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return the covariance of each trial's published numbers around the model, (targets, targets) each."""
    parts = np.split(lean, np.cumsum([len(trial.targets) for trial in trials])[:-1])
    return [covariance(trial.targets, spread, part) for trial, part in zip(trials, parts, strict=True)]


def whitener(noise: Sequence[NDArray[np.float64]]) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Return the map that makes residuals, (targets,) or (targets, k), independent with variance one.

    Parameters
    ----------
    noise : sequence of array (targets, targets)
        Covariance of each trial's numbers.
    """
    factors = [np.linalg.cholesky(own) for own in noise]
    edges = np.cumsum([0, *(len(own) for own in noise)])

    def white(rows: NDArray[np.float64]) -> NDArray[np.float64]:
        parts = [
            solve_triangular(f, rows[a:b], lower=True) for f, a, b in zip(factors, edges[:-1], edges[1:], strict=True)
        ]
        return np.concatenate(parts)

    return white


def slopes(
    problem: Problem, z: NDArray[np.float64], at: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the slope of every predicted number by differences with the same people.

    Returns
    -------
    tuple of array (targets, free), array (targets, 3)
        Along each free parameter, in SDs of its prior, and along the log of each of `likelihood.LEANING`.
    """
    free = len(z)
    points = np.concatenate([z + _STEP * np.eye(free), np.repeat(z[None], len(LEANING), axis=0)])
    others: list[dict[str, float]] = [{}] * free + [{name: float(np.exp(_STEP))} for name in LEANING]
    found = ((problem.predicted_at(points, others) - at) / _STEP).T
    return found[:, :free], found[:, free:]


def find_mode(
    problem: Problem,
    *,
    start: NDArray[np.float64] | None = None,
    spread: Heterogeneity | None = None,
    rounds: int = 6,
    told: Callable[[int, Mode], None] | None = None,
) -> Mode:
    """Find the posterior mode by damped Gauss-Newton steps, each followed by a fit of the departures of trials.

    Parameters
    ----------
    problem : Problem
    start : array (free,), optional
        By default the prior's centre.
    spread : Heterogeneity, optional
        Departures to start from.
    rounds : int
        Slopes computed.
    told : callable, optional
        Told the round and the state after each round.
    """
    z = np.zeros(len(problem.free.names)) if start is None else start
    spread = spread or Heterogeneity()
    f = problem.predicted(z)
    slope, lean = np.zeros((len(f), len(z))), np.zeros((len(f), len(LEANING)))
    for round_ in range(rounds):
        slope, lean = slopes(problem, z, f)
        z, f = _step(problem, z, f, slope, noise_of(problem.trials, spread, lean))
        spread = halfway(spread, departures(problem, z, f, slope, lean))
        if told is not None:
            told(round_, _mode(problem, z, f, slope, lean, spread))
    return _mode(problem, z, f, slope, lean, spread)


def _mode(
    problem: Problem,
    z: NDArray[np.float64],
    f: NDArray[np.float64],
    slope: NDArray[np.float64],
    lean: NDArray[np.float64],
    spread: Heterogeneity,
) -> Mode:
    a = whitener(noise_of(problem.trials, spread, lean))(slope)
    return Mode(z, f, slope, lean, spread, np.asarray(np.linalg.inv(a.T @ a + np.eye(len(z)))))


def loss(
    problem: Problem, z: NDArray[np.float64], f: NDArray[np.float64], noise: Sequence[NDArray[np.float64]]
) -> float:
    """Return minus the log posterior density, up to what does not depend on `z`."""
    white = whitener(noise)
    return float(0.5 * np.sum(white(problem.published - f) ** 2) + 0.5 * np.sum(z**2))


def _step(
    problem: Problem,
    z: NDArray[np.float64],
    f: NDArray[np.float64],
    slope: NDArray[np.float64],
    noise: Sequence[NDArray[np.float64]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Go to the least squares of the straight line, or part of the way if the curve does not follow it."""
    white = whitener(noise)
    a, b = white(slope), white(problem.published - f)

    def residual(to: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.concatenate([b - a @ (to - z), to])

    lower = problem.free.lower
    wanted = least_squares(residual, np.maximum(z, lower + 1e-6), bounds=(lower, np.inf), method="trf").x
    before = loss(problem, z, f, noise)
    share = min(1.0, 1.5 / max(1e-9, float(np.abs(wanted - z).max())))
    for _ in range(5):
        to = z + share * (wanted - z)
        there = problem.predicted(to)
        if loss(problem, to, there, noise) < before:
            return to, there
        share *= 0.4
    return z, f


def halfway(one: Heterogeneity, other: Heterogeneity) -> Heterogeneity:
    """Return the geometric mean of departures, so that rounds do not swing from one to the other."""
    return Heterogeneity(*(float(np.sqrt(a * b)) for a, b in zip(astuple(one), astuple(other), strict=True)))


def departures(
    problem: Problem,
    z: NDArray[np.float64],
    f: NDArray[np.float64],
    slope: NDArray[np.float64],
    lean: NDArray[np.float64],
) -> Heterogeneity:
    """Return the departures of trials that make the residuals most probable (type II)."""
    edges = np.cumsum([0, *(len(trial.targets) for trial in problem.trials)])
    residual = problem.published - f + slope @ z  # of the straight line, whose prior is a standard normal
    trials = [
        (Sharing.of(trial.targets), slope[lo:hi], residual[lo:hi], lean[lo:hi])
        for trial, lo, hi in zip(problem.trials, edges[:-1], edges[1:], strict=True)
    ]

    def minus_log(log_spread: NDArray[np.float64]) -> float:
        spread = Heterogeneity(*np.exp(log_spread))
        precision, score, total = np.eye(len(z)), np.zeros(len(z)), 0.0
        for sharing, turn, rest, leaning in trials:
            factor = np.linalg.cholesky(sharing.covariance(spread, leaning))
            a = solve_triangular(factor, turn, lower=True, check_finite=False)
            b = solve_triangular(factor, rest, lower=True, check_finite=False)
            precision += a.T @ a
            score += a.T @ b
            total += 0.5 * b @ b + np.log(np.diag(factor)).sum()
        factor, low = cho_factor(precision)
        total -= 0.5 * score @ cho_solve((factor, low), score)
        total += np.log(np.diag(factor)).sum()
        return float(total + 0.5 * np.sum((log_spread - np.log(0.2)) ** 2) / 0.7**2)  # prior: near 0.2, a factor of two

    start = np.log(astuple(Heterogeneity()))
    found = minimize(minus_log, start, method="Nelder-Mead", options={"xatol": 0.02, "fatol": 0.02, "maxfev": 1200})
    return Heterogeneity(*(float(v) for v in np.exp(found.x)))
