"""``afterglow predict``: forecasts of registered trials, frozen, checked and scored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from afterglow.cli.options import SEED, EngineOption, FormatOption, JsonOption, WideOption, WorkersOption, tables_option
from afterglow.cli.output.tables import (
    Row,
    Table,
    check_tables,
    chosen_format,
    interval,
    number,
    print_json,
    say,
    show,
    words,
)
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
    check: Annotated[
        Path | None,
        typer.Option("--check", help="A forecast, or the number of one on record, to check against today's model."),
    ] = None,
    results: Annotated[
        Path | None, typer.Option("--results", help="With --check: the study that reports, in the evidence format.")
    ] = None,
    seed: Annotated[int, SEED] = 1,
    as_json: JsonOption = False,
    form: FormatOption = None,
    wide: WideOption = False,
    only: Annotated[list[str] | None, tables_option("contrasts", "arms", "numbers")] = None,
    engine: EngineOption = "threads",
    workers: WorkersOption = None,
) -> None:
    """Foretell a registered trial and freeze the forecast, or check one: whole, by which version, and how it did."""
    form = chosen_format(form, as_json, only)
    if (file is None) == (check is None):
        raise ParameterError("give either a PROTOCOL to foretell or a forecast to --check")
    check_tables(only, ["numbers"] if file is None else ["contrasts", "arms"])
    frozen = import_module("afterglow.predictions.frozen")
    if file is not None:
        if results is not None:
            raise ParameterError("--results scores a forecast that is kept; name it with --check")
        if out is not None and (out.exists() or out.is_symlink()):
            raise FileError(f"'{out}' exists already: a frozen forecast is never written over; name another file")
        trial = import_module("afterglow.predictions.registration").RegisteredTrial.from_file(file)
        held = frozen.forecast(trial, seed=seed, engine=engine, workers=workers)
        if out is not None:
            frozen.write_forecast(held, out)
        print_json(held) if form == "json" else show(*_forecast(held), form=form, wide=wide, only=only)
        return
    held = _kept(check, frozen.read_forecast)
    found = frozen.check(held, engine=engine, workers=workers)
    scored = None
    if results is not None and found.whole:
        study = import_module("afterglow.evidence").read_study(results)
        scored = import_module("afterglow.predictions.scoring").scores_of(held, study)
    if form == "json":
        print_json({"check": asdict(found), "scores": asdict(scored) if scored is not None else None})
    elif form is None or scored is None:
        _print_check(found, held)
    if form != "json" and scored is not None:
        show(*_scores(scored), form=form, wide=wide, only=only)
    if not found.whole:
        raise typer.Exit(_MISTAKEN)


def _kept(check: Path | None, read: Callable[[Path | None], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Read the forecast of a file or, where there is no such file, the one on record under that number."""
    record = import_module("afterglow.predictions.record")
    if str(check) in record.trials_on_record() and not Path(str(check)).exists():
        found: Mapping[str, Any] = record.forecast_on_record(str(check))
        return found
    return read(check)


def _forecast(held: Mapping[str, Any]) -> Iterator[Table | str]:
    registration = held["trial"]["registration"]
    rows = []
    for name, numbers in {"weighted": held["weighted"], **held["by_explanation"]}.items():
        for row in numbers["contrasts"]:
            pair = {"arm": row["arm"], "versus": row["versus"], "explanation": name}
            rows.append({**pair, **_bounds(row["difference"]), "probability_positive": row["positive"]["probability"]})
    columns = [
        words("explanation", "explanation"),
        number("difference", "value", signed),
        interval("90 % interval", "low", "high", signed),
        number("P(positive)", "probability_positive", ".2f"),
    ]
    yield Table("contrasts", rows, columns, title=registration["title"], by=("arm", "versus"), heading=_against)
    changes = [
        {"arm": row["arm"], "n": row["n"], **_bounds(row["change"]), "response": row["response"]["value"]}
        for row in held["weighted"]["arms"]
    ]
    of_arms = [
        words("arm", "arm"),
        number("n", "n"),
        number("change", "value", signed),
        interval("90 % interval", "low", "high", signed),
        number("response", "response", ".0%"),
    ]
    yield Table("arms", changes, of_arms, title=f"{registration['scale']}, weighted")
    yield f"positive: {held['positive']}; digest {held['digest']}"


def _bounds(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: told[name] for name in ("value", "low", "high")}


def _against(row: Row) -> str:
    return f"{row['arm']} against {row['versus']}" if row["versus"] else str(row["arm"])


def _print_check(found: Any, held: Mapping[str, Any]) -> None:
    made = found.made
    say(f"{held['trial']['registration']['number']}: made on {made['date']} by Afterglow {made['version']}")
    if not found.whole:
        say("afterglow: the forecast was changed after it was made: its digest does not fit", err=True)
        return
    say("whole: nothing was changed since")
    same = {"version": found.same_version, "model": found.same_model, "posteriors": found.same_posteriors}
    say("; ".join(f"{name} {'as today' if is_same else 'not that of today'}" for name, is_same in same.items()))
    if found.same_numbers:
        say("today's model says the same")
        return
    for name, (then, now) in found.moved.items():
        if name.endswith(("difference.value", "positive.probability")):
            say(f"today's model says {now:.2f}, not {then:.2f}: {name}")


def _scores(scored: Any) -> Iterator[Table | str]:
    columns = [
        words("number", "what"),
        number("published", "published", ".2f"),
        number("foretold", "predicted", ".2f"),
        interval("90 % interval", "low", "high", ".2f"),
        words("inside", lambda row: "yes" if row["inside"] else "NO"),
        number("CRPS, SDs", "crps_sd", ".2f"),
    ]
    rows = [asdict(row) for row in scored.numbers]
    yield Table("numbers", rows, columns, by=("arm", "versus"), heading=_against)
    if scored.positive is None:
        yield "Whether the primary outcome was positive cannot be said from this study."
        return
    alone = ", ".join(f"{name} {value:.2f}" for name, value in scored.by_explanation.items())
    came = "positive" if scored.positive else "not positive"
    yield f"{came}; foretold P {scored.probability:.2f}, log score {scored.log_score:.2f} ({alone})"
