"""Contact with therapists, and practice between sessions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from afterglow.protocol.part import Part
from afterglow.protocol.sentences.phrase import called, length, when
from afterglow.protocol.sentences.quantity import Days, Hours, HoursPerWeek
from afterglow.protocol.sentences.text import Label
from afterglow.protocol.vocabulary import APPROACHES, FORMATS, FURTHEST_DAY, SESSION_KINDS, TASKS, known_word
from afterglow.units import number_text

__all__ = ["Practice", "Session"]


class Session(Part):
    """One session.

    Parameters
    ----------
    day, hour : float
        Start: days from the first dosing day, and hours after the start of that day.
    kind : str
        preparation, dosing, integration, psychotherapy, training or education.
    hours : float
        Length.
    format : str
        individual, group or digital.
    tasks : tuple of str
        Tasks of integration it works on: insights, steps, practice; each gets a third of the hours.
    approach : str
        Of psychotherapy: trauma_focused, cognitive_behavioural, behavioural_activation, interpersonal, psychodynamic,
        mindfulness or supportive. Empty is what is usual in the condition: trauma-focused in PTSD, else cognitive
        behavioural.
    label : str

    Raises
    ------
    ProtocolError
        If a word is unknown, the length is not above 0, tasks are given to anything but integration, or an approach to
        anything but psychotherapy.
    """

    day: Annotated[Days, Field(ge=-FURTHEST_DAY, le=FURTHEST_DAY)]
    hour: Annotated[Hours, Field(ge=0, lt=24)] = 0.0
    kind: str
    hours: Annotated[Hours, Field(gt=0, le=24)]
    format: str = "individual"
    tasks: tuple[str, ...] = ()
    approach: str = ""
    label: Label = ""

    @field_validator("kind", mode="before")
    @classmethod
    def _kind(cls, value: Any) -> str:
        return known_word(value, SESSION_KINDS, "kind of session")

    @field_validator("format", mode="before")
    @classmethod
    def _format(cls, value: Any) -> str:
        return known_word(value, FORMATS, "format")

    @field_validator("approach", mode="before")
    @classmethod
    def _approach(cls, value: Any) -> str:
        return "" if value in (None, "") else known_word(value, APPROACHES, "approach of psychotherapy")

    @field_validator("tasks", mode="before")
    @classmethod
    def _tasks(cls, value: Any) -> tuple[str, ...]:
        words = [value] if isinstance(value, str) else value
        if not isinstance(words, (list, tuple)):
            raise ValueError("tasks must be a list of insights, steps and practice")
        found = {known_word(word, TASKS, "task of integration") for word in words}
        return tuple(task for task in TASKS if task in found)

    @model_validator(mode="before")
    @classmethod
    def _default_tasks(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and data.get("tasks") is None:
            integration = str(data.get("kind")).strip().lower() == "integration"
            return {**data, "tasks": TASKS if integration else ()}
        return data

    @model_validator(mode="after")
    def _tasks_of_integration(self) -> Session:
        if self.tasks and self.kind != "integration":
            raise ValueError(f"only integration has tasks, not {self.kind}")
        if self.kind == "integration" and not self.tasks:
            raise ValueError("integration needs at least one task: insights, steps or practice")
        if self.approach and self.kind != "psychotherapy":
            raise ValueError(f"only psychotherapy has an approach, not {self.kind}")
        return self

    @property
    def time_h(self) -> float:
        """Hours from the start of day 0."""
        return self.day * 24.0 + self.hour

    @property
    def start_day(self) -> float:
        """When it begins, in days from the start of day 0."""
        return self.day + self.hour / 24.0

    def to_sentence(self) -> str:
        """Write the session as a sentence, such as ``integration 90 min individual on day 1``."""
        tasks = "" if self.tasks in ((), TASKS) else f": {', '.join(self.tasks)}"
        head = f"{self.kind} {length(self.hours)} {self.format} {when(self.day, self.hour)}"
        approach = f": {self.approach}" if self.approach else ""
        return head + tasks + approach + called(self.label)


class Practice(Part):
    """Practice asked between sessions.

    Parameters
    ----------
    from_day, to_day : float
        First and last day.
    hours_per_week : float
    """

    from_day: Annotated[Days, Field(ge=-FURTHEST_DAY, le=FURTHEST_DAY)]
    to_day: Annotated[Days, Field(ge=-FURTHEST_DAY, le=FURTHEST_DAY)]
    hours_per_week: Annotated[HoursPerWeek, Field(gt=0, le=112)]

    @model_validator(mode="after")
    def _forward(self) -> Practice:
        if self.to_day <= self.from_day:
            raise ValueError(f"practice must end after it begins, got day {self.from_day:g} to day {self.to_day:g}")
        return self

    def to_sentence(self) -> str:
        """Write the practice as a sentence, such as ``practice 3 h per week from day 1 to day 60``."""
        days = f"from day {number_text(self.from_day)} to day {number_text(self.to_day)}"
        return f"practice {number_text(self.hours_per_week)} h per week {days}"
