"""What a trial published, as numbers that are set beside the model: means, differences, shares and relapse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.calibrate.targets import MEANS, Target, Trial
from afterglow.evidence.findings.finding import SHARED, Finding
from afterglow.scales.instruments import scale as find_scale

__all__ = ["GROUPS", "Comparison", "comparisons_of", "weights_of"]

GROUPS = ("means", "differences", "shares", "relapse")
"""What is told apart in every table: arms' means and changes, differences between arms, shares, and relapse."""

_POINTS = ("difference", "effect_size")
_NOT_SHOWN = "log_sd"

_KINDS = {"mean": "score", "change": "change_from_baseline"}


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One published number and how it comes from the targets of its trial.

    Parameters
    ----------
    group : str
        One of `GROUPS`.
    kind : str
        score, change_from_baseline, difference, effect_size, response and the like, as it was published; difference for
        two arms with values of their own.
    arm, versus : str
        `versus` is empty for an arm's own number.
    medicine : str
        What the arm is given, that of the studied arm in a difference; "none" for therapy alone.
    control : str
        What the control arm of a difference got; empty where both arms are studied, or both are controls.
    scale : str
    day : float
    n : int or None
    parts : tuple of (int, float)
        Places of targets and how each counts: one target, or one arm less another.
    start : float
        Points between the number as published and the sum of its parts: the score before treatment.
    origin : float
        The number as it would be without any change.
    published, se : float
        In points, SDs or as a share; standard error.
    unit : float
        Change of the number when scores shift by one SD between people, above 0.
    sign : float
        1 when a contrast is below 0 where the studied arm did better, as a difference of scores is; -1 when it is above
        0, as where the control comes first or a share of responders is contrasted.
    lowest, highest : float
        Ends of what is possible.
    finding : Finding or None
        The row it was read from; None for a pair of rows.
    """

    group: str
    kind: str
    arm: str
    versus: str = ""
    medicine: str
    control: str = ""
    scale: str
    day: float
    n: int | None
    parts: tuple[tuple[int, float], ...]
    start: float = 0.0
    origin: float = 0.0
    published: float
    se: float
    unit: float
    sign: float = 1.0
    lowest: float = -np.inf
    highest: float = np.inf
    finding: Finding | None = None

    @property
    def is_change(self) -> bool:
        """Whether it is an arm's change from a score before treatment that is known."""
        return self.group == "means" and self.origin == self.start


def comparisons_of(trial: Trial) -> tuple[Comparison, ...]:
    """Return what a trial published, by group.

    Differences are the contrasts that it published, and each studied arm less each control arm where both have a value
    of their own on the same scale and day.
    """
    controls = trial.controls
    single = [_single(trial, k, controls) for k, t in enumerate(trial.targets) if t.kind != _NOT_SHOWN]
    told = {(c.arm, c.versus, c.scale, c.day) for c in single if c.kind == "difference"}
    pairs = [
        pair
        for pair in _pairs(trial, controls)
        if not {(pair.arm, pair.versus, pair.scale, pair.day), (pair.versus, pair.arm, pair.scale, pair.day)} & told
    ]
    return tuple(c for group in GROUPS for c in (*single, *pairs) if c.group == group)


def weights_of(trial: Trial, comparisons: Sequence[Comparison]) -> NDArray[np.float64]:
    """Return how the targets of a trial add up to its comparisons, (comparisons, targets)."""
    found = np.zeros((len(comparisons), len(trial.targets)))
    for row, comparison in enumerate(comparisons):
        for place, weight in comparison.parts:
            found[row, place] = weight
    return found


def _group_of(t: Target) -> str:
    """Return the group of a target. A share that grows with the score, or a contrast of such shares, is of relapse."""
    if t.kind in MEANS:
        return "means"
    if t.kind in _POINTS:
        return "differences"
    return "relapse" if t.unit > 0 else "shares"


def _single(trial: Trial, place: int, controls: Sequence[str]) -> Comparison:
    t, f = trial.targets[place], trial.targets[place].finding
    published, start, origin, medicine, control, sign = t.value, 0.0, 0.0, trial.medicines[t.arm], "", 1.0
    if t.kind in MEANS:
        published = f.value
        start = published - t.value
        origin = start if t.kind == "change" else _typical_start(trial, f.scale)
    if t.versus >= 0:
        turned = bool(controls[t.arm]) and not controls[t.versus]
        studied, other = (t.versus, t.arm) if turned else (t.arm, t.versus)
        medicine, control = trial.medicines[studied], "" if controls[studied] else controls[other]
        sign = (-1.0 if turned else 1.0) * float(np.sign(t.unit))
    lowest, highest = _possible(t)
    return Comparison(
        group=_group_of(t),
        kind=_KINDS.get(f.kind, f.kind),
        arm=f.arm,
        versus=f.versus if t.versus >= 0 else "",
        medicine=medicine,
        control=control,
        scale=f.scale,
        day=f.day,
        n=f.n,
        parts=((place, 1.0),),
        start=start,
        origin=origin,
        published=published,
        se=t.se,
        unit=_unit(t),
        sign=sign,
        lowest=lowest,
        highest=highest,
        finding=f,
    )


def _pairs(trial: Trial, controls: Sequence[str]) -> list[Comparison]:
    own: dict[tuple[str, float, str], dict[int, int]] = {}
    for place, t in enumerate(trial.targets):
        if t.kind in MEANS:
            own.setdefault((t.finding.scale, t.finding.day, t.kind), {})[t.arm] = place
    found: dict[tuple[str, str, str, float], Comparison] = {}
    for (scale, day, _), places in sorted(own.items()):
        for arm in (k for k in sorted(places) if not controls[k]):
            for versus in (k for k in sorted(places) if controls[k]):
                pair = _pair(trial, places[arm], places[versus], controls[versus])
                found.setdefault((pair.arm, pair.versus, scale, day), pair)
    return list(found.values())


def _pair(trial: Trial, place: int, other: int, control: str) -> Comparison:
    a, b = trial.targets[place], trial.targets[other]
    span = a.scale.high - a.scale.low
    return Comparison(
        group="differences",
        kind="difference",
        arm=a.finding.arm,
        versus=b.finding.arm,
        medicine=trial.medicines[a.arm],
        control=control,
        scale=a.finding.scale,
        day=a.finding.day,
        n=a.finding.n + b.finding.n if a.finding.n and b.finding.n else None,
        parts=((place, 1.0), (other, -1.0)),
        published=a.value - b.value,
        se=float(np.hypot(a.se, b.se)),
        unit=float(np.sqrt((_unit(a) ** 2 + _unit(b) ** 2) / 2)),
        lowest=-span,
        highest=span,
    )


def _unit(t: Target) -> float:
    """Return the change of a number when scores shift by one SD between people, the published SD where there is one."""
    return (t.finding.sd if t.kind in (*MEANS, "difference") else None) or abs(t.unit)


def _possible(t: Target) -> tuple[float, float]:
    kind = t.finding.kind
    if kind in SHARED:
        return 0.0, 1.0
    if kind == "mean":
        return t.scale.low, t.scale.high
    if kind in ("change", "difference"):
        return t.scale.low - t.scale.high, t.scale.high - t.scale.low
    return -np.inf, np.inf


def _typical_start(trial: Trial, name: str) -> float:
    """Return the baseline of the study on a scale, from its population when it is that of inclusion."""
    p = trial.protocol.population
    mine = find_scale(p.scale)
    share = (p.baseline_mean - mine.low) / (mine.high - mine.low)
    other = find_scale(name)
    return p.baseline_mean if name == p.scale else other.low + share * (other.high - other.low)
