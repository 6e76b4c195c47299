"""Constants of the plasticity signal and the synapses; those of a window stand with the medicine that opens it."""

from __future__ import annotations

from afterglow.parameter import Parameter

__all__ = ["PLASTICITY"]

PLASTICITY = (
    Parameter(
        name="plasticity_switch",
        value=1.0,
        unit="fraction",
        meaning="1 in the full model; 0 under the rival without plasticity",
        prior_sd=0.001,
        scale="linear",
        where="a switch, not a constant of nature",
    ),
    Parameter(
        name="signal_rate",
        value=1.0,
        unit="1/day",
        meaning="Rate at which the plasticity signal rises and fades",
        between_subject_sd=0.2,
        prior_sd=0.7,
        source="modasava2019",
        where="rows moda_sava_timing, li2010_proteins: growth at 12 to 24 h, proteins raised to 72 h (recalled)",
    ),
    Parameter(
        name="form_rate",
        value=1.0,
        unit="1/day",
        meaning="Spine formation per signal",
        between_subject_sd=0.5,
        prior_sd=0.4,
        where="assumed: with the gains it gives new spines over 12 to 24 h (row moda_sava_timing)",
    ),
    Parameter(
        name="labile_days",
        value=5.0,
        unit="days",
        meaning="Time constant at which unused new spines fade",
        between_subject_sd=0.25,
        prior_sd=0.3,
        source="phoumthipphavong2016",
        where="row phoum_duration: density raised for 14 days after one ketamine dose; three time constants",
        verified=True,
    ),
    Parameter(
        name="stable_days",
        value=90.0,
        unit="days",
        meaning="Time constant at which used spines fade",
        between_subject_sd=0.25,
        prior_sd=0.4,
        source="shao2021",
        where="row shao_time: still there a month later; slower decay assumed beyond",
        verified=True,
    ),
    Parameter(
        name="use_rate",
        value=0.35,
        unit="1/day",
        meaning="Rate at which activity of the new pattern keeps spines",
        between_subject_sd=0.25,
        prior_sd=0.5,
        where="assumed: no measurement of use-dependent survival in people",
    ),
    Parameter(
        name="consolidation_rate",
        value=0.05,
        unit="1/day",
        meaning="Rate at which the fully open window keeps new spines without their being used",
        between_subject_sd=0.25,
        prior_sd=1.0,
        where="assumed: spines grown by psilocybin last for a month, those by ketamine for two weeks (row shao_time)",
    ),
    Parameter(
        name="spine_use_per_hour",
        value=0.12,
        unit="1/h",
        meaning="Share of labile spines an hour of session keeps",
        prior_sd=0.5,
        where="assumed",
    ),
)
