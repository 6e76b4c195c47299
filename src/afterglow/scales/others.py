"""Instruments that are read in the evidence and not modelled, and what each of them measures."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["OTHER_SCALES", "other_scale"]

_BY_WHAT: Mapping[str, tuple[str, ...]] = {
    "depression": (
        *("HDRS-6", "HDRS-24", "HDRS-28", "HAM-D6", "HAM-D24", "HAM-D28", "HAMD6", "HRSD-24", "HRSD-28"),
        *("IDS", "IDS-C", "IDS-SR", "QIDS-C", "QIDS-C16", "MADRS-S", "BDI-FS", "PHQ-2", "PHQ-8", "CES-D", "GDS"),
        *("EPDS", "ZSDS", "POMS depression"),
    ),
    "ptsd": ("CAPS", "CAPS-CA", "CAPS-6", "PSS", "PSS-I-5", "PDS-5", "IES", "DTS", "PCL-C", "PCL-M"),
    "anxiety": ("GAD-2", "BAI", "STAI", "STAI-S", "STAI-T", "LSAS", "OASIS"),
    "suicidality": ("C-SSRS", "C-SSRS suicidal ideation", "SSI"),
    "": (
        *("PHQ-4", "PHQ-15", "BSI", "DASS", "DASS-21", "CGI", "CGI-I", "CGI-S", "SHAPS", "SDSS", "GAF", "WHODAS"),
        *("AUDIT", "TLFB"),
    ),
}


def _plain(name: str) -> str:
    return "".join(c for c in name.upper() if c.isalnum())


OTHER_SCALES: Mapping[str, str] = {name: what for what, names in _BY_WHAT.items() for name in names}
"""By name, what it measures: a family of scales, suicidality, or nothing that is modelled."""

_BY_NAME = {_plain(name): what for name, what in OTHER_SCALES.items()}


def other_scale(name: str) -> str | None:
    """Return what an instrument measures that is read and not modelled; None for a name that is not known."""
    return _BY_NAME.get(_plain(name))
