"""Where each word of the model lies in the solver's buffer, read off the generated equations.

A buffer is a flat array of rows of `LANES` numbers: what the equations read and write, and after it the scratch of a
step. All in one array, so that the compiler can see that no two rows overlap and can use vector instructions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from afterglow.compile.equations import (
    ARGUMENTS,
    INPUTS,
    LANES,
    PARAMETERS,
    QUANTITIES,
    ROWS,
    STATE_UNIT,
    STATE_VANISHES,
    STATES,
)
from afterglow.compile.exposure import RELAXING
from afterglow.compile.kernel.tableau import COLUMNS

__all__ = [
    "ABSOLUTE_ROW",
    "ARGUMENT_ROW",
    "BUFFER_ROWS",
    "END_ROW",
    "ERROR_ROW",
    "FELT_MEMORY_ROW",
    "INPUT_ROW",
    "NEAR_ROW",
    "NEW_PATTERN_ROW",
    "PARAMETER_ROW",
    "QUANTITY_ROW",
    "RATIO_ROW",
    "RELAX_ROW",
    "RELAX_SIZE",
    "STAGE_ROW",
    "START_ROW",
    "STATE_ROW",
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

START_ROW = ROWS
"""States at the start of a step,"""
END_ROW = START_ROW + _n
"""and at its end."""
STAGE_ROW = END_ROW + _n
"""Derivatives at the seven stages of a step, one after another."""
RATIO_ROW = STAGE_ROW + 7 * _n
"""Error of each state over what is allowed."""
ABSOLUTE_ROW = RATIO_ROW + _n
"""Absolute error that is allowed."""
NEAR_ROW = ABSOLUTE_ROW + _n
"""How near to zero a state that falls is taken to be there."""
ERROR_ROW = NEAR_ROW + _n
"""The largest error of each lane over what is allowed."""
RELAX_ROW = ERROR_ROW + 1
"""From here on, what is kept for each state that relaxes (see `relaxing`),"""
RELAX_SIZE = 10 * COLUMNS + 4 * LANES
"""so many numbers each."""
BUFFER_ROWS = RELAX_ROW + -(-RELAX_SIZE * len(RELAXING) // LANES)

VANISHES = np.repeat(np.array(STATE_VANISHES, dtype=float), LANES)


def absolute_tolerance(fraction: float) -> NDArray[np.float64]:
    """Return the absolute tolerance by state and lane: `fraction`, and for amounts in mg a hundred times that."""
    return np.repeat([100 * fraction if unit == "mg" else fraction for unit in STATE_UNIT], LANES)
