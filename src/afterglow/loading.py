"""Ctrl-C while the command line is being loaded, which takes a second: one sentence, as later, and no traceback."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

__all__ = ["begun", "loading"]

_INTERRUPTED = 130


def loading() -> None:
    """Heed Ctrl-C until `begun`, in the process of the command alone: whoever imports the package keeps their own."""
    if (
        Path(sys.argv[0] if sys.argv else "").stem == "afterglow"
        and multiprocessing.parent_process() is None
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    ):
        signal.signal(signal.SIGINT, _stop)


def begun() -> None:
    """Leave Ctrl-C to the command."""
    if signal.getsignal(signal.SIGINT) is _stop:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _stop(number: int, frame: FrameType | None) -> None:
    os.write(2, b"afterglow: interrupted; nothing was begun\n")
    os._exit(_INTERRUPTED)
