"""Figures of a choice: the front of outcome against hours and cost, acceptability, and the best-day strip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from afterglow.figures import style
from afterglow.figures.panels import add_key, new_figure
from afterglow.figures.words import rival_name
from afterglow.plan.aims import outcome_of, outcome_words
from afterglow.plan.answer import Answer, Plan
from afterglow.plan.strip import Strip

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_acceptability", "draw_front", "draw_strip"]

_CHOSEN = {"marker": "D", "markersize": 8.5, "color": style.VERMILLION_DARK}
_FRONT = {"marker": "o", "markersize": 6.0, "color": style.arm_style(0).colour}
_WRITTEN = {"marker": "s", "markersize": 7.0, "color": style.INK, "markerfacecolor": "white"}
_TRIED = {"marker": ".", "markersize": 3.5, "color": "#b9c0c8"}
_OTHER = {"marker": "o", "markersize": 4.5, "color": style.MUTED}


def draw_front(answer: Answer) -> Figure:
    """Draw every plan that was tried, and those that none beats, against therapist hours and against cost."""
    import matplotlib as mpl

    with mpl.rc_context(cast("Any", style.figure_settings())):
        figure = new_figure(height_in=4.1)
        left, right = figure.subplots(1, 2, sharey=True)
        currency = answer.prices.currency
        for axes, column, label in (
            (left, 2, "Therapist hours for one person"),
            (right, 3, f"Cost of the course, {currency} a person"),
        ):
            _points(axes, answer, column)
            axes.set_xlabel(label)
            axes.set_axisbelow(True)
        if "share" in outcome_words(answer.goal):
            left.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g}")
        words = outcome_words(answer.goal).replace("share", "%")
        left.set_ylabel(words[0].upper() + words[1:])
        left.set_title("Outcome against hours")
        right.set_title("Outcome against cost")
        right.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        if answer.goal.what == "mean score":
            left.invert_yaxis()  # better is up
        line: dict[str, Any] = {"linestyle": "none"}
        add_key(
            figure,
            [
                ({**_CHOSEN, **line}, "answer"),
                ({**_FRONT, **line}, "front: none that was judged is better for no more"),
                ({**_OTHER, **line}, "judged"),
                ({**_WRITTEN, **line}, "as written"),
                ({**_TRIED, **line}, "tried in the search, set to the level of those judged"),
            ],
        )
        return figure


def _points(axes: Axes, answer: Answer, column: int) -> None:
    sign = -1.0 if answer.goal.what == "mean score" else 1.0
    tried = np.array(answer.found.values)
    level = -tried[:, 1] + _offset(answer)
    axes.plot(tried[:, column], sign * level, linestyle="none", zorder=1, **cast("Any", _TRIED))

    def place(plan: Plan) -> tuple[float, float]:
        held = plan.valued
        across = held.effort.therapist_hours if column == 2 else held.course_cost
        return across, sign * outcome_of(held, answer.goal, answer.bank.mixture)

    front = sorted((place(plan) for plan in answer.plans if plan.on_front), key=lambda point: point[0])
    others = [place(plan) for plan in answer.permitted if not plan.on_front]
    for points, look, order in ((others, _OTHER, 2), (front, _FRONT, 3), ([place(answer.as_written)], _WRITTEN, 4),
                                ([place(answer.answer)], _CHOSEN, 5)):  # fmt: skip
        if points:
            x, y = zip(*points, strict=True)
            axes.plot(x, y, linestyle="none", zorder=order, **cast("Any", look))


def _offset(answer: Answer) -> float:
    """Return how much better off the people of the judged run are, on average, than the few of the search."""
    gaps = [outcome_of(plan.valued, answer.goal, answer.bank.mixture) - plan.tried for plan in answer.plans]
    return float(np.nanmean(gaps))


def draw_acceptability(answer: Answer) -> Figure:
    """Draw the chance that each plan is the most worth its money, by what a QALY may cost."""
    import matplotlib as mpl

    with mpl.rc_context(cast("Any", style.figure_settings())):
        figure = new_figure(height_in=3.3, width_in=6.5)
        axes = figure.subplots()
        chances = answer.acceptability
        shown = sorted(np.argsort(-chances.max(axis=0))[:5])
        for k, place in enumerate(shown):
            look = style.arm_style(k)
            axes.plot(
                answer.thresholds, chances[:, place], color=look.colour, marker=look.marker, markersize=4, markevery=4,
                label=answer.permitted[place].id,
            )  # fmt: skip
        axes.axvline(answer.prices.threshold, color=style.MUTED, linewidth=0.9, linestyle=(0, (4, 2)))
        axes.set_ylim(0, 1)
        axes.set_xlim(0, answer.thresholds[-1])
        axes.xaxis.set_major_formatter(lambda value, _: f"{value / 1000:,.0f}")
        axes.set_xlabel(f"What a QALY may cost, thousand {answer.prices.currency} (dashed: the threshold)")
        axes.set_ylabel("Chance of the highest net benefit")
        axes.legend(frameon=False, fontsize=8.5, ncols=2)
        axes.set_title(f"Acceptability, view of the {answer.prices.view}")
        return figure


def draw_strip(strip: Strip) -> Figure:
    """Draw what one more session on each day adds, with its interval, and each explanation alone."""
    import matplotlib as mpl

    with mpl.rc_context(cast("Any", style.figure_settings())):
        figure = new_figure(height_in=3.9)
        axes = figure.subplots()
        days = np.array([gain.day for gain in strip.days])
        points = np.array([gain.points for gain in strip.days])
        colour = style.arm_style(0).colour
        axes.axhline(0, color=style.INK, linewidth=0.9)
        low, high = (np.array([getattr(gain, end) for gain in strip.days]) for end in ("low", "high"))
        entries: list[tuple[dict[str, Any], str]] = [({"color": colour, "marker": "o"}, "all explanations by weight")]
        if np.isfinite(low).all():
            axes.fill_between(days, low, high, color=colour, alpha=0.16, linewidth=0)
            entries.append(({"patch": True, "color": colour, "alpha": 0.16}, "90 % interval"))
        for k, under in enumerate(strip.days[0].by_rival):
            look = style.arm_style(k + 1)
            own = [gain.by_rival[k].points for gain in strip.days]
            axes.plot(days, own, color=look.colour, marker=look.marker, markersize=3.5, linewidth=1.0)
            name = f"{rival_name(under.rival)} ({under.weight:.2f})"
            entries.append(({"color": look.colour, "marker": look.marker, "linewidth": 1.0}, name))
        axes.plot(days, points, color=colour, marker="o", markersize=5, linewidth=2.0, zorder=4)
        if days[0] <= strip.course_until < days[-1]:
            end: dict[str, Any] = {"color": style.MUTED, "linewidth": 0.9, "linestyle": (0, (4, 2))}
            axes.axvline(strip.course_until, **end)
            entries.append((end, "the arm's own course ends"))
        axes.set_xlabel(f"Day of one more {strip.kind} of {strip.hours:g} h")
        axes.set_ylabel(f"Change in {strip.scale} on day {strip.on_day:g} (points)")
        axes.set_title(f"{strip.arm}: what one more session adds; below 0 is better")
        add_key(figure, entries)
        return figure
