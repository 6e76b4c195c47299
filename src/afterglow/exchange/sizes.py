"""How many people an arm has, where a record says how many there are in all."""

from __future__ import annotations

import math
from typing import Any

__all__ = ["equal_share", "people_of"]

_MOST = 1_000_000


def people_of(held: Any) -> int | None:
    """Return a number of people, or None where it is none that a trial could have."""
    if isinstance(held, str) and held.strip().isdecimal() and len(held) < 20:
        held = int(held)
    if isinstance(held, bool) or not isinstance(held, int | float) or not math.isfinite(held):
        return None
    return int(held) if 1 <= held <= _MOST else None


def equal_share(total: int | None, arms: int) -> tuple[int | None, str]:
    """Return the number of each arm when all have as many, and what it rests on."""
    if total is None or not arms:
        return None, "no number of participants is given"
    if arms == 1:
        return total, "all of the trial"
    if total < arms:
        return None, f"{total} in all, of {arms} arms"
    return total // arms, f"assumed: {total} in all, divided equally; no number of an arm is given"
