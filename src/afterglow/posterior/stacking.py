"""How much of the answer each explanation has: stacking on the studies that each fit left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp

from afterglow.errors import ParameterError
from afterglow.posterior.store import Posterior
from afterglow.posterior.weights import Posteriors

__all__ = ["stack", "weighed"]


def stack(log_densities: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Return the weights of the rivals whose mixture foretells left-out studies best (yao2018).

    Parameters
    ----------
    log_densities : mapping of str to sequence of float
        By rival, one per study, in the same order.
    """
    names = list(log_densities)
    table = np.array([log_densities[name] for name in names], dtype=np.float64)

    def weights(free: NDArray[np.float64]) -> NDArray[np.float64]:
        raw = np.append(free, 0.0)
        return np.asarray(np.exp(raw - logsumexp(raw)))

    def minus(free: NDArray[np.float64]) -> float:
        return -float(logsumexp(table.T, axis=1, b=weights(free)[None, :]).sum())

    starts = [np.zeros(len(names) - 1), *(3 * np.eye(len(names))[k, :-1] for k in range(len(names)))]
    best = min((minimize(minus, start, method="Nelder-Mead") for start in starts), key=lambda found: found.fun)
    return dict(zip(names, (float(w) for w in weights(best.x)), strict=True))


def weighed(posteriors: Mapping[str, Posterior]) -> Posteriors:
    """Return several explanations by their weights, which come from their densities of left-out studies.

    Raises
    ------
    ParameterError
        If they were not fitted to the same studies.
    """
    tables = {name: dict(p.diagnostics["left_out_log_density"]) for name, p in posteriors.items()}
    studies = list(next(iter(tables.values())))
    if any(set(table) != set(studies) for table in tables.values()):
        raise ParameterError("the rivals were fitted to different studies and cannot be weighed against each other")
    return Posteriors(posteriors, stack({name: [table[s] for s in studies] for name, table in tables.items()}))
