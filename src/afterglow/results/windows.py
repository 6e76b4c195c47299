"""When each dosing day's window opens and closes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from afterglow.compile.order import count_open
from afterglow.results.mixture import Mixture, weighted_quantiles
from afterglow.results.scores import Rows
from afterglow.simulate.run import Run

__all__ = ["open_shares", "window_rows"]

_AT = {"median": 0.5, "q05": 0.05, "q95": 0.95}


def window_rows(run: Run, mixture: Mixture) -> Rows:
    """Return when each window is half open and half closed; no days when it opens in fewer than half of people.

    Counted are the explanations that have a window: hope alone has none. Quantiles are over people and draws. The 90 %
    intervals of the medians hold parameters and explanations. None opens before its day's first dose, and none closes
    before it opens; the intervals keep to that.
    """
    rows: Rows = []
    places = _places(run, mixture)
    mixture = Mixture(tuple(run.draws[k] for k in places))
    for arm, windows in zip(run.arms, run.windows, strict=True):
        if not windows:
            continue
        opens, closes = (np.stack([getattr(w, what) for w in windows], axis=1)[places] for what in ("opens", "closes"))
        share = mixture.mean(np.isfinite(opens).mean(axis=2))
        opens[:, share < 0.5], closes[:, share < 0.5] = np.nan, np.nan
        own: Rows = [
            {"arm": arm.id, "drug": w.medicine, "dose_day": w.dose_day, "open_share": float(of)}
            for w, of in zip(windows, share, strict=True)
        ]
        low = np.array([arm.dosings(w.medicine)[w.dose_day][0].start_day for w in windows])
        for what, days in (("open_from_day", opens), ("closes_day", closes)):
            found = weighted_quantiles(days, mixture.weights, tuple(_AT.values()))
            least, most = mixture.interval(_medians(days), low=low)
            for k, row in enumerate(own):
                row |= {f"{what}_{name}": float(day) for name, day in zip(_AT, found[:, k], strict=True)}
                if run.spec.calibrated:
                    row |= {f"{what}_median_low": float(least[k]), f"{what}_median_high": float(most[k])}
            low = np.array([row[f"{what}_median"] for row in own])
        rows += own
    return rows


def open_shares(run: Run, mixture: Mixture, arm: int) -> NDArray[np.float64]:
    """Return the share of people in whom some window is open on each day that the run follows, (times,).

    Counted are the explanations that have a window. A window that opens and never closes stays open.
    """
    places = _places(run, mixture)
    windows, people = run.windows[arm], min(run.spec.kept, run.spec.people_per_draw)
    counts = np.zeros((len(places), len(run.times)), np.int64)
    if windows:
        opens, closes = (np.stack([getattr(w, what)[places] for w in windows]) for what in ("opens", "closes"))
        count_open(opens, closes, run.times, counts)
    return Mixture(tuple(run.draws[k] for k in places)).mean(counts / people)


def _places(run: Run, mixture: Mixture) -> list[int]:
    """Return the draws of explanations that have a window; all that count where none has."""
    places = [k for k, d in enumerate(run.draws) if mixture.rival in ("", d.rival) and d.value("plasticity_switch")]
    return places or [int(k) for k in mixture.places]


def _medians(days: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median person's day at each draw, (draws, ...); NaN where it comes for fewer than half.

    Those for whom it never comes count as latest.
    """
    found = np.median(np.where(np.isfinite(days), days, np.inf), axis=-1)
    return np.where(np.isfinite(found), found, np.nan)
