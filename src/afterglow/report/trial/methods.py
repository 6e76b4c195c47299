"""A paragraph on methods to paste into a protocol, its numbers from the run."""

from __future__ import annotations

from afterglow.report.trial.design import estimand_words
from afterglow.report.trial.wording import (
    analysis_words,
    design_words,
    difference,
    explanation,
    joined,
    percent,
    shares_words,
    size_words,
)
from afterglow.trial.characteristics.average import WEIGHTED
from afterglow.trial.sensitivity.sensitivity import Sensitivity
from afterglow.version import __version__

__all__ = ["methods_sentences"]


def methods_sentences(told: Sensitivity) -> list[str]:
    """Say how the size was justified, as the section on sample size of a protocol does."""
    row, trial = told.plan.row, told.found.trial
    section, spec, simulated = trial.section, told.found.simulated.spec, told.found.simulated
    analysis = next(plan for plan in section.analyses if plan.id == row.analysis)
    weights = simulated.average.rivals
    shared = (
        f"explanations of published trials, weighted by how well each foretells trials left out of its fit "
        f"({joined([f'{explanation(name)} {weight:.2f}' for name, weight in weights.items()])})"
        if len(weights) > 1
        else f"one explanation of published trials ({explanation(next(iter(weights)))})"
    )
    mean, apart = told.departures
    said = [
        f"Operating characteristics were simulated with Afterglow {__version__} (seed {spec.seed}, run {spec.key}).",
        estimand_words(trial)[0],
        f"Primary analysis: {analysis_words(analysis)}, at a one-sided level of {section.alpha:g}.",
        f"Design: {design_words(told.plan.design, section.alpha)}.",
        (
            f"The courses of {spec.participants:,} virtual people in each arm were solved at {spec.draws} draws of the "
            f"parameters, shared among {shared}."
        ),
        (
            f"From them {simulated.count:,} trials of each size were drawn, people with replacement, with fresh "
            f"day-to-day variation, rating error and guesses of the arm{_losses(told)}."
        ),
        (
            f"Each trial departed from the model as published trials do (SD {mean:.2f} for the mean of an arm and "
            f"of {apart:.2f} for the difference between arms, in SDs between people)."
        ),
        (
            f"With {size_words(row.n, row.people)}, the power averaged over all of this (assurance) is "
            f"{percent(row.power[WEIGHTED])}{_between(told)}{_checks(told)}"
        ),
    ]
    if row.blinding["curve"].at_half.value is not None:
        curve = row.blinding["curve"]
        said.append(
            f"{percent(row.correct_guess)} of those who name an arm are expected to guess right; reweighted to one "
            f"half, the difference is {difference(curve.at_half, digits=1)} points instead of "
            f"{difference(curve.observed, digits=1)}."
        )
    return [sentence for sentence in said if sentence]


def _losses(told: Sensitivity) -> str:
    trial = told.found.trial
    lost = {} if trial.dropout is None else {"dropout": shares_words(told.arms, [arm.lost for arm in told.arms])}
    for event in trial.section.intercurrent_events:
        strategy = trial.section.estimand.strategies[event.id].replace("_", " ")
        shares = shares_words(told.arms, [arm.events[event.id] for arm in told.arms])
        lost[event.id.replace("_", " ")] = f"{shares}; {strategy}"
    if not lost:
        return "; nobody drops out and no event comes between"
    said = joined([f"{name} ({words})" for name, words in lost.items()])
    return f", and by day {trial.section.day:g} with {said}"


def _between(told: Sensitivity) -> str:
    held = {
        name: figure for name, figure in told.plan.row.power.items() if name != WEIGHTED and figure.value is not None
    }
    if len(held) < 2:
        return ""
    low, high = (pick(held, key=lambda name: held[name].value or 0.0) for pick in (min, max))
    return f", from {percent(held[low])} under {explanation(low)} to {percent(held[high])} under {explanation(high)}"


def _checks(told: Sensitivity) -> str:
    row = told.plan.row
    said = []
    if row.type1.value is not None:
        said.append(f"; type I error {100 * row.type1.value:.2f} %")
    if len(row.stop) > 1 and row.expected_n.value is not None:
        said.append(f"; expected size {row.expected_n.value:.0f} people of the control arm")
    if row.coverage.value is not None:
        level = 100 * (1 - 2 * told.found.trial.section.alpha)
        said.append(
            f"; the {level:g} % interval holds the true difference in {100 * row.coverage.value:.1f} % of trials"
        )
    error = (
        ""
        if row.assurance.se is None
        else f" (Monte-Carlo error of the assurance {100 * row.assurance.se:.1f} percentage points)"
    )
    return "".join(said) + error + "."
