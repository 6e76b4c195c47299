"""The long run of Compare: every arm with as many people as asked for, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from pydantic import BaseModel

from afterglow.protocol import Arm
from afterglow.runs import Result
from afterglow.studio.designs.design import Design
from afterglow.studio.designs.result import result_of

__all__ = ["Comparison", "compare"]


class RelapsePoint(BaseModel):
    """Share of responders that have relapsed by a day, with its 90 % interval."""

    day: float
    share: float
    low: float | None
    high: float | None


class ScoreCurve(BaseModel):
    """Mean score by visit, with its 90 % interval."""

    days: list[float]
    mean: list[float]
    low: list[float | None]
    high: list[float | None]


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
    curve: ScoreCurve


class ComparedPair(BaseModel):
    """One arm minus another on the last visit, and the 90 % interval."""

    arm: str
    versus: str
    day: float
    difference: float
    low: float | None
    high: float | None


class Comparison(BaseModel):
    """The arms side by side."""

    participants: int
    draws: int
    scale: str
    day: float
    arms: list[ComparedArm]
    contrasts: list[ComparedPair]


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
    result = result_of(design, workers=None, progress=lambda done, of: progress(0.9 * done / of))
    own = [arm.id for arm in result.protocol.arms]
    scale = result.protocol.assessments[0].scale
    day = max(result.protocol.assessments[0].days)
    pairs = [
        ComparedPair(
            arm=row["arm"],
            versus=row["versus"],
            day=row["day"],
            difference=row["mean_difference"],
            low=_finite(row["credible_low"]),
            high=_finite(row["credible_high"]),
        )
        for row in result.rows["contrasts"]
        if row["versus"] in own and row["scale"] == scale and row["day"] == day
    ]
    comparison = Comparison(
        participants=result.participants,
        draws=result.run.spec.draws,
        scale=scale,
        day=day,
        arms=[_arm(result, arm, scale) for arm in result.protocol.arms],
        contrasts=pairs,
    )
    progress(1.0)
    return comparison.model_dump()


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
        curve=ScoreCurve(
            days=[r["day"] for r in rows],
            mean=[r["mean"] for r in rows],
            low=[_finite(r["mean_low"]) for r in rows],
            high=[_finite(r["mean_high"]) for r in rows],
        ),
    )


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
