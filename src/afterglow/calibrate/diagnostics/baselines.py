"""Plain baselines: what the other trials of the package found on average, with its spread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from afterglow.calibrate.diagnostics.comparisons import Comparison, comparisons_of
from afterglow.calibrate.targets import Trial, calibration_trials
from afterglow.scales.instruments import scale as find_scale
from afterglow.scales.links import family_of

__all__ = ["Baselines", "Entry", "baselines_of", "plain_baselines"]

Guess = tuple[float, float]
"""Mean and SD."""

_UNKNOWN: dict[str, Guess] = {"means": (-0.15, 0.15), "differences": (0.0, 0.5), "shares": (0.4, 0.25)}
"""Where no other trial says anything, and the spread where fewer than three numbers do; assumed. Changes are shares of
a scale's range, differences are in SDs between people."""

_LEAST_SPREAD = {"means": 0.05, "differences": 0.1, "shares": 0.05}


@dataclass(frozen=True)
class Entry:
    """The numbers of one arm, or of two, of one trial.

    Parameters
    ----------
    study, condition, medicine : str
    what : str
        The kind of control of a difference, the kind of a share; empty for changes.
    values : tuple of float
        Changes as shares of the scale's range, differences in SDs between people, shares.
    """

    study: str
    condition: str
    medicine: str
    what: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Baselines:
    """What a set of trials found.

    Parameters
    ----------
    arms, differences, shares : tuple of Entry
        Changes of an arm, differences of two arms (the studied less the control; of shares as well, in SDs), and shares
        of an arm, relapse among them.
    """

    arms: tuple[Entry, ...]
    differences: tuple[Entry, ...] = ()
    shares: tuple[Entry, ...] = ()

    def without(self, study: str) -> Baselines:
        """Return the baselines of the other trials."""
        kept = (tuple(e for e in part if e.study != study) for part in (self.arms, self.differences, self.shares))
        return Baselines(*kept)

    def medicine(self, condition: str, medicine: str) -> Guess:
        """Return mean and SD of the changes of a medicine's arms in a condition, else in its family, else overall."""
        own = [e for e in self.arms if e.medicine == medicine]
        return _middle("means", *_by_condition(own, condition), *_by_condition(self.arms, condition))

    def condition(self, condition: str) -> Guess:
        """Return mean and SD of the changes of all arms in a condition, else in its family, else overall."""
        return _middle("means", *_by_condition(self.arms, condition))

    def difference(self, medicine: str, control: str) -> Guess:
        """Return mean and SD of a medicine's differences against a kind of control, else against any, else of all.

        Between two studied arms, or two controls, no difference is guessed.
        """
        if not control:
            return _UNKNOWN["differences"]
        own = [e for e in self.differences if e.medicine == medicine]
        return _middle("differences", [e for e in own if e.what == control], own, self.differences)

    def share(self, medicine: str, kind: str) -> Guess:
        """Return mean and SD of the shares of a kind in a medicine's arms, else in all arms."""
        same = [e for e in self.shares if e.what == kind]
        return _middle("shares", [e for e in same if e.medicine == medicine], same)

    def of(self, comparison: Comparison, condition: str) -> dict[str, Guess]:
        """Return what the baselines say of a published number, by baseline: mean, and SD with the sampling error.

        An arm's mean has two baselines, "medicine" and "condition"; every other number has "medicine" alone.
        """
        c = comparison
        if c.group == "means":
            found = find_scale(c.scale)
            span = found.high - found.low
            by = {"medicine": self.medicine(condition, c.medicine), "condition": self.condition(condition)}
            return {name: (c.origin + m * span, float(np.hypot(s * span, c.se))) for name, (m, s) in by.items()}
        if c.versus:
            mean, sd = self.difference(c.medicine, c.control)
            return {"medicine": (c.sign * mean * c.unit, float(np.hypot(sd * c.unit, c.se)))}
        mean, sd = self.share(c.medicine, c.kind)
        return {"medicine": (mean, float(np.hypot(sd, c.se)))}


def _by_condition(entries: Sequence[Entry], condition: str) -> tuple[Sequence[Entry], ...]:
    same = [e for e in entries if e.condition == condition]
    kin = [e for e in entries if family_of(e.condition) == family_of(condition)]
    return same, kin, entries


def _middle(group: str, *choices: Sequence[Entry]) -> Guess:
    """Return the mean over arms of their means, and the SD of all numbers, of the first choice that holds any."""
    chosen = next((entries for entries in choices if entries), None)
    if chosen is None:
        return _UNKNOWN[group]
    every = np.concatenate([np.array(e.values) for e in chosen])
    spread = float(every.std()) if len(every) > 2 else _UNKNOWN[group][1]
    return float(np.mean([np.mean(e.values) for e in chosen])), max(spread, _LEAST_SPREAD[group])


def baselines_of(trials: Sequence[Trial]) -> Baselines:
    """Compute the plain baselines of some trials."""
    arms: list[Entry] = []
    differences: list[Entry] = []
    shares: list[Entry] = []
    for trial in trials:
        every = comparisons_of(trial)
        changes = [c for c in every if c.is_change]
        arms += _entries(trial, changes, lambda c: "", lambda c: (c.published - c.start) / _span(c))
        gaps = [c for c in every if c.control]
        differences += _entries(trial, gaps, lambda c: c.control, lambda c: c.sign * c.published / c.unit)
        counted = [c for c in every if c.group in ("shares", "relapse") and not c.versus]
        shares += _entries(trial, counted, lambda c: c.kind, lambda c: c.published)
    return Baselines(tuple(arms), tuple(differences), tuple(shares))


def _entries(
    trial: Trial,
    comparisons: Sequence[Comparison],
    what: Callable[[Comparison], str],
    value: Callable[[Comparison], float],
) -> list[Entry]:
    found: dict[tuple[str, str, str, str], list[float]] = {}
    for c in comparisons:
        found.setdefault((c.medicine, what(c), c.arm, c.versus), []).append(value(c))
    condition = trial.protocol.population.condition
    return [Entry(trial.name, condition, key[0], key[1], tuple(values)) for key, values in found.items()]


def _span(c: Comparison) -> float:
    found = find_scale(c.scale)
    return found.high - found.low


@cache
def plain_baselines() -> Baselines:
    """Return the baselines of the calibration evidence."""
    return baselines_of(calibration_trials())
