"""Reads a NONMEM event table as the arms of a protocol; the columns are described in `event_columns`."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from afterglow.errors import ProtocolError, nearest
from afterglow.medicines import MEDICINES
from afterglow.protocol.arm import Arm
from afterglow.protocol.dose import Dose
from afterglow.protocol.events.columns import COLUMNS, EXTRAPOLATED, PRACTICE, SESSION
from afterglow.protocol.sentences.step_places import MOST_ARMS
from afterglow.protocol.session import Practice, Session
from afterglow.units import DAY_H

__all__ = ["read_event_table"]

_REQUIRED = ("ID", "TIME", "AMT", "CMT")
_TIMES = {"TIME": 1.0, "TIME[H]": 1.0, "TIME[D]": DAY_H}
_MEANT_ELSEWHERE = {
    "SS": "SS (steady state) is not read; write the doses that lead to it",
    "DUR": "DUR is not read; give the infusion as RATE in mg per hour",
    "TINF": "TINF is not read; give the infusion as RATE in mg per hour",
    "DATE": "DATE is not read; give TIME as hours from the start of day 0",
}
"""Columns that would change what is given, and what to write instead."""

_KNOWN = (*COLUMNS, *_MEANT_ELSEWHERE, "WT", "MDV", "DV", "AGE", "SEX", "SEXF", "C")
_NOTHING = ("", ".", "NA")
_MOST_ROWS = 2000
_DIGITS = 9
_Made = TypeVar("_Made", Dose, Session, Practice)


def read_event_table(text: str) -> tuple[Arm, ...]:
    """Read the arms of a NONMEM event table, one for each distinct schedule.

    IDs that are given the same become one arm, whose `n` counts them when there are several. An arm is called by its
    ARM; where IDs of one ARM differ, each schedule is called by its ARM and first ID. Doses are read as fixed mg.
    Observation rows (EVID 0), rows marked in a first column C, and columns that a protocol has no use for are passed
    over.

    Raises
    ------
    ProtocolError
        If a column is missing, a row holds what a protocol cannot say (the sentence names the row), or the schedules
        are more than the arms of a protocol.
    """
    rows, hours = _table(text)
    people: dict[str, _Held] = {}
    for row in rows:
        name = row.text("ID")
        if not name:
            raise row.wrong("ID is empty")
        held = people.setdefault(name, _Held(row.text("ARM")))
        if row.text("ARM") != held.arm:
            raise row.wrong(f"ID {name[:20]} stands in ARM '{row.text('ARM')[:40]}' and in ARM '{held.arm[:40]}'")
        _read_row(row, hours, held)
    if not people:
        raise ProtocolError("the table has a header but no rows")
    return _arms(people)


@dataclass
class _Held:
    """What one ID is given."""

    arm: str
    doses: list[Dose] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    practice: list[Practice] = field(default_factory=list)

    def schedule(self) -> _Schedule:
        """Return it in order of time."""
        return (
            self.arm,
            tuple(sorted(self.doses, key=lambda dose: dose.time_h)),
            tuple(sorted(self.sessions, key=lambda session: session.time_h)),
            tuple(sorted(self.practice, key=lambda practice: practice.from_day)),
        )


_Schedule = tuple[str, tuple[Dose, ...], tuple[Session, ...], tuple[Practice, ...]]


def _arms(people: Mapping[str, _Held]) -> tuple[Arm, ...]:
    """Join the people who are given the same."""
    joined: dict[_Schedule, list[str]] = {}
    for number, held in people.items():
        joined.setdefault(held.schedule(), []).append(number)
    if len(joined) > MOST_ARMS:
        raise ProtocolError(
            f"the table holds {len(joined)} different schedules but a protocol has at most {MOST_ARMS} arms; "
            "where amounts go by weight, write each arm for one typical person"
        )
    shared = [arm for arm, *_ in joined]
    arms = []
    for k, ((arm, doses, sessions, practice), numbers) in enumerate(joined.items(), start=1):
        name = arm or f"arm{k}"
        fields = {"doses": doses, "sessions": sessions, "practice": practice}
        several = arm and shared.count(arm) > 1
        count = {"n": len(numbers)} if len(numbers) > 1 else {}
        arms.append(Arm.made({"id": f"{name} ID {numbers[0]}" if several else name, **count, **fields}))
    return tuple(arms)


@dataclass(frozen=True)
class _Row:
    """One row of a table, with its number in the file."""

    number: int
    cells: Mapping[str, str]

    def wrong(self, message: str) -> ProtocolError:
        return ProtocolError(message, where=f"row {self.number}")

    def text(self, column: str) -> str:
        value = self.cells.get(column, "").strip()
        return "" if value in _NOTHING else value

    def value(self, column: str, usual: float) -> float:
        text = self.text(column)
        if not text:
            return usual
        try:
            number = float(text)
        except ValueError:
            raise self.wrong(f"{column} must be a number, got '{text[:40]}'") from None
        if not math.isfinite(number):
            raise self.wrong(f"{column} must be a finite number, got '{text[:40]}'")
        return number


def _table(text: str) -> tuple[list[_Row], float]:
    """Return the rows of a table, and the hours in its unit of time."""
    try:
        lines = [(k, cells) for k, cells in enumerate(csv.reader(io.StringIO(text), strict=True), start=1) if cells]
    except csv.Error as error:
        raise ProtocolError(f"the text is not a CSV table: {error}") from None
    if not lines:
        raise ProtocolError("the table is empty; expected the columns " + ", ".join(COLUMNS))
    header = [cell.strip().upper() for cell in lines[0][1]]
    twice = next((name for name in header if name and header.count(name) > 1), None)
    if twice:
        raise ProtocolError(f"the column {twice[:40]} stands twice; keep one", where=f"row {lines[0][0]}")
    time = next((name for name in header if name in _TIMES), None)
    names = ["TIME" if name == time else name for name in header]
    _require(names)
    rows = []
    for number, cells in lines[1:]:
        if names[0] == "C" and cells[0].strip() not in _NOTHING:
            continue
        if len(cells) != len(names):
            message = f"has {len(cells)} cells but the header has {len(names)}; the text may have been cut off"
            raise ProtocolError(message, where=f"row {number}")
        rows.append(_Row(number, dict(zip(names, cells, strict=True))))
    return rows, _TIMES[time or "TIME"]


def _require(names: Sequence[str]) -> None:
    for column in _REQUIRED:
        if column in names:
            continue
        strange = [name for name in names if name not in _KNOWN]
        hint = nearest(column, strange) if strange else ""
        found = f"; {hint}" if hint.startswith("did you mean") else f"; the table has {', '.join(names)[:200]}"
        raise ProtocolError(f"the column {column} is missing{found}")


def _read_row(row: _Row, hours: float, found: _Held) -> None:
    amount = row.value("AMT", 0.0)
    event = row.value("EVID", 1.0 if amount else 0.0)
    if event not in (0, 1, 2, 3, 4):
        raise row.wrong(f"EVID must be 0, 1, 2, 3 or 4, got {event:g}")
    if event in (3, 4):
        raise row.wrong(f"EVID {event:g} empties the body, which a protocol cannot say; use 1 for a dose")
    for column, message in _MEANT_ELSEWHERE.items():
        if row.text(column).strip("0."):
            raise row.wrong(message)
    if event == 0:
        return
    time = row.value("TIME", math.nan) * hours
    if math.isnan(time):
        raise row.wrong("TIME is empty")
    kind = row.text("KIND").lower()
    if event == 1 or kind == "dose":
        found.doses += _doses(row, time, hours, amount)
    elif row.text("CMT").lower() == SESSION:
        _read_contact(row, time, hours, found)
    elif kind:
        raise row.wrong(f"an EVID 2 row of KIND {kind[:40]} has the CMT '{SESSION}', got '{row.text('CMT')[:40]}'")
    if len(found.doses) > _MOST_ROWS:
        raise row.wrong(f"the doses of one ID become more than {_MOST_ROWS}; check ADDL")


def _read_contact(row: _Row, time: float, hours: float, found: _Held) -> None:
    if row.text("KIND").lower() != PRACTICE:
        found.sessions.append(_session(row, time))
        return
    if not row.text("UNTIL"):
        raise row.wrong("UNTIL is empty; practice needs the time at which it ends")
    days = [round(end / DAY_H, _DIGITS) for end in (time, row.value("UNTIL", 0.0) * hours)]
    fields = {"from_day": days[0], "to_day": days[1], "hours_per_week": row.value("HOURS", 0.0)}
    found.practice.append(_made(Practice, fields, row))


def _clock(time_h: float) -> dict[str, float]:
    """Split hours from the start of day 0 into day and hour."""
    day = math.floor(round(time_h, _DIGITS) / DAY_H)
    return {"day": float(day), "hour": round(time_h - day * DAY_H, _DIGITS)}


def _made(kind: type[_Made], fields: Mapping[str, object], row: _Row) -> _Made:
    part, wrong = kind.parse(fields)
    if part is None:
        raise row.wrong(str(wrong[0]))
    return part


def _session(row: _Row, time: float) -> Session:
    fields: dict[str, object] = {**_clock(time), "kind": row.text("KIND"), "hours": row.value("HOURS", 0.0)}
    if row.text("FORMAT"):
        fields["format"] = row.text("FORMAT")
    if row.text("TASKS"):
        fields["tasks"] = row.text("TASKS").split()
    return _made(Session, fields, row)


def _doses(row: _Row, time: float, hours: float, amount: float) -> Iterator[Dose]:
    medicine, route = _compartment(row)
    fields: dict[str, object] = {"medicine": medicine, "route": route}
    if MEDICINES[medicine].is_inert:
        fields["duration_h"] = row.value("HOURS", 0.0) or None
    else:
        fields["dose_mg"] = amount
        fields["duration_h"] = _duration(row, amount)
        fields["extrapolated"] = row.text("KIND").lower() == EXTRAPOLATED
    count, gap = _repeats(row)
    for k in range(count + 1):
        yield _made(Dose, {**fields, **_clock(time + k * gap * hours)}, row)


def _duration(row: _Row, amount: float) -> float | None:
    rate = row.value("RATE", 0.0)
    if rate < 0:
        raise row.wrong(f"RATE {rate:g} asks for a modelled rate, which is not read; give mg per hour")
    return round(amount / rate, _DIGITS) if rate else None


def _repeats(row: _Row) -> tuple[int, float]:
    count, gap = row.value("ADDL", 0.0), row.value("II", 0.0)
    if count < 0 or count != int(count):
        raise row.wrong(f"ADDL must be a whole number of 0 or more, got {count:g}")
    if count and not gap > 0:
        raise row.wrong(f"ADDL {count:g} needs an II above 0, got {gap:g}")
    if count > _MOST_ROWS:
        raise row.wrong(f"ADDL must be at most {_MOST_ROWS}, got {count:g}")
    return int(count), gap


def _compartment(row: _Row) -> tuple[str, str]:
    name = row.text("CMT").lower()
    if name.replace(".", "").isdigit():
        raise row.wrong(f"CMT {name[:20]} is a number; write medicine and route instead, such as ketamine_iv")
    known = {f"{medicine}_{route}": (medicine, route) for medicine, m in MEDICINES.items() for route in m.routes}
    if name not in known:
        raise row.wrong(f"unknown CMT '{name[:40]}': {nearest(name[:40], (*known, SESSION))}")
    return known[name]
