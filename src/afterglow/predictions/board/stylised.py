"""A stylised fact: words, a published number, and which number of which run it is."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from afterglow.errors import ProtocolError
from afterglow.protocol import Protocol
from afterglow.protocol.files.file_text import file_text
from afterglow.protocol.files.yaml_text import plain_yaml
from afterglow.protocol.part import Part
from afterglow.protocol.sentences.text import Label

__all__ = ["Published", "Quantity", "StylisedFact", "read_facts", "shipped_protocol"]

_Z95 = 1.959963984540054

Kind = Literal[
    "change",
    "difference",
    "effect_size",
    "response",
    "share_of_change",
    "share_of_difference",
    "days_to_half",
    "relapse",
    "hazard_ratio",
]


class Published(Part):
    """A published number and where it stands.

    Parameters
    ----------
    study : str
        File name of the study in the evidence, without its ending.
    value : float
        As the model is asked for it: negative where the first arm does better.
    ci95 : pair of float or None
        95 % interval.
    se : float or None
        Standard error; one of the two must be told.
    trials : int
        Trials behind a pooled number: departures of single trials average out.
    numbers : tuple of float
        The numbers printed in the study from which the value was worked out; empty where it is printed itself.
    where : str
        Which row it is, and how it was worked out.
    """

    study: Label
    value: float
    ci95: tuple[float, float] | None = None
    se: Annotated[float, Field(gt=0)] | None = None
    trials: Annotated[int, Field(ge=1)] = 1
    numbers: tuple[float, ...] = ()
    where: Label

    @model_validator(mode="after")
    def _with_an_error(self) -> Published:
        if (self.ci95 is None) == (self.se is None):
            raise ValueError("a published number needs its ci95 or its se, one of the two")
        if self.ci95 is not None and not self.ci95[0] < self.value < self.ci95[1]:
            raise ValueError(f"the value {self.value:g} lies outside its own interval")
        return self

    @property
    def error(self) -> float:
        """Standard error, from the interval where only that is told."""
        if self.se is not None:
            return self.se
        assert self.ci95 is not None  # one of the two is told
        return (self.ci95[1] - self.ci95[0]) / (2 * _Z95)

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval, from the standard error where only that is told."""
        return self.ci95 or (self.value - _Z95 * self.error, self.value + _Z95 * self.error)


class Quantity(Part):
    """Which number of a run.

    Parameters
    ----------
    kind : str
        ``change`` from the first rating; ``difference`` of the changes of two arms; ``effect_size``, the same in SDs;
        ``response``, a share; ``share_of_change`` and ``share_of_difference``, that of `day` as a share of that of
        `of_day`; ``days_to_half``, from the day of the largest difference until half of it is gone, looked at to
        `day`; ``relapse``, the share by `day` of those who were well; ``hazard_ratio`` of relapse by `day`.
    arm, versus : str
        `versus` is needed where two arms are compared.
    scale : str
    day : float
    of_day : float or None
    """

    kind: Kind
    arm: str
    versus: str = ""
    scale: str
    day: float
    of_day: float | None = None

    @model_validator(mode="after")
    def _complete(self) -> Quantity:
        compares = self.kind in ("difference", "effect_size", "share_of_difference", "days_to_half", "hazard_ratio")
        if compares != bool(self.versus):
            raise ValueError(f"{self.kind} {'needs' if compares else 'has no'} versus")
        if self.kind.startswith("share_of") != (self.of_day is not None):
            raise ValueError(f"{self.kind} {'needs' if self.kind.startswith('share_of') else 'has no'} of_day")
        return self

    @property
    def unit(self) -> str:
        """In what the number is."""
        units = {"change": "points", "difference": "points", "effect_size": "SDs", "days_to_half": "days"}
        return units.get(self.kind, "")


class StylisedFact(Part):
    """One fact that the field agrees on.

    Parameters
    ----------
    id, topic, words : str
    protocol : str
        Name of a protocol of the board.
    quantity : Quantity
    published : Published
    below, above : float or None
        Where the fact is an order: the number that the prediction must lie below, or above.
    """

    id: Label
    topic: Label
    words: Label
    protocol: Label
    quantity: Quantity
    published: Published
    below: float | None = None
    above: float | None = None

    @model_validator(mode="after")
    def _true_of_itself(self) -> StylisedFact:
        value = self.published.value
        if self.below is not None and self.above is not None:
            raise ValueError("a fact claims to lie below or above something, not both")
        if (self.below is not None and value >= self.below) or (self.above is not None and value <= self.above):
            raise ValueError("the published number itself is not in the order that the fact claims")
        return self

    @property
    def claims_order(self) -> bool:
        """Whether it claims a sign or an order beside a size."""
        return self.below is not None or self.above is not None


def read_facts(path: str | Path | None = None) -> tuple[StylisedFact, ...]:
    """Read a file of facts, by default the board's own.

    Raises
    ------
    FileError
        If the file cannot be read.
    ProtocolError
        If a fact is impossible, or two bear one id.
    """
    if path is None:
        with as_file(files("afterglow.predictions.board").joinpath("facts.yaml")) as own:
            return read_facts(own)
    data = plain_yaml(file_text(Path(path))).data
    if not isinstance(data, dict) or not isinstance(data.get("facts"), list):
        raise ProtocolError(f"'{path}' is no file of facts: it needs a list under 'facts'")
    found: list[StylisedFact] = []
    for k, row in enumerate(data["facts"]):
        fact, wrong = StylisedFact.parse(row)
        if fact is None:
            raise ProtocolError(
                wrong[0].message, where=".".join(part for part in (f"facts[{k}]", wrong[0].where) if part)
            )
        if fact.id in (one.id for one in found):
            raise ProtocolError(f"two facts are called '{fact.id}'", where=f"facts[{k}].id")
        found.append(fact)
    return tuple(found)


def shipped_protocol(name: str) -> Protocol:
    """Return a protocol of the board.

    Raises
    ------
    ProtocolError
        If there is none of that name.
    """
    item = files("afterglow.predictions.board").joinpath("protocols", f"{name}.yaml")
    if not item.is_file():
        raise ProtocolError(f"the board has no protocol '{name}'")
    with as_file(item) as path:
        return Protocol.from_file(path)
