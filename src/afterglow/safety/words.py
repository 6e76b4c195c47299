"""Recognise the words of a medication list or a medical history."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from afterglow.errors import nearest

__all__ = ["NOTHING", "WordClass", "label", "normalise", "recognise", "suggestion", "word_classes"]

NOTHING = frozenset({"", "none", "no", "nil", "nothing", "n/a"})
"""What people write when there is nothing to say."""

_FAMILY = re.compile(
    r"\b(?:family|familial|relatives?|first degree|"
    r"mother|father|parents?|brothers?|sisters?|siblings?|sons?|daughters?)\b"
)
_RUNS_IN_FAMILIES = frozenset({"psychosis", "schizophrenia", "mania", "family_psychosis"})


class WordClass(BaseModel):
    """A class of medications or of medical history, with the words that name it.

    Parameters
    ----------
    id : str
        The name that safety facts use.
    kind : {"medication", "history"}
        Where it is expected; words are looked for in both places.
    label : str
        Its name in a sentence.
    source : str
        Where the membership comes from.
    words : tuple of str
        Lower case, without hyphens.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: Literal["medication", "history"]
    label: str
    source: str
    words: tuple[str, ...] = Field(min_length=1)


def word_classes() -> tuple[WordClass, ...]:
    """List every class of words.

    Returns
    -------
    tuple of WordClass
    """
    return tuple(_table().values())


def label(class_id: str) -> str:
    """Say the name of a class in a sentence."""
    return _table()[class_id].label


def recognise(text: str) -> frozenset[str]:
    """Find the classes that a phrase names.

    A phrase about the family counts only as family history. Nothing is read from a denial: ``no lithium`` names
    lithium, so that a warning too many is given rather than one too few.

    Parameters
    ----------
    text : str
        One medication or one piece of medical history, in any spelling of case, hyphens and accents.

    Returns
    -------
    frozenset of str
        Ids of the classes; empty when nothing was recognised.
    """
    plain = normalise(text)
    found = {id_ for id_, pattern in _patterns().items() if pattern.search(plain)}
    if _FAMILY.search(plain):
        return frozenset({"family_psychosis"}) if found & _RUNS_IN_FAMILIES else frozenset()
    if "uncontrolled_hypertension" in found:
        found.discard("hypertension")
    return frozenset(found)


def suggestion(text: str) -> str:
    """Say the nearest known words, or nothing when none is near.

    Returns
    -------
    str
        Such as ``did you mean 'fluoxetine'?``.
    """
    sentence = nearest(normalise(text), {word for entry in word_classes() for word in entry.words})
    return sentence if sentence.startswith("did you mean") else ""


def normalise(text: str) -> str:
    """Put a phrase in lower case without accents, hyphens, underscores and double spaces."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join(re.sub(r"[-_]+", " ", bare).split())


@cache
def _table() -> dict[str, WordClass]:
    text = files("afterglow.safety").joinpath("data", "words.yaml").read_text(encoding="utf-8")
    return {entry.id: entry for entry in TypeAdapter(tuple[WordClass, ...]).validate_python(yaml.safe_load(text))}


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {id_: _any_of(entry.words) for id_, entry in _table().items()}


def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(map(re.escape, words), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(longest_first)})\b")
