"""The version of this software."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
