"""Protocols survive every round trip, move in time as one, and no input breaks the reader."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.strategies import arms, doses, practices, protocols, sessions

from afterglow.errors import AfterglowError
from afterglow.evidence import read_protocol
from afterglow.protocol import Protocol, event_table, parse_step, read_event_table, starter
from afterglow.protocol.files.yaml_text import plain_yaml, yaml_text

few = settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
many = settings(max_examples=80)

WORDS = st.sampled_from(
    [
        *(
            "psilocybin",
            "MDMA",
            "ketamine",
            "integration",
            "practice",
            "every",
            "oral",
            "iv",
            "over",
            "on",
            "day",
            "days",
        ),
        *("25", "-3", "1.75", "mg", "mg/kg", "h", "min", "x", "then", "after", "until", "from", "to", "per", "week"),
        *(":", ",", "insights", "called", '"', "\\", "group", "twice", "a", "1e999", "µg", "٣", "at", "hour"),
    ]
)


@few
@given(protocols(), st.booleans())
def test_yaml_gives_the_same_protocol_back(protocol: Protocol, sentences: bool) -> None:
    text = protocol.to_yaml(sentences=sentences)
    assert Protocol.from_yaml(text) == protocol


@few
@given(protocols())
def test_both_forms_are_stable(protocol: Protocol) -> None:
    text = protocol.to_yaml()
    assert Protocol.from_yaml(protocol.to_yaml(sentences=True)).to_yaml() == text


@many
@given(st.one_of(doses(), sessions(), practices()))
def test_a_sentence_gives_the_same_object_back(part) -> None:
    assert parse_step(part.to_sentence()) == (part,)


@few
@given(arms(), st.integers(-300, 300))
def test_moving_every_sentence_moves_every_row(arm, shift: int) -> None:
    for part in (*arm.doses, *arm.sessions):
        moved = part.model_copy(update={"day": part.day + shift})
        assert parse_step(moved.to_sentence()) == (moved,)
        assert moved.time_h == pytest.approx(part.time_h + 24 * shift, abs=1e-9)


@few
@given(arms())
def test_an_event_table_keeps_times_and_amounts(arm) -> None:
    (back,) = read_event_table(event_table([arm], weight_kg=70))
    assert back.id == arm.id
    assert [(s.kind, s.hours, s.format, s.tasks) for s in back.sessions] == [
        (s.kind, s.hours, s.format, s.tasks) for s in arm.sessions
    ]
    assert [s.time_h for s in back.sessions] == pytest.approx([s.time_h for s in arm.sessions], abs=1e-6)
    assert [(d.medicine, d.route) for d in back.doses] == [(d.medicine, d.route) for d in arm.doses]
    amounts = [d.dose_mg if d.dose_mg_per_kg is None else d.dose_mg_per_kg * 70 for d in arm.doses]
    assert [d.dose_mg or 0 for d in back.doses] == pytest.approx([a or 0 for a in amounts])
    assert [d.duration_h or 0 for d in back.doses] == pytest.approx([d.duration_h or 0 for d in arm.doses], abs=1e-6)
    assert [d.time_h for d in back.doses] == pytest.approx([d.time_h for d in arm.doses], abs=1e-6)


keys = st.text(max_size=6).filter(lambda key: key != "<<")
plain = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(10**17), 10**17), st.floats(allow_nan=False), st.text(max_size=12)
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=12,
)


@many
@given(st.dictionaries(keys, plain, min_size=1, max_size=4))
@example({"a": ["no", "on", "1e3", "2024-01-01", "1:30", "~", "", "0x1", "1_0", "null", "-", "=", "<<", ".nan"]})
def test_plain_data_survive_yaml(data) -> None:
    assert plain_yaml(yaml_text(data)).data == data


@many
@given(st.text(max_size=80))
def test_any_text_as_a_sentence_ends_in_rows_or_one_sentence(text: str) -> None:
    with contextlib.suppress(AfterglowError):
        assert parse_step(text)


@many
@given(st.lists(WORDS, max_size=14).map(" ".join))
def test_any_words_as_a_sentence_end_in_rows_or_one_sentence(text: str) -> None:
    rows = ()
    with contextlib.suppress(AfterglowError):
        rows = parse_step(text)
    assert all(parse_step(row.to_sentence()) == (row,) for row in rows)


@many
@given(st.text(max_size=200))
@example("&a [*a]")
@example("? [a]\n: b")
@example("!!python/object:os.system {}")
@example("a: *missing")
@example("%YAML 9.9\n---\na: 1")
def test_any_text_as_yaml_ends_in_a_protocol_or_one_sentence(text: str) -> None:
    with contextlib.suppress(AfterglowError):
        Protocol.from_yaml(text)


BASE = starter("mdma")
DATA = plain_yaml(BASE).data


@many
@given(st.integers(0, len(BASE)), st.integers(0, 40), st.text(max_size=6))
def test_a_damaged_protocol_ends_in_a_protocol_or_one_sentence(place: int, cut: int, put: str) -> None:
    with contextlib.suppress(AfterglowError):
        Protocol.from_yaml(BASE[:place] + put + BASE[place + cut :])


@many
@given(
    plain,
    st.sampled_from(["population", "arms", "assessments", "blinding", "title", "horizon_days"]),
    st.sampled_from(["doses", "sessions", "practice", "steps", "group"]),
)
def test_any_value_anywhere_ends_in_a_protocol_or_one_sentence(value, key: str, name: str) -> None:
    with contextlib.suppress(AfterglowError):
        Protocol.made(DATA | {key: value})
    arm = DATA["arms"][0]
    with contextlib.suppress(AfterglowError):
        Protocol.made(DATA | {"arms": [{**arm, name: value}]})
    with contextlib.suppress(AfterglowError):
        Protocol.made(DATA | {"arms": [{**arm, name: [value]}]})


@many
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "medicine",
                "dose",
                "route",
                "day",
                "days",
                "every",
                "times",
                "until",
                "supplemental",
                "kind",
                "hours",
                "hour",
                "tasks",
                "from_day",
                "for",
                "to_day",
                "hours_per_week",
                "times_a_day",
                "duration",
            ]
        ),
        st.one_of(plain, WORDS, st.just("ketamine"), st.just("0.5 mg/kg"), st.just(3)),
        max_size=7,
    )
)
def test_any_mapping_as_a_step_ends_in_rows_or_one_sentence(step) -> None:
    with contextlib.suppress(AfterglowError):
        parse_step(step)


@few
@given(
    st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))),
    st.sampled_from([".yaml", ".csv"]),
)
@example(b"\xff\xfe\x00", ".yaml")
@example(b"ID,TIME,AMT,CMT\n1,0,25,psilocybin_oral\n", ".csv")
def test_any_bytes_in_a_file_end_in_a_protocol_or_one_sentence(data: bytes, ending: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"file{ending}"
        path.write_bytes(data)
        with contextlib.suppress(AfterglowError):
            read_protocol(path)


@many
@given(
    st.lists(
        st.lists(
            st.sampled_from(["1", "0", "-1", "x", "", ".", "25", "psilocybin_oral", "session", "1e400", '"']),
            min_size=6,
            max_size=6,
        ).map(",".join),
        max_size=5,
    ).map("\n".join)
)
def test_any_table_ends_in_arms_or_one_sentence(rows: str) -> None:
    with contextlib.suppress(AfterglowError):
        read_event_table("ID,TIME,AMT,CMT,ADDL,II\n" + rows)
