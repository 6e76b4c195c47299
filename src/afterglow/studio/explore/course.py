"""What a page draws of a result: each arm's curves, windows and scores beside those of its twin without integration."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from afterglow.protocol import Arm
from afterglow.results.people import some_people
from afterglow.results.windows import open_shares
from afterglow.runs import Result
from afterglow.scales.instruments import scale as find_scale
from afterglow.simulate.spec import usual_draws
from afterglow.studio.designs.choices import ScaleFacts
from afterglow.studio.designs.design import WEIGHTED, ArmDesign, Design
from afterglow.studio.designs.result import QUICK, QUICK_DRAWS, Effort, result_of
from afterglow.studio.designs.source import Source, source_of
from afterglow.studio.explore.story import Passage, story_of

__all__ = ["ArmCourse", "Course", "Curve", "course_of", "course_shown"]

_STATES = {
    "synapses": ("spines", "New synapses", "share of all possible"),
    "practice": ("practice", "Practice", "share of a habit"),
    "new_pattern": ("new_pattern", "New pattern", "strength"),
    "old_pattern": ("old_pattern", "Old pattern", "strength"),
}
"""Curves of a page: the quantity of the run, its label and its unit."""


_DOTS = 32
"""People drawn as dots."""


class Curve(BaseModel):
    """Mean over people and draws, and the 5th and 95th percentile of them."""

    label: str
    unit: str
    mean: list[float]
    low: list[float]
    high: list[float]


class Window(BaseModel):
    """When the window of one dosing day is half open and half closed, in the median person.

    In nine of ten people it closes from `closes_low` to `closes_high`.
    """

    medicine: str
    dose_day: float
    opens: float | None
    closes: float | None
    closes_low: float | None
    closes_high: float | None
    open_share: float


class Band(BaseModel):
    """90 % interval of the mean over time: parameters, explanations and departures of trials."""

    low: list[float]
    high: list[float]


class Dot(BaseModel):
    """One of the people on the last day."""

    score: float
    responds: bool


class ScoreRow(BaseModel):
    """Scores of one visit; nine in ten people lie from `low` to `high`."""

    scale: str
    day: float
    mean: float
    low: float
    high: float
    response: float
    remission: float | None
    twin_mean: float | None
    twin_response: float | None


class RelapseRow(BaseModel):
    """Share of responders that have relapsed by a day."""

    day: float
    share: float
    twin_share: float | None


class Lasting(BaseModel):
    """Share who respond at every visit from a day to the end, and the hours of therapy for each of them."""

    from_day: float
    share: float
    hours_each: float | None


class Twin(BaseModel):
    """Means of the same people without integration, by curve."""

    curves: dict[str, list[float]]


class ArmCourse(BaseModel):
    """One arm; `sources` are those that its story names, each once."""

    id: str
    label: str
    medicine: str
    extrapolated: bool
    dosing_days: list[float]
    windows: list[Window]
    open_shares: list[float]
    days: list[float]
    curves: dict[str, Curve]
    band: Band | None
    people: list[Dot]
    twin: Twin | None
    scores: list[ScoreRow]
    relapse: list[RelapseRow]
    lasting: Lasting
    therapy_hours: float
    story: list[Passage]
    sources: list[Source]


class Caution(BaseModel):
    """A published warning that meets the design."""

    level: str
    sentence: str
    source: str | None


class Course(BaseModel):
    """What a design comes to, from so many virtual people and draws of the parameters, in the full run or in less.

    `crowded` says whether so many ask just now that answers are lesser ones.
    """

    key: str
    participants: int
    draws: int
    full: bool
    crowded: bool
    rival: str
    calibrated: bool
    scale: ScaleFacts
    first_day: float
    last_day: float
    arms: list[ArmCourse]
    warnings: list[Caution]
    note: str


def course_of(
    design: Design,
    *,
    effort: Effort = QUICK,
    crowded: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Course:
    """Simulate a design, as a rule at few draws of the parameters: the first answer of a page.

    Parameters
    ----------
    design : Design
    effort : Effort
    crowded : bool
        Whether so many ask just now that answers are lesser ones.
    progress : callable, optional
        Told how many courses are done, and of how many.

    Raises
    ------
    ProtocolError
        If the design cannot be simulated.
    """
    return course_shown(result_of(design, effort=effort, progress=progress), design, crowded=crowded)


def course_shown(result: Result, design: Design, *, crowded: bool = False) -> Course:
    """Return what a page draws of the result of a design."""
    facts = find_scale(result.protocol.assessments[0].scale)
    arms = [_arm(result, arm, wish) for arm, wish in zip(result.protocol.arms, design.arms, strict=True)]
    return Course(
        key=result.run.spec.key,
        participants=result.participants,
        draws=result.run.spec.draws,
        full=_is_full(result, design.participants),
        crowded=crowded,
        rival=result.rival,
        calibrated=result.calibrated,
        scale=ScaleFacts(id=facts.id, label=facts.id, low=facts.low, high=facts.high),
        first_day=min(arm.days[0] for arm in arms),
        last_day=result.protocol.horizon_days,
        arms=arms,
        warnings=[Caution(level=str(w.level), sentence=w.sentence, source=w.source or None) for w in result.warnings],
        note=_note(result, design.participants),
    )


def _is_full(result: Result, people: int) -> bool:
    """Return whether this is the full run of so many people."""
    spec = result.run.spec
    return spec.participants >= people and spec.draws >= usual_draws(people)


def _note(result: Result, people: int) -> str:
    """Say what the lines are, and what is missing to the full run, which has so many people."""
    spec = result.run.spec
    whose = "all explanations by their weights" if result.rival == WEIGHTED else "one explanation alone"
    draws = usual_draws(people)
    if _is_full(result, people):
        standing = "The command line and the report give the same numbers."
    elif spec.participants < people:
        standing = f"A quick answer: the full run, that of the command line, has {people} people and {draws} draws."
    else:
        standing = f"A quick answer: the full run, that of the command line, has {draws} draws."
    return (
        f"Lines are means over {spec.participants} virtual people at {spec.draws} draws of the parameters, {whose}; "
        f"shading holds nine in ten. {standing}"
    )


def _arm(result: Result, arm: Arm, wish: ArmDesign) -> ArmCourse:
    place = result.run.places[arm.id]
    twin_place = result.run.twin_of(place)
    twin = None if twin_place is None else result.arms[twin_place].id
    shown = result.protocol.assessments[0].scale
    lasting = next(row for row in _rows(result, "lasting", arm.id) if row["scale"] == shown)
    windows = [
        Window(
            medicine=row["drug"],
            dose_day=row["dose_day"],
            opens=_number(row["open_from_day_median"]),
            closes=_number(row["closes_day_median"]),
            closes_low=_number(row["closes_day_q05"]),
            closes_high=_number(row["closes_day_q95"]),
            open_share=row["open_share"],
        )
        for row in _rows(result, "windows", arm.id)
    ]
    scores = _scores(result, arm.id, twin)
    last = [row for row in scores if row.scale == shown][-1]
    story = story_of(wish, [(w.dose_day, w.opens, w.closes) for w in windows], result.protocol.horizon_days)
    people = some_people(result.run, result.mixture, shown, place, _DOTS, last.response)
    return ArmCourse(
        id=arm.id,
        label=arm.label or wish.medicine,
        medicine=wish.medicine,
        extrapolated=any(d.extrapolated for d in arm.doses),
        dosing_days=list(wish.dosed_on),
        windows=windows,
        open_shares=_short(open_shares(result.run, result.mixture, place)),
        days=[round(float(d), 6) for d in result.run.times],
        curves=_curves(result, arm.id, wish.medicine),
        band=_band(result, arm.id),
        people=[Dot(score=person.score, responds=person.responds) for person in people],
        twin=None if twin is None else _twin(result, twin, wish.medicine),
        scores=scores,
        relapse=_relapse(result, arm.id, twin),
        lasting=Lasting(
            from_day=lasting["from_day"],
            share=lasting["share"],
            hours_each=_number(lasting["hours_per_lasting_response"]),
        ),
        therapy_hours=lasting["therapy_hours"],
        story=story,
        sources=[source_of(key) for key in dict.fromkeys(key for passage in story for key in passage.sources)],
    )


def _quantities(result: Result, medicine: str) -> dict[str, tuple[str, str, str]]:
    """Return the quantity of the run, the label and the unit of each curve."""
    shown = result.protocol.assessments[0].scale
    return {
        "severity_score": (shown, shown, "points"),
        "concentration": (f"concentration_{medicine}", "Concentration in blood", "ng/mL"),
        **_STATES,
    }


def _curves(result: Result, arm: str, medicine: str) -> dict[str, Curve]:
    found = {}
    for name, (quantity, label, unit) in _quantities(result, medicine).items():
        course = result.course(quantity, arm)
        parts = ("mean", "low", "high")
        values = {part: _none(result) if course is None else _short(getattr(course, part)) for part in parts}
        found[name] = Curve(label=label, unit=unit, **values)
    return found


def _twin(result: Result, twin: str, medicine: str) -> Twin:
    found = {}
    for name, (quantity, _, _) in _quantities(result, medicine).items():
        course = result.course(quantity, twin)
        found[name] = _none(result) if course is None else _short(course.mean)
    return Twin(curves=found)


def _band(result: Result, arm: str) -> Band | None:
    """Return how sure the mean is; a quick answer, with a draw for each explanation, does not know."""
    if result.run.spec.draws <= QUICK_DRAWS:
        return None
    found = result.band(result.protocol.assessments[0].scale, arm)
    return None if found is None else Band(low=_short(found[0]), high=_short(found[1]))


def _none(result: Result) -> list[float]:
    """Return the concentration of a placebo."""
    return [0.0] * len(result.run.times)


def _short(values: NDArray[Any]) -> list[float]:
    """Keep four significant digits: what a screen can show."""
    exact = np.asarray(values, dtype=np.float64)
    size = 10.0 ** (3 - np.floor(np.log10(np.maximum(np.abs(exact), 1e-9))))
    return list((np.round(exact * size) / size).tolist())


def _rows(result: Result, table: str, arm: str | None) -> list[dict[str, Any]]:
    return [row for row in result.rows[table] if row["arm"] == arm]


def _beside(own: list[dict[str, Any]], twin: list[dict[str, Any]]) -> Iterable[tuple[dict[str, Any], dict[str, Any]]]:
    """Lay an arm's rows beside those of its twin, visit by visit; beside nothing where the twin has none."""
    return zip(own, twin if own and twin else [{}] * len(own), strict=True)


def _scores(result: Result, arm: str, twin: str | None) -> list[ScoreRow]:
    return [
        ScoreRow(
            scale=row["scale"],
            day=row["day"],
            mean=row["mean"],
            low=row["q05"],
            high=row["q95"],
            response=row["response"],
            remission=_number(row["remission"]),
            twin_mean=without.get("mean"),
            twin_response=without.get("response"),
        )
        for row, without in _beside(_rows(result, "scores", arm), _rows(result, "scores", twin))
    ]


def _relapse(result: Result, arm: str, twin: str | None) -> list[RelapseRow]:
    return [
        RelapseRow(day=row["day"], share=row["share"], twin_share=_number(without.get("share", np.nan)))
        for row, without in _beside(_rows(result, "relapse", arm), _rows(result, "relapse", twin))
    ]


def _number(value: float) -> float | None:
    """Return a number that JSON can hold: None for an unknown one."""
    return float(value) if np.isfinite(value) else None
