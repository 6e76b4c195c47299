"""Run a protocol on virtual people: schedule, solve, and the result."""

from __future__ import annotations

from afterglow.simulate.result import Result
from afterglow.simulate.run import simulate

__all__ = ["Result", "simulate"]
