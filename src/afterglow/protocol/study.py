"""The arms of an evidence study as the fields of a protocol."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from afterglow.errors import ProtocolError
from afterglow.medicines import COMPARATORS
from afterglow.protocol.arm import Arm
from afterglow.protocol.timeline import timeline_problems
from afterglow.protocol.typical import typical_population, typical_spread
from afterglow.scales.instruments import scale as find_scale
from afterglow.scales.links import family_of
from afterglow.scales.scale import Family

__all__ = ["StudyArms", "arm_id", "is_study", "study_arms"]

_SHORTEST_DAYS = 28.0
_WAKING_H = 12.0
_ARM_ID = re.compile(r"[|\s]+")
_BLIND = re.compile(r"\b(?:double|triple|quadruple)[- ](?:blind|masked)")
_UNTREATED = re.compile(
    r"wait(?:ing|[- ]?listed)?[- ]?list|waitlisted|untreated|natural course|no (?:specific )?treatment"
    r"|without (?:specific )?treatment|minimal[- ](?:attention|contact)|usual care|(?:care|treatment) as usual"
    r"|delayed[- ](?:treatment|start)|assessment only"
)
"""Words of an arm that got nothing that counts."""

_SOMETHING = re.compile(r"pooled|other controls?|comparators?|active|continu|maintenance|(?<!no )(?:medication|drug)")
"""Words of an arm that got something, or of several arms taken together."""

_PLACEBO = re.compile(r"placebo|sham|saline")
_WELL_DESIGN = re.compile(
    r"relapse[- ]prevention|prevention of relapse|discontinuation|maintenance (?:trial|study|phase|treatment)"
    r"|(?:randomi[sz]ed|placebo)[- ]withdrawal|continuation (?:trial|study|phase|treatment)"
)
_RELAPSE = re.compile(r"relapse|recurrence")
_SYMPTOM_KINDS = (
    *("score", "change_from_baseline", "response", "sustained_response", "remission", "no_longer_meets_diagnosis"),
    *("diagnosis_kept", "percent_change", "effect_difference", "hedges_g"),
)
_WELL = "its people are well at the start, and the study gives no score of theirs to begin from"

_ASSESSED = 64
_MOST_PEOPLE = 1e9

_Score = tuple[float, float | None, float]
"""Mean, spread and number of people."""


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


def arm_id(name: str) -> str:
    """Return the id that an arm of a study has in its protocol."""
    return _ARM_ID.sub("_", name.strip())


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
    rows = list(_rows(study))
    baseline = _baseline(study, family)
    arms, unusable = _arms(study) if baseline or not _starts_well(study) else ([], _all_well(study))
    days = [day for row in rows if (day := _number(row.get("day"))) is not None]
    last = max((row.time_h / 24 for arm in arms for row in arm.timed), default=0.0)
    horizon = max(_SHORTEST_DAYS, math.floor(last) + 1.0, *days)
    arms = _possible(arms, horizon, unusable)
    population, notes = _population(study, condition, baseline)
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
    if not doses and not sessions:
        _check_untreated(f"{name} {data.get('label') or ''}".lower().replace("_", " "))
    fields: dict[str, Any] = {
        "id": arm_id(name),
        "label": str(data.get("label") or ""),
        "doses": sorted(doses, key=lambda row: (_number(row.get("day")) or 0.0, _number(row.get("hour")) or 0.0)),
        "sessions": sessions,
    }
    number = _number(data.get("n"))
    if number and number >= 1:
        fields["n"] = int(number)
    size = _number(data.get("group_size"))
    if size:
        together = {str(row.get("kind")) for row in sessions if row.get("format") == "group"}
        dosing = "dosing" in together
        fields["group"] = {"size": round(size), "dosing": dosing, "integration": bool(together - {"dosing"})}
    return fields


def _check_untreated(words: str) -> None:
    """Refuse an arm that lists nothing, unless its words say that it got nothing."""
    if _PLACEBO.search(words):
        raise ProtocolError("it is a placebo arm, but the study lists neither what it was given nor its sessions")
    if _SOMETHING.search(words) or not _UNTREATED.search(words):
        raise ProtocolError("the study lists neither doses nor sessions for it, and does not say that it got none")


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


def _told(study: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a study says of its people."""
    given = study.get("population")
    return given if isinstance(given, Mapping) else {}


def _starts_well(study: Mapping[str, Any]) -> bool:
    """Say whether a study waits for relapse in people who are well: its design says so, or it rates nothing else."""
    if _WELL_DESIGN.search(str(study.get("design") or "").lower()):
        return True
    observed = [row for arm in _listed(study.get("arms")) for row in _listed(arm.get("observations"))]
    contrasts = _listed(study.get("contrasts"))
    relapses = any(_RELAPSE.search(f"{row.get('kind')} {row.get('scale')}") for row in (*observed, *contrasts))
    rated = any(row.get("kind") in _SYMPTOM_KINDS for row in observed) or any(_scale_of(row) for row in contrasts)
    return relapses and not rated


def _all_well(study: Mapping[str, Any]) -> dict[str, str]:
    return {str(arm.get("id") or f"arm {k + 1}"): _WELL for k, arm in enumerate(_listed(study.get("arms")))}


def _population(
    study: Mapping[str, Any], condition: str, found: tuple[str, float, float | None] | None
) -> tuple[dict[str, Any], tuple[str, ...]]:
    told = _told(study)
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
    """Return scale, mean and spread before treatment on the most used scale, pooled over arms.

    They come from the arms' first scores, else from a score and its change, else from what is said of the people.
    """
    arms, people = _listed(study.get("arms")), _told(study)
    used = Counter(name for row in (*_rows(study), *_stated(people)) if (name := _scale_of(row)))
    by_use = sorted(used, key=lambda name: (find_scale(name).family != family, -used[name], name))
    for found_in in (_earliest, _undone):
        for name in by_use:
            rows = [row for arm in arms if (row := found_in(arm, name))]
            if rows:
                return (name, *_pooled(rows))
    for name in by_use:
        stated = [score for known, score in map(_point, _stated(people)) if known == name and _inside(name, score[0])]
        if stated:
            return (name, *_pooled(stated))
    return None


def _stated(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what an arm, or the population, says of its baseline, as rows."""
    given = data.get("baseline")
    rows = [given] if isinstance(given, Mapping) else _listed(given)
    if _number(data.get("baseline_mean")) is not None:
        scale = data.get("baseline_scale", data.get("scale"))
        rows = [
            *rows,
            {"scale": scale, "mean": data["baseline_mean"], "sd": data.get("baseline_sd"), "n": data.get("n")},
        ]
    return [row for row in rows if _number(row.get("mean")) is not None]


def _point(row: Mapping[str, Any]) -> tuple[str | None, _Score]:
    scale, spread = _scale_of(row), _spread(row)
    if scale is None or spread is None or not 0 < spread < find_scale(scale).high - find_scale(scale).low:
        spread = None
    return scale, (_number(row.get("mean")) or 0.0, spread, _people(row) or 1.0)


def _people(row: Mapping[str, Any]) -> float | None:
    number = _number(row.get("n"))
    return number if number is not None and 1 <= number <= _MOST_PEOPLE else None


def _inside(scale: str, mean: float) -> bool:
    return find_scale(scale).low < mean < find_scale(scale).high


def _earliest(arm: Mapping[str, Any], scale: str) -> _Score | None:
    """Return an arm's first score, up to its first dose, or the baseline that it states."""
    found: list[tuple[float, _Score]] = []
    for row in _listed(arm.get("observations")):
        name, score = _point(row)
        day = 0.0 if str(row.get("day")).strip().lower() == "baseline" else _number(row.get("day"))
        if row.get("kind") == "score" and name == scale and day is not None and day <= 0 and _inside(scale, score[0]):
            found.append((day, score))
    stated = [score for name, score in map(_point, _stated(arm)) if name == scale and _inside(scale, score[0])]
    return min(found, key=lambda pair: pair[0])[1] if found else next(iter(stated), None)


def _undone(arm: Mapping[str, Any], scale: str) -> _Score | None:
    """Return the baseline that a score and the change up to it leave."""
    rows = [row for row in _listed(arm.get("observations")) if _scale_of(row) == scale]
    for change in (row for row in rows if row.get("kind") == "change_from_baseline"):
        fallen = _number(change.get("mean"))
        for row in rows:
            mean = _number(row.get("mean"))
            if row.get("kind") != "score" or row.get("day") != change.get("day") or fallen is None or mean is None:
                continue
            if row.get("n") == change.get("n") and _inside(scale, mean - fallen):
                return round(mean - fallen, 3), None, _people(row) or 1.0
    return None


def _spread(row: Mapping[str, Any]) -> float | None:
    sd, se, n, ci = _number(row.get("sd")), _number(row.get("se")), _people(row), row.get("ci95")
    if sd:
        return sd
    if se and n:
        return se * math.sqrt(n)
    if isinstance(ci, list) and len(ci) == 2 and n:
        low, high = (_number(end) for end in ci)
        return None if low is None or high is None or high <= low else (high - low) / (2 * 1.96) * math.sqrt(n)
    return None


def _pooled(rows: Sequence[_Score]) -> tuple[float, float | None]:
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
