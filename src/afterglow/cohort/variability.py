"""From typical values and standard normals to each participant's own parameters."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from afterglow.parameters import Parameter

__all__ = ["individual_values"]


def individual_values(
    parameters: Mapping[str, Parameter],
    typical: Mapping[str, float],
    deviations: Mapping[str, NDArray[np.float64]],
    weight_kg: NDArray[np.float64],
) -> dict[str, NDArray[np.float64]]:
    """Return every parameter for every participant, each (participants,).

    Parameters
    ----------
    parameters : mapping
        Definitions by name.
    typical : mapping
        Typical values that replace the published ones, by name.
    deviations : mapping
        Standard normals (participants,) for the parameters that vary between people.
    weight_kg : array (participants,)
    """
    values = {}
    for name, parameter in parameters.items():
        centre = typical.get(name, parameter.value)
        if name in deviations:
            value = parameter.moved(centre, parameter.between_subject_sd * deviations[name])
        else:
            value = np.full(weight_kg.shape, centre)
        if parameter.weight_exponent:
            value = value * (weight_kg / 70.0) ** parameter.weight_exponent
        values[name] = value
    return values
