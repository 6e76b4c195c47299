"""What a trial with looks may say: intervals that hold at every look, and estimates that allow for stopping."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from afterglow.errors import ParameterError
from afterglow.trial.designs.boundaries import Boundaries
from afterglow.trial.designs.recursion import crossing

__all__ = ["AdjustedEstimate", "adjusted_estimate", "repeated_interval"]

_FURTHEST = 12.0
"""Drifts beyond what was seen within which a limit is looked for."""


@dataclass(frozen=True, kw_only=True)
class AdjustedEstimate:
    """What a trial found where it stopped.

    Parameters
    ----------
    value : float
        Unadjusted.
    median_unbiased : float
        Too high as often as too low.
    low, high : float
        Interval with the level of the design: 1 - 2 alpha of one side, 1 - alpha of two.
    p : float
        One-sided.
    """

    value: float
    median_unbiased: float
    low: float
    high: float
    p: float


def repeated_interval(found: Boundaries, look: int, value: float, se: float) -> tuple[float, float]:
    """Return an interval that covers at all looks together, whether the trial stops or not (jennison1989).

    Parameters
    ----------
    found : Boundaries
    look : int
        1 is the first.
    value, se : float
        The effect and its standard error at that look, in points.
    """
    _at(found, look, value / se if se > 0 else math.nan)
    half = found.upper[look - 1] * se
    return value - half, value + half


def adjusted_estimate(found: Boundaries, look: int, value: float, se: float) -> AdjustedEstimate:
    """Return p, estimate and interval of a trial that stopped at a look, in the order of stages (tsiatis1984).

    A result at an earlier look counts for more than any at a later one. Futility that does not bind is not counted on,
    so that the interval holds whether it was obeyed or not.

    Parameters
    ----------
    found : Boundaries
    look : int
        1 is the first; where the trial stopped.
    value, se : float
        The effect and its standard error at that look, in points, signed so that more is better.

    Raises
    ------
    ParameterError
        If there is no such look, or the standard error is not above 0.
    """
    z = value / se if se > 0 else math.nan
    _at(found, look, z)
    information = found.information[:look]
    upper, lower = [*found.upper[: look - 1], z], [*found.lower_counted_on[: look - 1], -math.inf]
    below = found.sided == 2 and z < 0

    def tail(drift: float) -> float:
        """Chance of what was seen or more of it."""
        if below:  # with the other sign: all but less
            crossed = crossing(information, [*upper[:-1], math.inf], [*lower[:-1], z], drift)
            return 1 - float(crossed.lower.sum())
        return float(crossing(information, upper, lower, drift).upper.sum())

    root = math.sqrt(information[-1])
    unit = se * root  # standard error at full information: drift times it is the effect
    error = found.alpha / found.sided
    seen = z / root

    def where(chance: float) -> float:
        reach = _FURTHEST / root
        return unit * float(brentq(lambda drift: tail(drift) - chance, seen - reach, seen + reach, xtol=1e-9))

    return AdjustedEstimate(
        value=value,
        median_unbiased=where(0.5),
        low=where(error),
        high=where(1 - error),
        p=float(np.clip(tail(0.0), 0, 1)),
    )


def _at(found: Boundaries, look: int, z: float) -> None:
    if not 1 <= look <= len(found.looks):
        raise ParameterError(f"the looks are 1 to {len(found.looks)}, got {look}")
    if not math.isfinite(z):
        raise ParameterError("an effect must be a number and its standard error above 0")
