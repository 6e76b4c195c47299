"""People that a trial of relapse needs until enough of them relapsed, with recruitment and dropout."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from scipy.special import ndtri

from afterglow.errors import ParameterError
from afterglow.trial.designs.sizes import USUAL, Size, Wanted, events_for_hazard_ratio

__all__ = ["Calendar", "size_by_events", "size_by_hazards"]


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """When people come and leave; recruitment is even and dropout exponential.

    Parameters
    ----------
    recruitment, duration : float
        Of recruitment and of the whole trial, in one unit of time.
    dropout : float
        Hazard of leaving, per that unit.

    Raises
    ------
    ParameterError
        If a time is impossible.
    """

    recruitment: float
    duration: float
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.recruitment <= self.duration < math.inf:
            raise ParameterError(
                f"recruitment must take time and end within the trial, got {self.recruitment:g} of {self.duration:g}"
            )
        if not 0 <= self.dropout < math.inf:
            raise ParameterError(f"dropout must be a hazard of 0 or more, got {self.dropout:g}")

    def event_probability(self, hazard: float) -> float:
        """Return the chance that a person's event is seen."""
        total = hazard + self.dropout
        shortest = self.duration - self.recruitment
        unseen = math.exp(-total * shortest) * -math.expm1(-total * self.recruitment) / (total * self.recruitment)
        return hazard / total * (1 - unseen)


def size_by_events(
    control_hazard: float,
    hazard_ratio: float,
    calendar: Calendar,
    wanted: Wanted = USUAL,
) -> Size:
    """Return events of a log-rank test (schoenfeld1981) and the people among whom they are to be expected.

    Parameters
    ----------
    control_hazard : float
        Per unit of time of the calendar; log 2 over the median.
    hazard_ratio : float
        Active over control.
    calendar : Calendar
    wanted : Wanted
    """
    events = events_for_hazard_ratio(hazard_ratio, wanted)
    _hazard(control_hazard)
    share = wanted.active_share
    seen = share * calendar.event_probability(control_hazard * hazard_ratio)
    seen += (1 - share) * calendar.event_probability(control_hazard)
    return wanted.split(events / seen, events)


def size_by_hazards(
    control_hazard: float,
    active_hazard: float,
    calendar: Calendar,
    wanted: Wanted = USUAL,
    *,
    scale: Literal["ratio", "difference"] = "ratio",
) -> Size:
    """Return the size for two exponential hazards (lachin1986), and the events to be expected.

    Parameters
    ----------
    control_hazard, active_hazard : float
        Per unit of time of the calendar.
    calendar : Calendar
    wanted : Wanted
    scale : {"ratio", "difference"}
        Whether the logarithm of their ratio is tested or their difference; the null variance is that of their mean.
    """
    _hazard(control_hazard)
    _hazard(active_hazard)
    events_for_hazard_ratio(active_hazard / control_hazard, wanted)
    share = wanted.active_share

    def variance(hazard: float) -> float:
        """Of the estimated hazard or its logarithm, from one person."""
        return (1.0 if scale == "ratio" else hazard**2) / calendar.event_probability(hazard)

    gap = math.log(active_hazard / control_hazard) if scale == "ratio" else active_hazard - control_hazard
    pooled = share * active_hazard + (1 - share) * control_hazard
    null = math.sqrt(variance(pooled) * (1 / share + 1 / (1 - share)))
    own = math.sqrt(variance(active_hazard) / share + variance(control_hazard) / (1 - share))
    total = float(((wanted.critical * null + ndtri(wanted.power) * own) / gap) ** 2)
    seen = share * calendar.event_probability(active_hazard) + (1 - share) * calendar.event_probability(control_hazard)
    return wanted.split(total, total * seen)


def _hazard(value: float) -> None:
    if not 0 < value < math.inf:
        raise ParameterError(f"a hazard must be above 0 and finite, got {value:g}")
