"""How a golden row of the kinetics is simulated: by the product; `reference.py` is the slow independent path."""

from __future__ import annotations

import functools
import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests.golden import product

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


@pytest.fixture(scope="module")  # a longer one would leave other tests of the slow path with the product's
def simulate_exposure() -> Iterator[Callable[[Mapping[str, Any]], float]]:
    """Rows through the product's cohort, schedule and solver."""
    module = load_reference()
    slow = module._levels
    module._levels = functools.lru_cache(maxsize=8)(functools.partial(product.levels, step_h=module.STEP_H))
    yield simulate_row
    module._levels = slow


@pytest.fixture(scope="session")
def reference() -> ModuleType:
    return load_reference()
