"""All that is special to esketamine."""

from __future__ import annotations

from afterglow.medicines.dropout import DropoutRate
from afterglow.medicines.esketamine.parameters import ENGAGEMENT, KINETICS, WINDOW
from afterglow.medicines.esketamine.words import WORDS
from afterglow.medicines.medicine import Analyte, DoseLimit, LargestDose, Medicine
from afterglow.medicines.usual_course import UsualCourse

__all__ = ["MEDICINE"]

_CONTROL_ARMS = "hieronymus2025-control-arms"

MEDICINE = Medicine(
    id="esketamine",
    display_name="esketamine",
    order=20,
    kind="opens a window",
    colour="#56B4E9",
    routes=("intranasal", "iv", "subcutaneous"),
    spellings=("s-ketamine", "(s)-ketamine", "spravato"),
    dose_limits={
        "intranasal": DoseLimit(
            studied=LargestDose(mg=84.0, mg_per_kg=1.2, source="perezruixo2021", note="84 mg"),
        ),
        "iv": DoseLimit(
            studied=LargestDose(
                mg=28.0, mg_per_kg=0.4, source="perezruixo2021", note="pooled with iv data; 0.4 mg/kg is recalled"
            ),
        ),
        "subcutaneous": DoseLimit(
            studied=LargestDose(mg=0.0, mg_per_kg=0.0, source="lenedelec2018", note="in rats only, racemic ketamine"),
            beyond=LargestDose(mg=70.0, mg_per_kg=1.0, source="cavenaghi2021", note="0.5 to 1 mg/kg in depression"),
        ),
    },
    analytes=(Analyte(id="esketamine", name="esketamine"), Analyte(id="noresketamine", name="noresketamine")),
    terminal_h=(8.0, 24.0),
    kinetics=KINETICS,
    engagement=ENGAGEMENT,
    window=WINDOW,
    also_uses=("norketamine_potency",),
    free=("signal_gain_esketamine",),
    unseen=("closing_days_esketamine",),
    dropout_rates=(
        DropoutRate(id="esketamine_active", fraction=0.12, by_day=28, source=_CONTROL_ARMS, verified=True),
        DropoutRate(id="esketamine_control", fraction=0.08, by_day=28, source=_CONTROL_ARMS, verified=True),
    ),
    dropout=("esketamine_active", "esketamine_control"),
    usual=UsualCourse(
        label="Esketamine, nasal spray",
        unit="mg",
        route="intranasal",
        low=14.0,
        step=14.0,
        dose=84.0,
        dosings=8,
        every_days=3.5,
        support_h=2.0,  # two hours of observation
        preparation_h=1.0,  # assumed, as ketamine
        integration_days=(1.0, 4.0, 8.0, 11.0, 15.0, 18.0, 25.0, 32.0),
        source="popova2019-transform2; blackboxrx-spravato",
    ),
    other_ways=(
        UsualCourse(
            label="Injection under the skin",
            unit="mg/kg",
            route="subcutaneous",
            low=0.1,
            step=0.05,
            dose=0.5,
            dosings=6,
            every_days=7.0,
            support_h=2.0,  # assumed
            source="cavenaghi2021",
        ),
    ),
    words=WORDS,
)
