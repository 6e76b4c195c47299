"""Who stops coming: a constant hazard that loses a published share by a published day."""

from __future__ import annotations

import numpy as np

from afterglow.errors import ParameterError
from afterglow.medicines import MEDICINES
from afterglow.medicines.dropout import DropoutRate

__all__ = ["DROPOUT_RATES", "DropoutRate", "hazard_per_week", "share_seen", "sources_of_dropout"]

_LEWIS_2020 = "lewis2020-dropout"
_THERAPY = (
    DropoutRate(id="ptsd_therapy", fraction=0.16, low=0.14, high=0.18, source=_LEWIS_2020, verified=True),
    DropoutRate(id="ptsd_waitlist", fraction=0.11, low=0.08, high=0.15, source=_LEWIS_2020, verified=True),
)

DROPOUT_RATES: dict[str, DropoutRate] = {
    row.id: row for row in (*(rate for m in MEDICINES.values() for rate in m.dropout_rates), *_THERAPY)
}


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
    rates = MEDICINES[medicine].dropout if medicine in MEDICINES else None
    if rates is None or day <= 0:
        return 1.0
    rate = DROPOUT_RATES[rates[0 if active else 1]]
    return float(np.exp(-hazard_per_week(rate.fraction, rate.by_day or day) * day / 7.0))


def sources_of_dropout(medicine: str) -> tuple[str, ...]:
    """Return where the published rates of a medicine's trials are from: citation keys or pages."""
    rates = MEDICINES[medicine].dropout if medicine in MEDICINES else None
    return tuple(dict.fromkeys(DROPOUT_RATES[name].source for name in rates or ()))


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
