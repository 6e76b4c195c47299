"""Days and hours as durations of ISO 8601, before or after an anchor."""

from __future__ import annotations

import math
import re
from decimal import Decimal

__all__ = ["duration_days", "place_of", "timed"]

_DURATION = re.compile(
    r"P(?=.)(?:(?P<Y>[\d.,]+)Y)?(?:(?P<M>[\d.,]+)M)?(?:(?P<W>[\d.,]+)W)?(?:(?P<D>[\d.,]+)D)?"
    r"(?P<T>T(?:(?P<h>[\d.,]+)H)?(?:(?P<m>[\d.,]+)M)?(?:(?P<s>[\d.,]+)S)?)?"
)
_LENGTHS = {"Y": 365.0, "M": 365 / 12, "W": 7.0, "D": 1.0, "h": 1 / 24, "m": 1 / 1440, "s": 1 / 86400}


def timed(day: float, hour: float) -> tuple[bool, str]:
    """Return whether a time lies before day 0, and how far from its start, such as ``P1DT1.75H``."""
    total = day * 24 + hour
    if total < 0 and hour:
        days, hours = divmod(-total, 24)
        return True, _text(days, round(hours, 9))
    return total < 0, _text(abs(day), hour)


def _text(days: float, hours: float) -> str:
    return f"P{_number(days)}D" + (f"T{_number(hours)}H" if hours else "")


def _number(value: float) -> str:
    """Write every digit and no exponent."""
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def duration_days(text: str) -> float | None:
    """Return a duration of ISO 8601 in days, a month as 365/12 of them; None when it is none."""
    found = _DURATION.fullmatch(text.strip().upper().lstrip("+"))
    if not found:
        return None
    try:
        return sum(float(found[key].replace(",", ".")) * days for key, days in _LENGTHS.items() if found[key])
    except ValueError:
        return None


def place_of(text: str, *, is_before: bool) -> tuple[float, float] | None:
    """Return the day and the hour of a time that `timed` wrote, or of any duration; None when it is none."""
    found = _DURATION.fullmatch(text.strip().upper())
    length = duration_days(text)
    if found is None or length is None:
        return None
    if not found["T"]:
        return (-length if is_before and length else length), 0.0
    if not is_before and found["D"] and not any(found[key] for key in "YMWms"):
        return float(found["D"]), float(found["h"] or 0)
    total = round(length * 24 * (-1 if is_before else 1), 9)
    day = math.floor(total / 24)
    return float(day), round(total - 24 * day, 9)
