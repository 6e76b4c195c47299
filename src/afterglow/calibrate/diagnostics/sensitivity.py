"""What would change our mind: which parameters drive durability, and which trials would tell rivals apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, spearmanr

from afterglow.medicines import users_of
from afterglow.posterior import Posterior
from afterglow.protocol import Protocol
from afterglow.runs.simulate import run_of, spec_of
from afterglow.scales.instruments import scale
from afterglow.simulate.run import Run

__all__ = ["Candidate", "discrimination", "durability"]

_PEOPLE = 96
_PER_ARM = 60
"""People per arm of a trial yet to be run."""


@dataclass(frozen=True)
class Candidate:
    """A trial yet to be run: two arms and the day on which they are compared.

    Parameters
    ----------
    name : str
    protocol : Protocol
        Of two arms, with that day among the assessments of its scale.
    day : float
    """

    name: str
    protocol: Protocol
    day: float


def durability(
    protocol: Protocol, posterior: Posterior, *, early: float, late: float, draws: int = 40
) -> tuple[NDArray[np.float64], list[tuple[str, float]]]:
    """Rank the parameters that drive durability, the share of an early gain that is left on a late day.

    Parameters
    ----------
    protocol : Protocol
        Its first arm is looked at.
    posterior : Posterior
    early, late : float
        Days among the assessments.
    draws : int

    Returns
    -------
    left : array (draws,)
        Gain on the late day over that on the early day.
    ranked : list of (str, float)
        Parameters with their rank correlation with it, the strongest first.
    """
    run = _run(protocol, posterior, draws)
    predicted, days = _means(run)
    gain = predicted[:, 0, :1] - predicted[:, 0]
    at = [int(np.argmin(np.abs(days - day))) for day in (early, late)]
    found = gain[:, at[1]] / np.maximum(gain[:, at[0]], 0.5)
    ranked = []
    given = {dose.medicine for arm in protocol.arms for dose in arm.doses}
    for name in posterior.draws:
        users = users_of(name)
        if users and not users & given:
            continue
        own = np.array([draw.typical[name] for draw in run.draws])
        strength = float(spearmanr(own, found).statistic) if own.std() > 0 else 0.0
        ranked.append((name, strength))
    return found, sorted(ranked, key=lambda pair: -abs(pair[1]))


def _run(protocol: Protocol, posterior: Posterior, draws: int) -> Run:
    spec, posteriors = spec_of(protocol, participants=_PEOPLE, draws=draws, parts=1, posterior=posterior, twins=False)
    return run_of(spec, posteriors)


def _means(run: Run) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean noise-free scores on the first scale, (draws, arms, days), and the days of the first arm."""
    name, scores = next(iter(run.scores.items()))
    return scores.predicted.mean(axis=2, dtype=np.float64), run.visits[name][0]


def discrimination(
    candidates: Sequence[Candidate], posteriors: Mapping[str, Posterior], *, draws: int = 8
) -> list[dict[str, Any]]:
    """Rank trials by how much their result would tell which rival is right, all rivals being equally likely before.

    Returns
    -------
    list of dict
        `name`, `day`, each rival's expected difference between the arms with its SD, and `information` in nats: the
        mutual information of the rival and the difference; ln(number of rivals) would settle it.
    """
    rows = []
    for candidate in candidates:
        expected = {}
        for rival, posterior in posteriors.items():
            predicted, days = _means(_run(candidate.protocol, posterior, draws))
            at = int(np.argmin(np.abs(days - candidate.day)))
            gaps = predicted[:, 0, at] - predicted[:, 1, at]
            between = 0.16 * _span(candidate)
            noise = between * np.hypot(posterior.between_trial_sd_of_difference, np.sqrt(2 / _PER_ARM))
            expected[rival] = (float(np.mean(gaps)), float(np.hypot(np.std(gaps), noise)))
        rows.append(
            {
                "name": candidate.name,
                "day": candidate.day,
                "expected": expected,
                "information": _information(list(expected.values())),
            }
        )
    return sorted(rows, key=lambda row: -float(row["information"]))


def _span(candidate: Candidate) -> float:
    found = scale(candidate.protocol.population.scale)
    return found.high - found.low


def _information(normals: Sequence[tuple[float, float]]) -> float:
    """Mutual information of a label, all equally likely, and a normal with that label's mean and SD."""
    means, sds = np.array(normals).T
    grid = np.linspace((means - 6 * sds).min(), (means + 6 * sds).max(), 4001)
    density = norm.pdf(grid[None, :], means[:, None], sds[:, None])
    mixed = density.mean(axis=0)
    entropy = float(-np.trapezoid(mixed * np.log(np.maximum(mixed, 1e-300)), grid))
    return entropy - float(np.mean(0.5 + 0.5 * np.log(2 * np.pi * sds**2)))
