"""Long calculations: one after another, watched, cancelled, killed, and never lost in silence."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from anyio import CapacityLimiter
from fastapi.testclient import TestClient
from tests.studio.conftest import another, settings_for, until
from tests.studio.labour import Task, labour

from afterglow.studio.database.database import Database
from afterglow.studio.database.upgrade import upgrade
from afterglow.studio.designs.choices import choices
from afterglow.studio.jobs import pool as pool_module
from afterglow.studio.jobs.events import EventStream, Watchers, job_events
from afterglow.studio.jobs.pool import JobKind, JobPool
from afterglow.studio.jobs.queue import LOST, STOPPED, Job, Queue
from afterglow.studio.quick_runs import Busy, QuickRuns
from afterglow.studio.refusals import Refused

KINDS = {"count": JobKind(Task, labour)}
Pool = Callable[..., JobPool]


@pytest.fixture
def queue(sqlite_url: str) -> Iterator[Queue]:
    """A queue in a file: what databases differ in is tried in test_queue.py."""
    database = Database.opened(settings_for(sqlite_url))
    upgrade(database)
    yield Queue(database, places=9, per_owner=9)
    database.close()


@pytest.fixture
def pool() -> Iterator[Pool]:
    started = []

    def start(queue: Queue, minutes: float = 5, silence_s: float = 15) -> JobPool:
        found = JobPool(queue, KINDS, processes=1, minutes=minutes, silence_s=silence_s)
        found.start()
        started.append(found)
        return found

    yield start
    for found in started:
        found.stop()
        assert found.pids == []


def add(queue: Queue, owner: str = "ann", **task: Any) -> Job:
    return queue.add(owner, "count", Task(**task).model_dump_json())


def ended(queue: Queue, job: Job, owner: str = "ann") -> Job:
    def look() -> Job | None:
        found = queue.read(owner, job.id)
        return found if found.state in ("done", "failed", "cancelled") else None

    return until(look)  # type: ignore[no-any-return]


def running(queue: Queue, job: Job) -> Job:
    """Wait until the work itself goes on, not only its process."""

    def look() -> Job | None:
        found = queue.read("ann", job.id)
        return found if found.state == "running" and found.progress > 0 else None

    return until(look)  # type: ignore[no-any-return]


def test_a_process_lives_on_until_it_is_cancelled_killed_or_late(queue: Queue, pool: Pool) -> None:
    workers = pool(queue)
    first = ended(queue, add(queue))
    assert (first.state, first.progress, first.error) == ("done", 1.0, None)
    assert first.result is not None
    pid = first.result["pid"]
    assert pid != os.getpid()
    again = ended(queue, add(queue, steps=3))
    assert again.result == {"pid": pid, "steps": 3}

    for what, sentence in (
        ("mistake", "there are too few people"),
        ("memory", "too little memory"),
        ("fault", "fault of the program"),
        ("nan", "fault of the program"),
    ):
        failed = ended(queue, add(queue, what=what))
        assert (failed.state, failed.result) == ("failed", None)
        assert sentence in str(failed.error)
        assert "secret" not in str(failed.error)
    assert workers.pids == [pid]

    long = add(queue, seconds=60, steps=600)
    waiting = add(queue)
    assert 0 < running(queue, long).progress < 1
    assert queue.cancel("ann", long.id).state == "running"
    began = time.monotonic()
    assert ended(queue, long).state == "cancelled"
    assert time.monotonic() - began < 10
    after = ended(queue, waiting)  # with a new process
    assert after.result is not None
    assert after.result["pid"] != pid
    assert queue.cancel("ann", long.id).state == "cancelled"


def test_a_killed_process_fails_its_job_and_is_replaced(queue: Queue, pool: Pool) -> None:
    workers = pool(queue)
    job = add(queue, seconds=60, steps=600)
    running(queue, job)
    (pid,) = workers.pids
    os.kill(pid, signal.SIGKILL)
    failed = ended(queue, job)
    assert (failed.state, failed.error) == ("failed", LOST)
    assert ended(queue, add(queue)).state == "done"
    os.kill(workers.pids[0], signal.SIGKILL)  # while it waits for work
    assert ended(queue, add(queue)).state == "done"


def test_a_job_of_a_dead_server_process_is_found(queue: Queue, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "_TIDY_EVERY_S", 0.1)
    dead, alive = add(queue), add(queue)
    assert queue.claim("dead") is not None
    assert queue.claim("alive") is not None
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(0.05):
            queue.beat(alive.id, "alive", 0.5)

    beating = threading.Thread(target=beat)
    beating.start()
    try:
        pool(queue, silence_s=0.6)
        assert ended(queue, dead).error == LOST
        time.sleep(0.8)
        assert queue.read("ann", alive.id).state == "running"
    finally:
        stop.set()
        beating.join()
    # the dead one comes back after all: its word no longer counts
    assert queue.beat(dead.id, "dead", 0.9) is False
    queue.end(dead.id, "dead", "done", result={"late": True})
    assert queue.read("ann", dead.id).state == "failed"


def test_stopping_says_so_and_leaves_no_process(queue: Queue) -> None:
    workers = JobPool(queue, KINDS, processes=1, minutes=5)
    workers.start()
    job, waiting = add(queue, seconds=60, steps=600), add(queue)
    running(queue, job)
    (pid,) = workers.pids
    began = time.monotonic()
    workers.stop()
    assert time.monotonic() - began < 15
    assert queue.read("ann", job.id).error == STOPPED
    assert queue.read("ann", waiting.id).state == "waiting"
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_job_that_takes_too_long_is_stopped(queue: Queue, pool: Pool) -> None:
    pool(queue, minutes=0.02)
    late = ended(queue, add(queue, seconds=60, steps=600))
    assert (late.state, late.error) == ("failed", "It took longer than 0.02 minutes; ask for less.")


def test_progress_is_streamed_to_its_end(queue: Queue, pool: Pool) -> None:
    pool(queue)
    job = add(queue, seconds=1.5, steps=15)

    async def watch() -> list[str]:
        limiter = CapacityLimiter(1)
        return [
            e async for e in job_events(lambda: queue.read("ann", job.id, with_result=False), limiter, lambda: False)
        ]

    events = asyncio.run(watch())
    assert events[0].startswith("retry:")
    kinds = [e.partition("\n")[0] for e in events[1:]]
    assert kinds[-1] == "event: done"
    assert set(kinds[:-1]) == {"event: progress"}
    shown = [json.loads(e.partition("data: ")[2]) for e in events[1:]]
    progress = [s["progress"] for s in shown]
    assert progress == sorted(progress)
    assert len(progress) >= 4
    assert shown[-1]["progress"] == 1.0
    assert all(s["result"] is None for s in shown)


def test_a_stream_keeps_the_line_open_and_ends_with_the_server(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("afterglow.studio.jobs.events._HEARTBEAT_S", 0.5)
    job, began = add(queue), time.monotonic()

    async def watch() -> list[str]:
        read, limiter = (lambda: queue.read("ann", job.id)), CapacityLimiter(1)
        return [e async for e in job_events(read, limiter, lambda: time.monotonic() - began > 1.5)]

    events = asyncio.run(watch())
    assert ": still here\n\n" in events
    assert events[1].startswith("event: progress\ndata: {")


def test_many_watchers_who_come_at_once_find_no_more_places_than_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("afterglow.studio.jobs.events._WATCHED_AT_ONCE", 2)
    watchers, statuses = Watchers(), list[object]()

    async def events() -> AsyncIterator[str]:
        await asyncio.sleep(0.2)
        yield "event: done\n\n"

    async def gone() -> dict[str, str]:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def send(message: Mapping[str, Any]) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    async def watch(owner: str) -> None:
        watchers.refuse_if_many(owner)
        stream = EventStream(events(), watchers, owner)
        await asyncio.sleep(0)  # all are let in before the first begins
        try:
            await stream({"type": "http", "asgi": {"spec_version": "2.4"}}, gone, send)  # type: ignore[arg-type]
        except Busy:
            statuses.append("refused")

    async def go() -> None:
        await asyncio.gather(*(watch("ann") for _ in range(5)), watch("ben"))
        assert sorted(map(str, statuses)) == ["200", "200", "200", "refused", "refused", "refused"]
        watchers.refuse_if_many("ann")  # places are given back

    asyncio.run(go())


def test_quick_runs_take_turns_and_refuse_a_crowd() -> None:
    gate, go, inside = QuickRuns(at_once=2, waiting=3), threading.Event(), []

    def work() -> int:
        inside.append(threading.get_ident())
        assert go.wait(10)
        return 1

    with ThreadPoolExecutor(5) as threads:
        found = [threads.submit(gate.run, work) for _ in range(5)]
        until(lambda: len(inside) == 2)
        time.sleep(0.1)
        assert len(inside) == 2
        assert gate.waiting == 3
        with pytest.raises(Busy) as error:
            gate.run(work)
        assert (error.value.status, error.value.retry_after_s) == (429, 2)
        go.set()
        assert [f.result(10) for f in found] == [1] * 5
    assert gate.waiting == 0

    def fail() -> None:
        raise ZeroDivisionError

    for _ in range(9):  # a run that fails gives its place back
        with pytest.raises(ZeroDivisionError):
            gate.run(fail)
    assert gate.run(lambda: 2) == 2


def test_quick_runs_skip_whoever_has_gone() -> None:
    gate, gone = QuickRuns(at_once=1, waiting=1), threading.Event()
    asked = gate.asked_by(gone)
    assert asked.run(lambda: 1) == 1
    gone.set()
    for _ in range(5):  # and the places are given back
        with pytest.raises(Refused):
            asked.run(lambda: 1)
    assert gate.asked_by(None).run(lambda: 2) == 2


def test_quick_runs_let_people_take_turns() -> None:
    gate, go, served = QuickRuns(at_once=1, waiting=20, each=6), threading.Event(), []
    greedy, modest = gate.asked_by(None, "greedy"), gate.asked_by(None, "modest")
    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(greedy.run, lambda: go.wait(10))
        until(lambda: gate._line.inside and not gate.waiting)
        many = [threads.submit(greedy.run, lambda: served.append("greedy")) for _ in range(5)]
        until(lambda: gate.waiting == 5)
        with pytest.raises(Busy, match="Too much of yours"):
            greedy.run(lambda: None)
        one = threads.submit(modest.run, lambda: served.append("modest"))
        until(lambda: gate.waiting == 6)
        go.set()
        for found in (first, one, *many):
            found.result(10)
    assert served.index("modest") <= 1, "whoever asks once does not wait for all of another's"


def test_whoever_has_most_places_gives_one_up_where_all_are_taken() -> None:
    gate, go = QuickRuns(at_once=1, waiting=5, each=6), threading.Event()
    greedy, modest, third = (gate.asked_by(None, name) for name in ("greedy", "modest", "third"))
    with ThreadPoolExecutor(9) as threads:
        held = [threads.submit(greedy.run, lambda: go.wait(10)) for _ in range(6)]
        until(lambda: gate.waiting == 5)
        others = [threads.submit(other.run, lambda: 7) for other in (modest, third)]
        until(lambda: sum(found.done() for found in held) == 2)
        for found in held:
            if found.done():
                assert isinstance(found.exception(), Busy)
        go.set()
        assert [found.result(10) for found in others] == [7, 7]
        assert sum(found.exception(10) is None for found in held) == 4
    with ThreadPoolExecutor(3) as threads:  # people with one each give up nothing
        gate, go = QuickRuns(at_once=1, waiting=1), threading.Event()
        held = [threads.submit(gate.asked_by(None, name).run, lambda: go.wait(10)) for name in "ab"]
        until(lambda: len(gate._line.inside) == 2)
        with pytest.raises(Busy):
            gate.asked_by(None, "c").run(lambda: None)
        go.set()


def test_a_run_ends_when_its_reader_has_gone() -> None:
    gate, gone, rounds = QuickRuns(at_once=1), threading.Event(), []
    asked = gate.asked_by(gone)

    def work() -> None:
        for k in range(1000):
            rounds.append(k)
            if k == 3:
                gone.set()
            asked.heed(k, 1000)

    with pytest.raises(Refused):
        asked.run(work)
    assert len(rounds) == 4


def test_the_addresses_of_jobs(sqlite_url: str, start: Callable[..., TestClient]) -> None:
    page = start(sqlite_url, waiting_jobs=1, processes=1)
    design = choices().starters["psilocybin"].model_dump(mode="json")
    slow = {"kind": "compare", "asked": {**design, "participants": 20_000}}
    quick = {"kind": "compare", "asked": {**design, "participants": 20}}
    answer = page.post("/api/jobs", json=slow)
    assert answer.status_code == 202
    job = answer.json()
    assert {"id", "state", "progress", "queue_place", "error", "created", "result"} <= set(job)
    address = f"/api/jobs/{job['id']}"
    until(lambda: page.get(address).json()["state"] == "running")
    second = page.post("/api/jobs", json=quick).json()
    full = page.post("/api/jobs", json=quick)
    assert (full.status_code, full.headers["retry-after"]) == (429, "30")
    assert "waiting already" in full.json()["error"]

    stranger = another(page)
    for refused in (stranger.get(address), stranger.delete(address), stranger.get(f"{address}/events")):
        assert refused.status_code == 404
    assert page.delete(address).status_code == 200

    with page.stream("GET", f"/api/jobs/{second['id']}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["cache-control"] == "no-store"
        text = stream.read().decode()
    assert text.rstrip().rpartition("\n\n")[2].startswith("event: done\n")
    done = page.get(f"/api/jobs/{second['id']}").json()
    assert done["state"] == "done"
    assert done["result"]["participants"] == 20
    assert page.get(address).json()["state"] == "cancelled"


def test_what_cannot_be_simulated_is_refused_at_once(sqlite_url: str, start: Callable[..., TestClient]) -> None:
    page = start(sqlite_url)
    design = choices().starters["psilocybin"].model_dump(mode="json")
    for wrong in ({**design, "scale": "no such scale"}, {**design, "participants": 10**9}, {}):
        answer = page.post("/api/jobs", json={"kind": "compare", "asked": wrong})
        assert answer.status_code == 422
        assert set(answer.json()) == {"error"}
    assert page.post("/api/jobs", json={"kind": "other", "asked": design}).status_code == 422
