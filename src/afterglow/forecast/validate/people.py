"""Tables of people: read, checked, and laid out one scale after another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from afterglow.errors import FileError, ParameterError
from afterglow.forecast.cohort import Cohort, visits
from afterglow.forecast.record.columns import MISSING, table_of
from afterglow.forecast.record.days import days_of
from afterglow.forecast.record.score import Score, known_scale
from afterglow.protocol.files.file_text import MOST_TABLE_BYTES, file_text
from afterglow.scales.instruments import scale as find_scale
from afterglow.scales.scale import Scale

__all__ = ["People", "read_people"]

_NO_DAY_ZERO = 3650.0
"""Days beyond which they are no days since a beginning, but dates in disguise."""


@dataclass(frozen=True, eq=False)
class People:
    """People rated on one scale.

    Parameters
    ----------
    cohort : Cohort
        Those with at least one score.
    names : tuple of str
        Of the people, as the table has them.
    arms : tuple of str
        Arm of each, empty where the table tells none.
    """

    cohort: Cohort
    names: tuple[str, ...]
    arms: tuple[str, ...]

    def halves(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return two halves of the people that are alike in arm and first score, always the same ones."""
        order = sorted(
            range(len(self.names)), key=lambda k: (self.arms[k], int(self.cohort.score[k, 0]), self.names[k])
        )
        place = np.array(order, dtype=np.intp)
        return np.sort(place[0::2]), np.sort(place[1::2])


def read_people(path: str | Path, *, scale: str | None = None) -> tuple[Mapping[str, People], tuple[str, ...]]:
    """Read a table of people with the columns person, day (or date) and score, and scale and arm where there are any.

    Parameters
    ----------
    path : str or Path
    scale : str, optional
        The only scale of the table, where it has no column for it.

    Returns
    -------
    people : mapping of str to People
        By scale, the one with most scores first.
    notes : tuple of str
        What was left out.

    Raises
    ------
    FileError
        If the file cannot be read, or lacks a column.
    ParameterError
        If a scale is not known or no scale is named.
    """
    table = table_of(file_text(path, most_bytes=MOST_TABLE_BYTES, what="a table of people"), name=str(path))
    if "person" not in table.roles:
        raise FileError(f"'{path}' has no column for the person, such as person,scale,day,score")
    if "scale" not in table.roles and scale is None:
        raise ParameterError(f"'{path}' has no column for the scale; name it with --scale")
    if not table.rows:
        raise FileError(f"'{path}' has a header but no rows")
    notes, missing, odd = [], 0, []
    when = "day" if "day" in table.roles else "week"
    rows = []
    for row in table.rows:
        if row.cells.get("score", "").lower() in MISSING or row.cells[when].lower() in MISSING:
            missing += 1
        else:
            rows.append(row)
    days, zero = days_of([row.cells[when] if when == "day" else f"week {row.cells[when]}" for row in rows])
    held: dict[str, dict[str, list[tuple[float, int]]]] = {}
    arms: dict[str, str] = {}
    known, unknown = _known([row.cells.get("scale") or scale or "" for row in rows])
    for row, day in zip(rows, days, strict=True):
        instrument = known.get(row.cells.get("scale") or scale or "")
        if instrument is None:
            continue
        try:
            score = Score(day=0.0, scale=instrument.id, value=_number(row.cells["score"]))
        except ParameterError as error:
            odd.append(f"line {row.line}: {error}")
            continue
        own = held.setdefault(instrument.id, {}).setdefault(row.cells["person"], [])
        own.append((day, int(score.value - instrument.low)))
        arms.setdefault(row.cells["person"], row.cells.get("arm", ""))
    if missing:
        notes.append(f"{missing} rows without a score or a day are missed visits")
    notes += [f"scores left out: {error}" for error in unknown]
    if odd:
        notes.append(f"{len(odd)} scores left out, the first in {odd[0]}")
    dated = zero is not None or any(abs(day) > _NO_DAY_ZERO for day in days)
    if dated:
        notes.append("days count from each person's own first score")
    if scale is not None:
        held = {name: people for name, people in held.items() if name == known_scale(scale)}
    if not held:
        raise FileError(f"'{path}' holds no score that can be read" + (f" on the {scale}" if scale else ""))
    found = {name: _people(name, people, arms, dated=dated) for name, people in held.items()}
    most = sorted(found, key=lambda name: -int((found[name].cohort.score >= 0).sum()))
    return {name: found[name] for name in most}, tuple(notes)


def _known(names: Iterable[str]) -> tuple[dict[str, Scale], list[str]]:
    """Return the scales of a table by what it calls them, and what is said of those that cannot be forecast.

    Raises
    ------
    ParameterError
        If none can be.
    """
    known: dict[str, Scale] = {}
    unknown: dict[str, ParameterError] = {}
    for name in dict.fromkeys(names):
        try:
            known[name] = find_scale(known_scale(name))
        except ParameterError as error:
            unknown[name] = error
    if unknown and not known:
        raise next(iter(unknown.values()))
    return known, [str(error) for error in unknown.values()]


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise ParameterError(f"'{text[:20]}' is no number") from None


def _people(name: str, held: Mapping[str, list[tuple[float, int]]], arms: Mapping[str, str], *, dated: bool) -> People:
    days, scores = [], []
    for own in held.values():
        ordered = sorted(dict.fromkeys(own))
        begin = ordered[0][0] if dated else 0.0
        days.append(np.array([day - begin for day, _ in ordered]))
        scores.append(np.array([score for _, score in ordered], dtype=np.int64))
    names = tuple(held)
    return People(visits(name, days, scores), names, tuple(arms[person] for person in names))
