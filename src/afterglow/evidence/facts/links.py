"""What in the package rests on a fact: links that are computed from names, numbers and pages, never guessed.

A parameter is linked to the rows that it names itself ("row habit_median"), a scale to the fact about the same
property with the same number, and a crosswalk to the rows on its two scales that were read on one of its pages.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

from afterglow.citations import references
from afterglow.evidence.facts.fact import Fact
from afterglow.parameter import Parameter
from afterglow.parameters import PARAMETERS
from afterglow.scales.instruments import SCALES
from afterglow.scales.links import LINKS
from afterglow.scales.scale import Scale

__all__ = ["NamedRow", "named_rows", "pages_of", "users"]

_ROWS = re.compile(r"\brows? ((?:[\w.*]+(?: \([^()]*\))?(?:, | and )?)+)")
_ID = re.compile(r"[A-Za-z]\w*[_.*][\w.*]*\w|[A-Za-z]\w*_\*|[A-Za-z]+\d{4}")
_DERIVED = re.compile(r"fitted here|chosen here|assumed: |over area")
_SAME = 1e-9
_CONVERTED = {("%", "fraction"): 0.01, ("h", "days"): 1 / 24, ("ug/L", "ng/mL"): 1.0, ("multiplier", "ratio"): 1.0}
"""From the first word of a fact's units to a parameter's unit, where the two differ."""


@dataclass(frozen=True, kw_only=True)
class NamedRow:
    """A row of facts that a parameter names.

    Parameters
    ----------
    parameter : Parameter
    id : str
        As the parameter has it; a star stands for any ending.
    """

    parameter: Parameter
    id: str

    def is_on(self, fact: Fact) -> bool:
        """Whether the fact is the row."""
        return fnmatchcase(fact.id, self.id)

    def is_value(self, fact: Fact) -> bool:
        """Whether the parameter takes its number from the fact as it stands, in the same unit or one of its kind."""
        if _DERIVED.search(self.parameter.where) or self.parameter.assumed:
            return False
        to = self._factor(fact)
        if to is None or fact.form not in ("number", "named"):
            return False
        return any(math.isclose(number * to, self.parameter.value, rel_tol=_SAME) for number in fact.numbers)

    def _factor(self, fact: Fact) -> float | None:
        """Return what turns the fact's unit into the parameter's; None when they are not of one kind."""
        first = fact.units.split(" ")[0]
        return 1.0 if first == self.parameter.unit else _CONVERTED.get((first, self.parameter.unit))


@cache
def named_rows() -> tuple[NamedRow, ...]:
    """Return every row that a parameter names in the words on its source, in order."""
    found = []
    for parameter in PARAMETERS.values():
        ids = (word for part in _ROWS.findall(parameter.where) for word in _words(part))
        found += [NamedRow(parameter=parameter, id=one) for one in dict.fromkeys(ids)]
    return tuple(found)


def _words(part: str) -> Iterator[str]:
    for word in re.split(r", | and |\s", re.sub(r" \([^()]*\)", "", part)):
        if _ID.fullmatch(word):
            yield word


def users(fact: Fact) -> tuple[str, ...]:
    """Say which parameters, scales and crosswalks of the package rest on a fact.

    Parameters
    ----------
    fact : Fact

    Returns
    -------
    tuple of str
        Such as ``value of parameter habit_rate``; empty when no link can be computed.
    """
    return (*_parameters(fact), *_scales(fact), *_crosswalks(fact))


def _parameters(fact: Fact) -> Iterator[str]:
    for row in named_rows():
        if row.is_on(fact):
            yield f"{'value of' if row.is_value(fact) else 'named by'} parameter {row.parameter.name}"


def _scales(fact: Fact) -> Iterator[str]:
    own, _, name = fact.id.partition(".")
    if fact.topic != "scales" or own not in SCALES:
        return
    scale = SCALES[own]
    if name in _SAME_PROPERTY and _SAME_PROPERTY[name](scale, fact):
        yield f"{name.replace('_', ' ')} of scale {own}"


def _is_range(scale: Scale, fact: Fact) -> bool:
    return fact.value == (scale.low, scale.high)


def _are_items(scale: Scale, fact: Fact) -> bool:
    return fact.value == scale.items


def _are_bands(scale: Scale, fact: Fact) -> bool:
    bands = {band.name.replace(" ", "_"): (band.low, band.high) for band in scale.bands}
    return isinstance(fact.value, Mapping) and dict(fact.value) == bands


_SAME_PROPERTY = {"range": _is_range, "items": _are_items, "severity_bands": _are_bands}


def _crosswalks(fact: Fact) -> Iterator[str]:
    if fact.topic != "crosswalks" or fact.form != "pairs":
        return
    scales = set(fact.what.split(":")[0].split(" to "))
    for link in LINKS.values():
        pages = {page for key in link.sources for page in pages_of(key)}
        if {link.scale, link.reference} == scales and pages.intersection(fact.pages):
            yield f"same page as crosswalk {link.reference} to {link.scale}"


def pages_of(key: str) -> tuple[str, ...]:
    """Return the address of a key of ``references.bib``, or the key itself where it is an address."""
    if key.startswith("http"):
        return (key,)
    return tuple(one.url for one in references() if one.key == key and one.url)
