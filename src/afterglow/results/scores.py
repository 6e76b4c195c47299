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
    mean_apart, share_apart = (run.apart(what)[:, None] for what in ("mean", "share"))
    for name, visits in run.visits.items():
        instrument = scale(name)
        span = instrument.high - instrument.low
        for k, arm in enumerate(run.arms):
            counts = run.counts[name][k]
            mean, sd = counts.mean, counts.sd
            people = counts.people[:, None].astype(float)
            response, remission = counts.responders / people, counts.remitters / people
            later = np.arange(mean.shape[1]) > 0  # the first rating is that of inclusion
            departed = np.where(later, mean_apart, 0.0) * sd
            of_share = np.where(later, share_apart, 0.0)
            change = mean - mean[:, :1]
            bands = {}
            if run.spec.has_intervals:
                bands["mean"] = mixture.interval(mean, departed, low=instrument.low, high=instrument.high)
                bands["change_mean"] = mixture.interval(change, departed, low=-span, high=span)
            if run.spec.calibrated:
                bands["response"] = mixture.share_interval(response, of_share, people)
                bands["remission"] = mixture.share_interval(remission, of_share, people)
            shown = {"mean": mean, "change_mean": change, "response": response, "remission": remission}
            middle = {what: mixture.mean(values) for what, values in shown.items()}
            pooled = np.tensordot(mixture.weights, mixture.of(counts.scores / people[..., None]), axes=1)
            quantiles = {name: _quantiles(pooled, at) for name, at in _AT.items()}
            spread = np.sqrt(mixture.mean(sd**2))
            error = mixture.error(mean, sd_between(run.scores[name].expected[:, k]), run.spec.participants)
            for j, day in enumerate(visits[k]):
                row: dict[str, Any] = {"arm": arm.id, "scale": name, "day": float(day)}
                row |= {"mean": float(middle["mean"][j]), "sd": float(spread[j])}
                row |= {name: float(instrument.low + points[j]) for name, points in quantiles.items()}
                row |= {what: float(middle[what][j]) for what in ("change_mean", "response", "remission")}
                row["mc_error"] = float(error[j])
                if instrument.remission is None:
                    row["remission"] = np.nan
                for what, (low, high) in bands.items():
                    given = row[what] != row[what] or (j == 0 and what in ("response", "remission"))
                    row[f"{what}_low"] = row[what] if given else float(low[j])
                    row[f"{what}_high"] = row[what] if given else float(high[j])
                rows.append(row)
    return rows


def _quantiles(shares: NDArray[np.float64], at: float) -> NDArray[np.intp]:
    """Return the lowest of the scores at or below which at least a share `at` of people lie, of (days, scores)."""
    wanted = at * shares.sum(axis=1, keepdims=True) - 1e-12
    return np.asarray((np.cumsum(shares, axis=1) < wanted).sum(axis=1))
