"""The parameters that trials may move, and the plane on which they are moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterglow.cohort import known_rival
from afterglow.medicines import MEDICINES
from afterglow.parameters import PARAMETERS
from afterglow.parameters.background import BACKGROUND
from afterglow.parameters.conditions import EASING

__all__ = ["FREE", "UNSEEN", "FreeParameters", "free_parameters"]

FREE = (
    "baseline_excess",
    "fluctuation_sd",
    "fluctuation_days",
    "treatment_hope",
    "dosing_hope",
    "usual_care_hope",
    "guess_hope",
    "expectancy_weight",
    "lift_weight",
    "lift_days",
    "window_learning",
    "session_gain",
    "psychotherapy_gain",
    "trauma_focused_gain",
    "supportive_gain",
    "new_weight",
    "relief_ceiling",
    "unlearning_gain",
    "reconsolidation_rate",
    "signal_weight",
    "spine_weight",
    "stable_days",
    "consolidation_rate",
    "medicine_strength_resistant",
    "medicine_strength_illness",
    "hope_strength_resistant",
    "hope_strength_ptsd",
    *(p.name for p in EASING.values() if p.name != "easing_days_other"),
    *(p.name for p in BACKGROUND),
    "small_trial_excess",
    *(name for m in MEDICINES.values() for name in m.free),
)
"""Free in every calibration: what no pharmacology measures and some trial can see.

Where trials see only a combination of constants, one of them is free and the others stay at their typical values, such
as basal learning (the gain of a session is free) and the return of the old pattern (how it is unlearned is).
"""

UNSEEN = (
    "guess_slope",
    "guess_half",
    "guess_disappointment",
    "expectancy_days",
    "hope_per_contact_hour",
    "group_hour_share",
    "new_pattern_days",
    "labile_days",
    "easing_days_other",
    "training_gain",
    *(name for m in MEDICINES.values() for name in m.unseen),
)
"""Uncertain, but no trial sees them: a fit with them free left each at its prior. They are drawn from it."""

_AT_LEAST_ZERO = ("window_learning", "guess_half", "baseline_excess")


@dataclass(frozen=True)
class FreeParameters:
    """Free parameters on a plane on which the prior is a standard normal for each.

    Parameters
    ----------
    names : tuple of str
    """

    names: tuple[str, ...]

    def values(self, z: ArrayLike) -> dict[str, float]:
        """Return the typical values at the point `z` of the plane, in each parameter's unit."""
        found = {}
        for name, at in zip(self.names, np.asarray(z, dtype=np.float64), strict=True):
            p = PARAMETERS[name]
            value = float(p.moved(p.value, p.prior_sd * at))
            found[name] = max(value, 0.0) if name in _AT_LEAST_ZERO else value
        return found

    def point(self, values: Mapping[str, float]) -> NDArray[np.float64]:
        """Return the point of the plane at these values; the inverse of `values`."""
        own = [PARAMETERS[name] for name in self.names]
        return np.array([p.deviation(p.value, values[p.name]) / p.prior_sd for p in own])

    @property
    def lower(self) -> NDArray[np.float64]:
        """Lowest point of each axis: a parameter that cannot be below zero is bounded where it is zero."""
        return np.array(
            [-PARAMETERS[n].value / PARAMETERS[n].prior_sd if n in _AT_LEAST_ZERO else -np.inf for n in self.names]
        )


def free_parameters(rival: str) -> FreeParameters:
    """Return the parameters that are free under a rival explanation: those that it does not fix.

    Raises
    ------
    ParameterError
        If the rival is unknown.
    """
    fixed = known_rival(rival)
    return FreeParameters(tuple(name for name in FREE if name not in fixed))
