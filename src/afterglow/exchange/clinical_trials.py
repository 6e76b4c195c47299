"""Read a record of ClinicalTrials.gov (API v2) as the skeleton of a trial."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from afterglow.errors import FileError
from afterglow.exchange.sizes import equal_share, people_of
from afterglow.exchange.skeleton import Skeleton, SkeletonArm, Visits
from afterglow.exchange.time_frame import time_frame
from afterglow.exchange.words import clean, condition_in, suggested_doses
from afterglow.scales.in_text import scales_in

__all__ = ["number_of", "registry_skeleton"]

_OUTCOMES = (("primaryOutcomes", "primary"), ("secondaryOutcomes", "secondary"), ("otherOutcomes", "other"))
_LARGEST_SHARE = 10
"""Of an allocation such as 2:1; more is a time of day."""

_USED = {
    *("identificationModule", "statusModule", "sponsorCollaboratorsModule", "descriptionModule", "conditionsModule"),
    *("designModule", "armsInterventionsModule", "outcomesModule", "eligibilityModule"),
}
_CONTROLS = ("PLACEBO_COMPARATOR", "SHAM_COMPARATOR", "NO_INTERVENTION", "ACTIVE_COMPARATOR")
"""Types of arms that are compared with, the likeliest first."""

_BESIDE = {
    "resultsSection": "results (a protocol is what is planned; nothing of them is used)",
    "documentSection": "documents",
    "annotationSection": "annotations",
    "derivedSection": "terms that the registry derives",
    "hasResults": "",
}


def number_of(record: Mapping[str, Any]) -> str:
    """Return the number of a record, such as ``NCT01234567``; empty when it has none."""
    return clean(_at(record, "protocolSection", "identificationModule", "nctId"))


def registry_skeleton(record: Mapping[str, Any]) -> Skeleton:
    """Return what a record says of a trial.

    Parameters
    ----------
    record : mapping
        One study as the registry's API v2 gives it, with ``protocolSection``.

    Raises
    ------
    FileError
        If the study is observational or of expanded access, so that it has no arms to plan.
    """
    number = number_of(record)
    kind = clean(_at(record, "protocolSection", "designModule", "studyType"))
    groups = _rows(_at(record, "protocolSection", "armsInterventionsModule", "armGroups"))
    if kind and kind.upper() != "INTERVENTIONAL" and not groups:
        raise FileError(
            f"{number or 'the record'} is {_words(kind)}, not a trial: it has no arms to make a protocol of"
        )
    title = _at(record, "protocolSection", "identificationModule", "briefTitle") or _at(
        record, "protocolSection", "identificationModule", "officialTitle"
    )
    unread: list[str] = []
    arms = _arms(record, groups)
    blinded, says = _blinding(record, len(arms))
    controls = [clean(group.get("label")) for kind in _CONTROLS for group in groups if group.get("type") == kind]
    visits = _visits(record, unread)
    frames = [time_frame(clean(row.get("timeFrame"))) for row in _outcomes(record)]
    unread += _rest(record)
    return Skeleton(
        source=f"the ClinicalTrials.gov record {number or 'without a number'}",
        title=f"{number}: {clean(title)}" if number and title else clean(title) or number,
        arms=arms,
        visits=visits,
        last_day=max((day for frame in frames for day in frame.days), default=None),
        condition=condition_in(
            [clean(text) for text in _texts(_at(record, "protocolSection", "conditionsModule", "conditions"))]
        ),
        people=tuple(_people(record)),
        blinded=blinded,
        comparator=controls[0] if controls else "",
        blinding_says=says,
        about=tuple(_about(record)),
        unread=tuple(unread),
    )


def _at(held: Any, *keys: str) -> Any:
    """Return what stands at the end of a path of keys, or None where the record is otherwise."""
    for key in keys:
        held = held.get(key) if isinstance(held, Mapping) else None
    return held


def _rows(held: Any) -> list[Mapping[str, Any]]:
    return [row for row in held if isinstance(row, Mapping)] if isinstance(held, list) else []


def _texts(held: Any) -> list[str]:
    return [text for text in held if isinstance(text, str)] if isinstance(held, list) else []


def _words(constant: str) -> str:
    return constant.replace("_", " ").lower()


def _about(record: Mapping[str, Any]) -> Iterator[str]:
    kind = clean(_at(record, "protocolSection", "designModule", "studyType"))
    if kind.upper() not in ("", "INTERVENTIONAL"):
        yield f"The record is of a study that is {_words(kind)}."
    status = _at(record, "protocolSection", "statusModule")
    said = [
        f"{name} {clean(_at(status, key, 'date'))}"
        for name, key in (("start", "startDateStruct"), ("primary completion", "primaryCompletionDateStruct"))
        if _at(status, key, "date")
    ]
    state = clean(_at(status, "overallStatus"))
    version = clean(_at(record, "derivedSection", "miscInfoModule", "versionHolder"))
    parts = [_words(state), *said, f"record as of {version}" if version else ""]
    if any(parts):
        yield "Status: " + ", ".join(part for part in parts if part)
    sponsor = clean(_at(record, "protocolSection", "sponsorCollaboratorsModule", "leadSponsor", "name"))
    if sponsor:
        yield f"Sponsor: {sponsor}"
    official = clean(_at(record, "protocolSection", "identificationModule", "officialTitle"))
    if official:
        yield f"Official title: {official}"
    design = _at(record, "protocolSection", "designModule", "designInfo")
    words = [_words(clean(_at(design, key))) for key in ("allocation", "interventionModel", "primaryPurpose")]
    detail = clean(_at(design, "interventionModelDescription"))
    if any(words):
        yield "Design: " + ", ".join(word for word in words if word) + (f". {detail}" if detail else "")
    summary = clean(_at(record, "protocolSection", "descriptionModule", "briefSummary"))
    if summary:
        yield f"Summary: {summary}"
    more = clean(_at(record, "protocolSection", "descriptionModule", "detailedDescription"))
    if more:
        yield f"Description: {more}"


def _people(record: Mapping[str, Any]) -> Iterator[str]:
    conditions = _texts(_at(record, "protocolSection", "conditionsModule", "conditions"))
    if conditions:
        yield f"Conditions: {'; '.join(clean(text) for text in conditions)}"
    eligibility = _at(record, "protocolSection", "eligibilityModule")
    bounds = [clean(_at(eligibility, key)) for key in ("minimumAge", "maximumAge")]
    if any(bounds):
        yield "Age: " + " to ".join(bound or "no limit" for bound in bounds)
    sex = clean(_at(eligibility, "sex"))
    if sex and sex != "ALL":
        yield f"Sex: {_words(sex)}"
    count = _at(record, "protocolSection", "designModule", "enrollmentInfo", "count")
    if count is not None:
        kind = _words(clean(_at(record, "protocolSection", "designModule", "enrollmentInfo", "type")))
        yield f"Enrolment: {clean(count)}" + (f" ({kind})" if kind else "")
    criteria = _at(eligibility, "eligibilityCriteria")
    lines = criteria.splitlines() if isinstance(criteria, str) else []
    rated = [clean(line).lstrip("*- ") for line in lines if scales_in(line)]
    for line in rated:
        yield f"Criterion with a scale: {line}"
    if lines:
        others = len([line for line in lines if line.strip()]) - len(rated)
        yield f"The other criteria of eligibility ({others} lines) are in the record."


def _blinding(record: Mapping[str, Any], arms: int) -> tuple[bool, str]:
    info = _at(record, "protocolSection", "designModule", "designInfo", "maskingInfo")
    masking = clean(_at(info, "masking"))
    who = [_words(word) for word in _texts(_at(info, "whoMasked"))]
    said = clean(_at(info, "maskingDescription"))
    if not masking:
        return False, "assumed: the record says nothing of masking"
    words = f"Masking: {_words(masking)}" + (f" ({', '.join(who)})" if who else "") + (f". {said}" if said else "")
    if masking.upper() == "NONE":
        return False, words
    if arms == 1:
        return False, f"{words}. With one arm there is nothing to guess, so it is open here."
    if who and "participant" not in who:
        return False, f"{words}. Participants know their arm, so it is open here."
    return True, words


def _arms(record: Mapping[str, Any], groups: list[Mapping[str, Any]]) -> tuple[SkeletonArm, ...]:
    module = _at(record, "protocolSection", "armsInterventionsModule")
    interventions = _rows(_at(module, "interventions"))
    if not groups and interventions:
        # Older records name what is given and no arms.
        names = "; ".join(f"{_words(clean(row.get('type')))} {clean(row.get('name'))}" for row in interventions)
        groups = [
            {"label": clean(interventions[0].get("name")), "description": f"the record names no arms, but: {names}"}
        ]
    sizes, note = _sizes(record, len(groups))
    found = []
    for group, size in zip(groups, sizes, strict=True):
        says = [_words(clean(group.get("type"))).capitalize()] if group.get("type") else []
        if group.get("description"):
            says.append(f"The record: {clean(group['description'])}")
        given = [row for row in interventions if _is_given(row, group)]
        says += [
            f"{_words(clean(row.get('type'))).capitalize()} {clean(row.get('name'))}: {_detail(row)}" for row in given
        ]
        texts = [clean(group.get("label")), clean(group.get("description"))]
        texts += [f"{clean(row.get('name'))} {clean(row.get('description'))}" for row in given]
        names = " ; ".join([texts[0], *(clean(row.get("name")) for row in given)])
        suggested = suggested_doses(names, " ; ".join(texts))
        found.append(
            SkeletonArm(label=clean(group.get("label")), n=size, n_note=note, says=tuple(says), suggested=suggested)
        )
    return tuple(found)


def _detail(row: Mapping[str, Any]) -> str:
    other = ", ".join(clean(name) for name in _texts(row.get("otherNames")))
    said = clean(row.get("description")) or "no description"
    return f"{said} (also called {other})" if other else said


def _is_given(row: Mapping[str, Any], group: Mapping[str, Any]) -> bool:
    label = clean(group.get("label"))
    if label and label in [clean(text) for text in _texts(row.get("armGroupLabels"))]:
        return True
    names = [clean(text).partition(": ")[2] or clean(text) for text in _texts(group.get("interventionNames"))]
    return clean(row.get("name")) in names


def _sizes(record: Mapping[str, Any], arms: int) -> tuple[list[int | None], str]:
    """Return how many people each arm has, and what that rests on; None where the record cannot say."""
    count = people_of(_at(record, "protocolSection", "designModule", "enrollmentInfo", "count"))
    design = _at(record, "protocolSection", "designModule", "designInfo")
    if count is not None and clean(_at(design, "interventionModel")).upper() == "CROSSOVER":
        return [None] * arms, f"{count} in all; in a crossover each of them is in several arms"
    descriptions = _at(record, "protocolSection", "descriptionModule")
    texts = [_at(design, "interventionModelDescription")]
    texts += [_at(descriptions, key) for key in ("briefSummary", "detailedDescription")]
    for said in re.findall(r"(?<![\d:])\d{1,2}(?::\d{1,2})+(?![\d:])", " ; ".join(clean(text) for text in texts)):
        parts = [int(part) for part in said.split(":")]
        if count is not None and len(parts) == arms > 1 and all(1 <= part <= _LARGEST_SHARE for part in parts):
            sizes: list[int | None] = [max(1, round(count * part / sum(parts))) for part in parts]
            return sizes, f"of {count} in all, allocated {said} in the order of the arms (assumed)"
    share, note = equal_share(count, arms)
    return [share] * arms, note


def _outcomes(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    module = _at(record, "protocolSection", "outcomesModule")
    return [row for key, _ in _OUTCOMES for row in _rows(_at(module, key))]


def _visits(record: Mapping[str, Any], unread: list[str]) -> tuple[Visits, ...]:
    days: dict[str, set[float]] = {}
    says: dict[str, list[str]] = {}
    module = _at(record, "protocolSection", "outcomesModule")
    for key, rank in _OUTCOMES:
        for row in _rows(_at(module, key)):
            measure, frame = clean(row.get("measure")), clean(row.get("timeFrame"))
            words = f"{measure} [{frame or 'no time frame'}]"
            scales = scales_in(measure)
            if not scales:
                described = clean(row.get("description"))
                scales = scales_in(described)
                words += f": {described}" if scales else ""
            if not scales:
                unread.append(f"{rank} outcome, no scale that is known here: {words}")
                continue
            read = time_frame(frame)
            if not read.days:
                read = time_frame(measure)
            found = set(read.days)
            if read.baseline or re.search(r"\bbase ?line\b|\bchange\b", f"{measure} {frame}".lower()):
                found.add(-1.0)
            notes = list(read.notes) if read.days else ["no day was understood"]
            for scale in scales:
                days.setdefault(scale, set()).update(found)
                says.setdefault(scale, []).append(
                    f"{rank} outcome: {words}" + (f"; {'; '.join(notes)}" if notes else "")
                )
    return tuple(
        # A baseline alone is no visit that was understood.
        Visits(scale=scale, days=tuple(sorted(found)) if found - {-1.0} else (), says=tuple(says[scale]))
        for scale, found in days.items()
    )


def _rest(record: Mapping[str, Any]) -> Iterator[str]:
    """Say which parts of the record are not in the protocol at all."""
    section = _at(record, "protocolSection") or {}
    others = [key for key in section if key not in _USED]
    if others:
        yield "parts of the record: " + ", ".join(re.sub(r"Module$", "", key) for key in others)
    for key in record:
        if key == "protocolSection" or not record[key]:
            continue
        said = _BESIDE.get(key, clean(key))
        if said:
            yield said
