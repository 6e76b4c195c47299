"""The size set anew at a look at the SD, which says nothing of the difference."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from afterglow.errors import ParameterError
from afterglow.trial.designs.sizes import Wanted, size_for_means

__all__ = ["Variance", "blinded_sd", "resized"]

Variance = Literal["one-sample", "adjusted", "within-arm"]
"""From all people as one sample; the same less what the planned difference adds to it; within arms, by someone who is
not blinded (wittes1990). One-sample keeps the type I error of the t test (kieser2003)."""


def blinded_sd(
    outcome: npt.ArrayLike, active: npt.ArrayLike, variance: Variance = "one-sample", difference: float = 0.0
) -> npt.NDArray[np.float64]:
    """Return the SD that sets the size.

    Parameters
    ----------
    outcome : array_like, shape (..., person)
        Unknown values are left out.
    active : array_like of bool, shape (person,)
        Used for the share of each arm, which is known, and by within-arm alone for who is in it.
    variance : {"one-sample", "adjusted", "within-arm"}
    difference : float
        Planned, for adjusted: its square times the product of the arms' shares is what it adds to the variance.

    Returns
    -------
    array, shape (...)
        NaN where fewer than two people, or three within arms, are known.

    Raises
    ------
    ParameterError
        If the planned difference alone explains the whole variance.

    References
    ----------
    wittes1990, gould1992, kieser2003.
    """
    y = np.asarray(outcome, dtype=float)
    arm = np.broadcast_to(np.asarray(active, dtype=bool), y.shape)
    known = np.isfinite(y)
    n = known.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        if variance == "within-arm":
            squares = _squares(y, known & arm) + _squares(y, known & ~arm)
            return np.asarray(np.sqrt(np.where(n > 2, squares / (n - 2), np.nan)))
        found = np.where(n > 1, _squares(y, known) / (n - 1), np.nan)
        if variance == "adjusted":
            share = (known & arm).sum(axis=-1) / n
            found = found - n / (n - 1) * share * (1 - share) * difference**2
            if np.any(found <= 0):
                raise ParameterError(
                    f"the planned difference of {difference:g} alone would spread people more than they are spread; "
                    "take one-sample"
                )
    return np.asarray(np.sqrt(found))


def resized(
    planned: int,
    sd: npt.ArrayLike,
    difference: float,
    *,
    power: float = 0.9,
    alpha: float = 0.025,
    largest: float = 2.0,
) -> npt.NDArray[np.int64]:
    """Return people per arm: what the SD needs, at least as planned and at most `largest` times that.

    Parameters
    ----------
    planned : int
        People per arm.
    sd : array_like, any shape
        An unknown one keeps to the plan.
    difference : float
        That the trial is to find.
    power, alpha : float
        One-sided.
    largest : float

    Returns
    -------
    array of int, the shape of `sd`

    Raises
    ------
    ParameterError
        If the plan is impossible.

    Notes
    -----
    A t test needs a quarter of z² people per arm more than a test with a known SD (guenther1981).
    """
    if planned < 2:
        raise ParameterError(f"an arm has at least two people, got {planned}")
    if not 1 <= largest < math.inf:
        raise ParameterError(f"the largest size is at least once the planned one, got {largest:g}")
    unit = size_for_means(difference, 1.0, Wanted(power=power, alpha=alpha), test="normal").control
    spread = np.nan_to_num(np.asarray(sd, dtype=float), nan=0.0)
    for_t = ndtri(1 - alpha) ** 2 / 4
    needed = np.ceil(unit * spread**2 + for_t - 1e-9)
    return np.asarray(np.clip(needed, planned, math.floor(planned * largest)), dtype=np.int64)


def _squares(y: npt.NDArray[np.float64], kept: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Sum of squares about the mean of those who are kept, shape (...)."""
    count = kept.sum(axis=-1, keepdims=True)
    mean = np.where(kept, y, 0.0).sum(axis=-1, keepdims=True) / np.maximum(count, 1)
    return np.asarray((np.where(kept, y - mean, 0.0) ** 2).sum(axis=-1))
