"""Posterior draws of the parameters, between-trial SDs, and diagnostics of the calibration."""

from __future__ import annotations

from afterglow.posterior.oddness import ODDNESS
from afterglow.posterior.store import Posterior, fingerprint, read_posterior, shipped, write_posterior
from afterglow.posterior.weights import Posteriors, shipped_posteriors

__all__ = [
    "ODDNESS",
    "Posterior",
    "Posteriors",
    "fingerprint",
    "read_posterior",
    "shipped",
    "shipped_posteriors",
    "write_posterior",
]
