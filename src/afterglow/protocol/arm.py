"""One arm of a trial: what its participants are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, StrictBool, field_validator, model_validator

from afterglow.protocol.dose import Dose
from afterglow.protocol.files.mistakes import ProblemsError
from afterglow.protocol.part import Part
from afterglow.protocol.sentences.quantity import Days, Plain, Whole
from afterglow.protocol.sentences.steps import expand_steps
from afterglow.protocol.sentences.text import Label
from afterglow.protocol.session import Practice, Session
from afterglow.protocol.vocabulary import ANTIDEPRESSANT, CARE, FURTHEST_DAY, known_word

__all__ = ["Arm", "Background", "Group"]


class Group(Part):
    """The group a participant belongs to.

    Parameters
    ----------
    size : int
        Members; 1 is individual therapy.
    dosing, integration, community : bool
        Whether the group doses together, integrates together, and meets on for support afterwards.
    community_every_days : float
        Days between community meetings of 1.5 hours, from the last session to the horizon.
    """

    size: Annotated[Whole, Field(ge=1, le=64)] = 1
    dosing: StrictBool = False
    integration: StrictBool = False
    community: StrictBool = False
    community_every_days: Annotated[Days, Field(ge=1, le=365)] = 14.0


class Background(Part):
    """What an arm gets beside its course.

    Parameters
    ----------
    antidepressant : {"none", "new", "continued", "stopped"}
        A conventional antidepressant: none, started with the course, taken on as before, or stopped on day 0. One that
        was taken long before and is taken on is in the baseline already.
    from_day : float
        Day on which a new one is started.
    care : {"none", "usual"}
        Nothing, as on a waiting list, or care as usual.
    """

    antidepressant: str = "none"
    from_day: Annotated[Days, Field(ge=-FURTHEST_DAY, le=FURTHEST_DAY)] = 0.0
    care: str = "none"

    @field_validator("antidepressant", mode="before")
    @classmethod
    def _antidepressant(cls, value: Any) -> str:
        return known_word(value, ANTIDEPRESSANT, "use of an antidepressant")

    @field_validator("care", mode="before")
    @classmethod
    def _care(cls, value: Any) -> str:
        return known_word(value, CARE, "care beside the course")


class Arm(Part):
    """What one arm gives.

    Parameters
    ----------
    id, label : str
    n : int
        Participants of the published arm, when there is one.
    doses, sessions, practice : tuple
        In order of time. An entry may be written as a sentence. ``steps``, sentences or mappings of any kind, may
        stand in place of them or beside them; they are expanded into these three and are not kept.
    group : Group
    background : Background
        What it gets beside its course.
    adherence : float
        Share of the asked practice that is done.

    Raises
    ------
    ProtocolError
        If a step is not understood or a field is impossible.
    """

    id: Annotated[Label, Field(min_length=1, max_length=80)]
    label: Label = ""
    n: Annotated[Whole, Field(ge=1, le=1_000_000)] | None = None
    doses: Annotated[tuple[Dose, ...], Field(max_length=2000)] = ()
    sessions: Annotated[tuple[Session, ...], Field(max_length=2000)] = ()
    practice: Annotated[tuple[Practice, ...], Field(max_length=200)] = ()
    group: Group = Group()
    background: Background = Background()
    adherence: Annotated[Plain, Field(ge=0, le=1)] = 0.6

    @model_validator(mode="before")
    @classmethod
    def _expanded(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        found = expand_steps(data)
        if found.problems:
            raise ProblemsError(found.problems)
        return found.data

    @field_validator("id")
    @classmethod
    def _plain(cls, value: str) -> str:
        if any(mark in value for mark in "|\n\t"):
            raise ValueError("an arm's id must not contain '|', a tab or a line break")
        return value

    @property
    def timed(self) -> tuple[Dose | Session, ...]:
        """Doses, then sessions."""
        return (*self.doses, *self.sessions)

    def dosings(self, medicine: str) -> dict[float, tuple[Dose, ...]]:
        """Return the doses of a medicine by the day on which they are given, both in order of time."""
        doses = sorted((dose for dose in self.doses if dose.medicine == medicine), key=lambda dose: dose.time_h)
        days = dict.fromkeys(dose.day for dose in doses)
        return {day: tuple(dose for dose in doses if dose.day == day) for day in days}

    def to_sentences(self) -> list[str]:
        """Write the arm's doses, sessions and practice as sentences, in order of time."""
        timed = [row.to_sentence() for row in sorted(self.timed, key=lambda row: row.time_h)]
        return timed + [practice.to_sentence() for practice in self.practice]
