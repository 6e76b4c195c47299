"""What each may have of something: it comes back with time."""

from __future__ import annotations

import math
import threading
import time

__all__ = ["Allowance"]

_REMEMBERED = 10_000
"""Those who asked last; whoever is forgotten has all again."""


class Allowance:
    """So much a second for each, of which some is saved up.

    The clock cannot be set back, and nothing is counted but what is taken: the machine's time may jump.

    Parameters
    ----------
    per_s : float
        What each has a second.
    most : float
        What is saved up at most; whoever is new has it.
    alone_s : float
        So long after anybody else asked there is nobody to give way to, and more may be taken.
    """

    def __init__(self, per_s: float, most: float, *, alone_s: float = math.inf) -> None:
        self._per_s, self._most, self._alone_s = per_s, most, alone_s
        self._lock = threading.Lock()
        self._left: dict[str, tuple[float, float]] = {}
        """What each had when they last asked, and when that was; whoever asked last comes last."""

    def left(self, who: str) -> float:
        """Return what somebody may take now."""
        left, since = self._left.get(who, (self._most, time.monotonic()))
        return min(self._most, left + self._per_s * (time.monotonic() - since))

    def take(self, who: str, amount: float = 1.0) -> bool:
        """Take from somebody if it is there, or nobody else is; say whether that was so."""
        now = time.monotonic()
        with self._lock:
            left = self.left(who)
            self._left.pop(who, None)
            _, others_since = next(reversed(self._left.values()), (0.0, -math.inf))
            is_there = left >= amount or now - others_since > self._alone_s
            self._left[who] = (max(0.0, left - amount) if is_there else left, now)
            if len(self._left) > _REMEMBERED:
                del self._left[next(iter(self._left))]
        return is_there

    def give_back(self, who: str, amount: float) -> None:
        """Give somebody back what was not needed."""
        with self._lock:
            left, since = self._left.get(who, (self._most, time.monotonic()))
            self._left[who] = (left + max(0.0, amount), since)
