"""``afterglow new``: writes a commented protocol to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from afterglow.cli.output.tables import say
from afterglow.files import write_text_atomically
from afterglow.protocol import STARTERS, starter

__all__ = ["new"]


def new(
    medicine: Annotated[str, typer.Argument(help=f"{', '.join(STARTERS[:-1])} or {STARTERS[-1]}.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write it; MEDICINE.yaml in this folder otherwise.")
    ] = None,
) -> None:
    """Write a commented protocol for MEDICINE to start from; an existing file is left alone."""
    text = starter(medicine)
    path = output or Path(f"{medicine.strip().lower()}.yaml")
    write_text_atomically(path, text, replace=False)
    say(f"Wrote {path}. Next: afterglow check {path}")
