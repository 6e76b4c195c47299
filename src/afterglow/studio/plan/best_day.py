"""What one more session on each day would add to a plan: the strip of `afterglow best-day`, for the page."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from afterglow.plan.plain import strip_sentences
from afterglow.plan.strip import STRIP_DRAWS, STRIP_PEOPLE, DayGain, Strip, session_strip
from afterglow.studio.asked import Asked
from afterglow.studio.designs.choices import choices
from afterglow.studio.designs.design import WEIGHTED, Design, protocol_of
from afterglow.studio.designs.result import Effort
from afterglow.studio.designs.size import person_years

__all__ = ["BestDay", "BestDayAsked", "best_day_of", "years_of"]

_DAYS_TRIED = 23
"""Of a strip: each of two weeks, eight more weeks, and the plan as it is."""


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BestDayAsked(Asked):
    """A plan in days, and the length of the session that would be added."""

    design: Design
    hours: Annotated[float, Field(ge=0.25, le=12, allow_inf_nan=False)] = 1.0


class ExplanationGain(_Told):
    """What it adds if one explanation is true; the interval is none where nothing was calibrated."""

    id: str
    label: str
    weight: float
    points: float
    low: float | None
    high: float | None


class GainOnDay(_Told):
    """What it adds on one day; below zero the score is lower with it."""

    day: float
    points: float
    low: float | None
    high: float | None
    alike: bool
    rivals: tuple[ExplanationGain, ...]


class BestDay(_Told):
    """What one more session adds, day by day."""

    hours: float
    scale: str
    on_day: float
    tells: bool
    best: float
    days: tuple[GainOnDay, ...]
    sentences: tuple[str, ...]


def best_day_of(asked: BestDayAsked, *, progress: Callable[[int, int], None] | None = None) -> BestDay:
    """Try one more session on each day.

    Raises
    ------
    ProtocolError
        If the plan cannot be simulated.
    """
    design = asked.design
    rival = None if design.rival == WEIGHTED else design.rival
    strip: Strip = session_strip(
        protocol_of(design), hours=asked.hours, seed=design.seed, rival=rival, progress=progress
    )
    labels = {rival.id: rival.label for rival in choices().rivals}
    return BestDay(
        hours=strip.hours,
        scale=strip.scale,
        on_day=strip.on_day,
        tells=strip.tells,
        best=strip.best.day,
        days=tuple(_told(gain, labels) for gain in strip.days),
        sentences=tuple(strip_sentences(strip)),
    )


def years_of(asked: BestDayAsked) -> float:
    """Return what the strip costs; see `person_years`."""
    alone = asked.design.model_copy(update={"arms": asked.design.arms[:1], "participants": STRIP_PEOPLE})
    return _DAYS_TRIED * person_years(alone, Effort(STRIP_DRAWS))


def _told(gain: DayGain, labels: dict[str, str]) -> GainOnDay:
    return GainOnDay(
        day=gain.day,
        points=gain.points,
        low=_known(gain.low),
        high=_known(gain.high),
        alike=gain.alike,
        rivals=tuple(
            ExplanationGain(
                id=one.rival,
                label=labels.get(one.rival, one.rival),
                weight=one.weight,
                points=one.points,
                low=_known(one.low),
                high=_known(one.high),
            )
            for one in gain.by_rival
        ),
    )


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
