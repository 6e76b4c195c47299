"""What one plan costs and gains for one person: the course, care, time, and quality-adjusted life years."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from afterglow.plan.economics.figures import STATES, Prices
from afterglow.plan.space.effort import Effort, effort_of
from afterglow.protocol import Arm

__all__ = ["cost_of", "course_cost", "illness_cost", "qalys"]

_YEAR_DAYS = 365.25
_STEPS = 9
"""Points between two ratings over which quality of life is added up."""
_ILL = {"no_response": 1.0, "response": 0.5, "remission": 0.0}
"""Share of the costs of illness that stays in each state; the half is assumed."""


def course_cost(arm: Arm, effort: Effort, prices: Prices) -> float:
    """Return what the course of one person costs, in the currency: the same whatever comes of it.

    Parameters
    ----------
    arm : Arm
    effort : Effort
        From `effort_of`.
    prices : Prices
        Whose view says whether the person's own time counts.
    """
    medicines = {(dose.day, dose.medicine) for dose in arm.doses}
    doses = sum(prices.dosing_day.get(medicine, prices.dosing_day["other"]) for _, medicine in medicines)
    own_time = effort.person_hours * prices.person_hour if prices.view == "society" else 0.0
    return prices.course + effort.therapist_hours * prices.therapist_hour + doses + own_time


def cost_of(arm: Arm, prices: Prices, horizon_days: float) -> float:
    """Return what the course of one person costs."""
    return course_cost(arm, effort_of(arm, horizon_days, prices.therapists), prices)


def qalys(
    responds: NDArray[np.bool_], remits: NDArray[np.bool_], days: NDArray[np.float64], prices: Prices
) -> NDArray[np.float64]:
    """Return discounted quality-adjusted life years of each person from day 0 to the horizon, (draws, people).

    Parameters
    ----------
    responds, remits : array (draws, people, days)
        On each day of rating; the first day is before any dose, when nobody responds.
    days : array (days,)
    prices : Prices

    Notes
    -----
    Quality of life runs straight from one rating to the next, and stays as it was after the last. People in remission
    who do not respond, because they began near it, count as in remission.
    """
    return _lived(responds, remits, days, prices, prices.utility)


def illness_cost(
    responds: NDArray[np.bool_], remits: NDArray[np.bool_], days: NDArray[np.float64], prices: Prices
) -> NDArray[np.float64]:
    """Return what illness costs beside the course to the horizon, discounted, (draws, people).

    Health care while ill, and for society what illness costs beside it: all of it without response, half in response,
    nothing in remission.
    """
    a_year = prices.care_year + (prices.illness_year if prices.view == "society" else 0.0)
    return _lived(responds, remits, days, prices, {state: a_year * share for state, share in _ILL.items()})


def _lived(
    responds: NDArray[np.bool_],
    remits: NDArray[np.bool_],
    days: NDArray[np.float64],
    prices: Prices,
    per_year: Mapping[str, float],
) -> NDArray[np.float64]:
    """Integrate what a year in each state is worth, from day 0 to the horizon, (draws, people)."""
    none, response, remission = (per_year[state] for state in STATES)
    gained = (response - none) * (responds & ~remits) + (remission - none) * remits
    weights = _weights(days, prices)
    return np.asarray(none * weights.sum() + gained @ weights)


def _weights(days: NDArray[np.float64], prices: Prices) -> NDArray[np.float64]:
    """Return the discounted years that each rating stands for, (days,); before the first one nobody is better."""
    until = prices.horizon_days
    marks = np.concatenate([days[(days > 0) & (days < until)], [0.0, until]])
    marks = np.unique(marks)
    fine = np.unique(np.concatenate([np.linspace(a, b, _STEPS) for a, b in pairwise(marks)]))
    level = np.stack([np.interp(fine, days, row) for row in np.eye(len(days))])
    discounted = level * (1.0 + prices.discount) ** (-fine / _YEAR_DAYS)
    return np.asarray(np.trapezoid(discounted, fine / _YEAR_DAYS, axis=1))
