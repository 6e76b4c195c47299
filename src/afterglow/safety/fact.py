"""One safety fact, its schema, and the table of all of them."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from afterglow.errors import AfterglowError, nearest

__all__ = ["LEVELS", "Fact", "Level", "fact", "facts"]

Level = Literal["contraindication", "interaction", "caution", "monitoring", "risk_figure"]

LEVELS: tuple[Level, ...] = ("contraindication", "interaction", "caution", "monitoring", "risk_figure")
"""Every level of a fact, the gravest first."""

_SHARES = {"fraction": "", "fraction_of_administrations": " of administrations"}


class Fact(BaseModel):
    """One row of the screening and warning list.

    Parameters
    ----------
    id : str
        Its name.
    medicines : tuple of str
        The medicines it is about.
    level : {"contraindication", "interaction", "caution", "monitoring", "risk_figure"}
        How it is meant.
    fact : str
        What was found or is asked for.
    value : float, tuple of float, mapping of str to float, or None
        The number that belongs to it, in `units`; several when it differs by dose or trial.
    ci95 : pair of float, optional
        95 % confidence interval of a single value, in `units`.
    units : str
        Unit of `value`.
    when : tuple of str
        Classes of ``words.yaml`` that call the row up.
    when_repeated : bool
        True when giving the medicine on more than one day calls the row up as well.
    source : str or None
        Address of the page that was read; None when the fact is recalled.
    reference : str
        Key of the source in ``references.bib``.
    verified : bool
        True when the fact was read in the text of the source.
    note : str
        What else a reader must know.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    medicines: tuple[str, ...] = Field(min_length=1)
    level: Level
    fact: str = Field(min_length=10)
    value: float | tuple[float, ...] | dict[str, float] | None = None
    ci95: tuple[float, float] | None = None
    units: str = ""
    when: tuple[str, ...] = ()
    when_repeated: bool = False
    source: str | None
    reference: str
    verified: bool
    note: str = ""

    @model_validator(mode="after")
    def _has_a_source_when_verified(self) -> Fact:
        if self.verified and not (self.source and self.reference):
            raise ValueError(f"safety fact '{self.id}' is verified, so it needs a source and a reference")
        if self.value is not None and not self.units:
            raise ValueError(f"safety fact '{self.id}' has a value, so it needs units")
        return self

    @property
    def always_shown(self) -> bool:
        """True for what is watched whenever one of the medicines is given."""
        return self.level == "monitoring" and not self.when

    def number(self) -> str:
        """Write the value with its unit and interval.

        Returns
        -------
        str
            Such as ``47 % (95 % interval 41 to 54 %)``; empty when there is no value.
        """
        if self.value is None:
            return ""
        if isinstance(self.value, dict):
            return (
                ", ".join(f"{name.replace('_', ' ')} {number:g}" for name, number in self.value.items())
                + f" {self.units}"
            )
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        text = _amount(values, self.units)
        if self.ci95 is None:
            return text
        low, high = self.ci95
        return f"{text} (95 % interval {_amount((low,), self.units, bare=True)} to {_amount((high,), self.units)})"

    def sentence(self) -> str:
        """Write the fact as one sentence with its number, its note and how sure it is.

        Returns
        -------
        str
        """
        number = self.number()
        parts = [
            self.fact + (f": {number}" if number else ""),
            self.note,
            "" if self.verified else "recalled, not verified on a page",
        ]
        return "; ".join(part for part in parts if part) + "."


def facts() -> tuple[Fact, ...]:
    """List every safety fact, the gravest first.

    Returns
    -------
    tuple of Fact
    """
    return tuple(_table().values())


def fact(id: str) -> Fact:  # noqa: A002
    """Find one safety fact by its name.

    Raises
    ------
    AfterglowError
        If no fact has this name; the message names the nearest ones.
    """
    try:
        return _table()[id]
    except KeyError:
        raise AfterglowError(f"no safety fact is called '{id}'; {nearest(id, _table())}") from None


@cache
def _table() -> dict[str, Fact]:
    text = files("afterglow.evidence").joinpath("facts_data", "safety.yaml").read_text(encoding="utf-8")
    rows = TypeAdapter(tuple[Fact, ...]).validate_json(json.dumps(yaml.safe_load(text)))
    return {row.id: row for row in sorted(rows, key=lambda row: LEVELS.index(row.level))}


def _amount(values: tuple[float, ...], units: str, *, bare: bool = False) -> str:
    """Write numbers with their unit; fractions as per cent."""
    if units in _SHARES:
        unit = "" if bare else f" %{_SHARES[units]}"
        return ", ".join(f"{100 * value:g}" for value in values) + unit
    unit = "" if bare else f" {units.replace('_', ' ')}"
    return ", ".join(f"{value:g}" for value in values) + unit
