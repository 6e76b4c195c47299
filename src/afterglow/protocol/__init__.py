"""The protocol language: arms, doses, sessions, practice, groups, assessments, population."""

from __future__ import annotations

from afterglow.protocol.arm import Arm, Group
from afterglow.protocol.dose import Dose
from afterglow.protocol.population import Assessment, Blinding, Population
from afterglow.protocol.protocol import Protocol
from afterglow.protocol.session import Practice, Session

__all__ = ["Arm", "Assessment", "Blinding", "Dose", "Group", "Population", "Practice", "Protocol", "Session"]
