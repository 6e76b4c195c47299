"""A table of one row a person and visit, from anywhere, as the data of a trial."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from afterglow.errors import ParameterError, nearest
from afterglow.trial.analysis.data import TrialData
from afterglow.trial.tables.columns import (
    Columns,
    covariate_columns,
    guess_columns,
    is_missing,
    numbers,
    order_column,
    refuse_codes,
)
from afterglow.trial.tables.files import read_table
from afterglow.trial.tables.people import ROW, Rows, arms_of, baseline_of, covariate_of, word

__all__ = ["TrialTable", "kept_rows", "read_trial", "trial_of"]

_PARAMETERS = ("paramcd", "param", "scale", "instrument")
"""Columns that say what was rated, in small letters; of the first of them that a table has, one value is taken."""
_FEWEST = 2
"""People of an arm who have a rating."""
_BEFORE = ("baseline", "screening", "bl", "0", "visit 0", "day 0", "week 0", "month 0", "pre", "pre-dose")


@dataclass(frozen=True, eq=False)
class TrialTable:
    """What was read.

    Parameters
    ----------
    data : TrialData
    columns : dict
        Which column was taken for subject, arm, visit, outcome and baseline.
    notes : tuple of str
        What a reader should know: rows left out, the order of visits, the reference where it was guessed.
    """

    data: TrialData
    columns: Columns
    notes: tuple[str, ...]


def read_trial(path: str | Path, **options: Any) -> TrialTable:
    """Read a file and make a trial of it: `read_table`, then `trial_of` with its options.

    Raises
    ------
    FileError
        If the file is not a table.
    ParameterError
        If the table is not that of a trial.
    """
    return trial_of(read_table(path), **options)


def trial_of(
    table: pd.DataFrame,
    *,
    outcome: str | None = None,
    arm: str | None = None,
    visit: str | None = None,
    subject: str | None = None,
    baseline: str | None = None,
    guess_baseline: bool = False,
    covariates: Sequence[str] = (),
    classes: Sequence[str] = (),
    reference: str | None = None,
    parameter: str | None = None,
    visits: Sequence[str] = (),
) -> TrialTable:
    """Make the data of a trial of a table with one row for each person and visit.

    Parameters
    ----------
    table : DataFrame
        Missing values are empty, ``NA``, ``NaN`` or ``.``.
    outcome, arm, visit, subject : str, optional
        Columns; those that are not given are found by the names of ADaM and common spellings.
    baseline : str, optional
        Column of the outcome before treatment.
    guess_baseline : bool
        Whether it is looked for where none is given; rows flagged as baseline then serve too.
    covariates : sequence of str
        Columns; numbers are lines, words are classes.
    classes : sequence of str
        Those covariates whose numbers are names, such as sites.
    reference : str, optional
        The arm that others are compared with; default: the one that is called placebo or control, else the first.
    parameter : str, optional
        Which PARAMCD, where the table has several.
    visits : sequence of str
        Which visits, in order of time; default: all, by a column that numbers them, else by the numbers in their names.

    Raises
    ------
    ParameterError
        If a column is missing, a value is not what its column needs, or rows contradict each other.
    """
    notes: list[str] = []
    given = {"outcome": outcome, "arm": arm, "visit": visit, "subject": subject, "baseline": baseline}
    columns = guess_columns(table, {k: v for k, v in given.items() if v}, baseline=guess_baseline)
    held, of_class = covariate_columns(covariates, classes, table, columns)
    rows = kept_rows(table, columns, parameter, notes)
    before = _is_before(rows, columns, visits)
    first = rows[before]
    rows = rows[~before]
    if not len(rows):
        raise ParameterError("the table has no rows after baseline")
    scores = _scores(rows, columns["outcome"])
    order = _order(rows, columns, visits, notes)
    rows, scores = rows[rows[columns["visit"]].isin(order)], scores[rows[columns["visit"]].isin(order)]
    _refuse_duplicates(rows, columns)
    names = list(dict.fromkeys([*first[columns["subject"]], *rows[columns["subject"]]]))
    place = {name: k for k, name in enumerate(names)}
    when = np.asarray([order.index(name) for name in rows[columns["visit"]]], dtype=np.intp)
    rated = Rows(rows, np.asarray([place[name] for name in rows[columns["subject"]]], dtype=np.intp), names)
    outcomes = np.full((len(names), len(order)), np.nan)
    outcomes[rated.person, when] = scores.to_numpy()
    whole = pd.concat([first, rows])
    every = Rows(whole, np.asarray([place[name] for name in whole[columns["subject"]]], dtype=np.intp), names)
    arms, code = arms_of(every, columns["arm"], reference, notes)
    _refuse_too_few(arms, code, outcomes)
    data = TrialData(
        arm=code,
        arms=arms,
        visits=order,
        outcomes=outcomes,
        baseline=_baseline(first, every, columns, guess_baseline, notes),
        covariates={name: covariate_of(every, rated, when, len(order), name, name in of_class) for name in held},
        people=names,
    )
    return TrialTable(data, columns, tuple(notes))


def kept_rows(table: pd.DataFrame, columns: Columns, parameter: str | None, notes: list[str]) -> pd.DataFrame:
    """Return the rows that count, with person, arm and visit as words, and the number of the row in the file.

    Parameters
    ----------
    table : DataFrame
    columns : dict
        Names by what they hold.
    parameter : str, optional
        Which PARAMCD.
    notes : list of str
        Gains what is left out.

    Raises
    ------
    ParameterError
        If a row has no person or no visit, or the parameter is not told.
    """
    rows = table.copy()
    rows[ROW] = np.arange(2, len(rows) + 2)
    lower = {str(name).lower(): str(name) for name in table.columns}
    rows = _of_parameter(rows, next((lower[name] for name in _PARAMETERS if name in lower), None), parameter)
    flag = lower.get("anl01fl")
    if flag is not None:
        analysed = _flagged(rows[flag]) | (_flagged(rows[lower["ablfl"]]) if "ablfl" in lower else False)
        if analysed.any() and not analysed.all():
            notes.append(f"{int((~analysed).sum())} rows without {flag} are left out")
            rows = rows[analysed]
    derived = lower.get("dtype")
    if derived is not None and not is_missing(rows[derived]).all():
        kinds = rows.loc[~is_missing(rows[derived]), derived].map(word)
        notes.append(f"{len(kinds)} rows are derived ({', '.join(sorted(set(kinds))[:4])}) and are taken as ratings")
    for key in ("subject", "visit", "arm"):
        if key not in columns:
            continue
        name = columns[key]
        missing = is_missing(rows[name])
        rows[name] = rows[name].map(word)
        if key != "arm" and missing.any():
            raise ParameterError(f"row {int(rows.loc[missing, ROW].iloc[0])} has no {key} ('{name[:60]}')")
        if missing.any():
            count = rows.loc[missing, columns["subject"]].nunique()
            notes.append(f"{count} {'person' if count == 1 else 'people'} without an arm left out")
            rows = rows[~missing]
    if not len(rows):
        raise ParameterError("no row of the table has a person and an arm")
    return rows


def _of_parameter(rows: pd.DataFrame, column: str | None, parameter: str | None) -> pd.DataFrame:
    if column is None:
        if parameter is not None:
            raise ParameterError("--parameter picks a PARAMCD, and the table has no such column")
        return rows
    held = rows[column].map(word)
    known = list(dict.fromkeys(held))
    if parameter is None:
        if len(known) > 1:
            raise ParameterError(
                f"the table holds {len(known)} parameters ({', '.join(known[:6])}); choose one with --parameter"
            )
        return rows
    if parameter not in known:
        raise ParameterError(f"--parameter: the table holds no '{parameter[:60]}'; {nearest(parameter, known)}")
    return rows[held == parameter]


def _flagged(column: pd.Series[Any]) -> pd.Series[bool]:
    return column.astype(str).str.strip().str.upper() == "Y"


def _is_before(rows: pd.DataFrame, columns: Columns, visits: Sequence[str]) -> NDArray[np.bool_]:
    """Say which rows are the baseline."""
    lower = {str(name).lower(): str(name) for name in rows.columns}
    if "ablfl" in lower and _flagged(rows[lower["ablfl"]]).any():
        return _flagged(rows[lower["ablfl"]]).to_numpy()
    return (rows[columns["visit"]].str.lower().isin(_BEFORE) & ~rows[columns["visit"]].isin(visits)).to_numpy()


def _scores(rows: pd.DataFrame, name: str) -> pd.Series[float]:
    held, known = numbers(rows[name])
    if not known.all():
        bad = rows[~known].iloc[0]
        raise ParameterError(
            f"the outcome '{name[:60]}' needs numbers, and row {int(bad[ROW])} has '{str(bad[name])[:40]}'"
        )
    if np.isinf(held).any():
        raise ParameterError(
            f"the outcome '{name[:60]}' is infinite in row {int(rows.loc[np.isinf(held), ROW].iloc[0])}"
        )
    if held.isna().all():
        raise ParameterError(f"the outcome '{name[:60]}' is missing in every row")
    refuse_codes(held, f"the outcome '{name[:60]}'")
    return held


def _order(rows: pd.DataFrame, columns: Columns, visits: Sequence[str], notes: list[str]) -> list[str]:
    found = list(dict.fromkeys(rows[columns["visit"]]))
    if visits:
        for name in visits:
            if name not in found:
                raise ParameterError(f"no visit is called '{name[:60]}'; {nearest(name, found)}")
        return list(visits)
    by = order_column(rows, columns)
    if by is not None:
        when = numbers(rows[by])[0].groupby(rows[columns["visit"]]).first()
        return sorted(found, key=lambda name: float(when[name]))
    parts = [re.findall(r"-?\d+(?:\.\d+)?", name) for name in found]
    if all(len(part) == 1 for part in parts):
        return [name for _, name in sorted(zip([float(part[0]) for part in parts], found, strict=True))]
    if len(found) > 1:
        notes.append(f"visits are in the order of their first rows: {', '.join(found[:8])}")
    return found


def _refuse_duplicates(rows: pd.DataFrame, columns: Columns) -> None:
    twice = rows.duplicated([columns["subject"], columns["visit"]])
    if twice.any():
        row = rows[twice].iloc[0]
        raise ParameterError(
            f"'{row[columns['subject']][:60]}' has two rows at visit '{row[columns['visit']][:60]}' (row "
            f"{int(row[ROW])}); keep one"
        )


def _refuse_too_few(arms: Sequence[str], code: NDArray[np.intp], outcomes: NDArray[np.float64]) -> None:
    rated = np.isfinite(outcomes).any(axis=1)
    for k, arm in enumerate(arms):
        count = int((rated & (code == k)).sum())
        if count < _FEWEST:
            said = "one person" if count else "nobody"
            raise ParameterError(f"arm '{arm[:60]}' has {said} with a rating; each arm needs two")


def _baseline(
    first: pd.DataFrame, every: Rows, columns: Columns, guess: bool, notes: list[str]
) -> NDArray[np.float64] | None:
    if "baseline" in columns:
        return baseline_of(every, columns["baseline"])
    if not len(first):
        return None
    if not guess:
        notes.append(f"{len(first)} rows at baseline are not visits; --baseline adjusts for a column")
        return None
    scores = dict(zip(first[columns["subject"]], _scores(first, columns["outcome"]), strict=True))
    columns["baseline"] = f"{columns['outcome']} at baseline"
    return np.asarray([scores.get(name, np.nan) for name in every.names], dtype=np.float64)
