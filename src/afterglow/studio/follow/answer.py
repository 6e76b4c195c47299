"""What a person's lines come to: each line as it was read, what calls for action, and the forecast."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BaseModel, Field

from afterglow.errors import AfterglowError
from afterglow.forecast.bank import arm_of, bank_of, care_bank, without_medicine
from afterglow.forecast.outlook import Change, first_score
from afterglow.forecast.person import Forecast, forecast
from afterglow.forecast.record.score import Record, known_scale
from afterglow.outcomes.response import response_cut
from afterglow.safety.purpose import ONE_PERSON
from afterglow.safety.scores import ScoreCaution
from afterglow.scales.instruments import SCALES, scale
from afterglow.studio.asked import Asked
from afterglow.studio.designs.choices import choices
from afterglow.studio.designs.design import Design, protocol_of
from afterglow.studio.designs.source import Source
from afterglow.studio.follow.lines import Line, LineRead, read_lines
from afterglow.studio.follow.words import doubts_of, told_sources, trust_words, verdict_words

__all__ = ["Answer", "FollowFacts", "FollowRequest", "Outlook", "ScaleKnown", "bank_made", "follow_facts", "follow_of"]

AHEAD_DAYS = 84.0
"""Days from the last score to the chosen day, where nobody chooses: twelve weeks."""


class FollowRequest(Asked):
    """What is asked: lines as they were typed, a plan of one arm or none, and how far ahead.

    Parameters
    ----------
    design : Design or None
        Its first arm is the plan; without one, the course without any medicine.
    lines : tuple of Line
    scale : str
        Empty: the one rated most.
    ahead_days : float
        From the last score to the chosen day.
    start : str
        Date of day 0; empty: that of the first date.
    """

    design: Design | None = None
    lines: Annotated[tuple[Line, ...], Field(max_length=400)] = ()
    scale: Annotated[str, Field(max_length=60)] = ""
    ahead_days: Annotated[float, Field(ge=1, le=1825)] = AHEAD_DAYS
    start: Annotated[str, Field(max_length=10)] = ""


class ScaleKnown(BaseModel):
    """A scale that can be forecast, and its ends."""

    id: str
    low: float
    high: float


class FollowFacts(BaseModel):
    """What can be typed, and what a forecast of one person is for."""

    scales: list[ScaleKnown]
    purpose: str


class CautionShown(BaseModel):
    """What a score calls for; read before anything else."""

    level: str
    sentence: str
    source: str
    sources: list[Source]


class BandShown(BaseModel):
    """Where the score on one day is expected."""

    day: float
    mean: float
    median: float
    low50: float
    high50: float
    low80: float
    high80: float
    low90: float
    high90: float


class ChancesShown(BaseModel):
    """Chances by the chosen day."""

    response: float | None
    remission: float | None
    relapse: float | None
    worse: float | None


class TrackShown(BaseModel):
    """How the last score compares with people who began alike."""

    verdict: str
    reason: str
    percent_lower: float | None
    low: float | None
    high: float | None


class ChangeShown(BaseModel):
    """The change since the first score, and how large it must be."""

    points: float
    reliable_points: float
    reliable: bool
    reliable_source: str
    reliable_sources: list[Source]
    important_points: float | None
    important: bool | None
    important_sources: list[Source]


class WhatIfShown(BaseModel):
    """What one thing more would change, and whether that is more than what is not known."""

    what: str
    points: float
    low: float
    high: float
    clear: bool


class ExplanationShown(BaseModel):
    """Weight of an explanation before and after these scores."""

    id: str
    label: str
    before: float
    after: float


class Outlook(BaseModel):
    """The forecast of one person, as `afterglow.forecast` gives it."""

    scale: str
    scale_low: float
    scale_high: float
    rated: list[str]
    day: float
    last_day: float
    start: str | None
    label: str
    with_medicine: bool
    bands: list[BandShown]
    expected: list[BandShown]
    chances: ChancesShown
    track: TrackShown
    change: ChangeShown | None
    what_if: list[WhatIfShown]
    explanations: list[ExplanationShown]
    effective_size: float
    moved: bool
    response_at: float | None
    remission_at: float | None
    verdict: str
    doubts: list[str]
    notes: list[str]
    trust: list[str]


class Answer(BaseModel):
    """Each line as it was read, what calls for action, and the forecast or why there is none."""

    lines: list[LineRead]
    cautions: list[CautionShown]
    told: Outlook | None
    problem: str


class BankMade(BaseModel):
    """That the bank of a plan is there."""

    people: int
    draws: int


def follow_facts() -> FollowFacts:
    """Return the scales that can be forecast, and the purpose with its limits."""
    scales = [ScaleKnown(id=s.id, low=s.low, high=s.high) for s in SCALES.values()]
    return FollowFacts(scales=scales, purpose=ONE_PERSON)


def bank_made(asked: FollowRequest) -> BankMade:
    """Make the banks of a plan before there is any score: they are kept by plan, and know nothing of a person."""
    if asked.design is None:
        bank = care_bank(known_scale(asked.scale or "PHQ-9"), until_day=AHEAD_DAYS)
    else:
        protocol = protocol_of(asked.design)
        bank = bank_of(protocol, arm_of(protocol), until_day=AHEAD_DAYS)
        if bank.with_medicine:
            without_medicine(protocol, until_day=AHEAD_DAYS)
    draws, people, _ = bank.course.shape
    return BankMade(people=people, draws=draws)


def follow_of(asked: FollowRequest, *, what_if: bool = False) -> Answer:
    """Read lines, and forecast from those that could be read.

    Parameters
    ----------
    asked : FollowRequest
    what_if : bool
        Whether additions to the plan are compared, which takes longer.
    """
    reading = read_lines(asked.lines, start=asked.start, with_plan=asked.design is not None)
    told, problem = None, ""
    if reading.record is not None:
        try:
            told = _outlook(asked, reading.record, what_if=what_if)
        except AfterglowError as error:
            problem = f"{str(error)[:1].upper()}{str(error)[1:].rstrip('.')}."
    return Answer(
        lines=list(reading.lines),
        cautions=[_caution(caution) for caution in reading.cautions],
        told=told,
        problem=problem,
    )


def _caution(caution: ScoreCaution) -> CautionShown:
    words, sources = told_sources(caution.source)
    return CautionShown(level=caution.level, sentence=caution.sentence, source=words, sources=sources)


def _change(change: Change | None) -> dict[str, Any] | None:
    if change is None:
        return None
    words, reliable = told_sources(change.reliable_source)
    return {
        **{key: value for key, value in asdict(change).items() if not key.endswith("_source")},
        "reliable_source": words,
        "reliable_sources": reliable,
        "important_sources": told_sources(change.important_source)[1],
    }


def _outlook(asked: FollowRequest, record: Record, *, what_if: bool) -> Outlook:
    told = forecast(
        record,
        protocol=protocol_of(asked.design) if asked.design is not None else None,
        arm="arm1" if asked.design is not None else None,
        scale=asked.scale or None,
        day=record.last_day + asked.ahead_days,
        what_if=what_if,
    )
    return Outlook.model_validate({**_numbers(told), **_facts(told)})


def _numbers(told: Forecast) -> dict[str, Any]:
    said = told.to_json()
    labels = {rival.id: rival.label for rival in choices().rivals}
    shown = (
        "scale",
        "day",
        "with_medicine",
        "bands",
        "expected",
        "chances",
        "track",
        "what_if",
        "effective_size",
        "moved",
    )
    return {
        **{key: said[key] for key in shown},
        "label": said["course"],
        "change": _change(told.change),
        "explanations": [
            {"id": name, "label": labels.get(name, name), **weights} for name, weights in said["explanations"].items()
        ],
        "notes": said["notes"],
        "doubts": doubts_of(told),
        "trust": trust_words(told),
        "verdict": verdict_words(told),
    }


def _facts(told: Forecast) -> dict[str, Any]:
    instrument, record = scale(told.scale), told.record
    first = first_score(record, told.scale) if record.of(told.scale) else None
    return {
        "scale_low": instrument.low,
        "scale_high": instrument.high,
        "rated": list(record.scales),
        "last_day": record.last_day,
        "start": record.start.isoformat() if record.start else None,
        "response_at": None if first is None else float(response_cut(instrument, first)),
        "remission_at": instrument.remission.at_most if instrument.remission else None,
    }
