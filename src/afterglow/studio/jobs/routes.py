"""Addresses of long calculations: start, look, watch, cancel. Any server process answers for any of them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from afterglow.errors import nearest
from afterglow.studio.accounts.access import Editor, Viewer, visitor
from afterglow.studio.field_names import wrong_in_words
from afterglow.studio.jobs.events import EventStream, Watchers, job_events
from afterglow.studio.jobs.pool import JobPool
from afterglow.studio.jobs.queue import Job, Queue
from afterglow.studio.refusals import Refused

__all__ = ["router"]

router = APIRouter(prefix="/api/jobs", tags=["jobs"])

JobId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", min_length=32, max_length=32)]


class JobRequest(BaseModel):
    """What to calculate: a kind of calculation, and what it asks for."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[str, Field(max_length=40)]
    asked: dict[str, Any]


def _queue(request: Request) -> Queue:
    found = request.app.state.queue
    assert isinstance(found, Queue)
    return found


@router.post("", status_code=202)
def post_job(request: Request, asked: JobRequest, editor: Editor) -> Job:
    """Start a long calculation; 429 when too many wait."""
    kinds = request.app.state.kinds
    if asked.kind not in kinds:
        raise Refused(422, f"There is no calculation of the kind '{asked.kind}'; {nearest(asked.kind, kinds)}")
    try:
        told = kinds[asked.kind].asked(asked.asked)
    except ValidationError as error:
        raise Refused(422, wrong_in_words(error.errors(include_url=False))) from None
    job = _queue(request).add(editor.calculates_as, asked.kind, told)
    pool = request.app.state.job_pool
    assert isinstance(pool, JobPool)
    pool.tell()
    return job


@router.get("/{job_id}")
def get_job(request: Request, job_id: JobId, viewer: Viewer) -> Job:
    """Return a calculation, with its result once it is done."""
    return _queue(request).read(viewer.calculates_as, job_id)


@router.get(
    "/{job_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Progress, until the calculation has ended"}},
)
def get_events(request: Request, job_id: JobId, viewer: Viewer) -> StreamingResponse:
    """Watch a calculation."""
    queue, state, owner = _queue(request), request.app.state, viewer.calculates_as
    watchers = state.watchers
    assert isinstance(watchers, Watchers)

    def read() -> Job:
        if viewer.account is not None and visitor(request).account is None:
            raise Refused(401, "Please log in first.")
        return queue.read(owner, job_id, with_result=False)

    watchers.refuse_if_many(owner)
    read()  # 404 now, not in the stream
    return EventStream(job_events(read, watchers.limiter, lambda: bool(state.stopping.is_set())), watchers, owner)


@router.delete("/{job_id}")
def delete_job(request: Request, job_id: JobId, editor: Editor) -> Job:
    """Cancel a calculation; a running one ends within a second."""
    return _queue(request).cancel(editor.calculates_as, job_id)
