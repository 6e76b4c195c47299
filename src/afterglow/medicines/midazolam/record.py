"""All that is special to midazolam."""

from __future__ import annotations

from afterglow.medicines.medicine import Analyte, DoseLimit, LargestDose, Medicine
from afterglow.medicines.midazolam.parameters import ENGAGEMENT, KINETICS

__all__ = ["MEDICINE"]

MEDICINE = Medicine(
    id="midazolam",
    display_name="midazolam",
    order=60,
    kind="comparator, felt",
    colour="#E69F00",
    routes=("iv", "subcutaneous"),
    dose_limits={
        "iv": DoseLimit(
            studied=LargestDose(mg=7.0, mg_per_kg=0.1, source="pecking2002-midazolam", note="0.1 mg/kg"),
        ),
        "subcutaneous": DoseLimit(
            studied=LargestDose(mg=7.0, mg_per_kg=0.1, source="pecking2002-midazolam", note="0.1 mg/kg"),
        ),
    },
    analytes=(Analyte(id="midazolam", name="midazolam"),),
    terminal_h=(2.0, 12.0),
    kinetics=KINETICS,
    engagement=ENGAGEMENT,
)
