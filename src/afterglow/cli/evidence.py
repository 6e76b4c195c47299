"""``afterglow evidence``: the published studies, what is used of them and why the rest is not."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from afterglow.evidence.arms import study as study_data
from afterglow.evidence.catalogue import arm_in_words
from afterglow.evidence.check import Row, Summary, check_folder, summaries
from afterglow.evidence.findings import Finding, read_rows

__all__ = ["evidence_app"]

_MISTAKEN = 2

evidence_app = typer.Typer(help="List and check the published studies.", no_args_is_help=True)

_AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@evidence_app.command()
def check(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="A folder of studies; without it, the package's own.")
    ] = None,
    as_json: _AsJson = False,
) -> None:
    """Say what is wrong in each study of DIR, what is used of it, and why the rest is not."""
    rows = check_folder(folder)
    if as_json:
        _print_json({"studies": [{**asdict(row), "kinds": row.kinds} for row in rows]})
    else:
        _print_table(
            Table("study", "arms", "rows used", "rows not used, and why", "mistakes", title="Evidence"),
            [(row.study, _arms(row), _counted(row.kinds), _counted(row.reasons), str(len(row.errors))) for row in rows],
        )
    for error in (error for row in rows for error in row.errors):
        typer.echo(error, err=True)
    if any(row.errors for row in rows):
        raise typer.Exit(_MISTAKEN)


@evidence_app.command("list")
def list_(as_json: _AsJson = False) -> None:
    """List the studies that come with the package, and which of them the model may be fitted to."""
    rows = summaries()
    if as_json:
        _print_json({"studies": [asdict(row) for row in rows]})
        return
    _print_table(
        Table("study", "condition", "arms", "n", "medicines", "rows", "verified", "for calibration", title="Evidence"),
        [_listed(row) for row in rows],
    )


@evidence_app.command()
def show(study: Annotated[str, typer.Argument(help="Name of a study.")], as_json: _AsJson = False) -> None:
    """Show a study: what was given, and every number with where it was read and whether it is used."""
    data = study_data(study)
    name = study.strip().lower()
    if as_json:
        _print_json({"study": name, "data": data, "rows": [asdict(result) for _, result in read_rows(data, name=name)]})
        return
    for line in _head(data):
        typer.echo(line)
    _print_table(
        Table("arm", "observed", "where it was read", "status", "used", title="Numbers"), _shown_rows(data, name)
    )


def _head(data: Mapping[str, Any]) -> list[str]:
    arms = [arm for arm in data.get("arms") or [] if isinstance(arm, Mapping)]
    people = [f"n {arm['n']}" if arm.get("n") else "n not read" for arm in arms]
    lines = [" ".join(str(data.get("citation")).split())]
    lines += [f"doi {data['doi']}"] if data.get("doi") else []
    lines += [f"{data.get('condition')}; {data.get('design')}"]
    for arm, n in zip(arms, people, strict=True):
        lines += [f"{arm.get('id')}: {arm.get('label') or ''} ({n})", *(f"  {line}" for line in arm_in_words(arm))]
    return [*lines, " ".join(str(data.get("notes") or "").split())]


def _shown_rows(data: Mapping[str, Any], name: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for row, result in read_rows(data, name=name):
        used = result.in_words if isinstance(result, Finding) else f"no: {result.reason}"
        status = "verified" if row.data.get("verified") is True else "recalled"
        found.append((row.arm, row.what, " ".join(str(row.data.get("where") or "").split()), status, used))
    return found


def _listed(row: Summary) -> tuple[str, ...]:
    verified = "" if row.verified_fraction is None else f"{row.verified_fraction:.0%}"
    n = "" if row.n is None else str(row.n)
    medicines = ", ".join(row.medicines) or "none"
    return (
        *(row.study, row.condition, str(row.arms), n, medicines),
        *(f"{row.used} of {row.rows}", verified, f"no: {row.left_out}" if row.left_out else "yes"),
    )


def _arms(row: Row) -> str:
    return f"{sum(arm.loads for arm in row.arms)} of {sum(bool(arm.arm) for arm in row.arms)}"


def _counted(counts: Mapping[str, int]) -> str:
    return "; ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())


def _print_table(table: Table, rows: Sequence[tuple[str, ...]]) -> None:
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    Console().print(table)


def _print_json(data: Mapping[str, Any]) -> None:
    typer.echo(json.dumps(data, indent=2, allow_nan=False, ensure_ascii=False))
