"""How much medicine, therapy and hope can do, over what they do in major depression."""

from __future__ import annotations

from collections.abc import Mapping

from afterglow.parameter import Parameter

__all__ = ["STRENGTHS", "group_of"]

_GROUPS: Mapping[str, str] = {
    "treatment_resistant_depression": "resistant",
    "ptsd": "ptsd",
    "cancer_distress": "illness",
    "demoralization": "illness",
    "anxiety": "illness",
}
_WORDS = {"resistant": "resistant depression", "ptsd": "PTSD", "illness": "distress with serious illness"}
_OF = {"medicine": "medicines", "therapy": "therapy", "hope": "hope and care"}


def group_of(condition: str) -> str:
    """Return the group of conditions with strengths of its own; empty for major depression and others like it."""
    return _GROUPS.get(condition, "")


STRENGTHS = (
    *(
        Parameter(
            name=f"{kind}_strength",
            value=1.0,
            unit="ratio",
            meaning=f"How much {words} can do in one trial, over what they do in the usual one",
            prior_sd=0.3,
            where="1 by definition; the departures of trials act on it",
        )
        for kind, words in _OF.items()
    ),
    *(
        Parameter(
            name=f"{kind}_strength_{group}",
            value=1.0,
            unit="ratio",
            meaning=f"How much {words} can do in {_WORDS[group]}, over major depression",
            prior_sd=0.3,
            where="assumed equal; the trials say how far it is not",
        )
        for kind, words in _OF.items()
        for group in _WORDS
    ),
)
