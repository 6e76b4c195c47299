"""One fact: a number or a tight set of numbers, or a finding in words, with where it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

__all__ = ["FORMS", "LEVELS", "Fact", "Form", "Level", "SafetyFact", "Value"]

Form = Literal["number", "interval", "series", "counts", "named", "summaries", "pairs", "formulas", "words"]

FORMS: Mapping[Form, str] = {
    "number": "one number",
    "interval": "the lower and the upper end",
    "series": "numbers in an order that `labels`, the quantity or the units tell",
    "counts": "how many of how many, alone or by name",
    "named": "by name, a number, an interval or a series",
    "summaries": "by name, a mean, its SD and where told the people",
    "pairs": "a score on one scale with that on another",
    "formulas": "by scale, a score from that of another",
    "words": "a finding without a number that could be used alone",
}
"""Every form of a value, and what it holds."""

Level = Literal["contraindication", "interaction", "caution", "monitoring", "risk_figure"]

LEVELS: tuple[Level, ...] = get_args(Level)
"""Every level of a safety fact, the gravest first."""

Value = float | str | tuple[float, ...] | tuple[tuple[float, ...], ...] | Mapping[str, float | str | tuple[float, ...]]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One fact.

    Parameters
    ----------
    id : str
        Unique in its file.
    file : str
        Name of its file without the ending.
    topic : str
        What it is about, such as pk, alliance or contraindication.
    what : str
        The quantity in words.
    form : str
        A key of `FORMS`.
    value : float, tuple, mapping or str
        In `units`; what it holds is told by `form`.
    units : str
        For words, when or of what they hold; often empty.
    labels : tuple of str
        Names of the numbers of a series, in its order; empty when only the quantity or the units tell them.
    spread : mapping of str to float or pair of float
        What is told of the uncertainty in numbers: ``sd``, ``cv_percent``, ``ci95``, ``ci90``, ``iqr``, ``range``,
        ``n``, ``studies`` or ``p``.
    uncertainty : str
        What is told of it beside that, in words.
    population, study, note : str
    conditions : mapping of str to str
        Dose, time, medicine or level that it holds for.
    source : str
        The page, the publication it is recalled from, or how it was computed here.
    pages : tuple of str
        Addresses in `source`.
    verified : bool
        Whether the number was read on the page named; else it is a weak prior.
    computed : bool
        Whether it was computed here from other facts rather than read or recalled.
    used_by : tuple of str
        What in the package names it, such as ``value of parameter habit_rate``.
    """

    id: str
    file: str
    topic: str
    what: str
    form: Form
    value: Value
    units: str = ""
    labels: tuple[str, ...] = ()
    spread: Mapping[str, float | tuple[float, float]] = field(default_factory=dict)
    uncertainty: str = ""
    population: str = ""
    study: str = ""
    note: str = ""
    conditions: Mapping[str, str] = field(default_factory=dict)
    source: str
    pages: tuple[str, ...] = ()
    verified: bool
    computed: bool = False
    used_by: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """``verified``, ``recalled`` or ``computed``."""
        return "verified" if self.verified else "computed" if self.computed else "recalled"

    @property
    def in_words(self) -> str:
        """The value with its unit and spread, on one line."""
        told = [_spread(name, part) for name, part in self.spread.items()]
        inside = "; ".join(text for text in (*told, self.uncertainty) if text)
        joined = ", " if self.form == "words" else " "
        text = joined.join(part for part in (_shown(self), self.units) if part)
        return f"{text} ({inside})" if inside else text

    @property
    def numbers(self) -> tuple[float, ...]:
        """Every number of the value, in order; none for words."""
        if isinstance(self.value, Mapping):
            return tuple(number for part in self.value.values() for number in _flat(part))
        return _flat(self.value)


@dataclass(frozen=True, kw_only=True)
class SafetyFact(Fact):
    """A fact that a protocol is screened against.

    Parameters
    ----------
    level : {"contraindication", "interaction", "caution", "monitoring", "risk_figure"}
        How it is meant.
    medicines : tuple of str
        The medicines it is about.
    when : tuple of str
        Classes of the safety room's ``words.yaml`` that call it up.
    when_repeated : bool
        True when giving the medicine on more than one day calls it up as well.
    reference : str
        Key of the source in ``references.bib``; empty when recalled.
    """

    level: Level
    medicines: tuple[str, ...]
    when: tuple[str, ...] = ()
    when_repeated: bool = False
    reference: str = ""

    @property
    def always_shown(self) -> bool:
        """True for what is watched whenever one of the medicines is given."""
        return self.level == "monitoring" and not self.when


def _flat(part: object) -> tuple[float, ...]:
    if isinstance(part, tuple):
        return tuple(number for inner in part for number in _flat(inner))
    return (part,) if isinstance(part, float) else ()


def _shown(fact: Fact) -> str:
    value = fact.value
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_part(part, fact.form)}" for name, part in value.items())
    if fact.form == "series" and fact.labels and isinstance(value, tuple):
        return "; ".join(f"{label}: {_part(part, 'number')}" for label, part in zip(fact.labels, value, strict=True))
    return _part(value, fact.form)


def _part(part: object, form: str) -> str:
    if isinstance(part, float):
        return f"{part:.10g}"
    if not isinstance(part, tuple):
        return str(part)
    parts = [f"{number:.10g}" for number in part if isinstance(number, float)]
    if form == "pairs":
        return ", ".join(f"{first:g} = {second:g}" for first, second in part)
    if form == "summaries":
        return f"{parts[0]} (SD {parts[1]}{f', n {parts[2]}' if len(parts) > 2 else ''})"
    if form == "counts":
        return " of ".join(parts)
    ordered = form in ("interval", "named") and len(part) == 2 and part[0] <= part[1]
    return (" to " if ordered else ", ").join(parts)


def _spread(name: str, value: float | tuple[float, float]) -> str:
    names = {"sd": "SD", "cv_percent": "CV %", "ci95": "95 % interval", "ci90": "90 % interval", "iqr": "quartiles"}
    return f"{names.get(name, name)} {_part(value, 'interval')}"
