"""The days on which a simulation keeps its curves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from afterglow.compile.exposure import ROUTES
from afterglow.medicines import MEDICINES
from afterglow.parameters import PARAMETERS
from afterglow.protocol import Arm, Dose, Protocol
from afterglow.simulate.schedule import Schedule, dosing_starts

__all__ = ["curve_days", "visits_of"]

_AFTER_H = np.concatenate([
    np.array([2.5, 5, 10, 15, 20, 25, 30, 40, 50]) / 60,
    [1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 36, 60],
])  # fmt: skip
"""Hours after a dose begins or ends at which curves are kept: peaks lie near these."""
_AFTER_DAYS = np.concatenate([np.arange(1, 14), np.arange(14, 29, 2)])
"""Days after the first dose of a dosing day."""
_AT_ONCE = 1e-6
"""Days after a dose into a vein at once, before which a curve does not show it."""
_NEAR = 0.55
"""Share of the step to a day from the one before it within which a day that is kept already stands for it."""


def curve_days(begin: float, end: float, arm: Arm) -> NDArray[np.float64]:
    """Return days from `begin` to `end` that follow an arm: hours after each dose, days after each dosing, then weeks.

    When a dose begins and when it has been given are always among them.
    """
    days = _after_doses(arm)
    days = days[(days > begin) & (days < end)]
    weeks = np.linspace(begin, end, max(2, int(np.ceil((end - begin) / 7)) + 1))
    place = np.searchsorted(days, weeks[1:-1])
    around = np.concatenate([[begin - 7], days, [end + 7]])
    apart = np.minimum(weeks[1:-1] - around[place], around[place + 1] - weeks[1:-1])
    return np.sort(np.concatenate([days, weeks[:1], weeks[1:-1][apart > 1], weeks[-1:]]))


def visits_of(protocol: Protocol, plan: Schedule) -> dict[str, NDArray[np.float64]]:
    """Return the days on which an arm of that plan is rated, by scale; the first is before any dose."""
    return {
        assessment.scale: np.array([*(() if assessment.days[0] <= 0 else (plan.begin,)), *assessment.days], np.float64)
        for assessment in protocol.assessments
    }


def _after_doses(arm: Arm) -> NDArray[np.float64]:
    """Return days that lie as close after a dose whatever its own."""
    firsts = set(dosing_starts(arm).values())
    doses = [dose for dose in arm.doses if not MEDICINES[dose.medicine].is_inert]
    turns = {day for dose in doses for day in (dose.start_day, dose.end_day)}
    kept = (firsts | turns).union(*map(_sudden, doses))
    series = [
        (np.array(sorted(kept)), np.zeros(len(kept))),
        *((turn + _AFTER_H / 24, np.diff(_AFTER_H, prepend=0) / 24) for turn in turns),
        *((first + _AFTER_DAYS, np.diff(_AFTER_DAYS, prepend=0)) for first in firsts),
    ]
    days, steps = (np.concatenate([pair[k] for pair in series]) for k in (0, 1))
    order = np.lexsort((steps, days))
    return _thinned(days[order].tolist(), steps[order].tolist())


def _sudden(dose: Dose) -> Iterator[float]:
    """Yield when a level jumps, and when a tablet or a spray has given off all it holds."""
    if dose.route == "iv" and not dose.duration_h:
        yield dose.start_day + _AT_ONCE
    for _, _, lag_h, duration_h in ROUTES.get((dose.medicine, dose.route), ()):
        if duration_h:
            hours = PARAMETERS[duration_h].value + (PARAMETERS[lag_h].value if lag_h else 0.0)
            yield dose.start_day + hours / 24


def _thinned(days: list[float], steps: list[float]) -> NDArray[np.float64]:
    """Return the days that none just before stands for; those of step 0 stay, and replace one just before."""
    found: list[tuple[float, float]] = []
    for day, step in zip(days, steps, strict=True):
        since = day - found[-1][0] if found else np.inf
        if since <= _NEAR * step:
            continue
        if not step and found and found[-1][1] and since < _NEAR * found[-1][1]:
            found.pop()
        found.append((day, step))
    return np.array([day for day, _ in found])
