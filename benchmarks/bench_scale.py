"""How a very large cohort scales over workers, and what a billion participant-years would take; judges nothing.

Run by ``make bench``. On a machine that does other things too, core-seconds say more than seconds.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from afterglow import Protocol, simulate
from afterglow.runs.execute import Engine, EngineName, Executor, Task, results_of
from afterglow.runs.simulate import spec_of
from afterglow.simulate.run import parts_of
from afterglow.simulate.spec import draws_of

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from benchmarks import designs  # noqa: E402

ENGINES: tuple[tuple[EngineName, int], ...] = (
    ("threads", 1),
    ("threads", 2),
    ("processes", 1),
    ("processes", 2),
    ("dask", 1),
    ("dask", 2),
)
DRAWS = 4
ROUNDS = 3
BILLION = 1e9


@dataclass(frozen=True)
class Nothing:
    """A task that only has to be handed out and taken back."""

    courses: int = 1

    def calculate(self) -> int:
        return self.courses


@dataclass(frozen=True)
class Measured:
    """One engine, once: seconds until it worked, then what it did with how many core-seconds."""

    start_s: float
    seconds: float
    core_seconds: float
    years: float


def tasks_of(participants: int) -> tuple[list[Task], float]:
    """The parts of a cohort of a year in two arms, and its participant-years."""
    protocol = Protocol.made(designs.two_arms())
    how = {"participants": participants, "draws": DRAWS, "rival": "window", "twins": False}
    spec, posteriors = spec_of(protocol, **how)  # type: ignore[arg-type]
    parts = parts_of(spec, draws_of(spec, posteriors))
    return list(parts), sum(part.courses for part in parts) * protocol.horizon_days / 365.25


def core_seconds() -> float:
    """What this process and those that it started have used."""
    own = psutil.Process()
    return sum(sum(process.cpu_times()[:2]) for process in (own, *own.children(recursive=True)))


def measured(engine: EngineName, workers: int, participants: int) -> Measured:
    """Start an engine, let every worker load its code, and time the cohort."""
    tasks, years = tasks_of(participants)
    began = time.perf_counter()
    with Engine(engine, workers).running() as executor:
        used(results_of(tasks[: 4 * workers], executor=executor))
        warm, before = time.perf_counter(), core_seconds()
        used(results_of(tasks, executor=executor))
        return Measured(warm - began, time.perf_counter() - warm, core_seconds() - before, years)


def used(results: Iterator[object]) -> None:
    """Take every result and keep none."""
    for _ in results:
        pass


def scaling(console: Console, participants: int) -> None:
    """Participant-years per second and per core-second; engines take turns, the median of the rounds is shown."""
    rounds = [{key: measured(*key, participants) for key in ENGINES} for _ in range(ROUNDS)]
    table = Table("engine", "workers", "start", "participant-years /s", "per core-second", "core-seconds v threads")
    for key in ENGINES:
        own = [found[key] for found in rounds]
        extra = [found[key].core_seconds / found["threads", key[1]].core_seconds for found in rounds]
        table.add_row(
            key[0],
            str(key[1]),
            f"{np.median([m.start_s for m in own]):.1f} s",
            f"{np.median([m.years / m.seconds for m in own]):,.0f}",
            f"{np.median([m.years / m.core_seconds for m in own]):,.0f}",
            f"{np.median(extra):.2f} x",
        )
    console.print(table)


def memory(console: Console, participants: int) -> None:
    """Peak memory of the process that asked, for cohorts that differ by ten, each in a process of its own."""
    table = Table("engine", "participants", "peak memory of the client", "time")
    for engine in ("threads", "dask"):
        for count in (participants // 10, participants):
            words = [sys.executable, __file__, "--one", engine, "--participants", str(count)]
            done = subprocess.run(words, check=True, capture_output=True, text=True)
            seconds, megabytes = map(float, done.stdout.split())
            table.add_row(engine, f"{count:,}", f"{megabytes:.0f} MB", f"{seconds:.0f} s")
    console.print(table)


def one(engine: EngineName, participants: int) -> None:
    """Simulate one cohort and print seconds and megabytes."""
    protocol = Protocol.made(designs.two_arms())
    how = {"participants": participants, "draws": DRAWS, "rival": "window", "twins": False}
    began = time.perf_counter()
    simulate(protocol, engine=engine, workers=2, store=False, **how)  # type: ignore[arg-type]
    print(time.perf_counter() - began, peak_megabytes())


def peak_megabytes() -> float:
    """Most memory that this process has had; Linux's other counter includes that of the process that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        return float(status.read_text().split("VmHWM:")[1].split()[0]) / 1e3
    return getrusage(RUSAGE_SELF).ru_maxrss / 1e6


def handed_out(executor: Executor, count: int = 2000) -> float:
    """Tasks per second of core time that the client and the scheduler hand out and take back."""
    tasks = [Nothing() for _ in range(count)]
    used(results_of(tasks[:100], executor=executor))
    own = psutil.Process()
    before = sum(own.cpu_times()[:2])
    used(results_of(tasks, executor=executor))
    return count / (sum(own.cpu_times()[:2]) - before)


def billion(console: Console) -> None:
    """What a billion participant-years would take on many cores, calculated from what is measured here."""
    tasks, years = tasks_of(200_000)
    own = tasks[10:18]
    before = core_seconds()
    for task in own:
        task.calculate()
    per_core = years * sum(t.courses for t in own) / sum(t.courses for t in tasks) / (core_seconds() - before)
    with Engine("dask", 2).running() as executor:
        rate = handed_out(executor)
    parts = len(tasks_of(round(BILLION / 2))[0])  # two arms, a year each
    core_hours = BILLION / per_core / 3600
    console.print(
        f"{per_core:,.0f} participant-years per core-second; {rate:,.0f} tasks per second; "
        f"{BILLION:.0e} participant-years are {parts:,} tasks and {core_hours:,.0f} core-hours, "
        f"so they cost {core_hours:,.0f} times the price of a core-hour."
    )
    table = Table("cores", "minutes", "tasks per second", "share of what one scheduler does")
    for cores in (2, 16, 128, 1024):
        minutes = core_hours / cores * 60
        per_second = parts / minutes / 60
        table.add_row(f"{cores:,}", f"{minutes:,.1f}", f"{per_second:.1f}", f"{per_second / rate:.0%}")
    console.print(table)


def main() -> None:
    """Print all tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--participants", type=int, default=100_000)
    options.add_argument("--one", choices=("threads", "processes", "dask"), help="measure one cohort's memory")
    asked = options.parse_args()
    if asked.one:
        one(asked.one, asked.participants)
        return
    console = Console(width=140)
    console.print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    scaling(console, asked.participants)
    memory(console, asked.participants)
    billion(console)


if __name__ == "__main__":
    main()
