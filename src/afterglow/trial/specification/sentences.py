"""What the short sentences of a trial section say: shares of people, shares by a day, and lists of either."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, WithJsonSchema

from afterglow.units import NUMBER, decimal_comma, read_number

__all__ = ["Share", "by_day", "fields_by_day", "got", "known_phrase", "percents", "read_share"]

_PERCENT = re.compile(rf"\A\s*({NUMBER})\s*(?:%|per\s?cent)?\s*\Z", re.ASCII)
_BY_DAY = re.compile(rf"\A\s*({NUMBER}\s*%?)\s*(?:by|until)\s+(?:day\s+)?({NUMBER})\s*\Z", re.IGNORECASE)


def read_share(value: Any) -> float:
    """Read a share of people: ``0.1`` or ``"10 %"``.

    Raises
    ------
    ValueError
        If it is no number from 0 to 1, or no percentage from 0 to 100.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(f"a share is a number from 0 to 1 or a percentage such as '10 %', got {str(value)[:40]!r}")
    if isinstance(value, str):
        found = _PERCENT.match(value)
        if found is None:
            raise ValueError(f"a share is a number from 0 to 1 or a percentage such as '10 %', {got(value)}")
        number = read_number(found[1], "a share") / (100 if "%" in value or "cent" in value.lower() else 1)
    else:
        number = float(value)
    if not 0 <= number <= 1:
        raise ValueError(f"a share lies from 0 to 1, or from 0 % to 100 %, got {value}")
    return number


Share = Annotated[
    float,
    BeforeValidator(read_share),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "string", "pattern": "[0-9]"}]}),
]
"""A share of people, from 0 to 1."""


def by_day(text: str) -> tuple[float, float] | None:
    """Return share and day of text such as ``10 % by day 42``; None if it says something else."""
    found = _BY_DAY.match(text)
    return (read_share(found[1]), read_number(found[2], "the day")) if found else None


def fields_by_day(value: Any, what: str) -> Any:
    """Return the fields that a sentence such as ``10 % by day 42`` stands for; anything else as it is.

    Raises
    ------
    ValueError
        If it is neither such text nor fields.
    """
    if isinstance(value, (Mapping, BaseModel)):
        return value
    found = by_day(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{what} is written like '10 % by day 42', {got(value)}")
    return {"share": found[0], "by_day": found[1]}


def got(value: Any) -> str:
    """Return the end of a sentence that refuses a value: its decimal comma, where it has one, or the value."""
    return decimal_comma(str(value)) or f"got {str(value)[:60]!r}"


def percents(text: str) -> list[float]:
    """Return the shares that a list such as ``50, 75 and 100 %``, or ``0.5 and 1``, holds."""
    whole = 100 if "%" in text or "cent" in text.lower() else 1
    return [read_number(number, "a look") / whole for number in re.findall(NUMBER, text)]


def known_phrase(text: str) -> str:
    """Return a phrase as a word of the language: ``rescue medicine`` is ``rescue_medicine``."""
    return re.sub(r"[\s\-_]+", "_", text.strip().lower())
