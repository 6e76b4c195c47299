"""All that is special to racemic ketamine."""

from __future__ import annotations

from afterglow.medicines.ketamine.parameters import ENGAGEMENT, KINETICS, WINDOW
from afterglow.medicines.ketamine.words import WORDS
from afterglow.medicines.medicine import Analyte, DoseLimit, LargestDose, Medicine
from afterglow.medicines.usual_course import UsualCourse

__all__ = ["MEDICINE"]

MEDICINE = Medicine(
    id="ketamine",
    display_name="ketamine",
    order=10,
    kind="opens a window",
    colour="#0072B2",
    routes=("iv", "im", "intranasal", "sublingual", "oral", "oral_extended_release", "subcutaneous"),
    spellings=("racemic ketamine",),
    dose_limits={
        "iv": DoseLimit(
            studied=LargestDose(
                mg=70.0,
                mg_per_kg=1.0,
                source="zanos2018",
                note="levels at 1 to 2 mg/kg, known from anaesthesia; counted as far as people stayed awake",
            ),
            beyond=LargestDose(mg=70.0, mg_per_kg=1.0, source="fava2020", note="the largest of four doses compared"),
        ),
        "im": DoseLimit(
            studied=LargestDose(mg=35.0, mg_per_kg=0.5, source="grant1981", note="0.5 mg/kg, recalled"),
            beyond=LargestDose(mg=140.0, mg_per_kg=2.0, source="krupitsky2002-heroin", note="2 mg/kg"),
        ),
        "intranasal": DoseLimit(
            studied=LargestDose(mg=50.0, mg_per_kg=0.7, source="intranasal2022", note="10, 30 and 50 mg"),
            beyond=LargestDose(mg=50.0, mg_per_kg=0.7, source="lapidus2014", note="50 mg in depression"),
        ),
        "sublingual": DoseLimit(
            studied=LargestDose(mg=50.0, mg_per_kg=0.7, source="yanagihara2003", note="two tablets of 25 mg"),
            beyond=LargestDose(
                mg=450.0, mg_per_kg=450.0 / 70, source="hull2022-at-home", note="300 to 450 mg at home, 1,247 people"
            ),
        ),
        "oral": DoseLimit(
            studied=LargestDose(mg=50.0, mg_per_kg=0.7, source="yanagihara2003", note="two tablets of 25 mg"),
            beyond=LargestDose(
                mg=490.0, mg_per_kg=7.0, source="andrade2019", note="to 7 mg/kg in depression; fixed doses to 300 mg"
            ),
        ),
        "oral_extended_release": DoseLimit(
            studied=LargestDose(
                mg=240.0, mg_per_kg=240.0 / 70, source="glue2020", note="60, 120 and 240 mg, five times 12 h apart"
            ),
            day_total=2.0,
        ),
        "subcutaneous": DoseLimit(
            studied=LargestDose(mg=0.0, mg_per_kg=0.0, source="lenedelec2018", note="in rats only, as from the muscle"),
            beyond=LargestDose(mg=63.0, mg_per_kg=0.9, source="loo2023-kads", note="0.5 to 0.9 mg/kg in depression"),
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
    other_ways=(
        UsualCourse(
            label="Lozenge or tablet under the tongue",
            route="sublingual",
            low=25.0,
            step=25.0,
            dose=300.0,
            dosings=4,
            every_days=7.0,
            support_h=2.0,  # assumed
            source="hull2022-at-home",
        ),
        UsualCourse(
            label="Injection under the skin",
            unit="mg/kg",
            route="subcutaneous",
            low=0.1,
            step=0.05,
            dose=0.5,
            dosings=8,
            every_days=3.5,
            support_h=2.0,  # assumed
            source="loo2023-kads",
        ),
        UsualCourse(
            label="Injection into the muscle",
            unit="mg/kg",
            route="im",
            low=0.1,
            step=0.05,
            dose=2.0,
            support_h=2.0,  # assumed
            source="krupitsky2002-heroin",
        ),
        UsualCourse(
            label="Nasal spray",
            route="intranasal",
            low=10.0,
            step=10.0,
            dose=50.0,
            support_h=2.0,  # assumed
            source="lapidus2014",
        ),
        UsualCourse(
            label="By mouth",
            route="oral",
            unit="mg/kg",
            low=0.25,
            step=0.25,
            dose=2.0,
            dosings=12,
            every_days=3.5,
            support_h=2.0,  # assumed, as the number and spacing of doses
            source="andrade2019",
        ),
        UsualCourse(
            label="Extended-release tablet by mouth",
            route="oral_extended_release",
            low=30.0,
            step=30.0,
            dose=120.0,
            dosings=8,
            every_days=3.5,
            support_h=0.5,  # assumed, as the number and spacing of doses
            source="glue2020",
        ),
    ),
    words=WORDS,
)
