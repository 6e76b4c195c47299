"""``afterglow new``: writes a commented protocol to start from."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from afterglow.cli.output.tables import say
from afterglow.errors import ParameterError
from afterglow.files import write_text_atomically
from afterglow.protocol import STARTERS, starter

__all__ = ["new"]


def new(
    medicine: Annotated[
        str | None, typer.Argument(help=f"{', '.join(STARTERS[:-1])} or {STARTERS[-1]}.", show_default=False)
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write it; MEDICINE.yaml in this folder otherwise.")
    ] = None,
    trial: Annotated[
        bool,
        typer.Option("--trial", help="With a trial section, for afterglow trial; of psilocybin if nothing is said."),
    ] = False,
    schedule: Annotated[
        bool, typer.Option("--schedule", help="With an optimise section, for afterglow optimise.")
    ] = False,
) -> None:
    """Write a commented protocol for MEDICINE to start from; an existing file is left alone."""
    if trial and schedule:
        raise ParameterError("--trial and --schedule ask for two files; keep one, and copy the section of the other")
    if medicine is None and not trial:
        raise ParameterError(f"name a medicine to start from: {', '.join(STARTERS)}")
    name = (medicine or "psilocybin").strip().lower()
    write, kind, command = starter, "", "check"
    if trial:
        write, kind, command = import_module("afterglow.trial.specification.starter").trial_starter, "-trial", "trial"
    elif schedule:
        write, kind, command = import_module("afterglow.plan.space.starter").schedule_starter, "-schedule", "optimise"
    text = write(name)
    path = output or Path(f"{name}{kind}.yaml")
    write_text_atomically(path, text, replace=False)
    say(f"Wrote {path}. Next: afterglow {command} {path}")
