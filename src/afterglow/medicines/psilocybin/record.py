"""All that is special to psilocybin."""

from __future__ import annotations

from afterglow.medicines.dropout import DropoutRate
from afterglow.medicines.medicine import Analyte, DoseLimit, LargestDose, Medicine
from afterglow.medicines.psilocybin.parameters import ENGAGEMENT, KINETICS, WINDOW
from afterglow.medicines.psilocybin.words import WORDS
from afterglow.medicines.usual_course import UsualCourse

__all__ = ["MEDICINE"]

_CONTROL_ARMS = "hieronymus2025-control-arms"

MEDICINE = Medicine(
    id="psilocybin",
    display_name="psilocybin",
    order=30,
    kind="opens a window",
    colour="#CC79A7",
    routes=("oral", "iv"),
    spellings=("psilocybine",),
    dose_limits={
        "oral": DoseLimit(
            studied=LargestDose(mg=42.0, mg_per_kg=0.6, source="brown2017", note="0.6 mg/kg"),
        ),
        "iv": DoseLimit(
            studied=LargestDose(mg=1.0, mg_per_kg=1.0 / 70, source="hasler1997", note="1 mg"),
            beyond=LargestDose(mg=2.0, mg_per_kg=2.0 / 70, source="carhartharris2011-iv", note="2 mg, slowly, awake"),
        ),
    },
    analytes=(Analyte(id="psilocybin", name="psilocin"),),
    terminal_h=(3.0, 12.0),
    kinetics=KINETICS,
    engagement=ENGAGEMENT,
    window=WINDOW,
    also_uses=("relaxation",),
    free=(
        "excitation_half",
        "signal_gain_psilocybin",
    ),
    unseen=("opening_rate_psilocybin", "closing_days_psilocybin"),
    dropout_rates=(
        DropoutRate(id="psilocybin_active", fraction=0.05, by_day=42, source=_CONTROL_ARMS, verified=True),
        DropoutRate(id="psilocybin_control", fraction=0.11, by_day=42, source=_CONTROL_ARMS, verified=True),
    ),
    dropout=("psilocybin_active", "psilocybin_control"),
    usual=UsualCourse(
        label="Psilocybin, by mouth",
        unit="mg",
        route="oral",
        low=1.0,
        step=1.0,
        dose=25.0,
        dosings=1,
        every_days=21.0,
        support_h=7.0,
        preparation_h=2.0,
        integration_days=(1.0, 7.0, 14.0, 28.0),
        source="goodwin2022-comp001",
    ),
    words=WORDS,
)
