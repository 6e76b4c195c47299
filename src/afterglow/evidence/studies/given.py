"""What a study lists of an arm's doses and sessions, laid out as an arm of a protocol."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from afterglow.errors import ProtocolError
from afterglow.evidence.studies import prose
from afterglow.evidence.studies.beside import CONVENTIONAL
from afterglow.evidence.studies.mistakes import checked_flag
from afterglow.evidence.values import as_line, mappings, middle, number, whole
from afterglow.protocol.arm import Arm, Background
from afterglow.protocol.vocabulary import FORMATS

__all__ = ["arm_id", "first_day", "given", "lists_nothing"]

_WAKING_H = 12.0
_ARM_ID = re.compile(r"[|\s]+")
_NOTHING = ("waiting_list", "usual_care", "untreated", "minimal_contact")
_NOT_OF_A_DOSE = ("drug", "note", "format", "label")
_USUAL_HOURS = {"individual": 0.83, "digital": 0.5, "group": 2.0}
"""Length of a session by its format where a study does not say, assumed: 50 min, half an hour, two hours."""


def arm_id(name: str) -> str:
    """Return the id that an arm of a study has in its protocol."""
    return _ARM_ID.sub("_", name.strip())


def first_day(data: Mapping[str, Any]) -> float:
    """Return the day on which an arm's schedule begins; 0 at the latest."""
    rows = [*mappings(data.get("doses")), *mappings(data.get("sessions"))]
    return min([0.0, *(day for row in rows if (day := number(row.get("day"))) is not None)])


def lists_nothing(data: Mapping[str, Any]) -> bool:
    """Say whether the data of an arm list neither doses nor sessions."""
    return data.get("doses") in (None, []) and data.get("sessions") in (None, [])


def given(
    data: Mapping[str, Any], *, name: str, comparator: str, background: Background, well: bool, usual: str
) -> tuple[Arm, tuple[str, ...]]:
    """Lay out an arm, and say what had to be assumed.

    Parameters
    ----------
    data : mapping
        Of the arm, as in the evidence format.
    name : str
        Its id.
    comparator : str
        What kind of control it is; decides whether an arm that lists nothing got nothing.
    background : Background
        What goes on beside its course.
    well : bool
        Whether its people are well at the start, so that a placebo that is not listed is of no account.
    usual : str
        Approach of psychotherapy that is usual in the condition, and so needs no word.

    Raises
    ------
    ProtocolError
        If its doses or sessions are told in words, a number is missing, or it lists nothing and got something.
    """
    assumed: list[str] = []
    sessions = _sessions(data.get("sessions"), assumed)
    _name_approaches(sessions, data, usual)
    listed = _entries(data.get("doses"), "doses")
    doses = [_dose(row, k) for k, row in enumerate(listed) if as_line(row.get("drug")).lower() not in CONVENTIONAL]
    if not doses and not sessions:
        _check_untreated(comparator, background, well)
    fields: dict[str, Any] = {
        "id": name,
        "label": str(data.get("label") or ""),
        "doses": sorted(doses, key=lambda row: (number(row.get("day")) or 0.0, number(row.get("hour")) or 0.0)),
        "sessions": sessions,
        "background": background,
    }
    people, size = whole(data.get("n")), number(data.get("group_size"))
    if people:
        fields["n"] = people
    if size:
        together = {str(row.get("kind")) for row in sessions if row.get("format") == "group"}
        dosing = "dosing" in together
        fields["group"] = {"size": round(size), "dosing": dosing, "integration": bool(together - {"dosing"})}
    return Arm.made(fields), tuple(dict.fromkeys(assumed))


def _check_untreated(comparator: str, background: Background, well: bool) -> None:
    """Refuse an arm that lists nothing, unless it is told that it got nothing, or what it got goes on beside."""
    if comparator == "active":
        raise ProtocolError("it got something that a protocol cannot give, such as ECT")
    if background.antidepressant != "none" or (comparator == "placebo" and well):
        return
    if comparator == "placebo":
        raise ProtocolError("it is a placebo arm, but the study lists neither what it was given nor its sessions")
    if comparator not in _NOTHING:
        raise ProtocolError("the study lists neither doses nor sessions for it, and does not say that it got none")


def _entries(value: object, name: str) -> list[Mapping[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or any(not isinstance(row, Mapping) for row in value):
        raise ProtocolError("the study describes them in words, not as a list", where=name)
    return value


def _dose(row: Mapping[str, Any], k: int) -> dict[str, Any]:
    fields = {key: value for key, value in row.items() if key not in _NOT_OF_A_DOSE}
    fields["medicine"] = row.get("drug", row.get("medicine"))
    fields = {key: value for key, value in fields.items() if value is not None}
    inert = str(fields.get("medicine")).startswith("placebo")
    if not inert and "dose_mg" not in fields and "dose_mg_per_kg" not in fields:
        raise ProtocolError(f"the study gives no dose of {fields.get('medicine')} in mg or mg/kg", where=f"doses[{k}]")
    return fields


def _name_approaches(sessions: Sequence[dict[str, Any]], data: Mapping[str, Any], usual: str) -> None:
    """Give each psychotherapy its approach: the session's own, else the arm's, else what their words say."""
    words = f"{as_line(data.get('label'))} {as_line(data.get('id'))}"
    of_arm = as_line(data.get("approach")) or _approach(words, usual)
    for row in sessions:
        if row.get("kind") == "psychotherapy":
            own = as_line(row.get("approach")) or _approach(as_line(row.get("label")), usual) or of_arm
            row["approach"] = "" if own == usual else own


def _approach(label: str, usual: str) -> str:
    """Return the approach that a label names; what is called CBT in PTSD goes through the trauma."""
    named = prose.approach(label)
    return usual if usual == "trauma_focused" and named == "cognitive_behavioural" else named


def _sessions(value: object, assumed: list[str]) -> list[dict[str, Any]]:
    if isinstance(value, Mapping):
        return _evenly_spaced(value, assumed)
    rows = [_session(row, k, assumed) for k, row in enumerate(_entries(value, "sessions"))]
    rows.sort(key=lambda row: (row["day"], row.get("hour") or 0.0))
    return list(_side_by_side(rows))


def _usual_hours(form: str, assumed: list[str]) -> float:
    hours = _USUAL_HOURS[form]
    assumed.append(f"{form} sessions are taken as {hours:g} h long, because the study does not say")
    return hours


def _session(row: Mapping[str, Any], k: int, assumed: list[str]) -> dict[str, Any]:
    fields = {key: value for key, value in row.items() if key != "sham"}
    if row.get("hours") is None and row.get("kind") != "dosing" and row.get("format", "individual") in FORMATS:
        fields["hours"] = _usual_hours(row.get("format", "individual"), assumed)
    for key in ("day", "hours", *(("hour",) if row.get("hour") is not None else ())):
        if number(fields.get(key)) is None:
            raise ProtocolError(f"the study gives no number for '{key}'", where=f"sessions[{k}]")
    if row.get("kind") == "training":
        try:
            sham = checked_flag(row, "sham")
        except ProtocolError as wrong:
            raise ProtocolError(wrong.message, where=f"sessions[{k}]") from None
        if prose.is_sham(str(row.get("label", ""))) if sham is None else sham:
            fields["kind"] = "education"  # the same screen without the lesson
    return fields


def _side_by_side(rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Spread the sessions that a study puts on one day, without saying when, over the hours of that day."""
    counts = Counter(row["day"] for row in rows)
    seen: Counter[float] = Counter()
    free = 0.0
    for row in rows:
        k = seen[row["day"]]
        seen[row["day"]] += 1
        if row.get("hour") is None:
            spread = _WAKING_H * k / counts[row["day"]]
            row["hour"] = spread if k == 0 else max(spread, free)
        free = row["hour"] + row["hours"]
        yield row


def _evenly_spaced(value: Mapping[str, Any], assumed: list[str]) -> list[dict[str, Any]]:
    """Lay out ``{sessions: 8, per_week: 1, hours_each: 2}``; the first session is on day 0.

    ``sessions_max`` may stand for the number, and ``weeks`` over which they are spread for the rate.
    """
    count = middle(value.get("sessions", value.get("sessions_max")))
    weeks, rate, hours = (middle(value.get(key)) for key in ("weeks", "per_week", "hours_each"))
    if not rate and count and weeks and weeks > 0:
        rate = count / weeks
    facts = {"sessions": count, "per_week": rate}
    missing = [key for key, fact in facts.items() if not fact or fact <= 0]
    form = str(value.get("format", "individual"))
    missing += [] if form in FORMATS else ["format"]
    if missing or not count or not rate:
        raise ProtocolError(f"the study does not say {', '.join(missing)}, so none can be laid out", where="sessions")
    if value.get("sessions") is None:
        assumed.append(f"all of at most {count:g} sessions are laid out")
    if not hours or hours <= 0:
        hours = _usual_hours(form, assumed)
    row = {key: value[key] for key in ("kind", "approach", "label") if key in value}
    row |= {"format": form, "hours": hours}
    return [{**row, "day": float(math.floor(k * 7 / rate))} for k in range(round(count))]
