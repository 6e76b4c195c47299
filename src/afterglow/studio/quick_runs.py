"""The gate of quick runs: a few at once, some waiting, and a clear no beyond that."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from fastapi import Request

from afterglow.studio.refusals import Refused

__all__ = ["GONE", "Busy", "QuickRuns", "quick_runs"]

GONE = "afterglow.gone"
"""Where a request's scope holds the event that its browser has gone."""

T = TypeVar("T")

_BUSY = "Too many people are calculating just now; try again in a few seconds."


class Busy(Refused):
    """All places are taken; trying again in a moment will do."""

    def __init__(self, sentence: str = _BUSY, *, retry_after_s: int = 2) -> None:
        super().__init__(429, sentence, retry_after_s=retry_after_s)


class _Line:
    """How many have asked and not been answered, and how many of them run."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.inside = 0
        self.running = 0


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
        self._line = _Line()
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="afterglow-quick")
        self._gone: threading.Event | None = None

    @property
    def waiting(self) -> int:
        """How many wait for their turn just now."""
        with self._line.lock:
            return self._line.inside - self._line.running

    def asked_by(self, gone: threading.Event | None) -> QuickRuns:
        """Return the same gate for one request, which gives its turn up when nobody waits for it any more."""
        found = copy.copy(self)
        found._gone = gone
        return found

    def run(self, work: Callable[[], T]) -> T:
        """Run work when its turn comes, first come first served, and wait for it.

        It runs in one of a few threads that are kept, so that memory is reused and does not pile up in many.

        Raises
        ------
        Busy
            If nobody else may wait.
        Refused
            If the browser went away before the turn came; nobody reads this.
        """
        with self._line.lock:
            if self._line.inside >= self.places:
                raise Busy
            self._line.inside += 1
        try:
            return self._threads.submit(self._turn, work).result()
        finally:
            with self._line.lock:
                self._line.inside -= 1

    def close(self) -> None:
        """End the threads; what waits is given up."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _turn(self, work: Callable[[], T]) -> T:
        if self._gone is not None and self._gone.is_set():
            raise Refused(499, "Nobody waits for this any more.")
        with self._line.lock:
            self._line.running += 1
        try:
            return work()
        finally:
            with self._line.lock:
                self._line.running -= 1


def quick_runs(request: Request) -> QuickRuns:
    """Return the app's gate, for ``Depends``."""
    gate = request.app.state.quick_runs
    assert isinstance(gate, QuickRuns)
    return gate.asked_by(request.scope.get(GONE))
