"""Design, estimand and assumptions of a trial, each assumption with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterglow.citations import references
from afterglow.figures.reading import ArmView
from afterglow.figures.words import esc, interval, signed
from afterglow.report.markup import data_table
from afterglow.report.protocol_table import arms_table
from afterglow.report.trial.wording import (
    analysis_words,
    arm_label,
    design_words,
    difference,
    explanation,
    joined,
    percent,
    plain,
    shares_words,
)
from afterglow.trial.analysis.registry import OF_EVENTS
from afterglow.trial.characteristics.average import WEIGHTED
from afterglow.trial.sensitivity.sensitivity import Sensitivity
from afterglow.trial.specification.estimand import STRATEGIES
from afterglow.trial.specification.events import Dropout, HazardRatio, IntercurrentEvent
from afterglow.trial.specification.trial import Trial

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["arm_views", "assumptions", "design_section", "estimand_words", "published_sources"]

_FILE = "the file of the trial; it names no source"
_PROTOCOL = "the protocol"
_POSTERIOR = "the posteriors that come with Afterglow, fitted to published trials"


def design_section(trial: Trial) -> str:
    """Write the design, the estimand and the arms as HTML."""
    section = trial.section
    active = joined([arm_label(trial, arm) for arm in section.active])
    looks = [design_words(plan, section.alpha) for plan in section.designs]
    per_arm = [
        f"{sum(trial.people(n))} in all: "
        + joined([f"{arm.id.replace('_', ' ')} {k}" for k, arm in zip(trial.people(n), trial.arms, strict=True)])
        for n in section.sizes
    ]
    facts = {
        "Compared": [f"{active} with {arm_label(trial, section.control)}"],
        "Primary outcome": [_outcome(trial)],
        "Estimand": estimand_words(trial),
        "Analyses": [f"{plan.id}: {analysis_words(plan)}" for plan in section.analyses],
        "Designs": looks,
        "Sizes": per_arm,
        "Level": [f"{section.alpha:g}, one-sided"],
        "Blinding": [_blind(trial)],
    }
    items = "".join(f"<dt>{esc(k)}</dt><dd>{'<br>'.join(map(esc, held))}</dd>" for k, held in facts.items())
    return f"<dl>{items}</dl>{arms_table(arm_views(trial))}"


def _outcome(trial: Trial) -> str:
    days = joined([f"{day:g}" for day in trial.visits])
    return f"{trial.scale.id} on day {trial.section.day:g} after the first dose; rated on days {days}"


def _blind(trial: Trial) -> str:
    held = trial.protocol.blinding
    return held.design + (f", comparator {held.comparator}" if held.comparator else "")


def arm_views(trial: Trial) -> list[ArmView]:
    """Return the arms as figures and tables show them, the control first."""
    return [
        ArmView(
            index=k,
            id=arm.id,
            label=(arm.label or arm.id) + (" †" if any(d.extrapolated for d in arm.doses) else ""),
            twin=None,
            arm=arm,
        )
        for k, arm in enumerate(trial.arms)
    ]


def estimand_words(trial: Trial) -> list[str]:
    """Say what is estimated: population, treatments, variable, summary, and events with their strategies."""
    section, population = trial.section, trial.protocol.population
    active = joined([arm_label(trial, arm) for arm in section.active], "or")
    said = [
        (
            f"In people with {population.condition.replace('_', ' ')}: {active} against "
            f"{arm_label(trial, section.control)}, {_summary(trial)}."
        )
    ]
    if not section.intercurrent_events:
        return [*said, "No intercurrent event is named."]
    for event in section.intercurrent_events:
        strategy = section.estimand.strategies[event.id]
        said.append(
            f"{event.id.replace('_', ' ').capitalize()}: {strategy.replace('_', ' ')} – {STRATEGIES[strategy]}."
        )
    return said


def _summary(trial: Trial) -> str:
    plan, scale, day = trial.section.analyses[0], trial.scale.id, f"day {trial.section.day:g}"
    if plan.method == "responders":
        return f"the difference of shares in {plan.endpoint} on the {scale} on {day}"
    if plan.method in OF_EVENTS:
        return f"the hazard of relapse on the {scale} up to {day}"
    what = "the dose response of the mean" if plan.method == "mcp-mod" else "the difference of means of the"
    return f"{what} change in {scale} from inclusion to {day}"


def assumptions(told: Sensitivity) -> str:
    """Write what the numbers rest on, a row for each assumption, with its source."""
    import pandas as pd

    rows = [*_people(told), *_effects(told), *_departures(told), *_lost(told), *_events(told), *_blinding(told)]
    table: pd.DataFrame = pd.DataFrame(rows, columns=["what", "assumed", "source"])
    table.columns = ["What", "Assumed", "Source"]
    return data_table(table, caption="Each number that the answer rests on, and where it is from.")


Row = tuple[str, str, str]


def _people(told: Sensitivity) -> list[Row]:
    trial, control = told.found.trial, told.arms[0]
    population = trial.protocol.population
    begin = f"{population.scale} {population.baseline_mean:g} (SD {population.baseline_sd:g})"
    if population.inclusion_min is not None:
        begin += f", included from {population.inclusion_min:g}"
    end = f"{plain(control.score[-1])}, SD between people {control.sd[-1]:.1f}"
    return [
        ("Score at inclusion", begin, _PROTOCOL),
        (f"{trial.scale.id} on day {trial.section.day:g} in the control arm", end, f"simulated; {_POSTERIOR}"),
    ]


def _effects(told: Sensitivity) -> list[Row]:
    counts = told.plan.trial.section.analyses[0].method == "responders"
    scale, unit = (100.0, "percentage points") if counts else (1.0, "points")
    rows = []
    for effect in told.effects:
        whole = effect.name == WEIGHTED
        name = (
            "all explanations by their weights" if whole else f"{explanation(effect.name)} (weight {effect.weight:.2f})"
        )
        ends = interval(scale * effect.low, scale * effect.high)
        said = f"{signed(scale * (effect.mean.value or 0.0))} {unit}; in 90 % of trials {ends}"
        rows.append((f"True difference, {name}", said, _POSTERIOR))
    return rows


def _departures(told: Sensitivity) -> list[Row]:
    mean, apart = told.departures
    said = f"SD of the mean of an arm {mean:.2f}, of the difference of two {apart:.2f}, in SDs between people"
    return [("How far a trial departs from the model", said, _POSTERIOR)]


def _lost(told: Sensitivity) -> list[Row]:
    trial = told.found.trial
    if trial.dropout is None:
        return [("Dropout", "nobody", _FILE)]
    seen = shares_words(told.arms, [arm.lost for arm in told.arms])
    source = _source(trial.dropout)
    if trial.section.dropout == "published":
        source = f"published trials of the medicine: {source}"
    return [(f"Dropout by day {trial.section.day:g}", seen + _ratios(trial.dropout.hazard_ratio), source)]


def _events(told: Sensitivity) -> list[Row]:
    trial = told.found.trial
    rows = []
    for event in trial.section.intercurrent_events:
        seen = shares_words(told.arms, [arm.events[event.id] for arm in told.arms]) + _ratios(event.hazard_ratio)
        if event.points:
            seen += f"; the score then moves by {event.points:+g} points".replace("-", "−")
        name = f"{event.id.replace('_', ' ').capitalize()} by day {trial.section.day:g}"
        rows.append((name, seen, _source(event)))
    return rows


def _blinding(told: Sensitivity) -> list[Row]:
    row, section = told.plan.row, told.found.trial.section
    guesses = f"{percent(row.correct_guess)} of those who name one; unsure at most {100 * section.guesses.unsure:.0f} %"
    hope = {site.id: site.hope for site in section.expectancy.sites} | dict(section.expectancy.arms)
    rows = [
        (
            "Right guesses of the arm",
            guesses,
            "simulated from what is felt; the share of the unsure is that of the file",
        ),
        ("What unblinding adds to the difference", f"{difference(row.bias_points)} points", f"simulated; {_POSTERIOR}"),
    ]
    if hope:
        rows.append(
            ("Hope that people bring", joined([f"{name} {100 * held:.0f} %" for name, held in hope.items()]), _FILE)
        )
    return rows


def _ratios(held: HazardRatio) -> str:
    told = [f"{value:g} for {name}" for name, value in held.model_dump().items() if value != 1.0]
    return f"; hazard ratio {joined(told)}" if told else ""


def _source(held: Dropout | IntercurrentEvent) -> str:
    return held.source or _FILE


def published_sources(trial: Trial) -> list[str]:
    """Return the keys of the list of references that assumptions name."""
    held = [trial.dropout, *trial.section.intercurrent_events]
    named = {word.strip() for each in held if each is not None for word in each.source.split(",")}
    return sorted(named & set(references()))
