"""The medicines: one folder each, with a record of all that is special to it, its constants and its words.

Adding a medicine adds a folder here with ``record.py``, its equations in ``afterglow.model.medicines``, and data; no
list is edited.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from afterglow.errors import ParameterError, nearest
from afterglow.medicines.medicine import Medicine

__all__ = [
    "COMPARATORS",
    "FELT_MEDICINES",
    "MEDICINES",
    "WINDOW_MEDICINES",
    "Medicine",
    "medicine",
    "users_of",
]


def _records() -> Mapping[str, Medicine]:
    """Read the record of every folder, in the order that the records give."""
    names = [found.name for found in pkgutil.iter_modules(__path__) if found.ispkg]
    records: list[Medicine] = [import_module(f"{__name__}.{name}.record").MEDICINE for name in names]
    for name, record in zip(names, records, strict=True):
        if record.id != name:
            raise ParameterError(f"the folder '{name}' holds the record of '{record.id}'; they must have one name")
    records.sort(key=lambda record: record.order)
    if len({record.order for record in records}) < len(records):
        raise ParameterError(f"two medicines have the same place in the order: {[(r.id, r.order) for r in records]}")
    return MappingProxyType({record.id: record for record in records})


MEDICINES = _records()
"""All medicines that a protocol may name, by id, in order."""

WINDOW_MEDICINES = tuple(record.id for record in MEDICINES.values() if record.opens_window)
"""Ids of the medicines that open a window of plasticity."""

FELT_MEDICINES = tuple(record.id for record in MEDICINES.values() if record.is_felt)
"""Ids of those and of the comparators that are felt: the medicines that have equations."""

COMPARATORS = tuple(record.id for record in MEDICINES.values() if record.is_comparator)
"""Ids of the comparators."""

_USERS: dict[str, frozenset[str]] = {}
for _record in MEDICINES.values():
    for _name in (*(parameter.name for parameter in _record.parameters), *_record.also_uses):
        _USERS[_name] = _USERS.get(_name, frozenset()) | {_record.id}


def medicine(id: str) -> Medicine:  # noqa: A002
    """Return a medicine's record.

    Raises
    ------
    ParameterError
        If there is none of that id; the message names the nearest.
    """
    try:
        return MEDICINES[id]
    except KeyError:
        raise ParameterError(f"no medicine is called '{id[:60]}'; {nearest(id, MEDICINES)}") from None


def users_of(parameter: str) -> frozenset[str]:
    """Return the ids of the medicines without which a parameter does not matter; empty when it always does."""
    return _USERS.get(parameter, frozenset())
