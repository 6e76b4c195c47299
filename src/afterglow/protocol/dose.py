"""One dose of a medicine."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from afterglow.protocol.strict import Part
from afterglow.protocol.studied import studied_range
from afterglow.protocol.vocabulary import MEDICINES, ROUTES, known_word

__all__ = ["Dose"]

_ABSURD = 100.0
"""Doses so many times above the studied range are taken for a slip, never for a plan."""


class Dose(Part):
    """One dose; a supplemental dose is a row of its own with a later hour.

    Parameters
    ----------
    day : float
        Days from the first dosing day.
    hour : float
        Hours after the start of that day's dosing session.
    medicine : str
    dose_mg, dose_mg_per_kg : float
        Exactly one of them; placebo may have neither.
    route : str
    duration_h : float
        Infusion time; none means at once.
    extrapolated : bool
        True when the dose lies above the studied range and that was allowed.
    """

    day: Annotated[float, Field(ge=-3650, le=3650)]
    hour: Annotated[float, Field(ge=0, lt=24)] = 0.0
    medicine: str
    dose_mg: Annotated[float, Field(ge=0)] | None = None
    dose_mg_per_kg: Annotated[float, Field(ge=0)] | None = None
    route: str
    duration_h: Annotated[float, Field(ge=0, le=24)] | None = None
    extrapolated: bool = False

    @field_validator("medicine", mode="before")
    @classmethod
    def _medicine(cls, value: Any) -> str:
        return known_word(value, MEDICINES, "medicine")

    @field_validator("route", mode="before")
    @classmethod
    def _route(cls, value: Any) -> str:
        return known_word(value, ROUTES["ketamine"], "route")

    @model_validator(mode="after")
    def _consistent(self) -> Dose:
        routes = ROUTES[self.medicine]
        if self.route not in routes:
            raise ValueError(f"{self.medicine} is not given {self.route}; known routes: {', '.join(routes)}")
        if self.medicine == "placebo":
            return self
        if (self.dose_mg is None) == (self.dose_mg_per_kg is None):
            got = "neither" if self.dose_mg is None else "both"
            raise ValueError(f"a dose of {self.medicine} needs either dose_mg or dose_mg_per_kg, got {got}")
        amount = self.dose_mg if self.dose_mg is not None else self.dose_mg_per_kg
        if not amount:
            raise ValueError(f"a dose of {self.medicine} must be above 0; for an inactive arm use placebo")
        if self.excess > _ABSURD:
            raise ValueError(
                f"a dose of {self.amount} {self.medicine} is more than {_ABSURD:.0f} times the studied range; check the unit"
            )
        return self

    @property
    def amount(self) -> str:
        """The dose as a person writes it, such as ``25 mg``."""
        return f"{self.dose_mg or 0:g} mg" if self.dose_mg_per_kg is None else f"{self.dose_mg_per_kg:g} mg/kg"

    @property
    def excess(self) -> float:
        """The dose over the largest studied one: above 1 is extrapolation."""
        limit = studied_range(self.medicine, self.route)
        if limit is None:
            return 0.0
        if self.dose_mg_per_kg is not None:
            return self.dose_mg_per_kg / limit.mg_per_kg
        return (self.dose_mg or 0.0) / limit.mg
