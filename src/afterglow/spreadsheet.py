"""Comma-separated tables, in which no text is read as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["csv_text", "guarded", "unguarded"]

_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
"""Beginning of a text that a spreadsheet calculates, guarded or not."""


def guarded(value: Any) -> Any:
    """Keep a spreadsheet from reading a text as a formula, by a quotation mark before it; numbers stay as they are."""
    if not isinstance(value, str):
        return value
    text = f"'{value}" if _FORMULA.match(value) else value
    return text.replace("\r\n", "\n").replace("\r", "\n")  # a lone one would end the row


def unguarded(text: str) -> str:
    """Take back what `guarded` put before a text."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """Write rows as comma-separated text, each text guarded, None and NaN as an empty cell."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    for row in rows:
        table.writerow(["" if value is None or value != value else guarded(value) for value in row])
    return text.getvalue()
