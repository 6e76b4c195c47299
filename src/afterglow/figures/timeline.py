"""The protocol over time: what is given and done on which day, over the days the window is open."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from afterglow.figures import style
from afterglow.figures.panels import add_key, day_axis, new_figure, wrap
from afterglow.figures.reading import ArmView, arms_of, dose_text, focus_end, mixes
from afterglow.results.scores import Rows
from afterglow.results.tables import Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_timeline", "open_spans"]

_LANE_IN = 0.31
_KINDS = ("preparation", "dosing", "psychotherapy", "training", "education", "integration")


def open_spans(tables: Tables, arm_id: str, drug: str) -> list[tuple[float, float, float]]:
    """Join the windows of one medicine that follow each other.

    Returns
    -------
    list of (opens, closes, late)
        Median day of opening, median day of closing, and the day by which 95 % have closed.
    """
    spans: list[tuple[float, float, float]] = []
    for row in sorted(_windows_of(tables, arm_id, drug), key=lambda row: float(row["dose_day"])):
        opens, closes, late = (float(row[k]) for k in ("open_from_day_median", "closes_day_median", "closes_day_q95"))
        if not np.isfinite([opens, closes]).all():
            continue
        late = late if np.isfinite(late) else closes
        if spans and opens <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], closes), max(spans[-1][2], late))
        else:
            spans.append((opens, closes, late))
    return spans


def _windows_of(tables: Tables, arm_id: str, drug: str) -> Rows:
    return [row for row in tables.rows["windows"] if row["arm"] == arm_id and row["drug"] == drug]


def draw_timeline(tables: Tables) -> Figure:
    """Draw doses, sessions and practice of every arm over the open window, one lane a kind."""
    views = arms_of(tables)
    lanes = [_lanes(view) for view in views]
    heights = [max(2, len(lane)) * _LANE_IN + 0.55 for lane in lanes]
    figure = new_figure(height_in=sum(heights) + 0.75)
    grid = figure.subplots(len(views), 1, squeeze=False, gridspec_kw={"height_ratios": heights})
    start, end = _first_day(views), focus_end(tables)
    for view, lane, axes in zip(views, lanes, grid[:, 0], strict=True):
        _draw_arm(axes, tables, view, lane, start, end)
    day_axis(grid[-1, 0], start, end, ticks=14)
    horizon = float(tables.protocol.horizon_days)
    if end < horizon:
        meetings = ", support groups go on" if any(view.arm.group.community for view in views) else ""
        grid[-1, 0].set_xlabel(
            f"Days from first dose (nothing else is scheduled later{meetings}; followed to day {horizon:g})"
        )
    add_key(figure, _key(views))
    return figure


def _key(views: tuple[ArmView, ...]) -> list[tuple[dict[str, Any], str]]:
    formats = {session.format for view in views for session in view.arm.sessions}
    shade = {"patch": True, "color": "#8b929a"}
    entries: list[tuple[dict[str, Any], str]] = [
        ({**shade, "alpha": 0.4}, "window open (median person)"),
        ({**shade, "alpha": 0.16}, "still open in some"),
    ]
    dot = {"linestyle": "none", "color": style.MUTED, "markersize": 8}
    if "group" in formats:
        entries.append(({**dot, "marker": "o", "markerfacecolor": "none"}, "ring: in a group"))
    if "digital" in formats:
        entries.append(({**dot, "marker": "^", "markerfacecolor": "white", "markersize": 6}, "hollow: digital"))
    return entries


def _first_day(views: tuple[ArmView, ...]) -> float:
    days = [session.day for view in views for session in view.arm.sessions]
    days += [dose.day for view in views for dose in view.arm.doses]
    return min([*days, 0.0]) - 2.0


def _lanes(view: ArmView) -> list[tuple[str, str, Any]]:
    """List an arm's lanes from the top: (kind, label, items)."""
    lanes = _dose_lanes(view)
    by_kind: dict[str, list[Any]] = defaultdict(list)
    for session in view.arm.sessions:
        by_kind[session.kind].append(session)
    for kind in [*_KINDS, *sorted(set(by_kind) - set(_KINDS))]:
        if sessions := by_kind.get(kind):
            lanes.append((kind, f"{style.session_style(kind).label}, {_hours(sessions)}", sessions))
    if view.arm.practice:
        weekly = sorted({float(block.hours_per_week) for block in view.arm.practice})
        lanes.append(("practice", f"practice, {' and '.join(f'{h:g}' for h in weekly)} h a week", view.arm.practice))
    if view.arm.group.community:
        every = float(view.arm.group.community_every_days)
        lanes.append(("group", f"support group every {every:g} days", every))
    return lanes


def _dose_lanes(view: ArmView) -> list[tuple[str, str, Any]]:
    """Make one lane a medicine and route; amounts go beside the marks only where they differ by day."""
    found: dict[tuple[str, str], dict[float, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for dose in view.arm.doses:
        found[(dose.medicine, dose.route_text)][float(dose.day)].append(dose)
    lanes: list[tuple[str, str, Any]] = []
    for (medicine, route), by_day in found.items():
        texts = {day: dose_text(doses) for day, doses in by_day.items()}
        amounts = set(texts.values()) - {"0 mg"}
        name = style.medicine_name(medicine)
        label = f"{name} {amounts.pop()} {route}" if len(amounts) == 1 else f"{name} {route}"
        lanes.append((f"dose:{medicine}", label, (sorted(by_day), texts if amounts else {})))
    return lanes


def _hours(sessions: list[Any]) -> str:
    each = {float(session.hours) for session in sessions}
    if len(each) == 1:
        return f"{len(sessions)} × {each.pop():g} h"
    return f"{len(sessions)} ({sum(float(session.hours) for session in sessions):g} h in all)"


def _draw_arm(
    axes: Axes, tables: Tables, view: ArmView, lanes: list[tuple[str, str, Any]], start: float, end: float
) -> None:
    count = max(2, len(lanes))
    for row, (kind, _, items) in enumerate(lanes):
        height = count - 1 - row
        axes.axhline(height, color=style.GRID, linewidth=0.7, zorder=0.5)
        if kind.startswith("dose:"):
            _draw_doses(axes, kind.removeprefix("dose:"), items, height)
        elif kind == "practice":
            _draw_practice(axes, items, height)
        elif kind == "group":
            _draw_group(axes, view, items, height, end)
        else:
            _draw_sessions(axes, kind, items, height)
    axes.set_yticks([count - 1 - row for row in range(len(lanes))], [wrap(label, 34, lines=1) for _, label, _ in lanes])
    axes.tick_params(axis="y", labelcolor=style.INK)
    axes.grid(visible=False)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(-0.6, count + 0.05)
    axes.set_title(wrap(view.label, 90, lines=1))
    day_axis(axes, start, end, ticks=14, label="")
    _draw_windows(axes, tables, view, count)


def _draw_windows(axes: Axes, tables: Tables, view: ArmView, count: int) -> None:
    drugs = dict.fromkeys(row["drug"] for row in tables.rows["windows"] if row["arm"] == view.id)
    words: list[str] = []
    left = 0.0
    for drug in drugs:
        spans = open_spans(tables, view.id, drug)
        colour = style.medicine_colour(drug)
        for opens, closes, late in spans:
            axes.axvspan(opens, closes, color=colour, alpha=0.20, linewidth=0, zorder=0)
            axes.axvspan(closes, late, color=colour, alpha=0.08, linewidth=0, zorder=0)
            if len(spans) <= 4:
                axes.plot(
                    [closes, closes],
                    [-0.6, count - 0.45],
                    color=colour,
                    linewidth=0.9,
                    linestyle=(0, (2, 2)),
                    zorder=0.6,
                )
        if spans and not words:
            left = max(spans[0][0], 0.0)
        words.append(_window_words(tables, view, drug, spans))
    axes.annotate(
        "; ".join(words) or "no window opens",
        (left, count - 0.28),
        xytext=(3, 0),
        textcoords="offset points",
        fontsize=8,
        va="center",
        color=style.INK if words else style.MUTED,
    )


def _window_words(tables: Tables, view: ArmView, drug: str, spans: list[tuple[float, float, float]]) -> str:
    """Say when a medicine's window is open, and in how many people it opens at its best."""
    name = f"{style.medicine_name(drug)} window"
    share = max(float(row["open_share"]) for row in _windows_of(tables, view.id, drug))
    whom = f"in {share:.0%} of people" + (" over all explanations" if mixes(tables) else "")
    if not spans:
        return f"{name} opens {whom}"
    if len(spans) > 4:
        return f"{name} open {len(spans)} times within day {spans[0][0]:.0f}–{spans[-1][1]:.0f} {whom}"
    return f"{name} open {whom}, day {', '.join(f'{a:.0f}–{b:.0f}' for a, b, _ in spans)}"


def _draw_doses(axes: Axes, medicine: str, items: Any, height: float) -> None:
    days, texts = items
    axes.scatter(
        days,
        [height] * len(days),
        marker="d",
        s=95,
        color=style.medicine_colour(medicine),
        edgecolor=style.INK,
        linewidth=0.8,
        zorder=3,
    )
    for day in days:
        if day in texts:
            axes.annotate(
                texts[day],
                (day, height),
                xytext=(7, 0),
                textcoords="offset points",
                fontsize=7.5,
                va="center",
                zorder=3.2,
            )


def _draw_sessions(axes: Axes, kind: str, sessions: list[Any], height: float) -> None:
    look = style.session_style(kind)
    for layout in ("individual", "group", "digital"):
        days = [float(s.day) + float(s.hour) / 24 for s in sessions if s.format == layout]
        if not days:
            continue
        face = "white" if layout == "digital" else look.colour
        axes.scatter(
            days,
            [height] * len(days),
            marker=look.marker,
            s=48,
            facecolor=face,
            edgecolor=look.colour,
            linewidth=1.2,
            zorder=3,
        )
        if layout == "group":
            axes.scatter(
                days,
                [height] * len(days),
                marker="o",
                s=150,
                facecolor="none",
                edgecolor=look.colour,
                linewidth=0.9,
                zorder=2.9,
            )


def _draw_practice(axes: Axes, blocks: Any, height: float) -> None:
    look = style.session_style("practice")
    for block in blocks:
        axes.barh(
            height,
            float(block.to_day) - float(block.from_day),
            left=float(block.from_day),
            height=0.3,
            facecolor="#d9efe7",
            edgecolor=look.colour,
            linewidth=0.8,
            hatch="////",
            zorder=2,
        )


def _draw_group(axes: Axes, view: ArmView, every: float, height: float, end: float) -> None:
    look = style.session_style("group")
    first = max([float(s.day) for s in view.arm.sessions] + [0.0])
    days = np.arange(first + every, end, every)
    axes.scatter(days, [height] * days.size, marker=look.marker, s=60, color=look.colour, zorder=3)
