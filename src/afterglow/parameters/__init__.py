"""Every constant of the model, by name."""

from __future__ import annotations

from collections.abc import Mapping

from afterglow.errors import ParameterError
from afterglow.parameters.comparators import COMPARATORS
from afterglow.parameters.engagement import ENGAGEMENT
from afterglow.parameters.esketamine import ESKETAMINE
from afterglow.parameters.fluctuation import FLUCTUATION
from afterglow.parameters.group import GROUP
from afterglow.parameters.ketamine import KETAMINE
from afterglow.parameters.mdma import MDMA
from afterglow.parameters.parameter import Parameter
from afterglow.parameters.patterns import PATTERNS
from afterglow.parameters.plasticity import PLASTICITY
from afterglow.parameters.psilocybin import PSILOCYBIN
from afterglow.parameters.therapy import THERAPY

__all__ = ["PARAMETERS", "Parameter"]


def _collect() -> Mapping[str, Parameter]:
    groups = (
        KETAMINE,
        ESKETAMINE,
        PSILOCYBIN,
        MDMA,
        COMPARATORS,
        ENGAGEMENT,
        PLASTICITY,
        THERAPY,
        PATTERNS,
        GROUP,
        FLUCTUATION,
    )
    found: dict[str, Parameter] = {}
    for parameter in (p for group in groups for p in group):
        if parameter.name in found:
            raise ParameterError(f"parameter '{parameter.name}' is defined twice")
        found[parameter.name] = parameter
    return found


PARAMETERS = _collect()
