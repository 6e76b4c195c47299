"""A registered trial: its protocol, and what its registration says will be compared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, field_validator

from afterglow.errors import ProtocolError
from afterglow.protocol import Protocol
from afterglow.protocol.files.source import Source, file_source
from afterglow.protocol.part import Part
from afterglow.protocol.sentences.text import Label, Words
from afterglow.scales.instruments import scale as find_scale

__all__ = ["RegisteredTrial", "Registration"]


class Registration(Part):
    """What a registration says, and what it leaves open; never what a trial found.

    Parameters
    ----------
    number : str
        In the registry, such as NCT06308653.
    title : str
    read_on : str
        Day on which it was read, and what it said of results then.
    sources : tuple of str
        Pages on which it was read.
    active, control : str
        Ids of the arms whose difference is the primary outcome.
    scale : str
        Of the primary outcome.
    day : float
        Of the primary outcome, from the first dosing day.
    alpha : float
        Two-sided level below which the primary difference counts as significant.
    assumed : tuple of str
        What the registration does not say and the protocol had to fill in.
    """

    number: Annotated[Label, Field(min_length=1)]
    title: Annotated[Label, Field(min_length=1)]
    read_on: Label = ""
    sources: Words = ()
    active: str
    control: str
    scale: str
    day: float
    alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05
    assumed: Words = ()

    @field_validator("scale")
    @classmethod
    def _known(cls, value: str) -> str:
        return find_scale(value).id

    @property
    def positive(self) -> str:
        """What counts as a positive trial, in words."""
        return (
            f"two-sided p below {self.alpha:g} in favour of {self.active} over {self.control} in the change on "
            f"{self.scale} to day {self.day:g}"
        )


@dataclass(frozen=True)
class RegisteredTrial:
    """A protocol with its registration.

    Parameters
    ----------
    protocol : Protocol
    registration : Registration

    Raises
    ------
    ProtocolError
        If the registration names an arm, a scale or a day that the protocol does not have, or an arm has no n.
    """

    protocol: Protocol
    registration: Registration

    def __post_init__(self) -> None:
        arms = {arm.id: arm for arm in self.protocol.arms}
        for field in ("active", "control"):
            named = getattr(self.registration, field)
            if named not in arms:
                raise ProtocolError(
                    f"no arm is called '{named}'; arms: {', '.join(arms)}", where=f"registration.{field}"
                )
        for k, arm in enumerate(self.protocol.arms):
            if arm.n is None or arm.n < 2:
                raise ProtocolError("an arm of a registered trial needs its n, 2 people or more", where=f"arms[{k}].n")
        days = {a.scale: a.days for a in self.protocol.assessments}.get(self.registration.scale, ())
        if self.registration.day not in days:
            raise ProtocolError(
                f"{self.registration.scale} is not assessed on day {self.registration.day:g}, the primary outcome",
                where="registration.day",
            )

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a protocol file that holds ``registration`` beside the fields of a protocol.

        Raises
        ------
        FileError
            If the file cannot be read.
        ProtocolError
            If it says something impossible or holds no registration.
        """
        source = file_source(path)
        return cls.from_data(source.data, source)

    @classmethod
    def from_data(cls, data: dict[str, Any], source: Source | None = None) -> Self:
        """Make a registered trial from plain data; see `from_file`."""
        if not isinstance(data.get("registration"), dict):
            raise ProtocolError("a forecast is of a registered trial: the file needs a 'registration' beside its arms")
        protocol = Protocol.from_source(source or Source(data=data))
        return cls(protocol, Registration.made(data["registration"]))

    def as_data(self) -> dict[str, Any]:
        """Return plain data that `from_data` reads."""
        return {
            "registration": self.registration.model_dump(mode="json"),
            **self.protocol.model_dump(mode="json"),
        }
