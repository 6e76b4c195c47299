"""Trials that the tests share: small, and solved once."""

from __future__ import annotations

from typing import Any

from afterglow.protocol.files.source import Source
from afterglow.trial import Trial
from tests import protocols as plan

SECTION: dict[str, Any] = {
    "active": "high",
    "control": "low",
    "day": 21,
    "analyses": ["mmrm", "ancova", "responders"],
    "sizes": [20, 40],
    "designs": ["fixed", "O'Brien-Fleming at 50 % and 100 %"],
}
BANK = {"people": 64, "draws": 16}


def data(**changes: Any) -> dict[str, Any]:
    """A protocol of 25 against 1 mg, with a trial section; None takes a word out."""
    sessions = [plan.session(-1, "preparation", 2), plan.sit(0, 7), plan.session(1)]
    arms = {name: {"doses": [plan.psilocybin(0, mg)], "sessions": sessions} for name, mg in (("high", 25), ("low", 1))}
    section = {key: value for key, value in {**SECTION, **changes}.items() if value is not None}
    return plan.protocol(plan.RESISTANT, [-1, 7, 21], **arms) | {
        "horizon_days": 28,
        "blinding": {"design": "blinded"},
        "trial": section,
    }


def trial(**changes: Any) -> Trial:
    """The trial of `data`."""
    return Trial.from_source(Source(data=data(**changes)))
