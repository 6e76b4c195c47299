"""The skeleton of a trial: what a registry says, and a commented YAML that asks for the rest."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import Any

from afterglow.errors import ProtocolError
from afterglow.exchange.words import arm_id, clean
from afterglow.protocol.files.yaml_text import InRow, OneLine, yaml_text
from afterglow.protocol.typical import typical_population
from afterglow.scales.links import family_of

__all__ = ["Skeleton", "SkeletonArm", "Visits", "skeleton_yaml"]

_WIDTH = 116
_LONGEST_QUOTE = 700
_LABEL = 300
_FOLLOWED_DAYS = 28.0
_USUAL_HORIZON_DAYS = 365.0


@dataclass(frozen=True, kw_only=True)
class SkeletonArm:
    """An arm as a record has it.

    Parameters
    ----------
    label : str
    n : int or None
    n_note : str
        What the number rests on.
    says : tuple of str
        What the record says of it.
    suggested : tuple of str
        Steps that its words suggest.
    """

    label: str
    n: int | None = None
    n_note: str = ""
    says: tuple[str, ...] = ()
    suggested: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Visits:
    """A scale and the days on which it is rated, as far as they are known.

    Parameters
    ----------
    scale : str
    days : tuple of float
        Rising; empty when no day is known.
    says : tuple of str
        The words of the record, and what was assumed.
    """

    scale: str
    days: tuple[float, ...] = ()
    says: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Skeleton:
    """What a record says of a trial.

    Parameters
    ----------
    source : str
        What was read, such as ``ClinicalTrials.gov NCT01234567``.
    title : str
    arms : tuple of SkeletonArm
    visits : tuple of Visits
        One a scale.
    last_day : float or None
        The last time that it names, of whatever is done then; None for that of `visits`.
    condition : str or None
        None when the record names none that is known here.
    people : tuple of str
        What it says of the people.
    blinded : bool
    comparator : str
    blinding_says : str
    about : tuple of str
        What it says of the trial as a whole.
    unread : tuple of str
        What is in the record and not in the protocol, each with the reason.
    """

    source: str
    title: str
    arms: tuple[SkeletonArm, ...]
    visits: tuple[Visits, ...]
    last_day: float | None = None
    condition: str | None = None
    people: tuple[str, ...] = ()
    blinded: bool = False
    comparator: str = ""
    blinding_says: str = ""
    about: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass
class _Lines:
    text: list[str] = field(default_factory=list)

    def comment(self, said: str, indent: int = 0) -> None:
        lead = " " * indent + "# "
        said = clean(said)
        if len(said) > _LONGEST_QUOTE:
            said = f"{said[:_LONGEST_QUOTE]} [cut here: {len(said) - _LONGEST_QUOTE} further letters]"
        self.text += textwrap.wrap(
            said,
            _WIDTH,
            initial_indent=lead,
            subsequent_indent=lead + "  ",
            break_long_words=False,
            break_on_hyphens=False,
        )

    def entry(self, data: dict[str, Any], indent: int = 0, *, after: str = "", dash: bool = False) -> None:
        lines = yaml_text(data).rstrip("\n").split("\n")
        if after:
            lines[-1] += f" # {clean(after)}"
        lead = " " * indent
        self.text += [lead + ("- " if dash and k == 0 else "  " if dash else "") + line for k, line in enumerate(lines)]

    def empty(self, key: str, indent: int, asked: str) -> None:
        self.text.append(f"{' ' * indent}{key}: # FILL IN: {clean(asked)}")


def skeleton_yaml(skeleton: Skeleton) -> str:
    """Write a protocol to be completed: what the record says as entries, what it does not say as empty ones.

    ``afterglow check`` reads the file and names the entries that are still empty.
    """
    out = _Lines()
    out.comment(f"The skeleton of a trial, from {skeleton.source}.")
    out.comment(
        "Entries marked FILL IN are what the record does not say: complete them, then run `afterglow check FILE`."
    )
    out.comment(
        "Days count from the first dosing day, which is day 0. For research, teaching and planning; no medical advice."
    )
    for said in skeleton.about:
        out.comment(said)
    title = clean(skeleton.title)
    if len(title) > _LABEL:
        out.comment(f"The whole title: {title}")
        title = title[: _LABEL - 3] + "..."
    out.entry({"title": title or skeleton.source})
    _horizon(out, skeleton)
    _population(out, skeleton)
    _blinding(out, skeleton)
    _assessments(out, skeleton)
    _arms(out, skeleton)
    if skeleton.unread:
        out.text.append("")
        out.comment("In the record and not in this protocol:")
        for said in skeleton.unread:
            out.comment(f"- {said}")
    return "\n".join(out.text) + "\n"


def _horizon(out: _Lines, skeleton: Skeleton) -> None:
    named = [day for visits in skeleton.visits for day in visits.days]
    last = max([*named, *([] if skeleton.last_day is None else [skeleton.last_day])], default=0.0)
    if last <= 0:
        out.entry({"horizon_days": _USUAL_HORIZON_DAYS}, after="assumed: the record names no last visit")
    else:
        out.entry(
            {"horizon_days": min(last + _FOLLOWED_DAYS, 3650.0)},
            after="assumed: four weeks past the last time it names",
        )


def _population(out: _Lines, skeleton: Skeleton) -> None:
    out.text += ["", "population:"]
    for said in skeleton.people:
        out.comment(said, 2)
    if skeleton.condition is None:
        out.empty("condition", 2, "such as major_depression, treatment_resistant_depression, ptsd or anxiety")
    else:
        out.entry({"condition": skeleton.condition}, 2)
    scale = skeleton.visits[0].scale if skeleton.visits else None
    if scale is None:
        out.empty("scale", 2, "scale of the baseline, such as MADRS or CAPS-5")
    else:
        out.entry({"scale": scale}, 2, after="scale of the two lines below")
    usual = _usual_baseline(skeleton.condition)
    out.empty("baseline_mean", 2, f"mean score of those included, before the first dose{usual}")
    out.empty("baseline_sd", 2, "its standard deviation between people")
    out.text.append("  # inclusion_min: 20 # lowest score that is included, below the mean")


def _usual_baseline(condition: str | None) -> str:
    try:
        family_of(condition or "")
    except ProtocolError:
        return ""
    fields, _ = typical_population(condition or "")
    return f" (other trials: {fields['scale']} {fields['baseline_mean']:g}, SD {fields['baseline_sd']:g})"


def _blinding(out: _Lines, skeleton: Skeleton) -> None:
    blinding = {"design": "blinded" if skeleton.blinded else "open"}
    if skeleton.comparator:
        blinding["comparator"] = clean(skeleton.comparator)[:_LABEL]
    out.text.append("")
    if skeleton.blinding_says:
        out.comment(skeleton.blinding_says)
    out.entry({"blinding": OneLine(blinding)})


def _assessments(out: _Lines, skeleton: Skeleton) -> None:
    out.text.append("")
    if not skeleton.visits:
        out.empty(
            "assessments", 0, "a list such as [{scale: MADRS, days: [-1, 7, 28]}]; no scale was found in the record"
        )
        return
    out.comment("A registry's 'Day 43' stands here as 43: where its day 1 is the dosing day, subtract one.")
    out.text.append("assessments:")
    for visits in skeleton.visits:
        for said in visits.says:
            out.comment(said, 2)
        out.entry({"scale": visits.scale}, 2, dash=True)
        if visits.days:
            out.entry({"days": InRow(visits.days)}, 4)
        else:
            out.empty("days", 4, "a list such as [-1, 7, 28]; the record names no day that was understood")


def _arms(out: _Lines, skeleton: Skeleton) -> None:
    out.text.append("")
    if not skeleton.arms:
        out.empty("arms", 0, "the record has none; `afterglow new psilocybin` shows how they are written")
        return
    out.text.append("arms:")
    taken: set[str] = set()
    for k, arm in enumerate(skeleton.arms, start=1):
        label = clean(arm.label)
        if k > 1:
            out.text.append("")
        out.entry({"id": arm_id(label, taken, k)}, 2, dash=True)
        if len(label) > _LABEL:
            out.comment(f"The whole label: {label}", 4)
            label = label[: _LABEL - 3] + "..."
        if label:
            out.entry({"label": label}, 4)
        for said in arm.says:
            out.comment(said, 4)
        if arm.n is not None:
            out.entry({"n": arm.n}, 4, after=arm.n_note)
        elif arm.n_note:
            out.comment(f"n: {arm.n_note}", 4)
        out.empty("steps", 4, "doses and sessions, a sentence each; [] if this arm gets nothing")
        if arm.suggested:
            out.comment("from the words above, to be checked:", 6)
        out.text += [f"      # - {clean(step)}" for step in arm.suggested]
        out.comment("how sessions are written, not what this trial does:", 6)
        out.text += [
            "      # - preparation 2 h individual on day -1",
            "      # - dosing 7 h individual on day 0",
            "      # - integration 90 min individual on day 1",
        ]
