"""The report in plain words: what was simulated, what came out, and what that does not show."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from afterglow.report import style
from afterglow.report.reading import ArmView, ResultLike, arms_of, medicines_of, rows, scales_of

__all__ = [
    "NOT_CALIBRATED",
    "ArmSummary",
    "arm_summaries",
    "caveats",
    "plain",
    "what_was_simulated",
]

NOT_CALIBRATED = (
    "Not calibrated yet. The size and the timing of every effect in this report rest on "
    "pharmacology facts and on prior "
    "assumptions; they have not been fitted to trial results. Read the curves as what the "
    "assumptions imply, not as a forecast."
)
_RANGES = (
    "Bands and ranges show how simulated people differ from each other. They do not hold our uncertainty about the "
    "model itself, which is larger."
)
_CREDIBLE = (
    "Shaded bands show how simulated people differ from each other. Upright bars are 90 % credible bands of the mean: "
    "what the calibration on published trials leaves open about the parameters, and how trials depart from the model."
)
_CAVEATS = (
    (
        "The open window of plasticity, and the idea that sessions do more inside it, are "
        "hypotheses. Other explanations of the "
        "same trials exist; compare a run under another rival explanation before drawing a conclusion."
    ),
    "An arm can do no better, or worse, with integration than without; the report says what this run gave.",
)
_RIVALS = {
    "window": "the full model, in which sessions can do more while the window is open",
    "drug_only": "the rival explanation in which sessions do nothing",
    "additive": "the rival explanation in which medicine and therapy only add up",
    "expectancy_only": "the rival explanation in which expectancy does all the work",
}


@dataclass(frozen=True, kw_only=True)
class ArmSummary:
    """What came out of one arm, in sentences."""

    label: str
    outcome: str
    against_twin: str


def caveats(result: ResultLike) -> tuple[str, ...]:
    """Return what the report does not show, in the order in which it matters."""
    return (_CREDIBLE if result.calibrated else _RANGES, *_CAVEATS)


def plain(word: str) -> str:
    """Write an identifier as words."""
    return word.replace("_", " ")


def what_was_simulated(result: ResultLike) -> list[str]:
    """Say in a few sentences what the run did."""
    protocol, views = result.protocol, arms_of(result)
    medicines = list(dict.fromkeys(style.medicine_name(m) for view in views for m in medicines_of(view)))
    population = protocol.population
    arms = "one arm" if len(views) == 1 else f"each of {len(views)} arms"
    sentences = [
        (
            f"{result.participants:,} simulated people with {plain(population.condition)} went through {arms} "
            f"and were followed for {protocol.horizon_days:g} days."
        ),
        f"Given were {_listed(medicines)}." if medicines else "No medicine was given.",
        (
            f"Their {population.scale} score at the start was {population.baseline_mean:g} on average "
            f"(standard deviation {population.baseline_sd:g} before anybody was screened out)."
        ),
        (
            "The same people go through every arm, so a difference between arms comes from the "
            "treatment and from chance in "
            "measurement, not from who was in it."
        ),
        f"The run used {_RIVALS.get(result.rival, plain(result.rival))}.",
    ]
    if any(view.extrapolated for view in views):
        sentences.append("Arms marked † hold a dose above the studied range: an extrapolation without data behind it.")
    return sentences


def arm_summaries(result: ResultLike) -> list[ArmSummary]:
    """Say what came out of every arm on the population's scale, and against the same people without integration."""
    scales = scales_of(result)
    if not scales:
        return []
    return [
        ArmSummary(
            label=view.label, outcome=_outcome(result, view, scales[0]), against_twin=_against(result, view, scales[0])
        )
        for view in arms_of(result)
    ]


def _outcome(result: ResultLike, view: ArmView, scale_id: str) -> str:
    own = rows(result.scores, arm=view.id, scale=scale_id)
    if own.empty:
        return f"No {scale_id} score was assessed."
    last = own.iloc[-1]
    change = float(last["change_mean"])
    moved = (
        f"{abs(change):.1f} points {'below' if change < 0 else 'above'} the start"
        if abs(change) >= 0.05
        else "no change"
    )
    known = f" (90 % credible {last['mean_low']:.1f} to {last['mean_high']:.1f})" if "mean_low" in own else ""
    text = (
        f"Mean {scale_id} {last['mean']:.1f}{known} at day {last['day']:g} ({moved}); 9 in 10 people "
        f"between {last['q05']:.0f} and "
        f"{last['q95']:.0f}. {_share('Response', last['response'])}, {_share('remission', last['remission'])}."
    )
    lowest = own.loc[own["mean"].idxmin()]
    if float(lowest["day"]) != float(last["day"]) and float(last["mean"]) - float(lowest["mean"]) >= 1:
        text += f" The mean was lowest at day {lowest['day']:g}, with {lowest['mean']:.1f}."
    return text


def _share(word: str, value: Any) -> str:
    share = float(value)
    return f"{word} {100 * share:.0f} %" if math.isfinite(share) else f"{word} not defined on this scale"


def _against(result: ResultLike, view: ArmView, scale_id: str) -> str:
    if view.twin is None:
        return "This arm has no integration, practice or support group that could be left out."
    table = rows(result.contrasts, arm=view.id, versus=view.twin, scale=scale_id)
    if table.empty:
        return "The difference to the same people without integration was not computed."
    last = table.iloc[-1]
    mean, low, high = (float(last[name]) for name in ("mean_difference", "low", "high"))
    span = f"95 % interval {_signed(low)} to {_signed(high)}"
    day = f"at day {last['day']:g}"
    if high < 0:
        return (
            f"With integration the score was {-mean:.1f} points lower than in the same people "
            f"without it {day} ({span})."
        )
    if low > 0:
        return (
            f"With integration the score was {mean:.1f} points HIGHER, so worse, than in the same "
            f"people without it {day} ({span})."
        )
    return f"No clear difference to the same people without integration {day}: {_signed(mean)} points ({span})."


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
