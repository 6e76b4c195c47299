"""Facts of pharmacology, therapy, scales and safety as data: one number or tight set of numbers, and where it was read.

Four looser layouts are read: lists of rows by topic (pharmacology), one list of rows (therapy, safety), scales with
their properties, and crosswalks. Every row becomes a `Fact` of one form, or is listed as not usable with the reason.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from afterglow.errors import AfterglowError, FileError, ProtocolError, nearest
from afterglow.protocol.file_text import file_text
from afterglow.protocol.yaml_text import plain_yaml

__all__ = ["FORMS", "TOPICS", "Fact", "FactFile", "check_facts", "fact_file", "holds_facts", "shipped_facts"]

TOPICS = ("ketamine", "mdma", "psilocybin", "safety", "scales", "therapy")
"""Files of facts that come with the package."""

FORMS = ("number", "numbers", "pairs", "named", "words")
"""A number; an interval or a series; pairs of two scales; numbers by name; a finding in words."""

_KEYS = {
    *("id", "value", "units", "uncertainty", "population", "source", "verified", "note", "study", "topic", "quantity"),
    *("citation", "level", "fact", "ci95", "drug", "medicines", "when", "when_repeated", "reference"),
    *("dose_mg", "dose_mg_per_kg", "time_h", "sample_times_h"),
}
_CONDITIONS = ("dose_mg", "dose_mg_per_kg", "time_h", "sample_times_h", "level", "drug", "medicines")
_SCALE_WORDS = {"id", "rater", "aka", "name", "verified_fields", "unverified_fields", "sources", "source", "note"}
_CROSSWALK_WORDS = {"id", "from", "to", "method", "note", "verified", "source"}
_HEADS = {"drug", "notes"}


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One fact.

    Parameters
    ----------
    id : str
        Unique in its file.
    topic : str
        What it is about, such as pharmacokinetics, alliance or contraindication.
    what : str
        The quantity in words.
    form : str
        One of `FORMS`.
    value : float, tuple, mapping or str
        In `units`.
    units, uncertainty, population, study, note : str
    conditions : mapping of str to value
        Dose, time or medicine it holds for.
    source : str
        Page or publication.
    verified : bool
        Whether it was read on the page named; else it is recalled, a weak prior.
    """

    id: str
    topic: str
    what: str
    form: str
    value: Any
    units: str = ""
    uncertainty: str = ""
    population: str = ""
    study: str = ""
    note: str = ""
    conditions: Mapping[str, Any]
    source: str
    verified: bool

    @property
    def in_words(self) -> str:
        """The value with its unit, on one line."""
        text = self.value if isinstance(self.value, str) else json.dumps(self.value, ensure_ascii=False)
        return f"{text} {self.units}".strip()


@dataclass(frozen=True, kw_only=True)
class FactFile:
    """What one file of facts holds.

    Parameters
    ----------
    name : str
        File name without its ending.
    facts : tuple of Fact
    unused : tuple of (str, str)
        Rows that are not usable: id and reason.
    errors : tuple of str
        Mistakes, a sentence each that names the file and the fact.
    """

    name: str
    facts: tuple[Fact, ...] = ()
    unused: tuple[tuple[str, str], ...] = ()
    errors: tuple[str, ...] = ()


class _FactError(Exception):
    """A row that breaks the schema; the message says how."""


def holds_facts(data: Any) -> bool:
    """Say whether a file's content is facts and not a study."""
    if isinstance(data, list):
        return bool(data) and all(isinstance(row, Mapping) and "id" in row for row in data)
    if not isinstance(data, Mapping) or {"arms", "contrasts", "citation"} & set(data):
        return False
    return any(isinstance(v, list) and v and isinstance(v[0], Mapping) and "id" in v[0] for v in data.values())


def check_facts(path: str | Path) -> list[FactFile]:
    """Check every file of facts in a folder and its folders, in alphabetical order; studies are passed over.

    Raises
    ------
    FileError
        If the folder does not exist.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise FileError(f"the folder '{path}' does not exist")
    found = []
    for file in sorted(folder.rglob("*.yaml")):
        try:
            data = plain_yaml(file_text(file)).data
        except AfterglowError as error:
            if file.parent.name != "clinical":
                found.append(FactFile(name=file.stem, errors=(f"{file.name}: {error}",)))
            continue
        if holds_facts(data):
            found.append(_read(data, file.stem))
    return found


@cache
def fact_file(topic: str) -> FactFile:
    """Return a file of facts of the package.

    Raises
    ------
    ProtocolError
        If there is none of that name.
    """
    name = topic.strip().lower()
    if name not in TOPICS:
        raise ProtocolError(f"no facts named '{topic}'; {nearest(name, TOPICS)}")
    text = files("afterglow.evidence").joinpath("facts_data", f"{name}.yaml").read_text(encoding="utf-8")
    return _read(plain_yaml(text).data, name)


def shipped_facts() -> tuple[FactFile, ...]:
    """Return every file of facts of the package."""
    return tuple(fact_file(topic) for topic in TOPICS)


def _read(data: Any, name: str) -> FactFile:
    facts: list[Fact] = []
    unused: list[tuple[str, str]] = []
    errors: list[str] = []
    seen: set[str] = set()
    for topic, row in _rows(data, name):
        own = str(row.get("id") or "").strip()
        if not own:
            errors.append(f"{name}.yaml: a fact under '{topic}' has no id")
            continue
        if own in seen:
            errors.append(f"{name}.yaml: {own}: the id stands twice; give each fact its own")
        seen.add(own)
        try:
            made = _facts(row, own, topic)
        except _FactError as mistake:
            errors.append(f"{name}.yaml: {own}: {mistake}")
            continue
        usable = [fact for fact in made if fact.value is not None]
        facts += usable
        unused += [(fact.id, "no number or finding was read") for fact in made if fact.value is None]
        if not made:
            unused.append((own, "no number or finding was read"))
    return FactFile(name=name, facts=tuple(facts), unused=tuple(unused), errors=tuple(errors))


def _rows(data: Any, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    parts = {name: data} if isinstance(data, list) else {k: v for k, v in data.items() if k not in _HEADS}
    for topic, rows in parts.items():
        if not isinstance(rows, list):
            continue
        for row in rows:
            if isinstance(row, Mapping):
                yield str(topic), row


def _facts(row: Mapping[str, Any], own: str, topic: str) -> list[Fact]:
    if topic == "scales":
        return _of_scale(row, own)
    if topic == "crosswalks":
        return _of_crosswalk(row, own)
    unknown = sorted(set(row) - _KEYS)
    if unknown:
        raise _FactError(f"unknown key '{unknown[0]}'; {nearest(unknown[0], sorted(_KEYS))}")
    value, words = row.get("value"), row.get("quantity") or row.get("fact") or own.replace("_", " ")
    if value is None and row.get("fact"):
        value = str(row["fact"])
    if value is None and row.get("units") == "relation":
        value = str(words)
    form, value = _formed(value)
    if form != "words" and value is not None and not str(row.get("units") or "").strip():
        raise _FactError("a number needs its units")
    uncertainty = row.get("uncertainty") or row.get("ci95")
    return [
        Fact(
            id=own,
            topic=str(row.get("topic") or row.get("level") or topic),
            what=_line(words),
            form=form,
            value=value,
            units="" if form == "words" else str(row.get("units") or ""),
            uncertainty=_line(uncertainty),
            population=_line(row.get("population")),
            study=_line(row.get("study") or row.get("citation") or row.get("reference")),
            note=_line(row.get("note")),
            conditions={key: row[key] for key in _CONDITIONS if key in row},
            source=_source(row),
            verified=_verified(row),
        )
    ]


def _source(row: Mapping[str, Any]) -> str:
    if "source" not in row:
        raise _FactError("the source is missing; write null where it is recalled")
    source = _line(row.get("source")) or _line(row.get("citation") or row.get("study") or row.get("reference"))
    if row.get("verified") is True and not row.get("source"):
        raise _FactError("it is called verified, but no page is named")
    if not source:
        return "recalled"
    return source


def _verified(row: Mapping[str, Any]) -> bool:
    if not isinstance(row.get("verified"), bool):
        raise _FactError("verified must be true or false")
    return bool(row["verified"])


def _of_scale(row: Mapping[str, Any], own: str) -> list[Fact]:
    sources = row.get("sources")
    if not isinstance(sources, list) or not sources:
        raise _FactError("a scale needs its list of sources")
    read = {str(field) for field in row.get("verified_fields") or ()}
    found = []
    for key, held in row.items():
        if key in _SCALE_WORDS or held is None:
            continue
        parts = held if isinstance(held, list) and held and isinstance(held[0], Mapping) else [held]
        for k, part in enumerate(parts):
            inner = part if isinstance(part, Mapping) and "value" in part else {"value": part}
            form, value = _formed(inner["value"])
            found.append(
                Fact(
                    id=f"{own}.{key}" + (f".{k + 1}" if len(parts) > 1 else ""),
                    topic="scale",
                    what=f"{own}: {key.replace('_', ' ')}",
                    form=form,
                    value=value,
                    units=str(inner.get("units") or ("" if form == "words" else "points or as named")),
                    note=_line(inner.get("note")),
                    conditions={},
                    source=_line(inner.get("source")) or "; ".join(map(str, sources)),
                    verified=bool(inner.get("verified", key in read)),
                )
            )
    return found


def _of_crosswalk(row: Mapping[str, Any], own: str) -> list[Fact]:
    source, verified = _source(row), _verified(row)
    between = " to ".join(str(row[k]) for k in ("from", "to") if row.get(k))
    found = []
    for key, held in row.items():
        if key in _CROSSWALK_WORDS or held in (None, []):
            continue
        form, value = _formed(held)
        found.append(
            Fact(
                id=f"{own}.{key}",
                topic="crosswalk",
                what=f"{between or own}: {key.replace('_', ' ')}",
                form=form,
                value=value,
                units="" if form == "words" else "points, or a ratio for correlations",
                population=_line(row.get("method")),
                note=_line(row.get("note")),
                conditions={},
                source=source,
                verified=verified,
            )
        )
    return found


def _formed(value: Any) -> tuple[str, Any]:
    """Return the form of a value and the value, every number checked.

    Raises
    ------
    _FactError
        If it is none of the forms.
    """
    if value is None:
        return "words", None
    if isinstance(value, bool):
        raise _FactError("a value is a number, numbers, pairs, numbers by name or words, not true or false")
    if isinstance(value, int | float):
        return "number", _finite(value)
    if isinstance(value, str):
        return "words", _line(value) or None
    if isinstance(value, list):
        if value and all(isinstance(v, list) and len(v) == 2 for v in value):
            return "pairs", tuple((_finite(a), _finite(b)) for a, b in value)
        if value and all(isinstance(v, int | float) and not isinstance(v, bool) for v in value):
            return "numbers", tuple(_finite(v) for v in value)
        return "words", _line(value)
    if isinstance(value, Mapping):
        return "named", {str(key): None if part is None else _formed(part)[1] for key, part in value.items()}
    raise _FactError(f"its value cannot be read: {str(value)[:40]}")


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _FactError(f"a number must be finite, not {value}")
    return float(value)


def _line(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return " ".join(text.split())
