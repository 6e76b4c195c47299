"""Answers to questionnaires in FHIR: a QuestionnaireResponse, or a bundle of them; whose they are is never read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from afterglow.errors import FileError, ParameterError
from afterglow.forecast.record.score import of_suicidality
from afterglow.forecast.record.scoring import RULES
from afterglow.scales.instruments import SCALES

__all__ = ["answered", "is_fhir"]

_PANELS = {"44249-1": "PHQ-9", "44261-6": "PHQ-9", "69737-5": "GAD-7", "70274-6": "GAD-7"}
"""LOINC codes of forms and totals; recalled."""
_TOTALS = frozenset({"44261-6", "70274-6"})
_ITEMS = {
    "PHQ-9": ("44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8"),
    "GAD-7": ("69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7"),
}
"""LOINC codes of the items in the order of the form; recalled."""
_ANSWERS = {"LA6568-5": 0, "LA6569-3": 1, "LA6570-1": 2, "LA6571-9": 3}
"""LOINC codes of 'not at all' to 'nearly every day'; recalled."""
_UNDONE = ("in-progress", "entered-in-error", "stopped")


def is_fhir(data: Any) -> bool:
    """Say whether plain data is a FHIR resource."""
    return isinstance(data, Mapping) and isinstance(data.get("resourceType"), str)


def answered(data: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the scores that a resource holds, as plain entries, and notes.

    Raises
    ------
    FileError
        If there is no questionnaire in it, or one cannot be told.
    """
    held = list(_responses(data))
    if not held:
        raise FileError(f"this {data['resourceType']} holds no QuestionnaireResponse")
    found, undone = [], 0
    subjects = {
        str(r.get("subject", {}).get("reference", "")) for _, r in held if isinstance(r.get("subject"), Mapping)
    }
    if len(subjects) > 1:
        raise ParameterError(f"the bundle holds {len(subjects)} people; give that of one")
    for number, response in held:
        if response.get("status") in _UNDONE:
            undone += 1
            continue
        place = f"response {number}"
        authored = str(response.get("authored", ""))[:10]
        name = _scale_of(response, place)
        found.append({"date": authored, "scale": name, "place": place, **_answers(response, name, place)})
    notes = ["whose answers they are was not read"]
    if undone:
        notes.append(f"{undone} response{'s' if undone > 1 else ''} not completed or withdrawn: left out")
    return found, notes


def _responses(data: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if data["resourceType"] == "QuestionnaireResponse":
        yield 1, data
        return
    entries = data.get("entry") or []
    for number, entry in enumerate(entries, 1):
        resource = entry.get("resource") if isinstance(entry, Mapping) else None
        if isinstance(resource, Mapping) and resource.get("resourceType") == "QuestionnaireResponse":
            yield number, resource


def _scale_of(response: Mapping[str, Any], place: str) -> str:
    said = str(response.get("questionnaire", ""))
    plain = "".join(letter for letter in said.lower() if letter.isalnum())
    codes = [code for code, name in _PANELS.items() if code in said]
    if codes:
        return _PANELS[codes[0]]
    if of_suicidality(said.rsplit("/", 1)[-1]):
        raise ParameterError(f"{place} rates suicidality, which is never forecast")
    names = [
        s.id
        for s in SCALES.values()
        for word in (s.id, *s.aliases)
        if len(word) > 3 and "".join(c for c in word.lower() if c.isalnum()) in plain
    ]
    if names:
        return max(names, key=len)
    linked = {str(item.get("linkId", "")).strip("/") for item in _leaves(response)}
    for name, own in _ITEMS.items():
        if any(code in link for code in own for link in linked):
            return name
    raise FileError(f"{place}: the questionnaire '{said[:60]}' is not a known scale; known: {', '.join(SCALES)}")


def _leaves(part: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for item in part.get("item") or []:
        if not isinstance(item, Mapping):
            continue
        if item.get("item"):
            yield from _leaves(item)
        if item.get("answer"):
            yield item


def _answers(response: Mapping[str, Any], name: str, place: str) -> dict[str, Any]:
    """Return the single answers of a form in its order, or its total where they are not all there."""
    total: float | None = None
    coded: dict[str, float] = {}
    others: list[float] = []
    for item in _leaves(response):
        link, value = str(item.get("linkId", "")), _value(item)
        if value is None:
            continue
        code = next((c for c in (*_ITEMS.get(name, ()), *_TOTALS) if c in link), None)
        if code in _TOTALS or "total" in f"{link} {item.get('text', '')}".lower():
            total = value
        elif code is not None:
            coded[code] = value
        else:
            others.append(value)
    wanted = _ITEMS.get(name, ())
    if wanted and len(coded) == len(wanted):
        return {"items": [coded[code] for code in wanted], "score": total}
    if coded and total is None:
        raise ParameterError(f"{place}: {len(wanted) - len(coded)} of the {len(wanted)} items were not answered")
    if name in RULES and len(others) >= len(RULES[name].highest):
        return {"items": others[: len(RULES[name].highest)], "score": total}
    if total is None:
        raise ParameterError(f"{place}: there is neither a total nor all answers of a {name}")
    return {"score": total}


def _value(item: Mapping[str, Any]) -> float | None:
    first = item["answer"][0] if isinstance(item["answer"], list) and item["answer"] else None
    if not isinstance(first, Mapping):
        return None
    for key in ("valueInteger", "valueDecimal"):
        if isinstance(first.get(key), int | float):
            return float(first[key])
    quantity = first.get("valueQuantity")
    if isinstance(quantity, Mapping) and isinstance(quantity.get("value"), int | float):
        return float(quantity["value"])
    coding = first.get("valueCoding")
    if isinstance(coding, Mapping):
        for extension in (*(coding.get("extension") or []), *(first.get("extension") or [])):
            for key in ("valueDecimal", "valueInteger"):
                if isinstance(extension, Mapping) and isinstance(extension.get(key), int | float):
                    return float(extension[key])
        code = str(coding.get("code", ""))
        if code in _ANSWERS:
            return float(_ANSWERS[code])
        if code.isdigit():
            return float(code)
    return None
