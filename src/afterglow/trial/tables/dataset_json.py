"""CDISC Dataset-JSON version 1.1: one table with its columns described, as JSON or one row a line."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from afterglow.errors import FileError
from afterglow.version import __version__

__all__ = ["from_dataset_json", "to_dataset_json"]

_VERSION = "1.1.0"


def to_dataset_json(
    table: pd.DataFrame, *, name: str, label: str, labels: Mapping[str, str], made: datetime | None = None
) -> str:
    """Return a table as Dataset-JSON 1.1.

    Parameters
    ----------
    table : DataFrame
        Of words, whole numbers and numbers.
    name : str
        Of the data set, such as ADQS.
    label : str
        What it holds.
    labels : mapping of str to str
        What the columns hold.
    made : datetime, optional
        Default: now.
    """
    when = (made or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    head = {
        "datasetJSONCreationDateTime": when,
        "datasetJSONVersion": _VERSION,
        "originator": "Afterglow",
        "sourceSystem": {"name": "Afterglow", "version": __version__},
        "itemGroupOID": f"IG.{name}",
        "records": len(table),
        "name": name,
        "label": label,
        "columns": [_column(table[column], name, labels.get(column, column)) for column in table.columns],
    }
    rows = [[_plain(value) for value in row] for row in table.itertuples(index=False, name=None)]
    return json.dumps({**head, "rows": rows}, ensure_ascii=False, allow_nan=False) + "\n"


def from_dataset_json(text: str, where: str) -> pd.DataFrame:
    """Return the table of a Dataset-JSON text of version 1.1, as JSON or one row a line.

    Parameters
    ----------
    text : str
    where : str
        Name of the file, for messages.

    Raises
    ------
    FileError
        If it is not such a text.
    """
    data, rows = _parsed(text, where)
    version = str(data.get("datasetJSONVersion", ""))
    if not version.startswith("1.1"):
        said = f"is version {version[:20]}" if version else "says no version"
        raise FileError(f"'{where}' {said} of Dataset-JSON; version 1.1 is read")
    columns = data.get("columns")
    if not isinstance(columns, list) or not all(
        isinstance(c, dict) and isinstance(c.get("name"), str) for c in columns
    ):
        raise FileError(f"'{where}' does not say which columns it has")
    names = [column["name"] for column in columns]
    if not isinstance(rows, list):
        raise FileError(f"'{where}' has no rows")
    for number, row in enumerate(rows, 1):
        if not isinstance(row, list) or len(row) != len(names):
            raise FileError(f"row {number} of '{where}' does not have {len(names)} values, one for each column")
    return pd.DataFrame(rows, columns=names, dtype=object)


def _parsed(text: str, where: str) -> tuple[dict[str, Any], Any]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError:
        lines = [line for line in text.splitlines() if line.strip()]
        try:
            parts = [json.loads(line) for line in lines]
        except json.JSONDecodeError as error:
            raise FileError(f"'{where}' is not JSON: {error.msg} in line {error.lineno}") from None
        if not parts or not isinstance(parts[0], dict):
            raise FileError(f"'{where}' is not Dataset-JSON: its first line must say what the columns are") from None
        return parts[0], parts[1:]
    if not isinstance(data, dict):
        raise FileError(f"'{where}' is not Dataset-JSON, which is one object with columns and rows")
    return data, data.get("rows")


def _column(values: pd.Series[Any], table: str, label: str) -> dict[str, Any]:
    name = str(values.name)
    found: dict[str, Any] = {"itemOID": f"IT.{table}.{name}", "name": name, "label": label}
    if pd.api.types.is_integer_dtype(values.dtype):
        return {**found, "dataType": "integer"}
    if pd.api.types.is_float_dtype(values.dtype):
        return {**found, "dataType": "float"}
    longest = max((len(str(value)) for value in values if isinstance(value, str)), default=1)
    return {**found, "dataType": "string", "length": max(longest, 1)}


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value.item() if hasattr(value, "item") else value
