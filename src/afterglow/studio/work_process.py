"""One spawned process that calculates: it can be killed at any moment, and another takes its place.

What it does at once has a pipe each and shares no lock with others, so that a killed one leaves nothing behind.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable
from multiprocessing import connection
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, TypeVar

from afterglow.errors import AfterglowError
from afterglow.studio.memory import give_memory_back

__all__ = ["LONG_NICE", "Calculation", "FailedError", "KilledError", "StoppedError", "WorkProcess"]

A = TypeVar("A")
Calculation = Callable[[A, Callable[[float], None]], dict[str, Any]]
"""What a process runs: a function at the top of a module, given what was asked and whom to tell the share done."""

_SPAWN = multiprocessing.get_context("spawn")
_STOP = "stop"
_TOLD_EVERY_S = 0.1
_WATCH_EVERY_S = 0.25
LONG_NICE = 15
"""Long calculations give way to quick runs: of a core that both want they have a thirtieth. With a tenth, two of them
doubled the wait of others and more."""


class KilledError(Exception):
    """The process was killed from outside, for instance because memory ran out."""


class StoppedError(Exception):
    """The process was killed by us, because nobody wants the result any more."""


class FailedError(Exception):
    """The calculation raised an error; `sentence` is for the user when it is theirs to put right.

    Parameters
    ----------
    sentence : str or None
    details : str
        For the log.
    """

    def __init__(self, sentence: str | None, details: str) -> None:
        super().__init__(sentence or "the calculation failed")
        self.sentence = sentence
        self.details = details


class WorkProcess:
    """A process that is started when it is first needed and kept for the next calculation.

    Parameters
    ----------
    at_once : int
        Calculations at once, at most.
    nice : int
        How far it gives way to others.
    patience_s : float or None
        So long a calculation that nobody wants any more may take to notice, before the process is killed; None:
        endlessly.
    """

    def __init__(self, *, at_once: int = 1, nice: int = LONG_NICE, patience_s: float | None = 0.0) -> None:
        self._at_once, self._nice, self._patience_s = at_once, nice, patience_s
        self._lock = threading.Lock()
        self._process: SpawnProcess | None = None
        self._free: list[Connection] = []

    @property
    def pid(self) -> int | None:
        """Number of the process, if there is one."""
        process = self._process
        return process.pid if process is not None else None

    def start(self) -> None:
        """Start the process if there is none."""
        with self._lock:
            self._started()

    def run(self, work: Calculation[A], asked: A, watch: Callable[[float], bool]) -> dict[str, Any]:
        """Calculate, and wait for the result.

        Parameters
        ----------
        work : callable
        asked : object
            Goes to the process.
        watch : callable
            Told the share done several times a second; returns whether to go on.

        Raises
        ------
        KilledError, StoppedError, FailedError
        """
        with self._lock:
            process = self._started()
            pipe = self._free.pop()
        try:
            pipe.send((work, asked))
            return self._followed(process, pipe, watch)
        except FailedError:
            raise
        except StoppedError:
            if not self._ended(pipe):
                self._end(process)
            raise
        except (BrokenPipeError, ConnectionResetError, EOFError) as error:
            self._end(process)
            raise KilledError from error
        except BaseException:  # what comes through this pipe later would be taken for the next result
            self._end(process)
            raise
        finally:
            with self._lock:
                if process is self._process:
                    self._free.append(pipe)
                else:
                    pipe.close()

    def _ended(self, pipe: Connection) -> bool:
        """Ask the process to stop, and say whether it did."""
        if self._patience_s == 0:
            return False
        until = None if self._patience_s is None else time.monotonic() + self._patience_s
        try:
            pipe.send(_STOP)
            while pipe.poll(None if until is None else max(0.0, until - time.monotonic())):
                if pipe.recv()[0] != "progress":
                    return True
        except (OSError, EOFError):
            return False
        return False

    def kill(self) -> None:
        """End the process at once."""
        if self._process is not None:
            self._end(self._process)

    def _end(self, process: SpawnProcess) -> None:
        """End a process, unless another has taken its place already."""
        with self._lock:
            if process is self._process:
                self._forget()

    def _forget(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.join()
        for pipe in self._free:  # those in use are closed by whoever uses them
            pipe.close()
        self._process, self._free = None, []

    def _started(self) -> SpawnProcess:
        if self._process is not None and not self._process.is_alive():
            self._forget()
        if self._process is None:
            pipes = [_SPAWN.Pipe() for _ in range(self._at_once)]
            theirs = [pipe for _, pipe in pipes]
            self._process = _SPAWN.Process(
                target=_serve, args=(theirs, self._nice), name="afterglow-calculation", daemon=True
            )
            self._process.start()
            for pipe in theirs:
                pipe.close()
            self._free = [pipe for pipe, _ in pipes]
        return self._process

    def _followed(self, process: SpawnProcess, pipe: Connection, watch: Callable[[float], bool]) -> dict[str, Any]:
        share, due = 0.0, time.monotonic()
        while True:
            ready = connection.wait([pipe, process.sentinel], timeout=max(0.0, due - time.monotonic()))
            if pipe in ready:
                word, value = pipe.recv()
                if word == "done":
                    return dict(value)
                if word == "failed":
                    raise FailedError(*value)
                share = float(value)
            elif process.sentinel in ready:
                raise KilledError
            if time.monotonic() >= due:
                due = time.monotonic() + _WATCH_EVERY_S
                if not watch(share):
                    raise StoppedError


def _serve(pipes: list[Connection], nice: int) -> None:
    """Calculate what comes through each pipe until the server goes away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if nice and hasattr(os, "nice"):
        os.nice(nice)
    give_memory_back()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for pipe in pipes[1:]:
        threading.Thread(target=_serve_one, args=(pipe,), daemon=True).start()
    _serve_one(pipes[0])


def _serve_one(pipe: Connection) -> None:
    """Run one calculation after another until the server goes away."""
    while True:
        try:
            told: Any = pipe.recv()
        except (EOFError, OSError):
            return
        if told == _STOP:  # it came when all was done
            continue
        work, asked = told
        try:
            pipe.send(_outcome(work, asked, pipe))
        except OSError:
            return


def _outcome(work: Calculation[Any], asked: Any, pipe: Connection) -> tuple[str, Any]:
    told = 0.0

    def progress(share: float) -> None:
        nonlocal told
        if time.monotonic() - told >= _TOLD_EVERY_S:
            told = time.monotonic()
            if pipe.poll():
                pipe.recv()
                raise StoppedError
            pipe.send(("progress", min(max(float(share), 0.0), 1.0)))

    try:
        return "done", work(asked, progress)
    except StoppedError:
        return "stopped", None
    except AfterglowError as error:
        return "failed", (str(error), "")
    except MemoryError:
        return "failed", ("The machine has too little memory for this; ask for fewer people.", "")
    except Exception:
        return "failed", (None, traceback.format_exc())


def _end_with_parent() -> None:
    """Leave at once when the server process is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
