"""One published number that the model can be asked for, and one that it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["KINDS", "OF_TWO", "POINTS", "SHARED", "Finding", "Kind", "Unused"]

Kind = Literal[
    "mean",
    "change",
    "difference",
    "effect_size",
    "share_difference",
    "log_odds_ratio",
    "log_risk_ratio",
    "response",
    "remission",
    "no_longer_meets_diagnosis",
    "sustained_response",
    "relapse",
]

KINDS: Mapping[str, Kind] = {
    "score": "mean",
    "change_from_baseline": "change",
    "response": "response",
    "remission": "remission",
    "no_longer_meets_diagnosis": "no_longer_meets_diagnosis",
    "diagnosis_kept": "no_longer_meets_diagnosis",
    "sustained_response": "sustained_response",
    "relapse": "relapse",
    "response_sustained": "relapse",
}
"""By kind of an arm's row in the evidence format; a response that is kept among responders is no relapse."""

POINTS = ("mean", "change")
"""Kinds in points of a scale."""

OF_TWO = ("share_difference", "log_odds_ratio", "log_risk_ratio")
"""Kinds that set the shares of two arms beside each other; `Finding.counts` says of what."""

SHARED = ("response", "remission", "no_longer_meets_diagnosis", "sustained_response", "relapse")
"""Kinds that are a share of people."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One published number that the model can be asked for.

    Parameters
    ----------
    study : str
        Name of the study's file without its ending.
    arm : str
        Id of the arm in the study's protocol.
    versus : str
        Id of the other arm of a contrast; empty for an arm's own number.
    scale : str
        Id of the scale; empty for relapse that no scale defines.
    day : float
        Study day; the first dose, or the first session of a therapy, is on day 0.
    kind : str
        mean, change, difference, effect_size, share_difference, log_odds_ratio, log_risk_ratio, response, remission,
        no_longer_meets_diagnosis, sustained_response or relapse.
    value : float
        Points; SDs for an effect size, negative where the arm is lower than the other; a difference of shares or the
        logarithm of a ratio; else a share from 0 to 1.
    sd : float or None
        Spread between people, in points; from the standard error where only that is given.
    se : float or None
        Standard error of `value`.
    n : int or None
        People behind `value`; those of both arms for a contrast.
    events : float or None
        People that a share counts; from the share where only that is given.
    baseline : bool
        Whether this is the arm's score before treatment on this scale.
    verified : bool
        Whether the number was read on a source's page, rather than recalled.
    where : str
        Where it was read.
    after_crossover : bool
        Whether the arm had been given something else by then.
    note : str
        How it was converted, and what the study says about it.
    threshold : str
        How response or remission was defined where that is not usual for the scale, such as ``fall_30_percent``,
        ``at_most_6``, ``sustained`` or ``not_said``.
    from_day : float or None
        First of the days that the value is an average over; `day` is the last.
    counts : str
        What is counted where the shares of two arms are set beside each other.
    among : str
        Whom relapse counts: responders, remitters, or all, so that never having got better counts as well.
    assumed : str
        What had to be assumed to make the number; one that rests on it is foretold, and not fitted.
    """

    study: str
    arm: str
    versus: str = ""
    scale: str
    day: float
    kind: Kind
    value: float
    sd: float | None = None
    se: float | None = None
    n: int | None = None
    events: float | None = None
    baseline: bool = False
    verified: bool = False
    where: str = ""
    after_crossover: bool = False
    note: str = ""
    threshold: str = ""
    from_day: float | None = None
    counts: str = ""
    among: str = ""
    assumed: str = ""

    @property
    def in_words(self) -> str:
        """The number as it is used, such as ``change -12 (SD 12.02, n 79)``."""
        name = self.kind.replace("_", " ")
        if self.kind in SHARED:
            of = f" of {self.n}" if self.n else ""
            facts = [self.threshold.replace("_", " "), "after a crossover" * self.after_crossover]
            value = f"{name} {self.value:.1%}{of}"
        else:
            sizes = (("SD", self.sd), ("SE", None if self.sd else self.se), ("n", self.n))
            told = [f"{what} {number:.4g}" for what, number in sizes if number is not None]
            told += [] if self.from_day is None else [f"average from day {self.from_day:g}"]
            told += [] if not self.counts else [f"of {self.counts.replace('_', ' ')}"]
            facts = [*told, "baseline" * self.baseline, "after a crossover" * self.after_crossover]
            value = f"{name} {self.value:.4g}"
        inside = ", ".join(fact for fact in facts if fact)
        return f"{value} ({inside})" if inside else value


@dataclass(frozen=True, kw_only=True)
class Unused:
    """A published row, or a whole study, that cannot be used.

    Parameters
    ----------
    study : str
    arm : str
        Empty for a contrast of no arm here and for a whole study.
    what : str
        What was observed, in words.
    reason : str
    """

    study: str
    arm: str
    what: str
    reason: str
