"""Bad luck at the command line: one sentence and exit 2, or it simply works; nothing is lost."""

from __future__ import annotations

import errno
import io
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from tests import protocols as plan
from tests import trial_plans
from tests.integration.test_cli import refused

from afterglow import Protocol, simulate
from afterglow.cli.main import run as command
from afterglow.cli.output import streams
from afterglow.cli.simulate import duration_text
from afterglow.errors import ParameterError
from afterglow.runs import cost
from afterglow.runs.simulate import spec_of

COMMAND = [sys.executable, "-m", "afterglow.cli.main"]
posix = pytest.mark.skipif(os.name != "posix", reason="pipes and devices")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "trial.yaml"
    path.write_text(yaml.safe_dump(plan.comp001()), encoding="utf-8")
    return path


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line that was said."""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


@posix
def test_a_pipe_whose_reader_left_is_no_fault() -> None:
    reads, writes = os.pipe()
    os.close(reads)
    try:
        done = subprocess.run([*COMMAND, "evidence", "list"], stdout=writes, stderr=subprocess.PIPE, text=True)
    finally:
        os.close(writes)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_device_is_said_once_and_files_are_written_all_the_same(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        made = tmp_path / "mine.yaml"
        wrote = subprocess.run(
            [*COMMAND, "new", "mdma", "-o", str(made)], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert wrote.returncode == 2
    assert sentence(wrote).endswith("could not be written: No space left on device")
    assert made.read_text(encoding="utf-8").startswith("#")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_simulated_trial_ends_with_a_sentence_where_nothing_can_be_printed(tmp_path: Path) -> None:
    path = tmp_path / "trial.yaml"
    path.write_text(yaml.safe_dump(trial_plans.data(sizes=[8], designs=["fixed"], analyses=["ancova"])))
    asked = ["trial", str(path), "--trials", "16", "--participants", "32", "--draws", "8"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*COMMAND, *asked], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert sentence(done).endswith("could not be written: No space left on device")


@posix
def test_streams_that_are_closed_end_no_command(file: Path) -> None:
    shell = f'exec "{sys.executable}" -m afterglow.cli.main export nonmem "{file}" <&- >&- 2>&-'
    assert subprocess.run(["sh", "-c", shell], check=False).returncode == 0


def test_a_stream_keeps_its_first_error_and_swallows_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: Any, /) -> int:
            raise OSError(self.error, os.strerror(self.error))

        error = errno.ENOSPC

    for error, said in ((errno.ENOSPC, "No space left"), (errno.EPIPE, "")):
        raw = Full()
        raw.error = error
        monkeypatch.setattr(sys, "stdout", streams._opened(io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8")))
        print("one" * 10_000)
        print("two", flush=True)
        failure = streams.failure()
        assert (said in failure) if said else not failure


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["simulate", "FILE", "-n", "99999999999999999999"], "at most 100000000 participants"),
        (["simulate", "FILE", "-n", "100000001", "--out", "OUT"], "at most 100000000 participants"),
        (["simulate", "FILE", "--draws", "900000000", "--out", "OUT"], "GB of memory, and this machine has"),
        (["simulate", "FILE", "-n", "1e8"], "got '1e8'"),
        (["simulate", "FILE", "--out", "FILE"], "is a file, not a folder"),
        (["simulate", "FILE", "--seeed", "1"], "--seed"),
        (["simulate"], "see 'afterglow simulate --help'"),
        (["simulat", "FILE"], "did you mean 'simulate'"),
        (["studio", "--port", "abc"], "got 'abc'"),
        (["studio", "--port", "70000"], "65535"),
    ],
)
def test_mistakes_get_one_sentence(words: list[str], expected: str, file: Path, tmp_path: Path) -> None:
    places = {"FILE": str(file), "OUT": str(tmp_path / "out")}
    said = refused(*(places.get(word, word) for word in words))
    assert said.startswith("afterglow: ")
    assert expected in said
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_to_is_refused_before_the_run(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        import_module("afterglow.cli.simulate"), "run_simulation", lambda *a, **k: pytest.fail("it ran")
    )
    monkeypatch.setattr("afterglow.report.writing.os.access", lambda path, mode: mode == os.R_OK)
    assert "cannot be written to" in refused("simulate", str(file), "--out", str(tmp_path))


def test_memory_is_foretold_and_grows_with_draws_not_with_people() -> None:
    protocol = Protocol.made(plan.comp001())
    result = simulate(protocol, participants=12, draws=8, store=False)
    run = result.run
    counts = [vars(one) for every in run.counts.values() for one in every]
    held = run.severity.nbytes + run.curves.nbytes + sum(a.nbytes for own in counts for a in own.values())
    held += sum(a.nbytes for scores in run.scores.values() for a in vars(scores).values())
    needed = cost.memory_bytes_of(run.spec)
    assert held < needed < 4 * held
    assert cost.courses_of(run.spec) == 12 * 8 * len(run.arms)
    few, many = (spec_of(protocol, participants=n, draws=8)[0] for n in (10_000, 100_000_000))
    assert cost.memory_bytes_of(few) == cost.memory_bytes_of(many)


def test_a_run_beyond_the_memory_is_refused_before_its_draws_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "_memory_bytes", lambda: 10**6)
    with pytest.raises(ParameterError, match=r"64 draws would take about .* GB of memory.*ask for fewer draws"):
        spec_of(Protocol.made(plan.comp001()))


def test_a_long_run_says_beforehand_what_it_will_take(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    protocol, told = Protocol.made(plan.comp001()), []
    module = import_module("afterglow.runs.simulate")  # its function has the same name
    monkeypatch.setattr(module, "_LARGE", 0)
    few, many = (
        simulate(protocol, participants=n, draws=4, store=False, workers=1, forewarn=told.append) for n in (40, 4000)
    )
    assert few.participants < many.participants
    assert 0 < told[0] < told[1]
    assert [duration_text(s) for s in (45, 600, 9000, 400_000)] == ["45 seconds", "10 minutes", "2 hours", "5 days"]
    monkeypatch.setattr(module, "seconds_of", lambda *_: 5400.0)
    done = io.StringIO()
    monkeypatch.setattr(sys, "stderr", done)
    monkeypatch.setattr(sys, "argv", ["afterglow", "simulate", str(file), "-n", "12", "--draws", "4", "--no-store"])
    with pytest.raises(SystemExit) as ended:
        command()
    assert ended.value.code == 0
    assert re.search(r"12 people at 4 draws take about 90 minutes on this machine", done.getvalue())
    assert np.isfinite(told).all()


def test_a_misspelt_backend_for_figures_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "nonsense")
    monkeypatch.setattr(sys, "argv", ["afterglow", "--version"])
    with pytest.raises(SystemExit):
        command()
    assert os.environ["MPLBACKEND"] == "agg"


_INTERRUPTED_AT_ONCE = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores Ctrl-C
class Interrupts:
    before = ""
    def find_spec(self, name, *where):
        if sys.argv[2] in (name, "after " + self.before):
            os.kill(os.getpid(), signal.SIGINT)
        self.before = name
sys.meta_path.insert(0, Interrupts())
sys.argv[0] = sys.argv[1]
if len(sys.argv) > 3:
    import multiprocessing
    multiprocessing.current_process().name = sys.argv[3]
try:
    import afterglow
except KeyboardInterrupt:
    sys.exit(7)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["bin/afterglow", "afterglow.cohort"], 130, "afterglow: interrupted; nothing was begun\n"),
        (["bin/afterglow", "after afterglow.loading"], 130, "afterglow: interrupted; nothing was begun\n"),
        (["C:\\afterglow.exe", "afterglow.cohort"], 130, "afterglow: interrupted; nothing was begun\n"),
        (
            ["bin/afterglow", "afterglow.cohort", "SpawnProcess-1"],
            130,
            "",
        ),  # a worker leaves the sentence to the command
        (["mine.py", "afterglow.cohort"], 7, ""),
    ],
)
def test_an_interruption_while_the_command_is_loaded_is_one_sentence(words: list[str], code: int, said: str) -> None:
    done = subprocess.run([sys.executable, "-c", _INTERRUPTED_AT_ONCE, *words], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (code, said)
