"""One person: the bank reweighted by the chance of their scores, and moved where few of its people are left.

All scores are always taken at once, in order of time, so that it does not matter in which order they become known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtri

from afterglow.forecast.bank import Bank
from afterglow.forecast.filtering import Departures, fade, filtered, foreseen, grid_of, start
from afterglow.forecast.likelihood import GRID, score_chances
from afterglow.forecast.record.score import Record
from afterglow.forecast.unknowns import Belief, cohort_departure, own_response, prior
from afterglow.scales.instruments import scale

__all__ = ["FEWEST", "Following", "Someone", "follow"]

FEWEST = 50.0
"""Effective size of the bank below which it is resampled and moved."""

_POINTS = 21
_MOVED = 1024
_ROUNDS = 8
_OFF_PLAN = 0.35
"""SD of how far one person's level lies from those whom the plan includes, in log-odds; assumed."""
_OFF_SCALE = 0.3
"""SD of how far one person's score on a second scale lies from what the link expects, in log-odds; assumed."""
_STEP = 0.4
"""Size of a move, in SDs of what is moved."""


@dataclass(frozen=True, eq=False)
class Someone:
    """People who may be like this one: a course of the bank, and what nobody knows of a person beforehand.

    Parameters
    ----------
    draw, place : array (batch, courses) of int
        Their course in the bank; a row has one draw.
    level, response, restless : array (batch, courses)
        Lasting level, own response, and restlessness, in SDs between people.
    off : array (scales, batch, courses)
        How far each scale lies from what its link expects, in SDs between people.
    log_prior : array (batch, courses)
        Log weight before any score.
    """

    draw: NDArray[np.intp]
    place: NDArray[np.intp]
    level: NDArray[np.float64]
    response: NDArray[np.float64]
    restless: NDArray[np.float64]
    off: NDArray[np.float64]
    log_prior: NDArray[np.float64]

    @property
    def values(self) -> tuple[NDArray[np.float64], ...]:
        """What is standard normal beforehand."""
        return (self.level, self.response, self.restless, *self.off)


@dataclass(frozen=True, eq=False)
class Following:
    """What is known of one person after their scores.

    Parameters
    ----------
    bank : Bank
    record : Record
    belief : Belief
    people : Someone
        Those who may be like this one.
    held : Departures
        On the day of the last score.
    effective_size : float
        Of the bank after the scores, before anything was moved.
    moved : float or None
        Share of moves that were taken; None where enough people were left.
    rivals : mapping of str to (float, float)
        Weight of every explanation before and after the scores.
    log_evidence : float
        Log of the chance of all the scores.
    surprise : float
        Chance of scores as odd as these, each foretold from those before it.
    """

    bank: Bank
    record: Record
    belief: Belief
    people: Someone
    held: Departures
    effective_size: float
    moved: float | None
    rivals: Mapping[str, tuple[float, float]]
    log_evidence: float
    surprise: float

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """Weights of the people, (batch, courses), summing to one."""
        return _normal(self.people.log_prior + self.held.log_weight)

    @cached_property
    def _unknown(self) -> Mapping[str, NDArray[np.float64]]:
        return self.belief.draws(len(self.bank.weight))

    def severities(self, day: float) -> NDArray[np.float64]:
        """Return the chance of each usual severity on a day from the last score on, by draw, (draws, severities)."""
        gap = max(day - self.record.last_day, 0.0)
        draw = self.people.draw[:, 0]
        steps = fade(np.full(len(draw), gap), self._unknown["slow_days"][draw], _POINTS)
        course = expected(self.bank, self._unknown, self.people, [day])[0]
        slow = slow_sd(self._unknown, self.people)
        found = foreseen(self.held, steps, course, slow, self.weights)
        total = np.zeros((len(self.bank.weight), len(GRID)))
        np.add.at(total, draw, found)
        return total

    def chances(self, name: str, day: float) -> NDArray[np.float64]:
        """Return the chance of every whole score of a scale on a day, (scores,)."""
        severity = self.severities(day)
        chance = np.einsum("dsx,dx->s", self._tables(name), severity)
        return np.asarray(chance / chance.sum())

    def means(self, name: str, day: float) -> NDArray[np.float64]:
        """Return the mean score that each of the people is expected to have on a day, (batch, courses)."""
        course = expected(self.bank, self._unknown, self.people, [day])[0]
        gap = max(day - self.record.last_day, 0.0)
        draw = self.people.draw[:, 0]
        steps = fade(np.full(len(draw), gap), self._unknown["slow_days"][draw], _POINTS)
        table = self._tables(name)
        score = np.einsum("dsx,s->dx", table, np.arange(table.shape[1], dtype=np.float64))
        where = course[..., None] + slow_sd(self._unknown, self.people)[..., None] * grid_of(_POINTS)
        place = np.clip(np.rint((where - GRID[0]) / (GRID[1] - GRID[0])), 0, len(GRID) - 1).astype(np.intp)
        on = score[draw[:, None, None], place]
        return np.asarray(((self.held.chance @ steps) * on).sum(axis=-1))

    def paths(self, name: str, days: Sequence[float], count: int) -> NDArray[np.float64]:
        """Return scores that this person may have on days after the last one, (paths, days); always the same ones."""
        rng = np.random.default_rng(11)
        flat = self.weights.ravel()
        at = np.searchsorted(np.cumsum(flat), (rng.random() + np.arange(count)) / count).clip(0, flat.size - 1)
        row, column = np.unravel_index(at, self.weights.shape)
        draw = self.people.draw[row, column]
        cumulated = np.cumsum(self.held.chance[row, column], axis=1)
        place = (cumulated < rng.random(count)[:, None] * cumulated[:, -1:]).sum(axis=1)
        away = grid_of(_POINTS)[place.clip(0, _POINTS - 1)]
        slow = slow_sd(self._unknown, self.people)[row, column]
        course = expected(self.bank, self._unknown, self.people, days)[:, row, column]
        table = np.cumsum(self._tables(name), axis=1)
        found = np.empty((count, len(days)))
        before = self.record.last_day
        for k, day in enumerate(days):
            kept = np.exp(-(day - before) / self._unknown["slow_days"][draw])
            away = kept * away + np.sqrt(1 - kept**2) * rng.standard_normal(count)
            severity = np.clip(np.rint((course[k] + slow * away - GRID[0]) / (GRID[1] - GRID[0])), 0, len(GRID) - 1)
            below = table[draw, :, severity.astype(np.intp)]
            found[:, k] = (below < rng.random(count)[:, None] * below[:, -1:]).sum(axis=1)
            before = day
        return found

    def _tables(self, name: str) -> NDArray[np.float64]:
        return score_chances(name, self._unknown["fast_sd"], family=self.bank.family)


def follow(bank: Bank, record: Record, *, belief: Belief | None = None, seed: int = 1) -> Following:
    """Reweight a bank by a person's scores.

    Parameters
    ----------
    bank : Bank
    record : Record
        At least one score; the order in which they are given does not matter.
    belief : Belief, optional
        Of the unknowns; by default that of `afterglow.forecast.unknowns.prior`.
    seed : int

    Returns
    -------
    Following
    """
    held = _Scored(bank, record, belief or prior(), seed)
    people = held.anybody()
    odd: list[float] = []
    departures = held.after(people, odd)
    surprise = float(chdtrc(len(odd), np.square(ndtri(np.clip(odd, 1e-6, 1 - 1e-6))).sum()))
    weights = _normal(people.log_prior + departures.log_weight)
    size = float(1 / (weights**2).sum())
    evidence = _log_mean(people.log_prior + departures.log_weight)
    rivals = _rivals(bank, people, weights)
    moved = None
    if size < FEWEST:
        people, departures, moved = held.moved(people, departures, weights)
    return Following(bank, record, held.belief, people, departures, size, moved, rivals, evidence, surprise)


class _Scored:
    """The scores of one person, and the chance of them in people who may be like this one."""

    def __init__(self, bank: Bank, record: Record, belief: Belief, seed: int) -> None:
        self.bank, self.record, self.belief = bank, record, belief
        self.rng = np.random.default_rng([7, seed])
        self.unknown = belief.draws(len(bank.weight))
        self.scales = tuple(sorted({score.scale for score in record.scores}))
        self.days = [score.day for score in record.scores]
        self.tables = {name: score_chances(name, self.unknown["fast_sd"], family=bank.family) for name in self.scales}
        self.begin = min(bank.begins, 0.0, self.days[0])
        at_start = [k for k, day in enumerate(self.days) if day <= 0]
        self.on_a_bad_day = {k for k in at_start if self.days[k] == self.days[at_start[-1]]}

    def anybody(self) -> Someone:
        """Return the people of the bank before any score."""
        draws, count, _ = self.bank.course.shape
        shape = (draws, count)
        draw, place = np.broadcast_arrays(np.arange(draws)[:, None], np.arange(count)[None])
        values = self.rng.standard_normal((3 + max(len(self.scales) - 1, 0), *shape))
        log_prior = np.broadcast_to(np.log(self.bank.weight / count)[:, None], shape)
        return Someone(draw, place, values[0], values[1], values[2], values[3:], log_prior)

    def after(self, people: Someone, odd: list[float] | None = None) -> Departures:
        """Return the departures after all scores, and the log of their chance.

        Where `odd` is given, the chance of a lower score than each, foretold from those before, is added to it.
        """
        draw = people.draw[:, 0]
        course = expected(self.bank, self.unknown, people, self.days)
        slow, slow_days = slow_sd(self.unknown, people), self.unknown["slow_days"][draw]
        held = start(people.draw.shape[0], people.draw.shape[1], _POINTS)
        before = self.begin
        for k, score in enumerate(self.record.scores):
            own = course[k] + (self._excess(draw) if k in self.on_a_bad_day else 0.0)
            if self.scales.index(score.scale):
                own = own + _OFF_SCALE * people.off[self.scales.index(score.scale) - 1]
            table = self.tables[score.scale]
            at = int(score.value - scale(score.scale).low)
            steps = fade(np.full(len(draw), score.day - before), slow_days, _POINTS)
            if odd is not None:
                severity = foreseen(held, steps, own, slow, _normal(people.log_prior + held.log_weight))
                below = table[:, :at].sum(axis=1) + 0.5 * table[:, at]
                odd.append(float((severity * below[draw]).sum()))
            held = filtered(held, steps, own, slow, table[draw, at])
            before = score.day
        return held

    def _excess(self, draw: NDArray[np.intp]) -> NDArray[np.float64]:
        if self.bank.with_plan:
            return self.bank.excess[draw][:, None]
        return np.asarray(self.unknown["first_excess"][draw][:, None])

    def moved(
        self, people: Someone, departures: Departures, weights: NDArray[np.float64]
    ) -> tuple[Someone, Departures, float]:
        """Resample people by their weights and move each, so that their number counts again (gilks2001)."""
        flat = weights.ravel()
        at = np.searchsorted(np.cumsum(flat), (self.rng.random() + np.arange(_MOVED)) / _MOVED).clip(0, flat.size - 1)
        kept = _chosen(people, at)
        log = self.after(kept).log_weight
        taken = 0.0
        for turn in range(_ROUNDS):
            tried = self._tried(kept, another=turn % 2 == 1)
            new = self.after(tried).log_weight
            odds = new - log
            for a, b in zip(tried.values, kept.values, strict=True):
                odds = odds + 0.5 * (b**2 - a**2)
            go = np.log(self.rng.random(odds.shape)) < odds
            kept = _mixed(tried, kept, go)
            log = np.where(go, new, log)
            taken += float(go.mean()) / _ROUNDS
        held = self.after(kept)
        return kept, Departures(held.chance, np.zeros_like(held.log_weight)), taken

    def _tried(self, people: Someone, *, another: bool) -> Someone:
        """Return where people may go: a little away in what is their own, or along another course of the bank."""
        if another:
            draws, count, _ = self.bank.course.shape
            draw = self.rng.choice(draws, size=people.draw.shape, p=self.bank.weight)
            return replace(people, draw=draw, place=self.rng.integers(count, size=people.draw.shape))
        moves = _STEP * self.rng.standard_normal((3 + len(people.off), *people.draw.shape))
        return replace(
            people,
            level=people.level + moves[0],
            response=people.response + moves[1],
            restless=people.restless + moves[2],
            off=people.off + moves[3:],
        )


def expected(
    bank: Bank, unknown: Mapping[str, NDArray[np.float64]], people: Someone, days: Sequence[float]
) -> NDArray[np.float64]:
    """Return the course that each of the people is expected to take, in log-odds, (days, batch, courses)."""
    draw = people.draw[:, 0]
    since = np.maximum(np.asarray(days, dtype=np.float64)[:, None] - max(bank.begins, 0.0), 0.0)
    apart = cohort_departure({name: value[draw] for name, value in unknown.items()}, since)
    begun = -np.expm1(-since / unknown["response_days"][draw])
    own = (unknown["response_sd"][draw] * begun)[..., None] * own_response(people.response)
    if bank.with_plan:
        course = np.moveaxis(bank.on(days)[people.draw, people.place], -1, 0)
        return np.asarray(course + apart[..., None] + own + _OFF_PLAN * people.level)
    change = np.moveaxis(bank.change_on(days)[people.draw, people.place], -1, 0)
    level = unknown["level_mean"][draw][:, None] + unknown["level_sd"][draw][:, None] * people.level
    return np.asarray(level + unknown["course_share"][draw][:, None] * change + apart[..., None] + own)


def slow_sd(unknown: Mapping[str, NDArray[np.float64]], people: Someone) -> NDArray[np.float64]:
    """Return the SD of the slow departures of each of the people, in log-odds, (batch, courses)."""
    draw = people.draw[:, 0]
    return np.asarray(
        unknown["slow_sd"][draw][:, None] * np.exp(unknown["restless_sd"][draw][:, None] * people.restless)
    )


def _normal(log: NDArray[np.float64]) -> NDArray[np.float64]:
    found = np.exp(log - log.max())
    return np.asarray(found / found.sum())


def _log_mean(log: NDArray[np.float64]) -> float:
    return float(log.max() + np.log(np.exp(log - log.max()).sum()))


def _rivals(bank: Bank, people: Someone, weights: NDArray[np.float64]) -> dict[str, tuple[float, float]]:
    by_draw = np.bincount(people.draw.ravel(), weights.ravel(), minlength=len(bank.weight))
    names = np.array(bank.rivals)
    return {
        str(name): (float(bank.weight[names == name].sum()), float(by_draw[names == name].sum()))
        for name in dict.fromkeys(bank.rivals)
    }


def _chosen(people: Someone, at: NDArray[np.intp]) -> Someone:
    """Return some people, one a row."""

    def one(value: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(value.reshape(-1)[at][:, None])

    off = people.off.reshape(len(people.off), people.draw.size)[:, at][..., None]
    draw, place = (value.reshape(-1)[at][:, None] for value in (people.draw, people.place))
    return Someone(
        draw, place, one(people.level), one(people.response), one(people.restless), off, np.zeros((len(at), 1))
    )


def _mixed(first: Someone, second: Someone, take: NDArray[np.bool_]) -> Someone:
    return Someone(**{name: np.where(take, value, getattr(second, name)) for name, value in vars(first).items()})
