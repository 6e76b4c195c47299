"""Where each word of the model lies in the solver's buffer, read off the generated equations."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from afterglow.compile.equations import (
    ARGUMENTS,
    BLOCKS,
    INPUTS,
    LANES,
    PARAMETERS,
    QUANTITIES,
    QUANTITY_BLOCK,
    STATE_BLOCK,
    STATE_UNIT,
    STATE_VANISHES,
    STATES,
)

__all__ = [
    "ARGUMENT_ROW",
    "FELT_MEMORY_ROW",
    "INPUT_ROW",
    "NEW_PATTERN_ROW",
    "PARAMETER_ROW",
    "QUANTITY_ROW",
    "STATE_ROW",
    "TABLES",
    "VANISHES",
    "absolute_tolerance",
]

_n = len(STATES)
STATE_ROW = {name: k for k, name in enumerate(STATES)}
QUANTITY_ROW = {name: 2 * _n + k for k, name in enumerate(QUANTITIES)}
INPUT_ROW = {name: 2 * _n + len(QUANTITIES) + k for k, name in enumerate(INPUTS)}
ARGUMENT_ROW = {name: 2 * _n + len(QUANTITIES) + len(INPUTS) + k for k, name in enumerate(ARGUMENTS)}
PARAMETER_ROW = {name: 2 * _n + len(QUANTITIES) + len(INPUTS) + len(ARGUMENTS) + k for k, name in enumerate(PARAMETERS)}
NEW_PATTERN_ROW = STATE_ROW["new_pattern"]
FELT_MEMORY_ROW = STATE_ROW["felt_memory"]
VANISHES = np.repeat(np.array(STATE_VANISHES, dtype=float), LANES)

_window_of = {name: f"window_{name}" for name in BLOCKS}
TABLES = (
    np.array(STATE_BLOCK, dtype=np.int64),
    np.array([QUANTITY_ROW[q] for q in QUANTITIES], dtype=np.int64),
    np.array(QUANTITY_BLOCK, dtype=np.int64),
    np.array([BLOCKS.index(_window_of[b]) if _window_of[b] in BLOCKS else -1 for b in BLOCKS], dtype=np.int64),
)


def absolute_tolerance(fraction: float) -> NDArray[np.float64]:
    """Return the absolute tolerance by state and lane: `fraction`, and for amounts in mg a hundred times that."""
    return np.repeat([100 * fraction if unit == "mg" else fraction for unit in STATE_UNIT], LANES)
