"""Pieces that runs share: solved once, the same numbers, and no more memory than allowed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from tests import protocols as plan
from tests.runs import assert_same, protocol

from afterglow import Protocol
from afterglow.runs.execute import Executor, Task
from afterglow.runs.pieces import KeptPieces
from afterglow.runs.simulate import run_of, spec_of
from afterglow.simulate.part import ExposurePart, Part
from afterglow.simulate.run import Run, parts_of


def moved(day: float, *, mg: float = 25.0, hours: float = 1.5) -> Protocol:
    """A course whose one session of integration lies on a day."""
    sessions = [plan.sit(0), plan.session(day, hours=hours)]
    return protocol(dosed={"doses": [plan.psilocybin(mg=mg)], "sessions": sessions})


def run(of: Protocol, pieces: KeptPieces | None = None) -> Run:
    def submit(task: Task) -> Future[object]:
        done: Future[object] = Future()
        done.set_result(task.calculate() if pieces is None else pieces.calculate(task))
        return done

    spec, posteriors = spec_of(of, participants=6, draws=4)
    return run_of(spec, posteriors, executor=Executor(submit, lambda: 1))


@contextmanager
def solved() -> Iterator[list[str]]:
    """Note which arms are solved."""
    found: list[str] = []
    before = {kind: kind.calculate for kind in (Part, ExposurePart)}
    for kind in before:

        def calculate(task: Part, kind: type = kind) -> object:
            found.append(f"{kind.__name__} {task.arm.id}")
            return before[kind](task)

        kind.calculate = calculate  # type: ignore[method-assign, assignment]
    try:
        yield found
    finally:
        for kind, own in before.items():
            kind.calculate = own  # type: ignore[method-assign]


def test_moving_a_session_solves_its_arm_alone_and_changes_no_number() -> None:
    pieces = KeptPieces(50)
    run(moved(2), pieces)
    with solved() as found:
        run(moved(3), pieces)
    assert found == ["Part dosed"]
    assert_same(run(moved(3), pieces), run(moved(3)))


def test_another_dose_or_a_group_is_another_life() -> None:
    pieces = KeptPieces(50)
    run(moved(2), pieces)
    with solved() as found:
        run(moved(2, mg=20.0), pieces)
    assert sorted(found) == ["ExposurePart dosed", "Part dosed", "Part dosed|no integration"]
    other = moved(2).model_dump()
    other["arms"][0]["group"] = {"size": 4, "dosing": True}
    with solved() as found:
        seen = run(Protocol.made(other), pieces)
    assert sorted(found) == ["Part dosed", "Part dosed|no integration"]
    assert_same(seen, run(Protocol.made(other)))


def test_what_is_asked_for_twice_is_kept() -> None:
    pieces = KeptPieces(50)
    for _ in range(2):
        run(moved(2), pieces)
    with solved() as found:
        assert_same(run(moved(2), pieces), run(moved(2)))
    assert found == ["Part dosed", "ExposurePart dosed", "Part dosed|no integration"]  # those of the run without


def test_an_arm_that_stays_is_not_solved_again_when_another_changes() -> None:
    def both(day: float) -> Protocol:
        first, second = moved(2).arms[0], moved(day, mg=20.0).arms[0].model_copy(update={"id": "other"})
        return moved(2).model_copy(update={"arms": (first, second)})

    pieces = KeptPieces(50)
    for day in (3, 4):
        run(both(day), pieces)
    with solved() as found:
        assert_same(run(both(5), pieces).counts["MADRS"][1], run(both(5)).counts["MADRS"][1])
    assert found[0] == "Part other"
    assert found.count("Part dosed") == 1  # that of the run without


def test_pieces_take_no_more_memory_than_allowed() -> None:
    spec, posteriors = spec_of(moved(2), participants=6, draws=4)
    piece = parts_of(spec, run(moved(2)).draws)[-1].calculate()
    assert piece.severity is not None
    assert piece.nbytes > piece.severity.nbytes
    pieces = KeptPieces(3 * piece.nbytes / 1e6)
    for mg in range(15, 25):
        run(moved(2, mg=mg), pieces)
        assert 0 < pieces.held_bytes <= 3 * piece.nbytes
    none = KeptPieces(0)
    run(moved(2), none)
    assert none.held_bytes == 0
    assert posteriors.by_rival
