"""Chance of every whole score that a scale can give, at a person's usual severity.

Severity is in log-odds, on a grid. Between the usual severity and the score lie the fast ups and downs of days, the
link of the scale, and the error of one rating; now and then a score is far off for reasons of its own.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, ndtr

from afterglow.observation.noise import error_sd
from afterglow.scales.instruments import scale
from afterglow.scales.links import severity_to_score
from afterglow.scales.scale import Family

__all__ = ["FARTHEST", "GRID", "ODD_SHARE", "ODD_TIMES", "place_of", "score_chances"]

FARTHEST, _STEP = 7.0, 0.05
GRID = np.round(np.arange(-FARTHEST, FARTHEST + _STEP / 2, _STEP), 10)
"""Usual severity in log-odds; a step is at most 0.8 points of a scale of 60, well below an error of rating."""

ODD_SHARE = 0.1
"""Share of scores that are far off: misread items, an evil week, somebody else's form; assumed."""
ODD_TIMES = 3.0
"""How much wider the fast ups and downs of such a score are; assumed."""
_LEAST_ERROR = 0.5
"""Least error of a rating near the ends of a scale, as a share of that in its middle: people who are well answer
unevenly too. Assumed; a mean over people needs none, so that `afterglow.observation` has nearly none there."""
_FLOOR = 1e-7
"""Least chance of any score, so that no score, however odd, rules out everybody."""


def place_of(log_odds: ArrayLike) -> NDArray[np.intp]:
    """Return the place on the grid nearest to each severity, the ends for what lies beyond them."""
    steps = np.multiply(log_odds, 1 / _STEP)
    steps += FARTHEST / _STEP + 0.5
    return np.asarray(np.clip(steps, 0, len(GRID) - 0.5, out=steps).astype(np.intp))


def score_chances(name: str, fast_sd: ArrayLike, *, family: Family | None = None) -> NDArray[np.float64]:
    """Return the chance of every whole score of a scale at every usual severity, (draws, scores, grid).

    Parameters
    ----------
    name : str
        Of the scale.
    fast_sd : array_like (draws,)
        SD of the fast ups and downs, in log-odds.
    family : {"depression", "ptsd", "anxiety"}, optional
        Whose severity the grid is; by default that of the scale's own family.
    """
    return _chances(name, family, tuple(np.atleast_1d(np.asarray(fast_sd, dtype=np.float64)).tolist()))


@lru_cache(maxsize=16)
def _chances(name: str, family: Family | None, fast_sd: tuple[float, ...]) -> NDArray[np.float64]:
    """Chance of every whole score, which each day of a forecast asks for again."""
    rated = _rated(name, family)
    found = []
    for sd in fast_sd:
        moved = (1 - ODD_SHARE) * _spread(sd) + ODD_SHARE * _spread(ODD_TIMES * sd)
        chances = rated @ moved
        found.append((chances + _FLOOR) / (chances + _FLOOR).sum(axis=0))
    stacked = np.stack(found)
    stacked.setflags(write=False)
    return stacked


@lru_cache(maxsize=64)
def _rated(name: str, family: Family | None) -> NDArray[np.float64]:
    """Chance of each whole score at each severity as it is on the day, (scores, grid)."""
    instrument = scale(name)
    true = severity_to_score(instrument, expit(GRID), family=family)
    sd = np.maximum(error_sd(instrument, true), _LEAST_ERROR * instrument.measurement_sd)
    edges = np.arange(instrument.low, instrument.high) + 0.5
    below = ndtr((edges[:, None] - true) / sd)
    return np.diff(below, axis=0, prepend=0.0, append=1.0)


def _spread(sd: float) -> NDArray[np.float64]:
    """Chance of each severity on the day (rows) at each usual severity (columns)."""
    apart = (GRID[:, None] - GRID) / max(sd, _STEP / 2)
    weights = np.exp(-0.5 * apart**2)
    return np.asarray(weights / weights.sum(axis=0))
