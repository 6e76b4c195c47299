"""Speed of the studio: first page, slider to curve, the full run with its interval, and fifty people at once.

Starts the server on a free port with a database and a store of runs of its own, and prints one table. In the browser
(Chromium), a slider is moved and the times from the question to the painted curve, and to the painted interval, are
read from the page's own marks. The participant-years that the machine itself runs a second stand beside, as a measure
of it.

The people at once are those of a class. Each opens the page, takes one of the examples and makes it their own with a
dose and days of sessions that nobody else has; drags a session, or the dose, for about half a second, during which the
page asks for first answers one after another; lets go, and 220 ms later the page asks for the full answer; reads for 3
to 6 seconds once it is there; and moves something else. Where the last full answer was a crowd's and slow, the page
asks for no first ones. Nobody scrolls down to "Why" or "In the brain", which ask more.
The client that plays them runs on the same cores as the server.
"""

from __future__ import annotations

import argparse
import asyncio
import copy
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from afterglow.medicines import WINDOW_MEDICINES
from afterglow.simulate.spec import PEOPLE
from afterglow.studio.designs.choices import choices
from afterglow.studio.designs.result import result_of

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
_READS_S = (3.0, 6.0)
"""How long a person reads once the full answer is there."""
_DRAGS_S = (0.3, 0.8)
_FRAME_S = 1 / 60
"""A mark moves no more often than the page is drawn."""
_RESTS_S = 0.22
"""How long a design rests before the page asks for the full answer (`SETTLED_MS` in asking.js)."""
_SLOW_MS = 600.0
"""In a crowd, an answer that takes longer is the last first one until a full one is quicker (`SLOW_MS` there)."""
_DOSE_MOVES = 0.25
_FULL_DRAWS = 64
_LATE_MS = 20.0
_DRAGGED_S, _DRAGGED_PX = 4.0, 120.0
_WARM = 3
_SETTLE_MS = 3000
_LONGEST_S = 60.0


@contextmanager
def server(workers: int) -> Iterator[tuple[str, psutil.Process]]:
    """Run the studio on a free port until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {
            "AFTERGLOW_DATABASE_URL": f"sqlite:///{folder}/studio.db",
            "AFTERGLOW_RUNS": f"{folder}/runs",
        }
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


def cpu_s(process: psutil.Process) -> float:
    """Return the processor time of a process and all it started, in seconds."""
    found = [process, *process.children(recursive=True)]
    return sum(sum(p.cpu_times()[:2]) for p in found if p.is_running())


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
        self.draws: list[int] = []
        self.participants: list[int] = []
        self.wrong: list[str] = []
        self.crowded = self.late = False
        self.asked: dict[str, Any] = {}

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
        design = self.own(starters[self.random.choice(list(starters))])
        await self.look(design)
        while time.monotonic() < until:
            await self.drag(design)
            await self.look(design)

    def own(self, design: dict[str, Any]) -> dict[str, Any]:
        """Make an example one's own."""
        arm = design["arms"][0]
        arm["dose"] = round(arm["dose"] * self.random.uniform(0.9, 1.0), 4)
        for session in arm["sessions"]:
            session["day"] += self.random.randint(1, 5) * (session["kind"] == "integration")
        return design

    async def look(self, design: dict[str, Any]) -> None:
        """Let go, wait for the first and the full answer, and read."""
        first = asyncio.ensure_future(self.first(design))
        await asyncio.sleep(_RESTS_S)
        found = await self.ask("certainty", "POST", "/api/certainty", json=design)
        await first
        self.crowded = False
        if found is not None and found.status_code < 400:
            course = found.json()["course"]
            self.draws.append(course["draws"])
            self.participants.append(course["participants"])
            self.crowded = course["crowded"] and (self.late or self.took["certainty"][-1] > _SLOW_MS)
        await asyncio.sleep(self.random.uniform(*_READS_S))

    async def first(self, design: dict[str, Any]) -> None:
        """Ask for a first answer, if the page does: outside a crowd, and once for each design."""
        if design == self.asked:
            return
        self.late = False
        if not self.crowded:
            self.asked = copy.deepcopy(design)
            found = await self.ask("course", "POST", "/api/course", json=design)
            self.late = self.took["course"][-1] > _SLOW_MS
            if self.late and found is not None and found.status_code < 400:
                self.crowded = found.json()["crowded"]

    async def drag(self, design: dict[str, Any]) -> None:
        """Drag something for a while. One question at a time while it moves, as in the page."""
        until = time.monotonic() + self.random.uniform(*_DRAGS_S)
        by_dose = self.random.random() < _DOSE_MOVES
        while time.monotonic() < until:
            self.change(design, by_dose=by_dose)
            await self.first(design)
            await asyncio.sleep(_FRAME_S)

    def change(self, design: dict[str, Any], *, by_dose: bool | None = None) -> None:
        """Move a session, mostly; sometimes the dose."""
        arm = design["arms"][0]
        if self.random.random() < _DOSE_MOVES if by_dose is None else by_dose:
            arm["dose"] = round(arm["dose"] * self.random.uniform(0.97, 1.02), 3)
        else:
            session = self.random.choice([s for s in arm["sessions"] if s["kind"] == "integration"])
            session["day"] = float(self.random.randint(1, 120)) + 0.5


async def crowd(
    url: str, people: int, seconds: float, process: psutil.Process
) -> tuple[list[Person], list[tuple[float, float]]]:
    """Let so many people use the studio at once; returns them, and the seconds and memory every few seconds."""
    begin = time.monotonic()
    until = begin + seconds
    held: list[tuple[float, float]] = []

    async def watch() -> None:
        while time.monotonic() < until:
            held.append((time.monotonic() - begin, memory_mb(process)))
            await asyncio.sleep(1)

    clients = [httpx.AsyncClient(base_url=url, timeout=30) for _ in range(people)]
    persons = [Person(client, k) for k, client in enumerate(clients)]
    await asyncio.gather(watch(), *(person.visit(until) for person in persons))
    for client in clients:
        await client.aclose()
    return persons, held


def grown_mb(held: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Return the memory after half of the time, at the end, and the growth per minute between, from times and MB."""
    times, values = (np.array([row[k] for row in held]) for k in (0, 1))
    late = times >= times[-1] / 2
    slope = float(np.polyfit(times[late], values[late], 1)[0])
    return float(values[late][0]), float(values[-1]), 60 * slope


def participant_years_per_second() -> float:
    """Return how many participant-years this machine runs a second in a full run of the studio, with two threads."""
    design = choices().starters["psilocybin"]
    result_of(design)
    start = time.perf_counter()
    spec = result_of(design.model_copy(update={"seed": time.time_ns() % 2**40})).run.spec  # no run that is kept
    took = time.perf_counter() - start
    years = spec.protocol.horizon_days / 365.25
    return spec.draws * spec.people_per_draw * len(spec.arms) * years / took


Times = dict[str, tuple[list[float], list[float]]]
"""By medicine: from slider to curve, and from the question to the painted interval of the full run, in ms."""


@dataclass(frozen=True)
class Dragged:
    """A session dragged over the picture, with runs under way.

    Parameters
    ----------
    frame_ms : list of float
        Between the frames that were shown. Headless Chromium paints in software, on the cores of the server.
    work_ms, script_ms, layout_ms : float
        For each frame, of the page's main thread: all that it did, of which scripts, and style and layout.
    """

    frame_ms: list[float]
    work_ms: float
    script_ms: float
    layout_ms: float

    @property
    def late(self) -> float:
        """Share of the frames that took more than 20 ms."""
        return sum(t > _LATE_MS for t in self.frame_ms) / max(1, len(self.frame_ms))


def in_browser(url: str, moves: int) -> tuple[float, Times, Dragged | None, str]:
    """Return the time to the first page (warm), the times of each medicine, a drag, and who painted them."""
    from playwright.sync_api import sync_playwright

    program = next((found for name in _CHROMIUM if (found := shutil.which(name))), None)
    if program is None:
        return float("nan"), {}, None, "no Chromium found"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=_FLAGS)
        page = browser.new_page()
        for _ in range(2):
            start = time.perf_counter()
            page.goto(f"{url}/explore")
            page.wait_for_selector("html[data-ready=true]")
            first = 1e3 * (time.perf_counter() - start)
        page.wait_for_timeout(_SETTLE_MS)
        drag = _dragged(page)
        page.locator(".sheet summary").first.click()
        took = {}
        for medicine in WINDOW_MEDICINES:
            page.get_by_test_id("sentence").get_by_label("Medicine", exact=True).select_option(medicine)
            page.wait_for_timeout(_SETTLE_MS)
            took[medicine] = _slid(page, moves), _in_full(page, moves)
        version = browser.version
        browser.close()
    return first, took, drag, f"Chromium {version}"


def _dragged(page: Any) -> Dragged:
    """Drag the last session to and fro over the picture."""
    session = page.get_by_test_id("session-marker").last
    mark, days = session.bounding_box(), set()
    x, y = mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2
    meter = page.context.new_cdp_session(page)
    meter.send("Performance.enable")

    def work() -> dict[str, float]:
        return {row["name"]: row["value"] for row in meter.send("Performance.getMetrics")["metrics"]}

    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 3, y)
    page.evaluate(
        "() => { window.frames_at = []; const next = (t) => { frames_at.push(t); requestAnimationFrame(next); };"
        " requestAnimationFrame(next); }"
    )
    before, end, k = work(), time.monotonic() + _DRAGGED_S, 0
    while time.monotonic() < end:
        k += 1
        page.mouse.move(x + _DRAGGED_PX * np.sin(k / 20), y)
        time.sleep(0.012)
        if k % 5 == 0:
            days.add(session.get_attribute("aria-valuenow"))
    after, at = work(), page.evaluate("() => frames_at")
    page.mouse.up()
    if len(days) < 3:
        raise SystemExit("the session was not dragged")
    spent = {name: 1e3 * (after[name] - before[name]) / max(1, len(at)) for name in after}
    return Dragged(
        list(np.diff(at)),
        spent["TaskDuration"],
        spent["ScriptDuration"],
        spent["LayoutDuration"] + spent["RecalcStyleDuration"],
    )


def _slid(page: Any, moves: int) -> list[float]:
    """Move the dose up from its lowest and time each move; nothing is asked for twice."""
    return _moved(page, moves, "Home", "ArrowRight", "course")[_WARM:]


def _in_full(page: Any, moves: int) -> list[float]:
    """Move the dose down and wait each time until the full run is painted with its interval."""
    return _moved(page, moves, "End", "ArrowLeft", "certainty")[_WARM:]


def _moved(page: Any, moves: int, begin: str, key: str, what: str) -> list[float]:
    """Move the dose by a key and time each move; at the end of the slider begin anew, with another day of preparation.

    That moves the lives without integration too, of which nothing may be kept.
    """
    slider, took = page.get_by_role("slider", name="Dose", exact=True), list[float]()
    while len(took) < moves + _WARM:
        page.get_by_test_id("session-marker").first.focus()
        page.keyboard.press("ArrowRight")
        slider.focus()
        page.keyboard.press(begin)
        page.wait_for_timeout(_SETTLE_MS)
        while len(took) < moves + _WARM:
            before = slider.input_value()
            page.evaluate("performance.clearMarks()")
            page.keyboard.press(key)
            if slider.input_value() == before:
                break  # the end of the slider
            took.append(_painted(page, what))
    return took


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
    options.add_argument("--warm-seconds", type=float, default=0.0, help="of the same people before they are timed")
    options.add_argument(
        "--moves", type=int, default=40, help="of each medicine, first and full answers; 0: no browser"
    )
    options.add_argument("--workers", type=int, default=1)
    asked = options.parse_args()
    speed = participant_years_per_second()
    table = Table("what", "count", "median ms", "p95 ms", "aim", title=f"Studio, {os.cpu_count()} cores")
    with server(asked.workers) as (url, process):
        first, took, drag, who = in_browser(url, asked.moves) if asked.moves else (np.nan, {}, None, "no browser")
        if took:
            table.add_row("first page, warm", "1", f"{first:.0f}", "", "under 1000")
        if drag:
            frames = f"{statistics.median(drag.frame_ms):.0f}", f"{p95(drag.frame_ms):.0f}"
            table.add_row("frame while a session is dragged", str(len(drag.frame_ms)), *frames, "17")
            table.add_row("of these over 20 ms, %", "", f"{100 * drag.late:.0f}", "", "")
            table.add_row("the page's own work for each frame", "", f"{drag.work_ms:.1f}", "", "under 16")
            table.add_row("of this scripts", "", f"{drag.script_ms:.1f}", "", "")
            table.add_row("of this style and layout", "", f"{drag.layout_ms:.1f}", "", "")
        for medicine, measured in took.items():
            for what, times, aim in zip(("slider to curve", "full interval"), measured, (150, 600), strict=True):
                label, aimed = f"{what}, {medicine}", f"under {aim}"
                table.add_row(label, str(len(times)), f"{statistics.median(times):.0f}", f"{p95(times):.0f}", aimed)
        if asked.warm_seconds:
            asyncio.run(crowd(url, asked.people, asked.warm_seconds, process))
        cpu, begin = cpu_s(process), time.monotonic()
        persons, held = asyncio.run(crowd(url, asked.people, asked.seconds, process))
        cores_had = (cpu_s(process) - cpu) / (time.monotonic() - begin)
        for what in ("page", "choices", "course", "certainty"):
            times = [t for person in persons for t in person.took.get(what, [])]
            if times:
                label = f"{what}, {asked.people} people at once"
                table.add_row(
                    label, str(len(times)), f"{statistics.median(times):.0f}", f"{p95(times):.0f}", "under 2000"
                )
        wrong = [text for person in persons for text in person.wrong]
        draws = [n for person in persons for n in person.draws]
        full = sum(n == _FULL_DRAWS for n in draws) / max(1, len(draws))
        table.add_row(f"of these with all {_FULL_DRAWS} draws, %", str(len(draws)), f"{100 * full:.0f}", "", "")
        table.add_row("fewest draws of one, said in its note", "", str(min(draws, default=0)), "", "")
        people = [n for person in persons for n in person.participants]
        few = sum(n < PEOPLE for n in people) / max(1, len(people))
        table.add_row(f"of these with fewer than {PEOPLE} people, %", "", f"{100 * few:.0f}", "", "")
        table.add_row("fewest people of one, said in its note", "", str(min(people, default=0)), "", "")
        half, end, slope = grown_mb(held)
        table.add_row("cores that the server had", "", f"{cores_had:.2f}", "", "")
        table.add_row("errors", str(len(wrong)), "", "", "0")
        table.add_row("memory after half of the time, MB", "", f"{half:.0f}", "", "")
        table.add_row("memory at the end, MB", "", f"{end:.0f}", "", "")
        table.add_row("memory, growth a minute in the second half, MB", "", f"{slope:+.0f}", "", "flat")
    reads = " to ".join(f"{s:g}" for s in _READS_S)
    pace = f"the machine runs {speed:,.0f} participant-years a second"
    table.caption = f"{who}; people drag, wait for the full answer and read for {reads} s; {pace}"
    Console(width=110).print(table)
    for text in wrong[:5]:
        print(text)


if __name__ == "__main__":
    main()
