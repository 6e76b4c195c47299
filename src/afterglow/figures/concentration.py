"""Concentration in blood in the hours after each dosing day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from afterglow.figures import style
from afterglow.figures.panels import new_figure, wrap
from afterglow.figures.reading import (
    ArmView,
    arms_of,
    dose_text,
    drugs_with_concentration,
)
from afterglow.medicines import MEDICINES
from afterglow.protocol.dose import Dose
from afterglow.results.courses import Course
from afterglow.results.tables import Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_concentration", "hours_shown"]


def hours_shown(tables: Tables, view: ArmView, drug: str) -> float:
    """Choose how many hours to show: until nearly all of it is gone, 6 to 48 h."""
    known = [
        float(row["half_life_h_median"])
        for row in tables.rows["exposure"]
        if (row["arm"], row["drug"]) == (view.id, drug) and np.isfinite(row["half_life_h_median"])
    ]
    half_life = max(known, default=6.0)
    given = [24 * (doses[-1].end_day - doses[0].start_day) for doses in view.arm.dosings(drug).values()]
    last = max(given, default=0.0)
    return float(np.clip(np.ceil((last + 4 * half_life) / 6) * 6, 6, 48))


def draw_concentration(tables: Tables) -> Figure:
    """Draw one panel for each arm and medicine, dosing days laid over each other."""
    pairs = [(view, drug) for view in arms_of(tables) for drug in drugs_with_concentration(tables, view)]
    columns = min(3, len(pairs)) if len(pairs) != 4 else 2
    lines = -(-len(pairs) // columns)
    figure = new_figure(height_in=lines * 2.55 + 0.2, width_in=style.FIGURE_WIDTH_IN if columns > 1 else 6.5)
    grid = figure.subplots(lines, columns, squeeze=False)
    for axes in grid.flat[len(pairs) :]:
        axes.set_visible(False)
    tops: dict[str, float] = {}
    for (view, drug), axes in zip(pairs, grid.flat, strict=False):
        tops[drug] = max(tops.get(drug, 0.0), _draw_panel(axes, tables, view, drug))
    for (_, drug), axes in zip(pairs, grid.flat, strict=False):
        axes.set_ylim(0, tops[drug] * 1.22 or 1.0)
    return figure


def _draw_panel(axes: Axes, tables: Tables, view: ArmView, drug: str) -> float:
    from matplotlib.ticker import MaxNLocator

    hours = hours_shown(tables, view, drug)
    colour = style.medicine_colour(drug)
    whole = tables.course(f"concentration_{drug}", view.id)
    dosings = view.arm.dosings(drug)
    drawn = [] if whole is None else [(day, _after(whole, doses[0], hours)) for day, doses in dosings.items()]
    ends = (drawn[0], drawn[-1]) if len(drawn) > 1 else tuple(drawn)
    top = 0.0
    for day, course in drawn:
        top = max(top, float(course.high[course.days <= hours].max()))
        if (day, course) not in ends:
            axes.plot(course.days, course.median, color="#9aa1a9", linewidth=0.9)
    for place, (_, course) in enumerate(ends):
        dark = _darker(colour)
        if place == len(ends) - 1:
            axes.fill_between(course.days, course.low, course.high, color=colour, alpha=0.20, linewidth=0)
        axes.plot(course.days, course.median, color=dark, linestyle="-" if place == len(ends) - 1 else (0, (3, 1.5)))
    later = _later_h(dosings)
    if drawn:
        _label_days(axes, dosings, later)
    for hour in later:
        axes.plot([hour], [0], marker="^", color=style.INK, markersize=5, clip_on=False, zorder=5)
    axes.set_title(wrap(view.label, 32))
    step = next(s for s in (1, 2, 4, 6, 8, 12) if hours / s <= 6 or s == 12)
    axes.set_xticks(np.arange(0, hours + 0.1, step))
    axes.set_xlim(0, hours)
    axes.set_xlabel("Hours from the day's first dose")
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    analyte = MEDICINES[drug].analytes[0]
    axes.set_ylabel(f"{analyte.label or analyte.name} (ng/mL)")
    return top


def _after(whole: Course, first: Dose, hours: float) -> Course:
    """Return the hours after the first dose of a day, and what comes next, so that lines reach the edge."""
    begin, end = np.searchsorted(whole.days, [first.start_day, first.start_day + hours / 24])
    part = whole.at(np.arange(begin, min(end + 1, len(whole.days))))
    return replace(part, days=(part.days - first.start_day) * 24)


def _later_h(dosings: Mapping[float, tuple[Dose, ...]]) -> list[float]:
    """Return the hours from a day's first dose to its others."""
    hours = {dose.hour - doses[0].hour for doses in dosings.values() for dose in doses}
    return sorted(hours - {0.0})


def _label_days(axes: Axes, dosings: Mapping[float, tuple[Dose, ...]], later: Sequence[float]) -> None:
    groups: dict[str, list[float]] = {}
    for day, doses in dosings.items():
        groups.setdefault(dose_text(doses), []).append(day)
    shown = [
        f"{text}: day {days[0]:g}" if len(days) == 1 else f"{text}: day {', '.join(f'{d:g}' for d in days)}"
        for text, days in groups.items()
    ]
    if len(dosings) > 1:
        shown.append("dashed: first day; solid: last")
    if later:
        shown.append("triangle: later dose of the day")
    axes.annotate("\n".join(shown), (0.98, 0.97), xycoords="axes fraction", ha="right", va="top", fontsize=7.8,
                  color=style.INK, linespacing=1.35)  # fmt: skip


def _darker(colour: str) -> str:
    """Darken a colour so that a line stands out from its own band."""
    from matplotlib.colors import to_hex, to_rgb

    red, green, blue = (channel * 0.62 for channel in to_rgb(colour))
    return to_hex((red, green, blue))
