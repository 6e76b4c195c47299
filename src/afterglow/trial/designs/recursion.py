"""Chance that a statistic crosses its boundaries at each look, by recursive integration.

The statistic of look k is Z_k, normal with mean θ √t_k and variance 1, where t_k is the fraction of the largest
information and the drift θ is the effect times the root of that information. Its increments on the scale Z √t are
independent (jennison1999, chapter 19; armitage1969). Between looks the density is integrated on panels of
Gauss-Legendre nodes that are narrow beside the spread which each look adds, so that probabilities hold to 1e-9.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

__all__ = ["Continuing", "Crossing", "before_first", "crossing"]

_REACH = 9.0
"""SDs beyond the mean at which a density is taken to end: 1e-19 lies further out."""
_FURTHEST = 38.0
"""A statistic beyond which even a density of the null hypothesis is zero in a computer."""
_PANEL = 3.0
"""Width of a panel in SDs of the narrowest kernel."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)


@dataclass(frozen=True, kw_only=True)
class Continuing:
    """The trials that go on after a look.

    Parameters
    ----------
    fraction : float
        Information of the look; 0 before the first.
    z : array, shape (node,)
    mass : array, shape (node,)
        Probability at each value of the statistic; sums to the chance of going on.
    drift : float
        Mean of the statistic at full information.
    """

    fraction: float
    z: npt.NDArray[np.float64]
    mass: npt.NDArray[np.float64]
    drift: float = 0.0

    def above(self, fraction: float, bound: float) -> float:
        """Return the chance of going on until now and of a statistic above `bound` at information `fraction`."""
        mean, sd = self._next(fraction)
        return float(self.mass @ ndtr((mean - bound) / sd))

    def below(self, fraction: float, bound: float) -> float:
        """Return the chance of going on until now and of a statistic below `bound` at information `fraction`."""
        mean, sd = self._next(fraction)
        return float(self.mass @ ndtr((bound - mean) / sd))

    def go_on(self, fraction: float, lower: float, upper: float, following: float) -> Continuing:
        """Return the trials that lie between two boundaries at a look.

        Parameters
        ----------
        fraction : float
            Information of the look.
        lower, upper : float
            May be infinite.
        following : float
            Information of the look after it, which says how fine the nodes must lie.
        """
        mean, sd = self._next(fraction)
        centre = self.drift * math.sqrt(fraction)
        first = max(lower, centre - _REACH)
        last = min(upper, max(centre + _REACH, _FURTHEST))
        if last <= first:
            nothing = np.zeros(0)
            return Continuing(fraction=fraction, z=nothing, mass=nothing, drift=self.drift)
        panels = math.ceil((last - first) / (_PANEL * min(sd, math.sqrt((following - fraction) / following))))
        edges = np.linspace(first, last, panels + 1)
        half = np.diff(edges) / 2
        z = (edges[:-1, None] + half[:, None] * (1 + _NODES)).ravel()
        density = np.exp(-(((z[:, None] - mean) / sd) ** 2) / 2) @ self.mass / (sd * math.sqrt(2 * math.pi))
        return Continuing(fraction=fraction, z=z, mass=density * (half[:, None] * _WEIGHTS).ravel(), drift=self.drift)

    def _next(self, fraction: float) -> tuple[npt.NDArray[np.float64], float]:
        added = fraction - self.fraction
        mean = (self.z * math.sqrt(self.fraction) + self.drift * added) / math.sqrt(fraction)
        return mean, math.sqrt(added / fraction)


def before_first(drift: float = 0.0) -> Continuing:
    """Return all trials before the first look."""
    return Continuing(fraction=0.0, z=np.zeros(1), mass=np.ones(1), drift=drift)


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """Chance to cross at each look, having crossed at none before.

    Parameters
    ----------
    upper, lower : array, shape (look,)
    """

    upper: npt.NDArray[np.float64]
    lower: npt.NDArray[np.float64]

    @property
    def stopped(self) -> npt.NDArray[np.float64]:
        """Chance to cross either boundary, shape (look,)."""
        return self.upper + self.lower


def crossing(
    information: Sequence[float],
    upper: Sequence[float],
    lower: Sequence[float],
    drift: float = 0.0,
    start: Continuing | None = None,
) -> Crossing:
    """Return the chance to cross each boundary at each look.

    Parameters
    ----------
    information : sequence of float, shape (look,)
        Fractions, rising.
    upper, lower : sequence of float, shape (look,)
        Boundaries of the statistic; infinite where there is none.
    drift : float
        Mean of the statistic at full information.
    start : Continuing or None
        Where the trial stands; None before its first look.
    """
    now = start if start is not None else before_first(drift)
    above, below = [], []
    for look, fraction in enumerate(information):
        above.append(now.above(fraction, upper[look]))
        below.append(now.below(fraction, lower[look]))
        if look + 1 < len(information):
            now = now.go_on(fraction, lower[look], upper[look], information[look + 1])
    return Crossing(upper=np.array(above), lower=np.array(below))
