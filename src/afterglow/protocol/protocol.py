"""A whole protocol: whom it includes, its arms, what it measures and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, StrictBool, field_validator, model_validator

from afterglow.errors import ProtocolError
from afterglow.protocol.arm import Arm
from afterglow.protocol.files.mistakes import ProblemsError
from afterglow.protocol.files.sections import SECTIONS, without_sections
from afterglow.protocol.files.source import Source, protocol_source
from afterglow.protocol.files.writing import protocol_yaml
from afterglow.protocol.files.yaml_text import plain_yaml
from afterglow.protocol.part import Part
from afterglow.protocol.population import Assessment, Blinding, Population
from afterglow.protocol.schema import with_sentences
from afterglow.protocol.sentences.quantity import Days
from afterglow.protocol.sentences.step_places import MOST_ARMS, expand_arms, originally
from afterglow.protocol.sentences.text import Label
from afterglow.protocol.timeline import marked, timeline_problems
from afterglow.protocol.vocabulary import FURTHEST_DAY

__all__ = ["Protocol"]


class Protocol(Part):
    """A treatment protocol. A file may hold the sections of other readers beside it; they are passed over.

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
        Whether doses above the largest one that anybody reported are simulated, and marked.

    Raises
    ------
    ProtocolError
        With the first mistake; `parse` gives them all.
    ExtrapolationError
        If a dose lies above the largest one that anybody reported and that was not allowed.
    """

    words_beside: ClassVar[tuple[str, ...]] = tuple(SECTIONS)

    title: Label = ""
    horizon_days: Annotated[Days, Field(gt=0, le=FURTHEST_DAY)] = 365.0
    population: Population
    arms: Annotated[tuple[Arm, ...], Field(min_length=1, max_length=MOST_ARMS)]
    assessments: Annotated[tuple[Assessment, ...], Field(min_length=1, max_length=64)]
    blinding: Blinding = Blinding()
    allow_extrapolation: StrictBool = False

    @field_validator("arms")
    @classmethod
    def _marked(cls, arms: tuple[Arm, ...]) -> tuple[Arm, ...]:
        return tuple(marked(arm) for arm in arms)

    @model_validator(mode="after")
    def _consistent(self) -> Protocol:
        problems = timeline_problems(
            self.arms, self.assessments, horizon_days=self.horizon_days, allow_extrapolation=self.allow_extrapolation
        )
        scales = [assessment.scale for assessment in self.assessments]
        for k, name in enumerate(scales):
            if name in scales[:k]:
                message = f"{name} is already assessed in assessments[{scales.index(name)}]; list all its days there"
                problems.append(ProtocolError(message, where=f"assessments[{k}].scale"))
        if problems:
            raise ProblemsError(problems)
        return self

    @classmethod
    def parse(cls, data: Any) -> tuple[Self | None, list[ProtocolError]]:
        """Make a protocol from plain data; return it, or None and everything that is wrong with it."""
        expanded, problems, origins = expand_arms(without_sections(data))
        if problems:
            # With steps left out, the order of an arm in time says nothing; its other fields still do.
            _, wrong = super().parse(_without_rows(expanded))
            return None, [*problems, *wrong]
        protocol, wrong = super().parse(expanded)
        return protocol, [originally(error, origins) for error in wrong]

    @classmethod
    def from_yaml(cls, text: str) -> Self:
        """Read a protocol from YAML text.

        Raises
        ------
        ProtocolError
            If the text is not YAML, or says something impossible.
        """
        return cls.from_source(Source(data=plain_yaml(text).data))

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a protocol or a NONMEM event table, told apart by the ending of the file's name.

        Raises
        ------
        FileError
            If the file cannot be read.
        ProtocolError
            If it says something impossible, with the line when that is known, or is a published study.
        """
        return cls.from_source(protocol_source(path))

    @classmethod
    def from_source(cls, source: Source) -> Self:
        """Make a protocol from what a file holds.

        Raises
        ------
        ProtocolError
            With the first mistake.
        """
        missing, _ = source.still_missing()
        if missing is not None:
            raise missing
        protocol, wrong = cls.parse(source.data)
        if protocol is None:
            raise source.placed(wrong[0])
        return protocol

    def to_yaml(self, *, sentences: bool = False) -> str:
        """Write the protocol as YAML; reading it gives the same protocol.

        Parameters
        ----------
        sentences : bool
            Write each arm's doses, sessions and practice as sentences under ``steps`` instead of fields.
        """
        return protocol_yaml(self, self.arms, sentences=sentences)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the JSON Schema of a protocol file, for editors; it accepts fields and sentences."""
        return with_sentences(cls.model_json_schema(), SECTIONS)


def _without_rows(data: Any) -> Any:
    if not isinstance(data, Mapping) or not isinstance(data.get("arms"), list):
        return data
    arms = [
        {k: v for k, v in arm.items() if k not in ("doses", "sessions", "practice")}
        if isinstance(arm, Mapping)
        else arm
        for arm in data["arms"]
    ]
    return {**data, "arms": arms}
