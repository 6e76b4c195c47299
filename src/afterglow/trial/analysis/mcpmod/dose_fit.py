"""The curve of a shape that fits the differences from the reference best, and the dose that gives enough."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq, minimize

from afterglow.errors import ParameterError, nearest
from afterglow.trial.analysis.matrices import Numbers
from afterglow.trial.analysis.mcpmod.shapes import SHAPES, Shape

__all__ = ["DoseFit", "averaged_dose", "fit_shape"]

_GRID = 24
"""Starting values along each parameter, evenly on its logarithm."""


@dataclass(frozen=True)
class DoseFit:
    """A fitted curve of differences from the reference.

    Parameters
    ----------
    shape : Shape
        With fitted parameters.
    scale : float
        Points for each unit of the shape.
    doses : tuple of float
        Those of the trial.
    misfit : float
        Squared distance from the differences, in their covariance.
    aic : float
        Misfit and twice the number of parameters (pinheiro2014).
    """

    shape: Shape
    scale: float
    doses: tuple[float, ...]
    misfit: float
    aic: float

    def at(self, dose: ArrayLike) -> Numbers:
        """Return the difference from the reference at doses, (doses,), in points."""
        start = self.shape.at(np.array([self.doses[0]]))
        return np.asarray(self.scale * (self.shape.at(dose) - start))

    def dose_for(self, gain: float) -> float | None:
        """Return the smallest dose of the trial's range with a difference of `gain`; None where there is none.

        Raises
        ------
        ParameterError
            If the gain is not above 0.
        """
        if not gain > 0:
            raise ParameterError(f"a gain that is sought must be above 0, got {gain:g}")
        fine = np.linspace(self.doses[0], self.doses[-1], 2001)
        enough = np.flatnonzero(self.at(fine) >= gain)
        if not len(enough):
            return None
        k = int(enough[0])
        return float(brentq(lambda dose: float(self.at(np.array([dose]))[0]) - gain, fine[k - 1], fine[k]))


def fit_shape(kind: str, doses: Sequence[float], differences: ArrayLike, covariance: ArrayLike) -> DoseFit:
    """Fit a shape to differences from the reference by generalised least squares.

    Parameters
    ----------
    kind : str
        One of `SHAPES`.
    doses : sequence of float
        Rising; the first is the reference.
    differences : array_like (doses - 1,)
        Signed so that more is better.
    covariance : array_like (doses - 1, doses - 1)

    Raises
    ------
    ParameterError
        If the kind is unknown or has more parameters than there are differences.
    """
    if kind not in SHAPES:
        raise ParameterError(f"no shape of a dose response is called '{kind[:40]}'; {nearest(kind, SHAPES)}")
    dose, gain = np.asarray(doses, np.float64), np.asarray(differences, np.float64)
    family = SHAPES[kind]
    parameters = 1 + len(family.parameters)
    if len(gain) < parameters:
        raise ParameterError(f"{len(gain)} differences cannot carry the {parameters} parameters of {kind}")
    white = np.linalg.inv(np.linalg.cholesky(np.asarray(covariance, np.float64)))
    target = white @ gain

    def scaled(values: Sequence[float]) -> tuple[float, float]:
        """Return the best scale for a shape, and what is left over."""
        curve = Shape(kind, tuple(values)).at(dose)
        rise = white @ (curve[1:] - curve[0])
        scale = float(rise @ target / (rise @ rise)) if rise @ rise > 0 else 0.0
        return scale, float(((target - scale * rise) ** 2).sum())

    if kind == "quadratic":
        columns = white @ np.stack([dose[1:] - dose[0], dose[1:] ** 2 - dose[0] ** 2], axis=1)
        line, bend = np.linalg.lstsq(columns, target, rcond=None)[0]
        best: tuple[float, ...] = (float(bend / line),)
    else:
        best = _searched(
            scaled, [_limits(dose[-1], *given) for given in zip(family.limits, family.scaled, strict=True)]
        )
    scale, misfit = scaled(best)
    return DoseFit(
        shape=Shape(kind, best), scale=scale, doses=tuple(dose.tolist()), misfit=misfit, aic=misfit + 2 * parameters
    )


def averaged_dose(fits: Sequence[DoseFit], gain: float) -> float | None:
    """Return the mean of the doses that give `gain`, curves weighted by exp(-AIC / 2); None where none reaches it."""
    found = [(fit.dose_for(gain), fit.aic) for fit in fits]
    reached = [(dose, aic) for dose, aic in found if dose is not None]
    if not reached:
        return None
    least = min(aic for _, aic in reached)
    weights = [math.exp(-(aic - least) / 2) for _, aic in reached]
    return sum(w * dose for w, (dose, _) in zip(weights, reached, strict=True)) / sum(weights)


def _limits(top: float, limits: tuple[float, float], scaled: bool) -> tuple[float, float]:
    return (limits[0] * top, limits[1] * top) if scaled else limits


def _searched(scaled: object, limits: Sequence[tuple[float, float]]) -> tuple[float, ...]:
    """Return the parameters with the least misfit within limits: a grid, then downhill."""
    if not limits:
        return ()

    def misfit(logs: Sequence[float]) -> float:
        return float(scaled([math.exp(value) for value in logs])[1])  # type: ignore[operator]

    spans = [(math.log(low), math.log(high)) for low, high in limits]
    start = min(product(*(np.linspace(low, high, _GRID) for low, high in spans)), key=misfit)
    found = minimize(misfit, start, method="L-BFGS-B", bounds=spans)
    best = found.x if found.fun < misfit(start) else start
    return tuple(math.exp(value) for value in best)
