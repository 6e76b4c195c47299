"""From what was rated to what is analysed: what each intercurrent event makes of a score, by its strategy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.outcomes.relapse import relapse_times
from afterglow.outcomes.response import remits, responds
from afterglow.scales.scale import Scale
from afterglow.trial.simulation.lives import Lives
from afterglow.trial.specification.analysis import AnalysisPlan
from afterglow.trial.specification.trial import Trial

__all__ = ["Outcomes", "outcomes", "relapses", "responding"]


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What the analysis of one arm is given.

    Parameters
    ----------
    baseline : array (trials, people)
    scores : array (trials, people, visits)
        After inclusion, as the estimand has them; NaN where nothing is known.
    counted : bool array (trials, people)
        False for people outside the principal stratum, and for those who are not randomised later.
    inclusion : array (trials, people)
        Score at inclusion; the baseline unless people are randomised later.
    every : array (trials, people, all visits)
        Scores of all visits after inclusion.
    """

    baseline: NDArray[np.float64]
    scores: NDArray[np.float64]
    counted: NDArray[np.bool_]
    inclusion: NDArray[np.float64]
    every: NDArray[np.float64]

    @property
    def change(self) -> NDArray[np.float64]:
        """Change from baseline, (trials, people, visits)."""
        return self.scores - self.baseline[..., None]


def outcomes(trial: Trial, lives: Lives, *, seen: bool = True) -> Outcomes:
    """Apply the estimand's strategies; where several events touch a person, that of the first one holds.

    Parameters
    ----------
    trial : Trial
    lives : Lives
    seen : bool
        Whether people who stop coming are missed; else everybody is rated at every visit.
    """
    baseline, scores = lives.scores[..., 0], lives.scores[..., 1:].copy()
    visits = scores.shape[-1]
    if seen:
        scores[np.arange(1, visits + 1) >= lives.dropped[..., None]] = np.nan
    counted = np.ones(baseline.shape, np.bool_)
    named = trial.section.estimand.strategies
    strategies = [named[event.id] for event in trial.section.intercurrent_events]
    ruling = [j for j, strategy in enumerate(strategies) if strategy != "treatment_policy"]
    if not ruling:
        return _randomised(trial, baseline, scores, counted)
    at = lives.events[ruling]
    first, which = at.min(axis=0), at.argmin(axis=0)
    known = first <= np.where(
        seen, lives.dropped, visits + 1
    )  # nobody learns of an event after somebody stopped coming
    first = np.where(known, first, visits + 1)
    after = np.arange(1, visits + 1) >= first[..., None]
    rule = np.array(ruling)[which]
    for j in ruling:
        own = (rule == j)[..., None] & after
        if strategies[j] == "hypothetical":
            scores[own] = np.nan
        elif strategies[j] == "composite":
            scores = np.where(own, np.maximum(baseline[..., None], np.nan_to_num(scores, nan=-np.inf)), scores)
        elif strategies[j] == "while_on_treatment":
            whole = np.concatenate([baseline[..., None], scores], axis=-1)
            last = np.take_along_axis(whole, np.maximum(first - 1, 0)[..., None], axis=-1)
            scores = np.where(own, last, scores)
        else:
            counted &= ~own.any(axis=-1)
    return _randomised(trial, baseline, scores, counted)


def _randomised(
    trial: Trial, baseline: NDArray[np.float64], scores: NDArray[np.float64], counted: NDArray[np.bool_]
) -> Outcomes:
    """Begin anew where those who respond are randomised: with the score of that day as the baseline."""
    day = trial.responders_from_day
    if day is None:
        return Outcomes(baseline, scores, counted, baseline, scores)
    at = trial.visits.index(day)
    well = responds(trial.scale, baseline, scores[..., at : at + 1])[..., 0]
    return Outcomes(scores[..., at], scores[..., at + 1 :], counted & well, baseline, scores)


def responding(plan: AnalysisPlan, scale: Scale, found: Outcomes) -> NDArray[np.float64]:
    """Return 1 for those who respond or remit at each visit, else 0, (trials, people, visits).

    The score at inclusion is what a response is counted from. A score that is missing is no response. NaN for people
    who do not count.
    """
    if plan.endpoint == "remission":
        well = remits(scale, found.scores)
    elif plan.fall is not None:
        start = found.inclusion[..., None] - scale.low
        well = (found.inclusion[..., None] - found.scores >= plan.fall * start) & (start > 0)
    else:
        well = responds(scale, found.inclusion, found.scores)
    return np.where(found.counted[..., None], well.astype(np.float64), np.nan)


def relapses(trial: Trial, found: Outcomes) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the days from randomisation to relapse or to the last visit that was kept, and whether it was a relapse.

    NaN for people who do not count; see `relapse_definition`.
    """
    day = trial.responders_from_day
    assert day is not None  # only then is relapse analysed
    at = trial.visits.index(day)
    held = relapse_times(trial.scale, found.inclusion, found.every[..., at:], trial.visits[at:], landmark_day=day)
    counts = found.counted & held.responder & (held.response_day == day)
    return np.where(counts, held.days, np.nan), held.relapsed & counts
