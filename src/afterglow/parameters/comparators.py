"""Kinetics of the comparators that are felt: midazolam and niacin."""

from __future__ import annotations

from afterglow.parameters.parameter import Parameter

__all__ = ["COMPARATORS"]

COMPARATORS = (
    Parameter(
        name="midazolam_oral_fraction",
        value=0.44,
        unit="fraction",
        meaning="Part of an oral dose that reaches the circulation",
        between_subject_sd=0.3,
        prior_sd=0.2,
        scale="logit",
        source="allonen1981-midazolam",
        where="abstract: bioavailability 44 %; spread assumed",
        verified=True,
    ),
    Parameter(
        name="midazolam_absorption",
        value=3.0,
        unit="1/h",
        meaning="Rate constant of absorption by mouth",
        between_subject_sd=0.5,
        prior_sd=0.3,
        source="allonen1981-midazolam",
        where="abstract: absorption half-life 0.23 h (SD 0.37); spread assumed, less than that SD",
        verified=True,
    ),
    Parameter(
        name="midazolam_clearance",
        value=18.5,
        unit="L/h",
        meaning="Clearance",
        between_subject_sd=0.22,
        prior_sd=0.1,
        source="pecking2002-midazolam",
        where="abstract: 4.4 mL/min/kg (SD 1.0) intravenous, 18 men, at 70 kg",
        verified=True,
        weight_exponent=0.75,
    ),
    Parameter(
        name="midazolam_volume",
        value=77.0,
        unit="L",
        meaning="Volume of distribution",
        between_subject_sd=0.18,
        prior_sd=0.1,
        source="pecking2002-midazolam",
        where=(
            "abstract: 1.1 L/kg (SD 0.2) intravenous, 18 men, at 70 kg; one compartment, so the first "
            "minutes after a bolus are too low"
        ),
        verified=True,
        weight_exponent=1.0,
    ),
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
