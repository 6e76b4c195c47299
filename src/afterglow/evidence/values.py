"""Numbers, lists and words out of plain data, which may hold anything."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from afterglow.errors import ProtocolError
from afterglow.units import decimal_comma

__all__ = ["as_line", "entries", "finite", "interval", "mappings", "middle", "number", "whole"]


def number(value: object) -> float | None:
    """Return a finite number; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def finite(value: object) -> float:
    """Return a finite number.

    Raises
    ------
    ProtocolError
        If it is none, or not finite.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        why = decimal_comma(value) if isinstance(value, str) else ""
        raise ProtocolError(f"a number was expected, {f'but {why}' if why else f'not {as_line(value)[:40]!r}'}")
    if not math.isfinite(value):
        raise ProtocolError(f"a number must be finite, not {value}")
    return float(value)


def whole(value: object) -> int | None:
    """Return a number of people, at least 1; None for anything else."""
    found = number(value)
    return int(found) if found is not None and found >= 1 else None


def interval(value: object) -> tuple[float, float] | None:
    """Return two numbers, the lower first; None for anything else."""
    if not isinstance(value, list) or len(value) != 2:
        return None
    low, high = (number(end) for end in value)
    return None if low is None or high is None or low > high else (low, high)


def middle(value: object) -> float | None:
    """Return a number, or the middle of a list of two."""
    if isinstance(value, list) and len(value) == 2:
        low, high = (number(end) for end in value)
        return None if low is None or high is None else (low + high) / 2
    return number(value)


def entries(value: object) -> list[Any]:
    """Return a list; an empty one for anything else."""
    return value if isinstance(value, list) else []


def mappings(value: object) -> list[Mapping[str, Any]]:
    """Return the mappings in a list."""
    return [item for item in entries(value) if isinstance(item, Mapping)]


def as_line(value: object) -> str:
    """Return a value in words on one line; empty for nothing."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return "; ".join(f"{key} {as_line(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(as_line(part) for part in value)
    return " ".join(str(value).split())
