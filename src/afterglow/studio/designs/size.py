"""How much a design asks for, known before it is run, and how much of that a quick answer may take."""

from __future__ import annotations

from dataclasses import replace

from afterglow.simulate.spec import usual_draws
from afterglow.studio.designs.design import Design
from afterglow.studio.designs.result import FULL, LESSER_PART, QUICK, QUICK_DRAWS, Effort
from afterglow.studio.quick_runs import Crowd
from afterglow.studio.refusals import Refused

__all__ = [
    "MOST_YEARS",
    "MOST_YEARS_FIRST",
    "first_effort",
    "full_effort",
    "person_years",
    "refuse_if_large",
    "too_large",
]

MOST_YEARS = 40_000.0
"""Person-years of one quick answer: about four seconds of two cores, assumed from 10,000 a second."""
MOST_YEARS_FIRST = 6_000.0
"""Of a first answer: about a second. Eight usual arms have a third of that."""
_DOSE_YEARS = 0.05
"""What a dose or a session adds to each person's, as the solver takes small steps after it; assumed."""
_EXPOSED_YEARS = 22.0
"""What the exposure of a full run costs for each dose and each earlier one, whose remains are followed: 0.7 s of 24."""
_CLASS = Effort(16, 32)
"""What answers take in the largest crowd, first and full ones: one run is less work than two."""

_CROWDS = (
    (Crowd(4, 46), _CLASS),
    (Crowd(2, 28), Effort(16, 64)),
    (Crowd(1, 20), Effort(16, 128)),
)
"""What a full answer takes where so many are wanted, the largest crowd first. A core gives some 40 of the full run in
ten seconds. What was asked for counts beside what waits, because little waits once each takes less."""


def first_effort(design: Design, crowd: Crowd) -> Effort:
    """Return what a first answer may take.

    Parameters
    ----------
    design : Design
    crowd : Crowd
    """
    full = full_effort(design, crowd)
    if full == _CLASS and person_years(design) <= MOST_YEARS:
        return full
    people = full.people
    if people is None:
        fits = MOST_YEARS_FIRST / person_years(design, QUICK)
        people = QUICK.people if fits >= 1 else QUICK_DRAWS * max(LESSER_PART, int(fits * QUICK.at_a_draw(design)))
    return replace(QUICK, people=people)


def full_effort(design: Design, crowd: Crowd) -> Effort:
    """Return what a full answer takes: the full run, and less while many are wanted."""
    for limit, effort in _CROWDS:
        if crowd.waiting >= limit.waiting or crowd.asked_per_core >= limit.asked_per_core:
            return effort
    return FULL


def person_years(design: Design, effort: Effort = FULL) -> float:
    """Return what a design costs: people times draws times arms times years, doses and sessions counted as well."""
    draws = effort.draws
    each = sum(
        2 * (design.horizon_days / 365 + _DOSE_YEARS * (len(arm.dosed_on) + len(arm.sessions) / 4))
        for arm in design.arms
    )  # with its twin
    exposed = (
        0.0 if draws else _EXPOSED_YEARS * sum(len(arm.dosed_on) * (len(arm.dosed_on) + 1) / 2 for arm in design.arms)
    )
    return exposed + effort.at_a_draw(design) * (draws or usual_draws(effort.people_of(design))) * each


def refuse_if_large(design: Design, *, most: float = MOST_YEARS) -> None:
    """Refuse a design whose full run takes more than a quick answer may.

    Parameters
    ----------
    design : Design
    most : float
        Person-years that it may take.

    Raises
    ------
    Refused
        With what would do.
    """
    if person_years(design) > most:
        raise too_large(design)


def too_large(design: Design) -> Refused:
    """Return the refusal of a design that takes too long, with what would do."""
    return Refused(
        422,
        f"{design.participants} people in {len(design.arms)} arm{'s' * (len(design.arms) > 1)} over "
        f"{design.horizon_days:g} days take too long for a quick answer: take fewer people, arms or days, or start "
        "it on Compare as a long calculation.",
    )
