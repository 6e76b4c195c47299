"""How sure the model is of a design: the full run, its intervals, and what each explanation alone says."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import BaseModel

from afterglow.calibrate.diagnostics.left_out import left_out_predictions
from afterglow.figures.words import interval, signed
from afterglow.posterior import shipped_posteriors
from afterglow.results.contrasts import difference_of, gap_of
from afterglow.runs import Result
from afterglow.studio.designs.choices import choices
from afterglow.studio.designs.design import WEIGHTED, Design
from afterglow.studio.designs.result import FULL, Effort, result_of
from afterglow.studio.explore.course import Course, course_shown

__all__ = ["Certainty", "Facts", "calibration_facts", "certainty_of"]


class Band(BaseModel):
    """90 % interval of one visit: parameters, explanations and departures of trials."""

    arm: str
    scale: str
    day: float
    mean_low: float
    mean_high: float
    response_low: float
    response_high: float


class Contrast(BaseModel):
    """With integration minus without, on one day, and its 90 % interval."""

    arm: str
    day: float
    difference: float
    low: float
    high: float


class RivalView(BaseModel):
    """What one explanation alone says of the same difference on the last day, with its 90 % interval."""

    id: str
    label: str
    weight: float
    difference: float | None
    low: float | None
    high: float | None


class Facts(BaseModel):
    """What the calibration rests on; of the explanations, the worst Pareto k and the fewest effective draws."""

    studies: int
    rows: int
    pareto_k: float
    effective_draws: float


class Certainty(BaseModel):
    """How sure the model is."""

    course: Course
    bands: list[Band]
    contrasts: list[Contrast]
    rivals: list[RivalView]
    headline: str
    sentences: list[str]
    facts: Facts


def certainty_of(
    design: Design, *, effort: Effort = FULL, progress: Callable[[int, int], None] | None = None
) -> Certainty:
    """Run a design in full, and say how sure the model is of it.

    Parameters
    ----------
    design : Design
    effort : Effort
        Less than a full run where many people wait.
    progress : callable, optional
        Told how many courses are done, and of how many.

    Raises
    ------
    ProtocolError
        If the design cannot be simulated.
    """
    result = result_of(design, effort=effort, keep_later=True, progress=progress)
    shown = result.protocol.assessments[0].scale
    own = [arm.id for arm in result.protocol.arms]
    contrasts = [contrast for arm in own for contrast in _contrasts(result, arm, shown)]
    last = next((c for c in reversed(contrasts) if c.arm == own[0]), None)
    rivals = _rivals(result, own[0], shown)
    facts = calibration_facts()
    return Certainty(
        course=course_shown(result, design, crowded=effort != FULL),
        bands=_bands(result, own, shown),
        contrasts=contrasts,
        rivals=rivals,
        headline=_headline(result, last, rivals, shown),
        sentences=_sentences(result, last, rivals, facts),
        facts=facts,
    )


def calibration_facts() -> Facts:
    """Return what the calibration rests on, under all explanations."""
    every = [posterior.diagnostics for posterior in shipped_posteriors().by_rival.values()]
    return Facts(
        studies=len(every[0]["studies"]),
        rows=int(every[0]["rows"]),
        pareto_k=round(max(float(facts["pareto_k"]) for facts in every), 2),
        effective_draws=round(min(float(facts["effective_draws"]) for facts in every)),
    )


def _bands(result: Result, arms: list[str], scale: str) -> list[Band]:
    """Return the intervals of each visit after the first."""
    found = []
    for arm in arms:
        rows = [row for row in result.rows["scores"] if row["arm"] == arm and row["scale"] == scale]
        found += [Band(**{name: row[name] for name in Band.model_fields}) for row in rows[1:]]
    return found


def _contrasts(result: Result, arm: str, scale: str) -> list[Contrast]:
    """Return an arm minus its twin by visit; none where it has no twin."""
    twin = result.run.twin_of(result.run.places[arm])
    versus = None if twin is None else result.arms[twin].id
    return [
        Contrast(
            arm=arm,
            day=row["day"],
            difference=row["mean_difference"],
            low=row["credible_low"],
            high=row["credible_high"],
        )
        for row in result.rows["contrasts"]
        if row["arm"] == arm and row["versus"] == versus and row["scale"] == scale
    ]


def _rivals(result: Result, arm: str, scale: str) -> list[RivalView]:
    """Return every explanation, the weightiest first; those that were not run say nothing."""
    place = result.run.places[arm]
    twin = result.run.twin_of(place)
    gap = None if twin is None else gap_of(result.run, scale, place, twin)
    found = []
    for choice in choices().rivals:
        said: dict[str, float | None] = {"difference": None, "low": None, "high": None}
        if gap is not None and choice.id in result.by_rival:
            middle, (low, high) = difference_of(gap, result.by_rival[choice.id].mixture, scale)
            said = {"difference": float(middle[-1]), "low": float(low[-1]), "high": float(high[-1])}
        found.append(RivalView(id=choice.id, label=choice.label, weight=choice.weight, **said))
    return sorted(found, key=lambda rival: -rival.weight)


def _headline(result: Result, last: Contrast | None, rivals: list[RivalView], scale: str) -> str:
    """Say what integration adds by the last day, how sure that is, and what each explanation alone says."""
    if last is None:
        arm = result.protocol.arms[0].id
        row = [row for row in result.rows["scores"] if row["arm"] == arm and row["scale"] == scale][-1]
        return (
            f"Mean {scale} on day {row['day']:g}: {row['mean']:.1f}, 90 % interval {row['mean_low']:.1f} to "
            f"{row['mean_high']:.1f}. There is no integration to leave out."
        )
    told = (
        f"What integration adds by day {last.day:g}: {signed(last.difference)} {scale} points, 90 % interval "
        f"{interval(last.low, last.high)}"
    )
    if result.rival != WEIGHTED:
        one = next(rival for rival in rivals if rival.id == result.rival)
        held = f"If the explanation “{one.label}” holds, whose weight is {_percent(one.weight)}"
        told = f"{held}: {told[0].lower()}{told[1:]}"
    if last.low <= 0 <= last.high:
        told += ": the model cannot tell whether it adds anything"
    said = [rival for rival in rivals if rival.difference is not None]
    alone = [f"{r.label.lower()} {signed(r.difference or 0.0)} ({_percent(r.weight)})" for r in said]
    return f"{told}." + (f" Each explanation alone (its weight): {', '.join(alone)}." if len(alone) > 1 else "")


def _sentences(result: Result, last: Contrast | None, rivals: list[RivalView], facts: Facts) -> list[str]:
    found = []
    which = "which explanation holds, " if result.rival == WEIGHTED else ""
    if last is not None:
        found.append(
            f"Below 0, these people score lower on day {last.day:g} than the same people without integration. The "
            "interval holds nine in ten of the differences that the model expects in a new trial with many people: "
            f"it counts how unsure the parameters are, {which}and how trials depart from the model."
        )
    verdict = str(left_out_predictions().rivals["verdict"])
    for rival in rivals:
        verdict = verdict.replace(rival.id, f"“{rival.label.lower()}”")
    found.append(verdict)
    found.append(
        f"The sizes come from {facts.studies} published studies with {facts.rows} numbers. Most constants rest on "
        "their priors as much as on trials."
    )
    return found


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
