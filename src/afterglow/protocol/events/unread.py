"""Columns that are not read: passed over where they change nothing, refused where they would change what is given.

A name cannot tell for sure, so a column is judged by what stands in it: one that would change doses or their times is
let through while it says nothing, or says what the columns that are read say anyway.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from afterglow.errors import ProtocolError
from afterglow.medicines import MEDICINES
from afterglow.protocol.events.columns import letters
from afterglow.protocol.events.header import Column
from afterglow.protocol.events.row import Row
from afterglow.protocol.vocabulary import ROUTE_WORDS, spellings_of
from afterglow.units import DAY_H, WEEK_DAYS, units_of

__all__ = ["Given", "Unread"]


@dataclass(frozen=True)
class Given:
    """What a row gives, as it was read.

    Parameters
    ----------
    person : str
    time_h : float
    medicine, route : str
        Empty for a session or practice.
    """

    person: str
    time_h: float
    medicine: str = ""
    route: str = ""


_Rule = Callable[[Row, Column, Given], bool]
"""Whether a column says nothing new in a row that gives something."""

_COUNTS: Mapping[str, Callable[[float, float], bool]] = {
    "hours": lambda value, time_h: math.isclose(value, time_h, abs_tol=1e-6),
    "hours of the day": lambda value, time_h: math.isclose(value, time_h % DAY_H, abs_tol=1e-6),
    "days": lambda value, time_h: math.isclose(value * DAY_H, time_h, abs_tol=1e-6),
    "days from 0": lambda value, time_h: value == math.floor(time_h / DAY_H + 1e-9),
    "days from 1": lambda value, time_h: value == math.floor(time_h / DAY_H + 1e-9) + 1,
    "weeks": lambda value, time_h: math.isclose(value * DAY_H * WEEK_DAYS, time_h, abs_tol=1e-6),
    "weeks from 0": lambda value, time_h: value == math.floor(time_h / (DAY_H * WEEK_DAYS) + 1e-9),
    "weeks from 1": lambda value, time_h: value == math.floor(time_h / (DAY_H * WEEK_DAYS) + 1e-9) + 1,
}
"""What a column may count beside TIME; it says nothing new if it counts the same in all rows."""


def _number(row: Row, column: Column) -> float:
    """Return the number in a column; not a number for nothing, infinite for text."""
    try:
        return row.number_in(column)
    except ProtocolError:
        return math.inf


def _is_empty(row: Row, column: Column, _: Given) -> bool:
    return not row.cell(column)


def _is_zero(row: Row, column: Column, _: Given) -> bool:
    return row.cell(column).lower() in ("", "n", "no", "false", "f") or _number(row, column) == 0


def _is_one(row: Row, column: Column, _: Given) -> bool:
    return not row.cell(column) or _number(row, column) == 1


def _is_amount(row: Row, column: Column, given: Given) -> bool:
    return _is_zero(row, column, given) or _number(row, column) == row.value("AMT", 0.0)


def _is_repeat(row: Row, column: Column, given: Given) -> bool:
    known = (row.value("II", 0.0), row.value("ADDL", 0.0), row.value("ADDL", 0.0) + 1)
    return _is_zero(row, column, given) or _number(row, column) in known


def _counts_time(row: Row, column: Column, given: Given) -> frozenset[str]:
    """Return what a column may count in a row; all there is where it says nothing."""
    value = _number(row, column)
    if math.isnan(value) or not any(letter.isdigit() for letter in row.cell(column)):
        return frozenset({*_COUNTS, "TIME"})
    same = {"TIME"} if row.cell(column) == row.text("TIME") else set()
    return frozenset(same | {name for name, counts in _COUNTS.items() if counts(value, given.time_h)})


def _is_default_unit(row: Row, column: Column, _: Given) -> bool:
    return row.cell(column).lower() in ("", "mg", "h", "hr", "hrs", "hour", "hours", "mg/h")


def _is_same_route(row: Row, column: Column, given: Given) -> bool:
    return spellings_of(ROUTE_WORDS).get(row.cell(column).lower(), given.route) == given.route or not given.route


def _is_same_medicine(row: Row, column: Column, given: Given) -> bool:
    told = spellings_of(MEDICINES).get(row.cell(column).lower(), given.medicine)
    return told == given.medicine or not given.medicine


_AS_TIME = "give TIME alone, counted from the start of day 0, or name a column of dates DATE, DAT1, DAT2 or DAT3"
_AS_RATE = "give the infusion as RATE, or its time in a column DUR"
_HARMLESS = re.compile(
    r"N(OM(INAL)?)?TIME|(N|NOM(INAL)?)(T|TAD|TAFD|TFD|TLD|DAY|WEEK)|T(IME)?(AD|AFD|ALD|SLD|SFD)|TIMEAFTER.*|"
    r"AGE.*|BIRTH.*|(HEART|RESP|PULSE|GFR|EGFR|CLEARANCE|CREAT|METAB).*RATE|EGFR.*|.*INF(O|ANT|ECT|LAM|ILT).*|"
    r"(DV|CONC|OBS|WT|WEIGHT|HT|HEIGHT|AGE|LLOQ|LOQ|CRCL|CREAT|AUC|CMAX|BMI|BSA).*UNITS?"
)
"""Names that look like those below but are known to be something else."""

_CHANGES: Sequence[tuple[re.Pattern[str], _Rule | None, str]] = tuple(
    (re.compile(pattern), rule, advice)
    for pattern, rule, advice in (
        (r"SS|STEADYSTATE", _is_zero, "(steady state) is not read; write the doses that lead to it"),
        (r".*(DUR|INF).*|TK0|LENGTH|T?(END|STOP|OFF)(TIME)?", _is_zero, f"is not read; {_AS_RATE}"),
        (r".*(DATE|DTM|DTC).*|DAT[0-9]|DT|(EX|DOSE|AD|A)(ST|EN)?DT", _is_empty, f"is not read; {_AS_TIME}"),
        (r".*(TIME|DAY|WEEK|HOUR|CLOCK).*|(EX(ST|EN)?|VISIT|A)DY|HRS?|T", None, f"is not read; {_AS_TIME}"),
        (r".*(MONTH|YEAR|MINUTE).*|MINS?", _is_zero, f"is not read; {_AS_TIME}"),
        (r".*RATE[0-9]?|RATE.*", _is_zero, f"is not read; {_AS_RATE}"),
        (r"(AMT|AMOUNT).*", _is_amount, "is not read; give the amount as AMT alone, in mg or with its unit in AMTU"),
        (r".*UNITS?.*", _is_default_unit, "is not read; tell the unit of AMT in AMTU and that of TIME in TIMEU"),
        (r"F[1-9]|BIO|BIOAV.*|F(REL|BIO|ABS)|RELF", _is_one, "is not read; bioavailability belongs to the model"),
        (r"MULT.*|SCALE|FACTOR", _is_one, "is not read; multiply AMT by it"),
        (r"ALAG.*|T?LAG.*", _is_zero, "(a lag) is not read; give the time at which the dose is taken"),
        (r"TAU|NDOSES?|DOSES|REPEATS?|NREP|FREQ.*|INTERVAL", _is_repeat, "is not read; give repeats as ADDL and II"),
        (
            r"EXCL.*|IGN.*|OMIT.*|SKIP.*|DROP.*|DEL(ETED?)?|FLAG",
            _is_zero,
            "marks the row; leave the row or the mark out",
        ),
        (r".*ROUTE.*|ROA|RTE|.*ADMIN.*", _is_same_route, "says another route than CMT; keep one"),
        (r".*(DRUG|MEDIC|SUBSTANCE|COMPOUND).*|EXTRT", _is_same_medicine, "says another medicine than CMT; keep one"),
    )
)
"""By name in capitals: columns that may change what is given, when they do not (None: they count time), what to do."""


_DATED = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(\D.*)?")
"""What looks like a date."""


def _has_no_unit(row: Row, column: Column, _: Given) -> bool:
    """Say whether a column of any name is free of units that AMT or TIME might be in."""
    word = row.cell(column).lower().rstrip(".")
    is_unit = len(word) > 1 and word in (*units_of("h"), *units_of("mg"), *units_of("mg/kg"))
    return not is_unit or _is_default_unit(row, column, _)


class Unread:
    """The columns of a table that are not read.

    Parameters
    ----------
    columns : sequence of Column
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        other = (_has_no_unit, "is not read; tell the unit of AMT in AMTU and that of TIME in TIMEU")
        self._rules: dict[Column, tuple[_Rule | None, str]] = {}
        self._counted: dict[Column, frozenset[str]] = {}
        self._dates: dict[tuple[Column, str], str] = {}
        for column in columns:
            plain = letters(column.name)
            found = ((rule, advice) for pattern, rule, advice in _CHANGES if pattern.fullmatch(plain))
            if not _HARMLESS.fullmatch(plain):
                self._rules[column] = next(found, other)

    def refuse_changes(self, row: Row, given: Given) -> None:
        """Refuse a row in which a column that is not read would change what is given.

        Raises
        ------
        ProtocolError
            With the name of the column.
        """
        for column, (rule, advice) in self._rules.items():
            says_nothing = self._counts_on(row, column, given) if rule is None else rule(row, column, given)
            if not says_nothing:
                raise row.wrong(f"{column.name[:40]} {advice}, got '{row.cell(column)[:20]}'")
            if _DATED.fullmatch(row.cell(column)):
                first = self._dates.setdefault((column, given.person), row.cell(column))
                if first != row.cell(column):
                    raise row.wrong(f"{column.name[:40]} is not read; {_AS_TIME}, got '{row.cell(column)[:20]}'")

    def _counts_on(self, row: Row, column: Column, given: Given) -> bool:
        """Say whether a column counts in this row what it may have counted in all rows above."""
        counted = _counts_time(row, column, given)
        self._counted[column] = self._counted.get(column, counted) & counted
        return bool(self._counted[column])
