"""Published studies and facts as data: files read into types, arms as protocols, numbers as findings."""

from __future__ import annotations

from afterglow.evidence.check import CheckedStudy, check_folder
from afterglow.evidence.findings.finding import Finding, Unused
from afterglow.evidence.findings.of_study import all_findings, findings_of
from afterglow.evidence.findings.selection import usable_studies
from afterglow.evidence.protocol_file import Mistake, Reading, read_protocol, read_with_notes, reading_of
from afterglow.evidence.studies.as_protocol import LoadedArm, load_report, protocol_from_study
from afterglow.evidence.studies.library import read_study, study, study_names
from afterglow.evidence.studies.study import Row, Study, StudyArm

__all__ = [
    "CheckedStudy",
    "Finding",
    "LoadedArm",
    "Mistake",
    "Reading",
    "Row",
    "Study",
    "StudyArm",
    "Unused",
    "all_findings",
    "check_folder",
    "findings_of",
    "load_report",
    "protocol_from_study",
    "read_protocol",
    "read_study",
    "read_with_notes",
    "reading_of",
    "study",
    "study_names",
    "usable_studies",
]
