"""What is impossible in a row of a study, and what a field may not say."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from afterglow.errors import ProtocolError, nearest
from afterglow.evidence.studies.study import AMONG
from afterglow.evidence.values import interval, number
from afterglow.scales.scale import Scale
from afterglow.units import decimal_comma

__all__ = [
    "DAY_RANGE",
    "DAY_WORDS",
    "EFFECTS",
    "EFFECT_INTERVALS",
    "SHARES",
    "checked_definition",
    "checked_flag",
    "checked_word",
    "people_mistakes",
    "row_mistakes",
    "shown",
]

DAY_WORDS = (
    *("baseline", "end of course", "end of treatment", "event-driven"),
    *("follow-up", "long-term", "post-treatment"),
)
"""Words that may stand for the day of a row; days in a range, such as ``1-3``, may too."""

EFFECTS = ("effect_size_d", "hedges_g", "smd")
EFFECT_INTERVALS = ("d_ci95", "ci95_d", "g_ci95")
SHARES = ("proportion", "fraction", "proportion_with_ptsd")

_INTERVALS = ("ci95", *EFFECT_INTERVALS, "d_range", "range")
_ABOVE_ZERO = ("sd", "se", "hazard_ratio", "odds_ratio", "risk_ratio")
_NUMBERS = ("mean", "mean_difference", *EFFECTS, "events", "median_days", "t", "p")
_FLAGS = ("verified", "after_crossover", "baseline", "computed")
_EARLIEST_DAYS = 365.0
_MOST_SDS = 20.0
DAY_RANGE = re.compile(r"(\d+(?:\.\d+)?) ?(?:-|to) ?(\d+(?:\.\d+)?)(?: \(.*\))?")
"""First and last day of a number that is an average over days."""

_ROUNDING = 0.01
"""Share of a scale's range by which a printed SD may pass the largest one."""

_DEFINITION = re.compile(r"fall_\d+(?:\.\d+)?(?:_percent)?|at_most_\d+(?:\.\d+)?")
_DEFINITIONS = ("usual", "sustained", "not_said", "fall_30_percent", "fall_10", "at_most_6")
"""The three words, and what those with a number look like."""


def row_mistakes(data: Mapping[str, Any], scale: Scale | None, *, first_day: float = 0.0) -> list[str]:
    """Say what is impossible in a row.

    Parameters
    ----------
    data : mapping
        The row as its file has it.
    scale : Scale or None
    first_day : float
        Day on which the study's schedule begins.

    Returns
    -------
    list of str
        A sentence each.
    """
    if not data:
        return ["the row must be a mapping such as {scale: MADRS, day: 21, mean: 14, sd: 9, n: 30, kind: score}"]
    told = {key: data[key] for key in data if data[key] is not None}
    odd = [key for key in _NUMBERS if key in told and number(told[key]) is None]
    low = [key for key in _ABOVE_ZERO if key in told and not (number(told[key]) or 0.0) > 0]
    found = [f"'{key}' is {shown(told[key])} but must be a number" for key in odd]
    found += [f"'{key}' is {shown(told[key])} but must be a number above 0" for key in low]
    large = [key for key in EFFECTS if abs(number(told.get(key)) or 0.0) > _MOST_SDS]
    found += [f"'{key}' is {shown(told[key])} but no effect is larger than {_MOST_SDS:g} SDs" for key in large]
    found += _field_mistakes(data)
    found += [*_day_mistakes(told, first_day), *_count_mistakes(told), *_share_mistakes(told)]
    found += _interval_mistakes(told)
    return found + (_range_mistakes(told, scale) if scale else [])


def shown(value: object) -> str:
    """Write a value of a file for a sentence."""
    if isinstance(value, bool) or value is None:
        return "empty" if value is None else str(value).lower()
    text = f"{value:g}" if isinstance(value, float) else f"'{value}'" if isinstance(value, str) else str(value)
    comma = decimal_comma(value) if isinstance(value, str) and not any(map(str.isalpha, value)) else ""
    said = f" ({comma.partition(' has ')[2]})" if comma else ""
    return (text if len(text) <= 60 else text[:57] + "...") + said


def checked_flag(data: Mapping[str, Any], key: str) -> bool | None:
    """Return a field that is true or false; None when it is missing.

    Raises
    ------
    ProtocolError
        If it is anything else.
    """
    value = data.get(key)
    if value is not None and not isinstance(value, bool):
        raise ProtocolError(f"'{key}' is {shown(value)} but must be true or false")
    return value


def checked_word(data: Mapping[str, Any], key: str, known: Sequence[str]) -> str:
    """Return a field that is one of some words; empty when it is missing.

    Raises
    ------
    ProtocolError
        If it is anything else; the sentence names the nearest word.
    """
    value = data.get(key)
    if value is None:
        return ""
    if value not in known:
        raise ProtocolError(f"'{key}' is {shown(value)}; {nearest(str(value), known)}")
    return str(value)


def checked_definition(data: Mapping[str, Any]) -> str:
    """Return how a row says that response or remission was defined; empty when it does not say.

    Raises
    ------
    ProtocolError
        If that is neither a known word nor a fall or a cut-off with its number.
    """
    value = data.get("definition")
    if isinstance(value, str) and _DEFINITION.fullmatch(value):
        return value
    return checked_word(data, "definition", _DEFINITIONS)


def _field_mistakes(data: Mapping[str, Any]) -> list[str]:
    checks: list[Callable[[], object]] = [partial(checked_flag, data, key) for key in _FLAGS]
    checks += [partial(checked_definition, data), partial(checked_word, data, "among", AMONG)]
    found = ["'verified' is empty but must be true or false"] if data.get("verified", False) is None else []
    for check in checks:
        try:
            check()
        except ProtocolError as wrong:
            found.append(wrong.message)
    return found


def _day_mistakes(told: Mapping[str, Any], first_day: float) -> list[str]:
    day = told.get("day")
    at = number(day)
    if at is not None and at < first_day - _EARLIEST_DAYS:
        return [f"'day' is {at:g}, more than a year before the protocol begins on day {first_day:g}"]
    if day is None or at is not None or (isinstance(day, str) and _is_known(day.strip())):
        return []
    return [f"'day' is {shown(day)} but must be a number, a range such as 1-3, or one of: {', '.join(DAY_WORDS)}"]


def _is_known(day: str) -> bool:
    return day.lower() in DAY_WORDS or bool(DAY_RANGE.fullmatch(day))


def people_mistakes(data: Mapping[str, Any]) -> list[str]:
    """Say what is impossible in the number of people of a row or an arm; a sentence, or none."""
    n = number(data.get("n"))
    if data.get("n") is None or (n is not None and n >= 1 and n == int(n)):
        return []
    return [f"'n' is {shown(data['n'])} but must be a positive whole number"]


def _count_mistakes(told: Mapping[str, Any]) -> list[str]:
    found = people_mistakes(told)
    n, events = number(told.get("n")), number(told.get("events"))
    if events is not None and events < 0:
        found.append(f"'events' is {events:g} but cannot be below 0")
    if events is not None and n is not None and events > n:
        found.append(f"'events' is {events:g} but 'n' is only {n:g}")
    return found


def _share_mistakes(told: Mapping[str, Any]) -> list[str]:
    found = []
    for key, top in (*((share, 1.0) for share in SHARES), ("percent", 100.0)):
        value = told.get(key)
        if value is None or (key == "percent" and value is True):  # true says that the mean is in percent
            continue
        ends = value if isinstance(value, list) else [value]
        if not all((end := number(one)) is not None and 0 <= end <= top for one in ends):
            found.append(f"'{key}' is {shown(value)} but must lie from 0 to {top:g}")
    return found


def _interval_mistakes(told: Mapping[str, Any]) -> list[str]:
    odd = [key for key in _INTERVALS if key in told and interval(told[key]) is None]
    found = [f"'{key}' is {shown(told[key])} but must be two numbers, the lower first" for key in odd]
    ends = interval(told.get("ci95"))
    for key in ("mean", "mean_difference"):
        value = number(told.get(key))
        if ends and value is not None and not ends[0] <= value <= ends[1]:
            found.append(f"'{key}' is {value:g}, outside its own 'ci95' from {ends[0]:g} to {ends[1]:g}")
    return found


def _range_mistakes(told: Mapping[str, Any], scale: Scale) -> list[str]:
    width = scale.high - scale.low
    on = f"on the {scale.id}, which runs from {scale.low:g} to {scale.high:g}"
    mean, sd, difference, n = (number(told.get(key)) for key in ("mean", "sd", "mean_difference", "n"))
    kind = told.get("kind")
    what, low, high = ("score", scale.low, scale.high) if kind == "score" else ("change", -width, width)
    if difference is not None and abs(difference) > width:
        return [f"a difference of {difference:g} is impossible {on}"]
    if kind not in ("score", "change_from_baseline") or mean is None:
        return []
    if not low <= mean <= high:
        return [f"a mean {what} of {mean:g} is impossible {on}"]
    if sd is not None and sd > _largest_sd(mean, low, high, n) + _ROUNDING * width:
        return [f"an SD of {sd:g} around a mean {what} of {mean:g} is impossible {on}"]
    return []


def _largest_sd(mean: float, low: float, high: float, n: float | None) -> float:
    """Return the SD of a sample whose people are all at one end or the other."""
    return math.sqrt((mean - low) * (high - mean) * (n / (n - 1) if n and n > 1 else 2.0))
