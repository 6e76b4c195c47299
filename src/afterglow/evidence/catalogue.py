"""The rows of the published studies as their files have them, what is impossible in one, and which studies overlap."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from afterglow.errors import ProtocolError
from afterglow.protocol.study import arm_id
from afterglow.scales.instruments import scale as find_scale
from afterglow.scales.scale import Scale

__all__ = [
    "DAY_WORDS",
    "EFFECTS",
    "EFFECT_INTERVALS",
    "OTHER_SIZES",
    "POOLED",
    "RETRACTED",
    "SAME_PEOPLE",
    "SHARES",
    "PublishedRow",
    "arm_in_words",
    "arm_sizes",
    "faults",
    "first_day",
    "people_faults",
    "published_rows",
]

_MDMA_PHASE_2 = ("mithoefer2011-pilot", "mithoefer2018-veterans", "oehen2013-swiss", "otalora2018-boulder")
_KETAMINE_DEPRESSION = (
    "daly2018-phase2",
    "murrough2013-midazolam",
    "popova2019-transform2",
    "singh2016-frequency",
    "takahashi2021-japan",
    "zarate2006-trd",
)

POOLED: Mapping[str, tuple[str, ...]] = {
    "aginliebes2020-followup": ("ross2016-cancer",),
    "carhartharris2018-trd-followup": ("carhartharris2016-trd",),
    "gukasyan2022-followup": ("davis2021-mdd",),
    "hieronymus2025-control-arms": (
        "carhartharris2021-escitalopram",
        "goodwin2022-comp001",
        "popova2019-transform2",
    ),
    "jerome2020-ltfu": _MDMA_PHASE_2,
    "jones2021-placebo-trd": _KETAMINE_DEPRESSION,
    "kuyken2016-mbct-relapse": ("kuyken2015-prevent",),
    "matsingos2024-ketamine-placebo": _KETAMINE_DEPRESSION,
    "metapsy-ptsd-therapy-and-waitlist-pool": ("resick2012-cpt-pe-10year",),
    "mithoefer2019-pooled": _MDMA_PHASE_2,
    "vittengl2007-relapse-after-ct": ("hollon2005-ct-vs-drug-relapse",),
}
"""By pooled or follow-up file: the studies here that it holds, or may hold; the two are never fitted together."""

SAME_PEOPLE: Mapping[str, str] = {
    "aginliebes2020-followup": "ross2016-cancer",
    "gukasyan2022-followup": "davis2021-mdd",
}
"""By follow-up file with later days than its trial has: that trial, whose people it saw again."""

RETRACTED = ("mithoefer2019-pooled", "jerome2020-ltfu")
"""Marked as retracted where they were read."""

DAY_WORDS = (
    *("baseline", "end of course", "end of treatment", "event-driven"),
    *("follow-up", "long-term", "post-treatment"),
)
"""Words that may stand for the day of a row; days in a range, such as ``1-3``, may too."""

EFFECTS = ("effect_size_d", "hedges_g", "smd")
EFFECT_INTERVALS = ("d_ci95", "ci95_d", "g_ci95")
SHARES = ("proportion", "fraction", "proportion_with_ptsd")
OTHER_SIZES: Mapping[str, str] = {
    "hazard_ratio": "a hazard ratio",
    "odds_ratio": "an odds ratio",
    "risk_ratio": "a risk ratio",
    "risk_difference": "a risk difference",
    "risk_reduction": "a risk reduction",
    "percent_difference": "a difference in percent",
    "standardized_beta": "a standardised coefficient",
    "correlation_r": "a correlation",
    "d_range": "a range of effect sizes over several scales",
    "proportion": "a proportion",
}
"""Sizes of a contrast that the model is not asked for, in words."""

_INTERVALS = ("ci95", *EFFECT_INTERVALS, "d_range", "range")
_ABOVE_ZERO = ("sd", "se", "hazard_ratio", "odds_ratio", "risk_ratio")
_NUMBERS = ("mean", "mean_difference", *EFFECTS, "events", "median_days", "t", "p")
_EARLIEST_DAYS = 365.0
_MOST_SDS = 20.0
_DAY_RANGE = re.compile(r"\d+(?:\.\d+)? ?(?:-|to) ?\d+(?:\.\d+)?(?: \(.*\))?")
_ROUNDING = 0.01
"""Share of a scale's range by which a printed SD may pass the largest one."""


@dataclass(frozen=True)
class PublishedRow:
    """An observation or a contrast as its file has it.

    Parameters
    ----------
    path : tuple
        Keys and numbers that lead to it, such as ``("arms", 0, "observations", 2)``.
    arm : str
        Id of its arm in the study's protocol; empty when it names none.
    data : mapping
        Empty when the file has something else than a mapping there.
    """

    path: tuple[str | int, ...]
    arm: str
    data: Mapping[str, Any]

    @property
    def is_contrast(self) -> bool:
        """Whether it compares two arms."""
        return self.path[0] == "contrasts"

    @property
    def place(self) -> str:
        """Where it stands, such as ``arms[0].observations[2]``."""
        parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return "".join(parts).removeprefix(".")

    @property
    def scale(self) -> Scale | None:
        """The scale that it names; none when that is not known here."""
        try:
            return find_scale(str(self.data.get("scale")))
        except ProtocolError:
            return None

    @property
    def what(self) -> str:
        """What was observed, in words."""
        get = self.data.get
        sizes = {"mean_difference": "difference", **{key: name.split(" ", 1)[1] for key, name in OTHER_SIZES.items()}}
        size = next((name for key, name in sizes.items() if get(key) is not None), "effect size")
        named = str(get("scale") or get("quantity") or get("predictor") or "")
        kind = str(get("kind") or (size if self.is_contrast else "")).replace("_", " ")
        arms = f"{get('arm')} v {get('versus')}" if get("arm") and get("versus") else ""
        time = get("day", get("timing", get("day_range")))
        shown = f"{time:g}" if isinstance(time, float) else str(time)
        parts = (named, kind, arms, "" if time is None else f"day {shown}")
        return " ".join(" ".join(part for part in parts if part).split())

    def number(self, key: str) -> float | None:
        """Return the number under a key, if there is one."""
        return _number(self.data.get(key))

    def interval(self, *keys: str) -> tuple[float, float] | None:
        """Return the first pair of ordered numbers under some keys."""
        return next((found for key in keys if (found := _interval(self.data.get(key)))), None)

    def words(self, *keys: str) -> str:
        """Return the words under some keys, in lower case."""
        return " ".join(str(self.data[key]) for key in keys if self.data.get(key)).lower()


def published_rows(study: Mapping[str, Any]) -> Iterator[PublishedRow]:
    """Go through every observation and contrast of a study, in the order of its file."""
    for k, arm in _arms(study):
        for i, row in enumerate(_list(arm.get("observations"))):
            yield PublishedRow(("arms", k, "observations", i), _id(arm, k), row if isinstance(row, Mapping) else {})
    for i, row in enumerate(_list(study.get("contrasts"))):
        data = row if isinstance(row, Mapping) else {}
        yield PublishedRow(("contrasts", i), arm_id(str(data.get("arm") or "")), data)


def arm_sizes(study: Mapping[str, Any]) -> dict[str, int | None]:
    """Return how many people each arm had, by its id in the study's protocol."""
    numbers = {_id(arm, k): _number(arm.get("n")) for k, arm in _arms(study)}
    return {name: int(number) if number and number >= 1 else None for name, number in numbers.items()}


def first_day(study: Mapping[str, Any]) -> float:
    """Return the day on which the schedule of a study begins; 0 at the latest."""
    rows = [row for _, arm in _arms(study) for key in ("doses", "sessions") for row in _list(arm.get(key))]
    days = [_number(row.get("day")) for row in rows if isinstance(row, Mapping)]
    return min([0.0, *(day for day in days if day is not None)])


def _arms(study: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    return ((k, arm) for k, arm in enumerate(_list(study.get("arms"))) if isinstance(arm, Mapping))


def _id(arm: Mapping[str, Any], k: int) -> str:
    return arm_id(str(arm.get("id") or f"arm {k + 1}"))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value)


def _interval(value: Any) -> tuple[float, float] | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    low, high = (_number(end) for end in value)
    return None if low is None or high is None or low > high else (low, high)


def faults(row: PublishedRow, *, first_day: float = 0.0) -> list[str]:
    """Say what is impossible in a row.

    Parameters
    ----------
    row : PublishedRow
    first_day : float
        Day on which the study's schedule begins.

    Returns
    -------
    list of str
        A sentence each.
    """
    data = row.data
    if not data:
        return ["the row must be a mapping such as {scale: MADRS, day: 21, mean: 14, sd: 9, n: 30, kind: score}"]
    odd = [key for key in _NUMBERS if data.get(key) is not None and row.number(key) is None]
    low = [key for key in _ABOVE_ZERO if data.get(key) is not None and not (row.number(key) or 0.0) > 0]
    found = [f"'{key}' is {_shown(data[key])} but must be a number" for key in odd]
    found += [f"'{key}' is {_shown(data[key])} but must be a number above 0" for key in low]
    large = [key for key in EFFECTS if abs(row.number(key) or 0.0) > _MOST_SDS]
    found += [f"'{key}' is {_shown(data[key])} but no effect is larger than {_MOST_SDS:g} SDs" for key in large]
    if not isinstance(data.get("verified", False), bool):
        found.append(f"'verified' is {_shown(data['verified'])} but must be true or false")
    found += [*_day_faults(row, first_day), *_count_faults(row), *_share_faults(row), *_interval_faults(row)]
    scale = row.scale
    return found + (_range_faults(row, scale) if scale else [])


def _shown(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "empty"}[value]
    text = f"{value:g}" if isinstance(value, float) else f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _day_faults(row: PublishedRow, first_day: float) -> list[str]:
    day, number = row.data.get("day"), row.number("day")
    if number is not None and number < first_day - _EARLIEST_DAYS:
        return [f"'day' is {number:g}, more than a year before the protocol begins on day {first_day:g}"]
    if day is None or number is not None or (isinstance(day, str) and _is_known(day.strip())):
        return []
    return [f"'day' is {_shown(day)} but must be a number, a range such as 1-3, or one of: {', '.join(DAY_WORDS)}"]


def _is_known(day: str) -> bool:
    return day.lower() in DAY_WORDS or bool(_DAY_RANGE.fullmatch(day))


def people_faults(data: Mapping[str, Any]) -> list[str]:
    """Say what is impossible in the number of people of a row or an arm; a sentence, or none."""
    n = _number(data.get("n"))
    if data.get("n") is None or (n is not None and n >= 1 and n == int(n)):
        return []
    return [f"'n' is {_shown(data['n'])} but must be a positive whole number"]


def _count_faults(row: PublishedRow) -> list[str]:
    found = people_faults(row.data)
    n, events = row.number("n"), row.number("events")
    if events is not None and events < 0:
        found.append(f"'events' is {events:g} but cannot be below 0")
    if events is not None and n is not None and events > n:
        found.append(f"'events' is {events:g} but 'n' is only {n:g}")
    return found


def _share_faults(row: PublishedRow) -> list[str]:
    found = []
    for key, top in (*((share, 1.0) for share in SHARES), ("percent", 100.0)):
        value = row.data.get(key)
        if value is None or (key == "percent" and value is True):  # true says that the mean is in percent
            continue
        ends = value if isinstance(value, list) else [value]
        if not all((number := _number(end)) is not None and 0 <= number <= top for end in ends):
            found.append(f"'{key}' is {_shown(value)} but must lie from 0 to {top:g}")
    return found


def _interval_faults(row: PublishedRow) -> list[str]:
    odd = [key for key in _INTERVALS if row.data.get(key) is not None and row.interval(key) is None]
    found = [f"'{key}' is {_shown(row.data[key])} but must be two numbers, the lower first" for key in odd]
    ends = row.interval("ci95")
    for key in ("mean", "mean_difference"):
        value = row.number(key)
        if ends and value is not None and not ends[0] <= value <= ends[1]:
            found.append(f"'{key}' is {value:g}, outside its own 'ci95' from {ends[0]:g} to {ends[1]:g}")
    return found


def _range_faults(row: PublishedRow, scale: Scale) -> list[str]:
    width = scale.high - scale.low
    on = f"on the {scale.id}, which runs from {scale.low:g} to {scale.high:g}"
    mean, sd, difference = row.number("mean"), row.number("sd"), row.number("mean_difference")
    kind = row.data.get("kind")
    what, low, high = ("score", scale.low, scale.high) if kind == "score" else ("change", -width, width)
    if difference is not None and abs(difference) > width:
        return [f"a difference of {difference:g} is impossible {on}"]
    if kind not in ("score", "change_from_baseline") or mean is None:
        return []
    if not low <= mean <= high:
        return [f"a mean {what} of {mean:g} is impossible {on}"]
    if sd is not None and sd > _largest_sd(mean, low, high, row.number("n")) + _ROUNDING * width:
        return [f"an SD of {sd:g} around a mean {what} of {mean:g} is impossible {on}"]
    return []


def _largest_sd(mean: float, low: float, high: float, n: float | None) -> float:
    """Return the SD of a sample whose people are all at one end or the other."""
    return math.sqrt((mean - low) * (high - mean) * (n / (n - 1) if n and n > 1 else 2.0))


def arm_in_words(arm: Mapping[str, Any]) -> list[str]:
    """Say what an arm of a study was given: a line for each medicine and dose, and for each kind of session.

    Parameters
    ----------
    arm : mapping
        As in the evidence format, in its loose forms too.
    """
    lines = [*_in_words(arm.get("doses"), _dose_words), *_in_words(arm.get("sessions"), _session_words)]
    size, other = _number(arm.get("group_size")), arm.get("other_treatment")
    if size:
        lines.append(f"groups of {size:g}")
    if other:
        lines.append(f"also {other}")
    return lines or ["no dose and no session is listed"]


def _in_words(given: Any, worded: Callable[[Mapping[str, Any]], str]) -> list[str]:
    """Put rows that differ only in their day on one line; whatever is no list of rows stays as it is."""
    if not isinstance(given, list):
        facts = given.items() if isinstance(given, Mapping) else [("described", given)] if given else []
        told = ", ".join(f"{key.replace('_', ' ')} {_shown(value).strip(chr(39))}" for key, value in facts)
        return [told] if told else []
    days: dict[str, list[str]] = {}
    for row in (row for row in given if isinstance(row, Mapping)):
        day, hour = _number(row.get("day")), _number(row.get("hour"))
        shown = f"{day:g}" if day is not None else str(row.get("day") or "not given")
        days.setdefault(worded(row), []).append(shown + (f" + {hour:g} h" if hour else ""))
    return [f"{text} on {_days_in_words(found)}" for text, found in days.items()]


def _days_in_words(days: Sequence[str]) -> str:
    """List days, a run of every day as its ends."""
    if len(days) > 3 and all(re.fullmatch(r"-?\d+", day) for day in days):
        steps = {int(after) - int(before) for before, after in pairwise(days)}
        if len(steps) == 1 and (step := steps.pop()) > 0:
            return f"days {days[0]} to {days[-1]}, {'daily' if step == 1 else f'every {step} days'}"
    return f"day{'s' * (len(days) > 1)} {', '.join(days)}"


def _dose_words(row: Mapping[str, Any]) -> str:
    amounts = [(_number(row.get(key)), unit) for key, unit in (("dose_mg", "mg"), ("dose_mg_per_kg", "mg/kg"))]
    amount = next((f"{number:g} {unit}" for number, unit in amounts if number is not None), "of a dose not read")
    hours = _number(row.get("duration_h"))
    parts = (str(row.get("drug", row.get("medicine"))), amount, str(row.get("route") or ""))
    text = " ".join(part for part in parts if part)
    return text + (f" over {hours * 60:.0f} min" if hours else "")


def _session_words(row: Mapping[str, Any]) -> str:
    hours = _number(row.get("hours"))
    long = "" if hours is None else f"{hours:g} h" if hours >= 1 else f"{hours * 60:.0f} min"
    label = f"({row['label']})" if row.get("label") else ""
    return " ".join(part for part in (str(row.get("kind")), long, str(row.get("format") or ""), label) if part)
