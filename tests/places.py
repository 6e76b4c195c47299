"""Every place of nested data, and a copy with something else in one of them: how odd files are made."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

__all__ = ["changed_at", "places"]

Place = tuple[Any, ...]


def places(held: Any, place: Place = ()) -> Iterator[Place]:
    """Give the path of every entry, the outer ones first."""
    if place:
        yield place
    for key in held if isinstance(held, dict) else range(len(held)) if isinstance(held, list) else ():
        yield from places(held[key], (*place, key))


def changed_at(held: Any, place: Place, value: Any) -> Any:
    """Return a copy with another value at one place."""
    found = copy.deepcopy(held)
    inner = found
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return found
