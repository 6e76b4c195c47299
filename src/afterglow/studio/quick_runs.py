"""The gate of quick runs: a few at once, people in turns, and a clear no beyond that."""

from __future__ import annotations

import copy
import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fastapi import Request

from afterglow.studio.refusals import Refused

__all__ = ["GONE", "WHO", "Busy", "QuickRuns", "quick_runs"]

GONE = "afterglow.gone"
"""Where a request's scope holds the event that its browser has gone."""
WHO = "afterglow.who"
"""Where it holds whom the request counts for."""

_CROWDED = 2
"""From so many waiting requests on, runs have fewer draws of the parameters."""

T = TypeVar("T")

_BUSY = "Too many people are calculating just now; try again in a few seconds."
_YOURS = "Too much of yours is being calculated already; try again in a few seconds."


class Busy(Refused):
    """All places are taken; trying again in a moment will do."""

    def __init__(self, sentence: str = _BUSY, *, retry_after_s: int = 2) -> None:
        super().__init__(429, sentence, retry_after_s=retry_after_s)


@dataclass(eq=False)
class _Turn:
    """A piece of work that waits for its turn."""

    who: str
    work: Callable[[], Any]
    gone: threading.Event | None
    answer: Future[Any] = field(default_factory=Future)

    @property
    def is_awaited(self) -> bool:
        """Whether the browser still waits for it."""
        return self.gone is None or not self.gone.is_set()


class _Line:
    """Who has asked and not been answered."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting: dict[str, deque[_Turn]] = {}
        self.running: Counter[str] = Counter()
        self.inside: set[_Turn] = set()

    def next(self) -> _Turn:
        """Take the first piece of work of whoever has least running; those served last come last."""
        who = min(self.waiting, key=lambda name: self.running[name])
        turn = self.waiting[who].popleft()
        left = self.waiting.pop(who)
        if left:
            self.waiting[who] = left
        self.running[who] += 1
        return turn


class QuickRuns:
    """Lets a few pieces of work run at once and some wait.

    Parameters
    ----------
    at_once : int
        How many run.
    waiting : int
        How many may wait; the next one is refused.
    each : int
        How many of one person may run or wait.
    """

    def __init__(self, *, at_once: int = 2, waiting: int = 64, each: int = 12) -> None:
        self.places = at_once + waiting
        self._each = each
        self._line = _Line()
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="afterglow-quick")
        self._gone: threading.Event | None = None
        self._who = ""

    @property
    def waiting(self) -> int:
        """How many wait for their turn just now."""
        with self._line.lock:
            return sum(len(own) for own in self._line.waiting.values())

    @property
    def is_crowded(self) -> bool:
        """Whether so many wait that each should ask for less."""
        return self.waiting >= _CROWDED

    def asked_by(self, gone: threading.Event | None, who: str = "") -> QuickRuns:
        """Return the same gate for one request, which gives its work up when nobody waits for it any more."""
        found = copy.copy(self)
        found._gone, found._who = gone, who
        return found

    def heed(self, done: int, of: int) -> None:
        """End work whose reader has gone; for the progress of a run.

        Raises
        ------
        Refused
            If the browser went away.
        """
        if self._gone is not None and self._gone.is_set():
            raise Refused(499, "Nobody waits for this any more.")

    def run(self, work: Callable[[], T]) -> T:
        """Run work when its turn comes, and wait for it. People take turns, whoever asks most.

        It runs in one of a few threads that are kept, so that memory is reused and does not pile up in many.

        Raises
        ------
        Busy
            If nobody else may wait, or nothing more of this person.
        Refused
            If the browser went away before the turn came; nobody reads this.
        """
        line, turn = self._line, _Turn(self._who, work, self._gone)
        with line.lock:
            awaited = [own for own in line.inside if own.is_awaited]
            if len(awaited) >= self.places:
                raise Busy
            if turn.who and sum(own.who == turn.who for own in awaited) >= self._each:
                raise Busy(_YOURS)
            line.inside.add(turn)
            line.waiting.setdefault(turn.who, deque()).append(turn)
        try:
            self._threads.submit(self._serve)
            found: T = turn.answer.result()
            return found
        finally:
            with line.lock:
                line.inside.discard(turn)

    def close(self) -> None:
        """End the threads; what waits is given up."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._line.lock:
            for own in self._line.waiting.values():
                for turn in own:
                    turn.answer.cancel()
            self._line.waiting.clear()

    def _serve(self) -> None:
        with self._line.lock:
            if not self._line.waiting:
                return
            turn = self._line.next()
        try:
            if not turn.is_awaited:
                raise Refused(499, "Nobody waits for this any more.")
            turn.answer.set_result(turn.work())
        except BaseException as error:  # the thread that waits for it raises it
            turn.answer.set_exception(error)
        finally:
            with self._line.lock:
                self._line.running[turn.who] -= 1
                if not self._line.running[turn.who]:
                    del self._line.running[turn.who]


def quick_runs(request: Request) -> QuickRuns:
    """Return the app's gate, for ``Depends``."""
    gate = request.app.state.quick_runs
    assert isinstance(gate, QuickRuns)
    return gate.asked_by(request.scope.get(GONE), request.scope.get(WHO, ""))
