"""Which column of a table holds what: by the names that were given, else by those of ADaM and common spellings."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from afterglow.errors import ParameterError, nearest

__all__ = ["MISSING", "Columns", "covariate_columns", "find", "guess_columns", "is_missing", "numbers", "refuse_codes"]

MISSING = ("", "na", "nan", ".", "null", "none", "n/a", "<na>", "#n/a")
"""What stands for a missing value, in small letters."""

_CODES = (9, 88, 99, 888, 999, 8888, 9999, 99999)
"""Numbers, with either sign, by which data are often said to be missing."""

Columns = dict[str, str]

_SPELLINGS = {
    "subject": "usubjid subjid subject subject_id subjectid patient patid patient_id participant person id pid",
    "arm": "trtp trt01p arm armcd trta trt01a actarm trt treatment treat therapy group arm_id",
    "visit": "avisit visit avisitn visitnum visitn week day timepoint time ady month",
    "outcome": "aval outcome score value y change chg result",
    "baseline": "base baseline basval bl baseline_score",
}
_ORDERS = "avisitn visitn visitnum ady week day"
_OPTIONS = {key: f"--{key}" for key in _SPELLINGS}
_OF_BASELINE = re.compile(r"(.+?)_?(bl|base|baseline)", re.IGNORECASE)


def find(name: str, table: pd.DataFrame, what: str) -> str:
    """Return the column of that name, whatever the case of its letters.

    Raises
    ------
    ParameterError
        If there is none.
    """
    names = [str(column) for column in table.columns]
    if name in names:
        return name
    alike = [column for column in names if column.lower() == name.strip().lower()]
    if alike:
        return alike[0]
    raise ParameterError(f"{what}: the table has no column '{name[:60]}'; {nearest(name, names)}")


def guess_columns(table: pd.DataFrame, given: Columns, *, baseline: bool, visits: bool = True) -> Columns:
    """Return the columns of subject, arm, visit and outcome, and of the baseline where one is found.

    Parameters
    ----------
    table : DataFrame
    given : dict
        Names by what they hold, which are not guessed.
    baseline : bool
        Whether a baseline is looked for.
    visits : bool
        Whether there are visits.

    Raises
    ------
    ParameterError
        If a column is not there, or cannot be guessed.
    """
    found = {key: find(name, table, _OPTIONS.get(key, key)) for key, name in given.items()}
    for key in ("subject", "arm", *(["visit"] if visits else [])):
        if key not in found:
            found[key] = _spelt(table, key) or _ask(table, key)
    if "outcome" not in found:
        found["outcome"] = _spelt(table, "outcome") or _beside_a_baseline(table) or _ask(table, "outcome")
    if baseline and "baseline" not in found:
        held = _baseline_of(table, found["outcome"])
        if held:
            found["baseline"] = held
    twice = [key for key, name in found.items() if list(found.values()).count(name) > 1]
    if twice:
        raise ParameterError(f"the column '{found[twice[0]][:60]}' cannot be both {' and '.join(twice[:2])}")
    return found


def covariate_columns(
    covariates: Sequence[str], classes: Sequence[str], table: pd.DataFrame, columns: Columns
) -> tuple[list[str], list[str]]:
    """Return the columns of covariates, and those of them whose numbers are names.

    Raises
    ------
    ParameterError
        If one is not there, holds something else already, or is among the classes alone.
    """
    held = [find(name, table, "--covariates") for name in covariates]
    of_class = [find(name, table, "--classes") for name in classes]
    stray = [name for name in of_class if name not in held]
    if stray:
        raise ParameterError(f"'{stray[0][:60]}' is among the classes but not among the covariates")
    for key, name in columns.items():
        if name in held:
            already = ", which is adjusted for already" if key == "baseline" else ""
            raise ParameterError(f"the column '{name[:60]}' is the {key}{already}; it cannot be a covariate too")
    return held, of_class


def order_column(table: pd.DataFrame, columns: Columns) -> str | None:
    """Return the column that numbers the visits in order of time, where there is one."""
    lower = {str(name).lower(): str(name) for name in table.columns}
    for word in _ORDERS.split():
        name = lower.get(word)
        if name is None or name in columns.values():
            continue
        held, known = numbers(table[name])
        if known.all() and held.notna().all() and held.groupby(table[columns["visit"]]).nunique().max() == 1:
            return name
    return None


def numbers(column: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return a column as numbers, NaN where missing, and which cells are numbers or missing."""
    missing = is_missing(column)
    held = pd.to_numeric(column.where(~missing), errors="coerce").astype(float)
    return held, missing | held.notna()


def refuse_codes(held: pd.Series, what: str) -> None:
    """Refuse numbers that stand for a missing value: -9, 99, -999 and their like, far from all other numbers.

    Parameters
    ----------
    held : Series of float
    what : str
        What the numbers are, for the sentence.

    Raises
    ------
    ParameterError
        Says which number, and in how many rows.
    """
    found = held.dropna()
    coded = found.abs().isin(_CODES)
    if not coded.any() or coded.all():
        return
    low, high = found[~coded].min(), found[~coded].max()
    reach = high - low
    far = coded & ((found < low - reach) | (found > high + reach) | ((found < 0) & (low >= 0)))
    if far.any():
        code = found[far].iloc[0]
        rows = int((found == code).sum())
        raise ParameterError(
            f"{what} is {code:g} in {rows} row{'s' * (rows != 1)}, far from all others, as a code for a missing "
            "value is; leave such cells empty"
        )


def is_missing(column: pd.Series) -> pd.Series:
    """Say which cells are missing."""
    if pd.api.types.is_numeric_dtype(column):
        return column.isna()
    return column.isna() | column.astype(str).str.strip().str.lower().isin(MISSING)


def _spelt(table: pd.DataFrame, key: str) -> str | None:
    lower = {str(name).lower(): str(name) for name in table.columns}
    return next((lower[word] for word in _SPELLINGS[key].split() if word in lower), None)


def _beside_a_baseline(table: pd.DataFrame) -> str | None:
    """Return X where the table has X and X_BL, once."""
    names = {str(name).lower(): str(name) for name in table.columns}
    pairs = [
        names[m[1].lower()] for name in names.values() if (m := _OF_BASELINE.fullmatch(name)) and m[1].lower() in names
    ]
    return pairs[0] if len(pairs) == 1 else None


def _baseline_of(table: pd.DataFrame, outcome: str) -> str | None:
    for name in map(str, table.columns):
        match = _OF_BASELINE.fullmatch(name)
        if match and match[1].lower() == outcome.lower():
            return name
    return _spelt(table, "baseline")


def _ask(table: pd.DataFrame, key: str) -> str:
    names: Sequence[str] = [str(column) for column in table.columns]
    if key == "visit":
        wide = [name for name in names if re.search(r"\d", name)]
        if len(wide) > 1 and all(numbers(table[name])[1].all() for name in wide[:2]):
            raise ParameterError(
                f"the table has no column of visits, and looks wide ({', '.join(wide[:3])}); it needs one row for each "
                "person and visit"
            )
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    raise ParameterError(f"which column holds the {key}? Say {_OPTIONS[key]}; the table has {shown}")
