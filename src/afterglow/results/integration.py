"""What integration adds in each arm: the last difference to the same people without it, weighted and by explanation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from afterglow.results.tables import Tables

__all__ = ["Added", "AddedUnder", "integration_adds"]


@dataclass(frozen=True, kw_only=True)
class AddedUnder:
    """What one explanation alone says.

    Parameters
    ----------
    rival : str
    weight : float
        Its share of the weighted answer.
    points, low, high : float
        Mean difference and its 90 % interval.
    """

    rival: str
    weight: float
    points: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Added:
    """Score with integration minus score of the same people without, on the last day of the main scale.

    Parameters
    ----------
    arm, versus : str
        Ids of the arm and of its twin.
    scale : str
    day : float
    points : float
        Mean difference; below zero the score is lower with integration.
    low, high : float
        90 % interval: parameters, explanations and departures between trials; NaN where nothing was calibrated.
    mc_error : float
        Monte-Carlo error of the difference, one standard error.
    by_rival : tuple of AddedUnder
        Each explanation alone, the heaviest first; empty where there is one.
    """

    arm: str
    versus: str
    scale: str
    day: float
    points: float
    low: float
    high: float
    mc_error: float
    by_rival: tuple[AddedUnder, ...] = ()


def integration_adds(tables: Tables) -> tuple[Added, ...]:
    """Return what integration adds in each arm that has a twin."""
    run, alone = tables.run, {} if tables.only else tables.by_rival
    explanations = sorted(run.spec.explanations, key=lambda e: -e.weight) if len(alone) > 1 else []
    scale, found = tables.scales[0], []
    for place, arm in enumerate(tables.protocol.arms):
        twin = run.twin_of(place)
        if twin is None:
            continue
        versus = run.arms[twin].id
        row = _last(tables, arm.id, versus, scale)
        if row is None:
            continue
        under = []
        for e in explanations:
            own = _last(alone[e.rival], arm.id, versus, scale)
            if own is not None:
                under.append(AddedUnder(rival=e.rival, weight=e.weight, **_numbers(own)))
        found.append(
            Added(
                arm=arm.id, versus=versus, scale=scale, day=row["day"], mc_error=row["mc_error"],
                by_rival=tuple(under), **_numbers(row),
            )
        )  # fmt: skip
    return tuple(found)


def _last(tables: Tables, arm: str, versus: str, scale: str) -> dict[str, float] | None:
    rows = [
        row for row in tables.rows["contrasts"]
        if (row["arm"], row["versus"], row["scale"]) == (arm, versus, scale)
    ]  # fmt: skip
    return max(rows, key=lambda row: float(row["day"]), default=None)


def _numbers(row: dict[str, float]) -> dict[str, float]:
    return {
        "points": row["mean_difference"],
        "low": row.get("credible_low", np.nan),
        "high": row.get("credible_high", np.nan),
    }
