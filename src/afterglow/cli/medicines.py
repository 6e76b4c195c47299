"""``afterglow medicines``: what can be given, how, and up to which studied dose."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.table import Table

from afterglow.medicines import MEDICINES

__all__ = ["medicines"]


def medicines() -> None:
    """List the medicines, their routes and the largest dose studied."""
    table = Table("medicine", "kind", "route", "largest dose studied", "source", title="Medicines")
    for medicine in MEDICINES.values():
        for route in medicine.routes:
            limit = medicine.dose_limits.get(route)
            shown = f"{limit.mg:g} mg or {limit.mg_per_kg:g} mg/kg" if limit else ""
            table.add_row(medicine.id, medicine.kind, route, shown, limit.source if limit else "")
    Console().print(table)
    typer.echo("Larger doses are refused unless the protocol says allow_extrapolation: true.")
