"""The studio behind nginx and Caddy, set up as the how-to page says; and one without a login, which refuses both."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.studio.proxies import NAME, by_default, by_recipe
from tests.studio.test_server import Browser, served, slow_job

PASSWORD = "violet tram lemon seven"
SAVE = {"name": "kept", "page": "plan", "state": {"n": 1}}
A_SECOND = 6
"""Requests that one who is logged in may send; an address may send three times as many for all others."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="visitors come from 127.0.0.2 and its like")


class _Line(http.client.HTTPSConnection):
    """A line to this machine, from an address of the visitor's own, that asks for the studio by name."""

    def __init__(self, port: int, context: ssl.SSLContext, source: str) -> None:
        super().__init__(NAME, port, timeout=30, context=context)
        self.source, self.tls = source, context

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self.port), 30, source_address=(self.source, 0))
        self.sock = self.tls.wrap_socket(plain, server_hostname=NAME)


class Visitor(Browser):
    """A browser somewhere else, which says where its page came from."""

    def __init__(self, before: tuple[int, Path], place: int = 1) -> None:
        self.port, cert = before
        self.tls = ssl.create_default_context(cafile=str(cert))
        self.source = f"127.{place}.{self.port // 256}.{self.port % 256}"  # nobody's through the other proxy
        super().__init__("")

    def connect(self) -> http.client.HTTPConnection:
        return _Line(self.port, self.tls, self.source)

    def ask(self, method: str, path: str, body: Any = None, **more: str) -> tuple[int, Any]:
        return super().ask(method, path, body, Origin=f"https://{NAME}:{self.port}", **more)

    def log_in(self, password: str = PASSWORD, **more: str) -> int:
        status, answer = self.ask("POST", "/api/login", {"name": "ann", "password": password}, **more)
        self.csrf = answer.get("csrf", self.csrf)
        return status


@pytest.fixture(scope="module")
def studio_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A studio with a login, and ann, who edits."""
    folder = tmp_path_factory.mktemp("exposed")
    url = f"sqlite:///{folder}/studio.sqlite3"
    command = [sys.executable, "-m", "afterglow.cli.main", "studio-user", "add", "ann", "--role", "editor"]
    env = {**os.environ, "AFTERGLOW_DATABASE_URL": url}
    subprocess.run([*command, "--password-stdin"], env=env, input=PASSWORD, text=True, check=True, capture_output=True)
    with served(url, folder, login=True, requests_per_second=A_SECOND) as (_, address):
        yield int(address.rpartition(":")[2])


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def before(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, studio_port: int
) -> Iterator[tuple[int, Path]]:
    """A proxy by the recipe of the page: its port and its certificate."""
    with by_recipe(request.param, tmp_path_factory.mktemp(request.param), studio_port) as found:
        yield found


def test_people_log_in_and_save_through_it_with_a_secure_cookie(before: tuple[int, Path]) -> None:
    ann = Visitor(before)
    assert ann.account["notice"] is None, "the studio knows that the visitor came by https"
    assert ann.set_cookie.startswith("__Host-afterglow=")
    assert "Secure" in ann.set_cookie
    assert ann.log_in() == 200
    status, saved = ann.ask("POST", "/api/saved", {**SAVE, "name": f"kept by {before[0]}"})
    assert status == 201
    assert ann.ask("GET", f"/api/saved/{saved['id']}")[1]["state"] == {"n": 1}
    stranger = Visitor(before)
    assert stranger.ask("GET", f"/api/saved/{saved['id']}")[0] == 401
    stranger.csrf = "a" * 43
    assert stranger.ask("POST", "/api/saved", SAVE)[0] == 403


def test_guesses_lock_the_address_they_came_from_whatever_it_says(before: tuple[int, Path]) -> None:
    guesser = Visitor(before, 2)
    forged = [{"X-Forwarded-For": f"198.51.100.{k}"} for k in range(6)]
    assert [guesser.log_in(f"a guess {k}", **forged[k]) for k in range(6)] == [401] * 5 + [429]
    assert Visitor(before, 3).log_in() == 200


def test_whoever_asks_too_often_is_refused_alone(before: tuple[int, Path]) -> None:
    line = Visitor(before, 4).connect()

    def status() -> int:
        line.request("GET", "/api/account")
        answer = line.getresponse()
        answer.read()
        return answer.status

    assert 429 in (status() for _ in range(40 * A_SECOND)), "an address has eighteen seconds' at once"
    assert Visitor(before, 5).account["login_required"]
    line.close()


def test_progress_comes_as_it_happens(before: tuple[int, Path]) -> None:
    ann = Visitor(before, 6)
    assert ann.log_in() == 200
    status, job = ann.ask("POST", "/api/jobs", slow_job())
    assert status == 202, job
    watching = ann.connect()
    watching.request("GET", f"/api/jobs/{job['id']}/events", headers={"Cookie": ann.cookie})
    stream = watching.getresponse()
    heard = [stream.readline().strip() for _ in range(3)]
    assert heard == [b"retry: 2000", b"", b"event: progress"]
    assert ann.ask("DELETE", f"/api/jobs/{job['id']}")[0] == 200
    assert b"event: cancelled" in stream.read()
    watching.close()


@pytest.mark.parametrize("size", [300_000, 3_000_000])
def test_a_large_request_is_refused_in_a_sentence(before: tuple[int, Path], size: int) -> None:
    ann = Visitor(before, 7)
    for chunked in (False, True):
        line = ann.connect()
        body = b'{"name": "' + b"x" * size + b'"}'
        headers = {"Cookie": ann.cookie, "X-Afterglow-CSRF": ann.csrf, "Content-Type": "application/json"}
        parts = iter([body[:100_000], body[100_000:]]) if chunked else body
        with contextlib.suppress(ConnectionError, ssl.SSLError):  # the answer may come before all was sent
            line.request("POST", "/api/login", parts, headers, encode_chunked=chunked)
        answer = line.getresponse()
        assert answer.status == 413
        assert json.loads(answer.read())["error"] == "The request is too large; at most 256 KB are taken."
        line.close()


HOST = "proxy_set_header Host $http_host;"


@pytest.mark.parametrize(
    ("kind", "lines", "status"),
    [
        ("nginx", (), 403),
        ("nginx", ("proxy_http_version 1.1;",), 403),
        ("nginx", (HOST,), 403),
        ("nginx", (HOST, "proxy_set_header X-Real-IP $remote_addr;"), 403),
        ("nginx", ("proxy_set_header Host studio.example.org;",), 421),
        ("caddy", (), 403),
        ("caddy", ("header_up Host {upstream_hostport}",), 403),
    ],
)
def test_a_studio_without_a_login_refuses_what_comes_through_a_proxy(
    kind: str, lines: tuple[str, ...], status: int, tmp_path: Path, open_studio: int
) -> None:
    with by_default(kind, tmp_path, open_studio, *lines) as port:
        for method, path in (("GET", "/"), ("GET", "/api/account"), ("POST", "/api/saved")):
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            line.request(method, path, json.dumps(SAVE) if method == "POST" else None)
            answer = line.getresponse()
            assert answer.status == status
            assert json.loads(answer.read())["error"].endswith(".")
            line.close()


@pytest.fixture(scope="module")
def open_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A studio for whoever sits at this machine."""
    folder = tmp_path_factory.mktemp("open")
    with served(f"sqlite:///{folder}/studio.sqlite3", folder) as (_, address):
        Browser(address)  # it answers whoever is here
        yield int(address.rpartition(":")[2])
