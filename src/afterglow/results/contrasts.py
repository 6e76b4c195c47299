"""Differences between arms, and between each arm and the same people without integration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.results.mixture import Interval, Mixture, sd_between
from afterglow.results.scores import Rows
from afterglow.scales.instruments import scale
from afterglow.simulate.run import Run
from afterglow.simulate.schedule import same_until

__all__ = ["Gap", "contrast_rows", "difference_of", "gap_of", "separation"]

_FULLY_APART = 0.5
"""Paired difference of the same people in two arms (root mean square, in SDs between people) from which on the arms
depart from the model as two arms of a trial do. Below it the departure shrinks in proportion: what two arms share
departs in both alike. Assumed."""

_FEWEST = 3
"""Fewest people of each draw whose spread is worth dividing by."""


@dataclass(frozen=True, eq=False)
class Gap:
    """How the scores of two arms differ; every array is (draws, days), in points.

    Parameters
    ----------
    difference : array
        Mean of the first arm minus that of the second, of endlessly many ratings; zero while the arms are the same.
    sd : array
        Of scores between people, of both arms together.
    departed : array
        SD of the departure of the difference from the model, from trial to trial.
    paired : array
        SD of the difference between the two lives of the same person.
    """

    difference: NDArray[np.float64]
    sd: NDArray[np.float64]
    departed: NDArray[np.float64]
    paired: NDArray[np.float64]


def gap_of(run: Run, name: str, i: int, j: int) -> Gap:
    """Return how arms `i` and `j` of a run differ on a scale, on the days on which the first is rated."""
    first, second = (run.counts[name][k] for k in (i, j))
    alike = run.visits[name][i] <= same_until(run.spec.plans[i], run.spec.plans[j])
    sd = np.sqrt((first.sd**2 + second.sd**2) / 2)
    kept = run.scores[name]
    differ = (kept.predicted[:, i] - kept.predicted[:, j]).astype(np.float64)
    apart = run.apart("difference")[:, None]
    return Gap(
        np.where(alike, 0.0, first.mean - second.mean),
        sd,
        np.where(alike, 0.0, apart * sd * separation(differ, sd)),
        np.where(alike, 0.0, sd_between(kept.expected[:, i] - kept.expected[:, j])),
    )


def difference_of(gap: Gap, mixture: Mixture, name: str) -> tuple[NDArray[np.float64], Interval]:
    """Return the mean difference on each day of a scale, and its 90 % interval, by the draws that count."""
    instrument = scale(name)
    span = instrument.high - instrument.low
    return mixture.mean(gap.difference), mixture.interval(gap.difference, gap.departed, low=-span, high=span)


def contrast_rows(run: Run, mixture: Mixture) -> Rows:
    """Return mean differences of scores, first arm minus second, by day after the first rating.

    The 90 % interval holds parameters, explanations and the departures of trials; a difference between arms that have
    been the same so far is zero, and so is its interval. `probability_lower` is that of a lower mean in the first
    arm, from the same departures as the interval; NaN while the arms are the same. `mc_error` is the Monte-Carlo
    error of the difference. The effect size is NaN where there are fewer than three people; of one person there is no
    interval, and the Monte-Carlo error is NaN.
    """
    rows: Rows = []
    enough = run.spec.people_per_draw >= _FEWEST
    for name, visits in run.visits.items():
        for i, j in pairs(run):
            gap = gap_of(run, name, i, j)
            middle, (low, high) = difference_of(gap, mixture, name)
            spread = np.sqrt(mixture.mean(gap.sd**2))
            error = mixture.error(gap.difference, gap.paired, run.spec.participants)
            lower = mixture.probability_below_zero(gap.difference, gap.departed)
            for k, day in enumerate(visits[i]):
                if k == 0:
                    continue
                row: dict[str, Any] = {
                    "arm": run.arms[i].id,
                    "versus": run.arms[j].id,
                    "scale": name,
                    "day": float(day),
                    "mean_difference": float(middle[k]),
                    "effect_size_d": float(middle[k] / spread[k]) if enough and spread[k] > 0 else np.nan,
                    "mc_error": float(error[k]),
                }
                if run.spec.has_intervals:
                    row |= {"credible_low": float(low[k]), "credible_high": float(high[k])}
                    row["probability_lower"] = float(lower[k]) if np.any(gap.difference[:, k]) else np.nan
                rows.append(row)
    return rows


def pairs(run: Run) -> list[tuple[int, int]]:
    """Return each arm of the protocol with its twin, then each pair of the protocol's arms."""
    own = len(run.spec.protocol.arms)
    twins = [(k, twin) for k in range(own) if (twin := run.twin_of(k)) is not None]
    return [*twins, *((i, j) for i in range(own) for j in range(i + 1, own))]


def separation(differ: NDArray[np.float64], sd: NDArray[np.float64]) -> NDArray[np.float64]:
    """Say how far two arms are apart, (draws, days), from 0 (the same) to 1 (as two arms of a trial).

    Parameters
    ----------
    differ : array (draws, participants, days)
        Noise-free scores of the same people in one arm minus those in the other.
    sd : array (draws, days)
        Between people.
    """
    size = np.sqrt(np.mean(differ**2, axis=1))
    return np.asarray(np.minimum(size / (_FULLY_APART * np.maximum(sd, 1e-9)), 1.0))
