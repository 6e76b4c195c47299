"""One person's scores and what was given, checked and put in order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from math import isfinite

from afterglow.errors import ParameterError, ProtocolError
from afterglow.scales.instruments import scale

__all__ = ["Given", "Record", "Score", "known_scale", "of_suicidality"]

_SUICIDE = ("suicid", "c-ssrs", "cssrs", "bssi", "bss", "ssi", "sbq", "madrs-si", "hopeless")
_FURTHEST_DAY = 3650.0


@dataclass(frozen=True, kw_only=True, order=True)
class Score:
    """One rating.

    Parameters
    ----------
    day : float
        Days from day 0 of the plan; without a plan, from the first score.
    scale : str
        A known scale, under its usual name or another.
    value : float
        The total: a whole number inside the scale's range.
    items : tuple of int
        The single answers, where they were given: the total was scored from them.

    Raises
    ------
    ParameterError
        If the scale is not known or is of suicidality, the total is not one that the scale can give, or the day is
        impossible.
    """

    day: float
    scale: str
    value: float
    items: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        name = known_scale(self.scale)
        object.__setattr__(self, "scale", name)
        object.__setattr__(self, "day", float(self.day))
        object.__setattr__(self, "value", float(self.value))
        instrument = scale(name)
        if not (isfinite(self.day) and abs(self.day) <= _FURTHEST_DAY):
            raise ParameterError(f"a score on day {self.day:.12g} lies more than ten years away; check its date")
        if not (isfinite(self.value) and instrument.low <= self.value <= instrument.high):
            raise ParameterError(
                f"a {name} of {self.value:g} is impossible: it runs from {instrument.low:g} to {instrument.high:g}"
            )
        if instrument.integer and self.value != int(self.value):
            raise ParameterError(f"a {name} is a whole number, not {self.value:g}; give a score, not a mean")


@dataclass(frozen=True, kw_only=True, order=True)
class Given:
    """What was given or done, as a protocol's sentence.

    Parameters
    ----------
    day : float
        Days from day 0 of the plan.
    what : str
        Without its day, such as ``psilocybin 25 mg oral`` or ``integration 90 min individual``.
    """

    day: float
    what: str


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is known of one person: no name, no date of birth, nothing else.

    Parameters
    ----------
    scores : tuple of Score
        In any order; kept by day.
    given : tuple of Given
        In any order; kept by day.
    start : date or None
        Date of day 0, where scores had dates.
    notes : tuple of str
        What had to be assumed or left out when it was read.

    Raises
    ------
    ParameterError
        If there is no score.
    """

    scores: tuple[Score, ...]
    given: tuple[Given, ...] = ()
    start: date | None = None
    notes: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if not self.scores:
            raise ParameterError("there is no score, so there is nothing to forecast from")
        object.__setattr__(self, "scores", tuple(sorted(dict.fromkeys(self.scores))))
        object.__setattr__(self, "given", tuple(sorted(dict.fromkeys(self.given))))

    @property
    def last_day(self) -> float:
        """Day of the last score."""
        return self.scores[-1].day

    @property
    def scales(self) -> tuple[str, ...]:
        """The scales, the most often rated first, then the most recent."""
        names = dict.fromkeys(score.scale for score in reversed(self.scores))
        return tuple(sorted(names, key=lambda name: -len(self.of(name))))

    def of(self, name: str) -> tuple[Score, ...]:
        """Return the scores on one scale."""
        return tuple(score for score in self.scores if score.scale == name)

    def adding(self, *scores: Score) -> Record:
        """Return the record with further scores, which may lie anywhere in time."""
        return replace(self, scores=(*self.scores, *scores))

    def until(self, day: float) -> Record:
        """Return what was known at the end of a day."""
        return replace(self, scores=tuple(s for s in self.scores if s.day <= day))


def known_scale(name: str) -> str:
    """Return the usual name of a scale that can be forecast.

    Raises
    ------
    ParameterError
        If it is not known, or is of suicidality.
    """
    if of_suicidality(name):
        raise ParameterError(f"'{name[:40]}' rates suicidality, which is never forecast")
    try:
        return scale(str(name)).id
    except ProtocolError as error:
        raise ParameterError(error.message) from None


def of_suicidality(name: str) -> bool:
    """Say whether the name of a scale or an item is one of suicidality."""
    plain = " ".join(str(name).lower().replace("_", " ").split())
    words = {word.strip("().,") for word in plain.replace("-", " ").split()} | {plain.split(" ", 1)[0]}
    return any(mark in plain if len(mark) > 5 else mark in words for mark in _SUICIDE)
