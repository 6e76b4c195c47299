"""The queue of long calculations, which all server processes share."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import update

from afterglow.studio.database.database import Database
from afterglow.studio.database.tables import JobRow, now
from afterglow.studio.jobs.queue import LOST, Job, Queue
from afterglow.studio.quick_runs import Busy
from afterglow.studio.refusals import Refused


@pytest.fixture
def queue(database: Database) -> Queue:
    return Queue(database, places=3)


def add(queue: Queue, owner: str = "ann") -> Job:
    return queue.add(owner, "count", "{}")


def test_a_job_from_beginning_to_end(queue: Queue) -> None:
    job = add(queue)
    assert (job.state, job.progress, job.queue_place) == ("waiting", 0, 1)
    claim = queue.claim("one")
    assert claim is not None
    assert (claim.id, claim.kind, claim.asked) == (job.id, "count", "{}")
    assert queue.beat(job.id, "one", 0.25) is True
    seen = queue.read("ann", job.id)
    assert (seen.state, seen.progress, seen.queue_place) == ("running", 0.25, None)
    queue.end(job.id, "one", "done", result={"answer": [1, None, "a\u0000b"]})
    done = queue.read("ann", job.id)
    assert (done.state, done.progress, done.result) == ("done", 1.0, {"answer": [1, None, "a\u0000b"]})
    assert queue.read("ann", job.id, with_result=False).result is None
    assert queue.cancel("ann", job.id).state == "done"


def test_owners_take_turns_and_none_takes_all_places(database: Database) -> None:
    queue = Queue(database, places=9, per_owner=4)
    mine = [add(queue).id for _ in range(4)]
    with pytest.raises(Busy, match="You have 4"):
        add(queue)
    other = queue.add("ben", "count", "{}")
    assert other.queue_place == 2, "ben's first stands before ann's second"
    taken = [queue.claim("one") for _ in range(3)]
    assert [claim.id for claim in taken if claim] == [mine[0], other.id, mine[1]]
    late = queue.add("cat", "count", "{}")
    claim = queue.claim("one")
    assert claim is not None
    assert claim.id == late.id, "who has nothing running comes first"


def test_a_job_that_was_taken_and_never_begun_waits_again(queue: Queue) -> None:
    job = add(queue)
    queue.claim("one")
    assert queue.running_here("one") == {job.id}
    assert queue.running_here("two") == set()
    queue.give_back(job.id, "two")
    assert queue.read("ann", job.id).state == "running", "another process's job is left alone"
    queue.give_back(job.id, "one")
    assert queue.read("ann", job.id).state == "waiting"
    claim = queue.claim("two")
    assert claim is not None
    assert claim.id == job.id


def test_a_waiting_job_that_is_cancelled_is_never_taken(queue: Queue) -> None:
    first, second = add(queue), add(queue)
    assert (first.queue_place, second.queue_place) == (1, 2)
    assert queue.cancel("ann", first.id).state == "cancelled"
    assert queue.read("ann", second.id).queue_place == 1
    claim = queue.claim("one")
    assert claim is not None
    assert claim.id == second.id
    assert queue.claim("one") is None


def test_a_running_job_hears_that_it_is_cancelled(queue: Queue) -> None:
    job = add(queue)
    queue.claim("one")
    assert queue.cancel("ann", job.id).state == "running"
    assert queue.beat(job.id, "one", 0.5) is False
    queue.end(job.id, "one", "cancelled")
    assert queue.read("ann", job.id).state == "cancelled"


def test_a_lost_job_is_marked_once_and_only_if_silent(queue: Queue) -> None:
    job = add(queue)
    queue.claim("one")
    assert queue.others_beats("one") == {}
    before = queue.others_beats("two")[job.id]
    queue.beat(job.id, "one", 0.1)
    assert queue.mark_lost(job.id, *before) is False
    assert queue.mark_lost(job.id, *queue.others_beats("two")[job.id]) is True
    assert queue.read("ann", job.id).error == LOST
    assert queue.beat(job.id, "one", 0.9) is False
    queue.end(job.id, "one", "done", result={})
    assert queue.read("ann", job.id).state == "failed"


def test_the_queue_has_an_end(queue: Queue) -> None:
    for _ in range(3):
        add(queue)
    with pytest.raises(Busy, match="3 calculations are waiting") as error:
        add(queue)
    assert (error.value.status, error.value.retry_after_s) == (429, 30)


def test_many_that_come_at_once_share_the_places(queue: Queue) -> None:
    def tries(_: int) -> bool:
        try:
            add(queue)
        except Busy:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(tries, range(8))) == 3


def test_every_job_is_taken_by_one(database: Database) -> None:
    queue = Queue(database, places=12, per_owner=12)
    jobs = [add(queue).id for _ in range(12)]
    with ThreadPoolExecutor(6) as threads:
        claims = list(threads.map(lambda k: queue.claim(f"server{k}"), range(15)))
    taken = [claim.id for claim in claims if claim is not None]
    assert sorted(taken) == sorted(jobs)


def test_jobs_belong_to_their_owner(queue: Queue) -> None:
    job = add(queue)
    for act in (queue.read, queue.cancel):
        with pytest.raises(Refused) as error:
            act("ben", job.id)
        assert error.value.status == 404
    assert queue.read("ann", job.id).state == "waiting"


def test_old_jobs_and_all_but_the_newest_go(database: Database, queue: Queue) -> None:
    found = []
    for _ in range(24):
        job = add(queue)
        queue.cancel("ann", job.id)
        found.append(job)
    last = add(queue)
    with pytest.raises(Refused):
        queue.read("ann", found[0].id)
    assert queue.read("ann", found[-1].id).state == "cancelled"
    with database.writing() as session:
        session.execute(update(JobRow).values(created=now() - timedelta(days=3)))
        session.execute(update(JobRow).where(JobRow.ended.is_not(None)).values(ended=now() - timedelta(hours=25)))
    queue.clear()
    with pytest.raises(Refused):
        queue.read("ann", found[-1].id)
    assert queue.read("ann", last.id).state == "waiting"
