"""Connections that keep silent, repeat themselves or outlive their server."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace

import psutil
import pytest
import uvicorn
from tests.studio.test_server import Browser, family_of, until

from afterglow.studio.database.database import Database
from afterglow.studio.designs.choices import choices
from afterglow.studio.designs.result import FULL, QUICK, Effort
from afterglow.studio.designs.size import (
    MOST_YEARS,
    MOST_YEARS_FIRST,
    first_effort,
    full_effort,
    person_years,
    refuse_if_large,
)
from afterglow.studio.jobs.pool import JobPool
from afterglow.studio.jobs.queue import Queue
from afterglow.studio.quick_runs import Crowd
from afterglow.studio.refusals import Refused
from afterglow.studio.server import connections
from afterglow.studio.server.connections import Counted, Guarded


async def hello(scope: dict, receive: object, send: object) -> None:  # type: ignore[type-arg]
    while (await receive())["more_body"]:  # type: ignore[operator]
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})  # type: ignore[operator]
    await send({"type": "http.response.body", "body": b"hi"})  # type: ignore[operator]


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """A server with short deadlines and room for eight connections."""
    monkeypatch.setattr(connections, "HEADER_S", 0.4)
    monkeypatch.setattr(connections, "BODY_S", 0.6)
    monkeypatch.setattr(Guarded, "room", 8)
    monkeypatch.setattr(connections, "_HERE", frozenset())
    config = uvicorn.Config(hello, http=Guarded, lifespan="off", log_level="critical")  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    until(lambda: server.started)
    yield listening.getsockname()
    server.should_exit = True
    thread.join(10)


def closed_within(line: socket.socket, seconds: float) -> bool:
    line.settimeout(seconds)
    try:
        return line.recv(100) == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False


@pytest.mark.parametrize(
    "said", [b"", b"GET / HTTP/1.1\r\nHos", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf"]
)
def test_a_connection_that_keeps_silent_is_closed(address: tuple[str, int], said: bytes) -> None:
    with socket.create_connection(address) as line:
        line.sendall(said)
        assert closed_within(line, 5)


def test_a_slow_drip_does_not_buy_time(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as line:
        began = time.monotonic()
        try:
            for sign in b"GET / HTTP/1.1\r\nHost: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx":
                line.sendall(bytes([sign]))
                time.sleep(0.05)
        except ConnectionError:
            pass
        assert time.monotonic() - began < 2


def test_an_open_line_may_rest_between_two_requests(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as line:
        for _ in range(2):
            line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            heard = b""
            while not heard.endswith(b"hi"):
                heard += line.recv(1000)
            time.sleep(0.7)


def test_one_address_takes_no_more_than_its_share(address: tuple[str, int]) -> None:
    lines = [socket.create_connection(address) for _ in range(12)]
    try:
        time.sleep(0.1)
        assert Guarded.open.total() <= 5
        assert closed_within(lines[-1], 0.2), "those beyond the share are closed at once"
    finally:
        for line in lines:
            line.close()
    until(lambda: Guarded.open.total() == 0)


def test_lines_that_repeat_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    told, counted, moment = [], Counted(), 0.0
    monkeypatch.setattr(connections, "time", SimpleNamespace(monotonic=lambda: moment))
    for k in range(1000):
        record = logging.LogRecord("asyncio", logging.ERROR, "", 0, "socket.accept() failed: %s", (k,), None)
        if counted.filter(record):
            told.append(record.getMessage())
    assert told == ["socket.accept() failed: 0"]
    moment = 61.0
    record = logging.LogRecord("asyncio", logging.ERROR, "", 0, "socket.accept() failed: %s", (7,), None)
    assert counted.filter(record)
    assert record.getMessage() == "socket.accept() failed: 7 (and 999 times more before)"


def test_workers_end_with_their_supervisor(sqlite_url: str) -> None:
    env = {**os.environ, "AFTERGLOW_DATABASE_URL": sqlite_url, "AFTERGLOW_STUDIO_WARM_UP": "0"}
    command = [sys.executable, "-m", "afterglow.cli.main", "studio", "--port", "0", "--workers", "2"]
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        until(lambda: len(family_of(process)) >= 2)
        Browser(address)
        workers = family_of(process)
        process.kill()
        process.wait()
        until(lambda: not [one for one in workers if one.is_running() and one.status() != psutil.STATUS_ZOMBIE], 30)
        socket.create_server(("127.0.0.1", int(address.rpartition(":")[2]))).close()
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def test_the_end_of_a_job_is_kept_until_it_can_be_written(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    queue = Queue(database, places=3)
    job, away = queue.add("ann", "count", "{}"), [True, True, True, True, True]
    claim = queue.claim("x")
    assert claim is not None
    pool = JobPool(queue, {}, processes=1, minutes=1)
    pool.name = "x"
    monkeypatch.setattr("afterglow.studio.jobs.pool._FIRST_WAIT_S", 0.01)
    monkeypatch.setattr("afterglow.studio.jobs.pool._LONGEST_WAIT_S", 0.02)
    written = queue.end

    def end(*words: object, **more: object) -> None:
        if away:
            away.pop()
            raise OperationalError("x", {}, Exception("away"))
        written(*words, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(queue, "end", end)
    pool._end(job.id, "done", result={"answer": 42})
    assert queue.read("ann", job.id).result == {"answer": 42}


def test_what_is_too_much_for_a_quick_answer_is_known_beforehand() -> None:
    design = choices().starters["mdma"]
    refuse_if_large(design)
    assert first_effort(design, Crowd()) == QUICK
    most = design.model_copy(update={"participants": 20_000, "horizon_days": 1095.0, "arms": design.arms * 4})
    with pytest.raises(Refused, match="20000 people in 4 arms over 1095 days"):
        refuse_if_large(most)
    fewer = first_effort(most, Crowd())
    assert fewer.people is not None
    assert 64 <= fewer.people < 20_000
    assert person_years(most, fewer) <= MOST_YEARS * 1.01
    eight = most.model_copy(update={"arms": design.arms * 8})
    fewer = first_effort(eight, Crowd())
    assert fewer.people is not None
    assert fewer.people < 128
    assert person_years(eight, fewer) <= MOST_YEARS_FIRST * 1.01 < person_years(eight, QUICK)
    # A few are no crowd; nor does one end at once when each takes less and none waits any more.
    wanted = (Crowd(0, 19.5), Crowd(1, 2), Crowd(0, 20), Crowd(2, 4), Crowd(0, 28), Crowd(6, 20), Crowd(0, 50))
    got = [FULL, *[Effort(16, 128)] * 2, *[Effort(16, 64)] * 2, *[Effort(16, 32)] * 2]
    assert [full_effort(design, crowd) for crowd in wanted] == got
    assert first_effort(design, Crowd(2, 4)) == Effort(QUICK.draws, 64)
    assert first_effort(design, Crowd(6, 20)) == Effort(16, 32), "that of the full answer"
    assert first_effort(most, Crowd(6, 20)).draws == QUICK.draws, "where a full answer is refused, there is a first one"
    # Less than the full run parts small cohorts too: 32 people cost as much as the 8 at each draw.
    assert person_years(design, Effort(4, 32)) == person_years(design, Effort(4, 256)) / 8
    assert person_years(design, Effort(4, 200)) < person_years(design, Effort(4, 256))


if sys.platform == "win32":
    pytest.skip("these tests are for a Unix", allow_module_level=True)
