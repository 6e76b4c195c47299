"""Shares of people who respond: their difference, with strata or without, and whether it passes a margin.

Counts may have leading axes for trials; nothing here loops over them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from afterglow.errors import ParameterError, nearest
from afterglow.trial.analysis.data import TrialData
from afterglow.trial.analysis.estimate import Estimate, estimate
from afterglow.trial.analysis.matrices import Numbers

__all__ = [
    "IntervalKind",
    "cmh",
    "farrington_manning",
    "mantel_haenszel_odds_ratio",
    "newcombe_interval",
    "responders",
    "responses",
    "risk_difference",
    "score_interval",
]

IntervalKind = Literal["newcombe", "score", "wald"]
_HALVINGS = 60


def responders(
    data: TrialData,
    *,
    visit: str | int = -1,
    fall: float | None = None,
    at_most: float | None = None,
    missing: Literal["nonresponse", "left out"] = "nonresponse",
    strata: Sequence[str] = (),
    interval: IntervalKind = "newcombe",
    level: float = 0.95,
) -> Estimate:
    """Compare the shares of responders at a visit.

    Parameters
    ----------
    data : TrialData
    visit : str or int
        By name, or by number; the last one by default.
    fall, at_most, missing
        Who responds: see `responses`.
    strata : sequence of str
        Covariates whose levels, all together, make the strata of a Cochran-Mantel-Haenszel test.
    interval : {"newcombe", "score", "wald"}
        Without strata; with them it is that of Sato.
    level : float
        Of the confidence interval.

    Returns
    -------
    Estimate (arms - 1,) or (trials, arms - 1)
        Share in each arm minus that in the reference.

    Raises
    ------
    ParameterError
        If the visit or a covariate is not known, or an arm of one trial has nobody who can be counted.
    """
    answered = responses(data, visit=visit, fall=fall, at_most=at_most, missing=missing)
    answered = answered if data.many else answered[None]
    arm = np.broadcast_to(data.arm, answered.shape)
    stratum = _strata(data, strata, answered.shape)
    found = []
    for k in range(1, len(data.arms)):
        positive, people = _counts(answered, arm, stratum, k)
        if not data.many and not people.sum(axis=1).all():
            nobody = data.arms[k if people[0, :, 1].sum() == 0 else 0]
            raise ParameterError(f"nobody of arm '{str(nobody)[:60]}' can be counted")
        if strata:
            found.append(cmh(positive, people, level=level))
        else:
            found.append(risk_difference(positive[:, 0], people[:, 0], interval=interval, level=level))
    whole = Estimate(*(np.stack([getattr(e, name) for e in found], axis=1) for name in Estimate.__dataclass_fields__))
    return whole if data.many else whole.at(0)


def responses(
    data: TrialData,
    *,
    visit: str | int = -1,
    fall: float | None = None,
    at_most: float | None = None,
    missing: Literal["nonresponse", "left out"] = "nonresponse",
) -> Numbers:
    """Say who responded at a visit: 1, 0, or NaN for those who are left out, (people,) or (trials, people).

    Parameters
    ----------
    data : TrialData
    visit : str or int
    fall : float, optional
        Share of the baseline score by which a responder's has fallen, such as 0.5.
    at_most : float, optional
        Largest score of a responder. Without `fall` and `at_most` the outcomes are answers, 1 or 0.
    missing : {"nonresponse", "left out"}
        What a person without a rating at the visit is.

    Raises
    ------
    ParameterError
        If outcomes are scores and nothing says who responds, or there is no baseline to fall from.
    """
    if missing not in ("nonresponse", "left out"):
        raise ParameterError(f"missing ratings are 'nonresponse' or 'left out', got '{str(missing)[:40]}'")
    score = data.outcomes[..., data.visit(visit)]
    rated = np.isfinite(score)
    answer = np.ones(score.shape, dtype=bool)
    if fall is None and at_most is None:
        if not np.isin(score[rated], (0.0, 1.0)).all():
            raise ParameterError(
                "the outcome holds scores; say by how much a responder's falls, or which is the largest"
            )
        answer = score == 1.0
    if fall is not None:
        if not 0 < fall <= 1:
            raise ParameterError(f"a responder's fall is a share of the baseline, above 0 and at most 1, got {fall:g}")
        if data.baseline is None:
            raise ParameterError("a fall is counted from the baseline, and the data hold none")
        answer = answer & (score <= (1 - fall) * data.baseline)
        rated = rated & np.isfinite(data.baseline)
    if at_most is not None:
        answer = answer & (score <= at_most)
    return np.where(rated, answer.astype(np.float64), 0.0 if missing == "nonresponse" else np.nan)


def risk_difference(
    positive: ArrayLike, people: ArrayLike, *, interval: IntervalKind = "newcombe", level: float = 0.95
) -> Estimate:
    """Return the difference of two shares, second minus first.

    The p value is that of the chi-squared test with N - 1 in the place of N, which a stratum of its own has too.

    Parameters
    ----------
    positive, people : array (..., 2)
        Responders and people of the reference and the other arm.
    interval : {"newcombe", "score", "wald"}
    level : float

    Raises
    ------
    ParameterError
        If there is no such interval.

    References
    ----------
    campbell2007.
    """
    if interval not in get_args(IntervalKind):
        raise ParameterError(f"no interval is called '{interval[:40]}'; {nearest(interval, get_args(IntervalKind))}")
    x, n = _shares(positive, people)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = x / n
        plain = estimate(share[..., 1] - share[..., 0], np.sqrt((share * (1 - share) / n).sum(axis=-1)), level=level)
        whole = n.sum(axis=-1)
        p = 2 * ndtr(-np.abs(farrington_manning(x, n)) * np.sqrt((whole - 1) / whole))
    if interval == "wald":
        low, high = plain.low, plain.high
    else:
        low, high = (newcombe_interval if interval == "newcombe" else score_interval)(x, n, level=level)
    return Estimate(plain.value, plain.se, plain.df, np.where(np.isnan(plain.value), np.nan, p), low, high)


def newcombe_interval(positive: ArrayLike, people: ArrayLike, *, level: float = 0.95) -> tuple[Numbers, Numbers]:
    """Return the interval of a difference of shares, second minus first, that Wilson's intervals make.

    Parameters
    ----------
    positive, people : array (..., 2)
    level : float

    References
    ----------
    newcombe1998, method 10.
    """
    x, n = _shares(positive, people)
    z = float(ndtri((1 + level) / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = x / n
        middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    low, high = middle - half, middle + half
    value = share[..., 1] - share[..., 0]
    down = np.hypot(share[..., 1] - low[..., 1], high[..., 0] - share[..., 0])
    up = np.hypot(high[..., 1] - share[..., 1], share[..., 0] - low[..., 0])
    return value - down, value + up


def score_interval(positive: ArrayLike, people: ArrayLike, *, level: float = 0.95) -> tuple[Numbers, Numbers]:
    """Return the interval of those margins that the test of Farrington and Manning does not reject.

    Parameters
    ----------
    positive, people : array (..., 2)
    level : float

    References
    ----------
    mee1984.
    """
    x, n = _shares(positive, people)
    z = float(ndtri((1 + level) / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        value = x[..., 1] / n[..., 1] - x[..., 0] / n[..., 0]
    ends = []
    for sign in (-1.0, 1.0):
        inside, outside = value.copy(), np.full_like(value, sign)
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2
            kept = np.abs(farrington_manning(x, n, margin=middle)) <= z
            inside, outside = np.where(kept, middle, inside), np.where(kept, outside, middle)
        ends.append(np.where(np.isnan(value), np.nan, inside))
    return ends[0], ends[1]


def farrington_manning(positive: ArrayLike, people: ArrayLike, *, margin: ArrayLike = 0.0) -> Numbers:
    """Return the statistic of the hypothesis that the second share exceeds the first by `margin`.

    It is standard normal under that hypothesis: large values say that the second share is larger than that.

    Parameters
    ----------
    positive, people : array (..., 2)
    margin : array (...,)

    References
    ----------
    farrington1990.
    """
    x, n = _shares(positive, people)
    delta = np.asarray(margin, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        second, first = restricted_shares(x, n, delta)
        variance = second * (1 - second) / n[..., 1] + first * (1 - first) / n[..., 0]
        apart = x[..., 1] / n[..., 1] - x[..., 0] / n[..., 0] - delta
        # Where both shares are 0 or 1 there is no variance: nothing tells the shares apart.
        return np.where(
            variance > 1e-15, apart / np.sqrt(np.maximum(variance, 1e-300)), np.sign(np.round(apart, 12)) * 1e9
        )


def restricted_shares(x: Numbers, n: Numbers, delta: Numbers) -> tuple[Numbers, Numbers]:
    """Return the likeliest second and first share, (...,), whose difference is `delta`."""
    ratio = n[..., 0] / n[..., 1]
    second, first = x[..., 1] / n[..., 1], x[..., 0] / n[..., 0]
    a = 1 + ratio
    b = -(1 + ratio + second + ratio * first + delta * (ratio + 2))
    c = delta**2 + delta * (2 * second + ratio + 1) + second + ratio * first
    d = -second * delta * (1 + delta)
    v = b**3 / (27 * a**3) - b * c / (6 * a**2) + d / (2 * a)
    u = np.where(v >= 0, 1.0, -1.0) * np.sqrt(np.maximum(b**2 / (9 * a**2) - c / (3 * a), 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = np.where(u == 0, 0.0, np.clip(v / u**3, -1.0, 1.0))
    w = (np.pi + np.arccos(cosine)) / 3
    found = np.clip(2 * u * np.cos(w) - b / (3 * a), np.maximum(0.0, delta), np.minimum(1.0, 1.0 + delta))
    return found, np.clip(found - delta, 0.0, 1.0)


def cmh(positive: ArrayLike, people: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Return the common difference of shares over strata, second minus first.

    The value is that of Mantel and Haenszel with the variance of Sato; the p value is that of the test of Cochran,
    Mantel and Haenszel, without a correction for continuity.

    Parameters
    ----------
    positive, people : array (..., strata, 2)
        Responders and people of the reference and the other arm.
    level : float

    References
    ----------
    mantel1959, sato1989.
    """
    x, n = _shares(positive, people)
    first, second, m0, m1 = x[..., 0], x[..., 1], n[..., 0], n[..., 1]
    total = m0 + m1
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.where(total > 0, m0 * m1 / total, 0.0)
        whole = weight.sum(axis=-1)
        difference = _over((second * m0 - first * m1), total).sum(axis=-1) / whole
        P = _over(m1**2 * first - m0**2 * second + m0 * m1 * (m0 - m1) / 2, total**2).sum(axis=-1)
        Q = _over(second * (m0 - first) + first * (m1 - second), 2 * total).sum(axis=-1)
        se = np.sqrt((difference * P + Q) / whole**2)
        found = estimate(difference, se, level=level)
        answered = first + second
        apart = (second - _over(m1 * answered, total)).sum(axis=-1)
        variance = _over(m0 * m1 * answered * (total - answered), total**2 * np.maximum(total - 1, 1)).sum(axis=-1)
        p = np.where(variance > 0, 2 * ndtr(-np.abs(apart) / np.sqrt(variance)), 1.0)
    return Estimate(found.value, found.se, found.df, np.where(whole > 0, p, np.nan), found.low, found.high)


def mantel_haenszel_odds_ratio(positive: ArrayLike, people: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Return the logarithm of the common odds ratio over strata, second arm against first.

    Parameters
    ----------
    positive, people : array (..., strata, 2)
    level : float

    References
    ----------
    robins1986.
    """
    x, n = _shares(positive, people)
    a, c = x[..., 1], x[..., 0]
    b, d = n[..., 1] - a, n[..., 0] - c
    total = n.sum(axis=-1)
    R, S = _over(a * d, total), _over(b * c, total)
    P, Q = _over(a + d, total), _over(b + c, total)
    with np.errstate(divide="ignore", invalid="ignore"):
        r, s = R.sum(axis=-1), S.sum(axis=-1)
        variance = (P * R).sum(axis=-1) / (2 * r**2) + (Q * S).sum(axis=-1) / (2 * s**2)
        variance = variance + (P * S + Q * R).sum(axis=-1) / (2 * r * s)
        return estimate(np.log(r / s), np.sqrt(variance), level=level)


def _over(part: Numbers, whole: Numbers) -> Numbers:
    """Divide, with nothing where there is nobody."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, part / whole, 0.0)


def _shares(positive: ArrayLike, people: ArrayLike) -> tuple[Numbers, Numbers]:
    x, n = np.broadcast_arrays(np.asarray(positive, np.float64), np.asarray(people, np.float64))
    if x.shape[-1:] != (2,):
        raise ParameterError(f"counts need the reference and one other arm on their last axis, got shape {x.shape}")
    if (x < 0).any() or (x > n).any():
        raise ParameterError("responders must be at least none and at most all people of an arm")
    return x, n


@dataclass(frozen=True)
class _Strata:
    place: NDArray[np.intp]
    count: int


def _strata(data: TrialData, names: Sequence[str], shape: tuple[int, ...]) -> _Strata:
    place, count = np.zeros(shape, dtype=np.intp), 1
    for name in names:
        held = data.covariate(name)
        if held.shape == data.outcomes.shape:
            raise ParameterError(f"'{name[:60]}' changes from visit to visit, so it cannot be a stratum")
        levels, own = np.unique(held.astype(str), return_inverse=True)
        place, count = place * len(levels) + np.broadcast_to(own.reshape(held.shape), shape), count * len(levels)
    return _Strata(place, count)


def _counts(answered: Numbers, arm: NDArray[np.intp], strata: _Strata, other: int) -> tuple[Numbers, Numbers]:
    """Return responders and people, (trials, strata, 2), of the reference and another arm."""
    trials, counted = len(answered), np.isfinite(answered)
    held = counted & ((arm == 0) | (arm == other))
    place = (np.arange(trials)[:, None] * strata.count + strata.place) * 2 + (arm == other)
    size = trials * strata.count * 2
    people = np.bincount(place[held], minlength=size)
    positive = np.bincount(place[held], weights=answered[held], minlength=size).astype(np.float64)
    shape = (trials, strata.count, 2)
    return positive.reshape(shape), people.reshape(shape).astype(np.float64)
