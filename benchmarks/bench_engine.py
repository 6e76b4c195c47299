"""Speed and accuracy of the engine, side by side with peers in one run; prints tables and judges nothing.

Run by ``make bench``. Ratios matter; absolute numbers depend on the machine and on what else it does.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from afterglow import Cohort, Protocol, simulate
from afterglow.simulate.schedule import Schedule, schedule
from afterglow.simulate.solve import Accuracy, solve_arm

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from benchmarks import designs, peers  # noqa: E402

TIGHT = Accuracy(relative=1e-10, absolute=1e-12)
ROUNDS = 3


def _year(name: str) -> tuple[Schedule, Cohort]:
    protocol = Protocol.made(designs.three_doses_twelve_sessions(name))
    plan = schedule(protocol.arms[0], protocol)
    return plan, Cohort(population=protocol.population, participants=4000, seed=7)


def _ours(plan: Schedule, cohort: Cohort, *, threads: int, count: int = 4000) -> float:
    """Participant-years per second."""
    people = cohort.people().head(count)
    days = np.linspace(plan.begin, plan.end, 60)
    began = time.perf_counter()
    solve_arm(plan, people, days=days, names=("symptom",), threads=threads)
    return count * (plan.end - plan.begin) / 365.25 / (time.perf_counter() - began)


def _errors(plan: Schedule, cohort: Cohort) -> tuple[float, float]:
    people = cohort.people().head(400)
    days = np.linspace(plan.begin, plan.end, 60)
    fast = solve_arm(plan, people, days=days, names=("symptom",)).values[:, 0]
    tight = solve_arm(plan, people, days=days, names=("symptom",), accuracy=TIGHT).values[:, 0]
    worst = (np.abs(fast - tight) / (0.1 + np.abs(tight))).max(axis=1)
    return float(np.quantile(worst, 0.95)), float(np.quantile(worst, 0.99))


def throughput(console: Console) -> None:
    """Participant-years per second on one and two cores, against libRoadRunner and scipy's LSODA."""
    table = Table(
        "design",
        "p95 error",
        "p99 error",
        "1 core /s",
        "2 cores /s",
        "v libRoadRunner, per core",
        "v scipy LSODA, per core",
    )
    for name in ("psilocybin", "mdma", "ketamine"):
        plan, cohort = _year(name)
        _ours(plan, cohort, threads=2, count=40)
        one, two, road, lsoda = [], [], [], []
        for _ in range(ROUNDS):
            one.append(_ours(plan, cohort, threads=1))
            two.append(_ours(plan, cohort, threads=2))
            road.append(peers.roadrunner_years_per_second(plan, cohort))
            lsoda.append(peers.lsoda_years_per_second(plan, cohort))
        p95, p99 = _errors(plan, cohort)
        ratios = [np.median(np.array(one) / np.array(x)) for x in (road, lsoda)]
        table.add_row(
            name,
            f"{p95:.1e}",
            f"{p99:.1e}",
            f"{np.median(one):,.0f}",
            f"{np.median(two):,.0f} [{min(two):,.0f}-{max(two):,.0f}]",
            f"{ratios[0]:,.0f} x",
            f"{ratios[1]:,.0f} x",
        )
    console.print(table)


def latency(console: Console) -> None:
    """Warm call, and a fresh process with a warm cache."""
    protocol = Protocol.made(designs.two_arms())
    simulate(protocol, twins=False)
    warm = []
    for _ in range(7):
        began = time.perf_counter()
        simulate(protocol, participants=500, twins=False)
        warm.append(time.perf_counter() - began)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "two.yaml"
        file.write_text(protocol.to_yaml(), encoding="utf-8")
        command = [sys.executable, "-m", "afterglow.cli.main", "simulate", str(file), "--no-twins"]
        fresh = []
        for _ in range(3):
            began = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            fresh.append(time.perf_counter() - began)
    table = Table("what", "median", "range")
    table.add_row("500 participants x 1 year x 2 arms, warm", *_shown(warm, 1000, "ms"))
    table.add_row("the same from a fresh process, cache warm", *_shown(fresh, 1, "s"))
    console.print(table)


def _shown(times: list[float], factor: float, unit: str) -> tuple[str, str]:
    values = sorted(factor * t for t in times)
    return f"{np.median(values):.3g} {unit}", f"{values[0]:.3g}-{values[-1]:.3g} {unit}"


def million(console: Console, participants: int) -> None:
    """Memory and time of a very large cohort, in a process of its own."""
    code = (
        "import resource, time\n"
        "from benchmarks import designs\n"
        "from afterglow import Protocol, simulate\n"
        "began = time.perf_counter()\n"
        f"r = simulate(Protocol.made(designs.two_arms()), participants={participants}, twins=False, keep=1000)\n"
        "r.scores\n"
        "print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=HERE.parent)
    seconds, gigabytes = (float(x) for x in done.stdout.split())
    table = Table("cohort", "time", "peak memory")
    table.add_row(f"{participants:,} participants x 2 arms", f"{seconds:.0f} s", f"{gigabytes:.2f} GB")
    console.print(table)


def main() -> None:
    """Print all tables."""
    console = Console(width=140)
    throughput(console)
    latency(console)
    sys.stdout.flush()
    million(console, int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    console.print(f"peak memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
