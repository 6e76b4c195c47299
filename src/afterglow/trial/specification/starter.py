"""A commented trial to start from: a medicine's starter protocol, and a section that fits it."""

from __future__ import annotations

from importlib.resources import files

from afterglow.medicines import MEDICINES
from afterglow.protocol import Protocol, starter

__all__ = ["trial_starter"]

_SECTION = files("afterglow.trial.specification").joinpath("starter.yaml")
_WITHIN_DAYS = 60.0
"""Days from the last dose within which the primary outcome is rated."""


def trial_starter(medicine: str) -> str:
    """Return the commented starter protocol of a medicine with a trial section, as YAML.

    Raises
    ------
    ProtocolError
        If there is none for it; the sentence names the nearest.
    """
    text = starter(medicine)
    protocol = Protocol.from_yaml(text)
    active, control = protocol.arms[0], protocol.arms[-1]
    last = max(dose.day for dose in active.doses)
    day = max(day for day in protocol.assessments[0].days if 0 < day <= last + _WITHIN_DAYS)
    published = MEDICINES[active.doses[0].medicine].dropout is not None
    section = _SECTION.read_text(encoding="utf-8").format(
        active=active.id,
        control=control.id,
        day=f"{day:g}",
        dropout="published" if published else f"10 % by day {day:g}",
    )
    return text.rstrip("\n") + "\n" + section
