"""How much a design asks for, known before it is run, and how much of that a quick answer may take."""

from __future__ import annotations

from afterglow.simulate.spec import REPLICATE_PEOPLE, REPLICATES, people_at_a_draw, usual_draws
from afterglow.studio.designs.design import Design
from afterglow.studio.designs.result import FULL, QUICK, QUICK_DRAWS, Effort
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
"""Of a first answer: about a second. Eight usual arms have half of that."""
_DOSE_YEARS = 0.05
"""What a dose or a session adds to each person's, as the solver takes small steps after it; assumed."""
_EXPOSED_YEARS = 22.0
"""What the exposure of a full run costs for each dose and each earlier one, whose remains are followed: 0.7 s of 24."""
_CROWDED, _VERY_CROWDED = Crowd(1, 10), Crowd(2, 14)
"""From when on a full answer has fewer draws, and from when on fewer people as well. A core gives some 20 of all draws
in ten seconds. What was asked for counts beside what waits, because little waits once each takes less."""
_FEW_DRAWS, _FEW_PEOPLE = 16, 32


def first_effort(design: Design, crowd: Crowd) -> Effort:
    """Return what a first answer may take.

    Parameters
    ----------
    design : Design
    crowd : Crowd
    """
    if _reaches(crowd, _VERY_CROWDED):
        return Effort(QUICK_DRAWS, min(_FEW_PEOPLE, design.participants))
    cost = person_years(design, QUICK)
    if cost <= MOST_YEARS_FIRST:
        return QUICK
    at_a_draw = int(people_at_a_draw(design.participants) * MOST_YEARS_FIRST / cost)
    people = REPLICATES * at_a_draw if at_a_draw >= REPLICATE_PEOPLE else REPLICATE_PEOPLE
    return Effort(QUICK_DRAWS, min(people, design.participants))


def full_effort(design: Design, crowd: Crowd) -> Effort:
    """Return what a full answer takes: the full run, and less while many are wanted."""
    if _reaches(crowd, _VERY_CROWDED):
        return Effort(_FEW_DRAWS, min(_FEW_PEOPLE, design.participants))
    return Effort(_FEW_DRAWS) if _reaches(crowd, _CROWDED) else FULL


def _reaches(crowd: Crowd, limit: Crowd) -> bool:
    return crowd.waiting >= limit.waiting or crowd.asked_per_core >= limit.asked_per_core


def person_years(design: Design, effort: Effort = FULL) -> float:
    """Return what a design costs: people times draws times arms times years, doses and sessions counted as well."""
    draws, people = effort.draws, effort.people or design.participants
    each = sum(
        2 * (design.horizon_days / 365 + _DOSE_YEARS * (len(arm.dosed_on) + len(arm.sessions) / 4))
        for arm in design.arms
    )  # with its twin
    exposed = (
        0.0 if draws else _EXPOSED_YEARS * sum(len(arm.dosed_on) * (len(arm.dosed_on) + 1) / 2 for arm in design.arms)
    )
    return exposed + people_at_a_draw(people) * (draws or usual_draws(people)) * each


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
