"""A trial's report: one HTML file that needs nothing else, its figures, and its tables as CSV and JSON."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from afterglow.figures import style
from afterglow.figures.svg import figure_png, figure_svg, settle
from afterglow.figures.words import esc, rival_name
from afterglow.files import write_bytes_atomically, write_text_atomically
from afterglow.report.markup import data_table, numbered_figure, paragraphs, source_list
from afterglow.report.provenance import protocol_hash
from afterglow.report.stylesheet import stylesheet
from afterglow.report.trial.charts import Bars, draw_expected, draw_guesses, draw_power, draw_sensitivity
from afterglow.report.trial.decision import decision_sentences, summary_sentences
from afterglow.report.trial.design import assumptions, design_section, published_sources
from afterglow.report.trial.methods import methods_sentences
from afterglow.report.trial.tables import (
    characteristics_tables,
    guess_table,
    guess_words,
    power_rows,
    sensitivity_frame,
)
from afterglow.report.trial.wording import arm_label, joined
from afterglow.report.words import NOT_CALIBRATED
from afterglow.report.writing import made_folder
from afterglow.results.sources import sources
from afterglow.safety.purpose import PURPOSE
from afterglow.spreadsheet import csv_text
from afterglow.trial.characteristics.average import WEIGHTED
from afterglow.trial.characteristics.datasets import write_characteristics
from afterglow.trial.characteristics.unblinding import GuessCurve
from afterglow.trial.sensitivity.sensitivity import Sensitivity

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Drawing

__all__ = ["trial_page", "write_trial_report"]

_READ = ("ich2019", "ohagan2005", "james1996", "bang2004", "szigeti2023")
"""Sources of the methods beside those of the model."""


@dataclass(frozen=True, kw_only=True)
class _Drawn:
    key: str
    title: str
    caption: str
    alt: str
    svg: str
    png: bytes
    numbers: pd.DataFrame


def write_trial_report(told: Sensitivity, folder: str | Path, *, created: str | None = None) -> list[Path]:
    """Write ``report.html``, figures as SVG and PNG, and the numbers as JSON and CSV, each file whole or not at all.

    Parameters
    ----------
    told : Sensitivity
    folder : str or Path
        Made if it is not there.
    created : str, optional
        Date and time to print; now (UTC) if left out.

    Returns
    -------
    list of Path
        The page first.

    Raises
    ------
    FileError
        If the folder cannot be made or written to.
    """
    place = made_folder(Path(folder))
    gallery = made_folder(place / "figures")
    figures = _figures(told)
    page = write_bytes_atomically(place / "report.html", trial_page(told, figures, created=created).encode("utf-8"))
    written = [page, *write_characteristics(told.found, place)]
    written.append(write_text_atomically(place / "sensitivity.json", json.dumps(told.to_json(), indent=1) + "\n"))
    curve = power_rows(told)
    table = csv_text([list(curve[0]), *(list(row.values()) for row in curve)])
    written.append(write_text_atomically(place / "power.csv", table))
    for figure in figures:
        written.append(write_bytes_atomically(gallery / f"{figure.key}.svg", figure.svg.encode("utf-8")))
        written.append(write_bytes_atomically(gallery / f"{figure.key}.png", figure.png))
    return written


def trial_page(told: Sensitivity, figures: list[_Drawn] | None = None, *, created: str | None = None) -> str:
    """Write the report as one string of HTML that loads nothing and prints on A4."""
    drawn = {figure.key: figure for figure in (_figures(told) if figures is None else figures)}
    found, trial, row = told.found, told.found.trial, told.plan.row
    numbers = {key: place for place, key in enumerate(drawn, start=1)}

    def shown(key: str) -> str:
        if key not in drawn:
            return ""
        figure = drawn[key]
        return numbered_figure(
            numbers[key], key=key, title=figure.title, caption=figure.caption, svg=figure.svg, alt=figure.alt,
            numbers=figure.numbers,
        )  # fmt: skip

    frame = sensitivity_frame(told)
    scenarios = data_table(frame, caption="The plan in other scenarios, in the same trials.") if len(frame) else ""
    chapters = {
        "summary": ("Summary", paragraphs(summary_sentences(told))),
        "design": ("Design and estimand", design_section(trial)),
        "assumptions": ("Assumptions and their sources", assumptions(told)),
        "characteristics": ("Operating characteristics", characteristics_tables(found) + _notes(told)),
        "power": ("Power against size", shown("power")),
        "expected": ("What is expected over time", shown("expected")),
        "guesses": ("Guesses of the arm", paragraphs([guess_words(row)]) + guess_table(found) + shown("guesses")),
        "sensitivity": ("Sensitivity", shown("sensitivity") + scenarios),
        "decision": ("What would change the decision", _listed(decision_sentences(told))),
        "methods": ("Methods, to paste into a protocol", paragraphs(methods_sentences(told))),
        "provenance": ("Where these numbers come from", _provenance(told, created)),
        "sources": ("Sources", source_list(_sources(told))),
    }
    body = "\n".join(
        f'<section id="{key}" aria-labelledby="h-{key}"><h2 id="h-{key}">{title}</h2>{text}</section>'
        for key, (title, text) in chapters.items()
    )
    contents = "".join(f'<li><a href="#{key}">{title}</a></li>' for key, (title, _) in chapters.items())
    title = esc(trial.protocol.title or "Untitled trial")
    lead = f"{found.simulated.count:,} simulated trials of each size, seed {found.simulated.spec.seed}"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title} – plan of a trial, Afterglow</title>
<style>{stylesheet()}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<header>
<h1>{title}</h1>
<p class="lead">Plan of a trial, simulated by Afterglow: {lead}</p>
{"" if found.simulated.spec.calibrated else _banner()}
<div class="note" role="note"><p>{esc(PURPOSE)}</p></div>
<nav aria-label="Contents"><ol>{contents}</ol></nav>
</header>
<main id="main">
{body}
</main>
<footer><p>{esc(PURPOSE)}</p></footer>
</body>
</html>
"""


def _banner() -> str:
    return f'<div class="banner" role="alert"><p>{esc(NOT_CALIBRATED)}</p></div>'


def _listed(sentences: list[str]) -> str:
    return f"<ul>{''.join(f'<li>{esc(sentence)}</li>' for sentence in sentences)}</ul>"


def _notes(told: Sensitivity) -> str:
    return paragraphs(
        [
            f"n is people of the control arm. Type I error: {told.found.null}.",
            "Coverage is of the interval at the level of the test, against what the estimand truly is in each trial.",
            (
                "Bias from unblinding: what it adds to the difference of mean scores, in points, against the same "
                "people if everybody guessed their arm by a toss of a coin; below zero it favours the active arm."
            ),
            *told.found.cautions,
            "All designs and sizes meet the same people with the same luck.",
        ]
    )


def _figures(told: Sensitivity) -> list[_Drawn]:
    trial, row, rivals = told.found.trial, told.plan.row, list(told.found.simulated.average.rivals)
    scale, labels = trial.scale.id, [arm_label(trial, arm.id) for arm in told.arms]
    bars = _bars(told)
    curve = row.blinding["curve"]
    drawn = [
        _drawn(
            "power",
            "Power against size",
            f"Chance to find the active arm better, by people of the control arm: {_designs(told)}, analysis "
            f"{row.analysis}. A line for each explanation; the thick one weighs all.",
            lambda: draw_power(told.curves, rivals),
            power_rows(told),
        ),
        _drawn(
            "expected",
            "Scores, dropout and intercurrent events over time",
            "Mean score of each arm without dropout and events, over all explanations by their weights, and the share "
            "of people who have dropped out or had an event by each visit.",
            lambda: draw_expected(told.arms, labels, scale),
            _expected_rows(told),
        ),
    ]
    if curve.at_half.value is not None:
        drawn.append(
            _drawn(
                "guesses",
                "Effect against correct guesses",
                "The difference between the arms if another share of guesses were right: people who guessed right and "
                "wrong are reweighted within each arm. At one half, guesses say nothing of the arm.",
                lambda: draw_guesses(curve, scale),
                _guess_rows(curve),
            )
        )
    drawn.append(
        _drawn(
            "sensitivity",
            "What the power hangs on",
            f"Power at the largest size over all explanations, under each of them alone, and in other scenarios: "
            f"{_designs(told)}, analysis {row.analysis}; bars are two Monte-Carlo errors to each side.",
            lambda: draw_sensitivity(bars),
            _bar_rows(bars),
        )
    )
    return drawn


def _drawn(key: str, title: str, caption: str, draw: Callable[[], Drawing], rows: list[dict[str, Any]]) -> _Drawn:
    import matplotlib as mpl
    import pandas as pd

    with mpl.rc_context(cast("Any", style.figure_settings())):
        figure = draw()
        settle(figure)
        svg, png = figure_svg(figure), figure_png(figure)
    alt = f"{title}. {caption} The numbers are in the table below the figure."
    numbers = pd.DataFrame(
        [{name: float("nan") if held is None else held for name, held in row.items()} for row in rows]
    )
    return _Drawn(key=key, title=title, caption=caption, alt=alt, svg=svg, png=png, numbers=numbers)


def _designs(told: Sensitivity) -> str:
    names = list(told.curves)
    left = len(told.found.trial.section.designs) - len(names)
    more = f" (the first {len(names)} of {len(names) + left})" if left else ""
    return f"design {names[0]}" if len(names) == 1 else f"designs {joined(names)}{more}"


def _bars(told: Sensitivity) -> Bars:
    weights = told.found.simulated.average.rivals
    alone = sorted(weights, key=lambda name: -weights[name]) if len(weights) > 1 else []
    found = {}
    for design in told.curves:
        power = told.plan.rows(design)[-1].power
        found[design] = [
            ("as planned", power[WEIGHTED], "plan"),
            *((f"{rival_name(name)} (weight {weights[name]:.2f})", power[name], "explanation") for name in alone),
            *((each.name, each.designs[design], "scenario") for each in told.scenarios),
        ]
    return found


def _bar_rows(bars: Bars) -> list[dict[str, Any]]:
    return [
        {"design": design, "what": name, "power": held.value, "MC error": held.se}
        for design, rows in bars.items()
        for name, held, _ in rows
    ]


def _guess_rows(curve: GuessCurve) -> list[dict[str, Any]]:
    held = zip(curve.share, curve.effect, strict=True)
    return [{"correct guesses": at, "effect": one.value, "MC error": one.se} for at, one in held]


def _expected_rows(told: Sensitivity) -> list[dict[str, Any]]:
    rows = []
    for arm in told.arms:
        for k, day in enumerate(arm.days):
            row = {"arm": arm.id, "day": day, "mean": arm.score[k].value, "sd": arm.sd[k]}
            happened = {"dropped out": arm.lost, **arm.events}
            rows.append(row | {name: held[k - 1].value if k else 0.0 for name, held in happened.items()})
    return rows


def _provenance(told: Sensitivity, created: str | None) -> str:
    spec, found = told.found.simulated.spec, told.found
    lines = {
        "Run key": spec.key,
        "Software": f"afterglow-sim {spec.version}, Python {platform.python_version()}",
        "Seed": str(spec.seed),
        "Simulated trials": f"{found.simulated.count:,} of each size, {told.plan.trials:,} of other sizes, scenarios",
        "Bank": f"{spec.participants:,} people in each arm, {spec.people_per_draw:,} at each of {spec.draws} draws",
        "Explanations": ", ".join(f"{rival_name(e.rival)} {e.weight:.2f}" for e in spec.explanations),
        "Posteriors": ", ".join(f"{e.rival} {e.posterior}" for e in spec.explanations if e.posterior) or "none",
        "Equations and constants": spec.model,
        "Protocol, SHA-256": protocol_hash(spec.protocol),
        "Report written": created or datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }
    return "<dl>" + "".join(f"<dt>{esc(key)}</dt><dd>{esc(value)}</dd>" for key, value in lines.items()) + "</dl>"


def _sources(told: Sensitivity) -> list[str]:
    trial = told.found.trial
    return sorted({*sources(trial.protocol), *published_sources(trial), *_READ})
