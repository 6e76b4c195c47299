"""The plans that may be chosen: what moves, how an arm is laid out from it, and which limits hold."""

from __future__ import annotations
