"""``afterglow simulate``: run a protocol and write what came out."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from importlib import import_module
from math import isfinite
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from afterglow.cli.options import (
    PARTICIPANTS,
    SEED,
    CmtOption,
    DrawsOption,
    EngineOption,
    PosteriorOption,
    RivalOption,
    SchedulerOption,
    UncalibratedOption,
    WorkersOption,
    compartments,
)
from afterglow.errors import FileError
from afterglow.evidence import read_with_notes
from afterglow.figures.reading import arms_of, last_scores
from afterglow.figures.words import (
    TELLS_NOTHING,
    explanations_text,
    interval,
    is_clear,
    people_text,
    signed,
    under_text,
)
from afterglow.posterior import read_posterior
from afterglow.protocol.timeline import extrapolations
from afterglow.results.integration import Added, integration_adds
from afterglow.runs import Result
from afterglow.runs import simulate as run_simulation
from afterglow.runs.simulate import spec_of
from afterglow.simulate.spec import PEOPLE

__all__ = ["simulate"]

_LONG = 5000


def simulate(
    file: Annotated[Path, typer.Argument(help="Protocol (YAML), evidence study or NONMEM table.")],
    cmt: CmtOption = None,
    participants: Annotated[int, PARTICIPANTS] = PEOPLE,
    draws: DrawsOption = None,
    seed: Annotated[int, SEED] = 1,
    rival: RivalOption = None,
    uncalibrated: UncalibratedOption = False,
    posterior: PosteriorOption = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder for the report, tables and data.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    twins: Annotated[bool, typer.Option(help="Also run each arm without integration.")] = True,
    engine: EngineOption = "threads",
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    store: Annotated[bool, typer.Option(help="Read the run if it was made before, else keep it.")] = True,
) -> None:
    """Simulate every arm of FILE on the same virtual people, under all explanations by their weights.

    Intervals of 90 % hold parameters, explanations and departures between trials. Points below zero: a lower score
    with integration than in the same people without.
    """
    protocol, notes = read_with_notes(file, cmt=compartments(cmt))
    for note in notes:
        typer.echo(f"note: {note}", err=True)
    asked: dict[str, Any] = {
        "participants": participants,
        "seed": seed,
        "draws": draws,
        "rival": rival,
        "calibrated": not uncalibrated,
        "posterior": read_posterior(posterior) if posterior is not None else None,
        "twins": twins,
    }
    spec_of(protocol, **asked)  # an impossible run is refused before anything is written
    if out is not None:
        _prepare(out)
    with _progress(participants) as bar:
        task = bar.add_task("simulating", total=1)
        result = run_simulation(
            protocol,
            **asked,
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
        console.print("[bold]Not calibrated[/bold]: sizes rest on pharmacology facts and priors, not on trials.")
    console.print(_table(result))
    spec = result.run.spec
    draws = "1 draw" if spec.draws == 1 else f"{spec.draws} draws"
    console.print(f"{people_text(spec.participants)}, {draws}; explanations: {explanations_text(result)}")
    for arm in result.protocol.arms:
        for words in extrapolations(arm):
            console.print(escape(f"extrapolation: arm '{arm.id}', {words}"))
    for added in integration_adds(result):
        console.print(escape(_added(added)))
    for warning in result.warnings:
        if warning.level in ("contraindication", "interaction"):
            said = escape(f"{warning.sentence} ({warning.source})")
            Console(stderr=True).print(f"[bold]{warning.level}[/bold]: {said}")


def _table(result: Result) -> Table:
    """Return the main scale by arm and day, each arm's twin without integration on the last day below it."""
    known = ("90 % interval",) if result.has_intervals else ()
    columns = ("day", "mean", *known, "change", "response", "remission")
    table = Table(Column("arm", overflow="fold"), *columns, title=result.scales[0], box=SIMPLE_HEAD)
    last = last_scores(result)
    for view in arms_of(result):
        own = [r for r in result.rows["scores"] if r["arm"] == view.id and r["scale"] == result.scales[0]]
        name = escape(view.id) + (" (extrapolation)" if view.extrapolated else "")
        for row in own:
            table.add_row(name if row is own[0] else "", *_cells(row, with_interval=result.has_intervals))
        if view.twin:
            table.add_row("  no integration", *_cells(last[view.twin], with_interval=result.has_intervals))
        table.add_section()
    return table


def _cells(row: Mapping[str, float], *, with_interval: bool) -> tuple[str, ...]:
    return (
        f"{row['day']:g}",
        f"{row['mean']:.1f}",
        *((f"{row['mean_low']:.1f} to {row['mean_high']:.1f}",) if with_interval else ()),
        signed(row["change_mean"]),
        f"{row['response']:.0%}",
        f"{row['remission']:.0%}" if isfinite(row["remission"]) else "",
    )


def _added(added: Added) -> str:
    """Say in a line what integration adds to an arm."""
    said = f"{added.arm}: integration adds {signed(added.points)} {added.scale} points on day {added.day:g}"
    if isfinite(added.low):
        said += f", 90 % interval {interval(added.low, added.high)}"
        said += "" if is_clear(added) else f": {TELLS_NOTHING}"
    return f"{said}; by explanation: {under_text(added)}" if added.by_rival else said


def _write(result: Result, out: Path, *, quiet: bool) -> None:
    # The report is loaded only when one is written: a plain run answers sooner.
    paths = import_module("afterglow.report.html").write_report(result, out)
    import_module("afterglow.report.tables").write_tables(result, out)
    result.save(out / "result.nc")
    if not quiet:
        typer.echo(f"Report: {paths.report}")
    sys.stdout.flush()
