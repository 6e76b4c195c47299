"""Why a meeting stands where it stands, in plain words with sources.

Facts are those of published trials; what is assumed is called assumed, and the window is called one explanation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from afterglow.medicines import MEDICINES
from afterglow.medicines.words import Cited
from afterglow.studio.designs.source import Source, source_of

__all__ = [
    "Reason",
    "Stage",
    "community_reason",
    "dosing_reason",
    "group_reason",
    "integration_reason",
    "practice_reason",
    "preparation_reason",
]

Reason = tuple[str, list[Source]]
Stage = Literal["insights", "steps", "practice", "all"]

_NEAR = Cited("The last meeting stands as near to the dosing day as can be, so that questions are answered in time.")
_TRUST = Cited("Trust and a plan for the day come first.")
_MORE_PREPARATION = Cited(
    "Across trials of psilocybin or LSD, more hours of preparation went with more change; that is no proof that they "
    "caused it.",
    ("florineth2026",),
)

_STAGES: Mapping[Stage, Cited] = {
    "insights": Cited("First task: work through what came up, before it fades; that it fades within weeks is assumed."),
    "steps": Cited(
        "Second task: turn insights into concrete steps. Of people asked in a survey, 63 % wanted integration to "
        "be about applying insights in daily life.",
        ("integrationsurvey2025",),
    ),
    "practice": Cited(
        "Third task: strengthen the new pattern. A new daily habit took 66 days in the median, from 18 to 254.",
        ("lally2010",),
    ),
    "all": Cited(
        "One meeting for all three tasks: work through what came up, turn it into steps, strengthen the new pattern."
    ),
}

_RIVALS = (
    "That work in it lasts longer is one of several rival explanations, not a finding: drug and therapy may simply "
    "add, the drug may do it alone, or hope may."
)
_CLOSED = Cited(
    "By this model the window is closed on this day and learning has its usual pace. Across trials, hours of "
    "integration did not clearly go with the outcome.",
    ("florineth2026",),
)


def _reason(*parts: Cited) -> Reason:
    keys = dict.fromkeys(key for part in parts for key in part.sources)
    return " ".join(part.text for part in parts if part.text), [source_of(key) for key in keys]


def preparation_reason(medicine: str, *, last: bool) -> Reason:
    """Say why people are prepared, and why the last time is the day before."""
    prepared = MEDICINES[medicine].words.prepared
    return _reason(_NEAR if last else _TRUST, prepared, _MORE_PREPARATION)


def dosing_reason(medicine: str) -> Reason:
    """Say what a dosing day was like in trials."""
    return _reason(MEDICINES[medicine].words.supported)


def _window(medicine: str, in_window: bool) -> Cited:
    if not in_window:
        return _CLOSED
    words = MEDICINES[medicine].words
    measured = f"it was measured in mice, for {words.reopened_for}, and " if words.reopened_for else ""
    text = (
        f"The window is open on this day in the median virtual person; {measured}nobody has measured it in people. "
        f"{_RIVALS}"
    )
    return Cited(text, (*words.reopened.sources, "price2022-asat", "grabski2022-kare"))


def integration_reason(medicine: str, stage: Stage, *, first: bool, in_window: bool) -> Reason:
    """Say why integration stands on its day.

    Parameters
    ----------
    medicine : str
    stage : str
        The task at its centre.
    first : bool
        Whether it is the first after its dosing.
    in_window : bool
    """
    shape = (MEDICINES[medicine].words.next_day,) if first else ()
    return _reason(_STAGES[stage], *shape, _window(medicine, in_window))


def practice_reason() -> Reason:
    """Say why practice is asked."""
    homework = Cited(
        "The same therapy did better with homework than without, over 46 studies.",
        ("kazantzis2010",),
    )
    habit = Cited(
        "A new daily habit took 66 days in the median, from 18 to 254, and one missed day did not matter.",
        ("lally2010",),
    )
    return _reason(homework, habit, Cited("Two days after the dosing are left to rest; that is assumed."))


def group_reason(medicine: str, *, in_window: bool) -> Reason:
    """Say why an integration group meets on its day."""
    groups = Cited(
        "Small open trials of psilocybin held integration in groups of three to six, within one to three weeks of "
        "the dose; none compared them with meeting alone.",
        ("agrawal2023-group-cancer", "anderson2020-group-aids", "lewis2023-hope-group"),
    )
    return _reason(groups, _window(medicine, in_window))


def community_reason() -> Reason:
    """Say why people go on meeting."""
    return _reason(
        Cited(
            "At retreats, felt community went with wellbeing four weeks later, and in depression poor support goes "
            "with a worse course. No trial tested whether such a group keeps gains; meeting every 14 days is assumed.",
            ("kettner2021", "wang2018-support"),
        )
    )
