"""Equations of niacin."""

from __future__ import annotations

import sympy

from afterglow.model.compartments import Entry
from afterglow.model.felt_comparator import felt_only, one_compartment
from afterglow.model.medicine_equations import MedicineEquations

__all__ = ["EQUATIONS"]

_ENTRIES = {
    "oral": (Entry("niacin_depot", sympy.S.One),),
}

EQUATIONS = MedicineEquations(
    entries=_ENTRIES, kinetics=one_compartment("niacin", _ENTRIES), engagement=felt_only("niacin")
)
