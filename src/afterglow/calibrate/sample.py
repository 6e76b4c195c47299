"""Draws from the posterior: from the normal of a straight model to the model itself, in steps (delmoral2006).

Points near the mode give the straight line that is right on average rather than at one point (statistical
linearisation); its normal is drawn from. The draws then pass to the posterior of the model itself by tempering: at each
step they are weighed by a part of what the model says beyond the line, resampled, and moved by a Metropolis step that
leaves that part's density as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.calibrate.fit import Mode, Problem, noise_of, whitener

__all__ = ["Progress", "Sample", "sample_posterior"]

_AT_ONCE = 32
"""Points that are answered together."""

_LINE_SHARE = 0.2
"""Points from which the average line is found, per draw."""

_RIDGE = 2.0
"""Pull of the average line towards the line at the mode, in draws."""

_WIDER = 1.25
"""Factor on the covariance of the normal that is drawn from, where trials may be odd: it takes each at its likely
oddness, and is too narrow for the posterior that does not know it."""

_KEPT_WEIGHT = 0.6
"""Effective share of the draws that a step of the tempering leaves."""

_MOVES = 1
_LAST_MOVES = 2
"""Moves after each step, and after the last one."""

_STRIDE = 0.5
_ACCEPTED = 0.3
"""Length of the first move, as a share of an independent draw, and the share of accepted moves that it is tuned to."""

_MOST_STEPS = 30

_ALIKE = 1e-6
"""Range of log weights that are the same but for rounding."""


@dataclass(frozen=True)
class Sample:
    """Draws that all weigh the same.

    Parameters
    ----------
    z : array (draws, free)
    predicted : array (draws, targets)
    pareto_k : float
        Largest shape of the tail of a step's weights; below 0.7 they can be trusted.
    effective : float
        Effective number of draws: what the last weights left, and of the copies the share that has moved on.
    steps : int
        Steps of the tempering.
    accepted : float
        Share of the last moves that were accepted.
    """

    z: NDArray[np.float64]
    predicted: NDArray[np.float64]
    pareto_k: float
    effective: float
    steps: int
    accepted: float


@dataclass(frozen=True)
class Progress:
    """Where the draws stand, so that they can be taken up again.

    Parameters
    ----------
    z : array (draws, free)
    predicted : array (draws, targets)
    mean : array (free,)
    root : array (free, free)
        Of the normal that was drawn from, a root of its covariance.
    share : float
        Of what the model says beyond the line, from 0 to 1.
    stride, pareto_k, effective, accepted : float
    step : int
    """

    z: NDArray[np.float64]
    predicted: NDArray[np.float64]
    mean: NDArray[np.float64]
    root: NDArray[np.float64]
    share: float = 0.0
    stride: float = _STRIDE
    pareto_k: float = 0.0
    effective: float = 0.0
    accepted: float = 0.0
    step: int = 0


def sample_posterior(
    problem: Problem,
    mode: Mode,
    draws: int,
    *,
    begun: Progress | None = None,
    told: Callable[[Progress], None] | None = None,
) -> Sample:
    """Draw from the posterior.

    Parameters
    ----------
    problem : Problem
    mode : Mode
    draws : int
    begun : Progress, optional
        Where an earlier call stood when it was interrupted.
    told : callable, optional
        Told where the draws stand after each step.
    """
    at = begun or _first(problem, mode, draws)
    if told is not None and begun is None:
        told(at)
    noise = noise_of(problem.trials, mode.spread, mode.lean)

    def beyond(z: NDArray[np.float64], f: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log density of the posterior less that of the normal, (draws,)."""
        gaps = np.split((problem.published - f).T, problem.edges[1:-1])
        seen = sum(own.log_density(gap, problem.oddness) for own, gap in zip(noise, gaps, strict=True))
        around = np.sum(np.linalg.solve(at.root, (z - at.mean).T) ** 2, axis=0)
        return np.asarray(seen + 0.5 * around - 0.5 * np.sum(z**2, axis=1))

    while at.share < 1 and at.step < _MOST_STEPS:
        at = _step(problem, at, beyond)
        if told is not None:
            told(at)
    return Sample(at.z, at.predicted, at.pareto_k, at.effective, at.step, at.accepted)


def _answers(problem: Problem, points: NDArray[np.float64]) -> NDArray[np.float64]:
    lots = [problem.predicted_at(points[k : k + _AT_ONCE]) for k in range(0, len(points), _AT_ONCE)]
    return np.concatenate(lots)


def _first(problem: Problem, mode: Mode, draws: int) -> Progress:
    """Draw from the normal of the average line."""
    count = max(int(_LINE_SHARE * draws), 8)
    wide = np.linalg.cholesky(mode.covariance)
    near = mode.z + _mirrored(count, len(mode.z), problem.seed) @ wide.T
    mean, covariance = _averaged(problem, mode, near, _answers(problem, near))
    root = np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
    z = mean + _mirrored(draws, len(mean), problem.seed + 1) @ root.T
    return Progress(z, _answers(problem, z), mean, root)


def _mirrored(count: int, free: int, seed: int) -> NDArray[np.float64]:
    """Return standard normals in mirrored pairs, (count, free)."""
    half = np.random.default_rng(seed).standard_normal((-(-count // 2), free))
    return np.concatenate([half, -half])[:count]


def _averaged(
    problem: Problem, mode: Mode, z: NDArray[np.float64], f: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and covariance of the normal to draw from: of the straight line that fits the answers at `z` best."""
    scale = np.sqrt(np.diag(mode.covariance))
    x = (z - mode.z) / scale
    gap = f - mode.predicted - (z - mode.z) @ mode.slope.T
    centre, middle = gap.mean(axis=0), x.mean(axis=0)
    turn = np.linalg.solve((x - middle).T @ (x - middle) + _RIDGE * np.eye(x.shape[1]), (x - middle).T @ (gap - centre))
    slope = mode.slope + (turn / scale[:, None]).T
    white = whitener(mode.noise(problem.trials))
    a, b = white(slope), white(problem.published - mode.predicted - centre + middle @ turn + slope @ mode.z)
    covariance = np.linalg.inv(a.T @ a + np.eye(len(mode.z)))
    wider = _WIDER if len(problem.oddness) > 1 else 1.0
    return np.asarray(covariance @ a.T @ b), np.asarray(wider * covariance)


def _step(
    problem: Problem,
    at: Progress,
    beyond: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]],
) -> Progress:
    """Weigh, resample and move once."""
    rng = np.random.default_rng((problem.seed + 2, at.step))
    level = beyond(at.z, at.predicted)
    share = _next_share(level, at.share)
    log_weight = (share - at.share) * level
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    kept = np.minimum(
        np.searchsorted(np.cumsum(weight), (np.arange(len(weight)) + rng.random()) / len(weight)), len(weight) - 1
    )
    z, f, level = at.z[kept], at.predicted[kept], level[kept]
    start, stride, accepted = z, at.stride, 0.0
    mean = z.mean(axis=0)
    root = np.linalg.cholesky(np.cov(z.T) + 0.05 * at.root @ at.root.T).astype(np.float64)
    for _ in range(_MOVES if share < 1 else _LAST_MOVES):
        z, f, level, accepted = _moved(problem, at, beyond, rng, (z, f, level), (mean, root), share, stride)
        stride = float(np.clip(stride * np.exp(accepted - _ACCEPTED), 0.1, 0.95))
    before, after = (np.linalg.solve(root, (points - mean).T).ravel() for points in (start, z))
    followed = float(np.corrcoef(before, after)[0, 1])
    tail = max(at.pareto_k, _tail(log_weight))
    effective = _effective(weight, followed)
    return Progress(z, f, at.mean, at.root, share, stride, tail, effective, accepted, at.step + 1)


def _moved(
    problem: Problem,
    at: Progress,
    beyond: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]],
    rng: np.random.Generator,
    now: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    around: tuple[NDArray[np.float64], NDArray[np.float64]],
    share: float,
    stride: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], float]:
    """Move every draw part of the way to an independent one from the normal of all of them (cotter2013)."""
    z, f, level = now
    mean, root = around
    tried = mean + np.sqrt(1 - stride**2) * (z - mean) + stride * rng.standard_normal(z.shape) @ root.T
    said = _answers(problem, tried)
    reached = beyond(tried, said)

    def log_ratio(points: NDArray[np.float64], own: NDArray[np.float64]) -> NDArray[np.float64]:
        line = -0.5 * np.sum(np.linalg.solve(at.root, (points - at.mean).T) ** 2, axis=0)
        proposed = -0.5 * np.sum(np.linalg.solve(root, (points - mean).T) ** 2, axis=0)
        return np.asarray(line + share * own - proposed)

    takes = np.log(rng.random(len(z))) < log_ratio(tried, reached) - log_ratio(z, level)
    z, f = np.where(takes[:, None], tried, z), np.where(takes[:, None], said, f)
    return z, f, np.where(takes, reached, level), float(takes.mean())


def _next_share(level: NDArray[np.float64], share: float) -> float:
    """Return how far the next step may go: as far as `_KEPT_WEIGHT` of the draws stay effective."""

    def effective(to: float) -> float:
        weight = np.exp((to - share) * (level - level.max()))
        return float(weight.sum() ** 2 / np.sum(weight**2) / len(weight))

    if effective(1.0) >= _KEPT_WEIGHT:
        return 1.0
    low, high = share, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if effective(middle) >= _KEPT_WEIGHT else (low, middle)
    return low


def _tail(log_weight: NDArray[np.float64]) -> float:
    """Return the shape of the tail of weights, 0 where it has none: where all weigh alike."""
    if np.ptp(log_weight) < _ALIKE:
        return 0.0
    array_stats: Any = import_module("arviz_stats.base").array_stats  # takes seconds to load, so only here
    with np.errstate(divide="ignore", invalid="ignore"):  # copies that have not moved weigh the same
        _, k_hat = array_stats.psislw(log_weight.max() - log_weight)  # it takes minus the log weights
    return float(k_hat) if np.isfinite(k_hat) else 0.0


def _effective(weight: NDArray[np.float64], followed: float) -> float:
    """Return what weights leave, and of the copies the share that moves have made new.

    Parameters
    ----------
    weight : array (draws,)
        They sum to one.
    followed : float
        Correlation of the draws with where they were before the moves.
    """
    own = 1 / float(np.sum(weight**2))
    return float(own + (len(weight) - own) * (1 - followed**2))
