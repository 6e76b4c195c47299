"""What is happening on a day, in plain words: in the brain, in the work of integration, in the patterns.

Each passage says whose finding it is: mice are called mice, and what the model assumes is called assumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel

from afterglow.medicines import MEDICINES
from afterglow.medicines.words import Words
from afterglow.studio.designs.design import ArmDesign, PlannedSession

__all__ = ["Passage", "story_of"]

Topic = Literal["brain", "work", "pattern", "caution"]
Window = tuple[float, float | None, float | None]


class Passage(BaseModel):
    """A sentence or two that hold from one day to another; sources are named by their keys."""

    from_day: float
    to_day: float
    topic: Topic
    text: str
    sources: list[str]


_TASKS = {
    "insights": "work through what came up, before it fades",
    "steps": "turn it into concrete steps",
    "practice": "strengthen the new pattern by practice",
}

_SESSIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "preparation": (
        (
            "Preparation: trust and a plan for the day. With psilocybin, better alliance before the dose went with "
            "fewer symptoms a month later, and more preparation hours went with more change across trials."
        ),
        ("levin2024", "florineth2026"),
    ),
    "psychotherapy": (
        (
            "Psychotherapy: the bond with the therapist goes with the outcome in all forms of it; two sessions a week "
            "helped more than one in a randomised trial."
        ),
        ("fluckiger2018", "bruijniks2020-frequency"),
    ),
    "training": (
        (
            "Training: short exercises of a new pattern. After one ketamine infusion, four days of them kept the gain "
            "longer than sham exercises did."
        ),
        ("price2022-asat",),
    ),
    "education": ("Education: information and care, without the three tasks of integration.", ()),
}


def story_of(arm: ArmDesign, windows: Sequence[Window], last_day: float) -> list[Passage]:
    """Tell an arm's story, in order of time.

    Parameters
    ----------
    arm : ArmDesign
    windows : sequence of (float, float or None, float or None)
        Dosing day, and the days on which the window is half open and half closed.
    last_day : float
        Last day of the simulation.
    """
    found = [*_brain(arm, last_day), *_windows(arm, windows, last_day), *_work(arm, windows, last_day)]
    found += _patterns(arm, windows, last_day)
    return sorted((p for p in found if p.to_day > p.from_day), key=lambda p: (p.from_day, p.topic))


def _passage(start: float, end: float, topic: Topic, text: str, keys: Sequence[str]) -> Passage:
    return Passage(from_day=start, to_day=end, topic=topic, text=text, sources=list(keys))


def _words(arm: ArmDesign) -> Words:
    return Words() if arm.medicine == "none" else MEDICINES[arm.medicine].words


def _brain(arm: ArmDesign, last_day: float) -> list[Passage]:
    days = arm.dosed_on
    found = []
    if days and days[0] >= 0:
        found.append(_passage(-180, 0, "brain", "No medicine has been given yet: change is slow.", ()))
    for k, day in enumerate(days):
        until = days[k + 1] if k + 1 < len(days) else last_day
        for phase in _words(arm).brain:
            end = min(day + phase.to_day, until)
            found.append(_passage(day + phase.from_day, end, "brain", phase.text, phase.sources))
    return found


def _windows(arm: ArmDesign, windows: Sequence[Window], last_day: float) -> list[Passage]:
    found = []
    reopened = _words(arm).reopened
    starts = [w[0] for w in windows]
    for k, (dose_day, opens, closes) in enumerate(windows):
        until = starts[k + 1] if k + 1 < len(windows) else last_day
        if opens is None:
            said = "In fewer than half of the people does this dose open a window, by this model."
            found.append(_passage(dose_day, min(dose_day + 7, until), "brain", said, ()))
            continue
        end = min(closes if closes is not None else last_day, last_day)
        if end > opens and reopened.text:
            said = (
                f"The window is open: the brain learns faster. {reopened.text} "
                "How long it lasts in people is not known."
            )
            found.append(_passage(opens, min(end, until), "brain", said, reopened.sources))
        if closes is not None and closes < until:
            said = "The window has closed. New synapses that were not used fade; learning is back to its usual pace."
            found.append(_passage(closes, until, "brain", said, ("modasava2019",)))
    return found


def _inside(day: float, windows: Sequence[Window]) -> bool:
    return any(o is not None and o <= day and (c is None or day <= c) for _, o, c in windows)


def _work(arm: ArmDesign, windows: Sequence[Window], last_day: float) -> list[Passage]:
    found = []
    for session in arm.sessions:
        text, keys = _session(session, windows)
        found.append(_passage(session.day, session.day + 1, "work", text, keys))
    for practice in arm.practice:
        text = (
            f"Practice, {practice.hours_per_week:g} hours a week: homework done goes with better results, and "
            "a new habit takes about two months, from 18 to 254 days."
        )
        keys = ("kazantzis2010", "lally2010")
        found.append(_passage(practice.from_day, min(practice.to_day, last_day), "work", text, keys))
    done = max([s.day for s in arm.sessions] + [p.to_day for p in arm.practice], default=None)
    if arm.community and arm.group_size > 1 and done is not None:
        text = "The group goes on meeting. Felt community went with wellbeing, and lack of support with worse outcomes."
        found.append(_passage(done, last_day, "work", text, ("kettner2021", "wang2018-support")))
    after = [s for s in arm.sessions if s.kind in ("integration", "psychotherapy", "training")]
    if not after and not arm.practice and arm.dosed_on:
        text = "No integration is planned. Insight fades within weeks when nobody works with it; the model assumes so."
        found.append(_passage(arm.dosed_on[0], last_day, "work", text, ("majic2015",)))
    return found


def _session(session: PlannedSession, windows: Sequence[Window]) -> tuple[str, tuple[str, ...]]:
    if session.kind != "integration":
        return _SESSIONS[session.kind]
    tasks = [_TASKS[t] for t in session.tasks]
    listed = tasks[0] if len(tasks) == 1 else ", ".join(tasks[:-1]) + " and " + tasks[-1]
    where = "The window is open today." if _inside(session.day, windows) else "The window is not open today."
    text = (
        f"Integration, {session.hours:g} h: {listed}. {where} Across trials, hours of integration did not clearly go "
        "with the outcome; a trial of training after ketamine points the other way."
    )
    return text, ("florineth2026", "hultgren2025", "price2022-asat")


def _patterns(arm: ArmDesign, windows: Sequence[Window], last_day: float) -> list[Passage]:
    found = []
    ends = [c for _, o, c in windows if o is not None and c is not None]
    starts = [o for _, o, _ in windows if o is not None]
    works = bool(arm.practice) or any(s.kind in ("integration", "psychotherapy", "training") for s in arm.sessions)
    if starts and ends:
        text = (
            "Old and new pattern compete. What is practised now counts for more, if the window story holds; rival "
            "explanations say that drug and therapy merely add, or that hope does the work."
        )
        found.append(_passage(min(starts), max(ends), "pattern", text, ("price2022-asat", "grabski2022-kare")))
        text = (
            "The new pattern stands on practice and support; the old one presses back slowly."
            if works
            else "Nothing holds the new pattern: the old one comes back. After ketamine alone that takes days to weeks."
        )
        keys = ("lally2010",) if works else ("zarate2006-trd", "daly2019-sustain1")
        found.append(_passage(max(ends), last_day, "pattern", text, keys))
    elif works:
        text = "Without an open window the new pattern grows slowly, as in ordinary therapy, and holds well once grown."
        found.append(_passage(0, last_day, "pattern", text, ("vittengl2007-relapse-after-ct",)))
    return found
