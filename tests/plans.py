"""Files with an ``optimise:`` section that the tests of schedules share."""

from __future__ import annotations

from typing import Any

from tests import protocols as plan

DAYS = [-1, 1, 7, 14, 28, 42, 56]


def clinic(**optimise: Any) -> dict[str, Any]:
    """A small clinic: one dose of psilocybin, preparation, integration and practice, over eight weeks."""
    arm = {
        "steps": [
            "preparation 2 h individual on days -14 and -7",
            "dosing 7 h individual on day 0",
            "psilocybin 25 mg oral on day 0",
            "integration 90 min individual on day 1, every 7 days x 3",
            "practice 3 h per week from day 2 to day 42",
        ]
    }
    moves = {
        "sessions": [{"kind": "integration", "number": [0, 2, 4], "hours": 1.5, "every_days": 7}],
        "practice": {"hours_per_week": [0, 3], "to_day": 42},
    }
    return {
        **plan.protocol(plan.RESISTANT, DAYS, clinic=arm),
        "horizon_days": 57,
        "optimise": {"aim": "mean score on day 56", "move": moves, **optimise},
    }
