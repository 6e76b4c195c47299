"""Published studies as data: their arms as protocols, their numbers as typed rows."""

from __future__ import annotations

from afterglow.evidence.arms import LoadedArm, load_report, protocol_from_study, study, study_names
from afterglow.evidence.check import Row, check_folder
from afterglow.evidence.findings import Finding, Unused, all_findings, findings, usable_studies

__all__ = [
    "Finding",
    "LoadedArm",
    "Row",
    "Unused",
    "all_findings",
    "check_folder",
    "findings",
    "load_report",
    "protocol_from_study",
    "study",
    "study_names",
    "usable_studies",
]
