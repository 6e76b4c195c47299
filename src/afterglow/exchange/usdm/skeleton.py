"""Read the USDM v4 of any program as the skeleton of a trial."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from afterglow.exchange.sizes import equal_share, people_of
from afterglow.exchange.skeleton import Skeleton, SkeletonArm, Visits
from afterglow.exchange.usdm.codes import CODES
from afterglow.exchange.usdm.study import Row, code_of, decode_of, design_of, keys_of, rows_of, version_of
from afterglow.exchange.usdm.timing import duration_days
from afterglow.exchange.words import clean, condition_in, suggested_doses
from afterglow.scales.in_text import scales_in

__all__ = ["usdm_skeleton"]

_CONTROLS = ("C174268", "C174269", "C174226", "C174267")
"""Types of arms that are compared with: placebo, sham, control, active comparator."""


def usdm_skeleton(data: Row, *, file: str) -> Skeleton:
    """Return what a USDM v4 study of any origin says of a trial.

    Raises
    ------
    FileError
        If there is no USDM v4 study in the file.
    """
    return _Study(data).skeleton(file)


def _name(row: Row) -> str:
    return clean(row.get("label") or row.get("name"))


def _by_id(held: Any) -> dict[str, Row]:
    return {clean(row.get("id")): row for row in rows_of(held)}


def _untagged(row: Row) -> str:
    """Return the text of an instance without the marks of HTML."""
    return clean(re.sub(r"<[^>]*>", " ", clean(row.get("text"))))


def _planned(row: Row) -> int | None:
    """Return the planned enrolment, the top of a range where it is one."""
    planned = row.get("plannedEnrollmentNumber")
    if not isinstance(planned, Mapping):
        return None
    top = planned.get("maxValue")
    return people_of((top if isinstance(top, Mapping) else planned).get("value"))


class _Study:
    """Reads what other programs write, of which anything may be missing."""

    def __init__(self, data: Row) -> None:
        self.data = data
        self.version = version_of(data)
        self.design = design_of(data)
        population = self.design.get("population")
        self.population: Row = population if isinstance(population, Mapping) else {}
        self.arms = rows_of(self.design.get("arms"))
        self.timelines = rows_of(self.design.get("scheduleTimelines"))
        self.main: Row = next((row for row in self.timelines if row.get("mainTimeline") is True), {})
        self.days = dict(self._days())

    def skeleton(self, file: str) -> Skeleton:
        titles = [clean(row.get("text")) for row in rows_of(self.version.get("titles"))]
        indications = rows_of(self.design.get("indications"))
        spelled = [clean(row.get(key)) for row in indications for key in ("name", "label", "description")]
        blinding = decode_of(self.design.get("blindingSchema"))
        controls = [_name(row) for kind in _CONTROLS for row in self.arms if code_of(row.get("type")) == kind]
        return Skeleton(
            source=f"USDM in {clean(file)}",
            title=next((text for text in titles if text), clean(self.data["study"].get("name"))),
            arms=tuple(self._arm(row) for row in self.arms),
            visits=tuple(self._visits()),
            last_day=max((day for day in self.days.values() if day is not None), default=None),
            condition=condition_in(spelled),
            people=tuple(self._people(spelled)),
            blinded=bool(blinding) and "open" not in blinding.lower() and len(self.arms) > 1,
            comparator=controls[0] if controls else "",
            blinding_says=f"Blinding: {blinding}" if blinding else "assumed: the file says nothing of blinding",
            about=tuple(self._about(titles)),
            unread=tuple(self._unread()),
        )

    def _about(self, titles: list[str]) -> Iterator[str]:
        yield from (f"Also called: {text}" for text in dict.fromkeys(titles[1:]))
        yield from (f"Identifier: {clean(row.get('text'))}" for row in rows_of(self.version.get("studyIdentifiers")))
        for row in rows_of(self.design.get("objectives")):
            yield f"Objective: {_untagged(row)}"
            yield from (f"Endpoint: {_untagged(endpoint)}" for endpoint in rows_of(row.get("endpoints")))

    def _people(self, conditions: list[str]) -> Iterator[str]:
        named = [text for text in dict.fromkeys(conditions) if text]
        if named:
            yield f"Conditions: {'; '.join(named)}"
        said = clean(self.population.get("description"))
        if said:
            yield f"Population: {said}"
        planned = _planned(self.population)
        if planned:
            yield f"Enrolment: {planned}"
        criteria = rows_of(self.version.get("eligibilityCriterionItems"))
        rated = [_untagged(row) for row in criteria if scales_in(_untagged(row))]
        yield from (f"Criterion with a scale: {text}" for text in rated)
        if criteria:
            yield f"The other criteria of eligibility ({len(criteria) - len(rated)}) are in the file."

    def _arm(self, row: Row) -> SkeletonArm:
        label, described = _name(row), clean(row.get("description"))
        cohorts = _by_id(self.population.get("cohorts"))
        sizes = [_planned(cohorts[key]) for key in keys_of(row.get("populationIds")) if key in cohorts]
        n = sum(size for size in sizes if size) or None
        note = "planned for its cohort"
        if n is None:
            n, note = equal_share(_planned(self.population), len(self.arms))
        says = [f"Type: {decode_of(row.get('type'))}"] if decode_of(row.get("type")) else []
        says += [f"The file: {described}"] if described not in ("", label) else []
        interventions = _by_id(self.version.get("studyInterventions"))
        says += [said for key in self._given(row) for said in _administered(interventions.get(key, {}))]
        suggested = suggested_doses(label, " ; ".join([label, *says]))
        return SkeletonArm(label=label, n=n, n_note=note, says=tuple(says), suggested=suggested)

    def _given(self, arm: Row) -> list[str]:
        """Return the ids of the interventions in the elements of an arm's cells."""
        elements = _by_id(self.design.get("elements"))
        cells = [row for row in rows_of(self.design.get("studyCells")) if row.get("armId") == arm.get("id")]
        held = [elements[key] for cell in cells for key in keys_of(cell.get("elementIds")) if key in elements]
        return list(dict.fromkeys(key for element in held for key in keys_of(element.get("studyInterventionIds"))))

    def _scales(self, activity: Row) -> tuple[str, ...]:
        """Return the scales that an activity or its concepts name."""
        concepts = _by_id(self.version.get("biomedicalConcepts")) | _by_id(self.version.get("bcSurrogates"))
        keys = [*keys_of(activity.get("biomedicalConceptIds")), *keys_of(activity.get("bcSurrogateIds"))]
        rows = [activity, *(concepts[key] for key in keys if key in concepts)]
        return scales_in(" ; ".join(clean(row.get(key)) for row in rows for key in ("name", "label", "description")))

    def _visits(self) -> Iterator[Visits]:
        days: dict[str, set[float]] = {}
        says: dict[str, list[str]] = {}
        for row in rows_of(self.design.get("activities")):
            at, when = self._occurrences(row)
            for scale in self._scales(row):
                days.setdefault(scale, set()).update(at)
                says.setdefault(scale, []).append(f"activity: {_name(row)} [{when}]")
        for objective in rows_of(self.design.get("objectives")):
            for endpoint in rows_of(objective.get("endpoints")):
                for scale in scales_in(_untagged(endpoint)):
                    days.setdefault(scale, set())
                    says.setdefault(scale, []).append(f"endpoint: {_untagged(endpoint)}")
        for scale, found in days.items():
            yield Visits(scale=scale, days=tuple(sorted(found)), says=tuple(says[scale]))

    def _occurrences(self, activity: Row) -> tuple[list[float], str]:
        """Return the days on which an activity is done, and the visits in words."""
        encounters = _by_id(self.design.get("encounters"))
        key = clean(activity.get("id"))
        days, words = [], []
        for instance in rows_of(self.main.get("instances")):
            if key not in keys_of(instance.get("activityIds")):
                continue
            day = self.days.get(clean(instance.get("id")))
            visit = _name(encounters.get(clean(instance.get("encounterId")), instance))
            words.append(visit if day is not None else f"{visit} (day not understood)")
            days += [] if day is None else [day]
        return days, ", ".join(words) or "no visit"

    def _days(self) -> Iterator[tuple[str, float | None]]:
        """Give the day of each instance of the main timeline, from its anchor."""
        timings: dict[str, Row] = {}
        for timing in rows_of(self.main.get("timings")):
            timings.setdefault(clean(timing.get("relativeFromScheduledInstanceId")), timing)
        for instance in rows_of(self.main.get("instances")):
            yield clean(instance.get("id")), _day(clean(instance.get("id")), timings)

    def _unread(self) -> Iterator[str]:
        """Say what is in the file and not in the protocol."""
        versions, designs = rows_of(self.data["study"].get("versions")), rows_of(self.version.get("studyDesigns"))
        for what, rows in (("version", versions), ("design", designs)):
            if len(rows) > 1:
                yield f"{len(rows) - 1} of {len(rows)} study {what}s: the first is read"
        for row in rows_of(self.design.get("activities")):
            if not self._scales(row):
                yield f"activity, no scale that is known here: {_name(row)} [{self._occurrences(row)[1]}]"
        given = {key for arm in self.arms for key in self._given(arm)}
        for key, row in _by_id(self.version.get("studyInterventions")).items():
            if key not in given:
                yield from (f"no arm is named for it: {said}" for said in _administered(row))
        others = [_name(row) for row in self.timelines if row is not self.main]
        if others:
            yield f"timelines beside the main one: {', '.join(others)}"


def _administered(intervention: Row) -> Iterator[str]:
    """Say what is given, how much, by which route and how often."""
    name, described = _name(intervention), clean(intervention.get("description"))
    rows = rows_of(intervention.get("administrations"))
    if not rows and name:
        yield f"Given: {name}" + (f": {described}" if described not in ("", name) else "")
    for row in rows:
        dose = row.get("dose")
        amount = f"{clean(dose.get('value'))} {_unit(dose.get('unit'))}" if isinstance(dose, Mapping) else ""
        detail = clean(row.get("description") or row.get("label"))
        parts = [amount.strip(), decode_of(row.get("route")), decode_of(row.get("frequency")), detail]
        yield f"Given: {name}: {', '.join(part for part in parts if part)}"


def _unit(unit: Any) -> str:
    short = next((word for word in ("mg", "mg/kg") if CODES[word][0] == code_of(unit)), None)
    return short or decode_of(unit)


def _day(key: str, timings: Mapping[str, Row]) -> float | None:
    """Return the day of an instance, through timings that lead to the anchor; None when they do not."""
    total, seen = 0.0, set()
    while key in timings and key not in seen:
        seen.add(key)
        timing = timings[key]
        kind = code_of(timing.get("type"))
        if kind == CODES["anchor"][0]:
            return round(total, 3)
        length = duration_days(clean(timing.get("value")))
        if length is None:
            return None
        total += -length if kind == CODES["before"][0] else length
        key = clean(timing.get("relativeToScheduledInstanceId"))
    return None
