"""A short text cannot become endless work, and what is accepted can be written and read again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from tests.protocols import DEPRESSION

from afterglow.errors import FileError, ProtocolError
from afterglow.evidence import reading_of
from afterglow.protocol import Protocol, parse_step, starter
from afterglow.protocol.files.yaml_text import plain_yaml

HOURLY = "training 1 min digital on day 1, every 1 h x 2000"
DAILY = "ketamine 0.5 mg/kg iv over 40 min on day 0, daily x {}"


def protocol(*arms: list[str]) -> dict[str, Any]:
    return {
        "population": DEPRESSION,
        "arms": [{"id": f"arm {k}", "steps": steps} for k, steps in enumerate(arms)],
        "assessments": [{"scale": "MADRS", "days": [7]}],
    }


def first_mistake(data: dict[str, Any]) -> str:
    with pytest.raises(ProtocolError) as caught:
        Protocol.made(data)
    return str(caught.value)


def test_repeats_of_repeats_stop_early() -> None:
    before = time.monotonic()
    said = first_mistake(protocol([HOURLY] * 20_000))
    assert said == "arms[0].steps[2]: an arm has at most 5000 rows; this step has more"
    assert time.monotonic() - before < 2


def test_rows_of_all_arms_together_are_limited() -> None:
    before = time.monotonic()
    said = first_mistake(protocol(*[[DAILY.format(360)]] * 32))
    assert said == "arms[13]: the arms up to here hold 5040 doses and sessions, but all together may hold 5000"
    assert time.monotonic() - before < 2


def test_too_many_arms_are_refused_in_a_sentence_and_the_rest_is_still_read() -> None:
    _, wrong = Protocol.parse(protocol(["psilocybn 25 mg oral"], *[["psilocybin 25 mg oral"]] * 39))
    assert [error.where for error in wrong] == ["arms", "arms[0].steps[0]"]
    assert wrong[0].message == "must have at most 32 entries, got 40"


@pytest.mark.parametrize("sentences", [True, False])
def test_the_largest_protocol_fits_a_file(tmp_path: Path, sentences: bool) -> None:
    """Measured on a tenth of the rows, each as long as rows become without a label."""
    sessions = [
        f"integration 20 min digital on day {day + 1 / 3} at hour {hour + 0.1}: insights, steps"
        for day in range(1, 84)
        for hour in range(0, 12, 2)
    ]
    tenth = Protocol.made(protocol(sessions))
    path = tmp_path / "tenth.yaml"
    path.write_text(tenth.to_yaml(sentences=sentences), encoding="utf-8")
    assert Protocol.from_file(path) == tenth
    assert 5000 / len(sessions) * path.stat().st_size < 1_000_000
    entries = plain_yaml(path.read_text(encoding="utf-8")).lines
    assert 5000 / len(sessions) * sum(2 if place and isinstance(place[-1], str) else 1 for place in entries) < 100_000


def test_a_name_that_is_too_long_is_a_sentence() -> None:
    with pytest.raises(FileError, match="could not be read"):
        reading_of("a" * 5000 + ".yaml")


@pytest.mark.parametrize(
    ("sentence", "times"),
    [
        ("training 20 min digital on day 1, twice a day for 4 days", [1, 1.25, 2, 2.25, 3, 3.25, 4, 4.25]),
        ("training 20 min digital on day 1, twice daily x 3", [1, 1.25, 2]),
        ("integration 60 min on day 1, twice weekly for 2 weeks", [1, 4, 8, 11]),
        ("integration 60 min on day 1, every 7 days for 3 weeks", [1, 8, 15]),
        ("integration 60 min on day 1, every 7 days for 15 days", [1, 8, 15]),
        ("integration 60 min on day 1, every 7 days until day 15", [1, 8, 15]),
        ("dosing 2 h on day 0, every 36 h for 3 days", [0, 1.5]),
    ],
)
def test_a_repeat_lasts_as_long_as_it_says(sentence: str, times: list[float]) -> None:
    assert [row.day + row.hour / 24 for row in parse_step(sentence)] == times


def test_a_repeat_by_length_has_a_mapping_and_a_bare_form() -> None:
    step = {"kind": "training", "hours": 1, "day": 1, "times_a_day": 2, "for": "2 days"}
    assert [row.to_sentence() for row in parse_step(step)] == [
        "training 60 min individual on day 1",
        "training 60 min individual on day 1 at hour 6",
        "training 60 min individual on day 2",
        "training 60 min individual on day 2 at hour 6",
    ]
    arm = Protocol.made(protocol(["psilocybin 25 mg oral", "every 21 days for 6 weeks"])).arms[0]
    assert [dose.day for dose in arm.doses] == [0, 21]


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("integration 90 min on day 1 at hour 25", "the hour must be below 24, got 25.0"),
        ("integration 90 min on day 4000", "the day must be at most 3650, got 4000.0"),
        ("psilocybin -25 mg oral", "the dose must be at least 0, got '-25 mg'"),
        ("integration 30 h on day 1", "the length must be at most 24, got '30 h'"),
        ("integration 90 min on day 1, every 7 days for 3 weeks x 3", "times and for both say when to stop; keep one"),
        ("integration 90 min on day 1, every 7 days", "'x 3', 'for 4 weeks' or 'until day 60'"),
        ("integration 90 min on day 1, every 7 days for 3 months", "differ in length"),
        ("integration 90 min on day 3649, every 7 days x 2", "the day must be at most 3650, got 3656"),
    ],
)
def test_a_bound_names_what_it_bounds(sentence: str, said: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_step(sentence)
    assert said in str(caught.value)


@pytest.mark.parametrize("medicine", ["ketamine", "esketamine", "psilocybin", "mdma"])
def test_a_starter_cut_anywhere_is_read_or_refused_in_a_sentence(tmp_path: Path, medicine: str) -> None:
    text = starter(medicine)
    path = tmp_path / "cut.yaml"
    refused = 0
    for end in range(1, len(text), 37):
        path.write_text(text[:end], encoding="utf-8")
        try:
            found = reading_of(path)
        except FileError:
            continue
        refused += bool(found.mistakes)
        assert (found.protocol is None) == bool(found.mistakes)
    assert refused > 20
