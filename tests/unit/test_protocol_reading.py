"""Whatever file is named: a protocol, or one sentence that says why not."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from afterglow.errors import AfterglowError, FileError, ProtocolError
from afterglow.evidence import read_protocol, reading_of
from afterglow.protocol import Protocol, starter
from afterglow.protocol.files.yaml_text import plain_yaml

GOOD = starter("psilocybin")
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + k)}: &{chr(98 + k)} [{', '.join(['*' + chr(97 + k)] * 9)}]\n" for k in range(9)
)

CONTENTS = [
    (b"", FileError, "is empty"),
    (b"  \n\n", FileError, "is empty"),
    (b"# only a comment\n", ProtocolError, "the text is empty"),
    (b"\xff\xfehello", FileError, "is not UTF-8 text (line 1)"),
    (b"title: a\narms: \xe9\n", FileError, "is not UTF-8 text (line 2)"),
    (b"title: a\nx: \0\n", FileError, "holds a NUL byte in line 2"),
    (
        b"population:\n\tcondition: ptsd\n",
        ProtocolError,
        "line 2: YAML is indented with spaces, but this line begins with",
    ),
    (b"- a\n- b\n", ProtocolError, "the file holds a list"),
    (b"hello\n", ProtocolError, "the file holds a single value"),
    (b"arms: [{id: a, doses: [\n", ProtocolError, "the text is not YAML"),
    (b'title: "never ended\n', ProtocolError, "may have been cut off"),
    (BOMB.encode(), ProtocolError, "aliases"),
    (b"a: &a [1]\n" + b"".join(b"k%d: *a\n" % k for k in range(70)), ProtocolError, "more than 64 aliases"),
    (b"a: &a [*a]\n", ProtocolError, "stands for nothing that was read before it"),
    (b"title: a\ntitle: b\n", ProtocolError, "line 2: the key 'title' stands twice, first in line 1; keep one"),
    (b"a: " + b"[" * 60 + b"]" * 60, ProtocolError, "levels deep"),
    (b"a: " + b"[" * 200_000, ProtocolError, ""),
    (b"a: {" * 2000, ProtocolError, ""),
    (b"a: !!python/object/apply:os.system [ls]\n", ProtocolError, "the tag"),
    (b"<<: {a: 1}\n", ProtocolError, "'<<' is not supported"),
    (b"? [a, b]\n: c\n", ProtocolError, "a key must be a word"),
    (b"a: 1\n---\nb: 2\n", ProtocolError, "line 2: the text holds a second document"),
    (b"[" + b"1," * 100_000 + b"1]", ProtocolError, "more than 100000 entries"),
    (b"a: 1\nb: {dose_mg: 0,5, route: iv}\n", ProtocolError, "line 2: '0,5' has a decimal comma; write 0.5"),
    (b"a: {dose: 0,5 mg/kg}\n", ProtocolError, "line 1: '0,5' has a decimal comma; write 0.5"),
    (b"steps: [psilocybin 0,025 g oral]\n", ProtocolError, "line 1: '0,025' has a decimal comma; write 0.025"),
]


@pytest.mark.parametrize(("content", "kind", "expected"), CONTENTS, ids=[str(c[:30]) for c, _, _ in CONTENTS])
def test_bad_content_is_refused_in_one_sentence(tmp_path: Path, content: bytes, kind: type, expected: str) -> None:
    path = tmp_path / "protocol.yaml"
    path.write_bytes(content)
    start = time.perf_counter()
    with pytest.raises(kind) as caught:
        read_protocol(path)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("end", range(0, len(GOOD), 97))
def test_every_truncation_is_a_protocol_or_one_sentence(end: int) -> None:
    with contextlib.suppress(AfterglowError):
        Protocol.from_yaml(GOOD[:end])


def missing(folder: Path) -> Path:
    return folder / "nothing.yaml"


def a_folder(folder: Path) -> Path:
    return folder


def huge(folder: Path) -> Path:
    path = folder / "huge.yaml"
    with path.open("wb") as stream:
        stream.truncate(50_000_000)
    return path


def pipe(folder: Path) -> Path:
    path = folder / "pipe.yaml"
    os.mkfifo(path)
    return path


def device(_: Path) -> Path:
    return Path("/dev/zero")


def a_picture(folder: Path) -> Path:
    path = folder / "picture.png"
    path.write_text(GOOD, encoding="utf-8")
    return path


def a_loop(folder: Path) -> Path:
    path = folder / "loop.yaml"
    path.symlink_to(path)
    return path


def an_odd_name(_: Path) -> Path:
    return Path("a\0b.yaml")


def a_long_name(folder: Path) -> Path:
    return folder / ("x" * 5000 + ".yaml")


PLACES = [
    (missing, "there is no file"),
    (a_folder, "is a folder; name a file inside it"),
    (huge, "has 50.00 MB but a protocol has at most 1 MB"),
    (pipe, "is not an ordinary file"),
    (device, "is not an ordinary file"),
    (a_picture, "does not end in .yaml, .yml, .json or .csv"),
    (a_loop, "'"),
    (an_odd_name, "'"),
    (a_long_name, "'"),
]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes and devices")
@pytest.mark.parametrize(("place", "expected"), PLACES, ids=[place.__name__ for place, _ in PLACES])
def test_what_is_no_readable_file_is_refused(tmp_path: Path, place: Callable[[Path], Path], expected: str) -> None:
    with pytest.raises(FileError) as caught:
        read_protocol(place(tmp_path))
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_the_right_to_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.yaml"
    path.write_text(GOOD, encoding="utf-8")
    path.chmod(0)
    with pytest.raises(FileError, match="could not be read"):
        read_protocol(path)


def test_words_stay_words() -> None:
    data = plain_yaml("a: [no, on, yes, 2024-01-01, 1:30, 1_000, 0x10, 007]\nb: [true, null, 1, -2.5, 1e3]").data
    assert data["a"] == ["no", "on", "yes", "2024-01-01", "1:30", "1_000", "0x10", "007"]
    assert data["b"] == [True, None, 1, -2.5, 1000.0]


def test_a_list_of_numbers_needs_no_blanks() -> None:
    assert plain_yaml("a: [0,28,56]\nb: {c: 1,d: 2}\nc: [a1,2b]").data == {
        "a": [0, 28, 56],
        "b": {"c": 1, "d": 2},
        "c": ["a1", "2b"],
    }


def test_an_arm_called_no_is_an_arm() -> None:
    assert Protocol.from_yaml(GOOD.replace("id: low_dose", "id: no")).arms[1].id == "no"


def test_aliases_may_save_writing() -> None:
    text = GOOD.replace(
        "days: [-1, 1, 7, 21, 42, 84, 182, 364]", "days: &days [-1, 30]\n  - scale: PHQ-9\n    days: *days"
    )
    assert [a.days for a in Protocol.from_yaml(text).assessments] == [(-1, 30), (-1, 30)]


def test_a_decimal_comma_is_told_wherever_a_number_stands() -> None:
    for right, wrong in (("baseline_mean: 32.5", "baseline_mean: 32,5"), ("horizon_days: 365", "horizon_days: 365,5")):
        assert right in GOOD
        with pytest.raises(ProtocolError, match="has a decimal comma; write 3"):
            Protocol.from_yaml(GOOD.replace(right, wrong))


def test_a_mistake_ends_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "protocol.yml"
    path.write_text(GOOD.replace("psilocybin 1 mg oral", "psilocybin 1 mg orall"), encoding="utf-8")
    line = next(k for k, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if "orall" in text)
    with pytest.raises(ProtocolError) as caught:
        read_protocol(path)
    assert str(caught.value) == f"arms[1].steps[2]: unknown word 'orall': did you mean 'oral'? (line {line})"


def test_all_mistakes_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "protocol.yaml"
    text = GOOD.replace("scale: MADRS #", "scale: MADRRS #").replace("horizon_days: 365", "horizon: 365")
    path.write_text(
        text.replace("practice 3 h per week from day 2", "practise 3 h per week from day 2"), encoding="utf-8"
    )
    reading = reading_of(path)
    assert reading.protocol is None
    lines = [mistake.line for mistake in reading.mistakes]
    assert lines == sorted(lines)
    assert [mistake.where for mistake in reading.mistakes] == [
        "horizon",
        "population.scale",
        "arms[0].steps[5]",
        "arms[1].steps[5]",
    ]
    assert str(reading.mistakes[0]).endswith("horizon: unknown word 'horizon': did you mean 'horizon_days'?")


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "protocol.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert read_protocol(path) == Protocol.from_yaml(GOOD)
