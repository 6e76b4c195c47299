"""What calibration says, as rows for tables: prior against posterior of every free parameter."""

from __future__ import annotations

from typing import Any

import numpy as np

from afterglow.calibrate.free_parameters import FreeParameters
from afterglow.parameters import PARAMETERS
from afterglow.posterior import Posterior

__all__ = ["parameter_rows"]

_DOMINATED = 0.3
"""Shrinkage below which a parameter is said to rest on its prior."""


def parameter_rows(posterior: Posterior) -> list[dict[str, Any]]:
    """Return prior, posterior and shrinkage of each free parameter.

    Notes
    -----
    Shrinkage is one minus the ratio of the posterior's SD to the prior's, on the scale on which the prior is normal.
    """
    free = FreeParameters(tuple(posterior.draws))
    edges = np.array([free.point(posterior.draw(k)) for k in range(len(posterior))])
    low, high = free.values(np.full(len(free.names), -1.645)), free.values(np.full(len(free.names), 1.645))
    rows = []
    for k, name in enumerate(free.names):
        p, draws = PARAMETERS[name], posterior.draws[name]
        shrinkage = 1 - float(edges[:, k].std())
        q05, q50, q95 = np.quantile(draws, [0.05, 0.5, 0.95])
        rows.append(
            {
                "name": name,
                "unit": p.unit,
                "meaning": p.meaning,
                "prior": f"{p.value:.3g} ({low[name]:.2g} to {high[name]:.2g})",
                "posterior": f"{q50:.3g} ({q05:.2g} to {q95:.2g})",
                "shrinkage": shrinkage,
                "said": "rests on its prior" if shrinkage < _DOMINATED else "",
            }
        )
    return rows
