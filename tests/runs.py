"""Runs that the tests of store and engines share, and what it means that two are the same to the last bit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from afterglow import Protocol
from tests import protocols as plan

SMALL = {"participants": 6, "draws": 2, "rival": "window", "twins": False}
"""A run that takes a moment."""


def protocol(title: str = "small", **arms: Any) -> Protocol:
    """Two short arms with different medicines, or those given."""
    own = arms or {
        "dosed": {"doses": [plan.psilocybin()], "sessions": [plan.sit(0), plan.session(1)]},
        "infused": {"doses": [plan.ketamine(0)], "sessions": [plan.session(2)]},
    }
    return Protocol.made({**plan.protocol(plan.DEPRESSION, [-1, 7, 28], **own), "title": title, "horizon_days": 28})


def assert_same(a: Any, b: Any, where: str = "run") -> None:
    """Fail unless two runs hold the same, arrays by type, shape and every bit of every number."""
    if isinstance(a, np.ndarray):
        assert isinstance(b, np.ndarray), where
        assert (a.dtype, a.shape) == (b.dtype, b.shape), where
        assert a.tobytes() == b.tobytes(), where
    elif is_dataclass(a):
        assert type(a) is type(b), where
        for field in fields(a):
            assert_same(getattr(a, field.name), getattr(b, field.name), f"{where}.{field.name}")
    elif isinstance(a, Mapping):
        assert list(a) == list(b), where
        for key in a:
            assert_same(a[key], b[key], f"{where}[{key}]")
    elif isinstance(a, tuple | list):
        assert len(a) == len(b), where
        for k, pair in enumerate(zip(a, b, strict=True)):
            assert_same(*pair, f"{where}[{k}]")
    else:
        assert a == b or (a != a and b != b), where
