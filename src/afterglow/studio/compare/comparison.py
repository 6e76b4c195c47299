"""What Compare says of a design: arms side by side, their differences by day, and what each explanation says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from pydantic import BaseModel

from afterglow.protocol import Arm
from afterglow.results.tables import Tables
from afterglow.runs import Result
from afterglow.studio.designs.choices import RivalChoice, choices
from afterglow.studio.designs.design import Design
from afterglow.studio.designs.result import FULL, Effort, result_of

__all__ = ["Comparison", "compare", "comparison_of"]


class RelapsePoint(BaseModel):
    """Share of responders that have relapsed by a day, with its 90 % interval."""

    day: float
    share: float
    low: float | None
    high: float | None


class Visit(BaseModel):
    """Scores of one visit; bounds are those of 90 % intervals of the mean and of the share."""

    day: float
    mean: float
    mean_low: float | None
    mean_high: float | None
    response: float
    response_low: float | None
    response_high: float | None


class ScoreCurve(BaseModel):
    """Mean score over time, with its 90 % interval; no bounds where there is no interval."""

    days: list[float]
    mean: list[float]
    low: list[float]
    high: list[float]


class ComparedArm(BaseModel):
    """One arm on the last visit; bounds are those of 90 % intervals; hours without an upper one may be endless."""

    id: str
    label: str
    therapy_hours: float
    score: float
    score_low: float | None
    score_high: float | None
    response: float
    response_low: float | None
    response_high: float | None
    remission: float | None
    lasting_from_day: float
    lasting_response: float
    lasting_response_low: float | None
    lasting_response_high: float | None
    hours_per_lasting_response: float | None
    hours_low: float | None
    hours_high: float | None
    relapse: list[RelapsePoint]
    visits: list[Visit]
    curve: ScoreCurve


class Under(BaseModel):
    """The same difference under one explanation alone."""

    rival: str
    difference: float
    low: float | None
    high: float | None


class ComparedPair(BaseModel):
    """One arm minus a later one on a day, and the 90 % interval; under each explanation where several were run."""

    arm: str
    versus: str
    day: float
    difference: float
    low: float | None
    high: float | None
    mc_error: float | None
    under: list[Under]


class Comparison(BaseModel):
    """The arms side by side."""

    participants: int
    draws: int
    seed: int
    rival: str
    scale: str
    day: float
    rivals: list[RivalChoice]
    arms: list[ComparedArm]
    contrasts: list[ComparedPair]


def comparison_of(
    design: Design, *, effort: Effort = FULL, progress: Callable[[int, int], None] | None = None
) -> Comparison:
    """Run a design in full and lay its arms side by side.

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
    return _laid_out(result_of(design, effort=effort, progress=progress))


def compare(design: Design, progress: Callable[[float], None]) -> dict[str, Any]:
    """Simulate a design's arms and sum them up.

    Parameters
    ----------
    design : Design
    progress : callable
        Told the share that is done.

    Returns
    -------
    dict
        A `Comparison` as plain data.
    """
    result = result_of(design, progress=lambda done, of: progress(0.9 * done / of))
    comparison = _laid_out(result)
    progress(1.0)
    return comparison.model_dump()


def _laid_out(result: Result) -> Comparison:
    assessed = result.protocol.assessments[0]
    spec = result.run.spec
    return Comparison(
        participants=result.participants,
        draws=spec.draws,
        seed=spec.seed,
        rival=result.rival,
        scale=assessed.scale,
        day=max(assessed.days),
        rivals=[choice for choice in choices().rivals if choice.id in result.by_rival],
        arms=[_arm(result, arm, assessed.scale) for arm in result.protocol.arms],
        contrasts=_pairs(result, assessed.scale),
    )


def _pairs(result: Result, scale: str) -> list[ComparedPair]:
    """Return each arm minus each later one, by day."""
    whole = _differences(result, scale)
    alone = (
        {rival: _differences(one, scale) for rival, one in result.by_rival.items()} if len(result.by_rival) > 1 else {}
    )
    return [
        ComparedPair(
            arm=arm,
            versus=versus,
            day=day,
            **_bounds(row),
            mc_error=_finite(row["mc_error"]),
            under=[Under(rival=rival, **_bounds(rows[arm, versus, day])) for rival, rows in alone.items()],
        )
        for (arm, versus, day), row in whole.items()
    ]


def _differences(tables: Tables, scale: str) -> dict[tuple[str, str, float], dict[str, Any]]:
    own = {arm.id for arm in tables.protocol.arms}
    return {
        (row["arm"], row["versus"], row["day"]): row
        for row in tables.rows["contrasts"]
        if row["versus"] in own and row["scale"] == scale
    }


def _bounds(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "difference": row["mean_difference"],
        "low": _finite(row.get("credible_low", np.nan)),
        "high": _finite(row.get("credible_high", np.nan)),
    }


def _curve(result: Result, arm: str, scale: str) -> ScoreCurve:
    course, band = result.course(scale, arm), result.band(scale, arm)
    assert course is not None  # the scale is one that was rated
    low, high = ([], []) if band is None else ([round(float(v), 2) for v in end] for end in band)
    return ScoreCurve(
        days=[round(float(day), 3) for day in result.run.times],
        mean=[round(float(v), 2) for v in course.mean],
        low=low,
        high=high,
    )


def _arm(result: Result, arm: Arm, scale: str) -> ComparedArm:
    lasting = next(row for row in result.rows["lasting"] if row["arm"] == arm.id and row["scale"] == scale)
    rows = [r for r in result.rows["scores"] if r["arm"] == arm.id and r["scale"] == scale]
    last = rows[-1]
    return ComparedArm(
        id=arm.id,
        label=arm.label or arm.id,
        therapy_hours=lasting["therapy_hours"],
        score=last["mean"],
        score_low=_finite(last["mean_low"]),
        score_high=_finite(last["mean_high"]),
        response=last["response"],
        response_low=_finite(last["response_low"]),
        response_high=_finite(last["response_high"]),
        remission=_finite(last["remission"]),
        lasting_from_day=lasting["from_day"],
        lasting_response=lasting["share"],
        lasting_response_low=_finite(lasting["credible_low"]),
        lasting_response_high=_finite(lasting["credible_high"]),
        hours_per_lasting_response=_finite(lasting["hours_per_lasting_response"]),
        hours_low=_finite(lasting["hours_credible_low"]),
        hours_high=_finite(lasting["hours_credible_high"]),
        relapse=[
            RelapsePoint(
                day=r["day"],
                share=r["share"],
                low=_finite(r["credible_low"]),
                high=_finite(r["credible_high"]),
            )
            for r in result.rows["relapse"]
            if r["arm"] == arm.id
        ],
        visits=[
            Visit(
                day=r["day"],
                mean=r["mean"],
                mean_low=_finite(r["mean_low"]),
                mean_high=_finite(r["mean_high"]),
                response=r["response"],
                response_low=_finite(r["response_low"]),
                response_high=_finite(r["response_high"]),
            )
            for r in rows
        ],
        curve=_curve(result, arm.id, scale),
    )


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
