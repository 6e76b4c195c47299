"""Lays a table out at a width: no word is broken and nothing is cut; what does not fit beside stands below.

Words that do not fit stand below their row, numbers in a further table with the first column before them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len

__all__ = ["Align", "Laid", "Line", "laid_out", "wrapped"]

Align = Literal["words", "number", "interval"]
Line = tuple[str, str]
"""A line and its style: ``"bold"``, ``"dim"`` or none."""

_GAP = 2
_INDENT = 2


@dataclass(frozen=True)
class Laid:
    """A column as text.

    Parameters
    ----------
    title : str
    align : {"words", "number", "interval"}
        Words stand left and may be wrapped between words; numbers stand right; of intervals both ends stand right.
    cells : tuple of str
        One for each row.
    """

    title: str
    align: Align
    cells: tuple[str, ...]

    @property
    def fewest(self) -> int:
        """Narrowest width that breaks no word, and no number."""
        cells = (word for cell in self.cells for word in _unbroken(cell)) if self.align == "words" else self.cells
        return max(map(cell_len, (*_unbroken(self.title), *cells)), default=0)

    @property
    def most(self) -> int:
        """Width at which nothing is wrapped."""
        return max(map(cell_len, (self.title, *self.cells)), default=0)


def laid_out(
    columns: Sequence[Laid], groups: Sequence[tuple[str, int]], width: int | None, *, rule: str = "-"
) -> Iterator[Line]:
    """Give the lines of a table.

    Parameters
    ----------
    columns : sequence of Laid
        The first is repeated where the others do not fit beside each other.
    groups : sequence of (str, int)
        Heading, and the row that it stands above; an empty heading is left out.
    width : int or None
        Of the screen; None where lines may have any length.
    rule : str
        Letter of the line below the titles.
    """
    columns = [_ends_aligned(column) for column in columns]
    indent = _INDENT if any(heading for heading, _ in groups) else 0
    room = None if width is None else width - indent
    blocks, below = _parted(columns, room)
    ends = [start for _, start in groups[1:]] + [len(columns[0].cells)]
    margin = " " * indent
    for place, block in enumerate(blocks):
        if place:
            yield "", ""
        widths = _widths(block, room)
        for line in _row([column.title for column in block], block, widths):
            yield margin + line, "bold"
        yield margin + rule * (sum(widths) + _GAP * (len(widths) - 1)), "dim"
        for (heading, start), end in zip(groups, ends, strict=True):
            if heading:
                yield from ((line, "bold") for line in wrapped(heading, width))
            for k in range(start, end):
                lines = [*_row([column.cells[k] for column in block], block, widths)]
                lines += _below(below, k, room) if not place else []
                yield from ((margin + line, "") for line in lines)


def wrapped(text: str, width: int | None) -> list[str]:
    """Break a text between words, so that each line has at most `width` cells where its words let it.

    A text that begins with blanks keeps them, and its further lines stand further in.
    """
    if width is None or cell_len(text) <= width:
        return [text]
    lead = len(text) - len(text.lstrip(" "))
    margins = [" " * lead, " " * (lead + _INDENT if lead else 0)]
    lines: list[str] = []
    for word in _unbroken(text):
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(margins[bool(lines)] + word)
    return lines or [""]


def _unbroken(text: str) -> list[str]:
    """Return the words of a text; a number and its percent sign are one."""
    return [word.replace("\0", " ") for word in text.replace(" %", "\0%").split()]


def _ends_aligned(column: Laid) -> Laid:
    if column.align != "interval":
        return column
    ends = [cell.split(" to ") for cell in column.cells]
    low, high = (max((cell_len(end[k]) for end in ends if len(end) == 2), default=0) for k in (0, 1))
    cells = (f"{end[0]:>{low}} to {end[1]:>{high}}" if len(end) == 2 else end[0] for end in ends)
    return Laid(column.title, column.align, tuple(cells))


def _parted(columns: Sequence[Laid], room: int | None) -> tuple[list[list[Laid]], list[Laid]]:
    """Part the columns into blocks that fit, the first column in each, and those that stand below their row."""
    blocks, below = [[columns[0]]], list[Laid]()
    for column in columns[1:]:
        if _fits([*blocks[0], column], room):
            blocks[0].append(column)
        elif column.align == "words":
            below.append(column)
        elif len(blocks) > 1 and _fits([*blocks[-1], column], room):
            blocks[-1].append(column)
        else:
            blocks.append([columns[0], column])
    return blocks, below


def _fits(block: Sequence[Laid], room: int | None) -> bool:
    return room is None or sum(column.fewest + _GAP for column in block) - _GAP <= room


def _below(columns: Sequence[Laid], k: int, room: int | None) -> Iterator[str]:
    for column in columns:
        if column.cells[k]:
            said = f"{column.title}: {column.cells[k]}" if column.title else column.cells[k]
            yield from (" " * _INDENT + line for line in wrapped(said, None if room is None else room - _INDENT))


def _widths(block: Sequence[Laid], room: int | None) -> list[int]:
    widths = [column.most for column in block]
    if room is None:
        return widths
    fewest = [column.fewest for column in block]
    spare = sum(widths) + _GAP * (len(widths) - 1) - room
    for _ in range(spare):
        widest = max(range(len(block)), key=lambda k: widths[k] if widths[k] > fewest[k] else -1)
        if widths[widest] <= fewest[widest]:
            break
        widths[widest] -= 1
    return widths


def _row(cells: Sequence[str], columns: Sequence[Laid], widths: Sequence[int]) -> Iterator[str]:
    parts = [wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
    for k in range(max(map(len, parts))):
        line = ""
        for part, column, width in zip(parts, columns, widths, strict=True):
            text = part[k] if k < len(part) else ""
            blank = " " * (width - cell_len(text))
            line += (text + blank if column.align == "words" else blank + text) + " " * _GAP
        yield line.rstrip()
