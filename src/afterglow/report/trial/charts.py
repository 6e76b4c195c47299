"""The figures of a trial's report: power against size, what is expected over time, guesses, and what power hangs on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from afterglow.figures import style
from afterglow.figures.panels import add_key, assessment_axis, label_ends, new_figure, percent_axis, wrap
from afterglow.figures.words import rival_name
from afterglow.trial.characteristics.average import WEIGHTED, Figure
from afterglow.trial.characteristics.unblinding import GuessCurve
from afterglow.trial.sensitivity.changes import LEVELS
from afterglow.trial.sensitivity.curve import PowerAtSize
from afterglow.trial.sensitivity.expected import ExpectedArm

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

__all__ = ["Bars", "draw_expected", "draw_guesses", "draw_power", "draw_sensitivity"]

_LEVEL: dict[str, Any] = {"color": style.MUTED, "linewidth": 0.9, "linestyle": (0, (2, 2))}
_WHOLE: dict[str, Any] = {"color": style.INK, "linewidth": 2.8, "marker": "D", "markersize": 5}
_LINE_IN = 0.27
_APART = 0.2
"""Of the logarithms of two sizes whose numbers both have room below the axis."""
_KINDS = {
    "plan": (style.INK, "D", "as planned, weighted"),
    "explanation": (style.arm_style(0).colour, "o", "as planned, one explanation alone"),
    "scenario": (style.arm_style(1).colour, "s", "weighted, if"),
}
"""Colour, marker and words of a bar."""

Bars: TypeAlias = Mapping[str, Sequence[tuple[str, Figure, str]]]
"""By design: what is changed, the power then, and the kind of change, one of `_KINDS`."""


def draw_power(curves: Mapping[str, Sequence[PowerAtSize]], rivals: Sequence[str]) -> Drawing:
    """Draw the power against the people of the control arm, a panel for each design.

    A line for each explanation, and the weighted one.
    """
    alone = len(curves) == 1
    columns = 1 if alone else 2
    lines = -(-len(curves) // columns)
    figure = new_figure(height_in=3.9 if alone else 2.9 * lines + 0.6)
    grid = list(figure.subplots(lines, columns, squeeze=False, sharey=True).flat)
    for axes, (design, curve) in zip(grid, curves.items(), strict=False):
        ends = _draw_curve(axes, curve, rivals)
        if alone:
            label_ends(axes, ends, height_in=3.0)
        else:
            axes.set_title(wrap(design, 45))
    for axes in grid[len(curves) :]:
        axes.set_visible(False)
    looks = [] if alone else [(_look(k), rival_name(rival)) for k, rival in enumerate(rivals)]
    add_key(
        figure,
        [
            *looks,
            (_WHOLE, "all explanations by their weights (band: two Monte-Carlo errors)"),
            ({"patch": True, "color": style.GRID}, "sizes of the plan"),
            (_LEVEL, "80 and 90 %"),
        ],
    )
    return figure


def _look(place: int) -> dict[str, Any]:
    look = style.arm_style(place)
    return {"color": look.colour, "marker": look.marker, "markersize": 4, "linewidth": 1.3}


def _draw_curve(axes: Axes, curve: Sequence[PowerAtSize], rivals: Sequence[str]) -> list[tuple[float, str, str]]:
    """Draw the power of one design; return height, name and colour of each line's end."""
    sizes = np.array([at.n for at in curve], dtype=np.float64)
    percent_axis(axes, "Power, %")
    axes.set_ylim(0, 1.02)
    for level in LEVELS:
        axes.axhline(level, **_LEVEL)
    ends = []
    for k, rival in enumerate(rivals):
        power = _values([at.power[rival] for at in curve])
        axes.plot(sizes, power, **_look(k))
        ends.append((_last(power), rival_name(rival), style.arm_style(k).colour))
    whole, error = _values([at.power[WEIGHTED] for at in curve]), _errors([at.power[WEIGHTED] for at in curve])
    axes.fill_between(sizes, whole - 2 * error, whole + 2 * error, color=style.INK, alpha=0.13, linewidth=0)
    axes.plot(sizes, whole, **_WHOLE)
    for at in curve:
        if at.planned:
            axes.axvline(at.n, color=style.GRID, linewidth=5, zorder=0)
    axes.set_xscale("log")
    planned = [at.n for at in curve if at.planned]
    room = [at.planned or all(abs(np.log(at.n / n)) > _APART for n in planned) for at in curve]
    axes.set_xticks(sizes, [f"{at.n}" if free else "" for at, free in zip(curve, room, strict=True)])
    axes.minorticks_off()
    axes.set_xlabel("People of the control arm (log)")
    return [*ends, (_last(whole), "weighted", style.INK)]


def draw_expected(arms: Sequence[ExpectedArm], labels: Sequence[str], scale: str) -> Drawing:
    """Draw mean scores, dropout and each intercurrent event over time, an arm a line."""
    events = list(arms[0].events)
    titles = [f"Mean {scale}", "Dropped out", *(f"Event: {name.replace('_', ' ')}" for name in events)]
    columns = min(2, len(titles)) if len(titles) in (2, 4) else min(3, len(titles))
    lines = -(-len(titles) // columns)
    figure = new_figure(height_in=2.5 * lines + 0.4)
    grid = list(figure.subplots(lines, columns, squeeze=False).flat)
    shares = [arm.lost[-1] for arm in arms] + [held[-1] for arm in arms for held in arm.events.values()]
    top = max(0.05, 1.25 * max(figure.value or 0.0 for figure in shares))
    for place, (axes, title) in enumerate(zip(grid, titles, strict=False)):
        axes.set_title(wrap(title, 90 // columns))
        for k, arm in enumerate(arms):
            look = style.arm_style(k)
            if place == 0:
                days, values = np.array(arm.days), _values(arm.score)
            else:
                held = arm.lost if place == 1 else arm.events[events[place - 2]]
                days, values = np.array([0.0, *arm.days[1:]]), 100 * np.array([0.0, *_values(held)])
            axes.plot(days, values, color=look.colour, marker=look.marker, markersize=4, clip_on=False, zorder=3)
        axes.set_ylabel("Score (points)" if place == 0 else "People, %")
        if place:
            axes.set_ylim(0, 100 * top)
        assessment_axis(axes, np.array(arms[0].days))
    for axes in grid[len(titles) :]:
        axes.set_visible(False)
    looks = [style.arm_style(k) for k in range(len(arms))]
    add_key(
        figure,
        [
            ({"color": look.colour, "marker": look.marker, "markersize": 4}, wrap(label, 60, lines=1))
            for look, label in zip(looks, labels, strict=True)
        ],
    )
    return figure


def draw_guesses(curve: GuessCurve, scale: str) -> Drawing:
    """Draw the difference between the arms against the share of correct guesses."""
    figure = new_figure(height_in=3.3, width_in=6.5)
    axes = figure.subplots()
    share, effect, error = 100 * np.array(curve.share), _values(curve.effect), _errors(curve.effect)
    colour = style.arm_style(0).colour
    axes.fill_between(share, effect - 2 * error, effect + 2 * error, color=colour, alpha=0.15, linewidth=0)
    axes.plot(share, effect, color=colour)
    axes.axhline(0, color=style.INK, linewidth=0.9)
    marks = (
        (50.0, curve.at_half, "D", "one half"),
        (100 * (curve.observed_share.value or 0.0), curve.observed, "o", "as they guess"),
    )
    seen = []
    for place, held, marker, word in marks:
        if held.value is not None:
            axes.plot([place], [held.value], color=style.INK, marker=marker, markersize=6, linestyle="none")
            seen.append(
                (
                    {"color": style.INK, "marker": marker, "linestyle": "none"},
                    f"{word}: {held.value:+.1f}".replace("-", "−"),
                )
            )
    axes.set_xlim(0, 100)
    axes.set_xlabel("Correct guesses, % of those who name an arm")
    axes.set_ylabel(f"Active minus control ({scale}, points)")
    add_key(figure, [({"color": colour}, "reweighted (band: two Monte-Carlo errors)"), *seen])
    return figure


def draw_sensitivity(bars: Bars) -> Drawing:
    """Draw the power under each explanation and in each scenario, one below the other, a panel for each design."""
    columns = min(3, len(bars))
    lines = -(-len(bars) // columns)
    names = [name for name, *_ in next(iter(bars.values()))]
    figure = new_figure(height_in=(_LINE_IN * len(names) + 0.3 + 0.4 * (len(bars) > 1)) * lines + 0.7)
    grid = list(figure.subplots(lines, columns, squeeze=False, sharey=True).flat)
    for axes, (design, rows) in zip(grid, bars.items(), strict=False):
        if len(bars) > 1:
            axes.set_title(wrap(design, 75 // columns))
        for level in LEVELS:
            axes.axvline(100 * level, **_LEVEL)
        for height, (_, power, kind) in enumerate(rows):
            _draw_bar(axes, -height, power, *_KINDS[kind][:2])
        axes.set_yticks([-k for k in range(len(names))], [wrap(name, 60 // columns + 18, lines=1) for name in names])
        axes.tick_params(axis="y", labelcolor=style.INK)
        axes.set_ylim(0.6 - len(names), 0.6)
        axes.set_xlim(0, 100)
        axes.set_xlabel("Power, %")
        axes.grid(visible=True, axis="x")
        axes.grid(visible=False, axis="y")
        axes.spines["left"].set_visible(False)
    for axes in grid[len(bars) :]:
        axes.set_visible(False)
    present = dict.fromkeys(kind for rows in bars.values() for *_, kind in rows)
    looks = [(_KINDS[kind], {"color": _KINDS[kind][0], "marker": _KINDS[kind][1], "markersize": 5}) for kind in present]
    add_key(figure, [*((drawn, kind[2]) for kind, drawn in looks), (_LEVEL, "80 and 90 %")])
    return figure


def _draw_bar(axes: Axes, height: float, power: Figure, colour: str, marker: str) -> None:
    if power.value is None:
        return
    middle, reach = 100 * power.value, 200 * (power.se or 0.0)
    axes.plot([middle - reach, middle + reach], [height, height], color=colour, linewidth=2.2, alpha=0.6)
    axes.plot([middle], [height], color=colour, marker=marker, markersize=5.5)
    axes.annotate(f"{middle:.0f} %", xy=(1.0, height), xycoords=("axes fraction", "data"), xytext=(6, 0),
                  textcoords="offset points", va="center", fontsize=8, annotation_clip=False)  # fmt: skip


def _values(held: Sequence[Figure]) -> np.ndarray:
    return np.array([np.nan if one.value is None else one.value for one in held], dtype=np.float64)


def _errors(held: Sequence[Figure]) -> np.ndarray:
    return np.array([0.0 if one.se is None else one.se for one in held], dtype=np.float64)


def _last(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known[-1]) if known.size else 0.0
