"""What an arm was given and what a row observed, in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from afterglow.evidence.studies.mistakes import shown
from afterglow.evidence.studies.study import SIZES
from afterglow.evidence.values import mappings, number

__all__ = ["arm_in_words", "row_in_words"]


def row_in_words(data: Mapping[str, Any], *, is_contrast: bool) -> str:
    """Say what a row of a file observed, such as ``MADRS score day 21``."""
    get = data.get
    sizes = {"mean_difference": "difference", **{key: name.split(" ", 1)[1] for key, name in SIZES.items()}}
    size = next((name for key, name in sizes.items() if get(key) is not None), "effect size")
    named = str(get("scale") or get("quantity") or get("predictor") or "")
    kind = str(get("kind") or (size if is_contrast else "")).replace("_", " ")
    arms = f"{get('arm')} v {get('versus')}" if get("arm") and get("versus") else ""
    time = get("day", get("timing", get("day_range")))
    when = f"{time:g}" if isinstance(time, float) else str(time)
    parts = (named, kind, arms, "" if time is None else f"day {when}")
    return " ".join(" ".join(part for part in parts if part).split())


def arm_in_words(arm: Mapping[str, Any]) -> list[str]:
    """Say what an arm of a study was given: a line for each medicine and dose, and for each kind of session.

    Parameters
    ----------
    arm : mapping
        As in the evidence format, in its loose forms too.
    """
    lines = [*_in_words(arm.get("doses"), _dose_words), *_in_words(arm.get("sessions"), _session_words)]
    size, other = number(arm.get("group_size")), arm.get("other_treatment")
    if size:
        lines.append(f"groups of {size:g}")
    if other:
        lines.append(f"also {other}")
    return lines or ["no dose and no session is listed"]


def _in_words(given: Any, worded: Callable[[Mapping[str, Any]], str]) -> list[str]:
    """Put rows that differ only in their day on one line; whatever is no list of rows stays as it is."""
    if not isinstance(given, list):
        facts = given.items() if isinstance(given, Mapping) else [("described", given)] if given else []
        told = ", ".join(f"{key.replace('_', ' ')} {shown(value).strip(chr(39))}" for key, value in facts)
        return [told] if told else []
    days: dict[str, list[str]] = {}
    for row in mappings(given):
        day, hour = number(row.get("day")), number(row.get("hour"))
        at = f"{day:g}" if day is not None else str(row.get("day") or "not given")
        days.setdefault(worded(row), []).append(at + (f" + {hour:g} h" if hour else ""))
    return [f"{text} on {_days_in_words(found)}" for text, found in days.items()]


def _days_in_words(days: Sequence[str]) -> str:
    """List days, a run of every day as its ends."""
    if len(days) > 3 and all(re.fullmatch(r"-?\d+", day) for day in days):
        steps = {int(after) - int(before) for before, after in pairwise(days)}
        if len(steps) == 1 and (step := steps.pop()) > 0:
            return f"days {days[0]} to {days[-1]}, {'daily' if step == 1 else f'every {step} days'}"
    return f"day{'s' * (len(days) > 1)} {', '.join(days)}"


def _dose_words(row: Mapping[str, Any]) -> str:
    amounts = [(number(row.get(key)), unit) for key, unit in (("dose_mg", "mg"), ("dose_mg_per_kg", "mg/kg"))]
    amount = next((f"{number:g} {unit}" for number, unit in amounts if number is not None), "of a dose not read")
    hours = number(row.get("duration_h"))
    parts = (str(row.get("drug", row.get("medicine"))), amount, str(row.get("route") or "").replace("_", " "))
    text = " ".join(part for part in parts if part)
    return text + (f" over {hours * 60:.0f} min" if hours else "")


def _session_words(row: Mapping[str, Any]) -> str:
    hours = number(row.get("hours"))
    long = "" if hours is None else f"{hours:g} h" if hours >= 1 else f"{hours * 60:.0f} min"
    label = f"({row['label']})" if row.get("label") else ""
    return " ".join(part for part in (str(row.get("kind")), long, str(row.get("format") or ""), label) if part)
