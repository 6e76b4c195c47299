"""The text of an event table as rows of cells: what divides the cells, which rows are comments, where the header is."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator

from afterglow.errors import ProtocolError
from afterglow.protocol.events.columns import COLUMNS

__all__ = ["EventText", "is_nothing"]

_SEPARATORS = ("\t", ";", "|", ",")
_BLANK = " "
_MARKS = ("#", "@")
"""First characters of a comment: NM-TRAN's own, and that of IGNORE=@."""
_SEPARATOR_LINE = re.compile(r"\s*\"?sep=(.)\"?\s*\Z", re.IGNORECASE | re.DOTALL)
"""First line with which a spreadsheet says what divides the cells."""
_TITLE = re.compile(r"\s*TABLE\s+NO\.", re.IGNORECASE)
"""Line above each part of a table that NONMEM wrote."""
_NUMBERED = re.compile(r"^[ \t]*\"?[-+.]?\d", re.MULTILINE)
_NUMBER = re.compile(r"[-+.]*\d|\Z")
_NOTHING = ("", ".", "NA")


def is_nothing(cell: str) -> bool:
    """Say whether a cell holds no value."""
    return cell.strip() in _NOTHING


class EventText:
    """An event table as text.

    Parameters
    ----------
    text : str
        Cells are divided by commas, tabs, semicolons, pipes or blanks, whichever divides the header; lines may end in
        any way.

    Attributes
    ----------
    header : list of str
        Names of the columns as they are written.
    comments : list of int
        Numbers of the lines that are comments; `rows` adds to it as it is read.
    header_line : int
        Number of the line in which the header stands.

    Raises
    ------
    ProtocolError
        If there is no header.
    """

    def __init__(self, text: str) -> None:
        self.comments: list[int] = []
        self._text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        self._at = 0
        self._line = 0
        self._separator = ""
        self.header = self._find_header()
        self.header_line = self._line

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Give the number of each row's line and its cells, one for each column; comments are left out.

        Raises
        ------
        ProtocolError
            If the quotes do not match, a row has other cells than the header, or an ID that is no number stands among
            numbers.
        """
        width, names = len(self.header), [name.upper() for name in self.header]
        by_id = names[0] == "ID" and _NUMBERED.search(self._text, self._at) is not None
        for cells in self._cells(self._without_comments(by_id)):
            first = cells[0].strip()
            if not any(cells) or _is_repeated(cells, names):
                continue
            if names[0] == "C" and not is_nothing(first):
                self.comments.append(self._line)
                continue
            if by_id and not _NUMBER.match(first):
                message = f"ID '{first[:20]}' is no number where others are; a comment begins with #"
                raise self._wrong(message)
            if len(cells) > width and not any(cells[width:]):
                del cells[width:]
            if len(cells) != width:
                why = "a decimal comma may divide a number" if len(cells) > width else "the text may have been cut off"
                raise self._wrong(f"has {len(cells)} cells but the header has {width}; {why}")
            yield self._line, cells

    def _find_header(self) -> list[str]:
        for line in self._lines():
            said = _SEPARATOR_LINE.match(line)
            if said:
                self._separator = said[1]
                continue
            is_marked = line.lstrip().startswith(_MARKS)
            names = self._names(line.lstrip()[1:] if is_marked else line)
            if not is_marked or "ID" in (name.upper() for name in names):
                return names
            self._separator = ""
            self.comments.append(self._line)
        raise ProtocolError("the table is empty; expected the columns " + ", ".join(COLUMNS))

    def _names(self, line: str) -> list[str]:
        counts = {separator: line.count(separator) for separator in _SEPARATORS}
        most = max(counts, key=lambda separator: counts[separator])
        self._separator = self._separator or (most if counts[most] else _BLANK)
        names = [name.strip() for name in next(self._cells([line]), [""])]
        names[0] = names[0].lstrip("".join(_MARKS)).lstrip()
        if names[0].upper() == "CID":  # a header that IGNORE=C passes over
            names[0] = "ID"
        while names and not names[-1]:
            names.pop()
        return names or [""]

    def _lines(self) -> Iterator[str]:
        """Give the lines that hold something, and count all."""
        while self._at < len(self._text):
            end = self._text.find("\n", self._at) + 1 or len(self._text)
            line, self._at = self._text[self._at : end], end
            self._line += 1
            if line.strip() and not _TITLE.match(line):
                yield line

    def _without_comments(self, numbered: bool) -> Iterator[str]:
        for line in self._lines():
            first = line.lstrip()[:1]
            if first in _MARKS or (numbered and first in ("C", "c")):
                self.comments.append(self._line)
            else:
                yield line

    def _cells(self, lines: Iterable[str]) -> Iterator[list[str]]:
        if self._separator == _BLANK:
            lines = (line.strip() for line in lines)
        try:
            yield from csv.reader(lines, delimiter=self._separator, skipinitialspace=True, strict=True)
        except csv.Error as error:
            raise ProtocolError(f"the text is not a CSV table: {error}", where=f"row {self._line}") from None

    def _wrong(self, message: str) -> ProtocolError:
        return ProtocolError(message, where=f"row {self._line}")


def _is_repeated(cells: list[str], names: list[str]) -> bool:
    """Say whether a row is the header again, which NONMEM repeats every so many rows."""
    return cells[0].strip().upper() == names[0] and [cell.strip().upper() for cell in cells[: len(names)]] == names
