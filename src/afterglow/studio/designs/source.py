"""Where a sentence of a page comes from."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel

from afterglow.citations import reference

__all__ = ["Source", "source_of"]


class Source(BaseModel):
    """Where a sentence comes from."""

    key: str
    citation: str
    url: str | None


@cache
def source_of(key: str) -> Source:
    """Return a source of the package by its key."""
    found = reference(key)
    url = f"https://doi.org/{found.doi}" if found.doi else (found.url or None)
    return Source(key=key, citation=found.formatted(), url=url)
