"""What each may have of something, and how it comes back."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from afterglow.studio import allowance as allowance_module
from afterglow.studio.allowance import Allowance


def test_an_allowance_comes_back_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [0.0]
    monkeypatch.setattr(allowance_module, "time", SimpleNamespace(monotonic=lambda: moment[0]))
    held = Allowance(0.3, 6.0, alone_s=10.0)
    assert [held.take("ann", 3.0) for _ in range(9)] == [True] * 9, "nobody else is there"
    moment[0] = 100.0
    assert held.take("ben", 0.0)
    assert [held.take("ann", 3.0) for _ in range(3)] == [True, True, False]
    held.give_back("ann", 2.0)
    assert held.take("ann", 2.0), "what was refused took nothing, and what was given back is there"
    assert held.take("ben", 6.0)
    moment[0] = 109.9
    assert [held.take("ann", 2.9), held.take("ann", 0.2)] == [True, False]
    moment[0] = 1e6
    assert held.take("ben", 0.0)
    assert [held.take("ann", 6.0), held.take("ann", 0.1)] == [True, False], "no more than so much is saved up"


def test_whoever_asks_too_much_waits_also_where_nobody_else_is(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [0.0]
    monkeypatch.setattr(allowance_module, "time", SimpleNamespace(monotonic=lambda: moment[0]))
    held = Allowance(2.0, 10.0)
    assert [held.take("ann") for _ in range(11)] == [True] * 10 + [False]
    assert held.left("ben") == 10.0
    moment[0] = 1.0
    assert held.left("ann") == 2.0
    assert [held.take("ann") for _ in range(3)] == [True, True, False]


def test_whoever_asked_longest_ago_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance_module, "_REMEMBERED", 2)
    held = Allowance(1e-9, 1.0)
    assert [held.take(who) for who in ("ann", "ben", "ann", "cy")] == [True, True, False, True]
    assert [held.left(who) >= 1 for who in ("ann", "ben", "cy")] == [False, True, False]
