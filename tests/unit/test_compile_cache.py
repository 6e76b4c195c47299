"""Compiled code is kept by what its sources are: a copy of the package elsewhere compiles nothing again."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from afterglow.compile import cache
from afterglow.compile.equations import derivatives
from afterglow.compile.kernel.solver import solve

HERE = Path(cache.__file__).parent


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The sources that are compiled, in another place."""
    return Path(shutil.copytree(HERE, tmp_path / "elsewhere" / "compile"))


def places(folder: Path) -> tuple[Any, ...]:
    """Where the sources of a folder say that the solver and the equations are kept, and by what they know them."""
    spec = importlib.util.spec_from_file_location("copied_cache", folder / "cache.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    files = ((solve, "kernel/solver.py"), (derivatives, "equations.py"))
    found = [module.SourcesLocator.from_function(kept.py_func, str(folder / file)) for kept, file in files]
    return tuple((one.get_cache_path(), one.get_source_stamp()) for one in found)


def test_a_copy_elsewhere_is_kept_in_the_same_place(copied: Path) -> None:
    assert places(copied) == places(HERE)


@pytest.mark.skipif("NUMBA_CACHE_DIR" in os.environ, reason="numba keeps what it compiles where the user says")
def test_numba_keeps_it_there() -> None:
    assert places(HERE)[0][0] == str(solve._cache.cache_path)


def test_other_sources_are_kept_apart(copied: Path) -> None:
    (copied / "kernel" / "rows.py").write_text("# other rows", encoding="utf-8")  # not a file of either function
    assert {place for place, _ in places(copied)}.isdisjoint(place for place, _ in places(HERE))


def test_functions_of_others_are_not_kept_with_ours(tmp_path: Path) -> None:
    (tmp_path / "theirs.py").write_text("def f(): ...", encoding="utf-8")
    assert cache.SourcesLocator.from_function(derivatives.py_func, str(tmp_path / "theirs.py")) is None
