"""How good forecasts of whole scores are.

References
----------
Czado C et al. Predictive model assessment for count data. Biometrics 65 (2009): histograms of whole numbers.
Gneiting T, Raftery AE. Strictly proper scoring rules. J Am Stat Assoc 102 (2007): the continuous ranked score.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

__all__ = ["COVERED", "crps_of_chances", "crps_of_normal", "inside", "pit_histogram"]

COVERED = (0.5, 0.8, 0.9)
"""Shares that bands should hold."""


def crps_of_chances(chance: NDArray[np.float64], score: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the continuous ranked probability score of chances (forecasts, scores), in points; 0 is best."""
    below = np.cumsum(chance, axis=1)[:, :-1]
    came = np.arange(below.shape[1]) >= score[:, None]
    return np.asarray(((below - came) ** 2).sum(axis=1))


def crps_of_normal(mean: ArrayLike, sd: ArrayLike, value: ArrayLike) -> NDArray[np.float64]:
    """Return the continuous ranked probability score of normal forecasts, in the unit of the value (gneiting2007)."""
    spread = np.asarray(sd, dtype=np.float64)
    z = (np.asarray(value, dtype=np.float64) - np.asarray(mean, dtype=np.float64)) / spread
    density = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    return np.asarray(spread * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi)))


def _ends(chance: NDArray[np.float64], score: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Chance of less than the score, and of it or less."""
    below = np.concatenate([np.zeros((len(chance), 1)), np.cumsum(chance, axis=1)], axis=1)
    rows = np.arange(len(chance))
    return below[rows, score], np.maximum(below[rows, score + 1], below[rows, score] + 1e-12)


def inside(chance: NDArray[np.float64], score: NDArray[np.int64], share: float) -> NDArray[np.float64]:
    """Return whether each score fell inside the middle band that should hold a share, from 0 to 1.

    An end of a band cuts through a whole score; such a score counts by the part of its own chance that lies inside, so
    that a good forecast covers neither more nor less than it says, at the floor of a scale too.
    """
    low, high = _ends(chance, score)
    begin, end = 0.5 - share / 2, 0.5 + share / 2
    return np.asarray(np.clip(np.minimum(high, end) - np.maximum(low, begin), 0.0, None) / (high - low))


def pit_histogram(chance: NDArray[np.float64], score: NDArray[np.int64], bins: int = 10) -> NDArray[np.float64]:
    """Return the share of forecasts in each tenth of the chances that they gave (czado2009); all are alike if good."""
    low, high = _ends(chance, score)
    edges = np.linspace(0.0, 1.0, bins + 1)
    reached = np.clip((edges - low[:, None]) / (high - low)[:, None], 0.0, 1.0)
    return np.asarray(np.diff(reached, axis=1).mean(axis=0)) if len(score) else np.full(bins, np.nan)
