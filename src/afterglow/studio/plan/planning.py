"""From dosing dates to a plan: preparation, dosing, integration in the open window, practice and group meetings.

Nothing of a request is kept: no name is asked for, and words on medications and history only call up cautions.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from afterglow.errors import AfterglowError
from afterglow.medicines import MEDICINES
from afterglow.protocol import Protocol
from afterglow.safety.purpose import CHECKED, PURPOSE
from afterglow.studio.designs.design import ArmDesign, Design, PlannedPractice, PlannedSession, protocol_of
from afterglow.studio.designs.result import result_of
from afterglow.studio.designs.size import person_years
from afterglow.studio.designs.source import Source
from afterglow.studio.plan import reasons
from afterglow.studio.plan.cautions import Caution, cautions
from afterglow.studio.plan.dates import EARLIEST, LATEST, WEEKDAYS, Holiday, month_edges
from afterglow.studio.plan.request import Clock, PlanRequest
from afterglow.studio.plan.spacing import (
    Laid,
    Room,
    community_days,
    group_days,
    integration_days,
    preparation_days,
    shared_days,
    shared_fortnights,
)

__all__ = ["Missed", "Plan", "PlanItem", "PlanWindow", "plan_of", "years_of"]

Progress = Callable[[int, int], None]

Kind = Literal["preparation", "dosing", "integration", "practice", "group", "psychotherapy", "training", "education"]
"""Of entries; the last three are laid by hand alone, or come from a design."""
Task = Literal["insights", "steps", "practice"]

_BEYOND_DAYS = 100
"""Days looked at after the last dosing: any window that closes has closed by then."""
_GROUP_HOURS = 1.5
"""As in the model's community meetings and anderson2020-group-aids."""
_PRACTICE_FROM = 2
"""Days from a dosing to the first practice; assumed."""
_COMMUNITY_DAYS = 84
"""Shortest time of community meetings after the last dosing; assumed."""
_SHORTEST_HORIZON, _LONGEST_HORIZON = 182, 1095
_MARGIN_DAYS = 28

_TIMEZONE_NOTE = (
    "Days and times are local and carry no time zone: they stay as written wherever the calendar is opened."
)
_OUTSIDE = (
    f"Meetings or practice of this plan would lie outside the years {EARLIEST.year} to {LATEST.year - 1}, which is all "
    "that a plan may hold; take dosing dates farther inside."
)
_BLUNTED = ", with an SSRI,"
_TASKS: Mapping[reasons.Stage, tuple[Task, ...]] = {
    "insights": ("insights", "steps"),
    "steps": ("steps", "practice"),
    "practice": ("steps", "practice"),
    "all": ("insights", "steps", "practice"),
}
_CENTRES: Mapping[reasons.Stage, str] = {
    "insights": "work through the insights",
    "steps": "turn insights into steps",
    "practice": "strengthen the new pattern",
    "all": "insights, steps and practice",
}


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlanItem(_Said):
    """One entry of a plan.

    Parameters
    ----------
    id : str
    kind : str
    format : str
        Of a meeting; what is digital needs no team.
    date : date
    until : date or None
        Last day of practice; None for everything else.
    day : float
        Days from the first dosing.
    start : str or None
        Local time as HH:MM; None: at an hour yet to be agreed.
    hours : float or None
        Of a meeting; of practice those of a week.
    tasks : tuple of str
    title, why : str
    sources : tuple of Source
    in_window : bool
        Whether the window is open on that date in the median virtual person.
    """

    id: Annotated[str, Field(max_length=40)]
    kind: Kind
    format: Literal["individual", "group", "digital"] = "individual"
    date: dt.date
    until: dt.date | None = None
    day: Annotated[float, Field(ge=-400, le=1100, allow_inf_nan=False)] = 0.0
    start: Clock | None = None
    hours: Annotated[float, Field(gt=0, le=40, allow_inf_nan=False)] | None = None
    tasks: Annotated[tuple[Task, ...], Field(max_length=3)] = ()
    title: Annotated[str, Field(min_length=1, max_length=120)]
    why: Annotated[str, Field(max_length=1200)] = ""
    sources: Annotated[tuple[Source, ...], Field(max_length=12)] = ()
    in_window: bool = False

    @model_validator(mode="after")
    def _possible(self) -> Self:
        last = self.until or self.date
        if self.date < EARLIEST or max(self.date, last) >= LATEST:
            raise ValueError(f"dates must lie from {EARLIEST} to before {LATEST}")
        if last < self.date:
            raise ValueError(f"'{self.title}' ends on {last}, before it begins on {self.date}")
        return self


class PlanWindow(_Said):
    """The days on which the window of one dosing is open in the median virtual person.

    Parameters
    ----------
    date_from, date_to : date
    date_to_low, date_to_high : date
        When it closes in the 5th and the 95th percentile of people.
    medicine : str
    dose_date : date
    """

    date_from: dt.date
    date_to: dt.date
    date_to_low: dt.date
    date_to_high: dt.date
    medicine: str
    dose_date: dt.date


class Missed(_Said):
    """A day on which the group meets without this person."""

    date: dt.date
    why: Annotated[str, Field(max_length=200)]


class Plan(_Said):
    """A plan laid on dates, with its cautions, and the same plan in days for the other pages."""

    timezone_note: str
    dates: tuple[dt.date, ...]
    holidays: tuple[Holiday, ...]
    missed: tuple[Missed, ...]
    items: tuple[PlanItem, ...]
    windows: tuple[PlanWindow, ...]
    cautions: tuple[Caution, ...]
    notes: tuple[str, ...]
    design: Design


@dataclass
class _Layout:
    """What is laid where, while a plan is made."""

    request: PlanRequest
    rooms: tuple[Room, ...]
    taken: set[int] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)

    def date(self, day: int) -> dt.date:
        return self.request.dosings[0] + dt.timedelta(days=day)

    def free(self, day: int) -> bool:
        return self.open(day) and not (self.request.weekday_only and _weekend(self.date(day)))

    def open(self, day: int) -> bool:
        """Whether nothing else is on a day, weekend or not."""
        return day not in self.taken and day not in self.request.days and self.date(day) not in self.request.closed

    def group_meets(self, day: int) -> bool:
        """Whether a day is that of the group."""
        return self.date(day).weekday() == self.request.group_weekday

    def in_window(self, day: int) -> bool:
        return any(room.holds(day) for room in self.rooms)

    def take(self, days: Iterable[int]) -> None:
        self.taken.update(days)

    def miss(self, days: Iterable[int]) -> None:
        """Note on which days the group meets without this person, and why."""
        for day in sorted(days):
            date = self.date(day)
            holiday = self.request.closed.get(date)
            why = f"public holiday, {holiday}" if holiday else "dosing day" if day in self.request.days else "taken"
            self.missed.append(Missed(date=date, why=why))


def plan_of(request: PlanRequest, *, progress: Progress | None = None) -> Plan:
    """Lay out a plan.

    Raises
    ------
    AfterglowError
        If it cannot be simulated, or reaches beyond the dates that a plan may hold.
    """
    bare = _bare(request)
    protocol = protocol_of(bare)
    rows = _windows(request, bare, progress)
    rooms = tuple(_rooms(request, rows))
    layout = _Layout(request, rooms)
    items = [*_preparation(layout), *_dosings(layout, protocol)]
    group = _group(layout) if request.group == "integration" else []
    meetings = integration_days(rooms, request.integration, layout.free)
    layout.take(laid.day for laid in meetings)
    items += [*group, *_integration(layout, meetings), *_practice(layout)]
    items += _community(layout) if request.group == "community" else []
    _note(layout, meetings)
    first, last = month_edges(min(item.date for item in items), max(item.until or item.date for item in items))
    return Plan(
        timezone_note=_TIMEZONE_NOTE,
        dates=request.dosings,
        holidays=tuple(Holiday(date=d, name=name) for d, name in request.closed.items() if first <= d <= last),
        missed=tuple(layout.missed),
        items=tuple(sorted(items, key=lambda item: (item.date, item.kind == "practice", item.id))),
        windows=tuple(_dated(layout, room, rows[room.dosing]) for room in rooms if room.closes is not None),
        cautions=tuple(cautions(protocol, ssri=request.ssri, medications=request.medications, history=request.history)),
        notes=(*layout.notes, CHECKED, PURPOSE),
        design=_design(request, items),
    )


def _weekend(date: dt.date) -> bool:
    return date.weekday() >= 5


# The protocol and its windows


def _bare(request: PlanRequest) -> Design:
    """Return the dosings alone."""
    arm = ArmDesign(medicine=request.medicine, dose=request.dose, dosing_days=request.days)
    horizon = request.days[-1] + _BEYOND_DAYS
    return Design(condition=request.condition, horizon_days=horizon, ssri=request.takes_ssri, arms=(arm,))


def years_of(request: PlanRequest) -> float:
    """Return what a plan costs; see `person_years`."""
    return person_years(_bare(request))


def _windows(request: PlanRequest, design: Design, progress: Progress | None) -> dict[int, dict[str, Any]]:
    """Return the row of the table of windows of each dosing day."""
    rows = result_of(design, progress=progress).rows["windows"]
    return {round(row["dose_day"]): row for row in rows if row["drug"] == request.medicine}


def _rooms(request: PlanRequest, rows: Mapping[int, Mapping[str, Any]]) -> Iterator[Room]:
    following = [*(day - 1 for day in request.days[1:]), None]
    for day, until in zip(request.days, following, strict=True):
        closes = rows[day]["closes_day_median"] if day in rows else math.nan
        yield Room(day, math.floor(closes) if math.isfinite(closes) else None, until)


def _dated(layout: _Layout, room: Room, row: Mapping[str, Any]) -> PlanWindow:
    assert room.closes is not None
    low, high = (row[f"closes_day_{q}"] for q in ("q05", "q95"))
    return PlanWindow(
        date_from=layout.date(room.dosing),
        date_to=layout.date(room.closes),
        date_to_low=layout.date(math.floor(low)),
        date_to_high=layout.date(math.floor(high)),
        medicine=layout.request.medicine,
        dose_date=layout.date(room.dosing),
    )


# What is laid


def _item(layout: _Layout, kind: Kind, place: int, day: int, reason: reasons.Reason, **more: Any) -> PlanItem:
    why, sources = reason
    more.setdefault("start", layout.request.start)
    date = layout.date(day)
    if date < EARLIEST or max(date, more.get("until") or date) >= LATEST:
        raise AfterglowError(_OUTSIDE)
    return PlanItem(
        id=f"{kind}-{place}",
        kind=kind,
        date=date,
        day=float(day),
        why=why,
        sources=tuple(sources),
        in_window=layout.in_window(day),
        **more,
    )


def _preparation(layout: _Layout) -> list[PlanItem]:
    request = layout.request
    usual = MEDICINES[request.medicine].usual
    days = preparation_days(request.preparation, layout.free)
    layout.take(days)
    found = []
    for k, day in enumerate(days):
        last = k + 1 == len(days)
        found.append(
            _item(
                layout,
                "preparation",
                k + 1,
                day,
                reasons.preparation_reason(request.medicine, last=last),
                hours=usual.preparation_h if usual else None,
                title=f"Preparation {k + 1} of {len(days)}",
            )
        )
    return found


def _dosings(layout: _Layout, protocol: Protocol) -> list[PlanItem]:
    hours = {round(s.day): s.hours for s in protocol.arms[0].sessions if s.kind == "dosing"}
    days = layout.request.days
    reason = reasons.dosing_reason(layout.request.medicine)
    return [
        _item(
            layout,
            "dosing",
            k + 1,
            day,
            reason,
            hours=hours[day],
            title=f"Dosing day {k + 1} of {len(days)}" if len(days) > 1 else "Dosing day",
        )
        for k, day in enumerate(days)
    ]


def _stage(place: int, count: int) -> reasons.Stage:
    """Return the task at the centre of one of so many meetings after a dosing: the three in order."""
    if count == 1:
        return "all"
    if count == 2:
        return "practice" if place else "insights"
    stages: tuple[reasons.Stage, ...] = ("insights", "steps", "practice")
    return stages[3 * place // count]


def _integration(layout: _Layout, meetings: Sequence[Laid]) -> list[PlanItem]:
    found = []
    for k, laid in enumerate(meetings):
        own = [other for other in meetings if other.after == laid.after]
        stage = _stage(own.index(laid), len(own))
        reason = reasons.integration_reason(
            layout.request.medicine, stage, first=own[0] == laid, in_window=layout.in_window(laid.day)
        )
        found.append(
            _item(
                layout,
                "integration",
                k + 1,
                laid.day,
                reason,
                hours=layout.request.integration_hours,
                tasks=_TASKS[stage],
                title=f"Integration {k + 1} of {len(meetings)}: {_CENTRES[stage]}",
            )
        )
    return found


def _practice(layout: _Layout) -> list[PlanItem]:
    request = layout.request
    if not request.practice_hours_per_week or not request.practice_weeks:
        return []
    end = request.days[-1] + 7 * request.practice_weeks
    return [
        _item(
            layout,
            "practice",
            1,
            _PRACTICE_FROM,
            reasons.practice_reason(),
            until=layout.date(end),
            start=None,
            hours=request.practice_hours_per_week,
            tasks=("practice",),
            title=f"Practice, {request.practice_hours_per_week:g} h a week",
        )
    ]


def _group(layout: _Layout) -> list[PlanItem]:
    if layout.request.group_weekday is None:
        days = [laid.day for laid in group_days(layout.rooms, layout.free)]
    else:
        days, missed = shared_days(layout.rooms, layout.group_meets, layout.open)
        layout.miss(missed)
    layout.take(days)
    if not days:
        layout.notes.append("No day was free for the integration group.")
    found = []
    for k, day in enumerate(days):
        reason = reasons.group_reason(layout.request.medicine, in_window=layout.in_window(day))
        title = f"Integration group {k + 1} of {len(days)}"
        found.append(_grouped(layout, k + 1, day, reason, tasks=_TASKS["all"], title=title))
    return found


def _community(layout: _Layout) -> list[PlanItem]:
    request = layout.request
    until = request.days[-1] + max(7 * request.practice_weeks, _COMMUNITY_DAYS)
    after = max([*layout.taken, *request.days])
    if request.group_weekday is None:
        days = community_days(after, until, layout.free)
    else:
        days, missed = shared_fortnights(
            after, until, request.dosings[0].toordinal(), request.group_weekday, layout.open
        )
        layout.miss(missed)
    reason = reasons.community_reason()
    return [
        _grouped(layout, k + 1, day, reason, title=f"Community meeting {k + 1} of {len(days)}")
        for k, day in enumerate(days)
    ]


def _grouped(layout: _Layout, place: int, day: int, reason: reasons.Reason, **more: Any) -> PlanItem:
    """Return a meeting of the group, at the group's own time where it has one."""
    start = layout.request.group_start or layout.request.start
    return _item(layout, "group", place, day, reason, hours=_GROUP_HOURS, start=start, **more)


def _note(layout: _Layout, meetings: Sequence[Laid]) -> None:
    """Say what did not go as wished."""
    request = layout.request
    if any(room.closes is None for room in layout.rooms):
        count = sum(room.closes is None for room in layout.rooms)
        layout.notes.append(
            f"At this dose{_BLUNTED if request.takes_ssri else ''} the model opens the window in fewer than half of "
            f"the people after {count} of {len(layout.rooms)} dosings; meetings are laid weekly there."
        )
    outside = [
        layout.date(room.dosing)
        for k, room in enumerate(layout.rooms)
        if room.closes is not None
        and (own := [laid.day for laid in meetings if laid.after == k])
        and not any(room.holds(day) for day in own)
    ]
    if outside:
        layout.notes.append(
            f"No integration falls in the open window after {_listed(outside)}: no day in it was free. Dosing on "
            "another day of the week, or meeting on a weekend, would change that."
        )
    first = {laid.after: laid.day for laid in reversed(meetings)}
    late = [layout.date(request.days[k]) for k, day in first.items() if day > request.days[k] + 1]
    if late:
        layout.notes.append(f"The day after {_listed(sorted(late))} was not free, so integration begins later.")
    for wished, held in request.moved.items():
        layout.notes.append(f"{request.closed[wished]} falls on {wished}, so that dosing is on {held}.")
    if shut := [date for date in request.dosings if date in request.closed]:
        layout.notes.append(f"Dosing on a public holiday was left as it is: {_listed(shut)}.")
    if layout.missed and request.group_weekday is not None:
        missed = ", ".join(f"{one.date} ({one.why})" for one in layout.missed)
        layout.notes.append(f"The group of {WEEKDAYS[request.group_weekday]}s is missed on {missed}.")
    if request.weekday_only and (ends := [date for date in request.dosings if _weekend(date)]):
        layout.notes.append(f"Dosing on a weekend was left as it is: {_listed(ends)}.")


def _listed(dates: Sequence[dt.date]) -> str:
    shown = [date.isoformat() for date in dates]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


# The same plan in days


def _design(request: PlanRequest, items: Sequence[PlanItem]) -> Design:
    """Return the plan as a design, whose meetings work on all three tasks, whichever is at their centre.

    An SSRI is left out: a design goes into an address, and what somebody takes does not.
    """
    sessions = [
        PlannedSession(
            day=item.day,
            kind="preparation" if item.kind == "preparation" else "integration",
            hours=item.hours or request.integration_hours,
            format="group" if item.kind == "group" else "individual",
        )
        for item in items
        if item.kind in ("preparation", "integration") or (item.kind == "group" and item.tasks)
    ]
    practice = [
        PlannedPractice(
            from_day=item.day,
            to_day=float((item.until - request.dosings[0]).days),
            hours_per_week=item.hours or request.practice_hours_per_week,
        )
        for item in items
        if item.kind == "practice" and item.until is not None
    ]
    last = max([*(p.to_day for p in practice), *(item.day for item in items)])
    return Design(
        condition=request.condition,
        horizon_days=float(min(_LONGEST_HORIZON, max(_SHORTEST_HORIZON, math.ceil(last) + _MARGIN_DAYS))),
        arms=(
            ArmDesign(
                medicine=request.medicine,
                dose=request.dose,
                dosing_days=tuple(float(day) for day in request.days),
                sessions=tuple(sorted(sessions, key=lambda s: s.day)),
                practice=tuple(practice),
                group_size=1 if request.group == "none" else request.group_size,
                community=request.group == "community",
            ),
        ),
    )
