"""Many people on one scale: what their scores say of the unknowns, and what each one's later scores will be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.forecast.bank import Bank, people_in_care
from afterglow.forecast.filtering import Departures, fade, filtered, foreseen, start
from afterglow.forecast.likelihood import score_chances
from afterglow.forecast.unknowns import UNKNOWNS, Belief, cohort_departure, natural, own_response, prior

__all__ = ["MOST_VISITS", "Cohort", "Foretold", "belief_from", "foretold", "visits"]

_POINTS = 21
_POINTS_OF_FIT = 15
_PEOPLE, _DRAWS = 128, 8
_PEOPLE_OF_FIT = 128
_MOST_STEPS = 12
_ENOUGH_GAIN = 0.1
_APART = 0.1
"""By how many prior SDs an unknown is moved for a slope."""
_AT_ONCE = 16

MOST_VISITS = 30
"""Scores of one person that are learned from, foretold, or foretold from: of more, as many spread evenly."""
_MOST_PEOPLE = 250
"""People who are learned from: of more, as many spread evenly."""


@dataclass(frozen=True, eq=False)
class Cohort:
    """Scores of people on one scale, each row one person's in order, filled up to the longest.

    Parameters
    ----------
    scale : str
    day : array (people, visits)
        The last day again where there is no score.
    score : array (people, visits) of int
        From the lowest of the scale; -1 where there is none.
    """

    scale: str
    day: NDArray[np.float64]
    score: NDArray[np.int64]

    def of(self, people: NDArray[np.intp]) -> Cohort:
        """Return some of the people."""
        most = max(1, int((self.score[people] >= 0).sum(axis=1).max(initial=1)))
        return Cohort(self.scale, self.day[people, :most], self.score[people, :most])

    def to_learn_from(self) -> Cohort:
        """Return the cohort, or so much of it that learning from it takes no longer than from a usual one."""
        people, most = self.day.shape
        rows, columns = _evenly(people, _MOST_PEOPLE), _evenly(most, MOST_VISITS)
        return Cohort(self.scale, self.day[np.ix_(rows, columns)], self.score[np.ix_(rows, columns)])

    @property
    def gaps(self) -> NDArray[np.float64]:
        """Days since the score before, or since the beginning: day 0, or the first score where that lies earlier."""
        return np.diff(self.day, axis=1, prepend=np.minimum(0.0, self.day[:, :1]))


def _evenly(count: int, most: int) -> NDArray[np.intp]:
    """Return at most so many places, spread evenly, the first and the last among them."""
    return np.unique(np.rint(np.linspace(0, count - 1, min(count, most))).astype(np.intp))


def visits(name: str, days: Sequence[NDArray[np.float64]], scores: Sequence[NDArray[np.int64]]) -> Cohort:
    """Lay out the scores of people, each in order of time, as a cohort."""
    most = max(map(len, days))
    day = np.array([np.concatenate([d, np.full(most - len(d), d[-1])]) for d in days])
    score = np.array([np.concatenate([s, np.full(most - len(s), -1)]) for s in scores])
    return Cohort(name, day.astype(np.float64), score.astype(np.int64))


@dataclass(frozen=True, eq=False)
class Foretold:
    """Forecasts of later scores from earlier ones.

    Parameters
    ----------
    person, known, target : array (forecasts,) of int
        Row of the person, the last score that was known, and the one that is foretold.
    chance : array (forecasts, scores)
        Of every whole score.
    """

    person: NDArray[np.intp]
    known: NDArray[np.intp]
    target: NDArray[np.intp]
    chance: NDArray[np.float64]


class _Courses:
    """Expected courses of a cohort: a level, the change that the bank expects, and how one place departs from it."""

    def __init__(self, bank: Bank, cohort: Cohort, count: int) -> None:
        days, where = np.unique(cohort.day, return_inverse=True)
        self.level, self.response, self.restless, place = people_in_care(bank, count)
        change = bank.change_on(days)
        self.change = change.reshape(-1, len(days))[place].T
        self.where, self.cohort = where.reshape(cohort.day.shape), cohort

    def on(
        self, unknown: Mapping[str, NDArray[np.float64]], people: NDArray[np.intp], visit: int
    ) -> NDArray[np.float64]:
        """Return the courses on a visit, (batch, courses)."""
        day = self.cohort.day[people, visit]
        centre = unknown["level_mean"] + cohort_departure(unknown, np.maximum(day, 0.0))
        if visit == 0:
            centre = centre + unknown["first_excess"] * (day <= 0)
        begun = -np.expm1(-np.maximum(day, 0.0) / unknown["response_days"])
        own = unknown["level_sd"][:, None] * self.level + (unknown["response_sd"] * begun)[:, None] * own_response(
            self.response
        )
        change = unknown["course_share"][:, None] * self.change[self.where[people, visit]]
        return np.asarray(centre[:, None] + own + change)

    def slow_sd(self, unknown: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return the SD of the slow departures, (batch, courses)."""
        return np.asarray(unknown["slow_sd"][:, None] * np.exp(unknown["restless_sd"][:, None] * self.restless))


def _with_missing(chances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add a last row of ones: a score of -1 tells nothing."""
    return np.concatenate([chances, np.ones((len(chances), 1, chances.shape[2]))], axis=1)


def _log_chances(
    deviations: NDArray[np.float64], cohort: Cohort, courses: _Courses, points: int = _POINTS_OF_FIT
) -> NDArray[np.float64]:
    """Return the log of the chance of each person's scores, (people,)."""
    people = np.arange(len(cohort.day))
    one = natural(deviations[None])
    unknown = {name: np.repeat(value, len(people)) for name, value in one.items()}
    chances = _with_missing(score_chances(cohort.scale, one["fast_sd"]))[0]
    gaps = cohort.gaps
    held, slow = start(len(people), len(courses.level), points), courses.slow_sd(unknown)
    for visit in range(cohort.day.shape[1]):
        steps = fade(gaps[:, visit], unknown["slow_days"], points)
        course = courses.on(unknown, people, visit)
        held = filtered(held, steps, course, slow, chances[cohort.score[:, visit]])
    most = held.log_weight.max(axis=1)
    return np.asarray(most + np.log(np.exp(held.log_weight - most[:, None]).mean(axis=1)))


def belief_from(cohort: Cohort, bank: Bank) -> Belief:
    """Return what is believed of the unknowns after the scores of a cohort: a normal around the mode.

    The mode is climbed to with the slopes of each person's own log chance, whose squares stand for the curvature
    (berndt1974); the prior is that of `UNKNOWNS`, so that a few people move little.
    """
    before, cohort = prior(), cohort.to_learn_from()
    sd = np.sqrt(np.diag(before.covariance))
    courses = _Courses(bank, cohort, _PEOPLE_OF_FIT)
    tied = np.diag(1 / sd**2)

    def worth(at: NDArray[np.float64]) -> float:
        return float(_log_chances(at, cohort, courses).sum() - 0.5 * ((at / sd) ** 2).sum())

    def slopes(at: NDArray[np.float64]) -> NDArray[np.float64]:
        moves = np.diag(_APART * sd)
        rise = [_log_chances(at + m, cohort, courses) - _log_chances(at - m, cohort, courses) for m in moves]
        return np.asarray(np.stack(rise, axis=1) / (2 * _APART * sd))

    mode = np.zeros(len(UNKNOWNS))
    value, curvature = worth(mode), tied
    for _ in range(_MOST_STEPS):
        own = slopes(mode)
        curvature = own.T @ own + tied
        step = np.clip(np.linalg.solve(curvature, own.sum(axis=0) - mode / sd**2), -sd, sd)
        tried = next(((h, w) for h in (1.0, 0.5, 0.25, 0.1) if (w := worth(mode + h * step)) > value), None)
        if tried is None:
            break
        mode, gain, value = mode + tried[0] * step, tried[1] - value, tried[1]
        if gain < _ENOUGH_GAIN:
            break
    return Belief(mode, np.asarray(np.linalg.inv(curvature), dtype=np.float64))


def foretold(cohort: Cohort, bank: Bank, belief: Belief, *, draws: int = _DRAWS, people: int = _PEOPLE) -> Foretold:
    """Foretell every later score of everybody from the scores of the days before.

    Parameters
    ----------
    cohort : Cohort
    bank : Bank
    belief : Belief
        Of the unknowns; it must not rest on these people.
    draws, people : int
        Of the unknowns, and people of the bank at each.
    """
    parts = list(_walk(cohort, bank, belief.draws(draws), people))
    person, known, target, chance = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((target, known, person))
    return Foretold(person[order], known[order], target[order], chance[order])


def _walk(
    cohort: Cohort, bank: Bank, each: Mapping[str, NDArray[np.float64]], number: int
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]]:
    draws = len(each["level_mean"])
    plain = score_chances(cohort.scale, each["fast_sd"])
    chances, courses, gaps = _with_missing(plain), _Courses(bank, cohort, number), cohort.gaps
    count, most = cohort.day.shape
    chosen = _evenly(most, MOST_VISITS)
    none = np.empty(0, np.intp)
    yield none, none, none, np.empty((0, plain.shape[1]))
    for begin in range(0, count, _AT_ONCE):
        some = np.arange(begin, min(begin + _AT_ONCE, count))
        people, draw = np.repeat(some, draws), np.tile(np.arange(draws), len(some))
        unknown = {name: value[draw] for name, value in each.items()}
        course = [courses.on(unknown, people, visit) for visit in range(most)]
        held, slow = start(len(people), len(courses.level), _POINTS), courses.slow_sd(unknown)
        for known in range(most):
            steps = fade(gaps[people, known], unknown["slow_days"], _POINTS)
            seen = chances[draw, cohort.score[people, known]]
            held = filtered(held, steps, course[known], slow, seen)
            if known not in chosen:
                continue
            weights = _weights(held.log_weight.reshape(len(some), -1)).reshape(held.log_weight.shape)
            for target in chosen[chosen > known]:
                ahead = cohort.day[some, target] - cohort.day[some, known]
                whole_day = cohort.day[some, known + 1] > cohort.day[some, known]
                asked = (cohort.score[some, target] >= 0) & (ahead > 0) & whole_day
                if not asked.any():
                    continue
                on = np.repeat(asked, draws)
                steps = fade(np.repeat(ahead, draws)[on], unknown["slow_days"][on], _POINTS)
                severity = foreseen(
                    Departures(held.chance[on], held.log_weight[on]),
                    steps,
                    course[target][on],
                    slow[on],
                    weights[on],
                )
                score = np.einsum("bx,bsx->bs", severity, plain[draw[on]]).reshape(int(asked.sum()), draws, -1)
                chance = score.sum(axis=1)
                own = some[asked]
                yield own, np.full(len(own), known), np.full(len(own), target), chance / chance.sum(axis=1)[:, None]


def _weights(log_weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return weights, (batch, courses), that sum to one over the courses."""
    found = np.exp(log_weight - log_weight.max(axis=1)[:, None])
    return np.asarray(found / found.sum(axis=1)[:, None])
