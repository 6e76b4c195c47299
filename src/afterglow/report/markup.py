"""Small pieces of HTML; every text that comes from outside passes through `esc`."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from afterglow.citations import cite
from afterglow.errors import AfterglowError
from afterglow.figures import style
from afterglow.figures.svg import inline_svg
from afterglow.figures.words import esc

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["column_title", "data_table", "link", "number", "numbered_figure", "paragraphs", "source_list"]

_TITLES = {
    "arm": "Arm",
    "versus": "Compared with",
    "drug": "Medicine",
    "analyte": "Measured",
    "dose_day": "Dose on day",
    "open_share": "Opens in (%)",
    "scale": "Scale",
    "day": "Day",
    "step": "Step",
    "what": "What",
    "state": "State (fraction of full)",
    "explanation": "Explanation",
    "weight": "Weight",
    "mean": "Mean",
    "sd": "SD",
    "q05": "5th percentile",
    "q50": "Median",
    "q95": "95th percentile",
    "change_mean": "Mean change (points)",
    "response": "Response (%)",
    "remission": "Remission (%)",
    "share": "Relapsed (%)",
    "responders": "Responders",
    "mean_difference": "Mean difference (points)",
    "effect_size_d": "Effect size d",
    "mc_error": "Monte-Carlo error (points)",
    "cmax_ng_per_ml": "Cmax (ng/mL)",
    "tmax_h": "tmax (h)",
    "auc_ng_h_per_ml": "AUC (ng·h/mL)",
    "half_life_h": "Half-life (h)",
    "open_from_day": "Open from (day)",
    "closes_day": "Closes (day)",
    "open_from_day_median": "Open from, median (day)",
    "closes_day_median": "Closes, median (day)",
}
_PERCENT = frozenset({"response", "remission", "share", "open_share"})


def link(address: str, text: str = "") -> str:
    """Link to a web page; any other address stays plain text."""
    if re.fullmatch(r"https?://[^\s<>\"']+", address):
        return f'<a href="{esc(address)}" rel="noreferrer">{esc(text or address)}</a>'
    return esc(text or address)


def paragraphs(sentences: Sequence[str]) -> str:
    """Write sentences as one paragraph."""
    return f"<p>{esc(' '.join(sentences))}</p>"


def number(value: float, *, percent: bool = False) -> str:
    """Write a number with the digits a reader can use: three figures, a true minus, a dash when there is none."""
    if not math.isfinite(value):
        return "–"
    if percent:
        return f"{100 * value:.0f}"
    size = abs(value)
    digits = 0 if size >= 100 or value == int(value) else 1 if size >= 10 else 2
    if 0 < size < 0.01:
        return f"{value:.1e}".replace("-", "−")
    return f"{value:.{digits}f}".replace("-", "−")


def column_title(name: str) -> str:
    """Write the name of a column with its unit."""
    return _TITLES.get(name, name.replace("_", " "))


def data_table(table: pd.DataFrame, *, caption: str, label: str = "") -> str:
    """Write a tidy table as HTML in a region that scrolls by itself.

    Columns that end in ``_median``, ``_q05`` and ``_q95`` become one, ``median (5-95 % of people)``; those that end in
    ``_low`` and ``_high`` become one too, ``90 % interval``.
    """
    columns = _columns([str(name) for name in table.columns])
    head = "".join(f'<th scope="col"{_kind(table, parts)}>{esc(title)}</th>' for title, parts in columns)
    lines = []
    for row in table.to_dict("records"):
        cells = []
        for place, (_, parts) in enumerate(columns):
            text = _cell([row[name] for name in parts], parts[0])
            if place == 0:
                cells.append(f'<th scope="row">{esc(text)}</th>')
            else:
                cells.append(f"<td{_kind(table, parts)}>{esc(text)}</td>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{esc(label or caption)}"><table>'
        f"<caption>{esc(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def numbered_figure(
    place: int, *, key: str, title: str, caption: str, svg: str, alt: str, numbers: pd.DataFrame
) -> str:
    """Write a figure under its number, with its caption and the numbers behind it."""
    behind = data_table(numbers, caption=f"Numbers behind figure {place}: {title}")
    return (
        f'<figure id="fig-{key}"><h3>{place}. {esc(title)}</h3>'
        '<p class="swipe">Swipe sideways to see all of it.</p>'
        f'<div class="card scroll" tabindex="0" role="group" aria-label="{esc(title)}">'
        f"{inline_svg(svg, name=key, alt=esc(alt))}</div>"
        f"<figcaption><b>Figure {place}.</b> {esc(caption)}</figcaption>"
        f"<details><summary>Show the numbers</summary>{behind}</details></figure>"
    )


def source_list(keys: Sequence[str]) -> str:
    """Write references as a list."""
    return f'<ol class="sources">{"".join(f"<li>{esc(_reference(key))}</li>" for key in keys)}</ol>'


@functools.cache
def _reference(key: str) -> str:
    try:
        return cite(key)[0]
    except AfterglowError:
        return f"{key} (not in the list of references)"


def _columns(names: list[str]) -> list[tuple[str, list[str]]]:
    """Return each column of the page: its title, and the columns of the table in it."""
    columns: list[tuple[str, list[str]]] = []
    for name in names:
        stem, _, ending = name.rpartition("_")
        if ending == "median" and {f"{stem}_q05", f"{stem}_q95"} <= {*names}:
            columns.append((f"{column_title(stem)}, median (5–95 % of people)", [name, f"{stem}_q05", f"{stem}_q95"]))
        elif ending == "low" and f"{stem}_high" in names:
            columns.append((f"{column_title(stem)}, 90 % interval", [name, f"{stem}_high"]))
        elif not (
            (ending in ("q05", "q95") and f"{stem}_median" in names) or (ending == "high" and f"{stem}_low" in names)
        ):
            columns.append((column_title(name), [name]))
    return columns


def _kind(table: pd.DataFrame, parts: list[str]) -> str:
    return ' class="number"' if table[parts[0]].dtype.kind in "fiu" else ""


def _cell(values: list[object], name: str) -> str:
    value, stem = values[0], name.removesuffix("_low")
    if isinstance(value, str):
        if name in ("drug", "analyte"):
            return style.medicine_name(value)
        return value.replace("_", " ") if name == "state" else value
    first, *others = (number(float(str(one)), percent=stem in _PERCENT) for one in values)
    if not others or "–" in (first, *others):
        return first
    return f"{first} ({' to '.join(others)})" if len(others) == 2 else f"{first} to {others[0]}"
