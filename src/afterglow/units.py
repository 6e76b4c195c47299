"""The one place that reads numbers and converts units: text such as ``"0.5 mg/kg"`` or ``"40 min"`` to a number inside.

Inside everything is in days, mg, mg/kg and kg; hours only where a name says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

from afterglow.errors import nearest

__all__ = [
    "CONVENTIONS",
    "DAY_H",
    "NUMBER",
    "WEEK_DAYS",
    "cf_unit",
    "convert",
    "decimal_comma",
    "number_text",
    "read_number",
    "split_amount",
    "units_of",
]

CONVENTIONS = "CF-1.8"
"""What files of labelled arrays follow, their units among it."""

DAY_H = 24.0
WEEK_DAYS = 7.0

NUMBER = r"[-+−]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
"""How a number is written; the minus may be the typographic one."""

_TIME_H = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), (1.0, 3600.0)),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), (1.0, 60.0)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), (1.0, 1.0)),
    **dict.fromkeys(("d", "day", "days"), (DAY_H, 1.0)),
    **dict.fromkeys(("w", "wk", "week", "weeks"), (DAY_H * WEEK_DAYS, 1.0)),
}
_TIME_D = {
    **dict.fromkeys(("min", "mins", "minute", "minutes"), (1.0, 60.0 * DAY_H)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), (1.0, DAY_H)),
    **dict.fromkeys(("d", "day", "days"), (1.0, 1.0)),
    **dict.fromkeys(("w", "wk", "week", "weeks"), (WEEK_DAYS, 1.0)),
}
_MASS_MG = {
    "mg": (1.0, 1.0),
    "g": (1000.0, 1.0),
    **dict.fromkeys(("µg", "μg", "ug", "mcg"), (1.0, 1000.0)),
}
_WEIGHT_KG = {"kg": (1.0, 1.0), "g": (1.0, 1000.0), **dict.fromkeys(("lb", "lbs"), (0.45359237, 1.0))}

_UNITS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "h": _TIME_H,
    "day": _TIME_D,
    "mg": _MASS_MG,
    "mg/kg": {f"{name}/kg": factor for name, factor in _MASS_MG.items()},
    "kg": _WEIGHT_KG,
}
"""By unit inside: the spellings that convert to it, each as numerator and denominator of the factor."""

_SHOWN = {
    "h": ("min", "h", "days", "weeks"),
    "day": ("h", "days", "weeks"),
    "mg": ("mg", "g", "µg"),
    "mg/kg": ("mg/kg", "µg/kg"),
    "kg": ("kg",),
}
_AMOUNT = re.compile(rf"\s*({NUMBER})\s*(.*?)\s*\Z", re.DOTALL)
_WHOLE_NUMBER = re.compile(NUMBER, re.ASCII)
_COMMA = re.compile(r"[-+−]?(?:\d[\d.]*)?,\d[\d.,]*", re.ASCII)
_DIGITS_OF_A_THOUSAND = 3
_UNEVEN = {"month", "months", "year", "years"}


def units_of(unit: str) -> tuple[str, ...]:
    """List the spellings that convert to `unit`, in lower case."""
    return tuple(_UNITS[unit])


def decimal_comma(text: str) -> str:
    """Say in a sentence how a number in a text is written without its comma; empty where no number has one."""
    found = _COMMA.search(text)
    if found is None:
        return ""
    written = found[0].rstrip(".,")
    *whole, decimals = written.replace("−", "-").split(",")
    if len(whole) > 1 or "." in decimals:
        return (
            f"'{written}' has a comma; write one number with a point before its decimals and no mark between thousands"
        )
    before = whole[0].replace(".", "")
    if len(decimals) == _DIGITS_OF_A_THOUSAND and before.lstrip("-+") not in ("", "0"):
        return f"'{written}' has a comma; write {before}.{decimals}, or {before}{decimals} if it divides thousands"
    return f"'{written}' has a decimal comma; write {before or '0'}.{decimals}"


def read_number(text: str, what: str) -> float:
    """Read a number without a unit.

    Parameters
    ----------
    text : str
    what : str
        What the number is, for the error.

    Raises
    ------
    ValueError
        If the text is no number, has a decimal comma, or is not finite.
    """
    word = text.strip()
    if _WHOLE_NUMBER.fullmatch(word) is None:
        comma = decimal_comma(word)
        raise ValueError(f"{what} must be a number, {f'but {comma}' if comma else f'got {word[:40]!r}'}")
    number = float(word.replace("−", "-"))
    if not math.isfinite(number):
        raise ValueError(f"{what} must be a finite number, got {word[:40]!r}")
    return number


def split_amount(text: str) -> tuple[float, str] | None:
    """Split ``"25 mg"`` into the number and the unit as written; None when no number comes first.

    Raises
    ------
    ValueError
        If the number has a decimal comma.
    """
    comma = decimal_comma(text)
    if comma:
        raise ValueError(comma)
    found = _AMOUNT.match(text)
    if found is None:
        return None
    return float(found[1].replace("−", "-")), " ".join(found[2].split())


def convert(number: float, unit: str, to: str, *, what: str) -> float:
    """Convert a number to the unit used inside.

    Parameters
    ----------
    number : float
    unit : str
        As a person writes it.
    to : {"h", "day", "mg", "mg/kg", "kg"}
    what : str
        What is measured, for the error.

    Raises
    ------
    ValueError
        If the unit is not one of `what`, or the number is not finite.
    """
    word = unit.lower().rstrip(".")
    if word in _UNEVEN:
        raise ValueError(f"{what} cannot be in {word}, which differ in length; write days or weeks")
    if word not in _UNITS[to]:
        raise ValueError(f"'{unit[:30]}' is not a unit of {what}: {_suggestion(word, _SHOWN[to])}")
    multiply, divide = _UNITS[to][word]
    value = number * multiply / divide
    if not math.isfinite(value):
        raise ValueError(f"{what} must be a finite number, got {number:g} {unit}")
    return value


def cf_unit(unit: str) -> str:
    """Return the unit of a constant as the conventions write it: shares, ratios and log-odds are of 1."""
    return "1" if unit in ("fraction", "ratio", "log-odds") else unit


def _suggestion(word: str, shown: Iterable[str]) -> str:
    return nearest(word, shown).replace("known:", "expected one of:")


def number_text(value: float) -> str:
    """Write a number so that reading it gives the same number, whole ones without a point."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return repr(float(value))
