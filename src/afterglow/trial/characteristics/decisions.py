"""What a design makes of its looks: where each trial stops, and whether it says that the active arm is better."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from afterglow.trial.characteristics.simulate import SimulatedTrials
from afterglow.trial.specification.analysis import AnalysisPlan
from afterglow.trial.specification.design import DesignPlan
from afterglow.trial.specification.section import FEWEST

__all__ = ["Decisions", "decisions", "look_sizes", "statistic"]

_FURTHEST = 37.0


@dataclass(frozen=True, eq=False)
class Decisions:
    """What became of each trial of a design.

    Parameters
    ----------
    rejects : bool array (trials,)
        Whether the trial says that the active arm is better.
    look : int array (trials,)
        At which it stops.
    sizes : tuple of int
        People of the control arm at each look.
    """

    rejects: NDArray[np.bool_]
    look: NDArray[np.intp]
    sizes: tuple[int, ...]


def look_sizes(design: DesignPlan, size: int) -> tuple[int, ...]:
    """Return how many people of the control arm have reached the primary day at each look."""
    return tuple(max(FEWEST, round(share * size)) for share in design.looks)


def statistic(plan: AnalysisPlan, simulated: SimulatedTrials, analysis: int, prefix: str = "") -> NDArray[np.float64]:
    """Return the standard normal statistic of every analysis, (trials, sizes); above zero the active arm is better.

    It is that of the analysis' p; minus `_FURTHEST` where the data could not carry the analysis.
    """
    value, p = (simulated.held[prefix + name][..., analysis] for name in ("value", "p"))
    better = 1.0 if plan.method == "responders" else -1.0
    z = better * np.sign(value) * -ndtri(p / 2)
    return np.nan_to_num(np.clip(z, -_FURTHEST, _FURTHEST), nan=-_FURTHEST)


def decisions(
    design: DesignPlan,
    size: int,
    z: NDArray[np.float64],
    sizes: tuple[int, ...],
    alpha: float,
    *,
    obey_futility: bool = True,
) -> Decisions:
    """Apply the boundaries of a design to the statistics of its looks.

    Parameters
    ----------
    design : DesignPlan
    size : int
        People of the control arm at the end.
    z : array (trials, sizes)
    sizes : tuple of int
        At which trials were analysed.
    alpha : float
        One-sided.
    obey_futility : bool
        False for the type I error of boundaries that do not count on it.
    """
    own = look_sizes(design, size)
    held = z[:, [sizes.index(people) for people in own]]
    bounds = design.design.boundaries(alpha)
    upper = np.array(bounds.upper)
    lower = np.array(bounds.futility) if obey_futility else np.full(len(own), -np.inf)
    lower[-1] = np.inf  # the last look ends the trial
    success, stops = held >= upper, (held >= upper) | (held < lower)
    stops[:, -1] = True
    look = stops.argmax(axis=1)
    return Decisions(success[np.arange(len(look)), look], look, own)
