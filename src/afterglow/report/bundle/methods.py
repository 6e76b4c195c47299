"""A paragraph for the methods of a paper, and what an archive holds."""

from __future__ import annotations

from afterglow.report.provenance import provenance
from afterglow.report.words import caveats, what_was_simulated
from afterglow.results.tables import Tables
from afterglow.safety.purpose import PURPOSE

__all__ = ["methods_paragraph", "read_me"]


def methods_paragraph(tables: Tables) -> str:
    """Return how the numbers came about, to be put into a paper or a protocol and edited there."""
    spec = tables.run.spec
    sentences = [
        f"Courses were simulated with Afterglow {spec.version} (seed {spec.seed}, run {spec.key}).",
        *what_was_simulated(tables),
        "Means are of endlessly many ratings; quantiles, response, remission and relapse are of one rating each.",
        *caveats(tables),
    ]
    return " ".join(sentences)


def read_me(tables: Tables, files: dict[str, str], *, created: str | None = None) -> str:
    """Return what each file of an archive is, and what is needed to make the run again.

    Parameters
    ----------
    tables : Tables
    files : dict of str to str
        Name and what it is.
    created : str, optional
        Date and time to print; now (UTC) if left out.
    """
    listed = "\n".join(f"  {name}: {what}" for name, what in files.items())
    known = "\n".join(f"  {key}: {value}" for key, value in provenance(tables, created=created).items())
    return (
        f"{tables.protocol.title or 'Untitled protocol'}\n\n{PURPOSE}\n\nFiles\n{listed}\n\n"
        f"To make the run again: afterglow simulate protocol.yaml --participants {tables.participants} "
        f"--seed {tables.seed}{_rival(tables)}\n\nWhere it came from\n{known}\n"
    )


def _rival(tables: Tables) -> str:
    rival = tables.run.spec.rival
    return "" if rival == "weighted" else f" --rival {rival}"
