"""Layer 2, joined: what is felt of all medicines together."""

from __future__ import annotations

import sympy

from afterglow.medicines import FELT_MEDICINES
from afterglow.model.symbols import Layer, Quantity, symbol

__all__ = ["felt"]


def felt() -> Layer:
    """Return what is felt of all medicines together."""
    return Layer(
        name="felt",
        meaning="Acute intensity, all medicines together",
        quantities=(
            Quantity(
                name="felt",
                unit="fraction",
                meaning="Acute intensity of everything taken",
                expression=1 - sympy.prod([1 - symbol(f"felt_{m}") for m in FELT_MEDICINES]),
            ),
        ),
    )
