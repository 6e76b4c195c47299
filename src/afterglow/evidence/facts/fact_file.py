"""Files of facts: pharmacology, therapy, scales and safety, every row typed or told with the reason why it is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from afterglow.errors import AfterglowError, ProtocolError, nearest
from afterglow.evidence.facts.fact import Fact
from afterglow.evidence.facts.layouts import NotUsableError, facts_of_row
from afterglow.evidence.facts.links import users
from afterglow.protocol.files.yaml_text import YamlText, plain_yaml

__all__ = [
    "TOPICS",
    "FactFile",
    "UnusedFact",
    "fact_file",
    "facts_in",
    "facts_of",
    "holds_facts",
    "shipped_facts",
    "unreadable_facts",
]

TOPICS = ("ketamine", "mdma", "psilocybin", "safety", "scales", "therapy")
"""Files of facts that come with the package."""

_HEADS = ("drug", "notes")
"""What may stand in a file beside its lists of rows."""

_STUDY_KEYS = {"arms", "contrasts", "citation", "doi", "design"}

Place = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class UnusedFact:
    """A row of a file of facts that cannot be used.

    Parameters
    ----------
    id : str
    reason : str
    """

    id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class FactFile:
    """What one file of facts holds.

    Parameters
    ----------
    name : str
        File name without its ending.
    file : str
        File name.
    facts : tuple of Fact
    unused : tuple of UnusedFact
    errors : tuple of str
        Mistakes, a sentence each that names the file, the line and the fact.
    """

    name: str
    file: str
    facts: tuple[Fact, ...] = ()
    unused: tuple[UnusedFact, ...] = ()
    errors: tuple[str, ...] = ()

    @property
    def verified(self) -> int:
        """How many of the facts were read on a page."""
        return sum(fact.verified for fact in self.facts)


def holds_facts(data: object) -> bool:
    """Say whether a file's content is facts and not a study: lists of rows, and nothing that only a study has."""
    if isinstance(data, list):
        return True
    if not isinstance(data, Mapping) or _STUDY_KEYS & set(data):
        return False
    return any(isinstance(rows, list) for rows in data.values())


@cache
def fact_file(topic: str) -> FactFile:
    """Return a file of facts of the package, each with what in the package uses it.

    Parameters
    ----------
    topic : str
        One of `TOPICS`.

    Raises
    ------
    ProtocolError
        If there is none of that name; the sentence names the nearest.
    """
    name = topic.strip().lower()
    if name not in TOPICS:
        raise ProtocolError(f"no facts are called '{topic[:60]}'; {nearest(name, TOPICS)}")
    text = files("afterglow.evidence").joinpath("facts_data", f"{name}.yaml").read_text(encoding="utf-8")
    found = facts_in(plain_yaml(text), name, f"{name}.yaml")
    linked = (replace(fact, used_by=tuple(dict.fromkeys((*fact.used_by, *users(fact))))) for fact in found.facts)
    return replace(found, facts=tuple(linked))


def shipped_facts() -> tuple[FactFile, ...]:
    """Return every file of facts of the package."""
    return tuple(fact_file(topic) for topic in TOPICS)


def facts_of(word: str) -> tuple[Fact, ...]:
    """Return the facts of the package in a file, with an id, or under a topic: the first of the three that there is.

    Parameters
    ----------
    word : str
        One of `TOPICS`, an id such as ``"habit_median"``, with its file as ``"mdma/reconsolidation_window"``, or a
        topic such as ``"alliance"``; in any case.

    Returns
    -------
    tuple of Fact
        Several for an id too, where it stands in two files; empty when there is none.
    """
    wanted = word.strip().lower()
    if wanted in TOPICS:
        return fact_file(wanted).facts
    every = [fact for file in shipped_facts() for fact in file.facts]
    named = [fact for fact in every if wanted in (fact.id.lower(), f"{fact.file}/{fact.id}".lower())]
    return tuple(named or [fact for fact in every if wanted == fact.topic.lower()])


def unreadable_facts(path: Path, error: AfterglowError) -> FactFile:
    """Return what is said of a file of facts that cannot be read."""
    told = str(error).replace(str(path), path.name)
    return FactFile(name=path.stem, file=path.name, errors=(f"{path.name}: {told}",))


def facts_in(read: YamlText, name: str, file: str) -> FactFile:
    """Read the facts that a file holds; one with mistakes has them in `errors`.

    Parameters
    ----------
    read : YamlText
    name, file : str
        File name without and with its ending.
    """
    facts: list[Fact] = []
    unused: list[UnusedFact] = []
    errors: list[str] = []
    seen: set[str] = set()
    above: Mapping[str, Any] = {}
    for place, row in _rows(read.data):
        line = f"{file}, line {read.lines[place]}" if place in read.lines else file
        topic = str(place[0]) if isinstance(place[0], str) else name
        if not isinstance(row, Mapping) or not str(row.get("id") or "").strip():
            told = "has no id" if isinstance(row, Mapping) else "is no mapping with id, value, source and verified"
            errors.append(f"{line}: a row of '{topic}' {told}")
            continue
        own = " ".join(str(row["id"]).split())
        if own in seen:
            errors.append(f"{line}: {own}: the id stands twice; give each fact its own")
            continue
        seen.add(own)
        above = {**row, **{key: above.get(key) for key in ("population", "citation") if row.get(key) == "same"}}
        try:
            facts += facts_of_row(above, topic=topic, file=name)
        except NotUsableError as reason:
            unused.append(UnusedFact(id=own, reason=str(reason)))
        except ProtocolError as wrong:
            errors.append(f"{line}: {own}: {wrong.message}")
    heads = " or ".join(f"'{head}'" for head in _HEADS)
    errors += [f"{file}: '{key}' must be a list of facts; only {heads} may be words" for key in _stray(read.data)]
    if not seen and not errors:
        errors.append(f"{file}: the file lists no fact")
    return FactFile(name=name, file=file, facts=tuple(facts), unused=tuple(unused), errors=tuple(errors))


def _rows(data: Any) -> Iterator[tuple[Place, Any]]:
    """Go through the rows with their places."""
    if isinstance(data, list):
        yield from (((k,), row) for k, row in enumerate(data))
        return
    for topic, rows in data.items() if isinstance(data, Mapping) else ():
        if isinstance(rows, list):
            yield from (((str(topic), k), row) for k, row in enumerate(rows))


def _stray(data: Any) -> list[str]:
    if not isinstance(data, Mapping):
        return []
    return [str(key) for key, held in data.items() if key not in _HEADS and not isinstance(held, list)]
