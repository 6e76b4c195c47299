"""Does the work of a run in pieces: on threads, on processes, or on a Dask cluster. The numbers do not depend on it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, Literal, Protocol

__all__ = ["Engine", "Task", "cores", "results_of"]

Engine = Literal["threads", "processes", "dask"]


class Task(Protocol):
    """A piece of work that can be sent elsewhere."""

    @property
    def courses(self) -> int:
        """Its size: participants times draws."""
        ...

    def calculate(self) -> Any:
        """Do it."""
        ...


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def results_of(
    tasks: Sequence[Task], *, workers: int | None = None, progress: Callable[[int, int], None] | None = None
) -> Iterator[Any]:
    """Yield the result of every task as it comes, in any order.

    Parameters
    ----------
    tasks : sequence of Task
    workers : int, optional
        By default one per core.
    progress : callable, optional
        Told how many courses are done, and of how many.
    """
    total, done = sum(task.courses for task in tasks), 0
    with ThreadPoolExecutor(workers or cores()) as pool:
        waiting = {pool.submit(task.calculate): task.courses for task in tasks}
        for future in as_completed(waiting):
            done += waiting[future]
            if progress is not None:
                progress(done, total)
            yield future.result()
