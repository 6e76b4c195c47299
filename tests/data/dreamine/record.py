"""All that is special to dreamine, an invented medicine."""

from __future__ import annotations

from afterglow.medicines.dreamine.parameters import ENGAGEMENT, KINETICS, WINDOW

from afterglow.medicines.medicine import Analyte, DoseLimit, LargestDose, Medicine
from afterglow.medicines.usual_course import UsualCourse
from afterglow.medicines.words import Cited, Words

__all__ = ["MEDICINE"]

MEDICINE = Medicine(
    id="dreamine",
    display_name="DreaMine",
    order=45,
    kind="opens a window",
    colour="#3d7a1f",
    routes=("oral", "sublingual"),
    spellings=("dream tea",),
    dose_limits={
        "oral": DoseLimit(studied=LargestDose(mg=60.0, mg_per_kg=0.8, source="brown2017", note="invented")),
        "sublingual": DoseLimit(studied=LargestDose(mg=30.0, mg_per_kg=0.4, source="brown2017", note="invented")),
    },
    analytes=(Analyte(id="dreamine", name="dreamine"), Analyte(id="nordreamine", name="nordreamine")),
    terminal_h=(4.0, 16.0),
    kinetics=KINETICS,
    engagement=ENGAGEMENT,
    window=WINDOW,
    free=("signal_gain_dreamine",),
    usual=UsualCourse(
        label="DreaMine, by mouth",
        route="oral",
        low=5.0,
        step=5.0,
        dose=40.0,
        support_h=6.0,
        integration_days=(1.0, 8.0),
    ),
    words=Words(supported=Cited("Nobody has ever been given it.")),
)
