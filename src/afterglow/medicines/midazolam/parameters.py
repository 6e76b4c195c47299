"""Constants of midazolam: kinetics, what is felt of it."""

from __future__ import annotations

from afterglow.parameter import Parameter

__all__ = ["ENGAGEMENT", "KINETICS"]

KINETICS = (
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
        name="midazolam_skin_fraction",
        value=0.96,
        unit="fraction",
        meaning="Part of a subcutaneous dose that reaches the circulation",
        between_subject_sd=0.3,
        prior_sd=0.4,
        scale="logit",
        source="pecking2002-midazolam",
        where="abstract: bioavailability 0.96 (SD 0.14), 18 men; spread assumed",
        verified=True,
    ),
    Parameter(
        name="midazolam_skin_absorption",
        value=6.8,
        unit="1/h",
        meaning="Rate constant of uptake from under the skin",
        between_subject_sd=0.4,
        prior_sd=0.3,
        source="pecking2002-midazolam",
        where="chosen here for a peak at 0.51 h (SD 0.18, abstract) in the one compartment; spread from that SD",
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
)

ENGAGEMENT = (
    Parameter(
        name="felt_half_midazolam",
        value=40.0,
        unit="ng/mL",
        meaning="Midazolam level of half the greatest acute intensity",
        between_subject_sd=0.3,
        prior_sd=0.5,
        where="assumed: a sedative infusion of 0.045 mg/kg must be clearly felt",
    ),
)
