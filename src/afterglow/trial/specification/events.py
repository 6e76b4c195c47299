"""What comes between a person and the end of a trial: intercurrent events, and dropout apart from them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from afterglow.protocol.part import Part
from afterglow.protocol.sentences.quantity import Days, Plain
from afterglow.protocol.sentences.text import Label
from afterglow.protocol.vocabulary import known_word
from afterglow.trial.specification.sentences import Share, by_day, fields_by_day, got, known_phrase

__all__ = ["EVENT_KINDS", "Dropout", "HazardRatio", "IntercurrentEvent"]

EVENT_KINDS = ("rescue_medicine", "stopping", "other_treatment", "unblinding")
"""Rescue medicine is taken, the treatment stopped, another treatment begun, or the arm found out."""

_SENTENCE = re.compile(r"\A\s*(?P<kind>[a-z_\- ]+?)\s+(?:in\s+)?(?P<rest>[\d.].*)\Z", re.IGNORECASE)


class HazardRatio(Part):
    """How much likelier an event is in people whose simulated state differs; 1 is no difference.

    Parameters
    ----------
    severity : float
        For each SD of the population's baseline by which the score lies above the baseline mean.
    improvement : float
        For each such SD by which the score has fallen since baseline.
    felt : float
        For an experience that was felt as strongly as possible, against one that was not felt.
    belief : float
        For being sure to have got the active arm, against being sure of the other.
    """

    severity: Annotated[Plain, Field(gt=0, le=100)] = 1.0
    improvement: Annotated[Plain, Field(gt=0, le=100)] = 1.0
    felt: Annotated[Plain, Field(gt=0, le=1000)] = 1.0
    belief: Annotated[Plain, Field(gt=0, le=1000)] = 1.0


class IntercurrentEvent(Part):
    """An event after randomisation that changes what a later score means.

    Parameters
    ----------
    id : str
        By which the estimand names it; by default its kind.
    kind : {"rescue_medicine", "stopping", "other_treatment", "unblinding"}
    share : float
        Of the control arm that has it by `by_day`, on average over the explanations.
    by_day : float
    arms : mapping of str to float
        Shares of arms of which another is known.
    hazard_ratio : HazardRatio
        Who has it sooner. Arms of which no share is known have more or fewer as their state is another.
    points : float
        By how many points the score changes once it has happened; below zero is better.
    source : str
        Where the share is from; the report names it.

    Notes
    -----
    May be written as a sentence: ``rescue medicine in 8 % by day 42``.
    """

    id: Annotated[Label, Field(max_length=60)] = ""
    kind: str
    share: Share
    by_day: Annotated[Days, Field(gt=0, le=3650)]
    arms: Mapping[str, Share] = Field(default_factory=dict)
    hazard_ratio: HazardRatio = HazardRatio()
    points: Plain = 0.0
    source: Annotated[Label, Field(max_length=200)] = ""

    @model_validator(mode="before")
    @classmethod
    def _sentence(cls, data: Any) -> Any:
        if not isinstance(data, str):
            return data
        found = _SENTENCE.match(data)
        told = by_day(found["rest"]) if found else None
        if found is None or told is None:
            raise ValueError(f"an event is written like 'rescue medicine in 8 % by day 42', {got(data)}")
        return {"kind": re.sub(r"\s+in$", "", found["kind"]), "share": told[0], "by_day": told[1]}

    @field_validator("kind", mode="before")
    @classmethod
    def _kind(cls, value: Any) -> str:
        return known_word(known_phrase(value) if isinstance(value, str) else value, EVENT_KINDS, "intercurrent event")

    @field_validator("share")
    @classmethod
    def _possible(cls, value: float) -> float:
        if value >= 1:
            raise ValueError("an event that everybody has leaves nothing to compare; expected a share below 100 %")
        return value

    @model_validator(mode="after")
    def _named(self) -> IntercurrentEvent:
        if not self.id:
            object.__setattr__(self, "id", self.kind)
        return self


class Dropout(Part):
    """Who stops coming, so that no later score is known; apart from intercurrent events.

    Parameters
    ----------
    share : float
        Of the control arm that is lost by `by_day`, on average over the explanations.
    by_day : float
    arms : mapping of str to float
        Shares of arms of which another is known.
    hazard_ratio : HazardRatio
        Who is lost sooner.
    source : str
        Where the share is from; the report names it.

    Notes
    -----
    May be written as a sentence: ``10 % by day 42``.
    """

    share: Share
    by_day: Annotated[Days, Field(gt=0, le=3650)]
    arms: Mapping[str, Share] = Field(default_factory=dict)
    hazard_ratio: HazardRatio = HazardRatio()
    source: Annotated[Label, Field(max_length=200)] = ""

    @model_validator(mode="before")
    @classmethod
    def _sentence(cls, data: Any) -> Any:
        return fields_by_day(data, "dropout")

    @field_validator("share")
    @classmethod
    def _possible(cls, value: float) -> float:
        if value >= 1:
            raise ValueError("a trial that loses everybody has nothing to analyse; expected a share below 100 %")
        return value
