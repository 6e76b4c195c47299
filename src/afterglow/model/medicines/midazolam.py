"""Equations of midazolam."""

from __future__ import annotations

import sympy

from afterglow.model.compartments import Entry
from afterglow.model.felt_comparator import felt_only, one_compartment
from afterglow.model.medicine_equations import MedicineEquations
from afterglow.model.symbols import symbol

__all__ = ["EQUATIONS"]

_ENTRIES = {
    "iv": (Entry("midazolam_central", sympy.S.One),),
    "oral": (Entry("midazolam_depot", symbol("midazolam_oral_fraction")),),
    "subcutaneous": (Entry("midazolam_skin", symbol("midazolam_skin_fraction")),),
}

EQUATIONS = MedicineEquations(
    entries=_ENTRIES, kinetics=one_compartment("midazolam", _ENTRIES, skin=True), engagement=felt_only("midazolam")
)
