"""What Afterglow is for, and what it is not."""

from __future__ import annotations

__all__ = ["CHECKED", "ONE_PERSON", "PURPOSE"]

PURPOSE = (
    "Afterglow is made for research, for teaching, and for planning together with a professional. "
    "It is not medical advice, it does not diagnose or prescribe, "
    "and a simulated cohort is not a forecast for one person: "
    "only a forecast from somebody's own scores is, for a professional beside that person. "
    "Several of the medicines it models are controlled substances, and they can do harm."
)

CHECKED = (
    "The checks know only the facts listed with their sources; "
    "the absence of a warning does not mean that something is safe."
)

ONE_PERSON = (
    "For a professional beside the person: what scores so far make likely, not what will happen. It knows nothing of "
    "the person but these scores, it cannot see a crisis coming, and suicidality is never forecast. It decides "
    "nothing: "
    "no treatment should begin, change or end on it alone."
)
"""What a forecast of one person is for, and its limits."""
