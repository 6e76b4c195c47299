"""How a study's own words define response and remission."""

from __future__ import annotations

import math
import re

from afterglow.scales.scale import Scale

__all__ = ["DEFINED", "definition"]

DEFINED = ("response", "remission", "sustained_response")
"""Kinds that a study may define in its own way."""

_FALL = re.compile(
    r"(?:fall|fell|drop|reduction|decrease|improvement)(?: of| by)? (?:more than |at least |>=? ?|≥ ?)?"
    r"(\d+(?:\.\d+)?) ?(%|percent|points?)"
    r"|(\d+(?:\.\d+)?) ?(%|percent|points?)(?: or more)? (?:fall|drop|reduction|decrease|improvement)"
)
_CUTOFF = re.compile(r"(?<!p )(?<!p)(<=|≤|at most|<|below|under) ?(\d+)(?![\d.])|(\d+) or (?:less|lower)")


def definition(kind: str, text: str, scale: Scale) -> str | None:
    """Return how a text defines response or remission; empty when that is usual, None when it does not say.

    Parameters
    ----------
    kind : str
        ``remission``, or a kind of response.
    text : str
        What the study says, in lower case.
    scale : Scale

    Returns
    -------
    str or None
        Such as ``fall_30_percent``, ``fall_10`` or ``at_most_6``.
    """
    if kind == "remission":
        match = _CUTOFF.search(text)
        if match is None:
            return None
        strict = match[1] in ("<", "below", "under")
        most = float(match[2] or match[3]) - strict
        usual = scale.remission is not None and scale.remission.at_most == most
        return "" if usual else f"at_most_{most:g}"
    match = _FALL.search(text)
    if match is None:
        return None
    number, unit = float(match[1] or match[3]), match[2] or match[4]
    in_points = unit.startswith("point")
    usual_fall = scale.response.fall * (1 if scale.response.kind == "points" else 100)
    if in_points == (scale.response.kind == "points") and math.isclose(number, usual_fall):
        return ""
    return f"fall_{number:g}" if in_points else f"fall_{number:g}_percent"
