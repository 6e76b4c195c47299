"""Whom a trial includes, what it measures, and who knows what."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from afterglow.errors import ProtocolError
from afterglow.protocol.part import Part
from afterglow.protocol.sentences.quantity import Days, Kilograms, Plain
from afterglow.protocol.sentences.text import Label, Words
from afterglow.protocol.vocabulary import FURTHEST_DAY, RECOVERED_BY, SETTINGS, known_word
from afterglow.scales.instruments import scale as find_scale
from afterglow.scales.links import family_of

__all__ = ["CYP2D6_EUROPE", "Assessment", "Blinding", "Population"]

CYP2D6_EUROPE = {"poor": 0.065, "intermediate": 0.384, "normal": 0.527, "ultrarapid": 0.024}
"""Shares of CYP2D6 phenotypes in Europeans, as recalled from gaedigk2017 and so assumed."""


def _scale_id(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"a scale must be a word such as MADRS, got {str(value)[:60]!r}")
    try:
        return find_scale(value).id
    except ProtocolError as error:
        raise ValueError(error.message) from None


class Assessment(Part):
    """A scale and the days on which it is rated.

    Parameters
    ----------
    scale : str
    days : tuple of float
        Rising.
    """

    scale: str
    days: Annotated[
        tuple[Annotated[Days, Field(ge=-FURTHEST_DAY, le=FURTHEST_DAY)], ...], Field(min_length=1, max_length=2000)
    ]

    @field_validator("scale", mode="before")
    @classmethod
    def _known(cls, value: Any) -> str:
        return _scale_id(value)

    @field_validator("days", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return value if isinstance(value, (list, tuple)) else [value]

    @field_validator("days")
    @classmethod
    def _in_order(cls, days: tuple[float, ...]) -> tuple[float, ...]:
        wrong = next(((a, b) for a, b in pairwise(days) if b <= a), None)
        if wrong:
            raise ValueError(f"days of assessment must rise, but {wrong[1]:g} follows {wrong[0]:g}")
        return days


class Blinding(Part):
    """Who knows the arm.

    Parameters
    ----------
    design : {"open", "blinded"}
        ``open``: everybody knows; ``blinded``: people guess from what they feel.
    comparator : str
        What the trial compares with, in words.
    """

    design: str = "open"
    comparator: Label = ""

    @field_validator("design", mode="before")
    @classmethod
    def _design(cls, value: Any) -> str:
        return known_word(value, ("open", "blinded"), "design of blinding")


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
    setting : {"outpatient", "inpatient"}
        Where people are when the course begins.
    recovered_by : str
        What made them well, where they are well at the start, as in trials of relapse: therapy, antidepressant, ect or
        ketamine. Empty where they are ill.
    episode_mean : float or None
        Their mean score on `scale` when they were ill; None for that of a usual trial of the condition.
    weight_mean_kg, weight_sd_kg, female_fraction, age_mean, age_sd : float
    cyp2d6 : dict of str to float
        Shares of poor, intermediate, normal and ultrarapid metabolisers; they sum to 1.
    ssri_fraction : float
        Share of participants taking an SSRI at dosing.
    medications, history : tuple of str
        Words for the safety checks.

    Raises
    ------
    ProtocolError
        If the condition or scale is unknown, or a number is impossible on the scale or for people.
    """

    condition: str
    scale: str
    baseline_mean: Plain
    baseline_sd: Annotated[Plain, Field(gt=0)]
    inclusion_min: Plain | None = None
    setting: str = "outpatient"
    recovered_by: str = ""
    episode_mean: Plain | None = None
    weight_mean_kg: Annotated[Kilograms, Field(gt=20, lt=300)] = 75.0
    weight_sd_kg: Annotated[Kilograms, Field(ge=0, lt=80)] = 15.0
    female_fraction: Annotated[Plain, Field(ge=0, le=1)] = 0.5
    age_mean: Annotated[Plain, Field(ge=18, le=90)] = 40.0
    age_sd: Annotated[Plain, Field(ge=0, le=30)] = 12.0
    cyp2d6: dict[str, Plain] = Field(default_factory=lambda: dict(CYP2D6_EUROPE))
    ssri_fraction: Annotated[Plain, Field(ge=0, le=1)] = 0.0
    medications: Words = ()
    history: Words = ()

    @field_validator("scale", mode="before")
    @classmethod
    def _known(cls, value: Any) -> str:
        return _scale_id(value)

    @field_validator("condition", mode="before")
    @classmethod
    def _condition(cls, value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError(f"a condition must be a word such as ptsd, got {str(value)[:60]!r}")
        word = value.strip().lower().replace(" ", "_").replace("-", "_")[:60]
        try:
            family_of(word)
        except ProtocolError as error:
            raise ValueError(error.message) from None
        return word

    @field_validator("setting", mode="before")
    @classmethod
    def _setting(cls, value: Any) -> str:
        return known_word(value, SETTINGS, "setting")

    @field_validator("recovered_by", mode="before")
    @classmethod
    def _recovered_by(cls, value: Any) -> str:
        return "" if value in (None, "") else known_word(value, RECOVERED_BY, "treatment that made people well")

    @field_validator("cyp2d6")
    @classmethod
    def _shares(cls, shares: dict[str, float]) -> dict[str, float]:
        for name in shares:
            known_word(name, CYP2D6_EUROPE, "CYP2D6 phenotype")
        if any(share < 0 for share in shares.values()) or abs(sum(shares.values()) - 1) > 0.01:
            raise ValueError(f"the CYP2D6 shares must be 0 or more and sum to 1, got {sum(shares.values()):g}")
        return {name: shares.get(name, 0.0) for name in CYP2D6_EUROPE}

    @model_validator(mode="after")
    def _possible(self) -> Population:
        instrument = find_scale(self.scale)
        spans = f"the {self.scale} range of {instrument.low:g} to {instrument.high:g}"
        if not instrument.low < self.baseline_mean < instrument.high:
            raise ValueError(f"a baseline mean of {self.baseline_mean:g} lies outside {spans}")
        if self.baseline_sd > (instrument.high - instrument.low) / 2:
            raise ValueError(f"a baseline sd of {self.baseline_sd:g} is wider than {spans} allows")
        if self.inclusion_min is not None and not instrument.low <= self.inclusion_min < self.baseline_mean:
            raise ValueError(
                f"inclusion_min {self.inclusion_min:g} must lie from {instrument.low:g} to below the baseline mean of "
                f"{self.baseline_mean:g}, because everybody included scores at least that"
            )
        if self.episode_mean is not None and not self.recovered_by:
            raise ValueError(
                "episode_mean is of people who are well at the start; say in recovered_by what helped them"
            )
        if self.episode_mean is not None and not self.baseline_mean < self.episode_mean < instrument.high:
            raise ValueError(
                f"an episode_mean of {self.episode_mean:g} must lie above the baseline mean of {self.baseline_mean:g} "
                f"and inside {spans}"
            )
        return self
