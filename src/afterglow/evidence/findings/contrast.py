"""The finding in what a study says of two of its arms."""

from __future__ import annotations

import math
from collections.abc import Callable

from afterglow.errors import ProtocolError
from afterglow.evidence.findings.finding import KINDS, POINTS, SHARED, Finding, Kind
from afterglow.evidence.findings.observation import Z95_BOTH_SIDES, finding_of, observation, points, standard_error
from afterglow.evidence.findings.place import day_of, own_scale, scale_of
from afterglow.evidence.studies.study import SIZES, Row, Study
from afterglow.scales.links import family_of
from afterglow.scales.others import other_scale

__all__ = ["contrast"]

_OWN = ("own_", "baseline")
"""Beginnings of a name that stands for the arm's own earlier score."""

_OF_SHARES: dict[str, Kind] = {
    "risk_difference": "share_difference",
    "odds_ratio": "log_odds_ratio",
    "risk_ratio": "log_risk_ratio",
}
_SURVIVAL = 0.999
"""Shares beyond it say nothing of a hazard."""


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
    read = _reader(row)
    for name in (row.arm, row.versus):
        if study.arm(name) is None:
            raise ProtocolError(f"the study lists no arm '{name}'")
    return read(study, row)


def _reader(row: Row) -> Callable[[Study, Row], Finding]:
    """Return what reads the size that a row gives.

    Raises
    ------
    ProtocolError
        If it gives none that can be read.
    """
    if row.mean_difference is not None:
        return _difference
    if row.effect_size is not None or "standardized_beta" in row.sizes:
        return _effect_size
    if "hazard_ratio" in row.sizes:
        return _by_hazard
    if any(size in row.sizes for size in _OF_SHARES):
        return _of_shares
    given = [name for key, name in SIZES.items() if key in row.sizes]
    raise ProtocolError(f"gives only {given[0]}" if given else "gives no size of the difference")


def _difference(study: Study, row: Row) -> Finding:
    value = row.mean_difference or 0.0
    if row.scale is None and other_scale(row.scale_word) == family_of(study.condition):
        return _without_a_unit(study, row, value)
    scale, day = scale_of(study, row, "difference"), day_of(study, row)
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


def _without_a_unit(study: Study, row: Row, value: float) -> Finding:
    """Turn a difference on a scale that is not modelled into an effect size, by its error and the sizes of the arms."""
    if row.effect_size is not None:
        return _effect_size(study, row)
    se, sizes = standard_error(row, row.ci95), _sizes(study, row)
    if se is None or sizes is None:
        raise ProtocolError(f"'{row.scale_word}' is read and not modelled, and no effect size follows")
    width = math.sqrt(1 / sizes[0] + 1 / sizes[1])
    size = value / se * width
    notes = [*row.remarks, f"effect size from {value:g} points, their standard error and the sizes of the arms"]
    more = {"versus": row.versus, "se": math.hypot(width, size / math.sqrt(2 * sum(sizes))), "n": sum(sizes)}
    return finding_of(study, row, own_scale(study), day_of(study, row), "effect_size", size, notes, **more)


def _effect_size(study: Study, row: Row) -> Finding:
    scale, day = scale_of(study, row, "effect_size"), day_of(study, row)
    notes, se, sizes = [*row.remarks], standard_error(row, row.effect_ci95, row.ci95), _sizes(study, row)
    beta = row.sizes.get("standardized_beta")
    if row.effect_size is None and isinstance(beta, float):
        value = beta
        notes.append("a standardised coefficient, taken as a difference in SDs")
    else:
        given = row.effect_size or 0.0
        value = math.copysign(given, _sign(study, row, scale, day))
        if value * given < 0:
            notes.append(f"sign turned from {given:g}, since negative is lower on the scale")
    if se is None and sizes:
        se = math.sqrt(1 / sizes[0] + 1 / sizes[1] + value**2 / (2 * sum(sizes)))
    n = row.n or (sum(sizes) if sizes else None)
    return finding_of(study, row, scale, day, "effect_size", value, notes, versus=row.versus, se=se, n=n)


def _of_shares(study: Study, row: Row) -> Finding:
    """Return a difference of shares, or the logarithm of their ratio."""
    key = next(size for size in _OF_SHARES if size in row.sizes)
    given, counts = row.sizes[key], _counted(row)
    if not isinstance(given, float):
        raise ProtocolError(f"gives {SIZES[key]} as a range")
    rows = [r for r in study.rows if r.kind == counts and r.scale and r.arm in (row.arm, row.versus)]
    scale = row.scale.id if row.scale else rows[0].scale.id if rows and rows[0].scale else scale_of(study, row, counts)
    if key == "risk_difference":
        unit = 100.0 if abs(given) > 1 else 1.0  # in percent
        value, se = given / unit, standard_error(row, row.ci95, unit=unit)
    else:
        value = math.log(given)
        se = None if row.ci95 is None or row.ci95[0] <= 0 else standard_error_of_log(row.ci95)
    notes, sizes = [*row.remarks, f"from {SIZES[key]} of {given:g}"], _sizes(study, row)
    among = row.among if counts == "relapse" else ""
    said = next((r.definition for r in rows if r.definition), row.definition)
    more = {"versus": row.versus, "se": se, "counts": counts, "threshold": said}
    n = row.n or (sum(sizes) if sizes else None)
    return finding_of(study, row, scale, day_of(study, row), _OF_SHARES[key], value, notes, n=n, among=among, **more)


def _counted(row: Row) -> str:
    """Say what the shares of a contrast count: its own kind, else the word in place of its scale.

    Raises
    ------
    ProtocolError
        If it does not say.
    """
    lost = "no_longer_meets_diagnosis" * ("diagnosis" in row.scale_word)
    for word in (row.kind, row.scale_word.strip().lower(), lost):
        if KINDS.get(word) in SHARED:
            return str(KINDS[word])
    what = f"'{row.scale_word}' is not modelled" if row.scale_word else "it does not say what is counted"
    given = next(name for key, name in SIZES.items() if key in row.sizes)
    raise ProtocolError(f"gives only {given}, and {what}")


def _by_hazard(study: Study, row: Row) -> Finding:
    """Turn a hazard ratio of relapse and one arm's share into the other arm's share on the same day.

    The share without relapse is that of the other arm to the power of the ratio.
    """
    ratio = row.sizes["hazard_ratio"]
    if not isinstance(ratio, float) or "relapse" not in f"{row.kind} {row.scale_word}".lower():
        raise ProtocolError("gives only a hazard ratio, and not of relapse")
    own, other = (_relapses(study, name) for name in (row.arm, row.versus))
    day = row.study_day
    if {f.day for f in own} & {f.day for f in other}:
        raise ProtocolError("the shares of both arms say what its hazard ratio says")
    for arm, curve, power in ((row.arm, other, ratio), (row.versus, own, 1 / ratio)):
        told = [f for f in curve if day is None or f.day == day] or ([] if row.day is not None else curve)
        if told:
            return _other_share(study, row, arm, told[-1], power)
    raise ProtocolError("gives only a hazard ratio, and neither arm's share on its day")


def _relapses(study: Study, arm: str) -> list[Finding]:
    """Return an arm's own shares of relapse, in order of time."""
    found = []
    for row in study.rows:
        if not row.is_contrast and row.arm == arm and row.kind == "relapse" and not row.mistakes:
            try:
                found.append(observation(study, row))
            except ProtocolError:
                continue
    return sorted((f for f in found if 1 - _SURVIVAL < f.value < _SURVIVAL), key=lambda f: f.day)


def _other_share(study: Study, row: Row, arm: str, known: Finding, power: float) -> Finding:
    without = math.log(1 - known.value)
    left = math.exp(without * power)
    errors = [] if known.se is None else [known.se / (1 - known.value) * power]
    if row.ci95 is not None and row.ci95[0] > 0:
        errors.append(without * power * standard_error_of_log(row.ci95))
    own = study.arm(arm)
    note = f"relapse by a hazard ratio of {row.sizes['hazard_ratio']:g} and {known.value:.3g} in arm '{known.arm}'"
    more = {
        "arm": arm,
        "se": left * math.hypot(*errors) if errors else None,
        "n": own.n if own else None,
        "verified": row.verified and known.verified,
        "among": known.among,
    }
    return finding_of(study, row, known.scale, known.day, "relapse", 1 - left, [*row.remarks, note], **more)


def standard_error_of_log(ends: tuple[float, float]) -> float:
    """Return the standard error of a ratio's logarithm, by its 95 % interval."""
    return (math.log(ends[1]) - math.log(ends[0])) / Z95_BOTH_SIDES


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
