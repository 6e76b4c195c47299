"""The report: one HTML file that needs nothing else, and its figures as SVG and PNG beside it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from afterglow.citations import cite
from afterglow.errors import AfterglowError, FileError, nearest
from afterglow.files import write_bytes_atomically
from afterglow.report.figures.catalogue import RenderedFigure, figure_cards, render
from afterglow.report.markup import data_table, esc, link, paragraphs
from afterglow.report.protocol_table import protocol_tables
from afterglow.report.provenance import provenance
from afterglow.report.reading import ResultLike, arm_name, arms_of, scales_of
from afterglow.report.rivals import rivals_table
from afterglow.report.stylesheet import stylesheet
from afterglow.report.svg import inline_svg
from afterglow.report.words import NOT_CALIBRATED, arm_summaries, caveats, plain, what_was_simulated
from afterglow.report.writing import existing_folder
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
    result: ResultLike, folder: str | Path, *, images: Sequence[str] = IMAGE_FORMATS, created: str | None = None
) -> ReportPaths:
    """Write ``report.html``, and every figure as SVG and PNG in ``figures``, each file whole or not at all.

    Parameters
    ----------
    result : ResultLike
        The run.
    folder : str or Path
        An existing folder.
    images : sequence of str
        ``"svg"``, ``"png"``, both or none; the HTML file holds its own figures in any case.
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
    figures = _rendered(result)
    page = render_html(result, figures, created=created)
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
    return ReportPaths(report=report, figures=tuple(beside))


def render_html(
    result: ResultLike, figures: Sequence[RenderedFigure] | None = None, *, created: str | None = None
) -> str:
    """Write the report as one string of HTML that loads nothing.

    Parameters
    ----------
    result : ResultLike
        The run.
    figures : sequence of RenderedFigure, optional
        Figures drawn already; drawn here if left out.
    created : str, optional
        Date and time to print; now (UTC) if left out.
    """
    drawn = _rendered(result) if figures is None else figures
    numbers = {figure.card.key: place for place, figure in enumerate(drawn, start=1)}
    sections = {
        "summary": _summary(result),
        "safety": _safety(result),
        "plan": protocol_tables(result),
        "tables": _tables(result),
        "provenance": _provenance(result, created),
        "sources": _sources(result),
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
    return _page(result, "\n".join(parts), present)


def _rendered(result: ResultLike) -> list[RenderedFigure]:
    drawn = (render(result, card) for card in figure_cards(result))
    return [figure for figure in drawn if figure is not None]


def _page(result: ResultLike, body: str, chapters: Sequence[str]) -> str:
    title = esc(result.protocol.title or "Untitled protocol")
    contents = "".join(f'<li><a href="#{chapter}">{_CHAPTERS[chapter]}</a></li>' for chapter in chapters)
    banner = "" if result.calibrated else _banner()
    status = "calibrated" if result.calibrated else "not calibrated yet"
    lead = f"{result.participants:,} people, {len(arms_of(result))} arms, seed {result.seed}, {status}"
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
<div class="note" role="note"><p>{esc(PURPOSE)}</p></div>
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


def _summary(result: ResultLike) -> str:
    items = []
    for view, told in zip(arms_of(result), arm_summaries(result), strict=False):
        tag = ' <span class="tag">extrapolation</span>' if view.extrapolated else ""
        items.append(
            f"<li><h3>{esc(told.label)}{tag}</h3><p>{esc(told.outcome)}</p><p>{esc(told.against_twin)}</p></li>"
        )
    outcome = f'<ul class="arms">{"".join(items)}</ul>' if items else "<p>No scale was assessed.</p>"
    lines = "".join(f"<li>{esc(line)}</li>" for line in caveats(result))
    return (
        f"<h3>What was simulated</h3>{paragraphs(what_was_simulated(result))}"
        f"<h3>What came out</h3>{outcome}{rivals_table(result)}<h3>What this does not show</h3><ul>{lines}</ul>"
    )


def _safety(result: ResultLike) -> str:
    lines = []
    for warning in result.warnings:
        level = plain(str(warning.level))
        sentence = str(warning.sentence)
        head = "" if sentence.lower().startswith(level) else f'<span class="level">{esc(level.capitalize())}.</span> '
        source = f" Source: {link(str(warning.source))}" if warning.source else " Source: recalled, not read again."
        arms = [arm_name(result, part.strip()) for part in str(getattr(warning, "arm", "")).split(",") if part.strip()]
        where = f" Concerns: {esc('; '.join(arms))}." if arms else ""
        known = "" if warning.level == "note" else source
        lines.append(f"<li>{head}{esc(sentence)}{where}{known}</li>")
    listed = f"<ul>{''.join(lines)}</ul>" if lines else "<p>No published warning in the list meets this protocol.</p>"
    return f"{listed}<p>{esc(CHECKED)}</p>"


def _figure(figure: RenderedFigure, place: int) -> str:
    card = figure.card
    svg = inline_svg(figure.svg, name=card.key, alt=esc(figure.alt))
    numbers = data_table(figure.numbers, caption=f"Numbers behind figure {place}: {card.title}")
    return (
        f'<figure id="fig-{card.key}"><h3>{place}. {esc(card.title)}</h3>'
        '<p class="swipe">Swipe sideways to see all of it.</p>'
        f'<div class="card scroll" tabindex="0" role="group" aria-label="{esc(card.title)}">{svg}</div>'
        f"<figcaption><b>Figure {place}.</b> {esc(card.caption)}</figcaption>"
        f"<details><summary>Show the numbers</summary>{numbers}</details></figure>"
    )


def _tables(result: ResultLike) -> str:
    names = {view.id for view in arms_of(result)}
    parts = []
    for table, title in (
        (result.exposure, "Exposure after each dosing day, median of people (5th to 95th percentile)"),
        (result.windows, "When the window opens and closes, median of people (5th to 95th percentile)"),
    ):
        if not table.empty:
            own = table[table["arm"].isin(names)].copy()
            own["arm"] = [arm_name(result, str(name)) for name in own["arm"]]
            parts.append(data_table(own, caption=title))
    return "".join(parts)


def _provenance(result: ResultLike, created: str | None) -> str:
    items = "".join(
        f"<dt>{esc(key)}</dt><dd>{esc(value)}</dd>" for key, value in provenance(result, created=created).items()
    )
    scales = ", ".join(scales_of(result))
    note = "Scores are observed scores: they include the error of a rating." + (f" Scales: {scales}." if scales else "")
    return f"<dl>{items}</dl><p>{esc(note)}</p>"


def _sources(result: ResultLike) -> str:
    keys = sorted(set(map(str, result.citations)))
    if not keys:
        return "<p>The run named no source.</p>"
    return f'<ol class="sources">{"".join(f"<li>{esc(_reference(key))}</li>" for key in keys)}</ol>'


@functools.cache
def _reference(key: str) -> str:
    try:
        return cite(key)[0]
    except AfterglowError:
        return f"{key} (not in the list of references)"
