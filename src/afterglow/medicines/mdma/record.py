"""All that is special to MDMA."""

from __future__ import annotations

from afterglow.medicines.dropout import DropoutRate
from afterglow.medicines.mdma.parameters import ENGAGEMENT, KINETICS, WINDOW
from afterglow.medicines.mdma.words import WORDS
from afterglow.medicines.medicine import Analyte, DoseLimit, LargestDose, Medicine
from afterglow.medicines.usual_course import Supplement, UsualCourse

__all__ = ["MEDICINE"]

_PHASE_3 = "mitchell2021-mapp1"

MEDICINE = Medicine(
    id="mdma",
    display_name="MDMA",
    order=40,
    kind="opens a window",
    colour="#D55E00",
    routes=("oral",),
    spellings=("midomafetamine",),
    dose_limits={
        "oral": DoseLimit(
            studied=LargestDose(
                mg=150.0,
                mg_per_kg=150.0 / 70,
                source="mas1999",
                note="150 mg at once; 125 mg and 62.5 mg on one day in mithoefer2011-pilot",
            ),
            day_total=187.5 / 150.0,
        ),
    },
    analytes=(
        Analyte(id="mdma", name="mdma", label="MDMA"),
        Analyte(id="mda", name="mda", label="MDA"),
        Analyte(id="hmma", name="hmma", label="HMMA"),
    ),
    terminal_h=(6.0, 24.0),
    kinetics=KINETICS,
    engagement=ENGAGEMENT,
    window=WINDOW,
    also_uses=("prosocial_rate", "reconsolidation_rate"),
    free=("release_half",),
    unseen=("signal_gain_mdma", "opening_rate_mdma", "closing_days_mdma"),
    condition="ptsd",
    dropout_rates=(
        DropoutRate(id="mdma_active", fraction=4 / 46, by_day=126, source=_PHASE_3, verified=False),
        DropoutRate(id="mdma_placebo", fraction=7 / 44, by_day=126, source=_PHASE_3, verified=False),
    ),
    dropout=("mdma_active", "mdma_placebo"),
    usual=UsualCourse(
        label="MDMA, by mouth with a half dose later",
        unit="mg",
        route="oral",
        low=20.0,
        step=5.0,
        dose=80.0,
        dosings=3,
        every_days=28.0,
        supplement=Supplement(hour=1.75, fraction=0.5, source=_PHASE_3),
        support_h=8.0,
        preparation_h=1.5,
        integration_days=(1.0, 7.0, 14.0, 29.0, 35.0, 42.0, 57.0, 63.0, 70.0),
        source=_PHASE_3,
    ),
    words=WORDS,
)
