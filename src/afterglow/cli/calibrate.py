"""``afterglow calibrate``, ``rivals`` and ``validate``: fit to published trials, weigh rivals, foretell others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from afterglow.cli.options import (
    SEED,
    EngineOption,
    FormatOption,
    JsonOption,
    SchedulerOption,
    WideOption,
    WorkersOption,
    tables_option,
)
from afterglow.cli.output.progress import progress
from afterglow.cli.output.tables import (
    Column,
    Row,
    Table,
    chosen_format,
    number,
    print_json,
    say,
    show,
    words,
)
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
    with Engine(engine, workers, scheduler).running() as executor, progress(lasting=True) as told:
        problem = run.problem_of(rival, people=people, seed=seed, verified_only=not unverified, executor=executor)
        start = None if near is None else read_posterior(near)
        posterior = run.calibrate(problem, out=out, draws=draws, rounds=rounds, near=start, told=told)
    _print_posterior(posterior)
    say(f"Posterior: {out}")


def rivals(
    as_json: JsonOption = False,
    folder: Annotated[
        Path | None, typer.Option("--from", help="Folder of posteriors RIVAL.nc; default: the package's own.")
    ] = None,
    form: FormatOption = None,
    wide: WideOption = False,
    only: Annotated[list[str] | None, tables_option("rivals", "studies")] = None,
) -> None:
    """Weigh the rival explanations by how well each foretells studies that were left out of its fit."""
    form = chosen_format(form, as_json, only)
    weigh = import_module("afterglow.calibrate.diagnostics.weigh").weigh
    found = weigh(_posteriors(None, folder))
    if form == "json":
        print_json(found.as_json())
        return
    weights = [
        words("explanation", "rival"),
        number("weight", "weight", ".2f"),
        number("log density", "log_density", ".1f"),
        number("behind the best", "behind", ".1f"),
        number("± SE", "behind_se", ".1f"),
    ]
    moved = [
        words("study", "study"),
        number("log ratio", "log_ratio", ".1f"),
        words("favours", "favours"),
        words("over", "over"),
    ]
    show(
        Table("rivals", found.rivals, weights, title="Leave-one-study-out stacking"),
        Table("studies", found.studies if wide else found.studies[:10], moved, title="Studies that move it most"),
        found.verdict,
        form=form,
        wide=wide,
        only=only,
    )


def validate(
    folder: Annotated[Path, typer.Argument(help="Folder of studies in the evidence format.")],
    as_json: JsonOption = False,
    form: FormatOption = None,
    wide: WideOption = False,
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
    each, form = rival == _ALL, chosen_format(form, as_json)
    board_of = import_module("afterglow.calibrate.diagnostics.scoreboard").scoreboard
    fitted = (
        Posteriors.alone(read_posterior(posterior))
        if posterior is not None
        else _posteriors(None if each else rival, None)
    )
    with Engine(engine, workers, scheduler).running() as executor, progress(lasting=True) as told:
        board = board_of(
            folder,
            fitted,
            each=each,
            told=lambda done, of: told("foretelling", done, of),
            executor=executor,
        )
    found = board.as_json()
    if form == "json":
        print_json(found)
    elif form == "csv":
        show(_rows_table(found["rows"]), form=form)
    else:
        show(*_board(found), form=form, wide=wide)
    for mistake in board.mistakes:
        say(f"afterglow: {mistake}", err=True)
    if board.mistakes:
        raise typer.Exit(2)


def _board(board: Mapping[str, Any]) -> Iterator[Table | str]:
    for group, title in _TITLES.items():
        rows = [row for row in board["rows"] if row["group"] == group]
        if not rows:
            continue
        yield _rows_table(rows, title)
        told = board["summary"][group]
        beside = {label: told[name] for name, label in _BASELINES[group].items()}
        if "without_excess" in told:
            beside = {"without the excess of small trials": told["without_excess"], **beside}
        yield _figures_table(f"{title}, foretold by the model and by means of other trials", told, beside)
        if "by_rival" in board:
            yield _rivals_table(f"{title}, foretold by each explanation", group, board["by_rival"])
    yield from (f"left out: {one['what']}: {one['reason']}" for one in board["left_out"])


def _rows_table(rows: Sequence[Row], title: str = "") -> Table:
    columns = [
        words("outcome", _what),
        number("day", "day"),
        *(Column(name, partial(_point, name=name), "number") for name in ("published", "predicted")),
        Column("90 % interval", _bounds, "interval"),
        words("in", lambda row: "yes" if row["inside"] else "NO"),
        number("SD between people", "sd", ".3g", wide=True),
    ]
    return Table("rows", rows, columns, title=title, by=("study", "arm", "versus"), heading=_whose)


def _whose(row: Row) -> str:
    return f"{row['study']}: {row['arm']}" + (f" against {row['versus']}" if row["versus"] else "")


def _what(row: Row) -> str:
    points = row["kind"] in ("score", "change_from_baseline", "difference")
    return f"{row['scale']} {'' if points else row['kind'].replace('_', ' ')}".strip()


def _point(row: Row, name: str) -> str:
    return f"{row[name]:.{1 if row['sd'] > 1 else 2}f}"


def _bounds(row: Row) -> str:
    return f"{_point(row, 'low')} to {_point(row, 'high')}"


def _figures_table(title: str, model: Mapping[str, Any], beside: Mapping[str, Mapping[str, Any]]) -> Table:
    views = {"the model": model, **beside}
    rows = [{"": label, **{view: held[name] for view, held in views.items()}} for name, label in _FIGURES.items()]
    return Table("figures", rows, _figure_columns(views), title=title)


def _rivals_table(title: str, group: str, by_rival: Mapping[str, Mapping[str, Any]]) -> Table:
    rows: list[dict[str, Any]] = [
        {"": "weight", **{rival: answer["weight"] for rival, answer in by_rival.items()}},
        {"": "log density, all groups", **{rival: answer["log_density"] for rival, answer in by_rival.items()}},
        *(
            {"": label, **{rival: answer["summary"][group][name] for rival, answer in by_rival.items()}}
            for name, label in _FIGURES.items()
        ),
    ]
    return Table("rivals", rows, _figure_columns(by_rival), title=title)


def _figure_columns(views: Iterable[str]) -> list[Column]:
    return [words("", ""), *(Column(view, partial(_figure, name=view), "number") for view in views)]


def _figure(row: Row, name: str) -> str:
    value = row[name]
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
    told = import_module("afterglow.calibrate.diagnostics.parameter_table").parameter_rows(posterior)
    columns = [
        words("parameter", "name"),
        words("unit", "unit"),
        words("prior", "prior"),
        words("posterior, 5-95 %", "posterior"),
        number("shrinkage", "shrinkage", ".2f"),
        words("", "said"),
    ]
    made = posterior.diagnostics
    show(
        Table("parameters", told, columns),
        f"{len(made['studies'])} studies, {made['rows']} rows; Pareto k {made['pareto_k']:.2f}, "
        f"{made['effective_draws']:.0f} effective of {made['draws']} draws",
    )
