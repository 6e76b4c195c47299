"""Refusals name what is wrong as people do."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel

from afterglow.studio.designs import design
from afterglow.studio.field_names import _NAMES, place_in_words
from afterglow.studio.plan.planning import PlanRequest

ARM = {"medicine": "psilocybin"}
SESSION = {"day": 1, "kind": "integration", "hours": 1.5}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"arms": [{**ARM, "dose": 5000}]}, "The dose of arm 1 must be at most 1000, got 5000."),
        ({"arms": [ARM, {**ARM, "dose": -1}]}, "The dose of arm 2 must be more than 0, got -1."),
        ({"arms": [{**ARM, "dose": "12,5"}]}, "The dose of arm 1: '12,5' has a decimal comma; write 12.5."),
        ({"horizon_days": "abc", "arms": [ARM]}, "The days followed must be a number, got 'abc'."),
        ({"arms": []}, "The arms: at least 1, got 0."),
        ({"arms": [ARM] * 9}, "The arms: at most 8, got 9."),
        ({"arms": [{}]}, "The medicine of arm 1 is missing."),
        ({"arms": [{**ARM, "colour": 1}]}, "The colour of arm 1 is not known here."),
        ({"arms": [{**ARM, "dosing_days": [0, 0.5]}]}, "The dosing days of arm 1: dosing days rise by a day or more"),
        (
            {"arms": [{**ARM, "sessions": [SESSION, {**SESSION, "hours": 30}]}]},
            "The hours of session 2 of arm 1 must be at most 12, got 30.",
        ),
        (
            {"arms": [{**ARM, "sessions": [{**SESSION, "hours": 30, "day": 5000}]}]},
            "The day of session 1 of arm 1 must be at most 1095, got 5000. 1 more thing is wrong.",
        ),
        ({"rival": "foo", "arms": [ARM]}, "The explanation must be 'weighted', 'window',"),
        ({"arms": [{**ARM, "label": "x" * 90}]}, "The name of arm 1 may have 80 characters at most."),
        ({"arms": [{**ARM, "sessions": [{**SESSION, "day": 300}]}]}, "The sessions of arm 1: day 300 lies beyond"),
        ([], "The request could not be read."),
    ],
)
def test_a_bad_design_is_told_in_one_sentence(
    start: Callable[..., TestClient], sqlite_url: str, asked: Any, said: str
) -> None:
    answer = start(sqlite_url).post("/api/course", json=asked)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(said)


def test_every_field_of_a_design_and_a_plan_has_a_name() -> None:
    shapes: list[type[BaseModel]] = [design.Design, design.ArmDesign, design.PlannedSession, design.PlannedPractice]
    fields = {name for shape in (*shapes, PlanRequest) for name in shape.model_fields}
    unnamed = {name for name in fields if name not in _NAMES}
    assert not {name for name in unnamed if "_" in name}, "these would be read out as they are written in code"
    assert not re.search(r"[\[\]_]", place_in_words(["arms", 0, "sessions", 3, "hours_per_week"]))
