"""Work for the job tests; at the top of a module, so that a spawned process finds it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from afterglow.errors import AfterglowError, ProtocolError
from afterglow.studio.refusals import Refused


class Task(BaseModel):
    """What to do, how long, and in how many steps."""

    what: str = "count"
    seconds: float = 0.0
    steps: int = 4


def labour(task: Task, progress: Callable[[float], None]) -> dict[str, Any]:
    for step in range(task.steps):
        time.sleep(task.seconds / task.steps)
        progress((step + 1) / task.steps)
    if task.what == "mistake":
        raise AfterglowError("there are too few people")
    if task.what == "fault":
        raise ZeroDivisionError("a secret detail")
    if task.what == "memory":
        raise MemoryError
    if task.what == "die":
        os._exit(9)
    if task.what == "nan":
        return {"value": float("nan")}
    return {"pid": os.getpid(), "steps": task.steps}


def place(*, progress: Callable[[int, int], None] | None = None) -> bytes:
    """Say which process this is and how far it gives way."""
    return f"{os.getpid()} {os.nice(0)}".encode()


def told(text: str, *, progress: Callable[[int, int], None] | None = None) -> bytes:
    """Say what was asked."""
    return text.encode()


def refused(*, fault: bool = False, status: int = 0, where: str = "", progress: Callable[[int, int], None]) -> bytes:
    """Refuse, or fail."""
    if status:
        raise Refused(status, "There is no more.")
    if fault:
        raise ZeroDivisionError
    if where:
        raise ProtocolError("too much", where=where)
    raise AfterglowError("there are too few people")


def endless(*, progress: Callable[[int, int], None]) -> bytes:
    """Go on until told to stop."""
    for k in range(10**6):
        progress(k, 10**6)
        time.sleep(0.01)
    return b""


def silent(*, progress: Callable[[int, int], None]) -> bytes:
    """Go on and hear nothing."""
    time.sleep(3600)
    return b""
