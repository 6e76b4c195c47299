"""Constants of psilocybin, counted as psilocin: kinetics, what is felt of it, and the window it opens."""

from __future__ import annotations

from afterglow.parameter import Parameter

__all__ = ["ENGAGEMENT", "KINETICS", "WINDOW"]

KINETICS = (
    Parameter(
        name="psilocin_oral_fraction",
        value=0.527,
        unit="fraction",
        meaning="Part of an oral dose that reaches the circulation as psilocin",
        between_subject_sd=0.4,
        prior_sd=0.4,
        scale="logit",
        source="hasler1997",
        where="row abs_bioavailability (SD 0.20, n = 3); spread assumed, less than the SD of three people",
        verified=True,
    ),
    Parameter(
        name="psilocin_lag_h",
        value=0.3,
        unit="h",
        meaning="Delay before absorption begins",
        prior_sd=0.3,
        where=(
            "assumed: no lag is published (row lag_time); onset of effect at 20 to 40 min (row onset_peak_duration)"
        ),
    ),
    Parameter(
        name="psilocin_absorption",
        value=0.6093,
        unit="1/h",
        meaning="Rate constant of absorption",
        between_subject_sd=0.35,
        prior_sd=0.2,
        source="holze2023",
        where=(
            "fitted here to rows holze_cmax_15mg, holze_cmax_25mg, holze_cmax_30mg, holze_tmax, "
            "holze_half_life_15mg, holze_half_life_25mg, holze_half_life_30mg, becker_half_life_25mg "
            "(terminal window 3 to 9 h), dahmane_cmax_25mg, dahmane_half_life and brown_half_life (window 8 "
            "to 24 h); both windows assumed; no weight effect, rows brown_weight_on_cl and holze_weight; "
            "spread derived from the intervals of the three doses, row derived_between_subject_sd_log"
        ),
    ),
    Parameter(
        name="psilocin_clearance",
        value=112.3,
        unit="L/h",
        meaning="Clearance of psilocin",
        between_subject_sd=0.2,
        prior_sd=0.2,
        source="holze2023",
        where=(
            "fitted here to rows holze_cmax_15mg, holze_cmax_25mg, holze_cmax_30mg, holze_tmax, "
            "holze_half_life_15mg, holze_half_life_25mg, holze_half_life_30mg, becker_half_life_25mg "
            "(terminal window 3 to 9 h), dahmane_cmax_25mg, dahmane_half_life and brown_half_life (window 8 "
            "to 24 h); both windows assumed; no weight effect, rows brown_weight_on_cl and holze_weight; "
            "times row abs_bioavailability; spread derived, row derived_between_subject_sd_log"
        ),
    ),
    Parameter(
        name="psilocin_central_volume",
        value=201.8,
        unit="L",
        meaning="Central volume of distribution",
        between_subject_sd=0.2,
        prior_sd=0.2,
        source="holze2023",
        where=(
            "fitted here to rows holze_cmax_15mg, holze_cmax_25mg, holze_cmax_30mg, holze_tmax, "
            "holze_half_life_15mg, holze_half_life_25mg, holze_half_life_30mg, becker_half_life_25mg "
            "(terminal window 3 to 9 h), dahmane_cmax_25mg, dahmane_half_life and brown_half_life (window 8 "
            "to 24 h); both windows assumed; no weight effect, rows brown_weight_on_cl and holze_weight; "
            "times row abs_bioavailability; spread derived, row derived_between_subject_sd_log"
        ),
    ),
    Parameter(
        name="psilocin_flow",
        value=5.748,
        unit="L/h",
        meaning="Flow between the central and the peripheral compartment",
        prior_sd=0.4,
        source="holze2023",
        where=(
            "fitted here to rows holze_cmax_15mg, holze_cmax_25mg, holze_cmax_30mg, holze_tmax, "
            "holze_half_life_15mg, holze_half_life_25mg, holze_half_life_30mg, becker_half_life_25mg "
            "(terminal window 3 to 9 h), dahmane_cmax_25mg, dahmane_half_life and brown_half_life (window 8 "
            "to 24 h); both windows assumed; no weight effect, rows brown_weight_on_cl and holze_weight"
        ),
    ),
    Parameter(
        name="psilocin_peripheral_volume",
        value=106.5,
        unit="L",
        meaning="Volume of the peripheral compartment",
        between_subject_sd=0.2,
        prior_sd=0.4,
        source="holze2023",
        where=(
            "fitted here to rows holze_cmax_15mg, holze_cmax_25mg, holze_cmax_30mg, holze_tmax, "
            "holze_half_life_15mg, holze_half_life_25mg, holze_half_life_30mg, becker_half_life_25mg "
            "(terminal window 3 to 9 h), dahmane_cmax_25mg, dahmane_half_life and brown_half_life (window 8 "
            "to 24 h); both windows assumed; no weight effect, rows brown_weight_on_cl and holze_weight; "
            "spread assumed"
        ),
    ),
)

ENGAGEMENT = (
    Parameter(
        name="occupancy_max",
        value=0.766,
        unit="fraction",
        meaning="Greatest 5-HT2A occupancy by psilocin",
        prior_sd=0.1,
        scale="logit",
        source="madsen2019",
        where="row occupancy_emax (recalled); highest observed 0.72 (row occupancy_max_observed, read)",
    ),
    Parameter(
        name="occupancy_half",
        value=1.97,
        unit="ng/mL",
        meaning="Psilocin level at half the greatest occupancy",
        between_subject_sd=0.2,
        prior_sd=0.25,
        source="madsen2019",
        where="row occupancy_ec50 (recalled), interval 1.16 to 3.15",
    ),
    Parameter(
        name="excitation_half",
        value=8.5,
        unit="ng/mL",
        meaning="Psilocin level at half the greatest excitation",
        between_subject_sd=0.2,
        prior_sd=0.6,
        where="assumed: near the level of half the greatest intensity; 1 mg must excite little (behaviour 8)",
    ),
    Parameter(
        name="felt_half_psilocybin",
        value=8.5,
        unit="ng/mL",
        meaning="Psilocin level of half the greatest acute intensity",
        between_subject_sd=0.4,
        prior_sd=0.2,
        source="holze2023",
        where="fitted here to ratings 58, 73 and 80 % at 15, 25 and 30 mg (rows peak_any_effect_*)",
        verified=True,
    ),
    Parameter(
        name="tolerance_rate",
        value=2.5,
        unit="1/day",
        meaning="Rate of receptor down-regulation at full occupancy",
        between_subject_sd=0.2,
        prior_sd=0.4,
        source="raval2021",
        where="row pig_receptor_density_day1: 15 to 50 % fewer receptors a day after a dose of some 8 h",
        verified=True,
    ),
    Parameter(
        name="tolerance_days",
        value=2.5,
        unit="days",
        meaning="Time constant of recovery from tolerance",
        between_subject_sd=0.2,
        prior_sd=0.3,
        source="buchborn2016",
        where="row tolerance_recovery_lsd: reset by 5 days; two time constants",
        verified=True,
    ),
)

WINDOW = (
    Parameter(
        name="opening_rate_psilocybin",
        value=40.0,
        unit="1/day",
        meaning="Speed at which the drive of psilocybin opens the window",
        between_subject_sd=0.2,
        prior_sd=0.7,
        where="assumed: a usual dose opens it nearly fully within hours",
    ),
    Parameter(
        name="closing_days_psilocybin",
        value=14.0,
        unit="days",
        meaning="Days from full opening by psilocybin to half",
        between_subject_sd=0.25,
        prior_sd=0.4,
        source="nardou2023",
        where="row critical_period_open_days: mouse, social reward learning; the human value is unknown",
        verified=True,
    ),
    Parameter(
        name="signal_gain_psilocybin",
        value=3.0,
        unit="ratio",
        meaning="Plasticity signal per drive of psilocybin",
        between_subject_sd=0.3,
        prior_sd=1.2,
        where=(
            "assumed: sized so that a usual dose grows spines by the order seen in mice (rows "
            "shao_spine_density, phoum_duration)"
        ),
    ),
)
