"""Does the work of a run in pieces: on threads, on processes, or on a Dask cluster. The numbers do not depend on it."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from multiprocessing import connection
from types import ModuleType
from typing import Any, Literal, Protocol, get_args

from afterglow.compile.cache import CacheWarning
from afterglow.errors import AfterglowError, ParameterError, nearest
from afterglow.runs.sources import source_digest

__all__ = ["Engine", "EngineName", "Executor", "Task", "cores", "results_of"]

EngineName = Literal["threads", "processes", "dask"]
_NAMES: tuple[str, ...] = get_args(EngineName)

_AHEAD = 4
"""Pieces under way for each worker: enough that none waits, few enough that results do not pile up."""
_FEWEST_AHEAD = 64
"""Pieces under way on a cluster that has few workers yet: it grows by what waits."""
_CONNECT_S = 15

_WORKERS = {
    "distributed.worker.profile.enabled": False,
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 256 * 2**20,
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 32 * 2**20,
}
"""Settings of Dask's workers: no profiler, and memory is kept between parts as in any other process."""

_EXTRA = 'the engine dask needs a few more packages: pip install "afterglow-sim[cluster]"'
_GUARD = 'a script that starts processes needs the line: if __name__ == "__main__":'


class Task(Protocol):
    """A piece of work that can be sent elsewhere."""

    @property
    def courses(self) -> int:
        """Its size: participants times draws."""
        ...

    def calculate(self) -> Any:
        """Do it."""
        ...


@dataclass(frozen=True)
class Executor:
    """An engine that is running.

    Parameters
    ----------
    submit : callable
        Takes a task and returns the future of its result.
    ahead : callable
        Returns how many tasks may be under way at once.
    """

    submit: Callable[[Task], Future[Any]]
    ahead: Callable[[], int]


@dataclass(frozen=True)
class Engine:
    """What does the work.

    Parameters
    ----------
    name : str
        threads, processes or dask.
    workers : int, optional
        By default one per core.
    scheduler : str, optional
        Address of the scheduler of a Dask cluster that is running; by default a cluster of this machine is started.

    Raises
    ------
    ParameterError
        If the name is unknown, or the rest does not fit it.
    """

    name: EngineName = "threads"
    workers: int | None = None
    scheduler: str | None = None

    def __post_init__(self) -> None:
        if self.name not in _NAMES:
            raise ParameterError(f"unknown engine '{self.name}': {nearest(self.name, _NAMES)}")
        if self.workers is not None and self.workers < 1:
            raise ParameterError(f"an engine needs at least 1 worker, not {self.workers}")
        if self.scheduler is not None and self.name != "dask":
            raise ParameterError(f"a scheduler belongs to the engine dask, not to {self.name}")
        if self.scheduler is not None and self.workers is not None:
            raise ParameterError("the workers of a running cluster are its own: leave out how many")

    @contextmanager
    def running(self) -> Iterator[Executor]:
        """Start the engine, and stop it at the end, or at once if something fails.

        Raises
        ------
        AfterglowError
            If packages are missing, or no cluster answers.
        """
        start = {"threads": _threads, "processes": _processes, "dask": _dask}[self.name]
        with ExitStack() as stack:
            yield start(self, stack)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def results_of(
    tasks: Iterable[Task], *, executor: Executor | None = None, progress: Callable[[int, int], None] | None = None
) -> Iterator[Any]:
    """Yield the result of every task as it comes, in any order.

    Parameters
    ----------
    tasks : iterable of Task
    executor : Executor, optional
        By default threads, one per core.
    progress : callable, optional
        Told how many courses are done, and of how many.

    Raises
    ------
    AfterglowError
        What a task raised; or if the workers are gone.
    """
    if executor is None:
        with Engine().running() as own:
            yield from results_of(tasks, executor=own, progress=progress)
        return
    left = list(tasks)
    total, done = sum(task.courses for task in left), 0
    coming = iter(left)
    waiting: dict[Future[Any], int] = {}
    try:
        while True:
            for task in islice(coming, max(executor.ahead() - len(waiting), 0)):
                waiting[executor.submit(task)] = task.courses
            if not waiting:
                return
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                done += waiting.pop(future)
                result = future.result()
                if progress is not None:
                    progress(done, total)
                yield result
    except BrokenProcessPool:
        raise AfterglowError(f"a worker process ended by itself, perhaps for lack of memory; {_GUARD}") from None
    except CancelledError:
        raise AfterglowError("the Dask cluster went away before the work was done") from None
    finally:
        for future in waiting:
            future.cancel()


def _threads(engine: Engine, stack: ExitStack) -> Executor:
    workers = engine.workers or cores()
    pool = ThreadPoolExecutor(workers)
    stack.callback(pool.shutdown, cancel_futures=True)
    return Executor(lambda task: pool.submit(task.calculate), lambda: _AHEAD * workers)


def _processes(engine: Engine, stack: ExitStack) -> Executor:
    workers = engine.workers or cores()
    spawn = multiprocessing.get_context("spawn")
    theirs, ours = spawn.Pipe(duplex=False)
    stack.callback(theirs.close)
    pool = ProcessPoolExecutor(workers, mp_context=spawn, initializer=_end_with, initargs=(theirs,))
    stack.callback(pool.shutdown, cancel_futures=True)
    stack.callback(ours.close)  # first: nobody waits for work that is not wanted any more
    return Executor(lambda task: pool.submit(task.calculate), lambda: _AHEAD * workers)


def _end_with(lifeline: connection.Connection) -> None:
    """Make a worker leave Ctrl-C to the process that started it, and end with it, however that goes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore", CacheWarning)  # one for each worker would be said

    def watch() -> None:
        connection.wait([lifeline])
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def _dask(engine: Engine, stack: ExitStack) -> Executor:
    distributed = _distributed()
    address = engine.scheduler or stack.enter_context(_local_cluster(distributed, engine.workers or cores()))
    try:
        client = stack.enter_context(distributed.Client(address, timeout=_CONNECT_S, set_as_default=False))
    except (OSError, TimeoutError, ValueError) as error:
        raise AfterglowError(f"no Dask scheduler answers at '{address}' ({error})") from None
    pool = client.get_executor(pure=False)
    mark = source_digest()
    return Executor(
        lambda task: pool.submit(_calculated, task, mark),
        lambda: max(_FEWEST_AHEAD, _AHEAD * sum(client.nthreads().values())),
    )


def _calculated(task: Task, mark: str) -> Any:
    """Do a task on a worker, if the worker has the same sources as the client."""
    if source_digest() != mark:
        raise AfterglowError("a worker of the cluster has another version of Afterglow than this machine")
    return task.calculate()


def _local_cluster(distributed: ModuleType, workers: int) -> Any:
    """Start workers on this machine, a thread each; they can be reached from this machine only."""
    try:
        with import_module("dask").config.set(_WORKERS):
            return distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                scheduler_kwargs={"dashboard": False},
                silence_logs=logging.CRITICAL,
            )
    except RuntimeError as error:
        raise AfterglowError(f"the workers of the Dask cluster did not start ({error}); {_GUARD}") from None


def _distributed() -> ModuleType:
    """Load Dask, which all else does without."""
    try:
        return import_module("distributed")
    except ModuleNotFoundError:
        raise AfterglowError(_EXTRA) from None
