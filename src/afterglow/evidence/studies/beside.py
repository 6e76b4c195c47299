"""What goes on beside an arm's course, and what made its people well where they start well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from afterglow.errors import ProtocolError, nearest
from afterglow.evidence.studies import prose
from afterglow.evidence.studies.mistakes import checked_flag, checked_word, shown
from afterglow.evidence.values import as_line, mappings, number
from afterglow.protocol.arm import Background
from afterglow.protocol.vocabulary import ANTIDEPRESSANT, CARE, RECOVERED_BY

__all__ = ["CONVENTIONAL", "background", "healers", "starts_one"]

CONVENTIONAL = (
    *("escitalopram", "citalopram", "sertraline", "fluoxetine", "paroxetine", "duloxetine", "venlafaxine"),
    *("mirtazapine", "nortriptyline", "imipramine", "amitriptyline", "bupropion", "quetiapine"),
)
"""Conventional antidepressants and what is added to them: in an arm they are its background, not its doses."""

_KEYS = ("antidepressant", "from_day", "care", "new_antidepressant", "started_day", "new_augmentation")


def starts_one(data: Mapping[str, Any]) -> bool:
    """Say whether the file tells that an arm starts a conventional antidepressant."""
    told = data.get("background")
    return isinstance(told, Mapping) and (told.get("new_antidepressant") is True or told.get("antidepressant") == "new")


def background(
    data: Mapping[str, Any], *, everybody: str, comparator: str, well: bool, another_starts: bool
) -> Background:
    """Return what goes on beside an arm's course.

    Parameters
    ----------
    data : mapping
        Of the arm, as in the evidence format.
    everybody : str
        What is said of the treatment of all arms.
    comparator : str
        What kind of control the arm is.
    well : bool
        Whether its people are well at the start.
    another_starts : bool
        Whether an arm of the study starts an antidepressant; one that does not then takes none, else it goes on.

    Raises
    ------
    ProtocolError
        If the field is impossible.
    """
    told = _told(data.get("background"))
    listed = [row for row in mappings(data.get("doses")) if as_line(row.get("drug")).lower() in CONVENTIONAL]
    days = [number(told.get(key)) for key in ("from_day", "started_day")]
    days += sorted(day for row in listed if (day := number(row.get("day"))) is not None)[:1]
    also = " ".join(part for part in (as_line(data.get("other_treatment")), everybody) if part)
    label = as_line(data.get("label")) or as_line(data.get("id"))
    drug = checked_word(told, "antidepressant", ANTIDEPRESSANT)
    starts = checked_flag(told, "new_antidepressant")
    if not drug and (starts or listed or told.get("new_augmentation")):
        drug = "new"
    if not drug and starts is False:
        drug = "none" if another_starts else "continued"
    if not drug:
        nothing = not data.get("doses") and not data.get("sessions")
        drug = prose.antidepressant(label, also=also, well=well, gives_nothing=nothing) or "none"
    care = checked_word(told, "care", CARE)
    if not care:
        usual = comparator == "usual_care" or prose.usual_care(f"{label}; {also}")
        care = "usual" if usual and comparator != "waiting_list" else "none"
    return Background(antidepressant=drug, from_day=next((day for day in days if day is not None), 0.0), care=care)


def _told(value: object) -> Mapping[str, Any]:
    if value is None or isinstance(value, bool):
        return {} if value is None else {"new_antidepressant": value}
    if not isinstance(value, Mapping):
        raise ProtocolError(f"'background' is {shown(value)} but must be a mapping such as {{antidepressant: new}}")
    unknown = next((str(key) for key in value if key not in _KEYS), "")
    if unknown:
        raise ProtocolError(f"unknown word '{unknown[:60]}': {nearest(unknown, _KEYS)}")
    for key in ("from_day", "started_day"):
        if value.get(key) is not None and number(value[key]) is None:
            raise ProtocolError(f"'{key}' is {shown(value[key])} but must be a number")
    return value


def healers(arms: Sequence[Mapping[str, Any]], people: Mapping[str, Any], design: str) -> tuple[str, tuple[str, ...]]:
    """Return what made people well, for the study and for each of its arms.

    Parameters
    ----------
    arms : sequence of mapping
    people : mapping
        The population, as in the evidence format.
    design : str

    Returns
    -------
    tuple of (str, tuple of str)
        For the study what helped most of its arms; empty where it cannot be said.

    Raises
    ------
    ProtocolError
        If a field is impossible.
    """
    own = checked_word(people, "recovered_by", RECOVERED_BY)
    text = f"{design}; {as_line(people.get('concomitant'))}"
    has_therapy = any(row.get("kind") == "psychotherapy" for arm in arms for row in _sessions(arm))
    found = tuple(
        checked_word(arm, "recovered_by", RECOVERED_BY)
        or own
        or prose.recovered_by(as_line(arm.get("label")), text, has_therapy=has_therapy)
        for arm in arms
    )
    counted = Counter(healer for healer in found if healer).most_common(1)
    return own or (counted[0][0] if counted else ""), found


def _sessions(arm: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    told = arm.get("sessions")
    return [told] if isinstance(told, Mapping) else mappings(told)
