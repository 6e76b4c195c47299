"""Whether people could tell their arm, and what the difference would be if they could not.

Arms are ordered control, active; guesses active, control, unsure. Leading axes are free, such as those of trials.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from afterglow.errors import ParameterError

__all__ = [
    "GUESSES",
    "CorrectGuessCurve",
    "GuessedOutcomes",
    "Index",
    "bang",
    "correct_guess_curve",
    "correct_share",
    "count_guesses",
    "guessed_outcomes",
    "james",
]

GUESSES = ("active", "control", "unsure")
_RIGHT = np.array([[False, True, False], [True, False, False]])
"""Which guess is right, arm by guess."""
_WRONG = np.array([[True, False, False], [False, True, False]])
_SHARES = np.linspace(0.0, 1.0, 21)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Index:
    """A blinding index, or an array of them; every field has the same shape.

    Parameters
    ----------
    value, se : array
        NaN where nobody, or nobody who says an arm, is there to ask.
    low, high : array
        Confidence interval, not beyond the ends of the index.
    """

    value: Floats
    se: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class GuessedOutcomes:
    """Outcomes of those who said an arm.

    Parameters
    ----------
    count, total, square : array, shape (..., 2, 2)
        People, sum of outcomes and sum of their squares: arm (control, active) by guess (right, wrong).
    """

    count: Floats
    total: Floats
    square: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class CorrectGuessCurve:
    """The difference of the arms against an assumed share of correct guesses.

    Parameters
    ----------
    share : array, shape (share,)
        Of correct guesses, the same in both arms.
    effect, se, low, high : array, shape (..., share)
        Active minus control, in points. NaN where an arm has nobody who guessed right, or wrong, and that counts.
    observed_share, observed_effect : array, shape (...)
        As it was, each arm with its own share.
    at_half, at_half_se, at_half_low, at_half_high : array, shape (...)
        Where half of the guesses are right, as if by chance.
    """

    share: Floats
    effect: Floats
    se: Floats
    low: Floats
    high: Floats
    observed_share: Floats
    observed_effect: Floats
    at_half: Floats
    at_half_se: Floats
    at_half_low: Floats
    at_half_high: Floats


def count_guesses(active: npt.ArrayLike, guess: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Count guesses.

    Parameters
    ----------
    active : array_like of bool, shape (person,)
    guess : array_like of str, shape (person,)
        One of `GUESSES`; an empty one was not asked and is left out.

    Returns
    -------
    array, shape (2, 3)

    Raises
    ------
    ParameterError
        If a guess is none of these.
    """
    arm, word = _arms_and_words(active, guess)
    return np.array([[np.sum((arm == a) & (word == name)) for name in GUESSES] for a in (False, True)])


def correct_share(counts: npt.ArrayLike) -> Floats:
    """Return the share of right guesses among those who said an arm, shape (...).

    Parameters
    ----------
    counts : array_like, shape (..., 2, 3)
    """
    n = _counts(counts)
    right, wrong = (n * _RIGHT).sum(axis=(-2, -1)), (n * _WRONG).sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(right / (right + wrong))


def james(counts: npt.ArrayLike, *, level: float = 0.95) -> Index:
    """Return James' index: 0 where all guess right, 0.5 where they guess by chance, 1 where all are unsure or wrong.

    With p the share of people in a cell, u that of the unsure, w that of wrong guesses, and E what w would be by
    chance, the index is u + (1 - u)² w / (2 E). Its standard error is that of the delta method.

    Parameters
    ----------
    counts : array_like, shape (..., 2, 3)
    level : float
        Of the interval.

    Returns
    -------
    Index (...)

    References
    ----------
    james1996.
    """
    n = _counts(counts)
    people = n.sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        p = n / people[..., None, None]
        sure = p[..., :2].sum(axis=-1)  # by arm: control, active
        said = p[..., :2].sum(axis=-2)  # by guess: active, control
        q = 1 - p[..., 2].sum(axis=-1)
        wrong = (p * _WRONG).sum(axis=(-2, -1))
        by_chance = sure[..., 0] * said[..., 0] + sure[..., 1] * said[..., 1]
        value = np.where(q > 0, (1 - q) + wrong * q**2 / (2 * by_chance), np.where(people > 0, 1.0, np.nan))
        # A cell of arm a and guess g moves the chance of being wrong by the other margin of each.
        moved = said[..., :, None] + sure[..., None, :]
        slope = (_WRONG[:, :2] * q[..., None, None] ** 2 + 2 * wrong[..., None, None] * q[..., None, None]) / (
            2 * by_chance[..., None, None]
        ) - (wrong * q**2 / (2 * by_chance**2))[..., None, None] * moved
        gradient = np.concatenate([slope, np.ones((*slope.shape[:-1], 1))], axis=-1)
        gradient = np.where(p > 0, gradient, 0.0)
        variance = ((p * gradient**2).sum(axis=(-2, -1)) - (p * gradient).sum(axis=(-2, -1)) ** 2) / people
        se = np.where(q > 0, np.sqrt(np.maximum(variance, 0.0)), np.where(people > 0, 0.0, np.nan))
    return _index(value, se, 0.0, level)


def bang(counts: npt.ArrayLike, *, level: float = 0.95) -> Index:
    """Return Bang's index of each arm: 1 where all guess right, 0 by chance, -1 where all guess wrong.

    It is the share of right guesses less that of wrong ones among all who were asked, also the unsure.

    Parameters
    ----------
    counts : array_like, shape (..., 2, 3)
    level : float
        Of the interval.

    Returns
    -------
    Index (..., 2)
        Control, active.

    References
    ----------
    bang2004.
    """
    n = _counts(counts)
    people = n.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        right, wrong = (n * _RIGHT).sum(axis=-1) / people, (n * _WRONG).sum(axis=-1) / people
        value = right - wrong
        se = np.sqrt((right + wrong - value**2) / people)
    return _index(value, se, -1.0, level)


def guessed_outcomes(outcome: npt.ArrayLike, active: npt.ArrayLike, guess: npt.ArrayLike) -> GuessedOutcomes:
    """Return the outcomes of those who said an arm and whose outcome is known, by arm and guess.

    Parameters
    ----------
    outcome : array_like, shape (person,)
        NaN where unknown.
    active : array_like of bool, shape (person,)
    guess : array_like of str, shape (person,)

    Raises
    ------
    ParameterError
        If a guess is none of `GUESSES`.
    """
    arm, word = _arms_and_words(active, guess)
    y = np.asarray(outcome, dtype=float)
    if y.shape != arm.shape:
        raise ParameterError(f"each person has one outcome and one guess, got {y.size} outcomes of {arm.size} people")
    right, said = word == np.where(arm, "active", "control"), np.isin(word, GUESSES[:2]) & np.isfinite(y)
    kept = [[said & (arm == a) & (right == r) for r in (True, False)] for a in (False, True)]
    return GuessedOutcomes(
        count=np.array([[float(k.sum()) for k in row] for row in kept]),
        total=np.array([[y[k].sum() for k in row] for row in kept]),
        square=np.array([[(y[k] ** 2).sum() for k in row] for row in kept]),
    )


def correct_guess_curve(
    outcomes: GuessedOutcomes, shares: npt.ArrayLike = _SHARES, *, level: float = 0.95
) -> CorrectGuessCurve:
    """Return the difference of the arms as it would be at other shares of correct guesses.

    Those who guessed right and those who guessed wrong are reweighted within each arm. At one half, guesses say nothing
    of the arm. Who improves may guess right because of that: then the curve takes away some of the effect itself, and
    the difference at one half is a cautious one. The unsure are left out.

    Parameters
    ----------
    outcomes : GuessedOutcomes
    shares : array_like, shape (share,)
        0 to 1.
    level : float
        Of the interval, which takes the shares as given.

    Raises
    ------
    ParameterError
        If a share or the level is impossible.

    References
    ----------
    szigeti2023.
    """
    share = np.asarray(shares, dtype=float)
    if share.ndim != 1 or not share.size or not np.all((share >= 0) & (share <= 1)):
        raise ParameterError("shares of correct guesses are a row of numbers from 0 to 1")
    n, total = outcomes.count, outcomes.total
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / n
        variance = np.maximum(outcomes.square - n * mean**2, 0.0) / (n - 1) / n
        arm_mean = total.sum(axis=-1) / n.sum(axis=-1)
        observed = n[..., 0].sum(axis=-1) / n.sum(axis=(-2, -1))
    mean, variance = np.where(n > 0, mean, np.nan), np.where(n > 1, variance, np.nan)
    z = _z(level)
    effect, se = _at(share, mean, variance)
    half, half_se = (found[..., 0] for found in _at(np.array([0.5]), mean, variance))
    return CorrectGuessCurve(
        share=share,
        effect=effect,
        se=se,
        low=effect - z * se,
        high=effect + z * se,
        observed_share=np.asarray(observed),
        observed_effect=np.asarray(arm_mean[..., 1] - arm_mean[..., 0]),
        at_half=half,
        at_half_se=half_se,
        at_half_low=half - z * half_se,
        at_half_high=half + z * half_se,
    )


def _at(share: Floats, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Return effect and standard error at each share, shape (..., share), from cells arm by right and wrong."""
    weight = np.stack([share, 1 - share])  # (guess, share)
    parts = np.where(weight > 0, weight * mean[..., None], 0.0).sum(axis=-2)  # (..., arm, share)
    errors = np.where(weight > 0, weight**2 * variance[..., None], 0.0).sum(axis=(-3, -2))
    return parts[..., 1, :] - parts[..., 0, :], np.sqrt(errors)


def _counts(counts: npt.ArrayLike) -> Floats:
    n = np.asarray(counts, dtype=float)
    if n.ndim < 2 or n.shape[-2:] != (2, 3):
        raise ParameterError(
            "guesses are counted by arm (control, active) and by guess (active, control, unsure), 2 x 3, "
            f"got {' x '.join(map(str, n.shape)) or 'one number'}"
        )
    if not np.all(n >= 0):
        raise ParameterError("a count of guesses cannot be negative or unknown")
    return n


def _arms_and_words(active: npt.ArrayLike, guess: npt.ArrayLike) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.str_]]:
    arm = np.asarray(active, dtype=bool)
    word = np.char.lower(np.char.strip(np.asarray(guess, dtype=str)))
    if arm.ndim != 1 or arm.shape != word.shape:
        raise ParameterError(f"each person has one arm and one guess, got {arm.size} arms and {word.size} guesses")
    unknown = sorted(set(word.tolist()) - {*GUESSES, ""})
    if unknown:
        raise ParameterError(f"a guess is one of {', '.join(GUESSES)}, got '{unknown[0][:40]}'")
    return arm, word


def _index(value: Floats, se: Floats, lowest: float, level: float) -> Index:
    z = _z(level)
    low, high = np.maximum(value - z * se, lowest), np.minimum(value + z * se, 1.0)
    return Index(value=np.asarray(value), se=np.asarray(se), low=np.asarray(low), high=np.asarray(high))


def _z(level: float) -> float:
    if not 0 < level < 1:
        raise ParameterError(f"the level of an interval lies between 0 and 1, got {level:g}")
    return float(ndtri((1 + level) / 2))
