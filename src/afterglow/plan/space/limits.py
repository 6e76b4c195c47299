"""Which limits a plan breaks, and by how much."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from afterglow.errors import ProtocolError
from afterglow.plan.space.options import amount_of
from afterglow.plan.space.section import Limits
from afterglow.plan.space.space import unseen_dosings
from afterglow.protocol import Arm, Protocol
from afterglow.protocol.timeline import timeline_problems
from afterglow.simulate.schedule import dosing_days

__all__ = ["Breach", "breaches", "check_limits"]

_CLOSE = 1e-9


@dataclass(frozen=True)
class Breach:
    """One limit that a plan breaks.

    Parameters
    ----------
    limit : str
        Its word in ``limits``, or ``protocol`` for what cannot be done at all.
    got : float
        What the plan has; NaN where it is no number.
    excess : float
        By how much, above 0, in the unit of the limit.
    sentence : str
    """

    limit: str
    got: float
    excess: float
    sentence: str


def breaches(arm: Arm, protocol: Protocol, limits: Limits, *, therapist_hours: float, cost: float) -> list[Breach]:
    """List what a plan breaks: first the limits, then what no protocol allows.

    Parameters
    ----------
    arm : Arm
    protocol : Protocol
        Whose horizon and rule on extrapolation hold.
    limits : Limits
    therapist_hours, cost : float
        Of the plan.
    """
    found = [
        *_above("therapist_hours", therapist_hours, limits.therapist_hours, "therapist hours"),
        *_above("cost", cost, limits.cost, "of cost"),
        *_doses(arm, limits),
        *_days(arm, limits),
        *_unseen(arm, limits),
    ]
    impossible = timeline_problems(
        (arm,), (), horizon_days=protocol.horizon_days, allow_extrapolation=protocol.allow_extrapolation
    )
    return found + [Breach("protocol", float("nan"), 1.0, problem.message) for problem in impossible]


def check_limits(limits: Limits, arm: Arm, protocol: Protocol) -> None:
    """Refuse limits that do not fit the arm or the protocol.

    Raises
    ------
    ProtocolError
    """
    if limits.largest_dose:
        unit = amount_of(limits.largest_dose[0])[1]
        own = {"mg/kg" if d.dose_mg_per_kg is not None else "mg" for d in arm.doses if d.amount}
        if own and own != {unit}:
            raise ProtocolError(
                f"largest_dose is in {unit}, but arm '{arm.id}' doses in {' and '.join(sorted(own))}",
                where="optimise.limits.largest_dose",
            )
    for name in ("first_day", "last_day"):
        day = getattr(limits, name)
        if day is not None and day > protocol.horizon_days:
            raise ProtocolError(
                f"day {day:g} lies beyond the horizon of {protocol.horizon_days:g} days",
                where=f"optimise.limits.{name}",
            )


def _above(limit: str, got: float, most: float | None, what: str) -> Iterator[Breach]:
    if most is not None and got > most + _CLOSE:
        yield Breach(limit, got, got - most, f"{got:.4g} {what}, above the limit of {most:g}")


def _doses(arm: Arm, limits: Limits) -> Iterator[Breach]:
    if limits.largest_dose:
        most, unit = amount_of(limits.largest_dose[0])
        given = max((d.dose_mg if unit == "mg" else d.dose_mg_per_kg) or 0.0 for d in arm.doses) if arm.doses else 0.0
        yield from _above("largest_dose", given, most, f"{unit} in one dose")
    least = limits.shortest_gap_days
    if least is not None:
        gaps = [later - earlier for earlier, later in pairwise(dosing_days(arm))]
        if gaps and min(gaps) < least - _CLOSE:
            got = min(gaps)
            said = f"{got:g} days between dosings, below the limit of {least:g}"
            yield Breach("shortest_gap_days", got, least - got, said)


def _days(arm: Arm, limits: Limits) -> Iterator[Breach]:
    days = [row.day for row in arm.timed]
    if days and limits.first_day is not None and min(days) < limits.first_day:
        said = f"something on day {min(days):g}, before the first day of {limits.first_day:g}"
        yield Breach("first_day", min(days), limits.first_day - min(days), said)
    if days and limits.last_day is not None and max(days) > limits.last_day:
        said = f"something on day {max(days):g}, after the last day of {limits.last_day:g}"
        yield Breach("last_day", max(days), max(days) - limits.last_day, said)
    shut = sorted({day for day in days if limits.is_closed(day)})
    if shut:
        said = f"something on day {shut[0]:g}, a {limits.weekday(shut[0])}"
        yield Breach("closed", shut[0], float(len(shut)), said)


def _unseen(arm: Arm, limits: Limits) -> Iterator[Breach]:
    unseen = unseen_dosings(arm, limits.safety_visit)
    if unseen:
        within = limits.safety_visit.within_days
        said = f"nobody sees the person within {within:g} days of the dosing on day {unseen[0]:g}"
        yield Breach("safety_visit", unseen[0], float(len(unseen)), said)
