"""What the rows of a table say of each person: arm, baseline and covariates, once for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from afterglow.errors import ParameterError, nearest
from afterglow.trial.tables.columns import is_missing, numbers, refuse_codes

__all__ = ["ROW", "Rows", "arms_of", "baseline_of", "covariate_of", "word"]

ROW = "\nrow"
"""Column that numbers the rows as a spreadsheet does; no file has a column of that name."""

_REFERENCES = ("placebo", "pbo", "control", "comparator", "reference", "waitlist", "waiting list", "usual care", "tau")
_MOST_ARMS = 20
_MOST_LEVELS = 20


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a table.

    Parameters
    ----------
    table : DataFrame
    person : int array (rows,)
        Place in `names`.
    names : sequence of str
        Of the people.
    """

    table: pd.DataFrame
    person: NDArray[np.intp]
    names: Sequence[str]

    def one_each(self, values: Sequence[Any] | NDArray[Any], what: str) -> list[Any]:
        """Return one value for each person.

        Raises
        ------
        ParameterError
            If somebody has two.
        """
        found: dict[int, Any] = {}
        for person, value in zip(self.person.tolist(), values, strict=True):
            if found.setdefault(person, value) != value:
                raise ParameterError(
                    f"{what} of '{self.names[person][:60]}' changes from '{str(found[person])[:40]}' to "
                    f"'{str(value)[:40]}'; each person needs one"
                )
        return [found.get(k) for k in range(len(self.names))]


def word(value: Any) -> str:
    """Return a cell as a word; whole numbers without their point."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def arms_of(rows: Rows, column: str, reference: str | None, notes: list[str]) -> tuple[list[str], NDArray[np.intp]]:
    """Return the arms, the reference first, and the place of each person's.

    Raises
    ------
    ParameterError
        If somebody changes arm, there is one arm alone, or the reference is none of them.
    """
    held = rows.one_each(rows.table[column].tolist(), f"the arm ('{column[:60]}')")
    names = sorted(set(held))
    if len(names) == 1:
        raise ParameterError(f"all people are in arm '{names[0][:60]}'; a comparison needs two arms")
    if len(names) > _MOST_ARMS:
        raise ParameterError(f"'{column[:60]}' holds {len(names)} different arms; is it the right column?")
    if reference is None:
        chosen = next((name for part in _REFERENCES for name in names if part in name.lower()), names[0])
        notes.append(f"'{chosen}' is the reference; --reference names another")
    else:
        alike = [name for name in names if name.lower() == reference.strip().lower()]
        if not alike:
            raise ParameterError(f"--reference: no arm is called '{reference[:60]}'; {nearest(reference, names)}")
        chosen = alike[0]
    arms = [chosen, *(name for name in names if name != chosen)]
    return arms, np.asarray([arms.index(name) for name in held], dtype=np.intp)


def baseline_of(rows: Rows, column: str) -> NDArray[np.float64]:
    """Return the baseline of each person, (people,), NaN where missing.

    Raises
    ------
    ParameterError
        If it is no number, or changes from row to row.
    """
    held, known = numbers(rows.table[column])
    if not known.all():
        bad = rows.table[~known].iloc[0]
        raise ParameterError(
            f"the baseline '{column[:60]}' needs numbers, and row {int(bad[ROW])} has '{str(bad[column])[:40]}'"
        )
    refuse_codes(held, f"the baseline '{column[:60]}'")
    there = held.notna().to_numpy()
    known_rows = Rows(rows.table[there], rows.person[there], rows.names)
    found = known_rows.one_each(held[there].tolist(), f"the baseline ('{column[:60]}')")
    return np.asarray([np.nan if value is None else value for value in found], dtype=np.float64)


def covariate_of(
    every: Rows, rated: Rows, when: NDArray[np.intp], visits: int, column: str, of_class: bool
) -> NDArray[Any]:
    """Return a covariate: numbers of each person or, where they change, of each visit; or words of each person.

    Parameters
    ----------
    every, rated : Rows
        All rows, and those after baseline.
    when : int array (rows of `rated`,)
        Visit of each.
    visits : int
    column : str
    of_class : bool
        Whether numbers are names.

    Raises
    ------
    ParameterError
        If words change from row to row or there are too many, or words stand among numbers.
    """
    held, known = numbers(every.table[column])
    if known.all() and not of_class:
        values = held.fillna(np.inf).tolist()
        whose = pd.Series(values).groupby(every.person).nunique()
        if whose.max() == 1:
            found = np.asarray(every.one_each(values, column), dtype=np.float64)
            return np.where(np.isinf(found), np.nan, found)
        by_visit = np.full((len(every.names), visits), np.nan)
        by_visit[rated.person, when] = numbers(rated.table[column])[0].to_numpy()
        return by_visit
    if not of_class and known.mean() > 0.5:
        bad = every.table[~known].iloc[0]
        raise ParameterError(
            f"the covariate '{column[:60]}' holds numbers, but row {int(bad[ROW])} has '{str(bad[column])[:40]}'"
        )
    words = np.where(is_missing(every.table[column]), "", every.table[column].map(word))
    levels = every.one_each(words.tolist(), f"the covariate '{column[:60]}'")
    count = len(set(levels))
    if count > max(_MOST_LEVELS, len(levels) // 3):
        raise ParameterError(f"the covariate '{column[:60]}' has {count} levels, too many for {len(levels)} people")
    return np.asarray(levels, dtype=str)
