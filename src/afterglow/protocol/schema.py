"""The JSON Schema of a protocol file: the models' own, and the sentence form beside it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from afterglow.medicines import MEDICINES
from afterglow.protocol.vocabulary import (
    ANTIDEPRESSANT,
    APPROACHES,
    CARE,
    FORMATS,
    RECOVERED_BY,
    ROUTE_WORDS,
    SESSION_KINDS,
    SETTINGS,
    SPELLINGS,
    TASKS,
)
from afterglow.scales.instruments import SCALES

__all__ = ["with_sentences"]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_AMOUNT = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": "[0-9]"}]}
_WITH_UNIT = {"type": "string", "pattern": "[0-9]\\s*\\S"}
_REPEAT: dict[str, Any] = {
    "every": {**_AMOUNT, "description": "Days between occurrences, or text such as '3 days'"},
    "every_days": {**_AMOUNT, "description": "Days between occurrences"},
    "times": {"type": "integer", "minimum": 1, "description": "Occurrences in all, the first counted"},
    "times_a_day": {"type": "integer", "minimum": 1},
    "times_a_week": {"type": "integer", "minimum": 1},
    "until": {**_AMOUNT, "description": "Last day on which it may occur"},
    "for": {**_WITH_UNIT, "description": "Length of time within which it occurs, such as '4 days'"},
}
_DAYS: dict[str, Any] = {"days": {"type": "array", "items": _AMOUNT, "minItems": 1}}
_SENTENCES = {
    "Dose": "A dose, such as 'ketamine 0.5 mg/kg iv over 40 min on day 0, every 3 days x 6'",
    "Session": "A session, such as 'integration 90 min individual on day 1: insights, steps'",
    "Practice": "Practice, such as 'practice 3 h per week from day 1 to day 60'",
}


def with_sentences(schema: dict[str, Any], sections: Mapping[str, str]) -> dict[str, Any]:
    """Return the models' schema, widened by what the reader accepts beside the models' fields.

    Parameters
    ----------
    schema : dict
        As pydantic makes it; left unchanged.
    sections : mapping of str to str
        What each section of another reader is, by its word.
    """
    found = copy.deepcopy(schema)
    parts = found["$defs"]
    found["properties"] |= {name: {"type": "object", "description": said} for name, said in sections.items()}
    _name_words(parts)
    _widen_dose(parts["Dose"])
    _widen(parts["Session"], {**_REPEAT, **_DAYS}, not_required={"day"})
    _widen(parts["Practice"], {"for": _WITH_UNIT}, not_required={"to_day"})
    parts["Assessment"]["properties"]["days"] = {"anyOf": [parts["Assessment"]["properties"]["days"], _AMOUNT]}
    parts["Repeat"] = {"type": "object", "properties": _REPEAT, "additionalProperties": False, "minProperties": 2}
    arm = parts["Arm"]["properties"]
    for name, part in (("doses", "Dose"), ("sessions", "Session"), ("practice", "Practice")):
        arm[name]["items"] = {"anyOf": [{"$ref": f"#/$defs/{part}"}, _sentence(_SENTENCES[part])]}
    arm["steps"] = {
        "type": "array",
        "description": "Doses, sessions and practice in one list, as sentences or mappings",
        "items": {
            "anyOf": [
                _sentence("One step, such as 'psilocybin 25 mg oral on day 0'"),
                *({"$ref": f"#/$defs/{part}"} for part in ("Dose", "Session", "Practice", "Repeat")),
            ]
        },
    }
    return {"$schema": _DRAFT, **found}


def _sentence(description: str) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "description": description}


def _name_words(parts: dict[str, Any]) -> None:
    """Offer the known words; other spellings stay possible."""
    shown = tuple(m.display_name for m in MEDICINES.values() if m.display_name != m.id)
    words = {
        ("Dose", "medicine"): (*MEDICINES, *shown, *(s for s, word in SPELLINGS.items() if word in MEDICINES)),
        ("Dose", "route"): (*ROUTE_WORDS, *(s for s, word in SPELLINGS.items() if word in ROUTE_WORDS)),
        ("Session", "kind"): (*SESSION_KINDS, *(s for s, word in SPELLINGS.items() if word in SESSION_KINDS)),
        ("Session", "format"): (*FORMATS, *(s for s, word in SPELLINGS.items() if word in FORMATS)),
        ("Session", "approach"): ("", *APPROACHES, *(s for s, word in SPELLINGS.items() if word in APPROACHES)),
        ("Background", "antidepressant"): ANTIDEPRESSANT,
        ("Background", "care"): CARE,
        ("Population", "setting"): SETTINGS,
        ("Population", "recovered_by"): ("", *RECOVERED_BY),
        ("Assessment", "scale"): tuple(SCALES),
        ("Population", "scale"): tuple(SCALES),
        ("Blinding", "design"): ("open", "blinded"),
    }
    for (part, name), options in words.items():
        parts[part]["properties"][name]["enum"] = list(options)
    tasks = {"type": "string", "enum": list(TASKS)}
    parts["Session"]["properties"]["tasks"] = {"anyOf": [{"type": "array", "items": tasks, "minItems": 1}, tasks]}


def _widen(part: dict[str, Any], extra: dict[str, Any], *, not_required: set[str]) -> None:
    part["properties"].update(copy.deepcopy(extra))
    part["required"] = [name for name in part.get("required", []) if name not in not_required]


def _widen_dose(dose: dict[str, Any]) -> None:
    dose["properties"].pop("extrapolated", None)
    supplement = {
        "type": "object",
        "properties": {
            **dict.fromkeys(("after", "after_h", "dose_mg", "dose_mg_per_kg"), _AMOUNT),
            "dose": _WITH_UNIT,
        },
        "additionalProperties": False,
    }
    extra = {
        "dose": {**_WITH_UNIT, "description": "A dose with its unit, such as '25 mg' or '0.5 mg/kg'"},
        "duration": {**_WITH_UNIT, "description": "Infusion time with its unit, such as '40 min'"},
        "supplemental": {"anyOf": [supplement, {"type": "array", "items": supplement}]},
    }
    _widen(dose, {**extra, **_REPEAT, **_DAYS}, not_required={"day"})
