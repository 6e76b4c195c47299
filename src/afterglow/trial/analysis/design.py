"""What linear models draw on: arms and covariates as numbers, centred so that sums of squares keep their digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterglow.errors import ParameterError
from afterglow.trial.analysis.data import TrialData
from afterglow.trial.analysis.matrices import Numbers

__all__ = ["Covariate", "Plan", "Predictors", "contrasts_of", "plan_of", "predictors", "standard_of"]


@dataclass(frozen=True, eq=False)
class Covariate:
    """One covariate as columns.

    Parameters
    ----------
    name : str
    values : array (trials or 1, people, columns)
        A line has one column, or one a visit where it changes; a class has one for each level but the first.
    by_visit : bool
        Whether the columns are one line at several visits.
    levels : int
        Of a class; 0 for a line.
    log_scale : array (trials or 1,)
        Logarithm of what a line was divided by.
    """

    name: str
    values: Numbers
    by_visit: bool
    levels: int
    log_scale: Numbers


@dataclass(frozen=True, eq=False)
class Predictors:
    """What is known of people before their ratings, with the ratings of those who can be used.

    Parameters
    ----------
    arms : array (trials or 1, people, arms - 1)
        1 for a person of that arm.
    covariates : tuple of Covariate
    outcomes : array (trials, people, visits)
        NaN where missing, and for people who lack a covariate.
    left_out : int array (trials,)
        People with ratings who lack a covariate.
    """

    arms: Numbers
    covariates: tuple[Covariate, ...]
    outcomes: Numbers
    left_out: NDArray[np.intp]

    def of(self, trials: NDArray[np.bool_]) -> Predictors:
        """Return what is known in some of the trials."""
        covariates = tuple(replace(each, values=_of(each.values, trials)) for each in self.covariates)
        return Predictors(_of(self.arms, trials), covariates, self.outcomes[trials], self.left_out[trials])


def _of(held: Numbers, trials: NDArray[np.bool_]) -> Numbers:
    """Return what some of the trials hold; what all share stays as it is."""
    return held[trials] if len(held) == len(trials) else held


def predictors(data: TrialData, covariates: Sequence[str] | None) -> Predictors:
    """Return arms and covariates of people as numbers.

    Parameters
    ----------
    data : TrialData
    covariates : sequence of str, optional
        Names of covariates; ``baseline`` is one where it is held. None: the baseline where it is held, and all others.

    Raises
    ------
    ParameterError
        If there is no such covariate, one stands twice, or it does not differ between people.
    """
    if covariates is None:
        covariates = [*(["baseline"] if data.baseline is not None else []), *data.covariates]
    names = list(covariates)
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ParameterError(f"the covariate '{twice[0][:60]}' is named twice; keep one")
    outcomes = data.outcomes if data.many else data.outcomes[None]
    whole = np.ones(outcomes.shape[:2], dtype=bool)
    held: list[Covariate] = []
    for name in names:
        covariate, known = _covariate(name, data, np.isfinite(outcomes))
        held.append(covariate)
        whole = whole & known
    rated = np.isfinite(outcomes).any(axis=2)
    left_out = (rated & ~whole).sum(axis=1)
    arm = data.arm if data.arm.ndim == 2 else data.arm[None]
    arms = (arm[:, :, None] == np.arange(1, len(data.arms))).astype(np.float64)
    return Predictors(arms, tuple(held), np.where(whole[:, :, None], outcomes, np.nan), left_out)


def contrasts_of(data: TrialData, contrasts: ArrayLike | None) -> Numbers:
    """Return weights of the arms' means, (contrasts, arms): those given, or each arm minus the first.

    Raises
    ------
    ParameterError
        If there is not one weight for each arm, or weights do not sum to zero.
    """
    arms = len(data.arms)
    if contrasts is None:
        return np.concatenate([-np.ones((arms - 1, 1)), np.eye(arms - 1)], axis=1)
    weights = np.atleast_2d(np.asarray(contrasts, np.float64))
    if weights.ndim != 2 or weights.shape[1] != arms:
        raise ParameterError(f"a contrast needs one weight for each of {arms} arms, got shape {weights.shape}")
    if not np.allclose(weights.sum(axis=1), 0.0):
        raise ParameterError("the weights of a contrast must sum to zero, so that it compares arms")
    return weights


def _covariate(name: str, data: TrialData, rated: NDArray[np.bool_]) -> tuple[Covariate, NDArray[np.bool_]]:
    raw = data.covariate(name)
    by_visit = raw.shape == data.outcomes.shape
    if raw.ndim - by_visit == 1:
        raw = raw[None]
    if raw.dtype.kind in "biuf":
        return _line(name, raw.astype(np.float64), by_visit, rated)
    if by_visit:
        raise ParameterError(
            f"the covariate '{name[:60]}' is in words and changes from visit to visit; use one that stays"
        )
    words = raw.astype(str)
    known = words != ""
    for missing in ("nan", "None", "NaT", "<NA>"):
        known &= words != missing
    levels = np.unique(words[known & rated.any(axis=2)])
    if len(levels) < 2:
        raise ParameterError(f"the covariate '{name[:60]}' is the same for everybody; leave it out")
    values = (words[:, :, None] == levels[1:]).astype(np.float64)
    return Covariate(name, values, False, len(levels), np.zeros(1)), known


def _line(name: str, raw: Numbers, by_visit: bool, rated: NDArray[np.bool_]) -> tuple[Covariate, NDArray[np.bool_]]:
    values = raw if by_visit else raw[:, :, None]
    seen = np.isfinite(values) & (rated if by_visit else rated.any(axis=2, keepdims=True))
    count = np.maximum(seen.sum(axis=(1, 2), keepdims=True), 1)
    centred = np.where(seen, values, 0.0)
    centred = np.where(seen, values - centred.sum(axis=(1, 2), keepdims=True) / count, 0.0)
    sd = np.sqrt((centred**2).sum(axis=(1, 2), keepdims=True) / count)
    largest = np.where(seen, np.abs(values), 0.0).max(axis=(1, 2), keepdims=True)
    same = sd <= 1e-10 * largest
    if same.all():
        raise ParameterError(f"the covariate '{name[:60]}' is the same for everybody; leave it out")
    sd = np.where(same, 1.0, sd)
    missing = ~np.isfinite(values)
    known = np.asarray(~(missing & rated).any(axis=2) if by_visit else ~missing[:, :, 0])
    return Covariate(name, centred / sd, by_visit, 0, np.log(sd)[:, 0, 0]), known


@dataclass(frozen=True, eq=False)
class Plan:
    """The columns of a model: arm by visit, then covariates.

    Parameters
    ----------
    numbers : array (trials, people, numbers)
        1, arms but the reference, and covariates.
    design : array (visits, numbers, columns)
        What each number adds to each column at each visit.
    names : tuple of str
        Of the columns.
    contrasts : array (rows, columns)
        Contrasts of arms by visit, then means of arms by visit.
    log_scale : array (trials or 1,)
        Sum over the columns of the logarithms of what they were divided by.
    """

    numbers: Numbers
    design: Numbers
    names: tuple[str, ...]
    contrasts: Numbers
    log_scale: Numbers

    def of(self, trials: NDArray[np.bool_]) -> Plan:
        """Return the plan of some of the trials."""
        return replace(self, numbers=self.numbers[trials])

    def expected(self, coefficients: Numbers, arms: int) -> Numbers:
        """Return the mean of each person in each arm, (fits, arms, people, visits), for given coefficients.

        Parameters
        ----------
        coefficients : array (fits, columns)
        arms : int
        """
        loads = np.einsum("vnc,fc->fvn", self.design, coefficients)
        found = []
        for arm in range(arms):
            numbers = self.numbers.copy()
            numbers[:, :, 1:arms] = np.arange(1, arms) == arm
            found.append(numbers @ loads.swapaxes(1, 2))
        return np.stack(found, axis=1)


def plan_of(known: Predictors, data: TrialData, *, baseline_by_visit: bool, of_arms: Numbers) -> Plan:
    """Return the columns of arm by visit and of covariates.

    Parameters
    ----------
    known : Predictors
    data : TrialData
    baseline_by_visit : bool
        Whether the slope on the baseline may differ between visits.
    of_arms : array (contrasts, arms)
        Weights of the arms' means.
    """
    visits, others, trials = len(data.visits), len(data.arms) - 1, len(known.outcomes)
    parts = [np.ones((1, data.count, 1)), known.arms, *(covariate.values for covariate in known.covariates)]
    numbers = np.concatenate([np.broadcast_to(p, (trials, *p.shape[1:])) for p in parts], axis=2)
    columns: list[Numbers] = []
    names: list[str] = []
    means: list[float] = []
    log_scale = np.zeros(1)
    eye = np.eye(visits)

    def add(name: str, number: int, weights: Numbers, mean: float = 0.0) -> None:
        column = np.zeros((visits, numbers.shape[2]))
        column[:, number] = weights
        columns.append(column)
        names.append(name)
        means.append(mean)

    for number in range(1 + others):
        for a, visit in enumerate(data.visits):
            add(f"{data.arms[number]} at {visit}", number, eye[a])
    place = 1 + others
    for covariate in known.covariates:
        size = covariate.values.shape[2]
        if covariate.by_visit:
            add(covariate.name, place, eye[0])
            columns[-1][np.arange(visits), place + np.arange(visits)] = 1.0
            log_scale = log_scale + covariate.log_scale
        elif covariate.name == "baseline" and baseline_by_visit and not covariate.levels:
            for a in range(visits):
                add(covariate.name, place, eye[a])
            log_scale = log_scale + visits * covariate.log_scale
        else:
            for k in range(size):
                add(covariate.name, place + k, np.ones(visits), 1 / covariate.levels if covariate.levels else 0.0)
            log_scale = log_scale + covariate.log_scale
        place += size
    cells = np.eye(visits * (1 + others), len(columns))
    shared = np.asarray(means) + cells[:visits]
    of_means = np.concatenate([shared, np.tile(shared, (others, 1)) + cells[visits:]])
    asked = np.tensordot(of_arms, of_means.reshape(1 + others, visits, -1), 1).reshape(-1, len(columns))
    return Plan(numbers, np.stack(columns, axis=2), tuple(names), np.concatenate([asked, of_means]), log_scale)


def standard_of(outcomes: Numbers) -> tuple[Numbers, Numbers]:
    """Return mean and SD of the ratings of each trial, (trials,), so that sums of squares keep their digits."""
    rated = np.isfinite(outcomes)
    count = np.maximum(rated.sum(axis=(1, 2)), 1)
    middle = np.where(rated, outcomes, 0.0).sum(axis=(1, 2)) / count
    apart = np.where(rated, outcomes - middle[:, None, None], 0.0)
    spread = np.sqrt((apart**2).sum(axis=(1, 2)) / count)
    return middle, np.where(spread > 0, spread, 1.0)
