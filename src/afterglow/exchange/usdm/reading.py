"""Read the USDM v4 that `to_usdm` wrote, whoever changed it since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from afterglow.errors import ProtocolError
from afterglow.exchange.usdm.codes import CODES, ROUTE_CODES
from afterglow.exchange.usdm.extension import said_beside
from afterglow.exchange.usdm.study import code_of, design_of, rows_of, version_of
from afterglow.exchange.usdm.timing import place_of, timed
from afterglow.exchange.usdm.writing import UNTITLED
from afterglow.medicines import MEDICINES
from afterglow.protocol import Protocol

__all__ = ["usdm_protocol"]

_MG = {CODES["mg"][0]: "dose_mg", CODES["mg/kg"][0]: "dose_mg_per_kg"}


def usdm_protocol(data: Mapping[str, Any]) -> Protocol | None:
    """Return the protocol that a file holds, or None where it was not written by `to_usdm`.

    Raises
    ------
    FileError
        If there is no USDM v4 study in it.
    ProtocolError
        If it was written by `to_usdm` and changed into something impossible since.
    """
    design = design_of(data)
    arms = rows_of(design.get("arms"))
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


class _Study:
    """Reads what `to_usdm` wrote, each number from where USDM has it."""

    def __init__(self, data: Mapping[str, Any], design: Mapping[str, Any]) -> None:
        self.version = version_of(data)
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
        is_open = code_of(self.design.get("blindingSchema")) == CODES["open"][0]
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
            kind = code_of(timing["type"])
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
        unit, value = code_of(administration["dose"]["unit"]), administration["dose"]["value"]
        if unit not in _MG:
            raise ValueError(f"the dose of {product} is in the unit {unit or 'none'}, and mg and mg/kg are read")
        route = next(
            (r for r, (code, _) in ROUTE_CODES.items() if code == code_of(administration["route"])), "not known"
        )
        found = {"medicine": product, "route": route}
        hours = administration["duration"]["quantity"]["value"]
        if value or not MEDICINES[product].is_inert:
            found[_MG[unit]] = value
        if hours:
            found["duration_h"] = hours
        return {**found, **said_beside(administration)}
