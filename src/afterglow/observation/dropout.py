"""Who stops coming: a constant hazard that loses a published share by a published day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from afterglow.errors import ParameterError

__all__ = ["DROPOUT_RATES", "DropoutRate", "hazard_per_week", "share_seen"]


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


_CONTROL_ARMS = "hieronymus2025-control-arms"
_LEWIS_2020 = "lewis2020-dropout"

DROPOUT_RATES: dict[str, DropoutRate] = {
    row.id: row
    for row in (
        DropoutRate(id="psilocybin_active", fraction=0.05, by_day=42, source=_CONTROL_ARMS, verified=True),
        DropoutRate(id="psilocybin_control", fraction=0.11, by_day=42, source=_CONTROL_ARMS, verified=True),
        DropoutRate(id="esketamine_active", fraction=0.12, by_day=28, source=_CONTROL_ARMS, verified=True),
        DropoutRate(id="esketamine_control", fraction=0.08, by_day=28, source=_CONTROL_ARMS, verified=True),
        DropoutRate(id="mdma_active", fraction=4 / 46, by_day=126, source="mitchell2021-mapp1", verified=False),
        DropoutRate(id="mdma_placebo", fraction=7 / 44, by_day=126, source="mitchell2021-mapp1", verified=False),
        DropoutRate(id="ptsd_therapy", fraction=0.16, low=0.14, high=0.18, source=_LEWIS_2020, verified=True),
        DropoutRate(id="ptsd_waitlist", fraction=0.11, low=0.08, high=0.15, source=_LEWIS_2020, verified=True),
    )
}


_RATES_OF = {
    "psilocybin": ("psilocybin_active", "psilocybin_control"),
    "esketamine": ("esketamine_active", "esketamine_control"),
    "ketamine": ("esketamine_active", "esketamine_control"),
    "mdma": ("mdma_active", "mdma_placebo"),
}
"""Published rates by medicine; no pooled one was read for ketamine, which takes esketamine's."""


def share_seen(medicine: str, *, active: bool, day: float) -> float:
    """Return the share of people still seen on a day, by the published rate of the medicine's trials.

    Parameters
    ----------
    medicine : str
        What the trial studies; without a published rate nobody is lost.
    active : bool
        Whether the arm gives it.
    day : float
        Days from the first dose; nobody is lost before.
    """
    if medicine not in _RATES_OF or day <= 0:
        return 1.0
    rate = DROPOUT_RATES[_RATES_OF[medicine][0 if active else 1]]
    return float(np.exp(-hazard_per_week(rate.fraction, rate.by_day or day) * day / 7.0))


def hazard_per_week(fraction: float, by_day: float) -> float:
    """Constant weekly hazard that loses `fraction` of the people by `by_day`.

    Raises
    ------
    ParameterError
        If the fraction is not in [0, 1) or the day is not after the start.
    """
    if not 0 <= fraction < 1:
        raise ParameterError(f"dropout fraction is {fraction} but must be at least 0 and below 1")
    if not (np.isfinite(by_day) and by_day > 0):
        raise ParameterError(f"dropout is given by day {by_day} but that day must lie after the start")
    return float(-np.log1p(-fraction) / (by_day / 7.0))
