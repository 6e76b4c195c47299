"""The days on which a simulation keeps its curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["AFTER_DOSE_HOURS", "EXPOSURE_HOURS", "curve_days", "exposure_days"]

AFTER_DOSE_HOURS = np.array(
    [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 30, 36, 48, 60, 72, 96]
)
"""Hours after a dosing at which curves are kept where no others are asked for."""
EXPOSURE_HOURS = np.concatenate([np.arange(0, 4, 1 / 12), np.arange(4, 12, 0.25), np.arange(12, 49, 1.0)])
"""Hours after a dosing session's start at which exposure is read: every 5 minutes at first."""


def curve_days(
    begin: float, end: float, dosing: Sequence[float], hours: ArrayLike = AFTER_DOSE_HOURS
) -> NDArray[np.float64]:
    """Return days from `begin` to `end`: weekly, daily for a month after each dose, and some hours after it."""
    after = np.asarray(hours, dtype=np.float64) / 24
    parts = [np.linspace(begin, end, max(2, int(np.ceil((end - begin) / 7)) + 1))]
    for day in dosing:
        parts += [day + after, day + np.arange(1.0, 29.0)]
    days = np.unique(np.round(np.concatenate(parts), 6))
    return np.asarray(days[(days >= begin) & (days <= end)])


def exposure_days(dosing: Sequence[float], end: float) -> tuple[NDArray[np.float64], list[slice]]:
    """Return the days for exposure, and each dosing day's slice of them; a day's curve ends at the next dose."""
    parts, slices, at = [], [], 0
    for k, day in enumerate(dosing):
        until = min(dosing[k + 1] if k + 1 < len(dosing) else np.inf, end)
        own = day + EXPOSURE_HOURS / 24
        own = own[own < until]
        parts.append(own)
        slices.append(slice(at, at + len(own)))
        at += len(own)
    return (np.concatenate(parts) if parts else np.zeros(0)), slices
