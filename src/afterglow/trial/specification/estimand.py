"""What the trial estimates: what each intercurrent event means for it (ICH E9(R1))."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import Field, field_validator, model_validator

from afterglow.protocol.part import Part
from afterglow.protocol.vocabulary import known_word
from afterglow.trial.specification.sentences import known_phrase

__all__ = ["STRATEGIES", "Estimand"]

STRATEGIES = {
    "treatment_policy": "scores count whatever happened",
    "hypothetical": "scores as they would have been without the event: later ones are left out and modelled",
    "composite": "the event is a failure: no better than at baseline from then on, so no response",
    "while_on_treatment": "the last score before the event counts",
    "principal_stratum": "only people who would have the event in neither arm count",
}
"""The five strategies of ICH E9(R1), and what each does here."""

_SENTENCE = re.compile(r"\A\s*(?P<strategy>[a-z_\- ]+?)\s+for\s+(?P<event>.+?)\s*\Z", re.IGNORECASE)


class Estimand(Part):
    """What is estimated.

    Parameters
    ----------
    strategies : mapping of str to str
        By the id of each intercurrent event: treatment policy, hypothetical, composite, while on treatment or
        principal stratum. May be a list of sentences such as ``composite for rescue_medicine``.
    """

    strategies: Mapping[str, str] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, data: Any) -> Any:
        return {"strategies": data} if isinstance(data, (list, tuple, str)) else data

    @field_validator("strategies", mode="before")
    @classmethod
    def _sentences(cls, value: Any) -> Any:
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, (list, tuple)):
            return value
        found: dict[str, str] = {}
        for text in value:
            said = _SENTENCE.match(text) if isinstance(text, str) else None
            if said is None:
                raise ValueError(f"a strategy is written like 'treatment policy for stopping', got {str(text)[:60]!r}")
            if said["event"] in found:
                raise ValueError(f"the event '{said['event']}' has two strategies; keep one")
            found[said["event"]] = said["strategy"]
        return found

    @field_validator("strategies")
    @classmethod
    def _known(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        return {event: known_word(known_phrase(word), STRATEGIES, "strategy") for event, word in value.items()}
