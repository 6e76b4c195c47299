"""The test for a dose response: contrasts that suit candidate shapes, judged by the largest of their statistics."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator
from scipy.special import stdtr

from afterglow.errors import ParameterError
from afterglow.trial.analysis.matrices import Numbers, is_definite
from afterglow.trial.analysis.mcpmod.largest import chance_below, critical_value
from afterglow.trial.analysis.mcpmod.shapes import Shape

__all__ = ["ContrastTest", "contrast_power", "contrast_test", "contrasts_for"]

_CURVE = 41
"""Statistics at which p is worked out where there are more of them."""
_LEAST = 1e-300


@dataclass(frozen=True, eq=False)
class ContrastTest:
    """What the contrasts find; leading axes are those of trials.

    Parameters
    ----------
    shapes : tuple of Shape
    contrasts : array (..., shapes, doses)
        Weights of the doses' means; each sums to 0 and its squares to 1.
    correlation : array (..., shapes, shapes)
    statistic : array (..., shapes)
        Positive where means rise with the dose.
    p : array (..., shapes)
        One-sided, adjusted for the choice among the shapes.
    critical : float
        What the largest statistic must exceed.
    df : float
    """

    shapes: tuple[Shape, ...]
    contrasts: Numbers
    correlation: Numbers
    statistic: Numbers
    p: Numbers
    critical: float
    df: float

    @property
    def rejected(self) -> np.ndarray:
        """Whether there is a dose response, (...); false where the data could not say."""
        return np.asarray(np.nanmax(np.nan_to_num(self.statistic, nan=-np.inf), axis=-1) > self.critical)


def contrasts_for(doses: ArrayLike, covariance: ArrayLike, shapes: Sequence[Shape]) -> Numbers:
    """Return the contrasts with the most power for each shape, (..., shapes, doses) (bornkamp2009).

    Parameters
    ----------
    doses : array_like (doses,)
        Rising; the first is the reference.
    covariance : array_like (..., doses - 1, doses - 1)
        Of the differences from the reference.
    shapes : sequence of Shape

    Raises
    ------
    ParameterError
        If doses, shapes or covariance are impossible.
    """
    dose, spread = _checked(doses, covariance, shapes)
    rise = np.stack([shape.at(dose)[1:] - shape.at(dose)[0] for shape in shapes], axis=-1)
    active = np.linalg.solve(spread, np.broadcast_to(rise, (*spread.shape[:-2], *rise.shape))).swapaxes(-1, -2)
    found = np.concatenate([-active.sum(axis=-1, keepdims=True), active], axis=-1)
    return np.asarray(found / np.linalg.norm(found, axis=-1, keepdims=True))


def contrast_test(
    doses: ArrayLike,
    differences: ArrayLike,
    covariance: ArrayLike,
    shapes: Sequence[Shape],
    *,
    df: float = math.inf,
    alpha: float = 0.025,
    contrasts: ArrayLike | None = None,
) -> ContrastTest:
    """Test for a dose response that rises.

    Parameters
    ----------
    doses : array_like (doses,)
        Rising; the first is the reference.
    differences : array_like (..., doses - 1)
        Of each further dose from the reference, signed so that more is better. Leading axes are those of trials.
    covariance : array_like (..., doses - 1, doses - 1)
    shapes : sequence of Shape
    df : float
        Of the variance; infinite for a normal statistic.
    alpha : float
        One-sided.
    contrasts : array_like (..., shapes, doses), optional
        Fixed before; default: those that suit each shape best, with this covariance.

    Raises
    ------
    ParameterError
        If doses, shapes, covariance or alpha are impossible.

    Notes
    -----
    Of several trials, the correlation of the first one that can be used stands for all: it hardly differs.
    """
    if not 0 < alpha < 0.5:
        raise ParameterError(f"alpha must lie above 0 and below 0.5, such as 0.025, got {alpha:g}")
    if not df > 0:
        raise ParameterError(f"degrees of freedom must be above 0, got {df:g}")
    dose, spread = _checked(doses, covariance, shapes)
    gain = np.asarray(differences, np.float64)
    if gain.shape != spread.shape[:-1]:
        raise ParameterError(f"{len(dose)} doses have {len(dose) - 1} differences from the first, got {gain.shape}")
    weights = contrasts_for(dose, spread, shapes) if contrasts is None else np.asarray(contrasts, np.float64)
    active = weights[..., 1:]
    together = active @ spread @ np.swapaxes(active, -1, -2)
    se = np.sqrt(np.diagonal(together, axis1=-2, axis2=-1))
    correlation = together / (se[..., :, None] * se[..., None, :])
    statistic = (active @ gain[..., None])[..., 0] / se
    usable = correlation.reshape(-1, len(shapes), len(shapes))
    shared = usable[np.argmax(np.isfinite(usable).all(axis=(1, 2)))]
    return ContrastTest(
        shapes=tuple(shapes),
        contrasts=weights,
        correlation=correlation,
        statistic=statistic,
        p=_adjusted(statistic, shared, df),
        critical=critical_value(alpha, shared, df),
        df=float(df),
    )


def contrast_power(
    doses: ArrayLike,
    means: ArrayLike,
    people: ArrayLike,
    sd: float,
    shapes: Sequence[Shape],
    *,
    alpha: float = 0.025,
) -> float:
    """Return the power to find a dose response, people in parallel groups.

    Parameters
    ----------
    doses, means : array_like (doses,)
        Means are signed so that more is better.
    people : float or array_like (doses,)
        In each group.
    sd : float
    shapes : sequence of Shape
        The candidates of the test.
    alpha : float
        One-sided.
    """
    dose = np.asarray(doses, np.float64)
    n = np.broadcast_to(np.asarray(people, np.float64), dose.shape)
    if not (n > 1).all() or not 0 < sd < math.inf:
        raise ParameterError("a group needs more than one person and an SD above 0")
    spread = sd**2 * (np.diag(1 / n[1:]) + 1 / n[0])
    active = contrasts_for(dose, spread, shapes)[..., 1:]
    together = active @ spread @ active.T
    se = np.sqrt(np.diag(together))
    correlation = together / np.outer(se, se)
    truth = np.asarray(means, np.float64)
    df = float(n.sum() - len(n))
    bound = critical_value(alpha, correlation, df)
    return 1 - chance_below(bound, correlation, df, active @ (truth[1:] - truth[0]) / se)


def _adjusted(statistic: Numbers, correlation: Numbers, df: float) -> Numbers:
    """Return adjusted p values; of many statistics they are read off a fine curve."""
    known = np.isfinite(statistic)
    if not known.any():
        return np.full(statistic.shape, np.nan)
    values = np.unique(statistic[known])
    if len(values) > _CURVE:
        values = np.linspace(values[0], values[-1], _CURVE)
    alone = np.array([float(stdtr(df, -t)) if math.isfinite(df) else _normal_tail(t) for t in values])
    raw = np.array([1 - chance_below(t, correlation, df) for t in values])
    curve = np.clip(raw, alone, np.minimum(len(correlation) * alone, 1.0))  # true bounds, where the integral is coarse
    if len(values) == 1:
        return np.where(known, curve[0], np.nan)
    smooth = PchipInterpolator(values, np.log(np.maximum(curve, _LEAST)))
    return np.where(known, np.exp(smooth(np.where(known, statistic, values[0]))), np.nan)


def _normal_tail(t: float) -> float:
    return 0.5 * math.erfc(t / math.sqrt(2))


def _checked(doses: ArrayLike, covariance: ArrayLike, shapes: Sequence[Shape]) -> tuple[Numbers, Numbers]:
    dose, spread = np.asarray(doses, np.float64), np.asarray(covariance, np.float64)
    if dose.ndim != 1 or len(dose) < 3:
        raise ParameterError(f"a dose response needs three doses or more, the reference with them, got {dose.size}")
    if not np.isfinite(dose).all() or dose[0] < 0 or not (np.diff(dose) > 0).all():
        raise ParameterError(f"doses must rise from the reference, got {', '.join(f'{d:g}' for d in dose)}")
    if not shapes:
        raise ParameterError("a test for a dose response needs a candidate shape, such as 'emax 5'")
    if spread.shape[-2:] != (len(dose) - 1, len(dose) - 1):
        raise ParameterError(f"the covariance is that of {len(dose) - 1} differences, got {spread.shape[-2:]}")
    for shape in shapes:
        if np.ptp(shape.at(dose)) < 1e-12:
            raise ParameterError(f"the shape {shape.id} is flat over these doses")
    fine = is_definite(spread)
    if not fine.any():
        raise ParameterError("the covariance of the differences cannot be inverted")
    return dose, np.where(fine[..., None, None], spread, np.nan) if not fine.all() else spread
