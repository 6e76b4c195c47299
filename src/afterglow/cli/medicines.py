"""``afterglow medicines``: what can be given, how, and up to which studied dose."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.table import Table

from afterglow.protocol.dose_limits import studied_range
from afterglow.protocol.vocabulary import COMPARATORS, MODELLED, ROUTES

__all__ = ["medicines"]

_KIND = dict.fromkeys(MODELLED, "opens a window") | {
    "placebo": "comparator, not felt",
    "midazolam": "comparator, felt",
    "niacin": "comparator, felt",
    "escitalopram": "read, not modelled",
}


def medicines() -> None:
    """List the medicines, their routes and the largest dose studied."""
    table = Table("medicine", "kind", "route", "largest dose studied", "source", title="Medicines")
    for medicine in (*MODELLED, *COMPARATORS, "escitalopram"):
        for route in ROUTES[medicine]:
            limit = studied_range(medicine, route)
            shown = f"{limit.mg:g} mg or {limit.mg_per_kg:g} mg/kg" if limit else ""
            table.add_row(medicine, _KIND[medicine], route, shown, limit.source if limit else "")
    Console().print(table)
    typer.echo("Larger doses are refused unless the protocol says allow_extrapolation: true.")
