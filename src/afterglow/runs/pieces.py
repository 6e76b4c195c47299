"""Keeps pieces that several runs share, such as the lives of the same people without integration while it is moved."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace

from afterglow.runs.execute import Task
from afterglow.simulate.part import ExposurePart, Part, Piece

__all__ = ["KeptPieces"]

_MB = 1_000_000
_REMEMBERED = 4096
"""Addresses of pieces that were asked for once."""


class KeptPieces:
    """Calculates pieces, and keeps those that will be asked for again; the numbers do not depend on it.

    These are the lives without integration, which stay as they are while it is moved, exposures, which stay until a
    dose changes, and whatever was asked for twice. Keeping all others too would push these out.

    Parameters
    ----------
    limit_mb : float
        Most megabytes that are kept; those used least recently make room.
    """

    def __init__(self, limit_mb: float) -> None:
        self._limit = limit_mb * _MB
        self._lock = threading.Lock()
        self._held: OrderedDict[bytes, Piece] = OrderedDict()
        self._asked: OrderedDict[bytes, None] = OrderedDict()
        self._bytes = 0

    @property
    def held_bytes(self) -> int:
        """Memory that the kept pieces take."""
        return self._bytes

    def calculate(self, task: Task) -> object:
        """Return what a task gives, as it was kept where it was."""
        if not isinstance(task, Part | ExposurePart):
            return task.calculate()
        address = task.address
        with self._lock:
            held = self._held.get(address)
            if held is not None:
                self._held.move_to_end(address)
                return replace(held, arm=task.place)
        piece = task.calculate()
        with self._lock:
            if address in self._asked or not isinstance(task, Part) or task.is_twin:
                self._keep(address, piece)
            else:
                self._asked[address] = None
                if len(self._asked) > _REMEMBERED:
                    self._asked.popitem(last=False)
        return piece

    def _keep(self, address: bytes, piece: Piece) -> None:
        if address in self._held or piece.nbytes > self._limit:
            return
        self._held[address] = piece
        self._bytes += piece.nbytes
        while self._bytes > self._limit:
            self._bytes -= self._held.popitem(last=False)[1].nbytes
