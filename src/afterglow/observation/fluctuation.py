"""Ups and downs of severity that no treatment explains."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterglow.scales.links import tilt

__all__ = ["fluctuate", "fluctuation_spread"]


def fluctuate(
    severity: ArrayLike,
    days: ArrayLike,
    standard_normal: ArrayLike,
    *,
    sd: ArrayLike,
    time_constant_days: ArrayLike,
) -> NDArray[np.float64]:
    """Move everybody's severity by their own Ornstein-Uhlenbeck process, which is at rest on the first day.

    Parameters
    ----------
    severity : array_like, shape (..., participant, day)
        Latent severity in [0, 1].
    days : array_like, shape (day,)
        In order; the first is that of inclusion, where severity is known.
    standard_normal : array_like, shape (..., participant, day)
        Standard normal draws; the first column is not used.
    sd : array_like, shape (...)
        Standard deviation long after inclusion, in log-odds of severity.
    time_constant_days : array_like, shape (...)
        Time after which a departure has faded to 37 %.

    Returns
    -------
    ndarray
        Severity in [0, 1], same shape.
    """
    z = np.asarray(standard_normal, dtype=np.float64)
    gaps = np.diff(np.asarray(days, dtype=np.float64))
    kept = np.exp(-gaps / np.asarray(time_constant_days, dtype=np.float64)[..., None])
    fresh = np.asarray(sd, dtype=np.float64)[..., None] * np.sqrt(1 - kept**2)
    moved = np.zeros(z.shape)
    for k in range(len(gaps)):
        moved[..., k + 1] = kept[..., k, None] * moved[..., k] + fresh[..., k, None] * z[..., k + 1]
    return tilt(np.asarray(severity, dtype=np.float64), moved)


def fluctuation_spread(days: ArrayLike, *, sd: ArrayLike, time_constant_days: ArrayLike) -> NDArray[np.float64]:
    """Return the SD of the ups and downs on each day, in log-odds, shape (..., day); see `fluctuate`."""
    since = np.asarray(days, dtype=np.float64)
    constant = np.asarray(time_constant_days, dtype=np.float64)[..., None]
    spread = np.sqrt(-np.expm1(-2 * (since - since[0]) / constant))
    return np.asarray(np.asarray(sd, dtype=np.float64)[..., None] * spread)
