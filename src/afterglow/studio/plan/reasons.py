"""Why a meeting stands where it stands, in plain words with sources.

Facts are those of published trials; what is assumed is called assumed, and the window is called one explanation.
"""

from __future__ import annotations

from typing import Literal

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

_PREPARED = {
    "psilocybin": (
        "A trial of one psilocybin dose held at least three preparation meetings before it.",
        ("goodwin2022-comp001",),
    ),
    "mdma": (
        "Three preparation meetings of 90 minutes stood before the first dosing day of a phase 3 trial.",
        ("mitchell2021-mapp1",),
    ),
    "ketamine": ("Trials of infusions seldom say how people were prepared; the number of meetings is assumed.", ()),
    "esketamine": ("Trials of the spray seldom say how people were prepared; the number of meetings is assumed.", ()),
}
_MORE_PREPARATION = (
    "Across trials of psilocybin or LSD, more hours of preparation went with more change; that is no proof that they "
    "caused it."
)

_SUPPORTED = {
    "psilocybin": ("Support lasted six to eight hours on the dosing day of a trial.", ("goodwin2022-comp001",)),
    "mdma": (
        (
            "Dosing days of a phase 3 trial lasted eight hours, with half the dose again after one and a half to "
            "two and a half hours."
        ),
        ("mitchell2021-mapp1",),
    ),
    "ketamine": (
        (
            "An infusion over 40 minutes, as in a trial of two and three infusions a week; the hours until going home "
            "are assumed."
        ),
        ("singh2016-frequency",),
    ),
    "esketamine": ("People are observed for at least two hours after the spray.", ("blackboxrx-spravato",)),
}

_NEXT_DAY = {
    "psilocybin": (
        "A trial met on the next day and again a week later.",
        ("goodwin2022-comp001",),
    ),
    "mdma": (
        "A phase 3 trial met three times after each dosing day, first on the next morning and then weekly.",
        ("mitchell2021-mapp1",),
    ),
    "ketamine": (
        (
            "Training that began the day after one infusion kept the gain for a month, where sham training did not; "
            "from the fourth month on no difference was left."
        ),
        ("price2022-asat",),
    ),
}
_NEXT_DAY["esketamine"] = (
    f"After ketamine, its parent medicine: {_NEXT_DAY['ketamine'][0][0].lower()}{_NEXT_DAY['ketamine'][0][1:]}",
    _NEXT_DAY["ketamine"][1],
)

_STAGES: dict[Stage, tuple[str, tuple[str, ...]]] = {
    "insights": ("First task: work through what came up, before it fades; that it fades within weeks is assumed.", ()),
    "steps": (
        (
            "Second task: turn insights into concrete steps. Of people asked in a survey, 63 % wanted integration to "
            "be about applying insights in daily life."
        ),
        ("integrationsurvey2025",),
    ),
    "practice": (
        "Third task: strengthen the new pattern. A new daily habit took 66 days in the median, from 18 to 254.",
        ("lally2010",),
    ),
    "all": (
        "One meeting for all three tasks: work through what came up, turn it into steps, strengthen the new pattern.",
        (),
    ),
}

_MICE = {
    "ketamine": "about two days",
    "esketamine": "about two days after ketamine",
    "psilocybin": "about two weeks",
    "mdma": "about two weeks",
}
_RIVALS = (
    "That work in it lasts longer is one of several rival explanations, not a finding: drug and therapy may simply "
    "add, the drug may do it alone, or hope may."
)
_CLOSED = (
    "By this model the window is closed on this day and learning has its usual pace. Across trials, hours of "
    "integration did not clearly go with the outcome."
)


def _reason(*parts: tuple[str, tuple[str, ...]]) -> Reason:
    keys = dict.fromkeys(key for _, own in parts for key in own)
    return " ".join(text for text, _ in parts), [source_of(key) for key in keys]


def preparation_reason(medicine: str, *, last: bool) -> Reason:
    """Say why people are prepared, and why the last time is the day before."""
    near = ("The last meeting stands as near to the dosing day as can be, so that questions are answered in time.", ())
    more = (_MORE_PREPARATION, ("florineth2026",))
    return _reason(near if last else ("Trust and a plan for the day come first.", ()), _PREPARED[medicine], more)


def dosing_reason(medicine: str) -> Reason:
    """Say what a dosing day was like in trials."""
    return _reason(_SUPPORTED[medicine])


def _window(medicine: str, in_window: bool) -> tuple[str, tuple[str, ...]]:
    if not in_window:
        return _CLOSED, ("florineth2026",)
    text = (
        f"The window is open on this day in the median virtual person; it was measured in mice, for {_MICE[medicine]}, "
        f"and nobody has measured it in people. {_RIVALS}"
    )
    return text, ("nardou2023", "price2022-asat", "grabski2022-kare")


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
    shape = (_NEXT_DAY[medicine],) if first else ()
    return _reason(_STAGES[stage], *shape, _window(medicine, in_window))


def practice_reason() -> Reason:
    """Say why practice is asked."""
    homework = (
        "The same therapy did better with homework than without, over 46 studies.",
        ("kazantzis2010",),
    )
    habit = (
        "A new daily habit took 66 days in the median, from 18 to 254, and one missed day did not matter.",
        ("lally2010",),
    )
    return _reason(homework, habit, ("Two days after the dosing are left to rest; that is assumed.", ()))


def group_reason(medicine: str, *, in_window: bool) -> Reason:
    """Say why an integration group meets on its day."""
    groups = (
        (
            "Small open trials of psilocybin held integration in groups of three to six, within one to three weeks of "
            "the dose; none compared them with meeting alone."
        ),
        ("agrawal2023-group-cancer", "anderson2020-group-aids", "lewis2023-hope-group"),
    )
    return _reason(groups, _window(medicine, in_window))


def community_reason() -> Reason:
    """Say why people go on meeting."""
    text = (
        "At retreats, felt community went with wellbeing four weeks later, and in depression poor support goes with a "
        "worse course. No trial tested whether such a group keeps gains; meeting every 14 days is assumed."
    )
    return _reason((text, ("kettner2021", "wang2018-support")))
