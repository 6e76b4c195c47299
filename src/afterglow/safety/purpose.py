"""What Afterglow is for, and what it is not."""

from __future__ import annotations

__all__ = ["CHECKED", "PURPOSE"]

PURPOSE = (
    "Afterglow is made for research, for teaching, and for planning together with a professional. "
    "It is not medical advice, it does not diagnose or prescribe, "
    "and a simulated cohort is not a forecast for one person. "
    "Several of the medicines it models are controlled substances, and they can do harm."
)

CHECKED = (
    "The checks know only the facts listed with their sources; "
    "the absence of a warning does not mean that something is safe."
)
