"""What happens inside: the plasticity signal, window and synapses; insight, plan and practice; old and new pattern."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from afterglow.figures import style
from afterglow.figures.panels import (
    TWIN_LINE,
    add_key,
    arm_grid,
    day_axis,
    draw_band,
    fraction_axis,
    label_ends,
    new_figure,
    wrap,
)
from afterglow.figures.reading import ArmView, arms_of, curve, first_time, focus_end, people_words
from afterglow.results.courses import Course
from afterglow.results.tables import Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["INTEGRATION", "PLASTICITY", "draw_integration", "draw_patterns", "draw_plasticity"]

PLASTICITY = {
    "signal": "Plasticity signal",
    "window": "Window open",
    "labile_spines": "New synapses, still labile",
    "stable_spines": "New synapses, kept",
}
INTEGRATION = {
    "insight": "Insight worked with",
    "plan": "Plan: concrete steps",
    "practice": "Practice: steps as habit",
    "alliance": "Alliance",
}
OLD_COLOUR, NEW_COLOUR = style.VERMILLION_DARK, style.GREEN_DARK


def draw_plasticity(tables: Tables) -> Figure:
    """Draw signal, window and synapses, one row an arm."""
    return _draw_rows(tables, PLASTICITY, end=focus_end(tables))


def draw_integration(tables: Tables) -> Figure:
    """Draw the three tasks of integration, with alliance and group support, one row an arm."""
    return _draw_rows(tables, INTEGRATION, end=float(tables.protocol.horizon_days))


def _draw_rows(tables: Tables, variables: dict[str, str], *, end: float) -> Figure:
    views = arms_of(tables)
    figure = new_figure(height_in=len(views) * 1.95 + 0.45)
    with_twin = any(view.twin for view in views)
    entries = [({"color": style.INK, "linewidth": 1.8}, f"mean, as in the protocol (band: {people_words(tables)})")]
    if with_twin:
        entries.append((TWIN_LINE, "the same people without integration"))
    add_key(figure, entries)
    start = first_time(tables)
    courses = {
        (arm.id, name): curve(tables, name, arm.id, start=start, end=end, limit=140)
        for arm in tables.arms
        for name in (*variables, "group_support")
    }
    tops = {name: _top([courses[arm.id, name] for arm in tables.arms]) for name in variables}
    for view, row in zip(views, np.atleast_1d(np.asarray(figure.subfigures(len(views), 1), dtype=object)), strict=True):
        row.suptitle(wrap(view.label, 90, lines=1), x=0.008, ha="left", fontsize=9.5, fontweight="bold")
        panels = row.subplots(1, len(variables), squeeze=False)[0]
        for axes, (name, title) in zip(panels, variables.items(), strict=True):
            _draw_state(axes, courses, view, name)
            axes.set_title(title, fontsize=8.5, fontweight="normal", pad=4)
            fraction_axis(
                axes, ("Fraction of full" if tops[name] <= 1 else "Level") if axes is panels[0] else "", top=tops[name]
            )
            day_axis(axes, start, end, ticks=5, label="Days from first dose" if axes is panels[0] else "Days")
    return figure


def _top(courses: Sequence[Course | None]) -> float:
    """Give a column one top for all arms: 1, or less when everything is small."""
    highest = max((float(course.high.max()) for course in courses if course is not None), default=0.0)
    if highest > 1.0:
        return float(np.ceil(highest))
    return next((top for top in (0.1, 0.2, 0.4) if highest <= top * 0.95), 1.0)


def _draw_state(axes: Axes, courses: Mapping[tuple[str, str], Course | None], view: ArmView, name: str) -> None:
    colour = style.arm_style(view.index).colour
    course = courses[view.id, name]
    if course is not None:
        draw_band(axes, course, colour=colour)
    if view.twin and (other := courses[view.twin, name]) is not None:
        axes.plot(other.days, other.mean, **TWIN_LINE)
    if name != "alliance":
        return
    support = courses[view.id, "group_support"]
    if support is not None and float(support.high.max()) > 0.01:
        axes.plot(support.days, support.mean, color=colour, linestyle=(0, (1, 1.3)), linewidth=1.6)
        axes.annotate("group support", (support.days[-1], support.mean[-1]), xytext=(-2, 5), textcoords="offset points",
                      ha="right", fontsize=7.5, color=style.INK)  # fmt: skip


def draw_patterns(tables: Tables) -> Figure:
    """Draw the old pattern against the new one, one panel an arm."""
    views = arms_of(tables)
    figure, panels = arm_grid(views)
    end = float(tables.protocol.horizon_days)
    start = first_time(tables)
    entries = [({"color": style.INK, "linewidth": 1.8}, f"mean, as in the protocol (band: {people_words(tables)})")]
    if any(view.twin for view in views):
        entries.append((TWIN_LINE, "the same people without integration"))
    add_key(figure, entries)
    for view, axes in panels:
        labels = []
        for name, text, colour, line in (
            ("old_pattern", "old\npattern", OLD_COLOUR, "-"),
            ("new_pattern", "new\npattern", NEW_COLOUR, "-"),
        ):
            course = curve(tables, name, view.id, start=start, end=end, limit=180)
            if course is None:
                continue
            draw_band(axes, course, colour=colour, linestyle=line, alpha=0.14)
            labels.append((float(course.mean[-1]), text, colour))
            if view.twin and (other := curve(tables, name, view.twin, start=start, end=end, limit=180)) is not None:
                axes.plot(other.days, other.mean, **{**TWIN_LINE, "color": colour})
        fraction_axis(axes, "Strength, fraction of full")
        day_axis(axes, start, end, ticks=5)
        label_ends(axes, labels, height_in=1.5)
    return figure
