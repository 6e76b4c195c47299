"""A published share of people lost from trials."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DropoutRate"]


@dataclass(frozen=True, kw_only=True)
class DropoutRate:
    """A published share of people lost.

    Parameters
    ----------
    id : str
        Name of the row.
    fraction : float
        Share lost by `by_day`.
    by_day : float or None
        Day by which they were lost; None when pooled over trials of different lengths.
    low, high : float or None
        Published 95 % interval.
    source : str
        URL or citation key.
    verified : bool
        True when read on the source's page.
    """

    id: str
    fraction: float
    by_day: float | None = None
    low: float | None = None
    high: float | None = None
    source: str
    verified: bool
