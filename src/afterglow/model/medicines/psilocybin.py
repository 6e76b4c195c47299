"""Equations of psilocybin."""

from __future__ import annotations

import sympy

from afterglow.model.compartments import OUT, Entry, Flow, compartments, concentration, exchange, per_day, turnover
from afterglow.model.medicine_equations import MedicineEquations
from afterglow.model.symbols import Layer, Quantity, State, hill, symbol

__all__ = ["EQUATIONS"]

_PSILOCIN_PER_PSILOCYBIN = sympy.Float(0.7186)

_ENTRIES = {
    "oral": (
        Entry("psilocin_depot", _PSILOCIN_PER_PSILOCYBIN * symbol("psilocin_oral_fraction"), lag_h="psilocin_lag_h"),
    ),
    "iv": (Entry("psilocin_central", _PSILOCIN_PER_PSILOCYBIN),),
}


def _kinetics() -> Layer:
    """Return the kinetics of psilocin, the active product that is measured after psilocybin.

    Psilocybin loses its phosphate before it reaches plasma, so a dose is counted as psilocin. Two
    compartments with linear elimination give the two-phase fall that is reported.
    """
    central, peripheral = (
        ("psilocin_central", "psilocin_central_volume"),
        ("psilocin_peripheral", "psilocin_peripheral_volume"),
    )
    flows = (
        Flow("psilocin_depot", "psilocin_central", per_day("psilocin_absorption")),
        *exchange("psilocin_flow", central, peripheral),
        Flow("psilocin_central", OUT, turnover("psilocin_clearance", "psilocin_central_volume")),
    )
    meanings = {
        "psilocin_depot": "Psilocin in the gut",
        "psilocin_central": "Psilocin in plasma and what is at once in balance with it",
        "psilocin_peripheral": "Psilocin in tissue",
    }
    states, inputs = compartments(meanings, flows, _ENTRIES)
    return Layer(
        name="pharmacokinetics_psilocybin",
        meaning="Concentration of psilocin after psilocybin",
        medicine="psilocybin",
        linear=True,
        states=states,
        inputs=inputs,
        quantities=(
            concentration("psilocybin", "psilocin_central", "psilocin_central_volume", "unconjugated psilocin"),
        ),
    )


def _serotonin_2a() -> Layer:
    """Occupancy of 5-HT2A by psilocin, tolerance by down-regulation, and the excitation that follows.

    Excitation goes on rising where the occupancy seen in PET levels off: 10 and 25 mg occupy nearly the same share of
    receptors and differ in what they do (goodwin2022-comp001).
    """
    level = symbol("concentration_psilocybin")
    occupancy, tolerance = symbol("occupancy_psilocybin"), symbol("tolerance_psilocybin")
    return Layer(
        name="engagement_psilocybin",
        meaning="5-HT2A occupancy by psilocin, excitation of pyramidal cells, tolerance",
        medicine="psilocybin",
        states=(
            State(
                name="tolerance_psilocybin",
                unit="fraction",
                meaning="Share of 5-HT2A receptors down-regulated after use",
                derivative=symbol("tolerance_rate") * occupancy * (1 - tolerance)
                - tolerance / symbol("tolerance_days"),
                vanishes=True,
            ),
        ),
        quantities=(
            Quantity(
                name="occupancy_psilocybin",
                unit="fraction",
                meaning="Neocortical 5-HT2A receptors occupied by psilocin",
                expression=symbol("occupancy_max") * level / (symbol("occupancy_half") + level),
            ),
            Quantity(
                name="drive_psilocybin",
                unit="fraction",
                meaning="Excitation of pyramidal cells and glutamate release",
                expression=(1 - tolerance) * hill(level, symbol("excitation_half"), 2),
            ),
            Quantity(
                name="felt_psilocybin",
                unit="fraction",
                meaning="Acute intensity on a 0-1 rating",
                expression=(1 - tolerance) * hill(level, symbol("felt_half_psilocybin"), 2),
            ),
        ),
    )


EQUATIONS = MedicineEquations(entries=_ENTRIES, kinetics=_kinetics(), engagement=_serotonin_2a())
