"""Read a step written as a sentence into the fields of a mapping step.

A sentence is a first word that says what it is, then phrases in any order, with or without commas. The grammar is
written out in ``docs/reference/protocol.md``.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from afterglow.errors import ProtocolError, nearest
from afterglow.medicines import MEDICINES
from afterglow.protocol.sentences.quantity import per_week
from afterglow.protocol.vocabulary import (
    APPROACHES,
    FORMATS,
    ROUTE_WORDS,
    SESSION_KINDS,
    SPELLINGS,
    spellings_of,
)
from afterglow.units import NUMBER, decimal_comma, read_number, split_amount, units_of

__all__ = ["fields_of_sentence"]

_MOST = 4000
"""Characters of a sentence."""

_END = r"(?![\w.])"
_TIME = "|".join(sorted({*units_of("h"), "months?", "years?"}, key=len, reverse=True))
_LENGTH = rf"{NUMBER}\s*(?:{_TIME})\b\.?"
_AMOUNT = rf"{NUMBER}\s*[a-zµμ%]+(?:\s*/\s*[a-z]+)?"
_NEXT = rf"(?:\s*,\s*and\s+|\s*,\s*|\s+and\s+){NUMBER}{_END}(?!\s*(?:{_TIME}|mg|g|µg|x)\b)"
_DAYS = (
    rf"(?:on\s+)?day\s+(?P<day>{NUMBER}){_END}"
    rf"|(?:on\s+)?days\s+(?P<days>{NUMBER}{_END}(?:{_NEXT})*)"
)
_IN_LIST = re.compile(r"\bdays\s+(?:[-+−\d.,\s]|and\b)*\Z", re.IGNORECASE)
_TOUCHING = re.compile(rf"[-+−]?\d[\d.]*,\d[\d.,]*(?P<unit>\s*(?:{_TIME}|mg|g|[µμu]g|mcg)\b)?", re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_PERIODS = {"daily": "1 day", "weekly": "7 days", "once a day": "1 day", "once a week": "7 days"}
_CLAUSE = re.compile(r"(?:every|x|×|called|twice|daily|weekly|once|until|for|on|day|days|at|over|\d)\b|[×\d]", re.I)

Phrase = tuple[str, str, Callable[[re.Match[str], dict[str, Any]], None]]


def _set(key: str, group: int = 1) -> Callable[[re.Match[str], dict[str, Any]], None]:
    return lambda found, fields: fields.__setitem__(key, " ".join(found[group].split()))


def _number(key: str) -> Callable[[re.Match[str], dict[str, Any]], None]:
    return lambda found, fields: fields.__setitem__(key, read_number(found[1], key))


def _take_days(found: re.Match[str], fields: dict[str, Any]) -> None:
    days = [read_number(text, "the day") for text in re.findall(NUMBER, found["day"] or found["days"])]
    fields["days" if len(days) > 1 else "day"] = days if len(days) > 1 else days[0]


def _take_times(found: re.Match[str], fields: dict[str, Any]) -> None:
    fields["times"] = int(found[1] or found[2])


def _take_frequency(found: re.Match[str], fields: dict[str, Any]) -> None:
    count = 2 if found[1].lower() == "twice" else int(found[2])
    fields["times_a_day" if found[3].lower() in ("day", "daily") else "times_a_week"] = count


def _take_period(found: re.Match[str], fields: dict[str, Any]) -> None:
    fields["every"] = _PERIODS[" ".join(found[1].lower().split())]


def _take_every(found: re.Match[str], fields: dict[str, Any]) -> None:
    fields["every"] = found[1] if re.match(NUMBER, found[1]) else f"1 {found[1]}"


def _take_then(found: re.Match[str], fields: dict[str, Any]) -> None:
    extra = {"dose": _with_unit(found[1]), "after": " ".join(found[2].split())}
    fields.setdefault("supplemental", []).append(extra)


def _take_dose(found: re.Match[str], fields: dict[str, Any]) -> None:
    fields["dose"] = _with_unit(found[1])


def _with_unit(text: str) -> str:
    """Return an amount in mg or mg/kg as written, or say what its unit must be."""
    parts = split_amount(text)
    number, unit = parts or (0.0, "")
    unit = re.sub(r"\s*/\s*", "/", unit).lower()
    if unit in ROUTE_WORDS or unit in SPELLINGS or not unit:
        raise ProtocolError(f"the dose {number:g} needs a unit: write '{number:g} mg' or '{number:g} mg/kg'")
    if unit not in (*units_of("mg"), *units_of("mg/kg")):
        hint = nearest(unit, ("mg", "mg/kg", "g", "µg")).replace("known:", "expected one of:")
        raise ProtocolError(f"'{unit[:30]}' is not a unit of a dose: {hint}")
    return f"{text[: re.match(NUMBER, text).end()]} {unit}"  # type: ignore[union-attr]


def _take_length(found: re.Match[str], fields: dict[str, Any]) -> None:
    number, unit = split_amount(found[1]) or (0.0, "")
    if not unit:
        raise ProtocolError(f"the length {number:g} needs a unit: write '{number:g} min' or '{number:g} h'")
    fields["hours"] = found[1]


def _take_called(found: re.Match[str], fields: dict[str, Any]) -> None:
    try:
        fields["label"] = json.loads(found[1])
    except ValueError:
        raise ProtocolError(f"the label {found[1][:60]} is not text in double quotes") from None


_REPEAT: list[Phrase] = [
    ("every", rf"every\s+({NUMBER}\s*(?:{_TIME})\b|day\b|week\b|hour\b)", _take_every),
    ("every", r"(daily|weekly|once\s+a\s+day|once\s+a\s+week)\b", _take_period),
    ("every", r"(twice|(\d{1,2})\s+times)\s+(?:(?:a|per)\s+)?(day|week|daily|weekly)\b", _take_frequency),
    ("x", r"(?:[x×]\s*(\d{1,4})(?:\s+times)?|(?:for\s+)?(\d{1,4})\s+times)\b", _take_times),
    ("until", rf"until\s+(day\s+{NUMBER}){_END}", _set("until")),
    ("for", rf"for\s+({_LENGTH})", _set("for")),
]
_WHEN: list[Phrase] = [
    ("day", _DAYS, _take_days),
    ("hour", rf"at\s+hour\s+({NUMBER}){_END}", _number("hour")),
    ("hour", rf"at\s+({_LENGTH})", _set("hour")),
]
_ROUTE = "|".join(re.escape(word) for word in spellings_of(ROUTE_WORDS) if word != "in")
_DOSE: list[Phrase] = [
    ("then", rf"then\s+({_AMOUNT}|{NUMBER})\s+after\s+({_LENGTH})", _take_then),
    *_REPEAT,
    *_WHEN,
    ("over", rf"(?:infused\s+)?over\s+({_LENGTH}|{NUMBER}{_END})", _set("duration")),
    ("route", rf"({_ROUTE})(?![\w-])", _set("route")),
    ("extrapolated", r"extrapolated\b", lambda _, fields: fields.__setitem__("extrapolated", True)),
    ("dose", rf"({_AMOUNT}|{NUMBER})", _take_dose),
]
_FORMAT = "|".join(re.escape(word) for word in spellings_of(FORMATS))
_SESSION: list[Phrase] = [
    *_REPEAT,
    *_WHEN,
    ("length", rf"({_LENGTH}|{NUMBER}{_END})", _take_length),
    ("format", rf"({_FORMAT})\b", _set("format")),
    ("called", r'called\s+("(?:[^"\\]|\\.)*")', _take_called),
]
_PRACTICE: list[Phrase] = [
    (
        "rate",
        rf"({NUMBER}\s*(?:{_TIME})?\s*(?:/|per\b|an?\b|each\b|every\b)\s*(?:week|day)\b)",
        lambda found, fields: fields.__setitem__("hours_per_week", per_week(found[1])),
    ),
    ("from", rf"from\s+day\s+({NUMBER}){_END}", _number("from_day")),
    ("to", rf"(?:to|until|till)\s+day\s+({NUMBER}){_END}", _number("to_day")),
    ("for", rf"for\s+({_LENGTH})", _set("for")),
]
_EXPECTED = {
    "dose": "a dose ('25 mg'), a route, 'over 40 min', 'on day 0', 'at hour 2', 'then 60 mg after 1.75 h', "
    "'every 3 days x 6', 'for 4 weeks' or 'until day 60'",
    "session": "a length ('90 min'), a format, 'on day 1', 'at hour 2', ': insights, steps' or ': supportive', "
    "'every 7 days x 3' or 'called \"...\"'",
    "practice": "'3 h per week', 'from day 1', 'to day 60' or 'for 8 weeks'",
    "repeat": "'every 7 days x 3', 'weekly x 3', 'twice a week for 4 weeks' or 'every 7 days until day 60'",
}


_COMMON = ("every", "daily", "weekly", "twice", "until", "times")
_WORDS = {
    "dose": (*ROUTE_WORDS, *_COMMON, "over", "then", "after", "day", "days", "hour"),
    "session": (*FORMATS, *_COMMON, "called", "day", "days", "hour"),
    "practice": ("from", "until", "for", "day", "week"),
    "repeat": _COMMON,
}
"""Words that may stand inside a sentence, for the suggestion."""


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Keep every pattern compiled; there are few, and all are written in this file."""
    return re.compile(pattern, re.IGNORECASE)


class _Cursor:
    """A place in a sentence."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    @property
    def rest(self) -> str:
        return self.text[self.at :]

    def take(self, pattern: str) -> re.Match[str] | None:
        found = _compiled(pattern).match(self.text, self.at)
        if found:
            self.at = found.end()
        return found


def fields_of_sentence(text: str) -> Mapping[str, Any]:
    """Read one sentence into the fields of a mapping step.

    Parameters
    ----------
    text : str
        Such as ``"ketamine 0.5 mg/kg iv over 40 min on day 0, every 3 days x 6"``.

    Raises
    ------
    ProtocolError
        If a word or a phrase is not understood; the message says what was expected there.
    """
    if len(text) > _MOST:
        raise ProtocolError(f"a step must be one sentence of at most {_MOST} characters, got {len(text)}")
    _refuse_decimal_comma(text)
    cursor = _Cursor(text.strip().rstrip(".").rstrip())
    what, fields = _first_word(cursor)
    phrases = {"dose": _DOSE, "session": _SESSION, "practice": _PRACTICE, "repeat": _REPEAT}[what]
    seen: set[str] = set()
    while cursor.take(r"[\s,;]*") and cursor.rest:
        if what == "session" and cursor.take(r":"):
            fields |= _approach(cursor) if fields["kind"] == "psychotherapy" else {"tasks": _tasks(cursor)}
            continue
        try:
            name = _phrase(cursor, phrases, fields)
        except ValueError as error:
            raise ProtocolError(str(error)) from None
        if name is None:
            raise ProtocolError(_not_understood(cursor.rest, what))
        if name in seen and name != "then":
            raise ProtocolError(f"'{_clip(text)}' says its {name} twice; keep one")
        seen.add(name)
    _refuse_incomplete(what, fields)
    return fields


def _refuse_decimal_comma(text: str) -> None:
    """Refuse ``0,5 mg``; ``days 0,28`` is a list."""
    said = _QUOTED.sub("", text)
    for found in _TOUCHING.finditer(said):
        if found["unit"] or not _IN_LIST.search(said[: found.start()]):
            raise ProtocolError(decimal_comma(found[0]))


def _not_understood(rest: str, what: str) -> str:
    word = _clip(re.split(r"[\s,:;]", rest, maxsplit=1)[0])
    hint = nearest(word, _WORDS[what]) if word.isalpha() and word.lower() not in _WORDS[what] else ""
    if hint.startswith("did you mean"):
        return f"unknown word {word!r}: {hint}"
    return f"'{_clip(rest)}' was not understood; expected {_EXPECTED[what]}"


def _refuse_incomplete(what: str, fields: Mapping[str, Any]) -> None:
    if what == "dose" and "route" not in fields:
        routes = MEDICINES[fields["medicine"]].routes
        raise ProtocolError(f"the route is missing; {fields['medicine']} is given {', '.join(routes)}")
    if what == "session" and "hours" not in fields:
        raise ProtocolError(f"the length is missing; write '{fields['kind']} 90 min'")


def _phrase(cursor: _Cursor, phrases: list[Phrase], fields: dict[str, Any]) -> str | None:
    for name, pattern, take in phrases:
        found = cursor.take(pattern)
        if found:
            take(found, fields)
            return name
    return None


def _first_word(cursor: _Cursor) -> tuple[str, dict[str, Any]]:
    """Say what a sentence is about, and which fields its first word sets."""
    for spelling, medicine in spellings_of(MEDICINES).items():
        if cursor.take(rf"{re.escape(spelling)}(?![\w-])"):
            return "dose", {"medicine": medicine}
    for spelling, kind in spellings_of(SESSION_KINDS).items():
        if cursor.take(rf"{re.escape(spelling)}\b"):
            return "session", {"kind": kind}
    if cursor.take(r"(?:practice|homework)\b"):
        return "practice", {}
    if re.match(r"(?:every|daily|weekly|once|twice|\d{1,2}\s+times)\b", cursor.rest, re.IGNORECASE):
        return "repeat", {}
    if not cursor.rest:
        raise ProtocolError("a step is empty; write a sentence such as 'psilocybin 25 mg oral on day 0'")
    word = _clip(re.split(r"[\s,]", cursor.rest, maxsplit=1)[0])
    known = (*spellings_of(MEDICINES), *SESSION_KINDS, "practice", "every")
    hint = nearest(word, known)
    if hint.startswith("known:"):
        medicines, sessions = ", ".join(MEDICINES), ", ".join(SESSION_KINDS)
        hint = f"begin with a medicine ({medicines}), a session ({sessions}), 'practice' or 'every'"
    raise ProtocolError(f"unknown first word {word!r}: {hint}")


def _approach(cursor: _Cursor) -> dict[str, str]:
    cursor.take(r"\s*")
    found = cursor.take(r"[^\W\d][\w-]*")
    if not found:
        raise ProtocolError(f"after ':' stands the approach of psychotherapy: {', '.join(APPROACHES)}")
    return {"approach": found[0]}


def _tasks(cursor: _Cursor) -> list[str]:
    words: list[str] = []
    while True:
        before = cursor.at
        cursor.take(r"(?:[\s,;]|and\b)*")
        if _CLAUSE.match(cursor.rest) or not (found := cursor.take(r"[^\W\d]\w*")):
            cursor.at = before
            break
        words.append(found[0])
    if not words:
        raise ProtocolError("after ':' stand the tasks of integration: insights, steps, practice")
    return words


def _clip(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:57] + "..."
