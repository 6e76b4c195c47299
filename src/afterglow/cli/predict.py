"""``afterglow predict``: forecasts of registered trials, frozen, checked and scored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from afterglow.cli.options import SEED, EngineOption, WorkersOption
from afterglow.errors import FileError, ParameterError
from afterglow.figures.words import signed

__all__ = ["predict"]

_MISTAKEN = 2


def predict(
    file: Annotated[
        Path | None, typer.Argument(metavar="[PROTOCOL]", help="A protocol with its registration, to foretell.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where the forecast is kept; never written over.")
    ] = None,
    check: Annotated[Path | None, typer.Option("--check", help="A forecast to check against today's model.")] = None,
    results: Annotated[
        Path | None, typer.Option("--results", help="With --check: the study that reports, in the evidence format.")
    ] = None,
    seed: Annotated[int, SEED] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    engine: EngineOption = "threads",
    workers: WorkersOption = None,
) -> None:
    """Foretell a registered trial and freeze the forecast, or check one: whole, by which version, and how it did."""
    if (file is None) == (check is None):
        raise ParameterError("give either a PROTOCOL to foretell or a forecast to --check")
    frozen = import_module("afterglow.forecast.frozen")
    if file is not None:
        if results is not None:
            raise ParameterError("--results scores a forecast that is kept; name it with --check")
        if out is not None and (out.exists() or out.is_symlink()):
            raise FileError(f"'{out}' exists already: a frozen forecast is never written over; name another file")
        trial = import_module("afterglow.forecast.registration").RegisteredTrial.from_file(file)
        held = frozen.forecast(trial, seed=seed, engine=engine, workers=workers)
        if out is not None:
            frozen.write_forecast(held, out)
        typer.echo(json.dumps(held, indent=1)) if as_json else _print_forecast(held)
        return
    held = frozen.read_forecast(check)
    found = frozen.check(held, engine=engine, workers=workers)
    scored = None
    if results is not None and found.whole:
        study = import_module("afterglow.evidence").read_study(results)
        scored = import_module("afterglow.forecast.scoring").scores_of(held, study)
    if as_json:
        told = {"check": asdict(found), "scores": asdict(scored) if scored is not None else None}
        typer.echo(json.dumps(told, indent=1))
    else:
        _print_check(found, held)
        if scored is not None:
            _print_scores(scored)
    if not found.whole:
        raise typer.Exit(_MISTAKEN)


def _print_forecast(held: Mapping[str, Any]) -> None:
    registration = held["trial"]["registration"]
    console = Console()
    table = Table(
        "explanation", "arms", "difference", "90 % interval", "P(positive)", title=escape(registration["title"])
    )
    views = {"weighted": held["weighted"], **held["by_explanation"]}
    for name, numbers in views.items():
        for row in numbers["contrasts"]:
            d = row["difference"]
            table.add_row(
                name,
                escape(f"{row['arm']} v {row['versus']}"),
                signed(d["value"]),
                f"{signed(d['low'])} to {signed(d['high'])}",
                f"{row['positive']['probability']:.2f}",
            )
    console.print(table)
    arms = Table("arm", "n", "change", "90 % interval", "response", title=f"{registration['scale']}, weighted")
    for row in held["weighted"]["arms"]:
        c = row["change"]
        arms.add_row(
            escape(row["arm"]),
            str(row["n"]),
            signed(c["value"]),
            f"{signed(c['low'])} to {signed(c['high'])}",
            f"{row['response']['value']:.0%}",
        )
    console.print(arms)
    console.print(f"positive: {escape(held['positive'])}; digest {held['digest']}")


def _print_check(found: Any, held: Mapping[str, Any]) -> None:
    made = found.made
    typer.echo(f"{held['trial']['registration']['number']}: made on {made['date']} by Afterglow {made['version']}")
    if not found.whole:
        typer.echo("afterglow: the forecast was changed after it was made: its digest does not fit", err=True)
        return
    typer.echo("whole: nothing was changed since")
    same = {"version": found.same_version, "model": found.same_model, "posteriors": found.same_posteriors}
    typer.echo("; ".join(f"{name} {'as today' if is_same else 'not that of today'}" for name, is_same in same.items()))
    if found.same_numbers:
        typer.echo("today's model says the same")
        return
    for name, (then, now) in found.moved.items():
        if name.endswith(("difference.value", "positive.probability")):
            typer.echo(f"today's model says {now:.2f}, not {then:.2f}: {name}")


def _print_scores(scored: Any) -> None:
    table = Table("number", "arms", "published", "foretold", "90 % interval", "inside", "CRPS, SDs")
    for row in scored.numbers:
        table.add_row(
            row.what,
            escape(f"{row.arm} v {row.versus}" if row.versus else row.arm),
            f"{row.published:.2f}",
            f"{row.predicted:.2f}",
            f"{row.low:.2f} to {row.high:.2f}",
            "yes" if row.inside else "NO",
            "" if row.crps_sd is None else f"{row.crps_sd:.2f}",
        )
    Console().print(table)
    if scored.positive is None:
        typer.echo("whether the primary outcome was positive cannot be said from this study")
        return
    alone = ", ".join(f"{name} {value:.2f}" for name, value in scored.by_explanation.items())
    came = "positive" if scored.positive else "not positive"
    typer.echo(f"{came}; foretold P {scored.probability:.2f}, log score {scored.log_score:.2f} ({alone})")
