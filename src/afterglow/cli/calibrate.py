"""``afterglow calibrate``, ``rivals`` and ``validate``: fit to published trials, weigh rivals, foretell others."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from afterglow.cli.options import SEED, EngineOption, SchedulerOption, WorkersOption
from afterglow.cohort import RIVALS, known_rival
from afterglow.posterior import Posterior, Posteriors, read_posterior, shipped_posteriors
from afterglow.runs.execute import Engine

__all__ = ["calibrate", "rivals", "validate"]

_ALL = "all"
"""Word for every explanation in place of the name of one."""

_TITLES = {
    "means": "Means and changes of arms",
    "differences": "Differences between arms",
    "shares": "Shares of people",
    "relapse": "Relapse",
}
_OF_THE_MEDICINE = {"baseline_medicine": "the medicine's arms"}
_BASELINES = {
    "means": {**_OF_THE_MEDICINE, "baseline_condition": "the condition's arms"},
    "differences": {"baseline_medicine": "the medicine against such a control"},
    "shares": _OF_THE_MEDICINE,
    "relapse": _OF_THE_MEDICINE,
}
_FIGURES = {
    "rows": "rows",
    "studies": "studies",
    "coverage90": "inside 90 % intervals",
    "mae_sd": "error, SDs, mean of rows",
    "mae_sd_by_study": "error, SDs, mean of studies",
    "crps": "CRPS, SDs",
    "width_sd": "width of intervals, SDs",
    "slope": "slope, published on predicted",
}
"""Labels of what is told; SDs are those between people."""


def calibrate(
    out: Annotated[Path, typer.Option("--out", "-o", help="File for the posterior (NetCDF, for ArviZ).")],
    rival: Annotated[str, typer.Option(help="window, additive, drug_only or expectancy_only.")] = "window",
    people: Annotated[int, typer.Option(min=16, help="Virtual people per arm.")] = 48,
    draws: Annotated[int, typer.Option(help="Draws of the posterior.")] = 440,
    rounds: Annotated[int, typer.Option(min=1, help="Slopes computed on the way to the mode.")] = 10,
    near: Annotated[Path | None, typer.Option(help="A posterior to start from; fewer rounds are then enough.")] = None,
    seed: Annotated[int, SEED] = 1,
    unverified: Annotated[bool, typer.Option(help="Fit to numbers that were recalled, not read, as well.")] = False,
    engine: EngineOption = "threads",
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
) -> None:
    """Fit the model to the package's trials. Stop it with Ctrl-C and run it again: it goes on where it was."""
    run = import_module("afterglow.calibrate.run")
    with Engine(engine, workers, scheduler).running() as executor, _progress() as bar:
        problem = run.problem_of(rival, people=people, seed=seed, verified_only=not unverified, executor=executor)
        tasks: dict[str, Any] = {}

        def told(stage: str, done: int, of: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=of)
            bar.update(tasks[stage], completed=done)

        start = None if near is None else read_posterior(near)
        posterior = run.calibrate(problem, out=out, draws=draws, rounds=rounds, near=start, told=told)
    _print_posterior(posterior)
    typer.echo(f"Posterior: {out}")


def rivals(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    folder: Annotated[
        Path | None, typer.Option("--from", help="Folder of posteriors RIVAL.nc; default: the package's own.")
    ] = None,
) -> None:
    """Weigh the rival explanations by how well each foretells studies that were left out of its fit."""
    weigh = import_module("afterglow.calibrate.diagnostics.weigh").weigh
    found = weigh(_posteriors(None, folder))
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2, allow_nan=False))
        return
    console = Console()
    table = Table("rival", "weight", "log predictive density", "against the best", title="Leave-one-study-out stacking")
    for row in found.rivals:
        behind = f"{row['behind']:.1f} ± {row['behind_se']:.1f}" if row["behind"] else "best"
        table.add_row(row["rival"], f"{row['weight']:.2f}", f"{row['log_density']:.1f}", behind)
    console.print(table)
    moved = Table("study", "favours", "over", "log ratio", title="Studies that move it most")
    for row in found.studies[:10]:
        moved.add_row(escape(row["study"]), row["favours"], row["over"], f"{row['log_ratio']:.1f}")
    console.print(moved)
    console.print(found.verdict)


def validate(
    folder: Annotated[Path, typer.Argument(help="Folder of studies in the evidence format.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    rival: Annotated[
        str | None,
        typer.Option(
            help="One explanation: window, additive, drug_only or expectancy_only; all: each alone and all by their "
            "weights; default: all by their weights."
        ),
    ] = None,
    posterior: Annotated[Path | None, typer.Option(help="A posterior in place of the package's.")] = None,
    engine: EngineOption = "threads",
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
) -> None:
    """Foretell every study of FOLDER, beside what it published. Nothing is fitted to it.

    Arms' means, differences between arms, shares and relapse are told apart. A row with a mistake is left out, a file
    that is wrong elsewhere as a whole; the others are foretold, and the exit code is 2.
    """
    each = rival == _ALL
    board_of = import_module("afterglow.calibrate.diagnostics.scoreboard").scoreboard
    fitted = (
        Posteriors.alone(read_posterior(posterior))
        if posterior is not None
        else _posteriors(None if each else rival, None)
    )
    with Engine(engine, workers, scheduler).running() as executor, _progress() as bar:
        task = bar.add_task("foretelling", total=1)
        board = board_of(
            folder,
            fitted,
            each=each,
            told=lambda done, of: bar.update(task, completed=done, total=of),
            executor=executor,
        )
    found = board.as_json()
    if as_json:
        typer.echo(json.dumps(found, indent=2, allow_nan=False))
    else:
        _print_board(found)
    for mistake in board.mistakes:
        typer.echo(f"afterglow: {mistake}", err=True)
    if board.mistakes:
        raise typer.Exit(2)


def _print_board(board: Mapping[str, Any]) -> None:
    console = Console()
    for group, title in _TITLES.items():
        rows = [row for row in board["rows"] if row["group"] == group]
        if not rows:
            continue
        console.print(_rows_table(rows, title))
        told = board["summary"][group]
        beside = {label: told[name] for name, label in _BASELINES[group].items()}
        if "without_excess" in told:
            beside = {"without the excess of small trials": told["without_excess"], **beside}
        console.print(_figures_table(f"{title}, foretold by the model and by means of other trials", told, beside))
        if "by_rival" in board:
            console.print(_rivals_table(f"{title}, foretold by each explanation", group, board["by_rival"]))
    for one in board["left_out"]:
        console.print(f"left out: {escape(one['what'])}: {escape(one['reason'])}", style="dim")


def _rows_table(rows: Sequence[Mapping[str, Any]], title: str) -> Table:
    whole = (Column(name, overflow="fold") for name in ("study", "arm"))  # no id is cut short
    table = Table(*whole, "scale", "day", "published", "predicted", "90 % interval", "inside", title=title)
    for row in rows:
        digits = 1 if row["sd"] > 1 else 2
        points = row["kind"] in ("score", "change_from_baseline", "difference")
        what = "" if points else row["kind"].replace("_", " ")
        table.add_row(
            escape(row["study"]),
            escape(f"{row['arm']} against {row['versus']}" if row["versus"] else row["arm"]),
            f"{row['scale']} {what}".strip(),
            f"{row['day']:g}",
            *(f"{row[name]:.{digits}f}" for name in ("published", "predicted")),
            f"{row['low']:.{digits}f} to {row['high']:.{digits}f}",
            "yes" if row["inside"] else "NO",
        )
    return table


def _figures_table(title: str, model: Mapping[str, Any], beside: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table("", "the model", *beside, title=title)
    for name, label in _FIGURES.items():
        table.add_row(label, *(_figure(column[name]) for column in (model, *beside.values())))
    return table


def _rivals_table(title: str, group: str, by_rival: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table("", *by_rival, title=title)
    table.add_row("weight", *(_figure(answer["weight"]) for answer in by_rival.values()))
    table.add_row("log density, all groups", *(f"{answer['log_density']:.1f}" for answer in by_rival.values()))
    for name, label in _FIGURES.items():
        table.add_row(label, *(_figure(answer["summary"][group][name]) for answer in by_rival.values()))
    return table


def _figure(value: object) -> str:
    return "-" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)


def _posteriors(rival: str | None, folder: Path | None) -> Posteriors:
    if folder is not None:
        weighed = import_module("afterglow.posterior.stacking").weighed
        found: Posteriors = weighed({name: read_posterior(folder / f"{name}.nc") for name in RIVALS})
        return found
    if rival is not None:
        known_rival(rival)
    return shipped_posteriors(rival)


def _print_posterior(posterior: Posterior) -> None:
    console = Console()
    told = import_module("afterglow.calibrate.diagnostics.parameter_table").parameter_rows(posterior)
    table = Table("parameter", "unit", "prior", "posterior, 5-95 %", "shrinkage", "")
    for row in told:
        table.add_row(row["name"], row["unit"], row["prior"], row["posterior"], f"{row['shrinkage']:.2f}", row["said"])
    console.print(table)
    made = posterior.diagnostics
    console.print(
        f"{len(made['studies'])} studies, {made['rows']} rows; Pareto k {made['pareto_k']:.2f}, "
        f"{made['effective_draws']:.0f} effective of {made['draws']} draws"
    )


def _progress() -> Progress:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f} of {task.total:.0f}"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console, disable=not console.is_terminal)
