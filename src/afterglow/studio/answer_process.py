"""Where answers are found: here, or in a process of their own, which shares no interpreter with requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from afterglow.errors import AfterglowError
from afterglow.studio.quick_runs import UNREAD, QuickRuns
from afterglow.studio.refusals import FAULT, Refused, mistake_in_words
from afterglow.studio.work_process import FailedError, KilledError, StoppedError, WorkProcess

__all__ = ["Answer", "AnswerProcess", "Finder", "Work", "found_here", "written"]

_LOST = "The calculation was stopped by the machine; ask for fewer people or draws, or try again."

Answer = BaseModel | bytes
Work = Callable[..., Answer]
"""A partial of a function at the top of a module, which takes ``progress``."""
Finder = Callable[[Work, QuickRuns], bytes]
"""Returns what work gives, as JSON where it is a model; ends it when nobody waits at the gate any more."""


def found_here(work: Work, gate: QuickRuns) -> bytes:
    """Find an answer in this process."""
    return written(work(progress=gate.heed))


class AnswerProcess:
    """A process in which answers are found; one that was killed is started anew.

    Parameters
    ----------
    at_once : int
        Answers at once, each in a thread.
    nice : int
        How far it gives way to others.
    patience_s : float, optional
        So long work that nobody waits for any more may take to notice, before the process is killed; by default
        endlessly.
    """

    def __init__(self, *, at_once: int = 1, nice: int = 0, patience_s: float | None = None) -> None:
        self._process = WorkProcess(at_once=at_once, nice=nice, patience_s=patience_s)

    @property
    def pid(self) -> int | None:
        """Number of the process, if there is one."""
        return self._process.pid

    def start(self) -> None:
        """Start it, so that the first answer does not wait for that."""
        self._process.start()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def find(self, work: Work, gate: QuickRuns) -> bytes:
        """Return what work gives, as JSON where it is a model.

        Parameters
        ----------
        work : callable
            See `Work`.
        gate : QuickRuns
            Knows whether anybody still waits.

        Raises
        ------
        Refused
            If the work was refused or failed, or nobody waits for it any more.
        """
        try:
            found = self._process.run(_calculated, work, lambda share: gate.is_awaited)
        except StoppedError:
            raise Refused(499, UNREAD) from None
        except KilledError:
            raise Refused(503, _LOST, retry_after_s=5) from None
        except FailedError as error:
            if error.sentence is None:
                raise RuntimeError(f"{FAULT}\n{error.details}") from None
            raise Refused(503, error.sentence) from None  # too little memory
        if "refused" in found:
            raise Refused(*found["refused"])
        return bytes(found["answer"])


def written(answer: Answer) -> bytes:
    """Return an answer as it is sent."""
    return answer if isinstance(answer, bytes) else answer.model_dump_json().encode()


def _calculated(work: Work, progress: Callable[[float], None]) -> dict[str, Any]:
    """Find an answer in the process."""
    try:
        return {"answer": written(work(progress=lambda done, of: progress(done / of)))}
    except Refused as refusal:
        return {"refused": (refusal.status, str(refusal))}
    except AfterglowError as mistake:
        return {"refused": (422, mistake_in_words(mistake))}
