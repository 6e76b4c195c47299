"""Kinetics of MDMA, of MDA and HMMA, and of the CYP2D6 that MDMA inactivates."""

from __future__ import annotations

from afterglow.parameters.parameter import Parameter

__all__ = ["MDMA"]

MDMA = (
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
