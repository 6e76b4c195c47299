"""What the analyses of simulated trials say: each difference between arms, with what it says for the active arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from afterglow.trial.analysis import Estimate, TrialData, analyse
from afterglow.trial.analysis.mcpmod import mcpmod
from afterglow.trial.analysis.registry import OF_EVENTS
from afterglow.trial.analysis.survival import TimeToEvent
from afterglow.trial.simulation.outcomes import Outcomes, relapses, responding
from afterglow.trial.specification.analysis import AnalysisPlan
from afterglow.trial.specification.comparisons import INTERACTION, Comparison
from afterglow.trial.specification.trial import Trial

__all__ = ["FURTHEST", "NAMES", "Analysed", "analysed"]

FURTHEST = 37.0
"""A statistic that none has; its negative stands for a trial whose data could not carry the analysis."""

NAMES = ("value", "se", "low", "high", "z")
"""What is kept of an estimate; `z` is its standard normal statistic, above zero where it favours the active arm."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Analysed:
    """The people of one analysis: some arms of many trials, the first arm the reference.

    Parameters
    ----------
    trial : Trial
    arms : sequence of int
    counts : sequence of int
        People of each.
    sites : sequence of int array (trials, people)
        Of every arm of the trial.
    found : sequence of Outcomes
        Likewise.
    """

    trial: Trial
    arms: Sequence[int]
    counts: Sequence[int]
    sites: Sequence[NDArray[np.intp]]
    found: Sequence[Outcomes]

    def joined(self, held: Sequence[NDArray[np.generic]]) -> NDArray[np.generic]:
        """Return one array of the arms', (trials, people, ...), from one of every arm of the trial."""
        return np.concatenate([held[arm][:, :n] for arm, n in zip(self.arms, self.counts, strict=True)], axis=1)

    @property
    def arm(self) -> NDArray[np.intp]:
        """Place of each person's arm, (people,)."""
        return np.repeat(np.arange(len(self.arms)), self.counts)

    @property
    def ids(self) -> list[str]:
        """Ids of the arms."""
        return [self.trial.arms[arm].id for arm in self.arms]

    def covariates(self, plan: AnalysisPlan) -> Mapping[str, NDArray[np.generic]]:
        """Return what the analysis is adjusted for beside the baseline."""
        if "site" not in plan.covariates:
            return {}
        names = np.array([site.id for site in self.trial.section.expectancy.sites])
        return {"site": names[self.joined(self.sites).astype(np.intp)]}

    def ratings(self, plan: AnalysisPlan) -> TrialData:
        """Return the scores; those of people who do not count are missing."""
        counted = self.joined([held.counted for held in self.found])
        scores = self.joined([held.scores for held in self.found])
        return TrialData(
            arm=self.arm,
            arms=self.ids,
            visits=[f"{day:g}" for day in self.trial.analysed_visits],
            outcomes=np.where(counted[..., None], scores, np.nan),
            baseline=self.joined([held.baseline for held in self.found]).astype(np.float64),
            covariates=self.covariates(plan),
        )

    def answers(self, plan: AnalysisPlan) -> TrialData:
        """Return who responds at each visit, 1 or 0; NaN for people who do not count."""
        held = [responding(plan, self.trial.scale, found) for found in self.found]
        return replace(self.ratings(plan), outcomes=self.joined(held).astype(np.float64))

    def times(self, plan: AnalysisPlan) -> TimeToEvent:
        """Return the days to relapse of those who responded when they were randomised."""
        held = [relapses(self.trial, found) for found in self.found]
        time, event = (self.joined([each[k] for each in held]) for k in (0, 1))
        return TimeToEvent(time.astype(np.float64), event.astype(np.bool_), self.arm, self.ids, self.covariates(plan))


def analysed(
    trial: Trial,
    plan: AnalysisPlan,
    size: int,
    sites: Sequence[NDArray[np.intp]],
    found: Sequence[Outcomes],
) -> Mapping[str, Numbers]:
    """Run one analysis of many trials of a size, by the `NAMES` of what is kept, (trials, comparisons).

    Parameters
    ----------
    trial : Trial
    plan : AnalysisPlan
    size : int
        People of the control arm.
    sites, found
        Of every arm; see `Analysed`.
    """
    people = trial.people(size)
    wanted = trial.comparisons(plan)
    held = {name: np.full((len(found[0].baseline), len(wanted)), np.nan) for name in NAMES}
    for k, comparison in enumerate(wanted):
        if comparison.first != k:
            continue  # it came with an earlier one
        arms = list(comparison.arms)
        part = Analysed(trial, arms, [people[arm] for arm in arms], sites, found)
        for name, values in _compared(part, plan, comparison).items():
            held[name][:, k : k + values.shape[1]] = values
    return held


def _compared(part: Analysed, plan: AnalysisPlan, comparison: Comparison) -> Mapping[str, Numbers]:
    level = 1 - 2 * part.trial.section.alpha
    if plan.method == "mcp-mod":
        return _dose_response(part, plan)
    if plan.method in OF_EVENTS:
        beside = [name for name in plan.covariates if name != "baseline"]
        own = {"covariates": beside} if plan.method == "cox" else {"strata": beside}
        return _kept(analyse(plan.method, part.times(plan), level=level, **own), plan, comparison)
    if plan.method == "responders":
        found = analyse("responders", part.answers(plan), visit=comparison.visit, missing="left out", level=level)
        return _kept(found, plan, comparison)
    data, covariates = part.ratings(plan), list(plan.covariates)
    if plan.method == "ancova":
        found = analyse("ancova", data, visit=comparison.visit, covariates=covariates, level=level)
        return _kept(found, plan, comparison)
    change = replace(data, outcomes=data.outcomes - np.asarray(data.baseline)[..., None])
    if plan.method == "reference-based":
        settings: dict[str, Any] = {"strategy": plan.imputation, "covariance": plan.covariance}
        settings["inference"] = plan.inference
    else:
        settings = {"covariance": plan.covariance, "df": plan.df}
    if plan.method == "factorial":
        settings["cells"] = part.trial.cells
    found = analyse(plan.method, change, visit=comparison.visit, covariates=covariates, level=level, **settings)
    return _kept(found, plan, comparison)


def _kept(found: Estimate, plan: AnalysisPlan, comparison: Comparison) -> Mapping[str, Numbers]:
    z = plan.better * np.sign(found.value) * -ndtri(found.p / 2)
    if comparison.effects and comparison.effects[-1] == INTERACTION:
        z[:, -1] = np.abs(z[:, -1])  # it may go either way
    return {
        "value": found.value,
        "se": found.se,
        "low": found.low,
        "high": found.high,
        "z": np.nan_to_num(np.clip(z, -FURTHEST, FURTHEST), nan=-FURTHEST),
    }


def _dose_response(part: Analysed, plan: AnalysisPlan) -> Mapping[str, Numbers]:
    """Test for a dose response; its p is that of the best shape, adjusted for the choice."""
    found = mcpmod(
        part.ratings(plan),
        doses=part.trial.doses_mg,
        model="ancova",
        alpha=part.trial.section.alpha,
        covariates=list(plan.covariates),
    )
    best = -ndtri(np.clip(np.min(found.test.p, axis=-1), 1e-300, 1.0))
    return {"z": np.nan_to_num(np.clip(best, -FURTHEST, FURTHEST), nan=-FURTHEST)[:, None]}
