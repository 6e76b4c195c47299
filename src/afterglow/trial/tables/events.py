"""A table of times to an event, one row a person, as ADaM's ADTTE has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from afterglow.errors import ParameterError
from afterglow.trial.analysis.survival import TimeToEvent
from afterglow.trial.tables.columns import Columns, covariate_columns, find, guess_columns, numbers
from afterglow.trial.tables.people import ROW, Rows, arms_of, covariate_of
from afterglow.trial.tables.reading import kept_rows

__all__ = ["EventTable", "events_of", "holds_events"]

_CENSORED = "CNSR"


@dataclass(frozen=True, eq=False)
class EventTable:
    """What was read: the data, which column was taken for what, and what a reader should know."""

    data: TimeToEvent
    columns: Columns
    notes: tuple[str, ...]


def holds_events(table: pd.DataFrame) -> bool:
    """Say whether a table has the column by which ADaM marks who was censored."""
    return any(str(name).upper() == _CENSORED for name in table.columns)


def events_of(
    table: pd.DataFrame,
    *,
    time: str | None = None,
    event: str | None = None,
    arm: str | None = None,
    subject: str | None = None,
    covariates: Sequence[str] = (),
    classes: Sequence[str] = (),
    reference: str | None = None,
    parameter: str | None = None,
) -> EventTable:
    """Make times to an event of a table with one row for each person.

    Parameters
    ----------
    table : DataFrame
    time, arm, subject : str, optional
        Columns; those that are not given are found by the names of ADaM and common spellings.
    event : str, optional
        Column that is 1 where the event came and 0 where the person was censored; default: ``CNSR``, which is the other
        way round.
    covariates, classes, reference, parameter
        As for `trial_of`.

    Raises
    ------
    ParameterError
        If a column is missing, a value is not what its column needs, or somebody has two rows.
    """
    notes: list[str] = []
    mark = find(event or _CENSORED, table, "--event")
    given = {"outcome": time, "arm": arm, "subject": subject}
    columns = guess_columns(table, {k: v for k, v in given.items() if v}, baseline=False, visits=False)
    held, of_class = covariate_columns(covariates, classes, table, columns)
    rows = kept_rows(table, columns, parameter, notes)
    twice = rows.duplicated(columns["subject"])
    if twice.any():
        row = rows[twice].iloc[0]
        raise ParameterError(f"'{row[columns['subject']][:60]}' has two rows (row {int(row[ROW])}); keep one")
    names = rows[columns["subject"]].tolist()
    people = Rows(rows, np.arange(len(names)), names)
    arms, code = arms_of(people, columns["arm"], reference, notes)
    when = _numbers(rows, columns["outcome"], "the time")
    if (when < 0).any():
        raise ParameterError(f"the time '{columns['outcome'][:60]}' is below zero in row {_row(rows, when < 0)}")
    marked = _numbers(rows, mark, "the event")
    if event is None:
        notes.append(f"{mark} is 0 where the event came, as in ADaM; --event names a column that is 1 there")
    strange = np.isfinite(marked) & (marked != 1) & ((marked != 0) if event else (marked < 0))
    if strange.any():
        raise ParameterError(f"'{mark[:60]}' must be 0 or 1, and row {_row(rows, strange)} has {marked[strange][0]:g}")
    came = (marked == 1) if event else (marked == 0)
    zeros = np.zeros(len(names), dtype=np.intp)
    data = TimeToEvent(
        np.where(np.isfinite(marked), when, np.nan),
        came,
        code,
        arms,
        {name: covariate_of(people, people, zeros, 1, name, name in of_class) for name in held},
    )
    return EventTable(data, {**columns, "event": mark}, tuple(notes))


def _numbers(rows: pd.DataFrame, name: str, what: str) -> NDArray[np.float64]:
    held, known = numbers(rows[name])
    if not known.all():
        bad = rows[~known].iloc[0]
        raise ParameterError(f"{what} '{name[:60]}' needs numbers, and row {int(bad[ROW])} has '{str(bad[name])[:40]}'")
    return held.to_numpy(np.float64)


def _row(rows: pd.DataFrame, which: NDArray[np.bool_]) -> int:
    return int(rows[ROW].to_numpy()[which][0])
