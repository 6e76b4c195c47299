"""The studio while somebody leans on it: ten honest people alone, then beside one attacker of each kind, then kills.

Starts the studio with a login on a free port. Honest people are editors who move sessions and now and then ask for the
full run; printed is their 95th percentile, what was refused to them, and the ratio to the same people alone. Then the
server is killed at random moments while designs are saved: each save that was acknowledged must be there afterwards.

    python benchmarks/bench_studio_attacks.py [--people 10] [--seconds 30] [--kills 100]
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
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.bench_studio import Person, memory_mb, p95

_PASSWORD = "violet tram lemon seven"
_CSRF = "X-Afterglow-CSRF"
_SILENT = 1100
_HEAVY_AT_ONCE = 4

Attack = Callable[[str, float], Awaitable[None]]


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Studio:
    """A studio with a login and a database of its own, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = os.environ | {"AFTERGLOW_DATABASE_URL": f"sqlite:///{folder}/studio.db"}
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *words: str, given: str = "") -> None:
        """Run a command of the studio's, such as adding somebody."""
        command = [sys.executable, "-m", "afterglow.cli.main", *words]
        subprocess.run(command, env=self.env, input=given, text=True, check=True, stdout=subprocess.DEVNULL)

    def start(self) -> psutil.Process:
        """Start it, and wait until it answers."""
        command = [sys.executable, "-m", "afterglow.cli.main", "studio", "--login", "--port", str(self.port)]
        log = (self.folder / "log.txt").open("ab")
        self.process = subprocess.Popen(command, env=self.env, stdout=log, stderr=subprocess.STDOUT)
        for _ in range(600):
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/healthz").status_code == 200:
                    return psutil.Process(self.process.pid)
            time.sleep(0.1)
        raise SystemExit("the studio did not start")

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End it."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(30)


@contextmanager
def studio(people: int) -> Iterator[Studio]:
    """Make a studio with so many editors and one attacker of each role."""
    with tempfile.TemporaryDirectory() as folder:
        made = Studio(Path(folder))
        roles = {**{f"user{k}": "editor" for k in range(people)}, "greedy": "editor", "idle": "viewer"}
        for name, role in roles.items():
            made.command("studio-user", "add", name, "--role", role, "--password-stdin", given=f"{_PASSWORD}\n")
        try:
            yield made
        finally:
            made.stop()


async def logged_in(url: str, name: str) -> tuple[httpx.AsyncClient, dict[str, str]]:
    """Log somebody in; returns the client and the headers of what it sends."""
    client = httpx.AsyncClient(base_url=url, timeout=60)
    word = (await client.get("/api/account")).json()["csrf"]
    asked = {"name": name, "password": _PASSWORD}
    answer = await client.post("/api/login", json=asked, headers={_CSRF: word})
    answer.raise_for_status()
    return client, {_CSRF: answer.json()["csrf"]}


async def honest(url: str, people: int, seconds: float) -> list[Person]:
    """Let honest people work for so long."""
    found, clients = [], []
    for k in range(people):
        client, headers = await logged_in(url, f"user{k}")
        clients.append(client)
        found.append(Person(client, k))
        found[-1].headers = headers
    until = time.monotonic() + seconds

    async def work(person: Person) -> None:
        starters = (await person.client.get("/api/choices")).json()["starters"]
        design = starters[person.random.choice(list(starters))]
        while time.monotonic() < until:
            person.change(design)
            await person.ask("course", "POST", "/api/course", json=design)
            if person.random.random() < 0.1:
                await person.ask("certainty", "POST", "/api/certainty", json=design)
            await asyncio.sleep(person.random.uniform(1.0, 3.0))

    await asyncio.gather(*(work(person) for person in found))
    for client in clients:
        await client.aclose()
    return found


async def silent(url: str, seconds: float) -> None:
    """Open connections that send half a request."""
    port, until, lines = int(url.rpartition(":")[2]), time.monotonic() + seconds, []
    halves = (b"", b"GET / HTTP/1.1\r\nHo", b"POST /api/course HTTP/1.1\r\nContent-Length: 99\r\n\r\n")
    while time.monotonic() < until:
        for _ in range(_SILENT - len(lines)):
            with contextlib.suppress(OSError):
                line = socket.create_connection(("127.0.0.1", port), timeout=0.2)
                line.sendall(random.choice(halves))
                lines.append(line)
        await asyncio.sleep(1)
        lines = [line for line in lines if not _is_closed(line)]
    for line in lines:
        line.close()


def _is_closed(line: socket.socket) -> bool:
    line.setblocking(False)
    try:
        return line.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def heaviest(starter: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return a design at the limits of the form."""
    arm = starter["arms"][0]
    session = arm["sessions"][-1]
    sessions = [{**session, "day": 1.5 + 3 * k} for k in range(60)]
    arm = {**arm, "dosing_days": [3.0 * k for k in range(24)], "sessions": sessions}
    return {**starter, "participants": 20_000, "horizon_days": 1095, "seed": seed, "arms": [arm] * 4}


async def heavy(url: str, seconds: float) -> None:
    """Ask for as much as the form allows, and hang up."""
    client, headers = await logged_in(url, "idle")
    starter = (await client.get("/api/choices")).json()["starters"]["mdma"]
    until, seed = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        for path in ("/api/course", "/api/certainty", "/api/export/csv", "/api/why")[:_HEAVY_AT_ONCE]:
            seed += 1
            with contextlib.suppress(httpx.HTTPError):
                await client.post(path, json=heaviest(starter, seed), headers=headers, timeout=0.5)
    await client.aclose()


async def greedy(url: str, seconds: float) -> None:
    """Fill the queue with long calculations."""
    client, headers = await logged_in(url, "greedy")
    starter = (await client.get("/api/choices")).json()["starters"]["mdma"]
    until, seed = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        seed += 1
        asked = {"kind": "compare", "design": {**starter, "participants": 5000, "seed": seed}}
        with contextlib.suppress(httpx.HTTPError):
            await client.post("/api/jobs", json=asked, headers=headers)
        await asyncio.sleep(0.05)
    await client.aclose()


async def guessing(url: str, seconds: float) -> None:
    """Guess the passwords of the honest."""
    until = time.monotonic() + seconds
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        word = (await client.get("/api/account")).json()["csrf"]
        k = 0
        while time.monotonic() < until:
            k += 1
            asked = {"name": f"user{k % 10}", "password": f"guess {k}"}
            with contextlib.suppress(httpx.HTTPError):
                await client.post("/api/login", json=asked, headers={_CSRF: word})


async def deep(url: str, seconds: float) -> None:
    """Send bodies that are nested, large, or no text."""
    client, headers = await logged_in(url, "greedy")
    headers = {**headers, "Content-Type": "application/json"}
    half = '{"a": "\\ud800"}'.encode("ascii").decode("unicode_escape").encode("utf-16", "surrogatepass")
    bodies = [b"[" * 900, b'{"a":' * 800 + b"1" + b"}" * 800, b"x" * 250_000, half]
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for body in bodies:
            with contextlib.suppress(httpx.HTTPError):
                await client.post("/api/saved", content=body, headers=headers)
    await client.aclose()


ATTACKS: dict[str, Attack | None] = {
    "nobody": None,
    f"{_SILENT} silent connections": silent,
    "designs at the limits, hung up": heavy,
    "an editor who fills the queue": greedy,
    "guesses of passwords": guessing,
    "bodies that cannot be read": deep,
}


def kills(made: Studio, count: int) -> tuple[int, int]:
    """Kill the server while designs are saved; returns how many saves were acknowledged, and how many are lost."""
    acknowledged: list[str] = []
    stop = threading.Event()

    def save() -> None:
        while not stop.is_set():
            with contextlib.suppress(httpx.HTTPError, KeyError, ValueError), _client(made.url) as client:
                headers = _log_in(client)
                while not stop.is_set():
                    body = {"name": "kept", "page": "plan", "state": {"n": len(acknowledged)}}
                    answer = client.post("/api/saved", json=body, headers=headers)
                    if answer.status_code == 201:
                        acknowledged.append(answer.json()["id"])
                    elif answer.status_code == 409:  # the most that one person may keep
                        return
            time.sleep(0.05)

    thread = threading.Thread(target=save, daemon=True)
    thread.start()
    for _ in range(count):
        before, until = len(acknowledged), time.monotonic() + 20
        while len(acknowledged) == before and thread.is_alive() and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(random.uniform(0.0, 0.05))
        made.stop(signal.SIGKILL)
        made.start()
    stop.set()
    thread.join(60)
    with _client(made.url) as client:
        _log_in(client)
        kept = {line["id"] for line in client.get("/api/saved").json()}
    return len(acknowledged), len(set(acknowledged) - kept)


def _client(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=60)


def _log_in(client: httpx.Client) -> dict[str, str]:
    word = client.get("/api/account").json()["csrf"]
    answer = client.post("/api/login", json={"name": "user0", "password": _PASSWORD}, headers={_CSRF: word})
    return {_CSRF: answer.json()["csrf"]}


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--people", type=int, default=10)
    options.add_argument("--seconds", type=float, default=30.0)
    options.add_argument("--kills", type=int, default=100)
    asked = options.parse_args()
    heads = ("beside", "answers", "p95 ms", "ratio", "refused or failed", "memory MB")
    table = Table(*heads, title=f"{asked.people} honest people")
    alone = 0.0
    with studio(asked.people) as made:
        process = made.start()
        time.sleep(8)  # warm up
        for name, attack in ATTACKS.items():

            async def together(attack: Attack | None = attack) -> list[Person]:
                beside = [] if attack is None else [asyncio.create_task(attack(made.url, asked.seconds + 2))]
                await asyncio.sleep(1)
                found = await honest(made.url, asked.people, asked.seconds)
                await asyncio.gather(*beside)
                return found

            people = asyncio.run(together())
            took = [t for person in people for t in person.took.get("course", [])]
            wrong = [text for person in people for text in person.wrong]
            alone = alone or p95(took)
            ratio, memory = p95(took) / alone, memory_mb(process)
            table.add_row(name, str(len(took)), f"{p95(took):.0f}", f"{ratio:.2f}", str(len(wrong)), f"{memory:.0f}")
            for text in wrong[:2]:
                print(text)
        Console(width=120).print(table)
        if asked.kills:
            saved, lost = kills(made, asked.kills)
            print(f"{asked.kills} kills: {saved} saves acknowledged and kept on, {lost} of them lost")


if __name__ == "__main__":
    main()
