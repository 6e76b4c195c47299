"""How two runs differ: in what was asked, and in what came out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from afterglow.runs.result import Result
from afterglow.simulate.spec import RunSpec

__all__ = ["Difference", "LastMean", "difference", "spec_changes"]

_ABSENT = "absent"
_NAMES = ("id", "scale", "rival")
"""Fields by which the items of a list are told apart, where they have one; else by their place."""


@dataclass(frozen=True)
class LastMean:
    """The mean score of an arm on the last day that two runs share, with both 90 % intervals.

    Parameters
    ----------
    arm, scale : str
    day : float
    first, second : float
        Means of the two runs.
    first_interval, second_interval : tuple of float or None
        None where the run is not calibrated.
    """

    arm: str
    scale: str
    day: float
    first: float
    second: float
    first_interval: tuple[float, float] | None
    second_interval: tuple[float, float] | None


@dataclass(frozen=True)
class Difference:
    """How a second run differs from a first.

    Parameters
    ----------
    spec : mapping of str to (object, object)
        What differs in the specifications: by path, both values; "absent" where there is none.
    last : tuple of LastMean
    largest : mapping or None
        Arm, scale, day and change of the mean that moved most; None where no day is shared.
    only_first, only_second : tuple of str
        Arms that only one of them has.
    """

    spec: Mapping[str, tuple[Any, Any]]
    last: tuple[LastMean, ...]
    largest: Mapping[str, Any] | None
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]


def difference(first: Result, second: Result) -> Difference:
    """Compare two runs; means of observed scores are compared on the days that both have."""
    rows = [{(r["arm"], r["scale"], r["day"]): r for r in result.rows["scores"]} for result in (first, second)]
    shared = [place for place in rows[0] if place in rows[1]]
    last = {place[:2]: place for place in sorted(shared, key=lambda place: place[2])}
    moved = [
        {"arm": p[0], "scale": p[1], "day": p[2], "change": rows[1][p]["mean"] - rows[0][p]["mean"]} for p in shared
    ]
    arms = [[arm.id for arm in result.arms] for result in (first, second)]
    return Difference(
        spec_changes(first.run.spec, second.run.spec),
        tuple(
            LastMean(*p, rows[0][p]["mean"], rows[1][p]["mean"], _interval(rows[0][p]), _interval(rows[1][p]))
            for p in (last[key] for key in dict.fromkeys(place[:2] for place in shared))
        ),
        max(moved, key=lambda row: abs(row["change"]), default=None),
        tuple(arm for arm in arms[0] if arm not in arms[1]),
        tuple(arm for arm in arms[1] if arm not in arms[0]),
    )


def spec_changes(first: RunSpec, second: RunSpec) -> dict[str, tuple[Any, Any]]:
    """Return what differs between two specifications: by path, both values; "absent" where there is none."""
    a, b = (dict(_leaves(json.loads(spec.to_json()), "")) for spec in (first, second))
    paths = dict.fromkeys([*a, *b])
    return {p: (a.get(p, _ABSENT), b.get(p, _ABSENT)) for p in paths if a.get(p, _ABSENT) != b.get(p, _ABSENT)}


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, item in value.items():
            yield from _leaves(item, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for place, item in enumerate(value):
            yield from _leaves(item, f"{path}[{next((item[n] for n in _NAMES if n in item), place)}]")
    else:
        yield path, value


def _interval(row: Mapping[str, Any]) -> tuple[float, float] | None:
    return (row["mean_low"], row["mean_high"]) if "mean_low" in row else None
