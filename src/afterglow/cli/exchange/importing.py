"""``afterglow import``: a protocol, or one to be completed, from a file that another program wrote."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from afterglow.cli.exchange.export import deliver
from afterglow.files import write_text_atomically

__all__ = ["import_"]


def import_(
    file: Annotated[Path, typer.Argument(help="A ClinicalTrials.gov record (JSON, API v2) or USDM v4.")],
    output: Annotated[
        Path | None, typer.Option("--output", "--out", "-o", help="Protocol to write; default: the screen.")
    ] = None,
    study: Annotated[str | None, typer.Option(help="Which study of a file with several, such as NCT01234567.")] = None,
) -> None:
    """Make a protocol of FILE; what it does not say, such as doses and sessions, is left to be filled in."""
    found = import_module("afterglow.exchange").import_file(file, study=study)
    if output is None:
        deliver(found.text, None)
        return
    write_text_atomically(output, found.text, replace=False)
    then = "" if found.is_complete else " to see what is still to be filled in"
    typer.echo(f"Wrote {output}. Next: afterglow check {output}{then}")
