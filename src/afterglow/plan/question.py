"""What a file asks: its protocol, its ``optimise:`` section and its ``economics:`` section."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import BaseModel

from afterglow.errors import ExtrapolationError, ProtocolError
from afterglow.plan.economics.figures import EconomicsSection
from afterglow.plan.space.section import Optimise
from afterglow.protocol import Protocol
from afterglow.protocol.files.mistakes import joined
from afterglow.protocol.files.source import Source, protocol_source
from afterglow.protocol.part import Part

__all__ = ["Question"]

P = TypeVar("P", bound=Part)


@dataclass(frozen=True)
class Question:
    """A schedule to choose.

    Parameters
    ----------
    protocol : Protocol
    optimise : Optimise
    economics : EconomicsSection
    source : Source, optional
        The file, for the lines of mistakes.
    """

    protocol: Protocol
    optimise: Optimise
    economics: EconomicsSection = field(default_factory=EconomicsSection)
    source: Source | None = field(default=None, repr=False, compare=False)

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a protocol file that holds ``optimise``, and perhaps ``economics``, beside its protocol.

        Raises
        ------
        FileError
            If the file cannot be read.
        ProtocolError
            If it says something impossible or holds no ``optimise``.
        """
        source = protocol_source(path)
        return cls.from_data(source.data, source)

    @classmethod
    def from_data(cls, data: dict[str, Any], source: Source | None = None) -> Self:
        """Make a question from plain data; see `from_file`."""
        held = source or Source(data=data)
        protocol = Protocol.from_source(held)
        if data.get("optimise") is None:
            raise ProtocolError(
                "the file says nothing of what may move: it needs an 'optimise' section beside its arms; "
                "afterglow new MEDICINE --schedule writes one"
            )
        economics = data.get("economics")
        return cls(
            protocol,
            _section(Optimise, data["optimise"], "optimise", held),
            EconomicsSection() if economics is None else _section(EconomicsSection, economics, "economics", held),
            held,
        )

    def placed(self, error: ProtocolError) -> ProtocolError:
        """Return a mistake with its line in the file."""
        return self.source.placed(error) if self.source is not None else error

    @staticmethod
    def json_schema() -> dict[str, Any]:
        """Return the JSON Schema of a file with ``optimise`` and ``economics``, for editors."""
        schema = Protocol.json_schema()
        for name, part in (("optimise", Optimise), ("economics", EconomicsSection)):
            own = _schema_of(part)
            schema["$defs"] |= own.pop("$defs", {})
            schema["$defs"][part.__name__] = own
            schema["properties"][name] = {"$ref": f"#/$defs/{part.__name__}"}
        aim = schema["$defs"]["Aim"]
        schema["$defs"]["Aim"] = {"anyOf": [aim, {"type": "string"}]}
        return schema


def _schema_of(part: type[BaseModel]) -> dict[str, Any]:
    return part.model_json_schema()


def _section(part: type[P], data: Any, name: str, source: Source) -> P:
    found, wrong = part.parse(data)
    if found is None:
        kind = ExtrapolationError if isinstance(wrong[0], ExtrapolationError) else ProtocolError
        raise source.placed(kind(wrong[0].message, where=joined(name, wrong[0].where)))
    return found
