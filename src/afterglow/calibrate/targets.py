"""What a trial reported, as numbers that the model can be asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.calibrate.controls import control_kinds, main_medicine
from afterglow.errors import AfterglowError
from afterglow.evidence.findings.finding import OF_TWO, SHARED, Finding
from afterglow.evidence.findings.of_study import findings_of
from afterglow.evidence.findings.selection import usable_studies
from afterglow.evidence.studies.as_protocol import protocol_from_study
from afterglow.evidence.studies.library import study, study_names
from afterglow.evidence.studies.study import Study
from afterglow.medicines import MEDICINES
from afterglow.observation.dropout import share_seen
from afterglow.outcomes.relapse import relapse_definition
from afterglow.protocol import Protocol
from afterglow.results.mixture import SHARE_PER_SD
from afterglow.scales.instruments import scale as find_scale
from afterglow.scales.links import family_of
from afterglow.scales.scale import Scale

__all__ = [
    "MEANS",
    "Target",
    "Trial",
    "calibration_trials",
    "main_medicine",
    "placed",
    "trial_of",
    "why_not_asked",
]

MEANS = ("mean", "change")
_SHARES = ("response", "remission", "no_longer_meets_diagnosis")
_CONTRASTS = ("difference", "effect_size", *OF_TWO)
_COUNTED = ("share", "sustained", "relapse", *OF_TWO)
_LASTING = {"sustained_response": 21.0, "relapse": 1.0}
"""Shares of people who keep, or of responders who lose, a response: days from the last dose to the first visit that
counts. Three weeks as in goodwin2022-comp001; the day after as in wilkinson2017-cbt and feder2021-ptsd."""
_VISIT_EVERY_DAYS = 28.0
"""Days between visits at which a response is lost or kept; assumed where a trial rates seldom."""
_AVERAGED_EVERY_DAYS = 7.0
"""Days between those that stand for an average over days; twelve at most."""
_LATEST_RELAPSE = 1826.0
"""Day after which relapse is not asked of the model: five years."""
_ASSUMED_PEOPLE = 20.0
_ASSUMED_PEOPLE_OF_A_POOL = 100.0
"""People that a number counts as where the study tells neither its error nor how many, weak numbers."""
_LOG_ODDS_PER_SD = 1.81
"""Logarithm of an odds ratio by which two arms differ that lie one SD apart, for a logistic spread."""
_TYPICAL_SD = 0.16
"""SD of a change as a share of the scale's range, where a study gives none: the middle of those that do."""
_TYPICAL_PEOPLE = 8.0
"""People whose worth the typical SD has beside a published one; an SD of seven people may be off by half; assumed."""
_SETTLED_DAYS = 0.5
_LOG_SD = 0.15
"""Departure of a log SD from study to study, assumed."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """One published number.

    Parameters
    ----------
    finding : Finding
    kind : str
        mean, change, share, sustained, relapse, difference, effect_size, share_difference, log_odds_ratio,
        log_risk_ratio or log_sd.
    arm, versus : int
        Places of the arms in the trial's protocol; -1 is none.
    value : float
        Change from baseline in points where the baseline is known, else the mean; a share; a difference; a log ratio;
        a log SD.
    se : float
        Sampling error of the value.
    unit : float
        Change of the value when scores shift by one SD between people.
    baseline : Finding or None
        The arm's first score on the scale.
    visits : tuple of float
        Days on which a lasting response is looked at, or that a number is an average over; the last that of the
        finding.
    seen : float
        Share of the people counted who are still seen; the others count as not having responded.
    small_trial : float
        Standard error of the study's own comparison, in SDs between people, where the number is of an arm that is
        studied or of a contrast; 0 for a control arm, and for a study that pools others.
    """

    finding: Finding
    kind: str
    arm: int
    versus: int
    value: float
    se: float
    unit: float
    baseline: Finding | None = None
    visits: tuple[float, ...] = ()
    seen: float = 1.0
    small_trial: float = 0.0

    @property
    def counts(self) -> str:
        """What a share counts, such as response."""
        return self.finding.counts or self.finding.kind

    @property
    def measure(self) -> tuple[str, str]:
        """What is measured: the scale, and what a share counts on it; empty for its points."""
        return self.finding.scale, self.counts if self.kind in _COUNTED else ""

    @property
    def scale(self) -> Scale:
        """The scale of the number."""
        return find_scale(self.finding.scale)


@dataclass(frozen=True)
class Trial:
    """A study that can be simulated and the numbers it reported.

    Parameters
    ----------
    name : str
    protocol : Protocol
    targets : tuple of Target
    unused : tuple of (Finding, str)
        Findings that are not compared, and why.
    """

    name: str
    protocol: Protocol
    targets: tuple[Target, ...]
    unused: tuple[tuple[Finding, str], ...] = ()

    @cached_property
    def medicines(self) -> tuple[str, ...]:
        """The active medicine of each arm, or "none"."""
        return tuple(main_medicine(self.protocol, k) for k in range(len(self.protocol.arms)))

    @cached_property
    def controls(self) -> tuple[str, ...]:
        """What kind of control each arm is; empty for one that is studied."""
        return control_kinds(self.protocol)

    def only(self, targets: Sequence[Target]) -> Trial:
        """Return the trial with these targets alone."""
        return replace(self, targets=tuple(targets))


@cache
def calibration_trials(*, verified_only: bool = True) -> tuple[Trial, ...]:
    """Return the trials of the package that the model may be fitted to; pooled and retracted ones are left out."""
    found = []
    for name in usable_studies():
        try:
            trial = trial_of(study(name), verified_only=verified_only)
        except AfterglowError:
            continue
        if trial.targets:
            found.append(trial)
    return tuple(found)


def why_not_asked() -> dict[str, str]:
    """Say of each study of the package why the model is asked for none of its numbers; nothing where it is for one."""
    found = {}
    for name in study_names():
        try:
            trial = trial_of(study(name), to_fit=False)
        except AfterglowError as error:
            found[name] = str(error)
            continue
        reasons = [why for _, why in trial.unused] or [one.reason for one in findings_of(study(name))[1]]
        found[name] = "" if trial.targets else "; ".join(dict.fromkeys(reasons))
    return found


def trial_of(held: Study, *, verified_only: bool = True, to_fit: bool = True) -> Trial:
    """Turn a study into a trial.

    Parameters
    ----------
    held : Study
    verified_only : bool
        Whether numbers that were recalled, not read, are left out.
    to_fit : bool
        Whether to leave out as well what the model is not fitted to: ratings within hours of a dose, scales of
        something else than the condition, and numbers that rest on an assumption.

    Raises
    ------
    ProtocolError
        If no arm of the study can be simulated.
    """
    protocol = protocol_from_study(held)
    places = {
        arm.id: k for k, arm in enumerate(protocol.arms) if all(MEDICINES[d.medicine].is_modelled for d in arm.doses)
    }
    rows = [placed(f, protocol) for f in findings_of(held)[0]]
    family = family_of(protocol.population.condition)
    baselines = {(f.arm, f.scale): f for f in rows if f.baseline and f.kind == "mean"}
    own = [f for f in rows if not f.versus and not f.baseline and (f.verified or not verified_only)]
    told = {(f.arm, f.scale, f.day, _sort(f)) for f in own}
    pooled = held.pooled or (bool(held.overlaps) and not held.follow_up_of)
    sizes = [arm.n or _people_of(held) for arm in protocol.arms]
    kinds = control_kinds(protocol)
    starts_known = bool(protocol.population.recovered_by) or any(f.baseline for f in rows)
    targets: list[Target] = []
    unused: list[tuple[Finding, str]] = []
    for f in rows:
        if f.baseline:
            continue
        reason = _why_not(f, places, verified_only, told, protocol)
        if to_fit and not reason:
            reason = _why_not_fitted(f, family, starts_known)
        if reason:
            unused.append((f, reason))
        else:
            small = 0.0 if pooled else _small_trial(kinds, sizes, places[f.arm], places.get(f.versus, -1))
            targets += _targets(f, protocol, places, baselines.get((f.arm, f.scale)), rows, small, sizes)
    return Trial(held.name, protocol, tuple(_once(targets)), tuple(unused))


def placed(f: Finding, protocol: Protocol) -> Finding:
    """Put relapse that no scale defines on the scale of the population."""
    return f if f.scale or "relapse" not in (f.kind, f.counts) else replace(f, scale=protocol.population.scale)


def _sort(f: Finding) -> str:
    """Return what is told of an arm: points, or a share of some kind."""
    return "points" if f.kind in MEANS else f.counts or f.kind


def _why_not_fitted(f: Finding, family: str, starts_known: bool) -> str:
    if find_scale(f.scale).family != family and find_scale(f.scale).family != "depression":
        return "measures something else than the condition"
    if f.assumed:
        return f.assumed
    if f.kind == "mean" and not starts_known:
        return "no score before treatment is published, and it hangs on that"
    if f.day <= 0:
        return "a second score before the first dose"
    if f.day < _SETTLED_DAYS:
        return "rated within hours of a dose, before the symptom of the model settles"
    return ""


def _why_not(f: Finding, places: Mapping[str, int], verified_only: bool, told: set[Any], protocol: Protocol) -> str:
    if f.arm not in places or (f.versus and f.versus not in places):
        return "its arm cannot be simulated"
    if verified_only and not f.verified:
        return "recalled, not read on a source's page"
    if f.after_crossover:
        return "after a crossover"
    if f.kind not in (*MEANS, *SHARED, *_CONTRASTS):
        return f"{f.kind} is not compared"
    if find_scale(f.scale).family == "disability":
        return "disability is not modelled"
    if f.day <= 0 and f.kind not in MEANS:
        return "before the first dose"
    if f.day > protocol.horizon_days:
        return f"later than {protocol.horizon_days:g} days"
    both = {(name, f.scale, f.day, "points" if not f.counts else f.counts) for name in (f.arm, f.versus)}
    if f.versus and (both <= told if f.from_day is None else _told_all_along(f, told)):
        return "both arms' own values are compared"
    return _why_not_counted(f, protocol)


def _told_all_along(f: Finding, told: set[Any]) -> bool:
    """Say whether both arms of an average over days have own values on several of its days."""
    first = f.from_day or 0.0
    days = [{d for a, s, d, _ in told if (a, s) == (arm, f.scale) and first <= d <= f.day} for arm in (f.arm, f.versus)]
    return len(days[0] & days[1]) > 1


def _why_not_counted(f: Finding, protocol: Protocol) -> str:
    """Say why a share cannot be compared; empty for anything else."""
    counts, scale = f.counts or f.kind, find_scale(f.scale)
    if counts not in SHARED:
        return ""
    if counts in _SHARES and f.threshold in ("sustained", "not_said"):
        return "its definition is not one that a score decides"
    if counts == "remission" and scale.remission is None and not f.threshold:
        return f"remission has no usual score on the {scale.id}"
    if counts == "no_longer_meets_diagnosis" and diagnosis_cut(scale) is None:
        return f"no score on the {scale.id} stands for the diagnosis"
    if counts == "relapse" and f.versus and not protocol.population.recovered_by:
        return "relapse by arm is compared where people are well at the start"
    if counts == "relapse" and f.day > _LATEST_RELAPSE:
        return "later than five years"
    if counts == "relapse" and protocol.population.recovered_by and relapse_definition(scale).score_at_least is None:
        return f"no score on the {scale.id} stands for relapse"
    return ""


def diagnosis_cut(scale: Scale) -> float | None:
    """Return the highest score that no longer points to the diagnosis; in depression it is below that of relapse."""
    if scale.diagnosis_loss is not None:
        return scale.diagnosis_loss.at_most
    level = relapse_definition(scale).score_at_least
    return None if level is None else level - 1.0


def _people_of(held: Study) -> float:
    """Return the people of an arm whose number is not told: an even part of the study's, else a few."""
    if held.pooled:
        return _ASSUMED_PEOPLE_OF_A_POOL
    return held.people.n / len(held.arms) if held.people.n else _ASSUMED_PEOPLE


def _small_trial(kinds: Sequence[str], sizes: Sequence[float], arm: int, versus: int) -> float:
    """Return the standard error of the comparison that a number of a studied arm rests on, in SDs between people."""
    if versus < 0 and kinds[arm]:
        return 0.0
    others = [sizes[versus]] if versus >= 0 else [n for n, kind in zip(sizes, kinds, strict=True) if kind]
    return float(np.sqrt(1 / sizes[arm] + 1 / (max(others) if others else sizes[arm])))


def _targets(
    f: Finding,
    protocol: Protocol,
    places: Mapping[str, int],
    baseline: Finding | None,
    rows: Sequence[Finding],
    small: float,
    sizes: Sequence[float],
) -> list[Target]:
    scale = find_scale(f.scale)
    arm, versus = places[f.arm], places.get(f.versus, -1)
    sd = _steadied(f.sd, f.n, _TYPICAL_SD * (scale.high - scale.low))
    seen = _seen(f, protocol, arm)
    n = float(f.n or sizes[arm])
    common: dict[str, Any] = {"finding": f, "arm": arm, "versus": versus, "small_trial": small}
    if f.kind in SHARED:
        kind = {"sustained_response": "sustained", "relapse": "relapse"}.get(f.kind, "share")
        p = (f.value * n + 0.5) / (n + 1)
        return [
            Target(
                kind=kind,
                value=f.value,
                se=f.se or float(np.sqrt(p * (1 - p) / n)),
                unit=_worse(f.kind) * SHARE_PER_SD,
                visits=_visits(f, protocol, arm, rows) if f.kind in _LASTING else (),
                seen=1.0 if kind == "relapse" else seen,
                **common,
            )
        ]
    if f.kind in _CONTRASTS:
        width = 2 / float(np.sqrt(f.n or 2 * n))
        unit = {"difference": sd, "effect_size": 1.0, "share_difference": _worse(f.counts) * SHARE_PER_SD}
        unit |= {kind: _worse(f.counts) * _LOG_ODDS_PER_SD for kind in ("log_odds_ratio", "log_risk_ratio")}
        visits = _visits(f, protocol, arm, rows) if f.counts in _LASTING else _averaged(f)
        se = f.se or abs(unit[f.kind]) * width
        return [Target(kind=f.kind, value=f.value, se=se, unit=unit[f.kind], visits=visits, **common)]
    change = f.value - baseline.value if f.kind == "mean" and baseline is not None else f.value
    kind = "change" if f.kind == "change" or baseline is not None else "mean"
    se = sd / float(np.sqrt(n * seen)) if f.n else float(f.se or sd / np.sqrt(n))
    found = [Target(kind=kind, value=change, se=se, unit=sd, baseline=baseline, visits=_averaged(f), **common)]
    if f.sd and f.n and f.n > 5 and f.kind == "change":
        spread = float(np.hypot(np.sqrt(0.5 / (n - 1)), _LOG_SD))
        log_sd = {**common, "small_trial": 0.0}
        found.append(Target(kind="log_sd", value=float(np.log(f.sd)), se=spread, unit=0.0, **log_sd))
    return found


def _steadied(sd: float | None, n: int | None, typical: float) -> float:
    """Return a published SD, drawn towards the typical one as far as few people stand behind it."""
    if sd is None or not n or n < 2:
        return sd or typical
    return float(np.sqrt(((n - 1) * sd**2 + _TYPICAL_PEOPLE * typical**2) / (n - 1 + _TYPICAL_PEOPLE)))


def _worse(counts: str) -> float:
    """Return 1 for a share that grows with the score, as relapse does, and -1 for one that falls."""
    return 1.0 if counts == "relapse" else -1.0


def _averaged(f: Finding) -> tuple[float, ...]:
    """Return days that stand for those that a number is an average over; none for a number of one day."""
    if f.from_day is None or f.from_day >= f.day:
        return ()
    pieces = min(int(np.ceil((f.day - f.from_day) / _AVERAGED_EVERY_DAYS)), 11)
    return tuple(float(day) for day in np.linspace(f.from_day, f.day, pieces + 1))


def _seen(f: Finding, protocol: Protocol, arm: int) -> float:
    """Return the share of people still seen: below one only where a number counts all who were allocated."""
    if not f.n or f.n != protocol.arms[arm].n:
        return 1.0
    given = [main_medicine(protocol, k) for k in range(len(protocol.arms))]
    studied = next((m for m in given if m != "none"), "none")
    return share_seen(studied, active=given[arm] != "none", day=f.day)


def _visits(f: Finding, protocol: Protocol, arm: int, rows: Sequence[Finding]) -> tuple[float, ...]:
    """Return the days from the first that counts to the finding's: those rated, with no gap above four weeks."""
    own = protocol.arms[arm]
    given = own.doses or own.sessions  # where no medicine is given, what lasts is what the therapy did
    last = max((event.day for event in given), default=0.0)
    first = last + _LASTING[f.counts or f.kind]
    if f.kind == "relapse":  # of those who had got better when that was rated
        first = min((r.day for r in rows if r.arm == f.arm and r.kind in _SHARES and r.day > last), default=first)
    if protocol.population.recovered_by:
        first = 0.0  # they were well before the course
    first = min(first, f.day - 1.0)
    rated = {r.day for r in rows if r.arm == f.arm and r.scale == f.scale and r.kind in (*MEANS, *_SHARES)}
    days = sorted({first, f.day} | {day for day in rated if first < day < f.day})
    filled = [days[0]]
    for day in days[1:]:
        pieces = int(np.ceil((day - filled[-1]) / _VISIT_EVERY_DAYS))
        filled += [float(d) for d in np.linspace(filled[-1], day, pieces + 1)[1:]]
    return tuple(filled)


def _once(targets: Sequence[Target]) -> list[Target]:
    """Keep the first of two rows that report the same change of the same arm, scale and day."""
    seen: set[Any] = set()
    found = []
    for t in targets:
        kind = t.finding.kind if t.kind == "share" else t.kind
        key = (t.finding.arm, t.finding.versus, t.finding.scale, t.finding.from_day, t.finding.day, kind)
        if key not in seen:
            seen.add(key)
            found.append(t)
    return found


def values_of(targets: Sequence[Target]) -> NDArray[np.float64]:
    """Return the published values."""
    return np.array([t.value for t in targets])
