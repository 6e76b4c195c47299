"""What each person of an event table is given, and the arms that these make."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from afterglow.errors import ProtocolError
from afterglow.protocol.arm import Arm
from afterglow.protocol.dose import Dose
from afterglow.protocol.events.row import Row
from afterglow.protocol.sentences.step_places import MOST_ARMS
from afterglow.protocol.session import Practice, Session

__all__ = ["Held", "arms_of"]

_MOST_NAME = 80
"""Characters of an arm's id."""


@dataclass
class Held:
    """What one ID is given.

    Parameters
    ----------
    arm : str
        Empty for none.
    first : Row
        The first row of the person, whatever it is.
    doses, sessions, practice : list
    dosed_h : float
        Time of the row of the last dose that was read.
    """

    arm: str
    first: Row
    doses: list[Dose] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    practice: list[Practice] = field(default_factory=list)
    dosed_h: float = -math.inf

    def schedule(self) -> _Schedule:
        """Return it in order of time."""
        return (
            self.arm,
            tuple(sorted(self.doses, key=lambda dose: dose.time_h)),
            tuple(sorted(self.sessions, key=lambda session: session.time_h)),
            tuple(sorted(self.practice, key=lambda practice: practice.from_day)),
        )


_Schedule = tuple[str, tuple[Dose, ...], tuple[Session, ...], tuple[Practice, ...]]


def arms_of(people: Mapping[str, Held]) -> tuple[Arm, ...]:
    """Join the people who are given the same.

    Raises
    ------
    ProtocolError
        If the schedules are more than the arms of a protocol.
    """
    joined: dict[_Schedule, list[str]] = {}
    for number, held in people.items():
        joined.setdefault(held.schedule(), []).append(number)
    if len(joined) > MOST_ARMS:
        raise ProtocolError(
            f"the table holds {len(joined)} different schedules but a protocol has at most {MOST_ARMS} arms; "
            "where amounts go by weight, write each arm for one typical person"
        )
    shared = [arm for arm, *_ in joined]
    taken = set(shared)
    arms = []
    for k, ((arm, doses, sessions, practice), numbers) in enumerate(joined.items(), start=1):
        name = arm if arm and shared.count(arm) == 1 else _free_name(arm, k, numbers[0], taken)
        taken.add(name)
        fields = {"doses": doses, "sessions": sessions, "practice": practice}
        count = {"n": len(numbers)} if len(numbers) > 1 else {}
        arms.append(Arm.made({"id": name, **count, **fields}))
    return tuple(arms)


def _free_name(arm: str, number: int, person: str, taken: set[str]) -> str:
    """Name a schedule after its arm and first ID, or else its number, as nothing else is called."""
    last = f" ID {person}"
    name = f"{arm[: _MOST_NAME - len(last)]}{last}" if arm else f"arm{number}"
    while name in taken:
        name += "'"
    return name
