"""What was pasted or opened: a table, JSON, a FHIR bundle, or plain lines -> lines to be typed on."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from afterglow.errors import FileError, ParameterError
from afterglow.forecast.record.columns import MISSING, Table, table_of
from afterglow.forecast.record.fhir import answered, is_fhir
from afterglow.forecast.record.readings import typed
from afterglow.forecast.record.score import of_suicidality
from afterglow.scales.instruments import scale_named
from afterglow.studio.follow.lines import GIVEN, Line

__all__ = ["Pasted", "pasted_lines"]

_MOST = 400
_WHEN = re.compile(r"(?:(?:day|d|week|w)\s*)?[-+−]?\d[\d./,-]*", re.IGNORECASE)
_UNREAD = "a line needs a day or a date, and a score"


class Pasted(BaseModel):
    """Lines that were found.

    Parameters
    ----------
    lines : list of Line
    left : str
        Lines that could not be read, as they were.
    notes : list of str
    """

    lines: list[Line]
    left: str = ""
    notes: list[str] = []


def pasted_lines(text: str, *, scale: str) -> Pasted:
    """Find lines of scores in a text; nothing is scored here.

    Parameters
    ----------
    text : str
        A table with a header, lines without one, "PHQ-9 0:18 14:15", JSON, or a FHIR bundle.
    scale : str
        Where the text names none.

    Raises
    ------
    FileError, ParameterError
        If it is none of these, or of several people.
    """
    plain = text.lstrip("\ufeff").strip()
    if not plain:
        return Pasted(lines=[])
    found = _of_json(plain, scale) if plain.startswith(("{", "[")) else _of_text(plain, scale)
    if len(found.lines) > _MOST:
        raise ParameterError(f"there are {len(found.lines)} lines; at most {_MOST} of one person are read")
    return found


def _of_json(text: str, scale: str) -> Pasted:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise FileError(f"this is not whole JSON: line {error.lineno}, {error.msg.lower()}") from None
    notes: list[str] = []
    if is_fhir(data):
        entries, notes = answered(data)
    elif isinstance(data, Mapping):
        entries = [
            *_listed(data, "scores"),
            *({**row, "given": row.get("what") or row.get("given")} for row in _listed(data, "given")),
        ]
    elif isinstance(data, list):
        entries = _listed({"scores": data}, "scores")
    else:
        raise FileError("scores are a list, or a mapping with a list of scores")
    return Pasted(lines=[_line_of(entry, scale) for entry in entries], notes=notes)


def _listed(data: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    held = data.get(key) or []
    if not isinstance(held, list) or not all(isinstance(row, Mapping) for row in held):
        raise FileError(f"'{key}' must be a list of entries such as {{day: 14, scale: PHQ-9, score: 12}}")
    return [dict(row) for row in held]


def _line_of(entry: Mapping[str, Any], scale: str) -> Line:
    when = next((entry[key] for key in ("date", "day", "when") if entry.get(key) not in (None, "")), "")
    if entry.get("given"):
        return _line(when, GIVEN, entry["given"])
    total = next((entry[key] for key in ("score", "total", "value") if entry.get(key) is not None), "")
    return _line(
        when, entry.get("scale") or scale, _value(_number(total), [_number(a) for a in entry.get("items") or ()])
    )


def _line(when: object, what: object, value: object) -> Line:
    return Line(when=str(when)[:60], what=str(what)[:60], value=str(value)[:300])


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _value(total: str, answers: Sequence[str]) -> str:
    told = [answer for answer in answers if answer.strip().lower() not in MISSING]
    if not told:
        return "" if total.strip().lower() in MISSING else total
    joined = " ".join(answer.strip() or "-" for answer in answers)
    return f"{joined} = {total}" if total.strip().lower() not in MISSING else joined


def _of_text(text: str, scale: str) -> Pasted:
    rows = text.splitlines()
    if re.search(r"\d\s*[:=]\s*\d", rows[0]) and len(rows) == 1 and "\t" not in text:
        named = re.match(r"\s*[A-Za-z]", rows[0]) and not _WHEN.match(rows[0].strip())
        record = typed(text, scale=None if named else scale or None)
        if record is not None:
            when = [
                _number(s.day)
                if record.start is None
                else str(record.start.fromordinal(record.start.toordinal() + int(s.day)))
                for s in record.scores
            ]
            return Pasted(lines=[_line(w, s.scale, _number(s.value)) for w, s in zip(when, record.scores, strict=True)])
    if not _WHEN.match(rows[0].strip()) and len(rows) > 1:
        try:
            return _of_table(table_of(text, name="this"), scale)
        except FileError as error:
            if any(word in rows[0].lower() for word in ("day", "date", "week", "score", "total", "scale")):
                raise FileError(str(error).replace("'this' ", "The table ")) from None
    return _of_rows(rows, scale)


def _of_table(table: Table, scale: str) -> Pasted:
    people = dict.fromkeys(row.cells.get("person", "") for row in table.rows)
    if len(people) > 1:
        raise ParameterError(f"the table holds {len(people)} people; paste the rows of one")
    found, missed = [], 0
    for row in table.rows:
        cells = row.cells
        when = next((f"week {cells[k]}" if k == "week" else cells[k] for k in ("day", "week") if cells.get(k)), "")
        given = cells.get("given", "")
        if given.lower() not in MISSING:
            found.append(_line(when, GIVEN, given))
            continue
        answers = row.items or tuple(re.split(r"[\s,;|]+", cells.get("items", "")))
        value = _value(cells.get("score", ""), answers)
        if when.lower() in MISSING or not value:
            missed += 1
            continue
        found.append(_line(when, cells.get("scale") or scale, value))
    notes = [f"{missed} row{'s' if missed > 1 else ''} without a score or a day: missed visits"] if missed else []
    if table.unread:
        notes.append(f"not read: {', '.join(table.unread)}")
    return Pasted(lines=found, notes=notes)


def _of_rows(rows: Sequence[str], scale: str) -> Pasted:
    found, left = [], []
    for row in rows:
        if not row.strip():
            continue
        line = _plain(row, scale)
        if line is None:
            left.append(row)
        else:
            found.append(line)
    if not found:
        raise ParameterError(f"no scores were found: {_UNREAD}, such as 2026-03-05 18")
    many = len(left) > 1
    said = f"{len(left)} line{'s were' if many else ' was'} not read and stay{'' if many else 's'} here: {_UNREAD}"
    notes = [said] if left else []
    return Pasted(lines=found, left="\n".join(left), notes=notes)


def _plain(row: str, scale: str) -> Line | None:
    """Read one line without a header: a scale anywhere, then a day or date, then a score."""
    separator = next((mark for mark in "\t;" if mark in row), None)
    spaced = re.sub(r"\b(day|week)\s+(?=\d)", r"\1_", row.strip(), flags=re.IGNORECASE)
    cells = row.split(separator) if separator else spaced.split() if " " in spaced else spaced.split(",")
    cells = [cell.strip(" ,:").replace("_", " ") for cell in cells]
    cells = [cell for cell in cells if cell]
    named = next((k for k, cell in enumerate(cells) if _is_scale(cell)), None)
    what = cells.pop(named) if named is not None else scale
    if len(cells) < 2 or not _WHEN.fullmatch(cells[0]) or not re.match(r"[-+−]?\d", cells[1]):
        return None
    return _line(cells[0], what, " ".join(cells[1:]))


def _is_scale(cell: str) -> bool:
    if not re.match(r"[A-Za-z]", cell):
        return False
    return of_suicidality(cell) or scale_named(cell) is not None
