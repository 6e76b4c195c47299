"""Answers as they were sent, kept for whoever asks the same: people in a class open the same examples."""

from __future__ import annotations

import threading
from collections import OrderedDict

__all__ = ["KeptAnswers"]


class KeptAnswers:
    """Answers by their question, up to so many bytes; those used least recently make room.

    Parameters
    ----------
    limit_bytes : int
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._lock = threading.Lock()
        self._held: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0

    @property
    def held_bytes(self) -> int:
        """How many bytes the answers take."""
        return self._bytes

    def get(self, question: str) -> bytes | None:
        """Return the answer to a question, None where none is kept."""
        with self._lock:
            if question in self._held:
                self._held.move_to_end(question)
            return self._held.get(question)

    def put(self, question: str, answer: bytes) -> None:
        """Keep an answer; one that is larger than all may be is not kept."""
        if len(answer) > self._limit:
            return
        with self._lock:
            self._bytes += len(answer) - len(self._held.pop(question, b""))
            self._held[question] = answer
            while self._bytes > self._limit:
                self._bytes -= len(self._held.popitem(last=False)[1])
