"""Assurance: the chance of a result, over what is known of the effect (ohagan2005)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from afterglow.errors import ParameterError
from afterglow.trial.designs.boundaries import Boundaries
from afterglow.trial.designs.characteristics import characteristics, predictive_power
from afterglow.trial.designs.recursion import crossing

__all__ = [
    "Assurance",
    "NormalPrior",
    "assurance",
    "assurance_after_look",
    "assurance_over_draws",
    "assurance_past_look",
]

_PANELS = np.polynomial.legendre.leggauss(96)
_REACH = 8.5
"""SDs of the prior that are integrated over to each side."""


@dataclass(frozen=True, kw_only=True)
class NormalPrior:
    """What is known of the effect before the trial, in points; signed so that more is better.

    Parameters
    ----------
    mean, sd : float

    Raises
    ------
    ParameterError
        If the SD is below 0 or a value is no number.
    """

    mean: float
    sd: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.mean) and 0 <= self.sd < math.inf):
            raise ParameterError(f"a prior has a mean and an SD of 0 or more, got {self.mean:g} and {self.sd:g}")


@dataclass(frozen=True, kw_only=True)
class Assurance:
    """Assurance over draws.

    Parameters
    ----------
    value : float
    se : float
        Its Monte-Carlo error.
    """

    value: float
    se: float


def assurance(prior: NormalPrior, se: float, *, alpha: float = 0.025, looks: Boundaries | None = None) -> float:
    """Return the chance of a result over a normal prior.

    Parameters
    ----------
    prior : NormalPrior
    se : float
        Standard error of the effect at full information, in points.
    alpha : float
        One-sided; of a trial without looks, whose assurance has a closed form. Looks bring their own.
    looks : Boundaries or None
    """
    _positive(se)
    if looks is None:
        if not 0 < alpha < 0.5:
            raise ParameterError(f"alpha must lie above 0 and below 0.5, such as 0.025, got {alpha:g}")
        return float(ndtr((prior.mean + ndtri(alpha) * se) / math.hypot(prior.sd, se)))
    return _averaged(prior, lambda effect: characteristics(looks, effect / se).power)


def assurance_over_draws(
    effects: npt.ArrayLike,
    se: npt.ArrayLike,
    *,
    alpha: float = 0.025,
    looks: Boundaries | None = None,
    weights: npt.ArrayLike | None = None,
) -> Assurance:
    """Return the chance of a result over draws of the effect, such as those of a posterior.

    Parameters
    ----------
    effects : array_like, shape (draw,)
        In points; signed so that more is better.
    se : float or array_like, shape (draw,)
        Standard error of the effect at full information.
    alpha : float
        One-sided; of a trial without looks.
    looks : Boundaries or None
    weights : array_like, shape (draw,), optional
        Of the draws; equal by default.

    Raises
    ------
    ParameterError
        If there is no draw, one is no number, or a weight is impossible.
    """
    effect = np.atleast_1d(np.asarray(effects, dtype=float))
    error = np.broadcast_to(np.asarray(se, dtype=float), effect.shape)
    weight = np.ones(effect.shape) if weights is None else np.asarray(weights, dtype=float)
    if effect.ndim != 1 or not effect.size or not np.isfinite(effect).all():
        raise ParameterError("assurance needs draws of the effect, each a number")
    if not (np.isfinite(error).all() and (error > 0).all()):
        raise ParameterError("a standard error must be above 0 and finite")
    if weight.shape != effect.shape or not (weight >= 0).all() or not 0 < weight.sum() < math.inf:
        raise ParameterError("each draw has one weight of 0 or more, and they do not sum to 0")
    drift = effect / error
    if looks is None:
        power = ndtr(drift + ndtri(alpha))
    else:
        power = np.array([characteristics(looks, float(d)).power for d in drift])
    share = weight / weight.sum()
    value = float(share @ power)
    return Assurance(value=value, se=float(np.sqrt((share**2 * (power - value) ** 2).sum())))


def assurance_after_look(looks: Boundaries, look: int, z: float, prior: NormalPrior, se: float) -> float:
    """Return the chance of a result in the end, given the statistic at a look and the prior.

    Parameters
    ----------
    looks : Boundaries
    look : int
        1 is the first; not the last.
    z : float
    prior : NormalPrior
        From before the trial.
    se : float
        Standard error of the effect at full information, in points.
    """
    _positive(se)
    if prior.sd == 0:
        raise ParameterError("a prior that is sure learns nothing from a look; take conditional_power")
    return predictive_power(looks, look, z, prior_mean=prior.mean / se, prior_sd=prior.sd / se)


def assurance_past_look(looks: Boundaries, look: int, prior: NormalPrior, se: float) -> float:
    """Return the chance of a result in the end, given only that the trial was not given up at or before a look.

    A trial that stopped there with a result counts as one. It is what futility at the look tells before its data are
    seen.

    Parameters
    ----------
    looks : Boundaries
        With a boundary for futility.
    look : int
        1 is the first; not the last.
    prior : NormalPrior
    se : float
        Standard error of the effect at full information, in points.
    """
    _positive(se)
    if not 1 <= look < len(looks.looks):
        raise ParameterError(f"the looks before the last are 1 to {len(looks.looks) - 1}, got {look}")
    given_up = _averaged(
        prior,
        lambda effect: float(crossing(looks.information[:look], looks.upper, looks.lower, effect / se).lower.sum()),
    )
    return assurance(prior, se, looks=looks) / (1 - given_up)


def _averaged(prior: NormalPrior, chance: Callable[[float], float]) -> float:
    """Return a chance averaged over the prior."""
    if prior.sd == 0:
        return chance(prior.mean)
    nodes, weights = _PANELS
    density = weights * np.exp(-((_REACH * nodes) ** 2) / 2)
    values = [chance(prior.mean + _REACH * float(node) * prior.sd) for node in nodes]
    return float(density @ np.array(values) / density.sum())


def _positive(se: float) -> None:
    if not 0 < se < math.inf:
        raise ParameterError(f"a standard error must be above 0 and finite, got {se:g}")
