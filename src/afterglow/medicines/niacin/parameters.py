"""Constants of niacin: kinetics, what is felt of it."""

from __future__ import annotations

from afterglow.parameter import Parameter

__all__ = ["ENGAGEMENT", "KINETICS"]

KINETICS = (
    Parameter(
        name="niacin_absorption",
        value=1.6,
        unit="1/h",
        meaning="Rate constant of absorption by mouth",
        between_subject_sd=0.4,
        prior_sd=0.4,
        source="niacin-page",
        where=(
            "chosen here with niacin_clearance for a peak at 30 to 60 min after immediate-release niacin; "
            "spread assumed"
        ),
    ),
    Parameter(
        name="niacin_clearance",
        value=24.0,
        unit="L/h",
        meaning="Apparent clearance; first pass saturates, so it holds near 1 g and is higher at low doses",
        between_subject_sd=0.4,
        prior_sd=0.4,
        source="niacin-page",
        where=(
            "half-life 20 to 48 min, 35 min between; sized with the volume; spread assumed, exposure is highly variable"
        ),
        weight_exponent=0.75,
    ),
    Parameter(
        name="niacin_volume",
        value=20.0,
        unit="L",
        meaning="Apparent volume of distribution",
        between_subject_sd=0.3,
        prior_sd=0.4,
        source="niacin-page",
        where="chosen here for a peak of 15 to 30 ug/mL after 1 g; spread assumed",
        weight_exponent=1.0,
    ),
)

ENGAGEMENT = (
    Parameter(
        name="felt_half_niacin",
        value=4000.0,
        unit="ng/mL",
        meaning="Niacin level of half the greatest acute intensity",
        between_subject_sd=0.4,
        prior_sd=0.5,
        where="assumed: a flush that is felt but seldom mistaken for psilocybin",
    ),
)
