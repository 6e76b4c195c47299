"""The ``optimise:`` section of a protocol's file: what may move, within which limits, and what counts."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from afterglow.errors import nearest
from afterglow.plan.space.options import (
    Amounts,
    DayOptions,
    Formats,
    HourOptions,
    Kinds,
    Numbers,
    Switches,
    WeeklyHours,
)
from afterglow.protocol.part import Part
from afterglow.protocol.sentences.quantity import Days, Hours, Plain, Whole
from afterglow.protocol.vocabulary import APPROACHES, TASKS, known_word
from afterglow.units import NUMBER, read_number

__all__ = [
    "AIMS",
    "WEEKDAYS",
    "Aim",
    "Dosings",
    "GroupMoves",
    "Limits",
    "Moves",
    "Optimise",
    "PracticeMoves",
    "SafetyVisit",
    "SessionMoves",
]

AIMS = (
    "mean score",
    "lasting responses",
    "cost per lasting response",
    "therapist hours per lasting response",
    "net benefit",
)
"""What may count."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MEAN = re.compile(rf"\Amean(?:\s+(?P<scale>\S+))?\s+(?:score\s+)?(?:on|at)\s+day\s+(?P<day>{NUMBER})\Z", re.IGNORECASE)


class Aim(Part):
    """What counts.

    Parameters
    ----------
    what : str
        One of `AIMS`.
    scale : str
        Empty for that of the population.
    day : float or None
        Of the mean score; None for the last day of rating.
    """

    what: str
    scale: str = ""
    day: Days | None = None

    @model_validator(mode="before")
    @classmethod
    def _sentence(cls, data: Any) -> Any:
        """Read ``mean MADRS on day 84`` or a bare name."""
        if isinstance(data, (int, float, list)):
            raise ValueError(f"an aim is a sentence, such as 'mean score on day 84', or one of {', '.join(AIMS)}")
        if not isinstance(data, str):
            return data
        found = _MEAN.match(data.strip())
        if found:
            named = found["scale"] or ""
            return {
                "what": "mean score",
                "scale": "" if named.lower() == "score" else named,
                "day": read_number(found["day"], "the day"),
            }
        return {"what": data}

    @field_validator("what", mode="before")
    @classmethod
    def _known(cls, value: Any) -> str:
        word = " ".join(str(value).lower().replace("_", " ").split())
        if word not in AIMS:
            raise ValueError(f"unknown aim {str(value)[:60]!r}: {nearest(word, AIMS)}, or 'mean score on day 84'")
        return word


class Dosings(Part):
    """How often the dosing day is held, and how far apart.

    Parameters
    ----------
    number : tuple of int
    days_between : tuple of float
        Empty where a single dosing, or the arm's own days, say it.
    """

    number: Numbers
    days_between: DayOptions = ()

    @model_validator(mode="after")
    def _possible(self) -> Dosings:
        if min(self.number) < 1:
            raise ValueError("a plan has at least 1 dosing; an arm without any has nothing to space")
        if any(gap <= 0 for gap in self.days_between):
            raise ValueError("days_between must be above 0")
        return self


class SessionMoves(Part):
    """Sessions of one kind, which stand in place of the arm's own of that kind.

    Parameters
    ----------
    kind : tuple of str
        Several where the kind itself may move.
    number : tuple of int
        After each dosing, or in all where they hang on the first or the last one.
    day : tuple of float
        Days from the dosing to the first session; before it they are negative.
    every_days : tuple of float
    hours : tuple of float
    format : tuple of str
    after : {"each", "first", "last"}
        Dosing from which days count.
    tasks : tuple of str
        Of integration.
    approach : str
        Of psychotherapy.
    """

    kind: Kinds
    number: Numbers
    day: DayOptions = (1.0,)
    every_days: DayOptions = (7.0,)
    hours: HourOptions = (1.0,)
    format: Formats = ("individual",)
    after: Literal["each", "first", "last"] = "each"
    tasks: tuple[str, ...] = ()
    approach: str = ""

    @property
    def name(self) -> str:
        """What its choices are called by: its kind, or all of them."""
        return " or ".join(self.kind)

    @field_validator("tasks", mode="before")
    @classmethod
    def _tasks(cls, value: Any) -> tuple[str, ...]:
        words = [value] if isinstance(value, str) else value
        return tuple(known_word(word, TASKS, "task of integration") for word in words)

    @field_validator("approach", mode="before")
    @classmethod
    def _approach(cls, value: Any) -> str:
        return known_word(value, APPROACHES, "approach of psychotherapy") if value else ""

    @model_validator(mode="before")
    @classmethod
    def _before(cls, data: Any) -> Any:
        """Lay preparation before the first dosing where nobody says otherwise."""
        if isinstance(data, dict) and data.get("kind") == "preparation":
            return {"day": -7, "every_days": 3, "after": "first", **data}
        return data

    @model_validator(mode="after")
    def _possible(self) -> SessionMoves:
        if "preparation" in self.kind and (max(self.day) >= 0 or self.after != "first"):
            raise ValueError("preparation comes before the first dosing: give it days below 0, such as day: [-14, -7]")
        if "integration" in self.kind and min(self.day) < 0:
            raise ValueError("integration follows a dosing: give it days of 0 or more")
        if any(hours <= 0 or hours > 24 for hours in self.hours):
            raise ValueError("a session lasts more than 0 and at most 24 hours; leave sessions out with number: 0")
        if any(days <= 0 for days in self.every_days):
            raise ValueError("every_days must be above 0")
        return self


class PracticeMoves(Part):
    """Practice between sessions; 0 hours per week is none.

    Parameters
    ----------
    hours_per_week : tuple of float
    from_day : tuple of float
    to_day : tuple of float
    """

    hours_per_week: WeeklyHours
    from_day: DayOptions = (2.0,)
    to_day: DayOptions = (60.0,)

    @model_validator(mode="after")
    def _possible(self) -> PracticeMoves:
        if any(not 0 <= hours <= 112 for hours in self.hours_per_week):
            raise ValueError("practice is asked for 0 to 112 hours per week")
        if max(self.from_day) >= min(self.to_day):
            raise ValueError(
                f"practice must end after it begins, got from day {max(self.from_day):g} to day {min(self.to_day):g}"
            )
        return self


class GroupMoves(Part):
    """The group that a person belongs to.

    Parameters
    ----------
    size : tuple of int
        1 is individual therapy.
    dosing, integration, community : tuple of bool
        See `afterglow.protocol.Group`; sessions whose own format is a group need none of them.
    """

    size: Numbers = (1,)
    dosing: Switches = (False,)
    integration: Switches = (False,)
    community: Switches = (False,)

    @model_validator(mode="after")
    def _possible(self) -> GroupMoves:
        if not all(1 <= size <= 64 for size in self.size):
            raise ValueError("a group has 1 to 64 members")
        return self


class Moves(Part):
    """What may move. What is not named stays as the arm has it.

    Parameters
    ----------
    dose : tuple of str
        Amounts of the arm's largest dose; its other doses of that medicine keep their ratio to it.
    dosings : Dosings or None
    sessions : tuple of SessionMoves
        At most one a kind.
    practice : PracticeMoves or None
    group : GroupMoves or None
    """

    dose: Amounts = ()
    dosings: Dosings | None = None
    sessions: Annotated[tuple[SessionMoves, ...], Field(max_length=8)] = ()
    practice: PracticeMoves | None = None
    group: GroupMoves | None = None

    @model_validator(mode="after")
    def _each_kind_once(self) -> Moves:
        kinds = [kind for block in self.sessions for kind in block.kind]
        twice = next((kind for k, kind in enumerate(kinds) if kind in kinds[:k]), None)
        if twice:
            raise ValueError(f"sessions of {twice} stand twice; write all of a kind in one entry")
        return self


class SafetyVisit(Part):
    """A visit after a dosing, which is added where a plan has no contact with a clinician by then.

    Parameters
    ----------
    after : {"each", "last"}
        Each dosing day, or the last one alone.
    within_days : float
        After the dosing.
    hours : float
    """

    after: Literal["each", "last"] = "each"
    within_days: Annotated[Days, Field(ge=1, le=28)] = 2.0
    hours: Annotated[Hours, Field(gt=0, le=4)] = 0.5


class Limits(Part):
    """What no plan may break.

    Parameters
    ----------
    therapist_hours : float or None
        Most hours of clinicians for one person.
    cost : float or None
        Most that the course may cost, in the currency of ``economics``.
    largest_dose : tuple of str
        One amount in mg or mg/kg; empty for the largest that anybody reported.
    shortest_gap_days : float or None
        Between two dosing days.
    first_day, last_day : float or None
        Of doses and sessions.
    closed : tuple of str
        Days of the week without doses or sessions.
    day_0_is : str
        Day of the week of the first dosing, where some are closed.
    safety_visit : SafetyVisit
        Every plan has at least one.
    """

    therapist_hours: Annotated[Hours, Field(ge=0)] | None = None
    cost: Annotated[Plain, Field(ge=0)] | None = None
    largest_dose: Amounts = ()
    shortest_gap_days: Annotated[Days, Field(ge=0)] | None = None
    first_day: Days | None = None
    last_day: Days | None = None
    closed: tuple[str, ...] = ()
    day_0_is: str = ""
    safety_visit: SafetyVisit = SafetyVisit()

    @field_validator("closed", mode="before")
    @classmethod
    def _closed(cls, value: Any) -> tuple[str, ...]:
        words = [value] if isinstance(value, str) else value
        if not isinstance(words, (list, tuple)):
            raise ValueError("closed must be a list of days of the week")
        return tuple(known_word(word, WEEKDAYS, "day of the week") for word in words)

    @field_validator("day_0_is", mode="before")
    @classmethod
    def _day_0(cls, value: Any) -> str:
        return known_word(value, WEEKDAYS, "day of the week") if value else ""

    @model_validator(mode="after")
    def _possible(self) -> Limits:
        if len(self.largest_dose) > 1:
            raise ValueError("largest_dose is one amount, such as 25 mg")
        if self.closed and not self.day_0_is:
            raise ValueError("closed days of the week need day_0_is, the weekday of the first dosing")
        if self.first_day is not None and self.last_day is not None and self.last_day < self.first_day:
            raise ValueError(f"last_day {self.last_day:g} comes before first_day {self.first_day:g}")
        return self

    def is_closed(self, day: float) -> bool:
        """Return whether nothing can be held on a day, counted from the first dosing."""
        return bool(self.closed) and self.weekday(day) in self.closed

    def weekday(self, day: float) -> str:
        """Return the day of the week of a day, counted from the first dosing."""
        return WEEKDAYS[(WEEKDAYS.index(self.day_0_is) + math.floor(day)) % len(WEEKDAYS)]


class Optimise(Part):
    """What of a schedule may move, within which limits, and what counts.

    Parameters
    ----------
    aim : Aim
        A sentence such as ``mean score on day 84``, or one of `AIMS`.
    move : Moves
    limits : Limits
    arm : str
        Id of the arm whose schedule is chosen; empty for the first.
    margin : float
        A gain in the aim up to which two plans count as alike, beside what the simulation cannot tell apart.
    evaluations : int
        Most plans that are simulated in the search.
    """

    aim: Aim = Aim(what="lasting responses")
    move: Moves
    limits: Limits = Limits()
    arm: str = ""
    margin: Annotated[Plain, Field(ge=0)] = 0.0
    evaluations: Annotated[Whole, Field(ge=10, le=100_000)] = 1000
