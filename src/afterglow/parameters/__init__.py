"""Every constant of the model, by name: those of the medicines, then those of the processes that they act on."""

from __future__ import annotations

from collections.abc import Mapping

from afterglow.errors import ParameterError
from afterglow.medicines import MEDICINES
from afterglow.parameter import Parameter
from afterglow.parameters.background import BACKGROUND
from afterglow.parameters.conditions import EASING
from afterglow.parameters.fluctuation import FLUCTUATION
from afterglow.parameters.group import GROUP
from afterglow.parameters.patterns import PATTERNS
from afterglow.parameters.plasticity import PLASTICITY
from afterglow.parameters.publication import PUBLICATION
from afterglow.parameters.strengths import STRENGTHS
from afterglow.parameters.therapy import THERAPY

__all__ = ["PARAMETERS", "PARTS", "Parameter"]

PARTS: Mapping[str, tuple[Parameter, ...]] = {
    **{m.id: m.kinetics for m in MEDICINES.values() if m.opens_window},
    "comparators": tuple(p for m in MEDICINES.values() if m.is_comparator for p in m.kinetics),
    "receptors and experience": tuple(p for m in MEDICINES.values() for p in m.engagement),
    "plasticity": (*(p for m in MEDICINES.values() for p in m.window), *PLASTICITY),
    "therapy and hope": THERAPY,
    "patterns": PATTERNS,
    "beside the course": BACKGROUND,
    "conditions": (*EASING.values(), *STRENGTHS),
    "group": GROUP,
    "ups and downs": FLUCTUATION,
    "publication": PUBLICATION,
}
"""The constants by the part of the model that they belong to; the kinetics of each medicine come first."""


def _collect() -> Mapping[str, Parameter]:
    found: dict[str, Parameter] = {}
    for parameter in (p for part in PARTS.values() for p in part):
        if parameter.name in found:
            raise ParameterError(f"parameter '{parameter.name}' is defined twice")
        found[parameter.name] = parameter
    return found


PARAMETERS = _collect()
"""All constants, by name."""
