"""Time to an event such as relapse: curves of Kaplan and Meier, the log-rank test, Cox's proportional hazards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from afterglow.errors import ParameterError, nearest
from afterglow.trial.analysis.estimate import Estimate, estimate
from afterglow.trial.analysis.matrices import Numbers, is_definite

__all__ = ["Survival", "TimeToEvent", "cox", "kaplan_meier", "log_rank"]

_MOST_STEPS = 50
_DONE = 1e-9
_LARGEST_LOG_HAZARD = 20.0
"""Beyond it a hazard ratio has no finite estimate."""


@dataclass(frozen=True, eq=False)
class TimeToEvent:
    """When an event came to each person of one trial, or of many of the same size, which then have a first axis.

    Parameters
    ----------
    time : array (people,) or (trials, people)
        To the event, or to the last day on which there had been none; NaN for people who do not count.
    event : bool array of the same shape
    arm : integer array (people,) or (trials, people)
        Place in `arms`.
    arms : sequence of str
        The first is the reference.
    covariates : mapping of name to array (people,) or (trials, people)
        Numbers are lines, words are classes.

    Raises
    ------
    ParameterError
        If shapes do not agree, a time is below zero, or there is one arm alone.
    """

    time: Numbers
    event: NDArray[np.bool_]
    arm: NDArray[np.intp]
    arms: Sequence[str]
    covariates: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "time", np.asarray(self.time, np.float64))
        set_(self, "event", np.asarray(self.event, dtype=bool))
        set_(self, "arm", np.asarray(self.arm))
        set_(self, "arms", tuple(str(arm) for arm in self.arms))
        shape = self.time.shape
        if len(shape) not in (1, 2) or self.event.shape != shape or self.arm.shape not in {shape, shape[-1:]}:
            raise ParameterError(
                f"times, events and arms must have one shape, got {shape}, {self.event.shape}, {self.arm.shape}"
            )
        if len(self.arms) < 2:
            raise ParameterError("a comparison needs two arms")
        if (self.time < 0).any() or np.isinf(self.time).any():
            raise ParameterError("a time to an event must be a number and not below zero")
        if self.arm.min() < 0 or self.arm.max() >= len(self.arms):
            raise ParameterError(f"a person's arm must lie from 0 to {len(self.arms) - 1}")
        for name, held in self.covariates.items():
            if np.shape(held) not in {shape, shape[-1:]}:
                raise ParameterError(f"the covariate '{name[:60]}' must be {shape}, got {np.shape(held)}")

    @property
    def many(self) -> bool:
        """Whether there is a first axis for trials."""
        return self.time.ndim == 2

    def covariate(self, name: str) -> NDArray[Any]:
        """Return a covariate.

        Raises
        ------
        ParameterError
            If there is none of that name.
        """
        if name not in self.covariates:
            hint = nearest(name, self.covariates) if self.covariates else "the data hold none"
            raise ParameterError(f"no covariate is called '{name[:60]}'; {hint}")
        return np.asarray(self.covariates[name])


@dataclass(frozen=True, eq=False)
class Survival:
    """A curve of Kaplan and Meier, each array (times,) at the times of events.

    Parameters
    ----------
    time, at_risk, events : array (times,)
    survival : array (times,)
        Share without the event, from that time on.
    se : array (times,)
        Of the share, by Greenwood's formula.
    low, high : array (times,)
        Confidence interval on the scale of log(-log), as SAS prints it.
    """

    time: Numbers
    at_risk: Numbers
    events: Numbers
    survival: Numbers
    se: Numbers
    low: Numbers
    high: Numbers

    def at(self, time: ArrayLike) -> Numbers:
        """Return the share without the event at given times; NaN nowhere, 1 before the first event."""
        place = np.searchsorted(self.time, np.asarray(time, np.float64), side="right")
        return np.concatenate([[1.0], self.survival])[place]

    @property
    def median(self) -> float:
        """Time at which half have had the event; infinite where fewer have."""
        below = self.survival <= 0.5
        return float(self.time[np.argmax(below)]) if below.any() else np.inf


def kaplan_meier(time: ArrayLike, event: ArrayLike, *, level: float = 0.95) -> Survival:
    """Return the curve of one group.

    Parameters
    ----------
    time, event : array (people,)
        NaN times are left out.
    level : float
        Of the confidence interval at each time.

    References
    ----------
    kaplan1958.
    """
    when, had = _counted(np.asarray(time, np.float64), np.asarray(event, dtype=bool))
    at, events = np.unique(when[had], return_counts=True)
    ordered = np.sort(when)
    at_risk = len(ordered) - np.searchsorted(ordered, at)
    survival = np.asarray(np.cumprod(1 - events / at_risk), np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        hazard = np.cumsum(events / (at_risk * (at_risk - events)))
        se = np.asarray(survival * np.sqrt(hazard), np.float64)
        log = np.log(survival)
        half = float(ndtri((1 + level) / 2)) * np.sqrt(hazard) / log
        low, high = (np.asarray(survival ** np.exp(side * half), np.float64) for side in (-1, 1))
    gone = survival == 0
    nan = np.where(gone, np.nan, 1.0)
    return Survival(
        at,
        at_risk.astype(np.float64),
        events.astype(np.float64),
        survival,
        np.where(gone, 0.0, se),
        low * nan,
        high * nan,
    )


def log_rank(data: TimeToEvent, *, strata: Sequence[str] = (), level: float = 0.95) -> Estimate:
    """Compare each arm with the reference by the log-rank test.

    Parameters
    ----------
    data : TimeToEvent
    strata : sequence of str
        Covariates whose levels, all together, are the strata.
    level : float

    Returns
    -------
    Estimate (arms - 1,) or (trials, arms - 1)
        The value is the one-step logarithm of the hazard ratio: events observed less expected, over their variance. The
        p value is that of the test.

    Raises
    ------
    ParameterError
        If a stratum is no covariate, or one trial has no event.

    References
    ----------
    mantel1966, yusuf1985.
    """
    found = np.full((_trials(data), len(data.arms) - 1, 2), np.nan)
    for trial, (time, event, arm, stratum) in enumerate(_each(data, strata)):
        for k in range(1, len(data.arms)):
            pair = (arm == 0) | (arm == k)
            apart, variance = 0.0, 0.0
            for level_of in np.unique(stratum[pair]):
                held = pair & (stratum == level_of)
                more = _observed_less_expected(time[held], event[held], arm[held] == k)
                apart, variance = apart + more[0], variance + more[1]
            if variance > 0:
                found[trial, k - 1] = apart / variance, 1 / np.sqrt(variance)
            elif not data.many:
                raise ParameterError(f"no event tells arm '{data.arms[k][:60]}' from '{data.arms[0][:60]}'")
    answer = estimate(found[..., 0], found[..., 1], level=level)
    return answer if data.many else answer.at(0)


def cox(
    data: TimeToEvent, *, covariates: Sequence[str] = (), strata: Sequence[str] = (), level: float = 0.95
) -> Estimate:
    """Compare each arm with the reference by proportional hazards; ties by Efron's method.

    Parameters
    ----------
    data : TimeToEvent
    covariates : sequence of str
        That hazards are adjusted for.
    strata : sequence of str
        Covariates whose levels, all together, have a baseline hazard each.
    level : float

    Returns
    -------
    Estimate (arms - 1,) or (trials, arms - 1)
        Logarithm of the hazard ratio.

    Raises
    ------
    ParameterError
        If a covariate is not known, or the hazard ratio of one trial has no finite estimate.

    References
    ----------
    cox1972, efron1977.
    """
    found = np.full((_trials(data), len(data.arms) - 1, 2), np.nan)
    others = len(data.arms) - 1
    for trial, (time, event, arm, stratum) in enumerate(_each(data, strata)):
        X = np.column_stack([arm == k for k in range(1, others + 1)]).astype(np.float64)
        columns = [_columns(data, name, trial) for name in covariates]
        X = np.column_stack([X, *columns]) if columns else X
        whole = np.isfinite(X).all(axis=1)
        fit = _fit(time[whole], event[whole], X[whole], stratum[whole])
        if fit is not None:
            found[trial, :, 0] = fit[0][:others]
            found[trial, :, 1] = np.sqrt(np.diagonal(fit[1])[:others])
        elif not data.many:
            _refuse(event, arm, data)
    answer = estimate(found[..., 0], found[..., 1], level=level)
    return answer if data.many else answer.at(0)


def _trials(data: TimeToEvent) -> int:
    return len(data.time) if data.many else 1


def _each(
    data: TimeToEvent, strata: Sequence[str]
) -> Iterator[tuple[Numbers, NDArray[np.bool_], NDArray[np.intp], NDArray[np.intp]]]:
    """Yield time, event, arm and stratum of each trial; people whose time is NaN have no event and come first."""
    shape = (_trials(data), data.time.shape[-1])
    stratum = np.zeros(shape, dtype=np.intp)
    for name in strata:
        held = data.covariate(name)
        levels, own = np.unique(held.astype(str), return_inverse=True)
        stratum = stratum * len(levels) + np.broadcast_to(own.reshape(held.shape), shape)
    time, event, arm = (np.broadcast_to(each, shape) for each in (data.time, data.event, data.arm))
    for trial in range(shape[0]):
        known = np.isfinite(time[trial])
        # A person who left before any event is at risk of none.
        yield np.where(known, time[trial], -1.0), event[trial] & known, arm[trial], stratum[trial]


def _counted(time: Numbers, event: NDArray[np.bool_]) -> tuple[Numbers, NDArray[np.bool_]]:
    if time.shape != event.shape or time.ndim != 1:
        raise ParameterError(f"times and events must be (people,), got {time.shape} and {event.shape}")
    known = np.isfinite(time)
    if not known.any():
        raise ParameterError("nobody has a time")
    return time[known], event[known]


def _observed_less_expected(time: Numbers, event: NDArray[np.bool_], other: NDArray[np.bool_]) -> tuple[float, float]:
    at, events = np.unique(time[event], return_counts=True)
    if not len(at):
        return 0.0, 0.0
    at_risk = len(time) - np.searchsorted(np.sort(time), at)
    of_other = int(other.sum()) - np.searchsorted(np.sort(time[other]), at)
    share = of_other / at_risk
    variance = events * share * (1 - share) * (at_risk - events) / np.maximum(at_risk - 1, 1)
    return float((event & other).sum() - (events * share).sum()), float(variance.sum())


def _columns(data: TimeToEvent, name: str, trial: int) -> Numbers:
    held = data.covariate(name)
    own = held[trial] if held.ndim == 2 else held
    if own.dtype.kind in "biuf":
        values = own.astype(np.float64)
        return np.asarray(values - np.nanmean(values))[:, None]
    levels = np.unique(own.astype(str))
    return np.asarray(own.astype(str)[:, None] == levels[1:], np.float64)


def _fit(
    time: Numbers, event: NDArray[np.bool_], X: Numbers, stratum: NDArray[np.intp]
) -> tuple[Numbers, Numbers] | None:
    """Return coefficients and their covariance, or None where there are none that are finite."""
    parts = []
    for level in np.unique(stratum):
        held = stratum == level
        order = np.argsort(-time[held], kind="stable")
        parts.append(_Stratum.of(time[held][order], event[held][order], X[held][order]))
    beta = np.zeros(X.shape[1])
    last = _likelihood(beta, parts)
    for _ in range(_MOST_STEPS):
        value, gradient, information = last
        if not is_definite(information[None])[0]:
            return None
        step = np.linalg.solve(information, gradient)
        if gradient @ step < _DONE:
            return beta, np.asarray(np.linalg.inv(information), np.float64)
        for _ in range(_MOST_STEPS):
            new = _likelihood(beta + step, parts)
            if new[0] >= value - 1e-12:
                break
            step = step / 2
        beta, last = beta + step, new
        if np.abs(beta).max() * max(np.ptp(X, axis=0).max(), 1.0) > _LARGEST_LOG_HAZARD:
            return None
    return None


@dataclass(frozen=True, eq=False)
class _Stratum:
    """People in order of falling time, and for each event where its people at risk end and its ties lie."""

    X: Numbers
    event: NDArray[np.bool_]
    last: NDArray[np.intp]
    """Of each event: the last place at risk."""
    tie: NDArray[np.intp]
    """Of each event: the number of its distinct time."""
    share: Numbers
    """Of each event: which share of the tied events has left those at risk (Efron)."""

    @classmethod
    def of(cls, time: Numbers, event: NDArray[np.bool_], X: Numbers) -> _Stratum:
        own = time[event]
        _, tie, count = np.unique(-own, return_inverse=True, return_counts=True)
        within = np.arange(len(own)) - np.searchsorted(tie, tie)
        last = np.searchsorted(-time, -own, side="right") - 1
        return cls(X, event, last, tie, within / count[tie] if len(own) else np.zeros(0))


def _likelihood(beta: Numbers, parts: Sequence[_Stratum]) -> tuple[float, Numbers, Numbers]:
    """Return the partial log-likelihood, its gradient and its information."""
    size = len(beta)
    value, gradient, information = 0.0, np.zeros(size), np.zeros((size, size))
    for part in parts:
        if not part.event.any():
            continue
        linear = part.X @ beta
        risk = np.exp(linear)
        whole = np.column_stack([risk[:, None], risk[:, None] * part.X])
        whole = np.column_stack([whole, (whole[:, 1:, None] * part.X[:, None, :]).reshape(len(risk), -1)])
        of_event = whole[part.event]
        tied = np.zeros((part.tie.max() + 1, whole.shape[1]))
        np.add.at(tied, part.tie, of_event)
        sums = np.cumsum(whole, axis=0)[part.last] - part.share[:, None] * tied[part.tie]
        mean = sums[:, 1 : size + 1] / sums[:, :1]
        square = (sums[:, size + 1 :] / sums[:, :1]).sum(axis=0).reshape(size, size)
        value += float(linear[part.event].sum() - np.log(sums[:, 0]).sum())
        gradient += part.X[part.event].sum(axis=0) - mean.sum(axis=0)
        information += square - mean.T @ mean
    return value, gradient, information


def _refuse(event: NDArray[np.bool_], arm: NDArray[np.intp], data: TimeToEvent) -> None:
    for k, name in enumerate(data.arms):
        if not event[arm == k].any():
            raise ParameterError(
                f"nobody of arm '{name[:60]}' had the event, so the hazard ratio has no finite estimate; use log-rank"
            )
    raise ParameterError("the hazard ratio has no finite estimate in these data; leave covariates out, or use log-rank")
