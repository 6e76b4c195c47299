"""Progress of a job as server-sent events: the row is read again and again, in a thread."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

import anyio
from anyio import CapacityLimiter, to_thread
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from afterglow.studio.jobs.queue import Job
from afterglow.studio.quick_runs import Busy
from afterglow.studio.refusals import Refused

__all__ = ["ENDED", "EventStream", "Watchers", "job_events"]

ENDED = frozenset({"done", "failed", "cancelled"})
_LOOK_EVERY_S = 0.3
_HEARTBEAT_S = 10.0
_LONGEST_S = 3600.0
"""Then the browser asks again by itself."""
_THREADS = 4
_WATCHED_AT_ONCE = 12
"""Streams of one owner: a few pages, each with a calculation or two."""


class Watchers:
    """Who watches calculations just now, and how many threads look for them, so that nobody else waits."""

    def __init__(self) -> None:
        self.limiter = CapacityLimiter(_THREADS)
        self._open: Counter[str] = Counter()

    def refuse_if_many(self, owner: str) -> None:
        """Refuse one stream too many.

        Raises
        ------
        Busy
        """
        if self._open[owner] >= _WATCHED_AT_ONCE:
            raise Busy(f"You watch {_WATCHED_AT_ONCE} calculations already, which is the most; close a page.")

    @contextmanager
    def one_more(self, owner: str) -> Iterator[None]:
        """Count a stream while it is open, or refuse it: many that ask at once all found room before."""
        self.refuse_if_many(owner)
        self._open[owner] += 1
        try:
            yield
        finally:
            self._open[owner] -= 1
            if not self._open[owner]:
                del self._open[owner]


class EventStream(StreamingResponse):
    """Events for one owner, counted as long as they are sent.

    Parameters
    ----------
    events : async iterator of str
    watchers : Watchers
    owner : str
    """

    def __init__(self, events: AsyncIterator[str], watchers: Watchers, owner: str) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(events, media_type="text/event-stream", headers=headers)
        self._watchers, self._owner = watchers, owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send them."""
        with self._watchers.one_more(self._owner):
            await super().__call__(scope, receive, send)


async def job_events(
    read: Callable[[], Job],
    limiter: CapacityLimiter,
    stopping: Callable[[], bool],
) -> AsyncIterator[str]:
    """Tell what changes until the job has ended.

    Parameters
    ----------
    read : callable
        Returns the job without its result; runs in a thread.
    limiter : CapacityLimiter
        How many such threads there may be, so that many watchers do not keep others waiting.
    stopping : callable
        Whether the server is about to stop.

    Yields
    ------
    str
        ``event: progress`` with the job, at last ``done``, ``failed`` or ``cancelled``; comments keep the line open.
    """
    told, last, began = "", time.monotonic(), time.monotonic()
    yield "retry: 2000\n\n"
    while not stopping() and time.monotonic() - began < _LONGEST_S:
        try:
            job = await to_thread.run_sync(read, limiter=limiter)
        except Refused:  # deleted meanwhile, or logged out
            return
        text = job.model_dump_json()
        if job.state in ENDED:
            yield f"event: {job.state}\ndata: {text}\n\n"
            return
        if text != told:
            told, last = text, time.monotonic()
            yield f"event: progress\ndata: {text}\n\n"
        elif time.monotonic() - last > _HEARTBEAT_S:
            last = time.monotonic()
            yield ": still here\n\n"
        await anyio.sleep(_LOOK_EVERY_S)
