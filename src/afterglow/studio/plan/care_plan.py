"""A plan as a CarePlan of FHIR R5, with a ServiceRequest for each entry. It names no person and no medicine.

References
----------
HL7 FHIR Release 5, https://hl7.org/fhir/R5/careplan.html
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Annotated, Any

from pydantic import Field, field_validator

from afterglow.exchange.fhir import checked_json
from afterglow.studio.plan.calendar_file import PlanEdited, uid_of
from afterglow.studio.plan.planning import PlanItem

__all__ = ["CareAsked", "care_plan_of"]

_UCUM = "http://unitsofmeasure.org"

Resource = dict[str, Any]


class CareAsked(PlanEdited):
    """A plan as it was edited, and the time zone of its clock.

    Parameters
    ----------
    zone : str
        IANA name, such as Europe/Berlin: a time of day in FHIR says how far it is from UTC on its date. Empty: entries
        have dates, and their times are in their notes.
    """

    zone: Annotated[str, Field(max_length=60)] = ""

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        if zone and zone not in zoneinfo.available_timezones():
            raise ValueError(f"'{zone[:60]}' is no time zone of the IANA list, such as Europe/Berlin")
        return zone


def care_plan_of(plan: CareAsked) -> str:
    """Write a plan as a CarePlan, checked by ``fhir.resources``.

    Raises
    ------
    FileError
        If ``fhir.resources`` is not installed.
    """
    whose: Resource = {"identifier": {"value": plan.code}} if plan.code else {"display": "Not named"}
    items = sorted(plan.items, key=lambda item: (item.date, item.start or "", item.id))
    return checked_json(
        {
            "resourceType": "CarePlan",
            "status": "draft",
            "intent": "plan",
            "title": "Integration plan",
            "description": "Laid with Afterglow; to be agreed with the treating professional.",
            "subject": whose,
            "period": {
                "start": items[0].date.isoformat(),
                "end": max(item.until or item.date for item in items).isoformat(),
            },
            "contained": [_request(plan, item, whose, k) for k, item in enumerate(items, start=1)],
            "activity": [
                {"plannedActivityReference": {"reference": f"#entry-{k}", "display": item.title}}
                for k, item in enumerate(items, start=1)
            ],
        }
    )


def _request(plan: CareAsked, item: PlanItem, whose: Resource, number: int) -> Resource:
    request: Resource = {
        "resourceType": "ServiceRequest",
        "id": f"entry-{number}",
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{uid_of(plan, item)}"}],
        "status": "draft",
        "intent": "plan",
        "category": [{"text": item.kind}],
        "code": {"concept": {"text": item.title}},
        "subject": whose,
        **_when(plan.zone, item),
    }
    if item.hours is not None:
        request["quantityQuantity"] = {"value": item.hours, "unit": "h", "system": _UCUM, "code": "h"}
    if item.start is not None and not plan.zone:
        request["note"] = [{"text": f"At {item.start}, local time."}]
    return request


def _when(zone: str, item: PlanItem) -> Resource:
    """Return when an entry is: a period with both ends, a date, or every week until the last day of practice."""
    if item.until is not None and item.until > item.date:
        bounds = {"start": item.date.isoformat(), "end": item.until.isoformat()}
        return {
            "occurrenceTiming": {"repeat": {"boundsPeriod": bounds, "frequency": 1, "period": 1, "periodUnit": "wk"}}
        }
    if item.start is None or not zone:
        return {"occurrenceDateTime": item.date.isoformat()}
    hour, minute = (int(part) for part in item.start.split(":"))
    clock = zoneinfo.ZoneInfo(zone)
    begins = dt.datetime.combine(item.date, dt.time(hour, minute), tzinfo=clock)
    ends = begins.astimezone(dt.UTC) + dt.timedelta(hours=item.hours or 1.0)
    return {"occurrencePeriod": {"start": _moment(begins), "end": _moment(ends.astimezone(clock))}}


def _moment(local: dt.datetime) -> str:
    """Write a moment with its distance from UTC, or in UTC where that has seconds: FHIR has none."""
    distance = local.utcoffset() or dt.timedelta()
    return (local.astimezone(dt.UTC) if distance.seconds % 60 else local).isoformat(timespec="seconds")
