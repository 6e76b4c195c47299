"""A plan as a calendar file (iCalendar, RFC 5545) that any calendar reads.

Times are local and carry no zone, so that a meeting at ten stays at ten when clocks change. The file names no person
and no medicine, and entries are marked private: calendars are often shared and kept on other people's machines. A
team's file has the plans of several people, each entry with the code of whose it is. There are no alarms.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Self

from icalendar import Calendar, Event
from pydantic import Field, model_validator

from afterglow.studio.asked import Asked
from afterglow.studio.plan.planning import PlanItem
from afterglow.studio.plan.request import Code

__all__ = ["CALENDAR_NAME", "PlanEdited", "TeamEdited", "calendar_of", "uid_of"]

CALENDAR_NAME = "Integration plan"

_PRODUCER = "-//Afterglow//Studio//EN"
_WEEK = dt.timedelta(days=7)
_FIRST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
_TASKS = {
    "insights": "work through what came up",
    "steps": "turn it into concrete steps",
    "practice": "strengthen the new pattern",
}


class PlanEdited(Asked):
    """A plan as it was edited.

    Parameters
    ----------
    items : tuple of PlanItem
        Each with an id of its own.
    dates : tuple of date
        The dosing dates.
    plan : str
        Which plan it is, so that the entries of two plans are never taken for each other; empty: that of these dates.
    code : str
        Of whom; empty: nobody's.
    """

    items: Annotated[tuple[PlanItem, ...], Field(min_length=1, max_length=200)]
    dates: Annotated[tuple[dt.date, ...], Field(min_length=1, max_length=12)]
    plan: Annotated[str, Field(max_length=200)] = ""
    code: Code = ""

    @property
    def which(self) -> str:
        """What tells this plan's entries from those of others."""
        return self.plan or ",".join(date.isoformat() for date in self.dates)

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        if twice := [name for name, count in Counter(item.id for item in self.items).items() if count > 1]:
            raise ValueError(f"two entries have the id '{twice[0]}'")
        return self


class TeamEdited(Asked):
    """The plans of several people, for their team."""

    plans: Annotated[tuple[PlanEdited, ...], Field(min_length=1, max_length=12)]

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        if any(count > 1 for count in Counter(one.which for one in self.plans).values()):
            raise ValueError("two people have the same plan; each needs one of its own")
        return self


class _Sequence:
    """Numbers of the files written, each above the last: seconds, so that they go on after the server was restarted."""

    def __init__(self) -> None:
        self._lock, self._last = threading.Lock(), 0

    def next(self, written: dt.datetime) -> int:
        with self._lock:
            self._last = max(self._last + 1, int((written - _FIRST).total_seconds()))
            return self._last


_SEQUENCE = _Sequence()


def calendar_of(*plans: PlanEdited, stamp: dt.datetime | None = None) -> bytes:
    """Write plans as a calendar.

    Parameters
    ----------
    *plans : PlanEdited
        One person's, or those of several for their team: then entries begin with the person's code.
    stamp : datetime, optional
        When it was written, in UTC; by default now.

    Returns
    -------
    bytes
        UTF-8, lines folded and ended as RFC 5545 asks.

    Notes
    -----
    The UID of an entry follows from its plan and its id, and stays as it is when the entry is moved. Every file has a
    higher SEQUENCE than those before, so that what is read in last is what a calendar shows.
    """
    calendar = Calendar()
    calendar.add("prodid", _PRODUCER)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    code = plans[0].code if len(plans) == 1 else ""
    calendar.add("x-wr-calname", f"{CALENDAR_NAME} {code}".rstrip())
    written = (stamp or dt.datetime.now(dt.UTC)).replace(microsecond=0)
    sequence = _SEQUENCE.next(written)
    all_items = [(item, plan) for plan in plans for item in plan.items]
    for item, plan in sorted(all_items, key=lambda pair: (pair[0].date, pair[0].start or "", pair[1].code, pair[0].id)):
        whose = f"{plan.code}: " if len(plans) > 1 and plan.code else ""
        event = Event()
        event.add("uid", str(uid_of(plan, item)))
        event.add("sequence", sequence)
        event.add("dtstamp", written)
        event.add("last-modified", written)
        event.add("summary", whose + _plain(item.title))
        event.add("description", _description(item, plan.dates))
        event.add("categories", [item.kind.capitalize()])
        event.add("class", "PRIVATE")
        _add_times(event, item)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def uid_of(plan: PlanEdited, item: PlanItem) -> uuid.UUID:
    """Return the name of an entry, which it keeps when it is moved."""
    return uuid.UUID(bytes=hashlib.blake2b(f"{plan.which}|{item.id}".encode(), digest_size=16).digest(), version=5)


def _add_times(event: Event, item: PlanItem) -> None:
    """Add when it is: at a local time, or all day; practice every week until its last day."""
    if item.start is None:
        event.add("dtstart", item.date)
        event.add("dtend", item.date + dt.timedelta(days=1))
    else:
        hour, minute = (int(part) for part in item.start.split(":"))
        begins = dt.datetime.combine(item.date, dt.time(hour, minute))
        event.add("dtstart", begins)
        hours = 1.0 if item.hours is None or item.kind == "practice" else item.hours
        event.add("dtend", begins + dt.timedelta(minutes=max(1, round(60 * hours))))
    event.add("transp", "TRANSPARENT" if item.start is None else "OPAQUE")
    if item.until is not None and item.until >= item.date + _WEEK:
        last: dt.date = item.until
        if item.start is not None:
            last = dt.datetime.combine(item.until, dt.time(23, 59, 59))
        event.add("rrule", {"freq": "weekly", "until": last})


def _description(item: PlanItem, dates: Sequence[dt.date]) -> str:
    lines = []
    if item.kind == "practice" and item.hours is not None:
        until = "" if item.until is None else f", until {item.until.isoformat()}"
        lines.append(f"{item.hours:g} h this week{until}.")
    elif item.hours is not None:
        lines.append(f"{item.hours:g} h." if item.start else f"{item.hours:g} h, at a time yet to be agreed.")
    if item.tasks:
        lines.append("Tasks: " + "; ".join(_TASKS[task] for task in item.tasks) + ".")
    before = [date for date in dates if date <= item.date]
    if before and item.kind not in ("dosing", "practice"):
        days = (item.date - max(before)).days
        lines.append(f"{days} day{'' if days == 1 else 's'} after the dosing of {max(before).isoformat()}.")
    if item.in_window and item.kind not in ("dosing", "practice"):
        lines.append("In the window by the model of Afterglow, whose length in people nobody has measured.")
    return "\n".join(lines) or "Planned with Afterglow."


def _plain(text: str) -> str:
    """Drop line breaks and control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split()) or "Meeting"
