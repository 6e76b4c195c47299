"""The words of a protocol, and the spellings that mean them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from afterglow.errors import nearest
from afterglow.medicines import MEDICINES

__all__ = [
    "ANTIDEPRESSANT",
    "APPROACHES",
    "CARE",
    "FORMATS",
    "FURTHEST_DAY",
    "RECOVERED_BY",
    "ROUTE_WORDS",
    "SESSION_KINDS",
    "SETTINGS",
    "SPELLINGS",
    "TASKS",
    "known_word",
    "spellings_of",
]

FURTHEST_DAY = 3650
"""Days before or after the first dosing day that a protocol may name, and the longest that it may last."""

ROUTE_WORDS = ("oral", "oral_extended_release", "iv", "im", "subcutaneous", "intranasal", "sublingual")
"""All routes."""

SESSION_KINDS = ("preparation", "dosing", "integration", "psychotherapy", "training", "education")
FORMATS = ("individual", "group", "digital")
TASKS = ("insights", "steps", "practice")

APPROACHES = (
    "trauma_focused",
    "cognitive_behavioural",
    "behavioural_activation",
    "interpersonal",
    "psychodynamic",
    "mindfulness",
    "supportive",
)
"""What is done in an hour of psychotherapy; supportive is present-centred, counselling, clinical management."""

ANTIDEPRESSANT = ("none", "new", "continued", "stopped")
"""What happens to a conventional antidepressant: none, started with the course, taken on, or stopped on day 0."""

CARE = ("none", "usual")
"""What an arm gets beside its course: nothing, as on a waiting list, or care as usual."""

SETTINGS = ("outpatient", "inpatient")
"""Where people are when the course begins."""

RECOVERED_BY = ("therapy", "antidepressant", "ect", "ketamine")
"""What made people well who are well at the start."""

_ROUTE_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "oral": ("by mouth", "po", "p.o.", "p.o"),
    "oral_extended_release": (
        *("oral extended release", "oral extended-release", "extended release", "extended-release"),
        *("oral prolonged release", "oral prolonged-release", "prolonged release", "prolonged-release"),
        *("oral controlled release", "oral controlled-release", "controlled release", "controlled-release"),
        *("oral er", "oral xr", "er", "xr"),
    ),
    "iv": ("intravenous", "i.v.", "i.v"),
    "im": ("intramuscular", "i.m.", "i.m"),
    "subcutaneous": ("sc", "s.c.", "s.c", "subq", "sub-q", "subcut", "under the skin"),
    "intranasal": ("nasal", "in"),
    "sublingual": (
        *("sl", "s.l.", "s.l", "under the tongue", "lozenge", "troche"),
        *("sublingual lozenge", "sublingual troche", "sublingual tablet", "sublingual wafer"),
    ),
}

SPELLINGS: Mapping[str, str] = {
    **{spelling: m.id for m in MEDICINES.values() for spelling in m.spellings},
    **{spelling: route for route, spellings in _ROUTE_SPELLINGS.items() for spelling in spellings},
    "therapy": "psychotherapy",
    "one-to-one": "individual",
    "insight": "insights",
    "step": "steps",
    "cbt": "cognitive_behavioural",
    "cognitive": "cognitive_behavioural",
    "exposure": "trauma_focused",
    "present-centred": "supportive",
    "counselling": "supportive",
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
    if not isinstance(value, str):
        raise ValueError(f"the {what} must be a word, got {str(value)[:60]!r}; known: {', '.join(options)}")
    by_lower = {option.lower(): option for option in options}
    word = value.strip()
    for meant in (word.lower(), SPELLINGS.get(word.lower(), "").lower()):
        if meant in by_lower:
            return by_lower[meant]
    raise ValueError(f"unknown {what} {word[:60]!r}: {nearest(word[:60], options)}")


def spellings_of(known: Iterable[str]) -> dict[str, str]:
    """Map every spelling of the known words, in lower case, to the word; the longest spelling first."""
    options = set(known)
    found = {word.lower(): word for word in options} | {s: w for s, w in SPELLINGS.items() if w in options}
    return dict(sorted(found.items(), key=lambda pair: -len(pair[0])))
