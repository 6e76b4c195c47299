"""Databases and apps for the studio's tests: everything that keeps something is tried on SQLite and PostgreSQL."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser
from tests.studio.chromium import Served, Visit, chromium, running
from tests.studio.postgres import Cluster, folder_of_programs, running_cluster

from afterglow.studio.accounts import passwords
from afterglow.studio.database.database import Database
from afterglow.studio.database.upgrade import upgrade
from afterglow.studio.server.application import create_app
from afterglow.studio.server.origin import CSRF_HEADER
from afterglow.studio.settings import Settings

ORIGIN = "http://127.0.0.1:8765"
REQUIRE = "AFTERGLOW_REQUIRE_POSTGRESQL"
CHEAP = passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hash passwords at the lowest cost, so that these tests take seconds."""
    monkeypatch.setattr(passwords, "_HASHER", CHEAP)
    passwords._nobody.cache_clear()
    yield
    passwords._nobody.cache_clear()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A server of this test run; without PostgreSQL the test is skipped, unless CI demands it."""
    programs = folder_of_programs()
    if programs is None:
        message = "PostgreSQL is not installed (Debian: apt-get install postgresql)"
        if os.environ.get(REQUIRE) == "1":
            pytest.fail(message)
        pytest.skip(message)
    with running_cluster(programs) as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'data' / 'studio.sqlite3'}"
        return
    cluster: Cluster = request.getfixturevalue("postgresql")
    url = cluster.fresh()
    yield url
    cluster.drop(url)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Address of an empty file, where one database will do."""
    return f"sqlite:///{tmp_path / 'studio.sqlite3'}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with its tables."""
    opened = Database.opened(settings_for(database_url))
    upgrade(opened)
    yield opened
    opened.close()


@pytest.fixture
def start() -> Iterator[Callable[..., TestClient]]:
    """Start an app: ``start(url, **settings)`` returns a browser of one visitor, its word already fetched."""
    with ExitStack() as stack:

        def started(url: str, *, kinds: Any = None, isolated: bool = False, **given: Any) -> TestClient:
            own = {"kinds": kinds} if kinds else {}
            app = create_app(settings_for(url, **given), isolated=isolated, **own)
            client = stack.enter_context(TestClient(app, base_url=ORIGIN, client=("127.0.0.1", 50000)))
            return fetch_word(client)

        yield started


def settings_for(url: str, **given: Any) -> Settings:
    """Settings that no variable of this machine changes."""
    return Settings.gather({"database_url": url, **given}, {})


def fetch_word(client: TestClient) -> TestClient:
    """Fetch the account as a page does, and send its word from then on."""
    client.headers[CSRF_HEADER] = client.get("/api/account").json()["csrf"]
    return client


def another(client: TestClient, address: str = "127.0.0.1") -> TestClient:
    """Another browser of the same app, without starting it again."""
    return fetch_word(TestClient(client.app, base_url=str(client.base_url), client=(address, 50001)))


def log_in(client: TestClient, name: str, password: str) -> Any:
    """Log in, and send the new word from then on."""
    answer = client.post("/api/login", json={"name": name, "password": password})
    if answer.status_code == 200:
        client.headers[CSRF_HEADER] = answer.json()["csrf"]
    return answer


# Browser tests: a module may set CONTEXT (of each visit), STUDIO (options of the command) and NAVIGATION_MS


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for the tests of a module."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the module's studio keeps its database and its log."""
    return tmp_path_factory.mktemp("studio")


@pytest.fixture(scope="module")
def studio(request: pytest.FixtureRequest, folder: Path) -> Iterator[Served]:
    """A studio for the tests of a module."""
    with running(folder, *getattr(request.module, "STUDIO", ())) as served:
        yield served


@pytest.fixture
def visit(request: pytest.FixtureRequest, browser: Browser, studio: Served) -> Iterator[Callable[..., Visit]]:
    """Open tabs, each of which must have complained of nothing when it is closed."""
    usual: dict[str, Any] = getattr(request.module, "CONTEXT", {})
    patience: int | None = getattr(request.module, "NAVIGATION_MS", None)
    opened: list[Visit] = []

    def new(**context: Any) -> Visit:
        opened.append(Visit(browser, studio.address, **{**usual, **context}))
        if patience is not None:
            opened[-1].page.set_default_navigation_timeout(patience)
        return opened[-1]

    yield new
    for one in opened:
        one.close()


def until(look: Callable[[], Any], seconds: float = 25) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")
