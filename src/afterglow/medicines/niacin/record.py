"""All that is special to niacin."""

from __future__ import annotations

from afterglow.medicines.medicine import Analyte, DoseLimit, LargestDose, Medicine
from afterglow.medicines.niacin.parameters import ENGAGEMENT, KINETICS

__all__ = ["MEDICINE"]

MEDICINE = Medicine(
    id="niacin",
    display_name="niacin",
    order=70,
    kind="comparator, felt",
    colour="#F0E442",
    routes=("oral",),
    dose_limits={
        "oral": DoseLimit(
            studied=LargestDose(mg=250.0, mg_per_kg=250.0 / 70, source="ross2016-cancer", note="250 mg"),
        ),
    },
    analytes=(Analyte(id="niacin", name="niacin"),),
    terminal_h=(1.0, 4.0),
    kinetics=KINETICS,
    engagement=ENGAGEMENT,
)
