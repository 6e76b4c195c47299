"""Whom a trial includes, what it measures, and who knows what."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from afterglow.errors import ProtocolError
from afterglow.protocol.strict import Part
from afterglow.scales.instruments import scale as find_scale
from afterglow.scales.links import family_of

__all__ = ["CYP2D6_EUROPE", "Assessment", "Blinding", "Population"]

CYP2D6_EUROPE = {"poor": 0.065, "intermediate": 0.384, "normal": 0.527, "ultrarapid": 0.024}
"""Assumed shares of CYP2D6 phenotypes, of the size reported for European populations."""


def _scale_id(value: Any) -> str:
    try:
        return find_scale(str(value)).id
    except ProtocolError as error:
        raise ValueError(error.message) from None


class Assessment(Part):
    """A scale and the days on which it is rated."""

    scale: str
    days: Annotated[tuple[float, ...], Field(min_length=1)]

    @field_validator("scale", mode="before")
    @classmethod
    def _known(cls, value: Any) -> str:
        return _scale_id(value)

    @field_validator("days")
    @classmethod
    def _in_order(cls, days: tuple[float, ...]) -> tuple[float, ...]:
        if any(later <= earlier for earlier, later in zip(days, days[1:], strict=False)):
            raise ValueError(f"days of assessment must rise, got {', '.join(f'{d:g}' for d in days)}")
        return days


class Blinding(Part):
    """Who knows the arm: ``open``, everybody; ``blinded``, people guess from what they feel."""

    design: Literal["open", "blinded"] = "open"
    comparator: str = ""


class Population(Part):
    """The people included.

    Parameters
    ----------
    condition : str
    scale : str
        Scale of the baseline and of the threshold.
    baseline_mean, baseline_sd : float
        Observed baseline score of the included.
    inclusion_min : float
        Lowest observed score that was included.
    weight_mean_kg, weight_sd_kg, female_fraction, age_mean, age_sd : float
    cyp2d6 : dict of str to float
        Shares of poor, intermediate, normal and ultrarapid metabolisers; they sum to 1.
    ssri_fraction : float
        Share of participants taking an SSRI at dosing.
    medications, history : tuple of str
        Words for the safety checks.
    """

    condition: str
    scale: str
    baseline_mean: float
    baseline_sd: Annotated[float, Field(gt=0)]
    inclusion_min: float | None = None
    weight_mean_kg: Annotated[float, Field(gt=20, lt=300)] = 75.0
    weight_sd_kg: Annotated[float, Field(ge=0, lt=80)] = 15.0
    female_fraction: Annotated[float, Field(ge=0, le=1)] = 0.5
    age_mean: Annotated[float, Field(ge=18, le=90)] = 40.0
    age_sd: Annotated[float, Field(ge=0, le=30)] = 12.0
    cyp2d6: dict[str, float] = Field(default_factory=lambda: dict(CYP2D6_EUROPE))
    ssri_fraction: Annotated[float, Field(ge=0, le=1)] = 0.0
    medications: tuple[str, ...] = ()
    history: tuple[str, ...] = ()

    @field_validator("scale", mode="before")
    @classmethod
    def _known(cls, value: Any) -> str:
        return _scale_id(value)

    @field_validator("condition", mode="before")
    @classmethod
    def _condition(cls, value: Any) -> str:
        word = str(value).strip().lower().replace(" ", "_")
        try:
            family_of(word)
        except ProtocolError as error:
            raise ValueError(error.message) from None
        return word

    @model_validator(mode="after")
    def _possible(self) -> Population:
        instrument = find_scale(self.scale)
        if not instrument.low < self.baseline_mean < instrument.high:
            raise ValueError(
                f"a baseline mean of {self.baseline_mean:g} lies outside the {self.scale} range of "
                f"{instrument.low:g} to {instrument.high:g}"
            )
        unknown = set(self.cyp2d6) - set(CYP2D6_EUROPE)
        if unknown:
            raise ValueError(f"unknown CYP2D6 phenotype '{min(unknown)}'; known: {', '.join(CYP2D6_EUROPE)}")
        if any(share < 0 for share in self.cyp2d6.values()) or abs(sum(self.cyp2d6.values()) - 1) > 0.01:
            raise ValueError(f"the CYP2D6 shares must be 0 or more and sum to 1, got {sum(self.cyp2d6.values()):g}")
        return self
