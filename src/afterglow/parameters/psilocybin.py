"""Kinetics of psilocin after psilocybin."""

from __future__ import annotations

from afterglow.parameters.parameter import Parameter

__all__ = ["PSILOCYBIN"]

PSILOCYBIN = (
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
