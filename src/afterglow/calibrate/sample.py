"""Draws from the posterior: proposals by linearisation, smoothed importance weights, resampling.

A quarter of the points are drawn from Laplace's normal around the mode. The model's own answers there give a straight
line that is right on average rather than at one point (statistical linearisation); its normal proposes the next
quarter, and the weighted regression through all of those proposes the last half. All points are weighed against the
mixture of the three (deterministic mixture, as in adaptive multiple importance sampling).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from afterglow.calibrate.fit import Mode, Problem, loss, whitener

__all__ = ["Sample", "importance", "resample"]

_WIDER = 1.05
"""A proposal's SD over that of its normal, so that the tails are covered."""

_RIDGE = 2.0
"""Pull of the average line towards the line at the mode, in draws."""

_STAGES = (0.25, 0.25, 0.5)
"""Shares of the points drawn from Laplace's normal, from the first average line and from the second."""

_AT_ONCE = 32
"""Points that are answered together."""

_FLATTEN = 0.5
"""Power of the weights with which the first points count in the second line: between all alike and the best alone."""


@dataclass(frozen=True)
class Sample:
    """Weighted draws.

    Parameters
    ----------
    z : array (draws, free)
    predicted : array (draws, targets)
    log_weight : array (draws,)
        Smoothed, summing to one when exponentiated.
    pareto_k, effective : float
        Shape of the weights' tail (below 0.7 the weights can be trusted), and the effective number of draws.
    """

    z: NDArray[np.float64]
    predicted: NDArray[np.float64]
    log_weight: NDArray[np.float64]
    pareto_k: float
    effective: float


@dataclass(frozen=True)
class _Normal:
    mean: NDArray[np.float64]
    root: NDArray[np.float64]

    def draw(self, count: int, seed: int, lower: NDArray[np.float64]) -> NDArray[np.float64]:
        """Draw points, pairs mirrored, those below a bound put on it."""
        half = np.random.default_rng(seed).standard_normal((-(-count // 2), len(self.mean)))
        around = np.concatenate([half, -half])[:count]
        return np.asarray(np.maximum(self.mean + around @ self.root.T, lower))

    def log_density(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log density at points, up to a constant that all normals share."""
        white = np.linalg.solve(self.root, (z - self.mean).T)
        return np.asarray(-0.5 * np.sum(white**2, axis=0) - np.log(np.diag(self.root)).sum())


def importance(
    problem: Problem,
    mode: Mode,
    draws: int,
    *,
    done: NDArray[np.float64] | None = None,
    told: Callable[[int, NDArray[np.float64]], None] | None = None,
) -> Sample:
    """Draw points near the mode and weigh them by the model itself.

    Parameters
    ----------
    problem : Problem
    mode : Mode
    draws : int
    done : array (some draws, targets), optional
        Predictions made before an interruption.
    told : callable, optional
        Told how many are done, and their predictions.
    """
    lower, rows = problem.free.lower, list(done) if done is not None else []

    def answer(points: NDArray[np.float64]) -> None:
        for first in range(len(rows), len(points), _AT_ONCE):
            rows.extend(problem.predicted_at(points[first : first + _AT_ONCE]))
            if told is not None:
                told(len(rows), np.array(rows))

    edges = np.round(np.cumsum((0.0, *_STAGES)) * draws).astype(int)
    proposals = [_Normal(mode.z, np.asarray(_WIDER * np.linalg.cholesky(mode.covariance), dtype=np.float64))]
    points = np.zeros((0, len(mode.z)))
    for stage, count in enumerate(np.diff(edges)):
        if stage:
            predicted = np.array(rows[: len(points)])
            raw = _density(problem, mode, points, predicted) - _proposed(proposals, edges, points)
            counts = np.ones(len(points)) if stage == 1 else np.exp(_FLATTEN * (raw - raw.max()))
            proposals.append(_averaged(problem, mode, points, predicted, counts / counts.mean()))
        points = np.concatenate([points, proposals[-1].draw(int(count), problem.seed + stage, lower)])
        answer(points)
    predicted = np.array(rows)
    raw = _density(problem, mode, points, predicted) - _proposed(proposals, edges, points)
    array_stats: Any = import_module("arviz_stats.base").array_stats  # takes seconds to load, so only here
    smooth, k_hat = array_stats.psislw(raw.max() - raw)  # it takes minus the log weights
    weights = np.exp(smooth)
    return Sample(points, predicted, smooth, float(k_hat), float(weights.sum() ** 2 / np.sum(weights**2)))


def _density(
    problem: Problem, mode: Mode, points: NDArray[np.float64], predicted: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the log posterior density of points, up to a constant."""
    noise = mode.noise(problem.trials)
    return np.array([-loss(problem, z, f, noise) for z, f in zip(points, predicted, strict=True)])


def _proposed(
    proposals: Sequence[_Normal], edges: NDArray[np.int64], points: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the log density of the mixture that the points so far were drawn from, up to the same constant."""
    counts = np.diff(edges)[: len(proposals)]
    shares = np.log(counts / counts.sum())[:, None]
    return np.asarray(logsumexp(np.stack([p.log_density(points) for p in proposals]) + shares, axis=0))


def _averaged(
    problem: Problem, mode: Mode, z: NDArray[np.float64], f: NDArray[np.float64], counts: NDArray[np.float64]
) -> _Normal:
    """Return the posterior of the straight line that fits the model's answers at `z` best, each counting so often."""
    scale = np.sqrt(np.diag(mode.covariance))
    x = (z - mode.z) / scale
    gap = f - mode.predicted - (z - mode.z) @ mode.slope.T
    centre = np.average(gap, axis=0, weights=counts)
    middle = np.average(x, axis=0, weights=counts)
    weighed = (x - middle) * counts[:, None]
    turn = np.linalg.solve(weighed.T @ (x - middle) + _RIDGE * np.eye(x.shape[1]), weighed.T @ (gap - centre))
    slope = mode.slope + (turn / scale[:, None]).T
    shift = centre - middle @ turn
    white = whitener(mode.noise(problem.trials))
    a, b = white(slope), white(problem.published - mode.predicted - shift + slope @ mode.z)
    covariance = np.linalg.inv(a.T @ a + np.eye(len(mode.z)))
    mean = np.maximum(covariance @ a.T @ b, problem.free.lower)
    return _Normal(mean, _WIDER * np.linalg.cholesky(covariance))


def resample(sample: Sample, draws: int, seed: int) -> NDArray[np.int64]:
    """Return places of equally weighted draws, by systematic resampling."""
    weights = np.exp(sample.log_weight)
    edges = np.cumsum(weights / weights.sum())
    at = (np.arange(draws) + np.random.default_rng(seed).random()) / draws
    return np.minimum(np.searchsorted(edges, at), len(weights) - 1)
