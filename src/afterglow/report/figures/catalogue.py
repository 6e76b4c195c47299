"""The list of figures: for each its drawing, title, caption, description and the numbers behind it."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from afterglow.report import style
from afterglow.report.figures import concentration, scores, shares, states, timeline
from afterglow.report.reading import ResultLike, arm_name, arms_of, curve, dose_text, rows, scales_of
from afterglow.report.svg import figure_png, figure_svg, settle

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["FigureCard", "RenderedFigure", "figure_cards", "render"]

Draw = Callable[[ResultLike], "Figure | None"]
Tabulate = Callable[[ResultLike], "pd.DataFrame"]


@dataclass(frozen=True, kw_only=True)
class FigureCard:
    """What the report needs to show one figure.

    Parameters
    ----------
    key : str
        File name and anchor: letters, digits and hyphens.
    chapter : {"plan", "body", "mind", "outcome"}
        Where it stands in the report.
    title, caption : str
        Plain text.
    draw : callable
        Result to figure, or None when there is nothing to draw.
    table : callable
        Result to the numbers behind the figure.
    """

    key: str
    chapter: str
    title: str
    caption: str
    draw: Draw
    table: Tabulate


@dataclass(frozen=True, kw_only=True)
class RenderedFigure:
    """A drawn figure with its numbers."""

    card: FigureCard
    svg: str
    png: bytes
    alt: str
    numbers: pd.DataFrame


def figure_cards(result: ResultLike) -> tuple[FigureCard, ...]:
    """List the figures of a result in the order of the report."""
    scales = scales_of(result)
    cards = [*_overview_cards(scales), *_course_cards()]
    return (*cards, *map(_score_card, scales), *_outcome_cards(scales))


def _overview_cards(scales: tuple[str, ...]) -> list[FigureCard]:
    return [
        FigureCard(
            key="overview",
            chapter="summary",
            title="Arms side by side at the last assessment",
            caption=f"Observed {_first(scales)} score. Dot: mean. Line: from the 5th to the 95th percentile of "
            f"simulated "
            "people, so it shows how people differ, not how sure the mean is. Tick: mean at the first assessment.",
            draw=scores.draw_overview,
            table=lambda result: _last_scores(result, _first(scales)),
        ),
        FigureCard(
            key="timeline",
            chapter="plan",
            title="Doses and sessions over the open window",
            caption="Each lane is one kind of step, each mark one step. The shade spans the days on which the "
            "window of "
            "plasticity is open in the median person; the pale end shows until when it is open in 95 % of people. "
            "Windows are a hypothesis taken from animal work.",
            draw=timeline.draw_timeline,
            table=_schedule_table,
        ),
    ]


def _course_cards() -> list[FigureCard]:
    return [
        FigureCard(
            key="concentration",
            chapter="body",
            title="Concentration after each dose",
            caption="Median of simulated people with the band from the 5th to the 95th percentile (of the last "
            "dosing day "
            "when there are several).",
            draw=concentration.draw_concentration,
            table=_exposure_numbers,
        ),
        FigureCard(
            key="plasticity",
            chapter="body",
            title="Plasticity signal, window and synapses",
            caption="New synapses are labile at first and fade unless they are used; used ones are kept. The "
            "dashed line is "
            "hidden where it equals the solid one. The vertical axis differs between columns, not between arms.",
            draw=states.draw_plasticity,
            table=functools.partial(_course_table, variables=tuple(states.PLASTICITY)),
        ),
        FigureCard(
            key="integration",
            chapter="mind",
            title="The three tasks of integration",
            caption="Working through insights, turning them into steps, and practising the steps until they "
            "are habit; and "
            "the alliance that carries them. All are states of the model between none (0) and full (1).",
            draw=states.draw_integration,
            table=functools.partial(_course_table, variables=tuple(states.INTEGRATION)),
        ),
        FigureCard(
            key="patterns",
            chapter="mind",
            title="Old pattern against new pattern",
            caption="The old pattern stands for a negative view of oneself or a fear memory, the new one for "
            "what is learned "
            "in its place. Dashed: the same people without integration.",
            draw=states.draw_patterns,
            table=functools.partial(_course_table, variables=("old_pattern", "new_pattern")),
        ),
    ]


def _score_card(scale_id: str) -> FigureCard:
    return FigureCard(
        key=f"score-{_slug(scale_id)}",
        chapter="outcome",
        title=f"{scale_id} over time",
        caption="Observed score with error of measurement; marks are assessments, joined by straight "
        "lines. The vertical "
        "axis spans the scale's published range. Dotted: remission, and response counted from the "
        "arm's mean at the first "
        "assessment (each person's own response is counted from their own).",
        draw=functools.partial(scores.draw_scores, scale_id=scale_id),
        table=functools.partial(_score_table, scale_id=scale_id),
    )


def _outcome_cards(scales: tuple[str, ...]) -> list[FigureCard]:
    first = _first(scales)
    return [
        FigureCard(
            key="responders",
            chapter="outcome",
            title="Responders and remitters",
            caption=f"Share of simulated people who meet the usual definition on the {first} at each assessment.",
            draw=shares.draw_responders,
            table=functools.partial(_score_table, scale_id=first, columns=("response", "remission")),
        ),
        FigureCard(
            key="relapse",
            chapter="outcome",
            title="Relapse among responders",
            caption="Kaplan-Meier estimate of the share of responders who have not relapsed.",
            draw=shares.draw_relapse,
            table=_relapse_table,
        ),
        FigureCard(
            key="contrast",
            chapter="outcome",
            title="Each arm against the same people without integration",
            caption=f"Mean within-person difference in the observed {first} score, with its 95 % interval. The "
            f"interval "
            "reflects the number of simulated people only; it does not hold the uncertainty of the model.",
            draw=scores.draw_contrast,
            table=functools.partial(_contrast_table, scale_id=first),
        ),
    ]


def render(result: ResultLike, card: FigureCard) -> RenderedFigure | None:
    """Draw one figure as SVG and PNG; None when the result holds nothing to draw."""
    import matplotlib as mpl

    with mpl.rc_context(cast("Any", style.figure_settings(card.key))):
        figure = card.draw(result)
        if figure is None:
            return None
        settle(figure)
        svg, png = figure_svg(figure), figure_png(figure)
    return RenderedFigure(card=card, svg=svg, png=png, alt=_describe(result, card), numbers=card.table(result))


def _describe(result: ResultLike, card: FigureCard) -> str:
    """Say what a figure shows to somebody who cannot see it."""
    labels = [view.label for view in arms_of(result)]
    names = "; ".join(labels)
    facts = ""
    if card.chapter in ("outcome", "summary") and card.key != "relapse" and (scales := scales_of(result)):
        scale_id = next((s for s in scales if card.key == f"score-{_slug(s)}"), scales[0])
        facts = " " + " ".join(_last_words(result, view.id, view.label, scale_id) for view in arms_of(result))
    return f"{card.title}, for {names}.{facts} The numbers are in the table below the figure."


def _last_words(result: ResultLike, arm_id: str, label: str, scale_id: str) -> str:
    own = rows(result.scores, arm=arm_id, scale=scale_id)
    if own.empty:
        return ""
    first, last = own.iloc[0], own.iloc[-1]
    return (
        f"{label}: mean {scale_id} {first['mean']:.1f} at day {first['day']:g}, "
        f"{last['mean']:.1f} at day {last['day']:g}."
    )


def _first(scales: tuple[str, ...]) -> str:
    return scales[0] if scales else "symptom"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _named(result: ResultLike, table: pd.DataFrame) -> pd.DataFrame:
    """Replace ids of arms by their names."""
    named = table.copy()
    for column in ("arm", "versus"):
        if column in named.columns:
            named[column] = [arm_name(result, str(name)) for name in named[column]]
    return named


def _score_table(
    result: ResultLike, *, scale_id: str, columns: tuple[str, ...] = ("mean", "sd", "q05", "q95", "change_mean")
) -> pd.DataFrame:
    return _named(result, rows(result.scores, scale=scale_id).sort_values(["arm", "day"])[["arm", "day", *columns]])


def _last_scores(result: ResultLike, scale_id: str) -> pd.DataFrame:
    chosen = rows(result.scores, scale=scale_id)
    chosen = chosen[chosen["day"] == chosen["day"].max()]
    return _named(result, chosen[["arm", "day", "mean", "q05", "q95", "change_mean", "response", "remission"]])


def _contrast_table(result: ResultLike, *, scale_id: str) -> pd.DataFrame:
    table = rows(result.contrasts, scale=scale_id)
    return _named(result, table.drop(columns="scale").sort_values(["arm", "versus", "day"]))


def _relapse_table(result: ResultLike) -> pd.DataFrame:
    table = result.relapse.sort_values(["arm", "day"])
    days = np.unique(np.asarray(table["day"], dtype=float))
    keep = days[np.unique(np.linspace(0, days.size - 1, min(10, days.size)).astype(int))]
    return _named(result, table[table["day"].isin(keep)])


def _course_table(result: ResultLike, *, variables: tuple[str, ...]) -> pd.DataFrame:
    """Sum up states at about ten days of every arm and twin."""
    import pandas as pd

    days = np.asarray(result.dataset["time"].values, dtype=float)
    last = days[-1]
    marks = [day for day in (0.0, 1.0, 7.0, 14.0, 28.0, 56.0, 84.0, 168.0, 252.0, 365.0) if day < last]
    picked = [float(days[np.argmin(np.abs(days - day))]) for day in (*marks, last)]
    lines = []
    for view in arms_of(result):
        for name in filter(None, (view.id, view.twin)):
            for variable in variables:
                for day in dict.fromkeys(picked):
                    course = curve(result, variable, name, start=day, end=day)
                    if course is not None:
                        lines.append(
                            (arm_name(result, name), variable, day, course.mean[0], course.low[0], course.high[0])
                        )
    return pd.DataFrame(lines, columns=["arm", "state", "day", "mean", "q05", "q95"])


def _exposure_numbers(result: ResultLike) -> pd.DataFrame:
    ids = {view.id for view in arms_of(result)}
    return _named(result, result.exposure[result.exposure["arm"].isin(ids)])


def _schedule_table(result: ResultLike) -> pd.DataFrame:
    import pandas as pd

    lines: list[tuple[str, float, str, str]] = []
    for view in arms_of(result):
        steps: list[tuple[float, float, str, str]] = [
            (float(d.day), float(d.hour), "dose", f"{style.medicine_name(d.medicine)} {dose_text([d])} {d.route}"
             + (" (extrapolated)" if getattr(d, "extrapolated", False) else ""))
            for d in view.arm.doses
        ]  # fmt: skip
        steps += [(float(s.day), float(s.hour), s.kind, f"{s.hours:g} h, {s.format}") for s in view.arm.sessions]
        steps += [
            (float(p.from_day), 0.0, "practice", f"{p.hours_per_week:g} h a week until day {p.to_day:g}")
            for p in view.arm.practice
        ]
        lines += [(view.label, day + hour / 24, kind, what) for day, hour, kind, what in sorted(steps)]
    return pd.DataFrame(lines, columns=["arm", "day", "step", "what"])
