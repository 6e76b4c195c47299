"""Designs of trials as statistics: when to look, what to ask of the evidence at each look, and how many people."""

from __future__ import annotations

from afterglow.trial.designs.assurance import (
    NormalPrior,
    assurance,
    assurance_after_look,
    assurance_over_draws,
    assurance_past_look,
)
from afterglow.trial.designs.boundaries import Boundaries, Look, boundaries
from afterglow.trial.designs.characteristics import (
    Characteristics,
    characteristics,
    conditional_power,
    predictive_power,
)
from afterglow.trial.designs.design import Design
from afterglow.trial.designs.estimates import adjusted_estimate, repeated_interval
from afterglow.trial.designs.reestimation import blinded_sd
from afterglow.trial.designs.scope import AnyDesign, read_design
from afterglow.trial.designs.selection import critical_value, selected_above
from afterglow.trial.designs.sizes import (
    Size,
    Wanted,
    detectable_difference,
    events_for_hazard_ratio,
    power_of_means,
    power_of_proportions,
    size_for_means,
    size_for_odds_ratio,
    size_for_proportions,
)
from afterglow.trial.designs.survival_sizes import Calendar, size_by_events, size_by_hazards

__all__ = [
    "AnyDesign",
    "Boundaries",
    "Calendar",
    "Characteristics",
    "Design",
    "Look",
    "NormalPrior",
    "Size",
    "Wanted",
    "adjusted_estimate",
    "assurance",
    "assurance_after_look",
    "assurance_over_draws",
    "assurance_past_look",
    "blinded_sd",
    "boundaries",
    "characteristics",
    "conditional_power",
    "critical_value",
    "detectable_difference",
    "events_for_hazard_ratio",
    "power_of_means",
    "power_of_proportions",
    "predictive_power",
    "read_design",
    "repeated_interval",
    "selected_above",
    "size_by_events",
    "size_by_hazards",
    "size_for_means",
    "size_for_odds_ratio",
    "size_for_proportions",
]
