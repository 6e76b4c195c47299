"""Trials that the tests share: small, and solved once."""

from __future__ import annotations

from collections.abc import Sequence
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


def arms_of(section: dict[str, Any], days: list[float], **arms: Any) -> Trial:
    """A trial of other arms, rated on other days."""
    spec = plan.protocol(plan.RESISTANT, days, **arms)
    spec |= {"horizon_days": 90, "blinding": {"design": "blinded"}, "trial": {**SECTION, **section}}
    return Trial.from_source(Source(data=spec))


def factorial(**changes: Any) -> Trial:
    """Medicine or not, therapy or not."""
    sit = [plan.sit(0, 7)]
    talk = [*sit, *(plan.session(day) for day in (1, 7, 14))]
    arms = {
        "neither": {"doses": [plan.psilocybin(0, 1)], "sessions": sit},
        "drug": {"doses": [plan.psilocybin()], "sessions": sit},
        "talk": {"doses": [plan.psilocybin(0, 1)], "sessions": talk},
        "both": {"doses": [plan.psilocybin()], "sessions": talk},
    }
    section = {
        "active": "both",
        "control": "neither",
        "analyses": ["factorial"],
        "designs": ["fixed"],
        "sizes": [20],
        "factors": {"medicine": ["drug", "both"], "therapy": ["talk", "both"]},
    }
    return arms_of({**section, **changes}, [-1, 7, 21], **arms)


def doses(**changes: Any) -> Trial:
    """25 and 10 against 1 mg."""
    arms = {f"mg{mg}": {"doses": [plan.psilocybin(0, mg)], "sessions": [plan.sit(0, 7)]} for mg in (25, 10, 1)}
    section = {"active": ["mg10", "mg25"], "control": "mg1", "designs": ["fixed", "drop-the-loser"], "sizes": [20]}
    return arms_of({**section, "analyses": ["ancova"], **changes}, [-1, 7, 21], **arms)


def withdrawal(days: Sequence[float] = (-1, 7, 12, 21, 42), **changes: Any) -> Trial:
    """Ketamine taken on or not by those who respond to four infusions."""
    arms = {
        "on": {"doses": [plan.ketamine(day) for day in (0, 3, 7, 10, 14, 21, 28)]},
        "off": {"doses": [plan.ketamine(day) for day in (0, 3, 7, 10)]},
    }
    section = {
        "active": "on",
        "control": "off",
        "day": 42,
        "sizes": [40],
        "analyses": ["mmrm", "ancova", "cox", "log-rank", "responders"],
        "designs": [{"kind": "randomised-withdrawal", "day": 12, "end_day": 42}],
    }
    return arms_of({**section, **changes}, list(days), **arms)
