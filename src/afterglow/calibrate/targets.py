"""What a trial reported, as numbers that the model can be asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.errors import AfterglowError
from afterglow.evidence.findings.finding import Finding
from afterglow.evidence.findings.of_study import findings_of
from afterglow.evidence.findings.selection import usable_studies
from afterglow.evidence.studies.as_protocol import protocol_from_study
from afterglow.evidence.studies.library import study
from afterglow.evidence.studies.study import Study
from afterglow.medicines import MEDICINES, WINDOW_MEDICINES
from afterglow.observation.dropout import share_seen
from afterglow.protocol import Protocol
from afterglow.results.mixture import SHARE_PER_SD
from afterglow.scales.instruments import scale as find_scale
from afterglow.scales.links import family_of
from afterglow.scales.scale import Scale

__all__ = ["MEANS", "Target", "Trial", "calibration_trials", "trial_of"]

MEANS = ("mean", "change")
_SHARES = ("response", "remission", "no_longer_meets_diagnosis")
_CONTRASTS = ("difference", "effect_size")
_LASTING = {"sustained_response": 21.0, "relapse": 1.0}
"""Shares of people who keep, or of responders who lose, a response: days from the last dose to the first visit that
counts. Three weeks as in goodwin2022-comp001; the day after as in wilkinson2017-cbt and feder2021-ptsd."""
_VISIT_EVERY_DAYS = 28.0
"""Days between visits at which a response is lost or kept; assumed where a trial rates seldom."""
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
        mean, change, share, sustained, relapse, difference, effect_size or log_sd.
    arm, versus : int
        Places of the arms in the trial's protocol; -1 is none.
    value : float
        Change from baseline in points where the baseline is known, else the mean; a share; a difference; a log SD.
    se : float
        Sampling error of the value.
    unit : float
        Change of the value when scores shift by one SD between people.
    baseline : Finding or None
        The arm's first score on the scale.
    visits : tuple of float
        Days on which a lasting response is looked at, the last that of the finding.
    seen : float
        Share of the people counted who are still seen; the others count as not having responded.
    small_trial : float
        Standard error, in SDs between people, of the study's own comparison for the arm that is studied; 0 for others.
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

    def only(self, targets: Sequence[Target]) -> Trial:
        """Return the trial with these targets alone."""
        return replace(self, targets=tuple(targets))


def main_medicine(protocol: Protocol, arm: int) -> str:
    """Return the medicine that an arm gives, "none" where it gives none or an inactive comparator only."""
    given = [d.medicine for d in protocol.arms[arm].doses]
    active = [m for m in given if m in WINDOW_MEDICINES]
    return active[0] if active else "none"


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


def trial_of(held: Study, *, verified_only: bool = True, to_fit: bool = True) -> Trial:
    """Turn a study into a trial.

    Parameters
    ----------
    held : Study
    verified_only : bool
        Whether numbers that were recalled, not read, are left out.
    to_fit : bool
        Whether to leave out as well what the model is not fitted to: ratings within hours of a dose, and scales of
        something else than the condition.

    Raises
    ------
    ProtocolError
        If no arm of the study can be simulated.
    """
    protocol = protocol_from_study(held)
    places = {
        arm.id: k for k, arm in enumerate(protocol.arms) if all(MEDICINES[d.medicine].is_modelled for d in arm.doses)
    }
    rows, _ = findings_of(held)
    family = family_of(protocol.population.condition)
    baselines = {(f.arm, f.scale): f for f in rows if f.baseline and f.kind == "mean"}
    told = {(f.arm, f.scale, f.day) for f in rows if f.kind in MEANS and not f.baseline}
    targets: list[Target] = []
    unused: list[tuple[Finding, str]] = []
    for f in rows:
        if f.baseline:
            continue
        reason = _why_not(f, places, verified_only, told) or (_why_not_fitted(f, family) if to_fit else "")
        if reason:
            unused.append((f, reason))
        else:
            targets += _targets(f, protocol, places, baselines.get((f.arm, f.scale)), rows)
    sized = [replace(t, small_trial=_small_trial(protocol, t)) for t in _once(targets)]
    return Trial(held.name, protocol, tuple(sized), tuple(unused))


def _small_trial(protocol: Protocol, t: Target) -> float:
    n = [arm.n or 40 for arm in protocol.arms]

    def studied(k):
        arm = protocol.arms[k]
        return main_medicine(protocol, k) != "none" or (
            not any(main_medicine(protocol, j) != "none" for j in range(len(n)))
            and any(s.kind == "psychotherapy" and s.approach != "supportive" for s in arm.sessions)
        )

    low = {"psilocybin": 3, "mdma": 40, "ketamine": 10}

    def isctl(k):
        m = main_medicine(protocol, k)
        if not studied(k):
            return True
        return (
            m in low
            and max(d.dose_mg or (d.dose_mg_per_kg or 0) * 70 for d in protocol.arms[k].doses if d.medicine == m)
            <= low[m]
        )

    if t.kind == "log_sd" or isctl(t.arm) or protocol.title.startswith("Pool"):
        return 0.0
    if t.versus >= 0:
        return float(np.sqrt(1 / n[t.arm] + 1 / n[t.versus])) if isctl(t.versus) else 0.0
    controls = [n[k] for k in range(len(n)) if isctl(k)]
    return float(np.sqrt(1 / n[t.arm] + 1 / max(controls)) if controls else np.sqrt(2 / n[t.arm]))


def _why_not_fitted(f: Finding, family: str) -> str:
    if find_scale(f.scale).family != family and find_scale(f.scale).family != "depression":
        return "measures something else than the condition"
    if f.day < _SETTLED_DAYS:
        return "rated within hours of a dose, before the symptom of the model settles"
    return ""


def _why_not(f: Finding, places: Mapping[str, int], verified_only: bool, told: set[Any]) -> str:
    if f.arm not in places or (f.versus and f.versus not in places):
        return "its arm cannot be simulated"
    if verified_only and not f.verified:
        return "recalled, not read on a source's page"
    if f.after_crossover:
        return "after a crossover"
    if f.kind not in (*MEANS, *_SHARES, *_LASTING, *_CONTRASTS):
        return f"{f.kind} is not compared"
    if not f.scale:
        return "no scale"
    if find_scale(f.scale).family == "disability":
        return "disability is not modelled"
    if f.day <= 0:
        return "before the first dose"
    if f.kind in _CONTRASTS and {(f.arm, f.scale, f.day), (f.versus, f.scale, f.day)} <= told:
        return "both arms' own values are compared"
    if f.kind in _SHARES and f.threshold not in ("", "fall_10"):
        return "its definition is not the scale's usual one"
    if f.se is None and not f.n:
        return "neither a standard error nor a number of people"
    return ""


def _targets(
    f: Finding, protocol: Protocol, places: Mapping[str, int], baseline: Finding | None, rows: Sequence[Finding]
) -> list[Target]:
    scale = find_scale(f.scale)
    arm, versus = places[f.arm], places.get(f.versus, -1)
    sd = _steadied(f.sd, f.n, _TYPICAL_SD * (scale.high - scale.low))
    seen = _seen(f, protocol, arm)
    n = float(f.n or 20)
    if f.kind in _SHARES or f.kind in _LASTING:
        kind = {"sustained_response": "sustained", "relapse": "relapse"}.get(f.kind, "share")
        p = (f.value * n + 0.5) / (n + 1)
        return [
            Target(
                finding=f,
                kind=kind,
                arm=arm,
                versus=-1,
                value=f.value,
                se=float(np.sqrt(p * (1 - p) / n)),
                unit=SHARE_PER_SD if kind == "relapse" else -SHARE_PER_SD,  # a higher score, fewer responders
                visits=_visits(f, protocol, arm, rows) if f.kind in _LASTING else (),
                seen=1.0 if kind == "relapse" else seen,
            )
        ]
    if f.kind == "effect_size":
        se = f.se or float(np.sqrt(4 / n))
        return [Target(finding=f, kind="effect_size", arm=arm, versus=versus, value=f.value, se=se, unit=1.0)]
    if f.kind == "difference":
        se = f.se or sd * float(np.sqrt(4 / n))
        return [Target(finding=f, kind="difference", arm=arm, versus=versus, value=f.value, se=se, unit=sd)]
    change = f.value - baseline.value if f.kind == "mean" and baseline is not None else f.value
    kind = "change" if f.kind == "change" or baseline is not None else "mean"
    se = sd / float(np.sqrt(n * seen)) if f.n else float(f.se or sd / np.sqrt(20))
    found = [Target(finding=f, kind=kind, arm=arm, versus=-1, value=change, se=se, unit=sd, baseline=baseline)]
    if f.sd and f.n and f.n > 5 and f.kind == "change":
        spread = float(np.hypot(np.sqrt(0.5 / (n - 1)), _LOG_SD))
        found.append(
            Target(finding=f, kind="log_sd", arm=arm, versus=-1, value=float(np.log(f.sd)), se=spread, unit=0.0)
        )
    return found


def _steadied(sd: float | None, n: int | None, typical: float) -> float:
    """Return a published SD, drawn towards the typical one as far as few people stand behind it."""
    if sd is None or not n or n < 2:
        return sd or typical
    return float(np.sqrt(((n - 1) * sd**2 + _TYPICAL_PEOPLE * typical**2) / (n - 1 + _TYPICAL_PEOPLE)))


def _seen(f: Finding, protocol: Protocol, arm: int) -> float:
    """Return the share of people still seen: below one only where a number counts all who were allocated."""
    if not f.n or f.n != protocol.arms[arm].n:
        return 1.0
    given = [main_medicine(protocol, k) for k in range(len(protocol.arms))]
    studied = next((m for m in given if m != "none"), "none")
    return share_seen(studied, active=given[arm] != "none", day=f.day)


def _visits(f: Finding, protocol: Protocol, arm: int, rows: Sequence[Finding]) -> tuple[float, ...]:
    """Return the days from the first that counts to the finding's: those rated, with no gap above four weeks."""
    last_dose = max((d.day for d in protocol.arms[arm].doses), default=0.0)
    first = min(last_dose + _LASTING[f.kind], f.day - 1.0)
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
        key = (t.finding.arm, t.finding.versus, t.finding.scale, t.finding.day, kind)
        if key not in seen:
            seen.add(key)
            found.append(t)
    return found


def values_of(targets: Sequence[Target]) -> NDArray[np.float64]:
    """Return the published values."""
    return np.array([t.value for t in targets])
