"""Options that several commands share: what names a run, what does the work, and what a compartment of a table is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from afterglow.cli.output.tables import Format, check_tables
from afterglow.errors import ParameterError
from afterglow.protocol.events.reading import Compartments
from afterglow.runs.execute import EngineName

__all__ = [
    "PARTICIPANTS",
    "SEED",
    "CmtOption",
    "DrawsOption",
    "EngineOption",
    "FormatOption",
    "JsonOption",
    "PosteriorOption",
    "RivalOption",
    "SchedulerOption",
    "UncalibratedOption",
    "WideOption",
    "WorkersOption",
    "compartments",
    "tables_option",
]

PARTICIPANTS = typer.Option("--participants", "-n", help="Virtual people per arm.")
SEED = typer.Option("--seed", help="Same seed, same numbers.")
DrawsOption = Annotated[
    int | None, typer.Option(min=1, help="Draws of the parameters; default: 64, fewer in a very large cohort.")
]
RivalOption = Annotated[
    str | None,
    typer.Option(help="One explanation: window, additive, drug_only or expectancy_only; default: all, weighted."),
]
UncalibratedOption = Annotated[
    bool, typer.Option("--uncalibrated", help="Facts and centres of priors only, not the calibration on trials.")
]
PosteriorOption = Annotated[
    Path | None, typer.Option(help="A posterior that afterglow calibrate wrote, in place of the package's.")
]
EngineOption = Annotated[
    EngineName, typer.Option("--engine", help=f"What does the work: {', '.join(get_args(EngineName))}.")
]
WorkersOption = Annotated[int | None, typer.Option("--workers", min=1, help="Default: one per core.")]
SchedulerOption = Annotated[
    str | None, typer.Option("--scheduler", metavar="ADDRESS", help="Of a Dask cluster that is running.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
FormatOption = Annotated[
    Format | None, typer.Option("--format", help="Print the table for other programs: csv, json or markdown.")
]
WideOption = Annotated[bool, typer.Option("--wide", help="Show all columns.")]
CmtOption = Annotated[
    list[str] | None,
    typer.Option(
        "--cmt",
        metavar="NUMBER=MEDICINE_ROUTE",
        help="What a compartment of an event table is, such as 1=ketamine_iv; once for each.",
    ),
]


def tables_option(*names: str) -> Any:
    """Return the option ``--table`` of a command with tables of these names; without any, it checks them itself."""

    def known(only: list[str] | None) -> list[str] | None:
        if names:
            check_tables(only, names)
        return only

    return typer.Option(
        "--table",
        metavar=f"<{'|'.join(names) or 'str'}>",
        callback=known,
        help="Print this table alone, or several; in CSV the first by default.",
    )


def compartments(given: Sequence[str] | None) -> Compartments:
    """Return medicine and route by compartment.

    Raises
    ------
    ParameterError
        If one is not written like 1=ketamine_iv, or stands twice.
    """
    found: dict[str | int, str] = {}
    for text in given or ():
        number, equals, name = (part.strip() for part in text.partition("="))
        if not (number and equals and name):
            raise ParameterError(f"--cmt must be like 1=ketamine_iv, got '{text[:40]}'")
        if number in found:
            raise ParameterError(f"--cmt says twice what compartment {number[:20]} is; keep one")
        found[number] = name
    return found
