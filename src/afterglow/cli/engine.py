"""Options of the commands that simulate: what does the work."""

from __future__ import annotations

from typing import Annotated, get_args

import typer

from afterglow.runs.execute import EngineName

__all__ = ["EngineOption", "SchedulerOption", "WorkersOption"]

EngineOption = Annotated[
    EngineName, typer.Option("--engine", help=f"What does the work: {', '.join(get_args(EngineName))}.")
]
WorkersOption = Annotated[int | None, typer.Option("--workers", min=1, help="Default: one per core.")]
SchedulerOption = Annotated[
    str | None, typer.Option("--scheduler", metavar="ADDRESS", help="Of a Dask cluster that is running.")
]
