"""From a design to its result: one run for every page, the same as that of the command line and of the report."""

from __future__ import annotations

from collections.abc import Callable

from afterglow.runs import Result, simulate
from afterglow.runs.simulate import spec_of
from afterglow.runs.store import usual_store
from afterglow.studio.designs.design import WEIGHTED, Design, protocol_of

__all__ = ["FEW_DRAWS", "QUICK_DRAWS", "QUICK_WORKERS", "kept_result", "result_of"]

QUICK_DRAWS = 4
"""Draws of a first answer: the centre of each explanation, by its weight."""

FEW_DRAWS = 16
"""Draws of a full run while many people wait."""

QUICK_WORKERS = 2
"""Threads of a run that somebody waits for; two such runs are let in at once."""


def result_of(
    design: Design,
    *,
    draws: int | None = None,
    workers: int | None = QUICK_WORKERS,
    twins: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Simulate a design, as a rule each arm with and without integration.

    Parameters
    ----------
    design : Design
    draws : int, optional
        By default as many as `afterglow.simulate` takes: the full run, which is kept.
    workers : int, optional
        None: one per core. The numbers do not depend on it.
    twins : bool
        Whether each arm also runs without integration.
    progress : callable, optional
        Told how many courses (participants times draws) are done, and of how many.

    Raises
    ------
    ProtocolError
        If the design cannot be simulated.
    """
    return simulate(
        protocol_of(design),
        participants=design.participants,
        draws=draws,
        seed=design.seed,
        rival=None if design.rival == WEIGHTED else design.rival,
        workers=workers,
        twins=twins,
        progress=progress,
        store=draws is None,
    )


def kept_result(design: Design) -> Result | None:
    """Return the full run of a design if it was made before and is kept; None if it has to be calculated."""
    rival = None if design.rival == WEIGHTED else design.rival
    spec, _ = spec_of(protocol_of(design), participants=design.participants, seed=design.seed, rival=rival)
    store = usual_store()
    return store.read(spec.key) if store is not None else None
