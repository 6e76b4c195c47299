"""Progress of a job as server-sent events: the row is read again and again, in a thread."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager

import anyio
from anyio import CapacityLimiter, to_thread

from afterglow.studio.jobs.queue import Job
from afterglow.studio.refusals import Refused

__all__ = ["ENDED", "job_events"]

ENDED = frozenset({"done", "failed", "cancelled"})
_LOOK_EVERY_S = 0.3
_HEARTBEAT_S = 10.0
_LONGEST_S = 3600.0
"""Then the browser asks again by itself."""


async def job_events(
    read: Callable[[], Job],
    limiter: CapacityLimiter,
    stopping: Callable[[], bool],
    watched: AbstractContextManager[None],
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
    watched : context manager
        Entered while the stream is open.

    Yields
    ------
    str
        ``event: progress`` with the job, at last ``done``, ``failed`` or ``cancelled``; comments keep the line open.
    """
    told, last, began = "", time.monotonic(), time.monotonic()
    with watched:
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
