"""One dose of a medicine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, StrictBool, field_validator, model_validator

from afterglow.medicines import MEDICINES
from afterglow.medicines.medicine import DoseLimit, LargestDose
from afterglow.protocol.part import Part
from afterglow.protocol.sentences.phrase import length, when
from afterglow.protocol.sentences.quantity import Days, Hours, Milligrams, MilligramsPerKg
from afterglow.protocol.vocabulary import FURTHEST_DAY, ROUTE_WORDS, known_word
from afterglow.units import number_text, split_amount, units_of

__all__ = ["Dose"]

_ABSURD = 100.0
"""Doses so many times above the largest reported are taken for a slip, never for a plan."""


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
        Exactly one of them; placebo may have neither. ``dose="25 mg"`` or ``dose="0.5 mg/kg"`` may stand for either.
    route : str
    duration_h : float
        Infusion time; none means at once.
    extrapolated : bool
        True when the dose lies above those whose kinetics were studied; a protocol sets it.

    Raises
    ------
    ProtocolError
        If a word is unknown, the medicine is not given by that route, or the dose is missing, zero, negative, not
        finite or more than 100 times the largest reported.
    """

    day: Annotated[Days, Field(ge=-FURTHEST_DAY, le=FURTHEST_DAY)]
    hour: Annotated[Hours, Field(ge=0, lt=24)] = 0.0
    medicine: str
    dose_mg: Annotated[Milligrams, Field(ge=0)] | None = None
    dose_mg_per_kg: Annotated[MilligramsPerKg, Field(ge=0)] | None = None
    route: str
    duration_h: Annotated[Hours, Field(ge=0, le=24)] | None = None
    extrapolated: StrictBool = False

    @model_validator(mode="before")
    @classmethod
    def _short_words(cls, data: Any) -> Any:
        """Read ``dose`` and ``duration``, which are written with their unit."""
        if not isinstance(data, Mapping) or not {"dose", "duration"} & set(data):
            return data
        fields = dict(data)
        if "dose" in fields:
            key, amount = _dose_field(fields.pop("dose"))
            if fields.get(key) is not None:
                raise ValueError(f"the dose is written twice, as dose and as {key}; keep one")
            fields[key] = amount
        if "duration" in fields:
            duration = fields.pop("duration")
            if not isinstance(duration, str) or not (split_amount(duration) or (0, ""))[1]:
                raise ValueError(f"duration needs a unit, such as '40 min', got {str(duration)[:30]!r}")
            if fields.get("duration_h") is not None:
                raise ValueError("the duration is written twice, as duration and as duration_h; keep one")
            fields["duration_h"] = duration
        return fields

    @field_validator("medicine", mode="before")
    @classmethod
    def _medicine(cls, value: Any) -> str:
        return known_word(value, MEDICINES, "medicine")

    @field_validator("route", mode="before")
    @classmethod
    def _route(cls, value: Any) -> str:
        return known_word(value, ROUTE_WORDS, "route")

    @model_validator(mode="after")
    def _consistent(self) -> Dose:
        routes = MEDICINES[self.medicine].routes
        if self.route not in routes:
            known = ", ".join(routes)
            raise ValueError(f"{self.medicine} is not given {self.route_text}; known routes: {known}")
        self._check_amount()
        if self.duration_h and self.route != "iv":
            raise ValueError(f"only an iv dose runs over time, not one given {self.route_text}; leave the duration out")
        return self

    def _check_amount(self) -> None:
        given = [amount for amount in (self.dose_mg, self.dose_mg_per_kg) if amount is not None]
        if MEDICINES[self.medicine].is_inert:
            if len(given) == 2 or any(given):
                raise ValueError(f"{self.medicine} holds no medicine, got {self.amount}; leave the dose out")
            return
        if len(given) != 1:
            got = "both" if given else "neither"
            raise ValueError(f"a dose of {self.medicine} needs either dose_mg or dose_mg_per_kg, got {got}")
        if not given[0]:
            raise ValueError(f"a dose of {self.medicine} must be above 0; for an inactive arm use placebo")
        limit = self.limit
        if limit and self.share_of(limit.reported) > _ABSURD:
            raise ValueError(
                f"{self.amount} {self.medicine} is more than {_ABSURD:.0f} times the largest dose reported; "
                "check the unit"
            )

    @property
    def amount(self) -> str:
        """The dose as a person writes it, such as ``25 mg``; empty for a placebo without one."""
        if self.dose_mg_per_kg is not None:
            return f"{number_text(self.dose_mg_per_kg)} mg/kg"
        return "" if self.dose_mg is None else f"{number_text(self.dose_mg)} mg"

    @property
    def limit(self) -> DoseLimit | None:
        """How far doses by this route are known; None for what holds no medicine or is not modelled."""
        return MEDICINES[self.medicine].dose_limits.get(self.route)

    @property
    def route_text(self) -> str:
        """The route in words."""
        return self.route.replace("_", " ")

    def share_of(self, largest: LargestDose) -> float:
        """Return the dose as a multiple of `largest`."""
        return largest.share(mg=self.dose_mg, mg_per_kg=self.dose_mg_per_kg)

    @property
    def time_h(self) -> float:
        """Hours from the start of day 0."""
        return self.day * 24.0 + self.hour

    @property
    def start_day(self) -> float:
        """When it begins, in days from the start of day 0."""
        return self.day + self.hour / 24.0

    @property
    def end_day(self) -> float:
        """When it has been given, in days from the start of day 0."""
        return self.start_day + (self.duration_h or 0.0) / 24.0

    def to_sentence(self) -> str:
        """Write the dose as a sentence, such as ``psilocybin 25 mg oral on day 0``."""
        name = MEDICINES[self.medicine].display_name
        over = "" if self.duration_h is None else f"over {length(self.duration_h)}"
        words = (name, self.amount, self.route_text, over, when(self.day, self.hour))
        return " ".join(word for word in words if word) + (", extrapolated" if self.extrapolated else "")


def _dose_field(value: Any) -> tuple[str, Any]:
    """Say which field ``dose`` means."""
    if isinstance(value, bool) or not isinstance(value, str):
        raise ValueError(f"a dose needs a unit: write '25 mg' or '0.5 mg/kg', got {str(value)[:30]!r}")
    parts = split_amount(value)
    if parts is None or not parts[1]:
        raise ValueError(f"a dose needs a number and a unit, such as '25 mg' or '0.5 mg/kg', got {value[:30]!r}")
    if parts[1].lower() in units_of("mg/kg"):
        return "dose_mg_per_kg", value
    return "dose_mg", value
