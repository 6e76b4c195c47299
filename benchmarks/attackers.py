"""What leans on a studio in the benchmark, each in a process of its own: a real one has a machine of its own.

python -m benchmarks.attackers KIND URL SECONDS
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import socket
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

import httpx2 as httpx

__all__ = ["CSRF", "KINDS", "PASSWORD", "logged_in"]

PASSWORD = "violet tram lemon seven"
CSRF = "X-Afterglow-CSRF"
SILENT = 1100
STREAMS = 400
_ADDRESS = "127.0.0.66"
_MANY = tuple(f"127.0.1.{k}" for k in range(1, 41))
_QUICK = ("course", "certainty", "why", "brain", "comparison", "export/csv", "export/bundle", "export/html")
_NICE = 15
"""The attacker's own work gives way: on a machine of its own it would cost the studio nothing."""


def client_at(url: str, address: str, **more: Any) -> httpx.AsyncClient:
    """Return a client that comes from an address."""
    return httpx.AsyncClient(base_url=url, transport=httpx.AsyncHTTPTransport(local_address=address), **more)


async def logged_in(url: str, name: str, address: str = _ADDRESS) -> tuple[httpx.AsyncClient, dict[str, str]]:
    """Log somebody in; returns the client and the headers of what it sends."""
    client = client_at(url, address, timeout=60)
    word = (await client.get("/api/account")).json()["csrf"]
    answer = await client.post("/api/login", json={"name": name, "password": PASSWORD}, headers={CSRF: word})
    answer.raise_for_status()
    return client, {CSRF: answer.json()["csrf"]}


async def silent(url: str, until: float) -> None:
    """Open connections that send half a request, and open them again."""
    place = ("127.0.0.1", int(url.rpartition(":")[2]))
    halves = (b"", b"GET / HTTP/1.1\r\nHo", b"POST /api/course HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n")
    lines: list[socket.socket] = []
    while time.monotonic() < until:
        for _ in range(SILENT - len(lines)):
            with contextlib.suppress(OSError):
                line = socket.create_connection(place, timeout=0.2, source_address=(_ADDRESS, 0))
                line.sendall(random.choice(halves))
                lines.append(line)
        await asyncio.sleep(1)
        lines = [line for line in lines if not _is_closed(line)]


def _is_closed(line: socket.socket) -> bool:
    line.setblocking(False)
    try:
        return line.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def heaviest(starter: dict[str, Any], seed: int, participants: int = 20_000) -> dict[str, Any]:
    """Return a design at the limits of the form."""
    arm = starter["arms"][0]
    session = arm["sessions"][-1]
    sessions = [{**session, "day": 1.5 + 3 * k} for k in range(60)]
    arm = {**arm, "dosing_days": [3.0 * k for k in range(24)], "sessions": sessions}
    return {**starter, "participants": participants, "horizon_days": 1095, "seed": seed, "arms": [arm] * 4}


async def _asking(url: str, until: float, paths: tuple[str, ...], patience_s: float, people: int, at_once: int) -> None:
    client, headers = await logged_in(url, "idle")
    starter = (await client.get("/api/choices")).json()["starters"]["mdma"]
    seeds, turn = itertools.count(), itertools.cycle(paths)

    async def ask() -> None:
        while time.monotonic() < until:
            body = heaviest(starter, next(seeds), people)
            with contextlib.suppress(httpx.HTTPError):
                await client.post(f"/api/{next(turn)}", json=body, headers=headers, timeout=patience_s)
            await asyncio.sleep(0.01)

    await asyncio.gather(*(ask() for _ in range(at_once)))


async def hung_up(url: str, until: float) -> None:
    """Ask for as much as the form allows, and hang up."""
    await _asking(url, until, _QUICK, 0.5, 20_000, 4)


async def waited_for(url: str, until: float) -> None:
    """Ask for as much as a quick answer may be, and wait for it."""
    await _asking(url, until, ("course", "certainty", "plan/best-day"), 60.0, 256, 4)


async def greedy(url: str, until: float) -> None:
    """Fill the queue with long calculations."""
    client, headers = await logged_in(url, "greedy")
    starter = (await client.get("/api/choices")).json()["starters"]["mdma"]
    taken = []
    for seed in itertools.count():
        if time.monotonic() > until:
            break
        asked = {"kind": "compare", "asked": {**starter, "participants": 5000, "seed": seed}}
        with contextlib.suppress(httpx.HTTPError):
            answer = await client.post("/api/jobs", json=asked, headers=headers)
            taken += [answer.json()["id"]] if answer.status_code == 202 else []
        await asyncio.sleep(0.05)
    for job in taken:
        await client.delete(f"/api/jobs/{job}", headers=headers)


async def streams(url: str, until: float) -> None:
    """Watch one long calculation from as many places as there are."""
    client, headers = await logged_in(url, "greedy")
    starter = (await client.get("/api/choices")).json()["starters"]["mdma"]
    asked = {"kind": "compare", "asked": {**heaviest(starter, 7), "participants": 5000}}
    job = (await client.post("/api/jobs", json=asked, headers=headers)).json()["id"]
    watcher = httpx.AsyncClient(base_url=url, cookies=client.cookies, limits=httpx.Limits(max_connections=STREAMS))

    async def watch() -> None:
        while time.monotonic() < until:
            with contextlib.suppress(httpx.HTTPError):
                async with watcher.stream("GET", f"/api/jobs/{job}/events", timeout=5) as stream:
                    async for _ in stream.aiter_lines():
                        if time.monotonic() > until:
                            return
            await asyncio.sleep(1)

    await asyncio.gather(*(watch() for _ in range(STREAMS)))
    await client.delete(f"/api/jobs/{job}", headers=headers)


async def _guesses(url: str, until: float, address: str, numbers: itertools.count[int]) -> None:
    async with client_at(url, address, timeout=30) as client:
        word = (await client.get("/api/account")).json()["csrf"]
        while time.monotonic() < until:
            k = next(numbers)
            asked = {"name": f"user{k % 10}", "password": f"guess {k}"}
            with contextlib.suppress(httpx.HTTPError):
                await client.post("/api/login", json=asked, headers={CSRF: word})


async def guessing(url: str, until: float) -> None:
    """Guess the passwords of the honest from one address."""
    await asyncio.gather(*(_guesses(url, until, _ADDRESS, itertools.count()) for _ in range(4)))


async def guessing_from_many(url: str, until: float) -> None:
    """Guess them from forty addresses."""
    numbers = itertools.count()
    await asyncio.gather(*(_guesses(url, until, address, numbers) for address in _MANY))


async def unreadable(url: str, until: float) -> None:
    """Send bodies that are nested, large, no text, or wrong in every place."""
    client, headers = await logged_in(url, "greedy")
    headers = {**headers, "Content-Type": "application/json"}
    half = '{"a": "\ud800"}'.encode("utf-16", "surrogatepass")
    wrong = b'{"items":[' + b",".join([b'{"id":1,"kind":2,"date":3}'] * 9000) + b'],"dates":[]}'
    bodies = [
        b"[" * 900,
        b'{"a":' * 800 + b"1" + b"}" * 800,
        b"x" * 250_000,
        half,
        b"[" + b"[]," * 80_000 + b"0]",
        wrong,
    ]
    turn = itertools.cycle(itertools.product(("saved", "course", "plan/calendar"), bodies))

    async def send() -> None:
        while time.monotonic() < until:
            path, body = next(turn)
            with contextlib.suppress(httpx.HTTPError):
                await client.post(f"/api/{path}", content=body, headers=headers)

    await asyncio.gather(*(send() for _ in range(4)))


async def saving(url: str, until: float) -> None:
    """Save as much as fits, over and over."""
    client, headers = await logged_in(url, "greedy")
    body = {"name": "large", "page": "plan", "state": {"n": ["x" * 1000] * 240}}
    made = await client.post("/api/saved", json=body, headers=headers)
    saved = made.json() if made.status_code == 201 else (await client.get("/api/saved")).json()[0]
    while time.monotonic() < until:
        with contextlib.suppress(httpx.HTTPError, KeyError):
            asked = {**body, "version": saved["version"]}
            saved = {**saved, **(await client.put(f"/api/saved/{saved['id']}", json=asked, headers=headers)).json()}


async def pages(url: str, until: float) -> None:
    """Ask for the pages' largest files without pause, by somebody who is not logged in."""
    async with client_at(url, _ADDRESS, timeout=30, headers={"Accept-Encoding": "gzip"}) as client:

        async def ask() -> None:
            while time.monotonic() < until:
                with contextlib.suppress(httpx.HTTPError):
                    await client.get("/static/vendor/uPlot.esm.js")
                    await client.get("/explore")

        await asyncio.gather(*(ask() for _ in range(4)))


KINDS: dict[str, tuple[str, Callable[[str, float], Coroutine[Any, Any, None]]]] = {
    "silent": (f"{SILENT} silent connections", silent),
    "hung-up": ("designs at the limits, hung up", hung_up),
    "waited-for": ("the largest quick answers, waited for", waited_for),
    "greedy": ("an editor who fills the queue", greedy),
    "streams": (f"{STREAMS} watchers of one calculation", streams),
    "guessing": ("guesses of passwords", guessing),
    "guessing-many": (f"guesses from {len(_MANY)} addresses", guessing_from_many),
    "unreadable": ("bodies that cannot be read", unreadable),
    "saving": ("large saves without end", saving),
    "pages": ("pages without end, by a stranger", pages),
}


def main() -> None:
    """Lean on a studio for so long."""
    kind, url, seconds = sys.argv[1:]
    os.nice(_NICE)
    asyncio.run(KINDS[kind][1](url, time.monotonic() + float(seconds)))


if __name__ == "__main__":
    main()
