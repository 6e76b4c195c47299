"""Connections that keep to their time: capped in all and for each address, with deadlines for headers and bodies."""

from __future__ import annotations

import asyncio
import logging
import resource
import time
from collections import Counter
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["BACKLOG", "BODY_S", "HEADER_S", "MOST", "SHARE_OF_ONE", "Counted", "Guarded"]

BACKLOG = 128
"""Connections that wait to be taken; the kernel refuses more."""
MOST = 1000
"""Connections of one server process, fewer where it may have fewer files."""
SHARE_OF_ONE = 0.6
"""Share of them that one address may take: a class behind one address has a few for each browser."""
HEADER_S = 10.0
"""Seconds in which a request's first line and headers have to come."""
BODY_S = 30.0
"""Seconds in which its body has to come."""
_HERE = frozenset({"127.0.0.1", "::1"})
_FILES_ASIDE = 100
"""Files for the database, the pages and calculations."""


def _room() -> int:
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if most == resource.RLIM_INFINITY else max(16, min(MOST, most - _FILES_ASIDE))


class Guarded(H11Protocol):
    """One connection, which is closed when it is one too many, or keeps silent in the middle of a request."""

    open: ClassVar[Counter[str]] = Counter()
    room: ClassVar[int] = _room()

    def connection_made(self, transport: Any) -> None:
        """Take a connection, or close it at once."""
        peer = transport.get_extra_info("peername")
        self._address = str(peer[0]) if peer else "unknown"
        self._deadline: asyncio.TimerHandle | None = None
        self._stage, self._taken = "", False
        if self.open.total() >= self.room or self._is_greedy():
            transport.abort()
            return
        self._taken = True
        self.open[self._address] += 1
        super().connection_made(transport)
        self._stage = "headers"
        self._wait(HEADER_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let a connection go."""
        self._stop_waiting()
        if not self._taken:
            return
        self._taken = False
        self.open[self._address] -= 1
        if not self.open[self._address]:
            del self.open[self._address]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the connection was refused."""
        if self._taken:
            super().data_received(data)

    def handle_events(self) -> None:
        """Read what has come, and see how long the rest may take."""
        super().handle_events()
        state = self.conn.their_state
        if state is h11.SEND_BODY:
            stage, seconds = "body", BODY_S
        elif state is h11.IDLE and self.conn.trailing_data[0]:
            stage, seconds = "headers", HEADER_S
        else:
            stage, seconds = "", 0.0
        if stage != self._stage:
            self._stage = stage
            self._stop_waiting()
            if stage:
                self._wait(seconds)

    def _is_greedy(self) -> bool:
        """Say whether the address has its share; this machine itself has no limit, as a proxy on it speaks for many."""
        return self.open[self._address] >= SHARE_OF_ONE * self.room and self._address not in _HERE

    def _wait(self, seconds: float) -> None:
        self._stop_waiting()
        self._deadline = self.loop.call_later(seconds, self._late)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.abort()


class Counted(logging.Filter):
    """Lets a line of a log through once a minute, with how often it came meanwhile."""

    _EVERY_S = 60.0
    _MOST = 500

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a line is written."""
        if len(self._seen) > self._MOST:
            self._seen.clear()
        key, moment = (record.name, str(record.msg)), time.monotonic()
        since, missed = self._seen.get(key, (-self._EVERY_S, 0))
        if moment - since < self._EVERY_S:
            self._seen[key] = (since, missed + 1)
            return False
        self._seen[key] = (moment, 0)
        if missed:
            record.msg = f"{record.getMessage()} (and {missed} times more before)"
            record.args = ()
        return True
