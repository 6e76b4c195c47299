"""The gate of quick runs: a few at once, some waiting, and a clear no beyond that."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from fastapi import Request

from afterglow.studio.refusals import Refused

__all__ = ["Busy", "QuickRuns", "quick_runs"]

T = TypeVar("T")

_BUSY = "Too many people are calculating just now; try again in a few seconds."


class Busy(Refused):
    """All places are taken; trying again in a moment will do."""

    def __init__(self, sentence: str = _BUSY, *, retry_after_s: int = 2) -> None:
        super().__init__(429, sentence, retry_after_s=retry_after_s)


class QuickRuns:
    """Lets a few pieces of work run at once and some wait.

    Parameters
    ----------
    at_once : int
        How many run.
    waiting : int
        How many may wait; the next one is refused.
    """

    def __init__(self, *, at_once: int = 2, waiting: int = 64) -> None:
        self.places = at_once + waiting
        self._room = threading.BoundedSemaphore(self.places)
        self._turns = threading.BoundedSemaphore(at_once)

    def run(self, work: Callable[[], T]) -> T:
        """Run work in this thread when its turn comes.

        Raises
        ------
        Busy
            If nobody else may wait.
        """
        if not self._room.acquire(blocking=False):
            raise Busy
        try:
            with self._turns:
                return work()
        finally:
            self._room.release()


def quick_runs(request: Request) -> QuickRuns:
    """Return the app's gate, for ``Depends``."""
    gate = request.app.state.quick_runs
    assert isinstance(gate, QuickRuns)
    return gate
