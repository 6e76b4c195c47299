"""The long run of Compare: every arm with as many people as asked for, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from pydantic import BaseModel

from afterglow.protocol import Arm
from afterglow.simulate import Result, simulate
from afterglow.studio.designs.design import Design, protocol_of

__all__ = ["Comparison", "compare"]


class RelapsePoint(BaseModel):
    """Share of responders that have relapsed by a day, with its 90 % credible band."""

    day: float
    share: float
    low: float | None
    high: float | None


class ScoreCurve(BaseModel):
    """Mean score by visit, with its 90 % credible band."""

    days: list[float]
    mean: list[float]
    low: list[float | None]
    high: list[float | None]


class ComparedArm(BaseModel):
    """One arm on the last visit; bounds are 90 % credible, and hours without an upper one may be endless."""

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
    lasting_response: float
    lasting_response_low: float | None
    lasting_response_high: float | None
    hours_per_lasting_response: float | None
    hours_low: float | None
    hours_high: float | None
    relapse: list[RelapsePoint]
    curve: ScoreCurve


class ComparedPair(BaseModel):
    """One arm minus another on the last visit, and the 90 % credible band."""

    arm: str
    versus: str
    day: float
    difference: float
    low: float | None
    high: float | None


class Comparison(BaseModel):
    """The arms side by side."""

    participants: int
    scale: str
    day: float
    lasting_from_day: float
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
    protocol = protocol_of(design)
    result = simulate(
        protocol,
        participants=design.participants,
        seed=design.seed,
        rival=design.rival,
        twins=False,
        progress=lambda done, of: progress(0.7 * done / of),
    )
    scale = protocol.assessments[0].scale
    day = max(protocol.assessments[0].days)
    lasting = {row["arm"]: row for row in result.rows["lasting"] if row["scale"] == scale}
    arms = [_arm(result, arm, scale, lasting[arm.id]) for arm in protocol.arms]
    pairs = [
        ComparedPair(
            arm=row["arm"],
            versus=row["versus"],
            day=row["day"],
            difference=round(row["mean_difference"], 3),
            low=_finite(row["credible_low"]),
            high=_finite(row["credible_high"]),
        )
        for row in result.rows["contrasts"]
        if row["scale"] == scale and row["day"] == day
    ]
    progress(1.0)
    return Comparison(
        participants=design.participants,
        scale=scale,
        day=day,
        lasting_from_day=lasting[protocol.arms[0].id]["from_day"],
        arms=arms,
        contrasts=pairs,
    ).model_dump()


def _arm(result: Result, arm: Arm, scale: str, lasting: Mapping[str, Any]) -> ComparedArm:
    rows = [r for r in result.rows["scores"] if r["arm"] == arm.id and r["scale"] == scale]
    last = rows[-1]
    return ComparedArm(
        id=arm.id,
        label=arm.label or arm.id,
        therapy_hours=lasting["therapy_hours"],
        score=round(last["mean"], 3),
        score_low=_finite(last["mean_low"]),
        score_high=_finite(last["mean_high"]),
        response=last["response"],
        response_low=_finite(last["response_low"]),
        response_high=_finite(last["response_high"]),
        remission=_finite(last["remission"]),
        lasting_response=lasting["share"],
        lasting_response_low=_finite(lasting["credible_low"]),
        lasting_response_high=_finite(lasting["credible_high"]),
        hours_per_lasting_response=_finite(lasting["hours_per_lasting_response"]),
        hours_low=_finite(lasting["hours_credible_low"]),
        hours_high=_finite(lasting["hours_credible_high"]),
        relapse=[
            RelapsePoint(
                day=r["day"],
                share=round(r["share"], 4),
                low=_finite(r["credible_low"]),
                high=_finite(r["credible_high"]),
            )
            for r in result.rows["relapse"]
            if r["arm"] == arm.id
        ],
        curve=ScoreCurve(
            days=[r["day"] for r in rows],
            mean=[round(r["mean"], 3) for r in rows],
            low=[_finite(r["mean_low"]) for r in rows],
            high=[_finite(r["mean_high"]) for r in rows],
        ),
    )


def _finite(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
