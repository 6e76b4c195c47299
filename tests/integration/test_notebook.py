"""The tutorial as a notebook: its cells run in order, what they end in can be shown, and it is kept without outputs."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

from afterglow import Result

NOTEBOOK = Path(__file__).parents[2] / "docs" / "tutorials" / "notebook.ipynb"


def cells() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in found if cell["cell_type"] == "code"]


def shown(source: str, names: dict[str, Any]) -> Any:
    """Run a cell and return what its last line is worth, as a notebook would show it."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, NOTEBOOK.name, "exec"), names)
    return eval(compile(ast.Expression(last.value), NOTEBOOK.name, "eval"), names) if last is not None else None


def test_the_notebook_runs_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "notebook"}
    ends = [shown("".join(cell["source"]), names) for cell in cells()]
    assert isinstance(ends[0], Result)
    assert sum(isinstance(end, Figure) for end in ends) == 2
    tables = [end for end in ends if isinstance(end, pd.DataFrame)]
    assert len(tables) == 2
    assert all(len(table) > 3 for table in tables)
    assert (tmp_path / "psilocybin.nc").is_file()


def test_the_notebook_is_kept_without_outputs() -> None:
    assert cells()
    for cell in cells():
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
