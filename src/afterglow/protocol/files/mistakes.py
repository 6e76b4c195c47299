"""Turn what pydantic reports into one clear sentence per mistake, with its place and the nearest word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from afterglow.errors import ExtrapolationError, ProtocolError, nearest

__all__ = ["ProblemsError", "joined", "mistakes", "moved"]

_KEYS_MEANT = {"drug": "medicine", "length": "hours", "dose_mg_kg": "dose_mg_per_kg", "weeks": "days"}
"""Words people use for another; for the suggestion."""


class ProblemsError(ValueError):
    """Several mistakes found together by one check; `mistakes` takes them apart again."""

    def __init__(self, problems: Sequence[ProtocolError]) -> None:
        super().__init__(problems[0].message)
        self.problems = tuple(problems)


def mistakes(error: ValidationError, model: type[BaseModel]) -> list[ProtocolError]:
    """Return one error per mistake, in the order of the protocol.

    Parameters
    ----------
    error : ValidationError
    model : type of BaseModel
        What the data should have been; its fields are the words that were possible.
    """
    found: list[ProtocolError] = []
    items = error.errors(include_url=False)
    for item in items:
        if item["type"] == "too_short" and any(_is_under(other["loc"], item["loc"]) for other in items):
            continue  # the list is short only because its entries are wrong
        inner = (item.get("ctx") or {}).get("error")
        if isinstance(inner, ProblemsError):
            found += [moved(problem, _where(item["loc"])) for problem in inner.problems]
        else:
            found.append(_mistake(dict(item), model))
    return found


def _is_under(place: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return len(place) > len(other) and place[: len(other)] == other


def joined(where: str, inner: str) -> str:
    """Join two places, such as ``arms[0]`` and ``doses[1]``."""
    if not where or not inner:
        return where or inner
    return where + inner if inner.startswith("[") else f"{where}.{inner}"


def moved(problem: ProtocolError, where: str) -> ProtocolError:
    """Return the same mistake, placed under `where`."""
    kind = ExtrapolationError if isinstance(problem, ExtrapolationError) else ProtocolError
    return kind(problem.message, where=joined(where, problem.where))


def _where(place: tuple[Any, ...]) -> str:
    text = ""
    for step in place:
        text = joined(text, f"[{step}]" if isinstance(step, int) else _clipped(step))
    return text


def _clipped(value: Any, *, most: int = 60) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= most else text[: most - 3] + "..."


def _shown(value: Any) -> str:
    return "nothing" if value is None else _clipped(repr(value))


def _mistake(item: dict[str, Any], model: type[BaseModel]) -> ProtocolError:
    kind, where = item["type"], _where(item["loc"])
    if kind in ("extra_forbidden", "missing"):
        parent, key = item["loc"][:-1], _clipped(item["loc"][-1])
        if kind == "missing":
            return ProtocolError(f"'{key}' is missing", where=_where(parent))
        return ProtocolError(_unknown(key, _fields_of(_model_at(model, parent))), where=where)
    if kind == "value_error":
        told = str(item["ctx"]["error"])
        return ProtocolError(
            told.replace(", got None", ", got nothing") if item["input"] is None else told, where=where
        )
    needed = _needed(_model_at(model, item["loc"])) if kind == "model_type" and item["input"] is None else []
    if needed:
        return ProtocolError(f"is empty; it needs {', '.join(needed)}", where=where)
    return ProtocolError(f"{_sentence(item)}, got {_shown(item.get('input'))}", where=where)


def _unknown(key: str, fields: list[str]) -> str:
    meant = _KEYS_MEANT.get(key.lower())
    hint = f"did you mean '{meant}'?" if meant in fields else nearest(key, fields)
    return f"unknown word '{key}': {hint}"


_SENTENCES = {
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be above {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be below {lt}",
    "too_short": "must have at least {min_length} entry",
    "too_long": "must have at most {max_length} entries",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "string_type": "must be text (put it in quotes)",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping of words to values",
    "model_type": "must be a mapping of words to values",
    "model_attributes_type": "must be a mapping of words to values",
}


def _sentence(item: dict[str, Any]) -> str:
    template = _SENTENCES.get(item["type"])
    if template is None:
        message = re.sub(r"^Input should", "should", str(item["msg"]))
        return message[0].lower() + message[1:]
    limits = {key: f"{value:g}" for key, value in (item.get("ctx") or {}).items() if isinstance(value, (int, float))}
    return template.format(**limits)


def _model_at(model: type[BaseModel], place: tuple[Any, ...]) -> type[BaseModel]:
    for step in place:
        if isinstance(step, str) and step in model.model_fields:
            model = _model_in(model.model_fields[step].annotation) or model
    return model


def _fields_of(model: type[BaseModel]) -> list[str]:
    """Words that are possible in a part of a protocol."""
    return [*model.model_fields, *getattr(model, "words_beside", ())]


def _needed(model: type[BaseModel]) -> list[str]:
    """Words that a part of a protocol cannot do without."""
    return [name for name, field in model.model_fields.items() if field.is_required()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
