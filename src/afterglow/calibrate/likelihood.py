"""How far published numbers may lie from the model: sampling, the departures of trials, and the model's own misfit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.special import logsumexp

from afterglow.calibrate.targets import Target
from afterglow.posterior import ODDNESS

__all__ = ["LEANING", "Heterogeneity", "Sharing", "TrialNoise", "trial_noise"]

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
    study : float
        SD of what all arms of a study share.
    points, share : float
        SD of what all arms share in the points of one scale, and in the share of people who count as something on it.
    arm, row : float
        SD of what all rows of an arm share, and of what they share the less the further apart their days are.
    hope, medicine, therapy : float
        SD from trial to trial of how much hope and care, medicines and therapy can do, on the log scale.

    Notes
    -----
    In a trial whose oddness is k all of them are larger by the square root of k; see `posterior.ODDNESS`.
    """

    study: float = 0.12
    points: float = 0.12
    share: float = 0.12
    arm: float = 0.12
    row: float = 0.12
    hope: float = 0.3
    medicine: float = 0.3
    therapy: float = 0.3

    @property
    def leaning(self) -> NDArray[np.float64]:
        """SDs of `LEANING`, (3,)."""
        return np.array([self.hope, self.medicine, self.therapy])


@dataclass(frozen=True, eq=False)
class TrialNoise:
    """How far one trial's published numbers may lie from the model.

    Parameters
    ----------
    sampling, departure : array (targets, targets)
        Covariance by sampling, and by the departures of a trial whose oddness is 1.
    """

    sampling: NDArray[np.float64]
    departure: NDArray[np.float64]

    def at(self, oddness: float) -> NDArray[np.float64]:
        """Return the covariance in a trial of that oddness, (targets, targets)."""
        return np.asarray(self.sampling + oddness * self.departure)

    def log_densities(self, gap: NDArray[np.float64], oddness: Sequence[float] = ODDNESS) -> NDArray[np.float64]:
        """Return the log density of published less predicted numbers in a trial of each oddness.

        Parameters
        ----------
        gap : array (targets,) or (targets, k)
        oddness : sequence of float

        Returns
        -------
        array (oddness,) or (oddness, k)
        """
        found = []
        for kind in oddness:
            factor = np.linalg.cholesky(self.at(kind))
            white = solve_triangular(factor, gap, lower=True)
            constant = np.log(np.diag(factor)).sum() + len(factor) / 2 * np.log(2 * np.pi)
            found.append(-0.5 * np.sum(white**2, axis=0) - constant)
        return np.array(found)

    def log_density(self, gap: NDArray[np.float64], oddness: Sequence[float] = ODDNESS) -> NDArray[np.float64]:
        """Return the log density whatever the trial's oddness, () or (k,); each is equally likely beforehand."""
        return np.asarray(logsumexp(self.log_densities(gap, oddness), axis=0) - np.log(len(oddness)))

    def likely(self, gap: NDArray[np.float64], oddness: Sequence[float] = ODDNESS) -> float:
        """Return the oddness that a trial seems to have, from published less predicted numbers, (targets,).

        The inverse of the mean inverse, which is what weighs a trial in a fit (lange1989).
        """
        level = self.log_densities(gap, oddness)
        weight = np.exp(level - logsumexp(level))
        return float(1 / np.sum(weight / np.array(oddness)))


@dataclass(frozen=True, eq=False)
class Sharing:
    """What one study's numbers have in common, before it is said how far trials depart; all (targets, targets).

    Parameters
    ----------
    sampling : array
        Covariance by sampling.
    parts : mapping of str to array
        By departure of `Heterogeneity` that acts on numbers, what one SD of it adds to the covariance.
    """

    sampling: NDArray[np.float64]
    parts: Mapping[str, NDArray[np.float64]]

    @classmethod
    def of(cls, targets: Sequence[Target]) -> Sharing:
        """Find it out from who was counted, in which measure and on which day."""
        se = np.array([t.se for t in targets])
        unit = np.array([t.unit for t in targets])
        sign = np.where(unit < 0, -1.0, 1.0)
        arm = np.array([t.arm for t in targets])
        versus = np.array([t.versus for t in targets])
        moved = np.array([t.kind != "log_sd" for t in targets])
        same = (arm[:, None] == arm[None, :]).astype(float) - (arm[:, None] == versus[None, :])
        same += -(versus[:, None] == arm[None, :]).astype(float)
        same += ((versus[:, None] == versus[None, :]) & (versus[:, None] >= 0)).astype(float)
        same = np.where(moved[:, None] & moved[None, :], same, 0.0)
        sampling = _SAME_PEOPLE * np.clip(same * np.outer(sign, sign), -1, 1) * np.outer(se, se)
        sampling[np.diag_indices_from(sampling)] = se**2
        levels = (versus < 0) * moved * unit  # a difference between arms does not carry what the study shares
        study = np.outer(levels, levels)
        _, place = np.unique(["/".join(t.measure) for t in targets], return_inverse=True)
        alike = study * (place[:, None] == place[None, :])
        counted = np.array([bool(t.measure[1]) for t in targets])
        day = np.log1p([max(t.finding.day, 0.0) for t in targets])
        near = np.exp(-np.abs(day[:, None] - day[None, :]) / _COURSE)
        row = _ALONG_COURSE * near * same + (1 - _ALONG_COURSE) * np.diag(np.where(versus < 0, 1.0, 2.0) * moved)
        parts = {
            "study": study,
            "points": np.where(counted, 0.0, alike),
            "share": np.where(counted, alike, 0.0),
            "arm": same * np.outer(unit, unit),
            "row": row * np.outer(unit, unit),
        }
        return cls(sampling, parts)

    def noise(self, spread: Heterogeneity, lean: NDArray[np.float64] | None = None) -> TrialNoise:
        """Return how far the numbers may lie from the model; see `trial_noise`."""
        departure = sum(getattr(spread, name) ** 2 * part for name, part in self.parts.items())
        if lean is not None:
            along = lean * spread.leaning
            departure = departure + along @ along.T
        return TrialNoise(self.sampling, np.asarray(departure))


def trial_noise(
    targets: Sequence[Target], spread: Heterogeneity, lean: NDArray[np.float64] | None = None
) -> TrialNoise:
    """Return how far one study's published numbers may lie from the model.

    Parameters
    ----------
    targets : sequence of Target
    spread : Heterogeneity
    lean : array (targets, 3), optional
        Change of each predicted number as the log of each of `LEANING` grows by one; without it those departures are
        left out, as where draws of the parameters hold them already.
    """
    return Sharing.of(targets).noise(spread, lean)
