"""What happens between steps: doses, steps of an input, sessions, guesses and meetings."""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit

from afterglow.compile.arithmetic import FAST
from afterglow.compile.equations import ARGUMENTS, LANES, derivatives, jump_guess, jump_meeting, jump_session
from afterglow.compile.kernel.exponentials import Linear, add_amounts, add_rates, concentrations
from afterglow.compile.kernel.lanes import Lanes
from afterglow.compile.kernel.rest import wake
from afterglow.compile.kernel.rows import ARGUMENT_ROW, FELT_MEMORY_ROW, NEW_PATTERN_ROW

__all__ = [
    "FIRST_STEP",
    "GUESS",
    "INPUT",
    "LINEAR_BOLUS",
    "LINEAR_RATE",
    "MEETING",
    "SESSION",
    "STATE_BOLUS",
    "Events",
    "happen",
    "meet",
]

LINEAR_BOLUS, LINEAR_RATE, STATE_BOLUS, INPUT, SESSION, GUESS, MEETING = range(7)
FIRST_STEP = 0.005  # days, after an event that brings drug

_FIRST_ARGUMENT_ROW = min(ARGUMENT_ROW.values())
_SHARE_ROW = ARGUMENT_ROW["others_share"]
_PROGRESS_ROW = ARGUMENT_ROW["others_progress"]
_OTHERS_FELT_ROW = ARGUMENT_ROW["others_felt"]


class Events(NamedTuple):
    """What happens when, in order of time; E events, N people.

    Parameters
    ----------
    day, kind : array (E,)
        `kind` is one of the constants of this file.
    index : array (E,)
        The linear medicine, or the buffer row, that is given something.
    reference : array (E,)
        First row of the event's amounts, or the row of its arguments.
    block : array (E,)
        Block of the model that wakes, or -1.
    amount : array (amounts, N)
        By exponential for linear medicines.
    argument : array (jumps, arguments)
    """

    day: Any
    kind: Any
    index: Any
    reference: Any
    block: Any
    amount: Any
    argument: Any


@njit(**FAST)
def happen(lanes: Lanes, linear: Linear, events: Events, event: int, day: float, first: int) -> None:
    """Let an event happen on `day` to a set of lanes, whose people are the `first` and those after."""
    kind, index, reference = events.kind[event], events.index[event], events.reference[event]
    if events.block[event] >= 0:
        wake(lanes.active, events.block[event])
        lanes.step[0] = min(lanes.step[0], FIRST_STEP)
    if kind == LINEAR_BOLUS:
        add_amounts(lanes, linear, index, day, events.amount[reference:], first)
    elif kind == LINEAR_RATE:
        add_rates(lanes, linear, index, day, events.amount[reference:], first)
    elif kind in (STATE_BOLUS, INPUT):
        for lane in range(LANES):
            lanes.buffer[index * LANES + lane] += events.amount[reference, first + lane]
    else:
        _jump(lanes, linear, kind, day, events.argument[reference])


@njit(**FAST)
def _jump(lanes: Lanes, linear: Linear, kind: int, day: float, argument: Any) -> None:
    """Set the arguments of a jump, and make it unless it needs the rest of the group."""
    concentrations(lanes, linear, day)
    derivatives(lanes.buffer, lanes.active)
    for i in range(len(ARGUMENTS)):
        for lane in range(LANES):
            lanes.buffer[(_FIRST_ARGUMENT_ROW + i) * LANES + lane] = argument[i]
    if kind == SESSION:
        jump_session(lanes.buffer)
    elif kind == GUESS:
        jump_guess(lanes.buffer)


@njit(**FAST)
def meet(buffers: Any, group_size: int) -> None:
    """Let the groups of a pod meet; `buffers` (sets, ROWS * LANES) are those of its sets of lanes."""
    for k in range(len(buffers)):
        for lane in range(LANES):
            person = k * LANES + lane
            buffers[k, _SHARE_ROW * LANES + lane] = 1.0 - 1.0 / group_size
            buffers[k, _PROGRESS_ROW * LANES + lane] = _others(buffers, person, group_size, NEW_PATTERN_ROW)
            buffers[k, _OTHERS_FELT_ROW * LANES + lane] = _others(buffers, person, group_size, FELT_MEMORY_ROW)
    for k in range(len(buffers)):
        jump_meeting(buffers[k])


@njit(**FAST)
def _others(buffers: Any, person: int, group_size: int, row: int) -> float:
    """Return the mean of a buffer row over the other members of a person's group."""
    if group_size < 2:
        return 0.0
    start = person // group_size * group_size
    total = 0.0
    for other in range(start, start + group_size):
        if other != person:
            total += buffers[other // LANES, row * LANES + other % LANES]
    return total / (group_size - 1)
