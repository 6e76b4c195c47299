"""From a design to its result: one run for every page, the same as that of the command line and of the report."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

from afterglow.medicines import MEDICINES
from afterglow.runs import Result, simulate
from afterglow.runs.execute import Executor, cores
from afterglow.runs.pieces import KeptPieces
from afterglow.runs.simulate import spec_of
from afterglow.runs.store import usual_store
from afterglow.simulate.spec import usual_draws, usual_parts
from afterglow.studio.designs.design import WEIGHTED, Design, protocol_of

__all__ = ["FULL", "LESSER_PART", "QUICK", "QUICK_DRAWS", "Effort", "kept_result", "result_of", "threads"]


@dataclass(frozen=True)
class Effort:
    """How much is simulated for an answer.

    Parameters
    ----------
    draws : int or None
        Draws of the parameters; None: as many as `afterglow.simulate` takes, the full run, which is kept.
    people : int or None
        Virtual people in each arm, at most; None: those of the design.
    """

    draws: int | None = None
    people: int | None = None

    def people_of(self, design: Design) -> int:
        """Return how many people of a design are simulated."""
        return design.participants if self.people is None else min(self.people, design.participants)

    def parts_of(self, design: Design) -> int:
        """Return in how many parts they are, of which each draw is solved for one."""
        people = self.people_of(design)
        if self.draws is None:
            return usual_parts(people, usual_draws(people))
        return usual_parts(people, self.draws, people=LESSER_PART)

    def at_a_draw(self, design: Design) -> int:
        """Return for how many of them each draw is solved."""
        return -(-self.people_of(design) // self.parts_of(design))


LESSER_PART = 8
"""In less than the full run, as many as the solver takes side by side. 16 draws for 8 people each, 32 in all, miss the
means, shares and differences of a large run by less than for the same 16 people each, at half of the cost."""

FULL = Effort()
"""The full run: that of the command line."""

QUICK_DRAWS = 4
"""Draws of a first answer: the centre of each explanation, by its weight."""

QUICK = Effort(QUICK_DRAWS, 128)
"""A first answer. Its mean misses that of the full run by 0.4 to 0.7 points, that of 256 people by 0.3 to 0.5."""

_SHOWN = frozenset({
    *("labile_spines", "stable_spines", "practice", "new_pattern", "old_pattern"),
    *(f"concentration_{name}" for name in MEDICINES),
})  # fmt: skip
"""What pages draw of a quick answer."""

_PIECES_MB = 160.0
"""Pieces that runs share; those of a usual arm and its twin take 5 to 15 MB."""


@cache
def threads() -> Executor:
    """Return the threads that do the work of all runs of this process, one per core, and the pieces that they keep.

    A run has no more pieces under way than there are threads, so that a short one does not wait for a long one's.
    """
    count, pieces = cores(), KeptPieces(_PIECES_MB)
    pool = ThreadPoolExecutor(count, thread_name_prefix="afterglow-solve")
    return Executor(lambda task: pool.submit(pieces.calculate, task), lambda: count)


def result_of(
    design: Design,
    *,
    effort: Effort = FULL,
    twins: bool = True,
    keep_later: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Simulate a design, as a rule each arm with and without integration.

    Parameters
    ----------
    design : Design
    effort : Effort
        The full run follows all states over time; others only what pages draw.
    twins : bool
        Whether each arm also runs without integration.
    keep_later : bool
        Whether a full run is kept only once it was returned, to somebody who waits.
    progress : callable, optional
        Told how many courses (participants times draws) are done, and of how many.

    Raises
    ------
    ProtocolError
        If the design cannot be simulated.
    """
    return simulate(
        protocol_of(design),
        participants=effort.people_of(design),
        draws=effort.draws,
        parts=effort.parts_of(design),
        seed=design.seed,
        rival=None if design.rival == WEIGHTED else design.rival,
        executor=threads(),
        twins=twins,
        progress=progress,
        store=effort == FULL and ("later" if keep_later else True),
        shown=None if effort == FULL else _SHOWN,
    )


def kept_result(design: Design, *, twins: bool = True) -> Result | None:
    """Return the full run of a design if it was made before and is kept; None if it has to be calculated."""
    rival = None if design.rival == WEIGHTED else design.rival
    protocol = protocol_of(design)
    spec, _ = spec_of(protocol, participants=design.participants, seed=design.seed, rival=rival, twins=twins)
    store = usual_store()
    return store.read(spec.key) if store is not None else None
