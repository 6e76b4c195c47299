"""The report in plain words: what was simulated, what came out, and what that does not show."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from afterglow.figures import style
from afterglow.figures.reading import ArmView, arms_of, medicines_of, mixes, rows
from afterglow.figures.words import TELLS_NOTHING, interval, is_clear, rival_name, signed, under_text
from afterglow.protocol.timeline import extrapolations
from afterglow.results.differences import ArmDifference, integration_adds
from afterglow.results.tables import Tables

__all__ = [
    "NOT_CALIBRATED",
    "ArmSummary",
    "added_words",
    "arm_summaries",
    "caveats",
    "plain",
    "what_was_simulated",
]

NOT_CALIBRATED = (
    "Not calibrated yet. The size and the timing of every effect in this report rest on "
    "pharmacology facts and on prior "
    "assumptions; they have not been fitted to trial tabless. Read the curves as what the "
    "assumptions imply, not as a forecast."
)
_PEOPLE = "Bands show how simulated people differ from each other."
_INTERVALS = (
    "Intervals of 90 % say where the mean of a trial yet to be run would lie, with endlessly many people. They hold "
    "{held}. They do not hold what all explanations leave out."
)
_CAVEATS = (
    ("The open window of plasticity, and the idea that sessions do more inside it, are hypotheses. {weighed}"),
    "An arm can do no better, or worse, with integration than without; the report says what this run gave.",
)
_RIVALS = {
    "window": "sessions do more while the window is open",
    "additive": "medicine and therapy only add up",
    "drug_only": "sessions teach nothing",
    "expectancy_only": "hope and guessing one's arm do the work, beside ordinary learning",
}


@dataclass(frozen=True, kw_only=True)
class ArmSummary:
    """What came out of one arm, in sentences."""

    label: str
    outcome: str
    against_twin: str


def caveats(tables: Tables) -> tuple[str, ...]:
    """Return what the report does not show, in the order in which it matters."""
    several = mixes(tables)
    held = (
        "parameters, explanations and departures between trials"
        if several
        else ("parameters and departures between trials, under this one explanation")
    )
    weighed = (
        "So they are weighed against other explanations of the same trials; none of these is known to be right."
        if several
        else "Other explanations of the same trials exist; this run left them out."
    )
    first = (_PEOPLE, _INTERVALS.format(held=held)) if tables.has_intervals else (_PEOPLE,)
    return (*first, *(caveat.format(weighed=weighed) for caveat in _CAVEATS))


def plain(word: str) -> str:
    """Write an identifier as words."""
    return word.replace("_", " ")


def _explained(tables: Tables) -> str:
    """Say which explanations counted, and how many draws there were."""
    count = len(tables.mixture.places)
    draws = f"{count} draws" if count > 1 else "one draw"
    if not mixes(tables):
        alone = tables.only or tables.run.spec.rival
        return f"The run used {draws} of the parameters under one explanation: {_RIVALS[alone]}."
    found = sorted(tables.run.spec.explanations, key=lambda e: -e.weight)
    named = "; ".join(f"{rival_name(e.rival)}, weight {e.weight:.2f}: {_RIVALS[e.rival]}" for e in found)
    return (
        f"The run used {draws} of the parameters, shared among {len(found)} explanations of what medicine and therapy "
        f"do by how well each foretells published trials ({named}). Numbers without a name are the weighted answer."
    )


def what_was_simulated(tables: Tables) -> list[str]:
    """Say in a few sentences what the run did."""
    protocol, views = tables.protocol, arms_of(tables)
    medicines = list(dict.fromkeys(style.medicine_name(m) for view in views for m in medicines_of(view)))
    population = protocol.population
    arms = "one arm" if len(views) == 1 else f"each of {len(views)} arms"
    whom = "One simulated person" if tables.participants == 1 else f"{tables.participants:,} simulated people"
    sentences = [
        (
            f"{whom} with {plain(population.condition)} went through {arms}, followed for "
            f"{protocol.horizon_days:g} days."
        ),
        f"Medicines given: {_listed(medicines)}." if medicines else "No medicine was given.",
        (
            f"They were included with a {population.scale} score of {population.baseline_mean:g} on average "
            f"(standard deviation {population.baseline_sd:g} before anybody was screened out)."
        ),
        (
            "The same people go through every arm, so a difference between arms comes from the "
            "treatment and from chance in "
            "measurement, not from who was in it."
        ),
        _explained(tables),
    ]
    above = dict.fromkeys(words for view in views for words in extrapolations(view.arm))
    if above:
        sentences.append(
            f"Arms marked † hold a dose that is an extrapolation without data behind it: {'; '.join(above)}."
        )
    return sentences


def arm_summaries(tables: Tables) -> list[ArmSummary]:
    """Say what came out of every arm on the main scale, and against the same people without integration."""
    added = {one.arm: one for one in integration_adds(tables)}
    return [
        ArmSummary(
            label=view.label,
            outcome=_outcome(tables, view),
            against_twin=added_words(added[view.id]) if view.id in added else _no_twin(tables),
        )
        for view in arms_of(tables)
    ]


def _no_twin(tables: Tables) -> str:
    if not tables.run.spec.twins:
        return "The same people without integration were not run."
    return "This arm has no integration, practice or support group that could be left out."


def _outcome(tables: Tables, view: ArmView) -> str:
    scale_id = tables.scales[0]
    own = rows(tables.scores, arm=view.id, scale=scale_id)
    last = own.iloc[-1]
    change = float(last["change_mean"])
    moved = (
        f"{abs(change):.1f} points {'below' if change < 0 else 'above'} the start"
        if abs(change) >= 0.05
        else "no change"
    )
    known = []
    if tables.has_intervals:
        known.append(f"90 % interval {last['mean_low']:.1f} to {last['mean_high']:.1f}")
    if math.isfinite(last["mc_error"]):
        known.append(f"±{last['mc_error']:.1f} points Monte-Carlo error")
    sure = f" ({'; '.join(known)})" if known else ""
    text = (
        f"Mean {scale_id} {last['mean']:.1f}{sure} at day "
        f"{last['day']:g}, {moved}; 9 in 10 people between {last['q05']:.0f} and {last['q95']:.0f}. "
        f"{_share('Response', last['response'])}, {_share('remission', last['remission'])}."
    )
    lowest = own.loc[own["mean"].idxmin()]
    if float(lowest["day"]) != float(last["day"]) and float(last["mean"]) - float(lowest["mean"]) >= 1:
        text += f" The mean was lowest at day {lowest['day']:g}, with {lowest['mean']:.1f}."
    return text


def _share(word: str, value: Any) -> str:
    share = float(value)
    return f"{word} {100 * share:.0f} %" if math.isfinite(share) else f"{word} not defined on this scale"


def added_words(added: ArmDifference) -> str:
    """Say what integration adds: the weighted difference, its interval, and what each explanation alone says."""
    when = f"on day {added.day:g}"
    moved = f"{abs(added.points):.1f} points {'lower' if added.points < 0 else 'HIGHER, so worse,'}"
    if math.isnan(added.low):
        said = f"With integration the score was {moved} than in the same people without it {when}"
        return f"{said}; how sure that is, a run of one person or without calibration cannot say."
    held = (
        "parameters, explanations and departures between trials"
        if added.by_rival
        else ("parameters and departures between trials")
    )
    span = f"90 % interval {interval(added.low, added.high)}: {held}"
    if is_clear(added):
        said = f"With integration the score was {moved} than in the same people without it {when} ({span})."
    else:
        said = (
            f"{TELLS_NOTHING[:1].upper()}{TELLS_NOTHING[1:]} {when}: the difference to the same people without it is "
            f"{signed(added.points)} points, and its interval holds zero ({span})."
        )
    return f"{said} By explanation: {under_text(added)} points." if added.by_rival else said


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
