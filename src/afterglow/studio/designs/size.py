"""How much a design asks for, known before it is run, and how much of that a quick answer may take."""

from __future__ import annotations

from afterglow.simulate.spec import REPLICATES, usual_draws
from afterglow.studio.designs.design import Design
from afterglow.studio.refusals import Refused

__all__ = ["MOST_YEARS", "MOST_YEARS_FIRST", "person_years", "refuse_if_large", "too_large", "with_fewer_people"]

MOST_YEARS = 40_000.0
"""Person-years of one quick answer: about four seconds of two cores, assumed from 10,000 a second."""
MOST_YEARS_FIRST = 6_000.0
"""Of a first answer: about a second. Eight usual arms have half of that."""
_DOSE_YEARS = 0.05
"""What a dose or a session adds to each person's, as the solver takes small steps after it; assumed."""
_EXPOSED_YEARS = 22.0
"""What the exposure of a full run costs for each dose and each earlier one, whose remains are followed: 0.7 s of 24."""
_FEWEST = 64


def person_years(design: Design, *, draws: int | None = None) -> float:
    """Return what a design costs: people times draws times arms times years, doses and sessions counted as well.

    Parameters
    ----------
    design : Design
    draws : int, optional
        By default those of the full run.
    """
    each = sum(
        2 * (design.horizon_days / 365 + _DOSE_YEARS * (len(arm.dosed_on) + len(arm.sessions) / 4))
        for arm in design.arms
    )  # with its twin
    exposed = (
        0.0 if draws else _EXPOSED_YEARS * sum(len(arm.dosed_on) * (len(arm.dosed_on) + 1) / 2 for arm in design.arms)
    )
    return exposed + design.participants / REPLICATES * (draws or usual_draws(design.participants)) * each


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


def with_fewer_people(design: Design, *, draws: int) -> Design:
    """Return a design with as many people as a first answer may have; the answer says how many."""
    cost = person_years(design, draws=draws)
    if cost <= MOST_YEARS_FIRST:
        return design
    people = max(_FEWEST, int(design.participants * MOST_YEARS_FIRST / cost))
    return design.model_copy(update={"participants": min(people, design.participants)})
