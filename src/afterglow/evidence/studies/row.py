"""One row of a study's file, an observation or a contrast, as a `Row`.

A field that the row has is taken as it is; `prose` is asked only where one is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from afterglow.errors import ProtocolError
from afterglow.evidence.studies import prose
from afterglow.evidence.studies.given import arm_id
from afterglow.evidence.studies.mistakes import (
    DAY_RANGE,
    EFFECT_INTERVALS,
    EFFECTS,
    SHARES,
    checked_definition,
    checked_word,
    row_mistakes,
)
from afterglow.evidence.studies.study import AMONG, SIZES, Place, Row
from afterglow.evidence.studies.words import row_in_words
from afterglow.evidence.values import as_line, interval, number, whole
from afterglow.scales.instruments import scale as find_scale
from afterglow.scales.scale import Scale

__all__ = ["row_of"]

T = TypeVar("T")

_RELAPSES = ("relapse", "response_sustained")
"""Kinds that count those who had got better, unless the row says otherwise."""


def row_of(told: object, place: Place, *, arm: str, first_day: float) -> Row:
    """Read an observation or a contrast.

    Parameters
    ----------
    told : object
        The row as the file has it; anything else than a mapping is a mistake of the row.
    place : tuple
        Where it stands.
    arm : str
        Id of its arm in the study's protocol; empty when it names none.
    first_day : float
        Day on which the study's schedule begins.
    """
    data = told if isinstance(told, Mapping) else {}
    scale = _scale(data.get("scale"))
    day, told_day = number(data.get("day")), data.get("day")
    word = None if day is not None or told_day is None else str(told_day).strip().lower()
    where, note = as_line(data.get("where")), as_line(data.get("note"))
    crossed = data.get("after_crossover")
    named = data.get("baseline")
    return Row(
        path=place,
        told=data,
        arm=arm,
        versus=arm_id(str(data.get("versus") or "")),
        what=row_in_words(data, is_contrast=place[0] == "contrasts"),
        scale=scale,
        scale_word=str(data.get("scale") or ""),
        kind=str(data.get("kind") or ""),
        day=day,
        day_word=word,
        study_day=_study_day(day, word, data, first_day),
        from_day=(_day_range(word, data) or (None,))[0],
        mean=number(data.get("mean")),
        sd=number(data.get("sd")),
        se=number(data.get("se")),
        t=number(data.get("t")),
        ci95=interval(data.get("ci95")),
        n=whole(data.get("n")),
        events=number(data.get("events")),
        fraction=_first(number, data, SHARES),
        percent=number(data.get("percent")),
        median_days=number(data.get("median_days")),
        mean_difference=number(data.get("mean_difference")),
        effect_size=_first(number, data, EFFECTS),
        effect_ci95=_first(interval, data, EFFECT_INTERVALS),
        sizes={key: size for key in SIZES if (size := _size(data.get(key))) is not None},
        favours=arm_id(prose.favoured(as_line(data.get("favours") or data.get("direction")))),
        verified=data.get("verified") is True,
        computed=data.get("computed") is True,
        where=where,
        note=note,
        remarks=_remarks(data, note),
        baseline=named if isinstance(named, bool) else prose.called_baseline(where),
        after_crossover=crossed if isinstance(crossed, bool) else prose.follows_crossover(where),
        definition=_or_nothing(checked_definition, data),
        among=_or_nothing(lambda row: checked_word(row, "among", AMONG), data)
        or prose.among(f"{where} {note}")
        or ("responders" if data.get("kind") in _RELAPSES else "all"),
        mistakes=tuple(row_mistakes(data, scale, first_day=first_day)),
    )


def _study_day(day: float | None, word: str | None, data: Mapping[str, Any], first_day: float) -> float | None:
    if day is None and word == "baseline":
        return first_day
    averaged = _day_range(word, data)
    if averaged is not None:
        return averaged[1]
    return 0.0 if word == "event-driven" and number(data.get("median_days")) is not None else day


def _day_range(word: str | None, data: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the first and the last day of a number that is an average over days, as ``1-30`` or as a list."""
    told = interval(data.get("day_range"))
    match = None if word is None else DAY_RANGE.fullmatch(word)
    return (float(match[1]), float(match[2])) if match else told


def _scale(word: object) -> Scale | None:
    try:
        return find_scale(str(word))
    except ProtocolError:
        return None


def _first(read: Callable[[object], T | None], data: Mapping[str, Any], keys: Iterable[str]) -> T | None:
    return next((found for key in keys if (found := read(data.get(key))) is not None), None)


def _size(value: object) -> float | tuple[float, float] | None:
    return interval(value) if isinstance(value, list) else number(value)


def _or_nothing(read: Callable[[Mapping[str, Any]], str], data: Mapping[str, Any]) -> str:
    """Return a word; nothing where it is impossible, which stands among the row's mistakes."""
    try:
        return read(data)
    except ProtocolError:
        return ""


def _remarks(data: Mapping[str, Any], note: str) -> tuple[str, ...]:
    recalled = "its n is recalled" if data.get("n_verified") is False else ""
    return tuple(text for text in (note, as_line(data.get("subgroup")), recalled) if text)
