"""Lay out the steps of an arm, sentences or mappings, as rows of doses, sessions and practice."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from afterglow.errors import ProtocolError, nearest
from afterglow.protocol.dose import Dose
from afterglow.protocol.files.mistakes import moved
from afterglow.protocol.sentences.quantity import read_days, read_hours
from afterglow.protocol.sentences.sentence import fields_of_sentence
from afterglow.protocol.session import Practice, Session
from afterglow.protocol.vocabulary import FURTHEST_DAY
from afterglow.units import DAY_H, WEEK_DAYS, convert, decimal_comma

__all__ = ["LISTS", "ExpandedSteps", "Row", "expand_steps", "parse_step"]

Row = Dose | Session | Practice
LISTS: Mapping[str, type[Dose] | type[Session] | type[Practice]] = {
    "doses": Dose,
    "sessions": Session,
    "practice": Practice,
}
"""The lists of an arm, by what their rows are."""

_MOST = 2000
"""Rows that one step may become."""

_MOST_IN_ALL = 5000
"""Rows of one arm; steps beyond them are not expanded, so that a short text cannot become endless work."""

_CLOSE = 1e-9
"""Days within which two times are the same."""

_WAKING_H = 12.0
"""Hours over which the sessions of one day are spread: the first in the morning, the second 6 hours later."""

_REPEATS = ("every", "every_days", "times", "times_a_day", "times_a_week", "until", "for")
_ENDS = ("times", "until", "for")
_AFTER_DOSE = ("integration", "psychotherapy", "training")


@dataclass(frozen=True)
class ExpandedSteps:
    """An arm's data with every step expanded.

    Parameters
    ----------
    data : dict
        The arm's fields without ``steps``; its lists hold finished rows.
    problems : tuple of ProtocolError
        What is wrong with single steps, placed inside the arm.
    origins : dict of str to list of str
        For each list, the entry that each row came from, such as ``steps[2]``.
    """

    data: dict[str, Any]
    problems: tuple[ProtocolError, ...]
    origins: Mapping[str, list[str]]


def parse_step(step: str | Mapping[str, Any], *, last_dose_day: float | None = None) -> tuple[Row, ...]:
    """Read one step, a sentence or a mapping, into its doses, sessions or practice.

    Parameters
    ----------
    step : str or mapping
        Such as ``"integration 90 min individual on day 1, every 7 days x 3"``.
    last_dose_day : float, optional
        Day of the dose before it, for a step that names no day.

    Returns
    -------
    tuple of Dose, Session or Practice
        One row, or as many as the step repeats.

    Raises
    ------
    ProtocolError
        If the step is not understood or says something impossible.
    """
    return tuple(_rows(step, previous=[], last=last_dose_day))


def expand_steps(arm: Mapping[str, Any]) -> ExpandedSteps:
    """Expand every step of an arm; an entry with a mistake is left out and reported."""
    data = {key: value for key, value in arm.items() if key != "steps"}
    problems: list[ProtocolError] = []
    found: dict[str, list[tuple[Any, str]]] = {name: [] for name in LISTS}
    last: float | None = None
    for name in (*LISTS, "steps"):
        entries = arm.get(name)
        if entries is None:
            continue
        if not isinstance(entries, (list, tuple)):
            problems.append(ProtocolError(f"must be a list, got {_shown(entries)}", where=name))
            continue
        previous: list[Row] = []
        for k, entry in enumerate(entries):
            where = f"{name}[{k}]"
            try:
                previous = _rows(entry, previous=previous, last=last, expected=LISTS.get(name))
            except ProtocolError as error:
                problems.append(moved(error, where))
                continue
            if sum(map(len, found.values())) + len(previous) > _MOST_IN_ALL:
                message = f"an arm has at most {_MOST_IN_ALL} rows; this step has more"
                problems.append(ProtocolError(message, where=where))
                break
            last = max((row.day for row in previous if isinstance(row, Dose)), default=last)
            for row in previous:
                found[_list_of(row)].append((row, where))
    for name, rows in found.items():
        if rows or name in data:
            data[name] = [row for row, _ in _in_time(rows, name)]
    origins = {name: [where for _, where in _in_time(rows, name)] for name, rows in found.items()}
    return ExpandedSteps(data, tuple(problems), origins)


def _in_time(rows: list[tuple[Any, str]], name: str) -> list[tuple[Any, str]]:
    """Merge steps into the rows of a list by time; rows out of order in their own list stay so, to be reported."""
    own = [row for row, where in rows if not where.startswith("steps")]
    if name == "practice" or any(b.time_h < a.time_h for a, b in pairwise(own)):
        return rows
    return sorted(rows, key=lambda pair: pair[0].time_h)


def _list_of(row: Row) -> str:
    return next(name for name, kind in LISTS.items() if isinstance(row, kind))


def _rows(
    entry: Any,
    *,
    previous: list[Row],
    last: float | None,
    expected: type[Row] | None = None,
) -> list[Row]:
    """Read one entry of a list."""
    if isinstance(entry, (Dose, Session, Practice)):
        rows: list[Row] = [entry]
    elif isinstance(entry, str):
        try:
            rows = _laid(fields_of_sentence(entry), previous=previous, last=last)
        except ProtocolError as error:
            raise type(error)(_named(error)) from None  # a sentence has no inner place
    elif isinstance(entry, Mapping):
        rows = _laid(entry, previous=previous, last=last, expected=expected)
    else:
        raise ProtocolError(f"must be a sentence or a mapping, got {_shown(entry)}")
    if expected and any(not isinstance(row, expected) for row in rows):
        raise ProtocolError(
            f"a {_noun(type(rows[0]))} does not belong in a list of {_noun(expected)}s; put it under steps"
        )
    return rows


_SAID = {"dose_mg": "dose", "dose_mg_per_kg": "dose", "hours": "length", "duration_h": "infusion time"}


def _named(error: ProtocolError) -> str:
    """Name the field, as a sentence says it, of a message that begins with ``must``."""
    if not error.message.startswith("must ") or not error.where:
        return error.message
    return f"the {_SAID.get(error.where, error.where.replace('_', ' '))} {error.message}"


def _noun(kind: type[Row]) -> str:
    return {Dose: "dose", Session: "session"}.get(kind, "practice")


def _shown(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."


def _kind_of(step: Mapping[str, Any], expected: type[Row] | None) -> type[Row] | None:
    """Say what a mapping describes; None for a repeat of the step before."""
    if expected is not None:
        return expected
    if {"medicine", "drug", "route", "dose", "dose_mg", "dose_mg_per_kg"} & set(step):
        return Dose
    if {"kind", "hours", "tasks"} & set(step):
        return Session
    if {"hours_per_week", "from_day", "to_day"} & set(step):
        return Practice
    if step and set(step) <= set(_REPEATS):
        return None
    key = str(next(iter(step), ""))[:60]
    hint = nearest(key, ("medicine", "kind", "hours_per_week", *_REPEATS))
    raise ProtocolError(f"a step needs a medicine, a kind of session or hours_per_week, got '{key}': {hint}")


def _laid(
    step: Mapping[str, Any], *, previous: list[Row], last: float | None, expected: type[Row] | None = None
) -> list[Row]:
    kind = _kind_of(step, expected)
    try:
        if kind is None:
            return _again(previous, step)
        if kind is Practice:
            return [Practice.made(_practice_fields(step))]
        return _repeated(kind, step, last)
    except ValueError as error:
        raise ProtocolError(str(error)) from None


def _practice_fields(step: Mapping[str, Any]) -> dict[str, Any]:
    fields = dict(step)
    if "for" in fields:
        lasts = read_hours(fields.pop("for")) / DAY_H
        if "to_day" in fields:
            raise ProtocolError("practice says both when it ends and for how long; keep one")
        if "from_day" in fields:
            fields["to_day"] = read_days(fields["from_day"]) + lasts
    for key, phrase in (("hours_per_week", "3 h per week"), ("from_day", "from day 1"), ("to_day", "to day 60")):
        if key not in fields:
            raise ProtocolError(f"practice needs '{phrase}', as in 'practice 3 h per week from day 1 to day 60'")
    return fields


def _repeated(kind: type[Row], step: Mapping[str, Any], last: float | None) -> list[Row]:
    """Lay out one dose or session on its days, with its repeats and supplemental doses."""
    fields = {key: value for key, value in step.items() if key not in (*_REPEATS, "days", "supplemental")}
    days = _days(kind, step, last)
    offsets = _offsets(step)
    extras = _supplemental(step) if kind is Dose else []
    if "supplemental" in step and kind is not Dose:
        raise ProtocolError("only a dose has a supplemental dose")
    _refuse_many(len(days) * (len(offsets(days[0]))) * (1 + len(extras)))
    hour = read_hours(fields["hour"]) if "hour" in fields else 0.0
    first = kind.made({**fields, "day": days[0], "hour": hour})
    rows: list[Row] = []
    for day in days:
        for shift in offsets(day):
            main = _shifted(first, day - days[0], shift)
            rows.append(main)
            rows += [_supplement(main, extra) for extra in extras]
    return sorted(rows, key=_time)


def _time(row: Row) -> float:
    return row.from_day * DAY_H if isinstance(row, Practice) else row.time_h


def _refuse_many(count: int) -> None:
    if count > _MOST:
        raise ProtocolError(f"one step becomes {count} rows, more than {_MOST}; check how often it repeats")


def _days(kind: type[Row], step: Mapping[str, Any], last: float | None) -> list[float]:
    if "day" in step and "days" in step:
        raise ProtocolError("the day is written twice, as day and as days; keep one")
    if "day" in step:
        return [read_days(step["day"])]
    if "days" in step:
        days = step["days"]
        if not isinstance(days, (list, tuple)) or not days:
            raise ProtocolError(f"days must be a list such as [0, 28, 56], got {_shown(days)}")
        return [read_days(day) for day in days]
    if kind is Dose or step.get("kind") == "dosing":
        return [0.0]
    if step.get("kind") in _AFTER_DOSE and last is not None:
        return [last + 1.0]
    raise ProtocolError("the day is missing; say when, such as 'on day 7'")


Offsets = Callable[[float], list[tuple[float, float]]]


def _offsets(step: Mapping[str, Any]) -> Offsets:
    """Return a function from the first day to the shifts, in days and hours, of each occurrence."""
    asked = [key for key in ("every", "every_days", "times_a_day", "times_a_week") if key in step]
    if len(asked) > 1:
        raise ProtocolError(f"{asked[0]} and {asked[1]} both say how often; keep one")
    ends = [key for key in _ENDS if key in step]
    if len(ends) > 1:
        raise ProtocolError(f"{ends[0]} and {ends[1]} both say when to stop; keep one")
    if not asked:
        if ends:
            raise ProtocolError("a repeat needs its spacing, such as 'every 7 days x 3'")
        return lambda _: [(0.0, 0.0)]
    shift = _shift(asked[0], step[asked[0]])
    if "until" in step:
        end = read_days(step["until"])
        return lambda day: _until(shift, end - day)
    if "for" in step:
        lasts = read_hours(step["for"]) / DAY_H
        return lambda _: _until(shift, lasts - 2 * _CLOSE)  # an occurrence at the very end is no longer within
    if "times" not in step:
        raise ProtocolError("a repeat needs its end: write 'x 3', 'for 4 weeks' or 'until day 60'")
    count = _count(step["times"], "times")
    return lambda _: [shift(k) for k in range(count)]


def _until(shift: Callable[[int], tuple[float, float]], span: float) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for k in range(_MOST + 1):
        days, hours = shift(k)
        if days + hours / DAY_H > span + _CLOSE:
            break
        found.append((days, hours))
    if not found:
        raise ProtocolError("the repeat ends before it begins; check when it ends")
    _refuse_many(len(found))
    return found


def _count(value: Any, name: str) -> int:
    if isinstance(value, str) and (comma := decimal_comma(value)):
        raise ProtocolError(comma, where=name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value or not 1 <= value <= _MOST:
        raise ProtocolError(f"{name} must be a whole number from 1 to {_MOST}, got {_shown(value)}", where=name)
    if value != int(value):
        raise ProtocolError(f"{name} must be a whole number, got {value:g}", where=name)
    return int(value)


def _shift(key: str, value: Any) -> Callable[[int], tuple[float, float]]:
    """Return a function from the number of an occurrence to its shift in days and hours."""
    if key == "times_a_day":
        count = _count(value, key)
        return lambda k: (float(k // count), (k % count) * _WAKING_H / count)
    if key == "times_a_week":
        count = _count(value, key)
        return lambda k: (float(k * int(WEEK_DAYS) // count), 0.0)
    days = read_days(value)
    if not days > 0:
        raise ProtocolError(f"a repeat must go forward in time, got every {days:g} days", where=key)
    hours = convert(days, "days", "h", what="a repeat")
    whole = math.isclose(days, round(days), rel_tol=0, abs_tol=1e-9)
    return (lambda k: (float(round(days) * k), 0.0)) if whole else (lambda k: (0.0, round(hours * k, 9)))


def _shifted(row: Any, days: float, shift: tuple[float, float]) -> Any:
    day, hour = _clock(row.day + days + shift[0], row.hour + shift[1])
    if abs(day) <= FURTHEST_DAY and 0 <= hour < DAY_H:
        return row.model_copy(update={"day": day, "hour": hour})  # all else was checked with the first occurrence
    return type(row).made({**dict(row), "day": day, "hour": hour})


def _clock(day: float, hour: float) -> tuple[float, float]:
    """Carry hours beyond a day's end over to the next days."""
    over = math.floor(hour / DAY_H)
    return day + over, round(hour - over * DAY_H, 9) if over else hour


def _supplemental(step: Mapping[str, Any]) -> list[tuple[dict[str, Any], float]]:
    """Read supplemental doses as the fields of their amount and the hours after the main dose."""
    given = step.get("supplemental")
    extras = given if isinstance(given, (list, tuple)) else [] if given is None else [given]
    found = []
    for extra in extras:
        if not isinstance(extra, Mapping):
            raise ProtocolError(f"must be a mapping such as {{dose: 60 mg, after: 1.75 h}}, got {_shown(extra)}")
        known = ("after", "after_h", "dose", "dose_mg", "dose_mg_per_kg")
        unknown = next((key for key in extra if key not in known), None)
        if unknown is not None:
            raise ProtocolError(
                f"unknown word '{str(unknown)[:60]}': {nearest(str(unknown)[:60], known)}", where="supplemental"
            )
        after = extra.get("after_h", extra.get("after"))
        if after is None:
            raise ProtocolError("a supplemental dose needs 'after', such as '1.75 h'", where="supplemental")
        hours = read_hours(after)
        if not 0 < hours <= DAY_H:
            raise ProtocolError(f"a supplemental dose follows within 24 h, got {hours:g} h", where="supplemental")
        found.append(({key: value for key, value in extra.items() if key.startswith("dose")}, hours))
    return found


def _supplement(main: Any, extra: tuple[dict[str, Any], float]) -> Row:
    amount, after = extra
    day, hour = _clock(main.day, main.hour + after)
    fields = {"medicine": main.medicine, "route": main.route, "day": day, "hour": hour, **amount}
    return Dose.made(fields)


def _again(previous: list[Row], step: Mapping[str, Any]) -> list[Row]:
    """Repeat the step before; its own rows are the first occurrence and are not returned again."""
    if not previous:
        raise ProtocolError("'every ...' repeats the step before it, but there is none")
    if isinstance(previous[0], Practice):
        raise ProtocolError("practice cannot be repeated; give it a first and a last day")
    start = min(row.time_h for row in previous if not isinstance(row, Practice)) / DAY_H
    shifts = _offsets(step)(math.floor(start))[1:]
    _refuse_many(len(shifts) * len(previous))
    return sorted((_shifted(row, 0.0, shift) for shift in shifts for row in previous), key=_time)
