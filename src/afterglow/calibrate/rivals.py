"""Each study foretold from the others, under one explanation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from afterglow.calibrate.fit import Mode, Problem, noise_of
from afterglow.calibrate.likelihood import TrialNoise

__all__ = ["LeftOut", "leave_one_out"]


@dataclass(frozen=True)
class LeftOut:
    """What the other studies foretell of one study.

    Parameters
    ----------
    study : str
    mean : array (targets,)
    noise : TrialNoise
        Of the published numbers around the mean; what the parameters leave open counts as sampling does.
    log_density : float
        Of what was published.
    """

    study: str
    mean: NDArray[np.float64]
    noise: TrialNoise
    log_density: float


def leave_one_out(problem: Problem, mode: Mode) -> list[LeftOut]:
    """Foretell each study from the others, in closed form along the straight line through the mode.

    Notes
    -----
    The departures of trials, and how odd each other trial is, are those of the whole set; each study moves them little.
    How odd the study itself is, nobody knows beforehand.
    """
    edges = problem.edges
    published = problem.published
    residual = published - mode.predicted + mode.slope @ mode.z
    parts = []
    for matrix, lo, hi in zip(mode.noise(problem.trials), edges[:-1], edges[1:], strict=True):
        factor = cho_factor(matrix)
        a = mode.slope[lo:hi]
        parts.append((a.T @ cho_solve(factor, a), a.T @ cho_solve(factor, residual[lo:hi])))
    precision = np.eye(len(mode.z)) + sum(p[0] for p in parts)
    score = sum(p[1] for p in parts)
    found = []
    around = noise_of(problem.trials, mode.spread, mode.lean)
    for trial, own, (own_precision, own_score), lo, hi in zip(
        problem.trials, around, parts, edges[:-1], edges[1:], strict=True
    ):
        left = np.linalg.inv(precision - own_precision)
        z = np.maximum(left @ (score - own_score), problem.free.lower)
        a = mode.slope[lo:hi]
        mean = mode.predicted[lo:hi] + a @ (z - mode.z)
        noise = TrialNoise(own.sampling + a @ left @ a.T, own.departure)
        density = float(noise.log_density(published[lo:hi] - mean, problem.oddness))
        found.append(LeftOut(trial.name, mean, noise, density))
    return found
