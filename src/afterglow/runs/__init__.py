"""Runs: asked for by a specification, executed on threads, processes or a cluster, kept in a store, and read."""

from __future__ import annotations

from afterglow.runs.result import Result
from afterglow.runs.simulate import simulate

__all__ = ["Result", "simulate"]
