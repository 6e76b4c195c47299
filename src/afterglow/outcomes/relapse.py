"""Relapse among responders, and time to it.

Somebody who responds at a visit on or after the landmark day relapses at the first later visit (or run
of visits) at which the response is lost and, in addition, the score is back at a level at which trials
call it depression, or half of the gain is gone. Those who never relapse are censored at their last
observed visit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterglow.errors import ParameterError
from afterglow.outcomes.response import responds
from afterglow.scales.instruments import SCALES
from afterglow.scales.links import LINKS, score_to_severity, severity_to_score
from afterglow.scales.scale import Scale

__all__ = [
    "RelapseDefinition",
    "RelapseTimes",
    "relapse_counts",
    "relapse_definition",
    "relapse_times",
    "share_relapsed",
]


@dataclass(frozen=True, kw_only=True)
class RelapseDefinition:
    """When a responder counts as relapsed.

    Parameters
    ----------
    score_at_least : float or None
        Score at or above which a lost response is a relapse; None when the scale has no such level.
    gain_lost : float or None
        Share of the gain (baseline minus the score at first response) whose loss is a relapse.
    visits : int
        Visits in a row that must meet the rule; the relapse is dated at the first of them.
    source : str
        URL or citation key; empty when assumed.
    verified : bool
        True when the rule was read on the source's page.
    note : str
        Where the rule comes from.
    """

    score_at_least: float | None
    gain_lost: float | None = 0.5
    visits: int = 1
    source: str = ""
    verified: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        if self.visits < 1 or (self.gain_lost is not None and not 0 < self.gain_lost <= 1):
            raise ParameterError("a relapse needs one visit or more and a lost share of the gain above 0 and up to 1")


_MADRS_LEVEL = 22.0
_BY_SCALE = {
    "MADRS": RelapseDefinition(
        score_at_least=_MADRS_LEVEL,
        source="daly2019-sustain1",
        note="22 or more in the esketamine withdrawal trial, there at two visits running (recalled); one visit by "
        "default here because visits lie far apart; the half-lost gain is an assumption",
    ),
    "HAM-D17": RelapseDefinition(
        score_at_least=14.0,
        source="hollon2005-ct-vs-drug-relapse",
        verified=True,
        note="14 or more for two weeks in the cognitive therapy trial; the half-lost gain is an assumption",
    ),
}


def relapse_definition(scale: Scale) -> RelapseDefinition:
    """Usual definition on a scale.

    Depression scales without a rule of their own take the score that the links set beside MADRS 22.
    On PTSD and anxiety scales, where no level was found, losing the response is enough, as in the
    ketamine trial that timed loss of response (feder2021).
    """
    if scale.id in _BY_SCALE:
        return _BY_SCALE[scale.id]
    if scale.id == "GRID-HAMD":
        return _BY_SCALE["HAM-D17"]
    if LINKS[scale.id].reference == "MADRS" and scale.family == "depression":
        severity = score_to_severity(SCALES["MADRS"], _MADRS_LEVEL)
        level = float(scale.whole(severity_to_score(scale, severity)))
        return RelapseDefinition(
            score_at_least=level, source="daly2019-sustain1", note="MADRS 22 through the scale links"
        )
    return RelapseDefinition(score_at_least=None, gain_lost=None, source="feder2021-ptsd", note="loss of response")


@dataclass(frozen=True, kw_only=True)
class RelapseTimes:
    """Who responded, when, and what became of it; every field has shape (..., participant).

    Parameters
    ----------
    responder : ndarray of bool
        Responded at a visit on or after the landmark.
    response_day : ndarray
        Day of that first response; NaN for the others.
    days : ndarray
        Days from it to the relapse or to the last observed visit; NaN for the others.
    relapsed : ndarray of bool
        True when `days` ends in a relapse.
    """

    responder: NDArray[np.bool_]
    response_day: NDArray[np.float64]
    days: NDArray[np.float64]
    relapsed: NDArray[np.bool_]


def relapse_times(
    scale: Scale,
    baseline: ArrayLike,
    scores: ArrayLike,
    days: ArrayLike,
    *,
    landmark_day: float = 0.0,
    definition: RelapseDefinition | None = None,
) -> RelapseTimes:
    """Find each participant's first response and relapse.

    Parameters
    ----------
    scale : Scale
        Scale of the scores.
    baseline : array_like, shape (..., participant)
        Baseline scores.
    scores : array_like, shape (..., participant, day)
        Later scores; NaN where nothing was observed (skipped, and it breaks no run of visits).
    days : array_like, shape (day,)
        Days of the scores, increasing.
    landmark_day : float
        First day on which response counts.
    definition : RelapseDefinition, optional
        By default the scale's usual one.

    Raises
    ------
    ParameterError
        If the days do not increase or their number differs from the scores'.
    """
    when = np.asarray(days, dtype=np.float64)
    course = _courses(scale, baseline, scores, when, landmark_day, definition or relapse_definition(scale))
    response_day = np.where(course.responder, when[course.first], np.nan)
    return RelapseTimes(
        responder=course.responder,
        response_day=response_day,
        days=np.where(course.responder, when[course.end] - response_day, np.nan),
        relapsed=course.relapsed,
    )


def relapse_counts(
    scale: Scale,
    baseline: ArrayLike,
    scores: ArrayLike,
    days: ArrayLike,
    *,
    landmark_day: float = 0.0,
    definition: RelapseDefinition | None = None,
) -> NDArray[np.int64]:
    """Count responders by the visit of their first response, the last visit followed, and whether they relapsed then.

    See `relapse_times` for the parameters and what is raised.

    Returns
    -------
    ndarray of int, shape (..., day, day, 2)
        The last axis holds those who had not and those who had relapsed.
    """
    when = np.asarray(days, dtype=np.float64)
    course = _courses(scale, baseline, scores, when, landmark_day, definition or relapse_definition(scale))
    visits = when.size
    place = (course.first * visits + course.end) * 2 + course.relapsed
    shape = place.shape[:-1]
    groups = np.arange(int(np.prod(shape, dtype=np.intp))).reshape(*shape, 1) * visits * visits * 2
    counted = np.bincount((groups + place)[course.responder], minlength=groups.size * visits * visits * 2)
    return counted.reshape(*shape, visits, visits, 2)


def share_relapsed(counts: ArrayLike, days: ArrayLike, after_days: ArrayLike) -> NDArray[np.float64]:
    """Share of responders that have relapsed so many days after their response, by Kaplan and Meier.

    Parameters
    ----------
    counts : array_like, shape (..., day, day, 2)
        From `relapse_counts`.
    days : array_like, shape (day,)
        Days of the visits.
    after_days : array_like, shape (time,)

    Returns
    -------
    ndarray, shape (..., time)
        NaN where nobody responded.

    References
    ----------
    Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457-481.
    """
    when, found = np.asarray(days, dtype=np.float64), np.asarray(counts, dtype=np.float64)
    first, end = np.triu_indices(when.size)
    lasted, place = np.unique(np.round(when[end] - when[first], 6), return_inverse=True)
    same = (place[:, None] == np.arange(lasted.size)).astype(np.float64)
    ended = np.swapaxes(np.swapaxes(found[..., first, end, :], -1, -2) @ same, -1, -2)
    left = ended.sum(axis=-1)
    at_risk = np.flip(np.cumsum(np.flip(left, axis=-1), axis=-1), axis=-1)
    free = np.cumprod(1 - ended[..., 1] / np.maximum(at_risk, 1), axis=-1)
    at = np.searchsorted(lasted, np.round(np.asarray(after_days, dtype=np.float64), 6), side="right") - 1
    return np.where(at_risk[..., :1] > 0, 1 - free[..., np.maximum(at, 0)], np.nan)


@dataclass(frozen=True)
class _Courses:
    """Who responded, at which visit first, at which visit they relapsed or were last seen, and whether they had."""

    responder: NDArray[np.bool_]
    first: NDArray[np.intp]
    end: NDArray[np.intp]
    relapsed: NDArray[np.bool_]


def _courses(
    scale: Scale,
    baseline: ArrayLike,
    scores: ArrayLike,
    when: NDArray[np.float64],
    landmark_day: float,
    rule: RelapseDefinition,
) -> _Courses:
    values = np.asarray(scores, dtype=np.float64)
    if when.ndim != 1 or values.shape[-1] != when.size or np.any(np.diff(when) <= 0):
        raise ParameterError(f"scores of {values.shape[-1]} days need as many increasing days but got {when.size}")
    responding = responds(scale, baseline, values)
    eligible = responding & (when >= landmark_day)
    first = eligible.argmax(axis=-1)
    later = np.arange(when.size) > first[..., None]
    bad = later & ~responding & _back(scale, rule, baseline, values, first)
    start = _run_start(bad, ~np.isnan(values), rule.visits)
    responder = np.asarray(eligible.any(axis=-1))
    relapsed = responder & (start >= 0)
    last_seen = when.size - 1 - np.argmax(~np.isnan(values)[..., ::-1], axis=-1)
    return _Courses(responder, first, np.where(relapsed, start, last_seen), relapsed)


def _back(
    scale: Scale, rule: RelapseDefinition, baseline: ArrayLike, values: NDArray[np.float64], first: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Scores that are observed and bad enough to be a relapse once the response is lost."""
    observed = ~np.isnan(values)
    if rule.score_at_least is None and rule.gain_lost is None:
        return observed
    bad = np.zeros(values.shape, dtype=np.bool_)
    if rule.score_at_least is not None:
        bad |= scale.whole(values) >= rule.score_at_least
    if rule.gain_lost is not None:
        reached = np.take_along_axis(values, first[..., None], axis=-1)
        gain = np.asarray(baseline, dtype=np.float64)[..., None] - reached
        bad |= values - reached >= rule.gain_lost * gain
    return bad & observed


def _run_start(bad: NDArray[np.bool_], observed: NDArray[np.bool_], visits: int) -> NDArray[np.intp]:
    """Index of the first bad visit of the first run of `visits` observed bad visits; -1 when there is none."""
    start = np.full(bad.shape[:-1], -1, dtype=np.intp)
    begun = np.zeros(bad.shape[:-1], dtype=np.intp)
    length = np.zeros(bad.shape[:-1], dtype=np.intp)
    for visit in range(bad.shape[-1]):
        begun = np.where(bad[..., visit] & (length == 0), visit, begun)
        length = np.where(bad[..., visit], length + 1, np.where(observed[..., visit], 0, length))
        start = np.where((start < 0) & (length >= visits), begun, start)
    return start
