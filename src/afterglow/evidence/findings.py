"""What the published studies found, as typed rows: the names that the rest of the package uses."""

from __future__ import annotations

from afterglow.evidence.catalogue import POOLED, RETRACTED, SAME_PEOPLE
from afterglow.evidence.finding import KINDS, Finding, Kind, Unused
from afterglow.evidence.fitting import left_out, usable_studies
from afterglow.evidence.reading import all_findings, findings, read_rows

__all__ = [
    "KINDS",
    "POOLED",
    "RETRACTED",
    "SAME_PEOPLE",
    "Finding",
    "Kind",
    "Unused",
    "all_findings",
    "findings",
    "left_out",
    "read_rows",
    "usable_studies",
]
