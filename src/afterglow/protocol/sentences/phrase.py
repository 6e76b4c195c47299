"""The phrases that the objects of a protocol are written with; `sentence` reads them back."""

from __future__ import annotations

import json

from afterglow.units import number_text

__all__ = ["called", "length", "when"]

_LONG_H = 3.0
"""Lengths from here on are written in hours, shorter ones in minutes where that is exact."""


def when(day: float, hour: float) -> str:
    """Say a time, such as ``on day 28 at hour 1.75``."""
    return f"on day {number_text(day)}" + (f" at hour {number_text(hour)}" if hour else "")


def length(hours: float) -> str:
    """Say a length of time, such as ``90 min`` or ``8 h``, so that reading it gives the same number."""
    minutes = hours * 60
    whole = round(minutes) if minutes < 1e9 else 0
    if hours < _LONG_H and whole / 60 == hours:
        return f"{whole} min"
    return f"{number_text(hours)} h"


def called(label: str) -> str:
    """Say a label in quotes, as the end of a sentence; nothing without one."""
    return f", called {json.dumps(label, ensure_ascii=False)}" if label else ""
