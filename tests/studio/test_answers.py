"""Which answers are found apart, how much each person may ask before, and what happens to the process."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from functools import partial

import pytest
from tests.studio.labour import endless, place, refused, silent, told

from afterglow.studio import answers as answers_module
from afterglow.studio.allowance import Allowance
from afterglow.studio.answer_process import found_here
from afterglow.studio.answers import Answers, allowance
from afterglow.studio.apart import Apart
from afterglow.studio.designs.choices import choices
from afterglow.studio.designs.result import QUICK
from afterglow.studio.designs.size import MOST_YEARS, MOST_YEARS_FIRST, person_years
from afterglow.studio.quick_runs import QuickRuns
from afterglow.studio.refusals import Refused


@pytest.fixture(scope="module")
def apart() -> Iterator[Apart]:
    made = Apart()
    yield made
    made.close()


@pytest.fixture
def quick(apart: Apart) -> Iterator[Answers]:
    gate = QuickRuns(at_once=1)
    yield Answers(gate, found_here, apart, allowance(), None, "ann")
    gate.close()


def test_a_small_answer_is_found_here_and_kept(quick: Answers) -> None:
    here = quick.find("where?", partial(place), years=100.0)
    assert here == place()
    assert quick.find("where?", partial(silent), years=1e9) == here, "whatever it would cost"


def test_a_large_answer_is_found_in_a_process_that_gives_way(quick: Answers) -> None:
    pid, nice = map(int, quick.find("far?", partial(place), years=MOST_YEARS).split())
    first = quick.find("first?", partial(place), years=MOST_YEARS_FIRST, size="first")
    assert int(first.split()[0]) == pid, "so is a first answer to the largest designs"
    usual = int(place().split()[1])
    assert pid != int(place().split()[0])
    assert nice >= min(19, usual + 10)


def test_whoever_asks_much_is_answered_apart(quick: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    here = place().split()[0]
    for k in range(12):
        assert quick.find(f"{k}?", partial(place), years=7_000.0).split()[0] == here, "what took less is given back"
    monkeypatch.setattr(Allowance, "give_back", lambda *_: None)
    alone = [quick.find(f"alone {k}?", partial(place), years=7_000.0).split()[0] for k in range(12)]
    assert set(alone) == {here}, "whoever is alone gives way to nobody"
    monkeypatch.setattr(quick._allowance, "_alone_s", 600.0)  # however slow the machine is that starts the processes
    other = Answers(quick._gate, found_here, quick._apart, quick._allowance, None, "ben")
    assert other.find("ben's?", partial(place), years=10.0).split()[0] == here
    pids = [quick.find(f"again {k}?", partial(place), years=7_000.0).split()[0] for k in range(12)]
    assert pids[-1] != here
    assert quick.find("small?", partial(place), years=10.0).split()[0] == here, "small things go on"


def test_what_was_refused_or_failed_there_is_told_here(apart: Apart) -> None:
    with pytest.raises(Refused, match="there are too few people"):
        apart.run("", partial(refused), None, "ann")
    with pytest.raises(Refused, match="of arm 2: too much") as error:
        apart.run("", partial(refused, where="arms[1].doses[0]"), None, "ann")
    assert (error.value.status, "[" in str(error.value)) == (422, False)
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        apart.run("", partial(refused, fault=True), None, "ann")
    assert apart.run("", partial(place), None, "ann")


def test_work_ends_with_its_reader_and_the_process_stays_if_it_heeds(apart: Apart) -> None:
    pid = apart.run("", partial(place), None, "ann").split()[0]
    for work, stays in ((endless, True), (silent, False)):
        gone = threading.Event()
        threading.Timer(0.3, gone.set).start()
        began = time.monotonic()
        with pytest.raises(Refused) as error:
            apart.run("", partial(work), gone, "ann")
        assert error.value.status == 499
        assert time.monotonic() - began < 15
        assert (apart.run("", partial(place), None, "ann").split()[0] == pid) is stays


def test_what_is_somebodys_own_is_not_kept(quick: Answers) -> None:
    assert quick.find("", partial(told, "a secret"), years=1.0) == b"a secret"
    assert quick.find("", partial(told, "another"), years=1.0) == b"another"
    assert quick._gate.kept("") is None


def test_a_refusal_keeps_its_status(apart: Apart) -> None:
    with pytest.raises(Refused, match="no more") as error:
        apart.run("", partial(refused, status=409), None, "ann")
    assert error.value.status == 409


def test_an_idle_process_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("afterglow.studio.apart._KEPT_S", 0.2)
    own = Apart()
    own.run("", partial(place), None, "ann")
    until = time.monotonic() + 20
    while own.pid is not None and time.monotonic() < until:
        time.sleep(0.05)
    assert own.pid is None
    own.close()


def test_usual_answers_are_small_and_those_at_the_limit_of_the_form_are_not() -> None:
    for design in choices().starters.values():
        assert person_years(design) < answers_module._LARGE_YEARS / 3
        eight = design.model_copy(update={"arms": design.arms[:1] * 8})
        assert person_years(eight, QUICK) < answers_module._LARGE_FIRST_YEARS < MOST_YEARS_FIRST
