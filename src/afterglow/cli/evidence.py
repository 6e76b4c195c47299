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
from afterglow.evidence.facts import TOPICS, Fact, FactFile, check_facts, fact_file, shipped_facts
from afterglow.evidence.findings import Finding, read_rows

__all__ = ["evidence_app"]

_MISTAKEN = 2

evidence_app = typer.Typer(help="List and check the published studies.", no_args_is_help=True)

_AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@evidence_app.command()
def check(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="A folder of studies, of facts, or of both; default: the package's own."),
    ] = None,
    as_json: _AsJson = False,
) -> None:
    """Say what is wrong in each study and file of facts of DIR, what is used of it, and why the rest is not."""
    facts = check_facts(folder) if folder is not None else list(shipped_facts())
    rows = _studies(folder, facts)
    if as_json:
        studies = [{**asdict(row), "kinds": row.kinds} for row in rows]
        _print_json({"studies": studies, "facts": [_counts(file) for file in facts]})
    else:
        if rows:
            _print_table(
                Table("study", "arms", "rows used", "rows not used, and why", "mistakes", title="Studies"),
                [(r.study, _arms(r), _counted(r.kinds), _counted(r.reasons), str(len(r.errors))) for r in rows],
            )
        if facts:
            _print_table(
                Table("facts", "usable", "read on a page", "not usable, and why", "mistakes", title="Facts"),
                [tuple(str(v) for v in _counts(file).values()) for file in facts],
            )
    errors = [error for row in rows for error in row.errors] + [error for file in facts for error in file.errors]
    for error in errors:
        typer.echo(error, err=True)
    if errors:
        raise typer.Exit(_MISTAKEN)


def _studies(folder: Path | None, facts: Sequence[FactFile]) -> list[Row]:
    """Check the studies of a folder: in its folder ``clinical`` where it has one; none where it holds facts alone."""
    if folder is not None and (folder / "clinical").is_dir():
        return check_folder(folder / "clinical")
    if folder is not None and facts and {file.stem for file in folder.glob("*.yaml")} <= {file.name for file in facts}:
        return []
    return check_folder(folder)


def _counts(file: FactFile) -> dict[str, Any]:
    return {
        "file": file.name,
        "usable": len(file.facts),
        "verified": sum(fact.verified for fact in file.facts),
        "unused": "; ".join(f"{name}: {reason}" for name, reason in file.unused),
        "mistakes": len(file.errors),
    }


@evidence_app.command("list")
def list_(as_json: _AsJson = False) -> None:
    """List the studies and facts that come with the package, and which studies the model may be fitted to."""
    rows = summaries()
    facts = [_counts(file) for file in shipped_facts()]
    if as_json:
        _print_json({"studies": [asdict(row) for row in rows], "facts": facts})
        return
    _print_table(
        Table("study", "condition", "arms", "n", "medicines", "rows", "verified", "for calibration", title="Evidence"),
        [_listed(row) for row in rows],
    )
    _print_table(
        Table("facts", "usable", "read on a page", "not usable, and why", title="Facts"),
        [tuple(str(v) for v in list(row.values())[:4]) for row in facts],
    )


@evidence_app.command()
def show(
    study: Annotated[str, typer.Argument(help=f"Name of a study, or of facts: {', '.join(TOPICS)}.")],
    as_json: _AsJson = False,
) -> None:
    """Show a study or a file of facts: every number with where it was read and whether it is used."""
    if study.strip().lower() in TOPICS:
        _show_facts(fact_file(study), as_json)
        return
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


def _show_facts(file: FactFile, as_json: bool) -> None:
    if as_json:
        _print_json({"facts": [asdict(fact) for fact in file.facts], "unused": [list(row) for row in file.unused]})
        return
    _print_table(
        Table("fact", "topic", "observed", "where it was read", "status", title=f"Facts: {file.name}"),
        [_fact_row(fact) for fact in file.facts],
    )
    for name, reason in file.unused:
        typer.echo(f"not usable: {name}: {reason}")


def _fact_row(fact: Fact) -> tuple[str, ...]:
    said = f"{fact.what}: {fact.in_words}" if fact.what != fact.value else fact.in_words
    people = f" ({fact.population})" if fact.population else ""
    return fact.id, fact.topic, said + people, fact.source, "verified" if fact.verified else "recalled"


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
