"""Scores on clinical scales: arms side by side at the end, and over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from afterglow.figures import style
from afterglow.figures.panels import (
    BAR,
    TWIN_LINE,
    add_key,
    arm_grid,
    assessment_axis,
    draw_band,
    draw_bars,
    label_ends,
    new_figure,
    wrap,
)
from afterglow.figures.reading import ArmView, arms_of, column, curve, people_words, rows
from afterglow.results.courses import Course
from afterglow.results.tables import Tables
from afterglow.scales.instruments import SCALES, scale

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_overview", "draw_scores", "response_score"]

_TWIN_DOTS: dict[str, Any] = {"color": TWIN_LINE["color"], "linestyle": "none", "marker": "o", "markersize": 4.5,
              "markerfacecolor": "white", "markeredgewidth": 1.1}  # fmt: skip
_OTHERS: dict[str, Any] = {"color": "#c3c8ce", "linewidth": 1.0, "zorder": 1}


def response_score(scale_id: str, baseline: float) -> float:
    """Give the score at which somebody who started at `baseline` counts as a responder."""
    rule = scale(scale_id).response
    return baseline * (1 - rule.fall) if rule.kind == "fraction" else baseline - rule.fall


def draw_overview(tables: Tables) -> Figure:
    """Draw the mean score of every arm at the last assessment, its interval, and the spread between people."""
    chosen, views = tables.scales[0], arms_of(tables)
    scores = rows(tables.scores, scale=chosen)
    day = float(scores["day"].max())
    lines = [name for view in views for name in (view.id, view.twin) if name]
    figure = new_figure(height_in=0.36 * len(lines) + 0.25 * len(views) + 1.0)
    axes = figure.subplots()
    height = 0.0
    ticks: list[float] = []
    labels: list[str] = []
    for view in views:
        for name in (view.id, view.twin):
            if name:
                _draw_dot(axes, rows(scores, arm=name), view, height, twin=name != view.id)
                ticks.append(height)
                labels.append(wrap(view.label, 34, lines=1) if name == view.id else "same people, no integration")
                height -= 1.0
        height -= 0.55
    axes.set_yticks(ticks, labels)
    axes.tick_params(axis="y", labelcolor=style.INK)
    axes.set_ylim(height + 0.9, 0.75)
    _score_range(axes, chosen, along="x")
    axes.grid(visible=True, axis="x")
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"{chosen} score at day {day:g} (points; lower is better)")
    mean = {"color": style.INK, "marker": "o", "linewidth": 3.2}
    first = {"color": style.MUTED, "marker": "|", "linestyle": "none", "markersize": 9}
    entries: list[tuple[dict[str, Any], str]] = [
        (mean, "mean and its 90 % interval") if tables.has_intervals else ({**mean, "linestyle": "none"}, "mean"),
        ({"color": style.INK, "linewidth": 7, "alpha": 0.18}, people_words(tables)),
        (first, "mean at the first assessment"),
    ]
    add_key(figure, entries)
    return figure


def _draw_dot(axes: Axes, own: pd.DataFrame, view: ArmView, height: float, *, twin: bool) -> None:
    row = own.iloc[-1]
    look = style.arm_style(view.index)
    colour = TWIN_LINE["color"] if twin else look.colour
    axes.plot([row["q05"], row["q95"]], [height, height], color=colour, linewidth=9, alpha=0.18,
              solid_capstyle="butt")  # fmt: skip
    if "mean_low" in own:
        axes.plot([row["mean_low"], row["mean_high"]], [height, height], color=colour, linewidth=2.6,
                  linestyle=TWIN_LINE["linestyle"] if twin else "-", dash_capstyle="butt")  # fmt: skip
    axes.plot([row["mean"]], [height], marker=look.marker, markersize=7.5, color=colour, linestyle="none",
              markerfacecolor="white" if twin else colour, markeredgewidth=1.3)  # fmt: skip
    axes.plot([own.iloc[0]["mean"]], [height], marker="|", markersize=11, markeredgewidth=1.4, color=style.MUTED)
    text = f"mean {row['mean']:.1f}; response {100 * row['response']:.0f} %, remission {100 * row['remission']:.0f} %"
    axes.annotate(_without_nan(text), xy=(1.0, height), xycoords=("axes fraction", "data"), xytext=(6, 0),
                  textcoords="offset points", va="center", fontsize=8, annotation_clip=False)  # fmt: skip


def _without_nan(text: str) -> str:
    return text.replace("nan %", "not defined")


def _score_range(axes: Axes, scale_id: str, *, along: str = "y") -> None:
    """Let an axis span the scale's published range."""
    known = SCALES.get(scale_id)
    if known is None:
        return
    limits, ticks = (known.low, known.high), _range_ticks(known.low, known.high)
    if along == "y":
        axes.set_ylim(*limits)
        axes.set_yticks(ticks)
    else:
        axes.set_xlim(*limits)
        axes.set_xticks(ticks)


def _range_ticks(low: float, high: float) -> npt.NDArray[np.float64]:
    step = next((s for s in (1, 2, 3, 5, 10, 20, 25, 50) if (high - low) / s <= 7), 50)
    return np.arange(low, high + 1e-9, step)


def draw_scores(tables: Tables, *, scale_id: str) -> Figure:
    """Draw a score over time, one panel an arm, the other arms in grey behind.

    Parameters
    ----------
    tables : Tables
        The run.
    scale_id : str
        Scale to draw.
    """
    views = arms_of(tables)
    figure, panels = arm_grid(views, panel_height_in=2.7)
    scores = rows(tables.scores, scale=scale_id)
    days = column(scores, "day")
    names = [name for view in views for name in (view.id, view.twin) if name]
    courses = {
        name: curve(tables, scale_id, name, start=float(days.min()), end=float(days.max())) for name in names
    }  # fmt: skip
    for view, axes in panels:
        for other in views:
            if other.id != view.id and (behind := courses[other.id]) is not None:
                axes.plot(behind.days, behind.mean, **_OTHERS)
        _score_range(axes, scale_id)
        _draw_thresholds(axes, scale_id, rows(scores, arm=view.id))
        _draw_arm(axes, courses, scores, view)
        axes.set_ylabel(f"{scale_id} (points)")
        assessment_axis(axes, days)
    add_key(figure, _score_key(tables, views))
    return figure


def _score_key(tables: Tables, views: tuple[ArmView, ...]) -> list[tuple[dict[str, Any], str]]:
    mean = {"color": style.INK, "marker": "o", "markersize": 4.5}
    entries: list[tuple[dict[str, Any], str]] = [(mean, f"mean; band: {people_words(tables)}")]
    if tables.has_intervals:
        entries.append((BAR, "90 % interval of the mean"))
    if any(view.twin for view in views):
        entries.append(({**TWIN_LINE, **_TWIN_DOTS, "linestyle": TWIN_LINE["linestyle"]},
                        "the same people without integration"))  # fmt: skip
    if len(views) > 1:
        entries.append((_OTHERS, "the other arms"))
    return entries


def _draw_arm(axes: Axes, courses: dict[str, Course | None], scores: pd.DataFrame, view: ArmView) -> None:
    look = style.arm_style(view.index)
    own = rows(scores, arm=view.id)
    if (course := courses[view.id]) is not None:
        draw_band(axes, course, colour=look.colour, zorder=2.8)
    if "mean_low" in own:
        draw_bars(axes, own, "mean", colour=look.colour)
    if view.twin:
        twin = rows(scores, arm=view.twin)
        if (other := courses[view.twin]) is not None:
            axes.plot(other.days, other.mean, **TWIN_LINE)
        axes.plot(column(twin, "day"), column(twin, "mean"), zorder=2.5, **_TWIN_DOTS)
    axes.plot(column(own, "day"), column(own, "mean"), color=look.colour, marker=look.marker, markersize=4.8,
              linestyle="none", zorder=3)  # fmt: skip


def _draw_thresholds(axes: Axes, scale_id: str, own: pd.DataFrame) -> None:
    """Draw light lines at remission and at half of the mean baseline."""
    if own.empty or scale_id not in SCALES:
        return
    lines = [(response_score(scale_id, float(own.iloc[0]["mean"])), "response")]
    if (remission := SCALES[scale_id].remission) is not None:
        lines.append((remission.at_most, "remission"))
    for value, _ in lines:
        axes.axhline(value, color="#8b929a", linewidth=0.8, linestyle=(0, (1, 2)), zorder=1.5)
    label_ends(axes, [(value, word, style.MUTED) for value, word in lines], height_in=1.85, size=7.5)
