"""From an arm of a protocol to what happens when: doses, sessions, meetings, guesses, in order of time."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from itertools import zip_longest

from afterglow.errors import ProtocolError
from afterglow.medicines import MEDICINES
from afterglow.protocol import Arm, Dose, Protocol, Session
from afterglow.scales.links import family_of
from afterglow.units import DAY_H

__all__ = [
    "COMMUNITY_HOURS",
    "WITHOUT_INTEGRATION",
    "Happening",
    "Schedule",
    "community_days",
    "dosing_days",
    "dosing_starts",
    "first_apart",
    "meets",
    "same_until",
    "schedule",
    "without_integration",
]

COMMUNITY_HOURS = 1.5
"""Length of a meeting of a community, as in anderson2020-group-aids."""
WITHOUT_INTEGRATION = "|no integration"
"""End of the id of an arm's twin."""
_PILLS_EVERY_DAYS = 7.0
_PILL_VISITS = 8
"""Days between visits at which daily pills are handed out, and how many such visits there are; assumed."""

_LAST_VISIT_DAYS = 7.0
"""Days from the last dose or session to the last visit of the course; assumed."""
_INTEGRATING = ("integration", "psychotherapy", "training", "education")


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One event of the schedule.

    Parameters
    ----------
    day : float
        Days from the first dosing day.
    kind : str
        ``dose``, ``session``, ``guess``, ``meeting``, or an input's name with a step in `value`.
    dose : Dose or None
    arguments : dict of str to float
        Arguments of the model's jump.
    value : float
        Step of an input.
    """

    day: float
    kind: str
    dose: Dose | None = None
    arguments: dict[str, float] | None = None
    value: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """All that happens in one arm, from `begin` to `end` days, and the size of its groups."""

    begin: float
    end: float
    happenings: tuple[Happening, ...]
    dosing_days: tuple[float, ...]
    group_size: int
    adherence: float


def dosing_days(arm: Arm) -> tuple[float, ...]:
    """Return the days on which a dose is given or a dosing session is held, in order."""
    days = {d.day for d in arm.doses} | {s.day for s in arm.sessions if s.kind == "dosing"}
    return tuple(sorted(days))


def dosing_starts(arm: Arm) -> dict[float, float]:
    """Return when the first dose of each dosing day is given, or its session begins where nothing is given."""
    doses, sessions = defaultdict[float, list[float]](list), defaultdict[float, list[float]](list)
    for dose in arm.doses:
        doses[dose.day].append(dose.start_day)
    for session in arm.sessions:
        if session.kind == "dosing":
            sessions[session.day].append(session.start_day)
    return {day: min(doses[day] or sessions[day]) for day in dosing_days(arm)}


def without_integration(arm: Arm) -> Arm | None:
    """Return the arm with nothing after the first dosing day but doses and support on dosing days.

    Returns
    -------
    Arm or None
        None when the arm has nothing to take away.
    """
    days = dosing_days(arm)
    if not days:
        return None
    sessions = tuple(s for s in arm.sessions if s.day < days[0] or s.kind not in _INTEGRATING)
    group = arm.group.model_copy(update={"community": False, "integration": False})
    if sessions == arm.sessions and not arm.practice and group == arm.group:
        return None
    return arm.model_copy(
        update={
            "id": f"{arm.id}{WITHOUT_INTEGRATION}",
            "label": f"{arm.label}, without integration",
            "sessions": sessions,
            "practice": (),
            "group": group,
        }
    )


def schedule(arm: Arm, protocol: Protocol) -> Schedule:
    """Lay out one arm of a protocol in time.

    Raises
    ------
    ProtocolError
        If a medicine of the arm has no model.
    """
    happenings: list[Happening] = []
    for dose in arm.doses:
        if not MEDICINES[dose.medicine].is_modelled:
            raise ProtocolError(
                f"arm '{arm.id}' gives {dose.medicine}, which Afterglow does not model; remove its doses"
            )
        if not MEDICINES[dose.medicine].is_inert:
            happenings.append(Happening(day=dose.start_day, kind="dose", dose=dose))
    for session in arm.sessions:
        happenings += _session(session, arm, protocol)
    happenings += _practice(arm)
    happenings += _community(arm, protocol.horizon_days)
    happenings += _treated(arm, protocol.horizon_days)
    happenings += _background(arm, protocol)
    happenings += _guesses(arm, protocol)
    begin = min([0.0, *(h.day for h in happenings), *(d for a in protocol.assessments for d in a.days)])
    ordered = tuple(sorted(happenings, key=lambda h: h.day))
    return Schedule(
        begin=begin,
        end=protocol.horizon_days,
        happenings=tuple(h for h in ordered if h.day < protocol.horizon_days),
        dosing_days=dosing_days(arm),
        group_size=arm.group.size,
        adherence=arm.adherence,
    )


def same_until(one: Schedule, other: Schedule) -> float:
    """Return the day up to which nothing differs between two arms: that of the first happening of one alone."""
    if one.begin != other.begin or one.group_size != other.group_size or one.adherence != other.adherence:
        return -math.inf
    return first_apart(one, other)


def first_apart(one: Schedule, other: Schedule) -> float:
    """Return the day of the first happening of one arm alone, infinite where there is none."""
    for mine, theirs in zip_longest(one.happenings, other.happenings):
        if mine != theirs:
            return min(happening.day for happening in (mine, theirs) if happening is not None)
    return math.inf


def _session_arguments(session: Session, protocol: Protocol) -> dict[str, float]:
    hours = session.hours
    contact = 0.0 if session.format == "digital" else hours
    together = float(session.format == "group")
    if session.kind == "preparation":
        return {"contact_hours": contact, "preparation_hours": hours}
    if session.kind == "training":
        return {"contact_hours": contact, "training_hours": hours}
    if session.kind == "education":
        return {"contact_hours": contact}
    integrating = session.kind == "integration"
    tasks = session.tasks if integrating else ("insights", "steps", "practice")
    share = hours / 3
    return {
        "contact_hours": contact,
        "together": together,
        "insight_hours": share * ("insights" in tasks),
        "step_hours": share * ("steps" in tasks),
        "practice_hours": share * ("practice" in tasks),
        "learning_hours" if integrating else _worked(session, protocol): share * len(tasks),
    }


def _worked(session: Session, protocol: Protocol) -> str:
    """Return the argument that counts an hour of psychotherapy, by its approach."""
    trauma = family_of(protocol.population.condition) == "ptsd"
    approach = session.approach or ("trauma_focused" if trauma else "cognitive_behavioural")
    return f"{approach}_hours" if approach in ("trauma_focused", "supportive") else "psychotherapy_hours"


def meets(session: Session, arm: Arm) -> bool:
    """Return whether the arm's group holds a session together."""
    switch = {"dosing": arm.group.dosing, "integration": arm.group.integration}.get(session.kind, False)
    return arm.group.size > 1 and (switch or session.format == "group")


def _session(session: Session, arm: Arm, protocol: Protocol) -> list[Happening]:
    start = session.start_day
    end = start + session.hours / DAY_H
    if session.kind == "dosing":
        found = [
            Happening(day=start, kind="support", value=1.0),
            Happening(day=end, kind="support", value=-1.0),
        ]
    else:
        found = [Happening(day=start, kind="session", arguments=_session_arguments(session, protocol))]
    if meets(session, arm):
        found.append(Happening(day=end, kind="meeting", arguments={"meeting_hours": session.hours}))
    return found


def _practice(arm: Arm) -> list[Happening]:
    found = []
    for practice in arm.practice:
        per_day = practice.hours_per_week / 7
        found.append(Happening(day=practice.from_day, kind="homework", value=per_day))
        found.append(Happening(day=practice.to_day, kind="homework", value=-per_day))
    return found


def _community(arm: Arm, horizon_days: float) -> list[Happening]:
    return [
        Happening(day=day, kind="meeting", arguments={"meeting_hours": COMMUNITY_HOURS})
        for day in community_days(arm, horizon_days)
    ]


def community_days(arm: Arm, horizon_days: float) -> tuple[float, ...]:
    """Return the days of the community's meetings, from the last session to the horizon."""
    if not arm.group.community or arm.group.size < 2:
        return ()
    last = max([0.0, *(s.day for s in arm.sessions), *dosing_days(arm)])
    count = int((horizon_days - last) / arm.group.community_every_days)
    return tuple(last + (k + 1) * arm.group.community_every_days for k in range(count))


def _pills(arm: Arm, protocol: Protocol) -> list[Happening]:
    """Return the visits at which a daily pill is handed out, each of which raises hope as a dosing does.

    A new antidepressant that everybody starts, or that people know of, is believed in from the first day.
    """
    new = arm.background.antidepressant == "new"
    if not new and not _inert_pill(arm):
        return []
    begin = arm.background.from_day if new else min(d.day for d in arm.doses)
    known = protocol.blinding.design == "open" or all(other.background == arm.background for other in protocol.arms)
    found = [Happening(day=begin, kind="guess", arguments={"given": 1.0, "told": float(new and known)})]
    if _inert_pill(arm) or not arm.doses:
        found += [
            Happening(day=begin + week * _PILLS_EVERY_DAYS, kind="guess", arguments={"given": 1.0})
            for week in range(1, _PILL_VISITS)
        ]
    return found


def _inert_pill(arm: Arm) -> bool:
    """Return whether all that an arm gives is one pill without effect outside any session: it stands for one a day."""
    inert = all(MEDICINES[d.medicine].is_inert and d.route == "oral" for d in arm.doses)
    return inert and len({d.day for d in arm.doses}) == 1 and all(s.kind != "dosing" for s in arm.sessions)


def _treated(arm: Arm, horizon_days: float) -> list[Happening]:
    """Return the time over which a course goes on: to its last dose or session and the visit a week later.

    A new antidepressant and a pill without effect are taken every day.
    """
    days = [row.day for row in arm.timed]
    pill = _inert_pill(arm)
    if arm.background.antidepressant == "new":
        days.append(arm.background.from_day)
    if not days:
        return []
    begin = max(0.0, min(days))
    daily = pill or arm.background.antidepressant == "new"
    end = horizon_days if daily else max(begin, max(days)) + _LAST_VISIT_DAYS
    return [Happening(day=begin, kind="treated", value=1.0), Happening(day=end, kind="treated", value=-1.0)]


def _background(arm: Arm, protocol: Protocol) -> list[Happening]:
    """Return what goes on beside the course, from the day on which it begins."""
    beside, found = arm.background, []
    if beside.antidepressant == "new":
        found.append(Happening(day=beside.from_day, kind="antidepressant", value=1.0))
    if beside.antidepressant == "continued" and protocol.population.recovered_by:
        found.append(Happening(day=0.0, kind="held", value=1.0))
    if beside.care == "usual":
        found.append(Happening(day=0.0, kind="usual_care", value=1.0))
    if protocol.population.setting == "inpatient":
        found.append(Happening(day=0.0, kind="admitted", value=1.0))
    return found


def _guesses(arm: Arm, protocol: Protocol) -> list[Happening]:
    """Return the dosings, which raise hope, and the mornings after, when people know or guess what they were given."""
    blinded = protocol.blinding.design == "blinded"
    real = {d.day for d in arm.doses if not MEDICINES[d.medicine].is_comparator}
    found = _pills(arm, protocol)
    if _inert_pill(arm):
        return found  # nothing is felt of a pill that would tell
    before: set[str] | None = None
    for day, start in dosing_starts(arm).items():
        now = {d.medicine for d in arm.doses if d.day == day}
        found.append(Happening(day=start, kind="guess", arguments={"given": 1.0}))
        if now == before:
            continue  # people have made up their minds about it
        before = now
        if blinded:
            arguments = {"told": 0.0, "blinded": 1.0}
        elif day in real:
            arguments = {"told": 1.0, "blinded": 0.0}
        else:
            continue
        found.append(Happening(day=start + 1.0, kind="guess", arguments=arguments))
    return found
