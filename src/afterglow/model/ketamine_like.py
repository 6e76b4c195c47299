"""What racemic ketamine and esketamine share: one structure of kinetics, and block of NMDA receptors."""

from __future__ import annotations

from collections.abc import Mapping

import sympy

from afterglow.model.compartments import (
    OUT,
    Entry,
    Flow,
    compartments,
    concentration,
    exchange,
    per_day,
    turnover,
)
from afterglow.model.symbols import Layer, Quantity, hill, symbol

__all__ = ["ketamine_like_kinetics", "nmda_block", "past_the_gut"]


def past_the_gut(medicine: str, share: sympy.Expr) -> sympy.Expr:
    """Part of the dose that reaches the liver when `share` of it is swallowed."""
    return share * symbol(f"{medicine}_gut_fraction")


def ketamine_like_kinetics(
    medicine: str, depots: Mapping[str, tuple[str, str]], entries: Mapping[str, tuple[Entry, ...]]
) -> Layer:
    """Return the kinetics of racemic ketamine or of esketamine, each with its own constants.

    Three compartments and a liver that is well stirred: what is swallowed meets it first, and it alone
    removes the drug, in part as the nor-metabolite, which has two compartments.

    Parameters
    ----------
    medicine : {"ketamine", "esketamine"}
    depots : mapping of str to tuple of str
        Where a dose waits: ending of the depot's name -> (the compartment it drains into, where it lies).
    entries : mapping of str to tuple of Entry

    References
    ----------
    perezruixo2021 (structure)
    """
    m, nor = medicine, f"nor{medicine}"
    central = (f"{m}_central", f"{m}_central_volume")
    liver = (f"{m}_liver", f"{m}_liver_volume")
    age = 1 - symbol("liver_flow_fall_per_year") * symbol("years_over_60")
    to_liver, from_liver = exchange(f"{m}_liver_flow", central, liver)
    flows = (
        *(Flow(f"{m}_{d}", f"{m}_{to}", per_day(f"{m}_{d}_absorption")) for d, (to, _) in depots.items()),
        *exchange(f"{m}_shallow_flow", central, (f"{m}_shallow", f"{m}_shallow_volume")),
        *exchange(f"{m}_deep_flow", central, (f"{m}_deep", f"{m}_deep_volume")),
        Flow(to_liver.source, to_liver.target, to_liver.rate * age),
        Flow(from_liver.source, from_liver.target, from_liver.rate * age),
        Flow(f"{m}_liver", OUT, per_day(f"{m}_liver_loss")),
        Flow(f"{m}_liver", f"{nor}_central", per_day(f"{m}_liver_conversion")),
        *exchange(
            f"{nor}_flow",
            (f"{nor}_central", f"{nor}_central_volume"),
            (f"{nor}_peripheral", f"{nor}_peripheral_volume"),
        ),
        Flow(f"{nor}_central", OUT, turnover(f"{nor}_clearance", f"{nor}_central_volume")),
    )
    meanings = {
        **{f"{m}_{d}": f"{m.capitalize()} {where}" for d, (_, where) in depots.items()},
        f"{m}_liver": f"{m.capitalize()} in the liver and its portal blood",
        f"{m}_central": f"{m.capitalize()} in plasma and what is at once in balance with it",
        f"{m}_shallow": f"{m.capitalize()} in tissue that fills fast",
        f"{m}_deep": f"{m.capitalize()} in tissue that fills slowly",
        f"{nor}_central": f"{nor.capitalize()} in plasma and what is in balance with it",
        f"{nor}_peripheral": f"{nor.capitalize()} in tissue",
    }
    states, inputs = compartments(meanings, flows, entries)
    return Layer(
        name=f"pharmacokinetics_{m}",
        meaning=f"Concentration of {m} and {nor}",
        medicine=m,
        linear=True,
        states=states,
        inputs=inputs,
        quantities=(
            concentration(m, f"{m}_central", f"{m}_central_volume", m),
            concentration(nor, f"{nor}_central", f"{nor}_central_volume", nor),
        ),
    )


def nmda_block(medicine: str) -> Layer:
    """Block of NMDA receptors, first on interneurons: glutamate surges at low dose and falls at high dose."""
    block = symbol(f"nmda_block_{medicine}")
    level = symbol(f"concentration_{medicine}") + symbol("norketamine_potency") * symbol(f"concentration_nor{medicine}")
    interneurons = hill(block, symbol(f"interneuron_half_{medicine}"), 2)
    pyramidal = hill(block, symbol(f"pyramidal_half_{medicine}"), 2)
    return Layer(
        name=f"engagement_{medicine}",
        meaning=f"NMDA block by {medicine} and the glutamate surge it sets free",
        medicine=medicine,
        quantities=(
            Quantity(
                name=f"nmda_block_{medicine}",
                unit="ng/mL",
                meaning=f"Level of {medicine} with its nor-metabolite counted by potency",
                expression=level,
            ),
            Quantity(
                name=f"drive_{medicine}",
                unit="fraction",
                meaning="Glutamate surge: interneurons blocked while pyramidal cells are still free",
                expression=interneurons * (1 - pyramidal),
            ),
            Quantity(
                name=f"felt_{medicine}",
                unit="fraction",
                meaning="Acute intensity, dissociation above all",
                expression=hill(block, symbol(f"felt_half_{medicine}"), 2),
            ),
        ),
    )
