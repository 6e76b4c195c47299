"""How large a change must be: to be more than error (reliable), and to matter to the person (least important)."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

from afterglow.scales.instruments import scale

__all__ = ["LeastImportant", "Reliable", "least_important_change", "reliable_change"]

_Z95 = 1.959963984540054


@dataclass(frozen=True, kw_only=True)
class Reliable:
    """The smallest change of one person that is more than error.

    Parameters
    ----------
    points : float
    source : str
        Key into ``references.bib``, or how it was worked out.
    """

    points: float
    source: str


@dataclass(frozen=True, kw_only=True)
class LeastImportant:
    """The smallest change that people call an improvement, which grows with the score they start from.

    Parameters
    ----------
    fraction : float
        Of the score they start from.
    average_points : float or None
        Over all starting scores, where it was published.
    source : str
        Keys into ``references.bib``.
    """

    fraction: float
    average_points: float | None
    source: str


_RELIABLE = {
    "PHQ-9": Reliable(points=6.0, source="nhs-talking-therapies"),
    "GAD-7": Reliable(points=4.0, source="nhs-talking-therapies"),
    "PCL-5": Reliable(points=15.0, source="marx2022"),
    "CAPS-5": Reliable(points=12.0, source="marx2022"),
}

_IMPORTANT = {
    "PHQ-9": LeastImportant(fraction=0.21, average_points=3.7, source="kounali2022; bauerstaeb2021"),
    "BDI-II": LeastImportant(fraction=0.23, average_points=None, source="kounali2022"),
    "GAD-7": LeastImportant(fraction=0.27, average_points=3.3, source="kounali2022; bauerstaeb2021"),
}


def reliable_change(name: str) -> Reliable:
    """Return the reliable change of a scale: as published, else 1.96 times the error of a difference (jacobson1991)."""
    if name in _RELIABLE:
        return _RELIABLE[name]
    instrument = scale(name)
    points = _Z95 * sqrt(2) * instrument.measurement_sd
    worked = f"1.96 times the root of 2 times the error of one rating, {instrument.measurement_sd:g} (jacobson1991)"
    return Reliable(points=float(ceil(points)) if instrument.integer else points, source=worked)


def least_important_change(name: str) -> LeastImportant | None:
    """Return the least important change of a scale; None where none was found."""
    return _IMPORTANT.get(name)
