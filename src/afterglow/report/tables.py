"""The tidy tables of a result as CSV and Parquet files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from afterglow.errors import FileError, nearest
from afterglow.files import write_bytes_atomically
from afterglow.report.writing import existing_folder
from afterglow.results.tables import TABLES, Tables
from afterglow.spreadsheet import guarded

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FORMATS", "write_tables"]

FORMATS = ("csv", "parquet")


def write_tables(tables: Tables, folder: str | Path, *, formats: Sequence[str] = FORMATS) -> dict[str, Path]:
    """Write every table of a result, each whole or not at all.

    Parameters
    ----------
    tables : Tables
        The run.
    folder : str or Path
        An existing folder.
    formats : sequence of str
        ``"csv"``, ``"parquet"`` or both.

    Returns
    -------
    dict of str to Path
        File name to file, such as ``"scores.csv"``.

    Raises
    ------
    FileError
        If the folder is missing or read-only, or a format is unknown.
    """
    for name in formats:
        if name not in FORMATS:
            raise FileError(f"tables cannot be written as '{name}'; {nearest(name, FORMATS)}")
    place = existing_folder(folder)
    encoded = {
        f"{table}.{name}": _encode(tables.frame(table), name) for table in TABLES for name in dict.fromkeys(formats)
    }
    return {name: write_bytes_atomically(place / name, data) for name, data in encoded.items()}


def _encode(table: pd.DataFrame, name: str) -> bytes:
    if name == "csv":
        table = table.map(guarded)  # an arm's name is the reader's own
        return table.to_csv(index=False, lineterminator="\n").encode("utf-8")
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False)
    return buffer.getvalue()
