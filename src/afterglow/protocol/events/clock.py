"""When a row of an event table happens: hours, another unit, clock times, or dates as NM-TRAN has them.

References
----------
NM-TRAN's day-time translation, NONMEM Users Guide V, chapter 6.10: with a column of dates, or a colon in any TIME,
times are clock times, counted from the first row of each person.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from afterglow.protocol.events.header import Header
from afterglow.protocol.events.row import Row
from afterglow.units import DAY_H

__all__ = ["Clock"]

_CLOCK = re.compile(r"(-?)(\d{1,4}):(\d{1,2})(?::(\d{1,2}(?:\.\d*)?))?", re.ASCII)
_DATE = re.compile(r"(\d{1,4})\s*[-/. ]\s*(\d{1,4})\s*[-/. ]\s*(\d{1,4})", re.ASCII)
_DAY = re.compile(r"-?\d{1,5}(?:\.0*)?", re.ASCII)
_PARTS = {"m": "month", "d": "day", "y": "year"}
_CENTURY = 100
_LAST_20 = 50
"""NM-TRAN's LAST20: years up to this one are of the 2000s, later ones of the 1900s."""


class Clock:
    """Reads the times of a table.

    Parameters
    ----------
    header : Header
    firsts : mapping of str to Row
        First row of each person.
    has_colons : bool
        Whether any TIME is written like 9:30.
    """

    def __init__(self, header: Header, firsts: Mapping[str, Row], *, has_colons: bool) -> None:
        self.is_relative = bool(header.date) or has_colons
        self._order = header.date
        self._firsts = firsts
        self._starts: dict[str, float] = {}

    def time_h(self, row: Row, person: str) -> float:
        """Return the hours from the start of day 0, or from the person's first row where times are clock times.

        Raises
        ------
        ProtocolError
            If TIME is empty, or the time or date cannot be read.
        """
        if not row.text("TIME"):
            raise row.wrong("TIME is empty")
        if not self.is_relative:
            return row.hours(row.value("TIME", 0.0), "TIME")
        if person not in self._starts:
            self._starts[person] = self._absolute_h(self._firsts[person])
        return self._absolute_h(row) - self._starts[person]

    def length_h(self, row: Row, role: str) -> float:
        """Return a length of time, such as II, which may be written like 12:00."""
        text = row.text(role)
        return _clock_h(row, text) if ":" in text else row.hours(row.value(role, 0.0), role)

    def _absolute_h(self, row: Row) -> float:
        text = row.text("TIME")
        if row.time_unit().lower() not in ("h", "hr", "hrs", "hour", "hours"):
            raise row.wrong(f"TIME is a time of the clock here, so it cannot be in {row.time_unit()[:20]}")
        hours = _clock_h(row, text) if ":" in text else row.value("TIME", 0.0)
        return hours + (self._day(row) * DAY_H if self._order else 0.0)

    def _day(self, row: Row) -> float:
        """Return the number of a row's date, or the day that stands in place of one."""
        text = row.text("DATE")
        name = row.header.read["DATE"].name.upper()
        found = _DATE.fullmatch(text)
        if found is None:
            if _DAY.fullmatch(text):
                return float(text)
            shown = "-".join(_PARTS[part] for part in self._order)
            raise row.wrong(f"{name} must be a date as {shown} in digits, or a day, got '{text[:30]}'")
        order = "ymd" if name == "DATE" and len(found[1]) == 4 else self._order  # 2024-01-31 can only be this
        parts = dict(zip(order, (int(part) for part in found.groups()), strict=True))
        year = parts["y"] if parts["y"] >= _CENTURY else parts["y"] + (2000 if parts["y"] <= _LAST_20 else 1900)
        try:
            return float(dt.date(year, parts["m"], parts["d"]).toordinal())
        except ValueError:
            shown = "-".join(_PARTS[part] for part in order)
            raise row.wrong(f"{name} '{text[:30]}' is no date when read as {shown}") from None


def _clock_h(row: Row, text: str) -> float:
    found = _CLOCK.fullmatch(text)
    if found is None or int(found[3]) >= 60 or float(found[4] or 0) >= 60:
        apart = "; its date belongs into a column DATE" if _DATE.match(text) else ""
        raise row.wrong(f"'{text[:20]}' is no time of the clock, such as 9:30{apart}")
    hours = int(found[2]) + int(found[3]) / 60 + float(found[4] or 0) / 3600
    return -hours if found[1] else hours
