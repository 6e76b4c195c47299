"""What the fields of a request are called by people, and what is wrong with one in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from afterglow.units import decimal_comma

__all__ = ["place_in_words", "wrong_in_words"]

_NAMES = {
    "adherence": "the share of practice done",
    "arms": "the arms",
    "baseline_mean": "the score at the start",
    "blinded": "blinding",
    "community": "the meetings of the group afterwards",
    "condition": "the condition",
    "dates": "the dosing dates",
    "day": "the day",
    "dose": "the dose",
    "doses": "the doses",
    "dosing_days": "the dosing days",
    "format": "the form",
    "from_day": "the first day",
    "group": "the group",
    "group_dosing": "dosing in the group",
    "group_integration": "integration in the group",
    "group_size": "the size of the group",
    "group_start": "the time of the group",
    "group_weekday": "the weekday of the group",
    "horizon_days": "the days followed",
    "hours": "the hours",
    "hours_per_week": "the hours a week",
    "integration": "the meetings of integration",
    "integration_hours": "the hours of integration",
    "kind": "the kind",
    "label": "the name",
    "medicine": "the medicine",
    "name": "the title",
    "page": "the page",
    "participants": "the people in each arm",
    "password": "the password",
    "population": "the people",
    "practice": "the practice",
    "practice_hours_per_week": "the hours of practice a week",
    "practice_weeks": "the weeks of practice",
    "preparation": "the meetings of preparation",
    "rival": "the explanation",
    "route": "the way it is given",
    "scale": "the scale",
    "seed": "the seed",
    "sessions": "the sessions",
    "ssri": "the SSRI",
    "start": "the time",
    "state": "the design",
    "tasks": "the tasks",
    "to_day": "the last day",
    "version": "the version",
    "weekday_only": "working days only",
}
_NAMES_WITHIN = {("pattern", "start"): "the first date"}
"""Fields that mean something else in one place."""
_ONE_OF = {
    "arms": "arm",
    "dates": "dosing date",
    "dosing_days": "dosing",
    "practice": "practice",
    "sessions": "session",
}
_LIMITS = {
    "greater_than": ("gt", "be more than"),
    "greater_than_equal": ("ge", "be at least"),
    "less_than": ("lt", "be less than"),
    "less_than_equal": ("le", "be at most"),
}
_NUMBERS = ("float_parsing", "float_type", "int_parsing", "int_type", "int_from_float", "finite_number")
_LONGEST = 60
_LOOKED_AT = 50
"""Mistakes among which the first is chosen."""


def place_in_words(place: Sequence[int | str]) -> str:
    """Name a field, such as "the hours of session 2 of arm 1"; empty for the whole request.

    Parameters
    ----------
    place : sequence of int and str
        From the outside in; a number counts from 0.
    """
    found: list[str] = []
    for k, part in enumerate(place):
        before = place[k - 1] if k else ""
        if isinstance(part, int):
            if isinstance(before, str) and found and before in _ONE_OF:
                found[-1] = f"{_ONE_OF[before]} {part + 1}"
            elif found:
                found[-1] = f"{found[-1]}, number {part + 1}"
        else:
            usual = _NAMES.get(part, f"the {part.replace('_', ' ')}")
            found.append(_NAMES_WITHIN.get((str(before), part), usual))
    return " of ".join(reversed(found))[:200]


def wrong_in_words(errors: Sequence[Mapping[str, Any]]) -> str:
    """Say what is wrong with a request, naming the first field that is.

    Parameters
    ----------
    errors : sequence of mapping
        As pydantic lists them.
    """
    count, errors = len(errors), errors[:_LOOKED_AT]
    places = [_place(error) for error in errors]
    # A list whose entries are wrong counts as empty as well; that says nothing of its own.
    told = [
        (error, place)
        for error, place in zip(errors, places, strict=True)
        if error["type"] != "too_short" or not any(len(other) > len(place) for other in places)
    ]
    error, place = told[0]
    more = len(told) - 1 + count - len(errors)
    also = f" {more} more {'things are' if more > 1 else 'thing is'} wrong." if more else ""
    said = _said(error, place_in_words(place) or "the request")
    return f"{said[:1].upper()}{said[1:]}.{also}"


def _place(error: Mapping[str, Any]) -> list[int | str]:
    return [part for part in error["loc"] if part not in ("body", "query", "path", "header")]


def _said(error: Mapping[str, Any], name: str) -> str:
    kind, told, given = error["type"], error.get("ctx") or {}, error.get("input")
    if kind in _LIMITS:
        key, words = _LIMITS[kind]
        return f"{name} must {words} {_shown(told[key])}, got {_shown(given)}"
    if kind in _NUMBERS:
        comma = decimal_comma(str(given)) if isinstance(given, str) else ""
        return f"{name}: {comma}" if comma else f"{name} must be a number, got {_shown(given)}"
    if kind in ("literal_error", "enum"):
        return f"{name} must be {told['expected']}, got {_shown(given)}"
    if kind == "missing":
        return f"{name} is missing"
    if kind == "extra_forbidden":
        return f"{name} is not known here"
    if kind in ("too_short", "too_long"):
        least = kind == "too_short"
        limit = told["min_length" if least else "max_length"]
        return f"{name}: {'at least' if least else 'at most'} {limit}, got {told.get('actual_length', 0)}"
    if kind == "string_too_long":
        return f"{name} may have {told['max_length']} characters at most"
    if kind == "string_too_short":
        return f"{name} must not be empty"
    if kind in ("model_attributes_type", "model_type", "dict_type", "json_invalid"):
        return f"{name} could not be read"
    said = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    return f"{name}: {said[:1].lower()}{said[1:]}"


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
