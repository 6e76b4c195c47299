"""Free-text time frames of registries, such as ``Baseline to Day 43``, as days."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["TimeFrame", "time_frame"]

_UNITS = (
    ("minute|minutes|min|mins", 1 / 1440),
    ("hour|hours|hr|hrs|h", 1 / 24),
    ("day|days|d", 1.0),
    ("week|weeks|wk|wks|w", 7.0),
    ("month|months|mo|mos|mth|mths", 365 / 12),
    ("year|years|yr|yrs|y", 365.0),
)
_DAYS = {word: days for words, days in _UNITS for word in words.split("|")}
_ANY_UNIT = "|".join(sorted(_DAYS, key=len, reverse=True))
_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_NUMBERS = {word: str(k) for k, word in enumerate(_WORDS)} | {"twenty-four": "24", "thirty": "30", "ninety": "90"}
_OFTEN = {"hourly": "1 hours", "daily": "1 days", "weekly": "1 weeks", "monthly": "1 months", "yearly": "1 years"}
_UNTIL = r"(?:for|until|till|up to|through|to|over)(?: the)?(?: first)?"
_EVERY = re.compile(
    rf"every\s+(?:(\d+(?:\.\d+)?)\s*)?({_ANY_UNIT})\b\s*(?:\w+\s+){{0,3}}?{_UNTIL}\s+"
    rf"(?:({_ANY_UNIT})\s*)?(\d+(?:\.\d+)?)\s*({_ANY_UNIT})?\b"
)
_BASELINE = re.compile(
    r"\bbase ?-?line\b|\bscreening\b|\bpre-?(?: ?)(?:dos\w+|treatment|infusion|intervention|test)\b|\benrol+ment\b"
)
_LATER = re.compile(
    r"\b(?:post|after|following|since)\b[^,;.]{0,40}?"
    r"\b(?:last|final|second|third|2nd|3rd|end|completion|discharge)\b(?: \w+)?"
)
_LOOSE = re.compile(r"\bup to\b|\bthrough(?:out)?\b|\baverage\b|\bwithin\b|\bapprox\w*|\buntil\b|\bduring\b|\bover\b")
_TOKEN = re.compile(
    rf"(?P<n>(?<![\w.])-?\d+(?:\.\d+)?(?![\w.]*\d))|(?P<u>\b(?:{_ANY_UNIT})\b)"
    r"|(?P<s>,|;|/|&|\band\b|\bor\b|\bto\b|-|\bthrough\b)"
    r"|(?P<w>[^\W\d_]+|\S)"
)
_MOST_POINTS = 200
_FURTHEST_DAYS = 3650.0


@dataclass(frozen=True, kw_only=True)
class TimeFrame:
    """What a time frame says.

    Parameters
    ----------
    days : tuple of float
        Rising, from the day that the text counts from; empty when it names no time.
    baseline : bool
        Whether it speaks of a time before the first dose.
    notes : tuple of str
        What had to be assumed.
    """

    days: tuple[float, ...] = ()
    baseline: bool = False
    notes: tuple[str, ...] = ()


def time_frame(text: str) -> TimeFrame:
    """Read a time frame; a month is 365/12 days, rounded to the day.

    Parameters
    ----------
    text : str
        For instance ``Weeks 1, 3 and 6 post-dose``, ``every 2 weeks for 12 weeks`` or ``Up to 12 months``.
    """
    plain = _plain(text)
    outside = re.sub(r"\([^()]*\)|\[[^][]*\]", " ; ", plain)
    days, left = _points(outside)
    if not days:  # all of it stands in brackets, or they join what belongs together
        days, left = _points(re.sub(r"[()\[\]]", " ; ", plain))
    notes = []
    if left:
        notes.append("not all of it was understood")
    if any(abs(day) > _FURTHEST_DAYS for day in days):
        notes.append(f"days beyond {_FURTHEST_DAYS:g} are left out")
        days = [day for day in days if abs(day) <= _FURTHEST_DAYS]
    if len(days) > _MOST_POINTS:
        notes.append(f"only the first {_MOST_POINTS} of {len(days)} times are kept")
        days = days[:_MOST_POINTS]
    later = _LATER.search(plain)
    if later:
        notes.append(f"the record counts from '{later[0]}': move these days")
    elif _LOOSE.search(plain) and days:
        notes.append("the end of a span, not a visit: the record does not say when it is rated before")
    return TimeFrame(days=tuple(sorted(set(days))), baseline=bool(_BASELINE.search(plain)), notes=tuple(notes))


def _plain(text: str) -> str:
    plain = " ".join(text.lower().split())
    plain = re.sub(r"[\u2010-\u2015\u2212]", "-", plain)
    plain = re.sub(rf"(?:\+/?-|±|plus or minus)\s*\d+(?:\s*(?:{_ANY_UNIT})\b)?", " ", plain)  # the window of a visit
    plain = re.sub(r"\b(weeks?|months?|years?)-(?=\d)", r"\1 ", plain)  # but day-1 is the day before
    for word, often in _OFTEN.items():
        plain = re.sub(rf"\b{word}\b", f"every {often}", plain)
    plain = re.sub(r"\btwenty-four\b", "24", plain)
    plain = re.sub(r"\b[a-z]+\b", lambda m: _NUMBERS.get(m[0], m[0]), plain)
    plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", plain)
    plain = re.sub(rf"(\d)(?=(?:{_ANY_UNIT})\b)", r"\1 ", plain)  # 24h
    plain = re.sub(r"\b(day|week|month|year|wk|d|w|m)(?=-?\d)", lambda m: f"{'month' if m[1] == 'm' else m[1]} ", plain)
    return re.sub(r"\b(?:an?|1) (?=(?:week|day|month|year|hour)\b)", "1 ", plain)


def _points(text: str) -> tuple[list[float], bool]:
    """Return the days that a text names, and whether a number of it was left over."""
    days: list[float] = []
    for every in _EVERY.finditer(text):
        step = float(every[1] or 1) * _DAYS[every[2]]
        last = float(every[4]) * _DAYS[every[3] or every[5] or every[2]]
        days += [_whole(step * k) for k in range(1, min(int(last / step + 1e-6), 1000) + 1)] if step else []
    tokens = [(m.lastgroup or "", m[0]) for m in _TOKEN.finditer(_EVERY.sub(" ; ", text))]
    at, left = 0, False
    while at < len(tokens):
        kind, word = tokens[at]
        if kind == "u" and (numbers := _list_at(tokens, _signed(tokens, at + 1), after_unit=True))[0]:
            days += [_whole(n * _DAYS[word]) for n in numbers[0]]
            at = numbers[1]
        elif kind == "n":
            found, after = _list_at(tokens, at, after_unit=False)
            unit = after + (after < len(tokens) and tokens[after][1] == "-")
            if unit < len(tokens) and tokens[unit][0] == "u":
                days += [_whole(n * _DAYS[tokens[unit][1]]) for n in found]
                at = unit + 1
            else:
                at, left = after, True
        else:
            at += 1
    return days, left


def _signed(tokens: list[tuple[str, str]], at: int) -> int:
    """Step over a dash that only joins, as in ``week-3`` where the token before it is a unit."""
    return at + (at + 1 < len(tokens) and tokens[at][1] in ("-", ":", "#") and tokens[at + 1][0] == "n")


def _list_at(tokens: list[tuple[str, str]], at: int, *, after_unit: bool) -> tuple[list[float], int]:
    """Read numbers joined by commas, dashes and words; those that have a unit of their own are left to it."""
    found: list[float] = []
    while at < len(tokens) and tokens[at][0] == "n":
        if after_unit and found and _has_own_unit(tokens, at):
            break
        value = float(tokens[at][1])
        found.append(abs(value) if found and value < 0 and not _is_negative_list(found) else value)
        at += 1
        ahead = at
        while ahead < len(tokens) and tokens[ahead][0] == "s":
            ahead += 1
        if ahead >= len(tokens) or tokens[ahead][0] != "n" or (after_unit and _has_own_unit(tokens, ahead)):
            break
        at = ahead
    return found, at


def _is_negative_list(found: list[float]) -> bool:
    return found[0] < 0


def _has_own_unit(tokens: list[tuple[str, str]], at: int) -> bool:
    unit = at + 1 + (at + 1 < len(tokens) and tokens[at + 1][1] == "-")
    follows = unit + 1 < len(tokens) and tokens[unit + 1][0] == "n"
    return unit < len(tokens) and tokens[unit][0] == "u" and not follows


def _whole(day: float) -> float:
    """Round to the day, and below a day to a thousandth."""
    return float(round(day)) if abs(day) >= 1 and abs(day - round(day)) > 1e-9 else round(day, 3)
