"""Works the queue off: some calculations at once, each in a process of its own, watched from a thread."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from afterglow.studio.jobs.queue import LOST, STOPPED, Claim, Queue
from afterglow.studio.work_process import Calculation, FailedError, KilledError, StoppedError, WorkProcess

__all__ = ["JobKind", "JobPool"]

_LOG = logging.getLogger("afterglow.studio")
_LOOK_EVERY_S = 0.5
"""How often a free place looks for jobs that another server process took in; own ones are told at once."""
_TIDY_EVERY_S = 2.0
_CLEAR_EVERY_S = 600.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 15.0
_FAULT = "The calculation failed through a fault of the program, not of your design; please report it."


class JobKind:
    """What a kind of job runs.

    Parameters
    ----------
    request : type
        A pydantic model of what is asked.
    work : callable
        A function at the top of a module.
    check : callable, optional
        Raises an `AfterglowError` for what cannot be calculated, so that it is refused at once.
    """

    def __init__(
        self, request: type[Any], work: Calculation[Any], check: Callable[[Any], object] | None = None
    ) -> None:
        self.request = request
        self.work = work
        self._check = check

    def asked(self, given: Mapping[str, Any]) -> str:
        """Read what is asked and return it as text for the queue.

        Raises
        ------
        pydantic.ValidationError
            If it is not what the kind asks for.
        AfterglowError
            If it cannot be calculated.
        """
        found = self.request.model_validate(given)
        if self._check is not None:
            self._check(found)
        return str(found.model_dump_json())


class JobPool:
    """Runs the jobs of a queue.

    Parameters
    ----------
    queue : Queue
    kinds : mapping of str to JobKind
    processes : int
        How many jobs run at once here.
    minutes : float
        A job that takes longer is stopped.
    silence_s : float
        A server process that has not told for so long that its job is alive is dead.
    """

    def __init__(
        self,
        queue: Queue,
        kinds: Mapping[str, JobKind],
        *,
        processes: int,
        minutes: float,
        silence_s: float = 15.0,
    ) -> None:
        self.name = uuid.uuid4().hex
        self._queue = queue
        self._kinds = kinds
        self._minutes = minutes
        self._silence_s = silence_s
        self._stopping = threading.Event()
        self._active: set[str] = set()
        self._stray: set[str] = set()
        self._news = threading.Semaphore(0)
        self._places = [WorkProcess() for _ in range(processes)]
        self._threads = [
            threading.Thread(target=self._work, args=(place,), name=f"afterglow-job-{k}", daemon=True)
            for k, place in enumerate(self._places)
        ]
        self._threads.append(threading.Thread(target=self._tidy, name="afterglow-jobs-tidy", daemon=True))

    @property
    def pids(self) -> list[int]:
        """Numbers of the processes that are there."""
        return [place.pid for place in self._places if place.pid is not None]

    def start(self) -> None:
        """Begin to take jobs."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop what runs, and say so to its owners."""
        self._stopping.set()
        for _ in self._places:
            self._news.release()
        for thread in self._threads:
            thread.join()

    def tell(self) -> None:
        """Say that a job was put into the queue."""
        self._news.release()

    def _work(self, place: WorkProcess) -> None:
        try:
            while not self._stopping.is_set():
                claim = self._claimed()
                if claim is None:
                    self._news.acquire(timeout=_LOOK_EVERY_S)
                else:
                    self._do(claim, place)
        finally:
            place.kill()

    def _claimed(self) -> Claim | None:
        try:
            return self._queue.claim(self.name)
        except SQLAlchemyError as error:
            _LOG.warning("the queue cannot be read: %s", type(error).__name__)
            return None
        except Exception:  # the place must not die with it
            _LOG.exception("the queue cannot be read")
            return None

    def _do(self, claim: Claim, place: WorkProcess) -> None:
        self._active.add(claim.id)
        try:
            self._calculate(claim, place)
        finally:
            self._active.discard(claim.id)

    def _calculate(self, claim: Claim, place: WorkProcess) -> None:
        end = time.monotonic() + 60 * self._minutes
        late = False

        def watch(share: float) -> bool:
            nonlocal late
            late = time.monotonic() > end
            return not late and not self._stopping.is_set() and self._beat(claim.id, share)

        try:
            kind = self._kinds[claim.kind]
            result = place.run(kind.work, kind.request.model_validate_json(claim.asked), watch)
            self._end(claim.id, "done", result=result)
        except StoppedError:
            if late:
                self._end(claim.id, "failed", error=f"It took longer than {self._minutes:g} minutes; ask for less.")
            elif self._stopping.is_set():
                self._end(claim.id, "failed", error=STOPPED)
            else:
                self._end(claim.id, "cancelled")
        except KilledError:
            _LOG.warning("the process of job %s was killed", claim.id)
            self._end(claim.id, "failed", error=LOST)
        except FailedError as error:
            if error.sentence is None:
                _LOG.error("job %s failed\n%s", claim.id, error.details)
            self._end(claim.id, "failed", error=error.sentence or _FAULT)
        except Exception:
            _LOG.exception("job %s failed", claim.id)
            self._end(claim.id, "failed", error=_FAULT)

    def _beat(self, job_id: str, share: float) -> bool:
        try:
            return self._queue.beat(job_id, self.name, share)
        except SQLAlchemyError as error:  # the database may come back before others take this process for dead
            _LOG.warning("progress could not be written: %s", type(error).__name__)
            return True

    def _end(self, job_id: str, state: Any, **what: Any) -> None:
        """Write how a job ended, and keep trying while the database is away: what came of it is here alone."""
        wait = _FIRST_WAIT_S
        while True:
            try:
                self._queue.end(job_id, self.name, state, **what)
            except SQLAlchemyError as error:
                _LOG.warning("the end of job %s could not be written: %s", job_id, type(error).__name__)
                if self._stopping.wait(wait):
                    return
                wait = min(2 * wait, _LONGEST_WAIT_S)
            else:
                return

    def _tidy(self) -> None:
        """Find jobs whose server process died, and delete old ones.

        Silence is measured by this process's own clock, which stands still while the machine sleeps.
        """
        heard: dict[str, tuple[tuple[str, int], float]] = {}
        clear_at = time.monotonic()
        while not self._stopping.wait(_TIDY_EVERY_S):
            try:
                heard = self._listen(heard)
                self._give_back()
                if time.monotonic() >= clear_at:
                    clear_at = time.monotonic() + _CLEAR_EVERY_S
                    self._queue.clear()
            except SQLAlchemyError as error:
                _LOG.warning("the queue cannot be tidied: %s", type(error).__name__)
            except Exception:  # a thread that died would leave lost jobs running for ever
                _LOG.exception("the queue cannot be tidied")

    def _give_back(self) -> None:
        """Let jobs wait again that were taken on while the word of it was lost, so that nobody works on them."""
        stray = self._queue.running_here(self.name) - self._active
        for job_id in stray & self._stray:
            self._queue.give_back(job_id, self.name)
        self._stray = stray

    def _listen(self, heard: dict[str, tuple[tuple[str, int], float]]) -> dict[str, tuple[tuple[str, int], float]]:
        found: dict[str, tuple[tuple[str, int], float]] = {}
        for job_id, beats in self._queue.others_beats(self.name).items():
            known = heard.get(job_id)
            since = known[1] if known is not None and known[0] == beats else time.monotonic()
            if time.monotonic() - since > self._silence_s:
                self._queue.mark_lost(job_id, *beats)
            else:
                found[job_id] = (beats, since)
        return found
