"""Equations of esketamine."""

from __future__ import annotations

import sympy

from afterglow.model.compartments import Entry
from afterglow.model.ketamine_like import ketamine_like_kinetics, nmda_block, past_the_gut
from afterglow.model.medicine_equations import MedicineEquations
from afterglow.model.symbols import symbol

__all__ = ["EQUATIONS"]

_DEVICE_MG = 28
_DEPOTS = {
    "nose": ("central", "taken up by the nose"),
    "swallowed": ("liver", "of the spray that is swallowed"),
    "gut": ("liver", "given by mouth, on its way to the liver"),
    "skin": ("central", "under the skin"),
}


def _nasal_share() -> sympy.Expr:
    """Part of a dose that the nose takes up: the second and later 28 mg devices give less."""
    dose, first = symbol("dose_mg"), symbol("esketamine_nasal_fraction")
    later = symbol("esketamine_later_device")
    return sympy.Piecewise(
        (first, dose <= _DEVICE_MG),
        (first * (_DEVICE_MG + later * (dose - _DEVICE_MG)) / dose, True),
    )


_ENTRIES = {
    "iv": (Entry("esketamine_central", sympy.S.One),),
    "intranasal": (
        Entry("esketamine_nose", _nasal_share()),
        Entry(
            "esketamine_swallowed",
            past_the_gut("esketamine", 1 - _nasal_share()),
            duration_h="esketamine_swallowed_duration_h",
        ),
    ),
    "oral": (Entry("esketamine_gut", past_the_gut("esketamine", sympy.S.One), duration_h="esketamine_gut_duration_h"),),
    "subcutaneous": (Entry("esketamine_skin", symbol("esketamine_skin_fraction")),),
}

EQUATIONS = MedicineEquations(
    entries=_ENTRIES,
    kinetics=ketamine_like_kinetics("esketamine", _DEPOTS, _ENTRIES),
    engagement=nmda_block("esketamine"),
)
