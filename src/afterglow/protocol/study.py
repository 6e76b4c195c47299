"""The arms of an evidence study as the fields of a protocol."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from afterglow.errors import ProtocolError
from afterglow.protocol.arm import Arm
from afterglow.protocol.timeline import timeline_problems
from afterglow.protocol.typical import typical_population, typical_spread
from afterglow.protocol.vocabulary import COMPARATORS
from afterglow.scales.instruments import scale as find_scale
from afterglow.scales.links import family_of
from afterglow.scales.scale import Family

__all__ = ["StudyArms", "is_study", "study_arms"]

_SHORTEST_DAYS = 28.0
_WAKING_H = 12.0
_ARM_ID = re.compile(r"[|\s]+")
_BLIND = re.compile(r"\b(?:double|triple|quadruple)[- ](?:blind|masked)")
_UNTREATED = re.compile(r"wait|untreated|natural|no[ _]|without|usual|minimal|delayed|placebo|control")
"""Words of an arm that got nothing that counts."""

_ASSESSED = 64


@dataclass(frozen=True)
class StudyArms:
    """What a study gives a protocol.

    Parameters
    ----------
    data : dict
        Fields of the protocol; its ``arms`` are the usable ones.
    unusable : dict of str to str
        By arm, why it cannot be simulated.
    notes : tuple of str
        What had to be assumed.
    """

    data: dict[str, Any]
    unusable: Mapping[str, str]
    notes: tuple[str, ...]


def is_study(data: Mapping[str, Any]) -> bool:
    """Say whether a file's data are an evidence study rather than a protocol."""
    arms = data.get("arms")
    rows = arms if isinstance(arms, list) else []
    return "citation" in data or any(isinstance(arm, Mapping) and "observations" in arm for arm in rows)


def study_arms(study: Mapping[str, Any]) -> StudyArms:
    """Turn the data of an evidence study into the fields of a protocol.

    Parameters
    ----------
    study : mapping
        As in the evidence format.

    Returns
    -------
    StudyArms

    Raises
    ------
    ProtocolError
        If the study is no mapping, or its condition is unknown or measured by no scale here.
    """
    if not isinstance(study, Mapping):
        raise ProtocolError("an evidence study is a mapping with citation, condition and arms")
    condition = str(study.get("condition"))
    family = family_of(condition)
    arms, unusable = _arms(study)
    rows = list(_rows(study))
    days = [day for row in rows if (day := _number(row.get("day"))) is not None]
    last = max((row.time_h / 24 for arm in arms for row in arm.timed), default=0.0)
    horizon = max(_SHORTEST_DAYS, math.floor(last) + 1.0, *days)
    arms = _possible(arms, horizon, unusable)
    population, notes = _population(study, condition, family)
    data = {
        "title": _title(study),
        "horizon_days": horizon,
        "population": population,
        "arms": arms,
        "assessments": _assessments(rows, population["scale"], horizon),
        "blinding": _blinding(study, arms),
    }
    return StudyArms(data, unusable, notes)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value)


def _title(study: Mapping[str, Any]) -> str:
    text = " ".join(str(study.get("citation") or study.get("id") or "").split())
    return text if len(text) <= 200 else text[:197] + "..."


def _listed(value: Any) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def _rows(study: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every observation and contrast."""
    for arm in _listed(study.get("arms")):
        yield from _listed(arm.get("observations"))
    yield from _listed(study.get("contrasts"))


def _arms(study: Mapping[str, Any]) -> tuple[list[Arm], dict[str, str]]:
    arms: list[Arm] = []
    unusable: dict[str, str] = {}
    for k, data in enumerate(_listed(study.get("arms"))):
        name = str(data.get("id") or f"arm {k + 1}")
        try:
            arms.append(Arm.made(_arm(data, name)))
        except ProtocolError as error:
            unusable[name] = str(error)
    return arms, unusable


def _possible(arms: list[Arm], horizon: float, unusable: dict[str, str]) -> list[Arm]:
    """Leave out the arms that cannot be done in time."""
    found = []
    for arm in arms:
        wrong = timeline_problems([arm], (), horizon_days=horizon, allow_extrapolation=False)
        if wrong:
            unusable[arm.id] = str(wrong[0]).removeprefix("arms[0].")
        else:
            found.append(arm)
    return found


def _arm(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    sessions = _sessions(data.get("sessions"))
    doses = [_dose(row, k) for k, row in enumerate(_entries(data.get("doses"), "doses"))]
    if not doses and not sessions and not _UNTREATED.search(f"{name} {data.get('label') or ''}".lower()):
        raise ProtocolError("the study lists neither doses nor sessions for it, and does not say that it got none")
    fields: dict[str, Any] = {
        "id": _ARM_ID.sub("_", name),
        "label": str(data.get("label") or ""),
        "doses": sorted(doses, key=lambda row: (_number(row.get("day")) or 0.0, _number(row.get("hour")) or 0.0)),
        "sessions": sessions,
    }
    number = _number(data.get("n"))
    if number and number >= 1:
        fields["n"] = int(number)
    size = _number(data.get("group_size"))
    if size:
        together = {row["kind"] for row in sessions if row.get("format") == "group"}
        dosing = "dosing" in together
        fields["group"] = {"size": round(size), "dosing": dosing, "integration": bool(together - {"dosing"})}
    return fields


def _entries(value: Any, name: str) -> list[Mapping[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or any(not isinstance(row, Mapping) for row in value):
        raise ProtocolError("the study describes them in words, not as a list", where=name)
    return value


def _dose(row: Mapping[str, Any], k: int) -> dict[str, Any]:
    fields = {key: value for key, value in row.items() if key not in ("drug", "note", "format", "label")}
    fields["medicine"] = row.get("drug", row.get("medicine"))
    fields = {key: value for key, value in fields.items() if value is not None}
    inert = str(fields.get("medicine")).startswith("placebo")
    if not inert and "dose_mg" not in fields and "dose_mg_per_kg" not in fields:
        raise ProtocolError(f"the study gives no dose of {fields.get('medicine')} in mg or mg/kg", where=f"doses[{k}]")
    return fields


def _sessions(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, Mapping):
        return _evenly_spaced(value)
    rows = [dict(row) for row in _entries(value, "sessions")]
    for k, row in enumerate(rows):
        for key in ("day", "hours"):
            if _number(row.get(key)) is None:
                raise ProtocolError(f"the study gives no number for '{key}'", where=f"sessions[{k}]")
        if row.get("kind") == "training" and str(row.get("label", "")).lower().startswith("sham"):
            row["kind"] = "education"  # the same screen without the lesson
    rows.sort(key=lambda row: (row["day"], row.get("hour") or 0.0))
    return list(_side_by_side(rows))


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


def _evenly_spaced(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Lay out ``{sessions: 8, per_week: 1, hours_each: 2}``; the first session is on day 0."""
    facts = {key: _middle(value.get(key)) for key in ("sessions", "per_week", "hours_each")}
    missing = [key for key, fact in facts.items() if not fact or fact <= 0]
    if missing or value.get("format") not in ("individual", "group", "digital"):
        missing += [] if value.get("format") in ("individual", "group", "digital") else ["format"]
        raise ProtocolError(f"the study does not say {', '.join(missing)}, so none can be laid out", where="sessions")
    count, rate, hours = (facts[key] or 0.0 for key in ("sessions", "per_week", "hours_each"))
    row = {"kind": value.get("kind"), "format": value.get("format"), "hours": hours}
    return [{**row, "day": float(math.floor(k * 7 / rate))} for k in range(round(count))]


def _middle(value: Any) -> float | None:
    """Return a number, or the middle of a range of two."""
    if isinstance(value, list) and len(value) == 2:
        low, high = (_number(end) for end in value)
        return None if low is None or high is None else (low + high) / 2
    return _number(value)


def _scale_of(row: Mapping[str, Any]) -> str | None:
    try:
        return find_scale(str(row.get("scale"))).id
    except ProtocolError:
        return None


def _population(study: Mapping[str, Any], condition: str, family: Family) -> tuple[dict[str, Any], tuple[str, ...]]:
    given = study.get("population")
    told = given if isinstance(given, Mapping) else {}
    found = _baseline(study, family)
    if found is None:
        fields, note = typical_population(condition)
        notes: tuple[str, ...] = (f"the study gives no baseline on a scale known here; {note}",)
    else:
        scale, mean, spread = found
        sd = spread or typical_spread(scale)
        fields = {"condition": condition, "scale": scale, "baseline_mean": mean, "baseline_sd": sd}
        notes = () if spread else (f"the spread of the baseline is assumed: SD {sd:g} on {scale}",)
    age = _number(told.get("age_mean")) or _number(told.get("age_median"))
    if age is not None and 18 <= age <= 90:
        fields["age_mean"] = age
    for key in ("age_sd", "female_fraction", "weight_mean_kg", "weight_sd_kg", "ssri_fraction"):
        number = _number(told.get(key))
        if number is not None:
            fields[key] = number
    treatments = [str(arm.get("other_treatment") or "").lower() for arm in _listed(study.get("arms"))]
    if treatments and all("ssri continued" in text for text in treatments):
        fields["ssri_fraction"] = 1.0
    return fields, notes


def _baseline(study: Mapping[str, Any], family: Family) -> tuple[str, float, float | None] | None:
    """Return scale, mean and spread of the earliest score on the most used scale, pooled over arms."""
    used = Counter(name for row in _rows(study) if (name := _scale_of(row)))
    by_use = sorted(used, key=lambda name: (find_scale(name).family != family, -used[name], name))
    for name in by_use:
        rows = [row for arm in _listed(study.get("arms")) if (row := _earliest(arm, name))]
        if rows:
            return (name, *_pooled(rows))
    return None


def _earliest(arm: Mapping[str, Any], scale: str) -> tuple[float, float | None, float] | None:
    """Return mean, spread and number of people of an arm's first score, up to its first dose."""
    found = []
    for row in _listed(arm.get("observations")):
        day, mean = _number(row.get("day")), _number(row.get("mean"))
        if row.get("kind") != "score" or _scale_of(row) != scale or day is None or day > 0 or mean is None:
            continue
        if find_scale(scale).low < mean < find_scale(scale).high:
            found.append((day, (mean, _spread(row), _number(row.get("n")) or 1.0)))
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _spread(row: Mapping[str, Any]) -> float | None:
    sd, se, n, ci = _number(row.get("sd")), _number(row.get("se")), _number(row.get("n")), row.get("ci95")
    if sd:
        return sd
    if se and n:
        return se * math.sqrt(n)
    if isinstance(ci, list) and len(ci) == 2 and n:
        low, high = (_number(end) for end in ci)
        return None if low is None or high is None or high <= low else (high - low) / (2 * 1.96) * math.sqrt(n)
    return None


def _pooled(rows: Sequence[tuple[float, float | None, float]]) -> tuple[float, float | None]:
    people = sum(n for _, _, n in rows)
    mean = sum(mean * n for mean, _, n in rows) / people
    told = [(m, sd, n) for m, sd, n in rows if sd]
    if not told:
        return round(mean, 3), None
    variance = sum((sd**2 + (m - mean) ** 2) * n for m, sd, n in told) / sum(n for _, _, n in told)
    return round(mean, 3), round(math.sqrt(variance), 3)


def _assessments(rows: Sequence[Mapping[str, Any]], scale: str, horizon: float) -> list[dict[str, Any]]:
    days: dict[str, set[float]] = {}
    for row in rows:
        name, day = _scale_of(row), _number(row.get("day"))
        if name and day is not None:
            days.setdefault(name, set()).add(day)
    if not days:
        days[scale] = {-1.0, horizon}
    return [{"scale": name, "days": sorted(found)} for name, found in list(days.items())[:_ASSESSED]]


def _blinding(study: Mapping[str, Any], arms: Sequence[Arm]) -> dict[str, str]:
    """Read the design; raters who do not know the arm leave the participants open."""
    blinded = bool(_BLIND.search(str(study.get("design") or "").lower()))
    given = {dose.medicine for arm in arms for dose in arm.doses}
    comparator = ", ".join(name for name in COMPARATORS if name in given)
    return {"design": "blinded" if blinded else "open", "comparator": comparator}
