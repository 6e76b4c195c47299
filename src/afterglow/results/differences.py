"""Differences of two arms on a day: weighted, and by explanation; among them what integration adds in each arm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from afterglow.errors import ParameterError, nearest
from afterglow.protocol import Protocol
from afterglow.results.tables import Tables

__all__ = ["ArmDifference", "DifferenceUnder", "check_compared", "difference_of", "integration_adds", "main_difference"]


@dataclass(frozen=True, kw_only=True)
class DifferenceUnder:
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
class ArmDifference:
    """Score in one arm minus score of the same people in another, on a day.

    Parameters
    ----------
    arm, versus : str
        Ids of the two arms; that of a twin ends in ``|no integration``.
    scale : str
    day : float
    points : float
        Mean difference; below zero the score is lower in the first arm.
    low, high : float
        90 % interval: parameters, explanations and departures between trials; NaN where nothing was calibrated.
    mc_error : float
        Monte-Carlo error of the difference, one standard error.
    probability_lower : float
        That a trial with endlessly many people finds a lower mean in the first arm; NaN where there is no interval,
        or the arms are the same up to that day.
    by_rival : tuple of DifferenceUnder
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
    probability_lower: float = np.nan
    by_rival: tuple[DifferenceUnder, ...] = ()


def integration_adds(tables: Tables) -> tuple[ArmDifference, ...]:
    """Return, for each arm that has a twin without integration, the last difference to it on the main scale."""
    found = []
    for place, arm in enumerate(tables.protocol.arms):
        twin = tables.run.twin_of(place)
        if twin is not None and (one := difference_of(tables, arm.id, tables.run.arms[twin].id)) is not None:
            found.append(one)
    return tuple(found)


def difference_of(
    tables: Tables, arm: str, versus: str, day: float | None = None, *, scale: str = ""
) -> ArmDifference | None:
    """Return the difference of two arms on a scale; None where they are not compared.

    Parameters
    ----------
    tables : Tables
    arm, versus : str
        An arm, and its twin or another arm of the protocol.
    day : float, optional
        The last one otherwise.
    scale : str
        The main one otherwise.
    """
    run, scale = tables.run, scale or tables.scales[0]
    row = _row(tables, arm, versus, scale, day)
    if row is None:
        return None
    alone = {} if tables.only else tables.by_rival
    explanations = sorted(run.spec.explanations, key=lambda e: -e.weight) if len(alone) > 1 else []
    under = []
    for e in explanations:
        own = _row(alone[e.rival], arm, versus, scale, day)
        if own is not None:
            under.append(DifferenceUnder(rival=e.rival, weight=e.weight, **_numbers(own)))
    return ArmDifference(
        arm=arm, versus=versus, scale=scale, day=row["day"], mc_error=row["mc_error"],
        probability_lower=row.get("probability_lower", np.nan), by_rival=tuple(under), **_numbers(row),
    )  # fmt: skip


def main_difference(tables: Tables, against: str | None = None, day: float | None = None) -> ArmDifference | None:
    """Return the difference that a run is about: its first arm minus another, or minus its own twin where it is alone.

    Parameters
    ----------
    tables : Tables
    against : str, optional
        The arm that the first one is compared with; the last one otherwise, where controls usually stand.
    day : float, optional
        A day on which the first arm is rated after its baseline; the last one otherwise.

    Raises
    ------
    ParameterError
        As for `check_compared`.
    """
    check_compared(tables.protocol, against, day)
    first, *others = (arm.id for arm in tables.protocol.arms)
    twin = tables.run.twin_of(0)
    if not others and twin is not None:
        others = [tables.arms[twin].id]
    return difference_of(tables, first, against or others[-1], day) if others else None


def check_compared(protocol: Protocol, against: str | None, day: float | None) -> None:
    """Refuse an arm or a day that `main_difference` could not take, before anything is run.

    Raises
    ------
    ParameterError
        If no arm beside the first has that name, or the main scale is not rated on that day after its baseline.
    """
    first, *others = (arm.id for arm in protocol.arms)
    if against is not None and against not in others:
        if not others:
            raise ParameterError(f"'{first}' is the only arm, so there is none to compare it with")
        raise ParameterError(
            f"'{first}' is compared with another arm, not with '{against}'; {nearest(against, others)}"
        )
    main = protocol.population.scale
    rated = min(protocol.assessments, key=lambda assessment: assessment.scale != main)
    if day is not None and day not in rated.days[1:]:
        named = ", ".join(f"{d:g}" for d in rated.days[1:]) or "none"
        raise ParameterError(f"{rated.scale} is not rated on day {day:g} after its baseline; its days: {named}")


def _row(tables: Tables, arm: str, versus: str, scale: str, day: float | None) -> Mapping[str, Any] | None:
    """Return a row of the contrasts, turned round where the table has the other arm first; None where there is none."""
    rows = [row for row in tables.rows["contrasts"] if row["scale"] == scale and day in (None, row["day"])]
    for turned, names in ((False, (arm, versus)), (True, (versus, arm))):
        own = [row for row in rows if (row["arm"], row["versus"]) == names]
        if own:
            last = max(own, key=lambda row: float(row["day"]))
            return _turned(last) if turned else last
    return None


def _turned(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the difference the other way round."""
    found = {**row, "arm": row["versus"], "versus": row["arm"], "mean_difference": -row["mean_difference"]}
    if "credible_low" in row:
        found |= {"credible_low": -row["credible_high"], "credible_high": -row["credible_low"]}
        found["probability_lower"] = 1.0 - row["probability_lower"]
    return found


def _numbers(row: Mapping[str, Any]) -> dict[str, float]:
    return {
        "points": row["mean_difference"],
        "low": row.get("credible_low", np.nan),
        "high": row.get("credible_high", np.nan),
    }
