"""The long run of Compare: every arm with as many people as asked for, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from pydantic import BaseModel

from afterglow.outcomes.response import responds
from afterglow.scales.instruments import scale as find_scale
from afterglow.simulate import Result, simulate
from afterglow.studio.design import Design, protocol_of

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
    """One arm on the last visit; bounds are 90 % credible."""

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
    hours_per_lasting_response: float | None
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
    since = _lasting_from(result)
    arms = [_arm(result, k, scale, since) for k in range(len(protocol.arms))]
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
        participants=design.participants, scale=scale, day=day, lasting_from_day=since, arms=arms, contrasts=pairs
    ).model_dump()


def _lasting_from(result: Result) -> float:
    """Return the first visit two weeks or more after the last dose of any arm, at latest the last but one."""
    days = result.rated[0].days
    last_dose = max((d.day for arm in result.protocol.arms for d in arm.doses), default=0.0)
    later = [float(d) for d in days[:-1] if d >= last_dose + 14]
    return later[0] if later else float(days[-2])


def _arm(result: Result, k: int, scale: str, since: float) -> ComparedArm:
    arm = result.protocol.arms[k]
    rows = [r for r in result.rows["scores"] if r["arm"] == arm.id and r["scale"] == scale]
    last = rows[-1]
    seen = result.rated[0]
    observed = seen.observed[k].astype(float)
    held = responds(find_scale(scale), observed[:, 0], observed[:, seen.days >= since])
    lasting = float(np.asarray(held).all(axis=1).mean())
    hours = sum(s.hours for s in arm.sessions)
    return ComparedArm(
        id=arm.id,
        label=arm.label or arm.id,
        therapy_hours=hours,
        score=round(last["mean"], 3),
        score_low=_finite(last["mean_low"]),
        score_high=_finite(last["mean_high"]),
        response=last["response"],
        response_low=_finite(last["response_low"]),
        response_high=_finite(last["response_high"]),
        remission=_finite(last["remission"]),
        lasting_response=lasting,
        hours_per_lasting_response=round(hours / lasting, 1) if lasting else None,
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
