"""The columns of a NONMEM event table: doses as EVID 1 rows, sessions as EVID 2 rows that other tools pass over.

TIME is in hours from the start of day 0, NONMEM's habit; a table in days names its column ``TIME[d]``. AMT is in mg,
RATE in mg per hour, so AMT / RATE is the infusion time; II and UNTIL are in the unit of TIME. RATE is fixed as in
NONMEM, where bioavailability scales the amount and with it the time; only iv doses run over time here, and theirs is 1.

Practice is an EVID 2 row of KIND practice: TIME is its first hour, UNTIL its last, HOURS what is asked a week. A table
holds doses, sessions and practice: no population, no visits, no labels, no group, no adherence.
"""

from __future__ import annotations

__all__ = ["COLUMNS", "EXTRAPOLATED", "PRACTICE", "SESSION"]

COLUMNS = (
    *("ID", "TIME", "AMT", "EVID", "CMT", "RATE", "ADDL", "II"),
    *("KIND", "HOURS", "FORMAT", "TASKS", "UNTIL", "ARM"),
)
"""Columns of a table as it is written; ``WT`` is added when a weight turns mg/kg into mg."""

SESSION = "session"
PRACTICE = "practice"
EXTRAPOLATED = "extrapolated"
"""KIND of a dose above the largest one that anybody reported, which the table asks for all the same."""
