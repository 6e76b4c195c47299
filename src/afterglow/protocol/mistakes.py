"""Turn what pydantic reports into one clear sentence per mistake, with its place and the nearest word."""

from __future__ import annotations

import re
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from afterglow.errors import ProtocolError, nearest

__all__ = ["mistakes"]

_PLACE = re.compile(r"^(?P<where>(?:arms|assessments)\[\d+\][\w.\[\]]*): (?P<message>.*)$", re.DOTALL)


def mistakes(error: ValidationError, model: type[BaseModel]) -> list[ProtocolError]:
    """Return one error per mistake, in the order of the protocol.

    Parameters
    ----------
    error : ValidationError
    model : type of BaseModel
        What the data should have been; its fields are the words that were possible.
    """
    return [_mistake(dict(item), model) for item in error.errors(include_url=False)]


def _where(place: tuple[Any, ...]) -> str:
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _mistake(item: dict[str, Any], model: type[BaseModel]) -> ProtocolError:
    kind, where, message = item["type"], _where(item["loc"]), item["msg"]
    if kind == "value_error":
        message = str(item["ctx"]["error"])
        inner = _PLACE.match(message)
        if inner and not where:
            where, message = inner["where"], inner["message"]
    elif kind in ("extra_forbidden", "missing"):
        parent, key = item["loc"][:-1], str(item["loc"][-1])[:60]
        where = _where(parent)
        unknown = f"unknown word '{key}': {nearest(key, _fields_at(model, parent))}"
        message = f"'{key}' is missing" if kind == "missing" else unknown
    else:
        message = f"{message[0].lower()}{message[1:]}, got {_shown(item.get('input'))}"
    return ProtocolError(message, where=where)


def _fields_at(model: type[BaseModel], place: tuple[Any, ...]) -> list[str]:
    """Words that are possible at a place of a protocol."""
    for step in place:
        if isinstance(step, str) and step in model.model_fields:
            model = _model_in(model.model_fields[step].annotation) or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
