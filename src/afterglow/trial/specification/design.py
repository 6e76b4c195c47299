"""The designs that are compared, as they are written in a trial section."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any

from pydantic import Field, model_validator

from afterglow.errors import ProtocolError
from afterglow.protocol.part import Part
from afterglow.protocol.sentences.text import Label
from afterglow.trial.designs.scope import AnyDesign, read_design
from afterglow.trial.specification.sentences import percents, read_share
from afterglow.units import decimal_comma

__all__ = ["DesignPlan"]

_SENTENCE = re.compile(
    r"\A\s*(?P<kind>[a-z'\u2019_\- ]+?)(?:[\s,]+(?:with\s+)?(?:looks?\s+)?at\s+(?P<looks>\d.*))?\s*\Z", re.IGNORECASE
)
_ONE_SHARE = re.compile(r"loser|blinded|estimation", re.IGNORECASE)
"""Designs that look once before the end: at a fraction, not at several looks."""


class DesignPlan(Part):
    """A design under a name.

    Parameters
    ----------
    id : str
        By which results name it; by default its kind and how many looks it has.
    design : Design

    Notes
    -----
    In a file the fields of the design stand beside its id, or it is a sentence: ``fixed``, or ``O'Brien-Fleming at
    50 % and 100 %``.
    """

    id: Annotated[Label, Field(max_length=60)] = ""
    design: AnyDesign

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: Any) -> Any:
        if isinstance(data, str):
            data = _fields(data)
        if not isinstance(data, Mapping) or "design" in data:
            return data
        rest = {key: value for key, value in data.items() if key != "id"}
        if "looks" in rest:
            rest["information"] = _to_the_end([read_share(look) for look in _listed(rest.pop("looks"))])
        try:
            return {"id": data.get("id", ""), "design": read_design(rest)}
        except ProtocolError as error:
            raise ValueError(str(error)) from None

    @model_validator(mode="after")
    def _named(self) -> DesignPlan:
        if not self.id:
            looks, kind = len(self.looks), getattr(self.design, "boundary", self.design.kind)
            object.__setattr__(self, "id", kind if looks == 1 else f"{kind}-{looks}-looks")
        return self

    @property
    def looks(self) -> tuple[float, ...]:
        """Shares of the people whose primary day has been reached at each look; the last is 1."""
        return self.design.looks


def _fields(text: str) -> dict[str, Any]:
    found = _SENTENCE.match(text)
    if found is None:
        raise ValueError(f"a design is written like 'fixed' or 'O'Brien-Fleming at 50 % and 100 %', got {text[:60]!r}")
    kind = found["kind"].replace("\u2019", "'")
    if not found["looks"]:
        return {"kind": kind}
    looks = percents(found["looks"])
    if _sinks(looks) and (comma := decimal_comma(found["looks"])):
        raise ValueError(f"looks are shares such as 50 % and 100 %, {comma}")
    looks = _to_the_end(looks)
    if _ONE_SHARE.search(kind) and len(looks) == 2:
        return {"kind": kind, "fraction": looks[0]}
    return {"kind": kind, "information": looks}


def _to_the_end(looks: list[float]) -> list[float]:
    behind = _sinks(looks)
    if behind is not None:
        raise ValueError(f"looks must rise, but {behind[1]:.0%} follows {behind[0]:.0%}")
    wrong = next((look for look in looks if not 0 < look <= 1), None)
    if wrong is not None:
        raise ValueError(f"a look is a share of the people, above 0 % and at most 100 %, got {wrong:.0%}")
    return looks if looks and looks[-1] == 1 else [*looks, 1.0]


def _sinks(looks: list[float]) -> tuple[float, float] | None:
    """Return the first two looks of which the later one is not above the earlier one."""
    return next(((a, b) for a, b in pairwise(looks) if b <= a), None)


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"looks are a list of shares such as [50 %, 100 %], got {str(value)[:40]!r}")
    return list(value)
