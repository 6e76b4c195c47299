"""Each study foretold from the others, under one explanation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from afterglow.calibrate.fit import Mode, Problem

__all__ = ["LeftOut", "leave_one_out"]


@dataclass(frozen=True)
class LeftOut:
    """What the other studies foretell of one study.

    Parameters
    ----------
    study : str
    mean : array (targets,)
    covariance : array (targets, targets)
        Of the published numbers: parameters, departures and sampling together.
    log_density : float
        Of what was published.
    """

    study: str
    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]
    log_density: float


def leave_one_out(problem: Problem, mode: Mode) -> list[LeftOut]:
    """Foretell each study from the others, in closed form along the straight line through the mode.

    Notes
    -----
    The departures of trials are those of the whole set; each study moves them little.
    """
    edges = np.cumsum([0, *(len(trial.targets) for trial in problem.trials)])
    published = problem.published
    residual = published - mode.predicted + mode.slope @ mode.z
    parts = []
    for noise, lo, hi in zip(mode.noise(problem.trials), edges[:-1], edges[1:], strict=True):
        factor = cho_factor(noise)
        a = mode.slope[lo:hi]
        parts.append((a.T @ cho_solve(factor, a), a.T @ cho_solve(factor, residual[lo:hi]), noise))
    precision = np.eye(len(mode.z)) + sum(p[0] for p in parts)
    score = sum(p[1] for p in parts)
    found = []
    for trial, lo, hi, (own_precision, own_score, noise) in zip(
        problem.trials, edges[:-1], edges[1:], parts, strict=True
    ):
        left = np.linalg.inv(precision - own_precision)
        z = np.maximum(left @ (score - own_score), problem.free.lower)
        a = mode.slope[lo:hi]
        mean = mode.predicted[lo:hi] + a @ (z - mode.z)
        spread = a @ left @ a.T + noise
        gap = published[lo:hi] - mean
        _, log_det = np.linalg.slogdet(2 * np.pi * spread)
        density = -0.5 * float(gap @ np.linalg.solve(spread, gap)) - 0.5 * float(log_det)
        found.append(LeftOut(trial.name, mean, spread, density))
    return found
