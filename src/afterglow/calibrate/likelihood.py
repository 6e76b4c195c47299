"""How far published numbers may lie from the model: sampling, the departures of trials, and the model's own misfit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.calibrate.targets import Target

__all__ = ["LEANING", "Heterogeneity", "Sharing", "covariance"]

LEANING = ("hope_strength", "medicine_strength", "therapy_strength")
"""Parameters that depart from trial to trial as one for all arms of the trial."""

_SAME_PEOPLE = 0.6
"""Correlation of the sampling errors of two numbers about the same people; assumed."""

_ALONG_COURSE = 0.8
"""Share of a row's departure that it has in common with other scales on its day and, less, with days near it."""

_COURSE = 0.7
"""Distance of two days, as the logarithm of their ratio, over which that common part falls to 1/e; assumed."""


@dataclass(frozen=True)
class Heterogeneity:
    """Departures of trials from the model, in SDs between people.

    Parameters
    ----------
    study, arm, row : float
        SD of what all arms of a study share, of what all rows of an arm share, and of what rows of an arm share the
        less the further apart their days are.
    hope, medicine, therapy : float
        SD from trial to trial of how much hope and care, medicines and therapy can do, on the log scale.
    """

    study: float = 0.25
    arm: float = 0.2
    row: float = 0.15
    hope: float = 0.2
    medicine: float = 0.2
    therapy: float = 0.2

    @property
    def leaning(self) -> NDArray[np.float64]:
        """SDs of `LEANING`, (3,)."""
        return np.array([self.hope, self.medicine, self.therapy])


@dataclass(frozen=True)
class Sharing:
    """What one study's published numbers have in common, before it is said how far trials depart from the model.

    Parameters
    ----------
    sampling : array (targets, targets)
        Covariance of the sampling errors.
    study, arm : array (targets, targets)
        What a departure of the study, and of an arm, of one SD adds to the covariance.
    course, unit : array (targets, targets)
        Correlation of the departures of single rows, and what an SD of each of two numbers counts together.
    """

    sampling: NDArray[np.float64]
    study: NDArray[np.float64]
    arm: NDArray[np.float64]
    course: NDArray[np.float64]
    unit: NDArray[np.float64]

    @classmethod
    def of(cls, targets: Sequence[Target]) -> Sharing:
        """Find it out from who was counted, on which scale and day."""
        se = np.array([t.se for t in targets])
        unit = np.array([t.unit for t in targets])
        sign = np.where(unit < 0, -1.0, 1.0)
        arm = np.array([t.arm for t in targets])
        versus = np.array([t.versus for t in targets])
        moved = np.array([t.kind != "log_sd" for t in targets])
        both = moved[:, None] & moved[None, :]
        same = (arm[:, None] == arm[None, :]).astype(float) - (arm[:, None] == versus[None, :])
        same += -(versus[:, None] == arm[None, :]).astype(float)
        same += ((versus[:, None] == versus[None, :]) & (versus[:, None] >= 0)).astype(float)
        shared = np.where(both, same * np.outer(sign, sign), 0.0)
        levels = (versus < 0).astype(float) * moved  # a difference between arms does not carry what the study shares
        sampling = _SAME_PEOPLE * np.clip(shared, -1, 1) * np.outer(se, se)
        sampling[np.diag_indices_from(sampling)] = se**2
        day = np.log1p([max(t.finding.day, 0.0) for t in targets])
        near = np.exp(-np.abs(day[:, None] - day[None, :]) / _COURSE)
        within, units = np.where(both, same, 0.0), np.outer(unit, unit)
        course = _ALONG_COURSE * near * within + (1 - _ALONG_COURSE) * np.eye(len(targets))
        return cls(sampling, np.outer(unit * levels, unit * levels), within * units, course, units)

    def covariance(self, spread: Heterogeneity, lean: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Return the covariance of the numbers around the model; see the function `covariance`."""
        found = self.sampling + spread.study**2 * self.study
        found += spread.arm**2 * self.arm
        found += spread.row**2 * self.course * self.unit
        if lean is not None:
            along = lean * spread.leaning
            found += along @ along.T
        return found


def covariance(
    targets: Sequence[Target], spread: Heterogeneity, lean: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return the covariance of one study's published numbers around the model.

    Parameters
    ----------
    targets : sequence of Target
    spread : Heterogeneity
    lean : array (targets, 3), optional
        Change of each predicted number as the log of each of `LEANING` grows by one; without it those departures are
        left out, as where draws of the parameters hold them already.

    Returns
    -------
    array (targets, targets)
    """
    return Sharing.of(targets).covariance(spread, lean)
