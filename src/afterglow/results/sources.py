"""Which sources a run relied on."""

from __future__ import annotations

from afterglow.parameters import PARAMETERS
from afterglow.protocol import Protocol
from afterglow.scales.instruments import scale

__all__ = ["sources"]

_WORDS = {
    "ketamine": ("ketamine",),
    "esketamine": ("esketamine",),
    "psilocybin": ("psilocybin", "psilocin", "occupancy", "excitation", "tolerance", "relaxation"),
    "mdma": (
        "mdma",
        "mda_",
        "hmma",
        "cyp2d6",
        "serotonin",
        "catecholamine",
        "oxytocin",
        "release",
        "ssri",
        "prosocial",
    ),
    "midazolam": ("midazolam",),
    "niacin": ("niacin",),
}
_ALWAYS = ("dormand1980", "hairer1993")


def _concerns(name: str) -> str | None:
    """Return the medicine a parameter belongs to, or None when it belongs to all."""
    if "esketamine" in name:
        return "esketamine"
    return next((medicine for medicine, words in _WORDS.items() if any(word in name for word in words)), None)


def sources(protocol: Protocol) -> tuple[str, ...]:
    """Return the citation keys of the solver, the parameters and the scales that a protocol uses, sorted."""
    given = {dose.medicine for arm in protocol.arms for dose in arm.doses}
    found = set(_ALWAYS)
    for parameter in PARAMETERS.values():
        medicine = _concerns(parameter.name)
        if parameter.source and (medicine is None or medicine in given):
            found.add(parameter.source)
    for name in {a.scale for a in protocol.assessments} | {protocol.population.scale}:
        found |= {key for key in scale(name).sources if "/" not in key}
    return tuple(sorted(found))
