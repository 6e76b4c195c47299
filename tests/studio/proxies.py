"""nginx and Caddy before a studio, with the recipes of the how-to page: ports and certificates alone are replaced."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.studio.test_settings import make_certificate

REQUIRE = "AFTERGLOW_REQUIRE_PROXIES"
NAME = "studio.example.org"
_PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "studio.md"
_PACKAGES = {"nginx": "nginx-light", "caddy": "caddy"}


def recipe(language: str) -> str:
    """Return the text of the one block of the page in a language."""
    found = re.findall(rf"```{language}\n(.*?)```", _PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(found) == 1, f"the page has {len(found)} recipes for {language}"
    return str(found[0])


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    """Replace what must stand in a text."""
    for old, new in pairs:
        assert old in text, f"the recipe has no '{old}'"
        text = text.replace(old, new)
    return text


def program(name: str) -> str:
    """Where a proxy is; without one the test is skipped, unless CI demands it."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        message = f"{name} is not installed (Debian: apt-get install {_PACKAGES[name]})"
        if os.environ.get(REQUIRE) == "1":
            pytest.fail(message)
        pytest.skip(message)
    return found


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def nginx(folder: Path, server: str, port: int) -> Iterator[int]:
    """Run nginx with the text of a server that listens on a port."""
    here = folder / "nginx"
    here.mkdir()
    kept = "".join(
        f"{what}_temp_path {here}/{what};\n" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    head = f"{user}daemon off;\nworker_processes 1;\npid {here}/pid;\nevents {{}}\nerror_log {here}/log;\n"
    (here / "nginx.conf").write_text(f"{head}http {{\naccess_log off;\n{kept}{server}\n}}\n", encoding="ascii")
    command = [program("nginx"), "-p", str(here), "-c", str(here / "nginx.conf"), "-e", str(here / "log")]
    with _process(command, here / "log", port, dict(os.environ)):
        yield port


@contextmanager
def caddy(folder: Path, text: str, port: int) -> Iterator[int]:
    """Run Caddy with the text of a Caddyfile that listens on a port."""
    here = folder / "caddy"
    here.mkdir()
    (here / "Caddyfile").write_text(text, encoding="ascii")
    env = {
        **os.environ,
        "HOME": str(here),
        "XDG_DATA_HOME": str(here / "data"),
        "XDG_CONFIG_HOME": str(here / "config"),
    }
    command = [program("caddy"), "run", "--config", str(here / "Caddyfile"), "--adapter", "caddyfile"]
    with _process(command, here / "log", port, env):
        yield port


@contextmanager
def _process(command: list[str], log: Path, port: int, env: dict[str, str]) -> Iterator[None]:
    from tests.studio.test_server import until

    with log.open("ab") as told:
        process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=told, stderr=told)

    def answers() -> bool:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", port)) == 0

    try:
        until(answers)
        yield
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def by_recipe(kind: str, folder: Path, studio_port: int) -> Iterator[tuple[int, Path]]:
    """Run a proxy by the page's recipe; gives its port and its certificate."""
    cert, key = make_certificate(folder, NAME)
    port = free_port()
    before = ("127.0.0.1:8765", f"127.0.0.1:{studio_port}")
    if kind == "nginx":
        text = replaced(
            recipe("nginx"),
            ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
            ("/etc/ssl/studio.pem", str(cert)),
            ("/etc/ssl/studio.key", str(key)),
            before,
        )
        with nginx(folder, text, port):
            yield port, cert
    else:
        text = replaced(
            recipe("caddyfile"),
            ("{\n    servers {", "{\n    admin off\n    auto_https disable_redirects\n    servers {"),
            (f"{NAME} {{", f"{NAME}:{port} {{\n    tls {cert} {key}"),
            before,
        )
        with caddy(folder, text, port):
            yield port, cert


@contextmanager
def by_default(kind: str, folder: Path, studio_port: int, *lines: str) -> Iterator[int]:
    """Run a proxy as somebody does who writes only what it needs, and perhaps some lines more; plain http."""
    port = free_port()
    more = "\n".join(lines)
    if kind == "nginx":
        text = (
            f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://127.0.0.1:{studio_port};\n{more} }} }}"
        )
        with nginx(folder, text, port):
            yield port
    else:
        text = f"{{\nadmin off\n}}\nhttp://:{port} {{\nreverse_proxy 127.0.0.1:{studio_port} {{\n{more}\n}}\n}}\n"
        with caddy(folder, text, port):
            yield port
