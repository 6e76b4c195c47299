"""Cautions that a plan calls up, and the words on medications and history that may be asked with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from afterglow.citations import reference
from afterglow.errors import nearest
from afterglow.protocol import Protocol
from afterglow.protocol.timeline import extrapolations
from afterglow.safety.check import check_protocol
from afterglow.safety.words import normalise, recognise, word_classes

__all__ = ["Caution", "PlanWord", "cautions", "names_ssri", "plan_words", "unknown_word"]

_SSRI = "SSRI"


class Caution(BaseModel):
    """A published warning that meets the plan."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: str
    sentence: str
    source: str | None
    url: str | None


class PlanWord(BaseModel):
    """A word on medications or history that can be chosen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    kind: Literal["medication", "history"]
    label: str
    words: tuple[str, ...]


def cautions(
    protocol: Protocol, *, ssri: bool, medications: Sequence[str] = (), history: Sequence[str] = ()
) -> Iterator[Caution]:
    """Go through what published facts say against a protocol, the gravest first.

    Parameters
    ----------
    protocol : Protocol
        Its own population is not asked for an SSRI, medications or history.
    ssri : bool
    medications, history : sequence of str
        Words of `plan_words`.
    """
    bare = {"ssri_fraction": 0.0, "medications": (), "history": ()}
    plain = protocol.model_copy(update={"population": protocol.population.model_copy(update=bare)})
    known = _phrases()
    taken = [*([_SSRI] if ssri else []), *(known[normalise(word)] for word in medications)]
    told = [known[normalise(word)] for word in history]
    yield from _extrapolated(protocol)
    for warning in check_protocol(plain, medications=dict.fromkeys(taken), history=dict.fromkeys(told)):
        yield Caution(
            level=warning.level,
            sentence=warning.sentence,
            source=reference(warning.reference).formatted() if warning.reference else None,
            url=warning.source or None,
        )


def _extrapolated(protocol: Protocol) -> Iterator[Caution]:
    arm = protocol.arms[0]
    for words in extrapolations(arm):
        limit = arm.doses[0].limit
        found = reference(limit.studied.source) if limit else None
        yield Caution(
            level="caution",
            sentence=f"Caution, {words}.",
            source=found.formatted() if found else None,
            url=(found.url or None) if found else None,
        )


@cache
def plan_words() -> tuple[PlanWord, ...]:
    """Return the words on medications and history that a request may hold: ids, labels and single words."""
    return tuple(PlanWord(id=w.id, kind=w.kind, label=w.label, words=w.words) for w in word_classes())


def unknown_word(words: Sequence[str]) -> str | None:
    """Return a sentence on the first word that is not on the list; None when all are."""
    known = _phrases()
    for word in words:
        if normalise(word) not in known:
            near = nearest(normalise(word), known)
            hint = near if near.startswith("did you mean") else "GET /api/plan/words gives it"
            return f"'{word}' is not on the list of words ({hint})"
    return None


def names_ssri(words: Sequence[str]) -> bool:
    """Say whether one of the words names an SSRI."""
    return any("ssri" in recognise(_phrases()[normalise(word)]) for word in words)


@cache
def _phrases() -> Mapping[str, str]:
    """By id, label or single word: the phrase that the safety check understands."""
    found: dict[str, str] = {}
    for entry in word_classes():
        said = entry.label
        if entry.id not in recognise(said):
            said = f"{said}, such as {next(w for w in entry.words if recognise(w) == {entry.id})}"
        found |= {normalise(entry.id): said, normalise(entry.label): said}
    for entry in word_classes():
        for word in entry.words:
            found.setdefault(normalise(word), word)
    return found
