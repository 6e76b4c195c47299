"""All that is special to placebo."""

from __future__ import annotations

from afterglow.medicines.medicine import Medicine
from afterglow.medicines.usual_course import UsualCourse
from afterglow.medicines.words import BrainPhase, Words

__all__ = ["MEDICINE"]

MEDICINE = Medicine(
    id="placebo",
    display_name="placebo",
    order=50,
    kind="comparator, not felt",
    routes=("iv", "im", "intranasal", "sublingual", "oral", "oral_extended_release", "subcutaneous"),
    spellings=("placebo_saline", "saline", "sugar pill", "inactive placebo"),
    usual=UsualCourse(label="Placebo", unit="", route="oral", support_h=7.0),
    words=Words(
        brain=(
            BrainPhase(
                0.0,
                30.0,
                "A placebo opens no window. Hope and care can still lift the mood for a while.",
                ("zarate2006-trd",),
            ),
        ),
    ),
)
