"""Scores and single answers that call for action before anything else is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from afterglow.scales.instruments import scale

__all__ = ["WHERE_TO_TURN", "ScoreCaution", "cautions_of_score"]

WHERE_TO_TURN = (
    "Speak with the person today and follow your service's procedure. Where life may be in danger, call the local "
    "emergency number (112 in the European Union, 999 in the United Kingdom, 911 in North America). Crisis lines: 988 "
    "in the United States and Canada, 116 123 in the United Kingdom and Ireland; findahelpline.com lists others."
)
"""Where to turn; the numbers are recalled, check those of your place."""


@dataclass(frozen=True, kw_only=True)
class ScoreCaution:
    """What a score calls for.

    Parameters
    ----------
    level : {"urgent", "caution"}
    sentence : str
    source : str
        Key into ``references.bib``, with what is recalled.
    """

    level: str
    sentence: str
    source: str


_ITEMS: Mapping[str, tuple[int, int, str]] = {
    "PHQ-9": (9, 1, "kroenke2001"),
    "QIDS-SR16": (12, 1, "rush2003"),
    "MADRS": (10, 3, "montgomery1979"),
    "HAM-D17": (3, 1, "hamilton1960"),
    "GRID-HAMD": (3, 1, "hamilton1960"),
}
"""By scale: the item on death or suicide, the lowest answer that asks for an assessment, and its source (recalled)."""

_SEVERE: Mapping[str, tuple[float, str]] = {
    "PHQ-9": (20, "kroenke2001"),
    "GAD-7": (15, "spitzer2006"),
    "QIDS-SR16": (16, "rush2003"),
    "PCL-5": (60, "assumed: three quarters of the scale; no published edge of severe was found"),
    "CAPS-5": (60, "assumed: three quarters of the scale; no published edge of severe was found"),
}


def cautions_of_score(name: str, value: float, items: Sequence[int] = ()) -> tuple[ScoreCaution, ...]:
    """List what one score calls for, the most urgent first.

    Parameters
    ----------
    name : str
        Of the scale.
    value : float
        The total.
    items : sequence of int
        The single answers, where they are known.
    """
    found = []
    if name in _ITEMS:
        number, least, source = _ITEMS[name]
        if len(items) >= number and items[number - 1] >= least:
            found.append(
                ScoreCaution(
                    level="urgent",
                    sentence=f"Item {number} of the {name} was answered with {items[number - 1]}: thoughts of death or "
                    f"of suicide. Assess the risk now. {WHERE_TO_TURN}",
                    source=f"{source} (recalled)",
                )
            )
    severe = _severe_from(name)
    if severe is not None and value >= severe[0]:
        unseen = " The total does not say how thoughts of death were answered: look." if name in _ITEMS else ""
        found.append(
            ScoreCaution(
                level="caution",
                sentence=f"A {name} of {value:g} is in the severe range ({severe[0]:g} or more): it calls for active "
                f"treatment and an assessment of risk.{'' if found or items else unseen} {WHERE_TO_TURN}",
                source=severe[1],
            )
        )
    return tuple(found)


def _severe_from(name: str) -> tuple[float, str] | None:
    """Return the score from which a scale calls somebody severely ill, and its source."""
    if name in _SEVERE:
        return _SEVERE[name]
    bands = [band for band in scale(name).bands if "severe" in band.name and "moderately" not in band.name]
    return (bands[0].low, "; ".join(scale(name).sources)) if bands else None
