"""Named random streams: a draw depends on the seed, its purpose and the participant, and on nothing else."""

from __future__ import annotations

import hashlib
import operator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.errors import ParameterError

__all__ = ["BLOCK", "SEEDS", "known_seed", "normals", "uniforms"]

SEEDS = 2**64
"""How many seeds there are: whole numbers from 0 up to 64 bits."""

_KEPT_DRAWS = 300_000
"""Largest array of draws that is kept for the next run with the same seed."""

BLOCK = 4096
"""Participants per block of a stream; every block has its own key, so that a range need not draw all before it."""


def known_seed(seed: Any) -> int:
    """Return a seed as a whole number.

    Raises
    ------
    ParameterError
        If it is none, or has more than 64 bits.
    """
    try:
        found = operator.index(seed)
    except TypeError:
        raise ParameterError(f"the seed is a whole number from 0 to {SEEDS - 1}, not {seed!r:.60}") from None
    if not 0 <= found < SEEDS:
        said = str(found) if found.bit_length() < 200 else f"one of {found.bit_length()} bits"
        raise ParameterError(f"the seed is a whole number from 0 to {SEEDS - 1}, not {said}")
    return found


def _generator(seed: int, name: str, block: int) -> np.random.Generator:
    digest = hashlib.blake2b(f"{seed}|{name}|{block}".encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))


def _blocks(first: int, count: int) -> list[tuple[int, int, int]]:
    """Return (block, participants to leave out at its start, participants to draw from its start) for a range."""
    begin = first // BLOCK * BLOCK
    return [
        (at // BLOCK, max(first - at, 0), min(BLOCK, first + count - at)) for at in range(begin, first + count, BLOCK)
    ]


def normals(seed: int, name: str, first: int, count: int, *, each: int = 1) -> NDArray[np.float64]:
    """Draw standard normals for participants `first` to ``first + count``.

    Parameters
    ----------
    seed : int
    name : str
        Purpose of the draw.
    first, count : int
        Range of participants. A range that starts inside a block draws the block from its start.
    each : int
        Draws per participant.

    Returns
    -------
    array (count, each)
        A longer range begins with the same rows.
    """
    draw = _kept_normals if count * each <= _KEPT_DRAWS else _kept_normals.__wrapped__
    return draw(seed, name, first, count, each)


@lru_cache(maxsize=512)
def _kept_normals(seed: int, name: str, first: int, count: int, each: int) -> NDArray[np.float64]:
    parts = [
        _generator(seed, name, block).standard_normal((n, each))[skip:] for block, skip, n in _blocks(first, count)
    ]
    draws = np.concatenate(parts)
    draws.flags.writeable = False
    return draws


def uniforms(seed: int, name: str, first: int, count: int, *, each: int | None = None) -> NDArray[np.float64]:
    """Draw uniforms on [0, 1) for a range of participants, (count,), or (count, each) of several; see `normals`."""
    return np.concatenate(
        [
            _generator(seed, name, block).random(n if each is None else (n, each))[skip:]
            for block, skip, n in _blocks(first, count)
        ]
    )
