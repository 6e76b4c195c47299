"""How often a design stops where, with what power and after how much information; and where it stands at a look."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import roots_hermitenorm

from afterglow.errors import ParameterError
from afterglow.trial.designs.boundaries import Boundaries
from afterglow.trial.designs.recursion import Continuing, crossing

__all__ = ["Characteristics", "characteristics", "conditional_power", "predictive_power", "standing_at"]

_NODES, _WEIGHTS = roots_hermitenorm(40)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True, kw_only=True)
class Characteristics:
    """What a design does at one drift.

    Parameters
    ----------
    drift : float
        Mean of the statistic at full information; 0 under the null hypothesis.
    stops_for_efficacy : tuple of float, shape (look,)
        Chance to cross the upper boundary at each look, futility being obeyed.
    stops_below : tuple of float, shape (look,)
        Chance to stop at each look before the last for futility or, with two sides, at any with the other sign.
    """

    information: tuple[float, ...]
    drift: float
    stops_for_efficacy: tuple[float, ...]
    stops_below: tuple[float, ...]

    @property
    def power(self) -> float:
        """Chance of a result in favour of the active arm; at drift 0 its type I error, futility being obeyed."""
        return sum(self.stops_for_efficacy)

    @property
    def stops(self) -> tuple[float, ...]:
        """Chance that each look is the last, (look,)."""
        early = [a + b for a, b in zip(self.stops_for_efficacy[:-1], self.stops_below[:-1], strict=True)]
        return (*early, 1 - sum(early))

    @property
    def expected_information(self) -> float:
        """Mean information at the end, as a fraction of the planned largest; that is also the expected size."""
        return sum(t * p for t, p in zip(self.information, self.stops, strict=True))


def characteristics(found: Boundaries, drift: float) -> Characteristics:
    """Return what a design does at a drift.

    Parameters
    ----------
    found : Boundaries
    drift : float
        Effect over its standard error at full information, signed so that more is better.
    """
    if not math.isfinite(drift):
        raise ParameterError(f"a drift must be a number, got {drift:g}")
    lower = list(found.lower)
    if found.sided == 1:
        lower[-1] = -math.inf  # the last look rejects or it does not
    crossed = crossing(found.information, found.upper, lower, drift)
    return Characteristics(
        information=found.information,
        drift=float(drift),
        stops_for_efficacy=tuple(crossed.upper.tolist()),
        stops_below=tuple(crossed.lower.tolist()),
    )


def conditional_power(found: Boundaries, look: int, z: float, drift: float | None = None) -> float:
    """Return the chance of a result in the end, given the statistic at a look at which the trial goes on.

    Parameters
    ----------
    found : Boundaries
    look : int
        1 is the first; not the last.
    z : float
        The statistic there.
    drift : float or None
        Assumed from now on; None: the one that was seen, z / √t.

    Raises
    ------
    ParameterError
        If no such look lies before the last.

    References
    ----------
    jennison1999, chapter 10; lan1982.
    """
    now, rest = standing_at(found, look, z)
    assumed = z / math.sqrt(now) if drift is None else drift
    start = Continuing(fraction=now, z=np.array([float(z)]), mass=np.ones(1), drift=assumed)
    return float(crossing(found.information[rest], found.upper[rest], found.lower[rest], start=start).upper.sum())


def predictive_power(
    found: Boundaries, look: int, z: float, *, prior_mean: float = 0.0, prior_sd: float = math.inf
) -> float:
    """Return conditional power averaged over what is known of the drift at a look (spiegelhalter1986).

    Parameters
    ----------
    found : Boundaries
    look : int
        1 is the first; not the last.
    z : float
    prior_mean, prior_sd : float
        Of the drift before the trial; an infinite SD says nothing.
    """
    now, _ = standing_at(found, look, z)
    if not prior_sd > 0:
        raise ParameterError(f"the SD of a prior must be above 0, got {prior_sd:g}")
    precision = now + 1 / prior_sd**2
    mean = (z * math.sqrt(now) + prior_mean / prior_sd**2) / precision
    drifts = mean + _NODES / math.sqrt(precision)
    power = [conditional_power(found, look, z, float(drift)) for drift in drifts]
    return float(_WEIGHTS @ np.array(power))


def standing_at(found: Boundaries, look: int, z: float) -> tuple[float, slice]:
    """Return the information at a look and which looks are left.

    Raises
    ------
    ParameterError
        If no such look lies before the last, or the statistic is no number.
    """
    if not 1 <= look < len(found.looks):
        raise ParameterError(f"the looks before the last are 1 to {len(found.looks) - 1}, got {look}")
    if not math.isfinite(z):
        raise ParameterError(f"a statistic must be a number, got {z:g}")
    return found.information[look - 1], slice(look, None)
