"""Exposure as a kinetics study reports it: peak, time of peak, area under the curve and terminal half-life."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterglow.errors import ParameterError

__all__ = ["Exposure", "noncompartmental"]

_TERMINAL_POINTS = 3
"""Fewest points of a terminal slope; without a window the last three measurable ones are used."""


@dataclass(frozen=True)
class Exposure:
    """Exposure of each participant, all arrays (participants,).

    Parameters
    ----------
    cmax_ng_per_ml, tmax_h : array
        Highest level, and when it was first reached; the time is NaN when nothing was ever measurable.
    auc_ng_h_per_ml : array
        Area from the first sample to infinity when the terminal slope is known, else to the last sample.
    half_life_h : array
        Terminal half-life; NaN when fewer than three levels are measurable or they do not fall.
    """

    cmax_ng_per_ml: NDArray[np.float64]
    tmax_h: NDArray[np.float64]
    auc_ng_h_per_ml: NDArray[np.float64]
    half_life_h: NDArray[np.float64]


def noncompartmental(
    time_h: ArrayLike,
    concentration_ng_per_ml: ArrayLike,
    *,
    window_h: tuple[float, float] | None = None,
    extrapolate: bool = True,
) -> Exposure:
    """Describe concentration-time curves without a compartmental model.

    The area uses straight lines while levels rise and exponentials while they fall, and adds the part past
    the last sample from the terminal slope, which is a least-squares line through the logarithms.

    Parameters
    ----------
    time_h : array (time,)
        Sampling times in hours, rising.
    concentration_ng_per_ml : array (participants, time) or (time,)
        Levels; zero means below the limit of quantification.
    window_h : tuple of float, optional
        First and last hour of the terminal phase; the last three measurable levels after the peak by default.
    extrapolate : bool
        False gives the area to the last sample only, as AUC(0-24 h) on samples over 24 hours.

    Returns
    -------
    Exposure

    Raises
    ------
    ParameterError
        If times do not rise, shapes differ, a level is negative or missing, or the window is empty.
    """
    time = np.asarray(time_h, dtype=float)
    level = np.atleast_2d(np.asarray(concentration_ng_per_ml, dtype=float))
    _check(time, level, window_h)
    peak = level.argmax(axis=1)
    cmax = level.max(axis=1)
    seen = cmax > 0
    slope, height = _terminal(time, level, peak, window_h)
    falls = np.isfinite(slope) & (slope < 0)
    rate = np.where(falls, -slope, np.nan)
    auc = _area(time, level)
    if extrapolate:
        last_seen = level.shape[1] - 1 - (level[:, ::-1] > 0).argmax(axis=1)
        at_last = np.exp(np.where(falls, height + slope * time[last_seen], -np.inf))
        auc = auc + np.where(falls & seen, at_last / np.where(falls, rate, 1.0), 0.0)
    return Exposure(
        cmax_ng_per_ml=cmax,
        tmax_h=np.where(seen, time[peak], np.nan),
        auc_ng_h_per_ml=auc,
        half_life_h=np.log(2) / rate,
    )


def _check(time: NDArray[np.float64], level: NDArray[np.float64], window_h: tuple[float, float] | None) -> None:
    if time.ndim != 1 or time.size < 2 or not np.all(np.diff(time) > 0):
        raise ParameterError("sampling times must be at least two hours on one axis, each after the last")
    if level.ndim != 2 or level.shape[1] != time.size:
        raise ParameterError(f"levels have shape {level.shape} but {time.size} sampling times were given")
    if not np.all(np.isfinite(level)) or level.min() < 0:
        raise ParameterError("levels must be finite and not below 0")
    if window_h is not None and np.sum((time >= window_h[0]) & (time <= window_h[1])) < _TERMINAL_POINTS:
        raise ParameterError(
            f"the terminal window {window_h[0]} to {window_h[1]} h holds fewer than {_TERMINAL_POINTS} sampling times"
        )


def _area(time: NDArray[np.float64], level: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear-up log-down area, (participants,)."""
    step, left, right = np.diff(time), level[:, :-1], level[:, 1:]
    straight = 0.5 * step * (left + right)
    curved = (right > 0) & (right < left * (1 - 1e-9))
    ratio = np.where(curved, left, np.e) / np.where(curved, right, 1.0)
    return np.asarray(np.where(curved, step * (left - right) / np.log(ratio), straight).sum(axis=1))


def _terminal(
    time: NDArray[np.float64],
    level: NDArray[np.float64],
    peak: NDArray[np.intp],
    window_h: tuple[float, float] | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Slope and height of the line through the logarithms of the terminal levels, each (participants,)."""
    index = np.arange(time.size)
    use = (level > 0) & (index > peak[:, None])
    if window_h is None:
        from_the_end = np.cumsum(use[:, ::-1], axis=1)[:, ::-1]
        use &= from_the_end <= _TERMINAL_POINTS
    else:
        use &= (time >= window_h[0]) & (time <= window_h[1])
    count = use.sum(axis=1)
    enough = count >= _TERMINAL_POINTS
    n = np.where(enough, count, 1)
    logs = np.log(np.where(use, level, 1.0))
    mean_time = (use * time).sum(axis=1) / n
    mean_log = logs.sum(axis=1) / n
    apart = use * (time - mean_time[:, None])
    spread = (apart**2).sum(axis=1)
    slope = (apart * logs).sum(axis=1) / np.where(enough, spread, 1.0)
    slope = np.where(enough, slope, np.nan)
    return slope, mean_log - slope * mean_time
