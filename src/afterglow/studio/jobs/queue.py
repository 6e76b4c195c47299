"""The queue of long calculations, in the database: every server process sees the same one."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel
from sqlalchemy import ColumnElement, CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from afterglow.studio.database.database import Database
from afterglow.studio.database.tables import JobRow, now
from afterglow.studio.quick_runs import Busy
from afterglow.studio.refusals import Refused

__all__ = ["KEPT_FOR", "KEPT_PER_OWNER", "LOST", "PER_OWNER", "STOPPED", "Claim", "Job", "JobState", "Queue"]

JobState = Literal["waiting", "running", "done", "failed", "cancelled"]

KEPT_FOR = timedelta(days=1)
KEPT_PER_OWNER = 20
PER_OWNER = 4
LOST = "The calculation was stopped by the machine; start it again."
STOPPED = "The studio was stopped before the calculation ended; start it again."
_GONE = "There is no such calculation; it may be too old."
_RETRY_S = 30
_ALIVE = ("waiting", "running")


class Job(BaseModel):
    """A long calculation, as its owner sees it."""

    id: str
    kind: str
    state: JobState
    progress: float
    queue_place: int | None
    error: str | None
    created: datetime
    result: dict[str, Any] | None


class Claim(BaseModel):
    """A job that a server process has taken on."""

    id: str
    kind: str
    asked: str


class Queue:
    """Takes jobs in, hands them out one by one, and keeps what came of them.

    Parameters
    ----------
    database : Database
    places : int
        How many may wait, over all owners.
    per_owner : int
        How many of one owner may wait or run.

    Owners take turns: everybody's first job comes before anybody's second, counting those that run.
    """

    def __init__(self, database: Database, *, places: int, per_owner: int = PER_OWNER) -> None:
        self._database = database
        self._places = places
        self._per_owner = per_owner

    def add(self, owner: str, kind: str, asked: str) -> Job:
        """Put a job at the end of the queue.

        Raises
        ------
        Busy
            If the queue is full, or holds as many of the owner's as it may.
        """
        with self._database.writing("queue") as session:
            mine = session.scalar(select(func.count()).where(JobRow.owner == owner, JobRow.state.in_(_ALIVE))) or 0
            if mine >= self._per_owner:
                raise Busy(
                    f"You have {mine} calculations waiting or running, which is the most; wait for one or cancel it.",
                    retry_after_s=_RETRY_S,
                )
            waiting = session.scalar(select(func.count()).where(JobRow.state == "waiting")) or 0
            if waiting >= self._places:
                raise Busy(
                    f"{waiting} calculations are waiting already, which is the most; try again in a minute.",
                    retry_after_s=_RETRY_S,
                )
            row = JobRow(
                id=uuid.uuid4().hex,
                owner=owner,
                kind=kind,
                asked=asked,
                state="waiting",
                progress=0.0,
                beats=0,
                cancel_asked=False,
                created=now(),
            )
            session.add(row)
            session.flush()
            _clear_owner(session, owner)
            return _view(session, row, with_result=False)

    def read(self, owner: str, job_id: str, *, with_result: bool = True) -> Job:
        """Return an owner's job.

        Raises
        ------
        Refused
            404 if the owner has no such job.
        """
        with self._database.reading() as session:
            return _view(session, _find(session, owner, job_id), with_result=with_result)

    def cancel(self, owner: str, job_id: str) -> Job:
        """Cancel a job that waits, and ask for a running one to be stopped; one that has ended stays as it is.

        Raises
        ------
        Refused
            404 if the owner has no such job.
        """
        with self._database.writing("queue") as session:
            row = _find(session, owner, job_id)
            if row.state == "waiting":
                row.state, row.ended = "cancelled", now()
            elif row.state == "running":
                row.cancel_asked = True
            session.flush()
            return _view(session, row, with_result=False)

    def claim(self, server: str) -> Claim | None:
        """Take on the job whose turn it is, if there is one.

        Parameters
        ----------
        server : str
            Name of the process that takes it.
        """
        anything = select(JobRow.number).where(JobRow.state == "waiting").limit(1)
        with self._database.reading() as session:  # looked at often; writing would hold others up
            if session.scalar(anything) is None:
                return None
        with self._database.writing("queue") as session:
            turns = _turns(session)
            row = session.scalar(select(JobRow).where(JobRow.number == turns[0])) if turns else None
            if row is None:
                return None
            row.state, row.server = "running", server
            return Claim(id=row.id, kind=row.kind, asked=row.asked)

    def beat(self, job_id: str, server: str, progress: float) -> bool:
        """Tell that a job is alive and how far it is.

        Returns
        -------
        bool
            Whether it shall go on: False when it was cancelled, taken away or deleted.
        """
        with self._database.writing() as session:
            session.execute(
                update(JobRow).where(*_mine(job_id, server)).values(progress=progress, beats=JobRow.beats + 1)
            )
            return session.scalar(select(JobRow.cancel_asked).where(*_mine(job_id, server))) is False

    def end(
        self,
        job_id: str,
        server: str,
        state: Literal["done", "failed", "cancelled"],
        *,
        error: str | None = None,
        result: dict[str, Any] | None = None,
    ) -> None:
        """Keep what came of a job; does nothing when it is no longer this process's."""
        values: dict[str, Any] = {"state": state, "error": error, "ended": now()}
        if state == "done":
            values.update(progress=1.0, result=json.dumps(result, allow_nan=False))
        with self._database.writing() as session:
            session.execute(update(JobRow).where(*_mine(job_id, server)).values(**values))

    def running_here(self, server: str) -> set[str]:
        """Return the ids of jobs that this process has taken on and not ended."""
        with self._database.reading() as session:
            return set(session.scalars(select(JobRow.id).where(JobRow.state == "running", JobRow.server == server)))

    def give_back(self, job_id: str, server: str) -> None:
        """Let a job wait again that was taken on and never begun."""
        with self._database.writing("queue") as session:
            session.execute(
                update(JobRow).where(*_mine(job_id, server)).values(state="waiting", server=None, progress=0.0)
            )

    def others_beats(self, server: str) -> dict[str, tuple[str, int]]:
        """Return the running jobs of other processes: id -> process, and how often it has told that it is alive."""
        asked = select(JobRow.id, JobRow.server, JobRow.beats).where(JobRow.state == "running")
        with self._database.reading() as session:
            return {i: (s or "", b) for i, s, b in session.execute(asked) if s != server}

    def mark_lost(self, job_id: str, server: str, beats: int) -> bool:
        """Fail a job whose process is dead, unless it has beaten again since."""
        with self._database.writing() as session:
            changed = session.execute(
                update(JobRow)
                .where(*_mine(job_id, server), JobRow.beats == beats)
                .values(state="failed", error=LOST, ended=now())
            )
            assert isinstance(changed, CursorResult)
            return changed.rowcount == 1

    def clear(self) -> None:
        """Delete jobs that have ended and are too old."""
        with self._database.writing() as session:
            session.execute(delete(JobRow).where(JobRow.ended < now() - KEPT_FOR))


def _turns(session: Session) -> list[int]:
    """Return the numbers of waiting jobs in the order in which they are taken on."""
    alive = session.execute(
        select(JobRow.number, JobRow.owner, JobRow.state).where(JobRow.state.in_(_ALIVE)).order_by(JobRow.number)
    )
    before: dict[str, int] = {}
    waiting: list[tuple[int, int]] = []
    for number, owner, state in sorted(alive, key=lambda row: (row[2] == "waiting", row[0])):
        turn = before.get(owner, 0)
        before[owner] = turn + 1
        if state == "waiting":
            waiting.append((turn, number))
    return [number for _, number in sorted(waiting)]


def _mine(job_id: str, server: str) -> tuple[ColumnElement[bool], ...]:
    return JobRow.id == job_id, JobRow.server == server, JobRow.state == "running"


def _find(session: Session, owner: str, job_id: str) -> JobRow:
    row = session.scalar(select(JobRow).where(JobRow.id == job_id, JobRow.owner == owner))
    if row is None:
        raise Refused(404, _GONE)
    return row


def _clear_owner(session: Session, owner: str) -> None:
    """Keep an owner's newest jobs; those that wait or run are never deleted."""
    kept = select(JobRow.number).where(JobRow.owner == owner).order_by(JobRow.number.desc()).limit(KEPT_PER_OWNER)
    session.execute(
        delete(JobRow).where(
            JobRow.owner == owner, JobRow.ended.is_not(None), JobRow.number.not_in(kept.scalar_subquery())
        )
    )


def _view(session: Session, row: JobRow, *, with_result: bool) -> Job:
    place = None
    if row.state == "waiting":
        place = 1 + _turns(session).index(row.number)
    return Job.model_validate(
        {
            "id": row.id,
            "kind": row.kind,
            "state": row.state,
            "progress": round(row.progress, 4),
            "queue_place": place,
            "error": row.error,
            "created": row.created,
            "result": json.loads(row.result) if with_result and row.result else None,
        }
    )
