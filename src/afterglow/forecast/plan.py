"""What one person was given and will be given: the arm of the plan, and what is known to have happened in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor
from typing import Any

from afterglow.forecast.record.score import Given, Record
from afterglow.protocol import Arm

__all__ = ["lived_arm", "variants"]

_SESSION_IN_DAYS, _BOOSTER_IN_DAYS = 7, 14
"""Days from the last score to one more session, and to a booster dosing; assumed."""
_PRACTICE_H = 3.0
"""Hours a week of further practice; assumed."""


def lived_arm(arm: Arm, record: Record) -> Arm:
    """Return an arm as one person lived it: what was given until now stands in place of what was planned until now.

    Raises
    ------
    ProtocolError
        If something that was given is not understood.
    """
    if not record.given:
        return arm
    now = max(record.last_day, record.given[-1].day)
    data = _data(arm)
    for what in ("doses", "sessions"):
        data[what] = [row for row in data[what] if row["day"] > now]
    data["practice"] = [
        {**row, "from_day": max(row["from_day"], now)} for row in data["practice"] if row["to_day"] > now
    ]
    return Arm.made({**data, "steps": [_sentence(row) for row in record.given]})


def variants(arm: Arm, *, now: float, until_day: float) -> Mapping[str, Arm]:
    """Return what could be added to an arm from now on, by its name; only what would happen before a day.

    Parameters
    ----------
    arm : Arm
    now : float
        Day of the last score.
    until_day : float
    """
    data = _data(arm)
    begun = floor(now)
    found: dict[str, Sequence[Any] | dict[str, Any]] = {}
    doses = [row for row in data["doses"] if row["medicine"] != "placebo"]
    session, booster = begun + _SESSION_IN_DAYS, begun + _BOOSTER_IN_DAYS
    if session < until_day and (doses or data["sessions"]):
        kinds = ("integration",) if doses else ("psychotherapy", "training", "integration")
        own = [row for row in data["sessions"] if row["kind"] in kinds]
        more = {**own[-1], "day": session, "label": ""} if own else _session(kinds[0], session)
        found["one more session"] = {**data, "sessions": _in_order([*data["sessions"], more])}
    if booster < until_day and doses:
        day = max(row["day"] for row in doses)
        again = [{**row, "day": booster} for row in doses if row["day"] == day]
        held = [{**row, "day": booster} for row in data["sessions"] if row["kind"] == "dosing" and row["day"] == day]
        found["a booster dosing"] = {
            **data,
            "doses": _in_order([*data["doses"], *again]),
            "sessions": _in_order([*data["sessions"], *held]),
        }
    if begun + 1 < until_day and (doses or data["practice"]):
        more = {"from_day": float(begun + 1), "to_day": float(until_day), "hours_per_week": _PRACTICE_H}
        found["3 h more practice a week"] = {**data, "practice": [*data["practice"], more]}
    return {name: Arm.made(changed) for name, changed in found.items()}


def _session(kind: str, day: float) -> dict[str, Any]:
    return {"day": float(day), "kind": kind, "hours": 1.5, "format": "individual"}


def _in_order(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["day"], row.get("hour", 0.0)))


def _data(arm: Arm) -> dict[str, Any]:
    return {key: value for key, value in arm.model_dump(mode="json").items() if value is not None}


def _sentence(row: Given) -> str:
    words = row.what.strip()
    return words if " day " in f" {words.lower()} " else f"{words} on day {row.day:g}"
