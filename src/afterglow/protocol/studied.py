"""The largest dose studied, by medicine and route: above it a simulation is an extrapolation."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["STUDIED", "Studied", "studied_range"]


@dataclass(frozen=True)
class Studied:
    """Largest dose studied.

    Parameters
    ----------
    mg, mg_per_kg : float
        Largest single dose, fixed and by weight; where only one was read, the other is that one at 70 kg.
    source : str
        Citation key.
    """

    mg: float
    mg_per_kg: float
    source: str


STUDIED = {
    ("ketamine", "iv"): Studied(70.0, 1.0, "phillips2019-maintenance"),
    ("ketamine", "im"): Studied(175.0, 2.5, "krupitsky2002-heroin"),
    ("ketamine", "intranasal"): Studied(50.0, 0.7, "yanagihara2003"),
    ("ketamine", "sublingual"): Studied(50.0, 0.7, "rolan2014"),
    ("ketamine", "oral"): Studied(50.0, 0.7, "grant1981"),
    ("esketamine", "intranasal"): Studied(84.0, 1.2, "popova2019-transform2"),
    ("esketamine", "iv"): Studied(28.0, 0.4, "perezruixo2021"),
    ("psilocybin", "oral"): Studied(42.0, 0.6, "brown2017"),
    ("psilocybin", "iv"): Studied(2.0, 0.03, "hasler1997"),
    ("mdma", "oral"): Studied(150.0, 2.1, "mas1999"),
    ("midazolam", "iv"): Studied(5.0, 0.045, "murrough2013-midazolam"),
    ("niacin", "oral"): Studied(250.0, 3.6, "ross2016-cancer"),
}


def studied_range(medicine: str, route: str) -> Studied | None:
    """Return the largest studied dose, or None for placebo and medicines without a model."""
    return STUDIED.get((medicine, route))
