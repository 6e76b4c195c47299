"""Terms of CDISC's controlled terminology that a protocol needs, by the word that is used here."""

from __future__ import annotations

__all__ = ["CODES", "ROUTE_CODES", "SYSTEM", "VERSION"]

SYSTEM = "http://www.cdisc.org"
VERSION = "2024-09-27"

CODES: dict[str, tuple[str, str]] = {
    "interventional": ("C98388", "Interventional Study"),
    "parallel": ("C82639", "Parallel Study"),
    "single group": ("C82640", "Single Group Study"),
    "phase not applicable": ("C48660", "Not Applicable"),
    "treatment study": ("C49656", "Treatment Study"),
    "open": ("C49659", "Open Label Study"),
    "blinded": ("C28233", "Single Blind Study"),
    "participant": ("C41189", "Study Subject"),
    "treatment arm": ("C15538", "Protocol Treatment Arm"),
    "placebo arm": ("C174268", "Placebo Control Arm"),
    "no intervention arm": ("C174270", "No Intervention Arm"),
    "data of the study": ("C188866", "Data Generated Within Study"),
    "treatment epoch": ("C101526", "Treatment Epoch"),
    "visit": ("C25716", "Visit"),
    "before": ("C201357", "Before"),
    "after": ("C201356", "After"),
    "anchor": ("C201358", "Fixed Reference"),
    "start to start": ("C201355", "Start to Start"),
    "primary objective": ("C85826", "Trial Primary Objective"),
    "primary endpoint": ("C94496", "Primary Endpoint"),
    "female": ("C16576", "Female"),
    "male": ("C20197", "Male"),
    "year": ("C29848", "Year"),
    "day": ("C25301", "Day"),
    "hour": ("C25529", "Hour"),
    "mg": ("C28253", "Milligram"),
    "mg/kg": ("C67401", "Milligram per Kilogram"),
    "once": ("C64576", "Once"),
    "experimental": ("C41161", "Protocol Agent"),
    "placebo": ("C753", "Placebo"),
    "drug": ("C1909", "Pharmacologic Substance"),
    "product": ("C202579", "Investigational Medicinal Product"),
    "form unknown": ("C150001", "Unknown Dosage Form Category"),
    "official title": ("C207616", "Official Study Title"),
    "sponsor": ("C70793", "Clinical Study Sponsor"),
    "sponsor type": ("C54149", "Drug Company"),
    "inclusion": ("C25532", "Inclusion"),
}
"""Word here -> code and preferred term."""

ROUTE_CODES: dict[str, tuple[str, str]] = {
    "oral": ("C38288", "Oral Route of Administration"),
    "oral_extended_release": ("C38288", "Oral Route of Administration"),
    "iv": ("C38276", "Intravenous Route of Administration"),
    "im": ("C28161", "Intramuscular Route of Administration"),
    "subcutaneous": ("C38299", "Subcutaneous Route of Administration"),
    "intranasal": ("C38284", "Nasal Route of Administration"),
    "sublingual": ("C38300", "Sublingual Route of Administration"),
}
"""Route here -> code and preferred term; the first route of a code is the one that is read from it."""
