"""What a protocol says and USDM has no place for: extension attributes, one a field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic_core import PydanticUndefined, to_jsonable_python

from afterglow.exchange.usdm.study import rows_of
from afterglow.protocol.part import Part

__all__ = ["URL", "said_beside", "what_is_beside"]

URL = "urn:afterglow:protocol:"
"""Begins the address of each of them; the field's name ends it."""


def what_is_beside(part: Part, native: Iterable[str]) -> dict[str, str]:
    """Return the fields of a part that USDM has no place for and that are not as usual, as JSON text."""
    found = {}
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        usual = field.get_default(call_default_factory=True)
        if name not in native and (usual is PydanticUndefined or value != usual):
            found[name] = json.dumps(to_jsonable_python(value), ensure_ascii=False)
    return found


def said_beside(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that `what_is_beside` wrote; what is not JSON stays text, for the protocol to refuse."""
    found: dict[str, Any] = {}
    for extension in rows_of(row.get("extensionAttributes")):
        if str(extension.get("url")).startswith(URL):
            text = extension.get("valueString")
            try:
                found[str(extension["url"]).removeprefix(URL)] = json.loads(str(text))
            except ValueError:
                found[str(extension["url"]).removeprefix(URL)] = text
    return found
