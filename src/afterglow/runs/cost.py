"""What a run will cost before it is made: memory, by its specification, and time, by a small piece of it."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace

from afterglow.cohort import Draw
from afterglow.errors import ParameterError
from afterglow.scales.instruments import scale
from afterglow.simulate.part import Part
from afterglow.simulate.run import CURVE_DRAWS, curve_names, parts_of
from afterglow.simulate.spec import RunSpec

__all__ = ["courses_of", "memory_bytes_of", "refuse_beyond_memory", "refuse_too_large", "seconds_of"]

_TRIED = 512
"""People whose time is taken: a twentieth of a second, and within a tenth of the pace of more."""
_DRAW_BYTES = 20_000
"""Of the parameters of a draw, about."""
_COPIES = 2
"""A run is held once as arrays and once as the bytes of its file."""


def courses_of(spec: RunSpec) -> int:
    """Return how many courses of people a run solves: people times draws times arms, twins among them."""
    return spec.people_per_draw * spec.draws * len(spec.arms)


def memory_bytes_of(spec: RunSpec) -> int:
    """Return about how much memory a run takes: it grows with draws, arms and days, not with people beyond those kept.

    Parameters
    ----------
    spec : RunSpec
    """
    arms, kept, days = len(spec.arms), min(spec.kept, spec.people_per_draw), len(spec.times)
    curves = min(CURVE_DRAWS, spec.draws) * arms * kept * len(curve_names(spec)) * days * 4
    each = kept * days * 4
    for assessment in spec.protocol.assessments:
        instrument, visits = scale(assessment.scale), len(assessment.days) + 1
        points = int(instrument.high - instrument.low) + 1
        each += 3 * kept * visits * 4 + (visits * (points + 3 + 2 * visits) + 2) * 8
    return _COPIES * (curves + spec.draws * arms * each) + spec.draws * _DRAW_BYTES


def refuse_too_large(spec: RunSpec) -> None:
    """Refuse a run that the memory of this machine cannot hold, before any is asked for.

    Raises
    ------
    ParameterError
        Says how much it takes and how much there is.
    """
    refuse_beyond_memory(memory_bytes_of(spec), f"{spec.draws} draws", "draws")


def refuse_beyond_memory(needed_bytes: float, what: str, fewer: str) -> None:
    """Refuse what the memory of this machine cannot hold.

    Parameters
    ----------
    needed_bytes : float
    what, fewer : str
        What takes so much, with its number, and of what to ask for fewer.

    Raises
    ------
    ParameterError
        Says how much it takes and how much there is.
    """
    there = _memory_bytes()
    if there is not None and needed_bytes > there:
        raise ParameterError(
            f"{what} would take about {needed_bytes / 1e9:.3g} GB of memory, and this machine has "
            f"{there / 1e9:.3g} GB; ask for fewer {fewer}"
        )


def seconds_of(spec: RunSpec, draws: Sequence[Draw], workers: int) -> float:
    """Return about how long a run takes: a small piece of each arm is calculated twice, and the second timed.

    Parameters
    ----------
    spec : RunSpec
    draws : sequence of Draw
    workers : int
        Threads or processes that share the work, on cores of their own.
    """
    found = 0.0
    parts = [part for part in parts_of(spec, draws) if isinstance(part, Part)]
    for place in range(len(spec.arms)):
        own = [part for part in parts if part.place == place]
        part = max(own, key=lambda part: part.count)
        one = {name: getattr(part, name)[:1] for name in ("places", "draws", "first")}
        tried = replace(part, **one, count=min(part.count, _TRIED))
        tried.calculate()  # the first time, code is loaded
        begin = time.perf_counter()
        tried.calculate()
        found += (time.perf_counter() - begin) / tried.courses * sum(part.courses for part in own)
    return found / workers


def _memory_bytes() -> int | None:
    """Return the memory of this machine, None where the system does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None
