"""Ups and downs of severity that no treatment explains."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterglow.scales.links import tilt

__all__ = ["fluctuate", "fluctuated_evenly"]


def fluctuate(
    severity: ArrayLike, days: ArrayLike, standard_normal: ArrayLike, *, sd: float, time_constant_days: float
) -> NDArray[np.float64]:
    """Move everybody's severity by their own Ornstein-Uhlenbeck process, which is at rest on the first day.

    Parameters
    ----------
    severity : array_like, shape (..., participant, day)
        Latent severity in [0, 1].
    days : array_like, shape (day,)
        In order; the first is that of inclusion, where severity is known.
    standard_normal : array_like, shape (participant, day)
        Standard normal draws; the first column is not used.
    sd : float
        Standard deviation long after inclusion, in log-odds of severity.
    time_constant_days : float
        Time after which a departure has faded to 37 %.

    Returns
    -------
    ndarray
        Severity in [0, 1], same shape.
    """
    x = np.asarray(severity, dtype=np.float64)
    z = np.asarray(standard_normal, dtype=np.float64)
    kept = np.exp(-np.diff(np.asarray(days, dtype=np.float64)) / time_constant_days)
    moved = np.zeros(z.shape)
    for k, keep in enumerate(kept):
        moved[:, k + 1] = keep * moved[:, k] + sd * np.sqrt(1 - keep**2) * z[:, k + 1]
    return tilt(x, moved)


def fluctuated_evenly(
    severity: ArrayLike, days: ArrayLike, standard_normal: ArrayLike, *, sd: float, time_constant_days: float
) -> NDArray[np.float64]:
    """Move everybody's severity as `fluctuate` does on any one day, by one draw that a person keeps.

    On each day the people are spread as by `fluctuate`; from day to day each one moves smoothly, so that means and
    percentiles over people can be drawn as lines.

    Parameters
    ----------
    severity : array_like, shape (..., participant, day)
        Latent severity in [0, 1].
    days : array_like, shape (day,)
        In order; the first is that of inclusion, where severity is known.
    standard_normal : array_like, shape (participant,)
        Standard normal draws.
    sd, time_constant_days : float
        As in `fluctuate`.

    Returns
    -------
    ndarray
        Severity in [0, 1], same shape.
    """
    since = np.asarray(days, dtype=np.float64)
    spread = sd * np.sqrt(-np.expm1(-2 * (since - since[0]) / time_constant_days))
    moved = np.asarray(standard_normal, dtype=np.float64)[:, None] * spread
    return tilt(np.asarray(severity, dtype=np.float64), moved)
