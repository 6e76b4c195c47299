"""``afterglow trial size FILE``: how large a trial must be."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from afterglow.cli.options import (
    SEED,
    EngineOption,
    FormatOption,
    JsonOption,
    RivalOption,
    SchedulerOption,
    WideOption,
    WorkersOption,
)
from afterglow.cli.output.progress import progress
from afterglow.cli.output.tables import Table, chosen_format, number, print_json, show, words
from afterglow.cli.trial.run import BankDrawsOption, ParticipantsOption, TrialsOption, bank_sizes
from afterglow.errors import ParameterError

__all__ = ["size_command"]


def size_command(
    file: Annotated[Path, typer.Argument(help="A protocol with a trial section; its own sizes are passed over.")],
    power: Annotated[float, typer.Option("--power", help="What is wanted, such as 0.9.")],
    assurance: Annotated[
        bool, typer.Option("--assurance", help="Over all explanations by their weights, not under one of them.")
    ] = False,
    rival: RivalOption = None,
    largest: Annotated[
        int, typer.Option("--largest", help="People of the control arm up to which sizes are tried.")
    ] = 1000,
    trials: TrialsOption = None,
    participants: ParticipantsOption = None,
    draws: BankDrawsOption = None,
    seed: Annotated[int, SEED] = 1,
    form: FormatOption = None,
    as_json: JsonOption = False,
    wide: WideOption = False,
    engine: EngineOption = "threads",
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
) -> None:
    """Find the size at which each design of FILE has a power.

    Without --assurance it is the power under one explanation, by default that of the largest weight, averaged over what
    is not known of its parameters and over how trials depart from the model.
    """
    if assurance and rival is not None:
        raise ParameterError("--assurance is over all explanations, --rival is one of them; keep one")
    form = chosen_format(form, as_json)
    room = import_module("afterglow.trial")
    trials = room.TRIALS if trials is None else trials
    with progress() as told:
        found = room.size_for(
            room.Trial.from_file(file),
            power,
            under="weighted" if assurance else rival,
            largest=largest,
            trials=trials,
            seed=seed,
            **bank_sizes(participants, draws),
            engine=engine,
            workers=workers,
            scheduler=scheduler,
            progress=lambda done, of: told("simulating trials", done, of),
        )
    rows = [_plain(each) for each in found]
    if form == "json":
        print_json({"sizes": rows, "trials": trials, "seed": seed})
        return
    table = Table(
        "sizes",
        rows,
        [
            words("design", "id"),
            words("analysis", "analysis"),
            words("under", "under"),
            number("n", "n", "d"),
            number("people", "people", "d"),
            number("power", "reached", ".3f"),
            number("MC error", "reached_se", ".3f"),
            number("assurance", "assurance", ".3f"),
            number("expected n", "expected_n", ".1f"),
        ],
        title=f"Size at which the power is {power:g}, within the Monte-Carlo error",
    )
    said = [_missing(each) for each in found if each.n is None]
    show(table, *said, "n is people of the control arm.", form=form, wide=wide)


def _plain(found: Any) -> dict[str, Any]:
    return {
        **{name: getattr(found, name) for name in ("id", "analysis", "under", "wanted", "n", "people")},
        "reached": found.reached.value,
        "reached_se": found.reached.se,
        "assurance": found.assurance.value,
        "assurance_se": found.assurance.se,
        "expected_n": found.expected_n.value,
        "tried": [{"n": size, **figure.to_json()} for size, figure in found.tried],
    }


def _missing(found: Any) -> str:
    largest = found.tried[-1][0]
    return (
        f"{found.id}: no size up to {largest} reaches {found.wanted:g}; there it is {found.reached.value:.3f}. "
        "Where an explanation in which the arms hardly differ carries weight, no size does; --largest tries more."
    )
