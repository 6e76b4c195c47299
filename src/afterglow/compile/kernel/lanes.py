"""What the solver carries from step to step.

A set of lanes is `LANES` people who share their steps. A pod is some sets that are solved side by side, because
people of one group meet: the same arrays, with the sets as first axis.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from afterglow.compile.arithmetic import FAST
from afterglow.compile.equations import BLOCKS, LANES
from afterglow.compile.exposure import RELAXING
from afterglow.compile.kernel.rows import BUFFER_ROWS

__all__ = ["CORE", "Lanes", "empty_pod", "lanes_of"]

CORE = BLOCKS.index("core")
_SWITCHES = len(BLOCKS) + len(RELAXING)


class Lanes(NamedTuple):
    """One set of lanes; M exponentials of the linear medicines, W weights of theirs, K linear medicines.

    Parameters
    ----------
    buffer : array (BUFFER_ROWS * LANES,)
        What the equations read and write, and the scratch of a step: see `rows`.
    modes : array (6, M * LANES)
        The exponentials: see `exponentials`.
    weight : array (W * LANES,)
        What each exponential counts in a concentration.
    since : array (K,)
        Day from which a medicine's exponentials are counted.
    live : array (K,)
        How many of them, the slowest first, have not faded.
    active : array (blocks + relaxing states,)
        Whether a block of the model is at work, and whether a state that can relax does so in this step.
    alive : array (LANES,)
        False for people that could not be integrated.
    step : array (1,)
        The next step to try, in days.
    """

    buffer: Any
    modes: Any
    weight: Any
    since: Any
    live: Any
    active: Any
    alive: Any
    step: Any


@njit(**FAST)
def empty_pod(sets: int, modes: int, weights: int, medicines: int) -> Any:
    """Return a pod of `sets` sets of lanes in which nothing has been given and only the core is at work."""
    active = np.zeros((sets, _SWITCHES), np.bool_)
    active[:, CORE] = True
    return Lanes(
        np.zeros((sets, BUFFER_ROWS * LANES)),
        np.zeros((sets, 6, modes * LANES)),
        np.zeros((sets, weights * LANES)),
        np.zeros((sets, medicines)),
        np.zeros((sets, medicines), np.int64),
        active,
        np.ones((sets, LANES), np.bool_),
        np.zeros((sets, 1)),
    )


@njit(**FAST)
def lanes_of(pod: Any, k: int) -> Any:
    """Return set `k` of a pod; it shares the pod's memory."""
    return Lanes(
        pod.buffer[k],
        pod.modes[k],
        pod.weight[k],
        pod.since[k],
        pod.live[k],
        pod.active[k],
        pod.alive[k],
        pod.step[k],
    )
