"""The forecast of one person, whole: what is known, what is expected, and what is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from scipy.special import ndtri

from afterglow.errors import ParameterError
from afterglow.forecast.bank import Bank, arm_of, bank_of, care_bank, without_medicine
from afterglow.forecast.following import Following, follow
from afterglow.forecast.outlook import (
    Band,
    Chances,
    Change,
    Track,
    bands_on,
    beginning_of,
    chances_by,
    change_of,
    track_of,
)
from afterglow.forecast.plan import lived_arm, variants
from afterglow.forecast.record.readings import record_from_data
from afterglow.forecast.record.score import Record, known_scale
from afterglow.forecast.unknowns import Belief
from afterglow.protocol import Arm, Protocol
from afterglow.safety.purpose import ONE_PERSON
from afterglow.safety.scores import ScoreCaution, cautions_of_score

__all__ = ["Forecast", "WhatIf", "cautions_of", "forecast"]

_AHEAD_DAYS = 84.0
"""Days from the last score to the chosen day, where nobody chooses: twelve weeks."""
_POINTS_IN_TIME = 25
_UNLIKELY = 0.01
"""Chance of scores as odd as these below which they are called unlike the plan; assumed."""
_MUCH_LIKELIER = 20.0
_NODES = ndtri((np.arange(9) + 0.5) / 9)
_FULLY_APART = 0.5
"""As in `afterglow.results.contrasts`: paired difference, in SDs between people, from which on arms depart fully."""


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """What one thing more would change for this person on the chosen day.

    Parameters
    ----------
    what : str
    points : float
        Expected difference of the score; below zero is better.
    low, high : float
        Its 90 % interval: parameters, explanations, this person, and the departures of trials.
    clear : bool
        Whether the difference is larger than what is not known about it: the interval leaves out zero.
    """

    what: str
    points: float
    low: float
    high: float
    clear: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Forecast:
    """What one person's own scores say about what comes next.

    Parameters
    ----------
    scale : str
    day : float
        The chosen day.
    label : str
        What the person is given, in words.
    with_medicine : bool
        False: a course without any medicine.
    record : Record
    cautions : tuple of ScoreCaution
        What the last scores call for; to be read before anything else.
    bands : tuple of Band
        From the last score to the chosen day.
    expected : tuple of Band
        Of people who began alike, from the beginning to the chosen day.
    chances : Chances
    track : Track
    change : Change or None
    what_if : tuple of WhatIf
    followed : Following
    surprise : float
        Chance of scores that are as odd as these, if the plan and the record are right.
    against_care : float or None
        How many times better the plan explains the scores than a course without any medicine; None without a plan.
    notes : tuple of str
    """

    scale: str
    day: float
    label: str
    with_medicine: bool
    record: Record
    cautions: tuple[ScoreCaution, ...]
    bands: tuple[Band, ...]
    expected: tuple[Band, ...]
    chances: Chances
    track: Track
    change: Change | None
    what_if: tuple[WhatIf, ...]
    followed: Following
    surprise: float
    against_care: float | None
    notes: tuple[str, ...] = ()

    @property
    def last(self) -> Band:
        """The band of the chosen day."""
        return self.bands[-1]

    @property
    def doubts(self) -> tuple[str, ...]:
        """Reasons to doubt that the plan, the days or the scale are those of this person."""
        found = []
        if self.surprise < _UNLIKELY:
            found.append(
                "These scores are very unlike those of anybody here: check the scale, the days, and what was given."
            )
        if self.against_care is not None and self.against_care * _MUCH_LIKELIER < 1:
            found.append(
                "A course without any medicine explains these scores much better than the plan: check what was given."
            )
        return tuple(found)

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        followed = self.followed
        return {
            "cautions": [asdict(caution) for caution in self.cautions],
            "purpose": ONE_PERSON,
            "scale": self.scale,
            "day": self.day,
            "day_0": None if self.record.start is None else self.record.start.isoformat(),
            "course": self.label,
            "with_medicine": self.with_medicine,
            "scores": [{"day": s.day, "scale": s.scale, "score": s.value} for s in self.record.scores],
            "track": asdict(self.track),
            "change": asdict(self.change) if self.change else None,
            "forecast": asdict(self.last),
            "chances": asdict(self.chances),
            "bands": [asdict(band) for band in self.bands],
            "expected": [asdict(band) for band in self.expected],
            "what_if": [asdict(row) for row in self.what_if],
            "explanations": {
                name: {"before": before, "after": after} for name, (before, after) in followed.rivals.items()
            },
            "effective_size": followed.effective_size,
            "moved": followed.moved is not None,
            "moves_taken": followed.moved,
            "surprise": self.surprise,
            "times_likelier_than_without_medicine": self.against_care,
            "doubts": list(self.doubts),
            "notes": list(self.notes),
        }


def forecast(
    scores: Record | Sequence[Mapping[str, Any]] | Mapping[str, Any],
    *,
    protocol: Protocol | None = None,
    arm: str | None = None,
    scale: str | None = None,
    day: float | None = None,
    belief: Belief | None = None,
    what_if: bool = True,
    seed: int = 1,
) -> Forecast:
    """Forecast one person from their own scores.

    Parameters
    ----------
    scores : Record, or plain data
        A list such as ``[{"day": 0, "scale": "PHQ-9", "score": 18}]``, a mapping with ``scores`` and ``given``, or a
        FHIR bundle; see `afterglow.forecast.record.readings`.
    protocol : Protocol, optional
        The plan; without one, a course without any medicine is forecast.
    arm : str, optional
        The person's arm; by default the first of the plan.
    scale : str, optional
        What is forecast; by default the scale that was rated most often.
    day : float, optional
        Until when; by default twelve weeks from the last score.
    belief : Belief, optional
        What other people of the same place say of the unknowns; by default published or assumed values.
    what_if : bool
        Whether additions to the plan are compared.
    seed : int

    Returns
    -------
    Forecast

    Raises
    ------
    ParameterError
        If a score, the scale or the day is impossible.
    ProtocolError
        If the plan, or what was given, is.
    """
    record = scores if isinstance(scores, Record) else record_from_data(scores, scale=scale)
    name = known_scale(scale) if scale else record.scales[0]
    until = record.last_day + _AHEAD_DAYS if day is None else float(day)
    if until < record.last_day:
        raise ParameterError(f"day {until:g} lies before the last score on day {record.last_day:g}; choose a later one")
    notes = list(record.notes)
    if not record.of(name):
        notes.append(f"no {name} was rated: it is read from the {record.scales[0]} through what links the two")
    chosen, bank = None, None
    if protocol is None:
        if record.given:
            raise ParameterError("the record says what was given, so the plan is needed: name it with --protocol")
        bank = care_bank(name, until_day=until, seed=seed)
    else:
        chosen = lived_arm(arm_of(protocol, arm), record)
        if arm is None and len(protocol.arms) > 1:
            known = ", ".join(a.id for a in protocol.arms)
            notes.append(f"taken for somebody in arm '{chosen.id}', the first of {known}; --arm names another")
        bank = bank_of(protocol, chosen, until_day=until, seed=seed, store=not record.given)
        notes += _of_days(record, bank)
    followed = follow(bank, record, belief=belief, seed=seed)
    care = None
    if protocol is not None and bank.with_medicine:
        care = follow(without_medicine(protocol, until_day=until, seed=seed), record, belief=belief, seed=seed)
    began = follow(bank, beginning_of(record), belief=belief, seed=seed)
    days = _days(record.last_day, until)
    return Forecast(
        scale=name,
        day=until,
        label=bank.label,
        with_medicine=bank.with_medicine,
        record=record,
        cautions=cautions_of(record),
        bands=bands_on(followed, name, days),
        expected=bands_on(began, name, _days(began.record.last_day, until)),
        chances=chances_by(followed, name, until),
        track=track_of(followed, name, began=began),
        change=change_of(record, name),
        what_if=_what_if(followed, protocol, chosen, name, until, seed) if what_if and protocol and chosen else (),
        followed=followed,
        surprise=followed.surprise,
        against_care=None if care is None else float(np.exp(followed.log_evidence - care.log_evidence)),
        notes=tuple(notes),
    )


def _days(begin: float, end: float) -> list[float]:
    if end <= begin:
        return [begin]
    between = np.round(np.linspace(begin, end, _POINTS_IN_TIME)[1:-1])
    return [begin, *(float(day) for day in np.unique(between) if begin < day < end), end]


def _of_days(record: Record, bank: Bank) -> list[str]:
    before = sum(1 for score in record.scores if score.day < bank.begins)
    if not before:
        return []
    return [f"{before} score{'s lie' if before > 1 else ' lies'} before the plan: where the person comes from"]


def cautions_of(record: Record) -> tuple[ScoreCaution, ...]:
    """Return what the last score of every scale calls for, and its last single answers; the most urgent first."""
    found: dict[str, ScoreCaution] = {}
    for name in record.scales:
        scores = record.of(name)
        answered = [score.day for score in scores if score.items]
        for score in scores:
            if score.day in (scores[-1].day, *answered[-1:]):
                called = cautions_of_score(name, score.value, score.items)
                found.update({c.sentence: c for c in called if score.day == scores[-1].day or c.level == "urgent"})
    return tuple(sorted(found.values(), key=lambda caution: caution.level != "urgent"))


def _what_if(followed: Following, protocol: Protocol, arm: Arm, name: str, day: float, seed: int) -> tuple[WhatIf, ...]:
    base = followed.means(name, day)
    weights = followed.weights
    mean = float((weights * base).sum())
    sd = float(np.sqrt((weights * (base - mean) ** 2).sum()))
    apart = followed.bank.apart[followed.people.draw]
    found = []
    for what, changed in variants(arm, now=followed.record.last_day, until_day=day).items():
        bank = bank_of(protocol, changed, until_day=day, seed=seed, store=False)
        move = replace(followed, bank=bank).means(name, day) - base
        size = float(np.sqrt((weights * move**2).sum()))
        departed = apart * sd * min(1.0, size / max(_FULLY_APART * sd, 1e-9))
        cloud = (move[..., None] + departed[..., None] * _NODES).ravel()
        order = np.argsort(cloud)
        cumulated = np.cumsum(np.repeat(weights.ravel() / len(_NODES), len(_NODES))[order])
        low, high = (float(cloud[order][np.searchsorted(cumulated, at)]) for at in (0.05, 0.95))
        points = float((weights * move).sum())
        found.append(WhatIf(what=what, points=points, low=low, high=high, clear=low > 0 or high < 0))
    return tuple(found)
