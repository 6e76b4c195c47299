"""Equations of MDMA."""

from __future__ import annotations

import sympy

from afterglow.model.compartments import OUT, Entry, Flow, compartments, concentration, per_day, turnover
from afterglow.model.medicine_equations import MedicineEquations
from afterglow.model.symbols import Layer, Quantity, State, hill, symbol

__all__ = ["EQUATIONS"]

_MDA_PER_MDMA = sympy.Float(0.9274)
_HMMA_PER_MDMA = sympy.Float(1.0104)

_ENTRIES = {
    "oral": (Entry("mdma_gut", sympy.S.One, lag_h="mdma_lag_h", duration_h="mdma_release_duration_h"),),
}


def _kinetics() -> Layer:
    """Return the kinetics of MDMA, MDA and HMMA, with the CYP2D6 that MDMA itself inactivates.

    Clearance has a part through CYP2D6, scaled by the covariate ``cyp2d6_activity``, and a rest that is
    fixed. Volumes and clearances are apparent, after oral dosing.
    """
    loss, level = symbol("cyp2d6_loss"), symbol("concentration_mdma")
    by_cyp2d6 = turnover("mdma_cyp2d6_clearance", "mdma_central_volume") * symbol("cyp2d6_activity") * (1 - loss)
    rest = turnover("mdma_other_clearance", "mdma_central_volume")
    as_mda = symbol("mda_fraction")
    flows = (
        Flow("mdma_gut", "mdma_central", per_day("mdma_absorption")),
        Flow("mdma_central", "mda_central", as_mda * (by_cyp2d6 + rest), _MDA_PER_MDMA),
        Flow("mdma_central", "hmma_central", (1 - as_mda) * by_cyp2d6, _HMMA_PER_MDMA),
        Flow("mdma_central", OUT, (1 - as_mda) * rest),
        Flow("mda_central", OUT, turnover("mda_clearance", "mda_volume")),
        Flow("hmma_central", OUT, turnover("hmma_clearance", "hmma_volume")),
    )
    meanings = {
        "mdma_gut": "MDMA in the gut",
        "mdma_central": "MDMA in the body",
        "mda_central": "MDA in the body",
        "hmma_central": "HMMA in the body, with its conjugates",
    }
    states, inputs = compartments(meanings, flows, _ENTRIES)
    inactivated = State(
        name="cyp2d6_loss",
        unit="fraction",
        meaning="Share of CYP2D6 that MDMA has inactivated",
        derivative=per_day("cyp2d6_inactivation") * level / (symbol("cyp2d6_inactivation_half") + level) * (1 - loss)
        - per_day("cyp2d6_renewal") * loss,
        vanishes=True,
    )
    return Layer(
        name="pharmacokinetics_mdma",
        meaning="Concentration of MDMA, MDA and HMMA, and the loss of CYP2D6",
        medicine="mdma",
        states=(*states, inactivated),
        inputs=inputs,
        quantities=(
            concentration("mdma", "mdma_central", "mdma_central_volume", "MDMA"),
            concentration("mda", "mda_central", "mda_volume", "MDA"),
            concentration("hmma", "hmma_central", "hmma_volume", "HMMA"),
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
                relaxes=True,
            ),
        ),
        quantities=(
            Quantity(
                name="release_pull",
                unit="fraction",
                meaning="How strongly MDMA pulls transmitters out of their stores",
                expression=hill(level, symbol("release_half"), 4),
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


EQUATIONS = MedicineEquations(entries=_ENTRIES, kinetics=_kinetics(), engagement=_release())
