"""NONMEM event tables: doses as EVID 1 rows, sessions as EVID 2 rows that other tools pass over.

TIME is in hours from the start of day 0, NONMEM's habit; a table in days names its column ``TIME[d]``. AMT is in mg,
RATE in mg per hour, so AMT / RATE is the infusion time; II is in the unit of TIME. A table holds arms only: no
people, no visits, no practice, no labels.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from afterglow.errors import ProtocolError, nearest
from afterglow.files import write_text_atomically
from afterglow.protocol.arm import Arm
from afterglow.protocol.dose import Dose
from afterglow.protocol.file_text import file_text
from afterglow.protocol.session import Session
from afterglow.protocol.vocabulary import MEDICINES, ROUTES
from afterglow.units import DAY_H, number_text

__all__ = ["COLUMNS", "event_table", "read_event_file", "read_event_table", "write_event_file"]

COLUMNS = ("ID", "TIME", "AMT", "EVID", "CMT", "RATE", "ADDL", "II", "KIND", "HOURS", "FORMAT", "TASKS", "ARM")
"""Columns of a table as it is written; ``WT`` is added when a weight turns mg/kg into mg."""

_REQUIRED = ("ID", "TIME", "AMT", "CMT")
_TIMES = {"TIME": 1.0, "TIME[H]": 1.0, "TIME[D]": DAY_H}
_KNOWN = (*COLUMNS, "WT", "SS", "MDV", "DV")
_SESSION = "session"
_NOTHING = ("", ".", "NA")
_MOST_ROWS = 2000
_DIGITS = 9
_Made = TypeVar("_Made", Dose, Session)


def event_table(arms: Sequence[Arm], *, weight_kg: float | None = None) -> str:
    """Write arms as a NONMEM event table in CSV, one ID an arm.

    Parameters
    ----------
    arms : sequence of Arm
    weight_kg : float, optional
        Body weight, which turns doses in mg/kg into mg; the table then has a WT column.

    Returns
    -------
    str
        Regular repeats of a dose stand in one row with ADDL and II.

    Raises
    ------
    ProtocolError
        If a dose is in mg/kg and no weight is given, or the weight is not above 0.
    """
    if weight_kg is not None and not (math.isfinite(weight_kg) and weight_kg > 0):
        raise ProtocolError(f"the weight must be above 0 kg, got {weight_kg:g}")
    stream = io.StringIO()
    columns = COLUMNS if weight_kg is None else (*COLUMNS, "WT")
    writer = csv.DictWriter(stream, columns, restval=".", lineterminator="\n")
    writer.writeheader()
    for number, arm in enumerate(arms, start=1):
        rows = [*_dose_rows(arm, number - 1, weight_kg), *(_session_row(session) for session in arm.sessions)]
        nothing = [(0.0, {"AMT": "0", "EVID": "0"})]  # an arm that gets nothing still has a row
        for time, row in sorted(rows or nothing, key=lambda pair: pair[0]):
            extra = {} if weight_kg is None else {"WT": number_text(weight_kg)}
            writer.writerow({"ID": str(number), "TIME": number_text(time), **row, "ARM": arm.id, **extra})
    return stream.getvalue()


def write_event_file(arms: Sequence[Arm], path: str | Path, *, weight_kg: float | None = None) -> Path:
    """Write arms as a NONMEM event table to a CSV file.

    Raises
    ------
    ProtocolError
        As for `event_table`.
    FileError
        If the file cannot be written.
    """
    return write_text_atomically(path, event_table(arms, weight_kg=weight_kg))


def _dose_rows(arm: Arm, index: int, weight_kg: float | None) -> Iterator[tuple[float, dict[str, str]]]:
    """Write each run of equal doses at equal distances as one row."""
    timed = [(_written(dose, f"arms[{index}].doses[{k}]", weight_kg), dose.time_h) for k, dose in enumerate(arm.doses)]
    for fields, group in groupby(sorted(timed, key=lambda pair: (pair[0], pair[1])), key=lambda pair: pair[0]):
        times = [time for _, time in group]
        while times:
            count, gap = _run(times) if dict(fields)["EVID"] == "1" else (1, 0.0)
            repeats = {"ADDL": str(count - 1), "II": number_text(gap)} if count > 1 else {"ADDL": "0", "II": "0"}
            yield times[0], {**dict(fields), **repeats}
            times = times[count:]


def _run(times: Sequence[float]) -> tuple[int, float]:
    """Return how many of the first times stand at one distance, and the distance."""
    if len(times) < 2:
        return 1, 0.0
    gap = times[1] - times[0]
    count = 2
    while count < len(times) and times[0] + count * gap == times[count]:
        count += 1
    return count, gap


def _written(dose: Dose, where: str, weight_kg: float | None) -> tuple[tuple[str, str], ...]:
    amount = dose.dose_mg or 0.0
    if dose.dose_mg_per_kg is not None and dose.medicine != "placebo":
        if weight_kg is None:
            raise ProtocolError(f"{dose.amount} needs a weight to be written in mg; give weight_kg", where=where)
        amount = dose.dose_mg_per_kg * weight_kg
    fields = {"AMT": number_text(amount), "EVID": "1", "CMT": f"{dose.medicine}_{dose.route}", "RATE": "0"}
    if dose.medicine == "placebo":  # NONMEM refuses a dose of nothing, so it travels as a mark
        fields |= {"EVID": "2", "KIND": "dose", "HOURS": number_text(dose.duration_h or 0.0)}
    elif dose.duration_h:
        fields["RATE"] = repr(amount / dose.duration_h)
    return tuple(fields.items())


def _session_row(session: Session) -> tuple[float, dict[str, str]]:
    fields = {"AMT": "0", "EVID": "2", "CMT": _SESSION, "RATE": "0", "ADDL": "0", "II": "0"}
    fields |= {"KIND": session.kind, "HOURS": number_text(session.hours), "FORMAT": session.format}
    return session.time_h, {**fields, "TASKS": " ".join(session.tasks) or "."}


def read_event_file(path: str | Path) -> tuple[Arm, ...]:
    """Read the arms of a NONMEM event table from a CSV file.

    Raises
    ------
    FileError
        If the file cannot be read.
    ProtocolError
        As for `read_event_table`.
    """
    return read_event_table(file_text(path))


def read_event_table(text: str) -> tuple[Arm, ...]:
    """Read the arms of a NONMEM event table, one an ID.

    Observation rows (EVID 0) and columns that a protocol has no use for are passed over.

    Raises
    ------
    ProtocolError
        If a column is missing, or a row holds what a protocol cannot say; the sentence names the row.
    """
    rows, hours = _table(text)
    arms: dict[str, _Rows] = {}
    for row in rows:
        found = arms.setdefault(row.text("ID"), _Rows(row.text("ARM"), [], []))
        if not row.text("ID"):
            raise row.wrong("ID is empty")
        _read_row(row, hours, found)
    if not arms:
        raise ProtocolError("the table has a header but no rows")
    names = [found.name or f"arm{k}" for k, found in enumerate(arms.values(), start=1)]
    return tuple(
        Arm.made(
            {
                "id": name,
                "doses": sorted(found.doses, key=lambda dose: dose.time_h),
                "sessions": sorted(found.sessions, key=lambda session: session.time_h),
            }
        )
        for name, found in zip(names, arms.values(), strict=True)
    )


@dataclass
class _Rows:
    name: str
    doses: list[Dose]
    sessions: list[Session]


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


def _read_row(row: _Row, hours: float, found: _Rows) -> None:
    amount = row.value("AMT", 0.0)
    event = row.value("EVID", 1.0 if amount else 0.0)
    if event not in (0, 1, 2, 3, 4):
        raise row.wrong(f"EVID must be 0, 1, 2, 3 or 4, got {event:g}")
    if event in (3, 4):
        raise row.wrong(f"EVID {event:g} empties the body, which a protocol cannot say; use 1 for a dose")
    if row.value("SS", 0.0):
        raise row.wrong("SS (steady state) is not read; write the doses that lead to it")
    if event == 0:
        return
    time = row.value("TIME", math.nan) * hours
    if math.isnan(time):
        raise row.wrong("TIME is empty")
    where = row.text("CMT").lower()
    if event == 2 and where == _SESSION:
        found.sessions.append(_session(row, time))
    elif event == 1 or row.text("KIND").lower() == "dose":
        found.doses += _doses(row, time, hours, amount)
    if len(found.doses) > _MOST_ROWS:
        raise row.wrong(f"the doses of one ID become more than {_MOST_ROWS}; check ADDL")


def _clock(time_h: float) -> dict[str, float]:
    """Split hours from the start of day 0 into day and hour."""
    day = math.floor(round(time_h, _DIGITS) / DAY_H)
    return {"day": float(day), "hour": round(time_h - day * DAY_H, _DIGITS)}


def _made(kind: type[_Made], fields: Mapping[str, object], row: _Row) -> _Made:
    part, wrong = kind.tried(fields)
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
    if medicine == "placebo":
        fields["duration_h"] = row.value("HOURS", 0.0) or None
    else:
        fields["dose_mg"] = amount
        fields["duration_h"] = _duration(row, amount)
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
    known = {f"{medicine}_{route}": (medicine, route) for medicine in MEDICINES for route in ROUTES[medicine]}
    if name not in known:
        raise row.wrong(f"unknown CMT '{name[:40]}': {nearest(name[:40], (*known, _SESSION))}")
    return known[name]
