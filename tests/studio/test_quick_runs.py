"""The gate: the same question is worked on once, first answers go before full ones, and what is kept is bounded."""

from __future__ import annotations

import platform
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from tests.studio.conftest import until

from afterglow.studio.kept_answers import KeptAnswers
from afterglow.studio.memory import give_memory_back
from afterglow.studio.quick_runs import QuickRuns
from afterglow.studio.refusals import Refused


def test_the_same_question_is_worked_on_once_and_kept() -> None:
    gate, go, worked = QuickRuns(at_once=2), threading.Event(), []

    def work() -> bytes:
        worked.append(1)
        assert go.wait(10)
        return b"so"

    with ThreadPoolExecutor(6) as threads:
        found = [threads.submit(gate.asked_by(None, str(k)).answer, "what", work, size="full") for k in range(6)]
        until(lambda: sum(len(turn.readers) for turn in gate._line.inside) == 6)
        go.set()
        assert {f.result(10) for f in found} == {b"so"}
    assert gate.answer("what", work, size="full") == b"so"
    assert len(worked) == 1
    assert gate.answer("something else", work, size="first") == b"so"
    assert len(worked) == 2


def test_work_ends_when_the_last_of_its_readers_has_gone() -> None:
    gate, gone = QuickRuns(at_once=1), [threading.Event(), threading.Event()]
    asked = [gate.asked_by(event, str(k)) for k, event in enumerate(gone)]
    rounds: list[int] = []

    def work(own: QuickRuns) -> Callable[[], bytes]:
        def run() -> bytes:
            for k in range(5000):
                rounds.append(k)
                own.heed(k, 5000)
                threading.Event().wait(0.002)
            return b"never"

        return run

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(asked[0].answer, "what", work(asked[0]), size="full")
        until(lambda: bool(rounds))
        second = threads.submit(asked[1].answer, "what", work(asked[1]), size="full")
        until(lambda: len(next(iter(gate._line.inside)).readers) == 2)
        gone[0].set()
        before = len(rounds)
        until(lambda: len(rounds) > before + 5)  # it goes on for the other one
        gone[1].set()
        for one in (first, second):
            with pytest.raises(Refused):
                one.result(10)
    assert gate.answer("what", lambda: b"asked anew", size="full") == b"asked anew"


def test_one_place_stays_free_of_full_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("afterglow.studio.quick_runs._LATE_S", 60.0)
    gate, go, served = QuickRuns(at_once=2, waiting=9), threading.Event(), []

    def full() -> None:
        served.append("full")
        assert go.wait(10)

    with ThreadPoolExecutor(9) as threads:
        every = [threads.submit(gate.asked_by(None, str(k)).run, full, size="full") for k in range(4)]
        until(lambda: served == ["full"] and gate.waiting == 3)
        assert gate.crowd == (3, 4)
        assert gate.asked_by(None, "quick").run(lambda: "at once", size="first") == "at once"
        assert served == ["full"], "the other full ones leave a place to first answers"
        go.set()
        for one in every:
            one.result(10)
    assert served == ["full"] * 4
    assert gate.crowd.waiting == 0


def test_whoever_is_here_counts_as_one_full_answer_until_they_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = QuickRuns(cores=2.0)
    for who in ("ann", "bob", "ann"):
        gate.seen(who)
        gate.asked_by(None, who).run(lambda: None, size="first")
    assert gate.crowd == (0, 1), "two people on two cores"
    for _ in range(4):
        gate.asked_by(None, "bob").run(lambda: None, size="full")
    assert gate.crowd == (0, 2.5), "who has asked for full answers counts by these"
    monkeypatch.setattr("afterglow.studio.quick_runs._ASKED_WITHIN_S", 0.0)
    assert gate.crowd == (0, 0), "who was here long ago is gone"


def test_a_full_answer_that_is_late_takes_the_place_of_first_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("afterglow.studio.quick_runs._LATE_S", 0.05)
    gate, go, served = QuickRuns(at_once=2, waiting=9), threading.Event(), []

    def full() -> None:
        served.append("full")
        assert go.wait(10)

    with ThreadPoolExecutor(9) as threads:
        fulls = [threads.submit(gate.asked_by(None, str(k)).run, full, size="full") for k in range(2)]
        until(lambda: served == ["full"] and gate.waiting == 1)
        threading.Event().wait(0.1)
        first = threads.submit(gate.asked_by(None, "quick").run, lambda: served.append("first"), size="first")
        until(lambda: served == ["full", "full"])
        go.set()
        for one in (*fulls, first):
            one.result(10)
    assert served == ["full", "full", "first"]


def test_what_was_asked_first_is_answered_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("afterglow.studio.quick_runs._LATE_S", 0.0)
    gate, go, served, sizes = QuickRuns(at_once=1, waiting=9), threading.Event(), [], ["first", "full", "first", "full"]
    with ThreadPoolExecutor(9) as threads:
        busy = threads.submit(gate.asked_by(None, "busy").run, lambda: go.wait(10), size="first")
        until(lambda: gate._line.inside and not gate.waiting)
        asked = []
        for k, size in enumerate(sizes):
            asked.append(threads.submit(gate.asked_by(None, str(k)).run, partial(served.append, k), size=size))
            until(lambda k=k: gate.waiting == k + 1)
        go.set()
        for one in (busy, *asked):
            one.result(10)
    assert served == [0, 1, 2, 3]


def test_kept_answers_are_bounded_and_forget_the_oldest() -> None:
    kept = KeptAnswers(100)
    for k in range(30):
        kept.put(f"q{k}", b"x" * 10)
        kept.get("q0")
        assert kept.held_bytes <= 100
    assert kept.get("q0") is not None
    assert kept.get("q29") is not None
    assert kept.get("q1") is None
    kept.put("large", b"x" * 101)
    assert kept.get("large") is None
    kept.put("q29", b"y")
    assert kept.get("q29") == b"y"
    assert kept.held_bytes == 91


def test_memory_is_given_back_where_the_library_can() -> None:
    assert give_memory_back() == (platform.libc_ver()[0] == "glibc")
