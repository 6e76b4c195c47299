"""The equations of one medicine: how a dose enters, how it spreads and leaves, and what it does at its targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from afterglow.model.compartments import Entry
from afterglow.model.symbols import Layer

__all__ = ["MedicineEquations"]


@dataclass(frozen=True, kw_only=True)
class MedicineEquations:
    """The equations of one medicine.

    Parameters
    ----------
    entries : mapping of str to tuple of Entry
        How a dose enters, by route.
    kinetics : Layer
        Gives a quantity ``concentration_ID`` for each analyte of the medicine's record, in ng/mL.
    engagement : Layer
        Gives ``felt_ID``, the acute intensity from 0 to 1; of a medicine that opens a window also ``drive_ID``, its
        drive on plasticity from 0 to 1. All its quantities are 0 when nothing was given.
    """

    entries: Mapping[str, tuple[Entry, ...]]
    kinetics: Layer
    engagement: Layer
