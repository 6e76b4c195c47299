"""What the model says of every published number, at any values of the typical parameters."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.calibrate.targets import Target, Trial, diagnosis_cut
from afterglow.cohort import SEEDS, Draw
from afterglow.evidence.findings.finding import OF_TWO
from afterglow.observation.noise import probability_at_most
from afterglow.outcomes.relapse import relapse_definition
from afterglow.outcomes.response import response_cut
from afterglow.runs.execute import Executor, results_of
from afterglow.scales.links import tilt
from afterglow.scales.scale import Scale
from afterglow.simulate.ensemble import Latent, ensemble
from afterglow.simulate.schedule import schedule
from afterglow.simulate.scoring import (
    NODE_WEIGHTS,
    NODES,
    baseline_excess,
    expected_score,
    inclusion_score,
    ups_and_downs,
)
from afterglow.simulate.spec import ENSEMBLE_ACCURACY

__all__ = ["PEOPLE", "excess_of", "predict_at_draws"]

PEOPLE = 48
"""People per arm; the same ones at every value of the parameters, so that slopes carry no sampling noise."""

_RARE = 0.002
"""Least share, and least share of the others, of which a ratio is taken."""

_SECANT_STEPS = 6
_DRAWS_AT_ONCE = 32


def predict_at_draws(
    trials: Sequence[Trial],
    draws: Sequence[Draw],
    *,
    people: int = PEOPLE,
    seed: int = 1,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
    as_published: bool = True,
) -> NDArray[np.float64]:
    """Predict every target of every trial, in order, at many draws of the parameters.

    Parameters
    ----------
    trials : sequence of Trial
    draws : sequence of Draw
        Typical values that replace the package's, each under its explanation.
    people : int
        Per arm.
    seed : int
    executor : Executor, optional
        By default threads.
    progress : callable, optional
        Told how many courses (participants times draws) are done, and of how many.
    as_published : bool
        Whether small trials publish larger effects than large ones, as in precision-effect estimates; without it, what
        the model itself says, which belongs to the medicine and not to the publication.

    Returns
    -------
    array (draws, targets)

    Raises
    ------
    SolverError
        If a participant could not be integrated.
    """
    tasks = [
        TrialTask(place, first, trial, tuple(draws[first : first + _DRAWS_AT_ONCE]), people, _seed_of(trial, seed))
        for first in range(0, len(draws), _DRAWS_AT_ONCE)
        for place, trial in enumerate(trials)
    ]
    edges = np.cumsum([0, *(len(trial.targets) for trial in trials)])
    found = np.empty((len(draws), edges[-1]))
    for place, first, values in results_of(tasks, executor=executor, progress=progress):
        found[first : first + len(values), edges[place] : edges[place + 1]] = values
    return found - excess_of(trials, draws) if as_published else found


def excess_of(trials: Sequence[Trial], draws: Sequence[Draw]) -> NDArray[np.float64]:
    """Return by how much each published number is better because its trial is small, (draws, targets)."""
    excess = np.array([draw.value("small_trial_excess") for draw in draws])
    return np.outer(excess, [t.small_trial * t.unit for trial in trials for t in trial.targets])


def _seed_of(trial: Trial, seed: int) -> int:
    """Return the seed of a trial's people: of its own, so that what some people have in common adds to no bias."""
    return (seed + (zlib.crc32(trial.name.encode()) << 16)) % SEEDS


@dataclass(frozen=True, eq=False)
class TrialTask:
    """One trial at some draws of the parameters.

    Parameters
    ----------
    place, first : int
        Of the trial and of the first draw among all.
    trial : Trial
    draws : tuple of Draw
    people, seed : int
    """

    place: int
    first: int
    trial: Trial
    draws: tuple[Draw, ...]
    people: int
    seed: int

    @property
    def courses(self) -> int:
        """Participants times draws."""
        return self.people * len(self.draws)

    def calculate(self) -> tuple[int, int, NDArray[np.float64]]:
        """Return its place, its first draw, and the predictions, (draws, targets)."""
        seen = _Seen(self)
        return self.place, self.first, np.stack([seen.value(t) for t in self.trial.targets], axis=1)


class _Seen:
    """A trial's people at some draws; each arm is solved when it is first asked for. Arrays are (draws, people)."""

    def __init__(self, task: TrialTask) -> None:
        self.task = task
        self.targets = task.trial.targets
        self.protocol = task.trial.protocol
        self.population = self.protocol.population
        used = sorted({k for t in self.targets for k in (t.arm, t.versus) if k >= 0})
        self.plans = {k: schedule(self.protocol.arms[k], self.protocol) for k in used}
        self._latent: dict[int, Latent] = {}

    @cached_property
    def begin(self) -> float:
        """Day on which all arms of the trial begin: people are allocated after they are included."""
        return min([plan.begin for plan in self.plans.values()] + [_baseline_day(t) for t in self.targets])

    @cached_property
    def days(self) -> NDArray[np.float64]:
        """Days on which something is looked at, the first day among them."""
        looked = [d for t in self.targets for d in (_baseline_day(t), t.finding.day, *t.visits)]
        return np.unique([self.begin, *looked])

    @cached_property
    def moves(self) -> NDArray[np.float64]:
        """Ups and downs of life on each day, in log-odds, at the nodes over which they are averaged."""
        return ups_and_downs(self.days, self.task.draws)[:, None, :, None] * NODES

    def solved(self, arm: int) -> Latent:
        """Return what the equations say of an arm."""
        if arm not in self._latent:
            task = self.task
            first = [0] * len(task.draws)
            self._latent[arm] = ensemble(
                self.protocol.arms[arm],
                self.protocol,
                task.draws,
                seed=task.seed,
                first=first,
                count=task.people,
                days=self.days,
                accuracy=ENSEMBLE_ACCURACY,
                begin=self.begin,
            )
        return self._latent[arm]

    def scores(
        self, t: Target, arm: int, on: tuple[float, ...] = ()
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the score at the start, (draws, people), and that on the target's day or on days.

        The latter is (draws, people, days, nodes), without days where there is one: it has the ups and downs of life,
        whose nodes weigh `NODE_WEIGHTS`, and no rating errors.
        """
        first = int(np.searchsorted(self.days, _baseline_day(t)))
        day = np.searchsorted(self.days, on or t.finding.day)
        latent = self.solved(arm)
        begun = tilt(latent.severity[..., first], baseline_excess(self.task.draws, self.population))
        on_inclusion = t.finding.scale == self.population.scale
        shift: NDArray[np.float64] = np.zeros((len(begun), 1))
        if t.baseline is not None and not on_inclusion:
            shift = self._shift(t.scale, begun, t.baseline.value)
        before = self._score(t.scale, begun, shift)
        if on_inclusion:
            before = inclusion_score(t.scale, latent, before, self.population)
        lived = tilt(latent.severity[..., day, None], self.moves[..., day, :])
        return before, self._score(t.scale, lived, shift[..., None, None] if on else shift[..., None])

    def _score(self, scale: Scale, severity: NDArray[np.float64], shift: Any) -> NDArray[np.float64]:
        return expected_score(scale, severity, self.population, shift)

    def _shift(self, scale: Scale, severity: NDArray[np.float64], published: float) -> NDArray[np.float64]:
        """Return the log-odds by which these people differ on a scale from what the crosswalk expects, (draws, 1)."""
        span = scale.high - scale.low
        target = np.log((published - scale.low) / (scale.high - published))
        shift = np.zeros((len(severity), 1))
        for _ in range(_SECANT_STEPS):
            mean = self._score(scale, severity, shift).mean(axis=1, keepdims=True)
            share = np.clip((mean - scale.low) / span, 1e-6, 1 - 1e-6)
            shift = np.clip(shift + target - np.log(share / (1 - share)), -6, 6)
        return shift

    def value(self, t: Target) -> NDArray[np.float64]:
        """Return the model's number for a target, (draws,)."""
        if t.kind in ("sustained", "relapse"):
            return self._lasting(t, t.arm)
        if t.kind in OF_TWO:
            return self._two_shares(t)
        before, after = self.scores(t, t.arm, t.visits)
        if t.kind == "share":
            return self._share(t, t.arm)
        if t.kind == "mean":
            return _averaged(after, t)
        if t.kind == "change":
            return np.asarray(_averaged(after, t) - before.mean(axis=1))
        if t.kind == "log_sd":
            return np.asarray(np.log(np.sqrt(_variance(after - before[..., None]) + t.scale.measurement_sd**2)))
        before_other, after_other = self.scores(t, t.versus, t.visits)
        gap = _averaged(after, t) - before.mean(axis=1) - _averaged(after_other, t) + before_other.mean(axis=1)
        if t.kind == "difference":
            return np.asarray(gap)
        variance = (_variance(after) + _variance(after_other)) / 2
        sd = np.sqrt((variance.mean(axis=-1) if t.visits else variance) + t.scale.measurement_sd**2)
        return np.asarray(gap / sd)

    def _share(self, t: Target, arm: int) -> NDArray[np.float64]:
        before, after = self.scores(t, arm)
        at_most = probability_at_most(t.scale, _threshold(t, before)[..., None], after)
        return np.asarray(t.seen * (at_most @ NODE_WEIGHTS).mean(axis=1))

    def _two_shares(self, t: Target) -> NDArray[np.float64]:
        """Return the difference of the shares of two arms, or the logarithm of their ratio or of that of their odds."""
        share = self._lasting if t.counts in ("sustained_response", "relapse") else self._share
        own, other = (np.clip(share(t, k), _RARE, 1 - _RARE) for k in (t.arm, t.versus))
        if t.kind == "share_difference":
            return np.asarray(own - other)
        ratio = np.log(own / other)
        return np.asarray(ratio if t.kind == "log_risk_ratio" else ratio - np.log((1 - own) / (1 - other)))

    def _lasting(self, t: Target, arm: int) -> NDArray[np.float64]:
        """Return the share that respond at every visit, or that of first responders who have relapsed by the last.

        Where people are well at the start, the share who are at the level of a relapse at any visit. In expectation
        over the rating error, so that it is smooth.
        """
        before, after = self.scores(t, arm, t.visits)
        rule = relapse_definition(t.scale)
        if self.population.recovered_by:
            well = probability_at_most(
                t.scale, np.full(before.shape, rule.score_at_least)[..., None, None] - 1.0, after
            )
            return np.asarray(1 - (well[..., 1:, :] @ NODE_WEIGHTS).prod(axis=2).mean(axis=1))
        needed = response_cut(t.scale, before)
        if t.counts == "sustained_response":
            stays = probability_at_most(t.scale, needed[..., None, None], after) @ NODE_WEIGHTS
            return np.asarray(t.seen * stays.prod(axis=2).mean(axis=1))
        level = np.full(before.shape, np.inf if rule.score_at_least is None else rule.score_at_least - 1.0)
        if rule.gain_lost is not None:
            first = after[..., 0, :] @ NODE_WEIGHTS
            level = np.minimum(level, first + rule.gain_lost * (before - first))
        lost_above = np.maximum(needed, np.where(np.isfinite(level), level, needed))
        began = probability_at_most(t.scale, needed[..., None], after[..., 0, :]) @ NODE_WEIGHTS
        stays = probability_at_most(t.scale, lost_above[..., None, None], after[..., 1:, :]) @ NODE_WEIGHTS
        kept = stays.prod(axis=2)
        if t.finding.among == "all":
            return np.asarray(1 - (began * kept).mean(axis=1))
        return np.asarray(1 - (began * kept).sum(axis=1) / began.sum(axis=1))


def _averaged(after: NDArray[np.float64], t: Target) -> NDArray[np.float64]:
    """Return the mean over people and nodes, and over days where the number is an average over days, (draws,)."""
    mean = (after @ NODE_WEIGHTS).mean(axis=1)
    return np.asarray(mean.mean(axis=-1) if t.visits else mean)


def _variance(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the variance over people and nodes of (draws, people, nodes), (draws,), or by day as well."""
    mean = (scores @ NODE_WEIGHTS).mean(axis=1)
    return np.asarray((scores**2 @ NODE_WEIGHTS).mean(axis=1) - mean**2)


_FALL = re.compile(r"fall_([\d.]+)(_percent)?")
_AT_MOST = re.compile(r"at_most_([\d.]+)")


def _threshold(t: Target, before: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return everybody's highest score that counts for a share."""
    said = t.finding.threshold
    if match := _FALL.fullmatch(said):
        fall = float(match[1])
        return np.asarray(before - (fall / 100 * (before - t.scale.low) if match[2] else fall))
    if match := _AT_MOST.fullmatch(said):
        return np.full(before.shape, float(match[1]))
    if t.counts == "response":
        return response_cut(t.scale, before)
    if t.counts == "remission":
        return np.full(before.shape, np.nan if t.scale.remission is None else t.scale.remission.at_most)
    cut = diagnosis_cut(t.scale)
    return np.full(before.shape, np.nan if cut is None else cut)


def _baseline_day(t: Target) -> float:
    if t.baseline is not None:
        return t.baseline.day
    return min(0.0, t.finding.day)
