"""The list of figures: for each its drawing, title, caption, description and the numbers behind it."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from afterglow.errors import ParameterError, nearest
from afterglow.figures import concentration, differences, scores, shares, states, style, timeline, words
from afterglow.figures.reading import arm_name, arms_of, dose_text, drugs_with_concentration, mixes, people_words, rows
from afterglow.figures.svg import figure_png, figure_svg, settle
from afterglow.results.differences import integration_adds
from afterglow.results.tables import Tables
from afterglow.scales.instruments import SCALES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["FIGURE_KEYS", "FigureCard", "RenderedFigure", "arms_card", "drawing", "figure_cards", "render", "score_key"]

Draw = Callable[[Tables], "Figure"]
Tabulate = Callable[[Tables], "pd.DataFrame"]

_SCORE_COLUMNS = ("mean", "mean_low", "mean_high", "sd", "q05", "q95", "change_mean", "change_mean_low",
                  "change_mean_high", "mc_error")  # fmt: skip
_SHARE_COLUMNS = ("response", "response_low", "response_high", "remission", "remission_low", "remission_high")


@dataclass(frozen=True, kw_only=True)
class FigureCard:
    """What the report needs to show one figure.

    Parameters
    ----------
    key : str
        File name and anchor: letters, digits and hyphens.
    chapter : {"summary", "plan", "body", "mind", "outcome"}
        Where it stands in the report.
    title, caption : str
        Plain text.
    draw : callable
        Tables to figure.
    table : callable
        Tables to the numbers behind the figure.
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


def score_key(scale_id: str) -> str:
    """Return the key of the figure of a scale's scores over time."""
    return f"score-{re.sub(r'[^a-z0-9]+', '-', scale_id.lower()).strip('-')}"


FIGURE_KEYS = (
    "overview",
    "explanations",
    "arms",
    "timeline",
    "concentration",
    "plasticity",
    "integration",
    "patterns",
    *map(score_key, SCALES),
    "responders",
    "relapse",
    "contrast",
)
"""Keys of every figure that a run can have."""


def figure_cards(tables: Tables) -> tuple[FigureCard, ...]:
    """List the figures that a run has something to draw for, in the order of the report."""
    cards = (*_overview_cards(tables), *_course_cards(tables), *_outcome_cards(tables))
    views = arms_of(tables)
    empty = set()
    if not any(view.twin for view in views):
        empty |= {"contrast", "explanations"}
    if not mixes(tables):
        empty.add("explanations")
    if len(views) < 2 or not tables.has_intervals:
        empty.add("arms")
    if not any(drugs_with_concentration(tables, view) for view in views):
        empty.add("concentration")
    if not {row["arm"] for row in tables.rows["relapse"]} & {view.id for view in views}:
        empty.add("relapse")
    return tuple(card for card in cards if card.key not in empty)


def arms_card(tables: Tables, versus: str | None = None, days: Sequence[float] = ()) -> FigureCard:
    """Return the figure of each arm minus another on some days; see `differences.arms_compared`."""
    other = arm_name(tables, versus or tables.protocol.arms[-1].id)
    each = (
        ""
        if tables.only or not mixes(tables)
        else " Beneath each: what every explanation alone says, its weight in brackets."
    )
    return FigureCard(
        key="arms",
        chapter="summary",
        title=f"Each arm minus {other}",
        caption=f"Difference in the mean {tables.scales[0]} score of the same people in both arms. Lines: 90 % "
        f"intervals. Where one holds zero, the model cannot tell which arm does better.{each}",
        draw=functools.partial(differences.draw_arms, versus=versus, days=days),
        table=functools.partial(_arms_table, versus=versus, days=days),
    )


def drawing(tables: Tables, key: str) -> Figure:
    """Draw one figure by its key.

    Raises
    ------
    ParameterError
        If the run has no such figure.
    """
    import matplotlib as mpl

    cards = {card.key: card for card in figure_cards(tables)}
    if key in FIGURE_KEYS and key not in cards:
        raise ParameterError(f"this run has nothing to draw for '{key}'; it has {', '.join(cards)}")
    if key not in cards:
        raise ParameterError(f"unknown figure '{key}': {nearest(key, cards)}")
    with mpl.rc_context(cast("Any", style.figure_settings())):
        return cards[key].draw(tables)


def _interval_words(tables: Tables) -> str:
    held = "parameters, explanations and" if mixes(tables) else "parameters and"
    return f"90 % interval of the mean of a trial yet to be run ({held} departures between trials)"


def _if(shown: bool, said: str) -> str:
    """Say what bars are, where there are any."""
    return f" {said}" if shown else ""


def _overview_cards(tables: Tables) -> list[FigureCard]:
    main, people = tables.scales[0], people_words(tables)
    line = _if(tables.has_intervals, f"Line: {_interval_words(tables)}.")
    return [
        FigureCard(
            key="overview",
            chapter="summary",
            title="Arms side by side at the last assessment",
            caption=f"Observed {main} score. Mark: mean.{line} Shaded: {people}. Tick: mean at the first assessment.",
            draw=scores.draw_overview,
            table=functools.partial(_last_scores, scale_id=main),
        ),
        FigureCard(
            key="explanations",
            chapter="summary",
            title="What integration adds, weighted and under each explanation",
            caption=f"Difference in the mean {main} score to the same people without integration on the last day. "
            f"Lines: 90 % intervals. Each explanation counts by its weight, which says how well it foretold published "
            "trials that were left out of its fit.",
            draw=differences.draw_explanations,
            table=_explanations_table,
        ),
        arms_card(tables),
        FigureCard(
            key="timeline",
            chapter="plan",
            title="Doses and sessions over the open window",
            caption="Each lane is one kind of step, each mark one step. The shade spans the days on which the window "
            "of plasticity is open in the median of the people in whom it opens; the pale end shows until when it is "
            "open in 95 % of them. In some explanations it never opens. Windows are a hypothesis taken from animal "
            "work.",
            draw=timeline.draw_timeline,
            table=_schedule_table,
        ),
    ]


def _course_cards(tables: Tables) -> list[FigureCard]:
    band = f"Shaded: {people_words(tables)}."
    return [
        FigureCard(
            key="concentration",
            chapter="body",
            title="Concentration after each dose",
            caption="Median of simulated people with the band from the 5th to the 95th percentile (of the last dosing "
            "day when there are several).",
            draw=concentration.draw_concentration,
            table=_exposure_numbers,
        ),
        FigureCard(
            key="plasticity",
            chapter="body",
            title="Plasticity signal, window and synapses",
            caption=f"{band} New synapses are labile at first and fade unless they are used; used ones are kept. The "
            "dashed line is hidden where it equals the solid one. The vertical axis differs between columns, not "
            "between arms.",
            draw=states.draw_plasticity,
            table=functools.partial(_course_table, variables=tuple(states.PLASTICITY)),
        ),
        FigureCard(
            key="integration",
            chapter="mind",
            title="The three tasks of integration",
            caption="Working through insights, turning them into steps, and practising the steps until they are "
            "habit; and the alliance that carries them. All are states of the model between none (0) and full (1). "
            f"{band}",
            draw=states.draw_integration,
            table=functools.partial(_course_table, variables=tuple(states.INTEGRATION)),
        ),
        FigureCard(
            key="patterns",
            chapter="mind",
            title="Old pattern against new pattern",
            caption="The old pattern stands for a negative view of oneself or a fear memory, the new one for what is "
            f"learned in its place. {band} Dashed: the same people without integration.",
            draw=states.draw_patterns,
            table=functools.partial(_course_table, variables=("old_pattern", "new_pattern")),
        ),
    ]


def _score_card(tables: Tables, scale_id: str) -> FigureCard:
    return FigureCard(
        key=score_key(scale_id),
        chapter="outcome",
        title=f"{scale_id} over time",
        caption="Line: mean score that people would be rated. Marks: mean of the simulated ratings, which hold the "
        f"ups and downs of life and the error of a rating. Shaded: {people_words(tables)}, without those."
        f"{_if(tables.has_intervals, f'Upright bars: {_interval_words(tables)}.')} The vertical axis spans the scale's "
        "published range. Dotted: remission, and response counted from the arm's mean at the first assessment (each "
        "person's own response is counted from their own).",
        draw=functools.partial(scores.draw_scores, scale_id=scale_id),
        table=functools.partial(_score_table, scale_id=scale_id),
    )


def _outcome_cards(tables: Tables) -> list[FigureCard]:
    main = tables.scales[0]
    return [
        *(_score_card(tables, scale_id) for scale_id in tables.scales),
        FigureCard(
            key="responders",
            chapter="outcome",
            title="Responders and remitters",
            caption=f"Share of people who meet the usual definition on the {main} at each assessment."
            f"{_if(tables.calibrated, 'Upright bars: 90 % interval of the share in a trial yet to be run.')}",
            draw=shares.draw_responders,
            table=functools.partial(_score_table, scale_id=main, columns=_SHARE_COLUMNS),
        ),
        FigureCard(
            key="relapse",
            chapter="outcome",
            title="Relapse among responders",
            caption="Share of those who responded after the last dose and have not relapsed, as a Kaplan-Meier "
            f"estimate.{_if(tables.calibrated, 'Shaded: 90 % interval of that share in a trial yet to be run.')}",
            draw=shares.draw_relapse,
            table=_relapse_table,
        ),
        FigureCard(
            key="contrast",
            chapter="outcome",
            title="Each arm against the same people without integration",
            caption=f"Mean difference in the observed {main} score, with minus without integration."
            f"{_if(tables.has_intervals, f'Upright bars: 90 % interval. Where it holds zero, {words.TELLS_NOTHING}.')}",
            draw=differences.draw_contrast,
            table=functools.partial(_contrast_table, scale_id=main),
        ),
    ]


def render(tables: Tables, card: FigureCard) -> RenderedFigure:
    """Draw one figure as SVG and PNG."""
    import matplotlib as mpl

    with mpl.rc_context(cast("Any", style.figure_settings())):
        figure = card.draw(tables)
        settle(figure)
        svg, png = figure_svg(figure), figure_png(figure)
    return RenderedFigure(card=card, svg=svg, png=png, alt=_describe(tables, card), numbers=card.table(tables))


def _describe(tables: Tables, card: FigureCard) -> str:
    """Say what a figure shows to somebody who cannot see it."""
    names = "; ".join(view.label for view in arms_of(tables))
    facts = ""
    if card.chapter in ("outcome", "summary") and card.key not in ("relapse", "explanations", "arms"):
        scale_id = next((s for s in tables.scales if card.key == score_key(s)), tables.scales[0])
        facts = " " + " ".join(_last_words(tables, view.id, view.label, scale_id) for view in arms_of(tables))
    return f"{card.title}, for {names}.{facts} The numbers are in the table below the figure."


def _last_words(tables: Tables, arm_id: str, label: str, scale_id: str) -> str:
    own = rows(tables.scores, arm=arm_id, scale=scale_id)
    first, last = own.iloc[0], own.iloc[-1]
    return (
        f"{label}: mean {scale_id} {first['mean']:.1f} at day {first['day']:g}, "
        f"{last['mean']:.1f} at day {last['day']:g}."
    )


def _named(tables: Tables, table: pd.DataFrame) -> pd.DataFrame:
    """Replace ids of arms by their names."""
    named = table.copy()
    for column in ("arm", "versus"):
        if column in named.columns:
            named[column] = [arm_name(tables, str(name)) for name in named[column]]
    return named


def _score_table(tables: Tables, *, scale_id: str, columns: tuple[str, ...] = _SCORE_COLUMNS) -> pd.DataFrame:
    table = rows(tables.scores, scale=scale_id).sort_values(["arm", "day"])
    return _named(tables, table[["arm", "day", *(name for name in columns if name in table)]])


def _last_scores(tables: Tables, *, scale_id: str) -> pd.DataFrame:
    table = _score_table(tables, scale_id=scale_id, columns=(*_SCORE_COLUMNS, *_SHARE_COLUMNS))
    return rows(table, day=float(table["day"].max()))


def _explanations_table(tables: Tables) -> pd.DataFrame:
    import pandas as pd

    lines = []
    for added in integration_adds(tables):
        name = arm_name(tables, added.arm)
        lines.append((name, "weighted", 1.0, added.points, added.low, added.high))
        lines += [(name, words.rival_name(e.rival), e.weight, e.points, e.low, e.high) for e in added.by_rival]
    columns = ["arm", "explanation", "weight", "mean_difference", "mean_difference_low", "mean_difference_high"]
    return pd.DataFrame(lines, columns=columns)


def _arms_table(tables: Tables, *, versus: str | None, days: Sequence[float]) -> pd.DataFrame:
    import pandas as pd

    lines = []
    for one in differences.arms_compared(tables, versus, days):
        names = (arm_name(tables, one.arm), arm_name(tables, one.versus), one.day)
        lines.append((*names, "weighted" if one.by_rival else "", one.points, one.low, one.high))
        lines += [(*names, words.rival_name(e.rival), e.points, e.low, e.high) for e in one.by_rival]
    columns = ["arm", "versus", "day", "explanation"]
    columns += ["mean_difference", "mean_difference_low", "mean_difference_high"]
    return pd.DataFrame(lines, columns=columns)


def _contrast_table(tables: Tables, *, scale_id: str) -> pd.DataFrame:
    table = _interval_of(rows(tables.contrasts, scale=scale_id), "mean_difference")
    return _named(tables, table.drop(columns="scale").sort_values(["arm", "versus", "day"]))


def _interval_of(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Name the ends of an interval after what it is of."""
    return table.rename(columns={"credible_low": f"{name}_low", "credible_high": f"{name}_high"})


def _relapse_table(tables: Tables) -> pd.DataFrame:
    table = _interval_of(tables.relapse, "share").drop(columns="scale").sort_values(["arm", "day"])
    days = np.unique(np.asarray(table["day"], dtype=float))
    keep = days[np.unique(np.linspace(0, days.size - 1, min(10, days.size)).astype(int))]
    return _named(tables, table[table["day"].isin(keep)])


def _course_table(tables: Tables, *, variables: tuple[str, ...]) -> pd.DataFrame:
    """Sum up states at about ten days of every arm and twin."""
    import pandas as pd

    days = tables.run.times
    marks = [day for day in (0.0, 1.0, 7.0, 14.0, 28.0, 56.0, 84.0, 168.0, 252.0, 365.0) if day < days[-1]]
    picked = list(dict.fromkeys(int(np.argmin(np.abs(days - day))) for day in (*marks, days[-1])))
    lines = []
    for view in arms_of(tables):
        for name in filter(None, (view.id, view.twin)):
            for variable in variables:
                course = tables.course(variable, name)
                if course is not None:
                    lines += [
                        (arm_name(tables, name), variable, days[k], course.mean[k], course.low[k], course.high[k])
                        for k in picked
                    ]
    return pd.DataFrame(lines, columns=["arm", "state", "day", "mean", "q05", "q95"])


def _exposure_numbers(tables: Tables) -> pd.DataFrame:
    return _named(tables, tables.exposure)


def _schedule_table(tables: Tables) -> pd.DataFrame:
    import pandas as pd

    lines: list[tuple[str, float, str, str]] = []
    for view in arms_of(tables):
        steps: list[tuple[float, float, str, str]] = [
            (float(d.day), float(d.hour), "dose", f"{style.medicine_name(d.medicine)} {dose_text([d])} {d.route_text}"
             + (" (extrapolated)" if d.extrapolated else ""))
            for d in view.arm.doses
        ]  # fmt: skip
        steps += [(float(s.day), float(s.hour), s.kind, f"{s.hours:g} h, {s.format}") for s in view.arm.sessions]
        steps += [
            (float(p.from_day), 0.0, "practice", f"{p.hours_per_week:g} h a week until day {p.to_day:g}")
            for p in view.arm.practice
        ]
        lines += [(view.label, day + hour / 24, kind, what) for day, hour, kind, what in sorted(steps)]
    return pd.DataFrame(lines, columns=["arm", "day", "step", "what"])
