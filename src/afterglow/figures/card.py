"""A run on a card: a few lines for a terminal, a small table and a picture for a notebook."""

from __future__ import annotations

import textwrap

from afterglow.figures.catalogue import drawing, score_key
from afterglow.figures.reading import arms_of, last_scores
from afterglow.figures.svg import figure_svg, inline_svg
from afterglow.figures.words import esc, explanations_text, interval, is_clear, people_text, signed
from afterglow.results.differences import ArmDifference, integration_adds
from afterglow.results.tables import Tables

__all__ = ["html_card", "text_card"]

_MOST_ARMS = 8


def text_card(tables: Tables) -> str:
    """Write a run in at most 14 lines: what it is, its arms on the last day, and what integration adds."""
    lines = [_title(tables), f"  {_size(tables)}", f"  {explanations_text(tables)}", f"  {_heading(tables)}"]
    cells = _cells(tables)
    width = max(len(name) for name, *_ in cells)
    for name, mean, added in cells[:_MOST_ARMS]:
        lines.append(f"    {name:<{width}}  {mean}" + (f"; integration adds {added}" if added else ""))
    if len(cells) > _MOST_ARMS:
        lines.append(f"    and {len(cells) - _MOST_ARMS} more arms")
    return "\n".join([*lines, f"  run {tables.run.spec.key}"])


def html_card(tables: Tables) -> str:
    """Write a run as HTML for a notebook: a small table, and the main score over time."""
    rows = "".join(
        "<tr>" + "".join(f"<td style='text-align:left'>{esc(text)}</td>" for text in cells) + "</tr>"
        for cells in _cells(tables)
    )
    heads = ("arm", _heading(tables), "integration adds")
    key = score_key(tables.scales[0])
    picture = inline_svg(
        figure_svg(drawing(tables, key)),
        name=f"run-{tables.run.spec.key}-{tables.only.replace('_', '-')}-{key}",
        alt=esc(f"{tables.scales[0]} over time in each arm"),
    )
    return (
        f"<div><strong>{esc(_title(tables))}</strong><br>{esc(_size(tables))}<br>"
        f"{esc(explanations_text(tables))}"
        f"<table><thead><tr>{''.join(f'<th>{esc(head)}</th>' for head in heads)}</tr></thead>"
        f"<tbody>{rows}</tbody></table>{picture}<small>run {esc(tables.run.spec.key)}</small></div>"
    )


def _title(tables: Tables) -> str:
    return textwrap.shorten(tables.protocol.title or "Untitled protocol", 100, placeholder=" …")


def _size(tables: Tables) -> str:
    spec = tables.run.spec
    status = "" if tables.calibrated else ", not calibrated"
    draws = "1 draw" if spec.draws == 1 else f"{spec.draws} draws"
    return f"{people_text(spec.participants)} an arm, {draws} of the parameters, seed {spec.seed}{status}"


def _heading(tables: Tables) -> str:
    last = next(iter(last_scores(tables).values()))["day"]
    known = " and 90 % interval" if tables.has_intervals else ""
    return f"mean {tables.scales[0]} on day {last:g}{known}"


def _cells(tables: Tables) -> list[tuple[str, str, str]]:
    """Return each arm's name, its mean on the last day, and what integration adds."""
    added = {one.arm: one for one in integration_adds(tables)}
    scores = last_scores(tables)
    found = []
    for view in arms_of(tables):
        row = scores[view.id]
        mean = f"{row['mean']:.1f}"
        if tables.has_intervals:
            mean += f" ({row['mean_low']:.1f} to {row['mean_high']:.1f})"
        name = textwrap.shorten(view.label, 40, placeholder=" …")
        found.append((name, mean, _added(added[view.id]) if view.id in added else ""))
    return found


def _added(added: ArmDifference) -> str:
    if added.low != added.low:
        return f"{signed(added.points)} points"
    told = "" if is_clear(added) else ": it cannot tell"
    return f"{signed(added.points)} points ({interval(added.low, added.high)}{told})"
