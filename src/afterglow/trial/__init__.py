"""A trial before it is run: its design, its analysis, and how often each says what is true."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from afterglow.trial.characteristics.datasets import flat_rows, write_characteristics, write_datasets
    from afterglow.trial.characteristics.operating import Characteristics, operating_characteristics
    from afterglow.trial.characteristics.simulate import TRIALS
    from afterglow.trial.characteristics.sizes import FoundSize, size_for
    from afterglow.trial.sensitivity.sensitivity import Sensitivity, sensitivity_of
    from afterglow.trial.specification.trial import Trial

__all__ = [
    "TRIALS",
    "Characteristics",
    "FoundSize",
    "Sensitivity",
    "Trial",
    "flat_rows",
    "operating_characteristics",
    "sensitivity_of",
    "size_for",
    "write_characteristics",
    "write_datasets",
]

_OWN = {
    "TRIALS": "characteristics.simulate",
    "Characteristics": "characteristics.operating",
    "FoundSize": "characteristics.sizes",
    "Sensitivity": "sensitivity.sensitivity",
    "Trial": "specification.trial",
    "flat_rows": "characteristics.datasets",
    "write_characteristics": "characteristics.datasets",
    "write_datasets": "characteristics.datasets",
    "operating_characteristics": "characteristics.operating",
    "sensitivity_of": "sensitivity.sensitivity",
    "size_for": "characteristics.sizes",
}
"""Where each lies: loaded when it is first asked for, so that an analysis or a boundary alone answers sooner."""


def __getattr__(name: str) -> Any:
    if name not in _OWN:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(f"{__name__}.{_OWN[name]}"), name)
