"""Two treatments crossed: what each adds on average, and what both together add beyond their sum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from afterglow.errors import ParameterError
from afterglow.trial.analysis.ancova import ancova
from afterglow.trial.analysis.data import TrialData
from afterglow.trial.analysis.estimate import Estimate
from afterglow.trial.analysis.matrices import Numbers
from afterglow.trial.analysis.mmrm import mmrm

__all__ = ["EFFECTS", "factorial", "factorial_contrasts"]

EFFECTS = ("first", "second", "interaction")
"""What a factorial analysis estimates, in this order."""

_CELLS = ((0, 0), (1, 0), (0, 1), (1, 1))


def factorial(
    data: TrialData,
    *,
    cells: Sequence[tuple[int, int]] = _CELLS,
    visit: str | int = -1,
    model: str = "mmrm",
    **settings: Any,
) -> Estimate:
    """Estimate both main effects and their interaction at a visit.

    Parameters
    ----------
    data : TrialData
        Of four arms.
    cells : sequence of (int, int)
        Whether each arm has the first and the second treatment; default: neither, first, second, both.
    visit : str or int
        By name, or by number; the last one by default.
    model : {"mmrm", "ancova"}
    **settings
        Of the model.

    Returns
    -------
    Estimate (3,) or (trials, 3)
        What the first treatment adds, as the mean of its differences without and with the second; the same of the
        second; and the interaction, which is the difference between those two differences of the first.

    Raises
    ------
    ParameterError
        If the arms are not the four cells, or one trial's data cannot carry the model.
    """
    contrasts = factorial_contrasts(data, cells)
    if model == "ancova":
        return ancova(data, visit=visit, contrasts=contrasts, **settings)
    if model != "mmrm":
        raise ParameterError(f"a factorial trial is analysed by mmrm or ancova, got '{model[:40]}'")
    return mmrm(data, contrasts=contrasts, **settings).differences.at((..., data.visit(visit)))


def factorial_contrasts(data: TrialData, cells: Sequence[tuple[int, int]] = _CELLS) -> Numbers:
    """Return the weights of the arms' means, (3, arms), that give `EFFECTS`.

    Raises
    ------
    ParameterError
        If the arms are not the four cells.
    """
    held = np.asarray(cells)
    if held.shape != (len(data.arms), 2) or sorted(map(tuple, held.tolist())) != sorted(_CELLS):
        raise ParameterError(
            f"a 2 x 2 factorial needs four arms, one with neither treatment, one with each and one with both, got "
            f"{len(data.arms)} arms"
        )
    first, second = 2 * held.T - 1
    return np.stack([first / 2, second / 2, first * second]).astype(np.float64)
