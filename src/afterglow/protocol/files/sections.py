"""Sections that stand beside a protocol in its file and have readers of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["SECTIONS", "without_sections"]

SECTIONS: Mapping[str, str] = {
    "registration": "what a registry says of the trial; `afterglow predict` reads it",
    "trial": "estimand, analysis, looks and sizes; `afterglow trial` reads it",
    "optimise": "what of a schedule may move, and what counts; `afterglow optimise` reads it",
    "economics": "costs and utilities in place of the package's; `afterglow optimise` reads it",
}
"""What each is, by its word. A protocol's own reader passes over them, so that one file serves every command."""


def without_sections(data: Any) -> Any:
    """Return what a file holds of the protocol itself."""
    if not isinstance(data, Mapping):
        return data
    return {key: value for key, value in data.items() if key not in SECTIONS}
