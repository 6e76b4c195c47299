"""What the model is held to, as pages: the board of stylised facts and the predictions on record."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

from afterglow.evidence.studies.library import study, study_names
from afterglow.predictions.board.kept import kept_board
from afterglow.predictions.board.stylised import Quantity
from afterglow.predictions.board.verdict import RULE, Verdict
from afterglow.predictions.frozen import digest_of
from afterglow.predictions.record import forecast_on_record, trials_on_record
from afterglow.predictions.registration import RegisteredTrial
from afterglow.studio.designs.choices import choices
from afterglow.studio.evidence.names import human_name

__all__ = ["FactsBoard", "RecordedTrial", "facts_board", "trials_recorded"]


class Span(BaseModel):
    """A number and its interval."""

    value: float
    low: float
    high: float


class BoardFact(BaseModel):
    """One fact that the field agrees on, beside what the model says of it.

    Parameters
    ----------
    asked : str
        Which number of which arms it is.
    published : Span
        With its 95 % interval.
    predicted : Span or None
        With its 90 % interval; None where it could not be simulated.
    none : float or None
        The value at which there would be no effect: 0, or 1 for a ratio of hazards; None for a share.
    clear : bool
        Whether all of the predicted interval has the order that the fact claims.
    why : str
        Why it is missed; empty where it passes.
    """

    id: str
    topic: str
    words: str
    asked: str
    unit: str
    published: Span
    predicted: Span | None
    none: float | None
    passed: bool
    clear: bool
    why: str
    study: str
    label: str
    where: str


class FactsBoard(BaseModel):
    """The board of stylised facts."""

    sentence: str
    rule: str
    passed: int
    clear: int
    made: str
    facts: list[BoardFact]


@cache
def facts_board() -> FactsBoard:
    """Return the board as it comes with the package."""
    held = kept_board()
    facts = [_fact(one) for one in held.verdicts]
    passed, clear = sum(one.passed for one in facts), sum(one.passed and one.clear for one in facts)
    return FactsBoard(
        sentence=(
            f"{passed} of {len(facts)} facts that clinicians and trialists would name, chosen before any was run, "
            f"pass; for {clear} of them all of the interval has the sign or the order of the fact. Many of their "
            "studies were fitted: the board asks whether the model can hold all of this at once, not whether it "
            "foretells it."
        ),
        rule=RULE,
        passed=passed,
        clear=clear,
        made=f"Afterglow {held.version}, model {held.model}, {held.draws} draws, {held.people} people an arm",
        facts=facts,
    )


def _fact(one: Verdict) -> BoardFact:
    fact, published = one.fact, one.fact.published
    low, high = published.interval
    known = published.study in study_names()
    found = one.predicted
    return BoardFact(
        id=fact.id,
        topic=fact.topic,
        words=fact.words,
        asked=_asked(fact.quantity),
        unit=fact.quantity.unit,
        published=Span(value=published.value, low=low, high=high),
        predicted=None if found is None else Span(value=found.value, low=found.low, high=found.high),
        none=_no_effect(fact.quantity),
        passed=one.passed,
        clear=one.clear,
        why=one.why,
        study=published.study if known else "",
        label=human_name(study(published.study)) if known else published.study,
        where=published.where,
    )


def _no_effect(q: Quantity) -> float | None:
    return 1.0 if q.kind == "hazard_ratio" else 0.0 if q.kind in ("change", "difference", "effect_size") else None


def _asked(q: Quantity) -> str:
    arms = f"{q.arm} v {q.versus}" if q.versus else q.arm
    of = f" as a share of day {q.of_day:g}" if q.of_day is not None else ""
    return f"{q.kind}, {arms}, {q.scale}, day {q.day:g}{of}".replace("_", " ")


# Predictions on record


class RecordedContrast(BaseModel):
    """A difference of two arms, foretold under one explanation or weighted."""

    explanation: str
    label: str
    arm: str
    versus: str
    primary: bool
    difference: Span
    positive: Span


class RecordedArm(BaseModel):
    """One arm, foretold with the explanations weighted."""

    label: str
    n: int
    change: Span
    response: Span
    remission: Span | None


class RecordedTrial(BaseModel):
    """A registered trial that has not reported, and what was foretold of it.

    Parameters
    ----------
    made_on : str
        Day on which it was foretold.
    digest : str
        Fingerprint of all that the forecast says.
    whole : bool
        Whether the fingerprint fits what the file says now.
    positive : str
        What counts as a positive trial.
    scoring : list of str
        How it will be scored, fixed when it was made.
    assumed : list of str
        What the registration leaves open.
    """

    number: str
    title: str
    made_on: str
    made_by: str
    digest: str
    whole: bool
    read_on: str
    url: str
    scale: str
    day: float
    positive: str
    contrasts: list[RecordedContrast]
    arms: list[RecordedArm]
    scoring: list[str]
    assumed: list[str]


@cache
def trials_recorded() -> tuple[RecordedTrial, ...]:
    """Return every forecast on record."""
    return tuple(_trial(forecast_on_record(number)) for number in trials_on_record())


def _trial(held: Mapping[str, Any]) -> RecordedTrial:
    trial, made = RegisteredTrial.from_data(held["trial"]), held["made"]
    registration = trial.registration
    labels = {arm.id: arm.label or arm.id.replace("_", " ") for arm in trial.protocol.arms}
    names = {"weighted": "All, weighted", **{choice.id: choice.label for choice in choices().rivals}}
    positive = registration.positive
    for arm, label in labels.items():
        positive = positive.replace(f" {arm} ", f" {label} ")
    return RecordedTrial(
        number=registration.number,
        title=registration.title,
        made_on=made["date"],
        made_by=f"Afterglow {made['version']}, model {made['model']}, {made['draws']} draws, seed {made['seed']}",
        digest=held["digest"],
        whole=digest_of(held) == held["digest"],
        read_on=registration.read_on,
        url=registration.sources[0],
        scale=registration.scale,
        day=registration.day,
        positive=positive,
        contrasts=[
            RecordedContrast(
                explanation=name,
                label=names[name],
                arm=labels[row["arm"]],
                versus=labels[row["versus"]],
                primary=row["primary"],
                difference=_span(row["difference"]),
                positive=_span({**row["positive"], "value": row["positive"]["probability"]}),
            )
            for name, numbers in {"weighted": held["weighted"], **held["by_explanation"]}.items()
            for row in numbers["contrasts"]
        ],
        arms=[
            RecordedArm(
                label=labels[row["arm"]],
                n=row["n"],
                change=_span(row["change"]),
                response=_span(row["response"]),
                remission=_span(row["remission"]) if "remission" in row else None,
            )
            for row in held["weighted"]["arms"]
        ],
        scoring=list(held["scoring"]),
        assumed=list(registration.assumed),
    )


def _span(told: Mapping[str, float]) -> Span:
    return Span(value=told["value"], low=told["low"], high=told["high"])
