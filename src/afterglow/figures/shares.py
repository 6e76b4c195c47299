"""Shares of people: responders and remitters over days, and relapse among responders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from afterglow.figures import style
from afterglow.figures.panels import (
    BAR,
    TWIN_LINE,
    add_key,
    arm_grid,
    assessment_axis,
    day_axis,
    draw_bars,
    label_ends,
    percent_axis,
)
from afterglow.figures.reading import ArmView, arms_of, column, rows
from afterglow.results.tables import Tables

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_relapse", "draw_responders"]

_MEASURES: tuple[tuple[str, str, Any, float], ...] = (
    ("response", "o", "-", -1.6),
    ("remission", "s", (0, (5, 1.5)), 1.6),
)
"""Share, marker, line, and how far aside its bars stand, so that both can be seen."""


def draw_responders(tables: Tables) -> Figure:
    """Draw the share of people in response and in remission at each assessment, one panel an arm."""
    scale, views = tables.scales[0], arms_of(tables)
    figure, panels = arm_grid(views)
    scores = rows(tables.scores, scale=scale)
    for view, axes in panels:
        percent_axis(axes, f"People ({scale}), %")
        _draw_shares(axes, rows(scores, arm=view.id), rows(scores, arm=view.twin) if view.twin else None, view)
        assessment_axis(axes, column(scores, "day"))
    entries: list[tuple[dict[str, Any], str]] = [
        ({"color": style.INK, "marker": marker, "linestyle": line, "markersize": 4.5}, word)
        for word, marker, line, _ in _MEASURES
    ]
    if any(view.twin for view in views):
        grey = {**TWIN_LINE, "linewidth": 1.1, "marker": "o", "markerfacecolor": "white", "markersize": 4.5}
        entries.append((grey, "hollow, grey: the same people without integration"))
    if tables.calibrated:
        entries.append((BAR, "90 % interval"))
    add_key(figure, entries)
    return figure


def _draw_shares(axes: Axes, own: pd.DataFrame, twin: pd.DataFrame | None, view: ArmView) -> None:
    colour = style.arm_style(view.index).colour
    labels = []
    for measure, marker, line, aside in _MEASURES:
        shares = column(own, measure)
        if not np.isfinite(shares).any():
            continue
        if twin is not None:
            axes.plot(
                column(twin, "day"),
                column(twin, measure),
                color="#6b727a",
                marker=marker,
                linestyle=line,
                linewidth=1.0,
                markersize=4.5,
                markerfacecolor="white",
                zorder=2,
                clip_on=False,
            )
        if f"{measure}_low" in own:
            draw_bars(axes, own, measure, colour=colour, aside_points=aside)
        axes.plot(
            column(own, "day"),
            shares,
            color=colour,
            marker=marker,
            linestyle=line,
            markersize=4.8,
            zorder=3,
            clip_on=False,
        )
        labels.append((float(shares[np.isfinite(shares)][-1]), measure, colour))
    label_ends(axes, labels, height_in=1.5)


def draw_relapse(tables: Tables) -> Figure:
    """Draw the share of responders who have not relapsed, one panel an arm that has responders."""
    table = tables.relapse
    views = tuple(view for view in arms_of(tables) if not rows(table, arm=view.id).empty)
    figure, panels = arm_grid(views)
    start, end = float(table["day"].min()), float(table["day"].max())
    for view, axes in panels:
        colour = style.arm_style(view.index).colour
        percent_axis(axes, "Free of relapse, %")
        own = rows(table, arm=view.id)
        if "credible_low" in own:
            low, high = 1 - column(own, "credible_high"), 1 - column(own, "credible_low")
            axes.fill_between(column(own, "day"), low, high, step="post", color=colour, alpha=0.18, linewidth=0)
        axes.step(column(own, "day"), 1 - column(own, "share"), where="post", color=colour)
        if view.twin and not (twin := rows(table, arm=view.twin)).empty:
            axes.step(column(twin, "day"), 1 - column(twin, "share"), where="post", **TWIN_LINE)
        day_axis(axes, min(start, 0.0), end, ticks=5)
    band = " (band: 90 % interval)" if tables.calibrated else ""
    entries: list[tuple[dict[str, Any], str]] = [({"color": style.INK}, f"as in the protocol{band}")]
    if any(view.twin for view in views):
        entries.append((TWIN_LINE, "the same people without integration"))
    add_key(figure, entries)
    return figure
