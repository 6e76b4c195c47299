"""Layer 2: what the drug does at its targets, hour by hour: receptors, release, and what is felt."""

from __future__ import annotations

import sympy

from afterglow.model.symbols import Layer, Quantity, State, hill, symbol

__all__ = ["FELT_MEDICINES", "engagement", "felt"]

FELT_MEDICINES = ("ketamine", "esketamine", "psilocybin", "mdma", "midazolam", "niacin")


def _nmda_block(medicine: str) -> Layer:
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


def _serotonin_2a() -> Layer:
    """Occupancy of 5-HT2A by psilocin, the excitation that follows, and tolerance by down-regulation."""
    level = symbol("concentration_psilocybin")
    occupancy, tolerance = symbol("occupancy_psilocybin"), symbol("tolerance_psilocybin")
    occupied = occupancy * (1 - tolerance)
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
                expression=hill(occupied, symbol("excitation_half"), 4),
            ),
            Quantity(
                name="felt_psilocybin",
                unit="fraction",
                meaning="Acute intensity on a 0-1 rating",
                expression=(1 - tolerance) * hill(level, symbol("felt_half_psilocybin"), 2),
            ),
        ),
    )


def _release() -> Layer:
    """MDMA empties finite stores of serotonin and catecholamines: the effect fades before the level does."""
    level = symbol("concentration_mdma")
    serotonin_spent, catecholamine_spent = symbol("serotonin_spent"), symbol("catecholamine_spent")
    pull, serotonin = symbol("release_pull"), symbol("serotonin_release")
    catecholamine, oxytocin = symbol("catecholamine_release"), symbol("oxytocin")
    blocked = 1 - symbol("ssri_block") * symbol("ssri")
    return Layer(
        name="engagement_mdma",
        meaning="Release of serotonin and catecholamines by MDMA from finite stores, and oxytocin",
        medicine="mdma",
        states=(
            State(
                name="serotonin_spent",
                unit="fraction",
                meaning="Share of the releasable serotonin that is used up",
                derivative=symbol("serotonin_spend_rate") * pull * blocked * (1 - serotonin_spent)
                - serotonin_spent / symbol("serotonin_refill_days"),
                vanishes=True,
            ),
            State(
                name="catecholamine_spent",
                unit="fraction",
                meaning="Share of the releasable dopamine and noradrenaline that is used up",
                derivative=symbol("catecholamine_spend_rate") * pull * (1 - catecholamine_spent)
                - catecholamine_spent / symbol("catecholamine_refill_days"),
                vanishes=True,
            ),
            State(
                name="oxytocin",
                unit="fraction",
                meaning="Oxytocin above its resting level, relative to a full dose of MDMA",
                derivative=symbol("oxytocin_rate") * (hill(serotonin, symbol("oxytocin_half"), 4) - oxytocin),
                vanishes=True,
            ),
        ),
        quantities=(
            Quantity(
                name="release_pull",
                unit="fraction",
                meaning="How strongly MDMA pulls transmitters out of their stores",
                expression=hill(level, symbol("release_half"), 2),
            ),
            Quantity(
                name="serotonin_release",
                unit="fraction",
                meaning="Serotonin released, blunted by an SSRI",
                expression=pull * blocked * (1 - serotonin_spent),
            ),
            Quantity(
                name="catecholamine_release",
                unit="fraction",
                meaning="Dopamine and noradrenaline released",
                expression=pull * (1 - catecholamine_spent),
            ),
            Quantity(
                name="drive_mdma",
                unit="fraction",
                meaning="Drive of MDMA on plasticity, through serotonin",
                expression=serotonin,
            ),
            Quantity(
                name="felt_mdma",
                unit="fraction",
                meaning="Acute intensity on a 0-1 rating",
                expression=symbol("serotonin_share") * serotonin + (1 - symbol("serotonin_share")) * catecholamine,
            ),
            Quantity(
                name="safety",
                unit="fraction",
                meaning="Felt safety in which painful memory can be revisited",
                expression=(serotonin + oxytocin) / 2,
            ),
        ),
    )


def _felt_comparator(medicine: str) -> Layer:
    """Return a comparator that is felt, and so blinds, but opens nothing."""
    return Layer(
        name=f"engagement_{medicine}",
        meaning=f"What is felt of {medicine}",
        medicine=medicine,
        quantities=(
            Quantity(
                name=f"felt_{medicine}",
                unit="fraction",
                meaning=f"Acute intensity of {medicine}",
                expression=hill(symbol(f"concentration_{medicine}"), symbol(f"felt_half_{medicine}"), 2),
            ),
        ),
    )


def felt() -> Layer:
    """Return what is felt of all medicines together."""
    return Layer(
        name="felt",
        meaning="Acute intensity, all medicines together",
        quantities=(
            Quantity(
                name="felt",
                unit="fraction",
                meaning="Acute intensity of everything taken",
                expression=1 - sympy.prod([1 - symbol(f"felt_{m}") for m in FELT_MEDICINES]),
            ),
        ),
    )


def engagement() -> tuple[Layer, ...]:
    """Return the engagement layer of every medicine."""
    return (
        _nmda_block("ketamine"),
        _nmda_block("esketamine"),
        _serotonin_2a(),
        _release(),
        _felt_comparator("midazolam"),
        _felt_comparator("niacin"),
    )
