"""Blocks of the model that wake with a dose and rest once nothing in them moves."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from afterglow.compile.arithmetic import FAST
from afterglow.compile.equations import BLOCK_STATES, BLOCKS, LANES, QUANTITIES, QUANTITY_BLOCK, STATES
from afterglow.compile.kernel.exponentials import Linear
from afterglow.compile.kernel.lanes import CORE, Lanes
from afterglow.compile.kernel.rows import QUANTITY_ROW, STAGE_ROW

__all__ = ["rest", "wake"]

_WINDOW = np.array([BLOCKS.index(f"window_{name}") if f"window_{name}" in BLOCKS else -1 for name in BLOCKS])
"""The block of each block's window, or -1."""
_STATES = np.array(BLOCK_STATES, dtype=np.int64) * LANES
_QUANTITY_ROWS = np.array([QUANTITY_ROW[name] for name in QUANTITIES], dtype=np.int64)
_QUANTITY_BLOCK = np.array(QUANTITY_BLOCK, dtype=np.int64)


@njit(**FAST)
def wake(active: Any, block: int) -> None:
    """Set a block and its window to work."""
    active[block] = True
    if _WINDOW[block] >= 0:
        active[_WINDOW[block]] = True


@njit(**FAST)
def rest(lanes: Lanes, linear: Linear) -> None:
    """Switch off the blocks in which nothing moves."""
    for block in range(len(BLOCKS)):
        if block != CORE and lanes.active[block] and not _moves(lanes, linear, block):
            lanes.active[block] = False
            _silence(lanes.buffer, block)


@njit(**FAST)
def _moves(lanes: Lanes, linear: Linear, block: int) -> bool:
    """Return whether drug is left, the medicine that opens this window is at work, or a state is not zero."""
    moves = False
    for k in range(lanes.live.size):
        if lanes.live[k] > 0 and linear.block[k] == block:
            moves = True
    for other in range(len(BLOCKS)):
        if _WINDOW[other] == block and lanes.active[other]:
            moves = True
    for i in range(_STATES[block, 0], _STATES[block, 1]):
        if lanes.buffer[i] != 0.0:
            moves = True
    return moves


@njit(**FAST)
def _silence(b: Any, block: int) -> None:
    """Set a block's quantities and the derivatives of its states to zero."""
    for q in range(len(QUANTITIES)):
        if _QUANTITY_BLOCK[q] == block:
            for lane in range(LANES):
                b[_QUANTITY_ROWS[q] * LANES + lane] = 0.0
    for i in range(_STATES[block, 0], _STATES[block, 1]):
        b[len(STATES) * LANES + i] = 0.0
        b[STAGE_ROW * LANES + i] = 0.0
