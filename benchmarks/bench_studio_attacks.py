"""The studio while somebody leans on it: honest people alone and beside each attacker, a class of 100, memory, kills.

Starts the studio with a login on a free port. Honest people are editors on addresses of their own who do as in
`bench_studio.py`: drag, wait for the full answer, read. Before and after each attacker they work alone for as long, so
that both are measured on the machine as it is then; the ratio is of the 95th percentiles. Full answers of fewer draws
than 64 count as lesser ones. Attackers are processes that give way, as a real one has a machine of its own.

    python -m benchmarks.bench_studio_attacks --part attacks [--only silent,hung-up] [--seconds 30]
    python -m benchmarks.bench_studio_attacks --part class      100 people, from one address and from many
    python -m benchmarks.bench_studio_attacks --part memory     after five minutes, and five minutes later
    python -m benchmarks.bench_studio_attacks --part kills      100 kills at random moments
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import psutil
from rich.console import Console
from rich.table import Table

from afterglow.studio.accounts.accounts import add_account
from afterglow.studio.database.database import Database
from afterglow.studio.database.upgrade import upgrade
from afterglow.studio.settings import Settings
from benchmarks.attackers import CSRF, KINDS, PASSWORD, client_at
from benchmarks.bench_studio import Person, memory_mb, p95

_WARM_S = 20.0
_WHAT = ("course", "certainty")
_FULL_DRAWS = 64
_MEMORY_MINUTES = 5.0
_LOG_INS_AT_ONCE = 4


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Studio:
    """A studio with a login and a database of its own, which can be killed and started again."""

    def __init__(self, folder: Path, workers: int, **more: str) -> None:
        self.folder, self.port, self.workers = folder, _free_port(), workers
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {**os.environ, "AFTERGLOW_DATABASE_URL": f"sqlite:///{folder}/studio.db", **more}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> psutil.Process:
        """Start it, and wait until it answers."""
        command = [sys.executable, "-m", "afterglow.cli.main", "studio", "--login", "--port", str(self.port)]
        with (self.folder / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--workers", str(self.workers)], env=self.env, stdout=log, stderr=subprocess.STDOUT
            )
        for _ in range(900):
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/healthz").status_code == 200:
                    return psutil.Process(self.process.pid)
            time.sleep(0.1)
        raise SystemExit(f"the studio did not start: {(self.folder / 'log.txt').read_text()[-2000:]}")

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End it."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(30)


def _users(folder: Path, people: int) -> None:
    """Make so many editors, one editor who attacks and one viewer who does."""
    database = Database.opened(Settings.gather({"database_url": f"sqlite:///{folder}/studio.db"}, {}))
    upgrade(database)
    for name, role in [*((f"user{k}", "editor") for k in range(people)), ("greedy", "editor"), ("idle", "viewer")]:
        add_account(database, name, role, PASSWORD)
    database.close()


@contextmanager
def studio(people: int, workers: int, **more: str) -> Iterator[Studio]:
    """Make a studio."""
    with tempfile.TemporaryDirectory() as folder:
        _users(Path(folder), people)
        made = Studio(Path(folder), workers, **more)
        try:
            yield made
        finally:
            made.stop()


class Crowd:
    """Honest people, who stay logged in from one measurement to the next."""

    def __init__(self, url: str, addresses: Sequence[str]) -> None:
        self._url, self._addresses = url, addresses
        self.people: list[Person] = []

    async def log_in(self) -> None:
        """Log everybody in, as people come into a room."""
        gate = asyncio.Semaphore(_LOG_INS_AT_ONCE)

        async def one(k: int, address: str) -> Person:
            client = client_at(self._url, address, timeout=60)
            person = Person(client, k)
            word = (await client.get("/api/account")).json()["csrf"]
            asked = {"name": f"user{k}", "password": PASSWORD}
            async with gate:
                answer = await client.post("/api/login", json=asked, headers={CSRF: word})
            if answer.status_code == 200:
                person.headers = {CSRF: answer.json()["csrf"]}
            else:
                person.wrong.append(f"login: {answer.status_code} {answer.text[:80]}")
            return person

        self.people = list(await asyncio.gather(*(one(k, address) for k, address in enumerate(self._addresses))))

    async def work(self, seconds: float) -> dict[str, list[float]]:
        """Let them work for so long; returns how long the answers took, in ms."""
        until = time.monotonic() + seconds
        for person in self.people:
            person.took = {}
        await asyncio.gather(*(self._one(person, until) for person in self.people))
        return {what: [t for p in self.people for t in p.took.get(what, [])] for what in _WHAT}

    async def _one(self, person: Person, until: float) -> None:
        starters = (await person.client.get("/api/choices", headers=person.headers)).json()["starters"]
        design = person.own(starters[person.random.choice(list(starters))])
        await asyncio.sleep(person.random.uniform(0, 4))
        while time.monotonic() < until:
            await person.drag(design)
            await person.look(design)

    async def leave(self) -> None:
        """Close their browsers."""
        for person in self.people:
            await person.client.aclose()

    def take_complaints(self) -> tuple[int, int, list[str]]:
        """Return how many answers were lesser ones, how many refused or failed, and examples; and forget them."""
        wrong = [text for person in self.people for text in person.wrong]
        lesser = sum(draws < _FULL_DRAWS for person in self.people for draws in person.draws)
        for person in self.people:
            person.wrong, person.draws = [], []
        return lesser, len(wrong), sorted(set(wrong))[:3]


def attacks(asked: argparse.Namespace) -> None:
    """Print how honest people fare alone and beside each attacker."""
    chosen = asked.only.split(",") if asked.only else list(KINDS)
    heads = (
        "beside",
        "first",
        "p95 ms",
        "alone",
        "ratio",
        "full",
        "p95 ms",
        "alone",
        "ratio",
        "lesser",
        "failed",
        "MB",
    )
    table = Table(*heads, title=f"{asked.people} honest people, {asked.seconds:.0f} s each")

    async def measure(made: Studio, process: psutil.Process) -> None:
        crowd = Crowd(made.url, [f"127.0.2.{k + 1}" for k in range(asked.people)])
        await crowd.log_in()
        await crowd.work(_WARM_S)
        crowd.take_complaints()
        before = await crowd.work(asked.seconds)
        for kind in chosen:
            with _attacker(kind, made.url, asked.seconds + 3):
                await asyncio.sleep(2)
                beside = await crowd.work(asked.seconds)
                memory = memory_mb(process)
            lesser, failed, examples = crowd.take_complaints()
            await asyncio.sleep(2)
            after = await crowd.work(asked.seconds)
            cells = [KINDS[kind][0]]
            for what in _WHAT:
                mine, usual = beside[what], [*before[what], *after[what]]
                ratio = p95(mine) / p95(usual)
                cells += [str(len(mine)), f"{p95(mine):.0f}", f"{p95(usual):.0f}", f"{ratio:.2f}"]
            table.add_row(*cells, str(lesser), str(failed), f"{memory:.0f}")
            print(*cells, lesser, failed, f"{memory:.0f}", examples, flush=True)
            before = after
        await crowd.leave()

    with studio(asked.people, asked.workers) as made:
        asyncio.run(measure(made, made.start()))
    Console(width=140).print(table)


@contextmanager
def _attacker(kind: str, url: str, seconds: float) -> Iterator[None]:
    command = [sys.executable, "-m", "benchmarks.attackers", kind, url, str(seconds)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        yield
        if process.wait(90):
            assert process.stderr is not None
            print(f"{kind}: {process.stderr.read()[-400:]}")
    finally:
        process.kill()
        process.wait()


def classroom(asked: argparse.Namespace) -> None:
    """Print how a class fares, behind one address and each on their own."""
    many = [f"127.0.{3 + k // 200}.{k % 200 + 1}" for k in range(asked.people)]
    for name, addresses in (("one address", ["127.0.0.1"] * asked.people), ("many addresses", many)):
        with studio(asked.people, asked.workers) as made:
            process = made.start()

            async def lesson(url: str = made.url, addresses: Sequence[str] = addresses) -> tuple[Crowd, Any]:
                crowd = Crowd(url, addresses)
                await crowd.log_in()
                took = await crowd.work(asked.seconds)
                await crowd.leave()
                return crowd, took

            crowd, took = asyncio.run(lesson())
            lesser, failed, examples = crowd.take_complaints()
            said = ", ".join(f"{what} {len(t)}, p95 {p95(t):.0f} ms" for what, t in took.items() if t)
            print(
                f"{asked.people} people, {name}: {said}; {lesser} lesser answers, {failed} refused or failed {examples}"
            )
            print(f"memory {memory_mb(process):.0f} MB", flush=True)


def memory(asked: argparse.Namespace) -> None:
    """Print the memory of the server and its children after five minutes under all attackers, and later."""
    held: list[tuple[float, float]] = []
    with studio(asked.people, asked.workers) as made:
        process = made.start()

        async def day() -> None:
            crowd = Crowd(made.url, [f"127.0.2.{k + 1}" for k in range(asked.people)])
            await crowd.log_in()
            began = time.monotonic()
            kinds = list(KINDS)
            k = 0
            while time.monotonic() - began < 60 * (_MEMORY_MINUTES + asked.minutes):
                with _attacker(kinds[k % len(kinds)], made.url, 17):
                    await crowd.work(18)
                k += 1
                held.append(((time.monotonic() - began) / 60, memory_mb(process)))
            await crowd.leave()

        asyncio.run(day())
    level = max(mb for minute, mb in held if minute <= _MEMORY_MINUTES)
    later = [mb for minute, mb in held if minute > _MEMORY_MINUTES]
    print(" ".join(f"{minute:.1f}:{mb:.0f}" for minute, mb in held))
    print(
        f"memory {level:.0f} MB at most in {_MEMORY_MINUTES:.0f} minutes, then {min(later):.0f} to {max(later):.0f} MB"
    )


def kills(asked: argparse.Namespace) -> None:
    """Kill the server at random while designs are saved and changed, and look for what was acknowledged."""
    acknowledged: dict[str, int] = {}
    stop = threading.Event()
    with studio(asked.savers, asked.workers, AFTERGLOW_STUDIO_WARM_UP="0") as made:
        made.start()
        threads = [threading.Thread(target=_save, args=(made.url, k, acknowledged, stop)) for k in range(asked.savers)]
        for thread in threads:
            thread.start()
        struck, end = 0, time.monotonic() + 60 * asked.most_minutes
        while struck < asked.kills and time.monotonic() < end:
            before, until = len(acknowledged), time.monotonic() + 60
            while len(acknowledged) == before and time.monotonic() < until:
                time.sleep(0.01)
            time.sleep(random.uniform(0.0, 0.2))
            assert made.process is not None
            family = psutil.Process(made.process.pid).children(recursive=True)
            chosen = random.choice([None, *family])
            with contextlib.suppress(psutil.NoSuchProcess):
                if chosen is None or asked.workers == 1:
                    made.stop(signal.SIGKILL)
                    _end(family)
                    made.start()
                else:
                    chosen.kill()
            struck += 1
        stop.set()
        for thread in threads:
            thread.join(120)
        found, lost = 0, []
        for k in range(asked.savers):
            with httpx.Client(base_url=made.url, timeout=60) as client:
                _log_in(client, f"user{k}")
                for line in client.get("/api/saved").json():
                    time.sleep(1 / 12)  # within what one person may ask
                    read = client.get(f"/api/saved/{line['id']}").raise_for_status().json()
                    if read["id"] in acknowledged:
                        found += 1
                        if read["state"]["n"] < acknowledged.pop(read["id"]):
                            lost.append(read["id"])
        lost += acknowledged
    print(
        f"{struck} kills: {found + len(acknowledged)} designs acknowledged, {found} found, {len(lost)} lost or behind"
    )


def _end(family: list[psutil.Process]) -> None:
    """Wait until the children of a killed server have ended, so that the port is free again."""
    psutil.wait_procs(family, timeout=30)


def _save(url: str, k: int, acknowledged: dict[str, int], stop: threading.Event) -> None:
    """Save and change designs until told to stop; note what was acknowledged, and with which number."""
    number = 0
    while not stop.is_set():
        with (
            contextlib.suppress(httpx.HTTPError, KeyError, ValueError),
            httpx.Client(base_url=url, timeout=60, verify=False) as client,  # a context of TLS takes half of a core
        ):
            headers = _log_in(client, f"user{k}")
            while not stop.is_set():
                time.sleep(0.1)
                number += 1
                body = {"name": f"kept {number}", "page": "plan", "state": {"n": 0}}
                answer = client.post("/api/saved", json=body, headers=headers)
                if answer.status_code == 409:  # the most that one person may keep: give one up that is not looked for
                    line = client.get("/api/saved").json()[-1]
                    acknowledged.pop(line["id"], None)
                    client.delete(f"/api/saved/{line['id']}", headers=headers)
                    continue
                answer.raise_for_status()
                saved = answer.json()
                acknowledged[saved["id"]] = 0
                for n in range(1, 4):
                    asked = {**body, "state": {"n": n}, "version": n}
                    answer = client.put(f"/api/saved/{saved['id']}", json=asked, headers=headers)
                    answer.raise_for_status()
                    acknowledged[saved["id"]] = n
        time.sleep(0.2)


def _log_in(client: httpx.Client, name: str) -> dict[str, str]:
    word = client.get("/api/account").raise_for_status().json()["csrf"]
    answer = client.post("/api/login", json={"name": name, "password": PASSWORD}, headers={CSRF: word})
    if answer.is_error:
        print(name, answer.status_code, answer.text, flush=True)
    return {CSRF: answer.raise_for_status().json()["csrf"]}


def main() -> None:
    """Measure and print."""
    parts = {"attacks": attacks, "class": classroom, "memory": memory, "kills": kills}
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--part", choices=[*parts, "all"], default="all")
    options.add_argument("--only", default="", help="kinds of attackers: " + ", ".join(KINDS))
    options.add_argument("--people", type=int)
    options.add_argument("--seconds", type=float)
    options.add_argument("--minutes", type=float, default=5.0, help="of memory after the first five")
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--most-minutes", type=float, default=60.0, help="of kills, then fewer are counted")
    options.add_argument("--savers", type=int, default=3)
    options.add_argument("--workers", type=int, help="by default one; for a class one per core, as the how-to says")
    given = options.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for name, part in parts.items():
        if given.part in (name, "all"):
            people, seconds, workers = (100, 45.0, os.cpu_count()) if name == "class" else (10, 30.0, 1)
            usual = {"people": people, "seconds": seconds, "workers": workers}
            part(argparse.Namespace(**vars(given) | {key: getattr(given, key) or usual[key] for key in usual}))


if __name__ == "__main__":
    main()
