"""What a trial compares: each difference by its arms and its day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["INTERACTION", "Comparison", "factorial_weights"]

INTERACTION = "interaction"


@dataclass(frozen=True)
class Comparison:
    """One difference, or all those of one fit.

    Parameters
    ----------
    name : str
    arms : tuple of int
        Places of the arms in the analysis, the reference first.
    visit : str
        Day, as `TrialData` names it.
    weights : tuple of float
        Of every arm of the trial, which make the difference of their means.
    first : int
        Place of the comparison whose fit gives it.
    effects : tuple of str
        Names of all that the fit gives, in order.
    primary_day : bool
        Whether it is of the day of the primary outcome.
    """

    name: str
    arms: tuple[int, ...]
    visit: str
    weights: tuple[float, ...]
    first: int
    effects: tuple[str, ...] = ()
    primary_day: bool = True


def factorial_weights(cells: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the weights of the arms' means that give two main effects and their interaction, (3, arms).

    Parameters
    ----------
    cells : array (arms, 2)
        Whether each arm has the first and the second factor.
    """
    first, second = 2 * cells.T - 1
    return np.stack([first / 2, second / 2, first * second]).astype(np.float64)
