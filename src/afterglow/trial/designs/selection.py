"""Selection of the best of several doses at an interim look, and the critical value that allows for it.

Each dose is compared with the same control, so that the statistics of look 1 are correlated. The best dose goes on with
the control to the end, and its statistic counts the people of both stages (thall1988, thall1989; dunnett1955 for the
largest of several comparisons with one control).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import ndtr, roots_hermitenorm

from afterglow.errors import ParameterError

__all__ = ["critical_value", "largest_below", "selected_above"]

_SHARED, _WEIGHTS = roots_hermitenorm(64)
_SECOND, _MASS = roots_hermitenorm(96)


def largest_below(
    z: npt.ArrayLike, doses: int, control_ratio: float = 1.0, means: npt.ArrayLike = 0.0
) -> npt.NDArray[np.float64]:
    """Return the chance that no dose's statistic lies above z.

    Parameters
    ----------
    z : array_like, any shape
    doses : int
        Doses that are compared with one control.
    control_ratio : float
        People in the control arm for each in a dose's arm; two statistics correlate by 1 / (1 + ratio).
    means : array_like, shape (dose,) or a number
        Means of the statistics.
    """
    correlation = 1 / (1 + control_ratio)
    own = math.sqrt(1 - correlation)
    centre = np.broadcast_to(np.asarray(means, dtype=float), (doses,))
    bound = np.asarray(z, dtype=float)[..., None, None]
    below = ndtr((bound - centre - math.sqrt(correlation) * _SHARED[:, None]) / own)
    return np.asarray(below.prod(axis=-1) @ _WEIGHTS / _WEIGHTS.sum())


def selected_above(
    z: float, doses: int, fraction: float, control_ratio: float = 1.0, means: npt.ArrayLike = 0.0
) -> npt.NDArray[np.float64]:
    """Return, dose by dose, the chance that it is selected and that its last statistic lies above z.

    Parameters
    ----------
    z : float
    doses : int
    fraction : float
        Of the information on the dose that goes on, at the look at which it is chosen; 0 to 1.
    control_ratio : float
    means : array_like, shape (dose,) or a number
        Means of the statistics at full information.

    Returns
    -------
    array, shape (dose,)
    """
    correlation = 1 / (1 + control_ratio)
    own, shared = math.sqrt(1 - correlation), math.sqrt(correlation)
    centre = np.broadcast_to(np.asarray(means, dtype=float), (doses,))
    first = centre * math.sqrt(fraction)
    # Given the shared part s, dose i's first statistic is x = first_i + shared s + own e, and the others lie below it.
    s, e = _SHARED[:, None], _SECOND[None, :]
    weight = np.outer(_WEIGHTS / _WEIGHTS.sum(), _MASS / _MASS.sum())
    found = np.empty(doses)
    for dose in range(doses):
        x = first[dose] + shared * s + own * e
        others = np.ones_like(x)
        for other in range(doses):
            if other != dose:
                others *= ndtr((x - first[other] - shared * s) / own)
        last = math.sqrt(fraction) * x + centre[dose] * (1 - fraction)
        spread = math.sqrt(1 - fraction)
        above = ndtr((last - z) / spread) if spread > 0 else (last > z).astype(float)
        found[dose] = (weight * others * above).sum()
    return found


def critical_value(doses: int, fraction: float, alpha: float = 0.025, control_ratio: float = 1.0) -> float:
    """Return what the last statistic of the selected dose must exceed, so that one-sided type I error is alpha.

    Parameters
    ----------
    doses : int
        1 to 10.
    fraction : float
        Of the information at which the dose is chosen, above 0 and up to 0.95.
    alpha : float
    control_ratio : float
        People in the control arm for each in a dose's arm.

    Raises
    ------
    ParameterError
        If a value is impossible.

    Notes
    -----
    Between the usual normal value, at fraction 0, and Dunnett's, at fraction 1.
    """
    if not 1 <= doses <= 10:
        raise ParameterError(f"a dose is chosen among 1 to 10, got {doses}")
    if not 0 < fraction <= 0.95:
        raise ParameterError(
            f"a dose is chosen at a fraction of the information above 0 and up to 0.95, got {fraction:g}"
        )
    if not 0 < alpha < 0.5:
        raise ParameterError(f"alpha must lie above 0 and below 0.5, such as 0.025, got {alpha:g}")
    if not 0 < control_ratio <= 20:
        raise ParameterError(f"control_ratio must lie above 0 and up to 20, got {control_ratio:g}")
    return float(
        brentq(lambda z: selected_above(z, doses, fraction, control_ratio).sum() - alpha, 0.0, 8.0, xtol=1e-10)
    )
