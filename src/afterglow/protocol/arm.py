"""One arm of a trial: what its participants are given."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from afterglow.protocol.dose import Dose
from afterglow.protocol.session import Practice, Session
from afterglow.protocol.strict import Part

__all__ = ["Arm", "Group"]


class Group(Part):
    """The group a participant belongs to.

    Parameters
    ----------
    size : int
        Members; 1 is individual therapy.
    dosing, integration, community : bool
        Whether the group doses together, integrates together, and meets on for support afterwards.
    community_every_days : float
        Days between community meetings of 1.5 hours.
    """

    size: Annotated[int, Field(ge=1, le=64)] = 1
    dosing: bool = False
    integration: bool = False
    community: bool = False
    community_every_days: Annotated[float, Field(ge=1, le=365)] = 14.0


class Arm(Part):
    """What one arm gives.

    Parameters
    ----------
    id, label : str
    n : int
        Participants of the published arm, when there is one.
    doses, sessions, practice : tuple
        In order of time.
    group : Group
    adherence : float
        Share of the asked practice that is done.
    """

    id: Annotated[str, Field(min_length=1, max_length=80)]
    label: Annotated[str, Field(max_length=300)] = ""
    n: Annotated[int, Field(ge=1)] | None = None
    doses: tuple[Dose, ...] = ()
    sessions: tuple[Session, ...] = ()
    practice: tuple[Practice, ...] = ()
    group: Group = Group()
    adherence: Annotated[float, Field(ge=0, le=1)] = 0.6

    @field_validator("id")
    @classmethod
    def _plain(cls, value: str) -> str:
        if "|" in value or "\n" in value:
            raise ValueError("an arm's id must not contain '|' or a line break")
        return value
