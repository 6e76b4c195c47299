"""How fast a condition eases by itself, and which scale its severity is measured on."""

from __future__ import annotations

from afterglow.parameter import Parameter

__all__ = ["EASING", "easing"]


def _easing(condition: str, days: float, source: str, where: str, *, verified: bool = False) -> Parameter:
    return Parameter(
        name=f"easing_days_{condition}",
        value=days,
        unit="days",
        meaning=f"Time constant at which the old pattern eases by itself in {condition.replace('_', ' ')}",
        between_subject_sd=1.0,
        prior_sd=0.4,
        source=source,
        where=where,
        verified=verified,
    )


EASING = {
    "major_depression": _easing(
        "major_depression",
        900.0,
        "whiteford2013-untreated-depression",
        "half remit within a year untreated",
        verified=True,
    ),
    "treatment_resistant_depression": _easing(
        "treatment_resistant_depression", 3000.0, "", "assumed: resistant depression seldom eases by itself"
    ),
    "ptsd": _easing(
        "ptsd", 2000.0, "morina2014-untreated-ptsd", "under half remit within some 40 months untreated", verified=True
    ),
    "other": _easing("other", 1500.0, "", "assumed: between major depression and PTSD"),
}


def easing(condition: str) -> str:
    """Return the name of the easing of `condition`, or of the assumed one where none was found."""
    return EASING.get(condition, EASING["other"]).name
