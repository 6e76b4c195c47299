"""The analysis of imputation by the reference: the mixed model, what is filled in, and the standard error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterglow.errors import ParameterError, nearest
from afterglow.trial.analysis.covariance import Structure, structure
from afterglow.trial.analysis.data import TrialData
from afterglow.trial.analysis.design import Plan, Predictors, contrasts_of, plan_of, predictors, standard_of
from afterglow.trial.analysis.estimate import Estimate, concatenated
from afterglow.trial.analysis.imputation.filling import STRATEGIES, Patterns, filled, kept_difference
from afterglow.trial.analysis.imputation.linear import linear_estimates
from afterglow.trial.analysis.imputation.resampled import jackknife, pooled, resampled, with_one_left_out
from afterglow.trial.analysis.matrices import Numbers
from afterglow.trial.analysis.reml import fit_reml, sums_of

__all__ = ["INFERENCES", "reference_based"]

INFERENCES = {
    "jackknife": "people left out one by one",
    "linear": "the jackknife without fitting again",
    "bayes": "Rubin's rules over imputations that are drawn",
    "rubin": "Rubin's rules for endlessly many imputations, without drawing them",
}
"""Where standard errors come from, by name."""

_MOST_VISITS = 25
_TOGETHER = 64
"""Trials that are filled in at once."""
_SMALLEST_SHARE = 0.5
"""Of the fits to resampled people that must have succeeded."""


def reference_based(
    data: TrialData,
    *,
    strategy: str = "jr",
    inference: str = "jackknife",
    covariates: Sequence[str] | None = None,
    covariance: str = "us",
    stopped: ArrayLike | None = None,
    imputations: int = 100,
    seed: int = 1,
    level: float = 0.95,
) -> Estimate:
    """Compare arms at every visit, with what is missing after people stop filled in by a strategy.

    Parameters
    ----------
    data : TrialData
        Of one trial, or of many, which ``jackknife`` and ``bayes`` take one after another, the others together.
    strategy : {"mar", "jr", "cr", "cir"}
        See `STRATEGIES`. Before a person stops, what is missing is missing at random.
    inference : {"jackknife", "linear", "bayes", "rubin"}
        See `INFERENCES`. The first two fill in conditional means, and say how far the estimate would vary from trial to
        trial. Rubin's rules do not count what is borrowed from the reference as known: with jump to reference, copy
        reference and copy increments their standard errors are larger than that.
    covariates : sequence of str, optional
        Of the mixed model, and of the analysis of covariance; default: the baseline, where there is one, and all.
    covariance : str
        One of `STRUCTURES`.
    stopped : int array (people,), optional
        First visit at which each person had stopped, in every trial; the number of visits for those who never did.
        Default: the visit after the last that was rated.
    imputations : int
        Of ``bayes``.
    seed : int
        Of ``bayes``.
    level : float
        Of the confidence intervals.

    Returns
    -------
    Estimate (arms - 1, visits) or (trials, arms - 1, visits)
        Each arm minus the reference.

    Raises
    ------
    ParameterError
        If an option is not known, or one trial's data cannot carry the model.

    References
    ----------
    carpenter2013, wolbers2022.
    """
    _refuse_options(strategy, inference, imputations)
    options: dict[str, Any] = {
        "strategy": strategy,
        "inference": inference,
        "covariates": covariates,
        "covariance": covariance,
    }
    options |= {"stopped": stopped, "imputations": imputations, "seed": seed, "level": level}
    refitted = inference in ("jackknife", "bayes")
    if data.many and (refitted or data.trials > _TOGETHER):
        return _one_by_one(data, options) if refitted else _in_parts(data, options)
    if not data.many:
        _refuse_visits(data)
    held = structure(covariance, len(data.visits))
    known = predictors(data, covariates)
    if any(covariate.by_visit for covariate in known.covariates):
        raise ParameterError("covariates that change from visit to visit cannot be used for imputation")
    plan = plan_of(known, data, baseline_by_visit=True, of_arms=contrasts_of(data, None))
    middle, spread = standard_of(known.outcomes)
    outcomes = (known.outcomes - middle[:, None, None]) / spread[:, None, None]
    kept = kept_difference(strategy, _stopped(data, stopped, outcomes), len(data.visits))
    if not refitted:
        found = _fitted_once(data, outcomes, kept, plan, known, held, rubin=inference == "rubin", level=level)
        return _scaled(found, spread[:, None, None]).at(slice(None) if data.many else 0)
    rng = np.random.default_rng(seed)
    weights = with_one_left_out(data.count) if inference == "jackknife" else resampled(data, imputations, rng)
    fit = fit_reml(sums_of(plan.numbers, outcomes, plan.design, weights, needed=_needed(data)), held)
    if not fit.converged[0] or fit.converged.mean() < _SMALLEST_SHARE:
        _refuse_fit()
    fit, weights = fit.of(fit.converged), weights[fit.converged]
    means, patterns = plan.expected(fit.coefficients, len(data.arms)), Patterns(np.isfinite(outcomes))
    means = _person_means(means, data, kept)
    if inference == "jackknife":
        complete = filled(outcomes, means, fit.covariance, patterns)
        found = jackknife(complete, weights, known, len(data.arms), level)
    else:
        drawn = np.random.default_rng([seed, 1])
        complete = filled(outcomes, means[1:], fit.covariance[1:], patterns, drawn)
        found = pooled(complete, known, len(data.arms), level)
    return _scaled(found, spread[0])


def _needed(data: TrialData) -> int:
    return len(data.arms) * len(data.visits)


def _refuse_fit() -> None:
    raise ParameterError(
        "the model that imputation rests on has no maximum that could be found in these data; take a covariance with "
        "fewer parameters, such as ar1h or cs"
    )


def _refuse_visits(data: TrialData) -> None:
    if len(data.visits) > _MOST_VISITS:
        raise ParameterError(f"{len(data.visits)} visits are more than the {_MOST_VISITS} that are imputed together")
    rated = np.isfinite(data.outcomes)
    for k, arm in enumerate(data.arms):
        for a, visit in enumerate(data.visits):
            if not rated[data.arm == k, a].any():
                raise ParameterError(f"nobody of arm '{arm[:60]}' was rated at visit '{visit[:60]}'; leave one out")


def _refuse_options(strategy: str, inference: str, imputations: int) -> None:
    if strategy not in STRATEGIES:
        raise ParameterError(f"no strategy of imputation is called '{strategy[:40]}'; {nearest(strategy, STRATEGIES)}")
    if inference not in INFERENCES:
        raise ParameterError(f"no inference is called '{inference[:40]}'; {nearest(inference, INFERENCES)}")
    if imputations < 2:
        raise ParameterError(f"Rubin's rules need at least two imputations, got {imputations}")


def _one_by_one(data: TrialData, options: Mapping[str, Any]) -> Estimate:
    """Analyse trials one after another; one that cannot be analysed is NaN."""
    shape = (data.trials, len(data.arms) - 1, len(data.visits))
    fields = np.full((len(Estimate.__dataclass_fields__), *shape), np.nan)
    for trial in range(data.trials):
        try:
            found = reference_based(data.trial(trial), **options)
        except ParameterError:
            continue
        fields[:, trial] = [getattr(found, name) for name in Estimate.__dataclass_fields__]
    return Estimate(*fields)


def _in_parts(data: TrialData, options: Mapping[str, Any]) -> Estimate:
    return concatenated([reference_based(part, **options) for part in data.parts(_TOGETHER)])


def _fitted_once(
    data: TrialData,
    outcomes: Numbers,
    kept: Numbers,
    plan: Plan,
    known: Predictors,
    held: Structure,
    *,
    rubin: bool,
    level: float,
) -> Estimate:
    """Analyse trials by one fit of each; among many, one that cannot be fitted is NaN."""
    fit = fit_reml(sums_of(plan.numbers, outcomes, plan.design, needed=_needed(data)), held)
    fine = fit.converged
    if not data.many and not fine[0]:
        _refuse_fit()
    fields = np.full((len(Estimate.__dataclass_fields__), len(outcomes), len(data.arms) - 1, len(data.visits)), np.nan)
    if fine.any():
        own = fit.of(fine)
        found = linear_estimates(
            outcomes[fine],
            np.broadcast_to(kept, (len(fine), *kept.shape[1:]))[fine],
            plan.of(fine),
            known.of(fine),
            own,
            held.first(own.theta),
            len(data.arms),
            rubin=rubin,
            level=level,
        )
        fields[:, fine] = [getattr(found, name) for name in Estimate.__dataclass_fields__]
    return Estimate(*fields)


def _stopped(data: TrialData, stopped: ArrayLike | None, outcomes: Numbers) -> NDArray[np.intp]:
    """Return the first visit at which each person had stopped, (trials or 1, people)."""
    visits = len(data.visits)
    if stopped is None:
        return np.asarray(np.where(np.isfinite(outcomes), np.arange(1, visits + 1), 0).max(axis=2))
    given = np.asarray(stopped)
    if given.shape != (data.count,) or given.dtype.kind not in "iu" or given.min() < 0 or given.max() > visits:
        raise ParameterError(f"when people stopped must be a visit of each person, from 0 to {visits}")
    return given.astype(np.intp)[None]


def _person_means(by_arm: Numbers, data: TrialData, kept: Numbers) -> Numbers:
    """Return what is expected of each person, (fits, people, visits), of what is expected in each arm."""
    own = np.take_along_axis(by_arm, data.arm[None, None, :, None], axis=1)[:, 0]
    return np.asarray(by_arm[:, 0] + (kept @ (own - by_arm[:, 0])[..., None])[..., 0])


def _scaled(found: Estimate, spread: Numbers) -> Estimate:
    return Estimate(found.value * spread, found.se * spread, found.df, found.p, found.low * spread, found.high * spread)
