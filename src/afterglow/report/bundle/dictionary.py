"""The data dictionary: what each column of each table is, and its unit."""

from __future__ import annotations

import re

from afterglow.results.tables import TABLES, Tables

__all__ = ["described", "dictionary_rows"]

_TRIAL = (
    "90 % interval of a trial yet to be run, with endlessly many people: parameters, explanations and departures of "
    "trials"
)
_PEOPLE = "over people and draws: how far people differ, not how sure the mean is"

_WORDS: dict[str, tuple[str, str]] = {
    "arm": ("", "id of the arm; arms.csv has its name; '|no integration' marks the same people without integration"),
    "versus": ("", "id of the arm that is taken away from the first"),
    "scale": ("", "clinical scale"),
    "day": ("days", "from the first dosing day of the arm"),
    "mean": ("points", "mean score of endlessly many ratings"),
    "sd": ("points", "standard deviation between people"),
    "change_mean": ("points", "mean change from the first rating; below zero is better on most scales"),
    "response": ("share", "who respond by the usual definition of the scale"),
    "remission": ("share", "who are in remission; empty where the scale defines none"),
    "mc_error": ("points", "Monte-Carlo error of the mean or the difference, one standard error"),
    "mean_difference": ("points", "mean of the first arm minus that of the other, the same people in both"),
    "effect_size_d": ("SDs", "the difference in standard deviations between people"),
    "probability_lower": (
        "share",
        "chance that a trial with endlessly many people finds a lower mean in the first arm",
    ),
    "share": (
        "share",
        "relapse: responders that have relapsed by that day; lasting: who respond at every visit to the end",
    ),
    "responders": ("people", "behind the share, over all draws"),
    "from_day": ("days", "first day of the span, two weeks after the last dose"),
    "to_day": ("days", "last day of the span"),
    "therapy_hours": ("hours", "with therapists, for each person of the arm"),
    "hours_per_lasting_response": (
        "hours",
        "of therapy for each person whose response lasts; empty where nobody's does",
    ),
    "drug": ("", "medicine"),
    "analyte": ("", "substance that is measured"),
    "dose_day": ("days", "of the dosing, from the first dosing day"),
    "open_share": ("share", "people in whom the window opens"),
    "open_from_day": ("days", "on which the window is half open"),
    "closes_day": ("days", "on which it is half closed again"),
    "cmax_ng_per_ml": ("ng/mL", "highest concentration in blood after that dosing"),
    "tmax_h": ("hours", "from the day's first dose to the highest concentration"),
    "auc_ng_h_per_ml": ("ng h/mL", "area under the concentration that the day's doses add"),
    "half_life_h": ("hours", "of the end of the concentration curve"),
    "label": ("", "name of the arm"),
    "without_integration": ("", "yes: the same people without integration"),
}
_PARTS = (
    (re.compile(r"(?P<of>.+)_median_(?P<end>low|high)"), "{end} end of the interval of the median; {trial}"),
    (re.compile(r"(?P<of>.+)_median"), "median over people and draws: {meaning}"),
    (re.compile(r"(?P<of>.+)_q(?P<end>\d\d)"), "{end} % quantile {people}: {meaning}"),
    (re.compile(r"q(?P<end>\d\d)"), "{end} % quantile of scores {people}"),
    (
        re.compile(r"(?P<of>hours)_credible_(?P<end>low|high)"),
        "{end} end; {trial}; an empty upper end: nobody may last",
    ),
    (re.compile(r"credible_(?P<end>low|high)"), "{end} end; {trial}"),
    (re.compile(r"(?P<of>.+)_(?P<end>low|high)"), "{end} end; {trial}"),
)
_UNIT_OF = {"hours": "hours", "contrasts": "points"}


def described(table: str, column: str) -> tuple[str, str]:
    """Return the unit and the meaning of a column.

    Raises
    ------
    KeyError
        If nothing is said of such a column.
    """
    if column in _WORDS:
        return _WORDS[column]
    for pattern, words in _PARTS:
        found = pattern.fullmatch(column)
        if found is None:
            continue
        named = found.groupdict()
        of = named.get("of") or ""
        unit, meaning = _WORDS.get(of, (_UNIT_OF.get(of) or _unit_in(table), ""))
        return unit, words.format(trial=_TRIAL, people=_PEOPLE, meaning=meaning, end=named.get("end"))
    raise KeyError(f"nothing is said of the column '{column}' of {table}")


def dictionary_rows(tables: Tables) -> list[list[str]]:
    """Return a head, and for each column of each table its file, name, unit and meaning."""
    found = [["file", "column", "unit", "meaning"]]
    for table in TABLES:
        found += [[f"{table}.csv", column, *described(table, column)] for column in tables.frame(table).columns]
    found += [["arms.csv", column, *described("arms", column)] for column in ("arm", "label", "without_integration")]
    return found


def _unit_in(table: str) -> str:
    return {"scores": "points", "contrasts": "points"}.get(table, "share")
