"""The forecast of one person on one page to print, its chart and its tables as files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from afterglow.errors import FileError
from afterglow.figures.svg import figure_png, figure_svg, inline_svg, settle
from afterglow.figures.words import esc
from afterglow.files import write_bytes_atomically
from afterglow.forecast.person import Forecast
from afterglow.report.markup import data_table
from afterglow.report.person.chart import draw_person
from afterglow.report.stylesheet import stylesheet
from afterglow.safety.purpose import ONE_PERSON
from afterglow.spreadsheet import csv_text
from afterglow.version import __version__

__all__ = ["PersonPaths", "chance_words", "forecast_sentences", "person_page", "rows_of_bands", "write_person"]

_ONE_SHEET = """@media print {
  @page { size: A4; margin: 10mm 12mm; }
  body { font-size: 8.5pt; line-height: 1.3; }
  h1 { font-size: 14pt; } .lead, p, ul { margin: .15rem 0; max-width: none; }
  .banner, .note { padding: .3rem .6rem; margin: .3rem 0; } .banner strong { font-size: 10pt; }
  figure { margin: .3rem 0; } .card svg { max-height: 75mm; } th, td, caption { padding: .1rem .4rem; }
  footer { padding: .3rem 0; }
}
"""
"""Rules that keep the page on one sheet."""

_ROWS = 6
"""Days shown in the table of the page."""


@dataclass(frozen=True, kw_only=True)
class PersonPaths:
    """The files of a forecast: page, chart in two formats, table of bands, and all of it as JSON."""

    page: Path
    chart_svg: Path
    chart_png: Path
    bands: Path
    data: Path


def write_person(told: Forecast, folder: str | Path) -> PersonPaths:
    """Write page, chart, table and JSON into a folder, which is made where it is missing.

    Raises
    ------
    FileError
        If the folder cannot be made or written to.
    """
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"the folder '{place}' could not be made: {error.strerror or error}") from None
    svg, png = _chart(told)
    rows = rows_of_bands(told, len(told.bands))
    table = csv_text([list(rows[0]), *(list(row.values()) for row in rows)])
    data = json.dumps(told.to_json(), indent=2)
    files = {
        "forecast.svg": svg.encode("utf-8"),
        "forecast.png": png,
        "bands.csv": table.encode("utf-8"),
        "forecast.json": data.encode("utf-8"),
        "forecast.html": person_page(told, svg=svg).encode("utf-8"),
    }
    written = {name: write_bytes_atomically(place / name, held) for name, held in files.items()}
    return PersonPaths(
        page=written["forecast.html"],
        chart_svg=written["forecast.svg"],
        chart_png=written["forecast.png"],
        bands=written["bands.csv"],
        data=written["forecast.json"],
    )


def _chart(told: Forecast) -> tuple[str, bytes]:
    figure = draw_person(
        told.scale,
        [(score.day, score.value) for score in told.record.of(told.scale)],
        [asdict(band) for band in told.bands],
        [asdict(band) for band in told.expected],
        title=told.label,
    )
    settle(figure)
    return figure_svg(figure), figure_png(figure)


def person_page(told: Forecast, *, svg: str | None = None) -> str:
    """Write a forecast as one HTML page that needs nothing else and prints on one sheet; cautions come first."""
    chart = inline_svg(svg or _chart(told)[0], name="forecast", alt=esc(_alt(told)))
    cautions = "".join(
        f'<div class="banner" role="alert"><strong>{"Act now" if c.level == "urgent" else "Caution"}</strong>'
        f"<p>{esc(c.sentence)}</p></div>"
        for c in told.cautions
    )
    table = pd.DataFrame(rows_of_bands(told))
    bands = data_table(
        pd.DataFrame(
            {
                **{name: table[name] for name in ("day", "date") if name in table},
                "middle": table["median"],
                **{f"{n} % band": _ends(table, n) for n in (50, 80, 90)},
            }
        ),
        caption=f"Where the {told.scale} is expected; both ends belong to a band",
    )
    sentences = "".join(f"<p>{esc(sentence)}</p>" for sentence in forecast_sentences(told))
    notes = "".join(f"<li>{esc(note)}</li>" for note in told.notes)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{esc(told.scale)} to {_on(told)}</title><style>{stylesheet()}{_ONE_SHEET}</style></head><body>"
        f"<header><h1>{esc(told.scale)} to {_on(told)}</h1>"
        f'<p class="lead">{esc(told.label)}. {esc(_kind(told))}</p></header><main>{cautions}'
        f'<div class="note"><p>{esc(ONE_PERSON)}</p></div>'
        f'<figure><div class="card">{chart}</div></figure>{sentences}{bands}'
        + (f"<ul>{notes}</ul>" if notes else "")
        + f"</main><footer>Afterglow {__version__}. No name is kept; write none on this sheet.</footer></body></html>"
    )


def _ends(table: pd.DataFrame, share: int) -> list[str]:
    return [f"{low:g} to {high:g}" for low, high in zip(table[f"low{share}"], table[f"high{share}"], strict=True)]


def _kind(told: Forecast) -> str:
    return "A course after a medicine." if told.with_medicine else "A course without any medicine."


def _alt(told: Forecast) -> str:
    last = told.last
    return (
        f"{told.scale}: {len(told.record.of(told.scale))} scores so far; on day {told.day:g} eight of ten people like "
        f"this one score {last.low80:g} to {last.high80:g}."
    )


def forecast_sentences(told: Forecast) -> tuple[str, ...]:
    """Say a forecast in sentences: verdict, bands, chances, change, what may be added, what is not known."""
    last, size = told.last, told.followed.effective_size
    found = [f"{told.track.verdict.capitalize()}. {told.track.reason}"]
    found += told.doubts
    found.append(
        f"{_on(told).capitalize()}: the middle is {last.median:g}; {last.low50:g} to {last.high50:g} in one of two "
        f"people like this one, {last.low80:g} to {last.high80:g} in eight of ten, {last.low90:g} to "
        f"{last.high90:g} in nine of ten."
    )
    found.append(chance_words(told))
    if told.change is not None:
        found.append(_change_words(told))
    for row in told.what_if:
        unclear = "not larger than what is not known: it tells nothing"
        said = "larger than what is not known about it" if row.clear else unclear
        found.append(
            f"With {row.what}: {_signed(row.points)} points on {_on(told)}, 90 % interval {_signed(row.low)} to "
            f"{_signed(row.high)}, {said}."
        )
    moved = (
        f", fewer than 50, so that it was drawn again and moved ({told.followed.moved:.0%} of moves taken)"
        if told.followed.moved is not None
        else ""
    )
    found.append(f"The bank of virtual people counts as {size:.0f} after these scores{moved}.")
    return tuple(found)


def chance_words(told: Forecast) -> str:
    """Say the chances on the chosen day in a sentence."""
    chances = told.chances
    shown = [
        ("response", chances.response),
        ("remission", chances.remission),
        ("a response that is lost again by then", chances.relapse),
        ("a score reliably worse than the first", chances.worse),
    ]
    known = [f"{what} {_percent(value)}" for what, value in shown if value is not None]
    return f"Chances by {_on(told)}: {', '.join(known)}." if known else "No chance can be told for this scale."


def _percent(value: float) -> str:
    """Write a chance in whole per cent; nothing is certain."""
    if value < 0.01:
        return "below 1 %"
    return "above 99 %" if value > 0.99 else f"{100 * value:.0f} %"


def _change_words(told: Forecast) -> str:
    change = told.change
    if change is None:
        return ""
    reliable = "more than" if change.reliable else "within"
    said = (
        f"Since the first score: {_signed(change.points)} points, {reliable} the error of two ratings "
        f"({change.reliable_points:g}; {change.reliable_source})"
    )
    if change.important_points is None:
        return f"{said}; no least important change was found for the {told.scale}."
    matters = "enough" if change.important else "not enough"
    return (
        f"{said}; {matters} to be called an improvement by most, which takes {change.important_points:.1f} from where "
        f"they began ({change.important_source})."
    )


def _signed(value: float) -> str:
    text = f"{value:+.1f}".replace("-", "−")
    return "0.0" if text in ("+0.0", "−0.0") else text


def rows_of_bands(told: Forecast, count: int = _ROWS) -> Sequence[dict[str, Any]]:
    """Return some days of the bands as plain rows, the chosen day last; with dates where day 0 has one."""
    places = sorted({round(k * (len(told.bands) - 1) / max(count - 1, 1)) for k in range(count)})
    dated = told.record.start is not None
    return [
        {"day": band.day, **({"date": _date(told, band.day)} if dated else {}), **asdict(band)}
        for band in (told.bands[k] for k in places)
    ]


def _date(told: Forecast, day: float) -> str:
    return "" if told.record.start is None else (told.record.start + timedelta(days=day)).isoformat()


def _on(told: Forecast) -> str:
    """Say the chosen day, with its date where there is one."""
    date = _date(told, told.day)
    return f"day {told.day:g} ({date})" if date else f"day {told.day:g}"
