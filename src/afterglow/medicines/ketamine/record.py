"""All that is special to racemic ketamine."""

from __future__ import annotations

from afterglow.medicines.ketamine.parameters import ENGAGEMENT, KINETICS, WINDOW
from afterglow.medicines.ketamine.words import WORDS
from afterglow.medicines.medicine import Analyte, DoseLimit, Medicine
from afterglow.medicines.usual_course import UsualCourse

__all__ = ["MEDICINE"]

MEDICINE = Medicine(
    id="ketamine",
    display_name="ketamine",
    order=10,
    kind="opens a window",
    colour="#0072B2",
    routes=("iv", "im", "intranasal", "sublingual", "oral"),
    spellings=("racemic ketamine",),
    dose_limits={
        "iv": DoseLimit(
            mg=70.0,
            mg_per_kg=1.0,
            source="grabski2022-kare",
            note=(
                "0.8 mg/kg in 40 min is the largest in the evidence; 1 mg/kg, of antidepressant dose-finding, is "
                "recalled"
            ),
        ),
        "im": DoseLimit(mg=140.0, mg_per_kg=2.0, source="krupitsky2002-heroin", note="2 mg/kg"),
        "intranasal": DoseLimit(
            mg=50.0, mg_per_kg=0.7, source="yanagihara2003", note="25 mg was read; 50 mg in depression is recalled"
        ),
        "sublingual": DoseLimit(mg=50.0, mg_per_kg=0.7, source="rolan2014", note="25 mg was read; 50 mg is assumed"),
        "oral": DoseLimit(
            mg=50.0, mg_per_kg=0.7, source="hasan2021", note="40 mg and 0.5 mg/kg were read; 50 mg is assumed"
        ),
    },
    analytes=(Analyte(id="ketamine", name="ketamine"), Analyte(id="norketamine", name="norketamine")),
    terminal_h=(6.0, 24.0),
    kinetics=KINETICS,
    engagement=ENGAGEMENT,
    window=WINDOW,
    also_uses=("liver_flow_fall_per_year",),
    free=(
        "interneuron_half_ketamine",
        "signal_gain_ketamine",
    ),
    unseen=(
        "closing_days_ketamine",
        "opening_rate_ketamine",
    ),
    # no pooled rate was read for ketamine, which takes esketamine's
    dropout=("esketamine_active", "esketamine_control"),
    usual=UsualCourse(
        label="Ketamine, infusion",
        unit="mg/kg",
        route="iv",
        low=0.1,
        step=0.05,
        dose=0.5,
        dosings=6,
        every_days=3.5,
        infusion_h=2 / 3,
        support_h=1.5,  # infusion and recovery
        preparation_h=1.0,  # assumed
        integration_days=(1.0, 4.0, 8.0, 11.0, 15.0, 18.0, 25.0, 32.0),
        source="singh2016-frequency",
    ),
    words=WORDS,
)
