"""Shares of people: responders and remitters over days, and relapse among responders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from afterglow.report import style
from afterglow.report.figures.panels import (
    TWIN_LINE,
    add_key,
    arm_grid,
    assessment_axis,
    day_axis,
    label_ends,
    percent_axis,
)
from afterglow.report.reading import ArmView, ResultLike, arms_of, rows, scales_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_relapse", "draw_responders"]

_MEASURES = (("response", "o", "-"), ("remission", "s", (0, (5, 1.5))))


def _column(table: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
    return np.asarray(table[name], dtype=float)


def draw_responders(result: ResultLike, *, scale_id: str | None = None) -> Figure | None:
    """Draw the share of people in response and in remission at each assessment, one panel an arm."""
    chosen = scale_id or next(iter(scales_of(result)), None)
    views = arms_of(result)
    if chosen is None or not views:
        return None
    figure, panels = arm_grid(views)
    scores = rows(result.scores, scale=chosen)
    for view, axes in panels:
        percent_axis(axes, f"People ({chosen}), %")
        _draw_shares(axes, rows(scores, arm=view.id), rows(scores, arm=view.twin) if view.twin else None, view)
        assessment_axis(axes, _column(scores, "day"))
    entries = [
        ({"color": style.INK, "marker": marker, "linestyle": line, "markersize": 4.5}, word)
        for word, marker, line in _MEASURES
    ]
    if any(view.twin for view in views):
        entries.append(
            (
                {**TWIN_LINE, "linewidth": 1.1, "marker": "o", "markerfacecolor": "white", "markersize": 4.5},
                "hollow, grey: the same people without integration",
            )
        )
    add_key(figure, entries)
    return figure


def _draw_shares(axes: Axes, own: pd.DataFrame, twin: pd.DataFrame | None, view: ArmView) -> None:
    colour = style.arm_style(view.index).colour
    labels = []
    for measure, marker, line in _MEASURES:
        if own.empty or not np.isfinite(_column(own, measure)).any():
            continue
        if twin is not None:
            axes.plot(
                _column(twin, "day"),
                _column(twin, measure),
                color="#6b727a",
                marker=marker,
                linestyle=line,
                linewidth=1.0,
                markersize=4.5,
                markerfacecolor="white",
                zorder=2,
                clip_on=False,
            )
        shares = _column(own, measure)
        axes.plot(
            _column(own, "day"),
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


def draw_relapse(result: ResultLike) -> Figure | None:
    """Draw Kaplan-Meier curves of the responders who have not relapsed, one panel an arm."""
    views = tuple(view for view in arms_of(result) if not rows(result.relapse, arm=view.id).empty)
    if not views:
        return None
    figure, panels = arm_grid(views)
    start, end = float(result.relapse["day"].min()), float(result.relapse["day"].max())
    for view, axes in panels:
        colour = style.arm_style(view.index).colour
        percent_axis(axes, "Free of relapse, %")
        days, well, low, high = _survival(rows(result.relapse, arm=view.id))
        axes.fill_between(days, low, high, step="post", color=colour, alpha=0.18, linewidth=0)
        axes.step(days, well, where="post", color=colour)
        if view.twin and not (twin := rows(result.relapse, arm=view.twin)).empty:
            days, well, *_ = _survival(twin)
            axes.step(days, well, where="post", **TWIN_LINE)
        day_axis(axes, min(start, 0.0), end, ticks=5)
    entries = [({"color": style.INK}, "as in the protocol (band: 95 % interval)")]
    if any(view.twin for view in views):
        entries.append((TWIN_LINE, "the same people without integration"))
    add_key(figure, entries)
    return figure


def _survival(table: pd.DataFrame) -> tuple[npt.NDArray[np.float64], ...]:
    """Turn shares that have relapsed into shares that have not, thinned to where they change."""
    days, share, low, high = (_column(table, name) for name in ("day", "share", "low", "high"))
    if days.size > 200:
        keep = np.unique(np.append(np.flatnonzero(np.diff(share, prepend=-1.0)), days.size - 1))
        keep = keep[np.unique(np.linspace(0, keep.size - 1, min(200, keep.size)).astype(int))]
        days, share, low, high = days[keep], share[keep], low[keep], high[keep]
    return days, 1 - share, 1 - high, 1 - low
