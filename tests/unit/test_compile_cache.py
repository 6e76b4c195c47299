"""Compiled code is kept by what its sources are: a copy of the package elsewhere compiles nothing again."""

from __future__ import annotations

import errno
import importlib.util
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from numba import njit
from numba.core.caching import IndexDataCacheFile, NullCache

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


@pytest.fixture
def places_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, Path]]:
    """A cache of the user and a temporary folder, where nobody has been yet."""
    usual, temporary = tmp_path / "cache", tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(usual))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    cache._folder.cache_clear()
    yield usual / "afterglow" / cache._digest(), temporary / f"afterglow-{os.getuid()}-{cache._digest()}"
    cache._folder.cache_clear()


posix = pytest.mark.skipif(os.name != "posix", reason="rights of files")


def no_room(*_: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@posix
def test_the_folder_is_closed_to_others(places_of: tuple[Path, Path]) -> None:
    assert cache._folder() == places_of[0]
    assert places_of[0].stat().st_mode & 0o777 == 0o700


@posix
@pytest.mark.parametrize("trap", ["a file", "open to reading", "open to a group", "a link", "a parent open to all"])
def test_a_folder_that_others_prepared_is_not_used(trap: str, places_of: tuple[Path, Path], tmp_path: Path) -> None:
    usual, temporary = places_of
    usual.parent.mkdir(parents=True)
    match trap:
        case "a file":
            usual.write_text("", encoding="utf-8")
        case "a link":
            theirs = tmp_path / "theirs"
            theirs.mkdir(0o700)
            usual.symlink_to(theirs)
        case "a parent open to all":
            usual.parent.chmod(0o777)
        case _:
            usual.mkdir()
            usual.chmod(0o755 if trap == "open to reading" else 0o770)
    assert cache._folder() == temporary
    assert temporary.stat().st_mode & 0o777 == 0o700


@posix
def test_a_folder_for_temporary_files_that_a_stranger_made_first_is_passed_over_for_a_fresh_one(
    places_of: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, temporary = places_of
    usual.parent.parent.write_text("", encoding="utf-8")  # no cache of the user
    temporary.mkdir()
    temporary.chmod(0o777)
    fresh = cache._folder()
    assert fresh is not None
    assert fresh != temporary
    assert fresh.parent == temporary.parent
    assert fresh.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(fresh)
    cache._folder.cache_clear()
    temporary.parent.chmod(0o777)  # without the sticky bit anybody may put another folder in its place
    assert cache._folder() is None
    temporary.parent.chmod(0o1777)
    cache._folder.cache_clear()
    assert cache._folder() is not None


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root gives files away")
def test_a_folder_of_somebody_else_is_passed_over(places_of: tuple[Path, Path]) -> None:
    usual, temporary = places_of
    usual.mkdir(0o700, parents=True)
    os.chown(usual, 12345, 12345)
    assert cache._folder() == temporary


@posix
def test_without_home_or_temporary_folder_code_is_compiled_and_not_kept(
    places_of: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "no home"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    monkeypatch.setattr(cache, "_HERE", Path(__file__).parent)
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    double = njit(cache=True)(doubled)
    assert isinstance(double._cache, NullCache)
    assert double(4.0) == 8.0
    assert not (tmp_path / "no home").exists()


def doubled(x: float) -> float:
    return 2.0 * x


@posix
def test_a_full_disk_or_a_damaged_cache_costs_time_and_one_sentence(
    places_of: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_HERE", Path(__file__).parent)
    monkeypatch.setattr(cache, "_digest", lambda: "test")
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    cache._say_once.cache_clear()
    with pytest.MonkeyPatch.context() as full, warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        full.setattr(IndexDataCacheFile, "save", no_room)
        double = njit(cache=True)(doubled)
        assert double(4.0) == 8.0
        assert double(4) == 8
    assert [one.category for one in said] == [cache.CacheWarning]
    assert "No space left on device" in str(said[0].message)
    assert njit(cache=True)(doubled)(4.0) == 8.0
    kept = [path for path in places_of[0].with_name("test").rglob("*") if path.is_file()]
    assert {path.suffix for path in kept} == {".nbi", ".nbc"}
    for path in kept:
        path.write_bytes(b"damaged")
    assert njit(cache=True)(doubled)(4.0) == 8.0
