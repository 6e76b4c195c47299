"""The gate of quick runs: a few at once, people in turns, a place for first answers, and a clear no beyond that.

The same question is calculated once: whoever asks while it is under way waits for the same answer.
"""

from __future__ import annotations

import copy
import os
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeVar

from fastapi import Request

from afterglow.studio.kept_answers import KeptAnswers
from afterglow.studio.refusals import Refused

__all__ = ["GONE", "UNREAD", "WHO", "Busy", "Crowd", "QuickRuns", "Size", "quick_runs"]

GONE = "afterglow.gone"
"""Where a request's scope holds the event that its browser has gone."""
WHO = "afterglow.who"
"""Where it holds whom the request counts for."""

_ASKED_WITHIN_S = 10.0
"""So far back full answers count as asked for of late."""
_LATE_S = 0.3
"""So long a full answer waits at most for the place that is kept for first ones."""
_ANSWERS_BYTES = 16_000_000
"""About 200 answers."""

T = TypeVar("T")
Size = Literal["first", "usual", "full"]
"""A first answer, which somebody waits for while a mark is dragged, or a full one, which takes ten times as long."""

_BUSY = "Too many people are calculating just now; try again in a few seconds."
UNREAD = "Nobody waits for this any more."
_YOURS = "Too much of yours is being calculated already; try again in a few seconds."


class Crowd(NamedTuple):
    """How many full answers wait for their turn, and how many were asked for of late for each core that there is.

    Somebody who is here and has asked for none will soon want one, and counts as one.
    """

    waiting: int = 0
    asked_per_core: float = 0.0


class Busy(Refused):
    """All places are taken; trying again in a moment will do."""

    def __init__(self, sentence: str = _BUSY, *, retry_after_s: int = 2) -> None:
        super().__init__(429, sentence, retry_after_s=retry_after_s)


@dataclass(eq=False)
class _Turn:
    """A piece of work that waits for its turn."""

    who: str
    work: Callable[[], Any]
    readers: list[threading.Event | None]
    question: str = ""
    size: Size = "usual"
    asked_s: float = field(default_factory=time.monotonic)
    answer: Future[Any] = field(default_factory=Future)
    given_up: bool = False

    @property
    def is_awaited(self) -> bool:
        """Whether some browser still waits for it."""
        return any(gone is None or not gone.is_set() for gone in self.readers)


class _Line:
    """Who has asked and not been answered."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting: dict[str, deque[_Turn]] = {}
        self.inside: set[_Turn] = set()
        self.full_running = 0
        self._full_asked: deque[tuple[float, str]] = deque(maxlen=1000)
        self._here: dict[str, float] = {}

    def asked_for_full(self, who: str) -> None:
        """Note that a person has asked for a full answer."""
        self._full_asked.append((time.monotonic(), who))

    def seen(self, who: str) -> None:
        """Note that a person is here."""
        now = time.monotonic()
        self._here.pop(who, None)
        self._here[who] = now  # whoever was seen last comes last
        while next(iter(self._here.values())) < now - _ASKED_WITHIN_S:
            del self._here[next(iter(self._here))]

    @property
    def full_wanted(self) -> int:
        """How many full answers were asked for of late, and how many people are here who asked for none."""
        since = time.monotonic() - _ASKED_WITHIN_S
        asked = [who for at, who in self._full_asked if at > since]
        others = {who for who, at in self._here.items() if at > since}.difference(asked)
        return len(asked) + len(others)

    def next(self, most_full: int) -> _Turn | None:
        """Take what was asked for first; None where all has to wait.

        What else of its kind the same person asked for counts as asked for now, so that people take turns.

        Parameters
        ----------
        most_full : int
            Full answers that may run at once, so that a first one finds a place; those that are late may take that too.
        """
        turns = [turn for own in self.waiting.values() for turn in own]
        late = time.monotonic() - _LATE_S
        may_run = (t for t in turns if t.size != "full" or self.full_running < most_full or t.asked_s < late)
        turn = min(may_run, key=lambda turn: turn.asked_s, default=None)
        if turn is None:
            return None
        left = self.waiting[turn.who]
        left.remove(turn)
        if not left:
            del self.waiting[turn.who]
        for other in left:
            if other.size == turn.size:
                other.asked_s = time.monotonic()
        self.full_running += turn.size == "full"
        return turn

    def last_of(self, who: str) -> _Turn | None:
        """Take out the last piece of work that waits for this person alone; None where none does."""
        own = self.waiting.get(who, deque())
        last = next((turn for turn in reversed(own) if len(turn.readers) == 1), None)
        if last is not None:
            own.remove(last)
            self.inside.discard(last)
            if not own:
                del self.waiting[who]
        return last

    def done(self, turn: _Turn) -> None:
        """Note that work has ended."""
        self.full_running -= turn.size == "full"

    def same(self, question: str) -> _Turn | None:
        """Return the work on the same question that is waiting or under way, None where there is none."""
        alike = (turn for turn in self.inside if turn.question == question and not turn.given_up)
        return next(alike, None) if question else None

    def give_up(self, turn: _Turn) -> bool:
        """Give work up that nobody waits for any more; say whether it is."""
        with self.lock:
            turn.given_up = turn.given_up or not turn.is_awaited
            return turn.given_up


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
    cores : float
        Of the machine, for this process.
    nice : int
        How far its threads give way to others, where the system lets threads do so.
    """

    def __init__(
        self, *, at_once: int = 2, waiting: int = 64, each: int = 12, cores: float = 1.0, nice: int = 0
    ) -> None:
        self.places = at_once + waiting
        self._each, self._cores = each, cores
        self._most_full = max(1, at_once - 1)
        self._line = _Line()
        self._threads = ThreadPoolExecutor(at_once, "afterglow-quick", _give_way, (nice,))
        self._answers = KeptAnswers(_ANSWERS_BYTES)
        self._gone: threading.Event | None = None
        self._who = ""
        self._turn: _Turn | None = None

    @property
    def waiting(self) -> int:
        """How many wait for their turn just now."""
        with self._line.lock:
            return sum(len(own) for own in self._line.waiting.values())

    def seen(self, who: str) -> None:
        """Note that a person is here, whatever they ask of the server."""
        with self._line.lock:
            self._line.seen(who)

    @property
    def crowd(self) -> Crowd:
        """How many full answers are wanted."""
        with self._line.lock:
            turns = [turn for own in self._line.waiting.values() for turn in own if turn.is_awaited]
            wanted = self._line.full_wanted
        return Crowd(sum(turn.size == "full" for turn in turns), wanted / self._cores)

    def asked_by(self, gone: threading.Event | None, who: str = "") -> QuickRuns:
        """Return the same gate for one request, which gives its work up when nobody waits for it any more."""
        found = copy.copy(self)
        found._gone, found._who = gone, who
        return found

    @property
    def is_awaited(self) -> bool:
        """Whether anybody still waits for the work under way; once nobody does it is given up."""
        return self._turn is None or not self._line.give_up(self._turn)

    def heed(self, done: int, of: int) -> None:
        """End work whose reader has gone; for the progress of a run.

        Raises
        ------
        Refused
            If the browser went away.
        """
        if not self.is_awaited:
            raise Refused(499, UNREAD)

    def kept(self, question: str) -> bytes | None:
        """Return the answer to a question where it is kept, else None."""
        return self._answers.get(question)

    def answer(self, question: str, work: Callable[[], bytes], *, size: Size) -> bytes:
        """Return the answer to a question: kept, under way, or calculated when its turn comes; see `run`.

        Parameters
        ----------
        question : str
            All that the answer depends on.
        work : callable
            Finds the answer.
        size : str
            How much work it is.
        """

        def found() -> bytes:
            answer = work()
            self._answers.put(question, answer)
            return answer

        kept = self.kept(question)
        return self.run(found, question=question, size=size) if kept is None else kept

    def run(self, work: Callable[[], T], *, question: str = "", size: Size = "usual") -> T:
        """Run work when its turn comes, and wait for it. People take turns, whoever asks most.

        It runs in one of a few threads that are kept, so that memory is reused and does not pile up in many. It is run
        once for all who ask the same question meanwhile, and ends when none of them waits any more.

        Parameters
        ----------
        work : callable
        question : str
            Empty where nobody else asks it.
        size : str
            How much work it is.

        Raises
        ------
        Busy
            If nobody else may wait, or nothing more of this person.
        Refused
            If the browser went away before the turn came; nobody reads this.
        """
        line = self._line
        turn = self._turn = _Turn(self._who, work, [self._gone], question, size)
        with line.lock:
            if size == "full":
                line.asked_for_full(self._who)
            same = line.same(question)
            if same is not None:
                same.readers.append(self._gone)
            else:
                self._admit(turn)
        try:
            if same is None:
                self._threads.submit(self._serve)
            found: T = (same or turn).answer.result()
            return found
        finally:
            with line.lock:
                line.inside.discard(turn)

    def _admit(self, turn: _Turn) -> None:
        """Let a turn wait, if there is a place; where there is none, whoever has most of them gives one up."""
        line = self._line
        inside = Counter(own.who for own in line.inside if own.is_awaited)
        if turn.who and inside[turn.who] >= self._each:
            raise Busy(_YOURS)
        if inside.total() >= self.places:
            most = max(line.waiting, key=lambda who: inside[who], default="")
            last = line.last_of(most) if inside[most] > inside[turn.who] + 1 else None
            if last is None:
                raise Busy
            last.answer.set_exception(Busy(_YOURS))
        line.inside.add(turn)
        line.waiting.setdefault(turn.who, deque()).append(turn)

    def close(self) -> None:
        """End the threads; what waits is given up."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._line.lock:
            for own in self._line.waiting.values():
                for turn in own:
                    turn.answer.cancel()
            self._line.waiting.clear()

    def _serve(self) -> None:
        """Do what waits and may run; what may not yet is done by whoever makes room for it."""
        while True:
            with self._line.lock:
                turn = self._line.next(self._most_full)
            if turn is None:
                return
            try:
                if self._line.give_up(turn):
                    raise Refused(499, UNREAD)
                turn.answer.set_result(turn.work())
            except BaseException as error:  # the thread that waits for it raises it
                turn.answer.set_exception(error)
            finally:
                with self._line.lock:
                    self._line.done(turn)


def _give_way(nice: int) -> None:
    """Let others go before this thread: on Linux each has a priority of its own."""
    if nice and sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), nice)


async def quick_runs(request: Request) -> QuickRuns:
    """Return the app's gate, for ``Depends``; async, as it waits for nothing."""
    gate = request.app.state.quick_runs
    assert isinstance(gate, QuickRuns)
    return gate.asked_by(request.scope.get(GONE), request.scope.get(WHO, ""))
