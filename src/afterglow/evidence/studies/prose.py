"""What the words of a study's file say, for files that lack the fields which say it.

Each rule answers one question about a text. It is asked only where the field is missing, and answers with nothing
where the text does not say. Nothing else in the package reads prose.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from afterglow.scales.scale import Scale

__all__ = [
    "among",
    "blinding",
    "called_baseline",
    "comparator",
    "continued_ssri",
    "definition",
    "favoured",
    "follows_crossover",
    "holds_everybody",
    "is_kept",
    "is_sham",
    "part_that_defines",
    "starts_well",
]

_SEVERAL_BLIND = re.compile(r"\b(double|triple|quadruple)[- ](?:blind|masked)")
_RATERS_BLIND = re.compile(
    r"\bsingle[- ](?:blind|masked)|\b(?:blind(?:ed)?|masked) (?:[\w-]+ )*(?:raters?|assessors?)"
    r"|\b(?:raters?|assessors?)[- ](?:blind|masked|unaware)"
)
_OPEN = re.compile(r"\bopen\b")
_WELL = re.compile(
    r"relapse[- ]prevention|prevention of relapse|discontinuation|maintenance (?:trial|study|phase|treatment)"
    r"|(?:randomi[sz]ed|placebo)[- ]withdrawal|continuation (?:trial|study|phase|treatment)"
)
_CONTROLS = (
    ("waiting_list", re.compile(r"wait(?:ing|[- ]?listed)?[- ]?list|waitlisted|delayed[- ](?:treatment|start)")),
    ("usual_care", re.compile(r"usual care|(?:care|treatment) as usual")),
    ("minimal_contact", re.compile(r"minimal[- ](?:attention|contact)")),
    (
        "untreated",
        re.compile(
            r"untreated|natural course|no (?:specific )?treatment|without (?:specific )?treatment|assessment only"
        ),
    ),
)
_SOMETHING = re.compile(r"pooled|other controls?|comparators?|active|continu|maintenance|(?<!no )(?:medication|drug)")
_PLACEBO = re.compile(r"placebo|sham|saline")
_CROSSED = re.compile(r"(?:after|including) (?:the |a )?cross-?over|after (?:[\w-]+ )*open-label")
_EVERYBODY = re.compile(r"crossover pooled|\ball groups\b")
_AMONG = re.compile(r"among (?:the )?(?:\d+ )?(responders|remitters)")
_KEPT = re.compile(r"\bkept to\b|\bkept through\b|\bkept at least\b")
_FALL = re.compile(
    r"(?:fall|fell|drop|reduction|decrease|improvement)(?: of| by)? (?:more than |at least |>=? ?|≥ ?)?"
    r"(\d+(?:\.\d+)?) ?(%|percent|points?)"
    r"|(\d+(?:\.\d+)?) ?(%|percent|points?)(?: or more)? (?:fall|drop|reduction|decrease|improvement)"
)
_CUTOFF = re.compile(r"(?<!p )(?<!p)(<=|≤|at most|<|below|under) ?(\d+)(?![\d.])|(\d+) or (?:less|lower)")


def blinding(design: str) -> str:
    """Say who does not know the arm, by the design; raters who do not leave the participants open."""
    text = design.lower()
    several = _SEVERAL_BLIND.search(text)
    if several:
        return several[1]
    return "single" if _RATERS_BLIND.search(text) else "open" if _OPEN.search(text) else ""


def starts_well(design: str) -> bool:
    """Say whether a design waits for relapse in people who are well: it stops, maintains or prevents."""
    return bool(_WELL.search(design.lower()))


def comparator(name: str, label: str) -> str:
    """Say what kind of control an arm is that lists neither doses nor sessions.

    Nothing for one that got something, or for several arms taken together: what a placebo was and how often it was
    given, or which care was active, is then not known.
    """
    text = f"{name} {label}".lower().replace("_", " ")
    if _PLACEBO.search(text):
        return "placebo"
    if _SOMETHING.search(text):
        return ""
    return next((kind for kind, pattern in _CONTROLS if pattern.search(text)), "")


def is_sham(label: str) -> bool:
    """Say whether a training is the same screen without the lesson."""
    return label.lower().startswith("sham")


def continued_ssri(treatments: Iterable[str]) -> bool:
    """Say whether every arm stays on an SSRI, by what each says of other treatment."""
    texts = [text.lower() for text in treatments]
    return bool(texts) and all("ssri continued" in text for text in texts)


def called_baseline(where: str) -> bool:
    """Say whether a row is called the baseline where it was read; the earliest score may be that of screening."""
    return "baseline" in where.lower()


def follows_crossover(where: str) -> bool:
    """Say whether a row is told to come after the arm had been given something else."""
    return bool(_CROSSED.search(where.lower()))


def holds_everybody(label: str) -> bool:
    """Say whether an arm holds the people of the others, all of whom had the active course by then."""
    return bool(_EVERYBODY.search(label.lower()))


def favoured(direction: str) -> str:
    """Return what a contrast is told to favour, in lower case; the id of an arm where it begins with one."""
    return direction.lower().removeprefix("favours ")


def among(text: str) -> str:
    """Say whether a share counts only those who had got better before."""
    match = _AMONG.search(text.lower())
    return match[1] if match else ""


def is_kept(text: str) -> bool:
    """Say whether a response or remission counts only where it was kept for a while."""
    return bool(_KEPT.search(text.lower()))


def part_that_defines(notes: str, kind: str, scale: str) -> str:
    """Return the sentences of a study's notes on response, or on remission on a scale."""
    parts = re.split(r"[.;] ", notes.lower())
    if kind != "remission":
        return "; ".join(part for part in parts if "response" in part)
    name = scale.lower()
    return "; ".join(part[part.index(name) :] for part in parts if "remission" in part and name in part)


def definition(kind: str, text: str, scale: Scale) -> str:
    """Say how a text defines response or remission.

    Parameters
    ----------
    kind : str
        ``remission``, or a kind of response.
    text : str
    scale : Scale

    Returns
    -------
    str
        Such as ``fall_30_percent``, ``fall_10`` or ``at_most_6``; ``usual`` when it is as usual on the scale, empty
        when the text does not say.
    """
    return _cutoff(text.lower(), scale) if kind == "remission" else _fall(text.lower(), scale)


def _cutoff(text: str, scale: Scale) -> str:
    match = _CUTOFF.search(text)
    if match is None:
        return ""
    strict = match[1] in ("<", "below", "under")
    most = float(match[2] or match[3]) - strict
    usual = scale.remission is not None and scale.remission.at_most == most
    return "usual" if usual else f"at_most_{most:g}"


def _fall(text: str, scale: Scale) -> str:
    match = _FALL.search(text)
    if match is None:
        return ""
    number, unit = float(match[1] or match[3]), match[2] or match[4]
    in_points = unit.startswith("point")
    usual = scale.response.fall * (1 if scale.response.kind == "points" else 100)
    if in_points == (scale.response.kind == "points") and math.isclose(number, usual):
        return "usual"
    return f"fall_{number:g}" if in_points else f"fall_{number:g}_percent"
