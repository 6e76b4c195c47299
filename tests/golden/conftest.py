"""How a golden row of the kinetics is simulated; `reference.py` is the slow independent path."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

HERE = Path(__file__).parent


def load_reference() -> ModuleType:
    name = "golden_reference"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, HERE / "reference.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


def simulate_row(row: Mapping[str, Any]) -> float:
    """Return the median of the row's quantity over a virtual cohort."""
    return float(np.nanmedian(load_reference().describe(row)))


@pytest.fixture(scope="session")
def simulate_exposure() -> Callable[[Mapping[str, Any]], float]:
    return simulate_row


@pytest.fixture(scope="session")
def reference() -> ModuleType:
    return load_reference()
