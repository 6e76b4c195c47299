"""Ctrl-C while the command line is being loaded, which takes a second: one sentence, as later, and no traceback.

What is imported here comes before Ctrl-C is heeded, so it is as little as can be.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

__all__ = ["begun", "loading"]

_COMMANDS = ("afterglow", "afterglow.exe")
_INTERRUPTED = 130


def loading() -> None:
    """Heed Ctrl-C until `begun`, in the command and its workers alone: whoever imports the package keeps their own."""
    program = sys.argv[0].replace("\\", "/").rpartition("/")[2] if sys.argv else ""
    if program in _COMMANDS and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        try:  # noqa: SIM105 (suppress would have to be imported)
            signal.signal(signal.SIGINT, _stop)
        except ValueError:  # in another thread than the main one, which alone may heed it
            pass


def begun() -> None:
    """Leave Ctrl-C to the command."""
    if signal.getsignal(signal.SIGINT) is _stop:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _stop(number: int, frame: FrameType | None) -> None:
    if not _is_worker():  # for workers, the command speaks
        os.write(2, b"afterglow: interrupted; nothing was begun\n")
    os._exit(_INTERRUPTED)


def _is_worker() -> bool:
    """Whether this process was started by another of ours; it has `multiprocessing` before anything is loaded."""
    processes = sys.modules.get("multiprocessing.process")
    return processes is not None and processes.current_process().name != "MainProcess"
