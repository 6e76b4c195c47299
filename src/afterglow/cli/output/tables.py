"""The one place that prints tables: on a screen, into a pipe, as CSV, JSON or Markdown.

A command makes rows of plain values, says which columns a reader wants, and hands both to `show`::

    table = Table(
        "arms",
        rows,
        [number("day", "day"), number("mean", "mean", ".1f"), interval("90 % interval", "low", "high", ".1f")],
        title="MADRS",
        by=("arm",),
    )
    show(table, "One sentence.", form=form, wide=wide)

CSV and JSON hold every value of every row as it is; a screen and Markdown hold the columns.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import typer
from rich.console import Console
from rich.text import Text

from afterglow.cli.output.layout import Align, Laid, laid_out, wrapped
from afterglow.errors import ParameterError, nearest
from afterglow.spreadsheet import csv_text

__all__ = [
    "Column",
    "Form",
    "Format",
    "Row",
    "Table",
    "check_tables",
    "chosen_format",
    "interval",
    "number",
    "print_json",
    "print_text",
    "say",
    "show",
    "sparkline",
    "words",
]

Format = Literal["csv", "json", "markdown"]
Row = Mapping[str, Any]
Form = str | Callable[[float], str]

_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Column:
    """A column as readers see it; made by `words`, `number` or `interval`.

    Parameters
    ----------
    title : str
    text : callable
        From a row to its cell.
    align : {"words", "number", "interval"}
    wide : bool
        Whether it is shown with ``--wide`` alone.
    """

    title: str
    text: Callable[[Row], str]
    align: Align
    wide: bool = False


@dataclass(frozen=True)
class Table:
    """Rows, and what of them readers see.

    Parameters
    ----------
    name : str
        Key of the rows in JSON.
    rows : sequence of mapping
        Plain values by name, the same names in each.
    columns : sequence of Column
    title : str
    by : tuple of str
        Values that rows share under a heading; rows of one heading come together.
    heading : callable, optional
        From the first row of a heading to its words; the values of `by` otherwise.
    own : tuple of str
        Where it shares its rows with other tables: first parts of the names, up to a point, of the values that a CSV of
        it alone holds; all otherwise.
    """

    name: str
    rows: Sequence[Row]
    columns: Sequence[Column]
    title: str = ""
    by: tuple[str, ...] = ()
    heading: Callable[[Row], str] | None = None
    own: tuple[str, ...] = ()

    def groups(self) -> list[tuple[str, list[Row]]]:
        """Return the rows under each heading, in order of first appearance."""
        found: dict[tuple[Any, ...], list[Row]] = {}
        for row in self.rows:
            found.setdefault(tuple(row[name] for name in self.by), []).append(row)
        return [(self._heading(rows[0]), rows) for rows in found.values()]

    def _heading(self, row: Row) -> str:
        return self.heading(row) if self.heading else ", ".join(_written(row[name]) for name in self.by)


def words(title: str, value: str | Callable[[Row], str], *, wide: bool = False) -> Column:
    """Return a column of words: a value by its name, or what a function says of a row."""
    return Column(title, value if callable(value) else lambda row: _written(row[value]), "words", wide)


def number(title: str, name: str, form: Form = "g", *, wide: bool = False) -> Column:
    """Return a column of numbers, written by a format such as ``".1f"`` or by a function; unknown ones stay empty."""
    return Column(title, lambda row: _formed(row.get(name), form), "number", wide)


def interval(title: str, low: str, high: str, form: Form = ".1f", *, wide: bool = False) -> Column:
    """Return a column of intervals, ``low to high``; unknown ones stay empty."""

    def text(row: Row) -> str:
        ends = [_formed(row.get(name), form) for name in (low, high)]
        return " to ".join(ends) if all(ends) else ""

    return Column(title, text, "interval", wide)


def chosen_format(form: Format | None, as_json: bool, tables: Sequence[str] | None = None) -> Format | None:
    """Return the format that ``--format`` or ``--json`` asks for.

    Raises
    ------
    ParameterError
        If they ask for two, or for some tables of JSON.
    """
    if as_json and form not in (None, "json"):
        raise ParameterError(f"--json and --format {form} ask for two formats; keep one")
    chosen = "json" if as_json else form
    if tables and chosen == "json":
        raise ParameterError("JSON holds all tables; leave out --table")
    return chosen


def show(
    *parts: Table | str, form: Format | None = None, wide: bool = False, only: Sequence[str] | None = None
) -> None:
    """Print tables and sentences in order.

    Parameters
    ----------
    *parts : Table or str
    form : {"csv", "json", "markdown"}, optional
        None prints for readers. CSV prints the first table and says on the error stream which others there are, or
        those that are asked for, with an empty line between two; JSON prints all tables and no sentence.
    wide : bool
        Whether all columns are shown.
    only : sequence of str, optional
        Names of the tables that are printed, and nothing else is.

    Raises
    ------
    ParameterError
        If no table has one of these names.
    """
    tables = [part for part in parts if isinstance(part, Table)]
    if only:
        check_tables(only, [part.name for part in tables])
        chosen = {part.name: part for part in tables}
        parts = tuple(tables := [chosen[name] for name in dict.fromkeys(only)])
    elif form == "csv":
        others = [other for other in tables[1:] if any(row not in tables[0].rows for row in other.rows)]
        if others:
            say(f"note: this is the table {_names(tables[:1])}; --table prints another: {_names(others)}", err=True)
    if form == "json":
        print_json({table.name: list(table.rows) for table in tables})
    elif form == "csv":
        print_text("\n".join(_csv(table, whole=not only) for table in (tables if only else tables[:1])))
    elif form == "markdown":
        print_text("\n".join(_markdown(part, wide=wide) for part in parts))
    else:
        for k, part in enumerate(parts):
            if k and (isinstance(part, Table) or isinstance(parts[k - 1], Table)):
                _print_line("")
            _print_table(part, wide=wide) if isinstance(part, Table) else say(part)


def check_tables(only: Sequence[str] | None, names: Sequence[str]) -> None:
    """Refuse what is asked for and is none of the tables with these names.

    Raises
    ------
    ParameterError
        With the names that come nearest.
    """
    wrong = next((name for name in only or () if name not in names), None)
    if wrong is not None:
        raise ParameterError(f"there is no table '{wrong[:40]}': {nearest(wrong, names)}")


def _names(tables: Sequence[Table]) -> str:
    return ", ".join(f"'{table.name}'" for table in tables)


def say(text: str, *, err: bool = False, style: str = "") -> None:
    """Print a sentence: wrapped between words on a screen, one line in a pipe."""
    for line in wrapped(_clean(text), _width(err=err)):
        _print_line(line, style, err=err)


def print_json(data: Any) -> None:
    """Print one JSON object, unknown numbers as null."""
    print_text(json.dumps(_without_nan(data), indent=2, allow_nan=False, ensure_ascii=False) + "\n")


def print_text(text: str) -> None:
    """Print a text for other programs: into a pipe in UTF-8, as a file is, whatever letters the console knows."""
    typer.echo(text if sys.stdout.isatty() else text.encode("utf-8"), nl=False)


def sparkline(values: Sequence[float], low: float, high: float) -> str:
    """Draw a small curve in a line of text; nothing in a pipe, or where the console does not know its letters.

    Parameters
    ----------
    values : sequence of float
    low, high : float
        Values of the lowest and the highest bar.
    """
    if not _draws(_BARS) or not high > low:
        return ""
    steps = len(_BARS) - 1
    return "".join(_BARS[round(steps * min(max((value - low) / (high - low), 0.0), 1.0))] for value in values)


def _print_table(table: Table, *, wide: bool) -> None:
    if table.title:
        say(table.title, style="bold")
    if not table.rows:
        say("none")
        return
    groups = table.groups()
    columns = _laid(table, [row for _, rows in groups for row in rows], wide=wide)
    starts, row = [], 0
    for heading, rows in groups:
        starts.append((_clean(heading), row))
        row += len(rows)
    for line, style in laid_out(columns, starts, _width(), rule="─" if _draws("─") else "-"):
        _print_line(line, style)


def _laid(table: Table, rows: Sequence[Row], *, wide: bool) -> list[Laid]:
    columns = [column for column in table.columns if wide or not column.wide]
    return [Laid(c.title, c.align, tuple(_clean(c.text(row)) for row in rows)) for c in columns]


def _csv(table: Table, *, whole: bool) -> str:
    names = list(dict.fromkeys(name for row in table.rows for name in row))
    if table.own and not whole:
        names = [name for name in names if name.partition(".")[0] in table.own]
    if not names:
        return ""
    return csv_text([names, *([_plain(row.get(name)) for name in names] for row in table.rows)])


def _markdown(part: Table | str, *, wide: bool) -> str:
    if isinstance(part, str):
        return f"{_clean(part)}\n"
    return "\n".join(_markdown_lines(part, wide=wide)) + "\n"


def _markdown_lines(table: Table, *, wide: bool) -> Iterator[str]:
    if table.title:
        yield from (f"**{_clean(table.title)}**", "")
    by = [Laid(name.replace("_", " "), "words", tuple(_written(r[name]) for r in table.rows)) for name in table.by]
    columns = [*by, *_laid(table, table.rows, wide=wide)]
    yield _piped(column.title for column in columns)
    yield _piped("---" if column.align == "words" else "---:" for column in columns)
    for k in range(len(table.rows)):
        yield _piped(column.cells[k] for column in columns)


def _piped(cells: Iterator[str] | Sequence[str]) -> str:
    return "| " + " | ".join(_clean(cell).replace("|", "\\|") for cell in cells) + " |"


def _print_line(line: str, style: str = "", *, err: bool = False) -> None:
    console = Console(stderr=err, highlight=False, soft_wrap=True)
    if console.is_terminal:
        console.print(Text(line, style=style))
    else:  # not by typer, which writes past the letters that stand in for those a console does not know
        print(line, file=sys.stderr if err else sys.stdout, flush=True)


def _width(*, err: bool = False) -> int | None:
    """Width of the screen, which the variable COLUMNS may set; None in a pipe, where lines may have any length."""
    stream = sys.stderr if err else sys.stdout
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked):
        return int(asked)
    return shutil.get_terminal_size().columns if stream.isatty() else None


def _draws(letters: str) -> bool:
    """Whether standard output is a screen that knows these letters."""
    try:
        letters.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return sys.stdout.isatty()


def _formed(value: Any, form: Form) -> str:
    if value is None or not math.isfinite(value):
        return ""
    return form(value) if callable(form) else f"{value:{form}}"


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return ", ".join(map(_written, value)) if isinstance(value, list | tuple) else str(value)


def _plain(value: Any) -> Any:
    return _written(value) if isinstance(value, list | tuple) else value


def _clean(text: str) -> str:
    """Make one line of a text, without letters that move a cursor."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text)


def _without_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
