"""What the control arms of a trial got, read from its protocol."""

from __future__ import annotations

from afterglow.calibrate.targets import Trial, main_medicine
from afterglow.medicines import MEDICINES, WINDOW_MEDICINES
from afterglow.protocol import Protocol
from afterglow.protocol.dose import Dose

__all__ = ["CONTROLS", "control_kind"]

CONTROLS = ("waiting_list", "usual_care", "inert", "felt", "low_dose", "other_therapy")
"""What a control arm may be."""

_LOW = 0.33
"""A first dose below this share of the trial's largest first dose of the medicine is a control: 40 of 125 mg of MDMA
and 1 of 25 mg of psilocybin are, 10 of 25 mg and 28 of 84 mg of esketamine are studied."""


def control_kind(trial: Trial, arm: int) -> str:
    """Return what a control arm got, one of `CONTROLS`; empty for a studied arm.

    Notes
    -----
    An arm is known by its first dose, so that what it is given after a crossover does not count.
    """
    protocol = trial.protocol
    firsts = [_first(protocol, k) for k in range(len(protocol.arms))]
    given = [first is not None and first.medicine in WINDOW_MEDICINES for first in firsts]
    own = firsts[arm]
    if any(given) and not given[arm]:
        return _instead_of_a_medicine(protocol, arm, own)
    if own is not None and given[arm]:
        most = max(d.excess for d in firsts if d is not None and d.medicine == own.medicine)
        if own.excess < _LOW * most:
            return "low_dose"
    return _instead_of_therapy(protocol, arm)


def _first(protocol: Protocol, arm: int) -> Dose | None:
    return min(protocol.arms[arm].doses, key=lambda dose: dose.time_h, default=None)


def _instead_of_a_medicine(protocol: Protocol, arm: int, first: Dose | None) -> str:
    own = protocol.arms[arm]
    if first is not None:
        return "felt" if MEDICINES[first.medicine].is_felt else "inert"
    if protocol.blinding.design == "blinded":
        return "inert"
    return "other_therapy" if own.sessions else _untreated(protocol, arm)


def _instead_of_therapy(protocol: Protocol, arm: int) -> str:
    """Return what an arm got in place of the therapy that another arm with the same medicine got."""
    medicine = main_medicine(protocol, arm)
    alike = [k for k in range(len(protocol.arms)) if main_medicine(protocol, k) == medicine]
    treated = [k for k in alike if any(s.kind in ("psychotherapy", "training") for s in protocol.arms[k].sessions)]
    if arm not in treated:
        return _untreated(protocol, arm) if treated else ""
    active = [k for k in treated if not _supportive(protocol, k)]
    return "other_therapy" if active and arm not in active else ""


def _untreated(protocol: Protocol, arm: int) -> str:
    own = protocol.arms[arm]
    cared = own.background.care == "usual" or own.background.antidepressant in ("new", "continued")
    return "usual_care" if cared or own.doses or own.sessions else "waiting_list"


def _supportive(protocol: Protocol, arm: int) -> bool:
    hours = [s for s in protocol.arms[arm].sessions if s.kind == "psychotherapy"]
    return bool(hours) and all(s.approach == "supportive" for s in hours)
