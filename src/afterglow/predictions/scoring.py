"""How well a forecast did, once a trial has reported."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy.special import ndtr, ndtri, stdtrit

from afterglow.errors import ProtocolError
from afterglow.evidence import Finding, Study, findings_of
from afterglow.predictions.registration import Registration

__all__ = ["ScoredNumber", "Scores", "crps_of_normal", "scores_of"]

_NEAR_DAYS = 3.0
"""Days by which a visit may lie off the registered one."""
_LEAST = 1e-9
"""Probability below which none is told apart, so that a score stays finite."""


@dataclass(frozen=True, kw_only=True)
class ScoredNumber:
    """One published number beside what was foretold of it.

    Parameters
    ----------
    what, arm, versus : str
        mean, change, difference, response or remission; `versus` is empty for an arm's own number.
    published, predicted, low, high : float
        Points or shares.
    inside : bool
    crps_sd : float or None
        In SDs between people; None for a share.
    """

    what: str
    arm: str
    versus: str
    published: float
    predicted: float
    low: float
    high: float
    inside: bool
    crps_sd: float | None


@dataclass(frozen=True, kw_only=True)
class Scores:
    """The scores of a forecast.

    Parameters
    ----------
    numbers : tuple of ScoredNumber
    positive : bool or None
        Whether the primary outcome was positive; None where the study does not let it be said.
    probability : float
        Foretold.
    log_score : float or None
        log P of what happened.
    by_explanation : mapping of str to float
        The log score of each explanation alone; empty where it cannot be said.
    """

    numbers: tuple[ScoredNumber, ...]
    positive: bool | None
    probability: float
    log_score: float | None
    by_explanation: Mapping[str, float]


def scores_of(held: Mapping[str, Any], study: Study) -> Scores:
    """Score a forecast with the numbers of a study in the evidence format, whose arms bear the protocol's ids.

    Raises
    ------
    ProtocolError
        If the study tells none of the numbers that were foretold.
    """
    registration = Registration.made(held["trial"]["registration"])
    found = [f for f in findings_of(study)[0] if _meant(f, registration)]
    numbers = tuple(_numbers(held["weighted"], found))
    if not numbers:
        names = ", ".join(row["arm"] for row in held["weighted"]["arms"])
        raise ProtocolError(
            f"the study tells nothing on {registration.scale} near day {registration.day:g} of the arms {names}; "
            "its arms need the ids of the protocol"
        )
    positive = _positive(found, registration)
    own = {name: _primary(one)["positive"]["probability"] for name, one in held["by_explanation"].items()}
    probability = _primary(held["weighted"])["positive"]["probability"]
    return Scores(
        numbers=numbers,
        positive=positive,
        probability=probability,
        log_score=_log_score(probability, positive) if positive is not None else None,
        by_explanation={name: _log_score(p, bool(positive)) for name, p in own.items()} if positive is not None else {},
    )


def crps_of_normal(published: float, mean: float, sd: float) -> float:
    """Return the continuous ranked probability score of a normal forecast (gneiting2007), in its unit; 0 is best."""
    z = (published - mean) / sd
    density = math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return float(sd * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / math.sqrt(math.pi)))


def _meant(f: Finding, registration: Registration) -> bool:
    usual = not f.threshold and not f.after_crossover
    return usual and f.scale == registration.scale and abs(f.day - registration.day) <= _NEAR_DAYS


def _numbers(weighted: Mapping[str, Any], found: Sequence[Finding]) -> Iterator[ScoredNumber]:
    told = {(row["arm"], ""): row for row in weighted["arms"]}
    told |= {(row["arm"], row["versus"]): row for row in weighted["contrasts"]}
    for f in found:
        said = told.get((f.arm, f.versus), {}).get(f.kind)
        if said is None:
            continue
        in_points = f.kind in ("mean", "change", "difference")
        yield ScoredNumber(
            what=f.kind,
            arm=f.arm,
            versus=f.versus,
            published=f.value,
            predicted=said["value"],
            low=said["low"],
            high=said["high"],
            inside=said["low"] <= f.value <= said["high"],
            crps_sd=crps_of_normal(f.value, said["value"], said["sd"]) / weighted["unit"] if in_points else None,
        )


def _primary(numbers: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(row for row in numbers["contrasts"] if row["primary"])
    return found


def _log_score(probability: float, positive: bool) -> float:
    return math.log(max(probability if positive else 1 - probability, _LEAST))


def _positive(found: Sequence[Finding], registration: Registration) -> bool | None:
    """Say whether the primary difference was significant in favour of the active arm, from its standard error."""
    arms = (registration.active, registration.control)
    told = next((f for f in found if f.kind == "difference" and (f.arm, f.versus) == arms and f.se), None)
    if told is not None and told.se:
        value, se, n = told.value, told.se, told.n
    else:
        own = [next((f for f in found if f.kind == "change" and f.arm == arm), None) for arm in arms]
        first, second = (_mean_and_error(f) for f in own)
        if first is None or second is None:
            return None
        value, se, n = first[0] - second[0], math.hypot(first[1], second[1]), first[2] + second[2]
    tail = 1 - registration.alpha / 2
    critical = float(stdtrit(n - 2, tail) if n else ndtri(tail))
    return value < -critical * se


def _mean_and_error(f: Finding | None) -> tuple[float, float, int] | None:
    if f is None or f.n is None:
        return None
    se = f.se if f.se is not None else f.sd / math.sqrt(f.n) if f.sd is not None else None
    return None if se is None else (f.value, se, f.n)
