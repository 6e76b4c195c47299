"""Where the rows of a protocol were written, so that a mistake is shown at the step that made it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from afterglow.errors import ExtrapolationError, ProtocolError
from afterglow.protocol.files.mistakes import moved
from afterglow.protocol.sentences.steps import expand_steps

__all__ = ["MOST_ARMS", "expand_arms", "originally"]

MOST_ARMS = 32
"""Arms of a protocol."""

_MOST_ROWS = 5000
"""Doses, sessions and practice in all arms; so many still fit a file when each is written out."""

Origins = Mapping[int, Mapping[str, list[str]]]

_PLACE = re.compile(r"\Aarms\[(\d+)\]\.(doses|sessions|practice)\[(\d+)\]")
_NAMED = re.compile(r"\b(doses|sessions|practice)\[(\d+)\]")


def expand_arms(data: Any) -> tuple[Any, list[ProtocolError], Origins]:
    """Expand the steps of every arm.

    Returns
    -------
    data : Any
        The protocol's data with finished rows; unchanged where it is not a mapping with a list of arms.
    problems : list of ProtocolError
        Mistakes in single steps.
    origins : dict of int to dict of str to list of str
        For each arm and list, the entry that each row came from.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("arms"), (list, tuple)):
        return data, [], {}
    arms: list[Any] = []
    problems: list[ProtocolError] = []
    origins: dict[int, Mapping[str, list[str]]] = {}
    if len(data["arms"]) > MOST_ARMS:
        problems.append(ProtocolError(f"must have at most {MOST_ARMS} entries, got {len(data['arms'])}", where="arms"))
    rows = 0
    for i, arm in enumerate(data["arms"][:MOST_ARMS]):
        if not isinstance(arm, Mapping):
            arms.append(arm)
            continue
        found = expand_steps(arm)
        arms.append(found.data)
        problems += [moved(problem, f"arms[{i}]") for problem in found.problems]
        origins[i] = found.origins
        rows += sum(map(len, found.origins.values()))
        if rows > _MOST_ROWS:
            message = f"the arms up to here hold {rows} doses and sessions, but all together may hold {_MOST_ROWS}"
            problems.append(ProtocolError(message, where=f"arms[{i}]"))
            break
    return {**data, "arms": arms}, problems, origins


def originally(error: ProtocolError, origins: Origins) -> ProtocolError:
    """Return the mistake at the place, and naming the places, where its rows were written."""
    found = _PLACE.match(error.where)
    if found is None:
        return error
    arm = origins.get(int(found[1]), {})

    def written(name: str, k: str) -> str:
        places = arm.get(name, [])
        return places[int(k)] if int(k) < len(places) else f"{name}[{k}]"

    where = f"arms[{found[1]}].{written(found[2], found[3])}{error.where[found.end() :]}"
    message = _NAMED.sub(lambda m: written(m[1], m[2]), error.message)
    kind = ExtrapolationError if isinstance(error, ExtrapolationError) else ProtocolError
    return kind(message, where=where)
