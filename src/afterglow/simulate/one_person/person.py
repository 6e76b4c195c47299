"""One person of a run: who it is, what happens to them, and their own values of every parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.cohort import Draw, people_at_draws
from afterglow.errors import ParameterError, ProtocolError, nearest
from afterglow.medicines import medicine
from afterglow.protocol import Arm
from afterglow.simulate.ensemble import ensemble
from afterglow.simulate.schedule import Schedule, schedule
from afterglow.simulate.solve import arm_values
from afterglow.simulate.spec import RunSpec

__all__ = ["Person", "person_of"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Person:
    """One participant in one arm of a run, at one draw of the parameters.

    Parameters
    ----------
    spec : RunSpec
    arm : Arm
    draw : Draw
    draw_number, participant : int
        Their places in the run, as its file numbers them.
    plan : Schedule
    values : mapping of str to float
        Every parameter and covariate, by name.
    weight_kg : float
    """

    spec: RunSpec
    arm: Arm
    draw: Draw
    draw_number: int
    participant: int
    plan: Schedule
    values: Mapping[str, float]
    weight_kg: float

    @property
    def about(self) -> tuple[str, ...]:
        """Sentences that say whose course this is and how to make it again."""
        spec = self.spec
        calibrated = (
            f"calibrated on published trials, explanation {self.draw.rival}"
            if spec.calibrated
            else f"not calibrated: published facts and centres of priors, explanation {self.draw.rival}"
        )
        title = f"'{spec.protocol.title}'" if spec.protocol.title else "a protocol without a title"
        place = f"participant {self.participant} at draw {self.draw_number} of {spec.draws} in arm '{self.arm.id}'"
        people = "1 person" if spec.participants == 1 else f"{spec.participants:,} people"
        return (
            f"A virtual person: {place} of {title}.",
            f"Parameters: {calibrated}; seed {spec.seed}, {people} in each arm.",
            f"Run {spec.key} of Afterglow {spec.version}, equations and constants {spec.model}.",
        )

    @property
    def concentrations(self) -> tuple[str, ...]:
        """Names of the plasma levels of what the arm gives."""
        given = dict.fromkeys(dose.medicine for dose in self.arm.doses)
        return tuple(f"concentration_{analyte.id}" for name in given for analyte in medicine(name).analytes)

    def course(self, days: NDArray[np.float64], names: Sequence[str] = ("symptom",)) -> NDArray[np.float64]:
        """Solve this person as the run does: states and quantities on days of the protocol, (names, times)."""
        spec = self.spec
        solved = ensemble(
            self.arm,
            spec.protocol,
            [self.draw],
            seed=spec.seed,
            first=[spec.first_participant(self.draw.replicate) + self.participant],
            count=1,
            days=days,
            names=names,
            accuracy=spec.accuracy,
        )
        return np.asarray(solved.values[0, 0])


def person_of(spec: RunSpec, draws: Sequence[Draw], *, arm: str | None, draw: int, participant: int) -> Person:
    """Return one person of a run.

    Parameters
    ----------
    spec : RunSpec
    draws : sequence of Draw
        Those of the run.
    arm : str or None
        An arm of the protocol or its twin without integration; None: the first arm.
    draw, participant : int
        Counted from 0, as in the file of a run.

    Raises
    ------
    ProtocolError
        If there is no such arm.
    ParameterError
        If the run has no such draw or participant.
    """
    arms = {each.id: each for each in spec.arms}
    chosen = spec.arms[0] if arm is None else arms.get(arm)
    if chosen is None:
        raise ProtocolError(f"no arm is called '{arm}': {nearest(str(arm), arms)}")
    for what, place, count in (("draw", draw, len(draws)), ("participant", participant, spec.people_per_draw)):
        if not 0 <= place < count:
            some = f"{what}s 0 to {count - 1}" if count > 1 else f"only {what} 0"
            raise ParameterError(f"there is no {what} {place}: the run has {some}{' of each draw' * (what != 'draw')}")
    own = draws[draw]
    first = spec.first_participant(own.replicate) + participant
    people = people_at_draws(spec.protocol.population, spec.seed, [own], [first], 1)
    plan = schedule(chosen, spec.protocol)
    return Person(
        spec=spec,
        arm=chosen,
        draw=own,
        draw_number=draw,
        participant=participant,
        plan=plan,
        values={name: float(value[0]) for name, value in arm_values(people, plan.adherence).items()},
        weight_kg=float(people.weight_kg[0]),
    )
