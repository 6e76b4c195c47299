"""What would change the decision, in sentences made of the numbers."""

from __future__ import annotations

from collections.abc import Mapping

from afterglow.figures.words import percent_text
from afterglow.report.trial.wording import explanation, joined, size_words
from afterglow.trial.characteristics.average import WEIGHTED
from afterglow.trial.sensitivity.changes import Crossing
from afterglow.trial.sensitivity.curve import PowerAtSize
from afterglow.trial.sensitivity.sensitivity import Sensitivity

__all__ = ["decision_sentences", "summary_sentences"]


_TOO_FEW = "Too few trials were simulated for every explanation to have some; ask for more with --trials."


def summary_sentences(told: Sensitivity) -> list[str]:
    """Say how likely the plan is to find a difference, over all explanations and under each."""
    row = told.plan.row
    power = {name: held.value for name, held in row.power.items() if held.value is not None}
    if WEIGHTED not in power:
        return [_TOO_FEW]
    alone = {name: held for name, held in power.items() if name != WEIGHTED}
    whole = "all explanations" if len(alone) > 1 else f"one explanation, {explanation(next(iter(alone)))}"
    said = [
        (
            f"The design '{row.id}' with {size_words(row.n, row.people)}, and the analysis '{row.analysis}', finds the "
            f"active arm better in {_percent(power[WEIGHTED])} of trials{_error(row.assurance.se)}. This is the "
            f"assurance: over {whole}, parameters and how trials depart from the model."
        )
    ]
    if len(alone) > 1:
        best, worst = max(alone, key=lambda k: alone[k]), min(alone, key=lambda k: alone[k])
        said.append(
            f"If {explanation(best)} is right, the power is {_percent(alone[best])}; if {explanation(worst)} is, "
            f"{_percent(alone[worst])}."
        )
    if row.type1.value is not None:
        errs = f"{100 * row.type1.value:.1f} % of trials{_error(row.type1.se)}"
        said.append(f"Where the arms do not differ it errs in {errs}.")
    if len(row.stop) > 1 and row.expected_n.value is not None:
        said.append(f"It stops with {row.expected_n.value:.0f} of {row.n} people of the control arm on average.")
    return said


def decision_sentences(told: Sensitivity) -> list[str]:
    """Say what would take the weighted power across 80 and 90 %: a size, an explanation, dropout or events."""
    if told.plan.row.power[WEIGHTED].value is None:
        return [_TOO_FEW]
    weights = told.found.simulated.average.rivals
    said = []
    for crossing in told.crossings:
        said += _sentences(crossing, told.curve, weights)
    if told.scenarios and not any(crossing.scenarios for crossing in told.crossings):
        names = joined([each.name for each in told.scenarios], "or")
        moves = [abs(each.moves.value or 0.0) for each in told.scenarios]
        said.append(
            f"No scenario of dropout or events takes the power across either level: if {names}, it moves by at most "
            f"{100 * max(moves):.1f} percentage points."
        )
    return said


def _sentences(found: Crossing, curve: tuple[PowerAtSize, ...], weights: Mapping[str, float]) -> list[str]:
    level, side = f"{100 * found.level:.0f} %", "at or above" if found.reached else "below"
    said = [f"{level}: the plan is {side} it, with a weighted power of {_percent(found.power)}. {_size(found, curve)}"]
    if len(weights) > 1:
        said.append(_explanations(found, weights, level))
    for each in found.scenarios:
        power = each.power[WEIGHTED].value or 0.0
        said.append(
            f"{level}: if {each.name}, the weighted power is {_percent(power)}, on the other side; it moves by "
            f"{_points(each.moves.value)}{_error(each.moves.se)}."
        )
    return [sentence for sentence in said if sentence]


def _size(found: Crossing, curve: tuple[PowerAtSize, ...]) -> str:
    largest = curve[-1]
    if found.size is None:
        power = {name: held.value for name, held in largest.power.items() if held.value is not None}
        worst = min(power, key=lambda name: power[name])
        why = (
            ""
            if worst == WEIGHTED or len(power) < 3
            else f", and {_percent(power[worst])} if {explanation(worst)} is right"
        )
        return (
            f"No size up to {size_words(largest.n, largest.people)} reaches it: the weighted power there is "
            f"{_percent(power[WEIGHTED])}{why}."
        )
    if found.size <= curve[0].n:
        return f"The smallest size that was tried, {curve[0].n}, has it already."
    return f"From about {found.size} people of the control arm on, the weighted power is there."


def _explanations(found: Crossing, weights: Mapping[str, float], level: str) -> str:
    above, never = [], []
    for name in sorted(weights, key=lambda name: -weights[name]):
        size = found.size_under[name]
        if size is None:
            never.append(explanation(name))
        else:
            above.append(f"{explanation(name)} {size}")
    said = []
    if above:
        said.append(f"{level}: alone, an explanation needs so many people of the control arm: {', '.join(above)}")
    if never:
        said.append(f"{'n' if said else level + ': n'}o size that was tried does it if {joined(never, 'or')} is right")
    text = "; ".join(said) + "."
    for name, held in found.without.items():
        turning = found.turning_weight.get(name)
        at = (
            ""
            if turning is None
            else f"; the level is met where its weight is {turning:.2f} instead of {weights[name]:.2f}"
        )
        text += f" Without {explanation(name)} the plan has {_percent(held)}, on the other side{at}."
    return text


def _percent(value: float) -> str:
    return percent_text(value)


def _points(value: float | None) -> str:
    return f"{100 * (value or 0.0):+.1f}".replace("-", "−") + " percentage points"


def _error(se: float | None) -> str:
    return "" if se is None else f" (Monte-Carlo error {100 * se:.1f})"
