"""The finding in what a study says of one of its arms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from afterglow.errors import ProtocolError
from afterglow.evidence.findings.finding import KINDS, POINTS, Finding, Kind
from afterglow.evidence.studies.study import Row, Study

__all__ = ["day_of", "finding_of", "observation", "points", "scale_of", "standard_error"]

_WITHIN_ARM = ("effect_difference", "hedges_g")
_SUBSTANCE_USE = (
    *("abstin", "alcohol", "drink", "craving", "cocaine", "heroin", "opioid", "smok", "cigarette"),
    "use or dropout",
)
"""Parts of the names of measures of the use of a substance."""

_Z95_BOTH_SIDES = 3.92
"""Width of a 95 % interval in standard errors."""


def observation(study: Study, row: Row) -> Finding:
    """Return what a row of an arm found.

    Raises
    ------
    ProtocolError
        If it cannot be used; the sentence is the reason.
    """
    if row.kind in _WITHIN_ARM:
        raise ProtocolError("an effect size within one arm, whose unit is not told")
    if row.kind not in KINDS:
        raise ProtocolError(f"'{row.kind.replace('_', ' ')}' is not modelled" if row.kind else "the row says no kind")
    kind = KINDS[row.kind]
    scale, day = scale_of(study, row, kind), day_of(row)
    return points(study, row, kind, scale, day) if kind in POINTS else _count(study, row, kind, scale)


def scale_of(study: Study, row: Row, kind: str) -> str:
    """Return the id of a row's scale; empty for relapse that no scale defines.

    Raises
    ------
    ProtocolError
        If no scale here is called so.
    """
    if row.scale is not None:
        return row.scale.id
    if study.condition.endswith("_use") or any(word in row.scale_word.lower() for word in _SUBSTANCE_USE):
        raise ProtocolError("measures the use of a substance, which no scale here rates")
    if kind == "relapse":
        return ""
    word = row.scale_word[:60]
    raise ProtocolError(f"no scale here is called '{word}'" if word else "the row names no scale")


def day_of(row: Row) -> float:
    """Return the study day of a row.

    Raises
    ------
    ProtocolError
        If it has none.
    """
    if row.study_day is not None:
        return row.study_day
    if row.day_word is None:
        raise ProtocolError("no day is given")
    raise ProtocolError(f"the day is given in words, as '{row.day_word}'")


def points(study: Study, row: Row, kind: Kind, scale: str, day: float) -> Finding:
    """Return the mean or the change that a row gives.

    Raises
    ------
    ProtocolError
        If it gives none.
    """
    if row.mean is None:
        raise ProtocolError("no mean is given")
    notes, n, sd, se = [*row.remarks], row.n, row.sd, standard_error(row, row.ci95)
    if se is None and sd is None and row.t and row.mean:
        se = abs(row.mean / row.t)
        notes.append("standard error from the mean and t")
    if sd is None and se is not None and n:
        sd = se * math.sqrt(n)
        notes.append("SD from the standard error")
    if se is None and sd is not None and n:
        se = sd / math.sqrt(n)
    return finding_of(study, row, scale, day, kind, row.mean, notes, sd=sd, se=se, n=n)


def _count(study: Study, row: Row, kind: Kind, scale: str) -> Finding:
    if kind != "relapse" and row.among != "all":
        raise ProtocolError("counts only those who had got better before, not the arm")
    notes, n, events, value = [*row.remarks], row.n, row.events, row.counted
    if row.is_median:
        told = "" if events is None else f", and {events:g} of {n} by the end"
        notes.append(f"half had relapsed by the median of {row.median_days:g} days{told}")
        value, events = 0.5, None
    if value is None:
        raise ProtocolError("events without a number of people" if events is not None else "no share is given")
    if row.kind == "diagnosis_kept":
        value, events = 1 - value, None
        notes.append("one less the share that kept the diagnosis")
    if n and events is None:
        events = value * n
    se = standard_error(row, row.ci95, unit=100.0 if row.percent is not None else 1.0)
    if n and events is not None:
        p = (events + 0.5) / (n + 1)
        se = math.sqrt(p * (1 - p) / n)
    day = row.reached_day or 0.0
    return finding_of(study, row, scale, day, kind, value, notes, se=se, n=n, events=events, threshold=row.definition)


def standard_error(row: Row, *intervals: tuple[float, float] | None, unit: float = 1.0) -> float | None:
    """Return a row's standard error as given, or from the first 95 % interval that there is."""
    if row.se is not None:
        return row.se / unit
    low, high = next((ends for ends in intervals if ends is not None), (0.0, 0.0))
    return (high - low) / _Z95_BOTH_SIDES / unit if high > low else None


def finding_of(
    study: Study,
    row: Row,
    scale: str,
    day: float,
    kind: Kind,
    value: float,
    notes: Sequence[str],
    **more: Any,
) -> Finding:
    """Make the finding of a row, with where it was read and what is said of it."""
    return Finding(
        study=study.name,
        arm=row.arm,
        scale=scale,
        day=day,
        kind=kind,
        value=value,
        verified=row.verified,
        where=row.where,
        after_crossover=row.after_crossover,
        note="; ".join(notes),
        **more,
    )
