"""The compiled solver, loaded with its cache."""

from __future__ import annotations

from afterglow.compile.cache import kept_compiled

with kept_compiled():
    from afterglow.compile import solver

__all__ = ["solver"]
