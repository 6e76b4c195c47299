"""Equations of racemic ketamine."""

from __future__ import annotations

import sympy

from afterglow.model.compartments import Entry
from afterglow.model.ketamine_like import ketamine_like_kinetics, nmda_block, past_the_gut
from afterglow.model.medicine_equations import MedicineEquations
from afterglow.model.symbols import symbol

__all__ = ["EQUATIONS"]

_DEPOTS = {
    "nose": ("central", "taken up by the nose"),
    "mouth": ("central", "taken up under the tongue"),
    "muscle": ("central", "in the muscle"),
    "skin": ("central", "under the skin"),
    "gut": ("liver", "swallowed, on its way to the liver"),
}


def _swallowed(share: sympy.Expr) -> Entry:
    return Entry("ketamine_gut", past_the_gut("ketamine", share), lag_h="ketamine_gut_lag_h")


def _local(route: str, depot: str) -> tuple[Entry, Entry]:
    """Dose through a mucous membrane: part is taken up there, the rest is swallowed."""
    share = symbol(f"ketamine_{route}_fraction")
    return Entry(depot, share), _swallowed(1 - share)


_ENTRIES = {
    "iv": (Entry("ketamine_central", sympy.S.One),),
    "im": (Entry("ketamine_muscle", symbol("ketamine_muscle_fraction")),),
    "intranasal": _local("nasal", "ketamine_nose"),
    "sublingual": _local("sublingual", "ketamine_mouth"),
    "oral": (_swallowed(sympy.S.One),),
    "oral_extended_release": (
        Entry(
            "ketamine_gut",
            symbol("ketamine_release_fraction"),
            lag_h="ketamine_gut_lag_h",
            duration_h="ketamine_release_duration_h",
        ),
    ),
    "subcutaneous": (Entry("ketamine_skin", symbol("ketamine_skin_fraction")),),
}

EQUATIONS = MedicineEquations(
    entries=_ENTRIES,
    kinetics=ketamine_like_kinetics("ketamine", _DEPOTS, _ENTRIES),
    engagement=nmda_block("ketamine"),
)
