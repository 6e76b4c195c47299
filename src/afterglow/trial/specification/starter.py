"""A commented trial to start from: a medicine's starter protocol, and a section that fits it."""

from __future__ import annotations

import math
from importlib.resources import files

from afterglow.medicines import MEDICINES
from afterglow.protocol import Arm, Protocol, starter
from afterglow.simulate.schedule import first_apart, schedule

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
    text = _rated_before_arms_differ(text, protocol, active, control)
    section = _SECTION.read_text(encoding="utf-8").format(
        active=active.id,
        control=control.id,
        day=f"{day:g}",
        dropout="published" if published else f"10 % by day {day:g}",
    )
    return text.rstrip("\n") + "\n" + section


def _rated_before_arms_differ(text: str, protocol: Protocol, active: Arm, control: Arm) -> str:
    """Move the first rating before preparation that one arm alone has."""
    first, apart = protocol.assessments[0].days[0], first_apart(schedule(active, protocol), schedule(control, protocol))
    if apart >= first:
        return text
    before = f"days: [{math.floor(apart) - 1:g},"
    return text.replace(f"days: [{first:g},", f"# the first before the arms differ\n    {before}", 1)
