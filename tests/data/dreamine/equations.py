"""Equations of dreamine: one compartment, a metabolite with another, and an effect that tolerance dulls."""

from __future__ import annotations

import sympy

from afterglow.model.compartments import OUT, Entry, Flow, compartments, concentration, per_day, turnover
from afterglow.model.medicine_equations import MedicineEquations
from afterglow.model.symbols import Layer, Quantity, State, hill, symbol

__all__ = ["EQUATIONS"]

_ENTRIES = {
    "oral": (Entry("dreamine_gut", sympy.S.One),),
    "sublingual": (Entry("dreamine_central", sympy.S.One),),
}


def _kinetics() -> Layer:
    flows = (
        Flow("dreamine_gut", "dreamine_central", per_day("dreamine_absorption")),
        Flow("dreamine_central", "nordreamine_central", turnover("dreamine_clearance", "dreamine_volume")),
        Flow("nordreamine_central", OUT, turnover("nordreamine_clearance", "nordreamine_volume")),
    )
    meanings = {
        "dreamine_gut": "Dreamine in the gut",
        "dreamine_central": "Dreamine in the body",
        "nordreamine_central": "Nordreamine in the body",
    }
    states, inputs = compartments(meanings, flows, _ENTRIES)
    return Layer(
        name="pharmacokinetics_dreamine",
        meaning="Concentration of dreamine and nordreamine",
        medicine="dreamine",
        linear=True,
        states=states,
        inputs=inputs,
        quantities=(
            concentration("dreamine", "dreamine_central", "dreamine_volume", "dreamine"),
            concentration("nordreamine", "nordreamine_central", "nordreamine_volume", "nordreamine"),
        ),
    )


def _engagement() -> Layer:
    level, tolerance = symbol("concentration_dreamine"), symbol("tolerance_dreamine")
    use = hill(level, symbol("felt_half_dreamine"), 2)
    return Layer(
        name="engagement_dreamine",
        meaning="What dreamine does",
        medicine="dreamine",
        states=(
            State(
                name="tolerance_dreamine",
                unit="fraction",
                meaning="Share of the effect that is lost after use",
                derivative=symbol("tolerance_rate_dreamine") * (10 * use * (1 - tolerance) - tolerance),
                vanishes=True,
            ),
        ),
        quantities=(
            Quantity(
                name="drive_dreamine",
                unit="fraction",
                meaning="Drive of dreamine on plasticity",
                expression=(1 - tolerance) * hill(level, symbol("drive_half_dreamine"), 2),
            ),
            Quantity(
                name="felt_dreamine",
                unit="fraction",
                meaning="Acute intensity on a 0-1 rating",
                expression=(1 - tolerance) * use,
            ),
        ),
    )


EQUATIONS = MedicineEquations(entries=_ENTRIES, kinetics=_kinetics(), engagement=_engagement())
