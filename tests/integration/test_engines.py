"""Threads, processes and Dask give the same numbers to the last bit, whatever happens to the workers."""

from __future__ import annotations

import contextlib
import functools
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from tests.runs import assert_same, protocol

from afterglow import errors, simulate
from afterglow.calibrate.predict import predict_at_draws
from afterglow.calibrate.targets import calibration_trials
from afterglow.cohort import Draw
from afterglow.errors import AfterglowError, ParameterError, ProtocolError, SolverError
from afterglow.runs.execute import Engine, Executor, results_of
from afterglow.runs.simulate import spec_of
from afterglow.simulate.part import Part
from afterglow.simulate.run import Run, assembled, parts_of
from afterglow.simulate.spec import MOST_PEOPLE, draws_of

ROOT = Path(__file__).parents[2]
LARGE = {"participants": 3000, "draws": 6, "twins": False}
"""People beyond those that are kept, and draws of all explanations."""


@dataclass(frozen=True)
class Sleep:
    """A task that takes its time, and says who did it."""

    number: int
    seconds: float = 0.0
    courses: int = 1

    def calculate(self) -> tuple[int, int]:
        time.sleep(self.seconds)
        return self.number, os.getpid()


@dataclass(frozen=True)
class Fails:
    """A task that raises an error."""

    error: Exception
    courses: int = 1

    def calculate(self) -> None:
        raise self.error


@dataclass(frozen=True)
class Dies:
    """A task whose worker is killed, as by a lack of memory."""

    courses: int = 1

    def calculate(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    with Engine("processes", 2).running() as executor:
        yield executor


@pytest.fixture(scope="module")
def dask() -> Iterator[Executor]:
    with Engine("dask", 2).running() as executor:
        yield executor


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the scheduler of a cluster answers that somebody else has started."""
    distributed = import_module("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as cluster:
        yield cluster.scheduler_address


@pytest.fixture(params=["threads", "processes", "dask"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    if request.param != "threads":
        yield request.getfixturevalue(request.param)
        return
    with Engine("threads", 2).running() as found:
        yield found


def run_on(executor: Executor | None, order: Callable[[list[Any]], list[Any]] = list, **more: Any) -> Run:
    """Run the large cohort, its parts and their results in an order."""
    spec, posteriors = spec_of(protocol(), **{**LARGE, **more})
    draws = draws_of(spec, posteriors)
    parts = order(list(parts_of(spec, draws)))
    return assembled(spec, draws, order(list(results_of(parts, executor=executor))))


@pytest.fixture(scope="module")
def plain() -> Run:
    """The same, one part after another."""
    with Engine("threads", 1).running() as executor:
        return run_on(executor)


def test_every_engine_gives_the_same_numbers(executor: Executor, plain: Run) -> None:
    assert_same(run_on(executor), plain)


def test_the_order_does_not_matter(plain: Run) -> None:
    def shuffled(some: list[Any]) -> list[Any]:
        return [some[k] for k in np.random.default_rng(len(some)).permutation(len(some))]

    assert_same(run_on(None, shuffled), plain)


@pytest.mark.parametrize(
    ("lot", "most", "parts"), [(64, 10**6, 132), (128, 10, 12)], ids=["many small parts", "few parts, each in lots"]
)
def test_the_cutting_does_not_matter(
    lot: int, most: int, parts: int, plain: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("run", "part"):
        monkeypatch.setattr(import_module(f"afterglow.simulate.{name}"), "PEOPLE_AT_ONCE", lot)
    monkeypatch.setattr(import_module("afterglow.simulate.run"), "_COURSES_PER_PART", 64)
    monkeypatch.setattr(import_module("afterglow.simulate.run"), "_FEWEST_PARTS", most)
    monkeypatch.setattr(import_module("afterglow.simulate.run"), "_MOST_PARTS", most)
    assert len(beyond_the_kept()) == parts
    assert_same(run_on(None), plain)


def beyond_the_kept() -> list[Part]:
    """The parts of the large cohort that only count."""
    spec, posteriors = spec_of(protocol(), **LARGE)
    every = parts_of(spec, draws_of(spec, posteriors))
    return [part for part in every if isinstance(part, Part) and part.times is None]


def test_beyond_the_kept_people_only_counts_come_back() -> None:
    piece = beyond_the_kept()[0].calculate()
    assert (piece.severity, piece.scores, piece.curves, piece.windows) == (None, {}, None, ())
    assert {values.dtype.kind for counts in piece.counts.values() for values in counts.arrays().values()} == {"i"}
    assert len(pickle.dumps(piece)) < 10_000


def test_a_larger_cohort_has_no_more_parts_than_memory_allows() -> None:
    counts = []
    for people in (10**7, MOST_PEOPLE):
        spec, posteriors = spec_of(protocol(), participants=people, twins=False)
        counts.append(len(parts_of(spec, draws_of(spec, posteriors))))
    assert counts[0] < counts[1] <= 10_000


def test_tasks_are_handed_out_few_at_a_time_and_progress_is_told(executor: Executor) -> None:
    told: list[tuple[int, int]] = []
    handed = 0

    def tasks() -> list[Sleep]:
        return [Sleep(k, courses=k + 1) for k in range(300)]

    def submit(task: Any) -> Any:
        nonlocal handed
        handed += 1
        return executor.submit(task)

    most = 0
    found = []
    watched = Executor(submit, executor.ahead)
    for number, _ in results_of(tasks(), executor=watched, progress=lambda *done: told.append(done)):
        found.append(number)
        most = max(most, handed - len(found))
    assert sorted(found) == list(range(300))
    assert most <= executor.ahead()
    total = 300 * 301 // 2
    assert told[-1] == (total, total)
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert len(told) == 300


@pytest.mark.parametrize(
    "error",
    [
        SolverError("arm 'a': 2 participants could not be integrated", participants=(3, 8)),
        ProtocolError("no such route", where="arms[0].doses[1]"),
        errors.ExtrapolationError("above the studied dose", where="arms[0]"),
        ParameterError("impossible"),
        errors.FileError("unreadable"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_arrives_as_itself(error: AfterglowError, executor: Executor) -> None:
    with pytest.raises(type(error)) as caught:
        list(results_of([Fails(error), *(Sleep(k) for k in range(20))], executor=executor))
    assert str(caught.value) == str(error)
    assert vars(caught.value).keys() >= vars(error).keys()
    for name, value in vars(error).items():
        assert getattr(caught.value, name) == value
    assert len(list(results_of([Sleep(k) for k in range(5)], executor=executor))) == 5  # the engine goes on


def test_every_error_survives_the_way_from_a_worker() -> None:
    known = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AfterglowError)]
    assert len(known) >= 6
    for kind in known:
        more = {"where": "arms[0]"} if issubclass(kind, ProtocolError) else {}
        error = kind("wrong", **more)
        back = pickle.loads(pickle.dumps(error))
        assert (type(back), str(back), vars(back)) == (kind, str(error), vars(error))


def test_calibration_predicts_the_same_on_every_engine(executor: Executor) -> None:
    trials = calibration_trials()[:2]
    draws = [Draw(rival="window"), Draw(rival="additive", typical={"practice_days": 50.0})]
    assert_same(
        predict_at_draws(trials, draws, people=16, executor=executor), predict_at_draws(trials, draws, people=16)
    )


@pytest.mark.slow
def test_a_killed_dask_worker_loses_nothing(plain: Run) -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with Engine("dask", 2).running() as executor:
        (first,) = results_of([Sleep(0)], executor=executor)
        victim = first[1]
        assert victim not in before
        spec, posteriors = spec_of(protocol(), **LARGE)
        draws = draws_of(spec, posteriors)
        pieces = []
        for piece in results_of(parts_of(spec, draws), executor=executor):
            if not pieces:
                os.kill(victim, signal.SIGKILL)
            pieces.append(piece)
        assert_same(assembled(spec, draws, pieces), plain)
        numbers = {number for number, _ in results_of([Sleep(k, 0.05) for k in range(40)], executor=executor)}
        assert numbers == set(range(40))
    assert not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in {victim})


@pytest.mark.slow
def test_a_killed_process_is_named() -> None:
    with (
        Engine("processes", 2).running() as executor,
        pytest.raises(AfterglowError, match="a worker process ended by itself, perhaps for lack of memory"),
    ):
        list(results_of([Dies(), *(Sleep(k, 0.01) for k in range(50))], executor=executor))


_STARTED_S = 5
"""Time after which a worker has loaded all it needs and calculates; loading takes it one second, on a slow machine more
than two, and an interrupt of Dask while it still starts is answered with words of its own."""

COMMAND = """
import sys, time
from afterglow.cli.main import run
if __name__ == "__main__":
    sys.argv = ["afterglow", *sys.argv[1:]]
    run()
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("how", ["interrupt", "kill"])
@pytest.mark.parametrize("engine", ["processes", "dask"])
def test_workers_end_with_the_command(engine: str, how: str, tmp_path: Path) -> None:
    script, file = tmp_path / "command.py", tmp_path / "small.yaml"
    script.write_text(COMMAND)
    file.write_text(protocol().to_yaml(), encoding="utf-8")
    command = [sys.executable, str(script), "simulate", str(file), "-n", "4000000", "--draws", "4", "--rival", "window"]
    heeds = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(
        [*command, "--engine", engine, "--workers", "2"], stderr=subprocess.PIPE, text=True, preexec_fn=heeds
    )
    children: list[psutil.Process] = []
    said = ""
    try:
        end = time.monotonic() + 300
        while len(children) < 2 and time.monotonic() < end:
            time.sleep(0.2)
            children = [
                c for c in psutil.Process(process.pid).children(recursive=True) if sum(c.cpu_times()[:2]) > _STARTED_S
            ]
        assert len(children) == 2
        for patience in (20, 20, 60):  # Python drops an interrupt that comes while an object is thrown away: again
            if how == "interrupt":
                process.send_signal(signal.SIGINT)
            else:
                process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                _, said = process.communicate(timeout=patience)
                break
        _, alive = psutil.wait_procs(children, timeout=30)
        assert alive == []
    finally:
        for left in (*children, process):
            with contextlib.suppress(psutil.NoSuchProcess):
                left.kill()
    if how == "interrupt":
        assert process.returncode == 130, said
        assert not said or said.endswith("afterglow: interrupted; no file was left half-written\n")


def test_an_engine_that_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for more, sentence in (
        ({"engine": "dusk"}, "unknown engine 'dusk': did you mean 'dask'?"),
        ({"workers": 0}, "an engine needs at least 1 worker, not 0"),
        ({"scheduler": "tcp://127.0.0.1:8786"}, "a scheduler belongs to the engine dask, not to threads"),
        (
            {"engine": "dask", "workers": 2, "scheduler": "tcp://127.0.0.1:8786"},
            "the workers of a running cluster are its own: leave out how many",
        ),
    ):
        with pytest.raises(ParameterError) as caught:
            simulate(protocol(), **more)
        assert str(caught.value) == sentence


def test_a_missing_extra_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(AfterglowError, match=r'pip install "afterglow-sim\[cluster\]"'):
        simulate(protocol(), engine="dask")


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("afterglow.runs.execute"), "_CONNECT_S", 1)
    with pytest.raises(AfterglowError, match=r"no Dask scheduler answers at 'tcp://127\.0\.0\.1:9'"):
        simulate(protocol(), engine="dask", scheduler="tcp://127.0.0.1:9")


@pytest.mark.slow
def test_a_running_cluster_is_used_and_left_running(address: str, plain: Run) -> None:
    for _ in range(2):
        result = simulate(protocol(), **LARGE, engine="dask", scheduler=address)
        assert_same(result.run, plain)


@pytest.mark.slow
def test_a_worker_with_other_sources_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("afterglow.runs.execute"), "source_digest", lambda: "of another version")
    with (
        Engine("dask", scheduler=address).running() as executor,
        pytest.raises(AfterglowError, match="a worker of the cluster has another version of Afterglow"),
    ):
        list(results_of([Sleep(0)], executor=executor))


@pytest.mark.slow
def test_a_cluster_of_this_machine_can_be_reached_from_this_machine_only(dask: Executor) -> None:
    own = psutil.Process()
    listening = [
        seen.laddr.ip
        for process in (own, *own.children(recursive=True))
        for seen in process.net_connections("inet")
        if seen.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert set(listening) == {"127.0.0.1"}
