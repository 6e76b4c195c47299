"""Costs and utilities, each with where it comes from: the package's, and those of the ``economics:`` section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from afterglow.errors import ProtocolError
from afterglow.plan.space.effort import Therapists
from afterglow.protocol import Protocol
from afterglow.protocol.files.yaml_text import plain_yaml
from afterglow.protocol.part import Part
from afterglow.protocol.sentences.quantity import Days, Plain
from afterglow.protocol.sentences.text import Label
from afterglow.scales.links import family_of

__all__ = ["STATES", "EconomicsSection", "Figure", "Prices", "Utilities", "View", "assumed", "prices_of"]

STATES = ("no_response", "response", "remission")
_SOCIETY = ("person_hour", "illness_year")
_YOURS = "the economics section of the file"

View = Literal["payer", "society"]
Money = Annotated[Plain, Field(ge=0)]
Share = Annotated[Plain, Field(ge=-1, le=1)]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number and where it comes from.

    Parameters
    ----------
    name : str
    value : float
    unit : str
    kind : {"published", "computed", "assumed", "yours"}
    source : str
        Key into ``references.bib``; empty where it is assumed or yours.
    note : str
    """

    name: str
    value: float
    unit: str
    kind: str
    source: str = ""
    note: str = ""


class Utilities(Part):
    """Quality of life, from dead (0) to full health (1), by state.

    Parameters
    ----------
    no_response, response, remission : float
        Response is without remission.
    """

    no_response: Share | None = None
    response: Share | None = None
    remission: Share | None = None


class EconomicsSection(Part):
    """The ``economics:`` section; what it leaves out is the package's.

    Parameters
    ----------
    currency : str
        A word for the tables; nothing is converted.
    view : {"payer", "society"}
        Society also counts the time of the person and what illness costs beside care.
    horizon_days : float or None
        To which costs and QALYs are counted; by default the protocol's horizon.
    threshold : float or None
        What a QALY may cost.
    discount : float or None
        A year, of costs and QALYs.
    therapist_hour, therapists_dosing, therapists_session, person_hour : float or None
    dosing_day : dict of str to float
        By medicine, all of a dosing day but its clinicians.
    course : float
        Once for each person, such as screening that no dosing day holds.
    care_year, illness_year : float or None
        While ill: health care beside the course, and what illness costs society beside that.
    utility : Utilities
    """

    currency: Label = ""
    view: View = "payer"
    horizon_days: Annotated[Days, Field(gt=0)] | None = None
    threshold: Annotated[Plain, Field(gt=0)] | None = None
    discount: Annotated[Plain, Field(ge=0, lt=1)] | None = None
    therapist_hour: Money | None = None
    therapists_dosing: Money | None = None
    therapists_session: Money | None = None
    person_hour: Money | None = None
    dosing_day: dict[str, Money] = Field(default_factory=dict)
    course: Money = 0.0
    care_year: Money | None = None
    illness_year: Money | None = None
    utility: Utilities = Utilities()

    @model_validator(mode="after")
    def _spelled(self) -> EconomicsSection:
        known = set(_held()["dosing_day"])
        unknown = next((name for name in self.dosing_day if name not in known), None)
        if unknown is not None:
            raise ValueError(f"dosing_day has no price for {unknown[:40]!r}; known: {', '.join(sorted(known))}")
        return self


@dataclass(frozen=True, kw_only=True)
class Prices:
    """All that money is counted with.

    Parameters
    ----------
    currency : str
    view : {"payer", "society"}
    horizon_days : float
    therapists : Therapists
    threshold, discount, therapist_hour, person_hour, course, care_year, illness_year : float
    dosing_day : mapping of str to float
    utility : mapping of str to float
        By state.
    knows_society : bool
        Whether what society counts is in the same currency.
    figures : tuple of Figure
        Each number with its source.
    """

    currency: str
    view: View
    horizon_days: float
    therapists: Therapists
    threshold: float
    discount: float
    therapist_hour: float
    person_hour: float
    course: float
    care_year: float
    illness_year: float
    dosing_day: Mapping[str, float]
    utility: Mapping[str, float]
    knows_society: bool = True
    figures: tuple[Figure, ...] = field(default=(), repr=False)

    def for_view(self, view: View) -> Prices:
        """Return the same prices, seen by a payer or by society."""
        return Prices(**{**vars(self), "view": view})


@cache
def _held() -> dict[str, Any]:
    text = files("afterglow.plan.economics").joinpath("data", "figures.yaml").read_text(encoding="utf-8")
    held: dict[str, Any] = plain_yaml(text).data
    return held


def prices_of(section: EconomicsSection, protocol: Protocol) -> Prices:
    """Return what money is counted with for a protocol.

    Raises
    ------
    ProtocolError
        If the horizon lies beyond the protocol's: the model says nothing of later days.
    """
    horizon = section.horizon_days or protocol.horizon_days
    if horizon > protocol.horizon_days:
        raise ProtocolError(
            f"costs are asked up to day {horizon:g}, but the protocol ends on day {protocol.horizon_days:g}; "
            "lengthen its horizon_days and its assessments",
            where="economics.horizon_days",
        )
    held = _held()
    family = family_of(protocol.population.condition)
    group = "depression" if family == "depression" else "other"
    rows = dict(held["figures"])
    rows["illness_year"] = rows.pop("illness_year_depression" if group == "depression" else "illness_year_other")
    rows.pop("illness_year_other", None)
    rows.pop("illness_year_depression", None)
    given = {name: _figure(name, row, getattr(section, name)) for name, row in rows.items()}
    days = {
        name: _figure(f"dosing day of {name}", row, section.dosing_day.get(name))
        for name, row in held["dosing_day"].items()
    }
    worth = {
        state: _figure(f"utility, {state.replace('_', ' ')}", row, getattr(section.utility, state))
        for state, row in held["utility"][group].items()
    }
    used = {dose.medicine for arm in protocol.arms for dose in arm.doses}
    shown = [*given.values(), *(f for name, f in days.items() if name in used), *worth.values()]
    if section.view == "payer":
        shown = [figure for figure in shown if figure.name not in _SOCIETY]
    currency = section.currency or held["currency"]
    other = [f.name for f in shown if f.unit.startswith(held["currency"]) and f.kind != "yours" and f.value]
    if currency != held["currency"] and other:
        raise ProtocolError(
            f"the package's prices are in {held['currency']}; in {currency}, name these too: {', '.join(other)}",
            where="economics.currency",
        )
    return Prices(
        currency=currency,
        view=section.view,
        horizon_days=horizon,
        therapists=Therapists(dosing=given["therapists_dosing"].value, session=given["therapists_session"].value),
        course=section.course,
        dosing_day={name: found.value for name, found in days.items()},
        utility={state: found.value for state, found in worth.items()},
        knows_society=currency == held["currency"]
        or all(given[name].kind == "yours" or not given[name].value for name in _SOCIETY),
        figures=tuple(shown),
        **{
            name: given[name].value
            for name in ("threshold", "discount", "therapist_hour", "person_hour", "care_year", "illness_year")
        },
    )


def _figure(name: str, row: Mapping[str, Any], yours: float | None) -> Figure:
    unit = row.get("unit", "utility")
    if yours is not None:
        return Figure(name=name, value=float(yours), unit=unit, kind="yours", note=_YOURS)
    return Figure(
        name=name, value=float(row["value"]), unit=unit, kind=row["kind"], source=row.get("source", ""),
        note=row.get("note", ""),
    )  # fmt: skip


def assumed(prices: Prices) -> Iterator[Figure]:
    """Yield the figures that nobody published."""
    yield from (figure for figure in prices.figures if figure.kind == "assumed")
