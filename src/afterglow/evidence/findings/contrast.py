"""The finding in what a study says of two of its arms."""

from __future__ import annotations

import math

from afterglow.errors import ProtocolError
from afterglow.evidence.findings.finding import KINDS, POINTS, Finding
from afterglow.evidence.findings.observation import day_of, finding_of, points, scale_of, standard_error
from afterglow.evidence.studies.study import SIZES, Row, Study

__all__ = ["contrast"]

_OWN = ("own_", "baseline")
"""Beginnings of a name that stands for the arm's own earlier score."""


def contrast(study: Study, row: Row) -> Finding:
    """Return what a row found between two arms.

    Raises
    ------
    ProtocolError
        If it cannot be used; the sentence is the reason.
    """
    if not row.arm or not row.versus:
        raise ProtocolError("compares no two arms of the study")
    if row.versus.startswith(_OWN):
        raise ProtocolError("a change within one arm, not a contrast of arms")
    if row.mean_difference is None and row.effect_size is None:
        given = [name for key, name in SIZES.items() if key in row.sizes]
        raise ProtocolError(f"gives only {given[0]}" if given else "gives no size of the difference")
    scale = scale_of(study, row, "")
    for name in (row.arm, row.versus):
        if study.arm(name) is None:
            raise ProtocolError(f"the study lists no arm '{name}'")
    day = day_of(row)
    if row.mean_difference is not None:
        return _difference(study, row, scale, day, row.mean_difference)
    return _effect_size(study, row, scale, day, row.effect_size or 0.0)


def _difference(study: Study, row: Row, scale: str, day: float, value: float) -> Finding:
    notes, sd, se, sizes = [*row.remarks], row.sd, standard_error(row, row.ci95), _sizes(study, row)
    if sd is None and row.effect_size and value:
        sd = abs(value / row.effect_size)
        notes.append(f"SD from the effect size of {abs(row.effect_size):g}")
    if se is None and sd is not None and sizes:
        se = sd * math.sqrt(1 / sizes[0] + 1 / sizes[1])
    if se is None:
        own = [_own(study, name, scale, day) for name in (row.arm, row.versus)]
        errors = [f.se for f in own if f is not None and f.se is not None]
        se = math.hypot(*errors) if len(errors) == 2 else None
    n = row.n or (sum(sizes) if sizes else None)
    return finding_of(study, row, scale, day, "difference", value, notes, versus=row.versus, sd=sd, se=se, n=n)


def _effect_size(study: Study, row: Row, scale: str, day: float, given: float) -> Finding:
    notes, se, sizes = [*row.remarks], standard_error(row, row.effect_ci95, row.ci95), _sizes(study, row)
    value = math.copysign(given, _sign(study, row, scale, day))
    if value * given < 0:
        notes.append(f"sign turned from {given:g}, since negative is lower on the scale")
    if se is None and sizes:
        se = math.sqrt(1 / sizes[0] + 1 / sizes[1] + value**2 / (2 * sum(sizes)))
    n = row.n or (sum(sizes) if sizes else None)
    return finding_of(study, row, scale, day, "effect_size", value, notes, versus=row.versus, se=se, n=n)


def _sign(study: Study, row: Row, scale: str, day: float) -> float:
    """Say whether the arm is lower: by the arms' own numbers, by what the row favours, else as it did better."""
    own, other = _own(study, row.arm, scale, day), _own(study, row.versus, scale, day)
    if own is not None and other is not None and own.kind == other.kind and own.value != other.value:
        return own.value - other.value
    better = [name for name in (row.arm, row.versus) if row.favours.startswith(name.lower())]
    return 1.0 if max(better, key=len, default="") == row.versus else -1.0


def _own(study: Study, arm: str, scale: str, day: float) -> Finding | None:
    """Return an arm's own change, or score, on a day."""
    found: dict[str, Finding] = {}
    for row in study.rows:
        kind = KINDS.get(row.kind)
        if row.is_contrast or kind not in POINTS or row.arm != arm or row.day != day:
            continue
        if row.scale and row.scale.id == scale and row.mean is not None and not row.mistakes:
            found.setdefault(kind, points(study, row, kind, scale, day))
    return found.get("change", found.get("mean"))


def _sizes(study: Study, row: Row) -> tuple[int, int] | None:
    first, second = (arm.n if (arm := study.arm(name)) else None for name in (row.arm, row.versus))
    return (first, second) if first and second else None
