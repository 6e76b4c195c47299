"""The studio as it is really run: processes, signals, two workers, and one that is killed."""

from __future__ import annotations

import http.client
import json
import os
import pickle
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import typer
from tests.studio.conftest import settings_for
from tests.studio.postgres import Cluster, folder_of_programs
from tests.studio.test_settings import make_certificate
from typer.testing import CliRunner

from afterglow.cli.studio import studio, studio_user_app
from afterglow.errors import AfterglowError
from afterglow.studio.designs.choices import choices
from afterglow.studio.jobs.queue import LOST
from afterglow.studio.server.origin import CSRF_HEADER
from afterglow.studio.server.port import Port, listen
from afterglow.studio.server.server import address_shown, notices
from afterglow.studio.settings import StudioError

SERVE = """
import json, sys
from afterglow.studio.server.server import serve
from afterglow.studio.settings import Settings
if __name__ == "__main__":
    serve(Settings.gather(json.loads(sys.argv[1])))
"""


class Browser:
    """One visitor over real sockets; every request takes a new connection, so that any worker may answer."""

    def __init__(self, address: str, context: ssl.SSLContext | None = None) -> None:
        self.host = address.partition("://")[2]
        self.context = context
        self.cookie = ""
        self.csrf = ""
        status, account = self.ask("GET", "/api/account")
        assert status == 200, account
        self.account = account
        self.csrf = account["csrf"]

    def connect(self) -> http.client.HTTPConnection:
        if self.context is not None:
            return http.client.HTTPSConnection(self.host, timeout=30, context=self.context)
        return http.client.HTTPConnection(self.host, timeout=30)

    def ask(self, method: str, path: str, body: Any = None, **more: str) -> tuple[int, Any]:
        connection = self.connect()
        try:
            headers = {"Cookie": self.cookie, CSRF_HEADER: self.csrf, "Content-Type": "application/json", **more}
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            self.set_cookie = answer.headers.get("Set-Cookie", "")
            self.cookie = self.set_cookie.partition(";")[0] or self.cookie
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


@contextmanager
def served(
    url: str, folder: Path, *, logged: str = "", serve: str = SERVE, **settings: Any
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the studio on a free port, and see that nothing is left of it."""
    script = folder / "serve.py"
    script.write_text(serve, encoding="ascii")
    errors = (folder / "stderr").open("w+", encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, str(script), json.dumps({"port": 0, "warm_up": False, **settings})],
        env={**os.environ, "AFTERGLOW_DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=errors,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    family: list[psutil.Process] = []
    try:
        line = process.stdout.readline()
        found = re.fullmatch(r"Afterglow studio: (https?://127\.0\.0\.1:\d+)\n", line)
        assert found, (line, (folder / "stderr").read_text(encoding="utf-8"))
        yield process, found[1]
        family = family_of(process)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=20)[0]
        errors.seek(0)
        assert (process.returncode, rest) == (0, "")
        assert re.fullmatch(logged, errors.read())
        until(lambda: not [one for one in family if one.is_running()])
    finally:
        for one in [*family_of(process), *family]:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        process.kill()
        process.wait()
        process.stdout.close()
        errors.close()


def family_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def calculating(process: subprocess.Popen[str]) -> psutil.Process | None:
    """The process of a long calculation: a spawned one that gives way to others."""
    for one in family_of(process):
        with suppress(psutil.NoSuchProcess):
            if one.nice() > 0 and "spawn_main" in " ".join(one.cmdline()):
                return one
    return None


def until(look: Callable[[], Any], seconds: float = 25) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def slow_job() -> dict[str, Any]:
    design = choices().starters["psilocybin"].model_dump(mode="json")
    arms = [{**design["arms"][0], "label": f"{k}", "dose": 10.0 + k} for k in range(4)]
    return {"kind": "compare", "asked": {**design, "participants": 20_000, "arms": arms}}


@pytest.fixture
def one_url(request: pytest.FixtureRequest, sqlite_url: str) -> str:
    """PostgreSQL, where it is installed: the test is long, and either database will do."""
    if folder_of_programs() is None:
        return sqlite_url
    cluster: Cluster = request.getfixturevalue("postgresql")
    return cluster.fresh()


def test_two_workers_share_jobs_and_survive_kills(one_url: str, tmp_path: Path) -> None:
    with served(one_url, tmp_path, logged=r"the process of job \w+ was killed\n", workers=2, silence_s=2) as (
        process,
        address,
    ):
        page = Browser(address)

        def state(job: dict[str, Any]) -> dict[str, Any]:
            status, found = page.ask("GET", f"/api/jobs/{job['id']}")
            assert status == 200, found
            return found  # type: ignore[no-any-return]

        status, job = page.ask("POST", "/api/jobs", slow_job())
        assert status == 202, job
        work = until(lambda: calculating(process))
        assert {state(job)["state"] for _ in range(8)} == {"running"}
        work.kill()
        until(lambda: state(job)["state"] != "running")
        assert (state(job)["state"], state(job)["error"]) == ("failed", LOST)

        status, second = page.ask("POST", "/api/jobs", slow_job())
        assert status == 202, second
        work = until(lambda: calculating(process))
        work.parent().kill()  # the server process that owns it

        def lost() -> bool:
            try:
                return bool(state(second)["state"] == "failed")
            except (ConnectionError, http.client.HTTPException):
                return False

        until(lost)
        assert state(second)["error"] == LOST
        until(lambda: not work.is_running())  # the calculation went with it


def test_ctrl_c_ends_it_while_somebody_watches(sqlite_url: str, tmp_path: Path) -> None:
    with served(sqlite_url, tmp_path) as (process, address):
        page = Browser(address)
        _, job = page.ask("POST", "/api/jobs", slow_job())
        watching = page.connect()
        asking = {"Cookie": page.cookie, "Accept-Encoding": "gzip"}
        watching.request("GET", f"/api/jobs/{job['id']}/events", headers=asking)
        stream = watching.getresponse()
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        assert "Content-Encoding" not in stream.headers, "each event arrives when it happens"
        assert b"retry" in stream.readline()
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
        assert time.monotonic() - began < 15
        stream.close()
        watching.close()


def test_work_that_nobody_waits_for_is_not_done(sqlite_url: str, tmp_path: Path) -> None:
    with served(sqlite_url, tmp_path, quick_at_once=1) as (_, address):
        page = Browser(address)
        design = {**slow_job()["asked"], "participants": 2000}
        page.ask("POST", "/api/course", {**design, "participants": 10})  # the process that finds answers has loaded
        headers = {"Cookie": page.cookie, CSRF_HEADER: page.csrf, "Content-Type": "application/json"}
        for seed in range(30):
            asked = page.connect()
            asked.request("POST", "/api/course", json.dumps({**design, "seed": seed}), headers)
            asked.close()
        began = time.monotonic()
        status, _ = page.ask("POST", "/api/course", {**design, "participants": 20})
        waited = time.monotonic() - began
        began = time.monotonic()
        assert page.ask("POST", "/api/course", {**design, "seed": 99})[0] == status == 200
        assert waited < 15 * (time.monotonic() - began)


def test_tls_and_login(sqlite_url: str, tmp_path: Path) -> None:
    cert, key = make_certificate(tmp_path)
    with served(sqlite_url, tmp_path, tls_cert=str(cert), tls_key=str(key)) as (_, address):
        assert address.startswith("https://")
        page = Browser(address, ssl.create_default_context(cafile=str(cert)))
        assert page.account["notice"] is None
        assert page.cookie.startswith("__Host-afterglow=")


def test_a_port_that_is_taken_is_one_sentence(sqlite_url: str) -> None:
    taken = listen(settings_for(sqlite_url, port=0))
    try:
        with pytest.raises(StudioError, match="is the studio running already"):
            listen(settings_for(sqlite_url, port=taken.getsockname()[1]))
    finally:
        taken.close()
    with pytest.raises(StudioError, match="cannot be used"):
        listen(settings_for(sqlite_url, host="203.0.113.7", port=0))
    with pytest.raises(StudioError, match="is not known"):
        listen(settings_for(sqlite_url, host="no.such.host.invalid"))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems let server processes share one socket")
def test_server_processes_share_connections_evenly(sqlite_url: str) -> None:
    held = Port.of(listen(settings_for(sqlite_url, port=0)))
    place = held.getsockname()
    workers = [pickle.loads(pickle.dumps(held)) for _ in range(2)]  # as one is handed to each process
    callers = []
    try:
        for worker in workers:
            worker.listen(128)
            worker.setblocking(False)
        with pytest.raises(StudioError, match="is the studio running already"):
            listen(settings_for(sqlite_url, port=place[1]))
        callers = [socket.create_connection(place, timeout=5) for _ in range(200)]
        taken = [0, 0]
        for k, worker in enumerate(workers):
            with suppress(BlockingIOError):
                while True:
                    worker.accept()[0].close()
                    taken[k] += 1
        assert sum(taken) == 200
        assert min(taken) >= 58, "six standard deviations from half"
        workers[0].close()
        callers += [socket.create_connection(place, timeout=5) for _ in range(10)]
        for _ in range(10):
            workers[1].accept()[0].close()  # of a process that has died nothing waits
    finally:
        for each in (held, *workers, *callers):
            each.close()


def test_server_processes_may_load_slowly(sqlite_url: str, tmp_path: Path) -> None:
    # uvicorn itself waits for 5 s; the processes in which answers are found load as ever
    slow = f"{SERVE}elif multiprocessing.current_process().name != 'afterglow-calculation':\n    time.sleep(12)\n"
    slow = f"import multiprocessing, time\n{slow}"
    with served(sqlite_url, tmp_path, serve=slow, workers=2) as (process, address):
        Browser(address)  # reads the account
        supervisor = psutil.Process(process.pid)
        first = set(supervisor.children())
        max(first, key=lambda one: one.create_time()).kill()
        until(lambda: set(supervisor.children()) - first)
        began = time.monotonic()
    assert time.monotonic() - began < 10, "it ends at once, and does not wait for the new process"


def test_server_processes_that_cannot_start_are_not_tried_for_ever(sqlite_url: str, tmp_path: Path) -> None:
    script = tmp_path / "serve.py"
    script.write_text(f"{SERVE}else:\n    sys.exit(3)\n", encoding="ascii")  # as uvicorn says that it cannot
    found = subprocess.run(
        [sys.executable, str(script), json.dumps({"port": 0, "workers": 2})],
        env={**os.environ, "AFTERGLOW_DATABASE_URL": sqlite_url},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert (found.returncode, found.stdout) == (1, "")
    assert "StudioError: The studio could not start" in found.stderr


def test_what_is_said_at_the_start(sqlite_url: str) -> None:
    home = settings_for(sqlite_url)
    assert address_shown(home) == "http://127.0.0.1:8765"
    assert address_shown(settings_for(sqlite_url, host="::1")) == "http://[::1]:8765"
    assert notices(home, has_users=False) == []
    tls, users = notices(settings_for(sqlite_url, host="0.0.0.0"), has_users=False)
    assert "TLS is missing" in tls
    assert "studio-user add" in users


class TestCommands:
    @pytest.fixture
    def run(self, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
        monkeypatch.setenv("AFTERGLOW_DATABASE_URL", sqlite_url)
        monkeypatch.setenv("COLUMNS", "200")
        app = typer.Typer()
        app.command()(studio)
        app.add_typer(studio_user_app, name="studio-user")

        def run(*words: str, given: str = "") -> Any:
            return CliRunner().invoke(app, list(words), input=given)

        return run

    def test_users(self, run: Callable[..., Any]) -> None:
        assert "Nobody may log in yet." in run("studio-user", "list").stdout
        password = "correct horse battery\n"
        added = run("studio-user", "add", "Ann", "--role", "editor", "--password-stdin", given=password)
        assert (added.exit_code, added.stdout) == (0, "ann may log in as editor.\n")
        asked = run("studio-user", "add", "ben", given=password * 2)
        assert "--password-stdin" in str(asked.exception), "no prompt waits where nobody types"
        assert run("studio-user", "add", "ben", "--password-stdin", given=password).exit_code == 0
        assert (
            run("studio-user", "password", "ben", "--password-stdin", given="violet tram lemon seven\n").exit_code == 0
        )
        assert run("studio-user", "role", "ben", "editor").exit_code == 0
        shown = run("studio-user", "list").stdout
        assert re.search(r"ann\W+editor", shown)
        assert re.search(r"ben\W+editor", shown)
        assert run("studio-user", "remove", "ann").exit_code == 0
        gone = run("studio-user", "remove", "ann")
        assert isinstance(gone.exception, AfterglowError)
        for weak in ("short", "1234567890", "password12", "afterglow2026", "qwertyuiop"):
            refused = run("studio-user", "add", "cid", "--password-stdin", given=f"{weak}\n")
            assert isinstance(refused.exception, AfterglowError), weak

    def test_mistakes_are_sentences(self, run: Callable[..., Any]) -> None:
        assert "The port must be at most 65535" in str(run("studio", "--port", "99999").exception)
        assert "TLS needs both" in str(run("studio", "--tls-cert", "x.pem").exception)

    def test_without_the_extra_it_says_what_to_install(
        self, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def missing(name: str) -> None:
            raise ModuleNotFoundError("No module named 'fastapi'", name="fastapi")

        monkeypatch.setattr("afterglow.cli.studio.import_module", missing)
        assert "install afterglow-sim[studio]" in str(run("studio").exception)
