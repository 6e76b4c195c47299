"""``afterglow cite``: the sources a protocol's simulation relies on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from afterglow.citations import bibtex as as_bibtex
from afterglow.citations import cite as as_text
from afterglow.citations import references
from afterglow.cli.options import CmtOption, compartments
from afterglow.cli.output.tables import print_text, show
from afterglow.evidence import read_protocol
from afterglow.results.sources import sources

__all__ = ["cite"]


def cite(
    file: Annotated[Path | None, typer.Argument(help="A protocol; without it, all sources.")] = None,
    cmt: CmtOption = None,
    bibtex: Annotated[bool, typer.Option("--bibtex", help="Print BibTeX.")] = False,
) -> None:
    """Print the sources that a run of FILE relies on."""
    keys = sources(read_protocol(file, cmt=compartments(cmt))) if file else tuple(r.key for r in references())
    if bibtex:
        print_text(as_bibtex(keys) + "\n")
    else:
        show(*as_text(keys))
