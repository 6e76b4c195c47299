"""Write a protocol as YAML, leaving out what is as it would be anyway."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from afterglow.protocol.arm import Arm
from afterglow.protocol.dose import Dose
from afterglow.protocol.files.yaml_text import InRow, OneLine, yaml_text
from afterglow.protocol.part import Part
from afterglow.protocol.session import Practice, Session

__all__ = ["protocol_yaml"]

_ALWAYS = {"horizon_days", "blinding"}
"""Fields worth reading even where they are as usual."""

_NEVER = {"extrapolated"}
"""Fields that a protocol sets by itself."""


def protocol_yaml(protocol: Part, arms: Sequence[Arm], *, sentences: bool) -> str:
    """Write a protocol and its arms as YAML, their steps as fields or as sentences."""
    data = _fields(protocol)
    data["arms"] = [_arm(arm, sentences=sentences) for arm in arms]
    return yaml_text(data)


def _arm(arm: Arm, *, sentences: bool) -> dict[str, Any]:
    data = _fields(arm)
    if not sentences:
        return data
    steps = arm.to_sentences()
    kept = {key: value for key, value in data.items() if key not in ("doses", "sessions", "practice")}
    return {**kept, "steps": steps} if steps else kept


def _fields(part: BaseModel) -> dict[str, Any]:
    """Return the fields of a part that differ from what they would be when left out."""
    found: dict[str, Any] = {}
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        usual = field.get_default(call_default_factory=True)
        if name in _NEVER or (name not in _ALWAYS and usual is not PydanticUndefined and value == usual):
            continue
        found[name] = _plain(value)
    if found.get("kind") == "integration" and len(found.get("tasks", ())) == 3:
        del found["tasks"]
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, (Dose, Session, Practice)):
        return OneLine(_fields(value))
    if isinstance(value, BaseModel):
        return _fields(value)
    if isinstance(value, dict):
        return OneLine(value)
    if isinstance(value, tuple):
        parts = any(isinstance(item, BaseModel) for item in value)
        return [_plain(item) for item in value] if parts else InRow(value)
    return value
