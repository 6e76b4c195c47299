"""Largest numbers of designs and plans: the server refuses more than these, and the pages are told them."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel

__all__ = ["DESIGN", "PLAN", "Limits", "PlanLimits"]


class Limits(BaseModel):
    """Largest numbers a design may hold.

    Parameters
    ----------
    arms : int
        A first answer to eight takes 0.15 to 0.3 s, a full run about 8 s and 0.3 GB, twice what four take.
    sessions, practice, dosings : int
        Of one arm.
    participants : int
    horizon_days : int
    group_size : int
        People in a group, of a plan too.
    """

    arms: int = 8
    sessions: int = 60
    practice: int = 6
    dosings: int = 24
    participants: int = 20_000
    horizon_days: int = 1095
    group_size: int = 12


class PlanLimits(BaseModel):
    """Largest numbers a plan may hold, and how many share a group where nothing is said.

    Parameters
    ----------
    dosings, preparation, integration : int
    practice_weeks : int
        After the last dosing.
    group_meetings : int
        Of an integration group after each dosing.
    usual_group_size : int
        Four, as in agrawal2023-group-cancer.
    """

    dosings: int = 12
    preparation: int = 6
    integration: int = 12
    practice_weeks: int = 26
    group_meetings: int = 3
    usual_group_size: int = 4


DESIGN: Final = Limits()
PLAN: Final = PlanLimits()
