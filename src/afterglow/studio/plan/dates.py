"""Dates of a plan: a pattern of weekdays from a start, and the public holidays of a country."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Annotated

import holidays
from pydantic import BaseModel, ConfigDict, Field

__all__ = ["EARLIEST", "LATEST", "WEEKDAYS", "Country", "Holiday", "Pattern", "Region", "countries", "holidays_of"]

EARLIEST, LATEST = dt.date(1950, 1, 1), dt.date(2200, 1, 1)
"""Dates that a plan may hold, the second excluded."""
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Weekday = Annotated[int, Field(ge=0, le=6)]

_WEEKEND = 5
_ENGLISH = ("en_GB", "en_US")
_DAY = dt.timedelta(days=1)
_YEARS_KEPT = 1024
"""Years of a country or region whose holidays are kept; all of them would be gigabytes."""


class Holiday(BaseModel):
    """A public holiday and its name, in English where the library has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    date: dt.date
    name: str


class Region(BaseModel):
    """A part of a country with holidays of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    label: str


class Country(BaseModel):
    """A country whose public holidays are known, by its ISO 3166 code."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    regions: tuple[Region, ...]


class Pattern(BaseModel):
    """Dosing dates by a rule: from a day on, on these weekdays, so many times.

    Parameters
    ----------
    start : date
        No date lies before it.
    weekdays : tuple of int
        0 is Monday; empty: that of the start.
    every_weeks : int
    times : int
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    start: Annotated[dt.date, Field(ge=EARLIEST, lt=LATEST)]
    weekdays: Annotated[tuple[Weekday, ...], Field(max_length=7)] = ()
    every_weeks: Annotated[int, Field(ge=1, le=26)] = 1
    times: Annotated[int, Field(ge=1, le=12)] = 1

    def dates(self, closed: Mapping[dt.date, str]) -> tuple[tuple[dt.date, ...], dict[dt.date, dt.date]]:
        """Return the dates, rising, and those that a public holiday moved: from when to when.

        Parameters
        ----------
        closed : mapping of date to str
            Public holidays; a date on one moves to the next working day that the pattern leaves free.
        """
        wished = self._wished()
        taken, moved = set(wished), {}
        for date in wished:
            if date not in closed:
                continue
            other = date
            while other in closed or other.weekday() >= _WEEKEND or other in taken:
                other += _DAY
            taken = taken - {date} | {other}
            moved[date] = other
        return tuple(sorted(taken)), moved

    @property
    def last(self) -> dt.date:
        """Return the last day as the pattern says it, whatever is closed."""
        return self._wished()[-1]

    def _wished(self) -> list[dt.date]:
        days = sorted({*self.weekdays} or {self.start.weekday()})
        first = next(day for day in _days_from(self.start) if day.weekday() in days)
        monday = first - first.weekday() * _DAY
        found: list[dt.date] = []
        while len(found) < self.times:
            week = [monday + day * _DAY for day in days]
            found += [day for day in week if day >= first]
            monday += 7 * self.every_weeks * _DAY
        return found[: self.times]


def _days_from(start: dt.date) -> Iterator[dt.date]:
    while True:
        yield start
        start += _DAY


@cache
def countries() -> tuple[Country, ...]:
    """Return the countries whose public holidays are known."""
    found = holidays.list_supported_countries(include_aliases=False)
    return tuple(Country(id=code, regions=_regions(code)) for code in sorted(found) if found[code] or _known(code))


def _known(code: str) -> bool:
    return len(code) == 2 and code.isupper()


@cache
def _regions(code: str) -> tuple[Region, ...]:
    aliases = holidays.country_holidays(code, years=()).get_subdivision_aliases()
    own = (Region(id=region, label=names[0] if names else region) for region, names in aliases.items())
    return tuple(sorted(own, key=lambda region: region.label))


@lru_cache(maxsize=_YEARS_KEPT)
def _of_year(country: str, region: str, year: int) -> tuple[Holiday, ...]:
    offered = holidays.country_holidays(country, years=()).supported_languages
    language = next((name for name in _ENGLISH if name in offered), None)
    days = holidays.country_holidays(country, subdiv=region or None, years=[year], language=language)
    return tuple(Holiday(date=date, name=name) for date, name in sorted(days.items()))


def holidays_of(country: str, region: str, first: dt.date, last: dt.date) -> tuple[Holiday, ...]:
    """Return the public holidays from one day to another, both included.

    Parameters
    ----------
    country : str
        Of `countries`; empty: none are known.
    region : str
        Of that country; empty: those of the whole country.
    first, last : date
    """
    if not country:
        return ()
    years = range(first.year, last.year + 1)
    return tuple(one for year in years for one in _of_year(country, region, year) if first <= one.date <= last)


def month_edges(first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
    """Return the first day of one day's month and the last of another's."""
    return first.replace(day=1), last.replace(day=calendar.monthrange(last.year, last.month)[1])
