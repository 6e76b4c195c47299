"""The run under each explanation alone, with the weight that published trials give it."""

from __future__ import annotations

from afterglow.figures.reading import ArmView, arms_of, last_scores, mixes
from afterglow.figures.words import esc, interval, points_text, rival_name, signed
from afterglow.results.differences import ArmDifference, integration_adds
from afterglow.results.tables import Tables

__all__ = ["rivals_table"]


def rivals_table(tables: Tables) -> str:
    """Return what each explanation alone says of every arm on the last day; empty where there is only one."""
    explanations = sorted(tables.run.spec.explanations, key=lambda e: -e.weight)
    if not mixes(tables):
        return ""
    views, main = arms_of(tables), tables.scales[0]
    added = {one.arm: one for one in integration_adds(tables)}
    last = last_scores(tables)[views[0].id]["day"]
    lines = [
        _line("weighted", 1.0, _cells(tables, views, added, "")),
        *(
            _line(rival_name(e.rival), e.weight, _cells(tables.by_rival[e.rival], views, added, e.rival))
            for e in explanations
        ),
    ]
    spans = "".join(f"<th scope='colgroup' colspan='{_width(view)}'>{esc(view.label)}</th>" for view in views)
    heads = "".join(
        "<th scope='col'>change</th>" + ("<th scope='col'>integration adds</th>" if view.twin else "") for view in views
    )
    return (
        f"<h3>Under each explanation</h3><p>Mean change of the {esc(main)} by day {last:g}, and the difference to "
        "the same people without integration, in points with 90 % intervals; below zero is lower. Every line is of "
        "this same run. The weights are those of stacking: the mixture that foretells best the published trials left "
        "out of each fit.</p>"
        "<div class='scroll' tabindex='0' role='region' aria-label='Under each explanation'>"
        f"<table><thead><tr><th scope='col' rowspan='2'>explanation</th><th scope='col' rowspan='2'>weight</th>{spans}"
        f"</tr><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _width(view: ArmView) -> int:
    return 2 if view.twin else 1


def _line(name: str, weight: float, cells: list[str]) -> str:
    held = "".join(f"<td>{esc(cell)}</td>" for cell in cells)
    return f"<tr><th scope='row'>{esc(name)}</th><td>{weight:.2f}</td>{held}</tr>"


def _cells(tables: Tables, views: tuple[ArmView, ...], added: dict[str, ArmDifference], rival: str) -> list[str]:
    scores = last_scores(tables)
    found = []
    for view in views:
        row = scores[view.id]
        change = signed(row["change_mean"])
        if tables.has_intervals:
            change += f" ({interval(row['change_mean_low'], row['change_mean_high'])})"
        found.append(change)
        if view.id in added:
            own = next((e for e in added[view.id].by_rival if e.rival == rival), added[view.id])
            found.append(points_text(own.points, own.low, own.high))
    return found
