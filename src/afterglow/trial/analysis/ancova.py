"""Analysis of covariance: arms are compared at one visit among those who were rated there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from afterglow.errors import ParameterError
from afterglow.trial.analysis.data import TrialData
from afterglow.trial.analysis.design import Predictors, contrasts_of, predictors
from afterglow.trial.analysis.estimate import Estimate, estimate
from afterglow.trial.analysis.matrices import Numbers, is_definite

__all__ = ["ancova", "design_of", "least_squares"]


def ancova(
    data: TrialData,
    *,
    visit: str | int = -1,
    covariates: Sequence[str] | None = None,
    contrasts: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Compare the change from baseline at a visit, or the outcome where no baseline is held, adjusted for covariates.

    Parameters
    ----------
    data : TrialData
        Of one trial, or of many, of which one that cannot be fitted is NaN.
    visit : str or int
        By name, or by number; the last one by default.
    covariates : sequence of str, optional
        Default: the baseline, where there is one, and all covariates.
    contrasts : array (contrasts, arms), optional
        Weights of the arms' means; default: each arm minus the reference, which is the first.
    level : float
        Of the confidence interval.

    Returns
    -------
    Estimate (contrasts,) or (trials, contrasts)

    Raises
    ------
    ParameterError
        If the visit or a covariate is not known, or one trial's data cannot carry the model.
    """
    place = data.visit(visit)
    weights = contrasts_of(data, contrasts)[:, 1:]
    known = predictors(_at_visit(data, place), covariates)
    outcome = known.outcomes[:, :, 0]
    if data.baseline is not None:
        outcome = outcome - data.baseline
    X = design_of(known)
    if not data.many:
        _refuse(outcome[0], X[0], data, place)
    coefficients, spread, freedom = least_squares(X, outcome, needed=len(data.arms))
    arms = slice(1, len(data.arms))
    variance = np.einsum("ca,tab,cb->tc", weights, spread[:, arms, arms], weights)
    found = estimate(coefficients[:, arms] @ weights.T, np.sqrt(variance), freedom[:, None], level=level)
    return found if data.many else found.at(0)


def design_of(known: Predictors) -> Numbers:
    """Return the columns 1, arms and covariates, (trials, people, columns), of predictors at one visit."""
    trials, people = known.outcomes.shape[:2]
    parts = [np.ones((1, people, 1)), known.arms, *(covariate.values for covariate in known.covariates)]
    return np.concatenate([np.broadcast_to(part, (trials, people, part.shape[2])) for part in parts], axis=2)


def least_squares(X: Numbers, y: Numbers, *, needed: int) -> tuple[Numbers, Numbers, Numbers]:
    """Return coefficients, their covariance and the degrees of freedom of least squares.

    Parameters
    ----------
    X : array (trials, people, columns)
        Finite.
    y : array (trials, people)
        NaN where missing.
    needed : int
        First columns, without which a trial cannot be fitted; a later one that nobody has, it can be without.

    Returns
    -------
    tuple of array (trials, columns), (trials, columns, columns), (trials,)
        NaN where the columns cannot be told apart, or nothing is left over for the variance.
    """
    rated = np.isfinite(y)
    kept = X * rated[:, :, None]
    value = np.where(rated, y, 0.0)
    cross = kept.swapaxes(1, 2) @ kept
    absent = np.diagonal(cross, axis1=1, axis2=2) == 0.0
    absent[:, :needed] = False
    if absent.any():
        trial, column = np.nonzero(absent)
        cross[trial, column, column] = 1.0
    freedom = rated.sum(axis=1) - X.shape[2] + absent.sum(axis=1)
    fine = is_definite(cross) & (freedom > 0)
    inverse = np.linalg.inv(np.where(fine[:, None, None], cross, np.eye(X.shape[2])))
    coefficients = (inverse @ (kept.swapaxes(1, 2) @ value[:, :, None]))[:, :, 0]
    residual = np.where(rated, value - (X @ coefficients[:, :, None])[:, :, 0], 0.0)
    variance = (residual**2).sum(axis=1) / np.maximum(freedom, 1)
    nan = np.where(fine, 1.0, np.nan)
    return coefficients * nan[:, None], inverse * (variance * nan)[:, None, None], freedom * nan


def _at_visit(data: TrialData, place: int) -> TrialData:
    """Return the data of one visit, covariates that change by visit included."""
    covariates = {
        name: held[..., place] if held.shape == data.outcomes.shape else held for name, held in data.covariates.items()
    }
    outcomes = data.outcomes[..., place : place + 1]
    return replace(data, visits=[data.visits[place]], outcomes=outcomes, covariates=covariates)


def _refuse(outcome: Numbers, X: Numbers, data: TrialData, place: int) -> None:
    visit = str(data.visits[place])[:60]
    rated = np.isfinite(outcome)
    for k, arm in enumerate(data.arms):
        if not rated[data.arm == k].any():
            raise ParameterError(f"nobody of arm '{str(arm)[:60]}' can be used at visit '{visit}'")
    if rated.sum() <= X.shape[1]:
        raise ParameterError(f"{rated.sum()} people at visit '{visit}' cannot carry {X.shape[1]} coefficients")
    kept = X[rated]
    if not is_definite((kept.T @ kept)[None])[0]:
        raise ParameterError(
            f"at visit '{visit}' a covariate cannot be told apart from the arms and other covariates; leave one out"
        )
