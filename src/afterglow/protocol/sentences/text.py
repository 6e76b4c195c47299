"""Text in a protocol: one line or more of ordinary characters."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

__all__ = ["Label", "Words"]


def _ordinary(value: str) -> str:
    odd = next((c for c in value if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"), None)
    if odd is not None:
        raise ValueError(f"must be ordinary text, but holds the character U+{ord(odd):04X}")
    return value


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Label = Annotated[str, Field(max_length=300), AfterValidator(_ordinary)]
"""A title, label or other short text."""

Words = Annotated[tuple[Label, ...], Field(max_length=200), BeforeValidator(_listed)]
"""A list of short texts; a single one may stand alone."""
