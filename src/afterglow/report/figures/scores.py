"""Scores on clinical scales: arms side by side, over time, and against the same people without integration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from afterglow.report import style
from afterglow.report.figures.panels import TWIN_LINE, add_key, arm_grid, assessment_axis, label_ends, new_figure, wrap
from afterglow.report.reading import ArmView, ResultLike, arms_of, rows, scales_of
from afterglow.scales.instruments import SCALES, scale

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_contrast", "draw_overview", "draw_scores", "response_score"]

_TWIN_DOTS = {**TWIN_LINE, "marker": "o", "markersize": 4.5, "markerfacecolor": "white", "markeredgewidth": 1.1}


def _column(table: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
    return np.asarray(table[name], dtype=float)


def response_score(scale_id: str, baseline: float) -> float:
    """Give the score at which somebody who started at `baseline` counts as a responder."""
    rule = scale(scale_id).response
    return baseline * (1 - rule.fall) if rule.kind == "fraction" else baseline - rule.fall


def draw_overview(result: ResultLike, *, scale_id: str | None = None) -> Figure | None:
    """Draw the mean score of every arm at the last assessment, with the spread between people."""
    chosen = scale_id or next(iter(scales_of(result)), None)
    views = arms_of(result)
    if chosen is None or not views:
        return None
    scores = rows(result.scores, scale=chosen)
    day = float(scores["day"].max())
    lines = [(view, name) for view in views for name in (view.id, view.twin) if name]
    figure = new_figure(height_in=0.36 * len(lines) + 0.25 * len(views) + 1.0)
    axes = figure.subplots()
    height, ticks, labels = 0.0, [], []
    for view in views:
        for name in (view.id, view.twin):
            if name and _draw_dot(axes, scores, view, name, height, day):
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
    add_key(
        figure,
        [
            ({"color": style.INK, "marker": "o", "linewidth": 2}, "mean; line: 5–95 % of people"),
            (
                {"color": style.MUTED, "marker": "|", "linestyle": "none", "markersize": 9},
                "mean at the first assessment",
            ),
        ],
    )
    return figure


def _draw_dot(axes: Axes, scores: pd.DataFrame, view: ArmView, name: str, height: float, day: float) -> bool:
    own = rows(scores, arm=name)
    last = own[own["day"] == day]
    if last.empty:
        return False
    row = last.iloc[0]
    look, twin = style.arm_style(view.index), name != view.id
    colour = TWIN_LINE["color"] if twin else look.colour
    axes.plot([row["q05"], row["q95"]], [height, height], color=colour, linewidth=1.6 if twin else 3.0, alpha=0.55,
              linestyle=TWIN_LINE["linestyle"] if twin else "-")  # fmt: skip
    axes.plot([row["mean"]], [height], marker=look.marker, markersize=7.5, color=colour, linestyle="none",
              markerfacecolor="white" if twin else colour, markeredgewidth=1.3)  # fmt: skip
    axes.plot([own.iloc[0]["mean"]], [height], marker="|", markersize=11, markeredgewidth=1.4, color=style.MUTED)
    text = f"mean {row['mean']:.1f}; response {100 * row['response']:.0f} %, remission {100 * row['remission']:.0f} %"
    axes.annotate(_without_nan(text), xy=(1.0, height), xycoords=("axes fraction", "data"), xytext=(6, 0),
                  textcoords="offset points", va="center", fontsize=8, annotation_clip=False)  # fmt: skip
    return True


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


def draw_scores(result: ResultLike, *, scale_id: str | None = None) -> Figure | None:
    """Draw the observed mean score over time, one panel an arm, the other arms in grey behind.

    Parameters
    ----------
    result : ResultLike
        The run.
    scale_id : str, optional
        Scale to draw; the population's scale if left out.
    """
    chosen = scale_id or next(iter(scales_of(result)), None)
    views = arms_of(result)
    if chosen is None or not views:
        return None
    figure, panels = arm_grid(views, panel_height_in=2.7)
    scores = rows(result.scores, scale=chosen)
    for view, axes in panels:
        for other in views:
            if other.id != view.id:
                own = rows(scores, arm=other.id)
                axes.plot(_column(own, "day"), _column(own, "mean"), color="#c3c8ce", linewidth=1.0, zorder=1)
        _score_range(axes, chosen)
        _draw_thresholds(axes, chosen, rows(scores, arm=view.id))
        _draw_scores_of(axes, scores, view)
        axes.set_ylabel(f"{chosen} (points)")
        assessment_axis(axes, _column(scores, "day"))
    add_key(figure, _score_key(views, "mean_low" in scores))
    return figure


def _score_key(views: tuple[ArmView, ...], credible: bool) -> list[tuple[dict[str, object], str]]:
    entries: list[tuple[dict[str, object], str]] = [
        ({"color": style.INK, "marker": "o", "markersize": 4.5}, "observed mean (band: 5–95 % of people)")
    ]
    if credible:
        entries.append(({"color": style.INK, "linewidth": 2.2, "marker": "|", "markersize": 9}, "90 % credible band"))
    if any(view.twin for view in views):
        entries.append((_TWIN_DOTS, "the same people without integration"))
    if len(views) > 1:
        entries.append(({"color": "#c3c8ce", "linewidth": 1.0}, "the other arms"))
    return entries


def _draw_scores_of(axes: Axes, scores: pd.DataFrame, view: ArmView) -> None:
    look = style.arm_style(view.index)
    own = rows(scores, arm=view.id)
    days = _column(own, "day")
    axes.fill_between(days, _column(own, "q05"), _column(own, "q95"), color=look.colour, alpha=0.15, linewidth=0)
    if "mean_low" in own:
        axes.vlines(
            days, _column(own, "mean_low"), _column(own, "mean_high"), color=look.colour, linewidth=2.2, alpha=0.6
        )
    if view.twin:
        twin = rows(scores, arm=view.twin)
        axes.plot(_column(twin, "day"), _column(twin, "mean"), **_TWIN_DOTS)
    axes.plot(days, _column(own, "mean"), color=look.colour, marker=look.marker, markersize=4.8, zorder=3)


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


def draw_contrast(result: ResultLike, *, scale_id: str | None = None) -> Figure | None:
    """Draw the paired difference of each arm to the same people without integration; None when no arm has a twin."""
    from matplotlib.ticker import MaxNLocator

    chosen = scale_id or next(iter(scales_of(result)), None)
    views = tuple(view for view in arms_of(result) if view.twin)
    if chosen is None or not views or result.contrasts.empty:
        return None
    figure, panels = arm_grid(views, panel_height_in=2.6, extra_height_in=0.15)
    table = rows(result.contrasts, scale=chosen)
    reach = max(1.0, float(np.nanmax(np.abs(np.concatenate([_column(table, "low"), _column(table, "high")])))) * 1.4)
    for view, axes in panels:
        own = rows(table, arm=view.id, versus=view.twin)
        look = style.arm_style(view.index)
        mean = _column(own, "mean_difference")
        spread = np.abs(np.stack([mean - _column(own, "low"), _column(own, "high") - mean]))
        axes.axhline(0, color=style.INK, linewidth=0.9)
        axes.errorbar(_column(own, "day"), mean, yerr=spread, color=look.colour, marker=look.marker, markersize=5,
                      linewidth=1.2, elinewidth=1.4, capsize=2.5)  # fmt: skip
        axes.set_ylim(-reach, reach)
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10], prune="both"))
        axes.set_ylabel(f"Difference in {chosen} (points)")
        for place, word in (
            (0.03, "below 0: lower score with integration"),
            (0.97, "above 0: higher score with integration"),
        ):
            axes.annotate(word, (0.03, place), xycoords="axes fraction", fontsize=7.5, color=style.MUTED,
                          va="bottom" if place < 0.5 else "top")  # fmt: skip
        assessment_axis(axes, _column(table, "day"))
    return figure
