"""Why a score falls: what goes when practice, therapy, the medicine and hope are taken away, one after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.protocol import Arm, Group
from afterglow.runs.execute import Executor
from afterglow.runs.result import Result
from afterglow.runs.simulate import simulate

__all__ = ["PARTS", "Fall", "fall_of"]

PARTS: Mapping[str, str] = {
    "practice": "Practice",
    "therapy": "Sessions and group",
    "medicine": "The medicine itself",
    "hope": "Hope, and being given something",
    "natural": "Natural course",
}
"""What is taken away, in this order, and what is left at last."""

_INERT = {"plasticity_switch": 0.0, "insight_switch": 0.0}
"""A medicine that is given and felt, and does nothing else: as the explanation "expectancy_only" has it."""
_TYPICAL: Mapping[str, Mapping[str, float]] = {"practice": {}, "therapy": {}, "medicine": _INERT, "hope": _INERT}
"""Typical values while a part is away."""


@dataclass(frozen=True, eq=False)
class Fall:
    """The fall of an arm's mean score on its first scale, and the parts that it is made of.

    Parameters
    ----------
    scale : str
    days : array (times,)
    whole : array (times,)
        Points from the first rating; positive where the score has fallen.
    parts : mapping of str to array (times,)
        By the keys of `PARTS`; they sum to the whole. One may be negative.
    """

    scale: str
    days: NDArray[np.float64]
    whole: NDArray[np.float64]
    parts: Mapping[str, NDArray[np.float64]]


def fall_of(
    result: Result,
    arm: str,
    *,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Fall:
    """Split the fall of an arm's mean score.

    The same people are simulated without practice, then without sessions and group as well, then with a medicine that
    does nothing but be given and felt, then with nothing at all. Each step's difference is the part of what was taken
    away. Parts depend on the order where two strengthen each other: what only both together bring counts for the one
    that is taken first.

    Parameters
    ----------
    result : Result
        A run of a protocol with this arm.
    arm : str
    executor : Executor, optional
        What does the work; by default threads, one per core.
    progress : callable, optional
        Told how many courses of each run are done, and of how many.
    """
    spec = result.run.spec
    scale = spec.protocol.assessments[0].scale

    def level(own: Arm, typical: Mapping[str, float]) -> NDArray[np.float64]:
        again = simulate(
            spec.protocol.model_copy(update={"arms": (own,)}),
            participants=spec.participants,
            draws=spec.draws,
            seed=spec.seed,
            rival=None if len(spec.explanations) > 1 else spec.rival,
            typical={**dict(spec.overrides), **typical},
            calibrated=spec.calibrated,
            twins=False,
            executor=executor,
            store=False,
            progress=progress,
        )
        course = again.course(scale, own.id)
        assert course is not None
        return np.interp(result.run.times, course.days, course.mean)

    course = result.course(scale, arm)
    assert course is not None
    before = next(own for own in spec.protocol.arms if own.id == arm)
    levels = [course.mean]
    for part, left in zip(PARTS, _less_and_less(before), strict=False):
        idle = part == "medicine" and not left.doses
        levels.append(levels[-1] if idle or (left == before and part != "medicine") else level(left, _TYPICAL[part]))
        before = left
    parts = {part: after - earlier for part, earlier, after in zip(PARTS, levels, levels[1:], strict=False)}
    first = course.mean[0]
    return Fall(scale, result.run.times, first - course.mean, {**parts, "natural": first - levels[-1]})


def _less_and_less(arm: Arm) -> tuple[Arm, ...]:
    """Return the arm without practice, without sessions and group too, the same once more, and with nothing."""
    without_practice = arm.model_copy(update={"practice": ()})
    dosing = tuple(session for session in arm.sessions if session.kind == "dosing")
    alone = without_practice.model_copy(update={"sessions": dosing, "group": Group()})
    return without_practice, alone, alone, alone.model_copy(update={"sessions": (), "doses": ()})
