"""Sentences on one medicine, each with its sources: mice are called mice, and what is assumed is called assumed."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["BrainPhase", "Cited", "Target", "Words"]


@dataclass(frozen=True)
class Cited:
    """A sentence or two, and where they come from.

    Parameters
    ----------
    text : str
        Empty when nothing was found.
    sources : tuple of str
        Keys into ``references.bib``; empty when assumed.
    """

    text: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class BrainPhase:
    """What happens in the brain between two times after a dose.

    Parameters
    ----------
    from_day, to_day : float
        Days after the dose.
    text : str
    sources : tuple of str
        Keys into ``references.bib``.
    """

    from_day: float
    to_day: float
    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a medicine acts in the brain, as a picture shows it.

    Parameters
    ----------
    quantity : str
        The model's quantity that says how much it acts there just now, a fraction.
    label : str
        What that fraction is a share of, in two or three words.
    known : Cited
        What was found, and in whom.
    """

    quantity: str
    label: str
    known: Cited


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the studio tells of one medicine.

    Parameters
    ----------
    target : Target or None
        None for what opens no window.
    brain : tuple of BrainPhase
        In order of time.
    reopened : Cited
        For how long one dose reopened a learning period, and in whom.
    reopened_for : str
        The same length of time in two or three words; empty when nobody measured it.
    prepared, supported : Cited
        How trials prepared people, and what a dosing day was like.
    next_day : Cited
        When trials met after a dosing day.
    """

    target: Target | None = None
    brain: tuple[BrainPhase, ...] = ()
    reopened: Cited = field(default_factory=Cited)
    reopened_for: str = ""
    prepared: Cited = field(default_factory=Cited)
    supported: Cited = field(default_factory=Cited)
    next_day: Cited = field(default_factory=Cited)
