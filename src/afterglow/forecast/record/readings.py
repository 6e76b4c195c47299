"""Where scores come from: a table, JSON, a FHIR bundle, or what was typed in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from afterglow.errors import FileError, ParameterError
from afterglow.forecast.record.columns import MISSING, Row, Table, table_of
from afterglow.forecast.record.days import days_of
from afterglow.forecast.record.fhir import answered, is_fhir
from afterglow.forecast.record.score import Given, Record, Score, known_scale
from afterglow.forecast.record.scoring import total_of
from afterglow.protocol.files.file_text import MOST_TABLE_BYTES, file_text
from afterglow.units import decimal_comma

__all__ = ["record_from_data", "record_from_file", "record_from_text", "typed"]

_PAIR = re.compile(
    r"(?<![\w-])(?P<when>(?:day |d|week |w)?[-+−]?\d[\d./-]*)\s*[:=]\s*(?P<score>[^\s;,]+(?:,\d+(?!\d*\s*[:=]))?)",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"[-+]?\d+(?:[.,]0+)?")
_NAMES = ("name", "first_name", "last_name", "surname", "birth", "dob", "address", "email", "phone")


def record_from_file(
    path: str | Path, *, scale: str | None = None, person: str | None = None, start: str | None = None
) -> Record:
    """Read one person's scores from a table, JSON or FHIR, told apart by what the file holds.

    Parameters
    ----------
    path : str or Path
    scale : str, optional
        Where the file does not name it.
    person : str, optional
        Which person of a table of several.
    start : str, optional
        Date of day 0 of the plan.

    Raises
    ------
    FileError
        If the file cannot be read, or is none of these.
    ParameterError
        If something in it is impossible; the line is named.
    """
    text = file_text(path, most_bytes=MOST_TABLE_BYTES, what="a file of scores")
    name = str(path)
    if text.lstrip("\ufeff").lstrip().startswith(("{", "[")):
        try:
            data = json.loads(text.lstrip("\ufeff"))
        except json.JSONDecodeError as error:
            raise FileError(f"'{name}' is not whole JSON: line {error.lineno}, {error.msg.lower()}") from None
        return record_from_data(data, scale=scale, person=person, start=start)
    return record_from_text(text, name=name, scale=scale, person=person, start=start)


def record_from_text(
    text: str, *, name: str = "scores", scale: str | None = None, person: str | None = None, start: str | None = None
) -> Record:
    """Read one person's scores from the text of a table; see `record_from_file`."""
    table = table_of(text, name=name)
    rows, notes = _of_one_person(table, person)
    read = [_read_row(row, scale, "week" if "week" in table.roles else "day") for row in rows]
    missed = sum(1 for when, what in read if when is None or what is None)
    kept = [(row, when, what) for row, (when, what) in zip(rows, read, strict=True) if when and what is not None]
    if missed:
        notes.append(f"{missed} row{'s' if missed > 1 else ''} without a score or a day: missed visits")
    hidden = [word for word in table.unread if any(mark in word.lower() for mark in _NAMES)]
    if hidden:
        notes.append(f"columns that may name somebody were not read: {', '.join(hidden)}")
    places = [f"line {row.line}" for row, _, _ in kept]
    return _record([when for _, when, _ in kept], [what for _, _, what in kept], places, start, notes)


def record_from_data(
    data: Any, *, scale: str | None = None, person: str | None = None, start: str | None = None
) -> Record:
    """Read one person's scores from plain data: a list of scores, a mapping with ``scores``, or a FHIR bundle.

    Raises
    ------
    FileError
        If it is none of these.
    ParameterError
        If something in it is impossible.
    """
    if is_fhir(data):
        found, notes = answered(data)
    elif isinstance(data, Mapping):
        found, notes = [*_listed(data, "scores"), *_listed(data, "given")], []
    elif isinstance(data, list):
        found, notes = data, []
    else:
        raise FileError("scores are a list, or a mapping with a list of scores")
    if person is not None:
        found = [entry for entry in found if str(entry.get("person", person)) == person]
    named = scale or str(data.get("scale", "")) if isinstance(data, Mapping) else scale
    whens, whats, places = [], [], []
    missed = 0
    for number, entry in enumerate(found, 1):
        if not isinstance(entry, Mapping):
            raise FileError(f"score {number} must be a mapping such as {{day: 14, scale: PHQ-9, score: 12}}")
        place = str(entry.get("place") or f"score {number}")
        when, what = _read_entry(entry, named, place)
        if when is None or what is None:
            missed += 1
            continue
        whens.append(when)
        whats.append(what)
        places.append(place)
    if missed:
        notes = [*notes, f"{missed} without a score or a day: missed visits"]
    begin = start or (str(data["start"]) if isinstance(data, Mapping) and data.get("start") else None)
    return _record(whens, whats, places, begin, notes)


def typed(text: str, *, scale: str | None = None, start: str | None = None) -> Record | None:
    """Read scores that were typed in, such as ``PHQ-9 0:18 14:15`` or ``2026-03-05:18``; None where it is no such text.

    A scale holds until the next one is named; `scale` is that of scores before which none stands.

    Raises
    ------
    ParameterError
        If a score is impossible, or no scale is named.
    """
    pairs = list(_PAIR.finditer(text))
    if not pairs:
        return None
    whens, whats, name, end = [], [], scale, 0
    for pair in pairs:
        named = text[end : pair.start()].strip(" ,;:@\t\n")
        name = known_scale(named) if named else name
        if not name:
            raise ParameterError("name the scale of scores that are typed in, such as 'PHQ-9 0:18 14:15'")
        end = pair.end()
        if pair["score"].lower() not in MISSING:
            whens.append(pair["when"])
            whats.append((known_scale(name), _number(pair["score"]), ()))
    left = text[end:].strip(" ,;\t\n")
    if left:
        raise ParameterError(f"'{left[:30]}' is not a day and a score, such as 14:15")
    typed_in = dict.fromkeys(what[0] for what in whats)
    if scale and typed_in and known_scale(scale) not in typed_in:
        raise ParameterError(f"scores of '{', '.join(typed_in)}' were typed, but --scale says {scale}")
    return _record(whens, whats, [f"score {k}" for k in range(1, len(whens) + 1)], start, [])


_What = tuple[str, float, tuple[int, ...]] | str
"""Scale, total and answers of a score; or what was given."""


def _of_one_person(table: Table, person: str | None) -> tuple[list[Row], list[str]]:
    if not table.rows:
        raise FileError("the table has a header but no rows")
    names = list(dict.fromkeys(row.cells.get("person", "") for row in table.rows))
    if person is not None:
        rows = [row for row in table.rows if row.cells.get("person", "") == person]
        if not rows:
            raise ParameterError(f"the table has no person '{person[:40]}'")
        return rows, []
    if len(names) > 1:
        raise ParameterError(
            f"the table holds {len(names)} people; name one with --person, or judge all by afterglow forecast validate"
        )
    return list(table.rows), []


def _read_row(row: Row, scale: str | None, when: str) -> tuple[str | None, _What | None]:
    day = row.cells.get(when, "")
    at = None if day.lower() in MISSING else (f"week {day}" if when == "week" else day)
    given = row.cells.get("given", "")
    if given and given.lower() not in MISSING:
        return at, given
    total = row.cells.get("score", "")
    answers = row.items or tuple(re.split(r"[\s,;|]+", row.cells.get("items", "").strip()))
    try:
        return at, _score(row.cells.get("scale") or scale or "", total, answers)
    except ParameterError as error:
        raise ParameterError(f"line {row.line}: {error}") from None


def _read_entry(entry: Mapping[str, Any], scale: str | None, place: str) -> tuple[str | None, _What | None]:
    when = next((entry[key] for key in ("day", "date", "when") if entry.get(key) not in (None, "")), None)
    at = None if when is None or str(when).strip().lower() in MISSING else str(when)
    if entry.get("given"):
        return at, str(entry["given"])
    value = next((entry[key] for key in ("score", "total", "value") if entry.get(key) is not None), "")
    answers = entry.get("items") or ()
    if not isinstance(answers, Sequence) or isinstance(answers, str):
        raise ParameterError(f"{place}: items must be a list of answers")
    try:
        return at, _score(
            str(entry.get("scale") or scale or ""), str(value), tuple("" if a is None else str(a) for a in answers)
        )
    except ParameterError as error:
        raise ParameterError(f"{place}: {error}") from None


def _score(name: str, total: str, answers: Sequence[str]) -> _What | None:
    told = [answer.strip().lower() not in MISSING for answer in answers]
    if total.strip().lower() in MISSING and not any(told):
        return None
    if not name:
        raise ParameterError("no scale is named; add a column for it, or --scale")
    known = known_scale(name)
    if not any(told):
        return known, _number(total), ()
    items = [_number(answer) if there else None for answer, there in zip(answers, told, strict=True)]
    value = total_of(known, items)
    if total.strip().lower() not in MISSING and _number(total) != value:
        raise ParameterError(f"the answers of the {known} add up to {value}, but its total says {total.strip()}")
    return known, float(value), tuple(int(item) for item in items if item is not None)


def _number(text: str) -> float:
    """Read a score; a whole number may have a decimal comma and zeros behind it."""
    plain = text.strip().replace("−", "-")
    if _WHOLE.fullmatch(plain):
        return float(plain.replace(",", "."))
    comma = decimal_comma(plain)
    if comma:
        raise ParameterError(f"a score is a whole number, but {comma}")
    try:
        return float(plain)
    except ValueError:
        raise ParameterError(f"a score must be a number, got '{plain[:30]}'") from None


def _listed(data: Mapping[str, Any], key: str) -> list[Any]:
    held = data.get(key, [])
    if not isinstance(held, list):
        raise FileError(f"'{key}' must be a list")
    if key == "given":
        odd = next((row for row in held if not isinstance(row, Mapping)), None)
        if odd is not None:
            example = "{day: 0, given: psilocybin 25 mg oral}"
            raise FileError(f"what was given must be a mapping such as {example}, got '{str(odd)[:60]}'")
        return [{"given": row.get("what"), **row} for row in held]
    return held


def _record(
    whens: Sequence[str], whats: Sequence[_What], places: Sequence[str], start: str | None, notes: Sequence[str]
) -> Record:
    if not whens:
        raise ParameterError("there is no score, so there is nothing to forecast from")
    days, zero = days_of(whens, start=start)
    scores, given = [], []
    for day, what, place in zip(days, whats, places, strict=True):
        if isinstance(what, str):
            given.append(Given(day=day, what=what))
            continue
        try:
            scores.append(Score(day=day, scale=what[0], value=what[1], items=what[2]))
        except ParameterError as error:
            raise ParameterError(f"{place}: {error}") from None
    said = list(notes)
    if zero is not None:
        said.append(f"day 0 is {zero.isoformat()}" + ("" if start else ", the first date"))
        ahead = [score.day for score in scores if zero + timedelta(days=score.day) > date.today() + timedelta(days=1)]
        if ahead:
            on = zero + timedelta(days=max(ahead))
            said.append(
                f"the score of {on.isoformat()} lies in the future, as this machine's clock has it; check its date"
            )
    again = len(scores) - len(dict.fromkeys(scores))
    if again:
        said.append(f"{again} score{'s' if again > 1 else ''} stood there twice and counted once")
    return Record(scores=tuple(scores), given=tuple(given), start=zero, notes=tuple(said))
