"""Which concentrations are read after a dose, and which medicines open a window."""

from __future__ import annotations

__all__ = ["ANALYTES", "OPENING"]

OPENING = ("ketamine", "esketamine", "psilocybin", "mdma")
ANALYTES = {
    "ketamine": ((("ketamine", "ketamine"), ("norketamine", "norketamine")), (6.0, 24.0)),
    "esketamine": ((("esketamine", "esketamine"), ("noresketamine", "noresketamine")), (8.0, 24.0)),
    "psilocybin": ((("psilocybin", "psilocin"),), (3.0, 12.0)),
    "mdma": ((("mdma", "mdma"), ("mda", "mda"), ("hmma", "hmma")), (6.0, 24.0)),
    "midazolam": ((("midazolam", "midazolam"),), (2.0, 12.0)),
    "niacin": ((("niacin", "niacin"),), (1.0, 4.0)),
}
