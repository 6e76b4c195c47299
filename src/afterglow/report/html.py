"""The report: one HTML file that needs nothing else, and its figures as SVG and PNG beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from afterglow.errors import FileError, nearest
from afterglow.figures.catalogue import FIGURE_KEYS, RenderedFigure, figure_cards, render
from afterglow.figures.reading import arm_name, arms_of
from afterglow.figures.words import esc, people_text
from afterglow.files import write_bytes_atomically
from afterglow.report.markup import data_table, link, numbered_figure, paragraphs, source_list
from afterglow.report.protocol_table import protocol_tables
from afterglow.report.provenance import provenance
from afterglow.report.rivals import rivals_table
from afterglow.report.stylesheet import stylesheet
from afterglow.report.words import NOT_CALIBRATED, arm_summaries, caveats, plain, what_was_simulated
from afterglow.report.writing import existing_folder
from afterglow.results.tables import Tables
from afterglow.safety.purpose import CHECKED, PURPOSE

__all__ = ["IMAGE_FORMATS", "ReportPaths", "render_html", "write_report"]

IMAGE_FORMATS = ("svg", "png")

_CHAPTERS = {
    "summary": "Summary",
    "safety": "Safety warnings",
    "plan": "What was planned",
    "body": "In the body: concentration and plasticity",
    "mind": "In the mind: integration and patterns",
    "outcome": "Outcome: scores, response, relapse",
    "tables": "Exposure and windows",
    "provenance": "Where these numbers come from",
    "sources": "Sources",
}


@dataclass(frozen=True, kw_only=True)
class ReportPaths:
    """The files of a report.

    Parameters
    ----------
    report : Path
        The HTML file.
    figures : tuple of Path
        The figures beside it, in the folder ``figures``.
    """

    report: Path
    figures: tuple[Path, ...]


def write_report(
    tables: Tables, folder: str | Path, *, images: Sequence[str] = IMAGE_FORMATS, created: str | None = None
) -> ReportPaths:
    """Write ``report.html``, and every figure as SVG and PNG in ``figures``, each file whole or not at all.

    Parameters
    ----------
    tables : Tables
        The run.
    folder : str or Path
        An existing folder.
    images : sequence of str
        ``"svg"``, ``"png"``, both or none; the HTML file holds its own figures in any case. Figures that an earlier
        report left in the folder are removed.
    created : str, optional
        Date and time to print; now (UTC) if left out.

    Returns
    -------
    ReportPaths

    Raises
    ------
    FileError
        If the folder is missing, is a file, or cannot be written to, or an image format is unknown.
    """
    for name in images:
        if name not in IMAGE_FORMATS:
            raise FileError(f"figures cannot be written as '{name}'; {nearest(name, IMAGE_FORMATS)}")
    place = existing_folder(folder)
    figures = _rendered(tables)
    page = render_html(tables, figures, created=created)
    beside: list[Path] = []
    if images:
        gallery = place / "figures"
        try:
            gallery.mkdir(exist_ok=True)
        except OSError as error:
            raise FileError(f"the folder '{gallery}' could not be made: {error.strerror or error}") from error
        for figure in figures:
            data = {"svg": figure.svg.encode("utf-8"), "png": figure.png}
            beside += [write_bytes_atomically(gallery / f"{figure.card.key}.{name}", data[name]) for name in images]
    report = write_bytes_atomically(place / "report.html", page.encode("utf-8"))
    _sweep(place / "figures", {*beside})
    return ReportPaths(report=report, figures=tuple(beside))


def _sweep(gallery: Path, written: set[Path]) -> None:
    """Remove the figures of an earlier report in the same folder; files of other names stay."""
    for key in FIGURE_KEYS:
        for name in IMAGE_FORMATS:
            stale = gallery / f"{key}.{name}"
            if stale not in written and stale.is_file():
                stale.unlink()


def render_html(
    tables: Tables,
    figures: Sequence[RenderedFigure] | None = None,
    *,
    created: str | None = None,
    notes: Sequence[str] = (),
) -> str:
    """Write the report as one string of HTML that loads nothing.

    Parameters
    ----------
    tables : Tables
        The run.
    figures : sequence of RenderedFigure, optional
        Figures drawn already; drawn here if left out.
    created : str, optional
        Date and time to print; now (UTC) if left out.
    notes : sequence of str, optional
        Sentences for the top of the page.
    """
    drawn = _rendered(tables) if figures is None else figures
    numbers = {figure.card.key: place for place, figure in enumerate(drawn, start=1)}
    sections = {
        "summary": _summary(tables),
        "safety": _safety(tables),
        "plan": protocol_tables(tables),
        "tables": _tables(tables),
        "provenance": _provenance(tables, created),
        "sources": _sources(tables),
    }
    parts = []
    for chapter, title in _CHAPTERS.items():
        shown = [_figure(figure, numbers[figure.card.key]) for figure in drawn if figure.card.chapter == chapter]
        body = sections.get(chapter, "") + "".join(shown)
        if body:
            parts.append(
                f'<section id="{chapter}" aria-labelledby="h-{chapter}">'
                f'<h2 id="h-{chapter}">{title}</h2>{body}</section>'
            )
    present = [chapter for chapter in _CHAPTERS if any(f'id="h-{chapter}"' in part for part in parts)]
    return _page(tables, "\n".join(parts), present, notes)


def _rendered(tables: Tables) -> list[RenderedFigure]:
    return [render(tables, card) for card in figure_cards(tables)]


def _page(tables: Tables, body: str, chapters: Sequence[str], notes: Sequence[str]) -> str:
    title = esc(tables.protocol.title or "Untitled protocol")
    contents = "".join(f'<li><a href="#{chapter}">{_CHAPTERS[chapter]}</a></li>' for chapter in chapters)
    told = "".join(f"<p>{esc(note)}</p>" for note in (*notes, PURPOSE))
    banner = "" if tables.calibrated else _banner()
    status = "calibrated" if tables.calibrated else "not calibrated"
    spec, arms = tables.run.spec, len(tables.protocol.arms)
    whom = f"{people_text(spec.participants)} in " + (f"each of {arms} arms" if arms > 1 else "one arm")
    draws = "1 draw" if spec.draws == 1 else f"{spec.draws} draws"
    lead = f"{whom}, {draws} of the parameters, seed {spec.seed}, {status}"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title} – Afterglow report</title>
<style>{stylesheet()}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<header>
<h1>{title}</h1>
<p class="lead">Simulated by Afterglow: {lead}</p>
{banner}
<div class="note" role="note">{told}</div>
<nav aria-label="Contents"><ol>{contents}</ol></nav>
</header>
<main id="main">
{body}
</main>
<footer><p>{esc(PURPOSE)}</p></footer>
</body>
</html>
"""


def _banner() -> str:
    loud, _, rest = NOT_CALIBRATED.partition(". ")
    return f'<div class="banner" role="alert" id="not-calibrated"><strong>{esc(loud)}</strong><p>{esc(rest)}</p></div>'


def _summary(tables: Tables) -> str:
    items = []
    for view, told in zip(arms_of(tables), arm_summaries(tables), strict=True):
        tag = ' <span class="tag">extrapolation</span>' if view.extrapolated else ""
        items.append(
            f"<li><h3>{esc(told.label)}{tag}</h3><p>{esc(told.outcome)}</p><p>{esc(told.against_twin)}</p></li>"
        )
    lines = "".join(f"<li>{esc(line)}</li>" for line in caveats(tables))
    return (
        f'<h3>What came out</h3><ul class="arms">{"".join(items)}</ul>{rivals_table(tables)}'
        f"<h3>What was simulated</h3>{paragraphs(what_was_simulated(tables))}"
        f"<h3>What this does not show</h3><ul>{lines}</ul>"
    )


def _safety(tables: Tables) -> str:
    lines = []
    for warning in tables.warnings:
        level = plain(str(warning.level))
        sentence = str(warning.sentence)
        head = "" if sentence.lower().startswith(level) else f'<span class="level">{esc(level.capitalize())}.</span> '
        source = f" Source: {link(str(warning.source))}" if warning.source else " Source: recalled, not read again."
        arms = [arm_name(tables, part.strip()) for part in warning.arm.split(",") if part.strip()]
        where = f" Concerns: {esc('; '.join(arms))}." if arms else ""
        known = "" if warning.level == "note" else source
        lines.append(f"<li>{head}{esc(sentence)}{where}{known}</li>")
    listed = f"<ul>{''.join(lines)}</ul>" if lines else "<p>No published warning in the list meets this protocol.</p>"
    return f"{listed}<p>{esc(CHECKED)}</p>"


def _figure(figure: RenderedFigure, place: int) -> str:
    card = figure.card
    return numbered_figure(
        place, key=card.key, title=card.title, caption=card.caption, svg=figure.svg, alt=figure.alt,
        numbers=figure.numbers,
    )  # fmt: skip


def _tables(tables: Tables) -> str:
    names = {view.id for view in arms_of(tables)}
    parts = []
    for table, title in (
        (tables.exposure, "Exposure after each dosing day"),
        (tables.windows, "When the window opens and closes, in the people in whom it opens"),
    ):
        if not table.empty:
            own = table[table["arm"].isin(names)].copy()
            own["arm"] = [arm_name(tables, str(name)) for name in own["arm"]]
            parts.append(data_table(own, caption=title))
    return "".join(parts)


def _provenance(tables: Tables, created: str | None) -> str:
    items = "".join(
        f"<dt>{esc(key)}</dt><dd>{esc(value)}</dd>" for key, value in provenance(tables, created=created).items()
    )
    note = f"Scores are observed scores: they include the error of a rating. Scales: {', '.join(tables.scales)}."
    return f"<dl>{items}</dl><p>{esc(note)}</p>"


def _sources(tables: Tables) -> str:
    keys = sorted(set(map(str, tables.citations)))
    return source_list(keys) if keys else "<p>The run named no source.</p>"
