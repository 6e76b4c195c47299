"""One row of an event table: its cells by what they mean, and mistakes that name it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from afterglow.errors import ProtocolError
from afterglow.protocol.events.header import Column, Header
from afterglow.protocol.events.table import is_nothing
from afterglow.spreadsheet import unguarded
from afterglow.units import convert, number_text, read_number, units_of

__all__ = ["Row", "plain_name"]


@lru_cache(maxsize=4096)
def plain_name(text: str) -> str:
    """Return a person or compartment as one spelling: 1, 1.0, 01 and 1.0000E+00 are the same."""
    try:
        return number_text(read_number(text, "it"))
    except ValueError:
        return text.strip()


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Parameters
    ----------
    number : int
        Of its line in the file.
    cells : sequence of str
    header : Header
    """

    number: int
    cells: Sequence[str]
    header: Header

    def wrong(self, message: str) -> ProtocolError:
        """Return a mistake in this row."""
        return ProtocolError(message, where=f"row {self.number}")

    def cell(self, column: Column) -> str:
        """Return what stands in a column; empty for nothing."""
        value = self.cells[column.place].strip()
        return "" if is_nothing(value) else value

    def text(self, role: str) -> str:
        """Return the text in the column of a role; empty where there is no column or nothing in it."""
        column = self.header.read.get(role)
        return "" if column is None else self.cell(column)

    def arm(self) -> str:
        """Return the name of the row's arm, which may be NA; empty for none."""
        column = self.header.read.get("ARM")
        name = "" if column is None else self.cells[column.place].strip()
        return "" if name == "." else unguarded(name)

    def number_in(self, column: Column) -> float:
        """Return the number in a column, not a number for nothing.

        Raises
        ------
        ProtocolError
            If it is none, or not finite.
        """
        text = self.cell(column)
        return math.nan if not text else self._read(text, column.name)

    def value(self, role: str, usual: float) -> float:
        """Return the number in the column of a role, `usual` where there is none.

        Raises
        ------
        ProtocolError
            If what stands there is no number, or not finite.
        """
        text = self.text(role)
        return self._read(text, self.header.read[role].name) if text else usual

    def _read(self, text: str, name: str) -> float:
        try:
            return read_number(text, name[:40])
        except ValueError as error:
            raise self.wrong(str(error)) from None

    def time_unit(self) -> str:
        """Return the unit of TIME, II and infusion times in this row; hours where the table names none."""
        return self.unit("TIME") or "h"

    def unit(self, role: str, column: Column | None = None) -> str:
        """Return the unit of a role's column, from its name or from the column that holds units; empty for none.

        Raises
        ------
        ProtocolError
            If the two differ, or the column that holds units has none in this row.
        """
        of = column or self.header.read.get(role)
        named = of.unit if of else ""
        holder = self.header.units.get(role)
        if holder is None and role in ("AMT", "TIME"):
            holder = self._bare_holder(role)
        if holder is None:
            return named
        told = self.cell(holder)
        if not told:
            raise self.wrong(f"{holder.name[:40]} is empty; write the unit of {role}")
        if named and named.lower() != told.lower():
            raise self.wrong(f"{of.name[:40] if of else role} and {holder.name[:40]} ('{told[:20]}') name other units")
        return told

    def _bare_holder(self, role: str) -> Column | None:
        """Return the column that is just called UNIT, if what it holds is a unit of the role."""
        holder = self.header.units.get("ANY")
        if holder is None:
            return None
        told = self.cell(holder).lower().rstrip(".")
        if told in units_of("h"):
            return holder if role == "TIME" else None
        return holder if role == "AMT" else None

    def hours(self, value: float, role: str, column: Column | None = None) -> float:
        """Return a length of time in hours.

        Raises
        ------
        ProtocolError
            If its unit is none of time.
        """
        unit = self.unit(role, column) or self.time_unit()
        try:
            return convert(value, unit, "h", what=column.name[:40] if column else role)
        except ValueError as error:
            raise self.wrong(str(error)) from None
