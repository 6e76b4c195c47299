"""What does not go together in the plans of one or several people, as they were edited."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from afterglow.studio.asked import Asked
from afterglow.studio.plan.dates import WEEKDAYS, Weekday, holidays_of
from afterglow.studio.plan.planning import Missed, PlanItem
from afterglow.studio.plan.request import Code, check_place

__all__ = ["Conflict", "Entry", "Member", "PlansEdited", "conflicts_of"]

_WEEKEND = 5
_MOST_A_DAY = 8
"""Entries of one person on one day, of which each is laid beside each other; assumed."""


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Member(_Told):
    """One person's plan as it was edited.

    Parameters
    ----------
    code : str
        Empty where there is one person.
    items : tuple of PlanItem
    missed : tuple of Missed
    """

    code: Code = ""
    items: Annotated[tuple[PlanItem, ...], Field(max_length=200)]
    missed: Annotated[tuple[Missed, ...], Field(max_length=200)] = ()

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        for date, count in Counter(item.date for item in self.items).items():
            if count > _MOST_A_DAY:
                whose = f" of {self.code}" if self.code else ""
                raise ValueError(f"on {date} there are {count} entries{whose}; a day holds {_MOST_A_DAY} at most")
        return self


class PlansEdited(Asked):
    """The plans of people who share a team, and perhaps a group.

    Parameters
    ----------
    people : tuple of Member
    at_once : int
        How many meetings and dosings the team can hold at the same time, beside the group.
    group_weekday : int, optional
    weekday_only : bool
    country, region : str
        Whose public holidays are kept.
    """

    people: Annotated[tuple[Member, ...], Field(min_length=1, max_length=12)]
    at_once: Annotated[int, Field(ge=1, le=12)] = 1
    group_weekday: Weekday | None = None
    weekday_only: bool = True
    country: Annotated[str, Field(max_length=2)] = ""
    region: Annotated[str, Field(max_length=40)] = ""

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        check_place(self.country, self.region)
        codes = [member.code for member in self.people]
        if len(codes) > 1 and (same := next((c for c in codes if codes.count(c) > 1), None)) is not None:
            raise ValueError(f"two people have the code '{same}'" if same else "every person needs a code")
        return self


class Entry(_Told):
    """An entry of somebody's plan: the person's place, and the entry's id."""

    person: int
    id: str


class Conflict(_Told):
    """What does not go together on a date.

    Parameters
    ----------
    date : date
    sentence : str
        Without the date, which the reader's language writes.
    entries : tuple of Entry
    """

    date: dt.date
    sentence: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class _Placed:
    """An entry and whose it is."""

    person: int
    code: str
    item: PlanItem

    @property
    def name(self) -> str:
        """What it is called, without the task at its centre."""
        title = self.item.title.split(":")[0]
        return f"{self.code}, {title}" if self.code else title

    @property
    def entry(self) -> Entry:
        return Entry(person=self.person, id=self.item.id)

    def overlaps(self, other: _Placed) -> bool:
        """Whether both are at a time that is known, and meet."""
        (a, b), (c, d) = _span(self.item), _span(other.item)
        return a < d and c < b


def _span(item: PlanItem) -> tuple[float, float]:
    """Return begin and end in hours of the day; nothing where the time is yet to be agreed."""
    if item.start is None:
        return float("inf"), float("inf")
    hour, minute = (int(part) for part in item.start.split(":"))
    begins = hour + minute / 60
    return begins, begins + (item.hours or 1.0)


def conflicts_of(plans: PlansEdited) -> tuple[Conflict, ...]:
    """Return what does not go together, by date."""
    placed = [
        _Placed(k, member.code, item)
        for k, member in enumerate(plans.people)
        for item in member.items
        if item.kind != "practice"
    ]
    by_date: dict[dt.date, list[_Placed]] = {}
    for one in placed:
        by_date.setdefault(one.item.date, []).append(one)
    closed = {
        holiday.date: holiday.name
        for date in by_date
        for holiday in holidays_of(plans.country, plans.region, date, date)
    }
    found = [*_missed(plans), *_out_of_order(plans)]
    for date, together in by_date.items():
        found += [Conflict(date=date, sentence=s, entries=e) for s, e in _on_date(plans, together, closed.get(date))]
    return tuple(sorted(found, key=lambda conflict: conflict.date))


def _on_date(
    plans: PlansEdited, together: Sequence[_Placed], holiday: str | None
) -> Iterator[tuple[str, tuple[Entry, ...]]]:
    for one in together:
        if holiday is not None:
            yield f"{one.name}: a public holiday, {holiday}.", (one.entry,)
        if plans.weekday_only and one.item.date.weekday() >= _WEEKEND and one.item.kind not in ("dosing", "group"):
            yield f"{one.name}: a {WEEKDAYS[one.item.date.weekday()]}.", (one.entry,)
        if one.item.kind == "group" and plans.group_weekday not in (None, one.item.date.weekday()):
            assert plans.group_weekday is not None
            yield f"{one.name}: the group meets on {WEEKDAYS[plans.group_weekday]}s.", (one.entry,)
    for one, other in itertools.combinations(together, 2):
        if one.person != other.person:
            continue
        both = (one.entry, other.entry)
        if one.overlaps(other):
            yield f"{one.name} and {other.name} are at the same time.", both
        elif "dosing" in (one.item.kind, other.item.kind):
            yield f"{one.name} and {other.name} are on the same day.", both
    yield from _too_many(together, plans.at_once)


def _too_many(together: Sequence[_Placed], at_once: int) -> Iterator[tuple[str, tuple[Entry, ...]]]:
    """Go through the moments at which more begins or goes on than a team can hold; each set of entries once."""
    alone = [one for one in together if one.item.kind != "group" and one.item.format != "digital"]
    held = [one for one in alone if one.item.start is not None]
    told: list[set[tuple[int, str]]] = []
    for begins in sorted({_span(one.item)[0] for one in held}):
        now = [one for one in held if _span(one.item)[0] <= begins < _span(one.item)[1]]
        ids = {(one.person, one.item.id) for one in now}
        if len({one.person for one in now}) <= at_once or any(ids <= other for other in told):
            continue
        told.append(ids)
        names = "; ".join(one.name for one in now)
        yield f"{names}: at the same time, and the team holds {at_once} at once.", tuple(one.entry for one in now)


def _missed(plans: PlansEdited) -> Iterator[Conflict]:
    for member in plans.people:
        for missed in member.missed:
            who = f"{member.code}: the" if member.code else "The"
            yield Conflict(date=missed.date, sentence=f"{who} group is missed ({missed.why}).", entries=())


def _out_of_order(plans: PlansEdited) -> Iterator[Conflict]:
    """Go through preparation that comes too late and integration that comes too early."""
    for k, member in enumerate(plans.people):
        dosed = [item.date for item in member.items if item.kind == "dosing"]
        if not dosed:
            continue
        for item in member.items:
            one = _Placed(k, member.code, item)
            if item.kind == "preparation" and item.date >= min(dosed):
                yield Conflict(
                    date=item.date, sentence=f"{one.name} is not before the first dosing.", entries=(one.entry,)
                )
            if item.kind in ("integration", "group") and item.date < min(dosed):
                yield Conflict(date=item.date, sentence=f"{one.name} is before the first dosing.", entries=(one.entry,))
