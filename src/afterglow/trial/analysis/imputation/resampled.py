"""Standard errors by fitting again: people left out one by one, or imputations that are drawn and pooled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from afterglow.trial.analysis.ancova import design_of, least_squares
from afterglow.trial.analysis.data import TrialData
from afterglow.trial.analysis.design import Predictors
from afterglow.trial.analysis.estimate import Estimate, estimate
from afterglow.trial.analysis.matrices import Numbers

__all__ = ["jackknife", "pooled", "resampled", "with_one_left_out"]


def with_one_left_out(people: int) -> Numbers:
    """Return how often each person counts in each fit, (people + 1, people); everybody once in the first."""
    return np.concatenate([np.ones((1, people)), 1.0 - np.eye(people)])


def resampled(data: TrialData, times: int, rng: np.random.Generator) -> Numbers:
    """Return how often each person counts in each fit, (times + 1, people), drawn within arms; once in the first."""
    drawn = np.zeros((times, data.count))
    for arm in range(len(data.arms)):
        members = np.flatnonzero(data.arm == arm)
        if len(members):
            drawn[:, members] = rng.multinomial(len(members), np.full(len(members), 1 / len(members)), size=times)
    return np.concatenate([np.ones((1, data.count)), drawn])


def jackknife(complete: Numbers, weights: Numbers, known: Predictors, arms: int, level: float) -> Estimate:
    """Return the estimate of everybody with the standard error of leaving people out."""
    values, _, _ = _differences(complete, known, arms, weights > 0)
    parts = values[1:]
    count = len(parts)
    se = np.sqrt((count - 1) / count * ((parts - parts.mean(axis=0)) ** 2).sum(axis=0))
    return estimate(values[0], se, level=level)


def pooled(complete: Numbers, known: Predictors, arms: int, level: float) -> Estimate:
    """Return the estimate by Rubin's rules, with the degrees of freedom of Barnard and Rubin (barnard1999)."""
    count = len(complete)
    values, variances, freedom = _differences(complete, known, arms, np.ones(complete.shape[:2], dtype=bool))
    within, between = variances.mean(axis=0), values.var(axis=0, ddof=1)
    total = within + (1 + 1 / count) * between
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (1 + 1 / count) * between / total
        of_draws = (count - 1) / share**2
        whole = freedom[0]
        of_people = (whole + 1) / (whole + 3) * whole * (1 - share)
        df = np.where(share > 0, 1 / (1 / of_draws + 1 / of_people), whole)
    return estimate(values.mean(axis=0), np.sqrt(total), df, level=level)


def _differences(
    complete: Numbers, known: Predictors, arms: int, there: NDArray[np.bool_]
) -> tuple[Numbers, Numbers, Numbers]:
    """Return differences from the reference and their variances, (fits, arms - 1, visits), and degrees of freedom."""
    X = design_of(known)
    values, variances, freedom = [], [], np.empty(0)
    for visit in range(complete.shape[2]):
        y = np.where(there, complete[:, :, visit], np.nan)
        coefficients, spread, freedom = least_squares(np.broadcast_to(X, (len(y), *X.shape[1:])), y, needed=arms)
        values.append(coefficients[:, 1:arms])
        variances.append(np.diagonal(spread, axis1=1, axis2=2)[:, 1:arms])
    return np.stack(values, axis=2), np.stack(variances, axis=2), freedom
