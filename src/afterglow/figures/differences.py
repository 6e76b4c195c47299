"""Differences: what integration adds over time and under each explanation, and arms against each other."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from afterglow.figures import style
from afterglow.figures.panels import add_key, arm_grid, assessment_axis, new_figure, wrap
from afterglow.figures.reading import arms_of, column, rows
from afterglow.figures.words import points_text, rival_name
from afterglow.results.differences import ArmDifference, difference_of, integration_adds
from afterglow.results.tables import Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["arms_compared", "draw_arms", "draw_contrast", "draw_explanations"]

_LINE_IN = 0.27
_USUAL_DAYS = (42.0, 84.0)
"""On which arms are compared where nobody says: weeks 6 and 12, or the nearest days of rating."""
_MOST_EXPLAINED = 6
"""Differences beside which each explanation is drawn too; the table has them in any case."""


def draw_contrast(tables: Tables) -> Figure:
    """Draw the difference of each arm to the same people without integration over time, with its 90 % interval."""
    from matplotlib.ticker import MaxNLocator

    chosen = tables.scales[0]
    views = tuple(view for view in arms_of(tables) if view.twin)
    figure, panels = arm_grid(views, panel_height_in=2.6, extra_height_in=0.15)
    table = rows(tables.contrasts, scale=chosen)
    own_days = column(table, "day")
    own = {view.id: rows(table, arm=view.id, versus=view.twin) for view in views}
    ends = ("credible_low", "credible_high") if tables.has_intervals else ("mean_difference",)
    seen = np.concatenate([column(one, name) for one in own.values() for name in ends])
    reach = max(1.0, float(np.nanmax(np.abs(seen))) * 1.3)
    for view, axes in panels:
        look = style.arm_style(view.index)
        days, mean = column(own[view.id], "day"), column(own[view.id], "mean_difference")
        axes.axhline(0, color=style.INK, linewidth=0.9)
        if tables.has_intervals:
            low, high = (column(own[view.id], name) for name in ends)
            axes.vlines(days, low, high, color=look.colour, linewidth=2.2, alpha=0.55)
        axes.plot(days, mean, color=look.colour, marker=look.marker, markersize=5, linewidth=1.2)
        axes.set_ylim(-reach, reach)
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10], prune="both"))
        axes.set_ylabel(f"Difference in {chosen} (points)")
        _name_sides(axes)
        assessment_axis(axes, own_days)
    return figure


def _name_sides(axes: Axes) -> None:
    for place, word in ((0.03, "below 0: lower score with integration"), (0.97, "above 0: higher with integration")):
        axes.annotate(word, (0.03, place), xycoords="axes fraction", fontsize=7.5, color=style.MUTED,
                      va="bottom" if place < 0.5 else "top")  # fmt: skip


def draw_explanations(tables: Tables) -> Figure:
    """Draw what integration adds by the last day: weighted, and under each explanation alone, by weight."""
    added = integration_adds(tables)
    views = {view.id: view for view in arms_of(tables)}
    chosen, day = added[0].scale, added[0].day
    axis = f"Difference in {chosen} on day {day:g}, with minus without integration (points)"
    return _forests(tables, added, [views[one.arm].label for one in added], axis)


def arms_compared(tables: Tables, versus: str | None = None, days: Sequence[float] = ()) -> tuple[ArmDifference, ...]:
    """Return each arm minus another on some days, day by day.

    Parameters
    ----------
    tables : Tables
    versus : str, optional
        Id of the arm that the others are compared with; the last one otherwise, where controls usually stand.
    days : sequence of float
        The nearest days of rating are taken; none: weeks 6 and 12.
    """
    ids = [arm.id for arm in tables.protocol.arms]
    other = versus or ids[-1]
    rated = np.unique([day for day in column(rows(tables.contrasts, scale=tables.scales[0]), "day") if day > 0])
    near = dict.fromkeys(float(rated[np.abs(rated - day).argmin()]) for day in days or _USUAL_DAYS)
    pairs = [(name, day) for day in near for name in ids if name != other]
    found = (difference_of(tables, name, other, day) for name, day in pairs)
    return tuple(one for one in found if one is not None)


def draw_arms(tables: Tables, versus: str | None = None, days: Sequence[float] = ()) -> Figure:
    """Draw each arm minus another on some days: weighted, and under each explanation alone where there is room."""
    compared = arms_compared(tables, versus, days)
    if len(compared) > _MOST_EXPLAINED:
        compared = tuple(dataclasses.replace(one, by_rival=()) for one in compared)
    views = {view.id: view for view in arms_of(tables)}
    titles = [f"{views[one.arm].label} minus {views[one.versus].label}, day {one.day:g}" for one in compared]
    return _forests(tables, compared, titles, f"Difference in {compared[0].scale} (points); left is lower")


def _forests(tables: Tables, found: Sequence[ArmDifference], titles: Sequence[str], axis: str) -> Figure:
    """Draw differences beneath each other on one axis, each with what every explanation alone says."""
    views = {view.id: view for view in arms_of(tables)}
    count = max(len(one.by_rival) for one in found) + 1
    figure = new_figure(height_in=len(found) * (count * _LINE_IN + 0.42) + 0.75)
    grid = figure.subplots(len(found), 1, squeeze=False, sharex=True)[:, 0]
    ends = [end for one in found for end in (one.points, one.low, one.high)]
    ends += [end for one in found for own in one.by_rival for end in (own.points, own.low, own.high)]
    reach = max(1.0, float(np.nanmax(np.abs(ends))) * 1.12)
    for one, title, axes in zip(found, titles, grid, strict=True):
        _draw_forest(axes, one, style.arm_style(views[one.arm].index))
        axes.set_title(wrap(title, 90, lines=1))
        axes.set_xlim(-reach, reach)
    grid[-1].set_xlabel(axis)
    entries: list[tuple[dict[str, Any], str]] = [
        ({"color": style.INK, "marker": "D", "markersize": 6, "linewidth": 3.0}, "all explanations by their weights"),
        ({"color": style.MUTED, "marker": "o", "markersize": 4.5, "linewidth": 1.6}, "one explanation alone (weight)"),
    ]
    add_key(figure, entries)
    return figure


def _draw_forest(axes: Axes, added: ArmDifference, look: style.ArmStyle) -> None:
    lines = [("weighted", added.points, added.low, added.high)]
    lines += [(f"{rival_name(e.rival)} ({e.weight:.2f})", e.points, e.low, e.high) for e in added.by_rival]
    axes.axvline(0, color=style.INK, linewidth=0.9)
    for height, (_, points, low, high) in enumerate(lines):
        whole = height == 0
        colour = look.colour if whole else style.MUTED
        axes.plot([low, high], [-height, -height], color=colour, linewidth=3.0 if whole else 1.6)
        axes.plot([points], [-height], marker="D" if whole else "o", markersize=6 if whole else 4.5, color=colour)
        axes.annotate(points_text(points, low, high), xy=(1.0, -height),
                      xycoords=("axes fraction", "data"), xytext=(6, 0), textcoords="offset points", va="center",
                      fontsize=8, fontweight="bold" if whole else "normal", annotation_clip=False)  # fmt: skip
    axes.set_yticks([-k for k in range(len(lines))], [name for name, *_ in lines])
    axes.tick_params(axis="y", labelcolor=style.INK)
    axes.set_ylim(0.6 - len(lines), 0.6)
    axes.grid(visible=True, axis="x")
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
