"""The words of a protocol, and the spellings that mean them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from afterglow.errors import nearest

__all__ = [
    "COMPARATORS",
    "FORMATS",
    "MEDICINES",
    "MODELLED",
    "ROUTES",
    "SESSION_KINDS",
    "SPELLINGS",
    "TASKS",
    "known_word",
]

MODELLED = ("ketamine", "esketamine", "psilocybin", "mdma")
"""Medicines with a plasticity window of their own."""

COMPARATORS = ("placebo", "midazolam", "niacin")
"""Comparators: nothing, or something felt that opens nothing."""

MEDICINES = (*MODELLED, *COMPARATORS, "escitalopram")
"""All medicines a protocol may name; escitalopram is read but not modelled."""

ROUTES: Mapping[str, tuple[str, ...]] = {
    "ketamine": ("iv", "im", "intranasal", "sublingual", "oral"),
    "esketamine": ("intranasal", "iv"),
    "psilocybin": ("oral", "iv"),
    "mdma": ("oral",),
    "midazolam": ("iv",),
    "niacin": ("oral",),
    "placebo": ("iv", "im", "intranasal", "sublingual", "oral"),
    "escitalopram": ("oral",),
}
"""Routes by medicine."""

SESSION_KINDS = ("preparation", "dosing", "integration", "psychotherapy", "training", "education")
FORMATS = ("individual", "group", "digital")
TASKS = ("insights", "steps", "practice")

SPELLINGS: Mapping[str, str] = {
    "placebo_saline": "placebo",
    "saline": "placebo",
    "sugar pill": "placebo",
    "inactive placebo": "placebo",
    "s-ketamine": "esketamine",
    "(s)-ketamine": "esketamine",
    "spravato": "esketamine",
    "racemic ketamine": "ketamine",
    "psilocybine": "psilocybin",
    "midomafetamine": "mdma",
    "intravenous": "iv",
    "intramuscular": "im",
    "by mouth": "oral",
    "po": "oral",
    "nasal": "intranasal",
    "in": "intranasal",
    "sl": "sublingual",
}
"""Other spellings of the words above, in lower case."""


def known_word(value: object, known: Iterable[str], what: str) -> str:
    """Return the known word that `value` spells, whatever its case.

    Raises
    ------
    ValueError
        If it spells none; the message names the nearest.
    """
    options = list(known)
    by_lower = {option.lower(): option for option in options}
    word = str(value).strip()
    meant = SPELLINGS.get(word.lower(), word).lower()
    if meant in by_lower:
        return by_lower[meant]
    raise ValueError(f"unknown {what} '{word[:60]}': {nearest(word[:60], options)}")
