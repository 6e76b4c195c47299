"""The columns of a NONMEM event table: doses as EVID 1 rows, sessions as EVID 2 rows that other tools pass over.

TIME is in hours from the start of day 0, NONMEM's habit, unless the table names another unit; II, UNTIL and infusion
times are in the unit of TIME. AMT is in mg, and RATE in the unit of AMT per unit of TIME, so AMT / RATE is the infusion
time. RATE is fixed as in NONMEM, where bioavailability scales the amount and with it the time; only iv doses run over
time here, and theirs is 1.

Practice is an EVID 2 row of KIND practice: TIME is its first hour, UNTIL its last, HOURS what is asked a week. A table
holds doses, sessions and practice: no population, no visits, no labels, no group, no background, no adherence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

__all__ = ["COLUMNS", "DATES", "EXTRAPOLATED", "MEASURED", "PRACTICE", "READ", "SESSION", "letters", "role_of"]

COLUMNS = (
    *("ID", "TIME", "AMT", "EVID", "CMT", "RATE", "ADDL", "II"),
    *("KIND", "HOURS", "FORMAT", "TASKS", "APPROACH", "UNTIL", "ARM"),
)
"""Columns of a table as it is written; ``WT`` is added when a weight turns mg/kg into mg."""

SESSION = "session"
PRACTICE = "practice"
EXTRAPOLATED = "extrapolated"
"""KIND of a dose above the largest one that anybody reported, which the table asks for all the same."""

DATES: Mapping[str, str] = {"DATE": "mdy", "DAT1": "dmy", "DAT2": "ymd", "DAT3": "ydm"}
"""NM-TRAN's columns of dates, and the order of month, day and year in them."""

MEASURED: Mapping[str, Literal["time", "amount", "rate"]] = {
    **dict.fromkeys(("TIME", "II", "UNTIL", "DURATION"), "time"),
    "AMT": "amount",
    **dict.fromkeys(("RATE", "MODELLED RATE"), "rate"),
}
"""Roles that are measured in a unit, and in one of what."""

READ = frozenset({*COLUMNS, *DATES, *MEASURED, "C"})
"""Roles that a column may play."""

_DURATIONS = re.compile(
    r"DUR(ATION)?|TINF|INFT|T?INFDUR(ATION)?|DUR(ATION)?(OF)?INF(USION)?|INF(USION)?(TIME|LEN|LENGTH|DUR|DURATION)|"
    r"DOSEDUR(ATION)?|EXDUR|D[1-9]"
)
_MODELLED_RATES = re.compile(r"R[1-9]")


def letters(name: str) -> str:
    """Return the letters and digits of a column's name, in upper case."""
    return re.sub(r"[\W_]", "", name).upper()


def role_of(name: str) -> str:
    """Return the role of a column by its name without a unit; empty when it plays none."""
    if name.upper() in READ:
        return name.upper()
    plain = letters(name)
    if _DURATIONS.fullmatch(plain):
        return "DURATION"
    if _MODELLED_RATES.fullmatch(plain):
        return "MODELLED RATE"
    return "CMT" if plain == "ADM" else ""
