"""Read USDM v4 of CDISC: a protocol that Afterglow wrote, or the skeleton of any study."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from afterglow.errors import FileError, ProtocolError
from afterglow.exchange.skeleton import Skeleton, SkeletonArm, Visits
from afterglow.exchange.usdm.codes import CODES, ROUTE_CODES
from afterglow.exchange.usdm.extension import said_beside
from afterglow.exchange.usdm.timing import duration_days, place_of, timed
from afterglow.exchange.usdm.writing import UNTITLED
from afterglow.exchange.words import clean, condition_in, suggested_doses
from afterglow.medicines import MEDICINES
from afterglow.protocol import Protocol
from afterglow.scales.in_text import scales_in

__all__ = ["usdm_protocol", "usdm_skeleton"]

_MG = {CODES["mg"][0]: "dose_mg", CODES["mg/kg"][0]: "dose_mg_per_kg"}
_CONTROLS = ("C174268", "C174226", "C174267", "C174269")
"""Placebo, control, active comparator and sham arms."""


def usdm_protocol(data: Mapping[str, Any]) -> Protocol | None:
    """Return the protocol that a file holds, or None where it was not written by `to_usdm`.

    Raises
    ------
    FileError
        If there is no USDM v4 study in it.
    ProtocolError
        If it was written by `to_usdm` and changed into something impossible since.
    """
    design = _design(data)
    arms = _rows(design.get("arms"))
    if not arms or not all("timeline" in said_beside(arm) for arm in arms):
        return None
    try:
        found, wrong = Protocol.parse(_Study(data, design).protocol())
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ProtocolError(f"the USDM file was written by Afterglow and damaged since: {_what(error)}") from None
    if found is None:
        raise ProtocolError(f"the USDM file was written by Afterglow and changed since: {wrong[0]}")
    return found


def _what(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def _rows(held: Any) -> list[Mapping[str, Any]]:
    return [row for row in held if isinstance(row, Mapping)] if isinstance(held, list) else []


def _version(data: Mapping[str, Any]) -> Mapping[str, Any]:
    version = clean(data.get("usdmVersion"))
    if version and not version.startswith("4"):
        raise FileError(f"the file is USDM {version[:20]}, and version 4 is read; convert it first")
    versions = _rows(data["study"].get("versions"))
    if not versions:
        raise FileError("the USDM file has no study version, so there is nothing to read")
    return versions[0]


def _design(data: Mapping[str, Any]) -> Mapping[str, Any]:
    designs = _rows(_version(data).get("studyDesigns"))
    if not designs:
        raise FileError("the USDM file has no study design, so there are no arms to read")
    return designs[0]


def _code(row: Any) -> str:
    """Return the code of a code or an alias code; empty where there is none."""
    if not isinstance(row, Mapping):
        return ""
    inner = row.get("standardCode", row)
    return clean(inner.get("code")) if isinstance(inner, Mapping) else ""


class _Study:
    """Reads what `to_usdm` wrote, each number from where USDM has it."""

    def __init__(self, data: Mapping[str, Any], design: Mapping[str, Any]) -> None:
        self.version = _version(data)
        self.design = design
        self.activities = {row["id"]: row for row in design["activities"]}
        self.timelines = {row["id"]: row for row in design["scheduleTimelines"]}
        self.interventions = {row["id"]: row for row in self.version["studyInterventions"]}
        self.products = {row["id"]: row for row in self.version["administrableProducts"]}
        self.cohorts = {row["id"]: row for row in design["population"].get("cohorts") or ()}
        self.surrogates = {row["id"]: row for row in self.version["bcSurrogates"]}

    def protocol(self) -> dict[str, Any]:
        beside = said_beside(self.design)
        of_blinding = {k.removeprefix("blinding."): v for k, v in beside.items() if k.startswith("blinding.")}
        is_open = _code(self.design.get("blindingSchema")) == CODES["open"][0]
        main = next(row for row in self.timelines.values() if row["mainTimeline"])
        title = self.version["titles"][0]["text"]
        return {
            "title": "" if title == UNTITLED else title,
            "horizon_days": main["plannedDuration"]["quantity"]["value"],
            "population": said_beside(self.design["population"]),
            "arms": [self.arm(row) for row in self.design["arms"]],
            "assessments": self.assessments(main),
            "blinding": {"design": "open" if is_open else "blinded", **of_blinding},
            **{k: v for k, v in beside.items() if not k.startswith("blinding.")},
        }

    def assessments(self, main: Mapping[str, Any]) -> list[dict[str, Any]]:
        days: dict[str, list[float]] = {
            activity: [] for activity, row in self.activities.items() if row.get("bcSurrogateIds")
        }
        for day, _, instance in self.events(main):
            for activity in instance["activityIds"]:
                if activity in days:
                    days[activity].append(day)
        scale = {key: self.surrogates[self.activities[key]["bcSurrogateIds"][0]]["name"] for key in days}
        return [{"scale": scale[key], "days": found} for key, found in days.items()]

    def events(self, timeline: Mapping[str, Any]) -> Iterator[tuple[float, float, Mapping[str, Any]]]:
        """Give day, hour and instance of every event of a timeline but its anchor."""
        timings = {row["relativeFromScheduledInstanceId"]: row for row in timeline["timings"]}
        for instance in timeline["instances"]:
            timing = timings[instance["id"]]
            kind = _code(timing["type"])
            if kind == CODES["anchor"][0]:
                continue
            is_before = kind == CODES["before"][0]
            place = place_of(timing["value"], is_before=is_before)
            if place is None:
                raise ValueError(
                    f"the time {timing['value'][:40]!r} of {timing['name'][:60]} is no duration of ISO 8601"
                )
            beside = said_beside(instance).get("place")
            if beside and timed(*beside) == (is_before, timing["value"]):  # else the time was changed since
                place = (beside[0], beside[1])
            yield *place, instance

    def arm(self, row: Mapping[str, Any]) -> dict[str, Any]:
        beside = said_beside(row)
        timeline = self.timelines[beside.pop("timeline")]
        found: dict[str, Any] = {"doses": [], "sessions": [], "practice": []}
        for day, hour, instance in self.events(timeline):
            for activity in instance["activityIds"]:
                kind, fields = self.step(self.activities[activity])
                when = {"from_day": day} if kind == "practice" else {"day": day, "hour": hour}
                found[kind].append({**when, **fields})
        found["practice"] = [
            {key: value for key, value in row.items() if key != "place"}
            for row in sorted(found["practice"], key=lambda row: row.get("place", 0))
        ]
        numbers = [self.cohorts[key]["plannedEnrollmentNumber"]["value"] for key in row.get("populationIds") or ()]
        if numbers:
            found["n"] = numbers[0]
        return {"id": row["name"], "label": row.get("label") or "", **beside, **found}

    def step(self, activity: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        fields = said_beside(activity)
        given = next(
            (p["studyInterventionId"] for p in activity["definedProcedures"] if p["studyInterventionId"]), None
        )
        if given is not None:
            return "doses", self.dose(self.interventions[given]["administrations"][0])
        if fields.get("kind") == "practice":
            return "practice", {key: value for key, value in fields.items() if key != "kind"}
        return "sessions", fields

    def dose(self, administration: Mapping[str, Any]) -> dict[str, Any]:
        product = self.products[administration["administrableProductId"]]["name"]
        unit, value = _code(administration["dose"]["unit"]), administration["dose"]["value"]
        if unit not in _MG:
            raise ValueError(f"the dose of {product} is in the unit {unit or 'none'}, and mg and mg/kg are read")
        route = next((r for r, (code, _) in ROUTE_CODES.items() if code == _code(administration["route"])), "not known")
        found = {"medicine": product, "route": route}
        hours = administration["duration"]["quantity"]["value"]
        if value or not MEDICINES[product].is_inert:
            found[_MG[unit]] = value
        if hours:
            found["duration_h"] = hours
        return {**found, **said_beside(administration)}


def usdm_skeleton(data: Mapping[str, Any], *, file: str) -> Skeleton:
    """Return what a USDM v4 study of any origin says of a trial.

    Raises
    ------
    FileError
        If there is no USDM v4 study in the file.
    """
    return _Skeleton(data, file).read()


class _Skeleton:
    """Reads what other programs write, of which anything may be missing."""

    def __init__(self, data: Mapping[str, Any], file: str) -> None:
        self.file = file
        self.data = data
        self.version = _version(data)
        self.design = _design(data)
        self.unread: list[str] = []

    def read(self) -> Skeleton:
        designs, versions = _rows(self.version.get("studyDesigns")), _rows(self.data["study"].get("versions"))
        for what, rows in (("study version", versions), ("study design", designs)):
            if len(rows) > 1:
                self.unread.append(f"{len(rows) - 1} of {len(rows)} {what}s; the first is read")
        titles = [clean(row.get("text")) for row in _rows(self.version.get("titles"))]
        title = next((text for text in titles if text), clean(self.data["study"].get("name")))
        arms = self.arms()
        visits = self.visits()
        blinding = self.design.get("blindingSchema")
        words = clean(_decode(blinding))
        is_open = not words or "open" in words.lower() or len(arms) == 1
        controls = [
            clean(row.get("label") or row.get("name"))
            for row in _rows(self.design.get("arms"))
            if _code(row.get("type")) in _CONTROLS
        ]
        indications = [
            clean(row.get("label") or row.get("description") or row.get("name"))
            for row in _rows(self.design.get("indications"))
        ]
        spelled = [
            clean(row.get(key))
            for row in _rows(self.design.get("indications"))
            for key in ("name", "label", "description")
        ]
        return Skeleton(
            source=f"USDM in {self.file}",
            title=title,
            arms=arms,
            visits=visits,
            condition=condition_in(spelled),
            people=tuple(self.people(indications)),
            blinded=not is_open,
            comparator=controls[0] if controls else "",
            blinding_says=f"Blinding: {words}" if words else "assumed: the file says nothing of blinding",
            about=tuple(self.about(titles)),
            unread=tuple(self.unread),
        )

    def about(self, titles: list[str]) -> Iterator[str]:
        for text in dict.fromkeys(titles[1:]):
            yield f"Also called: {text}"
        for row in _rows(self.version.get("studyIdentifiers")):
            yield f"Identifier: {clean(row.get('text'))}"
        for row in _rows(self.design.get("objectives")):
            yield f"Objective: {_untagged(row.get('text'))}"
            for endpoint in _rows(row.get("endpoints")):
                yield f"Endpoint: {_untagged(endpoint.get('text'))}"

    def people(self, indications: list[str]) -> Iterator[str]:
        population = self.design.get("population")
        population = population if isinstance(population, Mapping) else {}
        if indications:
            yield f"Conditions: {'; '.join(indications)}"
        said = clean(population.get("description"))
        if said:
            yield f"Population: {said}"
        planned = _number(population.get("plannedEnrollmentNumber"))
        if planned:
            yield f"Enrolment: {planned}"
        criteria = _rows(self.version.get("eligibilityCriterionItems"))
        for row in criteria:
            if scales_in(_untagged(row.get("text"))):
                yield f"Criterion with a scale: {_untagged(row.get('text'))}"
        if criteria:
            yield f"The file holds {len(criteria)} criteria of eligibility."

    def arms(self) -> tuple[SkeletonArm, ...]:
        rows = _rows(self.design.get("arms"))
        population = self.design.get("population")
        population = population if isinstance(population, Mapping) else {}
        cohorts = {row.get("id"): row for row in _rows(population.get("cohorts"))}
        total = _number(population.get("plannedEnrollmentNumber"))
        interventions = {row.get("id"): row for row in _rows(self.version.get("studyInterventions"))}
        elements = {row.get("id"): row for row in _rows(self.design.get("elements"))}
        found = []
        for row in rows:
            label = clean(row.get("label") or row.get("name"))
            keys = row.get("populationIds")
            numbers = [
                _number(cohorts[key].get("plannedEnrollmentNumber"))
                for key in (keys if isinstance(keys, list) else [])
                if key in cohorts
            ]
            n = sum(number for number in numbers if number) or None
            note = "planned for its cohort" if n else ""
            if n is None and total and total >= len(rows):
                n = total // len(rows)
                note = (
                    f"assumed: {total} in all, divided equally; the file gives no number an arm"
                    if len(rows) > 1
                    else "all who are planned"
                )
            given = [interventions[key] for key in self.given(row, elements) if key in interventions]
            says = [f"Type: {clean(_decode(row.get('type')))}"] if row.get("type") else []
            if clean(row.get("description")) not in ("", label):
                says.append(f"The file: {clean(row.get('description'))}")
            says += [said for one in given for said in self.administered(one)]
            text = " ; ".join([label, *says])
            found.append(
                SkeletonArm(
                    label=label,
                    n=n,
                    n_note=note or "the file gives no number",
                    says=tuple(says),
                    suggested=suggested_doses(label, text),
                )
            )
        return tuple(found)

    def given(self, arm: Mapping[str, Any], elements: Mapping[Any, Mapping[str, Any]]) -> list[Any]:
        keys: dict[Any, None] = {}
        for cell in _rows(self.design.get("studyCells")):
            if cell.get("armId") != arm.get("id"):
                continue
            for key in cell.get("elementIds") or ():
                keys |= dict.fromkeys(elements.get(key, {}).get("studyInterventionIds") or ())
        return list(keys)

    def administered(self, intervention: Mapping[str, Any]) -> Iterator[str]:
        name = clean(intervention.get("label") or intervention.get("name"))
        said = clean(intervention.get("description"))
        rows = _rows(intervention.get("administrations"))
        if not rows:
            yield f"Given: {name}" + (f": {said}" if said and said != name else "")
        for row in rows:
            dose, route = row.get("dose"), clean(_decode(row.get("route")))
            amount = ""
            if isinstance(dose, Mapping):
                amount = f"{clean(dose.get('value'))} {clean(_decode(dose.get('unit')))}".replace(
                    "Milligram per Kilogram", "mg/kg"
                ).replace("Milligram", "mg")
            parts = [
                amount,
                route,
                clean(_decode(row.get("frequency"))),
                clean(row.get("description") or row.get("label")),
            ]
            yield f"Given: {name}: " + ", ".join(part for part in parts if part)

    def visits(self) -> tuple[Visits, ...]:
        activities = {row.get("id"): row for row in _rows(self.design.get("activities"))}
        concepts = {
            row.get("id"): row for key in ("biomedicalConcepts", "bcSurrogates") for row in _rows(self.version.get(key))
        }
        main = next((row for row in _rows(self.design.get("scheduleTimelines")) if row.get("mainTimeline")), None)
        placed = dict(self.placed(main)) if main else {}
        days: dict[str, set[float]] = {}
        says: dict[str, list[str]] = {}
        for key, row in activities.items():
            name = clean(row.get("label") or row.get("name"))
            beside = [
                concepts[k]
                for field in ("biomedicalConceptIds", "bcSurrogateIds")
                for k in row.get(field) or ()
                if k in concepts
            ]
            texts = [
                row.get("name"),
                row.get("label"),
                row.get("description"),
                *(one.get(k) for one in beside for k in ("name", "label")),
            ]
            scales = scales_in(" ; ".join(clean(text) for text in texts if text))
            at = [(day, words) for day, activity, words in self.occurrences(main, placed) if activity == key]
            when = ", ".join(dict.fromkeys(words for _, words in at)) or "no visit"
            if not scales:
                self.unread.append(f"activity, no scale that is known here: {name} [{when}]")
                continue
            for scale in scales:
                days.setdefault(scale, set()).update(day for day, _ in at if day is not None)
                says.setdefault(scale, []).append(f"activity: {name} [{when}]")
        endpoints = [e for o in _rows(self.design.get("objectives")) for e in _rows(o.get("endpoints"))]
        for row in endpoints:
            for scale in scales_in(_untagged(row.get("text"))):
                if scale not in days:
                    days[scale], says[scale] = set(), [f"endpoint: {_untagged(row.get('text'))}"]
        return tuple(
            Visits(scale=scale, days=tuple(sorted(found)), says=tuple(says[scale])) for scale, found in days.items()
        )

    def occurrences(
        self, main: Mapping[str, Any] | None, placed: Mapping[Any, float | None]
    ) -> Iterator[tuple[float | None, Any, str]]:
        encounters = {row.get("id"): row for row in _rows(self.design.get("encounters"))}
        for instance in _rows((main or {}).get("instances")):
            encounter = encounters.get(instance.get("encounterId"), instance)
            day = placed.get(instance.get("id"))
            words = clean(encounter.get("label") or encounter.get("name")) + (
                " (day not understood)" if day is None else ""
            )
            for activity in instance.get("activityIds") or ():
                yield day, activity, words

    def placed(self, timeline: Mapping[str, Any]) -> Iterator[tuple[Any, float | None]]:
        """Give the day of each instance of a timeline, from the anchor, through however many timings."""
        timings: dict[Any, Mapping[str, Any]] = {}
        for timing in _rows(timeline.get("timings")):
            timings.setdefault(timing.get("relativeFromScheduledInstanceId"), timing)
        for instance in _rows(timeline.get("instances")):
            yield instance.get("id"), self.day(instance.get("id"), timings)

    def day(self, key: Any, timings: Mapping[Any, Mapping[str, Any]]) -> float | None:
        total, seen = 0.0, set()
        while key in timings and key not in seen:
            seen.add(key)
            timing = timings[key]
            kind = _code(timing.get("type"))
            if kind == CODES["anchor"][0]:
                return float(round(total, 3))
            length = duration_days(clean(timing.get("value")))
            if length is None:
                return None
            total += -length if kind == CODES["before"][0] else length
            key = timing.get("relativeToScheduledInstanceId")
        return None


def _decode(row: Any) -> str:
    if not isinstance(row, Mapping):
        return ""
    inner = row.get("standardCode", row)
    return clean(inner.get("decode")) if isinstance(inner, Mapping) else ""


def _number(row: Any) -> int | None:
    """Return a quantity, or the top of a range, as a whole number."""
    if not isinstance(row, Mapping):
        return None
    row = row.get("maxValue") if isinstance(row.get("maxValue"), Mapping) else row
    value = row.get("value") if isinstance(row, Mapping) else None
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 1 else None


def _untagged(text: Any) -> str:
    """Return text without the marks of HTML."""
    return clean(re.sub(r"<[^>]*>", " ", clean(text)))
