"""Published studies as data: their arms as protocols."""

from __future__ import annotations

from afterglow.evidence.arms import LoadedArm, load_report, protocol_from_study, study, study_names

__all__ = ["LoadedArm", "load_report", "protocol_from_study", "study", "study_names"]
