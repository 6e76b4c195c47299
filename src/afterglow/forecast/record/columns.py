"""Tables of scores as people keep them: what each column means, whatever it is called and however it is separated."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from afterglow.errors import FileError, nearest
from afterglow.scales.instruments import SCALES

__all__ = ["MISSING", "Row", "Table", "table_of"]

MISSING = frozenset({"", ".", "na", "n/a", "nan", "none", "null", "missing", "-", "–"})
"""What stands for a visit that was missed."""

_ROLES: Mapping[str, tuple[str, ...]] = {  # German words last
    "person": (
        "person",
        "id",
        "subject",
        "subject_id",
        "subjid",
        "usubjid",
        "participant",
        "participant_id",
        "patient",
        "patient_id",
        "person_id",
        "pid",
        "client",
        "client_id",
        "kürzel",
    ),
    "arm": ("arm", "group", "treatment", "trt", "condition", "gruppe"),
    "scale": ("scale", "measure", "instrument", "questionnaire", "test", "param", "paramcd", "skala", "fragebogen"),
    "day": (
        "day",
        "days",
        "date",
        "when",
        "time",
        "visit_day",
        "visitday",
        "ady",
        "study_day",
        "day_or_date",
        "tag",
        "datum",
    ),
    "week": ("week", "weeks", "woche"),
    "score": ("score", "total", "value", "result", "aval", "points", "total_score", "wert", "punkte", "summe"),
    "items": ("items", "answers", "antworten"),
    "given": ("given", "event", "treatment_given", "what", "done", "ereignis"),
}
_NAMES = {name: role for role, names in _ROLES.items() for name in names}
_ITEM = re.compile(r"(?:item|q|i)[ _-]?(\d{1,2})")


@dataclass(frozen=True)
class Row:
    """One row: its line in the file, and its cells by role; items in order."""

    line: int
    cells: Mapping[str, str]
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """The rows of a table, and what was not read.

    Parameters
    ----------
    rows : tuple of Row
    roles : frozenset of str
        What the table tells.
    unread : tuple of str
        Columns that are not read.
    """

    rows: tuple[Row, ...]
    roles: frozenset[str]
    unread: tuple[str, ...]


def table_of(text: str, *, name: str) -> Table:
    """Read a table separated by commas, semicolons or tabs.

    Raises
    ------
    FileError
        If there is no column for a day or a score, one stands twice, or a row has more cells than the header.
    """
    first = text.lstrip("\ufeff \r\n").splitlines()[0]
    separator = max(";\t,", key=first.count)
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=separator, skipinitialspace=True)
    try:
        lines = [(rows.line_num, cells) for cells in rows if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise FileError(f"'{name}' is not a table ({error})") from None
    header = [re.sub(r"[\s-]+", "_", cell.strip().lower()) for cell in lines[0][1]]
    roles = _roles_of(header, name)
    items = [_item(word) for word in header]
    scales = [_NAMED.get(_letters(word), "") for word in header]
    _refuse_odd_header(name, header, roles, items, scales)
    found: list[Row] = []
    for line, cells in lines[1:]:
        if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            raise FileError(
                f"'{name}' line {line} has {len(cells)} cells under {len(header)} columns; a decimal comma in a table "
                "that is separated by commas does this"
            )
        padded = [*cells, *[""] * len(header)]
        own = {role: padded[k].strip() for k, role in enumerate(roles) if role}
        answers = tuple(padded[k].strip() for k in sorted(range(len(items)), key=items.__getitem__) if items[k])
        named = [(scale, padded[k].strip()) for k, scale in enumerate(scales) if scale]
        found += [Row(line, {**own, "scale": scale, "score": cell}) for scale, cell in named if cell]
        if not named or own.get("given") or (own.get("score") and not answers) or any(answers):
            found.append(Row(line, own, answers))
    told = frozenset(role for role in roles if role) | ({"items"} if any(items) else frozenset())
    told |= {"scale", "score"} if any(scales) else frozenset()
    unread = tuple(
        cell.strip()
        for cell, role, item, scale in zip(lines[0][1], roles, items, scales, strict=True)
        if not (role or item or scale)
    )
    return Table(tuple(found), told, unread)


def _roles_of(header: list[str], name: str) -> list[str]:
    """Say what each column means; of several that may mean the same, the one with the plainest name does."""
    twice = next((a for a, b in pairwise(sorted(header)) if a == b and a in _NAMES), None)
    if twice is not None:
        raise FileError(f"'{name}' has two columns called {twice}; keep one")
    best = {
        role: min((word for word in header if _NAMES.get(word) == role), key=names.index)
        for role, names in _ROLES.items()
        if any(word in names for word in header)
    }
    return [role if best.get(role := _NAMES.get(word, "")) == word else "" for word in header]


def _item(word: str) -> int:
    found = _ITEM.fullmatch(word)
    return int(found[1]) if found else 0


def _letters(word: str) -> str:
    return "".join(letter for letter in word.lower() if letter.isalnum())


_NAMED = {_letters(word): s.id for s in SCALES.values() for word in (s.id, *s.aliases)}
"""Scales by the letters of their names: a column may bear the name of a scale, and holds its totals."""


def _refuse_odd_header(name: str, header: list[str], roles: list[str], items: list[int], scales: list[str]) -> None:
    told = {role for role in roles if role}
    if not told & {"day", "week"} or not (told & {"score", "items"} or any(items) or any(scales)):
        wanted = "a day or date" if not told & {"day", "week"} else "a score"
        close = nearest(header[0], _NAMES) if len(header) == 1 else f"its columns are {', '.join(header[:12])}"
        raise FileError(f"'{name}' has no column for {wanted}, such as day,scale,score; {close}")
    numbers = sorted(item for item in items if item)
    if numbers and numbers != list(range(1, len(numbers) + 1)):
        raise FileError(f"'{name}' has items {', '.join(map(str, numbers))}; they should run from 1 without a gap")
