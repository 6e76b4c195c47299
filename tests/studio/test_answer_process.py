"""Answers found in a process of their own: some at once, what happens to it when it is killed, and in the studio."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from fastapi.testclient import TestClient
from tests.studio.conftest import settings_for
from tests.studio.labour import endless, place, refused, told

from afterglow.studio.answer_process import AnswerProcess
from afterglow.studio.designs.choices import choices
from afterglow.studio.quick_runs import QuickRuns
from afterglow.studio.refusals import Refused
from afterglow.studio.server.application import served_app


@pytest.fixture
def process() -> Iterator[AnswerProcess]:
    made = AnswerProcess(at_once=2)
    yield made
    made.kill()


@pytest.fixture
def gate() -> Iterator[QuickRuns]:
    made = QuickRuns(at_once=2)
    yield made
    made.close()


def test_answers_are_found_side_by_side_in_one_process_that_gives_way_to_nobody(
    process: AnswerProcess, gate: QuickRuns
) -> None:
    gone = threading.Event()
    reader, other = gate.asked_by(gone, "ann"), gate.asked_by(None, "ben")
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(reader.run, lambda: process.find(partial(endless), reader))
        found = other.run(lambda: process.find(partial(place), other))
        pid, nice = map(int, found.split())
        assert not long.done()
        gone.set()
        with pytest.raises(Refused) as error:
            long.result(20)
        assert error.value.status == 499
    assert (pid, nice) == (process.pid, int(place().split()[1]))
    assert pid != os.getpid()
    again = [process.find(partial(place), gate).split()[0] for _ in range(4)]
    assert set(again) == {str(pid).encode()}, "work whose reader has gone ends, and the process stays"


def test_what_is_refused_or_fails_in_it_is_told_and_it_stays(process: AnswerProcess, gate: QuickRuns) -> None:
    pid = process.find(partial(place), gate).split()[0]
    with pytest.raises(Refused, match="there are too few people"):
        process.find(partial(refused), gate)
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        process.find(partial(refused, fault=True), gate)
    assert process.find(partial(place), gate).split()[0] == pid


def test_a_killed_one_is_told_to_all_who_wait_and_started_anew(process: AnswerProcess, gate: QuickRuns) -> None:
    pid = int(process.find(partial(place), gate).split()[0])
    with ThreadPoolExecutor(2) as pool:
        long = [pool.submit(process.find, partial(endless), gate) for _ in range(2)]
        time.sleep(0.5)
        os.kill(pid, signal.SIGKILL)
        for each in long:
            with pytest.raises(Refused, match="stopped by the machine") as error:
                each.result(20)
            assert error.value.status == 503
        texts = list(pool.map(lambda text: process.find(partial(told, text), gate), ["one", "two"]))
    assert texts == [b"one", b"two"]
    assert int(process.find(partial(place), gate).split()[0]) != pid


def test_the_studio_finds_quick_answers_there_and_goes_on_when_it_is_killed(
    start: Callable[..., TestClient], sqlite_url: str
) -> None:
    assert served_app(settings_for(sqlite_url)).state.isolated, "so does every server process"
    client = start(sqlite_url, isolated=True)
    near: AnswerProcess = client.app.state.near.__self__  # type: ignore[attr-defined]
    design = choices().starters["psilocybin"]
    here = start(sqlite_url).post("/api/course", json=design.model_dump()).json()
    first = near.pid
    assert first is not None
    assert client.post("/api/course", json=design.model_dump()).json() == here, (
        "the same numbers, wherever they are found"
    )
    os.kill(first, signal.SIGKILL)
    other = design.model_copy(update={"seed": 7})
    answers = [client.post("/api/course", json=other.model_dump()) for _ in range(2)]
    assert answers[-1].status_code == 200, "the first may find it dying"
    assert near.pid not in (None, first)
    assert client.post("/api/course", json={**design.model_dump(), "participants": -1}).status_code == 422
