"""The mixed model for repeated measures: arms at every visit, where missing ratings are missing at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterglow.errors import ParameterError, nearest
from afterglow.trial.analysis.covariance import STRUCTURES, structure
from afterglow.trial.analysis.data import TrialData
from afterglow.trial.analysis.design import Plan, Predictors, contrasts_of, plan_of, predictors, standard_of
from afterglow.trial.analysis.estimate import Estimate, concatenated, estimate
from afterglow.trial.analysis.matrices import Numbers
from afterglow.trial.analysis.reml import Reml, Sums, fit_reml, sums_of

__all__ = ["DegreesOfFreedom", "Mmrm", "mmrm"]
DegreesOfFreedom = Literal["satterthwaite", "kenward-roger"]

_SPELLINGS: dict[str, DegreesOfFreedom] = {
    "kr": "kenward-roger",
    "kenwardroger": "kenward-roger",
    "satterth": "satterthwaite",
}
_MOST_VISITS = 25
_LEAST_TOGETHER, _MOST_TOGETHER = 4, 64
"""Trials that are fitted at once: with more, or with more visits, their arrays leave the processor's cache."""


@dataclass(frozen=True, eq=False)
class Mmrm:
    """A fitted mixed model for repeated measures; with many trials, arrays have a first axis for them.

    Parameters
    ----------
    minus2_log_likelihood : array () or (trials,)
        -2 residual log-likelihood, as PROC MIXED prints it.
    differences : Estimate (arms - 1, visits) or (trials, arms - 1, visits)
        Each arm minus the reference, or each contrast that was asked for, at each visit.
    means : Estimate (arms, visits) or (trials, arms, visits)
        Least-squares means: lines at their mean over people, classes weighing the same at each level.
    covariance : array (visits, visits) or (trials, visits, visits)
        Of the ratings of one person.
    people : int array () or (trials,)
        Who have at least one rating and all covariates.
    left_out : int array () or (trials,)
        Who have ratings but lack a covariate.
    converged : bool array () or (trials,)
        False where the data could not carry the model; everything else is NaN there.
    structure, df : str
        Of the covariance, and of the degrees of freedom.
    parameters : int
        Of the covariance.
    """

    minus2_log_likelihood: Numbers
    differences: Estimate
    means: Estimate
    covariance: Numbers
    people: NDArray[np.intp]
    left_out: NDArray[np.intp]
    converged: NDArray[np.bool_]
    structure: str
    df: str
    parameters: int


def mmrm(
    data: TrialData,
    *,
    covariates: Sequence[str] | None = None,
    baseline_by_visit: bool = True,
    covariance: str = "us",
    df: DegreesOfFreedom = "satterthwaite",
    contrasts: ArrayLike | None = None,
    level: float = 0.95,
) -> Mmrm:
    """Fit arm by visit, with covariates, by residual maximum likelihood.

    Parameters
    ----------
    data : TrialData
        Of one trial, or of many: these are fitted together, and one that cannot be fitted is NaN.
    covariates : sequence of str, optional
        Default: the baseline, where there is one, and all covariates.
    baseline_by_visit : bool
        Whether the slope on the baseline may differ between visits.
    covariance : str
        One of `STRUCTURES`; ``us`` is unstructured.
    df : {"satterthwaite", "kenward-roger"}
        Kenward and Roger also enlarge the standard errors. Both use the observed information, as SAS does.
    contrasts : array (contrasts, arms), optional
        Weights of the arms' means; default: each arm minus the reference, which is the first.
    level : float
        Of the confidence intervals.

    Raises
    ------
    ParameterError
        If an option is not known, or one trial's data cannot carry the model.

    References
    ----------
    kenward1997, fai1996.
    """
    df = _SPELLINGS.get(df, df)
    if df not in get_args(DegreesOfFreedom):
        raise ParameterError(f"no degrees of freedom are called '{df[:40]}'; {nearest(df, get_args(DegreesOfFreedom))}")
    if len(data.visits) < 2:
        raise ParameterError("a model for repeated measures needs two visits, and the data have one; use ancova")
    together = _together(len(data.visits))
    if data.trials > together:
        options = {"covariates": covariates, "covariance": covariance, "contrasts": contrasts, "level": level}
        parts = [
            mmrm(part, baseline_by_visit=baseline_by_visit, df=df, **options)  # type: ignore[arg-type]
            for part in data.parts(together)
        ]
        return _joined(parts)
    if len(data.visits) > _MOST_VISITS:
        raise ParameterError(
            f"{len(data.visits)} visits are more than the {_MOST_VISITS} that can be fitted; is it the right column?"
        )
    held = structure(covariance, len(data.visits))
    if not data.many:
        _refuse_empty_visits(data)
    known = predictors(data, covariates)
    plan = plan_of(known, data, baseline_by_visit=baseline_by_visit, of_arms=contrasts_of(data, contrasts))
    middle, spread = standard_of(known.outcomes)
    standard = (known.outcomes - middle[:, None, None]) / spread[:, None, None]
    sums = sums_of(plan.numbers, standard, plan.design, needed=len(data.arms) * len(data.visits))
    fit = fit_reml(sums, held, excess=df == "kenward-roger")
    if not data.many and not fit.converged[0]:
        _refuse_sums(sums, plan, data, held.name)
        raise ParameterError(
            f"the model with {STRUCTURES[held.name]} covariance has no maximum that could be found in these data; "
            "take a covariance with fewer parameters, such as ar1h or cs"
        )
    return _in_points(fit, sums, plan, known, data, (middle, spread), held.name, df, level)


def _together(visits: int) -> int:
    size = int(_MOST_TOGETHER * (4 / visits) ** 4)
    return min(max(size, _LEAST_TOGETHER), _MOST_TOGETHER)


def _joined(parts: Sequence[Mmrm]) -> Mmrm:
    """Put fits of some trials after each other."""

    def joined(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(part, name) for part in parts])

    return replace(
        parts[0],
        differences=concatenated([part.differences for part in parts]),
        means=concatenated([part.means for part in parts]),
        minus2_log_likelihood=joined("minus2_log_likelihood"),
        covariance=joined("covariance"),
        people=joined("people"),
        left_out=joined("left_out"),
        converged=joined("converged"),
    )


def _in_points(
    fit: Reml,
    sums: Sums,
    plan: Plan,
    known: Predictors,
    data: TrialData,
    standard: tuple[Numbers, Numbers],
    name: str,
    df: str,
    level: float,
) -> Mmrm:
    middle, spread = standard
    contrasts, visits, arms = plan.contrasts, len(data.visits), len(data.arms)
    count = len(contrasts) - arms * visits
    value = fit.coefficients @ contrasts.T * spread[:, None]
    value[:, count:] += middle[:, None]
    plain = (contrasts @ fit.spread * contrasts).sum(axis=2)
    slopes = (contrasts @ fit.slopes * contrasts).sum(axis=3)
    of_variance = (slopes * (fit.theta_spread @ slopes)).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = 2 * plain**2 / of_variance
    variance = plain
    if df == "kenward-roger":
        variance = plain + (contrasts @ fit.excess * contrasts).sum(axis=2)
    with np.errstate(invalid="ignore"):
        found = estimate(value, np.sqrt(variance) * spread[:, None], freedom, level=level)
    minus2 = fit.minus2 + 2 * (sums.ratings - sums.used) * np.log(spread) + 2 * plan.log_scale
    covariance = fit.covariance * spread[:, None, None] ** 2
    people = np.isfinite(known.outcomes).any(axis=2).sum(axis=1)
    first = slice(None) if data.many else 0

    def shaped(part: slice, rows: int) -> Estimate:
        held = found.at((slice(None), part))
        fields = (held.value, held.se, held.df, held.p, held.low, held.high)
        return Estimate(*(each.reshape(len(each), rows, visits)[first] for each in fields))

    return Mmrm(
        minus2[first],
        shaped(slice(None, count), count // visits),
        shaped(slice(count, None), arms),
        covariance[first],
        people[first],
        known.left_out[first],
        fit.converged[first],
        name,
        df,
        fit.theta.shape[1],
    )


def _refuse_empty_visits(data: TrialData) -> None:
    rated = np.isfinite(data.outcomes)
    for k, arm in enumerate(data.arms):
        if not (data.arm == k).any():
            raise ParameterError(f"nobody is in arm '{arm[:60]}'")
    for a, visit in enumerate(data.visits):
        if not rated[:, a].any():
            raise ParameterError(f"nobody was rated at visit '{visit[:60]}'; leave it out")
        for k, arm in enumerate(data.arms):
            if not rated[data.arm == k, a].any():
                raise ParameterError(f"nobody of arm '{arm[:60]}' was rated at visit '{visit[:60]}'; leave one out")


def _refuse_sums(sums: Sums, plan: Plan, data: TrialData, covariance: str) -> None:
    ratings, columns = int(sums.ratings[0]), sums.columns
    if ratings <= columns:
        raise ParameterError(
            f"{ratings} ratings cannot carry a model with {columns} coefficients; take fewer covariates"
        )
    extra = _dependent(sums, plan)
    if extra:
        raise ParameterError(
            f"the covariate '{extra[:60]}' cannot be told apart from arms, visits and other covariates; leave it out"
        )
    for a, first in enumerate(data.visits):
        if np.nanstd(data.outcomes[:, a]) == 0:
            raise ParameterError(f"all ratings at visit '{first[:60]}' are the same; leave it out")
        for b in range(a + 1, len(data.visits)):
            apart = data.outcomes[:, a] - data.outcomes[:, b]
            if np.isfinite(apart).any() and not np.nan_to_num(apart).any():
                raise ParameterError(
                    f"everybody has the same rating at '{first[:60]}' and '{data.visits[b][:60]}'; leave one out"
                )
    together = sums.together[0]
    if covariance == "us" and not together.all():
        a, b = np.argwhere(together == 0)[0]
        raise ParameterError(
            f"nobody was rated at both '{data.visits[a][:60]}' and '{data.visits[b][:60]}', so that an unstructured "
            "covariance cannot be estimated; take another, such as ar1h or cs"
        )


def _dependent(sums: Sums, plan: Plan) -> str:
    """Return the name of the first column that the ones before it make, or nothing."""
    cross = sums.unweighted[0, :-1, :-1]
    scale = np.sqrt(np.maximum(np.diagonal(cross), np.finfo(float).tiny))
    left = cross / np.outer(scale, scale)
    for k, name in enumerate(plan.names):
        if left[k, k] < 1e-9:
            return name
        left = left - np.outer(left[:, k], left[k]) / left[k, k]
    return ""
