"""When a score was rated: days as they are, or dates, all in one file alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from math import isfinite

from afterglow.errors import ParameterError
from afterglow.units import decimal_comma, read_number

__all__ = ["date_of", "day_of", "days_of"]

_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_DAY_WORD = re.compile(r"(?:day|d)\s*([-+−]?\d+(?:\.\d+)?)", re.IGNORECASE)
_WEEK_WORD = re.compile(r"(?:week|wk|w)\s*([-+−]?\d+(?:\.\d+)?)", re.IGNORECASE)


def days_of(texts: Sequence[str], *, start: str | None = None) -> tuple[list[float], date | None]:
    """Read when scores were rated.

    Parameters
    ----------
    texts : sequence of str
        All days (such as ``14``, ``day 14`` or ``week 2``) or all dates (``2026-03-05``, ``5.3.2026``, ``5/3/2026``).
    start : str, optional
        Date of day 0; by default that of the first date.

    Returns
    -------
    days : list of float
    start : date or None
        Date of day 0, where there are dates.

    Raises
    ------
    ParameterError
        If days and dates are mixed, a date does not exist, or it cannot be told which part is the month.
    """
    dated = [_parts(text) is not None for text in texts]
    if not any(dated):
        if start is not None:
            raise ParameterError(f"a start of {start} needs scores with dates, but they have days")
        return [_day(text) for text in texts], None
    if not all(dated):
        odd, other = texts[dated.index(False)], texts[dated.index(True)]
        raise ParameterError(f"days and dates are mixed ('{odd.strip()[:30]}' and '{other.strip()}'); use one of them")
    month_first = _month_first([*texts, *((start,) if start else ())])
    dates = [date_of(text, month_first=month_first) for text in texts]
    zero = date_of(start, month_first=month_first) if start else min(dates)
    return [float((day - zero).days) for day in dates], zero


def day_of(text: str, *, start: date | None = None) -> float:
    """Read one day, or one date where day 0 has a date.

    Raises
    ------
    ParameterError
        If it is neither, or a date where days have none.
    """
    if _parts(text) is None:
        return _day(text)
    if start is None:
        raise ParameterError(f"'{text.strip()}' is a date, but the scores have days; give a day")
    return float((date_of(text) - start).days)


def date_of(text: str, *, month_first: bool | None = None) -> date:
    """Read one date.

    Raises
    ------
    ParameterError
        If it is no date, does not exist, or has parts that could be either day or month.
    """
    parts = _parts(text)
    if parts is None:
        raise ParameterError(f"'{text.strip()[:40]}' is not a date; write 2026-03-05")
    year, first, second, mark = parts
    if mark == "":
        month, day = first, second
    elif mark == ".":
        day, month = first, second
    elif month_first is None and first != second and max(first, second) <= 12:
        raise ParameterError(f"'{text.strip()}' may be two dates; write {year}-{first:02}-{second:02} or its turn")
    else:
        month, day = (first, second) if month_first or (month_first is None and second > 12) else (second, first)
    try:
        return date(year, month, day)
    except ValueError:
        raise ParameterError(f"there is no date '{text.strip()}'; write 2026-03-05") from None


def _parts(text: str) -> tuple[int, int, int, str] | None:
    """Year, two parts in the order of the text, and the mark between them; empty where the year comes first."""
    plain = text.strip()
    if found := _YEAR_FIRST.fullmatch(plain):
        return int(found[1]), int(found[2]), int(found[3]), ""
    if found := _YEAR_LAST.fullmatch(plain):
        return int(found[4]), int(found[1]), int(found[3]), found[2]
    return None


def _month_first(texts: Sequence[str]) -> bool | None:
    """Say whether months come first in dates such as 5/3/2026; None where none of them tells."""
    slashed = [p for p in map(_parts, texts) if p is not None and p[3] in ("/", "-")]
    day_first = [p for p in slashed if p[1] > 12]
    month_first = [p for p in slashed if p[2] > 12]
    if day_first and month_first:
        a, b = day_first[0], month_first[0]
        raise ParameterError(
            f"dates are written in two ways ({a[1]}{a[3]}{a[2]}{a[3]}{a[0]} and {b[1]}{b[3]}{b[2]}{b[3]}{b[0]}); "
            "write all as 2026-03-05"
        )
    return None if not day_first and not month_first else bool(month_first)


def _day(text: str) -> float:
    plain = text.strip()
    for pattern, times in ((_DAY_WORD, 1.0), (_WEEK_WORD, 7.0)):
        if found := pattern.fullmatch(plain):
            return float(found[1].replace("−", "-")) * times
    comma = decimal_comma(plain)
    if comma:
        raise ParameterError(f"a day must be a number, but {comma}")
    try:
        day = read_number(plain, "a day")
    except ValueError:
        raise ParameterError(f"'{plain[:40]}' is neither a day nor a date; write 14 or 2026-03-05") from None
    if not isfinite(day):
        raise ParameterError(f"'{plain[:40]}' is no day")
    return day
