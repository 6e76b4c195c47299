"""The largest dose studied, by medicine and route: above it a simulation is an extrapolation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["STUDIED_RANGE", "Studied", "studied_range"]


@dataclass(frozen=True, kw_only=True)
class Studied:
    """Largest dose studied in people, awake and for its effect on the mind or for its kinetics.

    Parameters
    ----------
    mg, mg_per_kg : float
        Largest single dose, fixed and by weight; where only one was read, the other is that one at 70 kg.
    day_total : float
        Largest total within 24 hours, in multiples of the largest single dose.
    source : str
        Key into ``references.bib``.
    note : str
        What was read there, and what is assumed.
    """

    mg: float
    mg_per_kg: float
    day_total: float = 1.0
    source: str
    note: str = ""


STUDIED_RANGE: Mapping[tuple[str, str], Studied] = {
    ("ketamine", "iv"): Studied(
        mg=70.0,
        mg_per_kg=1.0,
        source="grabski2022-kare",
        note="0.8 mg/kg in 40 min is the largest in the evidence; 1 mg/kg, of antidepressant dose-finding, is recalled",
    ),
    ("ketamine", "im"): Studied(mg=140.0, mg_per_kg=2.0, source="krupitsky2002-heroin", note="2 mg/kg"),
    ("ketamine", "intranasal"): Studied(
        mg=50.0, mg_per_kg=0.7, source="yanagihara2003", note="25 mg was read; 50 mg in depression is recalled"
    ),
    ("ketamine", "sublingual"): Studied(
        mg=50.0, mg_per_kg=0.7, source="rolan2014", note="25 mg was read; 50 mg is assumed"
    ),
    ("ketamine", "oral"): Studied(
        mg=50.0, mg_per_kg=0.7, source="hasan2021", note="40 mg and 0.5 mg/kg were read; 50 mg is assumed"
    ),
    ("esketamine", "intranasal"): Studied(mg=84.0, mg_per_kg=1.2, source="popova2019-transform2", note="84 mg"),
    ("esketamine", "iv"): Studied(
        mg=28.0, mg_per_kg=0.4, source="perezruixo2021", note="pooled with iv data; 0.4 mg/kg is recalled"
    ),
    ("psilocybin", "oral"): Studied(mg=42.0, mg_per_kg=0.6, source="brown2017", note="0.6 mg/kg"),
    ("psilocybin", "iv"): Studied(
        mg=2.0, mg_per_kg=2.0 / 70, source="hasler1997", note="1 mg was read; 2 mg of imaging studies is recalled"
    ),
    ("mdma", "oral"): Studied(
        mg=150.0,
        mg_per_kg=150.0 / 70,
        day_total=187.5 / 150.0,
        source="mas1999",
        note="150 mg at once; 125 mg and 62.5 mg on one day in mithoefer2011-pilot",
    ),
    ("midazolam", "iv"): Studied(
        mg=5.0, mg_per_kg=0.045, source="murrough2013-midazolam", note="0.045 mg/kg was read; 5 mg is assumed"
    ),
    ("niacin", "oral"): Studied(mg=250.0, mg_per_kg=250.0 / 70, source="ross2016-cancer", note="250 mg"),
}
"""Largest doses by medicine and route."""


def studied_range(medicine: str, route: str) -> Studied | None:
    """Return the largest studied dose, or None for placebo and medicines without a model."""
    return STUDIED_RANGE.get((medicine, route))
