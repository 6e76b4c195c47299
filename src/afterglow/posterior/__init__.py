"""Posterior draws of the parameters, between-trial SDs, and diagnostics of the calibration."""

from __future__ import annotations

from afterglow.posterior.store import Posterior, fingerprint, read_posterior, shipped, write_posterior

__all__ = ["Posterior", "fingerprint", "read_posterior", "shipped", "write_posterior"]
