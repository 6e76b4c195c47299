"""Scores as they are typed, line by line -> a record; what is wrong with a line is said of that line alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from afterglow.errors import AfterglowError, ParameterError, ProtocolError
from afterglow.forecast.person import cautions_of
from afterglow.forecast.plan import lived_arm
from afterglow.forecast.record.days import date_of, day_of, days_of
from afterglow.forecast.record.readings import record_from_data
from afterglow.forecast.record.score import Given, Record, Score, known_scale, of_suicidality
from afterglow.protocol import Arm
from afterglow.safety.scores import WHERE_TO_TURN, ScoreCaution, cautions_of_score

__all__ = ["GIVEN", "Line", "LineRead", "Reading", "read_lines"]

GIVEN = "given"
"""In place of a scale: the line says what was given or done."""

_FEWEST_ANSWERS = 5
"""From so many numbers in a cell on, they are the answers of a form and not a total."""
_COMMA = re.compile(r"((?:day |week |d|w)?[-+−]?\d+),(\d{1,2})", re.IGNORECASE)
_SHORT_YEAR = re.compile(r"(\d{1,2}\.\d{1,2}\.)(\d\d)")
_ANY = (Score(day=0, scale="PHQ-9", value=0),)
_SUICIDALITY = ScoreCaution(
    level="urgent",
    sentence=f"A score of suicidality was entered. It is never forecast: assess the risk now. {WHERE_TO_TURN}",
    source="",
)


class Line(BaseModel):
    """One line as it was typed.

    Parameters
    ----------
    when : str
        A day or a date.
    what : str
        A scale, or `GIVEN`.
    value : str
        A total, the answers of a form with or without their total ("1 0 2 ... = 15"), or what was given.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    when: Annotated[str, Field(max_length=60)] = ""
    what: Annotated[str, Field(max_length=60)] = ""
    value: Annotated[str, Field(max_length=300)] = ""


class LineRead(BaseModel):
    """How a line was read.

    Parameters
    ----------
    state : {"read", "waiting", "wrong"}
        Waiting: something is missing still.
    said : str
        What is wrong, in one sentence.
    day : float or None
    date : str or None
        As YYYY-MM-DD, where day 0 has a date.
    scale : str
    score : float or None
    """

    state: Literal["read", "waiting", "wrong"]
    said: str = ""
    day: float | None = None
    date: str | None = None
    scale: str = ""
    score: float | None = None


@dataclass(frozen=True)
class Reading:
    """All lines, and the record of those that were read; None where there is no score among them."""

    lines: tuple[LineRead, ...]
    record: Record | None
    cautions: tuple[ScoreCaution, ...]


def read_lines(lines: Sequence[Line], *, start: str = "", with_plan: bool) -> Reading:
    """Read lines; one that cannot be read does not keep the others from counting.

    Parameters
    ----------
    lines : sequence of Line
    start : str
        Date of day 0; empty: that of the first date.
    with_plan : bool
        Without a plan, what was given cannot be taken into account.
    """
    said: dict[int, str] = {}
    entries: dict[int, dict[str, Any]] = {}
    unread: list[ScoreCaution] = []
    for place, line in enumerate(lines):
        if not line.when.strip() or not line.value.strip():
            continue
        try:
            entries[place] = _entry(line, with_plan=with_plan)
        except AfterglowError as error:
            said[place] = str(error)
            unread += _of_answers(line)
    days = _days({place: str(entry["day"]) for place, entry in entries.items()}, start, said)
    kept = {place: entry for place, entry in entries.items() if place not in said}
    scored = any("given" not in entry for entry in kept.values())
    record = record_from_data(list(kept.values()), start=start if days.dated and start else None) if scored else None
    found = tuple(_read(line, place, entries, said, days) for place, line in enumerate(lines))
    if any(of_suicidality(line.what) and line.value.strip() for line in lines):
        unread.insert(0, _SUICIDALITY)
    cautions = dict.fromkeys((*unread, *(cautions_of(record) if record else ())))
    return Reading(found, record, tuple(sorted(cautions, key=lambda caution: caution.level != "urgent")))


@dataclass(frozen=True)
class _Days:
    day: Mapping[int, float]
    zero: Any
    dated: bool


def _entry(line: Line, *, with_plan: bool) -> dict[str, Any]:
    """Return what the record reads; days and dates are written as it knows them."""
    when = _when(line.when)
    if line.what.strip().lower() == GIVEN:
        if not with_plan:
            raise ParameterError("what was given needs a plan: choose one in the sentence above")
        _refuse_unknown(line.value.strip())
        return {"day": when, "given": line.value.strip()}
    cells, total = _cells(line.value), line.value.partition("=")[2]
    entry: dict[str, Any] = {"day": when, "scale": line.what.strip()}
    entry |= (
        {"items": cells, "score": total.strip()} if len(cells) >= _FEWEST_ANSWERS else {"score": line.value.strip()}
    )
    try:
        record_from_data([{**entry, "day": "0"}])
    except AfterglowError as error:
        raise ParameterError(
            re.sub(r"^score 1: ", "", str(error)).replace("; add a column for it, or --scale", "")
        ) from None
    return entry


def _refuse_unknown(what: str) -> None:
    """Refuse what a protocol's sentence would not understand."""
    if what.lower().startswith("practice") and " day " not in what.lower():
        raise ParameterError("practice needs its days: practice 3 h per week from day 3 to day 30")
    try:
        lived_arm(Arm.made({"id": "one"}), Record(scores=_ANY, given=(Given(day=1, what=what),)))
    except ProtocolError as error:
        raise ParameterError(error.message.replace(" on day 1'", "'")) from None


def _cells(value: str) -> list[str]:
    return [cell for cell in re.split(r"[\s;|/]+|,(?=\s)|,(?=\d+(?:,|$))", value.partition("=")[0].strip()) if cell]


def _of_answers(line: Line) -> list[ScoreCaution]:
    """Return what single answers call for, even where the form as a whole cannot be scored."""
    cells = _cells(line.value)
    answers = [int(cell) if cell.isdecimal() and len(cell) < 3 else 0 for cell in cells]
    try:
        return list(cautions_of_score(known_scale(line.what), 0, answers)) if len(cells) >= _FEWEST_ANSWERS else []
    except AfterglowError:
        return []


def _when(text: str) -> str:
    """Write a day with a decimal point, and a German date with its whole year."""
    plain = text.strip()
    if found := _COMMA.fullmatch(plain):
        return f"{found[1]}.{found[2]}"
    if found := _SHORT_YEAR.fullmatch(plain):
        return f"{found[1]}20{found[2]}"
    return plain


def _is_date(text: str) -> bool:
    try:
        date_of(text, month_first=False)
    except AfterglowError:
        try:
            date_of(text, month_first=True)
        except AfterglowError:
            return False
    return True


def _days(whens: Mapping[int, str], start: str, said: dict[int, str]) -> _Days:
    """Read all days, or all dates; the lines that are not of the kind of most are said to be wrong."""
    dates = {place: text for place, text in whens.items() if _is_date(text)}
    days = {}
    for place, text in whens.items():
        if place in dates:
            continue
        try:
            days[place] = day_of(text)
        except AfterglowError as error:
            said[place] = str(error)
    first_is_date = bool(dates) and (not days or min(dates) < min(days))
    if dates and (len(dates) > len(days) or (len(dates) == len(days) and first_is_date)):
        said.update(dict.fromkeys(days, "this is a day, but the other lines have dates; use one of them"))
        while dates:
            try:
                found, zero = days_of(list(dates.values()), start=start or None)
            except AfterglowError as error:
                place = next((p for p, text in dates.items() if f"'{text}'" in str(error)), max(dates))
                said[place] = str(error)
                del dates[place]
                continue
            return _Days(dict(zip(dates, found, strict=True)), zero, True)
        return _Days({}, None, True)
    said.update(dict.fromkeys(dates, "this is a date, but the other lines have days; use one of them"))
    return _Days(days, None, False)


def _read(
    line: Line, place: int, entries: Mapping[int, Mapping[str, Any]], said: Mapping[int, str], days: _Days
) -> LineRead:
    if place in said:
        sentence = said[place].rstrip(".")
        return LineRead(state="wrong", said=f"{sentence[:1].upper()}{sentence[1:]}.", scale=line.what)
    if place not in entries:
        return LineRead(state="waiting", scale=line.what)
    entry, day = entries[place], days.day[place]
    date = (days.zero + timedelta(days=day)).isoformat() if days.zero is not None else None
    if "given" in entry:
        return LineRead(state="read", day=day, date=date, scale=GIVEN)
    own = record_from_data([{**entry, "day": "0"}]).scores[0]
    return LineRead(state="read", day=day, date=date, scale=own.scale, score=own.value)
