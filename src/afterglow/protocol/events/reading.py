"""Reads a NONMEM event table as the arms of a protocol; the columns are described in `columns`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from afterglow.errors import ProtocolError, nearest
from afterglow.medicines import MEDICINES
from afterglow.protocol.arm import Arm
from afterglow.protocol.dose import Dose
from afterglow.protocol.events.clock import Clock
from afterglow.protocol.events.columns import EXTRAPOLATED, PRACTICE, SESSION
from afterglow.protocol.events.header import Header
from afterglow.protocol.events.held import Held, arms_of
from afterglow.protocol.events.infusion import amount_fields, infusion_h
from afterglow.protocol.events.row import Row, plain_name
from afterglow.protocol.events.table import EventText
from afterglow.protocol.events.unread import Given, Unread
from afterglow.protocol.session import Practice, Session
from afterglow.protocol.vocabulary import FURTHEST_DAY, SESSION_KINDS
from afterglow.units import DAY_H

__all__ = ["Compartments", "EventTable", "event_table_from", "read_event_table"]

Compartments = Mapping[str | int, str]
"""Medicine and route, such as ketamine_iv, of each compartment that CMT names by a number or in words of its own."""

_USUAL_COMPARTMENT = "1"
"""Where a dose goes that names no compartment, as in NONMEM."""
_DOSE_SIGNS = ("RATE", "ADDL")
"""Columns that only a dose has; beside one of them, an empty AMT is a mistake."""
_KINDS = (*SESSION_KINDS, PRACTICE, EXTRAPOLATED, "dose")
_MOST_ROWS = 2000
_MOST_SHOWN = 12
_LONGEST_H = FURTHEST_DAY * DAY_H
_DIGITS = 9
_CLOSE_H = 1e-9
_Made = TypeVar("_Made", Dose, Session, Practice)


@dataclass(frozen=True)
class EventTable:
    """What an event table holds.

    Parameters
    ----------
    arms : tuple of Arm
    notes : tuple of str
        What was passed over or taken to mean something, a sentence each.
    """

    arms: tuple[Arm, ...]
    notes: tuple[str, ...]


def read_event_table(text: str, *, cmt: Compartments | None = None) -> tuple[Arm, ...]:
    """Read the arms of a NONMEM event table, one for each distinct schedule.

    IDs that are given the same become one arm, whose `n` counts them when there are several. An arm is called by its
    ARM; where IDs of one ARM differ, each schedule is called by its ARM and first ID. Doses are read as fixed mg,
    unless AMT is in mg/kg. Observation rows (EVID 0), comments, and columns that a protocol has no use for are passed
    over; `event_table_from` lists them.

    Parameters
    ----------
    text : str
        Cells divided by commas, tabs, semicolons, pipes or blanks.
    cmt : mapping of str or int to str, optional
        What the compartments are, such as ``{1: "ketamine_iv"}``, where CMT does not say it itself.

    Raises
    ------
    ProtocolError
        If a column is missing or would change what is given but cannot be read, a row holds what a protocol cannot say
        (the sentence names the row), or the schedules are more than the arms of a protocol.
    """
    return event_table_from(text, cmt=cmt).arms


def event_table_from(text: str, *, cmt: Compartments | None = None) -> EventTable:
    """Read a NONMEM event table as `read_event_table` does, with notes on what was passed over.

    Raises
    ------
    ProtocolError
        As `read_event_table` does.
    """
    return _Reader(EventText(text), cmt or {}).table()


class _Reader:
    """Reads one table: first all rows, of which those that give something are kept, then what these give."""

    def __init__(self, text: EventText, cmt: Compartments) -> None:
        self._text = text
        self._cmt = {plain_name(str(number)).lower(): name.strip().lower() for number, name in cmt.items()}
        for name in self._cmt.values():
            _known_compartment(name)
        has_compartments = _USUAL_COMPARTMENT in self._cmt
        self._header = Header.of(text.header, line=text.header_line, has_compartments=has_compartments)
        self._unread = Unread(self._header.others)
        self._people: dict[str, Held] = {}
        self._returned: dict[str, int] = {}

    def table(self) -> EventTable:
        events, has_colons = self._events()
        if not self._people:
            raise ProtocolError("the table has a header but no rows")
        clock = Clock(self._header, {name: held.first for name, held in self._people.items()}, has_colons=has_colons)
        for row, event in events:
            self._read(row, event, clock)
        return EventTable(arms_of(self._people), tuple(self._notes(clock)))

    def _events(self) -> tuple[list[tuple[Row, float]], bool]:
        """Return the rows that give something with their EVID, and whether any TIME is written like 9:30."""
        found: list[tuple[Row, float]] = []
        has_colons = False
        before = ""
        for number, cells in self._text.rows():
            row = Row(number, cells, self._header)
            name = plain_name(row.text("ID"))
            if not name:
                raise row.wrong("ID is empty")
            arm = row.arm()
            held = self._people.get(name)
            if held is None:
                held = self._people[name] = Held(arm, row)
            elif name != before:
                self._returned.setdefault(name, number)
            if arm != held.arm:
                raise row.wrong(f"ID {name[:20]} stands in ARM '{arm[:40]}' and in ARM '{held.arm[:40]}'")
            before = name
            has_colons = has_colons or ":" in row.text("TIME")
            event = _event(row)
            if event:
                found.append((row, event))
        return found, has_colons

    def _read(self, row: Row, event: float, clock: Clock) -> None:
        """Add what a row gives to its person."""
        person = plain_name(row.text("ID"))
        held = self._people[person]
        time = clock.time_h(row, person)
        if not abs(time) <= _LONGEST_H:
            raise row.wrong(f"TIME must lie within {_LONGEST_H / DAY_H:g} days of day 0, got day {time / DAY_H:g}")
        kind = row.text("KIND").lower()
        repeats = _repeats(row, clock)
        if event == 1 or kind == "dose":
            medicine, route = self._compartment(row)
            self._unread.refuse_changes(row, Given(person, time, medicine, route))
            if time < held.dosed_h - _CLOSE_H:
                raise row.wrong(
                    f"TIME {time:g} h lies before a dose of the same ID above, at {held.dosed_h:g} h; write doses in "
                    "order of time, counted on through occasions"
                )
            held.dosed_h = time
            dose = _dose(row, medicine, route)
            held.doses += [_made(Dose, {**dose, **_day_and_hour(at)}, row) for at in _times(time, repeats)]
        elif row.text("CMT").lower() == SESSION:
            self._unread.refuse_changes(row, Given(person, time))
            if kind == PRACTICE:
                held.practice.append(_practice(row, time, repeats))
            else:
                fields = _session(row)
                held.sessions += [_made(Session, {**fields, **_day_and_hour(at)}, row) for at in _times(time, repeats)]
        else:
            raise row.wrong(f"an EVID 2 row of KIND {kind[:40]} has the CMT '{SESSION}', got '{row.text('CMT')[:40]}'")
        for name, rows in (("doses", held.doses), ("sessions", held.sessions)):
            if len(rows) > _MOST_ROWS:
                raise row.wrong(f"the {name} of one ID become more than {_MOST_ROWS}; check ADDL")

    def _compartment(self, row: Row) -> tuple[str, str]:
        """Return the medicine and route of a row's compartment."""
        name = plain_name(row.text("CMT")).lower()
        if name in ("", "0") and _USUAL_COMPARTMENT in self._cmt:
            name = _USUAL_COMPARTMENT
        if not name:
            raise row.wrong("CMT is empty; write medicine and route, such as ketamine_iv")
        if name not in self._cmt and name.replace(".", "").isdigit():
            raise row.wrong(
                f"CMT {name[:20]} is a number; write medicine and route instead, such as ketamine_iv, or say what it "
                f"is with --cmt {name[:20]}=ketamine_iv"
            )
        if name == SESSION:
            raise row.wrong(f"a row with the CMT '{SESSION}' has the EVID 2")
        try:
            return _known_compartment(self._cmt.get(name, name))
        except ProtocolError as error:
            raise row.wrong(error.message) from None

    def _notes(self, clock: Clock) -> Iterator[str]:
        """Say what was passed over, and what was taken to mean something."""
        if self._header.others:
            names = ", ".join(column.name or "one without a name" for column in self._header.others)
            yield f"columns that are passed over: {names}"
        if self._text.comments:
            yield f"lines that are comments and are passed over: {_ranges(self._text.comments)}"
        if self._returned:
            rows = [f"{name[:20]} in row {number}" for name, number in self._returned.items()]
            more = f" and {len(rows) - _MOST_SHOWN} more" if len(rows) > _MOST_SHOWN else ""
            yield (
                "an ID that comes back after another is read as the same person, but NONMEM would take it for a new "
                f"one: {', '.join(rows[:_MOST_SHOWN])}{more}"
            )
        if clock.is_relative:
            yield "TIME is that of the clock and counts from the first row of each ID, as in NM-TRAN"


def _event(row: Row) -> float:
    """Return the EVID of a row that gives something, 0 of one that gives nothing.

    Raises
    ------
    ProtocolError
        If EVID is unknown, or a row holds an amount or a session that its EVID does not give.
    """
    amount = row.value("AMT", 0.0)
    event = row.value("EVID", math.nan)
    kind = row.text("KIND").lower()
    contact = row.text("CMT").lower() == SESSION or kind in _KINDS or (event == 2 and kind != "")
    if math.isnan(event):
        sign = next((role for role in _DOSE_SIGNS if row.value(role, 0.0) and not amount and not contact), None)
        if sign:
            raise row.wrong(f"{sign} is {row.text(sign)[:20]} but AMT is empty; a dose needs its amount")
        event = 1.0 if amount else 2.0 if contact else 0.0
    if event not in (0, 1, 2, 3, 4):
        raise row.wrong(f"EVID must be 0, 1, 2, 3 or 4, got {event:g}")
    if event in (3, 4):
        raise row.wrong(f"EVID {event:g} empties the body, which a protocol cannot say; use 1 for a dose")
    if event != 1 and amount:
        raise row.wrong(
            f"AMT is {amount:g} but EVID {event:g} gives nothing; use EVID 1 to give it, else leave AMT empty"
        )
    if event == 2 and row.text("CMT").startswith("-"):
        raise row.wrong(f"CMT {row.text('CMT')[:20]} turns a compartment off, which a protocol cannot say")
    if event == 0 and contact:
        raise row.wrong("a session has EVID 2, but EVID is 0; change it, or leave KIND and CMT empty")
    return event if event == 1 or contact else 0.0


def _made(kind: type[_Made], fields: Mapping[str, object], row: Row) -> _Made:
    part, wrong = kind.parse(fields)
    if part is None:
        raise row.wrong(str(wrong[0]))
    return part


def _dose(row: Row, medicine: str, route: str) -> dict[str, object]:
    """Return the fields of a row's dose but for its time."""
    kind = row.text("KIND").lower()
    if kind not in ("", "dose", EXTRAPOLATED):
        raise row.wrong(f"KIND of a dose is empty or '{EXTRAPOLATED}', got '{kind[:40]}'")
    if row.text("UNTIL").strip("0."):
        raise row.wrong("UNTIL is the end of practice; give the repeats of a dose as ADDL and II")
    amount_field, amount = amount_fields(row)
    fields: dict[str, object] = {"medicine": medicine, "route": route}
    if MEDICINES[medicine].is_inert:
        given = {amount_field: amount} if amount else {}  # refused, not passed over
        return {**fields, **given, "duration_h": infusion_h(row, has_amount=False)}
    fields |= {amount_field: amount, "duration_h": infusion_h(row, has_amount=True)}
    return {**fields, "extrapolated": kind == EXTRAPOLATED}


def _session(row: Row) -> dict[str, object]:
    """Return the fields of a row's session but for its time."""
    fields: dict[str, object] = {"kind": row.text("KIND"), "hours": row.value("HOURS", 0.0)}
    for name in ("FORMAT", "APPROACH"):
        if row.text(name):
            fields[name.lower()] = row.text(name)
    if row.text("TASKS"):
        fields["tasks"] = row.text("TASKS").split()
    return fields


def _practice(row: Row, time: float, repeats: tuple[int, float]) -> Practice:
    if not row.text("UNTIL"):
        raise row.wrong("UNTIL is empty; practice needs the time at which it ends")
    if repeats[0]:
        raise row.wrong("practice is not repeated by ADDL; write a row for each stretch")
    until = row.hours(row.value("UNTIL", 0.0), "UNTIL")
    days = [round(end / DAY_H, _DIGITS) for end in (time, until)]
    fields = {"from_day": days[0], "to_day": days[1], "hours_per_week": row.value("HOURS", 0.0)}
    return _made(Practice, fields, row)


def _day_and_hour(time_h: float) -> dict[str, float]:
    """Split hours from the start of day 0 into day and hour."""
    day = math.floor(round(time_h, _DIGITS) / DAY_H)
    return {"day": float(day), "hour": round(time_h - day * DAY_H, _DIGITS)}


def _times(first: float, repeats: tuple[int, float]) -> list[float]:
    count, gap = repeats
    return [first + k * gap for k in range(count + 1)]


def _repeats(row: Row, clock: Clock) -> tuple[int, float]:
    """Return how often a row is repeated, and after how many hours each."""
    count = row.value("ADDL", 0.0)
    if count < 0 or count != int(count):
        raise row.wrong(f"ADDL must be a whole number of 0 or more, got {count:g}")
    if count > _MOST_ROWS:
        raise row.wrong(f"ADDL must be at most {_MOST_ROWS}, got {count:g}")
    if not count:
        return 0, 0.0
    gap = clock.length_h(row, "II")
    if not gap > 0:
        raise row.wrong(f"ADDL {count:g} needs an II above 0, got {gap:g}")
    if gap > _LONGEST_H:
        raise row.wrong(f"II must be at most {_LONGEST_H / DAY_H:g} days, got {gap / DAY_H:g} days")
    return int(count), gap


def _known_compartment(name: str) -> tuple[str, str]:
    """Return the medicine and route of a compartment in words.

    Raises
    ------
    ProtocolError
        If it is unknown.
    """
    known = {f"{medicine}_{route}": (medicine, route) for medicine, m in MEDICINES.items() for route in m.routes}
    if name not in known:
        raise ProtocolError(f"unknown CMT '{name[:40]}': {nearest(name[:40], (*known, SESSION))}")
    return known[name]


def _ranges(numbers: Sequence[int]) -> str:
    """Write rising numbers with neighbours joined, such as ``3, 5-7``."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in spans)
