"""Why a score falls: what goes when practice, therapy, the medicine and hope are taken away, one after another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.protocol import Arm, Group
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

_WITHOUT_MEDICINE = {"plasticity_switch": 0.0, "insight_switch": 0.0}
"""A medicine that is given and felt, and does nothing else: as the explanation "expectancy_only" has it."""


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


def fall_of(result: Result, arm: str, *, workers: int | None = None) -> Fall:
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
    workers : int, optional
        Threads; by default one per core.
    """
    spec = result.run.spec
    whole = next(own for own in spec.protocol.arms if own.id == arm)
    scale = spec.protocol.assessments[0].scale
    inert = ("hope", "nothing")

    def means(arms: tuple[Arm, ...], typical: Mapping[str, float]) -> dict[str, NDArray[np.float64]]:
        again = simulate(
            spec.protocol.model_copy(update={"arms": arms}),
            participants=spec.participants,
            draws=spec.draws,
            seed=spec.seed,
            rival=None if len(spec.explanations) > 1 else spec.rival,
            typical={**dict(spec.overrides), **typical},
            calibrated=spec.calibrated,
            twins=False,
            workers=workers,
            store=False,
        )
        found = {}
        for own in arms:
            course = again.course(scale, own.id)
            assert course is not None
            found[own.id] = np.interp(result.run.times, course.days, course.mean)
        return found

    left = _less_and_less(whole)
    own = {**means(tuple(a for a in left if a.id not in inert), {})}
    own |= means(tuple(a for a in left if a.id in inert), _WITHOUT_MEDICINE)
    course = result.course(scale, arm)
    assert course is not None
    levels = [course.mean, *(own[a.id] for a in left)]
    first = course.mean[0]
    parts = {name: after - before for name, before, after in zip(PARTS, levels, levels[1:], strict=False)}
    return Fall(scale, result.run.times, first - course.mean, {**parts, "natural": first - levels[-1]})


def _less_and_less(arm: Arm) -> tuple[Arm, ...]:
    """Return the arm without practice, without sessions too, for a medicine that does nothing, and with nothing."""
    without_practice = arm.model_copy(update={"id": "practice", "practice": ()})
    dosing = tuple(session for session in arm.sessions if session.kind == "dosing")
    alone = without_practice.model_copy(update={"id": "therapy", "sessions": dosing, "group": Group()})
    nothing = alone.model_copy(update={"id": "nothing", "sessions": (), "doses": ()})
    return without_practice, alone, alone.model_copy(update={"id": "hope"}), nothing
