"""Credible bands: what the parameters' uncertainty and the departures of trials leave open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from afterglow.simulate.tables import contrast_rows, lasting_rows, relapse_rows, score_rows, window_rows

if TYPE_CHECKING:
    from afterglow.simulate.result import Result

__all__ = ["SHARE_PER_SD", "Z90", "Bands", "credible_bands"]

DRAWS = 16
"""Draws of the posterior that are simulated for a band."""

PEOPLE = 64
"""People simulated for each draw: the first of the cohort, the same for every draw."""

Z90 = 1.6448536269514722
"""Half width of a 90 % interval in SDs."""
SHARE_PER_SD = 0.35
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
    contrasts : mapping of (arm, versus, scale, day) to float
        SD of the difference of means.
    relapse : mapping of (arm, day) to float
        SD of the share relapsed.
    lasting : mapping of (arm, scale) to float
        SD of the share whose response lasts.
    """

    scores: Mapping[Any, Mapping[str, float]]
    windows: Mapping[Any, Mapping[str, float]]
    contrasts: Mapping[Any, float]
    relapse: Mapping[Any, float]
    lasting: Mapping[Any, float]

    def score(self, arm: str, scale: str, day: float, row: Mapping[str, float]) -> dict[str, float]:
        """Return the 90 % bands of one row of scores."""
        sd = self.scores.get((arm, scale, day), {})
        found = {}
        for name in (*_SCORES, *_SHARES):
            half = Z90 * sd.get(name, np.nan)
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
            half = Z90 * sd.get(name, np.nan)
            found[f"{name}_low"], found[f"{name}_high"] = float(row[name] - half), float(row[name] + half)
        return found

    def contrast(self, row: Mapping[str, Any]) -> dict[str, float]:
        """Return the 90 % band of one difference between arms."""
        half = Z90 * self.contrasts.get((row["arm"], row["versus"], row["scale"], row["day"]), np.nan)
        middle = row["mean_difference"]
        return {"credible_low": float(middle - half), "credible_high": float(middle + half)}

    def relapsed(self, row: Mapping[str, Any]) -> dict[str, float]:
        """Return the 90 % band of one share relapsed."""
        return _share(row["share"], self.relapse.get((row["arm"], row["day"]), np.nan))

    def lasts(self, row: Mapping[str, Any]) -> dict[str, float]:
        """Return the 90 % band of one share whose response lasts."""
        return _share(row["share"], self.lasting.get((row["arm"], row["scale"]), np.nan))


def _share(middle: float, sd: float) -> dict[str, float]:
    """Return the 90 % band of a share, never beyond 0 and 1; NaN where there is none."""
    low, high = (float(np.clip(middle + z * sd, 0.0, 1.0)) for z in (-Z90, Z90))
    return {"credible_low": low, "credible_high": high}


def credible_bands(result: Result) -> Bands:
    """Simulate some of the people again at draws of the posterior.

    Notes
    -----
    A mean's variance is that over draws plus the departures of studies, arms and rows that calibration found, in SDs
    between people. A band is for a trial yet to be run with endlessly many people.
    """
    if result.posterior is None or result.again is None:
        return Bands({}, {}, {}, {}, {})
    posterior = result.posterior
    centre = posterior.centre
    chosen = {name: value for name, value in result.cohort.typical.items() if value != centre.get(name)}
    runs = [
        result.again({**posterior.draw(place), **chosen}, min(PEOPLE, result.participants))
        for place in posterior.spaced(DRAWS)
    ]
    scores, sds = _scores([score_rows(run) for run in runs], posterior.between_trial_sd)
    contrasts = {}
    for rows in zip(*(contrast_rows(run) for run in runs), strict=True):
        key = tuple(rows[0][k] for k in ("arm", "versus", "scale", "day"))
        departed = posterior.between_trial_sd_of_difference * sds.get(key[1:], np.nan)
        contrasts[key] = float(np.hypot(_sd([r["mean_difference"] for r in rows]), departed))
    relapse = _shares([relapse_rows(run) for run in runs], ("arm", "day"), posterior.between_trial_sd)
    lasting = _shares([lasting_rows(run) for run in runs], ("arm", "scale"), posterior.between_trial_sd)
    return Bands(scores, _windows([window_rows(run) for run in runs]), contrasts, relapse, lasting)


def _scores(tables: list[list[dict[str, Any]]], apart: float) -> tuple[dict[Any, dict[str, float]], dict[Any, float]]:
    """Return the SD of each score, and the SD between people by (arm, scale, day)."""
    found: dict[Any, dict[str, float]] = {}
    people: dict[Any, float] = {}
    for rows in zip(*tables, strict=True):
        key = (rows[0]["arm"], rows[0]["scale"], rows[0]["day"])
        people[key] = float(np.nanmean([r["sd"] for r in rows])) if len(rows) else np.nan
        first = rows[0]["day"] == min(r["day"] for r in tables[0] if r["scale"] == key[1])
        departed = 0.0 if first else apart
        found[key] = {
            **{n: float(np.hypot(_sd([r[n] for r in rows]), departed * people[key])) for n in _SCORES},
            **{n: float(np.hypot(_sd([r[n] for r in rows]), departed * SHARE_PER_SD)) for n in _SHARES},
        }
    return found, people


def _windows(tables: list[list[dict[str, Any]]]) -> dict[Any, dict[str, float]]:
    found: dict[Any, dict[str, float]] = {}
    for k, row in enumerate(tables[0]):
        same = [w[k] for w in tables if len(w) == len(tables[0])]
        key = (row["arm"], row["drug"], row["dose_day"])
        found[key] = {n: _sd([w[n] for w in same]) for n in ("open_from_day_median", "closes_day_median")}
    return found


def _shares(tables: list[list[dict[str, Any]]], names: tuple[str, str], apart: float) -> dict[Any, float]:
    """Return the SD of each share over the runs whose table has it: relapse needs somebody who responded."""
    shares: dict[Any, list[float]] = {}
    for rows in tables:
        for row in rows:
            shares.setdefault(tuple(row[name] for name in names), []).append(row["share"])
    return {key: float(np.hypot(_sd(values), apart * SHARE_PER_SD)) for key, values in shares.items()}


def _sd(values: list[float]) -> float:
    finite: NDArray[np.float64] = np.array([v for v in values if v == v])
    return float(finite.std(ddof=1)) if len(finite) > 1 else float("nan")
