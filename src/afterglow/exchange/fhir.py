"""Write a protocol as FHIR R5: a bundle of a ResearchStudy and a PlanDefinition for each arm.

References
----------
HL7 FHIR Release 5, https://hl7.org/fhir/R5/researchstudy.html and https://hl7.org/fhir/R5/plandefinition.html
"""

from __future__ import annotations

import uuid
from importlib import import_module
from typing import Any

from afterglow.errors import FileError
from afterglow.medicines import MEDICINES
from afterglow.protocol import Arm, Dose, Protocol
from afterglow.protocol.sentences.phrase import when
from afterglow.units import DAY_H, number_text

__all__ = ["checked_json", "fhir_bundle", "to_fhir"]

_NAMESPACE = uuid.UUID("0e1c5a34-3f6b-4f8e-8a55-9b7f3c1d2e60")
_UCUM = "http://unitsofmeasure.org"
_ANCHOR = "day-0"
_TERMS = "http://terminology.hl7.org/CodeSystem"

_EXTRA = 'FHIR needs a library that checks it: pip install "afterglow-sim[exchange]"'

Resource = dict[str, Any]


def to_fhir(protocol: Protocol) -> str:
    """Write a protocol as the JSON of a FHIR R5 bundle, checked by ``fhir.resources``.

    The same protocol gives the same text.

    Raises
    ------
    FileError
        If ``fhir.resources`` is not installed.
    """
    return checked_json(fhir_bundle(protocol))


def checked_json(resource: Resource) -> str:
    """Write a resource of FHIR R5 as JSON, checked by ``fhir.resources``.

    Parameters
    ----------
    resource : dict
        Plain data with its ``resourceType``.

    Raises
    ------
    FileError
        If ``fhir.resources`` is not installed.
    """
    kind = str(resource["resourceType"])
    try:
        model = getattr(import_module(f"fhir.resources.{kind.lower()}"), kind)
    except ImportError:
        raise FileError(_EXTRA) from None
    text: str = model.model_validate(resource).model_dump_json(indent=1)
    return text + "\n"


def fhir_bundle(protocol: Protocol) -> Resource:
    """Return a protocol as a bundle of FHIR R5, in plain data."""
    seed = protocol.to_yaml()
    urls = [f"urn:uuid:{uuid.uuid5(_NAMESPACE, f'{k}|{seed}')}" for k in range(len(protocol.arms) + 1)]
    plans = [_plan(protocol, arm, k) for k, arm in enumerate(protocol.arms, start=1)]
    resources = [_study(protocol, urls[1:]), *plans]
    entries = [{"fullUrl": url, "resource": resource} for url, resource in zip(urls, resources, strict=True)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _study(protocol: Protocol, plans: list[str]) -> Resource:
    people, blinding = protocol.population, protocol.blinding
    title = protocol.title.strip() or "Protocol without a title"
    sizes = [arm.n for arm in protocol.arms]
    compared = f", compared with {blinding.comparator}" if blinding.comparator else ""
    who = f"{people.scale} {people.baseline_mean:g} (SD {people.baseline_sd:g}) at baseline"
    least = "" if people.inclusion_min is None else f", {people.inclusion_min:g} or more to be included"
    study: Resource = {
        "resourceType": "ResearchStudy",
        "id": "study",
        "status": "draft",
        "title": title,
        "description": f"Simulated over {protocol.horizon_days:g} days from the first dosing day. "
        f"People: {who}{least}. "
        f"Blinding: {blinding.design}{compared}.",
        "primaryPurposeType": _coded("research-study-prim-purp-type", "treatment", "Treatment"),
        "condition": [{"text": people.condition.replace("_", " ")}],
        "protocol": [
            {"reference": url, "display": arm.label.strip() or arm.id}
            for url, arm in zip(plans, protocol.arms, strict=True)
        ],
        "comparisonGroup": [_group(arm, k) for k, arm in enumerate(protocol.arms, start=1)],
        "outcomeMeasure": [
            {"name": row.scale, "description": f"Rated on days {', '.join(number_text(day) for day in row.days)}"}
            for row in protocol.assessments
        ],
    }
    if all(size is not None for size in sizes):
        study["recruitment"] = {"targetNumber": sum(size or 0 for size in sizes)}
    return study


def _coded(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": f"{_TERMS}/{system}", "code": code, "display": display}], "text": display}


def _group(arm: Arm, number: int) -> Resource:
    said = [f"{arm.n} participants"] if arm.n is not None else []
    if arm.group.size > 1:
        said.append(f"groups of {arm.group.size}")
    if arm.background.antidepressant != "none":
        said.append(f"antidepressant {arm.background.antidepressant}")
    if arm.background.care != "none":
        said.append(f"care as {arm.background.care}")
    group: Resource = {"linkId": f"arm-{number}", "name": arm.label.strip() or arm.id}
    return {**group, "description": ", ".join(said)} if said else group


def _plan(protocol: Protocol, arm: Arm, number: int) -> Resource:
    """Return what is done in an arm: doses, sessions, practice and visits around the first dosing day."""
    definitions: dict[str, Resource] = {}
    actions: list[tuple[float, Resource]] = []
    for row in arm.timed:
        title = row.to_sentence().replace(f" {when(row.day, row.hour)}", "", 1)
        action = _action(title, row.day, row.hour)
        if isinstance(row, Dose):
            defined = definitions.setdefault(title, _definition(row, title, len(definitions) + 1))
            action["definitionCanonical"] = f"#{defined['id']}"
        actions.append((row.time_h, action))
    actions += [(row.from_day * DAY_H, _action(row.to_sentence(), row.from_day, 0.0)) for row in arm.practice]
    for assessment in protocol.assessments:
        actions += [(day * DAY_H, _action(f"Rating on the {assessment.scale}", day, 0.0)) for day in assessment.days]
    actions.sort(key=lambda pair: pair[0])
    rows = [{"linkId": f"action-{k}", **action} for k, (_, action) in enumerate(actions, start=1)]
    plan: Resource = {
        "resourceType": "PlanDefinition",
        "id": f"arm-{number}",
        "identifier": [{"value": arm.id}],
        "title": arm.label.strip() or arm.id,
        "type": _coded("plan-definition-type", "clinical-protocol", "Clinical Protocol"),
        "status": "draft",
        "experimental": True,
        "action": [{"linkId": _ANCHOR, "title": "Day 0, the first dosing day"}, *rows],
    }
    return {**plan, "contained": list(definitions.values())} if definitions else plan


def _action(title: str, day: float, hour: float) -> Resource:
    hours = day * DAY_H + hour
    value, unit, code = (abs(hours), "h", "h") if hour else (abs(day), "d", "d")
    offset = {"value": round(value, 9), "unit": unit, "system": _UCUM, "code": code}
    relation = "before-start" if hours < 0 else "after-start"
    related = {"targetId": _ANCHOR, "relationship": relation, "offsetDuration": offset}
    return {"title": title, "relatedAction": [related]}


def _definition(dose: Dose, title: str, number: int) -> Resource:
    """Return one administration of a dose."""
    dosage: Resource = {"text": title, "route": {"text": dose.route_text}}
    amount = dose.dose_mg if dose.dose_mg_per_kg is None else dose.dose_mg_per_kg
    if amount:
        unit = "mg" if dose.dose_mg_per_kg is None else "mg/kg"
        dosage["doseAndRate"] = [{"doseQuantity": {"value": amount, "unit": unit, "system": _UCUM, "code": unit}}]
    return {
        "resourceType": "ActivityDefinition",
        "id": f"dose-{number}",
        "title": title,
        "status": "draft",
        "kind": "MedicationRequest",
        "productCodeableConcept": {"text": MEDICINES[dose.medicine].display_name},
        "dosage": [dosage],
    }
