"""Ends a server process whose supervisor has ended: else it would go on answering and keep the port."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time

__all__ = ["end_with_parent"]

_LOOK_EVERY_S = 0.5
_GRACE_S = 8.0


def end_with_parent() -> None:
    """Watch the process that started this one, and end when it has gone."""
    started_by = multiprocessing.parent_process()
    parent = os.getppid() if started_by is None or started_by.pid is None else started_by.pid
    threading.Thread(target=_watch, args=(parent,), name="afterglow-parent", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_S)
    os._exit(1)
