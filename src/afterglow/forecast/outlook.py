"""What comes next for one person: bands, chances, and whether they go as people do who began alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from afterglow.forecast.change import least_important_change, reliable_change
from afterglow.forecast.following import Following, follow
from afterglow.forecast.record.score import Record
from afterglow.outcomes.relapse import relapse_definition, relapse_times
from afterglow.outcomes.response import remits, responds
from afterglow.scales.instruments import scale

__all__ = [
    "BANDS",
    "Band",
    "Chances",
    "Change",
    "Track",
    "band_of",
    "bands_on",
    "beginning_of",
    "chances_by",
    "change_of",
    "first_score",
    "track_of",
]

BANDS = (0.5, 0.8, 0.9)
"""Shares of the bands."""

_PATHS = 2000
_VISIT_DAYS = 28.0
"""Days between the visits at which a relapse is looked for; assumed."""
_ALERT = 0.1
"""Share of people who begin alike beyond which a score is off track: the end of the band of 80 %."""


@dataclass(frozen=True, kw_only=True)
class Band:
    """Where the score on one day is expected, in whole points.

    Parameters
    ----------
    day : float
    mean, median : float
    low50, high50, low80, high80, low90, high90 : float
        Both ends belong to the band, so that it holds at least so many per cent.
    """

    day: float
    mean: float
    median: float
    low50: float
    high50: float
    low80: float
    high80: float
    low90: float
    high90: float


@dataclass(frozen=True, kw_only=True)
class Chances:
    """Chances on the chosen day; None where the scale has no definition, or nothing to start from.

    Parameters
    ----------
    response, remission : float or None
        Of the score on that day.
    relapse : float or None
        That a response, reached by then or before, is lost again by then: at two visits running, four weeks apart.
    worse : float or None
        Of a score that is higher than the first by a reliable change.
    """

    response: float | None
    remission: float | None
    relapse: float | None
    worse: float | None


@dataclass(frozen=True, kw_only=True)
class Track:
    """How the last score compares with what was expected of people who began alike.

    Parameters
    ----------
    verdict : {"on track", "off track", "cannot tell yet"}
    reason : str
        One sentence.
    percent_lower : float or None
        Per cent of people who began alike whose score would be lower.
    low, high : float or None
        Their band of 80 % on the day of the last score.
    """

    verdict: str
    reason: str
    percent_lower: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Change:
    """The change from the first to the last score, and how large it must be.

    Parameters
    ----------
    points : float
        Below zero: better.
    reliable_points : float
    reliable : bool
        Whether it is more than the error of two ratings.
    reliable_source : str
    important_points : float or None
        Least important change from the first score.
    important : bool or None
        Whether the person is likely to call it an improvement.
    important_source : str
    """

    points: float
    reliable_points: float
    reliable: bool
    reliable_source: str
    important_points: float | None
    important: bool | None
    important_source: str


def band_of(chance: NDArray[np.float64], day: float, lowest: float) -> Band:
    """Return mean, median and bands of chances (scores,)."""
    below = np.cumsum(chance)
    points = np.arange(len(chance)) + lowest
    end = len(points) - 1
    ends = {}
    for share in BANDS:
        low, high = (0.5 - share / 2, 0.5 + share / 2)
        ends[f"low{share:.0%}"[:-1]] = float(points[np.searchsorted(below, low)])
        ends[f"high{share:.0%}"[:-1]] = float(points[min(int(np.searchsorted(below, high - 1e-12)), end)])
    return Band(day=day, mean=float(chance @ points), median=float(points[np.searchsorted(below, 0.5)]), **ends)


def bands_on(followed: Following, name: str, days: Sequence[float]) -> tuple[Band, ...]:
    """Return the bands of a scale on days from the last score on."""
    lowest = scale(name).low
    return tuple(band_of(followed.chances(name, day), day, lowest) for day in days)


def chances_by(followed: Following, name: str, day: float) -> Chances:
    """Return the chances of response, remission, relapse and getting worse on a scale by a day."""
    instrument = scale(name)
    chance = followed.chances(name, day)
    points = np.arange(len(chance)) + instrument.low
    own = followed.record.of(name)
    remission = float(chance[remits(instrument, points)].sum()) if instrument.remission else None
    if not own:
        return Chances(response=None, remission=remission, relapse=None, worse=None)
    first = np.array([first_score(followed.record, name)])
    response = float(chance @ responds(instrument, first, points[None])[0])
    worse = float(chance[points >= first[0] + reliable_change(name).points].sum())
    return Chances(
        response=response, remission=remission, relapse=_relapse(followed, name, day, float(first[0])), worse=worse
    )


def _relapse(followed: Following, name: str, day: float, first: float) -> float | None:
    last = followed.record.last_day
    if day <= last:
        return None
    days = np.arange(last + _VISIT_DAYS, day, _VISIT_DAYS)
    days = np.append(days, day)
    paths = followed.paths(name, [float(d) for d in days], _PATHS) + scale(name).low
    known = {score.day: score.value for score in followed.record.of(name)}
    before = sorted(known)[1:]
    scores = np.concatenate([np.tile([known[d] for d in before], (_PATHS, 1)), paths], axis=1)
    times = relapse_times(
        scale(name),
        np.full(_PATHS, first),
        scores,
        np.concatenate([before, days]),
        landmark_day=-np.inf,
        definition=replace(relapse_definition(scale(name)), visits=min(2, len(days))),
    )
    return float(times.relapsed.mean())


def first_score(record: Record, name: str) -> float:
    """Return the mean of the scores of the last day on which nothing had begun yet, or of the first day."""
    own = record.of(name)
    before = [score.day for score in own if score.day <= 0]
    day = before[-1] if before else own[0].day
    return float(np.mean([score.value for score in own if score.day == day]))


def change_of(record: Record, name: str) -> Change | None:
    """Return how far a scale has come since the first score; None where there is one day alone."""
    own = record.of(name)
    if not own or own[-1].day <= own[0].day:
        return None
    first = first_score(record, name)
    last = float(np.mean([score.value for score in own if score.day == own[-1].day]))
    reliable, least = reliable_change(name), least_important_change(name)
    points = last - first
    important = None if least is None else least.fraction * (first - scale(name).low)
    return Change(
        points=points,
        reliable_points=reliable.points,
        reliable=abs(points) >= reliable.points,
        reliable_source=reliable.source,
        important_points=important,
        important=None if important is None else -points >= important and points < 0,
        important_source="" if least is None else least.source,
    )


def beginning_of(record: Record) -> Record:
    """Return what was known when it began: the scores until day 0, or those of the first day."""
    until = max((score.day for score in record.scores if score.day <= 0), default=record.scores[0].day)
    return record.until(until)


def track_of(followed: Following, name: str, *, began: Following | None = None) -> Track:
    """Compare the last score with what was expected of people who began alike.

    Parameters
    ----------
    followed : Following
    name : str
        Of the scale.
    began : Following, optional
        People who began alike; by default worked out.
    """
    record = followed.record
    own = record.of(name)
    start = beginning_of(record)
    later = [score for score in own if score.day > start.last_day]
    if not later or not start.of(name):
        return Track(verdict="cannot tell yet", reason=f"It takes a {name} at the beginning and one later.")
    alike = began or follow(followed.bank, start, belief=followed.belief)
    day = later[-1].day
    last = float(np.mean([score.value for score in later if score.day == day]))
    chance = alike.chances(name, day)
    points = np.arange(len(chance)) + scale(name).low
    lower = float(chance[points < last].sum() + 0.5 * chance[points == last].sum())
    band = band_of(chance, day, scale(name).low)
    facts = {"percent_lower": 100 * lower, "low": band.low80, "high": band.high80}
    among = f"of people who began alike, {100 * lower:.0f} % would score lower on day {day:g}"
    if lower > 1 - _ALERT:
        return Track(
            verdict="off track", reason=f"The last score of {last:g} is worse than expected: {among}.", **facts
        )
    first = first_score(record, name)
    fallen = first - last
    if fallen < reliable_change(name).points and band.low80 <= first <= band.high80:
        return Track(
            verdict="cannot tell yet",
            reason=f"The last score of {last:g} is inside the expected band, and so would no change be; {among}.",
            **facts,
        )
    said = "better than expected" if lower < _ALERT else "as expected"
    return Track(verdict="on track", reason=f"The last score of {last:g} is {said}: {among}.", **facts)
