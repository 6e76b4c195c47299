"""What a plan takes: hours of clinicians, hours of the person, visits."""

from __future__ import annotations

from dataclasses import dataclass

from afterglow.protocol import Arm, Session
from afterglow.simulate.schedule import COMMUNITY_HOURS, community_days, dosing_days, meets

__all__ = ["Effort", "Therapists", "effort_of"]


@dataclass(frozen=True, kw_only=True)
class Therapists:
    """How many clinicians hold a session.

    Parameters
    ----------
    dosing, session : float
        On a dosing day, and in any other session that is not digital.
    """

    dosing: float
    session: float


@dataclass(frozen=True, kw_only=True)
class Effort:
    """What a plan takes for one person.

    Parameters
    ----------
    therapist_hours : float
        Hours of clinicians; those of a session of a group are shared by its members.
    dosing_therapist_hours : float
        Those of dosing days among them.
    person_hours : float
        Hours in sessions and meetings, digital ones among them.
    dosing_days : int
    sessions : int
    """

    therapist_hours: float
    dosing_therapist_hours: float
    person_hours: float
    dosing_days: int
    sessions: int


def effort_of(arm: Arm, horizon_days: float, therapists: Therapists) -> Effort:
    """Return what an arm takes for one person.

    A session of a group is held by as many clinicians as one of a single person; a community meeting by one.
    """
    dosing = sum(_hours(s, arm, therapists) for s in arm.sessions if s.kind == "dosing")
    other = sum(_hours(s, arm, therapists) for s in arm.sessions if s.kind != "dosing")
    community = COMMUNITY_HOURS * len(community_days(arm, horizon_days))
    return Effort(
        therapist_hours=dosing + other + community / arm.group.size,
        dosing_therapist_hours=dosing,
        person_hours=sum(s.hours for s in arm.sessions) + community,
        dosing_days=len(dosing_days(arm)),
        sessions=len(arm.sessions),
    )


def _hours(session: Session, arm: Arm, therapists: Therapists) -> float:
    if session.format == "digital":
        return 0.0
    held_by = therapists.dosing if session.kind == "dosing" else therapists.session
    return session.hours * held_by / (arm.group.size if meets(session, arm) else 1)
