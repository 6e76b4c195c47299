"""What each column of an event table means, and in which unit its numbers are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from afterglow.errors import ProtocolError, closest
from afterglow.protocol.events.columns import DATES, MEASURED, letters, role_of
from afterglow.units import convert, units_of

__all__ = ["Column", "Header"]

_REQUIRED = ("ID", "TIME", "AMT")
_ADVICE: Mapping[str, str] = {
    "ID": "call it ID",
    "TIME": "call it TIME if it counts hours, TIME[d] if it counts days",
    "AMT": "call it AMT if it holds mg",
    "CMT": "call it CMT",
}
_DATED = re.compile(r".*(DATETIME|TIMESTAMP|DTC|DTM)")
"""Columns that hold a date and the time of the clock together."""
_BRACKETED = re.compile(r"(.*?)[\s_.]*[\[(]([^\])]*)[\])]")
_UNIT_WORDS = re.compile(r"(.*?)(?:UNITS?|U)|UNITS?(?:OF)?(.*)")
_STEMS: Mapping[str, str] = {
    **dict.fromkeys(("T", "TIME", "TIM"), "TIME"),
    **dict.fromkeys(("AMT", "AMOUNT", "DOSE", "DOS", "EXDOS", "EXDOSE"), "AMT"),
    **{role: role for role in ("II", "RATE", "UNTIL")},
    "": "ANY",
}
"""What a column such as TIMEUNIT, AMTU or UNITS tells the unit of."""


@dataclass(frozen=True)
class Column:
    """One column that is read.

    Parameters
    ----------
    name : str
        As the table has it.
    place : int
    unit : str
        That its name tells, such as d in ``TIME[d]``; empty when it tells none.
    """

    name: str
    place: int
    unit: str = ""


@dataclass(frozen=True)
class Header:
    """The columns of a table by what they mean.

    Parameters
    ----------
    read : mapping of str to Column
        By role; a role has one column.
    durations : tuple of Column
        Infusion times, which may have several columns that agree.
    units : mapping of str to Column
        Columns that hold the unit of another, by its role; ANY for a column that is just called UNIT.
    date : str
        Order of the parts of the date, such as mdy; empty without dates.
    others : tuple of Column
        The rest.
    """

    read: Mapping[str, Column]
    durations: tuple[Column, ...]
    units: Mapping[str, Column]
    date: str
    others: tuple[Column, ...]

    @classmethod
    def of(cls, names: Sequence[str], *, line: int, has_compartments: bool) -> Header:
        """Find out what the columns mean.

        Parameters
        ----------
        names : sequence of str
        line : int
            Number of the line in which they stand.
        has_compartments : bool
            Whether somebody said what compartment 1 is, so that CMT may be missing.

        Raises
        ------
        ProtocolError
            If a column is missing, two columns say the same, or a unit is unknown.
        """
        read: dict[str, Column] = {}
        units: dict[str, Column] = {}
        durations: list[Column] = []
        others: list[Column] = []
        for place, name in enumerate(names):
            role, unit = _meaning(name)
            column = Column(name, place, unit)
            told = "" if role else _unit_of(name)
            if role == "DURATION":
                durations.append(column)
            elif role:
                _put(read, "DATE" if role in DATES else role, column, line)
            elif told:
                _put(units, told, column, line)
            else:
                _refuse_twice(others, column, line)
                others.append(column)
        _require(read, names, has_compartments=has_compartments)
        date = DATES[read["DATE"].name.upper()] if "DATE" in read else ""
        return cls(read, tuple(durations), units, date, tuple(others))


def _put(found: dict[str, Column], role: str, column: Column, line: int) -> None:
    if role in found:
        _refuse_twice([found[role]], column, line)
        message = f"the columns {found[role].name[:40]} and {column.name[:40]} say the same; keep one"
        raise ProtocolError(message, where=f"row {line}")
    found[role] = column


def _refuse_twice(others: Sequence[Column], column: Column, line: int) -> None:
    if column.name and any(column.name.upper() == other.name.upper() for other in others):
        raise ProtocolError(f"the column {column.name.upper()[:40]} stands twice; keep one", where=f"row {line}")


def _meaning(name: str) -> tuple[str, str]:
    """Return the role of a column and the unit that its name tells, such as TIME and d for ``TIME[d]`` or TIME_D."""
    role = role_of(name)
    if role:
        return role, ""
    bracketed = _BRACKETED.fullmatch(name)
    if bracketed:
        role = role_of(bracketed[1])
        if role in MEASURED:
            _check_unit(role, bracketed[2], name)
            return role, bracketed[2].strip()
        return "", ""
    for end in range(len(name) - 1, 0, -1):
        role, unit = role_of(name[:end].rstrip("_. ")), name[end:].strip("_. ").lower()
        if MEASURED.get(role) == "time" and unit in units_of("h") and unit != "s":
            return role, unit
        if MEASURED.get(role) == "amount" and unit in units_of("mg"):
            return role, unit
    return "", ""


def _check_unit(role: str, unit: str, name: str) -> None:
    kind: Literal["time", "amount", "rate"] = MEASURED[role]
    try:
        if kind == "time":
            convert(1.0, unit.strip(), "h", what="a time")
        elif kind == "amount":
            convert(1.0, unit.strip(), "mg/kg" if "/" in unit else "mg", what="an amount")
    except ValueError as error:
        raise ProtocolError(f"the column {name[:40]} cannot be read: {error}") from None


def _unit_of(name: str) -> str:
    """Return the role whose unit a column holds, ANY for a bare UNIT; empty when it holds none."""
    found = _UNIT_WORDS.fullmatch(letters(name))
    if found is None:
        return ""
    stem = found[1] if found[2] is None else found[2]
    return _STEMS.get(stem) or role_of(stem) * (role_of(stem) in MEASURED)


def _require(read: Mapping[str, Column], names: Sequence[str], *, has_compartments: bool) -> None:
    if len(names) == 1:
        raise ProtocolError(f"the table has one column, '{names[0][:60]}'; divide its cells by commas")
    for role in (*_REQUIRED, "CMT"):
        if role in read or (role == "CMT" and has_compartments):
            continue
        said = " (or say what compartment 1 is: --cmt 1=ketamine_iv)" if role == "CMT" else ""
        raise ProtocolError(f"the column {role} is missing; {_instead(role, names)}{said}")


def _instead(role: str, names: Sequence[str]) -> str:
    """Say which column of the table looks like the one that is missing, and what to do with it."""
    unread = [name for name in names if name and not role_of(name) and not _unit_of(name)]
    dated = [name for name in unread if role == "TIME" and _DATED.fullmatch(letters(name))]
    if dated:
        return f"'{dated[0][:40]}' looks like date and time in one: divide it into DATE (2026-01-31) and TIME (9:30)"
    unit = {"TIME": "h", "AMT": "mg"}.get(role)
    units = [name for name in unread if unit and name.lower() in units_of(unit)]
    if units:
        return f"'{units[0][:40]}' looks like it: call it {role}[{units[0].lower()}]"
    like = [name for name in unread if _STEMS.get(letters(name)) == role] or closest(role, unread, count=1)
    if like:
        return f"'{like[0][:40]}' looks like it: {_ADVICE[role]}"
    if role == "TIME" and any(name.upper() in DATES for name in names):
        return "it holds the time of the clock, such as 9:30, beside the column of dates"
    return f"the table has {', '.join(name.upper() for name in names if name)[:200]}"
