"""``afterglow simulate``: run a protocol and write what came out."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from afterglow.cli.engine import EngineOption, SchedulerOption, WorkersOption
from afterglow.errors import FileError
from afterglow.posterior import read_posterior
from afterglow.protocol import Protocol
from afterglow.runs import Result
from afterglow.runs import simulate as run_simulation
from afterglow.simulate.spec import PEOPLE

__all__ = ["simulate"]

_LONG = 5000


def simulate(
    file: Annotated[Path, typer.Argument(help="Protocol (YAML), evidence study or NONMEM table.")],
    participants: Annotated[int, typer.Option("--participants", "-n", help="Virtual people per arm.")] = PEOPLE,
    draws: Annotated[
        int | None, typer.Option(min=1, help="Draws of the parameters; default: 64, fewer in a very large cohort.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same numbers.")] = 1,
    rival: Annotated[
        str | None,
        typer.Option(help="One explanation: window, additive, drug_only or expectancy_only; default: all, weighted."),
    ] = None,
    uncalibrated: Annotated[
        bool, typer.Option("--uncalibrated", help="Facts and centres of priors only, not the calibration on trials.")
    ] = False,
    posterior: Annotated[
        Path | None, typer.Option(help="A posterior that afterglow calibrate wrote, in place of the package's.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder for the report, tables and data.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    twins: Annotated[bool, typer.Option(help="Also run each arm without integration.")] = True,
    engine: EngineOption = "threads",
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    store: Annotated[bool, typer.Option(help="Read the run if it was made before, else keep it.")] = True,
) -> None:
    """Simulate every arm of FILE on the same virtual people."""
    protocol = Protocol.from_file(file)
    own = read_posterior(posterior) if posterior is not None else None
    if out is not None:
        _prepare(out)
    with _progress(participants) as bar:
        task = bar.add_task("simulating", total=1)
        result = run_simulation(
            protocol,
            participants=participants,
            seed=seed,
            draws=draws,
            rival=rival,
            calibrated=not uncalibrated,
            posterior=own,
            twins=twins,
            engine=engine,
            workers=workers,
            scheduler=scheduler,
            store=store,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        typer.echo(json.dumps(result.to_json(), indent=2, allow_nan=False))
    else:
        _print(result)
    if out is not None:
        _write(result, out, quiet=as_json)


def _progress(participants: int) -> Progress:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console, transient=True, disable=participants < _LONG or not console.is_terminal)


def _prepare(out: Path) -> None:
    """Make the output folder before any work is done."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise FileError(f"{out} is a file, not a folder; choose another place for --out") from None
    except OSError as error:
        raise FileError(f"cannot make the folder {out}: {error.strerror}") from None


def _print(result: Result) -> None:
    console = Console()
    if not result.calibrated:
        console.print("[bold]Not calibrated yet[/bold]: sizes rest on pharmacology facts and priors, not on trials.")
    main = result.scales[0]
    columns = ("day", "mean", "5-95 % of people", "change", "response", "remission")
    known = ("change, 90 % credible",) if result.calibrated else ()
    table = Table(Column("arm", overflow="fold"), *columns, *known, title=main)
    last = max(row["day"] for row in result.rows["scores"] if row["scale"] == main)
    for row in result.rows["scores"]:
        twin = "|" in row["arm"]
        if row["scale"] != main or (twin and row["day"] != last):
            continue
        remission = "" if row["remission"] != row["remission"] else f"{row['remission']:.0%}"
        marked = any(d.extrapolated for a in result.arms if a.id == row["arm"] for d in a.doses)
        table.add_row(
            escape(row["arm"].replace("|", ", ")) + (" (extrapolation)" if marked else ""),
            f"{row['day']:g}",
            f"{row['mean']:.1f}",
            f"{row['q05']:.0f} to {row['q95']:.0f}",
            f"{row['change_mean']:+.1f}",
            f"{row['response']:.0%}",
            remission,
            *(_band(row) if result.calibrated else ()),
        )
    console.print(table)
    for warning in result.warnings:
        if warning.level in ("contraindication", "interaction"):
            said = escape(f"{warning.sentence} ({warning.source})")
            Console(stderr=True).print(f"[bold]{warning.level}[/bold]: {said}")


def _band(row: dict[str, float]) -> tuple[str]:
    low, high = row["change_mean_low"], row["change_mean_high"]
    return (f"{low:+.1f} to {high:+.1f}" if row["change_mean"] else "",)


def _write(result: Result, out: Path, *, quiet: bool) -> None:
    # The report is loaded only when one is written: a plain run answers sooner.
    paths = import_module("afterglow.report.html").write_report(result, out)
    import_module("afterglow.report.tables").write_tables(result, out)
    result.save(out / "result.nc")
    if not quiet:
        typer.echo(f"Report: {paths.report}")
    sys.stdout.flush()
