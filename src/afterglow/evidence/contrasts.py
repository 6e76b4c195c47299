"""The findings in what a study says of two of its arms."""

from __future__ import annotations

import math
import re

from afterglow.errors import ProtocolError
from afterglow.evidence.catalogue import EFFECT_INTERVALS, EFFECTS, OTHER_SIZES, PublishedRow, faults
from afterglow.evidence.finding import KINDS, POINTS, Finding
from afterglow.evidence.study_rows import StudyRows, notes_of, people_behind, standard_error
from afterglow.protocol.study import arm_id

__all__ = ["contrast"]

_OWN = re.compile(r"own_|baseline")


def contrast(rows: StudyRows, row: PublishedRow) -> Finding:
    """Return what a row found between two arms.

    Raises
    ------
    ProtocolError
        If it cannot be used; the sentence is the reason.
    """
    versus = arm_id(str(row.data.get("versus") or ""))
    if not row.arm or not versus:
        raise ProtocolError("compares no two arms of the study")
    if _OWN.match(versus):
        raise ProtocolError("a change within one arm, not a contrast of arms")
    difference = row.number("mean_difference")
    effect = next((value for key in EFFECTS if (value := row.number(key)) is not None), None)
    if difference is None and effect is None:
        given = [name for key, name in OTHER_SIZES.items() if row.data.get(key) is not None]
        raise ProtocolError(f"gives only {given[0]}" if given else "gives no size of the difference")
    scale = rows.scale_of(row, "")
    for name in (row.arm, versus):
        if name not in rows.people:
            raise ProtocolError(f"the study lists no arm '{name}'")
    day = rows.day_of(row)
    if difference is not None:
        return _difference(rows, row, versus, scale, day, difference, effect)
    return _effect_size(rows, row, versus, scale, day, effect or 0.0)


def _difference(
    rows: StudyRows, row: PublishedRow, versus: str, scale: str, day: float, value: float, effect: float | None
) -> Finding:
    notes, sd, se, sizes = notes_of(row), row.number("sd"), standard_error(row, "ci95"), _sizes(rows, row.arm, versus)
    if sd is None and effect and value:
        sd = abs(value / effect)
        notes.append(f"SD from the effect size of {abs(effect):g}")
    if se is None and sd is not None and sizes:
        se = sd * math.sqrt(1 / sizes[0] + 1 / sizes[1])
    if se is None:
        own = [_own(rows, name, scale, day) for name in (row.arm, versus)]
        errors = [f.se for f in own if f is not None and f.se is not None]
        se = math.hypot(*errors) if len(errors) == 2 else None
    n = people_behind(row) or (sum(sizes) if sizes else None)
    return rows.made(row, scale, day, "difference", value, notes, versus=versus, sd=sd, se=se, n=n)


def _effect_size(rows: StudyRows, row: PublishedRow, versus: str, scale: str, day: float, given: float) -> Finding:
    notes, se, sizes = notes_of(row), standard_error(row, *EFFECT_INTERVALS, "ci95"), _sizes(rows, row.arm, versus)
    value = math.copysign(given, _sign(rows, row, versus, scale, day))
    if value * given < 0:
        notes.append(f"sign turned from {given:g}, since negative is lower on the scale")
    if se is None and sizes:
        se = math.sqrt(1 / sizes[0] + 1 / sizes[1] + value**2 / (2 * sum(sizes)))
    n = people_behind(row) or (sum(sizes) if sizes else None)
    return rows.made(row, scale, day, "effect_size", value, notes, versus=versus, se=se, n=n)


def _sign(rows: StudyRows, row: PublishedRow, versus: str, scale: str, day: float) -> float:
    """Say whether the arm is lower: by the arms' own numbers, by the words of the row, else as it did better."""
    own, other = _own(rows, row.arm, scale, day), _own(rows, versus, scale, day)
    if own is not None and other is not None and own.kind == other.kind and own.value != other.value:
        return own.value - other.value
    favoured = arm_id(row.words("favours", "direction").removeprefix("favours "))
    better = [name for name in (row.arm, versus) if favoured.startswith(name.lower())]
    return 1.0 if max(better, key=len, default="") == versus else -1.0


def _own(rows: StudyRows, arm: str, scale: str, day: float) -> Finding | None:
    """Return an arm's own change, or score, on a day."""
    found: dict[str, Finding] = {}
    for row in rows.rows:
        kind = KINDS.get(str(row.data.get("kind")))
        if row.is_contrast or kind not in POINTS or row.arm != arm or row.number("day") != day:
            continue
        if row.scale and row.scale.id == scale and row.number("mean") is not None and not faults(row):
            found.setdefault(kind, rows.points(row, kind, scale, day))
    return found.get("change", found.get("mean"))


def _sizes(rows: StudyRows, *arms: str) -> tuple[int, int] | None:
    first, second = (rows.people.get(name) for name in arms)
    return (first, second) if first and second else None
