"""Constants of racemic ketamine: kinetics, what is felt of it, and the window it opens."""

from __future__ import annotations

from afterglow.parameter import Parameter

__all__ = ["ENGAGEMENT", "KINETICS", "WINDOW"]

KINETICS = (
    Parameter(
        name="ketamine_nasal_fraction",
        value=0.33,
        unit="fraction",
        meaning="Part of a nasal dose that the nose takes up",
        between_subject_sd=0.5,
        prior_sd=0.4,
        scale="logit",
        source="yanagihara2003",
        where=(
            "chosen here so that with the swallowed part the total is 45 %, row yana_F_nasal (3 people); spread assumed"
        ),
    ),
    Parameter(
        name="ketamine_nose_absorption",
        value=2.5,
        unit="1/h",
        meaning="Rate constant of uptake by the nose",
        between_subject_sd=0.566,
        prior_sd=0.3,
        source="perezruixo2021",
        where=(
            "row perezruixo_ka_nasal, taken over from esketamine (2.93 there, rounded down as the published "
            "solution was not a device)"
        ),
    ),
    Parameter(
        name="ketamine_sublingual_fraction",
        value=0.14,
        unit="fraction",
        meaning="Part of a sublingual dose that is taken up in the mouth",
        between_subject_sd=0.4,
        prior_sd=0.4,
        scale="logit",
        source="rolan2014",
        where=(
            "chosen here so that with the swallowed part the total is 29 %, rows rolan_F_sl and yana_F_sl; "
            "spread assumed"
        ),
    ),
    Parameter(
        name="ketamine_mouth_absorption",
        value=1.8,
        unit="1/h",
        meaning="Rate constant of uptake under the tongue",
        between_subject_sd=0.4,
        prior_sd=0.3,
        source="rolan2014",
        where="chosen here for row rolan_tmax_sl (range 0.25 to 1.0 h); spread assumed",
    ),
    Parameter(
        name="ketamine_muscle_fraction",
        value=0.93,
        unit="fraction",
        meaning="Part of an intramuscular dose that reaches the circulation",
        between_subject_sd=0.4,
        prior_sd=0.4,
        scale="logit",
        source="primidi-ketamine",
        where="row im_F, read on a secondary page; spread assumed",
        verified=True,
    ),
    Parameter(
        name="ketamine_muscle_absorption",
        value=3.5,
        unit="1/h",
        meaning="Rate constant of uptake from the muscle",
        between_subject_sd=0.4,
        prior_sd=0.3,
        source="grant1981",
        where=(
            "chosen here between rows im_tmax (22 min) and im_cmax_0p5 (243 ng/mL), both recalled, which one "
            "rate cannot give together; spread assumed"
        ),
    ),
    Parameter(
        name="ketamine_skin_fraction",
        value=0.93,
        unit="fraction",
        meaning="Part of a subcutaneous dose that reaches the circulation",
        between_subject_sd=0.4,
        prior_sd=0.6,
        scale="logit",
        source="lenedelec2018",
        where=(
            "taken over from the muscle: row lenedelec_sc, exposure in rats much the same by both ways; no study in "
            "people was found"
        ),
    ),
    Parameter(
        name="ketamine_skin_absorption",
        value=3.5,
        unit="1/h",
        meaning="Rate constant of uptake from under the skin",
        between_subject_sd=0.4,
        prior_sd=0.5,
        source="lenedelec2018",
        where="taken over from the muscle, as ketamine_skin_fraction",
    ),
    Parameter(
        name="ketamine_release_fraction",
        value=0.53,
        unit="fraction",
        meaning="Part of an extended-release tablet that is released and passes the gut wall unchanged",
        between_subject_sd=0.4,
        prior_sd=0.3,
        scale="logit",
        source="prketamine",
        where=(
            "chosen here between rows release_F_20, release_F_40 and release_F_80 (15 %) and rows release_cmax_40 and "
            "release_cmax_80; spread from their SD"
        ),
        verified=True,
    ),
    Parameter(
        name="ketamine_release_duration_h",
        value=5.8,
        unit="h",
        meaning="Time over which an extended-release tablet gives off its dose, at a constant rate",
        prior_sd=0.4,
        source="prketamine",
        where=(
            "chosen here for rows release_tmax_20 to release_tmax_80; other tablets took about 10 h (row "
            "glue_release), so the prior is wide"
        ),
        verified=True,
    ),
    Parameter(
        name="ketamine_gut_absorption",
        value=3.0,
        unit="1/h",
        meaning="Rate constant of absorption of what is swallowed",
        between_subject_sd=0.5,
        prior_sd=0.3,
        source="zanos2018",
        where=(
            "chosen here towards row cmax_oral_0p5, which stays unmet: its peak asks for twice the "
            "bioavailability of rows yana_F_oral, hasan_F_oralPR_S and hasan_F_oralPR_R; spread assumed"
        ),
    ),
    Parameter(
        name="ketamine_gut_lag_h",
        value=0.1,
        unit="h",
        meaning="Delay before what is swallowed begins to be absorbed",
        prior_sd=0.5,
        where="assumed: a few minutes",
    ),
    Parameter(
        name="ketamine_gut_fraction",
        value=0.64,
        unit="fraction",
        meaning="Part of what is swallowed that passes the gut wall unchanged",
        between_subject_sd=0.4,
        prior_sd=0.3,
        scale="logit",
        source="perezruixo2021",
        where=(
            "row perezruixo_F_gut, taken over from esketamine; spread from the SD of rows hasan_F_oralPR_S "
            "and hasan_F_oralPR_R"
        ),
    ),
    Parameter(
        name="ketamine_central_volume",
        value=42.87,
        unit="L",
        meaning="Central volume of distribution",
        between_subject_sd=0.27,
        prior_sd=0.2,
        source="kamp2020",
        where=(
            "fitted here to rows cmax_iv_0p5_40min, cmax_iv_0p3_bolus, cmax_iv_anaesthesia, kare_2h_0p8, "
            "yana_thalf_beta (window 2 to 8 h), hasan_thalf_S, hasan_thalf_R (window 8 to 24 h, assumed), "
            "kamp_cl, kamp_vd, hasan_vss_R and yana_F_oral, with compromise targets between studies "
            "(clearance 84 L/h, steady-state volume 305 L, oral bioavailability 0.18), weak priors on the "
            "volumes and flows, and assumed times of the bolus levels (10 and 2 min) and of kare_2h_0p8 (2 h "
            "after the end); spread as for esketamine, row perezruixo_Vc"
        ),
        weight_exponent=1.0,
    ),
    Parameter(
        name="ketamine_shallow_flow",
        value=427.6,
        unit="L/h",
        meaning="Flow between the central and the shallow compartment",
        prior_sd=0.3,
        source="kamp2020",
        where=(
            "fitted here to rows cmax_iv_0p5_40min, cmax_iv_0p3_bolus, cmax_iv_anaesthesia, kare_2h_0p8, "
            "yana_thalf_beta (window 2 to 8 h), hasan_thalf_S, hasan_thalf_R (window 8 to 24 h, assumed), "
            "kamp_cl, kamp_vd, hasan_vss_R and yana_F_oral, with compromise targets between studies "
            "(clearance 84 L/h, steady-state volume 305 L, oral bioavailability 0.18), weak priors on the "
            "volumes and flows, and assumed times of the bolus levels (10 and 2 min) and of kare_2h_0p8 (2 h "
            "after the end)"
        ),
        weight_exponent=0.75,
    ),
    Parameter(
        name="ketamine_shallow_volume",
        value=130.5,
        unit="L",
        meaning="Volume of the shallow compartment",
        between_subject_sd=0.466,
        prior_sd=0.3,
        source="kamp2020",
        where=(
            "fitted here to rows cmax_iv_0p5_40min, cmax_iv_0p3_bolus, cmax_iv_anaesthesia, kare_2h_0p8, "
            "yana_thalf_beta (window 2 to 8 h), hasan_thalf_S, hasan_thalf_R (window 8 to 24 h, assumed), "
            "kamp_cl, kamp_vd, hasan_vss_R and yana_F_oral, with compromise targets between studies "
            "(clearance 84 L/h, steady-state volume 305 L, oral bioavailability 0.18), weak priors on the "
            "volumes and flows, and assumed times of the bolus levels (10 and 2 min) and of kare_2h_0p8 (2 h "
            "after the end); spread as for esketamine, row perezruixo_Vp1"
        ),
        weight_exponent=1.0,
    ),
    Parameter(
        name="ketamine_deep_flow",
        value=21.81,
        unit="L/h",
        meaning="Flow between the central and the deep compartment",
        prior_sd=0.3,
        source="kamp2020",
        where=(
            "fitted here to rows cmax_iv_0p5_40min, cmax_iv_0p3_bolus, cmax_iv_anaesthesia, kare_2h_0p8, "
            "yana_thalf_beta (window 2 to 8 h), hasan_thalf_S, hasan_thalf_R (window 8 to 24 h, assumed), "
            "kamp_cl, kamp_vd, hasan_vss_R and yana_F_oral, with compromise targets between studies "
            "(clearance 84 L/h, steady-state volume 305 L, oral bioavailability 0.18), weak priors on the "
            "volumes and flows, and assumed times of the bolus levels (10 and 2 min) and of kare_2h_0p8 (2 h "
            "after the end)"
        ),
        weight_exponent=0.75,
    ),
    Parameter(
        name="ketamine_deep_volume",
        value=136.9,
        unit="L",
        meaning="Volume of the deep compartment",
        prior_sd=0.3,
        source="kamp2020",
        where=(
            "fitted here to rows cmax_iv_0p5_40min, cmax_iv_0p3_bolus, cmax_iv_anaesthesia, kare_2h_0p8, "
            "yana_thalf_beta (window 2 to 8 h), hasan_thalf_S, hasan_thalf_R (window 8 to 24 h, assumed), "
            "kamp_cl, kamp_vd, hasan_vss_R and yana_F_oral, with compromise targets between studies "
            "(clearance 84 L/h, steady-state volume 305 L, oral bioavailability 0.18), weak priors on the "
            "volumes and flows, and assumed times of the bolus levels (10 and 2 min) and of kare_2h_0p8 (2 h "
            "after the end)"
        ),
        weight_exponent=1.0,
    ),
    Parameter(
        name="ketamine_liver_flow",
        value=120.3,
        unit="L/h",
        meaning="Flow of drug between plasma and liver",
        between_subject_sd=0.229,
        prior_sd=0.1,
        source="kamp2020",
        where=(
            "fitted here to rows cmax_iv_0p5_40min, cmax_iv_0p3_bolus, cmax_iv_anaesthesia, kare_2h_0p8, "
            "yana_thalf_beta (window 2 to 8 h), hasan_thalf_S, hasan_thalf_R (window 8 to 24 h, assumed), "
            "kamp_cl, kamp_vd, hasan_vss_R and yana_F_oral, with compromise targets between studies "
            "(clearance 84 L/h, steady-state volume 305 L, oral bioavailability 0.18), weak priors on the "
            "volumes and flows, and assumed times of the bolus levels (10 and 2 min) and of kare_2h_0p8 (2 h "
            "after the end); spread as for esketamine, row perezruixo_Qh"
        ),
        weight_exponent=0.75,
    ),
    Parameter(
        name="ketamine_liver_volume",
        value=27.7,
        unit="L",
        meaning="Volume of the liver and its portal blood",
        between_subject_sd=0.336,
        prior_sd=0.3,
        source="kamp2020",
        where=(
            "fitted here to rows cmax_iv_0p5_40min, cmax_iv_0p3_bolus, cmax_iv_anaesthesia, kare_2h_0p8, "
            "yana_thalf_beta (window 2 to 8 h), hasan_thalf_S, hasan_thalf_R (window 8 to 24 h, assumed), "
            "kamp_cl, kamp_vd, hasan_vss_R and yana_F_oral, with compromise targets between studies "
            "(clearance 84 L/h, steady-state volume 305 L, oral bioavailability 0.18), weak priors on the "
            "volumes and flows, and assumed times of the bolus levels (10 and 2 min) and of kare_2h_0p8 (2 h "
            "after the end); spread as for esketamine, row perezruixo_Vh"
        ),
        weight_exponent=1.0,
    ),
    Parameter(
        name="ketamine_liver_loss",
        value=3.17,
        unit="1/h",
        meaning="Rate constant of removal by the liver other than to norketamine",
        between_subject_sd=0.944,
        prior_sd=0.3,
        source="kamp2020",
        where=(
            "fitted here to rows cmax_iv_0p5_40min, cmax_iv_0p3_bolus, cmax_iv_anaesthesia, kare_2h_0p8, "
            "yana_thalf_beta (window 2 to 8 h), hasan_thalf_S, hasan_thalf_R (window 8 to 24 h, assumed), "
            "kamp_cl, kamp_vd, hasan_vss_R and yana_F_oral, with compromise targets between studies "
            "(clearance 84 L/h, steady-state volume 305 L, oral bioavailability 0.18), weak priors on the "
            "volumes and flows, and assumed times of the bolus levels (10 and 2 min) and of kare_2h_0p8 (2 h "
            "after the end); share of the two pathways as for esketamine (rows perezruixo_kel and "
            "perezruixo_kmet); spread as for esketamine, row perezruixo_kel"
        ),
        weight_exponent=-0.25,
    ),
    Parameter(
        name="ketamine_liver_conversion",
        value=7.92,
        unit="1/h",
        meaning="Rate constant of conversion to norketamine in the liver",
        between_subject_sd=0.294,
        prior_sd=0.3,
        source="kamp2020",
        where=(
            "fitted here to rows cmax_iv_0p5_40min, cmax_iv_0p3_bolus, cmax_iv_anaesthesia, kare_2h_0p8, "
            "yana_thalf_beta (window 2 to 8 h), hasan_thalf_S, hasan_thalf_R (window 8 to 24 h, assumed), "
            "kamp_cl, kamp_vd, hasan_vss_R and yana_F_oral, with compromise targets between studies "
            "(clearance 84 L/h, steady-state volume 305 L, oral bioavailability 0.18), weak priors on the "
            "volumes and flows, and assumed times of the bolus levels (10 and 2 min) and of kare_2h_0p8 (2 h "
            "after the end); share of the two pathways as for esketamine (rows perezruixo_kel and "
            "perezruixo_kmet); spread assumed"
        ),
        weight_exponent=-0.25,
    ),
    Parameter(
        name="norketamine_clearance",
        value=38.0,
        unit="L/h",
        meaning="Apparent clearance of norketamine",
        between_subject_sd=0.25,
        prior_sd=0.3,
        source="perezruixo2021",
        where="row perezruixo_nor_CL, taken over from noresketamine; no racemic row",
        weight_exponent=0.75,
    ),
    Parameter(
        name="norketamine_central_volume",
        value=70.0,
        unit="L",
        meaning="Apparent central volume of norketamine",
        between_subject_sd=0.309,
        prior_sd=0.3,
        source="perezruixo2021",
        where="row perezruixo_nor_Vc, taken over from noresketamine; no racemic row",
        weight_exponent=1.0,
    ),
    Parameter(
        name="norketamine_flow",
        value=26.1,
        unit="L/h",
        meaning="Apparent flow between the compartments of norketamine",
        prior_sd=0.3,
        source="perezruixo2021",
        where="row perezruixo_nor_Q, taken over from noresketamine; no racemic row",
        weight_exponent=0.75,
    ),
    Parameter(
        name="norketamine_peripheral_volume",
        value=115.0,
        unit="L",
        meaning="Apparent peripheral volume of norketamine",
        prior_sd=0.3,
        source="perezruixo2021",
        where="row perezruixo_nor_Vp, taken over from noresketamine; no racemic row",
        weight_exponent=1.0,
    ),
)

ENGAGEMENT = (
    Parameter(
        name="norketamine_potency",
        value=0.035,
        unit="ratio",
        meaning="Potency of norketamine relative to its parent in plasma",
        prior_sd=0.5,
        source="medluna-ketamine-ki",
        where=(
            "Ki_S-norketamine 1.7 uM against S-ketamine 0.3 uM (row ki_S_norketamine), over a brain-to- "
            "plasma ratio 4 to 6 times lower (row brain_plasma_nor_vs_esk)"
        ),
        verified=True,
    ),
    Parameter(
        name="interneuron_half_ketamine",
        value=100.0,
        unit="ng/mL",
        meaning="Level at which half the interneuron receptors are blocked",
        between_subject_sd=0.3,
        prior_sd=0.4,
        where=("assumed: near the racemic Ki of 0.5 uM (row ki_RS_ketamine, about 126 ng/mL), lower for interneurons"),
    ),
    Parameter(
        name="pyramidal_half_ketamine",
        value=600.0,
        unit="ng/mL",
        meaning="Level at which half the pyramidal receptors are blocked",
        between_subject_sd=0.3,
        prior_sd=0.4,
        where=(
            "assumed: puts the peak of the surge between antidepressant and anaesthetic levels (rows "
            "moghaddam_*, cmax_iv_anaesthesia)"
        ),
    ),
    Parameter(
        name="felt_half_ketamine",
        value=150.0,
        unit="ng/mL",
        meaning="Level of half the greatest acute intensity",
        between_subject_sd=0.3,
        prior_sd=0.25,
        source="bowdle1998",
        where="row bowdle_linear: effects rise over 50 to 200 ng/mL; half placed inside",
    ),
)

WINDOW = (
    Parameter(
        name="opening_rate_ketamine",
        value=150.0,
        unit="1/day",
        meaning="Speed at which the drive of ketamine opens the window",
        between_subject_sd=0.2,
        prior_sd=0.7,
        where="assumed: a usual dose opens it nearly fully within hours",
    ),
    Parameter(
        name="closing_days_ketamine",
        value=2.0,
        unit="days",
        meaning="Days from full opening by ketamine to half",
        between_subject_sd=0.25,
        prior_sd=0.4,
        source="nardou2023",
        where="row nardou_ketamine: mouse, social reward learning; the human value is unknown",
        verified=True,
    ),
    Parameter(
        name="signal_gain_ketamine",
        value=14.0,
        unit="ratio",
        meaning="Plasticity signal per drive of ketamine",
        between_subject_sd=0.3,
        prior_sd=1.2,
        where=(
            "assumed: sized so that a usual dose grows spines by the order seen in mice (rows "
            "shao_spine_density, phoum_duration)"
        ),
    ),
)
