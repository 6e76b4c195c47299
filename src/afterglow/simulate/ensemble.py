"""The one caller of the solver: the same people in one arm, at many draws of the parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from afterglow.cohort import Draw, people_at_draws
from afterglow.errors import SolverError
from afterglow.protocol import Arm, Protocol
from afterglow.simulate.schedule import Schedule, schedule
from afterglow.simulate.solve import Accuracy, padded, solve_arm

__all__ = ["Latent", "ensemble"]


@dataclass(frozen=True, eq=False)
class Latent:
    """What the equations say of one arm, before any rating.

    Parameters
    ----------
    names : tuple of str
        States and quantities that were kept.
    days : array (times,)
    values : array (draws, participants, names, times)
    baseline_severity, baseline_score : array (draws, participants)
        True severity at the start, and the noisy score at inclusion.
    """

    names: tuple[str, ...]
    days: NDArray[np.float64]
    values: NDArray[np.float64]
    baseline_severity: NDArray[np.float64]
    baseline_score: NDArray[np.float64]

    def of(self, name: str) -> NDArray[np.float64]:
        """Return one state or quantity, (draws, participants, times)."""
        return self.values[:, :, self.names.index(name)]

    @property
    def severity(self) -> NDArray[np.float64]:
        """Severity of the symptom between 0 and 1, (draws, participants, times); rounding may leave -1e-14."""
        return np.clip(self.of("symptom"), 0.0, 1.0)


def ensemble(
    arm: Arm,
    protocol: Protocol,
    draws: Sequence[Draw],
    *,
    seed: int,
    first: Sequence[int],
    count: int,
    days: NDArray[np.float64],
    names: Sequence[str] = ("symptom",),
    accuracy: Accuracy | None = None,
    begin: float | None = None,
    plan: Schedule | None = None,
    threads: int | None = 1,
) -> Latent:
    """Solve one arm for `count` people at each draw of the parameters.

    Parameters
    ----------
    arm : Arm
    protocol : Protocol
        Whose population, blinding, assessments and horizon hold.
    draws : sequence of Draw
    seed : int
        Of the people.
    first : sequence of int
        By draw, the number of the first participant.
    count : int
        Participants at each draw. The numbers of a participant do not depend on which draws are solved together.
    days : array (times,)
        Rising. Before the arm begins nothing has happened yet, and the first values hold.
    names : sequence of str
        States and quantities to keep.
    accuracy : Accuracy, optional
    begin : float, optional
        Day from which to solve, at or before the first event; by default that of the schedule.
    plan : Schedule, optional
        What happens; by default all that the arm has.
    threads : int, optional
        None: one per core.

    Raises
    ------
    ProtocolError
        If the arm cannot be simulated.
    SolverError
        If somebody could not be integrated; names the participants.
    """
    plan = plan or schedule(arm, protocol)
    size = padded(count, plan.group_size)
    people = people_at_draws(protocol.population, seed, draws, first, size)
    start = plan.begin if begin is None else begin
    inside = days >= start
    own = days[inside] if inside.all() else np.concatenate([[start], days[inside]])
    plan = replace(plan, begin=start, end=max(float(days[-1]), start))
    seen = solve_arm(plan, people, days=own, names=names, accuracy=accuracy, threads=threads)
    shape = (len(draws), size, len(names), len(own))
    values = seen.values.reshape(shape)[:, :count]
    _raise_failures(seen.status.reshape(len(draws), size)[:, :count], first, arm)
    if not inside.all():
        values = values[..., np.maximum(np.arange(len(days)) - np.count_nonzero(~inside) + 1, 0)]
    by_draw = (len(draws), size)
    return Latent(
        tuple(names),
        days,
        values,
        people.baseline_severity.reshape(by_draw)[:, :count],
        people.baseline_score.reshape(by_draw)[:, :count],
    )


def _raise_failures(status: NDArray[np.int64], first: Sequence[int], arm: Arm) -> None:
    if not status.any():
        return
    failed = sorted({int(first[k] + i) for k, i in zip(*np.nonzero(status), strict=True)})
    named = ", ".join(map(str, failed[:10]))
    more = f" and {len(failed) - 10} more" if len(failed) > 10 else ""
    raise SolverError(
        f"arm '{arm.id}': {len(failed)} participants could not be integrated ({named}{more}); "
        "their parameter values are too extreme for the model",
        participants=tuple(failed),
    )
