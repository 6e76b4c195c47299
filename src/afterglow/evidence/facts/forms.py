"""The value and the spread of a fact, from the looser forms in which a file may have them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from afterglow.errors import ProtocolError
from afterglow.evidence.facts.fact import FORMS, Form, Value
from afterglow.evidence.values import as_line, finite

__all__ = ["formed", "spread_of"]

_TWO_THINGS = re.compile(r" / | v |;")
"""In the words of two numbers: they are two quantities, not the ends of one."""

_OUT_OF = re.compile(r"(\w+) of \1|count\b.*\bn")
_SUMMARY = re.compile(r"\bmean(?:,| and) SD(?:, n)?$")
_NUMBER = r"-?\d+(?:\.\d+)?(?:[eE]-?\d+)?"
_ENDS = re.compile(r"(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)")
"""An interval written as words."""

_SPREADS = (
    ("ci95", re.compile(rf"(?:bootstrap )?95 ?% CI ({_NUMBER})(?:-| to )({_NUMBER})")),
    ("ci90", re.compile(rf"90 ?% CI ({_NUMBER})(?:-| to )({_NUMBER})")),
    ("iqr", re.compile(rf"IQR ({_NUMBER})(?:-| to )({_NUMBER})")),
    ("range", re.compile(rf"range ({_NUMBER})(?:-| to )({_NUMBER})")),
    ("sd", re.compile(rf"SD ({_NUMBER})")),
    ("cv_percent", re.compile(rf"(?:IIV|between-subject) CV ({_NUMBER}) ?%")),
    ("p", re.compile(rf"p ?= ?({_NUMBER})")),
    ("n", re.compile(r"n ?= ?(\d+)")),
)
_TOLD = {"ci95": "ci95", "range": "range", "n": "n", "p": "p", "k": "studies", "studies": "studies", "sd": "sd"}
"""By key of a mapping of uncertainty, the name of the spread."""

_AROUND = ("ci95", "ci90", "range", "iqr")
_EVERY_NAME = ("number", "interval", "series")


def formed(value: Any, *, words: str = "", units: str = "", form: str = "") -> tuple[Form, Value]:
    """Return the form of a value, and the value with every number checked.

    Two numbers in rising order, in a list or written as ``4-6``, are the ends of an interval, unless their words name
    two things, as in ``active / control``; `form` says otherwise where that is wrong.

    Parameters
    ----------
    value : number, text, list or mapping
    words : str
        What the quantity is called.
    units : str
    form : str
        A key of `FORMS` when the file tells it.

    Raises
    ------
    ProtocolError
        If it has none of the forms.
    """
    if form and form not in FORMS:
        raise ProtocolError(f"'{form[:40]}' is no form of a value; use {', '.join(FORMS)}")
    if isinstance(value, Mapping):
        found, typed = _named(value, units)
    elif isinstance(value, list):
        found, typed = _listed(value, words, units, form)
    elif isinstance(value, str):
        ends = _ENDS.fullmatch(as_line(value))
        found, typed = (
            _listed([float(end) for end in ends.groups()], "", "", "interval") if ends else ("words", as_line(value))
        )
    else:
        found, typed = "number", finite(value)
    if form and form != found:
        raise ProtocolError(f"it is called {form}, but its value is {found}: {FORMS[found]}")
    return found, typed


def _listed(value: list[Any], words: str, units: str, form: str) -> tuple[Form, Value]:
    if not value:
        raise ProtocolError("its list of numbers is empty")
    if all(isinstance(part, list) for part in value):
        if any(len(part) != 2 for part in value):
            raise ProtocolError("each of its pairs must hold two numbers")
        return "pairs", tuple((finite(first), finite(second)) for first, second in value)
    numbers = tuple(finite(part) for part in value)
    if len(numbers) == 2 and (form == "counts" or _OUT_OF.fullmatch(units)):
        return "counts", _counted(numbers)
    rising = len(numbers) == 2 and numbers[0] <= numbers[1]
    if form == "interval" and not rising:
        raise ProtocolError("the lower end of an interval comes first, and it has two ends")
    if rising and form != "series" and (form == "interval" or not _TWO_THINGS.search(f"{words} {units}")):
        return "interval", numbers
    return "series", numbers


def _named(value: Mapping[str, Any], units: str) -> tuple[Form, Value]:
    if not value:
        raise ProtocolError("its mapping of numbers is empty")
    if all(isinstance(part, str) for part in value.values()):
        return "formulas", {str(name): as_line(part) for name, part in value.items()}
    parts: dict[str, float | str | tuple[float, ...]] = {}
    lists = all(isinstance(part, list) for part in value.values())
    kind: Form = "named"
    if lists and _OUT_OF.fullmatch(units):
        kind = "counts"
    elif lists and _SUMMARY.search(units):
        kind = "summaries"
    for name, part in value.items():
        try:
            parts[str(name)] = _of_name(part, kind)
        except ProtocolError as wrong:
            raise ProtocolError(f"'{name}': {wrong.message}") from None
    return kind, parts


def _of_name(part: Any, kind: Form) -> float | tuple[float, ...]:
    form, typed = formed(part)
    if form not in _EVERY_NAME:
        raise ProtocolError("a number or a list of numbers was expected")
    if kind == "counts":
        return _counted(cast("tuple[float, ...]", typed))
    if kind == "summaries":
        numbers = cast("tuple[float, ...]", typed)
        if len(numbers) not in (2, 3) or min(numbers[1:]) <= 0:
            raise ProtocolError("a mean with an SD above 0, and where told the people, was expected")
        return numbers
    return cast("float | tuple[float, ...]", typed)


def _counted(numbers: tuple[float, ...]) -> tuple[float, ...]:
    if len(numbers) != 2 or not 0 <= numbers[0] <= numbers[1]:
        raise ProtocolError(f"it counts {as_line(numbers)}, which is not some of all")
    return numbers


def spread_of(told: Any, value: Value) -> tuple[dict[str, float | tuple[float, float]], str]:
    """Return what is told of the uncertainty as named numbers, and the rest of it in words.

    Parameters
    ----------
    told : str, mapping, pair of float or None
        As in the file; a pair is a 95 % interval.
    value : Value
        What the spread is of.

    Raises
    ------
    ProtocolError
        If an interval does not rise or leaves out a single value, or an SD is not above 0.
    """
    if isinstance(told, list):
        told = {"ci95": told}
    found: dict[str, float | tuple[float, float]] = {}
    rest: list[str] = []
    for key, part in told.items() if isinstance(told, Mapping) else ():
        name = _TOLD.get(str(key))
        if name is None or isinstance(part, str):
            rest.append(f"{key} {as_line(part)}")
        elif isinstance(part, list):
            found[name] = _ends(name, [finite(end) for end in part])
        else:
            found[name] = finite(part)
    if not isinstance(told, Mapping):
        found, rest = _from_words(as_line(told))
    _check(found, value)
    return found, "; ".join(rest)


def _from_words(text: str) -> tuple[dict[str, float | tuple[float, float]], list[str]]:
    found: dict[str, float | tuple[float, float]] = {}
    rest: list[str] = []
    for part in re.split(r"; |, (?=range|n ?=|p ?=)", text):
        match = next(((name, hit) for name, shape in _SPREADS if (hit := shape.fullmatch(part))), None)
        if match is None or match[0] in found:
            rest.append(part)
            continue
        name, numbers = match[0], [float(number) for number in match[1].groups()]
        found[name] = _ends(name, numbers) if len(numbers) == 2 else numbers[0]
    return found, [part for part in rest if part]


def _ends(name: str, numbers: list[float]) -> tuple[float, float]:
    if len(numbers) != 2 or numbers[0] > numbers[1]:
        raise ProtocolError(f"its {name} of {as_line(numbers)} is no interval; write the lower end first")
    return numbers[0], numbers[1]


def _check(spread: Mapping[str, float | tuple[float, float]], value: Value) -> None:
    for name, part in spread.items():
        if name in ("sd", "cv_percent", "n", "studies") and isinstance(part, float) and part <= 0:
            raise ProtocolError(f"its {name} is {part:g} but must be above 0")
        if name in _AROUND and isinstance(part, tuple) and isinstance(value, float) and not part[0] <= value <= part[1]:
            raise ProtocolError(f"its value {value:g} lies outside its {name} of {part[0]:g} to {part[1]:g}")
