"""The rows of a file of facts, in each of the layouts that it may have, as facts of one form.

Three layouts are read: rows under a topic or in one list (medicines, therapy, safety), scales with their properties,
and crosswalks between two scales. A row that breaks the schema is a mistake; one with nothing in it to use is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from afterglow.citations import references
from afterglow.errors import ProtocolError, nearest
from afterglow.evidence.facts.fact import LEVELS, Fact, SafetyFact
from afterglow.evidence.facts.forms import formed, spread_of
from afterglow.evidence.values import as_line

__all__ = ["NotUsableError", "facts_of_row"]

_CONDITIONS = ("dose_mg", "dose_mg_per_kg", "time_h", "sample_times_h", "level", "drug", "medicines")
_CALLS_UP = ("when", "when_repeated")
_KEYS = (
    *("id", "value", "units", "uncertainty", "ci95", "population", "study", "source", "verified", "note"),
    *("topic", "quantity", "fact", "citation", "reference", "form", "labels"),
    *_CONDITIONS,
    *_CALLS_UP,
)
_SHORTEST_FACT = 10
_POINTS = "points"
_SCALE_UNITS = {
    "items": "items",
    "item_range": "points an item",
    "range": _POINTS,
    "recall": "",
    "severity_bands": _POINTS,
    "response": "",
    "remission": "",
    "mcid": _POINTS,
    "caseness_cutoff": "points; sensitivity and specificity are fractions",
    "clinically_significant_endpoint": _POINTS,
    "significant_impairment": "points an item",
    "reliability": "coefficient; points where the name says so",
    "typical_sd": "points, SD",
    "typical_mean": "points; n people",
}
_SCALE_WORDS = ("id", "name", "rater", "aka", "note", "source", "sources", "verified_fields", "unverified_fields")
_CROSSWALK_UNITS = {
    "pairs": "points of the two scales",
    "change_pairs": "points of change on the two scales",
    "reliable_change_pairs": "points of change on the two scales",
    "endpoint_pair": "points of the two scales",
    "ranges": "points, by score on the first scale",
    "formulas": "points",
    "se": "points, standard error",
    "correlation": "r",
    "diagnosis_kappa": "kappa",
    "suggested": "",
}
_CROSSWALK_WORDS = ("id", "from", "to", "method", "note", "source", "verified")
_IN_VALUE = ("note", "source")
"""Words that may stand among the named numbers of a scale's property."""

_ADDRESS = re.compile(r"https?://[^\s;,()]+(?:\([^\s;,()]*\)[^\s;,()]*)*")
_RECALLED = re.compile(r"unverified: *")
_NO_UNIT = re.compile(r"text|relation|fraction$|ratio$")
"""What stands for the units of words; other units say when or of what the words hold."""

_COMPUTED = re.compile(r"(?:unverified: *)?computed here|idea derived here")


class NotUsableError(Exception):
    """A row that keeps to the schema and holds nothing that can be used; the message is the reason."""


def facts_of_row(row: Mapping[str, Any], *, topic: str, file: str) -> list[Fact]:
    """Return the facts in a row of a file.

    Parameters
    ----------
    row : mapping
        With an id.
    topic : str
        Key that it stands under in its file.
    file : str
        Name of the file without its ending.

    Returns
    -------
    list of Fact
        One, or for a scale and a crosswalk one a property.

    Raises
    ------
    NotUsableError
        If it holds no number and no finding, or a number that nobody published.
    ProtocolError
        If it breaks the schema; the sentence says how.
    """
    if topic == "scales":
        return _of_scale(row, file)
    if topic == "crosswalks":
        return _of_crosswalk(row, file)
    return [_of_plain_row(row, topic, file)]


def _of_plain_row(row: Mapping[str, Any], topic: str, file: str) -> Fact:
    _known(row, _KEYS)
    own, screened = as_line(row["id"]), _screened(row)
    study = as_line(row.get("study") or row.get("citation") or row.get("reference"))
    source = _Source(row, "citation", "study", "reference")
    told = as_line(row.get("quantity") or row.get("fact"))
    what, units = told or own.replace("_", " "), as_line(row.get("units"))
    value = row.get("value")
    if value is None and told and (row.get("fact") or units == "relation"):
        value = told
    if value is None or value == "":
        raise NotUsableError("no number or finding was read")
    form, typed = formed(value, words=told, units=units, form=as_line(row.get("form")))
    if form != "words" and not units:
        raise ProtocolError("a number needs its units")
    if form != "words" and not source.text and screened is None:  # a warning is better recalled than left out
        raise NotUsableError("a number with neither a page nor a publication")
    spread, uncertainty = spread_of(row.get("uncertainty") or row.get("ci95"), typed)
    fields: dict[str, Any] = {
        "id": own,
        "file": file,
        "topic": as_line(row.get("topic") or row.get("level") or topic),
        "what": what,
        "form": form,
        "value": typed,
        "units": "" if form == "words" and _NO_UNIT.match(units) else units,
        "labels": _labels(row.get("labels"), typed),
        "spread": spread,
        "uncertainty": uncertainty,
        "population": as_line(row.get("population")),
        "study": study,
        "note": as_line(row.get("note")),
        "conditions": {key: as_line(row[key]) for key in _CONDITIONS if row.get(key) is not None},
        "source": source.text or "recalled, no page",
        "pages": source.pages,
        "verified": source.verified,
        "computed": source.computed,
        "used_by": _warning(row),
    }
    return Fact(**fields) if screened is None else SafetyFact(**fields, **screened)


def _screened(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what makes a row a safety fact; None for one that does not name its medicines and its level."""
    if "medicines" not in row or "level" not in row:
        return None
    level, medicines, repeated = row["level"], _words(row, "medicines"), row.get("when_repeated", False)
    reference = as_line(row.get("reference"))
    if level not in LEVELS:
        raise ProtocolError(f"unknown level '{as_line(level)[:40]}'; {nearest(as_line(level), LEVELS)}")
    if not medicines:
        raise ProtocolError("'medicines' must name at least one")
    if len(as_line(row.get("fact"))) < _SHORTEST_FACT:
        raise ProtocolError(f"'fact' must say what was found, in at least {_SHORTEST_FACT} characters")
    if not isinstance(repeated, bool):
        raise ProtocolError("'when_repeated' must be true or false")
    if row.get("verified") is True and not reference:
        raise ProtocolError("it is called verified, so it needs a source and a reference")
    return {
        "level": level,
        "medicines": medicines,
        "when": _words(row, "when"),
        "when_repeated": repeated,
        "reference": reference,
    }


def _words(row: Mapping[str, Any], key: str) -> tuple[str, ...]:
    told = row.get(key, [])
    if not isinstance(told, list) or not all(isinstance(word, str) for word in told):
        raise ProtocolError(f"'{key}' must be a list of words")
    return tuple(told)


def _warning(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Say whether the safety check warns of a row: it is watched for, or something calls it up."""
    called = row.get("when") or row.get("when_repeated")
    return ("safety warning",) if called or (row.get("level") == "monitoring" and "when" not in row) else ()


def _labels(told: Any, value: object) -> tuple[str, ...]:
    if told is None:
        return ()
    if not isinstance(told, list) or not isinstance(value, tuple) or len(told) != len(value):
        raise ProtocolError("labels must be a list with a name for each number of the value")
    return tuple(as_line(label) for label in told)


class _Source:
    """Where a row was read, and whether it was.

    Parameters
    ----------
    row : mapping
    *instead : str
        Keys whose words name the publication when no page is named.

    Raises
    ------
    ProtocolError
        If the row does not say, or is called verified with no page.
    """

    def __init__(self, row: Mapping[str, Any], *instead: str) -> None:
        if "source" not in row:
            raise ProtocolError("the source is missing; write null where it is recalled")
        if not isinstance(row.get("verified"), bool):
            raise ProtocolError("verified must be true or false")
        told = as_line(row["source"])
        self.computed = bool(_COMPUTED.match(told))
        self.pages = pages_in(told)
        self.verified = bool(row["verified"]) and not self.computed
        if self.verified and not self.pages:
            raise ProtocolError("it is called verified, but no page is named")
        if self.verified and _RECALLED.match(told):
            raise ProtocolError("it is called verified, but its source is called unverified")
        named = (as_line(row.get(key)) for key in instead)
        self.text = _RECALLED.sub("", told, count=1) or next((text for text in named if text), "")


def pages_in(text: str) -> tuple[str, ...]:
    """Return the addresses in a source, and that of a key of ``references.bib``."""
    return tuple(_ADDRESS.findall(text)) or tuple(one.url for one in references() if one.key == text and one.url)


def _of_scale(row: Mapping[str, Any], file: str) -> list[Fact]:
    _known(row, (*_SCALE_UNITS, *_SCALE_WORDS))
    sources = row.get("sources")
    if not isinstance(sources, list) or not sources:
        raise ProtocolError("a scale needs its list of sources")
    pages = "; ".join(as_line(one) for one in sources)
    found = []
    for key, unit in _SCALE_UNITS.items():
        held = row.get(key)
        parts = held if isinstance(held, list) and held and isinstance(held[0], Mapping) else [held]
        for k, part in enumerate(parts, start=1):
            if part is not None:
                name = key if len(parts) == 1 else f"{key}.{k}"
                found.append(_property(row, name, part, unit, pages, file))
    if not found:
        raise NotUsableError("no property of the scale was read")
    return found


def _property(row: Mapping[str, Any], name: str, part: Any, units: str, pages: str, file: str) -> Fact:
    """Return one property of a scale; `part` may bring its own value, source and note."""
    own = as_line(row["id"])
    inner = part if isinstance(part, Mapping) and "value" in part else {"value": part}
    value, aside = inner["value"], {key: as_line(inner.get(key)) for key in _IN_VALUE}
    if isinstance(value, Mapping):
        aside |= {key: as_line(value[key]) for key in _IN_VALUE if key in value}
        value = {key: number for key, number in value.items() if key not in _IN_VALUE}
    source = {
        "source": aside["source"] if pages_in(aside["source"]) else pages,
        "verified": inner.get("verified", _was_read(name, row)),
    }
    where = _Source(source)
    units = as_line(inner.get("units")) or units
    form, typed = formed(value, units=units)
    spread, uncertainty = spread_of(inner.get("ci95"), typed)
    return Fact(
        id=f"{own}.{name}",
        file=file,
        topic="scales",
        what=f"{own}: {name.split('.')[0].replace('_', ' ')}",
        form=form,
        value=typed,
        units="" if form == "words" else units,
        spread=spread,
        uncertainty=uncertainty,
        study="" if pages_in(aside["source"]) else aside["source"],
        note=aside["note"],
        source=where.text,
        pages=where.pages,
        verified=where.verified,
    )


def _was_read(name: str, row: Mapping[str, Any]) -> bool:
    """Say whether a property stands among the verified fields, alone or with more words, and not among the others."""
    key, _, number = name.partition(".")
    names = (key, f"{key} {number}") if number else (key,)

    def among(fields: Iterable[object]) -> bool:
        told = [as_line(one) for one in fields]
        return any(one in names or (one.startswith(f"{key} ") and not one.split()[1].isdigit()) for one in told)

    return among(row.get("verified_fields") or ()) and not among(row.get("unverified_fields") or ())


def _of_crosswalk(row: Mapping[str, Any], file: str) -> list[Fact]:
    _known(row, (*_CROSSWALK_UNITS, *_CROSSWALK_WORDS))
    own, source = as_line(row["id"]), _Source(row)
    if not source.text:
        raise NotUsableError("a crosswalk with neither a page nor a publication")
    between = " to ".join(as_line(row[key]) for key in ("from", "to") if row.get(key))
    found = []
    for key, units in _CROSSWALK_UNITS.items():
        held = row.get(key)
        if held is None or held == []:
            continue
        form, typed = formed([held] if key == "endpoint_pair" else held, units=units)
        found.append(
            Fact(
                id=f"{own}.{key}",
                file=file,
                topic="crosswalks",
                what=f"{between or own}: {key.replace('_', ' ')}",
                form=form,
                value=typed,
                units="" if form == "words" else units,
                population=as_line(row.get("method")),
                note=as_line(row.get("note")),
                source=source.text,
                pages=source.pages,
                verified=source.verified,
            )
        )
    if not found:
        raise NotUsableError(as_line(row.get("note")) or "no pair of scores was read")
    return found


def _known(row: Mapping[str, Any], keys: Sequence[str]) -> None:
    unknown = next((str(key) for key in row if key not in keys), "")
    if unknown:
        raise ProtocolError(f"unknown key '{unknown[:40]}'; {nearest(unknown, sorted(keys))}")
