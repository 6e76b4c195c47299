"""``afterglow medicines``: what can be given, how, and up to which dose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from afterglow.cli.options import FormatOption, WideOption
from afterglow.cli.output.tables import Row, Table, show, words
from afterglow.medicines import MEDICINES
from afterglow.medicines.medicine import LargestDose, Medicine

__all__ = ["medicines"]


def medicines(form: FormatOption = None, wide: WideOption = False) -> None:
    """List the medicines, their routes, the largest dose whose kinetics were studied, and the largest reported."""
    columns = [
        words("route", _route),
        words("kinetics studied to", lambda row: _largest(row, "studied")),
        words("reported to", lambda row: _largest(row, "reported")),
        words("source of the first", "studied_source", wide=True),
        words("source of the second", "reported_source", wide=True),
    ]
    table = Table(
        "medicines",
        [row for medicine in MEDICINES.values() for row in _rows(medicine)],
        columns,
        title="Medicines",
        by=("medicine", "kind"),
        heading=lambda row: f"{row['medicine']}, {row['kind']}",
    )
    show(
        table,
        "Doses above what was studied are run and marked: their kinetics are extrapolated.",
        "Doses above what was reported are refused unless the protocol says allow_extrapolation: true.",
        form=form,
        wide=wide,
    )


def _rows(medicine: Medicine) -> Iterator[dict[str, Any]]:
    for route in medicine.routes:
        limit = medicine.dose_limits.get(route)
        row: dict[str, Any] = {"medicine": medicine.id, "kind": medicine.kind, "route": route}
        for what in ("studied", "reported"):
            dose = None if limit is None else getattr(limit, what)
            row |= {f"{what}{end}": value for end, value in _numbers(dose).items()}
        yield row


def _numbers(dose: LargestDose | None) -> dict[str, Any]:
    known = dose is not None and dose.mg > 0
    return {
        "_mg": dose.mg if dose is not None and known else None,
        "_mg_per_kg": dose.mg_per_kg if dose is not None and known else None,
        "_source": None if dose is None else dose.source,
    }


def _route(row: Row) -> str:
    return str(row["route"]).replace("_", " ")


def _largest(row: Row, what: str) -> str:
    limit = MEDICINES[row["medicine"]].dose_limits.get(row["route"])
    if limit is None:
        return ""
    dose: LargestDose = getattr(limit, what)
    if not dose.mg:
        return "none in people"
    return f"{dose.amount(by_weight=False)} or {dose.amount(by_weight=True)}"
