"""Which sources a run relied on."""

from __future__ import annotations

from afterglow.medicines import users_of
from afterglow.parameters import PARAMETERS
from afterglow.protocol import Protocol
from afterglow.scales.instruments import scale

__all__ = ["sources"]

_ALWAYS = ("cox2002", "dormand1980", "hairer1993")


def sources(protocol: Protocol) -> tuple[str, ...]:
    """Return the citation keys of the solver, the parameters and the scales that a protocol uses, sorted."""
    given = {dose.medicine for arm in protocol.arms for dose in arm.doses}
    found = set(_ALWAYS)
    for parameter in PARAMETERS.values():
        users = users_of(parameter.name)
        if parameter.source and (not users or users & given):
            found.add(parameter.source)
    for name in {a.scale for a in protocol.assessments} | {protocol.population.scale}:
        found |= {key for key in scale(name).sources if "/" not in key}
    return tuple(sorted(found))
