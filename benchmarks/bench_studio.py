"""Speed of the studio: first page, slider to curve, the full run with its interval, and fifty people at once.

Starts the server on a free port with a database of its own, and prints one table. In the browser (Chromium), a
slider is moved and the times from the question to the painted curve, and to the painted interval, are read from the
page's own marks. The participant-years that the machine itself runs a second stand beside, as a measure of it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import psutil
from rich.console import Console
from rich.table import Table

from afterglow.medicines import WINDOW_MEDICINES
from afterglow.studio.designs.choices import choices
from afterglow.studio.designs.result import result_of

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
_THINK_S = (2.0, 5.0)
_WARM = 5
_SETTLE_MS = 3000
_FULL_RUNS = 7
_LONGEST_S = 60.0


@contextmanager
def server(workers: int) -> Iterator[tuple[str, psutil.Process]]:
    """Run the studio on a free port until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {"AFTERGLOW_DATABASE_URL": f"sqlite:///{folder}/studio.db"}
        command = [sys.executable, "-m", "afterglow.cli.main", "studio", "--port", str(port), "--workers", str(workers)]
        with (Path(folder) / "log.txt").open("w") as log:
            process = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url)
            yield url, psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(url: str) -> None:
    for _ in range(300):
        try:
            if httpx.get(f"{url}/healthz").status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit("the studio did not start")


def memory_mb(process: psutil.Process) -> float:
    """Return the resident memory of a process and all it started, in MB."""
    found = [process, *process.children(recursive=True)]
    return sum(p.memory_info().rss for p in found if p.is_running()) / 1e6


def p95(values: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


class Person:
    """One visitor: opens the page, then moves things and looks, with pauses to think."""

    def __init__(self, client: httpx.AsyncClient, seed: int) -> None:
        self.client = client
        self.random = random.Random(seed)
        self.headers: dict[str, str] = {}
        self.took: dict[str, list[float]] = {}
        self.wrong: list[str] = []

    async def ask(self, what: str, method: str, path: str, **more: Any) -> httpx.Response | None:
        """Send one request and note how long it took."""
        start = time.perf_counter()
        try:
            found = await self.client.request(method, path, headers=self.headers, **more)
        except httpx.HTTPError as error:
            self.wrong.append(f"{path}: {error!r}")
            return None
        self.took.setdefault(what, []).append(1e3 * (time.perf_counter() - start))
        if found.status_code >= 400:
            self.wrong.append(f"{path}: {found.status_code} {found.text[:80]}")
        return found

    async def visit(self, until: float) -> None:
        """Use the studio until a time."""
        await asyncio.sleep(self.random.uniform(0, 3))
        await self.ask("page", "GET", "/explore")
        account = await self.ask("account", "GET", "/api/account")
        chosen = await self.ask("choices", "GET", "/api/choices")
        if account is None or chosen is None:
            return
        self.headers = {"X-Afterglow-CSRF": account.json()["csrf"]}
        starters = chosen.json()["starters"]
        design = starters[self.random.choice(list(starters))]
        while time.monotonic() < until:
            self.change(design)
            await self.ask("course", "POST", "/api/course", json=design)
            if self.random.random() < 0.1:
                await self.ask("certainty", "POST", "/api/certainty", json=design)
            await asyncio.sleep(self.random.uniform(*_THINK_S))

    def change(self, design: dict[str, Any]) -> None:
        """Drag a session, mostly; sometimes move the dose."""
        arm = design["arms"][0]
        if self.random.random() < 0.75:
            session = self.random.choice([s for s in arm["sessions"] if s["kind"] == "integration"])
            session["day"] = float(self.random.randint(1, 120)) + 0.5
        else:
            arm["dose"] = round(arm["dose"] * self.random.uniform(0.97, 1.02), 3)


async def crowd(url: str, people: int, seconds: float, process: psutil.Process) -> tuple[list[Person], list[float]]:
    """Let so many people use the studio at once; returns them, and the memory every few seconds."""
    until = time.monotonic() + seconds
    held: list[float] = []

    async def watch() -> None:
        while time.monotonic() < until:
            held.append(memory_mb(process))
            await asyncio.sleep(3)

    clients = [httpx.AsyncClient(base_url=url, timeout=30) for _ in range(people)]
    persons = [Person(client, k) for k, client in enumerate(clients)]
    await asyncio.gather(watch(), *(person.visit(until) for person in persons))
    for client in clients:
        await client.aclose()
    return persons, held


def participant_years_per_second() -> float:
    """Return how many participant-years this machine runs a second in a full run of the studio, with two threads."""
    design = choices().starters["psilocybin"]
    result_of(design)
    start = time.perf_counter()
    spec = result_of(design.model_copy(update={"seed": 2})).run.spec
    took = time.perf_counter() - start
    years = spec.protocol.horizon_days / 365.25
    return spec.draws * spec.people_per_draw * len(spec.arms) * years / took


Times = dict[str, tuple[list[float], list[float]]]
"""By medicine: from slider to curve, and from the question to the painted interval of the full run, in ms."""


def in_browser(url: str, moves: int) -> tuple[float, Times, str]:
    """Return the time to the first page (warm), the times of each medicine, and who painted them."""
    from playwright.sync_api import sync_playwright

    program = next((found for name in _CHROMIUM if (found := shutil.which(name))), None)
    if program is None:
        return float("nan"), {}, "no Chromium found"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=_FLAGS)
        page = browser.new_page()
        for _ in range(2):
            start = time.perf_counter()
            page.goto(f"{url}/explore")
            page.wait_for_selector("html[data-ready=true]")
            first = 1e3 * (time.perf_counter() - start)
        page.wait_for_timeout(_SETTLE_MS)
        page.locator(".sheet summary").first.click()
        took = {}
        for medicine in WINDOW_MEDICINES:
            page.get_by_test_id("sentence").get_by_label("Medicine", exact=True).select_option(medicine)
            page.wait_for_timeout(_SETTLE_MS)
            took[medicine] = _slid(page, moves), _in_full(page)
        version = browser.version
        browser.close()
    return first, took, f"Chromium {version}"


def _slid(page: Any, moves: int) -> list[float]:
    """Move the dose from its lowest up, so that no dose is asked for twice, and time each move."""
    slider = page.get_by_role("slider", name="Dose", exact=True)
    slider.focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(_SETTLE_MS)
    took = []
    for _ in range(moves + _WARM):
        before = slider.input_value()
        page.evaluate("performance.clearMarks()")
        page.keyboard.press("ArrowRight")
        if slider.input_value() == before:
            break  # the highest dose
        took.append(_painted(page, "course"))
    return took[_WARM:] if len(took) > 2 * _WARM else took


def _in_full(page: Any) -> list[float]:
    """Move the dose down and wait each time until the full run is painted with its interval."""
    took = []
    for _ in range(_FULL_RUNS):
        page.evaluate("performance.clearMarks()")
        page.keyboard.press("ArrowLeft")
        took.append(_painted(page, "certainty"))
    return took[1:]


def _painted(page: Any, what: str) -> float:
    """Wait until an answer is painted; return the time since it was asked for, in ms."""
    until = time.monotonic() + _LONGEST_S
    while not page.evaluate("what => performance.getEntriesByName(`${what}-painted`).length", what):
        if time.monotonic() > until:
            raise SystemExit(f"the page did not paint its {what} within {_LONGEST_S:.0f} s")
        page.wait_for_timeout(30)
    return float(
        page.evaluate(
            "what => performance.getEntriesByName(`${what}-painted`).at(-1).startTime"
            " - performance.getEntriesByName(`${what}-asked`).at(-1).startTime",
            what,
        )
    )


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=50)
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--moves", type=int, default=55)
    options.add_argument("--workers", type=int, default=1)
    asked = options.parse_args()
    speed = participant_years_per_second()
    table = Table("what", "count", "median ms", "p95 ms", "aim", title=f"Studio, {os.cpu_count()} cores")
    with server(asked.workers) as (url, process):
        first, took, who = in_browser(url, asked.moves)
        table.add_row("first page, warm", "1", f"{first:.0f}", "", "under 1000")
        for medicine, measured in took.items():
            for what, times, aim in zip(("slider to curve", "full interval"), measured, (150, 1000), strict=True):
                label, aimed = f"{what}, {medicine}", f"under {aim}"
                table.add_row(label, str(len(times)), f"{statistics.median(times):.0f}", f"{p95(times):.0f}", aimed)
        persons, held = asyncio.run(crowd(url, asked.people, asked.seconds, process))
        for what in ("page", "choices", "course", "certainty"):
            times = [t for person in persons for t in person.took.get(what, [])]
            if times:
                label = f"{what}, {asked.people} people at once"
                table.add_row(
                    label, str(len(times)), f"{statistics.median(times):.0f}", f"{p95(times):.0f}", "under 2000"
                )
        wrong = [text for person in persons for text in person.wrong]
        third = max(1, len(held) // 3)
        grown = statistics.mean(held[-third:]) - statistics.mean(held[third : 2 * third] or held)
        table.add_row("errors", str(len(wrong)), "", "", "0")
        table.add_row("memory at the end, MB", "", f"{held[-1]:.0f}", "", "")
        table.add_row("memory, last third over middle third, MB", "", f"{grown:+.0f}", "", "flat")
    table.caption = f"{who}; the machine runs {speed:,.0f} participant-years a second"
    Console(width=110).print(table)
    for text in wrong[:5]:
        print(text)


if __name__ == "__main__":
    main()
