"""What cannot be done in time: two things at once, too late, or in the wrong order."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from afterglow.errors import ExtrapolationError, ProtocolError
from afterglow.medicines import MEDICINES
from afterglow.medicines.medicine import DoseLimit, LargestDose
from afterglow.protocol.arm import Arm
from afterglow.protocol.dose import Dose
from afterglow.protocol.events.columns import EXTRAPOLATED
from afterglow.protocol.population import Assessment
from afterglow.protocol.session import Session

__all__ = ["beyond_reported", "extrapolations", "marked", "timeline_problems"]

_DAY_H = 24.0
_CLOSE = 1e-9


def marked(arm: Arm) -> Arm:
    """Return the arm with each dose marked whose kinetics are extrapolated.

    They are when the dose alone, or with what was given of the same medicine in the 24 hours before, is more than was
    studied.
    """
    above = _above(arm.doses, lambda limit: limit.studied)
    if all(dose.extrapolated == (k in above) for k, dose in enumerate(arm.doses)):
        return arm
    doses = [dose.model_copy(update={"extrapolated": k in above}) for k, dose in enumerate(arm.doses)]
    return arm.model_copy(update={"doses": tuple(doses)})


def beyond_reported(arm: Arm) -> set[int]:
    """Return the numbers of the doses that are above the largest one that anybody reported."""
    return _above(arm.doses, lambda limit: limit.reported)


def extrapolations(arm: Arm) -> list[str]:
    """Say of each dose that is marked, once for equal ones, what is extrapolated above what, with the source."""
    beyond = beyond_reported(arm)
    found = Counter(
        (
            f"{MEDICINES[dose.medicine].display_name} {dose.amount} {dose.route_text}",
            _why(dose, dose.limit, k in beyond),
        )
        for k, dose in enumerate(arm.doses)
        if dose.extrapolated and dose.limit
    )
    return [f"{dose}{f', {count} doses' if count > 1 else ''}: {why}" for (dose, why), count in found.items()]


def _why(dose: Dose, limit: DoseLimit, beyond: bool) -> str:
    largest = limit.reported if beyond else limit.studied
    amount = largest.amount(by_weight=dose.dose_mg_per_kg is not None)
    if beyond:
        why = f"above the largest dose reported, {amount}"
    elif largest.mg:
        why = f"kinetics extrapolated above {amount}"
    else:
        why = "kinetics by this route not studied in people"
    within = ", with what was given in the 24 hours before" if dose.share_of(largest) <= 1 + _CLOSE else ""
    return f"{why}{within} ({largest.source})"


def _above(doses: Sequence[Dose], largest: Callable[[DoseLimit], LargestDose]) -> set[int]:
    """Return the numbers of the doses that are above the largest one, alone or with those of the 24 hours before."""
    found: set[int] = set()
    recent: dict[str, deque[tuple[float, float]]] = {}
    for k in sorted(range(len(doses)), key=lambda k: doses[k].time_h):
        dose = doses[k]
        limit = dose.limit
        if limit is None:
            continue
        share = dose.share_of(largest(limit))
        given = recent.setdefault(dose.medicine, deque())
        while given and dose.time_h - given[0][0] >= _DAY_H:
            given.popleft()
        given.append((dose.time_h, share))
        if share > 1 + _CLOSE or sum(shares for _, shares in given) > limit.day_total + _CLOSE:
            found.add(k)
    return found


def timeline_problems(
    arms: Sequence[Arm], assessments: Sequence[Assessment], *, horizon_days: float, allow_extrapolation: bool
) -> list[ProtocolError]:
    """List what is impossible in a protocol's arms and assessments, in the order of the protocol."""
    found: list[ProtocolError] = []
    first: dict[str, int] = {}
    for i, arm in enumerate(arms):
        if arm.id in first:
            message = f"the id '{arm.id}' is already that of arms[{first[arm.id]}]; give each arm its own"
            found.append(ProtocolError(message, where=f"arms[{i}].id"))
        first.setdefault(arm.id, i)
        found += [ProtocolError(text, where=f"arms[{i}].{where}") for where, text in _problems(arm, horizon_days)]
        if not allow_extrapolation:
            found += _refused(arm, f"arms[{i}]")
    for k, assessment in enumerate(assessments):
        late = [day for day in assessment.days if day > horizon_days]
        if late:
            message = f"day {late[0]:g} lies beyond the horizon of {horizon_days:g} days"
            found.append(ProtocolError(message, where=f"assessments[{k}].days"))
    return found


def _refused(arm: Arm, where: str) -> Iterator[ExtrapolationError]:
    """List the doses above the largest one that anybody reported."""
    for k in sorted(beyond_reported(arm)):
        dose = arm.doses[k]
        limit = dose.limit
        if limit is None:
            continue
        most = limit.reported.amount(by_weight=dose.dose_mg_per_kg is not None)
        alone = dose.share_of(limit.reported) > 1 + _CLOSE
        total = "" if alone else ", with what was given in the 24 hours before,"
        within = f" at once and {limit.day_total:g} times that in a day" if total and limit.day_total > 1 else ""
        yield ExtrapolationError(
            f"{dose.amount} {dose.medicine} {dose.route_text}{total} is above the largest dose reported, "
            f"{most}{within} ({limit.reported.source}); lower it, or set allow_extrapolation: true "
            f"(in an event table, KIND {EXTRAPOLATED})",
            where=f"{where}.doses[{k}]",
        )


def _problems(arm: Arm, horizon_days: float) -> Iterator[tuple[str, str]]:
    yield from _too_late(arm, horizon_days)
    yield from _out_of_order("doses", arm.doses)
    yield from _out_of_order("sessions", arm.sessions)
    yield from _doses_at_once(arm.doses)
    yield from _sessions_at_once(arm.sessions)
    yield from _integration_too_early(arm)


def _too_late(arm: Arm, horizon_days: float) -> Iterator[tuple[str, str]]:
    beyond = f"lies beyond the horizon of {horizon_days:g} days"
    lists: tuple[tuple[str, Sequence[Dose | Session]], ...] = (("doses", arm.doses), ("sessions", arm.sessions))
    for name, rows in lists:
        for k, row in enumerate(rows):
            if row.time_h >= horizon_days * _DAY_H:
                yield f"{name}[{k}]", f"day {row.day:g} {beyond}"
    for k, practice in enumerate(arm.practice):
        if practice.to_day > horizon_days:
            yield f"practice[{k}]", f"day {practice.to_day:g} {beyond}"


def _out_of_order(name: str, rows: Iterable[Dose | Session]) -> Iterator[tuple[str, str]]:
    for k, (earlier, later) in enumerate(pairwise(rows)):
        if later.time_h < earlier.time_h - _CLOSE:
            yield (
                f"{name}[{k + 1}]",
                f"{_time(later)} comes before {_time(earlier)} of {name}[{k}]; write {name} in order of time",
            )


def _time(row: Dose | Session) -> str:
    return f"day {row.day:g}" + (f" hour {row.hour:g}" if row.hour else "")


def _doses_at_once(doses: Sequence[Dose]) -> Iterator[tuple[str, str]]:
    latest: dict[str, int] = {}
    for k in sorted(range(len(doses)), key=lambda k: doses[k].time_h):
        dose = doses[k]
        before = latest.get(dose.medicine)
        if before is not None:
            gap = dose.time_h - doses[before].time_h
            if gap <= _CLOSE:
                yield f"doses[{k}]", f"{dose.medicine} is given at the same time as in doses[{before}]; join the two"
            elif gap < (doses[before].duration_h or 0.0) - _CLOSE:
                yield f"doses[{k}]", f"begins while the infusion of doses[{before}] still runs; move one"
        latest[dose.medicine] = k


def _sessions_at_once(sessions: Sequence[Session]) -> Iterator[tuple[str, str]]:
    running: int | None = None
    for k in sorted(range(len(sessions)), key=lambda k: sessions[k].time_h):
        if running is not None and sessions[k].time_h < _end(sessions[running]) - _CLOSE:
            both = f"{_named(sessions[k])} overlaps {_named(sessions[running])} of sessions[{running}]"
            yield f"sessions[{k}]", f"{both}; nobody can be in two sessions at once, so give them other days or hours"
        if running is None or _end(sessions[k]) > _end(sessions[running]):
            running = k


def _end(session: Session) -> float:
    return session.time_h + session.hours


def _named(session: Session) -> str:
    return f"{session.kind} on {_time(session)}"


def _integration_too_early(arm: Arm) -> Iterator[tuple[str, str]]:
    starts = [row.time_h for row in arm.doses] + [s.time_h for s in arm.sessions if s.kind == "dosing"]
    if not starts:
        return
    for k, session in enumerate(arm.sessions):
        if session.kind == "integration" and session.time_h < min(starts):
            first = f"the first dosing on day {min(starts) / _DAY_H:g}"
            yield (
                f"sessions[{k}]",
                f"integration on {_time(session)} comes before {first}; before it stands preparation",
            )
