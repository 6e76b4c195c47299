"""Find the scales that a free text names, in the spellings that registries hold."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from afterglow.scales.instruments import SCALES

__all__ = ["scales_in"]

_FULL_NAMES: dict[str, tuple[str, ...]] = {
    "PHQ-9": (
        "Patient Health Questionnaire 9",
        "Patient Health Questionnaire",
        "Nine item Patient Health Questionnaire",
    ),
    "MADRS": (
        *("Montgomery Asberg Depression Rating Scale", "Montgomery Asberg Depression Scale", "Montgomery Asberg"),
        *("Montgomery Aasberg", "Montgomery Ashberg", "Montgomery Asburg"),
    ),
    "HAM-D17": (
        *("Hamilton Depression Rating Scale", "Hamilton Rating Scale for Depression", "Hamilton Depression Scale"),
        *("Hamilton Depression Inventory", "Hamilton Scale for Depression"),
    ),
    "GRID-HAMD": (
        "GRID Hamilton Depression Rating Scale",
        "GRID Hamilton Rating Scale for Depression",
        "GRID Hamilton",
    ),
    "QIDS-SR16": (
        *("Quick Inventory of Depressive Symptomatology", "Quick Inventory of Depressive Symptoms"),
        *("Quick Inventory for Depressive Symptomatology", "Quick Inventory of Depression Symptomatology"),
        "Quick Inventory for Depression Symptomatology",
    ),
    "BDI-II": (
        *("Beck Depression Inventory II", "Beck Depression Inventory 2", "Beck's Depression Inventory II"),
        *("Beck Depression Inventory Second Edition", "Beck Depression Inventory (BDI-II)"),
    ),
    "BDI-1A": ("Beck Depression Inventory IA", "Beck Depression Inventory 1A"),
    "GAD-7": (
        *("Generalized Anxiety Disorder 7", "Generalised Anxiety Disorder 7", "Generalized Anxiety Disorder Scale"),
        *("Generalized Anxiety Disorder Questionnaire", "Generalised Anxiety Disorder Scale"),
    ),
    "HAM-A": (
        *("Hamilton Anxiety Rating Scale", "Hamilton Anxiety Scale", "Hamilton Rating Scale for Anxiety"),
        "Structured Interview Guide for the Hamilton Anxiety",
    ),
    "HADS": ("Hospital Anxiety and Depression Scale", "Hospital Anxiety & Depression Scale"),
    "DS-II": ("Demoralization Scale 2", "Demoralisation Scale II"),
    "PSS-I": ("PTSD Symptom Scale Interview", "PTSD Symptom Scale - Interview"),
    "PDS": ("Posttraumatic Diagnostic Scale", "Post Traumatic Diagnostic Scale"),
    "IES-R": ("Impact of Event Scale Revised", "Impact of Events Scale Revised"),
    "PCL-5": (
        *("PTSD Checklist for DSM 5", "PTSD Checklist 5", "Posttraumatic Stress Disorder Checklist for DSM 5"),
        *("Post Traumatic Stress Disorder Checklist for DSM 5", "PTSD Check List for DSM 5"),
        *("PTSD Symptom Checklist for DSM 5", "Posttraumatic Stress Disorder Checklist 5"),
    ),
    "CAPS-5": (
        *("Clinician Administered PTSD Scale for DSM 5", "Clinician Administered PTSD Scale 5"),
        *(
            "Clinician Administered Posttraumatic Stress Disorder Scale for DSM 5",
            "Clinician Administered PTSD Scale V",
        ),
        "Clinician Administered Post Traumatic Stress Disorder Scale for DSM 5",
    ),
    "CAPS-IV": ("Clinician Administered PTSD Scale for DSM IV", "Clinician Administered PTSD Scale IV"),
    "SDS": ("Sheehan Disability Scale", "Sheehan Disability Inventory"),
}
"""What a scale is called when it is not abbreviated."""

_TIME = r"\s*-?\s*(?:d|w|days?|wks?|weeks?|mos?|months?|hrs?|hours?|min|minutes?|years?|yrs?)\b"
_ITEMS = re.compile(r"\b(\d{1,2})[- ]?items?\b")
_ITEMS_OF = {"HAM-D17": 17, "GRID-HAMD": 17, "HDRS-21": 21}
_SUBSCALES = (("depression", "HADS-D"), ("anxiety", "HADS-A"))
_NOT_IF = {"SDS": "zung", "QIDS-SR16": "clinician rated"}
"""A word that makes an abbreviation another scale's."""


def _plain(text: str) -> str:
    """Return lower case without accents, dashes of every kind as one."""
    decomposed = unicodedata.normalize("NFKD", text)
    return re.sub(r"[\u2010-\u2015\u2212]", "-", "".join(c for c in decomposed if not unicodedata.combining(c))).lower()


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    found = []
    for name in SCALES:
        for words in (name, *SCALES[name].aliases, *_FULL_NAMES.get(name, ())):
            runs = re.findall(r"[a-z]+|\d+", _plain(words))
            body = r"[^a-z0-9]{0,3}".join(runs)
            # 'HAM-D 24' and 'MADRS-S' are other scales, 'HAM-D 6 weeks' is this one.
            pattern = rf"(?<![a-z0-9]){body}(?![a-z0-9])(?!-(?:[a-z]\b|sr\b))(?![- ]?\d{{1,2}}\b(?!{_TIME}))"
            found.append((re.compile(pattern), name))
    return tuple(found)


def scales_in(text: str) -> tuple[str, ...]:
    """Return the ids of the scales that a text names, in the order of the text; none for versions that are not known.

    Parameters
    ----------
    text : str
        For instance ``Change in Montgomery-Åsberg Depression Rating Scale (MADRS) total score``.
    """
    plain = _plain(text)
    hits = [(m.start(), m.end(), name) for pattern, name in _patterns() for m in pattern.finditer(plain)]
    hits.sort(key=lambda hit: hit[0] - hit[1])  # the longest first: 'PCL-5' before 'PCL'
    kept: list[tuple[int, int, str]] = []
    for start, end, name in hits:
        if all(end <= a or start >= b for a, b, _ in kept):
            kept.append((start, end, name))
    names = dict.fromkeys(name for _, _, name in sorted(kept))
    return _of_version(plain, [name for name in names if _NOT_IF.get(name, "\0") not in plain.replace("-", " ")])


def _of_version(plain: str, names: list[str]) -> tuple[str, ...]:
    """Drop what is another version by its number of items, and say which half of the HADS is meant."""
    items = {int(number) for number in _ITEMS.findall(plain)}
    found = []
    for name in names:
        wanted = _ITEMS_OF.get(name)
        if wanted and items and wanted not in items:
            name = "HDRS-21" if items == {21} else ""
        if name == "HADS":
            name = next((half for word, half in _SUBSCALES if f"{word} subscale" in plain), name)
        found.append(name)
    # One name in full and abbreviated is one scale: 'Beck Depression Inventory II (BDI)' is not the BDI-1A too.
    both = {"BDI-1A": "BDI-II", "HAM-D17": "GRID-HAMD"}
    return tuple(dict.fromkeys(name for name in found if name and both.get(name) not in found))
