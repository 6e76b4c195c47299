"""What the model says of every published number, at any value of the typical parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.calibrate.targets import Target, Trial
from afterglow.cohort import Cohort
from afterglow.cohort.streams import normals
from afterglow.errors import SolverError
from afterglow.observation.fluctuation import fluctuate
from afterglow.observation.noise import probability_at_most
from afterglow.outcomes.relapse import relapse_definition
from afterglow.outcomes.response import response_cut
from afterglow.scales.links import family_of, severity_to_score, tilt
from afterglow.scales.scale import Scale
from afterglow.simulate.schedule import Schedule, schedule
from afterglow.simulate.solve import Accuracy, padded, solve_arm

__all__ = ["PEOPLE", "predict"]

PEOPLE = 128
"""People per arm; the same ones at every value of the parameters, so that differences carry no sampling noise."""

_LOOSE = Accuracy(relative=1e-3, absolute=1e-4)
"""Errors near 1e-3 of a point: far below the noise of a published mean."""

_SECANT_STEPS = 6


def predict(
    trials: Sequence[Trial],
    typical: Mapping[str, float],
    *,
    rival: str = "window",
    people: int = PEOPLE,
    seed: int = 1,
    workers: int = 2,
) -> NDArray[np.float64]:
    """Predict every target of every trial, in order.

    Parameters
    ----------
    trials : sequence of Trial
    typical : mapping of str to float
        Typical values that replace the package's.
    rival : str
    people : int
        Per arm.
    seed : int
    workers : int
        Trials solved side by side.

    Returns
    -------
    array (targets,)

    Raises
    ------
    SolverError
        If a participant could not be integrated.
    """

    def run(trial: Trial) -> NDArray[np.float64]:
        return _Run(trial, typical, rival, people, seed).values()

    if workers == 1:
        return np.concatenate([run(trial) for trial in trials])
    with ThreadPoolExecutor(workers) as pool:
        return np.concatenate(list(pool.map(run, trials)))


class _Run:
    """One trial at one value of the parameters; arms are solved when they are first asked for."""

    def __init__(self, trial: Trial, typical: Mapping[str, float], rival: str, people: int, seed: int) -> None:
        self.trial = trial
        p = trial.protocol
        self.cohort = Cohort(population=p.population, participants=people, seed=seed, rival=rival, typical=typical)
        self.family: Any = family_of(p.population.condition)
        used = {k for t in trial.targets for k in (t.arm, t.versus) if k >= 0}
        self.plans = {k: schedule(p.arms[k], p) for k in sorted(used)}
        begin = min([plan.begin for plan in self.plans.values()] + [_baseline_day(t) for t in trial.targets])
        last = max(t.finding.day for t in trial.targets)
        looked = [d for t in trial.targets for d in (_baseline_day(t), t.finding.day, *t.visits)]
        self.days = np.unique([begin, *looked])
        self.plans = {k: replace(plan, begin=begin, end=last) for k, plan in self.plans.items()}
        self.people = self.cohort.people(0, max(padded(people, plan.group_size) for plan in self.plans.values()))
        self.z = normals(seed, "fluctuation", 0, people, each=len(self.days))
        self.severity: dict[int, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}

    def values(self) -> NDArray[np.float64]:
        return np.array([self._value(t) for t in self.trial.targets])

    def _solved(self, arm: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return everybody's severity on every day, and the same with its ups and downs."""
        if arm not in self.severity:
            plan: Schedule = self.plans[arm]
            own = self.people.head(padded(self.cohort.participants, plan.group_size))
            seen = solve_arm(plan, own, days=self.days, names=("symptom",), accuracy=_LOOSE, threads=1)
            x = np.clip(seen.values[: self.cohort.participants, 0], 0.0, 1.0)
            if np.any(seen.status[: len(x)]):
                failed = tuple(int(i) for i in np.flatnonzero(seen.status[: len(x)]))
                raise SolverError(
                    f"{self.trial.name}: {len(failed)} participants could not be integrated", participants=failed
                )
            sd, days = self.cohort.value("fluctuation_sd"), self.cohort.value("fluctuation_days")
            self.severity[arm] = (x, fluctuate(x, self.days, self.z, sd=sd, time_constant_days=days))
        return self.severity[arm]

    def _scores(
        self, t: Target, arm: int, on: tuple[float, ...] = ()
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the baseline, (people,), and the score on the target's day, (people,), or on days, (people, days).

        Scores have ups and downs and no rating errors.
        """
        first = np.searchsorted(self.days, _baseline_day(t))
        day = np.searchsorted(self.days, on or t.finding.day)
        x, lived = self._solved(arm)
        shift = 0.0
        on_inclusion = t.finding.scale == self.trial.protocol.population.scale
        if t.baseline is not None and not on_inclusion:
            shift = _shift(t.scale, x[:, first], t.baseline.value, self.family)
        before = self._score(t.scale, x[:, first], shift)
        if on_inclusion:
            start = self._score(t.scale, self.people.baseline_severity[: len(x)], 0.0)
            before = before + self.people.baseline_score[: len(x)] - start
        return before, self._score(t.scale, lived[:, day], shift)

    def _score(self, scale: Scale, severity: NDArray[np.float64], shift: float) -> NDArray[np.float64]:
        return severity_to_score(scale, tilt(severity, shift), family=self.family)

    def _value(self, t: Target) -> float:
        if t.visits:
            return self._lasting(t)
        before, after = self._scores(t, t.arm)
        if t.kind == "mean":
            return float(after.mean())
        if t.kind == "change":
            return float((after - before).mean())
        if t.kind == "log_sd":
            return float(np.log(np.sqrt((after - before).var() + t.scale.measurement_sd**2)))
        if t.kind == "share":
            return self._share(t, before, after)
        before_other, after_other = self._scores(t, t.versus)
        gap = float((after - before).mean() - (after_other - before_other).mean())
        if t.kind == "difference":
            return gap
        sd = np.sqrt((after.var() + after_other.var()) / 2 + t.scale.measurement_sd**2)
        return gap / float(sd)

    def _share(self, t: Target, before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
        """Return the share at or below a threshold, in expectation over the rating error, so that it is smooth."""
        return t.seen * float(probability_at_most(t.scale, _threshold(t, before), after).mean())

    def _lasting(self, t: Target) -> float:
        """Return the share that respond at every visit, or that of first responders who have relapsed by the last."""
        before, after = self._scores(t, t.arm, t.visits)
        needed = response_cut(t.scale, before)
        if t.kind == "sustained":
            return t.seen * float(probability_at_most(t.scale, needed[:, None], after).prod(axis=1).mean())
        rule = relapse_definition(t.scale)
        level = np.full(before.shape, np.inf if rule.score_at_least is None else rule.score_at_least - 1.0)
        if rule.gain_lost is not None:
            level = np.minimum(level, after[:, 0] + rule.gain_lost * (before - after[:, 0]))
        lost_above = np.maximum(needed, np.where(np.isfinite(level), level, needed))
        began = probability_at_most(t.scale, needed, after[:, 0])
        kept = probability_at_most(t.scale, lost_above[:, None], after[:, 1:]).prod(axis=1)
        return float(1 - (began * kept).sum() / began.sum())


def _threshold(t: Target, before: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return everybody's highest score that counts for a share."""
    if t.finding.kind == "response":
        return before - 10.0 if t.finding.threshold == "fall_10" else response_cut(t.scale, before)
    cut = t.scale.remission if t.finding.kind == "remission" else t.scale.diagnosis_loss
    return np.full(before.shape, np.nan if cut is None else cut.at_most)


def _baseline_day(t: Target) -> float:
    if t.baseline is not None:
        return t.baseline.day
    return min(0.0, t.finding.day)


def _shift(scale: Scale, severity: NDArray[np.float64], published: float, family: Any) -> float:
    """Return the log-odds by which this trial's people differ on a scale from what the crosswalk expects."""
    span = scale.high - scale.low
    target = np.log((published - scale.low) / (scale.high - published))
    shift = 0.0
    for _ in range(_SECANT_STEPS):
        mean = float(severity_to_score(scale, tilt(severity, shift), family=family).mean())
        share = min(max((mean - scale.low) / span, 1e-6), 1 - 1e-6)
        shift = float(np.clip(shift + target - np.log(share / (1 - share)), -6, 6))
    return shift
