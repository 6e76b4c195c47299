"""The ``trial`` section of a protocol file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from afterglow.protocol.files.mistakes import ProblemsError
from afterglow.protocol.part import Part
from afterglow.protocol.sentences.quantity import Days, Plain, Whole
from afterglow.protocol.sentences.text import Label
from afterglow.trial.specification.analysis import AnalysisPlan
from afterglow.trial.specification.design import DesignPlan
from afterglow.trial.specification.estimand import Estimand
from afterglow.trial.specification.events import Dropout, IntercurrentEvent
from afterglow.trial.specification.expectancy import Expectancy, Guesses
from afterglow.trial.specification.sentences import known_phrase

__all__ = ["FEWEST", "MOST", "TrialSection"]

FEWEST, MOST = 4, 20_000
"""People of an arm below and above which nothing is simulated."""


class TrialSection(Part):
    """What makes a trial of a protocol.

    Parameters
    ----------
    active : tuple of str
        Ids of the arms that are compared with the control; the first is the primary one. A single one may stand alone.
    control : str
        Id of the control arm.
    scale : str
        Of the primary outcome; empty for that of the population.
    day : float
        Of the primary outcome, from the first dosing day.
    estimand : Estimand
    intercurrent_events : tuple of IntercurrentEvent
    dropout : Dropout, "published" or None
        Apart from intercurrent events. "published" is the share that trials of the active arm's medicine lost.
    analyses : tuple of AnalysisPlan
    sizes : tuple of int
        People of the control arm.
    allocation : mapping of str to float
        People of an arm for each of the control arm; 1 where nothing is said.
    designs : tuple of DesignPlan
    alpha : float
        One-sided.
    expectancy : Expectancy
    guesses : Guesses
    factors : mapping of str to tuple of str, or None
        Of a 2 x 2 factorial trial: by factor, the arms that have it.

    Raises
    ------
    ProtocolError
        With the first mistake; `parse` gives them all.
    """

    active: Annotated[tuple[Label, ...], Field(min_length=1, max_length=8)]
    control: Label
    scale: Label = ""
    day: Annotated[Days, Field(gt=0, le=3650)]
    estimand: Estimand = Estimand()
    intercurrent_events: Annotated[tuple[IntercurrentEvent, ...], Field(max_length=8)] = ()
    dropout: Dropout | Literal["published"] | None = None
    analyses: Annotated[tuple[AnalysisPlan, ...], Field(min_length=1, max_length=6)] = (AnalysisPlan(method="mmrm"),)
    sizes: Annotated[tuple[Whole, ...], Field(min_length=1, max_length=20)]
    allocation: Mapping[str, Annotated[Plain, Field(gt=0, le=20)]] = Field(default_factory=dict)
    designs: Annotated[tuple[DesignPlan, ...], Field(min_length=1, max_length=12)] = (DesignPlan.made("fixed"),)
    alpha: Annotated[Plain, Field(gt=0, lt=0.5)] = 0.025
    expectancy: Expectancy = Expectancy()
    guesses: Guesses = Guesses()
    factors: Mapping[str, tuple[str, ...]] | None = None

    @field_validator("dropout", mode="before")
    @classmethod
    def _published(cls, value: Any) -> Any:
        if isinstance(value, str) and value.strip().lower() == "published":
            return "published"
        if value is None or isinstance(value, Dropout):
            return value
        found, wrong = Dropout.parse(value)
        if wrong:
            raise ProblemsError(wrong)
        return found

    @field_validator("sizes", "active", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return value if value is None or isinstance(value, (list, tuple)) else [value]

    @field_validator("analyses", "designs", "intercurrent_events", mode="before")
    @classmethod
    def _one_or_more(cls, value: Any) -> Any:
        return value if value is None or isinstance(value, (list, tuple)) else [value]

    @field_validator("sizes")
    @classmethod
    def _possible(cls, sizes: tuple[int, ...]) -> tuple[int, ...]:
        for size in sizes:
            if not FEWEST <= size <= MOST:
                raise ValueError(f"a size is {FEWEST} to {MOST} people of the control arm, got {size}")
        return tuple(dict.fromkeys(sizes))

    @model_validator(mode="after")
    def _consistent(self) -> TrialSection:
        if self.control in self.active:
            raise ValueError(f"the active and the control arm are both '{self.control}'; a trial compares two")
        if len(set(self.active)) < len(self.active):
            raise ValueError("an active arm stands twice; keep one")
        for what, rows in (("event", self.intercurrent_events), ("analysis", self.analyses), ("design", self.designs)):
            names = [row.id for row in rows]
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice:
                raise ValueError(f"two of the same name, the {what} '{twice}'; give one of them another id")
        object.__setattr__(self, "estimand", self._paired())
        return self

    def _paired(self) -> Estimand:
        """Return the estimand with the ids of its events as the events write them, each with its strategy."""
        by_phrase = {known_phrase(event.id): event.id for event in self.intercurrent_events}
        found = {}
        for name, strategy in self.estimand.strategies.items():
            if known_phrase(name) not in by_phrase:
                known = f"events: {', '.join(by_phrase.values())}" if by_phrase else "the trial has none"
                raise ValueError(
                    f"the estimand has a strategy for '{name[:60]}', which is no intercurrent event; {known}"
                )
            found[by_phrase[known_phrase(name)]] = strategy
        without = next((event.id for event in self.intercurrent_events if event.id not in found), None)
        if without:
            raise ValueError(
                f"the estimand says nothing of the event '{without}'; write such as 'treatment policy for {without}'"
            )
        return Estimand(strategies=found)
