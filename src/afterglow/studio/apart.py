"""Large answers, and those of whoever asks much: in a process that gives way to all others and ends with its reader.

In the threads of the server one of them would share processor and interpreter with everybody's small answers.
"""

from __future__ import annotations

import threading

from afterglow.studio.answer_process import AnswerProcess, Work
from afterglow.studio.quick_runs import QuickRuns
from afterglow.studio.work_process import LONG_NICE

__all__ = ["Apart"]

_WAITING, _EACH = 250, 12
"""Places in the line: enough for a class whose members have all used up their allowance, and for pages with several
questions each."""
_PATIENCE_S = 2.0
_KEPT_S = 60.0
"""So long the process is kept when nobody asks: it holds some 300 MB."""


class Apart:
    """One process, in which one answer after another is found; people take turns."""

    def __init__(self) -> None:
        self._line = QuickRuns(at_once=1, waiting=_WAITING, each=_EACH)
        self._process = AnswerProcess(nice=LONG_NICE, patience_s=_PATIENCE_S)
        self._lock = threading.Lock()
        self._rest: threading.Timer | None = None

    @property
    def pid(self) -> int | None:
        """Number of the process, if there is one."""
        return self._process.pid

    @property
    def places(self) -> int:
        """How many may wait or run."""
        return self._line.places

    def run(self, question: str, work: Work, gone: threading.Event | None, who: str) -> bytes:
        """Return what work gives, as JSON where it is a model, when its turn comes.

        Parameters
        ----------
        question : str
            All that the answer depends on.
        work : callable
            See `Work`.
        gone : threading.Event, optional
            Set when the browser has gone.
        who : str

        Raises
        ------
        Busy
            If nobody else may wait, or nothing more of this person.
        Refused
            If the work was refused or failed, or nobody waits for it any more.
        """
        gate = self._line.asked_by(gone, who)
        return gate.run(lambda: self._found(work, gate), question=question)

    def close(self) -> None:
        """End the process; what waits is given up."""
        self._line.close()
        with self._lock:
            self._stop_timer()
        self._process.kill()

    def _found(self, work: Work, gate: QuickRuns) -> bytes:
        with self._lock:
            self._stop_timer()
        try:
            return self._process.find(work, gate)
        finally:
            with self._lock:
                self._rest = threading.Timer(_KEPT_S, self._line.run, [self._process.kill])
                self._rest.daemon = True
                self._rest.start()

    def _stop_timer(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None
