"""The facts that a protocol is screened against, and how each is said in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from afterglow.errors import AfterglowError, nearest
from afterglow.evidence.facts.fact import LEVELS, SafetyFact
from afterglow.evidence.facts.fact_file import fact_file

__all__ = ["fact", "facts", "number_of", "sentence_of"]

_SHARES = {"fraction": "", "fraction_of_administrations": " of administrations"}


def facts() -> tuple[SafetyFact, ...]:
    """List every safety fact, the gravest first."""
    return tuple(_table().values())


def fact(name: str) -> SafetyFact:
    """Find one safety fact by its name.

    Raises
    ------
    AfterglowError
        If no fact has this name; the message names the nearest ones.
    """
    try:
        return _table()[name]
    except KeyError:
        raise AfterglowError(f"no safety fact is called '{name}'; {nearest(name, _table())}") from None


@cache
def _table() -> dict[str, SafetyFact]:
    held = [row for row in fact_file("safety").facts if isinstance(row, SafetyFact)]
    return {row.id: row for row in sorted(held, key=lambda row: LEVELS.index(row.level))}


def number_of(row: SafetyFact) -> str:
    """Write the value of a fact with its unit and interval.

    Returns
    -------
    str
        Such as ``47 % (95 % interval 41 to 54 %)``; empty when it is a finding in words.
    """
    if row.form == "words":
        return ""
    if isinstance(row.value, Mapping):
        return ", ".join(f"{name.replace('_', ' ')} {part:g}" for name, part in row.value.items()) + f" {row.units}"
    text = _amount(row.numbers, row.units)
    interval = row.spread.get("ci95")
    if not isinstance(interval, tuple):
        return text
    low, high = interval
    return f"{text} (95 % interval {_amount((low,), row.units, bare=True)} to {_amount((high,), row.units)})"


def sentence_of(row: SafetyFact) -> str:
    """Write a fact as one sentence with its number, its note and how sure it is."""
    number = number_of(row)
    recalled = "" if row.verified else "recalled, not verified on a page"
    parts = (row.what + (f": {number}" if number else ""), row.note, recalled)
    return "; ".join(part for part in parts if part) + "."


def _amount(values: tuple[float, ...], units: str, *, bare: bool = False) -> str:
    """Write numbers with their unit; fractions as per cent."""
    if units in _SHARES:
        unit = "" if bare else f" %{_SHARES[units]}"
        return ", ".join(f"{100 * value:g}" for value in values) + unit
    unit = "" if bare else f" {units.replace('_', ' ')}"
    return ", ".join(f"{value:g}" for value in values) + unit
