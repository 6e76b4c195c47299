"""The numbers of a protocol: plain in the unit of their key, or written with a unit."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from afterglow.units import NUMBER, convert, read_number, split_amount

__all__ = [
    "Days",
    "Hours",
    "HoursPerWeek",
    "Kilograms",
    "Milligrams",
    "MilligramsPerKg",
    "Plain",
    "Whole",
    "per_week",
    "read_days",
    "read_hours",
]

_RATE = re.compile(r"\A(?P<each>.+?)\s*(?:/|\b(?:per|a|each|every)\b)\s*(?P<period>week|wk|day|d)\Z", re.IGNORECASE)
_ON_DAY = re.compile(rf"\A(?:on\s+)?day\s+({NUMBER})\Z", re.IGNORECASE)


def _finite(number: float, what: str) -> float:
    if not math.isfinite(number):
        raise ValueError(f"{what} must be a finite number, got {number}")
    return number


def _plain(value: Any, what: str, unit: str) -> float | None:
    """Return a bare number; None when the value is text."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        hint = f" such as '{unit}'" if unit else ""
        raise ValueError(f"{what} must be a number{hint}, got {_shown(value)}")
    if isinstance(value, str):
        return None
    try:
        return _finite(float(value), what)
    except OverflowError:
        raise ValueError(f"{what} must be a finite number, got {str(value)[:12]}...") from None


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _reader(what: str, unit: str, example: str) -> Callable[[Any], float]:
    """Return a function that reads a number in `unit`, plain or written with a unit of the same kind."""

    def read(value: Any) -> float:
        plain = _plain(value, what, example)
        if plain is not None:
            return plain
        text = str(value).strip()
        day = _ON_DAY.match(text) if unit == "day" else None
        if day:
            return read_number(day[1], what)
        parts = split_amount(text)
        if parts is None:
            raise ValueError(f"{what} must be a number such as '{example}', got {_shown(value)}")
        number, written = parts
        return _finite(number, what) if not written else convert(number, written, unit, what=what)

    return read


def _bare(value: Any) -> float:
    plain = _plain(value, "this", "")
    if plain is not None:
        return plain
    parts = split_amount(str(value))
    if parts is None or parts[1]:
        raise ValueError(f"this must be a plain number, got {_shown(value)}")
    return _finite(parts[0], "this")


def _whole(value: Any) -> int:
    number = _bare(value)
    if number != int(number):
        raise ValueError(f"this must be a whole number, got {number:g}")
    return int(number)


def per_week(value: Any) -> float:
    """Read hours per week: a plain number, ``"3 h per week"`` or ``"20 min a day"``.

    Raises
    ------
    ValueError
        If it is no length of time, or says neither a day nor a week.
    """
    what = "practice"
    plain = _plain(value, what, "3 h per week")
    if plain is not None:
        return plain
    found = _RATE.match(str(value).strip())
    parts = split_amount(found["each"]) if found else None
    if found is None or parts is None:
        raise ValueError(f"{what} must be a rate such as '3 h per week' or '20 min a day', got {_shown(value)}")
    if not parts[1]:
        raise ValueError(f"{what} needs a unit: write '{parts[0]:g} h per {found['period']}'")
    hours = convert(parts[0], parts[1], "h", what=what)
    return _finite(hours * 7 if found["period"].lower().startswith("d") else hours, what)


read_days = _reader("a day", "day", "7 or day 7")
"""Read a number of days."""

read_hours = _reader("a length of time", "h", "1.5 or 90 min")
"""Read a number of hours."""

_SCHEMA: dict[str, Any] = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": "[0-9]"}]}

Days = Annotated[float, BeforeValidator(read_days), WithJsonSchema(_SCHEMA)]
Hours = Annotated[float, BeforeValidator(read_hours), WithJsonSchema(_SCHEMA)]
Milligrams = Annotated[float, BeforeValidator(_reader("a dose", "mg", "25 or 25 mg")), WithJsonSchema(_SCHEMA)]
MilligramsPerKg = Annotated[
    float, BeforeValidator(_reader("a dose by weight", "mg/kg", "0.5 or 0.5 mg/kg")), WithJsonSchema(_SCHEMA)
]
Kilograms = Annotated[float, BeforeValidator(_reader("a weight", "kg", "75 or 75 kg")), WithJsonSchema(_SCHEMA)]
HoursPerWeek = Annotated[float, BeforeValidator(per_week), WithJsonSchema(_SCHEMA)]
Plain = Annotated[float, BeforeValidator(_bare), WithJsonSchema({"type": "number"})]
Whole = Annotated[int, BeforeValidator(_whole), WithJsonSchema({"type": "integer"})]
