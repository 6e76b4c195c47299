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
    "antidepressant",
    "approach",
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
    "pooled",
    "recovered_by",
    "setting",
    "starts_well",
    "usual_care",
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
_POOLED = re.compile(
    r"meta-(?:analys|regress)|\bpool(?:ed)?\b|systematic review|individual patient data|evidence tables"
)
_CONTROLS = (
    ("waiting_list", re.compile(r"wait(?:ing|[- ]?listed)?[- ]?list|waitlisted|delayed[- ](?:treatment|start)")),
    ("usual_care", re.compile(r"usual care|(?:care|treatment) as usual")),
    ("minimal_contact", re.compile(r"minimal[- ](?:attention|contact)")),
    (
        "untreated",
        re.compile(
            r"untreated|natural course|no (?:specific )?treatment|without (?:specific )?treatment|assessment only"
            r"|(?:treatment|therapy) (?:then |was )?(?:stopped|ended)"
        ),
    ),
)
_ECT_KEPT_UP = re.compile(r"(?:continuation|continued|maintenance) (?:ect\b|electroconvulsive)")
_SOMETHING = re.compile(r"pooled|other controls?|comparators?|active|continu|maintenance|(?<!no )(?:medication|drug)")
_PLACEBO = re.compile(r"placebo|sham|saline")
_CROSSED = re.compile(r"(?:after|including) (?:the |a )?cross-?over|after (?:[\w-]+ )*open-label")
_EVERYBODY = re.compile(r"crossover pooled|\ball groups\b")
_AMONG = re.compile(r"among (?:the )?(?:\d+ )?(responders|remitters|all)\b")
_KEPT = re.compile(r"\bkept to\b|\bkept through\b|\bkept at least\b")
_FALL = re.compile(
    r"(?:fall|fell|drop|reduction|decrease|improvement)(?: of| by)? (?:more than |at least |>=? ?|≥ ?)?"
    r"(\d+(?:\.\d+)?) ?(%|percent|points?)"
    r"|(\d+(?:\.\d+)?) ?(%|percent|points?)(?: or more)? (?:fall|drop|reduction|decrease|improvement)"
)
_APPROACHES = {
    "supportive": re.compile(
        r"supportive|present[- ]cent|counsel|clinical management|attention[- ]control|talking|psychoeducation"
        r"|minimal[- ](?:contact|attention)|health[- ]enhancement|telephone calls"
    ),
    "trauma_focused": re.compile(r"exposure|\bpe\b|\bcpt\b|cognitive processing|\bemdr\b|eye movement|trauma|dbt-ptsd"),
    "behavioural_activation": re.compile(r"behaviou?ral activation|\bba\b"),
    "interpersonal": re.compile(r"interpersonal|\bipt\b"),
    "psychodynamic": re.compile(r"dynamic|psychoanaly|\bdit\b|\bltpp\b"),
    "mindfulness": re.compile(r"mindful|\bmbct\b|\bmbsr\b|meditation"),
    "cognitive_behavioural": re.compile(r"cognitive|\b[a-z]?cbt\b|\bct\b|self-help|\b(?:ro)?dbt\b|problem[- ]solving"),
}
_ONE_OF_TWO = {
    frozenset({"trauma_focused", "cognitive_behavioural"}): "trauma_focused",
    frozenset({"mindfulness", "cognitive_behavioural"}): "mindfulness",
    frozenset({"psychodynamic", "interpersonal"}): "psychodynamic",
    frozenset({"supportive", "trauma_focused"}): "",
}
"""What is meant by two words together, as in cognitive processing, or dynamic interpersonal therapy."""

_INPATIENT = re.compile(r"\bin-?patients?\b|hospitali[sz]ed|psychiatric admission|admitted")
_DRUG = (
    r"(?:antidepressants?|ssris?|snris?|(?:es)?citalopram|sertraline|fluoxetine|paroxetine|duloxetine|venlafaxine"
    r"|mirtazapine|nortriptyline|imipramine|amitriptyline|bupropion|quetiapine|lithium)"
)
_NEW_DRUG = re.compile(
    rf"\bnew(?:ly)?\b(?:[\s-](?:oral|open-label|initiated|started|conventional|or optimised))*[\s-]{_DRUG}"
    rf"|{_DRUG} (?:\([^)]*\) )?(?:[\d.]+ mg )?(?:newly )?(?:started|initiated)"
)
_KEPT_DRUG = re.compile(
    rf"(?:continued?|maintenance|ongoing|stable|current|guideline|continuation|stay(?:ed)? on) (?:[\w-]+ )?{_DRUG}"
    rf"|{_DRUG}(?:[ /]or {_DRUG})? (?:continued|throughout|kept|in (?:both|all) arms)|\+ {_DRUG}"
    r"|(?:continuation|maintenance) (?:drug|pharmacotherapy)|drug (?:was )?continued"
)
_STOPPED_DRUG = re.compile(
    rf"taper|discontinu|(?:{_DRUG}|drugs?|medication) (?:was |were )?(?:stopped|withdrawn|switched to placebo)"
)
_NAMED_DRUG = re.compile(_DRUG)
_USUAL_CARE = re.compile(
    r"usual (?:inpatient )?care|(?:care|treatment|management) as usual|usual treatments? in|standard of care"
)
_WELL_BY = re.compile(
    r"(?P<before>[\w-]+ (?:[\w-]+ )?)(?:responders|remitters)\b"
    r"|(?:responders|remitters|remitted|recovered|response|well) (?:to|with|after|on) (?P<after>[^,;(]+)"
    r"|needed an? (?P<needed>[\w-]+) to (?:remit|recover)|\bafter (?P<later>[^,;(]+)"
)
_HEALERS = {
    "ect": re.compile(r"\bect\b|electroconvulsive"),
    "ketamine": re.compile(r"ketamine"),
    "antidepressant": re.compile(rf"{_DRUG}|\bdrugs?\b|medication|pharmacotherapy"),
    "therapy": re.compile(r"therapy|\bcbt\b|\bct\b|\bipt\b|\bmbct\b|mindful"),
}
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
    given, or which care was active, is then not known. Active for ECT that goes on, which is not modelled.
    """
    text = f"{name} {label}".lower().replace("_", " ")
    if _ECT_KEPT_UP.search(text):
        return "active"
    if _PLACEBO.search(text):
        return "placebo"
    if _SOMETHING.search(text):
        return ""
    return next((kind for kind, pattern in _CONTROLS if pattern.search(text)), "")


def approach(label: str) -> str:
    """Say which approach of psychotherapy a label names; nothing where it names several or none."""
    text = label.lower().replace("_", " ")
    named = frozenset(word for word, pattern in _APPROACHES.items() if pattern.search(text))
    return next(iter(named)) if len(named) == 1 else _ONE_OF_TWO.get(named, "")


def setting(text: str) -> str:
    """Say that people are in hospital when the course begins; nothing where the words do not say so."""
    return "inpatient" if _INPATIENT.search(text.lower()) else ""


def antidepressant(label: str, *, also: str = "", well: bool = False, gives_nothing: bool = False) -> str:
    """Say what happens to a conventional antidepressant in an arm: new, continued or stopped, else nothing.

    Parameters
    ----------
    label : str
        Of the arm.
    also : str
        What else is said of everybody's treatment.
    well : bool
        Whether its people are well at the start; only then is one stopped with the course.
    gives_nothing : bool
        Whether the arm lists neither doses nor sessions, so that a medicine in its label is what it is given.
    """
    own, text = label.lower(), f"{label} {also}".lower()
    if well and _STOPPED_DRUG.search(own):
        return "stopped"
    if _NEW_DRUG.search(text) and "not new" not in text:
        return "new"
    if _KEPT_DRUG.search(text) or (also and _NAMED_DRUG.fullmatch(also.lower())):
        return "continued"
    given = gives_nothing and _NAMED_DRUG.search(own) and not re.search(rf"{_PLACEBO.pattern}|control", own)
    return "new" if given else ""


def usual_care(text: str) -> bool:
    """Say whether people have care as usual beside what is studied."""
    return bool(_USUAL_CARE.search(text.lower()))


def pooled(design: str) -> bool:
    """Say whether a study puts several trials together, by its design."""
    return bool(_POOLED.search(design.lower()))


def recovered_by(label: str, design: str, *, has_therapy: bool = False) -> str:
    """Say what made people well who are well at the start: ect, ketamine, antidepressant or therapy, else nothing.

    Parameters
    ----------
    label : str
        Of the arm; asked first.
    design : str
        What is said of the study and of all its people.
    has_therapy : bool
        Whether an arm of the study is a psychotherapy; without another word, that stands for what helped.
    """
    for text in (label.lower(), design.lower()):
        for found in _WELL_BY.finditer(text):
            words = next(part for part in found.groups() if part)
            healer = next((name for name, pattern in _HEALERS.items() if pattern.search(words)), "")
            if healer:
                return healer
    for name in ("ect", "ketamine"):
        if _HEALERS[name].search(design.lower()):
            return name
    if _STOPPED_DRUG.search(f"{label} {design}".lower()) or _KEPT_DRUG.search(f"{label} {design}".lower()):
        return "antidepressant"
    return "therapy" if has_therapy else ""


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
    """Say whether a share counts all of an arm, or only those who had got better before; nothing if not told."""
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
