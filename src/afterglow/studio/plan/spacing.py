"""On which days meetings are held: before the first dosing, in the open window, and as it closes.

Days are whole numbers counted from the first dosing day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from afterglow.studio.designs.limits import PLAN

__all__ = [
    "Laid",
    "Room",
    "community_days",
    "group_days",
    "integration_days",
    "preparation_days",
    "shared",
    "shared_days",
    "shared_fortnights",
]

Free = Callable[[int], bool]
"""Whether a meeting may be held on a day: no dosing, nothing else that day, and no weekend where none is wanted."""

_PREPARED_OVER = {2: 6, 3: 13, 4: 13, 5: 20, 6: 20}
"""Days from the first preparation to the last: one to three weeks, as in davis2021-mdd and mitchell2021-mapp1."""

_FIRST_GAP_DAYS = 6.0
"""From the first integration to the second where there is room: day 1 and day 7, as in goodwin2022-comp001."""
_WIDENING = 1.25
"""How fast gaps grow; with it three meetings fall near days 1, 8 and 15 of mitchell2021-mapp1."""
_WEEK = 7.0
_LONGEST_GAP_DAYS = 28.0
"""Longest time between two integrations; assumed."""
_LONG_WINDOW_DAYS = 7
"""From this length on, meetings in the window lie two days apart or more; in a shorter one, a day. Assumed."""
_GROUP_FROM = tuple(range(3, 3 + 7 * PLAN.group_meetings, 7))
"""Days after a dose of group meetings: weekly, between the days of lewis2023-hope-group and anderson2020-group-aids."""
_GROUP_FIRST_DAYS = 2
"""Days from a dosing to a group that meets on a day of its own: the first day is left to integration. Assumed."""
_GROUP_LEAST_DAYS = 8
"""So long after a dosing a group is joined, also where no window is open. Assumed."""
_GROUP_APART_DAYS = 5
"""Shortest time between two group meetings; assumed."""
_COMMUNITY_EVERY_DAYS = 14
"""As in the model's group; assumed."""
_LOOK_AHEAD_DAYS = 45


@dataclass(frozen=True)
class Room:
    """The time after one dosing.

    Parameters
    ----------
    dosing : int
        Its day.
    closes : int or None
        Last day on which the window of this dosing is open; None where it does not open.
    until : int or None
        Last day before the next dosing; None after the last.
    """

    dosing: int
    closes: int | None
    until: int | None

    @property
    def open_until(self) -> int:
        """Last day on which the window is open and the next dosing has not come; the dosing day if it does not open."""
        if self.closes is None:
            return self.dosing
        return self.closes if self.until is None else min(self.closes, self.until)

    def holds(self, day: int) -> bool:
        """Whether the window is open on a day."""
        return self.closes is not None and self.dosing <= day <= self.closes


@dataclass(frozen=True, order=True)
class Laid:
    """A day, and which dosing it belongs to."""

    day: int
    after: int


def shared(count: int, among: int) -> list[int]:
    """Share meetings evenly among dosings; what is left over goes to the later ones."""
    return [(k + 1) * count // among - k * count // among for k in range(among)]


def preparation_days(count: int, free: Free) -> list[int]:
    """Return the days of preparation, the last the day before the first dosing or the nearest free one before it."""
    span = _PREPARED_OVER.get(count, 0)
    wished = sorted((-1 - round(k * span / max(count - 1, 1)) for k in range(count)), reverse=True)
    found: list[int] = []
    for day in wished:
        found.append(_nearest(day, -_LOOK_AHEAD_DAYS, (found[-1] if found else 0) - 1, free))
    return sorted(found)


def _nearest(wished: int, low: int, high: int, free: Free) -> int:
    days = [day for day in range(low, high + 1) if free(day)]
    return min(days, key=lambda day: (abs(day - wished), -day))


def integration_days(rooms: Sequence[Room], count: int, free: Free) -> list[Laid]:
    """Lay integration meetings after each dosing: the first the day after, most in the open window, gaps widening.

    Parameters
    ----------
    rooms : sequence of Room
    count : int
        Meetings in all, shared evenly among the dosings; one for which a dosing leaves no day goes to the next.
    free : callable
    """
    found: list[Laid] = []
    carried = 0
    for k, (room, share) in enumerate(zip(rooms, shared(count, len(rooms)), strict=True)):
        left = share + carried

        def open_(day: int) -> bool:
            return free(day) and all(day != other.day for other in found)

        first = _chosen(room.dosing + 1, room, open_) if left else None
        for wished in _wished(room, first, left) if first is not None else ():
            day = _chosen(wished, room, open_)
            if day is None:
                break
            found.append(Laid(day, k))
            left -= 1
        carried = left
    return sorted(found)


def _wished(room: Room, first: int, count: int) -> Iterator[int]:
    """Go through the days on which meetings after a dosing would best be, from the first that is free."""
    steps = max(count - 1, 1)
    after = _after_first(room.open_until - first, count)
    if room.until is not None and first + after[-1] > room.until:
        after = [(room.until - first) * k / steps for k in range(count)]
    return (first + round(days) for days in after)


def _after_first(open_days: int, count: int) -> list[float]:
    """Return how many days after the first each meeting is; for so many days more the window is open."""
    if open_days < 0:
        return [_WEEK * k for k in range(count)]
    apart = 2 if open_days + 1 >= _LONG_WINDOW_DAYS else 1
    inside = min(count, open_days // apart + 1)
    last = max(inside - 1, 1)
    span = min(_FIRST_GAP_DAYS * last**_WIDENING, open_days)
    found = [span * (k / last) ** _WIDENING for k in range(inside)]
    gap = max(_WEEK, _WIDENING * (found[-1] - found[-2] if inside > 1 else 0.0))
    for _ in range(count - inside):
        found.append(found[-1] + gap)
        gap = min(gap * _WIDENING, _LONGEST_GAP_DAYS)
    return found


def _chosen(wished: int, room: Room, free: Free) -> int | None:
    """Return the free day nearest to a wished one, in the window where the wished one is in it."""
    last = room.until if room.until is not None else wished + _LOOK_AHEAD_DAYS
    days = [day for day in range(room.dosing + 1, last + 1) if free(day)]
    within = room.holds(wished)
    return min(days, key=lambda day: (within and not room.holds(day), abs(day - wished), day < wished), default=None)


def group_days(rooms: Sequence[Room], free: Free) -> list[Laid]:
    """Lay meetings of an integration group while the window is open, weekly, or about that where dosings are close.

    The first free day after a dosing is left to the first integration.
    """
    found: list[Laid] = []
    for k, room in enumerate(rooms):
        first = _chosen(room.dosing + 1, room, free)
        if first is None:
            continue

        def open_(day: int, first: int = first) -> bool:
            return day != first and free(day)

        latest = max(room.open_until - room.dosing, 2)
        for offset in [days for days in _GROUP_FROM if days <= latest] or [latest]:
            recent = range(room.dosing + offset - _GROUP_APART_DAYS + 1, room.dosing + offset + _GROUP_APART_DAYS)
            if any(other.day in recent for other in found):
                continue
            day = _chosen(room.dosing + offset, room, open_)
            if day is not None:
                found.append(Laid(day, k))
    return sorted(found)


def community_days(after: int, until: int, free: Free) -> list[int]:
    """Lay community meetings every 14 days after a day, one at the least, moved on to the next free day."""
    wished = range(after + _COMMUNITY_EVERY_DAYS, max(until, after + _COMMUNITY_EVERY_DAYS) + 1, _COMMUNITY_EVERY_DAYS)
    return [next(d for d in range(day, day + _COMMUNITY_EVERY_DAYS) if free(d)) for day in wished]


def shared_days(rooms: Sequence[Room], meets: Free, free: Free) -> tuple[list[int], list[int]]:
    """Return on which days a group that meets on its own day of the week is joined, and on which it is missed.

    Parameters
    ----------
    rooms : sequence of Room
    meets : callable
        Whether a day is the group's.
    free : callable

    Returns
    -------
    tuple of list of int
        Days joined, at most three after each dosing while the window is open, and days that are not free.
    """
    joined: list[int] = []
    missed: list[int] = []
    for room in rooms:
        last = max(room.open_until, room.dosing + _GROUP_LEAST_DAYS)
        if room.until is not None:
            last = min(last, room.until)
        if meets(room.dosing) and room != rooms[0]:
            missed.append(room.dosing)
        meetings = [day for day in range(room.dosing + _GROUP_FIRST_DAYS, last + 1) if meets(day)][: len(_GROUP_FROM)]
        joined += [day for day in meetings if free(day)]
        missed += [day for day in meetings if not free(day)]
    return joined, missed


def shared_fortnights(after: int, until: int, ordinal: int, weekday: int, free: Free) -> tuple[list[int], list[int]]:
    """Return on which days a group that meets every second week on one day is joined, and on which it is missed.

    Weeks are counted from a fixed one, so that people who begin on different dates meet on the same days.

    Parameters
    ----------
    after, until : int
    ordinal : int
        Day 0 as a proleptic Gregorian ordinal.
    weekday : int
        0 is Monday.
    free : callable
    """
    last = max(until, after + _COMMUNITY_EVERY_DAYS)
    meetings = [d for d in range(after + 1, last + 1) if (ordinal + d - 1 - weekday) % _COMMUNITY_EVERY_DAYS == 0]
    return [day for day in meetings if free(day)], [day for day in meetings if not free(day)]
