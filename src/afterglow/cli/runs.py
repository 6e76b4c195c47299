"""``afterglow runs``: the runs that are kept, and how two of them differ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer

from afterglow.cli.options import FormatOption, JsonOption, WideOption
from afterglow.cli.output.groups import Group
from afterglow.cli.output.tables import Column, Table, chosen_format, interval, number, print_json, say, show, words
from afterglow.errors import FileError
from afterglow.runs.difference import Difference, LastMean, difference
from afterglow.runs.result import Result
from afterglow.runs.store import RunStore, usual_store
from afterglow.simulate.spec import RunSpec

__all__ = ["runs_app"]

runs_app = typer.Typer(
    cls=Group, help="Runs that are kept: the same run is read, not calculated again.", no_args_is_help=True
)

_SHOWN = 12
"""Letters of a key that are shown: enough to name a run."""

_Key = Annotated[str, typer.Argument(metavar="KEY", help="A run, or the beginning of its key.", show_default=False)]


@runs_app.command("list")
def list_(as_json: JsonOption = False, form: FormatOption = None, wide: WideOption = False) -> None:
    """List the runs that are kept, the most recently used first."""
    form = chosen_format(form, as_json)
    store = _store()
    found = store.runs()
    rows = [{"key": kept.key, "used": kept.used.isoformat(), **_told(kept.spec), "bytes": kept.bytes} for kept in found]
    if form == "json":
        print_json({"folder": str(store.folder), "limit_mb": store.limit_mb, "runs": rows})
        return
    if form is None and not found:
        say(f"No run is kept in {store.folder} yet.")
        return
    used = {kept.key: f"{kept.used.astimezone():%Y-%m-%d %H:%M}" for kept in found}
    explained = {kept.key: _explanations(kept.spec) for kept in found}
    columns = [
        words("key", lambda row: row["key"][:_SHOWN]),
        Column("used", lambda row: used[row["key"]], "number"),
        number("people", "participants"),
        number("draws", "draws"),
        words("title", "title"),
        words("arms", "arms", wide=True),
        words("explanations", lambda row: explained[row["key"]], wide=True),
        number("bytes", "bytes", wide=True),
    ]
    rows = [{**row, "explanations": explained[row["key"]]} for row in rows]
    total = f"{sum(kept.bytes for kept in found) / 1e6:.0f} of {store.limit_mb:.0f} MB in {store.folder}"
    show(Table("runs", rows, columns), total, form=form, wide=wide)


@runs_app.command("show")
def show_(key: _Key, as_json: JsonOption = False, form: FormatOption = None, wide: WideOption = False) -> None:
    """Show what was asked for in a run, and the scores on its last day."""
    form = chosen_format(form, as_json)
    store = _store()
    result = store.load(store.find(key))
    spec = result.run.spec
    if form == "json":
        print_json({"key": spec.key, "spec": json.loads(spec.to_json()), "result": result.to_json()})
        return
    said = {
        "run": spec.key,
        "title": spec.protocol.title,
        "explanations": _explanations(spec),
        "people": f"{spec.participants} per arm",
        "draws": str(spec.draws),
        "seed": str(spec.seed),
        "replaced": ", ".join(f"{name} {value:g}" for name, value in spec.overrides),
        "version": f"{spec.version}, model {spec.model}",
    }
    lines = [f"{name}: {value}" for name, value in said.items() if value]
    show(*lines, _last_day(result), form=form, wide=wide)


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
    as_json: JsonOption = False,
    form: FormatOption = None,
    wide: WideOption = False,
) -> None:
    """Say how run B differs from run A: in what was asked, and in the mean scores."""
    form = chosen_format(form, as_json)
    store = _store()
    one, other = (store.find(word) for word in (first, second))
    found = difference(store.load(one), store.load(other))
    if form == "json":
        print_json({"first": one, "second": other, **asdict(found)})
    else:
        show(*_compared(found), form=form, wide=wide)


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
    known = result.has_intervals
    columns = [
        words("arm", "arm"),
        number("day", "day"),
        number("mean", "mean", ".1f"),
        *([interval("90 % interval", "mean_low", "mean_high")] if known else []),
        number("response", "response", ".0%", wide=True),
        number("SD", "sd", ".1f", wide=True),
    ]
    last = {(row["arm"], row["scale"]): row for row in result.rows["scores"]}
    return Table("last_day", list(last.values()), columns, by=("scale",))


def _compared(found: Difference) -> Iterator[Table | str]:
    alone = tuple(f"protocol.arms[{arm}]." for arm in (*found.only_first, *found.only_second))
    for place, (before, after) in found.spec.items():
        if not place.startswith(alone):  # said below, of the whole arm
            yield f"{place}: {_value(before)} -> {_value(after)}"
    if not found.spec:
        yield "The same run."
    for which, arms in (("first", found.only_first), ("second", found.only_second)):
        if arms:
            yield f"only in the {which}: {', '.join(arms)}"
    if not found.last:
        return
    columns = [
        words("scale", "scale"),
        number("day", "day"),
        number("A", "first", ".1f"),
        interval("90 % interval", "first_low", "first_high"),
        number("B", "second", ".1f"),
        interval("90 % interval", "second_low", "second_high"),
        number("change", "change", "+.1f"),
    ]
    yield Table("last_day", [_row(row) for row in found.last], columns, by=("arm",))
    if found.largest is not None:
        most = found.largest
        yield f"Largest change of a mean: {most['change']:+.1f} {most['scale']}, {most['arm']}, day {most['day']:g}"


def _row(row: LastMean) -> dict[str, Any]:
    ends = {
        f"{name}_{end}": None if bounds is None else bounds[k]
        for name, bounds in (("first", row.first_interval), ("second", row.second_interval))
        for k, end in enumerate(("low", "high"))
    }
    named = {"arm": row.arm, "scale": row.scale, "day": row.day, "first": row.first, "second": row.second}
    return {**named, **ends, "change": row.second - row.first}


def _value(value: Any) -> str:
    return value or "nothing" if isinstance(value, str) else json.dumps(value)
