"""A whole protocol: whom it includes, its arms, what it measures and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field, ValidationError, model_validator

from afterglow.errors import ExtrapolationError, ProtocolError
from afterglow.protocol.arm import Arm
from afterglow.protocol.mistakes import mistakes
from afterglow.protocol.population import Assessment, Blinding, Population
from afterglow.protocol.session import Session
from afterglow.protocol.strict import Part

__all__ = ["Protocol"]

_HOURS = 24.0


class Protocol(Part):
    """A treatment protocol.

    Parameters
    ----------
    title : str
    horizon_days : float
        Day on which the simulation ends, from the first dosing day.
    population : Population
    arms : tuple of Arm
    assessments : tuple of Assessment
    blinding : Blinding
    allow_extrapolation : bool
        Whether doses above the studied range are simulated, and marked.
    """

    title: Annotated[str, Field(max_length=300)] = ""
    horizon_days: Annotated[float, Field(gt=0, le=3650)] = 365.0
    population: Population
    arms: Annotated[tuple[Arm, ...], Field(min_length=1, max_length=32)]
    assessments: Annotated[tuple[Assessment, ...], Field(min_length=1)]
    blinding: Blinding = Blinding()
    allow_extrapolation: bool = False

    @classmethod
    def made(cls, data: Any) -> Protocol:
        """Make a protocol from plain data.

        Raises
        ------
        ProtocolError
            With the first mistake; `afterglow.protocol.mistakes.mistakes` lists them all.
        ExtrapolationError
            If a dose lies above the studied range and that was not allowed.
        """
        try:
            protocol = cls.model_validate(data)
        except ValidationError as error:
            raise mistakes(error, cls)[0] from None
        return protocol._with_marks()

    def _with_marks(self) -> Protocol:
        """Mark doses above the studied range, or refuse them."""
        arms = []
        for i, arm in enumerate(self.arms):
            doses = []
            for j, dose in enumerate(arm.doses):
                if dose.excess > 1 + 1e-9 and not self.allow_extrapolation:
                    raise ExtrapolationError(
                        f"{dose.amount} {dose.medicine} {dose.route} is above the studied range; lower it or set "
                        "allow_extrapolation: true",
                        where=f"arms[{i}].doses[{j}]",
                    )
                doses.append(dose.model_copy(update={"extrapolated": dose.excess > 1 + 1e-9}))
            arms.append(arm.model_copy(update={"doses": tuple(doses)}))
        return self.model_copy(update={"arms": tuple(arms)})

    @model_validator(mode="after")
    def _consistent(self) -> Protocol:
        ids = [arm.id for arm in self.arms]
        twice = {name for name in ids if ids.count(name) > 1}
        if twice:
            raise ValueError(f"arms[{ids.index(min(twice))}]: two arms are called '{min(twice)}'; give each its own id")
        problem = next((p for i, arm in enumerate(self.arms) for p in self._problems(arm, f"arms[{i}]")), None)
        if problem:
            raise ValueError(problem)
        for k, assessment in enumerate(self.assessments):
            late = [day for day in assessment.days if day > self.horizon_days]
            if late:
                raise ValueError(
                    f"assessments[{k}]: day {late[0]:g} lies beyond the horizon of {self.horizon_days:g} days"
                )
        return self

    def _problems(self, arm: Arm, where: str) -> Iterator[str]:
        """Say what is wrong with the order of one arm."""
        rows = [("doses", k, d.day, d.hour) for k, d in enumerate(arm.doses)]
        rows += [("sessions", k, s.day, s.hour) for k, s in enumerate(arm.sessions)]
        for name, k, day, _ in rows:
            if day >= self.horizon_days:
                yield f"{where}.{name}[{k}]: day {day:g} lies beyond the horizon of {self.horizon_days:g} days"
        for practice in arm.practice:
            if practice.to_day > self.horizon_days:
                yield f"{where}.practice: day {practice.to_day:g} lies beyond the horizon of {self.horizon_days:g} days"
        for name in ("doses", "sessions"):
            own = [(day, hour, k) for n, k, day, hour in rows if n == name]
            for (d0, h0, k0), (d1, h1, k1) in zip(own, own[1:], strict=False):
                if (d1, h1) < (d0, h0):
                    yield f"{where}.{name}[{k1}]: day {d1:g} comes before day {d0:g} of {name}[{k0}]; write them in order"
        for k0, k1 in zip(range(len(arm.doses)), range(1, len(arm.doses)), strict=False):
            a, b = arm.doses[k0], arm.doses[k1]
            if (a.day, a.hour, a.medicine) == (b.day, b.hour, b.medicine):
                yield f"{where}.doses[{k1}]: the same dose as doses[{k0}], at the same time"
        yield from _overlaps(arm.sessions, where)
        starts = [d.day for d in arm.doses] + [s.day for s in arm.sessions if s.kind == "dosing"]
        for k, session in enumerate(arm.sessions):
            if session.kind == "integration" and starts and session.day < min(starts):
                yield (
                    f"{where}.sessions[{k}]: integration on day {session.day:g} comes before the first dosing day "
                    f"{min(starts):g}"
                )


def _overlaps(sessions: tuple[Session, ...], where: str) -> Iterator[str]:
    timed = sorted((s.day + s.hour / _HOURS, s.day + (s.hour + s.hours) / _HOURS, k) for k, s in enumerate(sessions))
    for (_, end, k0), (start, _, k1) in zip(timed, timed[1:], strict=False):
        same_training = sessions[k0].kind == sessions[k1].kind == "training"
        if start < end - 1e-9 and not same_training:
            yield f"{where}.sessions[{k1}]: overlaps sessions[{k0}]; nobody can be in two sessions at once"
