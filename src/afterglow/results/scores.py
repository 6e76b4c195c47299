"""Scores by arm, scale and day: mean, spread between people, change, response and remission, with their intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.results.mixture import Mixture, sd_between
from afterglow.scales.instruments import scale
from afterglow.simulate.run import Run

__all__ = ["Rows", "score_rows"]

Rows = list[dict[str, Any]]

_AT = {"q05": 0.05, "q50": 0.5, "q95": 0.95}


def score_rows(run: Run, mixture: Mixture) -> Rows:
    """Return scores by arm, scale and day.

    Means are those of endlessly many ratings of the people; spread, quantiles and shares are those of one rating each.
    Quantiles are over people and draws. Intervals of 90 % are those of a trial yet to be run, with endlessly many
    people; `mc_error` is the Monte-Carlo error of the mean. Of one person, the spread between people is unknown: it and
    the Monte-Carlo error are NaN, and scores have no intervals.
    """
    rows: Rows = []
    mean_apart, share_apart = (run.apart(what)[:, None, None] for what in ("mean", "share"))
    for name, visits in run.visits.items():
        instrument = scale(name)
        span = instrument.high - instrument.low
        every = run.counts[name]
        mean, sd, responders, remitters = (
            np.stack([getattr(counts, what) for counts in every], axis=1)
            for what in ("mean", "sd", "responders", "remitters")
        )
        people = np.stack([counts.people for counts in every], axis=1)[..., None].astype(float)
        shown = {
            "mean": mean,
            "change_mean": mean - mean[..., :1],
            "response": responders / people,
            "remission": remitters / people,
        }
        later = np.arange(mean.shape[-1]) > 0  # the first rating is that of inclusion
        departed, of_share = np.where(later, mean_apart, 0.0) * sd, np.where(later, share_apart, 0.0)
        bands = {}
        if run.spec.has_intervals:
            bands["mean"] = mixture.interval(mean, departed, low=instrument.low, high=instrument.high)
            bands["change_mean"] = mixture.interval(shown["change_mean"], departed, low=-span, high=span)
        if run.spec.calibrated:
            bands |= {what: mixture.share_interval(shown[what], of_share, people) for what in ("response", "remission")}
        middle = {what: mixture.mean(values) for what, values in shown.items()}
        scores = np.stack([counts.scores for counts in every], axis=1)
        pooled = np.tensordot(mixture.weights, mixture.of(scores / people[..., None]), axes=1)
        quantiles = {name: _quantiles(pooled, at) for name, at in _AT.items()}
        spread = np.sqrt(mixture.mean(sd**2))
        error = mixture.error(mean, sd_between(run.scores[name].expected), run.spec.participants)
        for k, arm in enumerate(run.arms):
            for j, day in enumerate(visits[k]):
                row: dict[str, Any] = {"arm": arm.id, "scale": name, "day": float(day)}
                row |= {"mean": float(middle["mean"][k, j]), "sd": float(spread[k, j])}
                row |= {name: float(instrument.low + points[k, j]) for name, points in quantiles.items()}
                row |= {what: float(middle[what][k, j]) for what in ("change_mean", "response", "remission")}
                row["mc_error"] = float(error[k, j])
                if instrument.remission is None:
                    row["remission"] = np.nan
                for what, (low, high) in bands.items():
                    given = row[what] != row[what] or (j == 0 and what in ("response", "remission"))
                    row[f"{what}_low"] = row[what] if given else float(low[k, j])
                    row[f"{what}_high"] = row[what] if given else float(high[k, j])
                rows.append(row)
    return rows


def _quantiles(shares: NDArray[np.float64], at: float) -> NDArray[np.intp]:
    """Return the lowest of the scores at or below which at least a share `at` of people lie, of (..., scores)."""
    wanted = at * shares.sum(axis=-1, keepdims=True) - 1e-12
    return np.asarray((np.cumsum(shares, axis=-1) < wanted).sum(axis=-1))
