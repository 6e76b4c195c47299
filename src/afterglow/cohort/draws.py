"""The same people at many values of the parameters, laid end to end."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.cohort.cohort import RIVALS, Cohort, People, derived, known_rival
from afterglow.cohort.streams import normals
from afterglow.parameters import PARAMETERS
from afterglow.protocol import Population

__all__ = ["Draw", "people_at_draws"]

_MOST_KEPT = 1024
"""Most people at all draws together that are kept for the next run or arm: about 2 MB."""
_PEOPLE_KEPT = 32
"""So often at most."""


@dataclass(frozen=True, kw_only=True)
class Draw:
    """One value of the typical parameters, under one explanation.

    Parameters
    ----------
    rival : str
        The explanation it belongs to.
    typical : mapping of str to float
        Typical values that replace the published or assumed ones.
    weight : float
        Its share of the answer; the weights of a run's draws sum to one.
    replicate : int
        Which part of the cohort is solved at it.
    oddness : float
        Factor on the variance of the departures of the trial that it stands for.
    mean_apart, share_apart, difference_apart : float
        How far the mean of an arm, a share of its people, and the difference of two arms depart from the model in such
        a trial, in SDs between people.
    """

    rival: str = "window"
    typical: Mapping[str, float] = field(default_factory=dict)
    weight: float = 1.0
    replicate: int = 0
    oddness: float = 1.0
    mean_apart: float = 0.0
    share_apart: float = 0.0
    difference_apart: float = 0.0

    def __post_init__(self) -> None:
        known_rival(self.rival)

    @property
    def given(self) -> Mapping[str, float]:
        """Typical values that replace the published or assumed ones, those of the explanation among them."""
        return {**RIVALS[self.rival], **self.typical}

    def plain(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        return {each.name: getattr(self, each.name) for each in fields(self)} | {"typical": dict(self.typical)}

    @cached_property
    def address(self) -> bytes:
        """Digest of all of it."""
        return hashlib.blake2b(repr(self.plain()).encode(), digest_size=16).digest()

    def value(self, name: str) -> float:
        """Return the typical value of a parameter at this draw."""
        own = self.typical if name in self.typical else RIVALS[self.rival]
        return float(own.get(name, PARAMETERS[name].value))


def people_at_draws(
    population: Population, seed: int, draws: Sequence[Draw], first: Sequence[int], count: int
) -> People:
    """Draw `count` people for each draw of the parameters, from participant ``first[k]`` on for draw k.

    Returns
    -------
    People
        Arrays (draws * count,): the people of the first draw, then those of the second, and so on. Not to be written
        to: the next run with the same people may get the same arrays.
    """
    asked = _Asked(population, seed, tuple(draws), tuple(first), count)
    return _kept(asked) if count * len(draws) <= _MOST_KEPT else _drawn(asked)


@dataclass(frozen=True, eq=False)
class _Asked:
    """Which people at which draws; see `people_at_draws`."""

    population: Population
    seed: int
    draws: tuple[Draw, ...]
    first: tuple[int, ...]
    count: int

    @cached_property
    def address(self) -> tuple[object, ...]:
        at = tuple(draw.address for draw in self.draws)
        return self.population.model_dump_json(), self.seed, at, self.first, self.count

    def __hash__(self) -> int:
        return hash(self.address)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and other.address == self.address


@lru_cache(maxsize=_PEOPLE_KEPT)
def _kept(asked: _Asked) -> People:
    people = _drawn(asked)
    arrays = (*people.values.values(), people.weight_kg, people.age, people.female)
    for values in (*arrays, people.baseline_severity, people.baseline_score):
        values.flags.writeable = False
    return people


def _drawn(asked: _Asked) -> People:
    population, seed, places = asked.population, asked.seed, _Places.of(asked.first, asked.count)
    ranges = [
        Cohort(population=population, participants=start + places.size, seed=seed).people(start, places.size)
        for start in places.starts
    ]
    values = {name: places.taken([part.values[name] for part in ranges]) for name in ranges[0].values}
    weight_kg = places.taken([part.weight_kg for part in ranges])
    given = [draw.given for draw in asked.draws]
    for name in sorted(set().union(*given)):
        values[name] = _moved(name, given, seed, places, asked.count, weight_kg)
    severity = places.taken([part.baseline_severity for part in ranges])
    values |= derived(population, severity, values)
    return People(
        0,
        weight_kg,
        places.taken([part.age for part in ranges]),
        places.taken([part.female for part in ranges]),
        values,
        severity,
        places.taken([part.baseline_score for part in ranges]),
    )


@dataclass(frozen=True, eq=False)
class _Places:
    """Where the people of all draws stand in ranges of participants that lie end to end.

    Parameters
    ----------
    starts : list of int
        Number of the first participant of each range.
    size : int
        Participants of each range.
    rows : array (draws * count,)
    """

    starts: list[int]
    size: int
    rows: NDArray[np.intp]

    @classmethod
    def of(cls, first: Sequence[int], count: int) -> _Places:
        """Lay out one range of all participants where they are few, else one for each start."""
        low, size = min(first), max(first) + count - min(first)
        if size <= _MOST_KEPT:
            starts, begins = [low], [own - low for own in first]
        else:
            starts, size = sorted(set(first)), count
            begins = [count * starts.index(own) for own in first]
        return cls(starts, size, np.add.outer(begins, np.arange(count)).ravel())

    def taken(self, ranges: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """Return the values of all people, (draws * count,), from those of each range, (size,)."""
        return np.concatenate(ranges)[self.rows]


def _moved(
    name: str,
    given: Sequence[Mapping[str, float]],
    seed: int,
    places: _Places,
    count: int,
    weight_kg: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return everybody's own value of a parameter whose typical value differs between draws."""
    rule = PARAMETERS[name]
    centre = np.repeat([own.get(name, rule.value) for own in given], count)
    value = np.asarray(centre, dtype=np.float64)
    if rule.between_subject_sd > 0:
        deviation = places.taken([normals(seed, name, start, places.size)[:, 0] for start in places.starts])
        value = rule.moved(centre, rule.between_subject_sd * deviation)
    if rule.weight_exponent:
        value = value * (weight_kg / 70.0) ** rule.weight_exponent
    return value
