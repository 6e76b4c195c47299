"""What is planned: medicine, dosing dates or their pattern, meetings, group, times, holidays."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from afterglow.errors import nearest
from afterglow.medicines import MEDICINES
from afterglow.studio.asked import Asked
from afterglow.studio.designs.design import OFFERED, Condition
from afterglow.studio.designs.limits import DESIGN, PLAN
from afterglow.studio.designs.one_of import OneOf
from afterglow.studio.plan.cautions import names_ssri, unknown_word
from afterglow.studio.plan.dates import EARLIEST, LATEST, Pattern, Weekday, countries, holidays_of

__all__ = ["Clock", "Code", "PlanRequest", "check_place"]

PlanMedicine = Annotated[str, OneOf(tuple(name for name in OFFERED if MEDICINES[name].opens_window))]
Word = Annotated[str, Field(max_length=80)]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""A local time as HH:MM."""


def _told_by_no_name(code: str) -> str:
    if code and not re.fullmatch(r"[A-Za-z0-9-]*[0-9][A-Za-z0-9-]*", code):
        raise ValueError(f"'{code}' cannot be a code: letters, digits and hyphens, with a digit, so that it is no name")
    return code


Code = Annotated[str, Field(max_length=12), AfterValidator(_told_by_no_name)]
"""A code for a person, such as K-07; empty: nobody's."""

_LONGEST_GAP_DAYS = 180
_LONGEST_DAYS = 730
_BEYOND = dt.timedelta(days=450)
"""How far from the dosings a holiday is looked for: as far as a plan reaches."""


class PlanRequest(Asked):
    """What is planned.

    Parameters
    ----------
    medicine, dose, condition
        The dose in the unit of the medicine's usual course.
    dates : tuple of date
        Dosing dates, rising; none where there is a pattern.
    pattern : Pattern, optional
        The dosing dates by a rule.
    start : str, optional
        A common local time of dosings and meetings, HH:MM; None: yet to be agreed.
    preparation, integration : int
        Meetings in all.
    integration_hours : float
        Of one meeting.
    practice_hours_per_week : float
        0: no practice.
    practice_weeks : int
        Counted from the last dosing; practice begins two days after the first.
    group : str
    group_weekday : int, optional
        0 is Monday: the group meets on this day whoever is in it; None: it is laid around the dosings.
    group_start : str, optional
        Its own local time.
    group_size : int
        How many are in it.
    weekday_only : bool
        Whether meetings keep off weekends; dosing dates stay as they are.
    country, region : str
        Whose public holidays meetings keep off; empty: nobody's.
    ssri : bool
        Whether an SSRI is taken.
    history, medications : tuple of str
        Words of `plan_words`; they call up cautions and are kept nowhere.
    """

    medicine: PlanMedicine
    dose: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]
    condition: Condition = "treatment_resistant_depression"
    dates: Annotated[tuple[dt.date, ...], Field(max_length=PLAN.dosings)] = ()
    pattern: Pattern | None = None
    start: Clock | None = None
    preparation: Annotated[int, Field(ge=0, le=PLAN.preparation)] = 3
    integration: Annotated[int, Field(ge=0, le=PLAN.integration)] = 6
    integration_hours: Annotated[float, Field(ge=0.25, le=12, allow_inf_nan=False)] = 1.5
    practice_hours_per_week: Annotated[float, Field(ge=0, le=40, allow_inf_nan=False)] = 3.0
    practice_weeks: Annotated[int, Field(ge=0, le=PLAN.practice_weeks)] = 8
    group: Literal["none", "integration", "community"] = "none"
    group_weekday: Weekday | None = None
    group_start: Clock | None = None
    group_size: Annotated[int, Field(ge=2, le=DESIGN.group_size)] = PLAN.usual_group_size
    weekday_only: bool = True
    country: Annotated[str, Field(max_length=2)] = ""
    region: Annotated[str, Field(max_length=40)] = ""
    ssri: bool = False
    history: Annotated[tuple[Word, ...], Field(max_length=40)] = ()
    medications: Annotated[tuple[Word, ...], Field(max_length=40)] = ()

    @model_validator(mode="after")
    def _possible(self) -> Self:
        for words in (self.history, self.medications):
            if (said := unknown_word(words)) is not None:
                raise ValueError(said)
        check_place(self.country, self.region)
        if bool(self.dates) == bool(self.pattern):
            raise ValueError("give dosing dates, or a pattern of them: one of the two")
        _check_rising(self.dates)
        _check_span(self.dosings)
        return self

    @cached_property
    def closed(self) -> dict[dt.date, str]:
        """Public holidays around the dosings, by date."""
        ends = (self.pattern.start, self.pattern.last) if self.pattern else (self.dates[0], self.dates[-1])
        first, last = max(ends[0], EARLIEST + _BEYOND) - _BEYOND, min(ends[1], LATEST - _BEYOND) + _BEYOND
        return {one.date: one.name for one in holidays_of(self.country, self.region, first, last)}

    @cached_property
    def dosings(self) -> tuple[dt.date, ...]:
        """Dosing dates, rising."""
        return self.pattern.dates(self.closed)[0] if self.pattern else self.dates

    @property
    def moved(self) -> dict[dt.date, dt.date]:
        """Dosings that a public holiday moved: from when to when."""
        return self.pattern.dates(self.closed)[1] if self.pattern else {}

    @property
    def takes_ssri(self) -> bool:
        """Whether an SSRI is taken, by the flag or by a word."""
        return self.ssri or names_ssri(self.medications)

    @property
    def days(self) -> tuple[int, ...]:
        """Dosing days, counted from the first."""
        return tuple((date - self.dosings[0]).days for date in self.dosings)


def check_place(country: str, region: str) -> None:
    """Refuse a country or a region whose public holidays are not known."""
    known = {one.id: [r.id for r in one.regions] for one in countries()}
    if country and country not in known:
        raise ValueError(f"the public holidays of '{country}' are not known; GET /api/plan/countries lists whose are")
    if region and region not in known.get(country, []):
        of = f"'{country}' has no region '{region}'" if country else f"'{region}' is a region of no country"
        raise ValueError(f"{of} ({nearest(region, known[country])})" if known.get(country) else of)


def _check_rising(dates: tuple[dt.date, ...]) -> None:
    for earlier, later in itertools.pairwise(dates):
        if later == earlier:
            raise ValueError(f"the dosing date {later} is given twice")
        if later < earlier:
            raise ValueError(f"dosing dates must rise, but {later} comes after {earlier}")


def _check_span(dates: tuple[dt.date, ...]) -> None:
    if dates[0] < EARLIEST or dates[-1] >= LATEST:
        raise ValueError(f"dosing dates must lie from {EARLIEST} to before {LATEST}")
    for earlier, later in itertools.pairwise(dates):
        if (later - earlier).days > _LONGEST_GAP_DAYS:
            raise ValueError(
                f"{earlier} and {later} lie more than {_LONGEST_GAP_DAYS} days apart; plan them one by one"
            )
    if (dates[-1] - dates[0]).days > _LONGEST_DAYS:
        raise ValueError(f"a plan holds at most {_LONGEST_DAYS} days from the first dosing to the last")
