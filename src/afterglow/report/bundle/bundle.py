"""A run as one archive: everything that a colleague needs to read, to check and to repeat it."""

from __future__ import annotations

import io
import zipfile

from afterglow.report.bundle.dictionary import dictionary_rows
from afterglow.report.bundle.methods import methods_paragraph, read_me
from afterglow.report.html import render_html
from afterglow.results.tables import TABLES, Tables
from afterglow.spreadsheet import csv_text

__all__ = ["bundle_bytes"]

_FILES = {
    "protocol.yaml": "the protocol, for afterglow simulate",
    "report.html": "the report with its figures; it needs nothing else",
    "methods.txt": "a paragraph for the methods of a paper",
    "data_dictionary.csv": "every column of every table: unit and meaning",
    "arms.csv": "ids and names of the arms",
    "scores.csv": "scores by arm and visit, with 90 % intervals of the mean and quantiles over people",
    "contrasts.csv": "differences between arms by visit, with 90 % intervals",
    "relapse.csv": "relapse of those who responded",
    "lasting.csv": "who respond to the end, and hours of therapy for each",
    "windows.csv": "when the window opens and closes",
    "exposure.csv": "concentrations",
}
_DATE = (2000, 1, 1, 0, 0, 0)
"""Of every file, so that the same run is the same archive."""


def bundle_bytes(tables: Tables, *, created: str | None = None) -> bytes:
    """Return a ZIP archive of a run: tables with a data dictionary, protocol, report, methods and a README.

    Parameters
    ----------
    tables : Tables
        The run.
    created : str, optional
        Date and time to print; now (UTC) if left out.
    """
    texts = {
        "README.txt": read_me(tables, _FILES, created=created),
        "protocol.yaml": tables.protocol.to_yaml(),
        "report.html": render_html(tables, created=created),
        "methods.txt": methods_paragraph(tables) + "\n",
        "data_dictionary.csv": csv_text(dictionary_rows(tables)),
        "arms.csv": csv_text(_arms(tables)),
        **{f"{name}.csv": _table(tables, name) for name in TABLES},
    }
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text.encode("utf-8"))
    return held.getvalue()


def _arms(tables: Tables) -> list[list[str]]:
    own = len(tables.protocol.arms)
    rows = [[arm.id, arm.label or arm.id, "" if k < own else "yes"] for k, arm in enumerate(tables.arms)]
    return [["arm", "label", "without_integration"], *rows]


def _table(tables: Tables, name: str) -> str:
    frame = tables.frame(name)
    return csv_text([list(frame.columns), *frame.itertuples(index=False, name=None)])
