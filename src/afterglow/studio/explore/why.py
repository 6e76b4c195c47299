"""Why the score of the first arm falls, by day, in words and numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from afterglow.runs.fall import PARTS, fall_of
from afterglow.studio.designs.design import Design
from afterglow.studio.designs.result import result_of, threads

__all__ = ["Why", "why_of"]

_NOTE = (
    "Taken away one after another: practice, then sessions and group, then what the medicine does, then all the rest. "
    "What two of them bring only together counts for the one that is taken first. These are parts of the weighted "
    "mean, as sure as the answer above, and no more."
)


class Part(BaseModel):
    """Points of the fall on each day that one part brings; negative where it takes some back."""

    id: str
    label: str
    values: list[float]


class Why(BaseModel):
    """The fall of the mean score on each day, and its parts, which sum to it."""

    scale: str
    days: list[float]
    whole: list[float]
    parts: list[Part]
    note: str


def why_of(design: Design, *, progress: Callable[[int, int], None] | None = None) -> Why:
    """Split the fall of the first arm's score.

    Raises
    ------
    ProtocolError
        If the design cannot be simulated.
    """
    result = result_of(design, progress=progress)
    fall = fall_of(result, result.protocol.arms[0].id, executor=threads(), progress=progress)
    return Why(
        scale=fall.scale,
        days=_short(fall.days),
        whole=_short(fall.whole),
        parts=[Part(id=name, label=label, values=_short(fall.parts[name])) for name, label in PARTS.items()],
        note=_NOTE,
    )


def _short(values: NDArray[np.float64]) -> list[float]:
    return list(np.round(values, 3).tolist())
