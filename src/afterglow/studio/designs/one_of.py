"""A word of a list that is read when the program starts, where `Literal` wants it written out."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

__all__ = ["OneOf"]


@dataclass(frozen=True)
class OneOf:
    """Mark of a field that takes one of some words; it answers and describes itself as `Literal` does.

    Parameters
    ----------
    words : tuple of str
    """

    words: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return pydantic's schema of a literal."""
        return core_schema.literal_schema(list(self.words))
