"""The protocol language: arms, doses, sessions, practice, groups, assessments, population."""

from __future__ import annotations

from afterglow.protocol.arm import Arm, Background, Group
from afterglow.protocol.dose import Dose
from afterglow.protocol.events.reading import read_event_table
from afterglow.protocol.events.writing import event_table
from afterglow.protocol.population import Assessment, Blinding, Population
from afterglow.protocol.protocol import Protocol
from afterglow.protocol.sentences.steps import parse_step
from afterglow.protocol.session import Practice, Session
from afterglow.protocol.starter import STARTERS, starter

__all__ = [
    "STARTERS",
    "Arm",
    "Assessment",
    "Background",
    "Blinding",
    "Dose",
    "Group",
    "Population",
    "Practice",
    "Protocol",
    "Session",
    "event_table",
    "parse_step",
    "read_event_table",
    "starter",
]
