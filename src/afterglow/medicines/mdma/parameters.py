"""Constants of MDMA: kinetics, what is felt of it, and the window it opens."""

from __future__ import annotations

from afterglow.parameter import Parameter

__all__ = ["ENGAGEMENT", "KINETICS", "WINDOW"]

KINETICS = (
    Parameter(
        name="mdma_lag_h",
        value=0.322,
        unit="h",
        meaning="Delay before release in the gut",
        prior_sd=0.1,
        source="huestis2025",
        where="row huestis_lag, machine reading of the paper's Table 2",
        verified=True,
    ),
    Parameter(
        name="mdma_release_duration_h",
        value=0.304,
        unit="h",
        meaning="Time over which a capsule is released",
        prior_sd=0.3,
        source="huestis2025",
        where="row huestis_d1, machine reading of the paper's Table 2",
        verified=True,
    ),
    Parameter(
        name="mdma_absorption",
        value=1.17,
        unit="1/h",
        meaning="Rate constant of absorption",
        between_subject_sd=0.4,
        prior_sd=0.1,
        source="huestis2025",
        where="row huestis_ka, machine reading of the paper's Table 2; spread assumed",
        verified=True,
    ),
    Parameter(
        name="mdma_central_volume",
        value=379.3,
        unit="L",
        meaning="Apparent volume of distribution",
        between_subject_sd=0.22,
        prior_sd=0.05,
        source="mas1999",
        where=(
            "fitted here to rows cmax_75mg, cmax_125mg, half_life_75mg, half_life_125mg, cmax_1.0mgkg, "
            "repeat_dose_24h_auc_increase, tmax_75mg, tmax_125mg, repeat_dose_24h_cmax_increase and "
            "paroxetine_pk, with the recalled rows cmax_100mg, auc_75mg, auc_100mg and auc_125mg at a lower "
            "weight; terminal window 6 to 24 h assumed; lies between rows huestis_v_f (462 L) and "
            "huestis_study_effect_v (340 L); spread from the SD of row cmax_1.0mgkg; exponent row "
            "huestis_weight_exponent_v"
        ),
        weight_exponent=0.885,
    ),
    Parameter(
        name="mdma_cyp2d6_clearance",
        value=66.37,
        unit="L/h",
        meaning="Apparent clearance through CYP2D6 while none is inactivated",
        between_subject_sd=0.3,
        prior_sd=0.2,
        source="farre2004",
        where=(
            "fitted here to rows cmax_75mg, cmax_125mg, half_life_75mg, half_life_125mg, cmax_1.0mgkg, "
            "repeat_dose_24h_auc_increase, tmax_75mg, tmax_125mg, repeat_dose_24h_cmax_increase and "
            "paroxetine_pk, with the recalled rows cmax_100mg, auc_75mg, auc_100mg and auc_125mg at a lower "
            "weight; terminal window 6 to 24 h assumed; spread from the SD of rows auc_75mg and auc_100mg; "
            "exponent row huestis_weight_exponent_cl"
        ),
        weight_exponent=1.03,
    ),
    Parameter(
        name="mdma_other_clearance",
        value=15.73,
        unit="L/h",
        meaning="Apparent clearance by the kidney and the other enzymes",
        between_subject_sd=0.25,
        prior_sd=0.15,
        source="mas1999",
        where=(
            "fitted here to rows cmax_75mg, cmax_125mg, half_life_75mg, half_life_125mg, cmax_1.0mgkg, "
            "repeat_dose_24h_auc_increase, tmax_75mg, tmax_125mg, repeat_dose_24h_cmax_increase and "
            "paroxetine_pk, with the recalled rows cmax_100mg, auc_75mg, auc_100mg and auc_125mg at a lower "
            "weight; terminal window 6 to 24 h assumed; with the rest of CYP2D6 it lies between rows "
            "huestis_cl_f (41.5 L/h) and huestis_study_effect_cl (26.6 L/h); spread from the SD of rows "
            "auc_75mg and auc_100mg; exponent row huestis_weight_exponent_cl"
        ),
        weight_exponent=1.03,
    ),
    Parameter(
        name="cyp2d6_inactivation",
        value=0.2034,
        unit="1/h",
        meaning="Highest rate at which MDMA inactivates CYP2D6",
        between_subject_sd=0.2,
        prior_sd=0.4,
        source="farre2004",
        where=(
            "fitted here to rows cmax_75mg, cmax_125mg, half_life_75mg, half_life_125mg, cmax_1.0mgkg, "
            "repeat_dose_24h_auc_increase, tmax_75mg, tmax_125mg, repeat_dose_24h_cmax_increase and "
            "paroxetine_pk, with the recalled rows cmax_100mg, auc_75mg, auc_100mg and auc_125mg at a lower "
            "weight; terminal window 6 to 24 h assumed; spread assumed"
        ),
    ),
    Parameter(
        name="cyp2d6_inactivation_half",
        value=55.27,
        unit="ng/mL",
        meaning="Level of MDMA at half that rate",
        prior_sd=0.5,
        source="farre2004",
        where=(
            "fitted here to rows cmax_75mg, cmax_125mg, half_life_75mg, half_life_125mg, cmax_1.0mgkg, "
            "repeat_dose_24h_auc_increase, tmax_75mg, tmax_125mg, repeat_dose_24h_cmax_increase and "
            "paroxetine_pk, with the recalled rows cmax_100mg, auc_75mg, auc_100mg and auc_125mg at a lower "
            "weight; terminal window 6 to 24 h assumed"
        ),
    ),
    Parameter(
        name="cyp2d6_renewal",
        value=0.0173,
        unit="1/h",
        meaning="Rate constant at which CYP2D6 is made anew",
        between_subject_sd=0.15,
        prior_sd=0.15,
        source="omathuna2008",
        where=(
            "row cyp2d6_mbi_in_vivo (recalled): half-life of recovery 36.6 h in men and 46.6 h in women, 40 "
            "h between; row nonlinear_alternative; spread assumed"
        ),
    ),
    Parameter(
        name="mda_fraction",
        value=0.1,
        unit="fraction",
        meaning="Part of the MDMA cleared that becomes MDA",
        between_subject_sd=0.2,
        prior_sd=0.1,
        scale="logit",
        source="huestis2025",
        where=("row huestis_fmet_mda; rows mda_fraction_of_dose_in_plasma say 8 to 9 % of the dose; spread assumed"),
        verified=True,
    ),
    Parameter(
        name="mda_clearance",
        value=27.0,
        unit="L/h",
        meaning="Apparent clearance of MDA",
        between_subject_sd=0.25,
        prior_sd=0.1,
        source="baggott2019",
        where="dose over area of row mda_given_alone: 98 mg (70 kg) over 3636 ng h/mL; spread from its SD",
        weight_exponent=0.75,
    ),
    Parameter(
        name="mda_volume",
        value=350.0,
        unit="L",
        meaning="Apparent volume of MDA",
        between_subject_sd=0.17,
        prior_sd=0.15,
        source="baggott2019",
        where=(
            "fitted here to the peak of row mda_given_alone (229 ng/mL after 98 mg) with the absorption of "
            "MDMA; spread from its SD"
        ),
        weight_exponent=1.0,
    ),
    Parameter(
        name="hmma_clearance",
        value=8.18,
        unit="L/h",
        meaning="Apparent clearance of HMMA",
        between_subject_sd=0.3,
        prior_sd=0.3,
        source="kolbrich2008",
        where="assumed: half-life near 11 h, no row; sized with the volume",
        weight_exponent=0.75,
    ),
    Parameter(
        name="hmma_volume",
        value=131.0,
        unit="L",
        meaning="Apparent volume of HMMA, with its conjugates",
        between_subject_sd=0.3,
        prior_sd=0.3,
        source="kolbrich2008",
        where="fitted here to row cmax_hmma_1.0mgkg (171.9, SD 79.5 ng/mL); spread from its SD",
        weight_exponent=1.0,
    ),
)

ENGAGEMENT = (
    Parameter(
        name="release_half",
        value=120.0,
        unit="ng/mL",
        meaning="MDMA level at half the greatest release",
        between_subject_sd=0.25,
        prior_sd=0.3,
        source="kirkpatrick2014",
        where="rows oxytocin_0.75mgkg (none) and oxytocin_peak_1.5mgkg (fourfold) bracket it",
        verified=True,
    ),
    Parameter(
        name="ssri_block",
        value=0.7,
        unit="fraction",
        meaning="Share of serotonin release an SSRI prevents",
        prior_sd=0.5,
        scale="logit",
        source="liechti2000",
        where="row serotonin_share_of_effect: 60 to 80 % (recalled)",
    ),
    Parameter(
        name="serotonin_spend_rate",
        value=9.0,
        unit="1/day",
        meaning="Rate at which full release empties serotonin stores",
        between_subject_sd=0.2,
        prior_sd=0.3,
        source="baggott2019",
        where="row effects_resolved_time: over by 6 h while the half-life is about 8 h",
        verified=True,
    ),
    Parameter(
        name="serotonin_refill_days",
        value=0.5,
        unit="days",
        meaning="Time constant of refilling serotonin stores",
        between_subject_sd=0.2,
        prior_sd=0.4,
        source="farre2004",
        where="row second_dose_24h_effects: a dose a day later is felt about as much",
        verified=True,
    ),
    Parameter(
        name="catecholamine_spend_rate",
        value=6.0,
        unit="1/day",
        meaning="Rate at which full release empties catecholamine stores",
        between_subject_sd=0.2,
        prior_sd=0.4,
        where=("assumed: a little slower than serotonin, release is largest for 5-HT (row human_transporter_rank)"),
    ),
    Parameter(
        name="catecholamine_refill_days",
        value=0.4,
        unit="days",
        meaning="Time constant of refilling catecholamine stores",
        between_subject_sd=0.2,
        prior_sd=0.4,
        where="assumed: as serotonin",
    ),
    Parameter(
        name="oxytocin_rate",
        value=24.0,
        unit="1/day",
        meaning="Rate at which oxytocin follows serotonin",
        prior_sd=0.4,
        source="kirkpatrick2014",
        where="row oxytocin_peak_1.5mgkg: peak at 1.5 to 2 h",
        verified=True,
    ),
    Parameter(
        name="oxytocin_half",
        value=0.35,
        unit="fraction",
        meaning="Serotonin release at half the greatest rise of oxytocin",
        between_subject_sd=0.15,
        prior_sd=0.3,
        source="kirkpatrick2014",
        where="threshold-like: none at 0.75 mg/kg, fourfold at 1.5 mg/kg",
        verified=True,
    ),
    Parameter(
        name="serotonin_share",
        value=0.7,
        unit="fraction",
        meaning="Share of what is felt of MDMA that serotonin carries",
        prior_sd=0.4,
        scale="logit",
        source="liechti2000",
        where="row serotonin_share_of_effect: 60 to 80 % (recalled)",
    ),
)

WINDOW = (
    Parameter(
        name="opening_rate_mdma",
        value=40.0,
        unit="1/day",
        meaning="Speed at which the drive of mdma opens the window",
        between_subject_sd=0.2,
        prior_sd=0.7,
        where="assumed: a usual dose opens it nearly fully within hours",
    ),
    Parameter(
        name="closing_days_mdma",
        value=14.0,
        unit="days",
        meaning="Days from full opening by mdma to half",
        between_subject_sd=0.25,
        prior_sd=0.4,
        source="nardou2023",
        where=("row critical_period_open_days_mdma: mouse, social reward learning; the human value is unknown"),
        verified=True,
    ),
    Parameter(
        name="signal_gain_mdma",
        value=0.7,
        unit="ratio",
        meaning="Plasticity signal per drive of mdma",
        between_subject_sd=0.3,
        prior_sd=0.5,
        where=(
            "assumed: sized so that a usual dose grows spines by the order seen in mice (rows "
            "shao_spine_density, phoum_duration)"
        ),
    ),
)
