"""The run store: the same numbers to the last bit, and nothing that goes wrong in it costs more than time."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from tests import protocols as plan
from tests.runs import SMALL, assert_same, protocol

import afterglow.files
from afterglow import Protocol, Result, simulate
from afterglow.errors import FileError
from afterglow.posterior import shipped
from afterglow.results.tables import TABLES
from afterglow.runs.store import RunStore, StoreWarning, usual_store

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """The store that `simulate` uses, empty."""
    monkeypatch.setenv("AFTERGLOW_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("AFTERGLOW_RUNS_MB", "50")
    found = usual_store()
    assert found == RunStore(tmp_path / "runs", 50)
    return found


@pytest.fixture
def calculated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Titles of the runs that were calculated."""
    titles: list[str] = []
    simulating = import_module("afterglow.runs.simulate")
    real = simulating.run_of

    def run_of(spec: Any, *args: Any, **more: Any) -> Any:
        titles.append(spec.protocol.title)
        return real(spec, *args, **more)

    monkeypatch.setattr(simulating, "run_of", run_of)
    return titles


def small(title: str = "small", **more: Any) -> Result:
    return simulate(protocol(title), **{**SMALL, **more})


PLACEBO = {"doses": [{"day": 0, "medicine": "placebo", "route": "oral"}], "sessions": [plan.sit(0)]}
KINDS: dict[str, tuple[Protocol, dict[str, Any]]] = {
    "usual": (protocol(), {"participants": 300, "draws": 8}),
    "no window and no exposure": (protocol("waiting", waiting={"sessions": [plan.session(1)]}), SMALL),
    "placebo": (protocol("placebo", sham=PLACEBO), SMALL),
    "uncalibrated, replaced": (protocol(), {**SMALL, "calibrated": False, "typical": {"practice_days": 61.7}}),
    "twins, letters": (protocol("Prüfung – «zwei» checksum"), {**SMALL, "twins": True}),
}


def test_a_run_may_be_kept_once_it_was_returned(
    store: RunStore, calculated: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    go, real, threads, here = threading.Event(), RunStore.write, [], threading.current_thread()

    def write(self: RunStore, result: Result) -> None:
        threads.append(threading.current_thread())
        if threading.current_thread() is not here:
            assert go.wait(10)
        real(self, result)

    monkeypatch.setattr(RunStore, "write", write)
    first = [small(title, store="later") for title in ("a", "b", "c")]  # two wait, the third is kept at once
    assert [store.path(done.run.spec.key).exists() for done in first] == [False, False, True]
    assert here in threads
    go.set()
    until = time.monotonic() + 20
    while not all(store.path(done.run.spec.key).exists() for done in first) and time.monotonic() < until:
        time.sleep(0.01)
    assert_same(small("a").run, first[0].run)
    assert calculated == ["a", "b", "c"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_read_is_what_was_calculated(kind: str, store: RunStore, calculated: list[str]) -> None:
    design, how = KINDS[kind]
    first = simulate(design, **how)
    again = simulate(design, **how)
    assert len(calculated) == 1
    assert again is not first
    assert_same(first.run, again.run)
    for name in TABLES:
        assert_same(first.rows[name], again.rows[name], name)
    assert again.to_json() == first.to_json()
    assert again.provenance == first.provenance


def test_the_file_is_what_the_dataset_says(store: RunStore) -> None:
    result = small("Prüfung")
    with xr.open_dataset(store.path(result.run.spec.key), engine="scipy", decode_timedelta=False) as held:
        xr.testing.assert_equal(held, result.dataset)
        for name, values in result.dataset.variables.items():
            assert {k: v for k, v in held[name].attrs.items() if k != "_Encoding"} == values.attrs
        assert {k: held.attrs[k] for k in result.dataset.attrs} == result.dataset.attrs


def test_everything_in_the_file_says_what_it_is_in_units_that_others_read(store: RunStore) -> None:
    """UDUNITS, which the CF conventions go by, and pint both read these; pint does not read mL-1."""
    result = small("")
    with xr.open_dataset(store.path(result.run.spec.key), engine="scipy", decode_timedelta=False) as held:
        units = {values.attrs.get("units") for values in held.variables.values() if values.dtype.kind in "fiu"}
        assert units == {"1", "days", "h", "ng/mL", "ng h/mL"}
        assert all(values.attrs["long_name"] for values in held.variables.values())
        assert held.attrs["Conventions"] == "CF-1.8"
        assert all(held.attrs[name] for name in ("title", "history"))


def test_whatever_changes_a_number_is_another_run(store: RunStore, calculated: list[str]) -> None:
    own = replace(shipped(), draws={name: values[:40] for name, values in shipped().draws.items()})
    others = ({"seed": 2}, {"participants": 7}, {"draws": 3}, {"rival": "additive"}, {"twins": True})
    for more in ({}, *others, {"typical": {"practice_days": 61.0}}, {"calibrated": False}, {"posterior": own}):
        small(**more)
    assert len(calculated) == len(others) + 4
    assert len(store.keys()) == len(calculated)


def test_nothing_is_kept_where_nobody_wants_it(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    small(store=False)
    monkeypatch.setenv("AFTERGLOW_RUNS_MB", "0")
    small()
    assert not store.folder.exists()


def test_a_limit_that_is_no_number_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for said in ("much", "-1", "inf", "nan"):
        monkeypatch.setenv("AFTERGLOW_RUNS_MB", said)
        with pytest.raises(FileError, match=f"AFTERGLOW_RUNS_MB should be a number of megabytes.*'{said}'"):
            usual_store()
    monkeypatch.setenv("AFTERGLOW_RUNS_MB", "0,5")
    with pytest.raises(FileError, match=r"a number of megabytes.*'0,5' has a decimal comma; write 0\.5"):
        usual_store()


def damage_end(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def damage_one_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def another_run(path: Path) -> None:
    path.write_bytes(path.with_name("other").read_bytes())


def other_sources(path: Path) -> None:
    path.write_bytes(path.with_name("older").read_bytes())


def foreign(path: Path) -> None:
    path.write_bytes(b"CDF\x02 checksum of nothing that anybody wrote")


@pytest.mark.parametrize("harm", [damage_end, damage_one_bit, empty, another_run, other_sources, foreign])
def test_a_file_that_is_not_the_run_is_calculated_again(
    harm: Any, store: RunStore, calculated: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr("afterglow.runs.store.source_digest", lambda: "older")
        small()
    path = store.path(store.keys()[0])
    path.rename(path.with_name("older"))
    other = store.path(small("other").run.spec.key)
    other.rename(other.with_name("other"))
    first = small()
    harm(path)
    assert store.read(path.stem) is None
    assert not path.exists()
    assert_same(small().run, first.run)
    assert store.read(path.stem) is not None
    assert calculated == ["small", "other", "small", "small"]


def test_the_least_recently_used_goes_first(store: RunStore) -> None:
    made = [small(title).run.spec.key for title in "abcd"]
    size = store.path(made[0]).stat().st_size
    for age, key in enumerate(made):
        os.utime(store.path(key), (1e9 + age, 1e9 + age))
    small("a")  # is read, and so the youngest now
    RunStore(store.folder, 3.5 * size / 1e6).write(small("e", store=False))
    assert set(store.keys()) == {made[3], made[0], small("e", store=False).run.spec.key}


def test_a_run_larger_than_what_can_be_kept_is_not(store: RunStore) -> None:
    kept = small("kept")
    large = small("large", store=False)
    RunStore(store.folder, 0.01).write(large)
    assert store.keys() == [kept.run.spec.key]


def test_what_a_killed_process_left_is_swept_when_it_is_old(store: RunStore) -> None:
    key = small("a").run.spec.key
    old, new, foreign = (store.folder / name for name in (f".{key}.nc.x1.part", f".{key}.nc.x2.part", ".mine.part"))
    for path in (old, new, foreign):
        path.write_bytes(b"half")
    for path in (old, foreign):
        os.utime(path, (time.time() - 7200,) * 2)
    small("b")
    assert [path.exists() for path in (old, new, foreign)] == [False, True, True]


def test_a_full_disk_costs_nothing_but_the_copy(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = small(store=False)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(afterglow.files, "_write_and_move", full)
    with pytest.warns(StoreWarning, match="not kept, its numbers are fine: .*No space left") as told:
        found = small()
    assert len(told) == 1
    assert_same(found.run, expected.run)


def test_a_folder_that_cannot_be_made_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("AFTERGLOW_RUNS", str(tmp_path / "file" / "runs"))
    monkeypatch.setenv("AFTERGLOW_RUNS_MB", "50")
    expected = small(store=False)
    with pytest.warns(StoreWarning, match="not kept"):
        assert_same(small().run, expected.run)


def python(code: str, folder: Path, limit: float = 50, **more: Any) -> subprocess.Popen[str]:
    variables = {**os.environ, "AFTERGLOW_RUNS": str(folder), "AFTERGLOW_RUNS_MB": str(limit), "PYTHONPATH": str(ROOT)}
    if os.environ.get("PYTHONPATH"):
        variables["PYTHONPATH"] += os.pathsep + os.environ["PYTHONPATH"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, "-c", code], env=variables, text=True, **pipes, **more)


WRITES = """
from afterglow.runs.simulate import simulate
from afterglow.runs.store import usual_store
from tests.runs import SMALL, protocol
store = usual_store()
results = [simulate(protocol(title), **SMALL, store=False) for title in TITLES]
print("ready", flush=True)
for _ in range(ROUNDS):
    for result in results:
        store.write(result)
        found = store.read(result.run.spec.key)  # None when the other process has made room for its own
        assert found is None or found.run.spec.key == result.run.spec.key
"""


@pytest.mark.slow
@pytest.mark.parametrize("titles", [("ab", "ab"), ("abcd", "efgh")], ids=["same keys", "different keys"])
def test_two_processes_write_at_once(titles: tuple[str, str], store: RunStore) -> None:
    size = len(small("a").dataset.to_netcdf(engine="scipy"))
    limit = 3.5 * size / 1e6
    runs = [python(f"TITLES, ROUNDS = {each!r}, 40\n{WRITES}", store.folder, limit) for each in titles]
    for process in runs:
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
        assert said == ""
    held = list(store.folder.iterdir())
    assert sum(path.stat().st_size for path in held) <= limit * 1e6
    assert held
    for path in held:
        assert path.suffix == ".nc"
        assert store.load(path.stem).run.spec.key == path.stem


@pytest.mark.slow
def test_a_writer_killed_at_any_moment_loses_nothing(store: RunStore) -> None:
    expected = {small(title, store=False).run.spec.key: small(title, store=False).run for title in "ab"}
    process = python(f"TITLES, ROUNDS = 'ab', 10**9\n{WRITES}", store.folder)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    for _ in range(3):
        time.sleep(np.random.default_rng().uniform(0.02, 0.2))
        process.send_signal(signal.SIGSTOP)  # as if it were killed here: what others see must be whole
        for key, run in expected.items():
            if store.path(key).exists():
                assert_same(store.load(key).run, run)
        process.send_signal(signal.SIGCONT)
    process.kill()
    process.communicate()
    for key, run in expected.items():
        assert_same(small("ab"[list(expected).index(key)]).run, run)
        assert_same(store.load(key).run, run)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="limits of a process")
def test_a_disk_that_fills_up_midway_is_one_line_of_the_command(store: RunStore, tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(protocol().to_yaml(), encoding="utf-8")
    words = ["simulate", str(file), "-n", "6", "--draws", "4", "--json"]
    code = f"import sys\nfrom afterglow.cli.main import run\nsys.argv = ['afterglow', *{words!r}]\nrun()"
    small_files = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))}
    plain, said = python(code, store.folder, limit=0).communicate(timeout=120)
    assert said == ""
    full = python(code, store.folder, **small_files)
    printed, said = full.communicate(timeout=120)
    assert full.returncode == 0
    assert printed == plain
    assert len(said.splitlines()) == 1
    assert said.startswith("afterglow: the run was not kept, its numbers are fine")
    assert list(store.folder.iterdir()) == []


def test_a_kept_run_is_read_quickly(store: RunStore) -> None:
    key = simulate(protocol(), participants=256).run.spec.key
    times = []
    for _ in range(5):
        began = time.process_time()
        assert store.read(key) is not None
        times.append(time.process_time() - began)
    assert min(times) < 0.1  # measured: 0.02 s; the bound allows for a machine that does other things
