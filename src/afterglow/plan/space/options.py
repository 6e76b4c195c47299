"""What one thing may be: a value, a list, or a range in words such as ``"10 mg to 30 mg by 5 mg"``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, StrictBool, WithJsonSchema

from afterglow.protocol.sentences.quantity import per_week, read_days, read_hours
from afterglow.protocol.vocabulary import FORMATS, SESSION_KINDS, known_word
from afterglow.units import number_text, read_number, split_amount, units_of

__all__ = [
    "MOVABLE",
    "Amounts",
    "DayOptions",
    "Formats",
    "HourOptions",
    "Kinds",
    "Numbers",
    "Switches",
    "WeeklyHours",
    "amount_of",
]

MOVABLE = tuple(kind for kind in SESSION_KINDS if kind != "dosing")
"""Kinds of session that may move; those of dosing days go with the doses."""

_MOST = 200
_RANGE = re.compile(r"\A(?P<first>.+?)\s+to\s+(?P<last>.+?)(?:\s+(?:by|in steps of)\s+(?P<step>.+))?\Z", re.DOTALL)
_CLOSE = 1e-9

_ENTRY: dict[str, Any] = {"anyOf": [{"type": "number"}, {"type": "string"}]}


def _listed(value: Any, read: Callable[[Any], Any], what: str, *, is_range: bool = True) -> tuple[Any, ...]:
    """Read the options of one thing, each once, in the order in which they are written."""
    entries = list(value) if isinstance(value, (list, tuple)) else [value]
    found: list[Any] = []
    for entry in entries:
        match = _RANGE.match(entry.strip()) if is_range and isinstance(entry, str) else None
        found += _between(match, read, what) if match else [read(entry)]
    if not found:
        raise ValueError(f"{what} has nothing to choose from; list one value or more")
    unique = tuple(dict.fromkeys(found))
    if len(unique) > _MOST:
        raise ValueError(f"{what} has {len(unique)} options, more than {_MOST}; take larger steps")
    return unique


def _between(match: re.Match[str], read: Callable[[Any], Any], what: str) -> list[Any]:
    """Return the values from first to last; a first one without a unit has that of the last."""
    unit = _unit(match["last"])
    texts = [match["first"], match["last"], match["step"] or f"1 {unit}".strip()]
    first, last, step = (read(text if _unit(text) or not unit else f"{text} {unit}") for text in texts)
    low, high, by = (float(_number(value)) for value in (first, last, step))
    if not by > 0:
        raise ValueError(f"{what} needs steps above 0, got {match['step']}")
    if high < low:
        raise ValueError(f"{what} goes from {match['first'].strip()} to {match['last'].strip()}, which is downwards")
    count = int((high - low) / by + _CLOSE) + 1
    if count > _MOST:
        raise ValueError(f"{what} has {count} options, more than {_MOST}; take larger steps")
    return [_like(first, low + k * by) for k in range(count)]


def _unit(text: str) -> str:
    parts = split_amount(text)
    return parts[1] if parts else ""


def _number(value: Any) -> float:
    return amount_of(value)[0] if isinstance(value, str) else value


def _like(first: Any, number: float) -> Any:
    rounded = round(number, 9)
    if isinstance(first, str):
        return f"{number_text(rounded)} {amount_of(first)[1]}"
    return type(first)(rounded)


def amount_of(text: str) -> tuple[float, str]:
    """Return number and unit of an amount that was read as an option, such as (25.0, "mg")."""
    number, _, unit = text.partition(" ")
    return float(number), unit


def _amount(value: Any) -> str:
    parts = split_amount(value) if isinstance(value, str) else None
    if parts is None or not parts[1]:
        raise ValueError(f"a dose needs a number and a unit, such as '25 mg' or '0.5 mg/kg', got {str(value)[:40]!r}")
    unit = parts[1].lower()
    for kind in ("mg", "mg/kg"):
        if unit in units_of(kind):
            scale = {"mg": 1.0, "g": 1000.0}.get(unit.removesuffix("/kg"), 0.001)
            if not parts[0] > 0:
                raise ValueError(f"a dose must be above 0, got {value[:40]}")
            return f"{number_text(round(parts[0] * scale, 9))} {kind}"
    raise ValueError(f"'{parts[1][:30]}' is no unit of a dose; write mg or mg/kg")


def _whole(value: Any) -> int:
    if isinstance(value, str):
        value = read_number(value, "this")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value) or value < 0:
        raise ValueError(f"this must be a whole number of 0 or more, got {str(value)[:40]!r}")
    return int(value)


def _several(read: Callable[[Any], Any], what: str, schema: dict[str, Any] = _ENTRY, *, is_range: bool = True) -> Any:
    return (
        BeforeValidator(lambda value: _listed(value, read, what, is_range=is_range)),
        WithJsonSchema({"anyOf": [schema, {"type": "array", "items": schema, "minItems": 1}]}),
    )


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"this must be true or false, got {str(value)[:40]!r}")
    return value


_NUMBERS = _several(_whole, "this")
_DAYS = _several(read_days, "this")
_HOURS = _several(read_hours, "this")
_WEEKLY = _several(per_week, "this", is_range=False)
_AMOUNTS = _several(_amount, "the dose")
_FORMATS = _several(lambda v: known_word(v, FORMATS, "format"), "this", {"enum": list(FORMATS)}, is_range=False)
_KINDS = _several(
    lambda v: known_word(v, MOVABLE, "kind of session that may move"), "this", {"enum": list(MOVABLE)}, is_range=False
)
_SWITCHES = _several(_switch, "this", {"type": "boolean"}, is_range=False)

Numbers = Annotated[tuple[int, ...], *_NUMBERS]
DayOptions = Annotated[tuple[float, ...], *_DAYS]
HourOptions = Annotated[tuple[float, ...], *_HOURS]
WeeklyHours = Annotated[tuple[float, ...], *_WEEKLY]
Amounts = Annotated[tuple[str, ...], *_AMOUNTS]
Kinds = Annotated[tuple[str, ...], *_KINDS]
Formats = Annotated[tuple[str, ...], *_FORMATS]
Switches = Annotated[tuple[StrictBool, ...], *_SWITCHES]
