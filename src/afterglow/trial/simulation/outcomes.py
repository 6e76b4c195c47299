"""From what was rated to what is analysed: what each intercurrent event makes of a score, by its strategy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.outcomes.response import remits, responds
from afterglow.scales.scale import Scale
from afterglow.trial.simulation.lives import Lives
from afterglow.trial.specification.analysis import AnalysisPlan
from afterglow.trial.specification.trial import Trial

__all__ = ["Outcomes", "outcomes", "responding"]


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What the analysis of one arm is given.

    Parameters
    ----------
    baseline : array (trials, people)
    scores : array (trials, people, visits)
        After inclusion, as the estimand has them; NaN where nothing is known.
    counted : bool array (trials, people)
        False for people outside the principal stratum.
    """

    baseline: NDArray[np.float64]
    scores: NDArray[np.float64]
    counted: NDArray[np.bool_]

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
        return Outcomes(baseline, scores, counted)
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
    return Outcomes(baseline, scores, counted)


def responding(plan: AnalysisPlan, scale: Scale, found: Outcomes) -> NDArray[np.float64]:
    """Return 1 for those who respond or remit at the last visit, else 0; NaN outside the principal stratum.

    A score that is missing is no response.
    """
    last = found.scores[..., -1:]
    if plan.endpoint == "remission":
        well = remits(scale, last)
    elif plan.fall is not None:
        start = found.baseline[..., None] - scale.low
        well = (found.baseline[..., None] - last >= plan.fall * start) & (start > 0)
    else:
        well = responds(scale, found.baseline, last)
    return np.where(found.counted, well[..., 0].astype(np.float64), np.nan)
