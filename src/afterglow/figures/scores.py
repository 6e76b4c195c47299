"""Scores on clinical scales: arms side by side at the end, over time, and one arm at several doses and hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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

__all__ = ["MapCell", "draw_map", "draw_overview", "draw_scores", "response_score"]

_TWIN_DOTS: dict[str, Any] = {"color": TWIN_LINE["color"], "linestyle": "none", "marker": "o", "markersize": 4.5,
              "markerfacecolor": "white", "markeredgewidth": 1.1}  # fmt: skip
_OTHERS: dict[str, Any] = {"color": "#c3c8ce", "linewidth": 1.0, "zorder": 1}
_CELL_IN = 0.55
_PALE, _DEEP = 0.06, 0.46


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


@dataclass(frozen=True, kw_only=True)
class MapCell:
    """One cell of a map.

    Parameters
    ----------
    dose : float
        In the unit of the arm's dose.
    hours : float
        Of integration in all.
    mean, low, high : float
        Mean score, and its 90 % interval.
    alike : bool
        Whether it cannot be told from the lowest cell.
    extrapolated : bool
        Whether the dose lies above the largest one whose kinetics were studied.
    """

    dose: float
    hours: float
    mean: float
    low: float
    high: float
    alike: bool
    extrapolated: bool


def draw_map(cells: Sequence[MapCell], *, unit: str) -> Figure:
    """Draw cells of mean scores, doses across and hours upwards."""
    from matplotlib.patches import Rectangle

    doses, hours = sorted({c.dose for c in cells}), sorted({c.hours for c in cells})
    figure = new_figure(height_in=len(hours) * _CELL_IN + 0.7)
    axes = figure.subplots()
    least, most = min(c.mean for c in cells), max(c.mean for c in cells)
    for cell in cells:
        x, y = doses.index(cell.dose), hours.index(cell.hours)
        deep = (most - cell.mean) / (most - least) if most > least else 0.0
        axes.add_patch(
            Rectangle(
                (x - 0.47, y - 0.45),
                0.94,
                0.9,
                color=style.arm_style(0).colour,
                alpha=_PALE + deep * (_DEEP - _PALE),
                linewidth=0,
            )
        )
        value = f"{'≈ ' if cell.alike else ''}{cell.mean:.1f}{' †' if cell.extrapolated else ''}"
        axes.annotate(value, (x, y + 0.12), ha="center", va="center", fontsize=9.5, fontweight="bold")
        axes.annotate(
            f"{cell.low:.1f} to {cell.high:.1f}",
            (x, y - 0.22),
            ha="center",
            va="center",
            fontsize=7.5,
            color=style.INK,
        )
    axes.set_xlim(-0.5, len(doses) - 0.5)
    axes.set_ylim(-0.5, len(hours) - 0.5)
    axes.set_xticks(range(len(doses)), [f"{dose:g}" for dose in doses])
    axes.set_yticks(range(len(hours)), [f"{one:g}" for one in hours])
    axes.set_xlabel(f"Dose ({unit})")
    axes.set_ylabel("Integration in all (h)")
    axes.grid(visible=False)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure
