"""Symbols to code: the generated equations, the solver that runs them, and the exact linear parts."""

from __future__ import annotations

__all__: list[str] = []
