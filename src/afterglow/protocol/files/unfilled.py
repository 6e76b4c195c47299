"""Entries of a protocol file that are there and empty: what its author still has to fill in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["unfilled"]

_PEOPLE = ("condition", "scale", "baseline_mean", "baseline_sd")
_STEPS = ("steps", "doses", "sessions")


def unfilled(data: Any) -> list[str]:
    """Return the places of the empty entries that a protocol cannot do without, in the order of the language.

    An entry that is left out altogether is no such place, and an empty list is an answer: ``steps: []`` gives nothing.
    """
    return list(_empty(data)) if isinstance(data, Mapping) else []


def _empty(data: Mapping[str, Any]) -> Iterator[str]:
    yield from (key for key in ("population", "assessments", "arms") if key in data and data[key] is None)
    people = data.get("population")
    if isinstance(people, Mapping):
        yield from (f"population.{key}" for key in _PEOPLE if key in people and people[key] is None)
    for name, keys in (("assessments", ("scale", "days")), ("arms", _STEPS)):
        rows = data.get(name)
        for k, row in enumerate(rows if isinstance(rows, list) else []):
            if isinstance(row, Mapping):
                yield from (f"{name}[{k}].{key}" for key in keys if key in row and row[key] is None)
