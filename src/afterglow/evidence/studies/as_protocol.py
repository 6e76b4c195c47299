"""A study as a protocol: the arms that can be simulated, whom they include and when they are rated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from afterglow.errors import AfterglowError, ProtocolError
from afterglow.evidence.studies.baseline import Baseline, baseline
from afterglow.evidence.studies.library import read_study, study, study_file, study_files, study_names
from afterglow.evidence.studies.study import Row, Study, StudyArm, placed
from afterglow.medicines import COMPARATORS
from afterglow.protocol.arm import Arm
from afterglow.protocol.files.source import Source
from afterglow.protocol.protocol import Protocol
from afterglow.protocol.timeline import marked, timeline_problems
from afterglow.protocol.typical import typical_population, typical_spread, well_population
from afterglow.protocol.vocabulary import FURTHEST_DAY
from afterglow.scales.links import family_of

__all__ = [
    "LoadedArm",
    "StudyArms",
    "load_arms",
    "load_report",
    "protocol_from_study",
    "study_arms",
    "study_source",
]

_SHORTEST_DAYS = 28.0
_ASSESSED = 64
_LONGEST_TITLE = 200
_UNKNOWN_HEALER = "its people are well at the start, and the study does not say what made them so"
_HEALERS = {"therapy": "psychotherapy", "antidepressant": "an antidepressant", "ect": "ECT", "ketamine": "ketamine"}
_BLINDED = ("double", "triple", "quadruple")
"""Blinding in which the participants do not know their arm."""

_OF_THE_STUDY = ("blinding", "starts_well", "overlaps", "follow_up_of", "pooled", "retracted")


@dataclass(frozen=True)
class StudyArms:
    """What a study gives a protocol.

    Parameters
    ----------
    data : dict
        Fields of the protocol; its ``arms`` are the usable ones.
    unusable : dict of str to str
        By arm, why it cannot be simulated.
    notes : tuple of str
        What had to be assumed.
    """

    data: dict[str, Any]
    unusable: Mapping[str, str]
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LoadedArm:
    """Whether one arm of a study loads.

    Parameters
    ----------
    study : str
        File name without its ending.
    arm : str
        Empty when the study as a whole does not load.
    loads : bool
    reason : str
        Why it does not load, or what had to be assumed where it does.
    """

    study: str
    arm: str
    loads: bool
    reason: str = ""


def protocol_from_study(source: str | Path | Mapping[str, Any] | Study) -> Protocol:
    """Load the usable arms of an evidence study as a protocol.

    Parameters
    ----------
    source : str, Path, mapping or Study
        The name of a study that comes with the package, a study's file, its plain data, or one that was read before.

    Raises
    ------
    FileError
        If the file cannot be read.
    ProtocolError
        If no study has that name, the condition is not modelled, or no arm can be used; the sentence gives each
        arm's reason.
    """
    return Protocol.from_source(study_source(read_study(source)))


def study_source(found: Study) -> Source:
    """Turn a study into what a protocol is made from, with what was assumed or left out.

    Raises
    ------
    ProtocolError
        If no arm can be used, or the condition is not modelled.
    """
    laid = study_arms(found)
    skipped = tuple(f"arm '{name}' is left out: {reason}" for name, reason in laid.unusable.items())
    if not laid.data["arms"]:
        reasons = "; ".join(f"'{name}' {reason}" for name, reason in laid.unusable.items()) or "it lists none"
        raise ProtocolError(f"the study has no arm that can be simulated: {reasons}")
    return Source(data=laid.data, notes=(*laid.notes, *skipped))


def study_arms(found: Study) -> StudyArms:
    """Turn a study into the fields of a protocol.

    Raises
    ------
    ProtocolError
        If its condition is unknown or measured by no scale here, or a field that concerns all arms is impossible.
    """
    wrong = next((m for m in found.mistakes if m.place and m.place[0] in _OF_THE_STUDY), None)
    if wrong is not None:
        raise ProtocolError(wrong.message, where=placed(wrong.place))
    start = baseline(found, family_of(found.condition))
    unusable = {arm.id: why for arm in found.arms if (why := arm.why_not or _other_people(found, arm))}
    arms = [arm.given for arm in found.arms if arm.given is not None and arm.id not in unusable]
    arms = _with_usual_care(arms)
    horizon = _horizon(found.rows, arms)
    arms = _possible(arms, horizon, unusable)
    population, notes = _population(found, start)
    above = [arm.id for arm in arms if any(dose.extrapolated for dose in marked(arm).doses)]
    notes += tuple(f"a dose of arm '{name}' is above those whose kinetics were studied" for name in above)
    notes += tuple(dict.fromkeys(text for arm in found.arms if arm.id not in unusable for text in arm.assumed))
    data = {
        "title": _title(found),
        "horizon_days": horizon,
        "population": population,
        "arms": arms,
        "assessments": _assessments(found.rows, population["scale"], horizon),
        "blinding": _blinding(found, arms),
        "allow_extrapolation": bool(above),
    }
    return StudyArms(data, unusable, notes)


def _other_people(found: Study, arm: StudyArm) -> str:
    """Say why the people of an arm are not those of the protocol, which has one population."""
    if not found.starts_well or (arm.recovered_by and arm.recovered_by == found.people.recovered_by):
        return ""
    if not arm.recovered_by:
        return _UNKNOWN_HEALER
    others = _HEALERS[found.people.recovered_by]
    return f"its people were made well by {_HEALERS[arm.recovered_by]}, those of the other arms by {others}"


def _with_usual_care(arms: Sequence[Arm]) -> list[Arm]:
    """Let people in therapy go on with their usual care where it is what therapy is compared with."""
    if all(arm.background.care == "none" for arm in arms):
        return list(arms)
    return [
        arm.model_copy(update={"background": arm.background.model_copy(update={"care": "usual"})})
        if any(session.kind == "psychotherapy" for session in arm.sessions)
        else arm
        for arm in arms
    ]


def _title(found: Study) -> str:
    text = found.citation or found.id
    return text if len(text) <= _LONGEST_TITLE else text[: _LONGEST_TITLE - 3] + "..."


def _horizon(rows: Sequence[Row], arms: Sequence[Arm]) -> float:
    last = max((row.time_h / 24 for arm in arms for row in arm.timed), default=0.0)
    days = [row.reached_day for row in rows if row.reached_day is not None and row.reached_day <= FURTHEST_DAY]
    return min(FURTHEST_DAY, max(_SHORTEST_DAYS, math.floor(last) + 1.0, *days))


def _possible(arms: Sequence[Arm], horizon: float, unusable: dict[str, str]) -> list[Arm]:
    """Leave out the arms that cannot be done in time."""
    found = []
    for arm in arms:
        wrong = timeline_problems([arm], (), horizon_days=horizon, allow_extrapolation=True)
        if wrong:
            unusable[arm.id] = str(wrong[0]).removeprefix("arms[0].")
        else:
            found.append(arm)
    return found


def _population(found: Study, start: Baseline | None) -> tuple[dict[str, Any], tuple[str, ...]]:
    if start is None and found.starts_well:
        fields, note = well_population(found.condition)
        notes: tuple[str, ...] = (f"the study gives no score of people who are well at its start; {note}",)
    elif start is None:
        fields, note = typical_population(found.condition)
        why = _no_kind(found) or "the study gives no baseline on a scale known here"
        notes = (f"{why}; {note}",)
    else:
        scale, mean, spread = start
        sd = spread or typical_spread(scale)
        fields = {"condition": found.condition, "scale": scale, "baseline_mean": mean, "baseline_sd": sd}
        notes = () if spread else (f"the spread of the baseline is assumed: SD {sd:g} on {scale}",)
    people = found.people
    if found.starts_well and people.recovered_by:
        fields["recovered_by"] = people.recovered_by
        if people.episode_mean is not None:
            fields["episode_mean"] = people.episode_mean
    if people.setting:
        fields["setting"] = people.setting
    if people.age_mean is not None and 18 <= people.age_mean <= 90:
        fields["age_mean"] = people.age_mean
    for key in ("age_sd", "female_fraction", "weight_mean_kg", "weight_sd_kg", "ssri_fraction"):
        told = getattr(people, key)
        if told is not None:
            fields[key] = told
    return fields, notes


def _no_kind(found: Study) -> str:
    """Say of a mean before treatment that it cannot be read, where the row does not say what it is."""
    for arm in found.arms:
        for row in arm.observations:
            if row.mean is not None and row.scale and not row.kind and row.day is not None and row.day <= 0:
                return f"the {row.scale.id} of day {row.day:g} says no kind, such as kind: score, so it is no baseline"
    return ""


def _assessments(rows: Sequence[Row], scale: str, horizon: float) -> list[dict[str, Any]]:
    days: dict[str, set[float]] = {}
    for row in rows:
        if row.scale and row.day is not None and row.day <= horizon:
            days.setdefault(row.scale.id, set()).add(row.day)
    if not days:
        days[scale] = {-1.0, horizon}
    return [{"scale": name, "days": sorted(rated)} for name, rated in list(days.items())[:_ASSESSED]]


def _blinding(found: Study, arms: Sequence[Arm]) -> dict[str, str]:
    given = {dose.medicine for arm in arms for dose in arm.doses}
    comparator = ", ".join(name for name in COMPARATORS if name in given)
    return {"design": "blinded" if found.blinding in _BLINDED else "open", "comparator": comparator}


def load_report(folder: str | Path | None = None) -> list[LoadedArm]:
    """List every arm of every study in a folder, with whether it loads and why not.

    Parameters
    ----------
    folder : str or Path, optional
        By default the studies that come with the package.

    Raises
    ------
    FileError
        If the folder does not exist.
    """
    if folder is None:
        return [row for name in study_names() for row in load_arms(study(name))]
    rows: list[LoadedArm] = []
    for path in study_files(folder):
        try:
            rows += load_arms(study_file(path))
        except AfterglowError as error:
            rows.append(LoadedArm(study=path.stem, arm="", loads=False, reason=str(error)))
    return rows


def load_arms(found: Study) -> list[LoadedArm]:
    """List the arms of a study, with whether each loads and why not."""
    try:
        laid = study_arms(found)
        arms = laid.data["arms"]
        wrong = Protocol.parse(laid.data)[1] if arms else []
    except AfterglowError as error:
        return [LoadedArm(study=found.name, arm="", loads=False, reason=str(error))]
    if not arms and not laid.unusable:
        return [LoadedArm(study=found.name, arm="", loads=False, reason="the study lists no arms")]
    if wrong:
        return [LoadedArm(study=found.name, arm="", loads=False, reason=str(wrong[0]))]
    bare = "no doses or sessions are listed, so this is the natural course, with what goes on beside"
    rows = []
    for arm in arms:
        notes = (*laid.notes, "" if arm.doses or arm.sessions else bare)
        rows.append(
            LoadedArm(study=found.name, arm=arm.id, loads=True, reason="; ".join(note for note in notes if note))
        )
    return rows + [
        LoadedArm(study=found.name, arm=name, loads=False, reason=why) for name, why in laid.unusable.items()
    ]
