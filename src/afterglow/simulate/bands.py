"""Credible bands: what the parameters' uncertainty and the departures of trials leave open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from afterglow.simulate.tables import score_rows, window_rows

if TYPE_CHECKING:
    from afterglow.simulate.result import Result

__all__ = ["Bands", "credible_bands"]

DRAWS = 16
"""Draws of the posterior that are simulated for a band."""

PEOPLE = 64
"""People simulated for each draw: the first of the cohort, the same for every draw."""

_Z90 = 1.6448536269514722
_SHARE_PER_SD = 0.35
"""Change of a share when everybody's score moves by one SD, near one half."""

_SCORES = ("mean", "change_mean")
_SHARES = ("response", "remission")


@dataclass(frozen=True)
class Bands:
    """SD of what is not known about each number; NaN where nothing was calibrated.

    Parameters
    ----------
    scores : mapping of (arm, scale, day) to mapping
        SD of mean, change_mean, response and remission.
    windows : mapping of (arm, drug, dose_day) to mapping
        SD of the median opening and closing day.
    """

    scores: Mapping[Any, Mapping[str, float]]
    windows: Mapping[Any, Mapping[str, float]]

    def score(self, arm: str, scale: str, day: float, row: Mapping[str, float]) -> dict[str, float]:
        """Return the 90 % bands of one row of scores."""
        sd = self.scores.get((arm, scale, day), {})
        found = {}
        for name in (*_SCORES, *_SHARES):
            half = _Z90 * sd.get(name, np.nan)
            low, high = row[name] - half, row[name] + half
            if name in _SHARES:
                low, high = max(low, 0.0) if low == low else low, min(high, 1.0) if high == high else high
            found[f"{name}_low"], found[f"{name}_high"] = float(low), float(high)
        return found

    def window(self, arm: str, drug: str, dose_day: float, row: Mapping[str, float]) -> dict[str, float]:
        """Return the 90 % bands of the median opening and closing day of one window."""
        sd = self.windows.get((arm, drug, dose_day), {})
        found = {}
        for name in ("open_from_day_median", "closes_day_median"):
            half = _Z90 * sd.get(name, np.nan)
            found[f"{name}_low"], found[f"{name}_high"] = float(row[name] - half), float(row[name] + half)
        return found


def credible_bands(result: Result) -> Bands:
    """Simulate some of the people again at draws of the posterior.

    Notes
    -----
    A mean's variance is that over draws plus the departures of studies, arms and rows that calibration found, in SDs
    between people. A band is for a trial yet to be run with endlessly many people.
    """
    if result.posterior is None or result.again is None:
        return Bands({}, {})
    posterior = result.posterior
    centre = posterior.centre
    chosen = {name: value for name, value in result.cohort.typical.items() if value != centre.get(name)}
    scores, windows = [], []
    for place in posterior.spaced(DRAWS):
        seen = result.again({**posterior.draw(place), **chosen}, min(PEOPLE, result.participants))
        scores.append(score_rows(seen))
        windows.append(window_rows(seen))
    apart = float(np.sqrt(sum(v**2 for v in posterior.spread.values())))
    table: dict[Any, dict[str, float]] = {}
    for rows in zip(*scores, strict=True):
        key = (rows[0]["arm"], rows[0]["scale"], rows[0]["day"])
        between = float(np.nanmean([r["sd"] for r in rows])) if len(rows) else np.nan
        first = rows[0]["day"] == min(r["day"] for r in scores[0] if r["scale"] == key[1])
        departed = 0.0 if first else apart
        table[key] = {
            **{n: float(np.hypot(_sd([r[n] for r in rows]), departed * between)) for n in _SCORES},
            **{n: float(np.hypot(_sd([r[n] for r in rows]), departed * _SHARE_PER_SD)) for n in _SHARES},
        }
    opened: dict[Any, dict[str, float]] = {}
    for k, row in enumerate(windows[0] if windows else []):
        key = (row["arm"], row["drug"], row["dose_day"])
        same = [w[k] for w in windows if len(w) == len(windows[0])]
        opened[key] = {n: _sd([w[n] for w in same]) for n in ("open_from_day_median", "closes_day_median")}
    return Bands(table, opened)


def _sd(values: list[float]) -> float:
    finite: NDArray[np.float64] = np.array([v for v in values if v == v])
    return float(finite.std(ddof=1)) if len(finite) > 1 else float("nan")
