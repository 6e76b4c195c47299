"""Many values of the parameters in one solve: the same few people once for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from afterglow.cohort import Cohort, People
from afterglow.errors import SolverError
from afterglow.protocol import Arm, Protocol
from afterglow.simulate.schedule import schedule
from afterglow.simulate.solve import Accuracy, padded, solve_arm

__all__ = ["severity_at_draws"]


def severity_at_draws(
    protocol: Protocol,
    arms: Sequence[Arm],
    cohorts: Sequence[Cohort],
    days: NDArray[np.float64],
    *,
    accuracy: Accuracy | None = None,
    threads: int | None = None,
) -> NDArray[np.float64]:
    """Simulate the symptom of the same people at many values of the parameters.

    Parameters
    ----------
    protocol : Protocol
        Horizon, population and blinding.
    arms : sequence of Arm
    cohorts : sequence of Cohort
        As many participants in each; they may differ in typical values and in the rival.
    days : array (days,)
        Rising.
    accuracy : Accuracy, optional
    threads : int, optional
        Default: one per core.

    Returns
    -------
    array (arms, cohorts, participants, days)
        Severity between 0 and 1, without ups and downs.

    Raises
    ------
    SolverError
        If somebody could not be integrated.
    """
    count = cohorts[0].participants
    plans = [schedule(arm, protocol) for arm in arms]
    begin = min([float(days[0]), *(plan.begin for plan in plans)])
    most = max(padded(count, plan.group_size) for plan in plans)
    drawn = [cohort.people(0, most) for cohort in cohorts]
    found = np.empty((len(arms), len(cohorts), count, len(days)))
    for k, plan in enumerate(plans):
        size = padded(count, plan.group_size)
        everybody = _joined([people.head(size) for people in drawn])
        own = replace(plan, begin=begin, end=float(days[-1]))
        seen = solve_arm(own, everybody, days=days, names=("symptom",), accuracy=accuracy, threads=threads)
        if np.any(seen.status):
            raise SolverError(f"arm '{arms[k].id}': some participants could not be integrated", participants=())
        found[k] = seen.values[:, 0].reshape(len(cohorts), size, len(days))[:, :count]
    return np.clip(found, 0.0, 1.0)


def _joined(parts: Sequence[People]) -> People:
    """Put the people of several cohorts in one row."""
    values: Mapping[str, NDArray[np.float64]] = {
        name: np.concatenate([part.values[name] for part in parts]) for name in parts[0].values
    }
    return People(
        0,
        np.concatenate([p.weight_kg for p in parts]),
        np.concatenate([p.age for p in parts]),
        np.concatenate([p.female for p in parts]),
        dict(values),
        np.concatenate([p.baseline_severity for p in parts]),
        np.concatenate([p.baseline_score for p in parts]),
    )
