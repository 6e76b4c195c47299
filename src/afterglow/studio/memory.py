"""Gives memory back: large arrays of one run do not stay behind, in pieces, for the next."""

from __future__ import annotations

import ctypes

__all__ = ["give_memory_back"]

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Names of settings in malloc.h of the GNU C library."""
_MAPPED_BYTES = 1_000_000
"""Arrays from which on memory is asked of the system and given back to it. By itself the library raises this to 32 MB,
as soon as one such array was freed, and keeps what lies below in a heap for each thread."""
_KEPT_BYTES = 64_000_000
_HEAPS = 2


def give_memory_back() -> bool:
    """Ask the C library to give memory back once it is free; say whether it will. Only the GNU one can be asked."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, TypeError, AttributeError):
        return False
    settings = ((_ARENA_MAX, _HEAPS), (_MMAP_THRESHOLD, _MAPPED_BYTES), (_TRIM_THRESHOLD, _KEPT_BYTES))
    taken = [mallopt(name, value) == 1 for name, value in settings]
    return all(taken)
