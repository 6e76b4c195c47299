"""Studies by names that people use: first author, year, what the file calls it, and how many took part."""

from __future__ import annotations

import re

from afterglow.evidence.studies.study import Study

__all__ = ["human_name", "people_of"]

_KEY = re.compile(r"(?P<author>[a-z]+)(?P<year>\d{4})-(?P<rest>.+)")
_CAPITALS = frozenset(
    {"aids", "cbt", "cpt", "crtce", "ct", "dbt", "dit", "ect", "iop", "ipt", "kap", "mbct", "mbsr", "mdd", "pct", "pe"}
    | {"pss", "ptsd", "ssri", "trd", "vre"}
    | {"antler", "asat", "aspire", "cobra", "hope", "impact", "kare", "karmadep", "ketect", "mapp", "persevere"}
    | {"prevent", "rapid", "sustain", "tads", "transform"}
)
"""Abbreviations of the field and names of trials."""
_NAMES = {
    "10year": "ten years",
    "ad": "adherence",
    "bw": "battered women",
    "capslevels": "CAPS levels",
    "ctt": "cognitive trauma therapy",
    "escape": "ESCAPE",
    "followup": "follow-up",
    "ltfu": "long-term follow-up",
    "openlabel": "open label",
    "phase2": "phase 2",
    "realworld": "real world",
    "reframed": "RefraMED",
    "smi": "severe mental illness",
    "vs": "v",
    "waitlist": "waiting list",
    "wl": "waiting list",
}
_PLACES = frozenset({"boulder", "brazil", "china", "japan", "swiss", "taiwan"})


def human_name(held: Study) -> str:
    """Return the name of a study as people say it, such as "Goodwin 2022, COMP001, n 233"."""
    found = _KEY.fullmatch(held.name)
    if found is None:
        said = _words(held.name)
        parts = [said[0].upper() + said[1:]]
    else:
        parts = [f"{_author(found['author'], held.citation)} {found['year']}", _words(found["rest"])]
    people = people_of(held)
    return ", ".join([*parts, *([f"n {people}"] if people else [])])


def people_of(held: Study) -> int | None:
    """Return how many took part, of the study or of its arms together; None where it is not told."""
    return held.people.n or sum(arm.n or 0 for arm in held.arms) or None


def _author(key: str, citation: str) -> str:
    """Return the author as the citation writes the name: with its hyphen, capital or apostrophe."""
    letters = [(k, sign.lower()) for k, sign in enumerate(citation) if sign.isalpha()]
    if "".join(sign for _, sign in letters).startswith(key):
        return citation[: letters[len(key) - 1][0] + 1]
    return key.upper() if len(key) > 4 and not re.search("[aeiou].*[aeiou].*[aeiou]", key) else key.capitalize()


def _words(text: str) -> str:
    return " ".join(_word(word) for word in text.split("-"))


def _word(word: str) -> str:
    stem = word.rstrip("0123456789")
    if word in _NAMES:
        return _NAMES[word]
    if word in _PLACES:
        return word.capitalize()
    numbered = stem != word and len(stem) > 1 and not word[0].isdigit()
    return word.upper() if stem in _CAPITALS or numbered else word
