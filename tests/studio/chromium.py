"""The studio in Debian's Chromium: a server with two workers, pages, screenshots, the accessibility checker."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
ARTEFACTS = ROOT / "artefacts"
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
REQUIRE = "AFTERGLOW_REQUIRE_BROWSER"
WRITE_IMAGES = "AFTERGLOW_WRITE_IMAGES"
README_IMAGE = ROOT / "docs" / "images" / "studio.png"
READY = "html[data-ready=true]"
APART = """(names) => {
  const words = (own) => {
    const range = document.createRange();
    range.selectNodeContents(own);
    return range.getBoundingClientRect();
  };
  const drawn = [...document.querySelectorAll(names)].map((own) => [own.textContent, words(own)]);
  const on = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  return drawn.flatMap(([one, a], k) =>
    drawn.slice(k + 1).filter(([, b]) => on(a, b)).map(([other]) => `${one} on ${other}`));
}"""
"""Words of these elements that lie on each other."""
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def missing(what: str) -> None:
    """Skip, unless CI demands a browser."""
    if os.environ.get(REQUIRE) == "1":
        pytest.fail(what)
    pytest.skip(what)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser."""
    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        missing("no Chromium is installed (Debian: apt-get install chromium)")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=_FLAGS)
        yield browser
        browser.close()


class Served:
    """A running studio."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self.address = address

    def busiest(self) -> psutil.Process:
        """Return the process that calculates: of those without children, the one that uses most time."""
        found = [p for p in psutil.Process(self.process.pid).children(recursive=True) if not p.children()]
        for p in found:
            p.cpu_percent()
        psutil.cpu_percent(interval=0.4)
        return max(found, key=lambda p: p.cpu_percent())


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Served]:
    """Run ``afterglow studio`` on a free port, with a database of its own."""
    env = {**os.environ, "AFTERGLOW_DATABASE_URL": f"sqlite:///{folder}/studio.sqlite3"}
    command = [sys.executable, "-m", "afterglow.cli.main", "studio", "--port", "0", *options]
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen(
            command, env=env, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, text=True
        )
    try:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert found, (folder / "log.txt").read_text()
        yield Served(process, found[0])
    finally:
        process.terminate()
        process.communicate(timeout=30)


class Visit:
    """One tab; it notes what the page complains of and whom it asks."""

    def __init__(self, browser: Browser, address: str, **context: Any) -> None:
        self.address = address
        self.context = browser.new_context(accept_downloads=True, **context)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.refusals: tuple[int, ...] = ()
        """Status codes that the test asks for: the browser notes each such answer, when it pleases."""
        self.hosts: set[str] = set()
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda r: self.hosts.add(r.url.split("/")[2] if "://" in r.url else "") or None)

    def go(self, path: str) -> Page:
        """Open a page and wait until it has drawn something."""
        self.page.goto(self.address + path)
        self.page.wait_for_selector(READY, timeout=30_000)
        return self.page

    def keep(self, name: str) -> Path:
        """Keep a screenshot."""
        ARTEFACTS.mkdir(exist_ok=True)
        place = ARTEFACTS / f"{name}.png"
        self.page.screenshot(path=place, full_page=True)
        if os.environ.get(WRITE_IMAGES) == "1" and name == "explore":
            self.page.screenshot(path=README_IMAGE)
        return place

    def serious(self) -> list[str]:
        """Return what axe-core finds serious or critical."""
        if not AXE.is_file():
            missing("axe-core is not installed (make test does it)")
        if self.page.evaluate("typeof axe") == "undefined":
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{v['id']} ({v['impact']}): {v['nodes'][0]['html'][:160]}"
            for v in found["violations"]
            if v["impact"] in ("serious", "critical")
        ]

    def close(self) -> None:
        """Close the tab; the page must have asked nobody else and complained of nothing but the refusals expected."""
        self.context.close()
        assert self.hosts <= {self.address.split("/")[2], ""}, self.hosts
        asked = tuple(f"responded with a status of {status} " for status in self.refusals)
        assert [text for text in self.complaints if not any(words in text for words in asked)] == []
