"""Tables as files: CSV, Parquet and Dataset-JSON, told apart by the ending of the name."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from afterglow.errors import FileError
from afterglow.files import write_bytes_atomically
from afterglow.spreadsheet import guarded
from afterglow.trial.tables.dataset_json import from_dataset_json, to_dataset_json

__all__ = ["ENDINGS", "read_table", "write_table"]

ENDINGS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".json": "dataset-json",
    ".ndjson": "dataset-json",
}
"""What a file is, by the ending of its name."""

_LARGEST_BYTES = 500_000_000
_HINTS = {
    ".xlsx": "save it as CSV first",
    ".xls": "save it as CSV first",
    ".rda": "write it from R with write.csv first",
    ".rds": "write it from R with write.csv first",
    ".xpt": "write it as CSV or Dataset-JSON first",
    ".sas7bdat": "write it as CSV or Dataset-JSON first",
}


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a table; cells of a CSV file are words, whatever they hold.

    Parameters
    ----------
    path : str or Path
        Ends in ``.csv``, ``.tsv``, ``.txt``, ``.parquet``, ``.json`` or ``.ndjson``.

    Raises
    ------
    FileError
        If it is missing, of another kind, empty, or not what its name says.
    """
    place = Path(path)
    kind = _kind(place)
    try:
        if not place.is_file():
            raise FileError(f"'{place}' is not there; name the file of a table")
        if place.stat().st_size > _LARGEST_BYTES:
            raise FileError(f"'{place}' is larger than 500 MB, which no trial's table is")
        data = place.read_bytes()
    except OSError as error:
        raise FileError(f"'{place}' could not be read: {error.strerror}") from None
    if not data.strip():
        raise FileError(f"'{place}' is empty")
    if kind == "parquet":
        table = _parquet(data, str(place))
    else:
        text = _text(data, str(place))
        table = _csv(text, str(place)) if kind == "csv" else from_dataset_json(text, str(place))
    _refuse_bad_columns(table, str(place))
    return table


def write_table(
    table: pd.DataFrame,
    path: str | Path,
    *,
    name: str = "ADQS",
    label: str = "Simulated trial",
    labels: Mapping[str, str] | None = None,
    made: datetime | None = None,
) -> Path:
    """Write a table whole or not at all, in the form that the ending of the name says.

    Parameters
    ----------
    table : DataFrame
    path : str or Path
        Ends in ``.csv``, ``.parquet`` or ``.json``, which is Dataset-JSON.
    name, label, labels, made
        For Dataset-JSON: name of the data set, what it and its columns hold, and when it was made.

    Raises
    ------
    FileError
        If the ending is another, or the file cannot be written.
    """
    place = Path(path)
    kind = _kind(place)
    if kind == "csv":
        separator = "\t" if place.suffix.lower() == ".tsv" else ","
        text = table.map(guarded).to_csv(index=False, sep=separator, lineterminator="\n")
        data = text.encode("utf-8")
    elif kind == "parquet":
        buffer = io.BytesIO()
        table.to_parquet(buffer, index=False)
        data = buffer.getvalue()
    else:
        data = to_dataset_json(table, name=name, label=label, labels=labels or {}, made=made).encode("utf-8")
    return write_bytes_atomically(place, data)


def _kind(place: Path) -> str:
    ending = place.suffix.lower()
    if place.is_dir():
        raise FileError(f"'{place}' is a folder; name the file of a table inside it")
    if ending not in ENDINGS:
        hint = _HINTS.get(ending, "")
        said = f"'{place.name[:80]}' is none of {', '.join(ENDINGS)}"
        raise FileError(f"{said}; {hint}" if hint else said)
    return ENDINGS[ending]


def _text(data: bytes, where: str) -> str:
    for code in ("utf-8-sig", "cp1252"):
        try:
            if code == "utf-8-sig" and data[:2] in (b"\xff\xfe", b"\xfe\xff"):
                return data.decode("utf-16")
            return data.decode(code)
        except UnicodeDecodeError:
            continue
    raise FileError(f"'{where}' is not text; save it as CSV in UTF-8")


def _csv(text: str, where: str) -> pd.DataFrame:
    head = text.lstrip("\n").split("\n", 1)[0]
    separator = max((",", ";", "\t"), key=head.count)
    options: dict[str, Any] = {"sep": separator, "dtype": str, "keep_default_na": False, "skipinitialspace": True}
    try:
        # The first row is read as a row, so that a name that stands twice is seen.
        table: pd.DataFrame = pd.read_csv(io.StringIO(text), header=None, **options)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error, ValueError) as error:
        raise FileError(f"'{where}' is not a table: {str(error).strip().splitlines()[-1][:120]}") from None
    if table.shape[1] < 2:
        raise FileError(f"'{where}' has one column; columns are parted by a comma, a semicolon or a tab")
    table, names = table.iloc[1:].reset_index(drop=True), table.iloc[0]
    table.columns = pd.Index([str(name) for name in names])
    if separator == ";":
        table = table.map(_decimal_point)
    return table


def _decimal_point(text: str) -> str:
    """Read a decimal comma, as a table whose columns are parted by semicolons has it."""
    whole, comma, part = text.partition(",")
    return f"{whole}.{part}" if comma and part.isdigit() and whole.lstrip("-+").isdigit() else text


def _parquet(data: bytes, where: str) -> pd.DataFrame:
    try:
        return pd.read_parquet(io.BytesIO(data))
    except (pa.ArrowException, OSError, ValueError):
        raise FileError(f"'{where}' is not a Parquet file") from None


def _refuse_bad_columns(table: pd.DataFrame, where: str) -> None:
    names = [str(name).strip() for name in table.columns]
    table.columns = pd.Index(names)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise FileError(f"two columns of '{where}' are called '{twice[:60]}'; give each a name of its own")
    if not len(table):
        raise FileError(f"'{where}' has columns but no rows")
