"""Simulated exposure against the published one, row by row of `pharmacokinetics.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

Row = Mapping[str, Any]
ROWS: list[Row] = yaml.safe_load(Path(__file__).with_name("pharmacokinetics.yaml").read_text(encoding="utf-8"))


def _case(number: int, row: Row) -> Any:
    marks = [pytest.mark.xfail(strict=True, raises=AssertionError, reason=row["miss"])] if "miss" in row else []
    return pytest.param(row, id=f"{number:02d}-{row['id']}", marks=marks)


@pytest.mark.parametrize("row", [_case(k, row) for k, row in enumerate(ROWS)])
def test_the_cohort_median_meets_the_published_value(
    row: Row, simulate_exposure: Callable[[Row], float], reference: ModuleType
) -> None:
    simulated = simulate_exposure(row)
    assert reference.meets(row, simulated), (
        f"{row['id']}: simulated {simulated:.4g}, published {row['published']:g}, spread {row.get('spread')}"
    )


def test_most_rows_are_met() -> None:
    assert sum("miss" in row for row in ROWS) < 0.15 * len(ROWS)
