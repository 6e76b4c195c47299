"""A private PostgreSQL of the test run: in a folder of its own, on a socket of its own, gone at the end."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

_NUMBERS = count(1)


def folder_of_programs() -> Path | None:
    """Where initdb and pg_ctl are, the newest version first."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name), reverse=True)
    return next((place for place in places if (place / "initdb").exists() and (place / "pg_ctl").exists()), None)


class Cluster:
    """A running server; `fresh` makes an empty database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def url(self, name: str) -> str:
        return f"postgresql://afterglow@/{name}?host={self.folder}"

    def fresh(self) -> str:
        name = f"test{next(_NUMBERS)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def drop(self, url: str) -> None:
        name = url.removeprefix("postgresql://afterglow@/").partition("?")[0]
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def running_cluster(programs: Path) -> Iterator[Cluster]:
    """Start a server and stop it at the end; root lends it to the user postgres, as the server refuses root."""
    folder = Path(tempfile.mkdtemp(prefix="agpg"))
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        as_user = {"user": "postgres", "group": "postgres", "extra_groups": []}

    def run(*words: str) -> None:
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, **as_user)
        assert done.returncode == 0, f"{words[0]}: {done.stdout}{done.stderr}"

    data = str(folder / "data")
    own = f"-k {folder} -c listen_addresses='' -c fsync=off -c shared_buffers=16MB -c max_connections=60"
    try:
        locale = ("--locale=C", "--encoding=UTF8")
        run(str(programs / "initdb"), "-D", data, "-U", "afterglow", "--auth=trust", "--no-sync", *locale)
        # The server's own output goes to a file: it would hold a pipe open for ever.
        run(str(programs / "pg_ctl"), "-D", data, "-w", "-t", "60", "-l", str(folder / "log"), "-o", own, "start")
        try:
            yield Cluster(folder)
        finally:
            run(str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
