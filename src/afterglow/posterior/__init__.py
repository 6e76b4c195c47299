"""What calibration left of the parameters: draws, departures of trials, and how they were found."""

from __future__ import annotations

from afterglow.posterior.store import Posterior, fingerprint, read_posterior, shipped, write_posterior

__all__ = ["Posterior", "fingerprint", "read_posterior", "shipped", "write_posterior"]
