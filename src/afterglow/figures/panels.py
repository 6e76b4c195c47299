"""Shared parts of the figures: grids of panels, axes in days, keys, labels at the end of a line."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from afterglow.figures import style
from afterglow.figures.reading import ArmView, column
from afterglow.results.courses import Course

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "BAR",
    "TWIN_LINE",
    "add_key",
    "arm_grid",
    "assessment_axis",
    "day_axis",
    "draw_band",
    "draw_bars",
    "fraction_axis",
    "label_ends",
    "new_figure",
    "percent_axis",
    "wrap",
]

TWIN_LINE: dict[str, Any] = {"color": "#3d434a", "linestyle": (0, (4, 2.2)), "linewidth": 1.4, "zorder": 1.6}
"""How the same people without integration are drawn, everywhere."""

BAR: dict[str, Any] = {
    "color": style.INK, "marker": "|", "markersize": 10, "markeredgewidth": 2.2, "linestyle": "none", "alpha": 0.55
}  # fmt: skip
"""How the key shows an interval of a mean."""

_STEPS = (1, 2, 7, 14, 28, 60, 90, 120, 180, 365, 730, 1825, 3650)


def new_figure(*, height_in: float, width_in: float = style.FIGURE_WIDTH_IN) -> Figure:
    """Make an empty figure that needs no display."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.06, wspace=0.03, hspace=0.04)
    figure = Figure(figsize=(width_in, height_in), layout=layout)
    FigureCanvasAgg(figure)
    return figure


def wrap(text: str, width: int, *, lines: int = 2) -> str:
    """Break a label into at most `lines` lines of `width` letters; the rest becomes an ellipsis."""
    broken = textwrap.wrap(text, width, break_long_words=True) or [""]
    if len(broken) > lines:
        broken = [*broken[: lines - 1], textwrap.shorten(" ".join(broken[lines - 1 :]), width, placeholder=" …")]
    return "\n".join(broken)


def arm_grid(
    views: Sequence[ArmView], *, panel_height_in: float = 2.3, share_y: bool = True, extra_height_in: float = 0.5
) -> tuple[Figure, list[tuple[ArmView, Axes]]]:
    """Make one panel an arm, at most three in a row, titled by the arm's label."""
    columns = min(3, max(1, len(views)))
    if len(views) == 4:
        columns = 2
    lines = -(-len(views) // columns)
    figure = new_figure(
        height_in=lines * panel_height_in + extra_height_in, width_in=style.FIGURE_WIDTH_IN if columns > 1 else 6.5
    )
    grid = figure.subplots(lines, columns, squeeze=False, sharex=False, sharey=share_y)
    panels = []
    for index, axes in enumerate(grid.flat):
        if index >= len(views):
            axes.set_visible(False)
            continue
        axes.set_title(wrap(views[index].label, 96 // columns))
        axes.tick_params(labelleft=True)
        panels.append((views[index], axes))
    return figure, panels


def day_axis(axes: Axes, start: float, end: float, *, ticks: int = 6, label: str = "Days from first dose") -> None:
    """Give an axis in days with round ticks (days, weeks, then months)."""
    step = next((s for s in _STEPS if (end - start) / s <= ticks), _STEPS[-1])
    first = np.ceil(start / step) * step
    axes.set_xticks(np.arange(first, end + 1e-9, step))
    axes.set_xlim(start, end)
    axes.set_xlabel(label)


def assessment_axis(axes: Axes, days: npt.NDArray[np.float64]) -> None:
    """Give an axis for assessments: in days, logarithmic after the first week when most of them fall early.

    Parameters
    ----------
    axes : Axes
        Its x axis is set.
    days : array of float
        Days of assessment, unsorted, repeats allowed.
    """
    start, end = float(days.min()), float(days.max())
    early = np.unique(days[days <= 0.15 * end]).size
    if end < 90 or early < 3:
        pad = 0.03 * (end - start) + 0.5
        day_axis(axes, start - pad, end + pad, ticks=5)
        return
    straight = max(7.0, -start)
    axes.set_xscale("symlog", linthresh=straight, linscale=0.55)
    axes.set_xlim(start - 1.0, end * 1.12)
    marks = [mark for mark in (0.0, 7.0, 28.0, 90.0, 365.0, 1095.0) if mark <= end * 1.01]
    axes.set_xticks(marks, [f"{mark:g}" for mark in marks])
    axes.minorticks_off()
    axes.set_xlabel("Days from first dose (log after a week)")


def fraction_axis(axes: Axes, label: str = "Level, fraction of full (0 to 1)", *, top: float = 1.0) -> None:
    """Give an axis for a state between none and full."""
    axes.set_ylim(0, top)
    axes.set_yticks(np.round(np.linspace(0, top, 3), 2))
    axes.set_ylabel(label)


def percent_axis(axes: Axes, label: str) -> None:
    """Give an axis for a share of people, 0 to 100 %."""
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100"])
    axes.set_ylabel(label)


def draw_band(
    axes: Axes, course: Course, *, colour: str, middle: str = "mean", alpha: float = 0.17, **line: Any
) -> None:
    """Draw a curve with the band that holds the middle 90 % of people."""
    axes.fill_between(course.days, course.low, course.high, color=colour, alpha=alpha, linewidth=0)
    axes.plot(course.days, getattr(course, middle), color=colour, **line)


def draw_bars(axes: Axes, table: pd.DataFrame, name: str, *, colour: str, aside_points: float = 0.0) -> None:
    """Draw the 90 % interval of a column as upright bars, a little aside where two share a day."""
    from matplotlib.transforms import ScaledTranslation

    aside = ScaledTranslation(aside_points / 72, 0, axes.get_figure(root=True).dpi_scale_trans)  # type: ignore[union-attr]
    axes.vlines(
        column(table, "day"),
        column(table, f"{name}_low"),
        column(table, f"{name}_high"),
        color=colour,
        linewidth=2.2,
        alpha=0.55,
        transform=axes.transData + aside,
    )


def _key_columns(texts: Sequence[str], width_in: float) -> int:
    """Return how many entries of a key fit side by side."""
    for count in range(len(texts), 1, -1):
        widest = [max(len(text) for text in texts[k::count]) for k in range(count)]
        if sum(0.075 * letters + 0.62 for letters in widest) <= width_in:
            return count
    return 1


def add_key(figure: Figure, entries: Sequence[tuple[dict[str, Any], str]]) -> None:
    """Write one key for all panels above them."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [
        Patch(**{k: v for k, v in look.items() if k != "patch"}) if look.get("patch") else Line2D([], [], **look)
        for look, _ in entries
    ]
    figure.legend(
        handles,
        [text for _, text in entries],
        loc="outside upper left",
        ncols=_key_columns([text for _, text in entries], figure.get_figwidth()),
        frameon=False,
        fontsize=8.5,
        handlelength=2.6,
        columnspacing=1.6,
        borderaxespad=0.2,
    )


def label_ends(axes: Axes, labels: Sequence[tuple[float, str, str]], *, height_in: float, size: float = 8.0) -> None:
    """Write labels right of the axes at the height of their lines, moved apart so that none overlaps.

    Parameters
    ----------
    axes : Axes
        Its y limits must be set already.
    labels : sequence of (y, text, colour)
        Height in data units, what to write, in which colour.
    height_in : float
        Height of the axes in inches, near enough.
    size : float
        Font size in points.
    """
    bottom, top = axes.get_ylim()
    need = [size * 1.22 * (text.count("\n") + 1) / (height_in * 72) for _, text, _ in labels]
    order = sorted(range(len(labels)), key=lambda i: labels[i][0])
    places = [(labels[i][0] - bottom) / (top - bottom) for i in order]
    for rank in range(1, len(order)):
        gap = (need[order[rank]] + need[order[rank - 1]]) / 2
        places[rank] = max(places[rank], places[rank - 1] + gap)
    overflow = places[-1] + need[order[-1]] / 2 - 1 if places else 0.0
    if overflow > 0:
        places[-1] -= overflow
        for rank in range(len(order) - 2, -1, -1):
            gap = (need[order[rank]] + need[order[rank + 1]]) / 2
            places[rank] = min(places[rank], places[rank + 1] - gap)
    for rank, index in enumerate(order):
        _, text, colour = labels[index]
        axes.annotate(
            text,
            xy=(1.0, places[rank]),
            xytext=(4, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            color=colour,
            fontsize=size,
            va="center",
            ha="left",
            linespacing=1.0,
            annotation_clip=False,
        )
