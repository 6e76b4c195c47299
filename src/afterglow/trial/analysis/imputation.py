"""Reference-based imputation: what those who stopped would have had, if they had gone on like the reference.

A mixed model for repeated measures says what is expected of each person in each arm. What is missing after somebody
stops is filled in by a strategy, completed data are analysed by analysis of covariance at each visit, and the standard
error holds that the model was estimated and that values were filled in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterglow.errors import ParameterError, nearest
from afterglow.trial.analysis.ancova import design_of, least_squares
from afterglow.trial.analysis.covariance import structure
from afterglow.trial.analysis.data import TrialData
from afterglow.trial.analysis.design import Plan, Predictors, contrasts_of, plan_of, predictors, standard_of
from afterglow.trial.analysis.estimate import Estimate, estimate
from afterglow.trial.analysis.matrices import Numbers
from afterglow.trial.analysis.reml import Reml, fit_reml, sums_of

__all__ = ["STRATEGIES", "Inference", "reference_based"]

STRATEGIES = {
    "mar": "missing at random",
    "jr": "jump to reference",
    "cr": "copy reference",
    "cir": "copy increments in reference",
}
"""What becomes of people after they stop, by the name that trials use."""

Inference = Literal["jackknife", "bayes"]
_MOST_VISITS = 25
_SMALLEST_SHARE = 0.5
"""Of the fits to resampled people that must have succeeded."""


def reference_based(
    data: TrialData,
    *,
    strategy: str = "jr",
    inference: Inference = "jackknife",
    covariates: Sequence[str] | None = None,
    covariance: str = "us",
    stopped: ArrayLike | None = None,
    groups: int | None = None,
    imputations: int = 100,
    seed: int = 1,
    level: float = 0.95,
) -> Estimate:
    """Compare arms at every visit, with what is missing after people stop filled in by a strategy.

    Parameters
    ----------
    data : TrialData
        Of one trial, or of many, which are taken one after another.
    strategy : {"mar", "jr", "cr", "cir"}
        See `STRATEGIES`. Before a person stops, what is missing is missing at random.
    inference : {"jackknife", "bayes"}
        ``jackknife`` fills in conditional means and leaves out people in turn; ``bayes`` draws parameters by fits to
        resampled people, draws what is missing, and pools by Rubin's rules, whose standard errors are larger because
        they do not count what is borrowed from the reference as known.
    covariates : sequence of str, optional
        Of the mixed model, and of the analysis of covariance; default: the baseline, where there is one, and all.
    covariance : str
        One of `STRUCTURES`.
    stopped : int array (people,), optional
        First visit at which each person had stopped; the number of visits for those who never did. Default: the visit
        after the last that was rated.
    groups : int, optional
        How many parts of the people the jackknife leaves out in turn; default: each person. Twenty do for simulations.
    imputations : int
        Of ``bayes``.
    seed : int
        Of ``bayes``, and of the parts of the jackknife.
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
    _refuse_options(strategy, inference, groups, imputations)
    if data.many:
        return _one_by_one(data, locals())
    _refuse_visits(data)
    held = structure(covariance, len(data.visits))
    if covariates is None:
        covariates = [*(["baseline"] if data.baseline is not None else []), *data.covariates]
    known = predictors(data, covariates)
    if any(covariate.by_visit for covariate in known.covariates):
        raise ParameterError("covariates that change from visit to visit cannot be used for imputation")
    plan = plan_of(known, data, baseline_by_visit=True, of_arms=contrasts_of(data, None))
    weights = _weights(data, inference, groups, imputations, np.random.default_rng(seed))
    middle, spread = standard_of(known.outcomes)
    outcomes = (known.outcomes - middle[:, None, None]) / spread[:, None, None]
    fit = fit_reml(
        sums_of(plan.numbers, outcomes, plan.design, weights, needed=len(data.arms) * len(data.visits)), held
    )
    if not fit.converged[0] or fit.converged.mean() < _SMALLEST_SHARE:
        raise ParameterError(
            "the model that imputation rests on has no maximum that could be found in these data; take a covariance "
            "with fewer parameters, such as ar1h or cs"
        )
    kept = fit.converged
    fit, weights = _of(fit, kept), weights[kept]
    last = _stopped(data, stopped, outcomes[0])
    means = _person_means(plan, fit, data, last, strategy)
    if inference == "jackknife":
        complete = _filled(outcomes[0], means, fit.covariance, None)
        found = _jackknife(complete, weights, known, len(data.arms), level)
    else:
        complete = _filled(outcomes[0], means[1:], fit.covariance[1:], np.random.default_rng([seed, 1]))
        found = _pooled(complete, known, len(data.arms), level)
    return _scaled(found, float(spread[0]))


def _refuse_visits(data: TrialData) -> None:
    if len(data.visits) > _MOST_VISITS:
        raise ParameterError(f"{len(data.visits)} visits are more than the {_MOST_VISITS} that are imputed together")
    rated = np.isfinite(data.outcomes)
    for k, arm in enumerate(data.arms):
        for a, visit in enumerate(data.visits):
            if not rated[data.arm == k, a].any():
                raise ParameterError(f"nobody of arm '{arm[:60]}' was rated at visit '{visit[:60]}'; leave one out")


def _refuse_options(strategy: str, inference: str, groups: int | None, imputations: int) -> None:
    if strategy not in STRATEGIES:
        raise ParameterError(f"no strategy of imputation is called '{strategy[:40]}'; {nearest(strategy, STRATEGIES)}")
    if inference not in get_args(Inference):
        raise ParameterError(f"no inference is called '{inference[:40]}'; {nearest(inference, get_args(Inference))}")
    if groups is not None and groups < 2:
        raise ParameterError(f"a jackknife needs at least two groups, got {groups}")
    if imputations < 2:
        raise ParameterError(f"Rubin's rules need at least two imputations, got {imputations}")


def _one_by_one(data: TrialData, options: dict[str, object]) -> Estimate:
    """Analyse trials one after another; one that cannot be analysed is NaN."""
    given = {name: value for name, value in options.items() if name != "data"}
    shape = (data.trials, len(data.arms) - 1, len(data.visits))
    fields = np.full((len(Estimate.__dataclass_fields__), *shape), np.nan)
    for trial in range(data.trials):
        try:
            found = reference_based(data.trial(trial), **given)  # type: ignore[arg-type]
        except ParameterError:
            continue
        fields[:, trial] = [getattr(found, name) for name in Estimate.__dataclass_fields__]
    return Estimate(*fields)


def _weights(
    data: TrialData, inference: str, groups: int | None, imputations: int, rng: np.random.Generator
) -> Numbers:
    """Return how often each person counts in each fit, (fits, people); everybody once in the first."""
    people = data.count
    if inference == "jackknife":
        count = min(groups or people, people)
        part = np.arange(people) if count == people else _parts(data.arm, count, rng)
        left = part != np.arange(count)[:, None]
        return np.concatenate([np.ones((1, people)), left]).astype(np.float64)
    drawn = np.zeros((imputations, people))
    for arm in range(len(data.arms)):
        members = np.flatnonzero(data.arm == arm)
        if len(members):
            drawn[:, members] = rng.multinomial(len(members), np.full(len(members), 1 / len(members)), size=imputations)
    return np.concatenate([np.ones((1, people)), drawn])


def _parts(arm: NDArray[np.intp], count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return a part for each person, (people,), so that each arm is spread evenly over the parts."""
    order = np.lexsort([rng.random(len(arm)), arm])
    part = np.empty(len(arm), dtype=np.intp)
    part[order] = np.arange(len(arm)) % count
    return part


def _of(fit: Reml, kept: NDArray[np.bool_]) -> Reml:
    return replace(fit, coefficients=fit.coefficients[kept], covariance=fit.covariance[kept], converged=kept[kept])


def _stopped(data: TrialData, stopped: ArrayLike | None, outcomes: Numbers) -> NDArray[np.intp]:
    visits = len(data.visits)
    if stopped is None:
        return np.asarray(np.where(np.isfinite(outcomes), np.arange(1, visits + 1), 0).max(axis=1))
    given = np.asarray(stopped)
    if given.shape != (data.count,) or given.dtype.kind not in "iu" or given.min() < 0 or given.max() > visits:
        raise ParameterError(f"when people stopped must be a visit of each person, from 0 to {visits}")
    return given.astype(np.intp)


def _person_means(plan: Plan, fit: Reml, data: TrialData, last: NDArray[np.intp], strategy: str) -> Numbers:
    """Return what is expected of each person, (fits, people, visits)."""
    by_arm = plan.expected(fit.coefficients, len(data.arms))
    own = np.take_along_axis(by_arm, data.arm[None, None, :, None], axis=1)[:, 0]
    reference = by_arm[:, 0]
    after = np.arange(len(data.visits)) >= last[:, None]
    if strategy == "mar":
        return own
    if strategy == "jr":
        return np.where(after, reference, own)
    if strategy == "cr":
        return np.where((last < len(data.visits))[:, None], reference, own)
    end = np.maximum(last - 1, 0)[None, :, None]
    apart = np.take_along_axis(own - reference, end, axis=2) * (last > 0)[:, None]
    return np.where(after, reference + apart, own)


def _filled(outcomes: Numbers, means: Numbers, covariance: Numbers, rng: np.random.Generator | None) -> Numbers:
    """Return completed outcomes, (fits, people, visits): conditional means, with residuals where `rng` is given."""
    rated = np.isfinite(outcomes)
    filled = np.where(rated, outcomes, means)
    for pattern in np.unique(rated, axis=0):
        if pattern.all():
            continue
        members = np.flatnonzero((rated == pattern).all(axis=1))
        seen, lost = np.flatnonzero(pattern), np.flatnonzero(~pattern)
        across = covariance[:, lost[:, None], seen]
        slope = np.linalg.solve(covariance[:, seen[:, None], seen], across.swapaxes(1, 2)).swapaxes(1, 2)
        residual = outcomes[members][:, seen] - means[:, members][:, :, seen]
        value = means[:, members][:, :, lost] + residual @ slope.swapaxes(1, 2)
        if rng is not None:
            left = covariance[:, lost[:, None], lost] - slope @ across.swapaxes(1, 2)
            lower = np.linalg.cholesky((left + left.swapaxes(1, 2)) / 2)
            value = value + rng.standard_normal(value.shape) @ lower.swapaxes(1, 2)
        filled[:, members[:, None], lost] = value
    return filled


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


def _jackknife(complete: Numbers, weights: Numbers, known: Predictors, arms: int, level: float) -> Estimate:
    """Return the estimate of everybody with the standard error of leaving out parts."""
    values, _, _ = _differences(complete, known, arms, weights > 0)
    parts = values[1:]
    count = len(parts)
    se = np.sqrt((count - 1) / count * ((parts - parts.mean(axis=0)) ** 2).sum(axis=0))
    return estimate(values[0], se, np.inf if count == weights.shape[1] else count - 1.0, level=level)


def _pooled(complete: Numbers, known: Predictors, arms: int, level: float) -> Estimate:
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


def _scaled(found: Estimate, spread: float) -> Estimate:
    return Estimate(found.value * spread, found.se * spread, found.df, found.p, found.low * spread, found.high * spread)
