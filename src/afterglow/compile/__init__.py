"""Symbols to code: the generated equations, the solver that runs them, and the exact linear parts."""

from __future__ import annotations

from afterglow.compile.cache import keep_compiled

__all__: list[str] = []

keep_compiled()
