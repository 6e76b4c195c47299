"""``afterglow medicines``: what can be given, how, and up to which dose."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.table import Column, Table

from afterglow.medicines import MEDICINES
from afterglow.medicines.medicine import LargestDose

__all__ = ["medicines"]


def medicines() -> None:
    """List the medicines, their routes the largest dose whose kinetics were studied, and the largest reported."""
    known_to = (Column(name, overflow="fold") for name in ("kinetics studied to", "reported to"))
    table = Table("medicine", "kind", "route", *known_to, title="Medicines")
    for medicine in MEDICINES.values():
        for route in medicine.routes:
            limit = medicine.dose_limits.get(route)
            known = (_words(limit.studied), _words(limit.reported)) if limit else ("", "")
            table.add_row(medicine.id, medicine.kind, route.replace("_", " "), *known)
    Console().print(table)
    typer.echo("Doses above what was studied are run and marked: their kinetics are extrapolated.")
    typer.echo("Doses above what was reported are refused unless the protocol says allow_extrapolation: true.")


def _words(largest: LargestDose) -> str:
    if not largest.mg:
        return f"none in people ({largest.source})"
    return f"{largest.amount(by_weight=False)} or {largest.amount(by_weight=True)} ({largest.source})"
