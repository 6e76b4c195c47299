"""All that is special to midazolam."""

from __future__ import annotations

from afterglow.medicines.medicine import Analyte, DoseLimit, Medicine
from afterglow.medicines.midazolam.parameters import ENGAGEMENT, KINETICS

__all__ = ["MEDICINE"]

MEDICINE = Medicine(
    id="midazolam",
    display_name="midazolam",
    order=60,
    kind="comparator, felt",
    colour="#E69F00",
    routes=("iv",),
    dose_limits={
        "iv": DoseLimit(
            mg=5.0, mg_per_kg=0.045, source="murrough2013-midazolam", note="0.045 mg/kg was read; 5 mg is assumed"
        ),
    },
    analytes=(Analyte(id="midazolam", name="midazolam"),),
    terminal_h=(2.0, 12.0),
    kinetics=KINETICS,
    engagement=ENGAGEMENT,
)
