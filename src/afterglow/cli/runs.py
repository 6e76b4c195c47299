"""``afterglow runs``: the runs that are kept, and how two of them differ."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from afterglow.errors import FileError
from afterglow.runs.difference import Difference, difference
from afterglow.runs.result import Result
from afterglow.runs.store import RunStore, usual_store
from afterglow.simulate.spec import RunSpec

__all__ = ["runs_app"]

runs_app = typer.Typer(help="Runs that are kept: the same run is read, not calculated again.", no_args_is_help=True)

_SHOWN = 12
"""Letters of a key that are shown: enough to name a run."""

_AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_Key = Annotated[str, typer.Argument(metavar="KEY", help="A run, or the beginning of its key.", show_default=False)]


@runs_app.command("list")
def list_(as_json: _AsJson = False) -> None:
    """List the runs that are kept, the most recently used first."""
    store = _store()
    found = store.runs()
    if as_json:
        rows = [
            {"key": kept.key, "used": kept.used.isoformat(), **_told(kept.spec), "bytes": kept.bytes} for kept in found
        ]
        _print_json({"folder": str(store.folder), "limit_mb": store.limit_mb, "runs": rows})
        return
    if not found:
        typer.echo(f"No run is kept in {store.folder} yet.")
        return
    table = Table("key", "used", "title", "arms", "people x draws", "explanations", "MB")
    for kept in found:
        spec = kept.spec
        table.add_row(
            kept.key[:_SHOWN],
            f"{kept.used.astimezone():%Y-%m-%d %H:%M}",
            escape(spec.protocol.title),
            escape(", ".join(arm.id for arm in spec.protocol.arms)),
            f"{spec.participants} x {spec.draws}",
            _explanations(spec),
            f"{kept.bytes / 1e6:.1f}",
        )
    Console().print(table)
    typer.echo(f"{sum(kept.bytes for kept in found) / 1e6:.0f} of {store.limit_mb:.0f} MB in {store.folder}")


@runs_app.command()
def show(key: _Key, as_json: _AsJson = False) -> None:
    """Show what was asked for in a run, and the scores on its last day."""
    store = _store()
    result = store.load(store.find(key))
    spec = result.run.spec
    if as_json:
        _print_json({"key": spec.key, "spec": json.loads(spec.to_json()), "result": result.to_json()})
        return
    for name, value in (
        *(("run", spec.key), ("title", spec.protocol.title), ("explanations", _explanations(spec))),
        *(("people", f"{spec.participants} per arm"), ("draws", str(spec.draws)), ("seed", str(spec.seed))),
        ("replaced", ", ".join(f"{name} {value:g}" for name, value in spec.overrides)),
        ("version", f"{spec.version}, model {spec.model}"),
    ):
        if value:
            typer.echo(f"{name}: {value}")
    Console().print(_last_day(result))


@runs_app.command()
def path(key: _Key) -> None:
    """Print where the file of a run lies."""
    store = _store()
    typer.echo(str(store.path(store.find(key))))


@runs_app.command()
def remove(
    keys: Annotated[list[str] | None, typer.Argument(metavar="KEY...", help="Runs to remove.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Remove all runs.")] = False,
) -> None:
    """Remove runs from the store."""
    if bool(keys) == every:
        raise FileError("name the runs to remove, or say --all")
    store = _store()
    found = store.keys() if every else list(dict.fromkeys(store.find(word) for word in keys or ()))
    for key in found:
        store.remove(key)
    typer.echo(f"Removed {len(found)} {'run' if len(found) == 1 else 'runs'}.")


@runs_app.command()
def diff(
    first: Annotated[str, typer.Argument(metavar="A", show_default=False)],
    second: Annotated[str, typer.Argument(metavar="B", show_default=False)],
    as_json: _AsJson = False,
) -> None:
    """Say how run B differs from run A: in what was asked, and in the mean scores."""
    store = _store()
    one, other = (store.find(word) for word in (first, second))
    found = difference(store.load(one), store.load(other))
    if as_json:
        _print_json({"first": one, "second": other, **asdict(found)})
    else:
        _print_difference(found)


def _store() -> RunStore:
    store = usual_store()
    if store is None:
        raise FileError("no runs are kept here: AFTERGLOW_RUNS_MB is 0, or there is no home folder")
    return store


def _told(spec: RunSpec) -> dict[str, Any]:
    return {
        "title": spec.protocol.title,
        "arms": [arm.id for arm in spec.protocol.arms],
        "participants": spec.participants,
        "draws": spec.draws,
        "explanations": [{"rival": e.rival, "weight": e.weight} for e in spec.explanations],
    }


def _explanations(spec: RunSpec) -> str:
    said = ", ".join(f"{e.rival} {e.weight:.2f}" if len(spec.explanations) > 1 else e.rival for e in spec.explanations)
    return said if spec.calibrated else f"{said}, not calibrated"


def _last_day(result: Result) -> Table:
    table = Table("arm", "scale", "day", "mean", "90 % interval")
    last = {(row["arm"], row["scale"]): row for row in result.rows["scores"]}
    for row in last.values():
        interval = _interval((row["mean_low"], row["mean_high"])) if result.has_intervals else ""
        table.add_row(escape(row["arm"]), row["scale"], f"{row['day']:g}", f"{row['mean']:.1f}", interval)
    return table


def _print_difference(found: Difference) -> None:
    console = Console()
    for place, (before, after) in found.spec.items():
        typer.echo(f"{place}: {_value(before)} -> {_value(after)}")
    if not found.spec:
        typer.echo("The same run.")
    for which, arms in (("first", found.only_first), ("second", found.only_second)):
        if arms:
            typer.echo(f"only in the {which}: {', '.join(arms)}")
    table = Table("arm", "scale", "day", "A", "90 % interval", "B", "90 % interval", "change")
    for row in found.last:
        table.add_row(
            *(escape(row.arm), row.scale, f"{row.day:g}"),
            *(f"{row.first:.1f}", _interval(row.first_interval)),
            *(f"{row.second:.1f}", _interval(row.second_interval)),
            f"{row.second - row.first:+.1f}",
        )
    if found.last:
        console.print(table)
    if found.largest is not None:
        most = found.largest
        typer.echo(
            f"Largest change of a mean: {most['change']:+.1f} {most['scale']}, {most['arm']}, day {most['day']:g}"
        )


def _interval(ends: tuple[float, float] | None) -> str:
    return "" if ends is None else f"{ends[0]:.1f} to {ends[1]:.1f}"


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _print_json(found: dict[str, Any]) -> None:
    typer.echo(json.dumps(found, indent=2, allow_nan=False))
