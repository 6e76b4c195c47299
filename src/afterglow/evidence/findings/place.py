"""On which scale and on which day a row was observed."""

from __future__ import annotations

from afterglow.errors import ProtocolError
from afterglow.evidence.studies.baseline import baseline
from afterglow.evidence.studies.study import Row, Study
from afterglow.protocol.typical import typical_population
from afterglow.scales.links import family_of
from afterglow.scales.others import other_scale

__all__ = ["day_of", "own_scale", "scale_of"]

_SUBSTANCE_USE = (
    *("abstin", "alcohol", "drink", "craving", "cocaine", "heroin", "opioid", "smok", "cigarette"),
    "use or dropout",
)
"""Parts of the names of measures of the use of a substance."""

_THE_CONDITION = (
    *("depression", "remission", "response", "diagnosis", "scid", "no_longer_case", "loss_of_diagnosis"),
    *("depressive_event", "mdd", "ptsd"),
)
"""Words in place of a scale that stand for the condition itself, on whatever scale it was rated."""

_BESIDE_IT = {"anxiety": "HAM-A", "anxiety_and_depression": "HADS"}
"""Words in place of a scale that stand for something beside the condition, and the scale that they are read on."""

_AT_THE_END = ("end of course", "end of treatment", "post-treatment")


def own_scale(study: Study) -> str:
    """Return the scale that a study's own condition is read on where it names none: that of its baseline."""
    start = baseline(study, family_of(study.condition))
    return start[0] if start else str(typical_population(study.condition)[0]["scale"])


def scale_of(study: Study, row: Row, kind: str) -> str:
    """Return the id of a row's scale; empty for relapse that no scale defines.

    A share and an effect size have no unit: where the scale that they were read on is not modelled and measures the
    condition, they are read on the study's own scale.

    Raises
    ------
    ProtocolError
        If no scale here is called so, or it is one that is not modelled.
    """
    if row.scale is not None:
        return row.scale.id
    word = row.scale_word.strip().lower()
    if study.condition.endswith("_use") or any(part in word for part in _SUBSTANCE_USE):
        raise ProtocolError("measures the use of a substance, which no scale here rates")
    if kind == "relapse":
        return ""
    what = other_scale(word)
    if kind not in ("mean", "change", "difference"):
        if word in _THE_CONDITION or (what and what == family_of(study.condition) and kind == "effect_size"):
            return own_scale(study)
    elif word == "depression" and row.kind in ("effect_difference", "hedges_g"):
        return own_scale(study)
    if word in _BESIDE_IT and kind != "effect_size":
        return _BESIDE_IT[word]
    if what is not None:
        raise ProtocolError(f"'{row.scale_word}' is read and not modelled")
    raise ProtocolError(f"no scale here is called '{row.scale_word[:60]}'" if word else "the row names no scale")


def day_of(study: Study, row: Row) -> float:
    """Return the study day of a row; the end of a course is the day after its last dose or session.

    Raises
    ------
    ProtocolError
        If it has none.
    """
    if row.study_day is not None:
        return row.study_day
    if row.day_word is None:
        raise ProtocolError("no day is given")
    if row.day_word in _AT_THE_END:
        own = study.arm(row.arm)
        arms = [own] if own and own.given and own.given.timed else study.arms
        ends = [event.day for arm in arms if arm.given for event in arm.given.timed]
        if ends:
            return max(ends) + 1.0
    raise ProtocolError(f"the day is given in words, as '{row.day_word}'")
