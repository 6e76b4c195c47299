"""The space of plans: what each choice may be, and the arm that a set of choices makes."""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from typing import Any

from afterglow.errors import ProtocolError
from afterglow.medicines import MEDICINES
from afterglow.plan.space.options import amount_of
from afterglow.plan.space.section import Limits, Moves, SafetyVisit, SessionMoves
from afterglow.protocol import Arm, Dose, Group, Practice, Protocol, Session
from afterglow.protocol.timeline import marked
from afterglow.simulate.schedule import dosing_days, meets
from afterglow.units import DAY_H, number_text

__all__ = ["LISTED", "Choice", "Point", "Space", "laid_free", "said", "unseen_dosings"]

Point = tuple[int, ...]
"""A plan: for each choice, the number of the option."""

LISTED = 10_000
"""Sets of choices that are listed one by one, to see which keep the limits and which are the same plan."""

_CLOSE = 1e-9
_MINUTES = 60.0
_PART_OF_A_MINUTE = 1e-6


@dataclass(frozen=True)
class Choice:
    """One thing that may move.

    Parameters
    ----------
    name : str
        Such as ``dose`` or ``integration: number``.
    options : tuple
    """

    name: str
    options: tuple[Any, ...]


class Space:
    """Every plan that the ``optimise:`` section allows, before its limits.

    Parameters
    ----------
    protocol : Protocol
    arm : str
        Id of the arm whose schedule moves; empty for the first.
    moves : Moves
    limits : Limits
        Whose safety visits every plan gets, on open days.

    Raises
    ------
    ProtocolError
        If there is no such arm, nothing moves, or what moves does not fit the arm.
    """

    def __init__(self, protocol: Protocol, arm: str, moves: Moves, limits: Limits) -> None:
        self.protocol, self.moves, self.limits = protocol, moves, limits
        ids = {one.id: one for one in protocol.arms}
        if arm and arm not in ids:
            raise ProtocolError(f"no arm is called '{arm}'; arms: {', '.join(ids)}", where="optimise.arm")
        self.arm = ids[arm] if arm else protocol.arms[0]
        self.choices = _choices(moves)
        if not self.choices:
            raise ProtocolError(
                "nothing moves: every entry of move has a single option; list several, such as number: 0 to 6",
                where="optimise.move",
            )
        self._fixed = {name: options[0] for name, options in _entries(moves) if len(options) == 1}
        self._check_fit()

    @cached_property
    def size(self) -> int:
        """How many sets of choices there are; some make the same plan."""
        return math.prod(len(choice.options) for choice in self.choices)

    def points(self) -> Iterator[Point]:
        """Yield every set of choices."""
        yield from product(*(range(len(choice.options)) for choice in self.choices))

    def chosen(self, point: Sequence[int]) -> dict[str, Any]:
        """Return the value of every choice, by its name."""
        moving = {c.name: c.options[int(k)] for c, k in zip(self.choices, point, strict=True)}
        return {**self._fixed, **moving}

    def arm_at(self, point: Sequence[int]) -> Arm:
        """Return the arm that a set of choices makes, its safety visits among its sessions.

        Sessions that fall together follow one another on their day.
        """
        chosen = self.chosen(point)
        arm = self.arm
        if "dose" in chosen:
            arm = arm.model_copy(update={"doses": _scaled(arm, chosen["dose"])})
        if self.moves.dosings is not None:
            arm = _dosed(arm, chosen["dosings: number"], chosen.get("dosings: days between"))
        alone = chosen.get("group: size", arm.group.size) == 1
        arm = self._with_sessions(arm, {**chosen, **(dict.fromkeys(_shared(chosen), "individual") if alone else {})})
        if self.moves.practice is not None:
            arm = arm.model_copy(update={"practice": _practice(chosen)})
        if self.moves.group is not None:
            update = {key: chosen[f"group: {key}"] for key in ("size", "dosing", "integration", "community")}
            arm = arm.model_copy(update={"group": Group.made({**arm.group.model_dump(), **update})})
        arm = arm.model_copy(update={"sessions": self.with_safety_visits(arm)})
        if not arm.group.community and not any(meets(session, arm) for session in arm.sessions):
            arm = arm.model_copy(update={"group": Group()})  # a group that never meets is none
        return marked(arm)

    def _with_sessions(self, arm: Arm, chosen: dict[str, Any]) -> Arm:
        days = dosing_days(arm) or (0.0,)
        kinds = {kind for block in self.moves.sessions for kind in block.kind}
        kept = [s for s in arm.sessions if s.kind not in kinds]
        added = [s for block in self.moves.sessions for s in _laid(block, chosen, days)]
        return arm.model_copy(update={"sessions": laid_free(kept, added)})

    def with_safety_visits(self, arm: Arm) -> tuple[Session, ...]:
        """Return the sessions of an arm with the safety visits that it lacks."""
        hours = self.limits.safety_visit.hours
        missing = [
            _session(kind="education", day=_open_day(day, self.limits), hours=hours, label="safety visit")
            for day in unseen_dosings(arm, self.limits.safety_visit)
        ]
        return laid_free(arm.sessions, missing) if missing else arm.sessions

    def _check_fit(self) -> None:
        sizes = self.moves.group.size if self.moves.group is not None else (self.arm.group.size,)
        together = next((block.name for block in self.moves.sessions if "group" in block.format), None)
        if together and max(sizes) == 1:
            raise ProtocolError(
                f"{together} in a group needs a group of 2 or more: add group: {{size: [1, 6]}} to move",
                where="optimise.move.sessions",
            )
        medicines = {dose.medicine for dose in self.arm.doses if not MEDICINES[dose.medicine].is_inert}
        if self.moves.dose:
            if len(medicines) != 1:
                given = ", ".join(sorted(medicines)) or "none"
                raise ProtocolError(
                    f"a dose can move where an arm gives one medicine; arm '{self.arm.id}' gives {given}",
                    where="optimise.move.dose",
                )
            units = {"mg/kg" if dose.dose_mg_per_kg is not None else "mg" for dose in self.arm.doses}
            asked = {amount_of(amount)[1] for amount in self.moves.dose}
            if units != asked:
                raise ProtocolError(
                    f"arm '{self.arm.id}' doses in {' and '.join(sorted(units))}, so its dose moves in that and not in "
                    f"{' and '.join(sorted(asked))}",
                    where="optimise.move.dose",
                )
            for amount in self.moves.dose:
                number, unit = amount_of(amount)
                key = "dose_mg_per_kg" if unit == "mg/kg" else "dose_mg"
                try:
                    Dose.made({**self.arm.doses[0].model_dump(), key: number})
                except ProtocolError as error:
                    raise ProtocolError(error.message, where="optimise.move.dose") from None
        dosings = self.moves.dosings
        if dosings is None:
            return
        if not self.arm.doses:
            raise ProtocolError(
                f"arm '{self.arm.id}' gives no dose, so dosings cannot move", where="optimise.move.dosings"
            )
        if max(dosings.number) > 1 and not dosings.days_between:
            raise ProtocolError(
                "several dosings need days_between, such as days_between: [21, 28]", where="optimise.move.dosings"
            )


def _shared(chosen: dict[str, Any]) -> list[str]:
    """Return the choices that ask for sessions in a group."""
    return [name for name, value in chosen.items() if name.endswith(": format") and value == "group"]


def _entries(moves: Moves) -> list[tuple[str, tuple[Any, ...]]]:
    """Return everything that is named under ``move``, with its options."""
    found: list[tuple[str, tuple[Any, ...]]] = []
    if moves.dose:
        found.append(("dose", moves.dose))
    if moves.dosings is not None:
        found.append(("dosings: number", moves.dosings.number))
        if moves.dosings.days_between:
            found.append(("dosings: days between", moves.dosings.days_between))
    parts: list[tuple[str, Any, tuple[str, ...]]] = [
        *((block.name, block, ("kind", "number", "day", "every_days", "hours", "format")) for block in moves.sessions),
        ("practice", moves.practice, ("hours_per_week", "from_day", "to_day")),
        ("group", moves.group, ("size", "dosing", "integration", "community")),
    ]
    for name, part, keys in parts:
        if part is not None:
            found += [(f"{name}: {key.replace('_', ' ')}", getattr(part, key)) for key in keys]
    return found


def _choices(moves: Moves) -> tuple[Choice, ...]:
    return tuple(Choice(name, options) for name, options in _entries(moves) if len(options) > 1)


def unseen_dosings(arm: Arm, visit: SafetyVisit) -> list[float]:
    """Return the dosing days after which no clinician sees the person in time."""
    days = dosing_days(arm)
    seen = [s.day for s in arm.sessions if s.kind != "dosing" and s.format != "digital"]
    asked = days if visit.after == "each" else days[-1:]
    return [day for day in asked if not any(day < other <= day + visit.within_days for other in seen)]


def _open_day(dosing_day: float, limits: Limits) -> float:
    """Return the first open day after a dosing; the next day where none is open in time."""
    soon = [dosing_day + k for k in range(1, int(limits.safety_visit.within_days) + 1)]
    return next((day for day in soon if not limits.is_closed(day)), soon[0])


def _scaled(arm: Arm, amount: str) -> tuple[Dose, ...]:
    number, unit = amount_of(amount)
    key = "dose_mg_per_kg" if unit == "mg/kg" else "dose_mg"
    largest = max(getattr(dose, key) for dose in arm.doses)
    if abs(largest - number) < _CLOSE:
        return arm.doses
    return tuple(
        dose.model_copy(update={key: round(getattr(dose, key) / largest * number, 6), "extrapolated": False})
        for dose in arm.doses
    )


def _dosed(arm: Arm, number: int, days_between: float | None) -> Arm:
    """Return the arm with so many dosing days, the k-th as its own k-th or, past them, as its last."""
    own = dosing_days(arm)
    doses: list[Dose] = []
    sessions = [s for s in arm.sessions if s.kind != "dosing"]
    for k in range(number):
        like = own[min(k, len(own) - 1)]
        day = own[0] + k * (days_between or 0.0)
        doses += [dose.model_copy(update={"day": day}) for dose in arm.doses if dose.day == like]
        sessions += [s.model_copy(update={"day": day}) for s in arm.sessions if s.kind == "dosing" and s.day == like]
    doses.sort(key=lambda dose: dose.time_h)
    sessions.sort(key=lambda session: session.time_h)
    return arm.model_copy(update={"doses": tuple(doses), "sessions": tuple(sessions)})


def _laid(block: SessionMoves, chosen: dict[str, Any], days: Sequence[float]) -> Iterator[Session]:
    kind, number, first, every, hours, form = (
        chosen[f"{block.name}: {key}"] for key in ("kind", "number", "day", "every days", "hours", "format")
    )
    anchors = {"each": days, "first": days[:1], "last": days[-1:]}[block.after]
    more: dict[str, Any] = {}
    if kind == "integration" and block.tasks:
        more["tasks"] = block.tasks
    if kind == "psychotherapy":
        more["approach"] = block.approach
    for anchor in anchors:
        for k in range(number):
            yield _session(kind=kind, day=anchor + first + k * every, hours=hours, format=form, **more)


@lru_cache(maxsize=4096)
def _session(**fields: Any) -> Session:
    day = fields["day"]
    whole = math.floor(day + _CLOSE)
    return Session.made({**fields, "day": whole, "hour": round((day - whole) * DAY_H, 6)})


def laid_free(kept: Sequence[Session], added: Sequence[Session]) -> tuple[Session, ...]:
    """Put sessions among others in order of time, each at its own hour or the first full minute after it that is free.

    One that finds no room on its day goes on to the next.
    """
    held = sorted(((s.time_h, s.time_h + s.hours, s) for s in kept), key=_begin)
    for session in sorted(added, key=lambda s: s.time_h):
        start = own = session.time_h
        for begin, end, _ in held:
            if begin < start + session.hours - _CLOSE and end > start + _CLOSE:
                start = math.ceil(end * _MINUTES - _PART_OF_A_MINUTE) / _MINUTES
        if start != own:
            day = math.floor(start / DAY_H + _CLOSE)
            session = session.model_copy(update={"day": float(day), "hour": max(start - day * DAY_H, 0.0)})
        insort(held, (start, start + session.hours, session), key=_begin)
    return tuple(session for _, _, session in held)


def _begin(laid: tuple[float, float, Session]) -> float:
    return laid[0]


def _practice(chosen: dict[str, Any]) -> tuple[Practice, ...]:
    hours = chosen["practice: hours per week"]
    if not hours:
        return ()
    days = {key: chosen[f"practice: {key.replace('_', ' ')}"] for key in ("from_day", "to_day")}
    return (Practice.made({"hours_per_week": hours, **days}),)


def said(value: Any) -> str:
    """Write the value of a choice as a table shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number_text(value) if isinstance(value, (int, float)) else str(value)
