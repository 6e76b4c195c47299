"""How trials usually give a medicine: what the studio offers, and where its pages start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Supplement", "UsualCourse"]


@dataclass(frozen=True, kw_only=True)
class Supplement:
    """A second, smaller dose on the same day.

    Parameters
    ----------
    hour : float
        Hours after the first.
    fraction : float
        Of the first dose.
    source : str
        Key into ``references.bib``.
    """

    hour: float
    fraction: float
    source: str


@dataclass(frozen=True, kw_only=True)
class UsualCourse:
    """How trials usually give a medicine.

    Parameters
    ----------
    label : str
        The medicine and how it is given, as a choice on a page.
    route : str
    unit : {"mg", "mg/kg", ""}
        Unit of `low`, `step` and `dose`; empty when there is nothing to dose.
    low, step : float
        Smallest dose offered, and by how much it is moved.
    dose : float
        Usual dose.
    dosings : int
        Usual number of dosing days.
    every_days : float
        Days from one to the next.
    infusion_h : float or None
        Hours over which it runs in; None when it is given at once.
    supplement : Supplement or None
    support_h : float
        Hours of support on a dosing day.
    preparation_h : float
        Hours of one preparation meeting.
    integration_days : tuple of float
        Days of the integration meetings to start from, counted from the first dosing; assumed.
    source : str
        Keys into ``references.bib``, joined by "; "; what they do not say is assumed.
    """

    label: str
    route: str
    unit: Literal["mg", "mg/kg", ""] = "mg"
    low: float = 0.0
    step: float = 1.0
    dose: float = 1.0
    dosings: int = 1
    every_days: float = 28.0
    infusion_h: float | None = None
    supplement: Supplement | None = None
    support_h: float
    preparation_h: float = 1.5
    integration_days: tuple[float, ...] = ()
    source: str = ""
