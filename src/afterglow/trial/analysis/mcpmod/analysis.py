"""MCP-Mod on the data of a trial: doses against the reference, tested together and then drawn as a curve."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from afterglow.errors import ParameterError
from afterglow.trial.analysis.ancova import ancova
from afterglow.trial.analysis.data import TrialData
from afterglow.trial.analysis.estimate import Estimate
from afterglow.trial.analysis.matrices import Numbers
from afterglow.trial.analysis.mcpmod.contrast_test import ContrastTest, contrast_test
from afterglow.trial.analysis.mcpmod.dose_fit import DoseFit, averaged_dose, fit_shape
from afterglow.trial.analysis.mcpmod.shapes import SHAPES, Shape, usual_shapes
from afterglow.trial.analysis.mmrm import mmrm

__all__ = ["McpMod", "mcpmod"]


@dataclass(frozen=True, eq=False)
class McpMod:
    """What MCP-Mod finds.

    Parameters
    ----------
    doses : tuple of float
        The first is the reference.
    gains : array (doses - 1,) or (trials, doses - 1)
        Differences from the reference, signed so that more is better.
    covariance : array (..., doses - 1, doses - 1)
    test : ContrastTest
    fits : tuple of DoseFit
        Of one trial in which a dose response was found: the shapes whose statistic exceeds the critical value, the best
        first by AIC; empty otherwise.
    """

    doses: tuple[float, ...]
    gains: Numbers
    covariance: Numbers
    test: ContrastTest
    fits: tuple[DoseFit, ...]

    def dose_for(self, gain: float, *, averaged: bool = False) -> float | None:
        """Return the smallest dose with a gain over the reference, by the best curve or averaged over all.

        None where no dose response was found, or no curve goes so far.
        """
        if averaged:
            return averaged_dose(self.fits, gain)
        return self.fits[0].dose_for(gain) if self.fits else None


def mcpmod(
    data: TrialData,
    *,
    doses: Sequence[float],
    shapes: Sequence[Shape] | None = None,
    visit: str | int = -1,
    model: str = "ancova",
    lower: bool = True,
    alpha: float = 0.025,
    **settings: Any,
) -> McpMod:
    """Test for a dose response at a visit, and fit the shapes that it may have.

    Parameters
    ----------
    data : TrialData
        Of one trial, or of many, of which only the test is done.
    doses : sequence of float
        One for each arm of the data, in their order; the first is the reference.
    shapes : sequence of Shape, optional
        Candidates, named before the trial; default: `usual_shapes`.
    visit : str or int
        By name, or by number; the last one by default.
    model : {"ancova", "mmrm"}
        From which differences and their covariance come.
    lower : bool
        Whether lower outcomes are better.
    alpha : float
        One-sided.
    **settings
        Of the model.

    Raises
    ------
    ParameterError
        If doses and arms do not agree, or one trial's data cannot carry the model.
    """
    if len(doses) != len(data.arms):
        raise ParameterError(f"each arm has one dose, got {len(doses)} doses of {len(data.arms)} arms")
    order = [0, *sorted(range(1, len(doses)), key=lambda k: doses[k])]
    dose = [float(doses[k]) for k in order]
    pairs = list(combinations(range(1, len(dose)), 2))
    weights = np.zeros((len(dose) - 1 + len(pairs), len(dose)))
    for row, (arm, other) in enumerate([*((k, 0) for k in range(1, len(dose))), *pairs]):
        weights[row, order[arm]], weights[row, order[other]] = 1.0, -1.0
    found = _compared(data, weights, model, visit, settings)
    sign = -1.0 if lower else 1.0
    active = len(dose) - 1
    gains, covariance = sign * found.value[..., :active], _covariance(found.se**2, active, pairs)
    freedom = found.df[..., :active]
    usable = freedom[np.isfinite(freedom)]
    test = contrast_test(
        dose,
        gains,
        covariance,
        shapes if shapes is not None else usual_shapes(dose),
        df=float(usable.mean()) if len(usable) else math.inf,
        alpha=alpha,
    )
    fits = () if data.many else _fits(test, dose, gains, covariance)
    return McpMod(doses=tuple(dose), gains=gains, covariance=covariance, test=test, fits=fits)


def _compared(data: TrialData, weights: Numbers, model: str, visit: str | int, settings: dict[str, Any]) -> Estimate:
    if model == "ancova":
        return ancova(data, visit=visit, contrasts=weights, **settings)
    if model != "mmrm":
        raise ParameterError(f"the differences of MCP-Mod come from ancova or mmrm, got '{model[:40]}'")
    return mmrm(data, contrasts=weights, **settings).differences.at((..., data.visit(visit)))


def _covariance(variance: Numbers, active: int, pairs: Sequence[tuple[int, int]]) -> Numbers:
    """Return the covariance of the differences from their variances and those of the differences between them."""
    found = np.zeros((*variance.shape[:-1], active, active))
    own = variance[..., :active]
    found[..., range(active), range(active)] = own
    for k, (i, j) in enumerate(pairs):
        shared = (own[..., i - 1] + own[..., j - 1] - variance[..., active + k]) / 2
        found[..., i - 1, j - 1] = found[..., j - 1, i - 1] = shared
    return found


def _fits(test: ContrastTest, doses: Sequence[float], gains: Numbers, covariance: Numbers) -> tuple[DoseFit, ...]:
    kinds = {
        shape.kind: None
        for shape, statistic in zip(test.shapes, test.statistic, strict=True)
        if statistic > test.critical and len(SHAPES[shape.kind].parameters) < len(gains)
    }
    return tuple(sorted((fit_shape(kind, doses, gains, covariance) for kind in kinds), key=lambda fit: fit.aic))
